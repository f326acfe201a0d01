"""Opening a sealed Go Bag: taking one thing out, putting things in, and sealing it anew.

Lots and units keep their identity: they move between the bag and the shelf of the place it stands at. The old
seal is recorded as broken and a new one put on in the same posting, so a bag is never unsealed between two acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core import trail
from core.access import Actor, Scope
from core.dates import local_day
from core.db import db
from core.errors import RuleBroken, StaleEdit
from core.trail import Note
from inventory.bags import queries, rules
from inventory.bags.models import Bag, BagOpening, Seal, Substitution
from inventory.bags.rules import BagAct, Content, Fate, Fit, PackedLine, Part
from inventory.bags.services.keeping import refuse_taking
from inventory.bags.services.locking import locked_position, queue_for_bags
from inventory.bags.services.packing import new_seals, parts_at
from inventory.phones import queries as phones
from inventory.phones.rules import NUMBER_OF
from inventory.stock.models import Posting
from inventory.stock.queries import outside
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from organisation.places.models import Place
from organisation.places.rules import REAL_KINDS, PlaceKind


def take_out(
    tag: str,
    lot_code: str,
    unit_count: int,
    *,
    unit_ids: tuple[int, ...] = (),
    fate: Fate,
    reason: str,
    seal_number: str,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Bag:
    """Open a sealed bag, take units of one lot out, and seal it with a new seal.

    They go back on the shelf of the place the bag stands at, or are written off there.

    Keeps: INV-01 (balances), INV-15 (a bag has one place), INV-23 (serial units).

    Args:
        unit_ids: which handsets or SIMs, where the bag holds more of the lot than are taken.
        reason: why it was opened, in the person's own words; it passes the personal-data guard.

    Raises:
        NotFound: there is no such bag for this person.
        StaleEdit: the bag was moved meanwhile.
        NotEnoughStock: it is ready, and the last ready ones here are promised or in the surge reserve.
        RuleBroken: the lot is not inside, the seal was used before, or there is no reason.
    """
    asked = [tag, lot_code, unit_count, list(unit_ids), fate, reason, seal_number]
    if done := trail.earlier(submission_id, by=by, act="bag.take_out", body=asked):
        return queries.bag_by_tag(done, scope=scope)
    bag, place = standing_bag(tag, scope=scope)
    refuse_taking(bag, place, on=local_day(at), stays=True)
    contents = _inside(bag, at)
    taken = rules.cut(rules.lot_named(contents, lot_code, tag=tag, field="thing"), unit_count, field="unit_count")
    _refuse_shelf_for_spoilt(taken, fate, at)
    note = _reason(reason)
    (seal,) = new_seals([seal_number], field="seal")
    posting = post(
        PostingKind.OPEN_BAG,
        [_out(bag, taken, _destination(place, fate), unit_ids)],
        by=by,
        at=at,
        happened_at=at,
        document=bag.tag,
        submission_id=submission_id,
        note=note,
    )
    _opened(bag, place, posting, BagAct.TAKEN_OUT, fate=fate)
    reseal(bag, seal, posting)
    trail.record(
        act="bag.take_out",
        subject=bag.tag,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        place=place.code,
        lots=[[taken.lot_code, taken.unit_count]],
        fate=fate,
        seal=seal,
    )
    return bag


def put_in(
    tag: str,
    contents: Sequence[PackedLine],
    *,
    replaced: Sequence[str] = (),
    reason: str,
    seal_number: str,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Bag:
    """Open a bag, put in what it lacks from the shelf of the place it stands at, and seal it with a new seal.

    What has expired, lapsed or been replaced by a newer edition can come out and be written off in the same act.
    Another size or another language may stand in where the recipe names one thing; it is recorded and said.

    Keeps: INV-01 (balances), INV-16 (promises), INV-23 (serial units).

    Args:
        contents: from which lot how many, with the numbers of handsets and SIMs.
        replaced: codes of lots inside that come out, all units of each.

    Raises:
        NotFound: there is no such bag for this person.
        StaleEdit: the bag was moved meanwhile.
        NotEnoughStock: less of a lot is there, or free of promises.
        RuleBroken: something does not belong in this bag or is not fit for it, or the seal was used before.
    """
    asked = [tag, [line.plain for line in contents], list(replaced), reason, seal_number]
    if done := trail.earlier(submission_id, by=by, act="bag.put_in", body=asked):
        return queries.bag_by_tag(done, scope=scope)
    bag, place = standing_bag(tag, scope=scope)
    held, spoilt = _parted(bag, replaced, at)
    parts = parts_at(contents, place, at)
    rules.check_packable(parts, on=local_day(at))
    fits = rules.fitted(queries.wanted_in(bag.recipe_version_id), held, [part.content for part in parts])
    note = _reason(reason)
    (seal,) = new_seals([seal_number], field="seal")
    thrown_away = outside(PlaceKind.WRITTEN_OFF)
    posting = post(
        PostingKind.OPEN_BAG,
        [*(_out(bag, content, thrown_away) for content in spoilt), *_in(bag, place, parts)],
        by=by,
        at=at,
        happened_at=at,
        document=bag.tag,
        submission_id=submission_id,
        note=note,
    )
    _opened(bag, place, posting, BagAct.PUT_IN)
    stand_ins = _stand_in(bag, posting, fits)
    reseal(bag, seal, posting)
    trail.record(
        act="bag.put_in",
        subject=bag.tag,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=note,
        place=place.code,
        lots=[[part.content.lot_code, part.content.unit_count] for part in parts],
        written_off=[[content.lot_code, content.unit_count] for content in spoilt],
        stands_in=stand_ins,
        seal=seal,
    )
    return bag


def standing_bag(tag: str, *, scope: Scope) -> tuple[Bag, Place]:
    """Lock a bag and give it with the real place it stands at.

    Raises:
        NotFound: it is none of this person's.
        StaleEdit: it was moved meanwhile.
        RuleBroken: it stands nowhere that it could be opened.
    """
    bag, expected = queries.bag_and_place(tag, scope=scope)
    if expected.kind not in REAL_KINDS:
        raise RuleBroken(f"Go Bag {tag} stands at none of your places now, so it cannot be opened")
    queue_for_bags(expected.id)
    if locked_position(bag.id) != expected.id:
        raise StaleEdit
    scope.demand(expected.id)
    return bag, expected


def _inside(bag: Bag, at: datetime) -> list[Content]:
    return queries.contents_of([bag.id], on=local_day(at)).get(bag.id, [])


def _parted(bag: Bag, replaced: Sequence[str], at: datetime) -> tuple[list[Content], list[Content]]:
    """Part what stays in a bag from what comes out because it has expired, lapsed or been replaced.

    Raises:
        RuleBroken: something that is fit for use was to come out.
    """
    contents = _inside(bag, at)
    spoilt = [rules.lot_named(contents, code, tag=bag.tag) for code in replaced]
    lapsed = queries.lapsed_lots(bag, contents, on=local_day(at))
    unfit = rules.to_be_replaced(contents, on=local_day(at), lapsed=lapsed)
    for content in spoilt:
        if content not in unfit:
            raise RuleBroken(f"{content.item_name} (lot {content.lot_code}) is fit for use. Leave it inside")
    return rules.without_lots(contents, replaced), spoilt


def _refuse_shelf_for_spoilt(taken: Content, fate: Fate, at: datetime) -> None:
    """Refuse to put on a shelf what has expired, and to call expired what has not."""
    expired = taken.expired(local_day(at))
    if expired and fate is Fate.SHELF:
        raise RuleBroken(f"{taken.item_name} has expired. Write it off", "fate")
    if fate is Fate.EXPIRED and not expired:
        raise RuleBroken(f"{taken.item_name} (lot {taken.lot_code}) has not expired. Say what else it is", "fate")


def _reason(words: str) -> Note:
    note = trail.note(words, field="reason")
    if note is None:
        raise RuleBroken("Enter a reason", "reason")
    return note


def _destination(place: Place, fate: Fate) -> int:
    return place.id if fate is Fate.SHELF else outside(PlaceKind.WRITTEN_OFF)


def _out(bag: Bag, content: Content, destination: int, unit_ids: tuple[int, ...] = ()) -> Movement:
    """Move units out of a bag, with the very handsets and SIMs.

    Raises:
        RuleBroken: it is not said which of several handsets or SIMs, or one that is not inside.
    """
    if content.kind in NUMBER_OF:
        inside = [unit.id for unit in phones.units_standing(bag.place_id, [content.lot_id]).get(content.lot_id, [])]
        unit_ids = unit_ids or (tuple(inside) if len(inside) == content.unit_count else ())
        if len(unit_ids) != content.unit_count or not set(unit_ids) <= set(inside):
            raise RuleBroken(f"Choose which {content.item_name} is taken out, by its number", "thing")
    else:
        unit_ids = ()
    return Movement(content.lot_id, bag.place_id, destination, content.unit_count, unit_ids)


def _in(bag: Bag, place: Place, parts: Sequence[Part]) -> list[Movement]:
    return [
        Movement(part.content.lot_id, place.id, bag.place_id, part.content.unit_count, part.unit_ids) for part in parts
    ]


def _opened(bag: Bag, place: Place, posting: Posting, act: BagAct, *, fate: Fate | None = None) -> None:
    db.session.add(BagOpening(bag_id=bag.id, place_id=place.id, posting_id=posting.id, act=act, fate=fate))


def _stand_in(bag: Bag, posting: Posting, fits: Sequence[Fit]) -> list[list[object]]:
    """Record what stands in for what; give it for the audit leaf: lot code, name of the thing it stands in for."""
    found = {(fit.content.lot_id, fit.wanted.item_id): fit for fit in fits if fit.stands_in}
    for lot_id, item_id in found:
        db.session.add(Substitution(posting_id=posting.id, bag_id=bag.id, lot_id=lot_id, for_item_id=item_id))
    return [[fit.content.lot_code, fit.wanted.name] for fit in found.values()]


def reseal(bag: Bag, number: str, posting: Posting) -> None:
    """Record the seal on a bag as broken, where there is one, and put a new one on."""
    old = queries.seal_of(bag.id)
    if old is not None and not old.broken:
        db.session.add(Seal(bag_id=bag.id, number=old.number, broken=True, posting_id=posting.id))
        db.session.flush()
    db.session.add(Seal(bag_id=bag.id, number=number, broken=False, posting_id=posting.id))
    db.session.flush()
