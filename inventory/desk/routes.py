"""The page a sergeant, a partner or a storekeeper opens first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from core.access import Actor, Permission, Scope
from core.dates import day_text, local_day, moment_on
from core.db import now
from core.errors import NotFound
from core.web import page, requires, signed_in, whole_actor
from inventory.bags import queries as bags
from inventory.bags.queries import BagView
from inventory.bags.rules import Readiness
from inventory.counts import queries as counts
from inventory.counts.queries import Standing
from inventory.cupboard.rules import CHASED_AFTER, chase_words
from inventory.desk import queries
from inventory.desk.rules import expected, grouped, to_be_chased, weekday_text
from inventory.pars.rules import Level
from inventory.phones import queries as phones
from inventory.phones.queries import Ringing
from inventory.phones.rules import texting_task
from inventory.recalls import queries as recalls
from inventory.recalls.rules import KIND_WORDS, REMEDY_WORDS, still_to_do
from inventory.requests.queries import levels
from inventory.requests.rules import RequestState
from inventory.unmet.forms import TapForm
from inventory.unmet.rules import offered
from organisation.places.models import Place
from organisation.places.rules import PlaceKind

bp = Blueprint("desk", __name__)

MOST_NAMED = 5
"""So many rows of a task are named on the page; the rest are counted."""


@dataclass(frozen=True)
class Task:
    """Something to do, with the page to do it on; None for somebody who only looks on."""

    words: str
    href: str | None
    detail: str = ""


@dataclass(frozen=True)
class Pile:
    """One sort of work at the store desk: how much of it there is and where it starts, for whoever may do it."""

    title: str
    count: int
    href: str | None
    empty: str
    tasks: tuple[Task, ...]


def _may(permission: Permission, place: Place) -> bool:
    """Say whether the person may do something at a place."""
    me = whole_actor()
    return me is not None and me.may(permission) and me.acting_under(permission).scope.covers(place.id)


def _chosen(code: str | None, own: list[Place]) -> Place:
    """Give the place named in the address, or the first of the person's.

    Raises:
        NotFound: it is not one of theirs, or they have none.
    """
    found = next((place for place in own if code is None or place.code == code), None)
    if found is None:
        raise NotFound
    return found


def _own_places(me: Actor, first: Permission, standings: list[Standing]) -> list[Place]:
    """List the places a person may see, those they act at first, of all that are counted."""
    whole = whole_actor()
    acting = whole.acting_under(first).scope if whole is not None and whole.may(first) else Scope.of(())
    seen = [each.place for each in standings if me.scope.covers(each.place.id)]
    return sorted(seen, key=lambda place: (not acting.covers(place.id), place.name))


# ---- The station --------------------------------------------------------------------------------


@bp.route("/station/")
@bp.route("/station/<place_code>")
@requires(Permission.SEE_STOCK)
def station(place_code: str | None = None) -> ResponseReturnValue:
    """Show a station's home: what is ready, what is short, what to do."""
    me, today = signed_in(), local_day(now())
    counted = counts.standings_in(scope=me.scope, today=today)
    own = _own_places(me, Permission.ISSUE_BAG, counted)
    if not own and place_code is None:
        return page("inventory/desk/no_place.html")
    place = _chosen(place_code, own)
    ringing = phones.sims_at(place.id, on=today)
    views = bags.bag_views([place.id], scope=me.scope, on=today, sims=phones.by_bag(ringing))
    rows = levels(place.id, scope=me.scope, on=today, standing=views)
    soon, old = queries.to_replace(place.id, today=today)
    parcels, sheets = queries.awaited_at(place.id, printed_before=moment_on(today, time()) - CHASED_AFTER)
    return page(
        "inventory/desk/station.html",
        place=place,
        own=own,
        today=weekday_text(today),
        facts=_facts(views, parcels, today),
        parcels=parcels,
        expected=lambda day: expected(day, today=today),
        offered=offered(rows),
        tap=TapForm(),
        counted=next(each for each in counted if each.place is place),
        tasks=[
            *_station_tasks(place, views, parcels, ringing, today),
            *_swap_tasks(old, place),
            *(_expiring_task(lot, place, today) for lot in soon),
            *_sheet_tasks(place, sheets, today),
        ],
        short=[level for level in rows if level.shortage_count],
        groups=grouped(rows),
        older=queries.older_loose(old),
        may={
            "issue": _may(Permission.ISSUE_BAG, place),
            "ask": _may(Permission.REQUEST_RESTOCK, place) and place.supplied_by_id is not None,
            "receive": _may(Permission.RECEIVE_DISPATCH, place),
            "set_pars": _may(Permission.SET_PAR, place),
            "count": _may(Permission.COUNT_STOCK, place),
        },
    )


@dataclass(frozen=True)
class Fact:
    """One large fact of a home page."""

    count: int
    words: str
    short: bool = False


def _facts(views: list[BagView], parcels: list[queries.Parcel], today: date) -> list[Fact]:
    """Give the three large facts of a station."""
    ready = sum(view.verdict.readiness is Readiness.READY for view in views)
    wanting = len(views) - ready
    on_its_way = "on its way"
    if parcels:
        on_its_way += f", {'the first ' if len(parcels) > 1 else ''}{expected(parcels[0].expected_on, today=today)}"
    return [
        Fact(ready, "Go Bag ready" if ready == 1 else "Go Bags ready", short=ready == 0),
        Fact(wanting, "needs something" if wanting == 1 else "need something", short=wanting > 0),
        Fact(len(parcels), on_its_way),
    ]


def _station_tasks(
    place: Place, views: list[BagView], parcels: list[queries.Parcel], ringing: list[Ringing], today: date
) -> list[Task]:
    """List what a station has to do: recalls, deliveries, phones to keep ringing, bags to mend."""
    tasks = _recall_tasks(place)
    if _may(Permission.RECEIVE_DISPATCH, place):
        tasks += [
            Task(
                f"Count in {each.reference} from {each.request_reference}",
                url_for("requests.receive", reference=each.reference),
                expected(each.expected_on, today=today),
            )
            for each in parcels
        ]
    tasks += _to_text(place, ringing, today)
    tasks += [
        Task(f"See to Go Bag {view.tag}", url_for("bags.show", tag=view.tag), "; ".join(view.verdict.reasons))
        for view in views
        if view.verdict.readiness is not Readiness.READY
    ]
    return tasks


def _sheet_tasks(place: Place, sheets: list[tuple[str, datetime]], today: date) -> list[Task]:
    """Ask for the cupboard sheets that have been out for long."""
    may = _may(Permission.ISSUE_BAG, place)
    return [
        Task(words, url_for("cupboard.key", reference=reference) if may else None, detail)
        for reference, printed_at in sheets
        for words, detail in [chase_words(reference, local_day(printed_at), today=today)]
    ]


def _swap_tasks(old: list[queries.Superseded], place: Place) -> list[Task]:
    """Say which superseded editions are sealed in Go Bags or lie on the shelf, one task for each thing."""
    where: dict[tuple[str, str], list[str]] = {}
    for each in old:
        where.setdefault((each.item_name, each.item_code), []).append(
            each.bag_tag or f"{each.unit_count:,} on the shelf"
        )
    return [
        Task(
            f"Swap {name}: a newer edition is in use",
            url_for("editions.index", place=place.code, _anchor="swap"),
            ", ".join(spots[:MOST_NAMED]) + (f" and {len(spots) - MOST_NAMED:,} more" if spots[MOST_NAMED:] else ""),
        )
        for (name, _), spots in sorted(where.items())
    ]


def _expiring_task(lot: queries.Expiring, place: Place, today: date) -> Task:
    """Say what to do about loose units that expire: write off what has, use the rest first."""
    expired = lot.expires_on < today
    words = f"{'Write off' if expired else 'Use first:'} {lot.unit_count} of {lot.item_name}, lot {lot.lot_code}"
    href = url_for("expiry.index", place=place.code)
    if expired and (_may(Permission.ISSUE_BAG, place) or _may(Permission.PACK_BAG, place)):
        href = url_for("expiry.write_off", place_code=place.code, lot_code=lot.lot_code)
    return Task(words, href, f"{'expired' if expired else 'expires'} on {day_text(lot.expires_on)}")


def _recall_tasks(place: Place) -> list[Task]:
    """List the holds and recalls that a place has still to answer or to act on; nothing is more urgent."""
    acts = _may(Permission.ISSUE_BAG, place) or _may(Permission.PACK_BAG, place)
    return [
        Task(
            f"{KIND_WORDS[each.kind]}: {each.subject}",
            url_for("recalls.answer", reference=each.reference, place_code=place.code)
            if acts
            else url_for("recalls.show", reference=each.reference),
            f"{REMEDY_WORDS[each.remedy]}; {to_do}",
        )
        for each in recalls.tasks_at(place)
        if (to_do := still_to_do(each.standing, each.remedy)) is not None
    ]


def _to_text(place: Place, ringing: list[Ringing], today: date) -> list[Task]:
    """Give the one task that keeps a place's phones ringing, or none."""
    words = texting_task([each.state for each in ringing], today=today)
    if words is None:
        return []
    may = _may(Permission.TEXT_PHONES, place)
    return [Task(words, url_for("phones.texting", place_code=place.code) if may else None)]


# ---- The store ----------------------------------------------------------------------------------


@bp.route("/store/")
@bp.route("/store/<place_code>")
@requires(Permission.SEE_STOCK)
def store(place_code: str | None = None) -> ResponseReturnValue:
    """Show the store desk: what to approve, pick, send, receive, pack and chase, in that order."""
    me, today = signed_in(), local_day(now())
    counted = counts.standings_in(scope=me.scope, today=today)
    own = [place for place in _own_places(me, Permission.DISPATCH, counted) if place.kind is PlaceKind.STORE]
    if not own and place_code is None:
        return page("inventory/desk/no_place.html")
    place = _chosen(place_code, own)
    ringing = phones.sims_at(place.id, on=today)
    views = bags.bag_views([place.id], scope=me.scope, on=today, sims=phones.by_bag(ringing))
    rows = levels(place.id, scope=me.scope, on=today, standing=views)
    return page(
        "inventory/desk/store.html",
        place=place,
        own=own,
        today=weekday_text(today),
        piles=_piles(place, rows, ringing, [each for each in counted if _is_around(place, each.place)], today),
        groups=grouped(rows),
        short=[level for level in rows if level.shortage_count],
        expiring=queries.expiring(place.id, today=today),
        day=today,
        may_set_pars=_may(Permission.SET_PAR, place),
    )


def _is_around(store: Place, place: Place) -> bool:
    """Say whether a place is a store or one that it supplies, and is not to close."""
    return store.id in (place.id, place.supplied_by_id) and place.closed_on is None


def _piles(place: Place, rows: list[Level], ringing: list[Ringing], counted: list[Standing], today: date) -> list[Pile]:
    """Sort the work of a store, in the order it is done."""
    open_ = queries.open_requests_for(place.id)
    parcels, sent_back = queries.about_store(place.id)
    return [
        *_recalled(place),
        _requests("Approve", "to-approve", [each for each in open_ if each.state is RequestState.ASKED], today),
        _requests("Pick and send", "to-send", [each for each in open_ if each.state is RequestState.APPROVED], today),
        _requests(
            "Send the rest",
            "sent",
            [each for each in open_ if each.state is RequestState.SENT and each.promised_count],
            today,
        ),
        _to_receive(place, parcels, sent_back, today),
        _to_pack(place, rows),
        _to_ring(place, ringing, today),
        _to_chase(place, parcels, today),
        _to_count(counted),
    ]


def _recalled(place: Place) -> list[Pile]:
    """List what the store has to do about holds and recalls, and what comes back to it; no pile when nothing is."""
    tasks = _recall_tasks(place)
    if _may(Permission.RECEIVE_DELIVERY, place):
        tasks += [
            Task(
                f"Count in {each.unit_count:,} sent back by {each.place_name}",
                url_for("recalls.take_in", answer_id=each.answer_id),
                f"sent {_ago(local_day(each.sent_at), local_day(now()))}",
            )
            for each in recalls.sent_back(scope=Scope.of([place.id]), store_id=place.id)
        ]
    if not tasks:
        return []
    return [Pile("Holds and recalls", len(tasks), url_for("recalls.index"), "Nothing", tuple(tasks[:MOST_NAMED]))]


def _requests(title: str, show: str, found: list[queries.OpenRequest], today: date) -> Pile:
    return Pile(
        title,
        len(found),
        url_for("requests.index", show=show),
        "Nothing",
        tuple(
            Task(
                f"{each.reference} for {each.place_name}",
                url_for("requests.show", reference=each.reference),
                ("emergency, " if each.emergency else "")
                + f"asked {_ago(local_day(each.requested_at), today)}"
                + (f", {each.promised_count:,} promised" if each.promised_count else ""),
            )
            for each in found[:MOST_NAMED]
        ),
    )


def _ago(day: date, today: date) -> str:
    """Write how long ago a day was."""
    days = (today - day).days
    return "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"


def _to_receive(place: Place, parcels: list[queries.Parcel], sent_back: list[queries.Back], today: date) -> Pile:
    """List what is on its way to the store itself; goods from suppliers are recorded when they come."""
    counts_in = _may(Permission.RECEIVE_DISPATCH, place)
    coming = [parcel for parcel in parcels if parcel.coming]
    back = _sent_back(place, sent_back, today)
    return Pile(
        "Receive",
        len(back) + len(coming),
        url_for("deliveries.receive") if _may(Permission.RECEIVE_DELIVERY, place) else None,
        "Nothing is on its way from another store. Record what a supplier brings",
        (
            *back[:MOST_NAMED],
            *(
                Task(
                    each.reference,
                    url_for("requests.receive", reference=each.reference) if counts_in else None,
                    expected(each.expected_on, today=today),
                )
                for each in coming[:MOST_NAMED]
            ),
        ),
    )


def _sent_back(place: Place, back: list[queries.Back], today: date) -> list[Task]:
    """List what places that close sent back to the store, for whoever counts it in there."""
    if not _may(Permission.RECEIVE_DELIVERY, place):
        return []
    return [
        Task(
            f"Count in {each.reference} from {each.place_name}",
            url_for("closures.count_in", reference=each.reference),
            f"all that stood there, sent {_ago(local_day(each.sent_at), today)}",
        )
        for each in back
    ]


def _to_pack(place: Place, rows: list[Level]) -> Pile:
    """List the kinds of Go Bag below their par, promises left aside."""
    packing = url_for("picking.pack") if _may(Permission.PACK_BAG, place) else None
    short = [level for level in rows if level.is_bag and level.below_par_count]
    return Pile(
        "Pack",
        sum(level.below_par_count for level in short),
        packing,
        "Every kind of Go Bag is at its par",
        tuple(
            Task(
                f"{level.below_par_count:,} of {level.name}",
                packing,
                f"{level.usable_count:,} free and ready of {level.par_count:,}",
            )
            for level in short[:MOST_NAMED]
        ),
    )


def _to_ring(place: Place, ringing: list[Ringing], today: date) -> Pile:
    """List the phones of the store itself to text from, as the one task that it is."""
    return Pile(
        "Phones",
        sum(each.state.due(today) or each.state.lapsed(today) for each in ringing),
        url_for("phones.texting", place_code=place.code) if _may(Permission.TEXT_PHONES, place) else None,
        "No phone needs a text now",
        tuple(_to_text(place, ringing, today)),
    )


def _to_chase(place: Place, parcels: list[queries.Parcel], today: date) -> Pile:
    """List dispatches that should have been counted in, and shortages nobody has settled."""
    late = [
        Task(
            f"{each.reference} to {each.place_name}",
            url_for("requests.show", reference=each.request_reference),
            f"sent {_ago(local_day(each.sent_at), today)}, not counted in yet",
        )
        for each in parcels
        if not each.coming and to_be_chased(each.expected_on, local_day(each.sent_at), today=today)
    ]
    short = [
        Task(
            f"{each.dispatch_reference} to {each.place_name}",
            url_for("requests.show", reference=each.request_reference),
            f"{each.short_count:,} short, not settled",
        )
        for each in queries.open_shortages(place.id)
    ]
    return Pile(
        "Chase",
        len(late) + len(short),
        url_for("requests.index", show="open"),
        "Nothing is late and no shortage is open",
        tuple([*late, *short][:MOST_NAMED]),
    )


def _to_count(counted: list[Standing]) -> Pile:
    """List the counts that are overdue, at the store and at the places it supplies, and those that are going on."""
    due = [each for each in counted if _is_due(each)]
    late = [each for each in due if not each.never_counted]
    return Pile(
        "Count",
        len(due),
        url_for("counts.index"),
        "Every place was counted in time",
        tuple(
            Task(
                each.place.name,
                url_for("counts.start", place=each.place.code)
                if each.open_reference is None and _may(Permission.COUNT_STOCK, each.place)
                else url_for("counts.index"),
                _due_words(each),
            )
            for each in late[:MOST_NAMED]
        )
        + _never_counted([each.place.name for each in due if each.never_counted]),
    )


def _never_counted(names: list[str]) -> tuple[Task, ...]:
    """Put places that wait for their first count into one task, so that they do not drown those that are late."""
    if not names:
        return ()
    more = f" and {len(names) - MOST_NAMED:,} more" if names[MOST_NAMED:] else ""
    return (Task("Never counted", url_for("counts.index"), ", ".join(names[:MOST_NAMED]) + more),)


def _is_due(each: Standing) -> bool:
    return each.overdue_days is not None


def _due_words(each: Standing) -> str:
    late = f"overdue by {each.overdue_days:,} {'day' if each.overdue_days == 1 else 'days'}"
    return f"{late}, being counted in {each.open_reference}" if each.open_reference else late
