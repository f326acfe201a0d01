"""One handset or SIM: what it is paired with, that it was reset, that it was used."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from core.access import Permission
from core.db import now, transaction
from core.errors import NotFound
from core.forms import Form
from core.web import page, refusals_on, requires, signed_in
from inventory.phones import queries, rules, services
from inventory.phones.forms import EndForm, PairForm, ResetForm, UndoForm, UseForm
from inventory.phones.queries import UnitHeld
from inventory.phones.routes.blueprint import bp, today, unit_name
from inventory.phones.rules import NumberKind, PairedSide, PhoneLine, UseKind
from organisation.places.queries import places


def _held(unit_id: int, kind: NumberKind | None = None) -> UnitHeld:
    """Find a unit that stands at one of the person's places.

    Raises:
        NotFound: there is none of that kind for this person.
    """
    unit = queries.unit_held(unit_id, scope=signed_in().scope)
    if unit.place_id is None or kind not in (None, unit.number_kind):
        raise NotFound
    return unit


def _shown(template: str, unit: UnitHeld, form: Form, **facts: object) -> ResponseReturnValue:
    return page(template, unit=unit, name=unit_name(unit), form=form, **facts)


def _recorded(
    unit: UnitHeld, form: Form, act: Callable[..., object], done: str, **facts: object
) -> ResponseReturnValue | None:
    """Do with a unit what its form asks, and go back to its page; None when that was refused, with words on the form.

    Args:
        act: the service, which takes who does it, when, and where the person may.
        done: what to say afterwards.
    """
    me = signed_in()
    with refusals_on(form):
        with transaction():
            act(scope=me.scope, by=me, at=now(), submission_id=form.submission_id.data, **facts)
        flash(done)
    return None if form.problems else redirect(url_for("timelines.unit", unit_id=unit.unit_id))


@bp.route("/<int:unit_id>/pair/<side>", methods=["GET", "POST"])
@requires(Permission.KEEP_PHONES, Permission.TEXT_PHONES)
def pair(unit_id: int, side: str) -> ResponseReturnValue:
    """Record which SIM is in a phone, or which number a SIM has, from a day on."""
    unit = _held(unit_id)
    asked = _side(side, unit)
    form = PairForm(data={"paired_on": today()})
    form.number.label.text = _asks(asked, unit)
    if form.submitted():
        pairs = partial(_pair, asked, unit, form.number.data)
        if done := _recorded(unit, form, pairs, "The pairing has been recorded", paired_on=form.paired_on.day):
            return done
    return _shown("inventory/phones/pair.html", unit, form, side=asked, history=_sentences(unit))


def _pair(side: PairedSide, unit: UnitHeld, typed: str, **act: Any) -> None:
    """Pair a unit with what was typed; whatever either was paired with until now ends."""
    services.record_phones([_line(side, unit, typed)], replace=True, **act)


def _side(side: str, unit: UnitHeld) -> PairedSide:
    """Read which side of a unit is meant: a handset has only a SIM.

    Raises:
        NotFound: there is no such side.
    """
    if side not in list(PairedSide) or (side == PairedSide.NUMBER and unit.number_kind is NumberKind.IMEI):
        raise NotFound
    return PairedSide(side)


def _asks(side: PairedSide, unit: UnitHeld) -> str:
    if side is PairedSide.NUMBER:
        return "Phone number of this SIM"
    return "ICCID of the SIM in this phone" if unit.number_kind is NumberKind.IMEI else "IMEI of the phone it is in"


def _line(side: PairedSide, unit: UnitHeld, typed: str) -> PhoneLine:
    """Turn what was typed into a line as a bulk record has it.

    Raises:
        RuleBroken: it is no such number.
    """
    if side is PairedSide.NUMBER:
        return PhoneLine(1, iccid=unit.number, number=rules.phone_number(typed, field="number"))
    if unit.number_kind is NumberKind.IMEI:
        return PhoneLine(1, imei=unit.number, iccid=rules.iccid(typed, field="number"))
    return PhoneLine(1, imei=rules.imei(typed, field="number"), iccid=unit.number)


def _sentences(unit: UnitHeld) -> tuple[str, ...]:
    whole = rules.sees_whole_numbers(signed_in(), unit.place_id)
    return queries.told(unit, whole=whole, on=today()).sentences


@bp.route("/<int:unit_id>/end/<side>", methods=["GET", "POST"])
@requires(Permission.KEEP_PHONES)
def end(unit_id: int, side: str) -> ResponseReturnValue:
    """Record that a pairing ended and nothing took its place."""
    unit = _held(unit_id)
    asked = _side(side, unit)
    form = EndForm(data={"ended_on": today()})
    if form.submitted():
        ends = partial(services.end_pairing, unit_id, asked)
        said = "The pairing has ended. It stays in the history"
        if done := _recorded(unit, form, ends, said, ended_on=form.ended_on.day):
            return done
    return _shown("inventory/phones/end.html", unit, form, side=asked, history=_sentences(unit))


@bp.route("/<int:unit_id>/reset", methods=["GET", "POST"])
@requires(Permission.KEEP_PHONES)
def reset(unit_id: int) -> ResponseReturnValue:
    """Record that a handset was reset to its factory settings and nothing of a previous owner is on it."""
    unit = _held(unit_id, NumberKind.IMEI)
    form = ResetForm(data={"reset_on": today()})
    if form.submitted():
        resets = partial(services.record_reset, unit_id)
        said = "Recorded: factory reset, no previous owner"
        if done := _recorded(unit, form, resets, said, reset_on=form.reset_on.day):
            return done
    return _shown("inventory/phones/reset.html", unit, form)


@bp.route("/<int:unit_id>/use", methods=["GET", "POST"])
@requires(Permission.TEXT_PHONES)
def use(unit_id: int) -> ResponseReturnValue:
    """Record one use of a SIM, or its credit as it was read."""
    unit = _held(unit_id, NumberKind.ICCID)
    form = UseForm(data={"used_on": today(), "kind": UseKind.TEXT.value})
    if form.submitted():
        uses = partial(services.record_uses, _place_code(unit), {unit_id: form.credit.data})
        if done := _recorded(unit, form, uses, "Recorded", kind=UseKind(form.kind.data), used_on=form.used_on.day):
            return done
    return _shown("inventory/phones/use.html", unit, form)


def _place_code(unit: UnitHeld) -> str:
    """Give the code of the place a unit is at."""
    return next(place.code for place in places(scope=signed_in().scope) if place.id == unit.place_id)


@bp.route("/uses/<int:use_id>/undo", methods=["GET", "POST"])
@requires(Permission.TEXT_PHONES)
def undo(use_id: int) -> ResponseReturnValue:
    """Undo a use that was recorded by mistake."""
    me = signed_in()
    found, number, place = queries.use_by_id(use_id, scope=me.scope)
    form = UndoForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                services.undo_use(use_id, scope=me.scope, by=me, at=now(), submission_id=form.submission_id.data)
            flash("Undone. Both entries stay on record")
            return redirect(url_for("phones.texting", place_code=place.code))
    return page(
        "inventory/phones/undo.html",
        use=found,
        name=f"SIM ending {number[-4:]}",
        words=rules.USE_WORDS[found.kind],
        place=place,
        form=form,
    )
