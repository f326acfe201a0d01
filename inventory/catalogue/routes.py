"""Pages of the catalogue: items, editions and kit recipes."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core import languages
from core.access import Permission
from core.dates import local_day
from core.db import now, transaction
from core.figures.lists import listed
from core.forms import Form
from core.paging import page_number, paged
from core.parse import one_of, search_text
from core.web import page, refusals_on, requires, signed_in, whole_actor
from inventory.catalogue import queries, services
from inventory.catalogue.forms import EditionForm, ItemForm, RecipeForm, line_data
from inventory.catalogue.models import KitRecipe
from inventory.catalogue.rules import KIND_WORDS, PRINTED, ItemKind, any_of

bp = Blueprint("catalogue", __name__, url_prefix="/catalogue")


def _today() -> date:
    return local_day(now())


def _may_keep() -> bool:
    whole = whole_actor()
    return bool(whole and whole.may(Permission.KEEP_CATALOGUE))


def _language_name(code: str) -> str:
    return languages.language(code).english


@bp.route("/")
@requires(Permission.SEE_STOCK)
@listed
def index() -> ResponseReturnValue:
    """List items with their current editions."""
    filters = {name: request.args.get(name, "") for name in ("q", "kind", "language", "retired")}
    kind = one_of(filters["kind"], list(ItemKind), noun="kind")
    printed = queries.languages_printed()
    asked = queries.items_asked(
        kind=ItemKind(kind) if kind else None,
        language=one_of(filters["language"], printed, noun="language"),
        search=search_text(filters["q"]),
        retired=bool(one_of(filters["retired"], ["yes"], noun="choice of retired items")),
    )
    one_page = paged(asked, number=page_number(request.args.get("page")), size=50)
    return page(
        "inventory/catalogue/index.html",
        listed=one_page,
        editions=queries.current_editions([item.id for item in one_page.rows], on=_today()),
        filters=filters,
        kinds=KIND_WORDS,
        languages=sorted((_language_name(code), code) for code in printed),
        language_name=_language_name,
        may_keep=_may_keep(),
    )


@bp.route("/items/<code>")
@requires(Permission.SEE_STOCK)
def show(code: str) -> ResponseReturnValue:
    """Show one item: its editions and the kits it goes into."""
    item = queries.item_by_code(code)
    current = queries.current_editions([item.id], on=_today()).get(item.id)
    return page(
        "inventory/catalogue/show.html",
        item=item,
        printed=item.kind in PRINTED,
        current=current,
        editions=queries.editions_of(item.id),
        recipes=queries.recipes_with(item, on=_today()),
        kinds=KIND_WORDS,
        language_name=_language_name,
        may_keep=_may_keep(),
        may_recall=bool((whole := whole_actor()) and whole.may(Permission.RECALL_STOCK)),
        today=_today(),
    )


@bp.route("/items/add", methods=["GET", "POST"])
@requires(Permission.KEEP_CATALOGUE)
def add() -> ResponseReturnValue:
    """Add an item."""
    form = ItemForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                item = services.add_item(
                    code=form.code.data,
                    name=form.name.data,
                    kind=ItemKind(form.kind.data),
                    unit=form.unit.data,
                    language=form.language.data or None,
                    expires=form.expires.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                code, name = item.code, item.name
            flash(f"{name} has been added")
            return redirect(url_for("catalogue.show", code=code))
    return page("inventory/catalogue/add.html", form=form)


@bp.route("/items/<code>/publish-edition", methods=["GET", "POST"])
@requires(Permission.KEEP_CATALOGUE)
def publish_edition(code: str) -> ResponseReturnValue:
    """Publish an edition of a booklet or card."""
    item = queries.item_by_code(code)
    newest = queries.newest_edition(item.id)
    form = EditionForm(number=newest.number + 1 if newest else 1, published_on=_today())
    if form.submitted():
        with refusals_on(form):
            with transaction():
                edition = services.publish_edition(
                    code,
                    number=form.number.data,
                    published_on=form.published_on.day,
                    review_on=form.review_on.data,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                number = edition.number
            flash(f"Edition {number} has been published")
            return redirect(url_for("catalogue.show", code=code))
    return page("inventory/catalogue/publish_edition.html", form=form, item=item)


@bp.route("/items/<code>/retire", methods=["GET", "POST"])
@requires(Permission.KEEP_CATALOGUE)
def retire(code: str) -> ResponseReturnValue:
    """Retire an item from today on, after asking once more."""
    item, form = queries.item_by_code(code), Form()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                retired = services.retire_item(
                    code, on=_today(), by=signed_in(), at=now(), submission_id=form.submission_id.data
                )
                name = retired.name
            flash(f"{name} has been retired")
            return redirect(url_for("catalogue.show", code=code))
    in_use = queries.recipes_with(item, on=_today())
    return page("inventory/catalogue/retire.html", form=form, item=item, recipes=in_use)


@bp.route("/recipes/")
@requires(Permission.SEE_STOCK)
def recipes() -> ResponseReturnValue:
    """List the kit recipes with what each holds now."""
    return page(
        "inventory/catalogue/recipes.html",
        recipes=queries.recipes(),
        in_use=queries.versions_in_use(on=_today()),
        any_of=any_of,
        may_keep=_may_keep(),
    )


@bp.route("/recipes/<code>")
@requires(Permission.SEE_STOCK)
def recipe(code: str) -> ResponseReturnValue:
    """Show a kit recipe with all its versions."""
    found = queries.recipe_by_code(code)
    current = queries.version_in_use(found.id, on=_today())
    return page(
        "inventory/catalogue/recipe.html",
        recipe=found,
        versions=queries.versions_of(found.id),
        current_id=current.id if current else None,
        any_of=any_of,
        today=_today(),
        may_keep=_may_keep(),
    )


@bp.route("/recipes/write", methods=["GET", "POST"], defaults={"code": None})
@bp.route("/recipes/<code>/write", methods=["GET", "POST"])
@requires(Permission.KEEP_CATALOGUE)
def write_recipe(code: str | None) -> ResponseReturnValue:
    """Write a kit recipe, or the next version of one."""
    found = queries.recipe_by_code(code) if code else None
    form = RecipeForm(**_begun(found))
    form.offer([(item.code, f"{item.name} ({item.code})") for item in queries.items()], PRINTED)
    if request.method == "POST" and "more" in request.form:
        form.add_lines()
    elif form.submitted():
        with refusals_on(form):
            with transaction():
                version = services.write_recipe_version(
                    found.code if found else form.code.data,
                    name=form.name.data,
                    in_use_from=form.in_use_from.day,
                    lines=form.new_lines(),
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                written, number = version.recipe.code, version.number
            flash(f"Version {number} of {form.name.data} has been written")
            return redirect(url_for("catalogue.recipe", code=written))
    return page("inventory/catalogue/write_recipe.html", form=form, recipe=found)


def _begun(found: KitRecipe | None) -> dict[str, Any]:
    """Begin the form with the newest version's lines, so that a new version changes only what changes."""
    if found is None:
        return {"in_use_from": _today()}
    newest = queries.versions_of(found.id)[0]
    lines = [
        line_data(line.item.code if line.item else None, line.any_of_kind, line.unit_count) for line in newest.lines
    ]
    return {"name": found.name, "code": found.code, "in_use_from": max(_today(), newest.in_use_from), "lines": lines}
