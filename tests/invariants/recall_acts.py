"""Acts of holds and recalls, for the machine of the stock: what is held is not used (INV-29), and is taken out."""

from __future__ import annotations

from typing import ClassVar

from hypothesis import strategies as st

from inventory.bags import services as bags
from inventory.bags.rules import Fate, PackedLine
from inventory.recalls import services as recalls
from inventory.recalls.rules import FoundLot, RecallKind, Remedy
from tests.invariants.acting import Acting, act
from tests.invariants.shelf import ITEMS, KEEPERS, STATION, STORE, Shelf


class Recalls(Shelf, Acting):
    """Lots are held, recalled, answered for, taken out of bags, released and closed."""

    kinds: ClassVar = st.sampled_from(list(RecallKind))

    @act(when=lambda self: self.units, kind=kinds)
    def hold(self, data: st.DataObject, kind: RecallKind) -> None:
        """Hold or recall a lot. A recall takes a hold's place; anything else on what is held already is refused."""
        lot = data.draw(st.sampled_from(sorted(self.units)))
        earlier = next((reference for reference, (held, _) in self.holds.items() if held == lot), None)
        facts = {"kind": kind, "remedy": Remedy.DESTROY, "reason": "Caps crack"}
        if earlier is not None and (self.holds[earlier][1] is RecallKind.RECALL or kind is RecallKind.HOLD):
            with self.refused():
                self.do("storekeeper", recalls.recall, lot, **facts)
            return
        made = self.do("storekeeper", recalls.recall, lot, **facts)
        self.holds.pop(earlier or "", None)
        self.holds[made.reference] = (lot, kind)

    @act(when=lambda self: any(self.held[STORE, lot] for lot in self.held_lots()))
    def pack_what_is_held(self, data: st.DataObject) -> None:
        """A bag with a held lot in it is refused, whoever chooses it by hand."""
        lot = data.draw(st.sampled_from(sorted(lot for lot in self.held_lots() if self.held[STORE, lot])))
        other = next(code for code in ITEMS if code != self.item_of[lot])
        others = [each for each in self.units if self.item_of[each] == other and self.held[STORE, each]]
        self.seal += 1
        with self.refused():
            self.do(
                "storekeeper", bags.pack_bag, "KIT", place_code=STORE, seal_number=f"S{self.seal:05d}",
                contents=[PackedLine(each, 1) for each in (lot, *others[:1])], happened_at=self.at,
            )  # fmt: skip

    @act(
        when=lambda self: self.holds,
        place=st.sampled_from((STORE, STATION)),
        removed=st.integers(0, 6),
        extra=st.integers(0, 9),
    )
    def answer(self, data: st.DataObject, place: str, removed: int, extra: int) -> None:
        """Say what of a held lot lies on a shelf and write some of it off; more than is there is refused."""
        reference = data.draw(st.sampled_from(sorted(self.holds)))
        lot, _ = self.holds[reference]
        here = self.held[place, lot]
        removed = min(removed, here)
        found = here + 1 if extra == 0 else here
        may = found == here
        said = [FoundLot(lot, found, removed)] if found else []
        if self.do_if(may, KEEPERS[place], recalls.answer, reference, place, said):
            self.held[place, lot] -= removed

    @act(when=lambda self: self.spoilt_bags())
    def take_out_what_is_held(self, data: st.DataObject) -> None:
        """Open a bag that holds a held lot, and write the lot off."""
        tag, lot = data.draw(st.sampled_from(self.spoilt_bags()))
        self.seal += 1
        self.do(
            KEEPERS[self.bag_at[tag]], bags.take_out, tag, lot, 1, fate=Fate.DAMAGED, reason="Recalled",
            seal_number=f"S{self.seal:05d}",
        )  # fmt: skip
        self.held[tag, lot] -= 1

    @act(when=lambda self: self.holds)
    def release(self, data: st.DataObject) -> None:
        """Let a held lot be used again; a second time is refused."""
        reference = data.draw(st.sampled_from(sorted(self.holds)))
        self.do("storekeeper", recalls.release, reference, reason="The maker tested it")
        del self.holds[reference]
        with self.refused():
            self.do("storekeeper", recalls.release, reference, reason="The maker tested it")

    @act(when=lambda self: self.holds)
    def close(self, data: st.DataObject) -> None:
        """Write off what of a held lot lies on shelves and close; while a bag holds one or one comes, it is refused."""
        reference = data.draw(st.sampled_from(sorted(self.holds)))
        lot, _ = self.holds[reference]
        for place, keeper in KEEPERS.items():
            here = self.held[place, lot]
            self.do(keeper, recalls.answer, reference, place, [FoundLot(lot, here, here)] if here else [])
            self.held[place, lot] = 0
        bags_here = [tag for tag, place in self.bag_at.items() if place != "issued"]
        left = sum(self.held[where, lot] for where in ("transit", "back", *bags_here))
        if self.do_if(not left, "storekeeper", recalls.close, reference):
            del self.holds[reference]
            with self.refused():
                self.do("storekeeper", recalls.close, reference)
