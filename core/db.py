"""The database: base class, column types, and the one way to change anything.

SQLite is the default that needs nothing; PostgreSQL serves a force that outgrows one machine. Both run the
same models, migrations and tests. What differs between them lives here and in ``migrations/triggers.py``:

* SQLite tables are STRICT, so a column of integers holds integers; reads begin deferred, and
  ``transaction()`` alone begins IMMEDIATE, since SQLite would otherwise lose updates without an error.
* SQLite writers queue on a lock file (``core/writers.py``): its own busy handler polls and starves clients.
* Whoever only reads sees one moment, so no page or report shows half of a change: SQLite's readers do anyway,
  PostgreSQL's are REPEATABLE READ. There changes run at READ COMMITTED; whoever decides on stock locks the rows the
  decision rests on.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from blinker import Signal
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Boolean,
    CompoundSelect,
    Connection,
    Date,
    DateTime,
    Engine,
    Enum,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    event,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeDecorator

from core.errors import Collided, StaleEdit, Unavailable
from core.writers import writers_of

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and always UTC, in either database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store a moment as UTC; refuse one that does not say its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must say its time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the moment back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Key = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]
"""A row's own number."""

PenceColumn = Annotated[int, mapped_column(BigInteger)]
"""Money in pence, whatever the database."""


def words_of(kind: type[StrEnum]) -> Enum:
    """Give the column type of a state: its words as text, checked by the database."""
    return Enum(
        kind,
        native_enum=False,
        length=40,
        values_callable=lambda states: [state.value for state in states],
        create_constraint=True,
        name=kind.__name__.lower(),
    )


class Base(DeclarativeBase):
    """What every model inherits from."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        int: BigInteger().with_variant(Integer, "sqlite"),
    }


_TAKEN = "23505"
"""PostgreSQL's word for a key that stands already."""
_COLLIDED = ("40P01", "40001")
"""PostgreSQL's words for changes that waited for each other, and for ones that could not be as if alone."""

STATEMENTS_KEPT = 750
"""How many statements a connection keeps ready: the service asks several hundred, and preparing one costs more."""

log = logging.getLogger("go_bags.database")

db = SQLAlchemy(metadata=Base.metadata)

APPEND_ONLY: dict[str, Any] = {"info": {"append_only": True}}
"""Table arguments of a table whose rows are never edited or deleted; triggers in both databases hold it."""


@compiles(CreateTable, "sqlite")
def _strict_table(create: CreateTable, compiler: Any, **options: Any) -> str:
    written = compiler.visit_create_table(create, **options).rstrip()
    return f"{written}{',' if written.endswith('WITHOUT ROWID') else ''} STRICT"


def _strict_text(*_: Any, **__: Any) -> str:
    return "TEXT"


def _strict_integer(*_: Any, **__: Any) -> str:
    return "INTEGER"


_STRICT: dict[Any, Any] = {
    **dict.fromkeys((String, Enum, Date, DateTime), _strict_text),
    **dict.fromkeys((BigInteger, Boolean), _strict_integer),
}
for _kind, _words in _STRICT.items():
    compiles(_kind, "sqlite")(_words)


def journal_mode(version: tuple[int, int, int]) -> str:
    """Choose the journal of a linked SQLite: WAL only where its reset bug is mended.

    Source: SEC-4, sqlite.org, WAL-reset bug 3.7.0 to 3.51.2, mended in 3.51.3 and 3.50.7.
    """
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0)
    return "WAL" if mended else "DELETE"


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    """Set up a new SQLite connection; SQLAlchemy, not the driver, begins transactions."""
    connection.isolation_level = None
    mode = journal_mode(sqlite3.sqlite_version_info)
    for pragma in (
        "busy_timeout = 10000",
        f"journal_mode = {mode}",
        f"synchronous = {'FULL' if mode == 'WAL' else 'EXTRA'}",
        "foreign_keys = ON",
        "recursive_triggers = ON",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _: object) -> None:
    """Set up a new PostgreSQL connection: psycopg throws away all prepared statements but 100 unless told."""
    connection.prepared_max = STATEMENTS_KEPT


def _begin_sqlite(connection: Connection) -> None:
    """Begin deferred to read, IMMEDIATE to write."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def engine_options(url: str) -> dict[str, Any]:
    """Give the options of an engine for an address: how many statements it keeps ready (SQLite's driver: 128)."""
    if not url.startswith("sqlite"):
        return {"query_cache_size": STATEMENTS_KEPT}
    return {"query_cache_size": STATEMENTS_KEPT, "connect_args": {"cached_statements": STATEMENTS_KEPT}}


def prepare_engine(engine: Engine) -> None:
    """Give an engine the settings its database needs; harmless when done twice."""
    if engine.dialect.name == "postgresql" and not event.contains(engine, "connect", _prepare_postgresql):
        engine.update_execution_options(isolation_level="REPEATABLE READ")
        event.listen(engine, "connect", _prepare_postgresql)
    if engine.dialect.name != "sqlite" or event.contains(engine, "begin", _begin_sqlite):
        return
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _to_write(engine: Engine) -> dict[str, Any]:
    """Give the options of a connection that writes: it sees what others committed before each of its statements."""
    level = {"isolation_level": "READ COMMITTED"} if engine.dialect.name == "postgresql" else {}
    return {"writing": True, **level}


@contextmanager
def writing_connection(engine: Engine) -> Iterator[Connection]:
    """Open a short writing transaction of its own, beside the session (session records, access log)."""
    with (
        writers_of(engine),
        engine.connect().execution_options(**_to_write(engine)) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def transaction() -> Iterator[Session]:
    """Make everything inside one change: all of it, with its audit leaves, or nothing.

    Ends the request's read transaction first, so facts a decision rests on are read again inside. Does not
    nest.

    Raises:
        StaleEdit: somebody recorded the same code or number at this very moment; nothing has been saved.
        Collided: PostgreSQL undid this change in favour of another; nothing has been saved.
        Unavailable: the database is locked for too long, full, or gone; nothing has been saved.
    """
    session = db.session()
    if session.info.get("changing"):
        raise RuntimeError("transaction() does not nest")
    session.rollback()
    session.expire_all()
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    session.info["changing"] = True
    try:
        with writers_of(engine):
            yield from _one_change(session, engine)
    except OperationalError as problem:
        raise (Collided if getattr(problem.orig, "sqlstate", None) in _COLLIDED else Unavailable) from problem
    except IntegrityError as problem:
        # What a service looks up first, PostgreSQL lets two people find free at once.
        if getattr(problem.orig, "sqlstate", None) == _TAKEN:
            raise StaleEdit from problem
        raise
    finally:
        session.info.pop("changing", None)
    _seal()
    _sign_when_due()
    CHANGED.send()


def ask(
    statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]], **asked: object
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Ask for columns beside the session, whose own work costs more than most statements.

    What the session holds is written first, as the session itself would.

    Args:
        statement: selects columns; a record it selects would come as its columns.
        asked: the statement's parameters by name.
    """
    session = db.session()
    session.flush()
    return session.connection().execute(statement, asked).all()


class _NothingKept(Exception):
    """Ends a rehearsal."""


@contextmanager
def rehearsal() -> Iterator[Session]:
    """Make a change as ``transaction`` does, and keep nothing of it: what would be refused is refused all the same."""
    with suppress(_NothingKept), transaction() as session:
        yield session
        session.flush()
        raise _NothingKept


@contextmanager
def step() -> Iterator[None]:
    """Make a part of a change. Where it raises, what it wrote is undone, and the rest of the change stands."""
    with db.session.begin_nested():
        yield


def _one_change(session: Session, engine: Engine) -> Iterator[Session]:
    """Run the body of one transaction: commit at its end, roll back when it raises."""
    from core.trail import seal_before_commit
    from core.trail.checkpoints import share_barrier

    try:
        share_barrier(session.connection(execution_options=_to_write(engine)))
        yield session
        session.flush()
        seal_before_commit(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise


def _seal() -> None:
    """Seal what was committed. It is saved by now, so where this fails, the next change seals it instead."""
    from core.trail import seal_after_commit

    try:
        seal_after_commit()
    except OperationalError as problem:
        log.error("a change is saved and not sealed yet: %s", problem.orig)


CHANGED = Signal("A change is committed; whoever hears of it may do work of its own, and must fail no change.")


def _sign_when_due() -> None:
    """Sign a checkpoint when the newest is over an hour old; costs nothing in between, and fails no change."""
    from core.trail.checkpoints import checkpoint_when_due

    checkpoint_when_due()


def now() -> datetime:
    """Tell the time, aware and in UTC. Only routes and commands ask; services are told."""
    return datetime.now(UTC)
