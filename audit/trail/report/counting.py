"""Counting the entries of an extract once, a chunk at a time: by month, act, person and place."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from audit.trail import queries
from audit.trail.queries import Counting
from audit.trail.report.frozen import ByAct, ByMonth, ByPerson, ByPlace, Counted, LogExtract, Mark
from core.dates import local_day


def counted(extract: LogExtract) -> LogExtract:
    """Give an extract with its figures; memory does not grow with its entries."""
    tally = _Tally(dict(queries.places()))
    for chunk in queries.counting(extract.asked, upto=extract.upto):
        tally.take(chunk)
    return replace(extract, counted=tally.figures())


@dataclass
class _Tally:
    """What is counted so far.

    Attributes:
        places: code → name, as the filter by place offers them.
    """

    places: Mapping[str, str]
    count: int = 0
    first: Mark | None = None
    last: Mark | None = None
    nowhere: int = 0
    months: Counter[tuple[int, int]] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    people: Counter[int | None] = field(default_factory=Counter)
    seen: dict[int | None, tuple[date, date]] = field(default_factory=dict)
    at_places: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        # Codes as a leaf's text has them: the filter by place looks for the same.
        self.codes = {json.dumps(code, ensure_ascii=False): code for code in self.places}
        self.named = re.compile("|".join(map(re.escape, self.codes)) or "(?!)")

    def take(self, chunk: Counting) -> None:
        """Count a chunk of entries, in the order of the log."""
        of_places = queries.places_of_subjects({row.subject for row in chunk})
        for row in chunk:
            self.acts[row.act] += 1
            day = local_day(row.recorded_at)
            self.months[day.year, day.month] += 1
            self.people[row.account_id] += 1
            begun, ended = self.seen.get(row.account_id, (day, day))
            self.seen[row.account_id] = (min(begun, day), max(ended, day))
            self._place(row.subject, row.text, of_places)
        self.count += len(chunk)
        self.first = self.first or Mark(chunk[0].sequence, chunk[0].recorded_at)
        self.last = Mark(chunk[-1].sequence, chunk[-1].recorded_at)

    def _place(self, subject: str, text: str, of_places: Mapping[str, str]) -> None:
        """Count an entry at each place it names, is of, or whose request or dispatch it is of."""
        found = {self.codes[code] for code in self.named.findall(text)}
        if subject in of_places:
            found.add(of_places[subject])
        self.at_places.update(found & self.places.keys())
        self.nowhere += not found

    def figures(self) -> Counted:
        """Give what was counted, each in the order it is shown in."""
        names = dict(queries.people())
        people = [
            ByPerson(key, names.get(key, "Nobody known") if key else queries.NOBODY, count, *self.seen[key])
            for key, count in self.people.items()
        ]
        places = [ByPlace(code, self.places[code], count) for code, count in self.at_places.items()]
        return Counted(
            queries.force_name(),
            self.count,
            self.first,
            self.last,
            tuple(ByMonth(*key, self.months[key]) for key in sorted(self.months)),
            tuple(ByAct(act, count) for act, count in sorted(self.acts.items(), key=_most_first)),
            tuple(sorted(people, key=lambda each: (-each.count, each.name, each.account_id or 0))),
            tuple(sorted(places, key=lambda each: (-each.count, each.name, each.code))),
            self.nowhere,
        )


def _most_first(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]
