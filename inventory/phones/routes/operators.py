"""Mobile operators and their lapse rules."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.figures.lists import listed
from core.web import page, refusals_on, requires, signed_in
from inventory.phones import queries, services
from inventory.phones.forms import OperatorForm, RuleForm
from inventory.phones.routes.blueprint import bp, today


@bp.route("/operators/")
@requires(Permission.KEEP_OPERATORS)
@listed
def operators() -> ResponseReturnValue:
    """List the operators with the rule in force."""
    return page(
        "inventory/phones/operators.html",
        operators=queries.operators(),
        rules=queries.rules_in_force(on=today()),
    )


@bp.route("/operators/add", methods=["GET", "POST"])
@requires(Permission.KEEP_OPERATORS)
def add_operator() -> ResponseReturnValue:
    """Record an operator and its lapse rule."""
    form = OperatorForm(data={"first_day": today(), "by_text": True, "by_top_up": True})
    if form.submitted():
        with refusals_on(form):
            with transaction():
                operator = services.add_operator(
                    form.operator.data,
                    days_to_lapse=form.days_to_lapse.data,
                    counts=form.counted,
                    first_day=form.first_day.day,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                name = operator.name
            flash(f"{name} has been recorded")
            return redirect(url_for("phones.operators"))
    return page("inventory/phones/add_operator.html", form=form)


@bp.route("/operators/<code>/rule", methods=["GET", "POST"])
@requires(Permission.KEEP_OPERATORS)
def change_rule(code: str) -> ResponseReturnValue:
    """Record an operator's new lapse rule from a day on."""
    operator = queries.operator_by_code(code)
    form = RuleForm(data={"first_day": today()})
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.change_rule(
                    code,
                    days_to_lapse=form.days_to_lapse.data,
                    counts=form.counted,
                    first_day=form.first_day.day,
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash("The rule has been recorded. Earlier rules stay on record")
            return redirect(url_for("phones.operators"))
    return page(
        "inventory/phones/change_rule.html",
        form=form,
        operator=operator,
        rule=queries.rules_in_force(on=today()).get(operator.id),
    )
