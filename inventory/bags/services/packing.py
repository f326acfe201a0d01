"""Packing Go Bags from a kit recipe: one bag, or a run of them, all or nothing.

A run is one posting: lots go from the place into each bag, and each bag from *not yet made up* to the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core import parse, trail
from core.access import Actor, Scope
from core.dates import day_text, local_day
from core.db import db
from core.errors import RuleBroken
from core.references import next_references
from inventory.bags import queries, rules
from inventory.bags.models import Bag, Seal
from inventory.bags.rules import Content, PackedLine, Pair, Part
from inventory.catalogue.models import RecipeVersion
from inventory.catalogue.rules import ItemKind
from inventory.phones import queries as phones
from inventory.phones.rules import NUMBER_OF, NUMBER_WORDS, serial_number
from inventory.phones.rules import check_packable as check_units_packable
from inventory.stock.queries import outside
from inventory.stock.rules import ANY_LOT, BagMovement, Movement, PickPolicy, PostingKind
from inventory.stock.services import post
from organisation.places.models import Place
from organisation.places.queries import chosen_place
from organisation.places.rules import PlaceKind


@dataclass(frozen=True)
class _Run:
    """A run of bags that may be packed: where, to which version, what goes into each, with which seals."""

    place: Place
    version: RecipeVersion
    bags: list[list[Part]]
    seals: list[str]


def pack_bag(
    recipe_code: str,
    *,
    place_code: str,
    seal_number: str,
    contents: Sequence[PackedLine],
    happened_at: datetime,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> Bag:
    """Pack one Go Bag. See ``pack_run``."""
    return pack_run(
        recipe_code,
        place_code=place_code,
        seal_numbers=[seal_number],
        contents=contents,
        happened_at=happened_at,
        scope=scope,
        by=by,
        at=at,
        submission_id=submission_id,
    )[0]


def pack_run(
    recipe_code: str,
    *,
    place_code: str,
    seal_numbers: Sequence[str],
    contents: Sequence[PackedLine],
    happened_at: datetime,
    policy: Callable[[], PickPolicy] = lambda: ANY_LOT,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> list[Bag]:
    """Pack a run of Go Bags from a recipe at a place, one for each seal, all of them or none.

    Contents keep their lots. Together they must be exactly what the version of the recipe in use that day asks
    for; they are dealt into the bags in the order given.

    Keeps: INV-01 (balances), INV-15 (a bag has one place), INV-16 (promises), INV-23 (serial units).

    Args:
        seal_numbers: a new numbered seal for each bag.
        contents: for the whole run, from which lot how many, with the numbers of handsets and SIMs.
        policy: tells what others know of the lots: which may not go into these bags. Asked only where the form was not
            sent before: what it refuses by now does not concern bags that are packed.

    Returns:
        The bags in the order of their tags.

    Raises:
        RuleBroken: what is missing, too many, expired, replaced, used before or for others; nothing has been packed.
        NotEnoughStock: less of a lot is there, or free of promises, than the run takes.
    """
    asked = (recipe_code, place_code, list(seal_numbers), [line.plain for line in contents])
    if done := trail.earlier(submission_id, by=by, act="bag.pack", body=asked):
        first, _, last = done.partition(" to ")
        return queries.bags_between(first, last or first)
    run = _checked(recipe_code, place_code, seal_numbers, contents, happened_at=happened_at, scope=scope)
    _refuse_for_others(run, policy())
    bags = _new_bags(run, happened_at)
    document = _run_reference(bags)
    unmade = outside(PlaceKind.UNMADE)
    posting = post(
        PostingKind.PACK,
        _movements(run, bags),
        by=by,
        at=at,
        happened_at=happened_at,
        document=document,
        bag_movements=[BagMovement(bag.id, unmade, run.place.id) for bag in bags],
        submission_id=submission_id,
    )
    for bag, seal in zip(bags, run.seals, strict=True):
        db.session.add(Seal(bag_id=bag.id, number=seal, broken=False, posting_id=posting.id))
    db.session.flush()
    trail.record(
        act="bag.pack",
        subject=document,
        by=by,
        at=at,
        submission_id=submission_id,
        recipe=f"{run.version.recipe.code} version {run.version.number}",
        place=run.place.code,
        happened_at=happened_at,
        bags=_facts(run, bags),
    )
    return bags


def _run_reference(bags: Sequence[Bag]) -> str:
    """Name a run by its tags, such as "GB-00007 to GB-00010": the tags of one run follow one another."""
    first, last = bags[0].tag, bags[-1].tag
    return first if first == last else f"{first} to {last}"


def _checked(
    recipe_code: str,
    place_code: str,
    seal_numbers: Sequence[str],
    contents: Sequence[PackedLine],
    *,
    happened_at: datetime,
    scope: Scope,
) -> _Run:
    """Look everything up and refuse what cannot be packed, before anything is written."""
    day = local_day(happened_at)
    place = chosen_place(place_code, scope=scope, field="place")
    version = queries.recipe_in_use(recipe_code, on=day)
    seals = new_seals(seal_numbers)
    parts = parts_at(contents, place, happened_at)
    wanted = queries.wanted_by(version)
    rules.check_packable(parts, on=day)
    rules.check_meets_recipe(wanted, parts, bag_count=len(seals))
    bags = rules.kept_together(rules.dealt(wanted, parts, bag_count=len(seals)), _pairs(parts))
    return _Run(place, version, bags, seals)


def _refuse_for_others(run: _Run, policy: PickPolicy) -> None:
    """Refuse what may not go into these bags."""
    for part in (part for parts in run.bags for part in parts):
        refused = policy.refusal([part.content.lot_id])
        if refused is not None:
            raise RuleBroken(
                f"Lot {part.content.lot_code} of {part.content.item_name} may not go into these Go Bags: {refused}. "
                "Choose another lot. Nothing has been packed"
            )


def _pairs(parts: Sequence[Part]) -> list[Pair]:
    """Tell which SIM is in which handset, where both are packed."""
    if not {ItemKind.PHONE, ItemKind.SIM} <= {part.content.kind for part in parts}:
        return []
    standing = phones.pairs_now([unit_id for part in parts for unit_id in part.unit_ids])
    return [
        Pair(each.handset_id, each.handset_number, each.sim_id, each.sim_number)
        for each in standing
        if each.handset_id is not None and each.handset_number is not None
    ]


def new_seals(numbers: Sequence[str], *, field: str = "seals") -> list[str]:
    """Read the seals' numbers; each must be new.

    Raises:
        RuleBroken: there is none, too many, one twice, or one that has been used before.
    """
    if not numbers:
        raise RuleBroken("Enter a seal number for each Go Bag", field)
    if len(numbers) > rules.MOST_BAGS_AT_ONCE:
        raise RuleBroken(f"Pack {rules.MOST_BAGS_AT_ONCE} Go Bags or fewer at a time; this is {len(numbers)}", field)
    read = [parse.reference(number, noun="Seal number", most=20, like="S000123", field=field) for number in numbers]
    for position, number in enumerate(read):
        if number in read[:position]:
            raise RuleBroken(f"Seal {number} is entered twice. Each Go Bag has its own", field)
    used = queries.seals_known(read)
    if used:
        number = next(number for number in read if number in used)
        raise RuleBroken(f"Seal {number} is already on {used[number]}. Use a new seal", field)
    return read


def parts_at(contents: Sequence[PackedLine], place: Place, happened_at: datetime) -> list[Part]:
    """Find what is to be packed among the loose stock of the place, each lot once.

    Raises:
        RuleBroken: a lot is not there or came later, its numbers do not fit, a phone had an owner and is not wiped,
            or a SIM has lapsed or was handed out before.
    """
    here = {content.lot_code: content for content in queries.contents_at(place.id, on=local_day(happened_at))}
    merged = _merged(contents)
    for line in merged:
        if line.lot_code not in here:
            raise RuleBroken(f"Lot {line.lot_code} is not at {place.name}. Choose another lot")
        if line.unit_count < 1:
            raise RuleBroken("Quantity must be 1 or more")
    lot_ids = [here[line.lot_code].lot_id for line in merged]
    _refuse_packed_before_received(lot_ids, here.values(), happened_at)
    standing = phones.units_standing(place.id, lot_ids)
    parts = [
        Part(
            replace(here[line.lot_code], unit_count=line.unit_count),
            _units(line, here[line.lot_code], {u.number: u.id for u in standing.get(lot_id, [])}),
        )
        for line, lot_id in zip(merged, lot_ids, strict=True)
    ]
    day = local_day(happened_at)
    facts = phones.unit_facts([unit_id for part in parts for unit_id in part.unit_ids], on=day)
    check_units_packable(facts.values(), on=day)
    return parts


def _merged(contents: Sequence[PackedLine]) -> list[PackedLine]:
    """Put lines of one lot together, so that they are judged together."""
    merged: dict[str, PackedLine] = {}
    for line in contents:
        known = merged.get(line.lot_code)
        merged[line.lot_code] = (
            PackedLine(line.lot_code, known.unit_count + line.unit_count, known.serial_numbers + line.serial_numbers)
            if known
            else line
        )
    return list(merged.values())


def _refuse_packed_before_received(lot_ids: Sequence[int], here: Iterable[Content], happened_at: datetime) -> None:
    came = queries.first_received(lot_ids)
    for content in here:
        moment = came.get(content.lot_id)
        if moment is not None and local_day(happened_at) < local_day(moment):
            raise RuleBroken(
                f"{content.item_name} (lot {content.lot_code}) was received on {day_text(local_day(moment))}. "
                f"Enter that day or a later one",
                "packed_on",
            )


def _units(line: PackedLine, content: Content, standing: Mapping[str, int]) -> tuple[int, ...]:
    """Find the serial units that are packed: exactly as many as the line takes, all standing at the place."""
    kind = NUMBER_OF.get(content.kind)
    if kind is None:
        if line.serial_numbers:
            raise RuleBroken(f"{content.item_name} is not counted by number. Remove the numbers")
        return ()
    name = NUMBER_WORDS[kind]
    numbers = [serial_number(kind, number) for number in line.serial_numbers]
    if len(numbers) != line.unit_count or len(set(numbers)) != len(numbers):
        raise RuleBroken(
            f"Choose {line.unit_count} different {name} number{'s' if line.unit_count != 1 else ''} from lot "
            f"{line.lot_code}. You chose {len(set(numbers))}"
        )
    for number in numbers:
        if number not in standing:
            raise RuleBroken(f"{name} {number} is not in lot {line.lot_code} here. Choose another")
    return tuple(standing[number] for number in numbers)


def _new_bags(run: _Run, happened_at: datetime) -> list[Bag]:
    """Make up the bags: each a place with a tag, of the body whose place it is packed at."""
    places = [
        Place(
            code=tag,
            name=f"Go Bag {tag}",
            kind=PlaceKind.BAG,
            holds_stock=True,
            body_id=run.place.body_id,
            opened_on=local_day(happened_at),
        )
        for tag in next_references("GB", len(run.bags))
    ]
    db.session.add_all(places)
    db.session.flush()
    bags = [Bag(tag=place.code, place_id=place.id, recipe_version_id=run.version.id) for place in places]
    db.session.add_all(bags)
    db.session.flush()
    return bags


def _movements(run: _Run, bags: Sequence[Bag]) -> list[Movement]:
    return [
        Movement(part.content.lot_id, run.place.id, bag.place_id, part.content.unit_count, part.unit_ids)
        for bag, parts in zip(bags, run.bags, strict=True)
        for part in parts
    ]


def _facts(run: _Run, bags: Sequence[Bag]) -> list[list[object]]:
    """Write the bags down for the audit leaf: tag, seal, and each lot with its units."""
    return [
        [bag.tag, seal, [[part.content.lot_code, part.content.unit_count] for part in parts]]
        for bag, seal, parts in zip(bags, run.seals, run.bags, strict=True)
    ]
