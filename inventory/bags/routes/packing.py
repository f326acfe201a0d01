"""Packing a run of Go Bags: choose recipe and number, then lots and seals."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core import parse
from core.access import Permission
from core.db import now, transaction
from core.errors import RuleBroken
from core.web import page, refusals_on, requires, signed_in
from inventory.bags import queries, services
from inventory.bags.forms import OfferedLot, pack_form
from inventory.bags.queries import Proposal
from inventory.bags.routes.blueprint import bp, today
from inventory.bags.rules import MOST_BAGS_AT_ONCE
from inventory.phones.rules import NUMBER_OF
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
        proposal = queries.proposed_contents(
            request.args["recipe"], place.id, bag_count=count, on=today(), scope=signed_in().scope
        )
    except RuleBroken as broken:
        return _start(broken)
    return _lots(proposal, place.code, place.name)


def _start(problem: RuleBroken | None) -> ResponseReturnValue:
    """Ask what to pack, where and how many."""
    me = signed_in()
    answer = page(
        "inventory/bags/pack_start.html",
        problem=problem,
        places=places(scope=me.scope, open_on=today()),
        recipes=queries.recipes_to_pack(on=today()),
        typed={name: request.args.get(name, "") for name in ("place", "recipe", "count")},
        most=MOST_BAGS_AT_ONCE,
    )
    return (answer[0], 422) if problem and isinstance(answer, tuple) else answer


def _lots(proposal: Proposal, place_code: str, place_name: str) -> ResponseReturnValue:
    """Offer the lots to take and ask for the seals."""
    me = signed_in()
    form = pack_form(_offered(proposal))
    if form.submitted():
        with refusals_on(form):
            at = now()
            with transaction():
                bags = services.pack_run(
                    proposal.version.recipe.code,
                    place_code=place_code,
                    seal_numbers=_seals(form.seals.data, proposal.bag_count),
                    contents=form.packed_lines(lot.lot_code for lot in _offered(proposal)),
                    happened_at=at,
                    scope=me.scope,
                    by=me,
                    at=at,
                    submission_id=form.submission_id.data,
                )
                tags = [bag.tag for bag in bags]
            flash(f"Packed {_tags_text(tags)} at {place_name}. Print the labels and put one on each")
            return redirect(url_for("bags.labels", tag=tags))
    return page(
        "inventory/bags/pack.html",
        form=form,
        proposal=proposal,
        place_name=place_name,
        address=url_for("bags.pack", place=place_code, recipe=proposal.version.recipe.code, count=proposal.bag_count),
    )


def _offered(proposal: Proposal) -> list[OfferedLot]:
    return [
        OfferedLot(
            lot.content.lot_code,
            lot.content.item_name,
            lot.proposed_count,
            lot.held_count,
            lot.content.kind in NUMBER_OF,
            lot.numbers,
        )
        for line in proposal.lines
        for lot in line.lots
        if lot.usable
    ]


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
