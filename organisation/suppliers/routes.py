"""Suppliers and donors: the list, and adding one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound
from core.figures.lists import listed
from core.paging import page_number, page_size
from core.parse import one_of, search_text
from core.privacy import refuse_personal_details
from core.web import page, refusals_on, requires, signed_in
from organisation.suppliers import queries, services
from organisation.suppliers.forms import SupplierForm

bp = Blueprint("suppliers", __name__, url_prefix="/suppliers")

KINDS = {"suppliers": False, "donors": True}


@bp.route("/")
@requires(Permission.KEEP_SPENDING, Permission.RECEIVE_DELIVERY, Permission.SEE_MONEY)
@listed
def index() -> ResponseReturnValue:
    """List suppliers and donors."""
    search = search_text(request.args.get("q"))
    refuse_personal_details(search)
    kind = one_of(request.args.get("kind"), KINDS, noun="kind")
    number = page_number(request.args.get("page"))
    found, total = queries.suppliers(search=search, donors=KINDS.get(kind), page=number)
    pages = max(1, -(-total // page_size(queries.PAGE_SIZE)))
    if number > pages:
        raise NotFound
    may_add = any(signed_in().may(each) for each in (Permission.KEEP_SPENDING, Permission.RECEIVE_DELIVERY))
    return page(
        "organisation/suppliers/index.html",
        suppliers=found,
        total=total,
        page=number,
        pages=pages,
        q=search,
        kind=kind,
        may_add=may_add,
    )


@bp.route("/add", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING, Permission.RECEIVE_DELIVERY)
def add() -> ResponseReturnValue:
    """Add a supplier or donor."""
    form = SupplierForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                added = services.add_supplier(
                    form.code.data,
                    form.name.data,
                    donor=form.kind.data == "donor",
                    by=signed_in(),
                    at=now(),
                    submission_id=form.submission_id.data,
                )
                name = added.name
            flash(f"{name} has been added")
            return redirect(url_for("suppliers.index"))
    return page("organisation/suppliers/add.html", form=form)
