"""Asking for restock, and taking a request back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from core import trail
from core.access import Actor, Scope
from core.dates import local_day
from core.db import db
from core.errors import RuleBroken
from core.references import next_reference
from inventory.catalogue.models import Item, KitRecipe
from inventory.pars.rules import Level
from inventory.requests import queries
from inventory.requests.models import RequestLine, RestockRequest
from inventory.requests.rules import RequestAct, RequestState, course, question
from inventory.requests.services.recording import counted_things, lock, tell
from organisation.places.models import Place
from organisation.places.queries import chosen_place

MOST = 100_000

_ITEMS = select(Item.code, Item.id).where(Item.code.in_(bindparam("codes", expanding=True)))
_RECIPES = select(KitRecipe.code, KitRecipe.id).where(KitRecipe.code.in_(bindparam("codes", expanding=True)))


@dataclass(frozen=True)
class AskedLine:
    """So many units of an item, or Go Bags of a recipe.

    Attributes:
        confirmed_count: the surprising count the person has said is right, or None.
    """

    asked_count: int
    item_code: str | None = None
    recipe_code: str | None = None
    confirmed_count: int | None = None

    @property
    def key(self) -> str:
        """What names the thing, as ``Level.key`` does."""
        return f"item:{self.item_code}" if self.item_code is not None else f"bag:{self.recipe_code}"


def ask(
    place_code: str,
    lines: Sequence[AskedLine],
    *,
    note: str | None = None,
    emergency: bool = False,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> RestockRequest:
    """Ask the store that supplies a place for things.

    Par, held and suggested counts are kept as they are at this moment, so the request explains itself later.

    Args:
        emergency: it cannot wait, and the note says why. It is approved like any other, before the others.

    Raises:
        RuleBroken: the place is not the person's or nothing supplies it; nothing is asked for; a thing is named
            twice or cannot be asked for; a count is far above the usual and has not been confirmed; an emergency
            does not say why.
    """
    body = [place_code, [(each.key, each.asked_count, each.confirmed_count) for each in lines], note, emergency]
    if done := trail.earlier(submission_id, by=by, act="request.ask", body=body):
        return queries.request_by_reference(done, scope=scope)
    place = chosen_place(place_code, scope=scope, field="place")
    store = _store_of(place, at)
    _check_lines(lines)
    known = _known(place, scope=scope, on=local_day(at))
    made = _lines(lines, known)
    for number, question_asked in _questions(place, lines, known).items():
        raise RuleBroken(question_asked, f"sure-{number}")
    words = trail.note(note, field="note")
    if emergency and words is None:
        raise RuleBroken("Enter why it cannot wait: whoever approves it decides by that", "note")
    request = RestockRequest(
        reference=next_reference("R"),
        place_id=place.id,
        supplied_by_id=store.id,
        state=RequestState.ASKED,
        version=1,
        requested_by_id=by.account_id,
        requested_at=at,
        note_id=words.id if words else None,
        emergency=emergency,
        lines=made,
    )
    db.session.add(request)
    db.session.flush()
    asked_for = counted_things((line.asked_count, line.name) for line in request.lines)
    tell(
        request,
        None,
        RequestAct.ASKED,
        f"{'asked in an emergency' if emergency else 'asked'} for {asked_for}",
        by=by,
        at=at,
        note=words,
    )
    trail.record(
        act="request.ask",
        subject=request.reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=words,
        place=place.code,
        store=store.code,
        lines=[[each.key, each.asked_count] for each in lines],
        **({"emergency": True} if emergency else {}),
    )
    return request


def _store_of(place: Place, at: datetime) -> Place:
    """Give the store that supplies a place.

    Raises:
        RuleBroken: there is none, or the place has closed.
    """
    if place.closed_on is not None and place.closed_on < local_day(at):
        raise RuleBroken("Select a station you can use", "place")
    if place.supplied_by is None:
        raise RuleBroken(f"No store supplies {place.name}. Ask your administrator to name one", "place")
    return place.supplied_by


def _check_lines(lines: Sequence[AskedLine]) -> None:
    if not lines:
        raise RuleBroken("Ask for at least one thing", "thing")
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if (line.item_code is None) == (line.recipe_code is None):
            raise RuleBroken("Select an item or a kind of Go Bag", "thing")
        if line.key in seen:
            raise RuleBroken("Ask for each thing once, with the whole quantity", f"count-{number}")
        if not 1 <= line.asked_count <= MOST:
            words = "1 or more" if line.asked_count < 1 else f"{MOST:,} or fewer"
            raise RuleBroken(f"Quantity must be {words}", f"count-{number}")
        seen.add(line.key)


@dataclass(frozen=True)
class _Known:
    """What lines are judged by, each by its key: what can be asked for, where it stands, the most ever approved."""

    on_offer: Mapping[str, Level]
    levels: Mapping[str, Level]
    usual: Mapping[str, int]


def _known(place: Place, *, scope: Scope, on: date) -> _Known:
    return _Known(
        on_offer={level.key: level for level in queries.catalogue_choices(on=on)},
        levels={level.key: level for level in queries.levels(place.id, scope=scope, on=on)},
        usual=queries.usual_counts(place.id),
    )


def _lines(lines: Sequence[AskedLine], known: _Known) -> list[RequestLine]:
    """Make the lines, each with what the place held and lacked when it asked."""
    named = {"codes": [code for line in lines for code in (line.item_code, line.recipe_code) if code is not None]}
    items, recipes = (dict(db.session.execute(asked, named).all()) for asked in (_ITEMS, _RECIPES))
    made = []
    for position, line in enumerate(lines, 1):
        if line.key not in known.on_offer:
            raise RuleBroken("Select something from the list", "thing")
        level = known.levels.get(line.key, known.on_offer[line.key])
        made.append(
            RequestLine(
                position=position,
                item_id=items[line.item_code] if line.item_code is not None else None,
                recipe_id=recipes[line.recipe_code] if line.recipe_code is not None else None,
                held_count=level.held_count,
                par_count=level.par_count,
                suggested_count=level.shortage_count,
                usual_count=known.usual.get(line.key, 0),
                reason=level.reason,
                asked_count=line.asked_count,
            )
        )
    return made


def surprises(place: Place, lines: Sequence[AskedLine], *, scope: Scope, on: date) -> dict[int, str]:
    """Give the question each surprising count raises, until the person says that this very count is right.

    Returns:
        Number of the line, from 1 → the question in words.
    """
    return _questions(place, lines, _known(place, scope=scope, on=on))


def _questions(place: Place, lines: Sequence[AskedLine], known: _Known) -> dict[int, str]:
    asked = {}
    for number, line in enumerate(lines, 1):
        level, offer = known.levels.get(line.key), known.on_offer.get(line.key)
        words = question(
            offer.name if offer else "this",
            line.asked_count,
            suggested_count=level.shortage_count if level else 0,
            par_count=level.par_count if level else 0,
            usual_count=known.usual.get(line.key, 0),
            place=place.name,
        )
        if words is not None and line.confirmed_count != line.asked_count:
            asked[number] = words
    return asked


def cancel(
    reference: str,
    *,
    reason: str | None = None,
    version: int | None = None,
    scope: Scope,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> RestockRequest:
    """Take back one's own request; what was promised for it is free again.

    Raises:
        NotFound: somebody else made it, or it is outside the scope.
        StaleEdit: it has been sent, has ended, or changed since the form was opened.
    """
    done = trail.earlier(submission_id, by=by, act="request.cancel", body=[reference, reason])
    request = queries.own_request(reference, account_id=by.account_id)
    scope.demand(request.place_id)
    if done:
        return request
    lock(request, version)
    after = course.cancel(queries.course_of(request))
    words = trail.note(reason, field="reason")
    released = release(request)
    tell(request, after, RequestAct.CANCELLED, "cancelled the request", by=by, at=at, note=words)
    trail.record(
        act="request.cancel",
        subject=reference,
        by=by,
        at=at,
        submission_id=submission_id,
        reason=words,
        released=released,
    )
    return request


def release(request: RestockRequest) -> int:
    """Free whatever is still promised for a request; give how many units that is.

    Keeps: INV-16 (a promise is released exactly once).
    """
    released = 0
    for promise in queries.promised_by_line(request).values():
        released += promise.unit_count
        promise.unit_count = 0
    db.session.flush()
    return released
