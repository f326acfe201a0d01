"""Phones that ring in the demonstration: who has which SIM and number, and one round of texts in the year.

Each delivery's phones are recorded at once as they came out of their boxes. The operator's rule and the one round
are such that no SIM lapses in the year and those of its first half are due just after it: every station has its task.
"""

from __future__ import annotations

from core.money import Pence
from demonstration.acts import Acts
from demonstration.diary import Diary
from demonstration.people import STATIONS, STORE
from demonstration.serials import handset, phone_number, sim
from inventory.phones import queries, services
from inventory.phones.rules import PhoneLine, UseKind
from organisation.places.queries import place_by_code

OPERATOR = "Pennant Talk"
DAYS_TO_LAPSE = 240
ROUND = 138
"""The day of the year on which everybody texts: 240 days on, those SIMs lapse within two weeks of its end."""

CREDIT_PENCE = (Pence(990), Pence(960), Pence(980))


class Ringing:
    """What keeps phones ringing."""

    def __init__(self, diary: Diary) -> None:
        self.diary, self.acts = diary, diary.acts

    def plan(self) -> None:
        """Enter the operator and the round of texts in the diary."""
        self.diary.enter(ROUND, self._text_round, hour=11)

    def _text_round(self) -> None:
        """Have each station, and the store, text from every phone it holds."""
        people = {STORE: "storekeeper", **{station.code: station.sergeant for station in STATIONS}}
        for code, person in people.items():
            place = place_by_code(code, scope=self.acts.people[person].scope)
            ringing = queries.sims_at(place.id, on=self.acts.at.date())
            if ringing:
                credit: dict[int, Pence | None] = {each.state.unit_id: None for each in ringing}
                credit |= dict(zip(list(credit), CREDIT_PENCE, strict=False))
                self.acts.do(person, services.record_uses, code, credit, used_on=self.acts.at.date())


def record_new(acts: Acts, first: int, count: int) -> None:
    """Record so many phones that came together, from the demonstration's nth on, and their operator the first time."""
    known = queries.operators()
    if not known:
        counts = [UseKind.TEXT, UseKind.CALL, UseKind.TOP_UP]
        day = acts.at.date().replace(month=1, day=1)
        facts = {"days_to_lapse": DAYS_TO_LAPSE, "counts": counts, "first_day": day}
        known = [acts.do("storekeeper", services.add_operator, OPERATOR, **facts)]
    day = acts.at.date()
    lines = [
        PhoneLine(place + 1, handset(number), sim(number), phone_number(number), day)
        for place, number in enumerate(range(first, first + count))
    ]
    acts.do("storekeeper", services.record_phones, lines, operator_code=known[0].code, paired_on=day)
