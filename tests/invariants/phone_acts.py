"""Acts of handsets, SIMs and numbers, for the machine of the stock: pairing, texting, lapsing, handing out (INV-28)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant
from sqlalchemy import select
from sqlalchemy.orm import aliased

from core.access import Scope
from core.db import db
from core.money import Pence
from inventory.bags import services as bags
from inventory.bags.models import IssueRoute
from inventory.bags.rules import PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind
from inventory.catalogue.rules import NewLine as RecipeLine
from inventory.deliveries import services as deliveries
from inventory.deliveries.rules import DeliveredLine
from inventory.phones import queries as phones_read
from inventory.phones import services as phones
from inventory.phones.models import Pairing, PairingEnd, PhoneNumber, SerialUnit
from inventory.phones.rules import PairedSide, PhoneLine, UseKind
from inventory.requests import queries as requests_read
from inventory.requests import services as requests
from inventory.stock.models import Lot
from tests.invariants.acting import Acting, act
from tests.invariants.shelf import STATION, STORE, Shelf
from tests.inventory.phones.phones import ICCIDS, NUMBERS
from tests.inventory.shelves import IMEIS

LAPSES = timedelta(days=90)
HANDSETS = IMEIS[:4]
some_sim = st.sampled_from(ICCIDS)


class Phones(Shelf, Acting):
    """Four handsets and four SIMs at the store, and four numbers for them."""

    phone_of: dict[str, str]  # SIM → handset it is in
    number_of: dict[str, str]  # SIM → number it has
    used: dict[str, list[tuple[int, date]]]  # SIM → texts that count: id, day
    gone: set[str]  # handsets, SIMs and numbers handed out
    ids: dict[str, int]

    def have_phones(self) -> None:
        """Receive the phones, and pair three of them: one is handed out to begin with."""
        for code, kind in (("PHONE", ItemKind.PHONE), ("SIM", ItemKind.SIM)):
            self.do("storekeeper", catalogue.add_item, code=code, name=code.title(), kind=kind)
        self.do(
            "storekeeper", catalogue.write_recipe_version, recipe_code="RING", name="Phone bag",
            in_use_from=self.at.date() - timedelta(days=10),
            lines=[RecipeLine(1, item_code=code) for code in ("PHONE", "SIM")],
        )  # fmt: skip
        self.do(
            "storekeeper", deliveries.receive_delivery, supplier_code="ACME", place_code=STORE,
            delivery_note="Phones", received_on=self.at.date(),
            lines=[
                DeliveredLine("PHONE", 4, serial_numbers=HANDSETS), DeliveredLine("SIM", 4, serial_numbers=ICCIDS),
            ],
        )  # fmt: skip
        operator = self.do(
            "storekeeper", phones.add_operator, "Northway", days_to_lapse=LAPSES.days, counts=[UseKind.TEXT],
            first_day=date(2024, 1, 1),
        )  # fmt: skip
        self.ids = dict(db.session.execute(select(SerialUnit.number, SerialUnit.id)).all())
        self.phone_of, self.number_of, self.gone = {}, {}, set()
        self.used = {sim: [(0, self.at.date())] for sim in ICCIDS}
        lines = [
            PhoneLine(number, HANDSETS[number], ICCIDS[number], NUMBERS[number] if number < 3 else None, self.at.date())
            for number in range(4)
        ]
        self.do("storekeeper", phones.record_phones, lines, operator_code=operator.code, paired_on=self.at.date())
        self.phone_of = dict(zip(ICCIDS, HANDSETS, strict=True))
        self.number_of = dict(zip(ICCIDS[:3], NUMBERS, strict=False))
        self._hand_out(ICCIDS[0])

    @act(replaces=st.sampled_from((True, True, False)), strange=st.integers(0, 3))
    def pair(self, data: st.DataObject, replaces: bool, strange: int) -> None:
        """Put handset, SIM and number together: nothing that is gone, and what stands ends only when told to."""
        imei, sim, number = (
            data.draw(st.sampled_from([each for each in these if each not in self.gone or not strange] or these))
            for these in (HANDSETS, ICCIDS, NUMBERS)
        )
        apart = [(old_sim, "phone") for old_sim, old in self.phone_of.items() if (old_sim == sim) != (old == imei)] + [
            (old_sim, "number") for old_sim, old in self.number_of.items() if (old_sim == sim) != (old == number)
        ]
        may = not {imei, sim} & self.gone and (number not in self.gone) and (replaces or not apart)
        line = PhoneLine(1, imei, sim, number)
        facts = {"paired_on": self.at.date(), "replace": replaces}
        if self.do_if(may, "storekeeper", phones.record_phones, [line], **facts):
            for old_sim, side in apart:
                (self.phone_of if side == "phone" else self.number_of).pop(old_sim)
            self.phone_of[sim], self.number_of[sim] = imei, number

    @act(sim=some_sim, side=st.sampled_from(list(PairedSide)))
    def end_pairing(self, sim: str, side: PairedSide) -> None:
        """End what a SIM is paired with; where nothing stands, or the SIM is gone, it is refused."""
        standing = self.phone_of if side is PairedSide.HANDSET else self.number_of
        may = sim in standing and sim not in self.gone
        if self.do_if(may, "storekeeper", phones.end_pairing, self.ids[sim], side, ended_on=self.at.date()):
            del standing[sim]

    @act(sim=some_sim, kind=st.sampled_from((UseKind.TEXT, UseKind.CREDIT_READ)))
    def text(self, sim: str, kind: UseKind) -> None:
        """Text from a SIM, or read its credit, which counts for nothing."""
        credit = {self.ids[sim]: Pence(8_40)}
        facts = {"kind": kind, "used_on": self.at.date()}
        if sim in self.gone:
            with self.refused():
                self.do("storekeeper", phones.record_uses, STORE, credit, **facts)
            return
        (use,) = self.do("storekeeper", phones.record_uses, STORE, credit, **facts)
        if kind is UseKind.TEXT:
            self.used[sim].append((use.id, use.used_on))

    @act(when=lambda self: any(len(uses) > 1 for sim, uses in self.used.items() if sim not in self.gone))
    def take_a_text_back(self, data: st.DataObject) -> None:
        """Undo the newest text of a SIM; a second time is refused."""
        texted = sorted(sim for sim, uses in self.used.items() if len(uses) > 1 and sim not in self.gone)
        use_id, _ = self.used[data.draw(st.sampled_from(texted))].pop()
        self.do("storekeeper", phones.undo_use, use_id)
        with self.refused():
            self.do("storekeeper", phones.undo_use, use_id)

    @act(days=st.sampled_from((1, 20, 45)))
    def wait(self, days: int) -> None:
        """Let time pass: SIMs lapse."""
        if self.at.date() < date(2027, 1, 31):
            self.at += timedelta(days=days)

    @act(when=lambda self: set(self.phone_of) & set(self.number_of) - self.gone)
    def hand_out(self, data: st.DataObject) -> None:
        """Pack a phone with its SIM and hand it over at the station; with a lapsed SIM that is refused."""
        sim = data.draw(st.sampled_from(sorted(set(self.phone_of) & set(self.number_of) - self.gone)))
        if self.lapses_on(sim) > self.at.date():
            self._hand_out(sim)
            return
        with self.refused():
            self._pack_phone(sim)

    def _pack_phone(self, sim: str) -> str:
        lots = dict(
            db.session.execute(select(SerialUnit.number, Lot.code).join(Lot, Lot.id == SerialUnit.lot_id)).all()
        )
        imei = self.phone_of[sim]
        self.seal += 1
        contents = [PackedLine(lots[number], 1, (number,)) for number in (imei, sim)]
        bag = self.do(
            "storekeeper", bags.pack_bag, "RING", place_code=STORE, seal_number=f"S{self.seal:05d}",
            contents=contents, happened_at=self.at,
        )  # fmt: skip
        return str(bag.tag)

    def _hand_out(self, sim: str) -> None:
        tag = self._pack_phone(sim)
        asked = self.do("sergeant", requests.ask, STATION, [requests.AskedLine(1, recipe_code="RING")])
        self.do("approver", requests.approve, asked.reference, {1: 1})
        sent = self.do("storekeeper", requests.dispatch, asked.reference, [requests.PickedBag(1, tag)])
        (line,) = requests_read.dispatch_by_reference(sent.reference, scope=Scope.everywhere()).lines
        self.do("sergeant", requests.receive, sent.reference, [requests.Counted(1, line.unit_count)])
        self.do("sergeant", bags.issue_bag, tag, route=IssueRoute.OFFICER, issued_at=self.at)
        self.gone |= {sim, self.phone_of[sim], self.number_of[sim]}

    def lapses_on(self, sim: str) -> date:
        """The day a SIM lapses: so many days after its last text, or its activation."""
        return max(day for _, day in self.used[sim]) + LAPSES

    @invariant()
    def each_sim_is_in_one_phone_and_lapses_when_the_model_says(self) -> None:
        """INV-28: what stands paired is what the model has, each once; and the day each SIM lapses."""
        sims, handsets = aliased(SerialUnit), aliased(SerialUnit)
        standing = db.session.execute(
            select(sims.number, handsets.number, PhoneNumber.number)
            .select_from(Pairing)
            .join(sims, sims.id == Pairing.sim_id)
            .outerjoin(handsets, handsets.id == Pairing.handset_id)
            .outerjoin(PhoneNumber, PhoneNumber.id == Pairing.phone_number_id)
            .where(Pairing.id.not_in(select(PairingEnd.pairing_id)))
        ).all()
        assert sorted((sim, phone) for sim, phone, _ in standing if phone) == sorted(self.phone_of.items())
        assert sorted((sim, number) for sim, _, number in standing if number) == sorted(self.number_of.items())
        on = self.at.date()
        states = [each.state for each in phones_read.sims_at(self.small_force.places[STORE], on=on)]
        assert {state.number: (state.lapses_on, state.lapsed(on)) for state in states} == {
            sim: (self.lapses_on(sim), self.lapses_on(sim) <= on) for sim in ICCIDS if sim not in self.gone
        }
