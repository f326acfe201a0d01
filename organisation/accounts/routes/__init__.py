"""The edge of accounts: signing in and out, the server's sessions, the administrator's pages, the navigation."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

# The views hang themselves on the blueprint when their modules are imported.
from organisation.accounts.routes import accounts, deputies, invitations, own, roles, sign_in
from organisation.accounts.routes.blueprint import bp
from organisation.accounts.routes.navigation import navigation
from organisation.accounts.routes.people import load_person
from organisation.accounts.routes.sessions import ServerSessions, demonstration, refuse_without_sessions

__all__ = ["accounts", "bp", "deputies", "invitations", "own", "prepare", "roles", "sign_in"]


class _SignIns(LoginManager):
    """Flask-Login without its remember-me cookie, which would outlive what the server says."""

    def _load_user_from_remember_cookie(self, _cookie: str) -> None:
        return None


def prepare(app: Flask) -> None:
    """Give an app its sessions, its signed-in person and its navigation."""
    app.session_interface = ServerSessions(secure=bool(app.config.get("SECURE_COOKIES")))
    app.before_request(refuse_without_sessions)
    app.config["SESSION_PROTECTION"] = None  # a phone changes its address all night; the server's record decides
    _SignIns(app).user_loader(load_person)
    app.jinja_env.globals.update(navigation=navigation, demonstration=demonstration)
