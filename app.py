"""The application: settings, blueprints, error pages. Nothing else.

``create_app()`` reads its settings from the environment (``docs/OPERATING.md`` lists them) or from a mapping
that tests hand in. It refuses to start with a view whose access is not declared. ``create_beside()`` makes what a
process beside the service needs of it.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import pkgutil
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask
from flask.cli import AppGroup
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from sqlalchemy import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from core import commands, dates, money, web
from core.db import db, engine_options, prepare_engine
from core.figures.lists import files_of_list

if TYPE_CHECKING:
    from whitenoise import WhiteNoise

ROOT = Path(__file__).resolve().parent
AREAS = ("organisation", "inventory", "grants", "audit")

LIMITS: dict[str, Any] = {
    "PERMANENT_SESSION_LIFETIME": timedelta(hours=8),
    "MAX_CONTENT_LENGTH": 41 * 1024 * 1024,
    "MAX_FORM_PARTS": 1_000,
    "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
    "WTF_CSRF_TIME_LIMIT": None,
}
"""What takes the place of Flask's own defaults, under which a body may be of any size."""


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Make the application.

    Raises:
        RuntimeError: a setting is missing or unsafe, or a view declares no access.
    """
    app = web.Service(__name__, static_folder=None, template_folder=str(ROOT / "templates"))
    app.config.update(LIMITS)
    _connect(app, settings)
    with _here_to_stay():
        _prepare_templates(app)
        web.prepare(app)
        _register_slices(app)
    web.demand_declared_access(app)
    app.wsgi_app = _behind(app.config.get("PROXIES", 0), with_assets(app))  # type: ignore[method-assign]  # Flask's own way
    return app


def create_beside(settings: Mapping[str, Any] | None = None) -> Flask:
    """Make the application without its pages, for a process beside the service: it makes a big report.

    It answers nobody, so it loads no view, form or template, which are a quarter of the memory such a process is held
    to. It knows every table, for whoever signs how far the log goes signs for all of them.
    """
    app = Flask(__name__, static_folder=None, template_folder=None)
    _connect(app, settings)
    with _here_to_stay():
        import_models()
    app.cli.add_command(importlib.import_module("audit.makings.commands").makings)
    return app


def _connect(app: Flask, settings: Mapping[str, Any] | None) -> None:
    """Give an app its settings and its database."""
    app.config.update(_from_environment() if settings is None else settings)
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(app.config["SQLALCHEMY_DATABASE_URI"]))
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def _from_environment() -> dict[str, Any]:
    """Read the settings of a service from the environment."""
    instance = ROOT / "instance"
    url = os.environ.get("DATABASE_URL", f"sqlite:///{instance / 'demonstration.sqlite3'}")
    return {
        "SQLALCHEMY_DATABASE_URI": url,
        "SECRET_KEY": os.environ.get("SECRET_KEY") or _kept_key(instance),
        "TRUSTED_HOSTS": os.environ.get("TRUSTED_HOSTS", "127.0.0.1,localhost").split(","),
        "SECURE_COOKIES": bool(os.environ.get("TRUSTED_HOSTS")),
        "PROXIES": int(os.environ.get("PROXIES", "0")),
        "CHECKPOINT_KEY": os.environ.get("CHECKPOINT_KEY") or str(_beside(url, instance, "checkpoint-key")),
        "CHECKPOINT_FOLDER": os.environ.get("CHECKPOINT_FOLDER"),
        "EVIDENCE_DIR": os.environ.get("EVIDENCE_DIR") or str(_beside(url, instance, "evidence")),
        "REPORTS_DIR": os.environ.get("REPORTS_DIR") or str(_beside(url, instance, "reports")),
        "SIGNING_CERTIFICATE": os.environ.get("SIGNING_CERTIFICATE"),
        "SIGNING_PASSPHRASE_FILE": os.environ.get("SIGNING_PASSPHRASE_FILE"),
        "PUBLIC_ADDRESS": os.environ.get("PUBLIC_ADDRESS"),
        "VIRUS_SCANNER": os.environ.get("VIRUS_SCANNER"),
    }


def _beside(url: str, instance: Path, name: str) -> Path:
    """Name a file or folder that goes with a database: beside one that is a file, never in it."""
    database = make_url(url)
    if database.get_backend_name() == "sqlite" and database.database:
        return Path(f"{database.database}.{name}")
    return instance / name.replace("-", ".")


def _kept_key(instance: Path) -> str:
    """Give the service's secret key, made at random once and kept beside its database.

    Two processes that start together take the same one: it is written aside whole, and the first to link it wins.
    """
    kept = instance / "secret.key"
    if not kept.exists():
        instance.mkdir(exist_ok=True)
        fresh = instance / f"secret.key.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(fresh, kept)
        fresh.unlink()
    return kept.read_text()


@contextmanager
def _here_to_stay() -> Iterator[None]:
    """Look for no garbage among what a start makes: it is never thrown away, and looking took a fifth of the start."""
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()
    if not gc.get_freeze_count():
        gc.freeze()


def _slices() -> list[str]:
    """List the slices: the packages directly below the areas, and the demonstration, which is one of its own."""
    found = [
        f"{area}.{module.name}" for area in AREAS for module in pkgutil.iter_modules([str(ROOT / area)]) if module.ispkg
    ]
    return [*found, "demonstration"]


def _parts(name: str) -> list[Any]:
    """Import a part (``models``, ``routes`` …) of every slice that has it."""
    return [
        importlib.import_module(f"{slice_name}.{name}")
        for slice_name in _slices()
        if importlib.util.find_spec(f"{slice_name}.{name}") is not None
    ]


def import_models() -> None:
    """Import every table, so that the metadata is whole."""
    for shared in ("core.references", "core.register", "core.trail"):
        importlib.import_module(shared)
    _parts("models")


def _register_slices(app: Flask) -> None:
    """Register the blueprints, commands and start-up hooks that the slices' routes declare."""
    import_models()
    app.cli.add_command(commands.database)
    app.cli.add_command(commands.serve)
    for routes in [*_parts("routes"), *_parts("commands")]:
        for part in vars(routes).values():
            if isinstance(part, Blueprint) and part.import_name == routes.__name__:
                app.register_blueprint(part)
            elif isinstance(part, AppGroup) and part.name not in app.cli.commands:
                app.cli.add_command(part)
        prepare = getattr(routes, "prepare", None)
        if prepare is not None:
            prepare(app)


def _prepare_templates(app: Flask) -> None:
    """Give templates the design system's macros and the few filters they use."""
    ours = app.jinja_loader
    assert ours is not None
    app.jinja_loader = ChoiceLoader(
        [
            ours,
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    WTFormsHelpers(app)
    app.jinja_env.filters.update(
        pounds=money.pounds,
        day=dates.day_text,
        moment=dates.moment_text,
        plural=_plural,
    )
    app.jinja_env.globals.update(asset=_asset, files_of_list=files_of_list)


def _plural(count: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun: "1 bag", "2 bags"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@cache
def _manifest() -> dict[str, str]:
    manifest: dict[str, str] = json.loads((ROOT / "static" / "dist" / "manifest.json").read_text())
    return manifest


def _asset(name: str) -> str:
    """Give the address of a built style, script or picture."""
    return f"/static/{_manifest()[name]}"


def _behind(proxies: int, wsgi: Any) -> Any:
    """Believe what so many proxies in front say of who asks and how; none is believed unless it is named.

    Failed sign-ins are counted by address, so without this everybody behind a proxy would share one count.
    """
    return ProxyFix(wsgi, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else wsgi


def with_assets(app: Flask, root: Path = ROOT / "static") -> Any:
    """Serve the built files, gzipped and for ever, before the application is asked.

    They are looked for when somebody first asks for anything: ``make run`` builds them while the year is loaded, and a
    command needs none.
    """
    application = app.wsgi_app

    @cache
    def served() -> WhiteNoise:
        # Slow to import, and no command serves anything.
        from whitenoise import WhiteNoise

        return WhiteNoise(
            application,
            root=str(root),
            prefix="static/",
            add_headers_function=_nosniff,
            immutable_file_test=r"^/static/dist/.+\.[0-9a-f]{12}\.",
        )

    return lambda environ, start_response: served()(environ, start_response)


def _nosniff(headers: Any, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
