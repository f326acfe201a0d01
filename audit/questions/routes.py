"""Questions on pages: the reader's list, one with all that followed, asking, and where pages tell of them.

A record's page says which questions are pinned to it, and a person's first page says how many wait for them. Slices
below own those pages, so they are named by endpoint only, as the navigation does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from audit.questions import queries, services
from audit.questions.forms import AnswerForm, AskForm, FollowForm
from audit.questions.models import Question
from audit.questions.queries import Pinned
from audit.questions.rules import QuestionAct, QuestionState, RecordKind
from core.access import Actor, Permission
from core.db import now, transaction
from core.errors import NotFound
from core.figures.lists import listed
from core.paging import page_number
from core.web import page, refusals_on, requires, signed_in, whole_actor

bp = Blueprint("questions", __name__, url_prefix="/questions")

RECORDS: dict[str, tuple[RecordKind, str]] = {
    "bags.show": (RecordKind.BAG, "tag"),
    "bags.slip": (RecordKind.ISSUE, "slip"),
    "claims.show": (RecordKind.CLAIM, "reference"),
    "counts.show": (RecordKind.COUNT, "reference"),
    "deliveries.show": (RecordKind.DELIVERY, "reference"),
    "requests.show": (RecordKind.REQUEST, "reference"),
    "spending.order": (RecordKind.ORDER, "reference"),
    "spending.row": (RecordKind.SPENDING, "row_reference"),
    "spending.show": (RecordKind.INVOICE, "reference"),
    "timelines.lot": (RecordKind.LOT, "lot_code"),
}
"""Page of a record → its kind, and the argument that names it."""

PAGE_OF = {kind: (endpoint, argument) for endpoint, (kind, argument) in RECORDS.items()}

HOMES = frozenset({"auditor.home", "desk.station", "desk.store", "position.index"})
"""First pages of those who ask and answer."""

TELLING = HOMES | RECORDS.keys()
CONCERNED = {Permission.KEEP_WORKING_PAPERS, Permission.ANSWER_QUESTION}


@dataclass(frozen=True)
class Told:
    """What a page tells of questions: how many wait for the reader, those of its record, and where to ask one."""

    waiting: int
    here: tuple[Pinned, ...]
    ask: str


def told() -> Told | None:
    """Say what this page tells its reader of questions; None where it tells nothing."""
    me, endpoint = whole_actor(), request.endpoint or ""
    if me is None or endpoint not in TELLING or not me.permissions & CONCERNED:
        return None
    found = queries.pinned(scope=_narrowed(me).scope)
    if endpoint in HOMES:
        return Told(sum(_waits_for(me, each) for each in found), (), "")
    kind, argument = RECORDS[endpoint]
    record = str((request.view_args or {}).get(argument, ""))
    here = tuple(each for each in found if (each.kind, each.record) == (kind, record))
    asks = me.may(Permission.KEEP_WORKING_PAPERS)
    return Told(0, here, url_for("questions.ask", kind=kind.name.lower(), record=record) if asks else "")


def _narrowed(me: Actor) -> Actor:
    asks = me.may(Permission.KEEP_WORKING_PAPERS)
    return me.acting_under(Permission.KEEP_WORKING_PAPERS if asks else Permission.ANSWER_QUESTION)


def _waits_for(me: Actor, question: Pinned) -> bool:
    """Say whether it is a person's turn: the asker's once answered; else the place's, or for money the officer's."""
    if me.may(Permission.KEEP_WORKING_PAPERS):
        return question.state is QuestionState.ANSWERED
    everywhere = _narrowed(me).scope.place_ids is None
    return question.state is QuestionState.OPEN and (question.place_id is None) == everywhere


def prepare(app: Flask) -> None:
    """Let every page tell of the questions pinned to its record."""
    app.jinja_env.globals.update(questions_told=told)


@bp.route("/")
@requires(Permission.KEEP_WORKING_PAPERS, Permission.ANSWER_QUESTION)
@listed
def index() -> ResponseReturnValue:
    """List the reader's questions: those that wait for an answer first."""
    found = queries.questions(scope=signed_in().scope, number=page_number(request.args.get("page")))
    return page("audit/questions/index.html", listed=found)


@bp.route("/ask/<kind>/<record>", methods=["GET", "POST"])
@requires(Permission.KEEP_WORKING_PAPERS)
def ask(kind: str, record: str) -> ResponseReturnValue:
    """Ask a question about a record."""
    asked = {each.name.lower(): each for each in RecordKind}.get(kind)
    if asked is None:
        raise NotFound
    found = queries.record_of(asked, record)
    form = AskForm()
    if form.submitted():
        with refusals_on(form):
            with transaction():
                made = services.ask_question(
                    asked, record, form.words.data, by=signed_in(), at=now(), submission_id=form.submission_id.data
                )
                reference = made.reference
            flash("The question is asked")
            return redirect(url_for("questions.show", reference=reference))
    return page(
        "audit/questions/ask.html", form=form, kind=asked, record=record, found=found,
        answers=queries.place_name(found.place_id), record_page=_page_of(asked, record),
    )  # fmt: skip


@bp.route("/<reference>", methods=["GET", "POST"])
@requires(Permission.KEEP_WORKING_PAPERS, Permission.ANSWER_QUESTION)
def show(reference: str) -> ResponseReturnValue:
    """Show a question with all that followed; who owns the record answers, who asked closes or asks again."""
    me = signed_in()
    question = queries.question_by_reference(reference, scope=me.scope)
    asks = me.may(Permission.KEEP_WORKING_PAPERS)
    form: FollowForm | AnswerForm = FollowForm() if asks else AnswerForm()
    if form.submitted():
        act = form.chosen() if isinstance(form, FollowForm) else QuestionAct.ANSWER
        with refusals_on(form):
            with transaction():
                services.take_step(
                    reference, act, form.words.data, scope=me.scope, by=me, at=now(),
                    submission_id=form.submission_id.data,
                )  # fmt: skip
            flash(f"The question is {act}")
            return redirect(url_for("questions.show", reference=reference))
    return page(
        "audit/questions/show.html", form=form, question=question, asks=asks,
        is_closed=question.state is QuestionState.CLOSED, record_page=_page_of(question.record_kind, question.record),
        answers=_answers(question),
    )  # fmt: skip


def _page_of(kind: RecordKind, record: str) -> str:
    endpoint, argument = PAGE_OF[kind]
    named: dict[str, Any] = {argument: record}
    return url_for(endpoint, **named)


def _answers(question: Question) -> str:
    return question.place.name if question.place else "the grant officers"
