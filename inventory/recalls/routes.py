"""Pages of holds and recalls: the list, one recall with every unit, and what places do about it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission, Scope
from core.dates import local_day
from core.db import now, transaction
from core.errors import StaleEdit
from core.figures.lists import listed
from core.forms import Form
from core.paging import page_number, paged
from core.web import page, refusals_on, requires, signed_in, whole_actor
from inventory.bags import queries as bags
from inventory.bags import services as bag_services
from inventory.bags.queries import BagState
from inventory.bags.rules import Content, Fate
from inventory.recalls import queries, services
from inventory.recalls.forms import RecallForm, ReleaseForm, ShelfLot, TakeOutForm, answer_form, take_in_form
from inventory.recalls.models import Recall
from inventory.recalls.queries import Spot
from inventory.recalls.rules import (
    ENDING_WORDS,
    KIND_WORDS,
    REMEDY_WORDS,
    RecallKind,
    Remedy,
    keeping_open,
    progress,
    still_to_do,
)
from organisation.places.models import Place
from organisation.places.queries import place_by_code

bp = Blueprint("recalls", __name__, url_prefix="/recalls")

_P = Permission


def _may_recall() -> bool:
    whole = whole_actor()
    return bool(whole and whole.may(_P.RECALL_STOCK))


def _acts_at() -> Scope:
    """Give the places the person may answer for."""
    whole = whole_actor()
    covered: set[int] = set()
    for permission in (_P.ISSUE_BAG, _P.PACK_BAG):
        if whole is not None and whole.may(permission):
            covered |= whole.acting_under(permission).scope.place_ids or frozenset()
    return Scope.of(covered)


@bp.route("/")
@requires(Permission.SEE_STOCK)
@listed
def index() -> ResponseReturnValue:
    """List holds and recalls, open ones first, with how many places have answered."""
    one_page = paged(queries.recalls(), number=page_number(request.args.get("page")))
    ids = [each.id for each in one_page.rows]
    return page(
        "inventory/recalls/index.html",
        listed=one_page,
        ends=queries.ends(ids),
        answered=queries.progress_of(ids),
        may_recall=_may_recall(),
        words=KIND_WORDS,
        endings=ENDING_WORDS,
    )


@bp.route("/make", methods=["GET", "POST"])
@requires(Permission.RECALL_STOCK)
def make() -> ResponseReturnValue:
    """Hold or recall a lot, an edition or every lot of an item."""
    me = signed_in()
    form = RecallForm(code=request.args.get("code", "")[:20], edition=request.args.get("edition", type=int))
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.recall(
                    form.code.data,
                    edition_number=form.edition.data,
                    kind=RecallKind(form.kind.data),
                    remedy=Remedy(form.remedy.data),
                    reason=form.reason.data,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                reference = made.reference
            flash(f"{reference} has been recorded. Nobody can use any of it now, and each place is asked to answer")
            return redirect(url_for("recalls.show", reference=reference))
    return page("inventory/recalls/make.html", form=form)


@bp.route("/<reference>")
@requires(Permission.SEE_STOCK)
def show(reference: str) -> ResponseReturnValue:
    """Show one recall: every unit, every place asked, and who has answered."""
    me, may_recall = signed_in(), _may_recall()
    found = queries.recall_by_reference(reference)
    sees = Scope.everywhere() if may_recall else me.scope
    end = queries.end_of(found.id)
    until = end.ended_at if end else None
    spots = [] if end else queries.spots(found, scope=Scope.everywhere())
    standings = queries.standings(found, spots, queries.slips(found, until=until))
    own = [each for each in standings if sees.covers(each.place_id)]
    one_page = paged(queries.issued(found, scope=sees, until=until), number=page_number(request.args.get("page")))
    return page(
        "inventory/recalls/show.html",
        recall=found,
        end=end,
        standings=own,
        progress=progress(own),
        to_do={each.place_id: still_to_do(each, found.remedy) for each in own},
        spots=[each for each in spots if sees.covers(each.place_id)],
        listed=one_page,
        issued=[queries.as_issued(*row) for row in one_page.rows],
        sent_back=[] if end else queries.sent_back(found.id, scope=sees),
        keeping=keeping_open(standings, found.remedy),
        acts_at=_acts_at(),
        opens=bool((whole := whole_actor()) and whole.may(_P.PACK_BAG)),
        may_recall=may_recall,
        words=KIND_WORDS,
        remedies=REMEDY_WORDS,
        endings=ENDING_WORDS,
    )


@bp.route("/<reference>/answer/<place_code>", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG, Permission.PACK_BAG)
def answer(reference: str, place_code: str) -> ResponseReturnValue:
    """Answer a recall for a place: how many were found, and how many removed."""
    me = signed_in()
    place, found = place_by_code(place_code, scope=me.scope), queries.recall_by_reference(reference)
    spots = queries.spots(found, scope=me.scope, place_id=place.id)
    shelf = [_shelf_lot(each, found) for each in spots if each.on_shelf]
    slip_count = queries.slips(found).get(place.id, 0)
    form = answer_form(shelf, removal=_removal(found, place), with_slips=bool(slip_count))
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.answer(
                    reference,
                    place_code,
                    form.found(shelf),
                    told_count=form.told_count.data if "told_count" in form else None,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{place.name} has answered {reference}")
            return redirect(url_for("recalls.show", reference=reference))
    return page(
        "inventory/recalls/answer.html",
        form=form,
        recall=found,
        place=place,
        shelf=shelf,
        in_bags=[each for each in spots if each.bag_tag and not each.coming],
        coming=[each for each in spots if each.coming],
        slip_count=slip_count,
        ended=queries.end_of(found.id),
        remedies=REMEDY_WORDS,
        words=KIND_WORDS,
    )


def _shelf_lot(spot: Spot, recall: Recall) -> ShelfLot:
    removed = 0 if recall.remedy is Remedy.CHECK else spot.unit_count
    return ShelfLot(spot.lot_code, spot.item_name, spot.unit_count, removed, spot.serial)


def _removal(recall: Recall, place: Place) -> str:
    """Say what becomes of what a place removes."""
    if recall.remedy is Remedy.SEND_BACK and place.supplied_by is not None:
        return f"sent back to {place.supplied_by.name}"
    return "no good and written off" if recall.remedy is Remedy.CHECK else "written off"


@bp.route("/<reference>/bags/<tag>", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG, Permission.PACK_BAG)
def take_out(reference: str, tag: str) -> ResponseReturnValue:
    """Open a Go Bag, take out what is recalled, and seal it anew."""
    me = signed_in()
    found = queries.recall_by_reference(reference)
    bag = bags.bag_view(tag, scope=me.scope, on=local_day(now()))
    inside = [each for each in bag.contents if each.hold is not None and each.hold.reference == reference]
    destroyed = found.remedy is Remedy.DESTROY
    form = TakeOutForm()
    answered = url_for("recalls.answer", reference=reference, place_code=bag.place_code)
    if form.submitted():
        if not inside:
            return redirect(answered)
        with refusals_on(form):
            content = _shown(inside, form.lot.data or "", tag)
            with transaction():
                bag_services.take_out(
                    tag,
                    content.lot_code,
                    content.unit_count,
                    fate=Fate.DAMAGED if destroyed else Fate.SHELF,
                    reason=f"{reference}: {KIND_WORDS[found.kind].lower()}",
                    seal_number=form.seal.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{content.item_name} has been taken out of {tag}, which is sealed again")
            return redirect(answered)
    form.lot.data = inside[0].lot_code if inside else ""
    return page(
        "inventory/recalls/take_out.html",
        form=form,
        recall=found,
        bag=bag,
        inside=inside,
        standing=bag.state is BagState.STANDING,
        destroyed=destroyed,
    )


def _shown(inside: Sequence[Content], lot_code: str, tag: str) -> Content:
    """Give what the page showed as inside.

    Raises:
        StaleEdit: it was taken out meanwhile, and something else of the recall is inside.
    """
    for each in inside:
        if each.lot_code == lot_code:
            return each
    raise StaleEdit(f"The lot you were shown has been taken out of {tag} already. Nothing has been recorded")


@bp.route("/sent-back/<int:answer_id>", methods=["GET", "POST"])
@requires(Permission.RECEIVE_DELIVERY)
def take_in(answer_id: int) -> ResponseReturnValue:
    """Count in at the store what a place sent back."""
    me = signed_in()
    sent = queries.answer_sent(answer_id, scope=me.scope)
    lines = {each.lot.code: (each.lot.item.name, each.removed_count) for each in sent.lines if each.removed_count}
    form, reference = take_in_form(lines), sent.recall.reference
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.take_in(
                    answer_id,
                    form.arrived(lines),
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("It has been counted in and is kept apart")
            return redirect(url_for("recalls.show", reference=reference))
    return page(
        "inventory/recalls/take_in.html", form=form, sent=sent, lines=lines, arrival=queries.arrival_of(answer_id)
    )


@bp.route("/<reference>/release", methods=["GET", "POST"])
@requires(Permission.RECALL_STOCK)
def release(reference: str) -> ResponseReturnValue:
    """Let what is held or recalled be used again."""
    found, form = queries.recall_by_reference(reference), ReleaseForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.release(
                    reference,
                    reason=form.reason.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{reference} has been released. It may be used again")
            return redirect(url_for("recalls.show", reference=reference))
    return page("inventory/recalls/release.html", form=form, recall=found)


@bp.route("/<reference>/close", methods=["GET", "POST"])
@requires(Permission.RECALL_STOCK)
def close(reference: str) -> ResponseReturnValue:
    """Close a recall, or say what keeps it open."""
    found, form = queries.recall_by_reference(reference), Form()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.close(reference, by=signed_in(), at=now(), submission_id=form.submission_id.data)
            flash(f"{reference} has been closed")
            return redirect(url_for("recalls.show", reference=reference))
    spots = queries.spots(found, scope=Scope.everywhere())
    keeping = keeping_open(queries.standings(found, spots, {}), found.remedy)
    return page("inventory/recalls/close.html", form=form, recall=found, keeping=keeping)
