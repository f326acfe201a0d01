"""Sessions on the server, as Flask asks for them.

The cookie holds a random key; its record says what the session holds, since when, and when it was last used. The
record alone decides when it ends: after 30 minutes without use, after 8 hours, when somebody signs out, or when
it is replaced at sign-in. A page that needs no session gets none.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response, g, session
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin
from sqlalchemy.exc import OperationalError

from core.db import db, now, writing_connection
from core.errors import Unavailable
from organisation.accounts import queries, services
from organisation.accounts.models import SessionRecord
from organisation.accounts.rules import ABSOLUTE_LIMIT, CLOCK_DRIFT, IDLE_LIMIT, hashed_key

SEEN_EVERY = timedelta(minutes=1)
log = logging.getLogger("go_bags.sessions")
_words = TaggedJSONSerializer()


class ServerSession(SecureCookieSession):
    """What a session holds during one request.

    Attributes:
        key_hash: hash of the key the browser sent, or None when it sent none that counts.
        seen_at: when it was last noted as used.
        replaced: whether it gets a new key with this answer.
        unreachable: whether the database could not be read.
        account: whose it is, read with its record and kept so that nothing asks for it again.
    """

    def __init__(self, opened: queries.Opened | None = None, *, key_hash: str | None = None) -> None:
        kept = opened.record if opened else None
        super().__init__(_words.loads(kept.data) if kept else None)
        self.new = kept is None
        self.key_hash = kept.key_hash if kept else key_hash
        self.seen_at = kept.seen_at if kept else None
        self.account = opened.account if opened else None
        self.replaced = False
        self.unreachable = False

    def rotate(self) -> None:
        """Give the session a new key with this answer; the old one ends."""
        self.replaced = self.modified = True


class ServerSessions(SessionInterface):
    """Opens the session of a request from its record, and keeps it when the answer is ready."""

    def __init__(self, *, secure: bool) -> None:
        self.secure = secure
        # A browser keeps a __Host- cookie only over HTTPS, so loopback without it uses another name.
        self.cookie = "__Host-session" if secure else "go-bags-session"

    def open_session(self, app: Flask, request: Request) -> ServerSession:  # noqa: ARG002 (Flask's arguments)
        """Give the session whose key the browser sent, or an empty one."""
        key = request.cookies.get(self.cookie)
        if not key:
            return ServerSession()
        try:
            opened = queries.opened_session(hashed_key(key))
        except OperationalError:
            unread = ServerSession()
            unread.unreachable = True
            return unread
        if opened is None:
            return ServerSession()
        g.demonstration = opened.demonstration
        if not _counts(opened.record, now()):
            return ServerSession(key_hash=opened.record.key_hash)
        return ServerSession(opened)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep the session, begin or replace it, or end it, as the request left it."""
        assert isinstance(session, ServerSession)
        if session.unreachable:
            return
        try:
            self._save(session, response)
        except OperationalError as problem:
            log.error("a session could not be kept: %s", problem.orig)
            if session.modified or (session.key_hash and not session):
                _answer_unavailable(app, response)

    def _save(self, session: ServerSession, response: Response) -> None:
        moment = now()
        if not session:
            self._end(session, response)
        elif session.new or session.replaced:
            self._begin(session, response, moment)
        elif session.modified or session.seen_at is None or moment - session.seen_at >= SEEN_EVERY:
            self._keep(session, moment)

    def _end(self, session: ServerSession, response: Response) -> None:
        if session.key_hash is None:
            return
        with _writing() as connection:
            services.end_session(connection, session.key_hash)
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="Lax")

    def _begin(self, session: ServerSession, response: Response, moment: datetime) -> None:
        with _writing() as connection:
            if session.key_hash is not None:
                services.end_session(connection, session.key_hash)
            key = services.begin_session(connection, _kept(session), at=moment)
        response.set_cookie(self.cookie, key, path="/", secure=self.secure, httponly=True, samesite="Lax")

    def _keep(self, session: ServerSession, moment: datetime) -> None:
        assert session.key_hash is not None
        with _writing() as connection:
            if session.modified:
                services.keep_session(connection, session.key_hash, _kept(session), at=moment)
            else:
                services.see_session(connection, session.key_hash, at=moment)


def _counts(kept: SessionRecord, moment: datetime) -> bool:
    """Say whether a session still counts. One from the future does not: the clock was put back."""
    if kept.seen_at > moment + CLOCK_DRIFT:
        log.error("a session was last used at %s, after now: was the clock put back?", kept.seen_at)
        return False
    return moment - kept.seen_at < IDLE_LIMIT and moment - kept.created_at < ABSOLUTE_LIMIT


def _kept(session: ServerSession) -> services.Kept:
    account_id = session.get("_user_id")
    return services.Kept(int(account_id) if account_id else None, _words.dumps(dict(session)))


def _writing() -> Any:
    """Open a writing connection, with the request's own read ended: SQLite would wait for it for ever."""
    db.session.rollback()
    return writing_connection(db.engine)


def _answer_unavailable(app: Flask, response: Response) -> None:
    """Turn an answer whose session was not kept into "nothing has been saved"."""
    answer = app.make_response(app.handle_user_exception(Unavailable()))
    response.status_code = answer.status_code
    response.set_data(answer.get_data())
    response.headers.pop("Location", None)
    response.headers["Retry-After"] = "30"


def own_session() -> ServerSession | None:
    """Give the session of the request itself, or None where there is none of ours."""
    found = session._get_current_object()  # type: ignore[attr-defined]  # what the proxy stands for
    return found if isinstance(found, ServerSession) else None


def rotate_key() -> None:
    """Give the browser's session a new key with this answer; the old one ends."""
    if (mine := own_session()) is not None:
        mine.rotate()


def refuse_without_sessions() -> None:
    """Refuse a request whose session could not be read.

    Raises:
        Unavailable: the database does not answer.
    """
    if (mine := own_session()) is not None and mine.unreachable:
        raise Unavailable


def demonstration() -> bool:
    """Say, on any page, whether the data are a demonstration; asked once a request."""
    if "demonstration" not in g:
        try:
            g.demonstration = queries.is_demonstration()
        except OperationalError:
            return False
    return bool(g.demonstration)
