"""Recording many phones at once: what belongs together, line by line, all of them or none."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.web import page, refusals_on, requires, signed_in
from inventory.phones import queries, services
from inventory.phones.forms import RecordForm
from inventory.phones.routes.blueprint import bp, today
from inventory.phones.rules import Problem


@bp.route("/record", methods=["GET", "POST"])
@requires(Permission.KEEP_PHONES)
def record() -> ResponseReturnValue:
    """Record handsets, SIMs, numbers and activations as they are scanned or pasted."""
    me = signed_in()
    form = RecordForm(data={"paired_on": today()})
    known = queries.operators()
    form.operator.choices = {"": "Choose", **{each.code: each.name for each in known}}
    if form.submitted() and not form.refuse_rows(_problems(form)):
        with refusals_on(form):
            with transaction():
                count = services.record_phones(
                    form.lines.data,
                    operator_code=form.operator.data or "",
                    paired_on=form.paired_on.day,
                    replace=form.replace.data,
                    scope=me.scope,
                    by=me,
                    at=now(),
                    submission_id=form.submission_id.data,
                )
            flash(_done(count))
            return redirect(url_for("phones.index"))
    return page("inventory/phones/record.html", form=form, operators=known)


def _problems(form: RecordForm) -> list[Problem]:
    """Tell what is wrong with the lines, against what is on record."""
    return services.row_problems(
        form.lines.data,
        paired_on=form.paired_on.day,
        replace=form.replace.data,
        operator_code=form.operator.data or "",
        scope=signed_in().scope,
        at=now(),
    )


def _done(count: int) -> str:
    if count == 0:
        return "Nothing was new: all of it was on record already"
    return f"Recorded {count:,} {'line' if count == 1 else 'lines'}"
