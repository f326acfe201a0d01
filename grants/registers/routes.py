"""The registers of grants, each as a page and a file, and what people say for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core import trail
from core.access import Permission
from core.dates import MONTHS, Quarter, local_day, months_between, quarter
from core.db import db, now, transaction
from core.errors import NotFound
from core.figures import FileKind
from core.figures.answers import data_cut_off, issue, send
from core.forms import Form
from core.money import Pence
from core.paging import page_number, paged_rows
from core.periods import Period, newest_ended, period_choices, period_of
from core.web import asks_for_head, page, refusals_on, requires, signed_in
from core.web import download as file_answer
from grants.awards import queries as awards
from grants.registers import queries, report, services
from grants.registers.forms import AssetForm, DisposalForm, NoticeForm, RecipientForm, ValueForm
from grants.registers.rules import grants_json
from grants.spending import queries as spending

SERIES = "SP-"
"""How references of spending without an invoice begin."""

bp = Blueprint("registers", __name__, url_prefix="/registers")


@bp.route("/")
@requires(Permission.SEE_MONEY)
def index() -> ResponseReturnValue:
    """Say which registers there are."""
    return page("grants/registers/index.html")


@bp.route("/items")
@requires(Permission.SEE_MONEY)
def items() -> ResponseReturnValue:
    """List fixed and attractive items, with how each that is gone was disposed of."""
    found = queries.registered_items()
    return page(
        "grants/registers/items.html",
        shown=paged_rows(found, number=page_number(request.args.get("page"))),
        held_count=sum(not each.disposed for each in found),
        total_pence=sum(each.pence for each in found),
        files=_files(report.ITEMS),
        me=signed_in(),
    )


@bp.route("/items/<row_reference>/disposal", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def dispose(row_reference: str) -> ResponseReturnValue:
    """Say how a fixed asset left, on which day and for how much."""
    row, form = spending.row_by_reference(row_reference), DisposalForm()
    answer = _done(
        form, "The disposal is recorded", url_for("registers.items"),
        lambda who: services.dispose_of_asset(
            row_reference, disposed_on=form.disposed_on.day, proceeds_pence=Pence(form.proceeds.data),
            words=form.words.data, **who,
        ),
    )  # fmt: skip
    return answer or page("grants/registers/dispose.html", form=form, row=row)


@bp.route("/items/<row_reference>/describe", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def describe(row_reference: str) -> ResponseReturnValue:
    """Say where a fixed asset is, with its serial number and how it is depreciated."""
    row = spending.row_by_reference(row_reference)
    form = AssetForm(obj=queries.details([row.id]).get(row.id))
    answer = _done(
        form, "What the register says of it is recorded", url_for("registers.items"),
        lambda who: services.describe_asset(
            row_reference, location=form.location.data, serial_number=form.serial_number.data or "",
            deeds=form.deeds.data or "", depreciation=form.depreciation.data or "", **who,
        ),
    )  # fmt: skip
    return answer or page("grants/registers/describe.html", form=form, row=row)


@bp.route("/losses")
@requires(Permission.SEE_MONEY)
def losses() -> ResponseReturnValue:
    """List what was written off or lost, priced to its grant lines, and when the funder was told."""
    found = queries.losses()
    return page(
        "grants/registers/losses.html",
        shown=paged_rows(found, number=page_number(request.args.get("page"))),
        granted_pence=sum(each.granted_pence for each in found),
        untold_pence=sum(each.granted_pence for each in found if each.notified_on is None),
        files=_files(report.LOSSES),
        me=signed_in(),
    )


@bp.route("/losses/<int:posting_id>/notice", methods=["GET", "POST"])
@requires(Permission.PREPARE_CLAIM)
def notice(posting_id: int) -> ResponseReturnValue:
    """Record that the funder was told of a loss."""
    lost, form = queries.loss_of(posting_id), NoticeForm()
    answer = _done(
        form, "It is recorded that the funder was told", url_for("registers.losses"),
        lambda who: services.record_notice(
            posting_id, notified_on=form.notified_on.day, outside_reference=form.outside_reference.data or "", **who
        ),
    )  # fmt: skip
    return answer or page("grants/registers/notice.html", form=form, lost=lost)


def _asked(at: date) -> tuple[Period, dict[str, list[tuple[str, str]]]]:
    """Give the period asked for, the newest quarter that is over without, and the quarters and months to choose from.

    The order asks for every month; whoever publishes each quarter may.
    """
    first = min((award.starts_on for award in awards.awards()), default=at)
    choices = period_choices(min(first, at), at)
    chosen = request.args.get("from"), request.args.get("to")
    period = period_of(*chosen) if any(chosen) else newest_ended(choices, at).period
    quarters = [each.period for each in choices if "-q" in each.code]
    months = months_between(quarters[min(len(quarters), MONTHS_OF_QUARTERS) - 1].first, at)
    by_month = [Period(each.first, each.last, f"{MONTHS[each.number - 1]} {each.year}") for each in reversed(months)]
    offered = {"Quarters": _offered(quarters), "Months": _offered(by_month)}
    return period, offered


def _offered(periods: Iterable[Period]) -> list[tuple[str, str]]:
    return [(each.name, url_for("registers.spending_over_500", **_days(each))) for each in periods]


def _days(period: Period | Quarter) -> dict[str, Any]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


@bp.route("/spending")
@requires(Permission.SEE_MONEY)
def spending_over_500() -> ResponseReturnValue:
    """List spending over £500 of a period, as it is published."""
    at = data_cut_off()
    period, offered = _asked(local_day(at))
    made = report.freeze_spending(period, at=at)
    return page(
        "grants/registers/spending_over_500.html",
        made=made,
        offered=offered,
        shown=paged_rows(made.items, number=page_number(request.args.get("page"))),
        files=_files(OVER_500, **_days(period)),
        upload=url_for("registers.download", register="spending", kind="csv", **_days(period)),
        days=_days(period),
        me=signed_in(),
    )


@bp.route("/spending/<reference>/value", methods=["GET", "POST"])
@requires(Permission.KEEP_SPENDING)
def value(reference: str) -> ResponseReturnValue:
    """Say why an invoice is good value for money; of spending without one, who was paid as well."""
    if reference.startswith(SERIES):
        return _recipient(reference)
    invoice = spending.invoice_by_reference(reference)
    form = ValueForm(obj=queries.newest_reason(invoice.id))
    listed = url_for("registers.spending_over_500", **_days(quarter(invoice.invoiced_on)))
    answer = _done(
        form, "The reason is recorded", listed,
        lambda who: services.say_value(reference, words=form.words.data, **who),
    )  # fmt: skip
    return answer or page("grants/registers/value.html", form=form, invoice=invoice, row=None, listed=listed)


def _recipient(reference: str) -> ResponseReturnValue:
    """Say who was paid by spending that has no invoice, and why it is good value for money."""
    row = spending.row_by_reference(reference)
    form = RecipientForm(obj=queries.newest_recipient(row.id))
    listed = url_for("registers.spending_over_500", **_days(quarter(row.incurred_on)))
    answer = _done(
        form, "Who was paid, and why, is recorded", listed,
        lambda who: services.say_recipient(reference, payee=form.payee.data, words=form.words.data, **who),
    )  # fmt: skip
    return answer or page("grants/registers/value.html", form=form, invoice=None, row=row, listed=listed)


@bp.route("/grants")
@requires(Permission.SEE_MONEY)
def grants() -> ResponseReturnValue:
    """Show the awards as open data."""
    return page("grants/registers/grants.html", found=queries.open_grants())


@bp.route("/<register>.<any(pdf, csv, xlsx):kind>")
@requires(Permission.DOWNLOAD_REPORTS)
def download(register: str, kind: str) -> ResponseReturnValue:
    """Take a register away as a file; what is uploaded for machines is bare CSV."""
    # Painting is loaded when something is painted, for every start would wait for it.
    if register == OVER_500:
        from grants.registers.pdf import spending_file

        at = data_cut_off()
        over = report.freeze_spending(_asked(local_day(at))[0], at=at)
        return issue(over, FileKind(kind), spending_file, sort="spending", filters=over.filters, by=signed_in())
    if register in FROZEN:
        from grants.registers.pdf import file_of, marking_of

        made = FROZEN[register](at=data_cut_off())
        return issue(
            made, FileKind(kind), file_of, sort=register, filters=made.filters, by=signed_in(), marking=marking_of(made)
        )
    if register not in PUBLISHED or kind != FileKind.CSV:
        raise NotFound
    data, name = _csv(register)
    return send(
        data, FileKind.CSV, name=name, sort="register", title=PUBLISHED[register], filters=[("File", name)],
        by=signed_in(), register=register,
    )  # fmt: skip


FROZEN = {report.ITEMS: report.freeze_items, report.LOSSES: report.freeze_losses}
"""Register of things, as its address names it → what freezes it."""

MONTHS_OF_QUARTERS = 5
"""The months of so many quarters, the newest, are offered one by one."""

OVER_500 = "over-500"
"""Spending over £500 as a report, as its address names it; the bare CSV that is uploaded is ``spending``."""

PUBLISHED = {"grants": "Awards as open data", "spending": "Spending over £500"}
"""Register published for machines, as its address names it → what its file is called."""


def _files(register: str, **days: Any) -> list[tuple[FileKind, str]]:
    return [(kind, url_for("registers.download", register=register, kind=kind.value, **days)) for kind in FileKind]


def _csv(register: str) -> tuple[bytes, str]:
    if register == "grants":
        return report.grants_csv(queries.open_grants()), "awards-360giving"
    at = data_cut_off()
    made = report.freeze_spending(_asked(local_day(at))[0], at=at)
    name = f"spending-over-500-{made.period.first.isoformat()}-{made.period.last.isoformat()}"
    return report.spending_csv(made), name


@bp.route("/grants.json")
@requires(Permission.DOWNLOAD_REPORTS)
def grants_package() -> Response:
    """Take the awards away as a package of the 360Giving standard.

    The register of issued reports knows PDF, CSV and XLSX; a package for machines leaves its entry in the access log.
    """
    found = queries.open_grants()
    if not found:  # a package of the standard has one grant at least
        raise NotFound
    me, data = signed_in(), grants_json(found).encode()
    db.session.rollback()  # a reader of its own would keep the log's short transaction waiting
    if not asks_for_head():
        trail.record_access(
            act="report.download", subject="awards-360giving", by=me, at=now(), kind="json",
            sha256=sha256(data).hexdigest(),
        )  # fmt: skip
    return file_answer(data, filename="awards-360giving.json", content_type="application/json")


def _done(form: Form, said: str, address: str, act: Callable[[dict[str, Any]], object]) -> ResponseReturnValue | None:
    """Do what a form asks and go on; None while it is not sent, or refused."""
    if form.submitted():
        with refusals_on(form):
            who = {"by": signed_in(), "at": now(), "submission_id": form.submission_id.data}
            with transaction():
                act(who)
            flash(said)
            return redirect(address)
    return None
