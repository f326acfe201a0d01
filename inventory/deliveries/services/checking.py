"""What is looked up and refused before anything of a delivery is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from core import parse
from core.access import Scope
from core.dates import day_text, local_day, moment_on
from core.errors import NotFound, RuleBroken
from inventory.cards.rules import CardNumbers, numbers_in
from inventory.catalogue import queries as catalogue
from inventory.catalogue.models import Edition, Item
from inventory.catalogue.rules import ItemKind
from inventory.deliveries import queries
from inventory.deliveries.rules import MOST_LINES, DeliveredLine, check_edition_named, check_expiry, field_of
from inventory.phones.rules import NUMBER_OF, NUMBER_WORDS, check_numbers
from organisation.places.models import Place
from organisation.places.queries import chosen_place
from organisation.suppliers import queries as suppliers
from organisation.suppliers.models import Supplier

MOST_UNITS = 100_000
_MIDDAY = time(12)


@dataclass(frozen=True)
class CheckedLine:
    """A line that may be taken in: what it names, looked up."""

    line: DeliveredLine
    item: Item
    edition: Edition | None
    numbers: tuple[str, ...]
    cards: tuple[CardNumbers, ...] = ()


def supplier_named(code: str) -> Supplier:
    """Find who the goods came from.

    Raises:
        RuleBroken: there is no such supplier or donor.
    """
    try:
        return suppliers.supplier_by_code(code)
    except NotFound:
        raise RuleBroken("Choose who it came from", "supplier") from None


def open_place(code: str, day: date, *, scope: Scope) -> Place:
    """Find the place that takes the goods in; it must have been open on the day, and be so still."""
    place = chosen_place(code, scope=scope, field="place")
    if place.opened_on is not None and day < place.opened_on:
        raise RuleBroken(f"{place.name} opened on {day_text(place.opened_on)}. Enter that day or later", "place")
    if place.closed_on is not None:
        raise RuleBroken(f"{place.name} closed on {day_text(place.closed_on)}. Choose another place", "place")
    return place


def new_delivery_note(text: str, supplier: Supplier) -> str:
    """Read the number of the delivery note, and refuse one this supplier has already sent.

    Donors rarely number their notes, so for them the same words may come again.
    """
    note = parse.one_line(text, most=40, field="delivery_note", required="Enter the number on the delivery note")
    earlier = None if supplier.donor else queries.same_note(supplier.id, note)
    if earlier is not None:
        raise RuleBroken(
            f"Delivery note {note} from {supplier.name} was received on {day_text(earlier.received_on)} "
            f"as {earlier.reference}. Nothing has been recorded",
            "delivery_note",
        )
    return note


def moment_of(day: date, at: datetime, *, field: str) -> datetime:
    """Give the moment something of a day happened: now for today, midday for an earlier day."""
    if day > local_day(at):
        raise RuleBroken("Enter a real date in the past", field)
    return at if day == local_day(at) else moment_on(day, _MIDDAY)


def checked_lines(lines: Sequence[DeliveredLine], *, received_on: date | None) -> list[CheckedLine]:
    """Look every line up and refuse what cannot be taken in, before anything is written."""
    if not lines:
        raise RuleBroken("Enter at least one item that was delivered")
    if len(lines) > MOST_LINES:
        raise RuleBroken(f"Enter {MOST_LINES} lines or fewer at a time; this has {len(lines)}")
    items = catalogue.items_by_code(line.item_code for line in lines)
    checked = [
        _check_line(line, items.get(line.item_code), received_on=received_on, position=position)
        for position, line in enumerate(lines)
    ]
    _refuse_known_numbers(checked)
    _refuse_cards_twice(checked)
    return checked


def _check_line(line: DeliveredLine, item: Item | None, *, received_on: date | None, position: int) -> CheckedLine:
    if item is None:
        raise RuleBroken(f"Choose the item of line {position + 1}", field_of(position, "item"))
    if not 1 <= line.unit_count <= MOST_UNITS:
        raise RuleBroken(_out_of_range(line.unit_count), field_of(position, "unit_count"))
    check_expiry(line, name=item.name, expires=item.expires, received_on=received_on, position=position)
    check_edition_named(line, name=item.name, kind=item.kind, position=position)
    return CheckedLine(
        line, item, _edition(line, item, position), _numbers(line, item, position), _cards(line, item, position)
    )


def _out_of_range(unit_count: int) -> str:
    return "Quantity must be 1 or more" if unit_count < 1 else f"Quantity must be {MOST_UNITS:,} or fewer"


def _edition(line: DeliveredLine, item: Item, position: int) -> Edition | None:
    if line.edition_number is None:
        return None
    edition = catalogue.edition(item.id, line.edition_number)
    if edition is None:
        known = ", ".join(str(each.number) for each in reversed(catalogue.editions_of(item.id)))
        raise RuleBroken(
            f"{item.name} has no edition {line.edition_number}. "
            + (f"Editions in the catalogue: {known}" if known else "Add the edition to the catalogue first"),
            field_of(position, "edition_number"),
        )
    return edition


def _numbers(line: DeliveredLine, item: Item, position: int) -> tuple[str, ...]:
    field = field_of(position, "serial_numbers")
    if item.kind not in NUMBER_OF:
        if line.serial_numbers:
            raise RuleBroken(f"{item.name} is not counted by number. Remove the numbers", field)
        return ()
    return check_numbers(
        NUMBER_OF[item.kind],
        line.serial_numbers,
        unit_count=line.unit_count,
        item_name=item.name,
        field=field,
    )


def _cards(line: DeliveredLine, item: Item, position: int) -> tuple[CardNumbers, ...]:
    """Read the ranges of numbers printed on security cards; they need not have any."""
    field = field_of(position, "card_numbers")
    if line.card_numbers and item.kind is not ItemKind.SECURITY_CARD:
        raise RuleBroken(f"{item.name} is no security card. Remove the card numbers", field)
    return tuple(numbers_in(each, field=field) for each in line.card_numbers)


def _refuse_cards_twice(checked: Sequence[CheckedLine]) -> None:
    """Refuse a card number that another line has as well."""
    for position, each in enumerate(checked):
        for earlier, other in enumerate(checked[:position]):
            shared = [twice for mine in each.cards for theirs in other.cards if (twice := mine.shared(theirs))]
            if shared:
                raise RuleBroken(
                    f"{shared[0]}: entered on line {earlier + 1} as well", field_of(position, "card_numbers")
                )


def _refuse_known_numbers(checked: Sequence[CheckedLine]) -> None:
    """Refuse a number that another line, or any earlier delivery, already brought."""
    seen: dict[str, int] = {}
    for position, each in enumerate(checked):
        for number in each.numbers:
            if number in seen:
                raise RuleBroken(
                    f"{number} is entered on line {seen[number] + 1} as well",
                    field_of(position, "serial_numbers"),
                )
            seen[number] = position
    known = queries.known_number(list(seen))
    if known is not None:
        name = NUMBER_WORDS[known.number_kind]
        raise RuleBroken(
            f"{name} {known.number} is already known: it came with lot {known.lot.code}. Each number is received once",
            field_of(seen[known.number], "serial_numbers"),
        )
