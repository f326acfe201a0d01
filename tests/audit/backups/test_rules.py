"""What a backup's list of files and manifest must be before anything of it is believed (A78); no database."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from audit.backups import rules
from audit.backups.rules import Entry, Facts, Head, Manifest, Part
from core.errors import RuleBroken

AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
FACTS = Facts(
    schema="0001",
    row_counts={"lot": 3, "move": 7},
    ledger_sha256="a" * 64,
    schema_sha256="b" * 64,
    heads={"changes": Head(20, "c" * 64), "access": Head(2, "d" * 64)},
    first_entry="e" * 64,
)
MANIFEST = Manifest(
    AT,
    "sqlite",
    FACTS,
    (Part("database.sqlite3", 4096, "f" * 64), Part("evidence/INV-00001.pdf", 10, "0" * 64)),
)
WHOLE = [
    Entry("manifest.json", 900, 400, plain=True),
    Entry("manifest.hmac", 64, 64, plain=True),
    Entry("database.sqlite3", 4096, 900, plain=True),
    Entry("evidence/INV-00001.pdf", 10, 10, plain=True),
]


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert rules.read(rules.written(MANIFEST)) == MANIFEST


def test_a_whole_archive_with_room_for_it_is_accepted() -> None:
    rules.demand_harmless(WHOLE)
    rules.demand_listed(WHOLE, MANIFEST, 4106)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Entry("../../etc/passwd", 9, 9, plain=True), "a name no backup has, “../../etc/passwd”"),
        (Entry("evidence/../../x", 9, 9, plain=True), "a name no backup has"),
        (Entry("/etc/passwd", 9, 9, plain=True), "a name no backup has"),
        (Entry("evidence\\x", 9, 9, plain=True), "a name no backup has"),
        (Entry("C:x", 9, 9, plain=True), "a name no backup has"),
        (Entry("evidence/.hidden", 9, 9, plain=True), "a name no backup has"),
        (Entry("evidence/a\nb", 9, 9, plain=True), "a name no backup has"),
        (Entry("evidence/" + "x" * 200, 9, 9, plain=True), "a name no backup has"),
        (Entry("evidence/link", 9, 9, plain=False), "“evidence/link” in it is not a plain file"),
        (Entry("database.sqlite3", 4096, 900, plain=True), "two files named “database.sqlite3”"),
        (Entry("evidence/bomb", 10**15, 10**6, plain=True), "says it holds 1000000 GB in 1.0 MB"),
        (Entry("evidence/bomb", 900_000_000, 4_000_000, plain=True), "says it holds 900 MB in 4.0 MB"),
    ],
)
def test_a_hostile_list_of_files_is_refused_in_words(entry: Entry, words: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.demand_harmless([*WHOLE, entry])
    assert words in refused.value.message
    assert refused.value.message.startswith("This backup cannot be used: ")
    assert refused.value.message.endswith("Nothing has been changed")


def test_an_archive_without_a_manifest_is_none_of_ours() -> None:
    with pytest.raises(RuleBroken, match=r"it has no manifest\.hmac"):
        rules.demand_harmless([WHOLE[0], WHOLE[2]])


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (WHOLE[:-1], "“evidence/INV-00001.pdf” is in its manifest and not in it"),
        ([*WHOLE, Entry("evidence/more.pdf", 1, 1, plain=True)], "“evidence/more.pdf” is not in its manifest"),
        ([*WHOLE[:3], Entry("evidence/INV-00001.pdf", 11, 11, plain=True)], "has 11 bytes and its manifest says 10"),
    ],
)
def test_an_archive_holds_exactly_what_its_manifest_lists(entries: list[Entry], words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        rules.demand_listed(entries, MANIFEST, 10**9)


def test_more_than_there_is_room_for_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(RuleBroken, match=r"unpacks to 4\.1 kB and 4\.1 kB are free"):
        rules.demand_listed(WHOLE, MANIFEST, 4105)


def _without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda told: told.pop(name)


def _with(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(told: dict[str, Any]) -> None:
        *folders, name = path.split(".")
        place: Any = told
        for folder in folders:
            place = place[int(folder)] if isinstance(place, list) else place[folder]
        place[name] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _without("facts"), _without("parts"), _without("made_at"),
        _with("parts", []), _with("parts", "x"), _with("kind", "oracle"), _with("kind", ["sqlite"]),
        _with("parts.0.name", "../x"), _with("parts.0.name", "evidence/x"), _with("parts.1.name", "other/x"),
        _with("parts.1.name", "database.sqlite3"), _with("parts.0.byte_count", -1), _with("parts.0.byte_count", 1.5),
        _with("parts.0.byte_count", True), _with("parts.0.byte_count", 10**30), _with("parts.0.sha256", "z"),
        _with("made_at", "yesterday"), _with("made_at", "2026-05-04T09:00:00"), _with("facts.schema", "0001; DROP"),
        _with("facts.row_counts", [1]), _with("facts.row_counts.lot", "3"), _with("facts.heads.changes", None),
    ],
)  # fmt: skip
def test_a_manifest_that_is_not_ours_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    told = json.loads(rules.written(MANIFEST))
    change(told)
    with pytest.raises(RuleBroken, match="its manifest is not one that this program writes"):
        rules.read(json.dumps(told).encode())


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b"null", b"[" * 100_000, b'{"format": 1e999999}'])
def test_what_is_no_manifest_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(RuleBroken, match="This backup cannot be used"):
        rules.read(data)


def test_a_later_form_is_named() -> None:
    with pytest.raises(RuleBroken, match="it is in the form “go-bags backup 9”, and this program reads"):
        rules.read(b'{"format": "go-bags backup 9"}')


def test_the_keyed_hash_depends_on_every_byte_and_on_the_key() -> None:
    words = rules.written(MANIFEST)
    assert rules.keyed_hash(words, "one") != rules.keyed_hash(words, "two")
    assert rules.keyed_hash(words, "one") != rules.keyed_hash(words + b" ", "one")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (FACTS, []),
        (replace(FACTS, row_counts={"lot": 3, "move": 0}, ledger_sha256="1" * 64),
         ["The database has 0 rows of move and the manifest says 7 rows of move."]),
        (replace(FACTS, row_counts={"lot": 3}, ledger_sha256="1" * 64),
         ["The database has no table move and the manifest says 7 rows of move."]),
        (replace(FACTS, ledger_sha256="1" * 64), ["Its rows are as many as the manifest says, and not the same."]),
        (replace(FACTS, schema_sha256="1" * 64),
         ["Its tables, indexes or triggers are not those that were backed up."]),
        (replace(FACTS, heads={**FACTS.heads, "access": Head(1, "d" * 64)}),
         ["The log of access does not end where the manifest says."]),
        (replace(FACTS, schema="0002"), ["The database has schema 0002 and the manifest says 0001."]),
    ],
)  # fmt: skip
def test_a_database_is_compared_with_its_manifest(found: Facts, words: list[str]) -> None:
    assert rules.contradictions(FACTS, found) == words


def test_a_backup_of_another_service_is_refused_and_an_empty_one_takes_any() -> None:
    rules.demand_ours(MANIFEST, FACTS)
    rules.demand_ours(MANIFEST, None)
    rules.demand_ours(MANIFEST, replace(FACTS, first_entry=""))
    with pytest.raises(RuleBroken, match="it is of another service"):
        rules.demand_ours(MANIFEST, replace(FACTS, first_entry="9" * 64))


def test_what_a_restore_loses_is_said_first() -> None:
    later = replace(FACTS, heads={**FACTS.heads, "changes": Head(23, "9" * 64)})
    assert rules.lost(later, MANIFEST) == (
        "Entries 21 to 23 of the log of changes are in the present database and not in the backup of "
        "4 May 2026 at 10am."
    )
    assert rules.lost(FACTS, MANIFEST) == "The present database has 20 entries of changes and the backup 20."


@pytest.mark.parametrize(
    ("byte_count", "words"), [(9, "9 bytes"), (4096, "4.1 kB"), (995_328, "995 kB"), (1_234_000_000, "1.2 GB")]
)
def test_a_size_is_written_as_a_person_reads_it(byte_count: int, words: str) -> None:
    assert rules.size(byte_count) == words


def test_a_backup_is_named_by_its_moment() -> None:
    assert rules.file_name(AT) == "go-bags-20260504t090000z.zip"
