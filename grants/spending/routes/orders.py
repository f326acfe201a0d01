"""Orders: the list with what each still commits, one order, placing one, and ending a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound
from core.figures.lists import listed
from core.money import Pence
from core.paging import page_number, paged, paged_rows
from core.web import page, refusals_on, requires, signed_in
from grants.awards.models import GrantLine
from grants.awards.queries import line_of_award, revised_budgets
from grants.evidence import queries as evidence
from grants.evidence.rules import RecordKind
from grants.spending import queries, services
from grants.spending.forms import EndLineForm, OrderForm
from grants.spending.models import OrderLine
from grants.spending.routes import choices
from grants.spending.routes.blueprint import bp

MOST_LINES = 60


@bp.route("/orders/")
@requires(Permission.SEE_MONEY)
@listed
def orders() -> ResponseReturnValue:
    """List orders and what they still commit; with ``?line=`` only the lines that commit a grant line's money."""
    number, named = page_number(request.args.get("page")), request.args.get("line", "")
    if named:
        award_code, _, line_code = named.partition("/")
        line = line_of_award(award_code, line_code)
        lines = [each for each in queries.committed_lines(grant_line_ids=[line.id]) if each.pence]
        return page("grants/spending/committed.html", line=line, found=paged_rows(lines, number=number), all=lines)
    found = paged(queries.orders(), number=number)
    return page(
        "grants/spending/orders.html",
        found=found,
        sums=queries.order_sums([order.id for order in found.rows]),
        me=signed_in(),
    )


@bp.route("/orders/<reference>")
@requires(Permission.SEE_MONEY)
def order(reference: str) -> ResponseReturnValue:
    """Show an order: what was ordered, what is invoiced, what is still committed."""
    found = queries.order_by_reference(reference)
    lines = queries.committed_lines(order_ids=[found.id])
    return page(
        "grants/spending/order.html",
        order=found,
        lines=lines,
        beyond=_beyond_budget([each.line.grant_line for each in lines if each.pence]),
        invoices=queries.invoices_of_order(found.id),
        papers=evidence.beside((RecordKind.ORDER, found.reference)),
        me=signed_in(),
    )


@bp.route("/orders/place", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def place_order() -> ResponseReturnValue:
    """Record an order sent to a supplier."""
    form = OrderForm()
    whats = choices.bought()
    if "more" in request.form and len(form.rows) < MOST_LINES:
        form.rows.append_entry()
    form.offer(choices.suppliers(), whats, choices.grant_lines())
    if "more" not in request.form and form.submitted():
        with refusals_on(form):
            lines = form.new_lines(whats)
            with transaction():
                made = services.place_order(
                    lines,
                    supplier_code=form.supplier.data,
                    ordered_on=form.ordered_on.day,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                ).reference
            flash(f"{made} is recorded")
            return redirect(url_for("spending.order", reference=made))
    return page("grants/spending/place_order.html", form=form)


@bp.route("/orders/<reference>/lines/<int:position>/end", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def end_line(reference: str, position: int) -> ResponseReturnValue:
    """Say that nothing more will come of an order line."""
    line = _line_of(reference, position)
    form = EndLineForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.end_order_line(
                    reference,
                    position,
                    reason=form.reason.data or "",
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(f"Line {position} of {reference} commits nothing any more")
            return redirect(url_for("spending.order", reference=reference))
    return page("grants/spending/end_line.html", form=form, line=line, reference=reference)


@dataclass(frozen=True)
class Beyond:
    """A grant line whose orders and spending come to more than its budget; by how much, in pence."""

    line: GrantLine
    spoken_pence: Pence
    budget_pence: Pence

    @property
    def over_pence(self) -> Pence:
        """How much more they come to."""
        return Pence(self.spoken_pence - self.budget_pence)


def _beyond_budget(lines: Sequence[GrantLine]) -> list[Beyond]:
    """Find the lines an order still commits of that it takes beyond their budget."""
    found = {line.id: line for line in lines}
    spoken, budgets = queries.spoken_for(found), revised_budgets(found)
    return [
        Beyond(line, spoken[line_id], budgets[line_id])
        for line_id, line in found.items()
        if spoken[line_id] > budgets[line_id]
    ]


def _line_of(reference: str, position: int) -> OrderLine:
    order = queries.order_by_reference(reference)
    found = next((line for line in order.lines if line.position == position), None)
    if found is None:
        raise NotFound
    return found
