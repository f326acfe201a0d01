"""One page that lists what looks wrong, sort by sort, each with its way to the record."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from audit.exceptions.forms import DaysForm
from audit.exceptions.report import Exceptions, exceptions_of
from audit.exceptions.rules import Leads, Oddity
from core.access import Permission
from core.dates import local_day
from core.db import now
from core.figures.lists import listed
from core.paging import page_size
from core.periods import named
from core.web import page, requires

bp = Blueprint("exceptions", __name__, url_prefix="/audit/exceptions")

USUAL = timedelta(days=365)
"""How far back is looked where nobody says."""

MOST_LISTED = 25
"""So many of a sort are listed; the rest are counted, and are in the file."""


@bp.route("/")
@requires(Permission.KEEP_WORKING_PAPERS)
@listed
def index() -> ResponseReturnValue:
    """List what looks wrong in some days: the last year where none are given."""
    form = DaysForm.reading(request.args)
    found: Exceptions | None = None
    if form.validate():
        last = form.last.data or local_day(now())
        first = form.first.data or last - USUAL
        if first > last:
            form.refuse("The last day is before the first", "last")
        else:
            found = exceptions_of(named(first, last))
    return page("audit/exceptions/index.html", form=form, found=found, most=page_size(MOST_LISTED), address=_address)


def _address(odd: Oddity) -> str:
    """Give the address of the record something odd is about."""
    match odd.leads:
        case Leads.ROW:
            return url_for("spending.row", row_reference=odd.record)
        case Leads.INVOICE:
            return url_for("spending.show", reference=odd.record)
        case Leads.CLAIM:
            return url_for("claims.show", reference=odd.record)
        case Leads.REQUEST:
            return url_for("requests.show", reference=odd.record)
        case Leads.ISSUE:
            return url_for("bags.slip", slip=odd.record)
        case Leads.PLACE:
            return url_for("timelines.place", place_code=odd.record)
        case Leads.RECONCILIATION:
            award_code, first = odd.record.split()
            return url_for("reconciliation.show", award_code=award_code, first=first)
