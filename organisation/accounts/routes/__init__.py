"""The edge of accounts: signing in and out, the server's sessions, the administrator's pages, the navigation."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

from organisation.accounts import queries
from organisation.accounts.routes import sign_in as _sign_in
from organisation.accounts.routes.blueprint import bp
from organisation.accounts.routes.navigation import navigation
from organisation.accounts.routes.people import load_person
from organisation.accounts.routes.sessions import ServerSessions, demonstration, refuse_without_sessions

__all__ = ["bp", "prepare"]


class _SignIns(LoginManager):  # type: ignore[misc]
    """Flask-Login without its remember-me cookie, which would outlive what the server says."""

    def _load_user_from_remember_cookie(self, _cookie: str) -> None:
        return None


def prepare(app: Flask) -> None:
    """Give an app its sessions, its signed-in person and its navigation."""
    app.session_interface = ServerSessions(secure=bool(app.config.get("SECURE_COOKIES")))
    app.before_request(refuse_without_sessions)
    people = _SignIns(app)
    people.session_protection = None  # a phone changes its address all night; the server's record decides
    people.user_loader(load_person)
    app.jinja_env.globals.update(navigation=navigation, demonstration=demonstration)
