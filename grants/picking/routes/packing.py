"""Packing a run of Go Bags: choose recipe, number and whom they are for, then lots and seals."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core import parse
from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.errors import RuleBroken
from core.web import page, refusals_on, requires, signed_in
from grants.picking import services
from grants.picking.queries import packing_policy, places_supplied
from grants.picking.routes.blueprint import bp
from inventory.bags import queries
from inventory.bags.forms import OfferedLot, pack_form
from inventory.bags.queries import Proposal
from inventory.bags.rules import MOST_BAGS_AT_ONCE
from inventory.stock.rules import ANY_LOT, PickPolicy
from organisation.places.models import Place
from organisation.places.queries import chosen_place, places


@bp.route("/bags/pack", methods=["GET", "POST"])
@requires(Permission.PACK_BAG)
def pack() -> ResponseReturnValue:
    """Pack a run of Go Bags from a kit recipe."""
    if "recipe" not in request.args:
        return _start(None)
    try:
        place = chosen_place(request.args.get("place", ""), scope=signed_in().scope, field="place")
        count = parse.whole_number(
            request.args.get("count"), noun="Number of Go Bags", most=MOST_BAGS_AT_ONCE, field="count"
        )
        on = local_day(now())
        policy = _policy(place, on)
        proposal = queries.proposed_contents(
            request.args["recipe"], place.id, bag_count=count, on=on, policy=policy, scope=signed_in().scope
        )
    except RuleBroken as broken:
        return _start(broken)
    return _lots(proposal, place)


def _policy(place: Place, on: date) -> PickPolicy:
    """Tell what the lots at a place are for; whom the bags of a sent form are for is judged when they are packed.

    It may have been sent before, and the place it names have closed since.

    Raises:
        RuleBroken: the bags are asked for a place that is not supplied from here.
    """
    try:
        return packing_policy(place, request.args.get("for", ""), on=on)
    except RuleBroken:
        if request.method == "POST":
            return ANY_LOT
        raise


def _start(problem: RuleBroken | None) -> ResponseReturnValue:
    """Ask what to pack, where, how many and whom for."""
    on = local_day(now())
    own = places(scope=signed_in().scope, open_on=on)
    answer = page(
        "grants/picking/pack_start.html",
        problem=problem,
        places=own,
        supplied=places_supplied([place.id for place in own], on=on),
        recipes=queries.recipes_to_pack(on=on),
        typed={name: request.args.get(name, "") for name in ("place", "recipe", "count", "for")},
        most=MOST_BAGS_AT_ONCE,
    )
    return (answer[0], 422) if problem and isinstance(answer, tuple) else answer


def _lots(proposal: Proposal, place: Place) -> ResponseReturnValue:
    """Offer the lots to take and ask for the seals."""
    me, for_code = signed_in(), request.args.get("for", "")
    form = pack_form(_offered(proposal))
    if form.submitted():
        with refusals_on(form):
            at = now()
            with transaction():
                bags = services.pack_run(
                    proposal.version.recipe.code,
                    place_code=place.code,
                    for_code=for_code,
                    seal_numbers=_seals(form.seals.data, proposal.bag_count),
                    contents=form.packed_lines(lot.lot_code for lot in _offered(proposal)),
                    happened_at=at,
                    scope=me.scope,
                    by=me,
                    at=at,
                    submission_id=form.submission_id.data,
                )
                tags = [bag.tag for bag in bags]
            flash(f"Packed {_tags_text(tags)} at {place.name}. Print the labels and put one on each")
            return redirect(url_for("bags.labels", tag=tags))
    goals = places_supplied([place.id], on=local_day(now()))
    asked = [("place", place.code), ("recipe", proposal.version.recipe.code), ("count", proposal.bag_count)]
    return page(
        "grants/picking/pack.html",
        form=form,
        proposal=proposal,
        place=place,
        goal=next((each for each in goals if each.code == for_code), None),
        address=f"{url_for('picking.pack')}?{urlencode([*asked, ('for', for_code)])}",
    )


def _offered(proposal: Proposal) -> list[OfferedLot]:
    return [OfferedLot.of(lot) for line in proposal.lines for lot in line.lots if lot.usable]


def _seals(numbers: tuple[str, ...], bag_count: int) -> tuple[str, ...]:
    """Demand one seal for each bag.

    Raises:
        RuleBroken: there are fewer or more.
    """
    if len(numbers) != bag_count:
        raise RuleBroken(
            f"Enter {bag_count} seal number{'s' if bag_count != 1 else ''}, one for each Go Bag. "
            f"You entered {len(numbers)}",
            "seals",
        )
    return numbers


def _tags_text(tags: list[str]) -> str:
    return tags[0] if len(tags) == 1 else f"{len(tags)} Go Bags, {tags[0]} to {tags[-1]}"
