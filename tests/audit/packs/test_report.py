"""A pack is sound to both programs, the same for the same books, and holds nothing it should not."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from flask import Flask

from audit.packs import queries
from audit.packs.rules import LEFT_OUT
from core import trail
from core.db import Base, transaction
from core.trail import checkpoints
from core.trail.signing import CheckingKey, SigningKey
from tests.audit.packs.checking import (
    EVIDENCE,
    checked,
    checked_again,
    correct_a_line,
    count_the_import,
    files_of,
    go_on,
    keep_a_paper,
    kinds,
    packed,
)
from tests.factories import AT, World

SECRET = re.compile(r"secret|password|email|token|hash_of|packed|cookie", re.IGNORECASE)


@pytest.fixture
def signed_quarters(quarters: World, tmp_path: Path, request: pytest.FixtureRequest) -> CheckingKey:
    """Two quarters of the award, a line of it corrected, in part signed before the pack is made."""
    count_the_import()
    keep_a_paper(quarters, tmp_path / "evidence")
    correct_a_line(quarters)
    key: CheckingKey = request.getfixturevalue("signing")
    go_on()
    return key


def test_a_pack_is_sound_to_both_programs(signed_quarters: CheckingKey, outside: Path, tmp_path: Path) -> None:
    pack = packed(tmp_path / "evidence")
    kept = [file.read_text() for file in sorted(outside.iterdir())]
    assert '"budget_pence":99900,"line":"GB2026/F"' in files_of(pack)["figures/grant-lines.jsonl"].decode()
    code, printed = checked(pack, str(signed_quarters), tmp_path, kept)
    assert kinds(printed) == set(), printed
    assert (code, printed.splitlines()[-1]) == (
        0, "Sound: everything agrees with checkpoint 2, signed by gobags.example/log."
    )  # fmt: skip
    assert checked_again(pack, str(signed_quarters), tmp_path, kept) == (0, set())


def test_a_month_of_go_bags_is_sound_too(month: World, signing: CheckingKey, tmp_path: Path) -> None:
    pack = packed()
    assert len(files_of(pack)["rows/bag_move.jsonl"].splitlines()) > 3
    assert checked(pack, str(signing), tmp_path)[0] == 0
    assert checked_again(pack, str(signing), tmp_path) == (0, set())


def test_a_key_that_was_handed_over_is_followed_and_one_that_was_not_is_refused(
    signed_quarters: CheckingKey, outside: Path, tmp_path: Path
) -> None:
    """Whoever pinned the old key, and whoever was given the new one, check the same pack; a stranger cannot."""
    new = checkpoints.hand_over(at=AT)
    pack = packed(tmp_path / "evidence")
    kept = [file.read_text() for file in sorted(outside.iterdir())]
    code, printed = checked(pack, str(signed_quarters), tmp_path, kept)
    assert (code, kinds(printed)) == (0, set()), printed
    assert f"hands over to key {new.key_id}, signed by the key before it." in printed
    assert checked_again(pack, str(signed_quarters), tmp_path, kept) == (0, set())
    assert checked(pack, str(new), tmp_path)[0] == 0
    assert checked_again(pack, str(new), tmp_path) == (0, set())
    stranger = str(SigningKey.made(new.name).checking)
    assert checked(pack, stranger, tmp_path)[0] == 1
    assert checked_again(pack, stranger, tmp_path) == (1, {"signatures"})


def test_the_same_books_give_the_same_bytes(signed_quarters: CheckingKey) -> None:
    first = packed()
    assert packed() == first


def test_a_pack_holds_what_its_manifest_says(signed_quarters: CheckingKey, tmp_path: Path) -> None:
    files = files_of(packed(tmp_path / "evidence"))
    manifest = json.loads(files["manifest.json"])
    assert manifest["files"].keys() == files.keys() - {"manifest.json", "manifest.note"}
    assert manifest["files"][f"evidence/{EVIDENCE}"][0] == len(files[f"evidence/{EVIDENCE}"])
    newest = checkpoints.newest_checkpoint()
    assert newest is not None
    assert files["checkpoint.txt"].decode() == newest.note
    assert files["logs/changes.jsonl"].count(b"\n") == newest.size == manifest["entries"]["changes"]
    assert {"FORMAT.md", "verify.py", "figures/stock.jsonl", "figures/grant-lines.jsonl"} <= files.keys()
    assert [name for name in files if name.endswith(".csv")]


def test_no_secret_and_no_address_is_in_a_pack(app: Flask) -> None:
    for name, table in queries.tables().items():
        shown = {column.name for column in table.columns} - {"file_hash"}
        if name == "account":
            shown -= {"email"}
        assert not [column for column in shown if SECRET.search(column)], name
    assert LEFT_OUT.keys() <= Base.metadata.tables.keys()


def test_the_addresses_people_sign_in_with_stay_behind(signed_quarters: CheckingKey) -> None:
    accounts = files_of(packed())["rows/account.jsonl"].decode().splitlines()
    assert {tuple(json.loads(row)) for row in accounts} == {("created_at", "id", "name", "reference")}


def test_a_pack_that_cannot_be_signed_says_so(app: Flask, signed_quarters: CheckingKey, tmp_path: Path) -> None:
    Path(app.config["CHECKPOINT_KEY"]).unlink()
    with transaction():
        trail.record(act="par.set", subject="another thing", by=None, at=AT)
    pack = packed()
    code, printed = checked(pack, str(signed_quarters), tmp_path)
    assert code == 1
    assert "The pack was made unsigned: the file of the key that signs is missing." in printed
    assert "The end of the log of changes is not signed: 2 of its entries." in printed
    assert checked_again(pack, str(signed_quarters), tmp_path)[0] == 1


def test_the_command_writes_a_pack_and_its_leaf(app: Flask, signed_quarters: CheckingKey, tmp_path: Path) -> None:
    app.config["EVIDENCE_DIR"] = str(tmp_path / "evidence")
    file = tmp_path / "books.zip"
    run = app.test_cli_runner().invoke(args=["audit", "pack", str(file), "--from", "2026-04-01", "--to", "2026-06-30"])
    assert (run.exit_code, run.output.split(":")[0]) == (0, "books.zip")
    assert checked(file.read_bytes(), str(signed_quarters), tmp_path)[0] == 0
    newest = list(queries.leaves(trail.Log.ACCESS, until=10**9))[-1][0]
    assert json.loads(newest)["act"] == "pack.take"
    assert not list(tmp_path.glob(".*.part"))


def test_what_is_no_pack_or_no_key_could_not_be_checked(tmp_path: Path) -> None:
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    code, printed = checked(b"not a zip", key, tmp_path)
    assert (code, printed[:42]) == (2, "The check could not be made: " + str(tmp_path)[:13])
    assert checked_again(b"not a zip", key, tmp_path) == (2, {"could not check"})
    assert checked(io.BytesIO().getvalue(), "no key", tmp_path)[1] == (
        "The check could not be made: “no key” is not a key to check signatures with.\n"
    )
