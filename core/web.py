"""The edge of the web: access declared on views, refusals turned into answers, headers, pages.

Only this module catches what services raise. A view says which permission it needs with ``@requires`` or that
it needs none with ``@public``; the app refuses to start when one says neither.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, cast
from urllib.parse import unquote

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.templating import Environment
from flask.typing import ResponseReturnValue
from flask_login import current_user as _current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import IntegerConverter, Map

from core import trail
from core.access import Actor, Permission
from core.db import db, now
from core.errors import Collided, NotFound, NotPermitted, Refusal, TooMany, Unavailable
from core.forms import Form
from core.privacy import personal_detail

Params = ParamSpec("Params")
View = Callable[Params, ResponseReturnValue]

csrf = CSRFProtect()
current_user: Any = _current_user
log = logging.getLogger("go_bags")

MOST_FIELDS = 5_000
"""How many fields a form may have."""

LONGEST_NAME = 100
"""How long the name of a field may be."""

LARGEST_NUMBER = 2**63 - 1
"""The largest number of a row that either database can be asked for."""


TRIES = 3
"""How often a request is answered anew where its change and somebody else's got in each other's way."""


class Templates(Environment):
    """Templates whose globals are one plain dictionary.

    jinja gives each template a chain of two, and compares it name by name at every import of a macro; a page has dozens
    of those, and they took a tenth of it. Globals must be whole before the first template is read.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Put a template's own globals beside those of all."""
        return {**self.globals, **(d or {})}


class Service(Flask):
    """The application. A request whose change the database undid in favour of another is answered anew.

    The whole view runs again, with the form parsed again and everything read again: nothing of the first run
    was saved, and a change that was saved earlier in it knows its submission id.
    """

    jinja_environment = Templates

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer a request; up to three times where its change collides."""
        for tried in range(1, TRIES):
            try:
                return super().dispatch_request()
            except Collided:
                log.warning("collision %s at %s %s, answered anew", tried, request.method, _safe_path())
                _forget_answer()
        return super().dispatch_request()


def _forget_answer() -> None:
    """Put a request back to where it stood before its view ran."""
    db.session.rollback()
    for fact in ("answer_status", "retry_after"):
        g.pop(fact, None)
    for file in request.files.values():
        file.stream.seek(0)


class RowNumber(IntegerConverter):
    """A number in an address; one that no row can have leads nowhere."""

    def __init__(self, of: Map, **bounds: Any) -> None:
        super().__init__(of, **{"max": LARGEST_NUMBER, **bounds})


def requires(*permissions: Permission, fresh: bool = False) -> Callable[[View[Params]], View[Params]]:
    """Let only people through who hold one of the permissions; everybody else is refused or asked to sign in.

    Args:
        fresh: whether they must have proved lately that it is them, since the act binds others (approving,
            signing, closing, giving roles); who has not is asked for the password once more.
    """

    def declare(view: View[Params]) -> View[Params]:
        @wraps(view)
        def guarded(*args: Params.args, **kwargs: Params.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated and _asked_by_script():
                return _error_page(401)
            if not current_user.is_authenticated:
                return redirect(url_for("accounts.sign_in", next=_asked_for()))
            g.actor = _narrowed(cast(Actor, current_user.actor), permissions)
            if fresh and not current_user.proved_lately(sending=request.method == "POST"):
                return _proof_first()
            return view(*args, **kwargs)

        guarded.access = frozenset(permissions)  # type: ignore[attr-defined]  # no function's type has it; start-up asks it
        guarded.fresh = fresh  # type: ignore[attr-defined]  # no function's type has it; the tests of access ask it
        return guarded

    return declare


def public(view: View[Params]) -> View[Params]:
    """Let everybody through, signed in or not."""
    view.access = frozenset()  # type: ignore[attr-defined]  # no function's type has it; start-up asks it of public views too
    return view


def _asked_by_script() -> bool:
    """Say whether one of our scripts asks, which reads JSON and cannot sign anybody in."""
    return request.accept_mimetypes.best == "application/json"


def _asked_for() -> str | None:
    """Give the page to come back to after signing in: only ever one of ours, asked for by GET."""
    return request.full_path.rstrip("?") if request.method == "GET" else None


def _proof_first() -> ResponseReturnValue:
    """Ask for the password once more, and come back to the page; what a form sent is not acted on."""
    if request.method == "POST":
        flash("Nothing has been saved yet. Confirm it is you, then send the form again")
    return redirect(url_for("accounts.confirm", next=_page_again()))


def _page_again() -> str | None:
    """Give the page that a form was sent from, where it can be opened again."""
    rule = request.url_rule
    return request.full_path.rstrip("?") if rule and "GET" in (rule.methods or ()) else None


def _narrowed(actor: Actor, permissions: tuple[Permission, ...]) -> Actor:
    """Keep the appointments that carry any of the permissions."""
    counting = tuple(held for held in actor.appointments if any(held.grants(wanted) for wanted in permissions))
    if not counting:
        raise NotPermitted
    return Actor(actor.account_id, actor.name, counting)


def signed_in() -> Actor:
    """Give the person acting, narrowed to what the view requires."""
    return cast(Actor, g.actor)


def whole_actor() -> Actor | None:
    """Give the signed-in person with every appointment, or None."""
    return cast(Actor, current_user.actor) if current_user.is_authenticated else None


def demand_declared_access(app: Flask) -> None:
    """Refuse to start when a view says neither who may use it nor that everybody may."""
    silent = sorted(
        name for name, view in app.view_functions.items() if name != "static" and not hasattr(view, "access")
    )
    if silent:
        raise RuntimeError("no policy for " + ", ".join(silent))


@contextmanager
def refusals_on(form: Form) -> Iterator[None]:
    """Put a refusal on the form it concerns, so that the page is shown again with the person's own words."""
    try:
        yield
    except (NotPermitted, NotFound, Collided):
        raise
    except Refusal as refusal:
        form.refuse(refusal.message, refusal.field)
        g.answer_status = refusal.status
        g.retry_after = getattr(refusal, "retry_after_seconds", None)


def page(template: str, /, **facts: Any) -> ResponseReturnValue:
    """Render a page; its status says whether the form on it was refused."""
    status = getattr(g, "answer_status", None)
    if status is None:
        failed = any(isinstance(fact, Form) and fact.problems for fact in facts.values())
        status = 422 if failed else 200
    return render_template(template, **facts), status


def asks_for_head() -> bool:
    """Say whether a request asks for the head of an answer alone: then nothing leaves, and nothing is noted as left."""
    return has_request_context() and request.method == "HEAD"


def download(data: bytes, *, filename: str, content_type: str) -> Response:
    """Answer with a file to keep, and nothing a browser would run."""
    response = Response(data, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def prepare(app: Flask) -> None:
    """Give an app its error pages, headers and template globals."""
    app.url_map.converters["int"] = RowNumber
    app.before_request(_refuse_oversized)
    csrf.init_app(app)
    app.before_request(_refuse_nul)
    app.before_request(_refuse_strange_names)
    app.register_error_handler(Refusal, _answer_refusal)
    app.register_error_handler(CSRFError, _answer_unproved)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_bug)
    app.after_request(_headers)
    app.jinja_env.globals.update(signed_in_actor=whole_actor, csp_nonce=_nonce, Permission=Permission)


def _refuse_oversized() -> None:
    """Refuse a form larger than any page of ours sends; only files may be large.

    Werkzeug bounds the parts of a form with files by itself, and nothing of one without.

    Raises:
        HTTPException: 413.
    """
    if request.mimetype != "multipart/form-data":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    if sum(1 for _ in request.form.items(multi=True)) > MOST_FIELDS:
        abort(413)


NUL_SENT = "What you sent holds a sign that no text can have. Nothing has been saved. Type it instead of pasting it"


def _refuse_nul() -> None:
    """Refuse the sign NUL, which nobody types and PostgreSQL keeps in no text.

    Raises:
        HTTPException: 404 for an address, which so names nothing; 400 for a form.
    """
    if any("\0" in text for text in (request.path, *_texts(request.args))):
        abort(404)
    if any("\0" in text for text in (*_texts(request.form), *(file.filename or "" for file in request.files.values()))):
        abort(400, NUL_SENT)


def _refuse_strange_names() -> None:
    """Refuse a form with a field that no page of ours has: WTForms counts rows by whatever Unicode calls a digit.

    Raises:
        HTTPException: 400.
    """
    if any(not name.isascii() or len(name) > LONGEST_NAME for name in request.form):
        abort(400)


def _texts(sent: MultiDict[str, str]) -> Iterator[str]:
    for name, value in sent.items(multi=True):
        yield from (name, value)


def _nonce() -> str:
    """Give the answer's nonce; made when first asked for, since a refusal may come before any other step."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


SIGNED_OUT = (
    "You were signed out meanwhile, so nothing has been saved. Sign in again, and enter it once more: a session ends "
    "after 30 minutes without use, and after 8 hours"
)


def _answer_unproved(_problem: CSRFError) -> ResponseReturnValue:
    """Answer a form without its session's token: somebody whose session ended is told so, and where to sign in."""
    view = current_app.view_functions.get(request.endpoint or "")
    if current_user.is_authenticated or _asked_by_script() or not getattr(view, "access", None):
        return _error_page(400)
    return _error_page(400, SIGNED_OUT, sign_in=url_for("accounts.sign_in", next=_page_again()))


def _answer_refusal(refusal: Refusal) -> ResponseReturnValue:
    # Read before what was read is let go: an open read would keep the log waiting.
    me = whole_actor() if isinstance(refusal, NotPermitted | NotFound) else None
    db.session.rollback()
    if me is not None:
        trail.record_access(act="refused", subject=_safe_path(), by=me, at=now(), status=refusal.status)
    answer = current_app.make_response(_error_page(refusal.status, refusal.message))
    if isinstance(refusal, TooMany | Unavailable):
        answer.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return answer


def _safe_path() -> str:
    """Give the path asked for, or its pattern alone where somebody wrote details of a person into it."""
    return request.path if personal_detail(unquote(request.path)) is None else str(request.url_rule)


def _answer_http(problem: HTTPException) -> ResponseReturnValue:
    if problem.code is not None and problem.code < 400:
        return problem
    if isinstance(problem, SecurityError):
        # No page: its links cannot be written for a name that is not ours.
        return Response("The service does not go by this name", 400, content_type="text/plain; charset=utf-8")
    words = _too_large() if problem.code == 413 else NUL_SENT if problem.description == NUL_SENT else None
    answer = current_app.make_response(_error_page(problem.code or 500, words))
    for name, value in problem.get_headers(request.environ):
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _too_large() -> str | None:
    """Say that a file was too large, where one was sent; None where a form was, with more in it than ours have."""
    most = int(current_app.config["MAX_CONTENT_LENGTH"])
    if request.mimetype != "multipart/form-data" or (request.content_length or 0) <= most:
        return None
    # The last megabyte is for what a form sends beside its file.
    return f"The file must be {most // 1024**2 - 1} MB or smaller. Nothing has been saved. Send it in smaller parts"


def _answer_bug(bug: Exception) -> ResponseReturnValue:
    """Answer an error that is ours: a short reference for the person, the whole story for the log."""
    db.session.rollback()
    reference = secrets.token_hex(4)
    log.error("bug %s at %s %s", reference, request.method, _safe_path(), exc_info=bug)
    if current_app.config.get("PROPAGATE_BUGS"):
        raise bug
    return _error_page(500, reference=reference)


def _error_page(
    status: int, message: str | None = None, reference: str | None = None, sign_in: str | None = None
) -> ResponseReturnValue:
    known = status if status in (400, 401, 403, 404, 405, 409, 413, 422, 429, 503) else 500 if status >= 500 else 400
    words = message or ERROR_WORDS[known]
    if _asked_by_script():
        return {"message": words}, status
    shown = {"status": status, "message": words, "reference": reference, "sign_in": sign_in}
    return render_template("errors/error.html", **shown), status


ERROR_WORDS = {
    400: "Your form has expired. Try again",
    401: "Sign in first",
    403: "You do not have permission to do this",
    404: "Page not found",
    405: "This page cannot be used that way",
    409: "Someone changed this while you were working. Check it and try again",
    413: "What you sent is larger than any form here takes. Nothing has been saved. Send it in smaller parts",
    422: "Check what you entered and try again",
    429: "Too many attempts. Try again later",
    500: "Sorry, there is a problem with the service",
    503: "Sorry, there is a problem. Nothing has been saved",
}


def _headers(response: Response) -> Response:
    """Set the security headers; pages of signed-in people are never kept by a browser or a proxy."""
    nonce = _nonce()
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; "
        f"script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
        "frame-ancestors 'none'",
    )
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.vary.add("Cookie")
    if request.is_secure:
        year = int(timedelta(days=365).total_seconds())
        response.headers["Strict-Transport-Security"] = f"max-age={year}; includeSubDomains"
    retry_after = getattr(g, "retry_after", None)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response
