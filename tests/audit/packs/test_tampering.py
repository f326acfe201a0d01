"""Whoever changes the books or a pack is found and named, by both programs (A74 to A78).

Three people try: one who edits a pack and puts its manifest right; one who edits the database behind the service, which
then makes and signs the pack; and one who makes everything anew with a key of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from core import trail
from core.db import transaction
from core.trail import checkpoints
from core.trail.rules import leaf_hash
from core.trail.signing import CheckingKey, Note, SigningKey, sign
from tests.audit.packs.checking import (
    EVIDENCE,
    Edit,
    checked,
    checked_again,
    count_the_import,
    edited,
    files_of,
    go_on,
    keep_a_paper,
    kinds,
    line,
    packed,
    swapped,
    without,
)
from tests.audit.signing import ORIGIN, made
from tests.audit.tampering import tamper
from tests.conftest import Databases
from tests.factories import AT, World


@dataclass(frozen=True)
class Sound:
    """A sound pack, the key it is checked with, and the checkpoints that were kept elsewhere."""

    pack: bytes
    key: str
    kept: tuple[str, ...]


_made: dict[str, Sound] = {}


@pytest.fixture
def sound(databases: Databases, request: pytest.FixtureRequest) -> Sound:
    """A sound pack of two quarters, made once."""
    if "pack" not in _made:
        folder: Path = request.getfixturevalue("tmp_path") / "evidence"
        world: World = request.getfixturevalue("quarters")
        count_the_import()
        keep_a_paper(world, folder)
        key = request.getfixturevalue("signing")
        go_on()
        pack = packed(folder)
        outside: Path = request.getfixturevalue("outside")
        _made["pack"] = Sound(pack, str(key), tuple(file.read_text() for file in sorted(outside.iterdir())))
    return _made["pack"]


@pytest.fixture
def signed(quarters: World, request: pytest.FixtureRequest) -> CheckingKey:
    """Two quarters in a database whose log was signed before somebody edits it."""
    count_the_import()
    key: CheckingKey = request.getfixturevalue("signing")
    go_on()
    made()
    return key


def demand_found(pack: bytes, key: str, folder: Path, says: str, *, earlier: tuple[str, ...] = ()) -> str:
    """Demand that both programs find something, of the same kinds, and that the first says what."""
    code, printed = checked(pack, key, folder, earlier)
    assert (code, says in printed) == (1, True), printed
    assert checked_again(pack, key, folder, earlier) == (1, kinds(printed)), printed
    return printed


# ---- Somebody edits a pack, and puts its manifest right -----------------------------------------

AS_IT_WAS: Mapping[str, Edit] = {"manifest.json": lambda text: text}

EDITS: dict[str, tuple[Mapping[str, Edit], str]] = {
    "an edited leaf": (
        {"logs/changes.jsonl": line(3, '"act":"', '"act":"x')},
        "Log of changes, entry 3: its text is not what was sealed.",
    ),
    "an edited leaf with its hash": (
        {
            "logs/changes.jsonl": line(3, '"act":"', '"act":"x'),
            "logs/changes.hashes.txt": lambda text: text,
        },
        "The log of changes up to entry",
    ),
    "leaves in another order": (
        {"logs/changes.jsonl": swapped(4, 5)},
        "Log of changes, entry 4: its text is not what was sealed.",
    ),
    "a dropped tail": (
        {"logs/changes.jsonl": without(-1, -2), "logs/changes.hashes.txt": without(-1, -2)},
        "The log of changes is shorter than checkpoint",
    ),
    "a removed access leaf": (
        {"logs/access.jsonl": without(1), "logs/access.hashes.txt": without(1)},
        "The log of access is shorter than checkpoint",
    ),
    "an edited row": (
        {"rows/apportionment.jsonl": line(1, '"pence":41040', '"pence":41039')},
        "rows of apportionment are not those that checkpoint",
    ),
    "a row taken out": (
        {"rows/ledger_line.jsonl": without(2)},
        "and the pack has",
    ),
    "rows in another order": (
        {"rows/move.jsonl": swapped(1, 2)},
        "rows/move.jsonl, line 2: row 1 is out of order.",
    ),
    "a moved decimal in a row": (
        {"rows/supplier_invoice.jsonl": line(1, '"gross_pence":49248', '"gross_pence":492.48')},
        "gross_pence is '492.48', not a whole number of pence.",
    ),
    "a moved decimal in an amount": (
        {"rows/supplier_invoice.jsonl": line(1, '"gross_pence":49248', '"gross_pence":492480')},
        "Invoice INV-00001 is £4,924.80 and its rows add up to £492.48.",
    ),
    "a split beyond its cost": (
        {"rows/apportionment.jsonl": line(1, '"pence":41040', '"pence":410400')},
        "cost £410.40 and £4,104.00 is apportioned.",
    ),
    "a balance": (
        {"rows/balance.jsonl": line(1, '"unit_count":', '"unit_count":1')},
        "its moves add up to",
    ),
    "the stock position": (
        {"figures/stock.jsonl": line(1, '"units":', '"units":1')},
        "The stock position gives",
    ),
    "a figure of a grant line": (
        {"figures/grant-lines.jsonl": line(1, '"apportioned_pence":', '"apportioned_pence":1')},
        "the figures give",
    ),
    "swapped evidence": (
        {f"evidence/{EVIDENCE}": lambda _: "another delivery note"},
        f"evidence/{EVIDENCE} does not hold what its name says: the evidence was swapped.",
    ),
    "evidence taken away": (
        {f"evidence/{EVIDENCE}": lambda _: None},
        "The file of paper EV-00001 (note.pdf) is missing.",
    ),
    "a backdated checkpoint": (
        {"checkpoints.jsonl": line(2, "\\nat 20", "\\nat 19")},
        "which is before checkpoint 1",
    ),
    "the account of the tables": (
        {"checkpoints.jsonl": line(2, '\\"move\\":[', '\\"move\\":[1')},
        "The account of the tables is not the one checkpoint 2 signed.",
    ),
    "a proof": (
        {"proofs/consistency.jsonl": line(1, '"changes":["', '"changes":["00')},
        "Nothing proves that checkpoint 2 goes on from 1 (log of changes).",
    ),
    "no checkpoint at all": ({"checkpoints.jsonl": lambda _: ""}, "The pack holds no checkpoint"),
    "a file more": (
        {"rows/extra.jsonl": lambda _: "", "manifest.json": lambda text: text},
        "its manifest does not name it",
    ),
    "a file less": (
        {"rows/lot.jsonl": lambda _: None, "manifest.json": lambda text: text},
        "rows/lot.jsonl is missing",
    ),
    "a file changed": (
        {"FORMAT.md": lambda text: text + " ", **AS_IT_WAS},
        "FORMAT.md is not the file the manifest names",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_pack_is_found_and_named(sound: Sound, name: str, tmp_path: Path) -> None:
    edits, says = EDITS[name]
    if name == "an edited leaf with its hash":
        text = line(3, '"act":"', '"act":"x')(files_of(sound.pack)["logs/changes.jsonl"].decode())
        assert text is not None
        hashed = leaf_hash(text.splitlines()[2]).hex()
        edits = {**edits, "logs/changes.hashes.txt": lambda old: "".join(
            f"{hashed}\n" if number == 2 else f"{each}\n" for number, each in enumerate(old.splitlines())
        )}  # fmt: skip
    demand_found(edited(sound.pack, edits), sound.key, tmp_path, says)


@pytest.mark.parametrize("figures", ["a total", "an amount"])
def test_a_figure_of_a_report_is_added_up_again(sound: Sound, figures: str, tmp_path: Path) -> None:
    name = next(name for name in files_of(sound.pack) if name.endswith(".csv") and "SGU" in name)
    text = files_of(sound.pack)[name].decode()
    wanted = ",total," if figures == "a total" else ",row,"
    number = next(n for n, each in enumerate(text.splitlines(), 1) if wanted in each and ".00,pounds" not in each
                  and each.endswith("pounds"))  # fmt: skip
    value = text.splitlines()[number - 1].split(",")[-2]
    moved = f"{value[:-3]}{value[-2:]}.00"  # the decimal point two places to the right
    pack = edited(sound.pack, {name: line(number, f",{value},", f",{moved},")})
    demand_found(pack, sound.key, tmp_path, "is not the sum of its rows.")


# ---- Somebody makes everything anew with a key of their own -------------------------------------


def test_a_pack_signed_by_another_key_is_refused_by_the_pinned_one(sound: Sound, tmp_path: Path) -> None:
    mine = SigningKey.made(ORIGIN)

    def signed_anew(text: str) -> str:
        rows = [json.loads(each) for each in text.splitlines()]
        notes = [str(sign(Note.read(row["note"]).text, [mine])) for row in rows]
        return "".join(json.dumps({**row, "note": note}) + "\n" for row, note in zip(rows, notes, strict=True))

    pack = edited(sound.pack, {"checkpoints.jsonl": signed_anew}, key=mine)
    assert checked(pack, str(mine.checking), tmp_path)[0] == 0  # nothing in a pack vouches for itself
    printed = demand_found(pack, sound.key, tmp_path, "Checkpoint 2 is not signed by the pinned key")
    assert "The pack's list of files is not signed by the pinned key" in printed


def test_a_key_of_another_log_is_refused(sound: Sound, tmp_path: Path) -> None:
    other = SigningKey.made("elsewhere.example/log").checking
    demand_found(sound.pack, str(other), tmp_path, "is of the log “gobags.example/log”, not “elsewhere.example/log”.")


def test_a_log_made_anew_by_whoever_has_the_key_contradicts_a_checkpoint_kept_elsewhere(
    signed: CheckingKey, outside: Path, app: Flask, tmp_path: Path
) -> None:
    kept = tuple(file.read_text() for file in sorted(outside.iterdir()))
    _forget_everything_signed(app)
    tamper("audit_leaf", 'UPDATE audit_leaf SET text = replace(text, \'"act":"\', \'"act":"x\') WHERE id = 3')
    tamper("log_entry", "DELETE FROM log_entry")
    go_on()
    pack = packed()
    assert checked(pack, str(signed), tmp_path)[0] == 0  # the pack alone is sound: it was signed by the real key
    demand_found(pack, str(signed), tmp_path, "is not what the checkpoint in kept-0.txt signed", earlier=kept)


def test_a_dropped_tail_contradicts_a_checkpoint_kept_elsewhere(
    signed: CheckingKey, outside: Path, app: Flask, tmp_path: Path
) -> None:
    kept = tuple(file.read_text() for file in sorted(outside.iterdir()))
    _forget_everything_signed(app)
    tamper("log_entry", "DELETE FROM log_entry WHERE log = 'changes' AND sequence > 20")
    tamper("audit_leaf", "DELETE FROM audit_leaf WHERE log = 'changes' AND id > 20")
    pack = packed()
    demand_found(
        pack, str(signed), tmp_path, "The log of changes is shorter than the checkpoint in kept-0.txt", earlier=kept
    )


def _forget_everything_signed(app: Flask) -> None:
    """Take away what the database and the folder outside know of checkpoints, but not the key."""
    app.config["CHECKPOINT_FOLDER"] = None
    for table in ("checkpoint", "kept_hash"):
        tamper(table, f"DELETE FROM {table}")


# ---- Somebody edits the database behind the service ---------------------------------------------


@pytest.mark.parametrize(
    ("table", "sql", "says"),
    [
        ("audit_leaf", "UPDATE audit_leaf SET text = replace(text, '\"act\":\"', '\"act\":\"x') WHERE id = 3",
         "Log of changes, entry 3: its text is not what was sealed."),
        ("apportionment", "UPDATE apportionment SET pence = 41039 WHERE pence = 41040",
         "rows of apportionment are not those that checkpoint 1 signed"),
        ("spending_row", "UPDATE spending_row SET net_pence = net_pence * 10 WHERE id = 1",
         "Invoice INV-00001 is £492.48 and its rows add up to"),
        ("supplier_invoice", "UPDATE supplier_invoice SET invoiced_on = '2026-01-01' WHERE id = 1",
         "rows of supplier_invoice are not those that checkpoint 1 signed"),
        ("note", "UPDATE note SET text = 'other words' WHERE id = (SELECT min(id) FROM note)",
         "are not those the log is committed to."),
    ],
)  # fmt: skip
def test_an_edited_database_is_found_in_its_own_pack(
    signed: CheckingKey, tmp_path: Path, table: str, sql: str, says: str
) -> None:
    if table == "note":
        with transaction():
            trail.note("Two boxes were wet")
    tamper(table, sql)
    demand_found(packed(), str(signed), tmp_path, says)


def test_the_rows_to_look_at_are_named_by_sixteens(signed: CheckingKey, tmp_path: Path) -> None:
    with transaction():
        for number in range(40):
            trail.record(act="par.set", subject=f"thing {number}", by=None, at=AT)
    made()
    tamper("log_entry", "UPDATE log_entry SET leaf_hash = chain_hash WHERE log = 'changes' AND sequence = 20")
    printed = demand_found(
        packed(), str(signed), tmp_path, "Log of changes, entry 20: its text is not what was sealed."
    )
    assert "is not what checkpoint" not in printed  # the leaves themselves are as they were signed
    tamper("audit_leaf", 'UPDATE audit_leaf SET text = replace(text, \'"act":"\', \'"act":"x\') WHERE id = 20')
    printed = demand_found(packed(), str(signed), tmp_path, "the first that differ are among entries 17 to 32.")
    assert checkpoints.checkpoint_now(at=AT, occasion="hour") is not None
