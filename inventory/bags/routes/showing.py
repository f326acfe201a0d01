"""The list of Go Bags and the page of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

from flask import request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.figures.lists import listed
from core.languages import known_languages
from core.paging import page_number, paged_rows
from core.parse import one_of, search_text
from core.web import page, requires, signed_in, whole_actor
from inventory.bags import queries
from inventory.bags.queries import BagState, BagView
from inventory.bags.routes.blueprint import bp, language_name, today
from inventory.bags.rules import READINESS_WORDS, Readiness, Wanted
from inventory.cards import queries as cards
from inventory.catalogue.queries import recipes
from inventory.catalogue.rules import ItemKind
from inventory.phones import queries as phones
from inventory.phones.rules import masked, sees_whole_numbers
from organisation.places.queries import place_by_code, places


@bp.route("/bags/")
@requires(Permission.SEE_STOCK)
@listed
def index() -> ResponseReturnValue:
    """List the Go Bags standing at the person's places, ready ones first."""
    me = signed_in()
    chosen = request.args.get("place", "")
    place = place_by_code(chosen, scope=me.scope) if chosen else None
    views = queries.bag_views([place.id] if place else None, scope=me.scope, on=today())
    shown = list(filter(_wanted(), views))
    whole = whole_actor()
    return page(
        "inventory/bags/index.html",
        listed=paged_rows(shown, number=page_number(request.args.get("page"))),
        counts=Counter(view.verdict.readiness for view in views),
        Readiness=Readiness,
        place=place,
        places=places(scope=me.scope),
        recipes=queries.recipes_standing(views),
        languages=sorted((language_name(code), code) for code in {c for view in views for c in view.languages}),
        readiness_words=READINESS_WORDS,
        filters={name: request.args.get(name, "") for name in ("place", "recipe", "readiness", "language", "q")},
        language_name=language_name,
        may_issue=bool(whole and whole.may(Permission.ISSUE_BAG)),
        may_pack=bool(whole and whole.may(Permission.PACK_BAG)),
    )


def _wanted() -> Callable[[BagView], bool]:
    """Read the filters of the page's address; give what says whether a bag passes them.

    Raises:
        RuleBroken: one names a recipe, a readiness or a language that there is not.
    """
    search, recipe = search_text(request.args.get("q")).upper(), request.args.get("recipe", "")
    if recipe:
        one_of(recipe, [each.code for each in recipes()], noun="recipe")
    readiness = one_of(request.args.get("readiness"), list(Readiness), noun="readiness")
    language = one_of(request.args.get("language"), [each.code for each in known_languages()], noun="language")

    def passes(view: BagView) -> bool:
        return (
            (not search or search in view.tag or search in (view.seal_number or ""))
            and (not recipe or view.recipe_code == recipe)
            and (not readiness or view.verdict.readiness == readiness)
            and (not language or language in view.languages)
        )

    return passes


@bp.route("/bags/<tag>")
@requires(Permission.SEE_STOCK)
def show(tag: str) -> ResponseReturnValue:
    """Show one Go Bag: its readiness in words, what is in it, and what happened to it."""
    me = signed_in()
    view = queries.bag_view(tag, scope=me.scope, on=today())
    issue = queries.last_issue(view.bag_id) if view.state is BagState.ISSUED else None
    whole = whole_actor()
    return page(
        "inventory/bags/show.html",
        bag=view,
        issue=issue,
        history=queries.history_of(view.bag_id),
        cards=cards.ranges_of([each.lot_id for each in view.contents if each.kind is ItemKind.SECURITY_CARD]),
        numbers=numbers_shown(view, whole=sees_whole_numbers(me, view.place_id)),
        language_name=language_name,
        may_issue=_may_issue(view),
        may_open=_may_open(view),
        may_retire=view.state is BagState.STANDING and _acts_at((Permission.PACK_BAG,), view.place_id),
        may_hand_back=issue is not None and _acts_at((Permission.ISSUE_BAG, Permission.PACK_BAG), issue.place_id),
        restock=_restock_offers(view),
        texting=_texting(view),
        label_address=url_for("bags.label", tag=tag) if whole and view.state is not BagState.ISSUED else None,
    )


def _may_issue(view: BagView) -> bool:
    """Say whether the signed-in person could issue this bag where it stands."""
    return view.can_be_issued and _acts_at((Permission.ISSUE_BAG,), view.place_id)


def _may_open(view: BagView) -> bool:
    """Say whether the signed-in person could open this bag where it stands."""
    return view.state is BagState.STANDING and _acts_at((Permission.ISSUE_BAG, Permission.PACK_BAG), view.place_id)


def _acts_at(permissions: Collection[Permission], place_id: int | None) -> bool:
    """Say whether the signed-in person may do one of these things at a place."""
    whole = whole_actor()
    if whole is None or place_id is None:
        return False
    here = [held for held in whole.appointments if held.place_id in (None, place_id)]
    return any(held.grants(permission) for held in here for permission in permissions)


def _texting(view: BagView) -> str | None:
    """Give the address of the page to try a phone on whose SIM has lapsed in this bag, for whoever may text from it."""
    standing = view.verdict.lapsed and view.state is BagState.STANDING
    if not standing or not _acts_at((Permission.TEXT_PHONES,), view.place_id):
        return None
    return url_for("phones.texting", place_code=view.place_code)


def _restock_offers(view: BagView) -> list[tuple[str, str]]:
    """Offer to put in what the bag lacks where it is on the shelf here, or else to ask the store: (words, address)."""
    lacking = [each for each in view.verdict.missing if each.wanted.item_id is not None]
    if not lacking or view.state is not BagState.STANDING or view.place_id is None:
        return []
    here = Counter[int | None]()
    for content in queries.contents_at(view.place_id, on=today()):
        here[content.item_id] += content.unit_count if content.fit(today()) else 0
    on_shelf = [each for each in lacking if here[each.wanted.item_id] >= each.short_count]
    others = [(each.wanted, each.short_count - here[each.wanted.item_id]) for each in lacking if each not in on_shelf]
    top_up = url_for("bags.top_up", tag=view.tag)
    words = [
        f"Put in {each.short_count:,} {each.wanted.name} from the shelf at {view.place_name}"
        for each in on_shelf
        if _may_open(view)
    ]
    return [(each, top_up) for each in words] + asks_of(view, others)


def asks_of(view: BagView, lacking: Collection[tuple[Wanted, int]]) -> list[tuple[str, str]]:
    """Offer to ask the store for things that a bag lacks, each alone: (words, address), for whoever may ask."""
    short = {wanted.item_id: (wanted.name, count) for wanted, count in lacking if wanted.item_id is not None and count}
    if not short or view.state is not BagState.STANDING or not _acts_at((Permission.REQUEST_RESTOCK,), view.place_id):
        return []
    return [
        (
            f"Ask the store for {count:,} {name}",
            url_for("requests.ask", place=view.place_code, thing=f"item:{code}", count=count),
        )
        for item_id, code in queries.item_codes(short.keys()).items()
        for name, count in [short[item_id]]
    ]


def numbers_shown(view: BagView, *, whole: bool) -> dict[int, list[tuple[int, str]]]:
    """Give the numbers of handsets and SIMs in a bag as the person may see them: lot id → (unit id, number)."""
    units = phones.units_standing(queries.inside_of(view.bag_id), [content.lot_id for content in view.contents])
    return {
        lot_id: [(unit.id, unit.number if whole else masked(unit.number)) for unit in found]
        for lot_id, found in units.items()
    }
