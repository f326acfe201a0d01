"""Opening a Go Bag: taking one thing out, topping it up, and sealing it anew."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.dates import day_text
from core.db import now, transaction
from core.web import page, refusals_on, requires, signed_in
from inventory.bags import queries, services
from inventory.bags.forms import OfferedLot, TakeOutForm, top_up_form
from inventory.bags.queries import BagState, BagView, TopUp
from inventory.bags.routes.blueprint import bp, today
from inventory.bags.routes.showing import asks_of
from inventory.bags.rules import Content, Fate
from inventory.catalogue.rules import ItemKind
from inventory.phones import queries as phones
from inventory.phones.rules import NUMBER_OF, NUMBER_WORDS, masked, sees_whole_numbers


@bp.route("/bags/<tag>/take-out", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG, Permission.PACK_BAG)
def take_out(tag: str) -> ResponseReturnValue:
    """Open a sealed Go Bag and take one thing out."""
    me = signed_in()
    bag = queries.bag_view(tag, scope=me.scope, on=today())
    form = TakeOutForm()
    form.thing.choices = _things(bag) or {"": ""}
    if form.submitted():
        with refusals_on(form):
            lot_code, _, unit = form.thing.data.partition("/")
            with transaction():
                services.take_out(
                    tag,
                    lot_code,
                    form.unit_count.data,
                    unit_ids=(int(unit),) if unit else (),
                    fate=Fate(form.fate.data),
                    reason=form.reason.data,
                    seal_number=form.seal.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{tag} has been opened and sealed again with seal {form.seal.data.upper()}")
            return redirect(url_for("bags.show", tag=tag))
    return page("inventory/bags/take_out.html", form=form, bag=bag, standing=bag.state is BagState.STANDING)


def _things(bag: BagView) -> dict[str, str]:
    """Offer what is inside: a choice for each lot, and one for each handset or SIM."""
    whole = sees_whole_numbers(signed_in(), bag.place_id)
    units = phones.units_standing(queries.inside_of(bag.bag_id), [content.lot_id for content in bag.contents])
    offered = {}
    for content in bag.contents:
        for unit in units.get(content.lot_id, []):
            number = unit.number if whole else masked(unit.number)
            name = f"{content.item_name}, {NUMBER_WORDS[unit.number_kind]} {number}"
            offered[f"{content.lot_code}/{unit.id}"] = name
        if content.kind not in NUMBER_OF:
            offered[content.lot_code] = _described(content)
    return offered


def _described(content: Content) -> str:
    """Say what a content is, such as "Soap × 2, lot L-00002, use by 5 August 2022"."""
    words = content.item_name + (f" × {content.unit_count}" if content.unit_count > 1 else "")
    words += f", lot {content.lot_code}"
    if content.expires_on is not None:
        words += f", use by {day_text(content.expires_on)}"
    return words + (f", edition {content.edition_number}" if content.edition_number is not None else "")


@bp.route("/bags/<tag>/top-up", methods=["GET", "POST"])
@requires(Permission.ISSUE_BAG, Permission.PACK_BAG)
def top_up(tag: str) -> ResponseReturnValue:
    """Open a Go Bag, put in what it lacks and seal it anew."""
    me = signed_in()
    bag, place = queries.bag_and_place(tag, scope=me.scope)
    view = queries.bag_view(tag, scope=me.scope, on=today())
    standing = view.state is BagState.STANDING
    proposal = queries.top_up_of(bag, place.id, on=today(), lapsed=view.verdict.lapsed) if standing else TopUp((), ())
    offered = _offered(proposal)
    dead = ", which has lapsed" if view.verdict.lapsed else ""
    spoilt = [
        (each.lot_code, f"Take out {_described(each)}{dead if each.kind is ItemKind.SIM else ''}")
        for each in proposal.spoilt
    ]
    form = top_up_form(offered, spoilt)
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.put_in(
                    tag,
                    form.packed_lines(lot.lot_code for lot in offered),
                    replaced=form.replaced(each.lot_code for each in proposal.spoilt),
                    reason=form.reason.data,
                    seal_number=form.seal.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"{tag} has been topped up and sealed again with seal {form.seal.data.upper()}")
            return redirect(url_for("bags.show", tag=tag))
    return page(
        "inventory/bags/top_up.html",
        form=form,
        bag=view,
        standing=standing,
        proposal=proposal,
        restock=asks_of(view, [(line.missing.wanted, line.short_count) for line in proposal.lines]),
    )


def _offered(proposal: TopUp) -> list[OfferedLot]:
    return [OfferedLot.of(lot) for line in proposal.lines for lot in (*line.lots, *line.stand_ins)]
