"""Writing off what lies on a shelf and can no longer be used."""

from __future__ import annotations

from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.dates import local_day
from core.errors import RuleBroken
from inventory.expiry import queries
from inventory.phones import queries as phones
from inventory.stock.models import Posting
from inventory.stock.queries import outside, posting_of
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from organisation.places.queries import place_by_code
from organisation.places.rules import PlaceKind


def write_off(
    place_code: str, lot_code: str, unit_count: int, *, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> Posting:
    """Write off units of a lot on a shelf that have expired, or whose edition has been replaced.

    What is fit for use and not there is a matter for a count, which somebody else approves.

    Keeps: INV-01 (balances), INV-16 (promises), INV-23 (serial units).

    Raises:
        NotFound: the place is not this person's, or none of the lot is on its shelf.
        RuleBroken: it is fit for use, or not so many are there.
        NotEnoughStock: they are promised to a request.
    """
    body = [place_code, lot_code, unit_count]
    if done := trail.earlier(submission_id, by=by, act="stock.write_off", body=body):
        return next(each for each in posting_of(done) if each.submission_id == submission_id)
    place = place_by_code(place_code, scope=scope)
    lot, here_count = queries.loose(place.id, lot_code)
    why = queries.why_unfit(lot, on=local_day(at))
    if why is None:
        raise RuleBroken(
            f"Lot {lot.code} of {lot.item.name} is fit for use. If some are missing or damaged, count them instead"
        )
    if unit_count < 1 or unit_count > here_count:
        raise RuleBroken(f"{here_count:,} of lot {lot_code} on the shelf. Enter a number from 1 to that", "unit_count")
    units = [each.id for each in phones.units_standing(place.id, [lot.id]).get(lot.id, [])] if lot.item.serial else []
    if units and unit_count != len(units):
        raise RuleBroken(f"{lot.item.name} is counted by number: write all {len(units):,} off together", "unit_count")
    posting = post(
        PostingKind.WRITE_OFF,
        [Movement(lot.id, place.id, outside(PlaceKind.WRITTEN_OFF), unit_count, tuple(units))],
        by=by,
        at=at,
        happened_at=at,
        document=lot.code,
        submission_id=submission_id,
    )
    trail.record(
        act="stock.write_off",
        subject=lot.code,
        by=by,
        at=at,
        submission_id=submission_id,
        place=place.code,
        units=unit_count,
        why=why,
    )
    return posting
