"""The proof of one entry, as whoever is shown it checks it: with the program, and by RFC 6962 alone."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
from pathlib import Path

from flask import Flask

from audit import verify
from core.db import db
from core.trail import Log, checkpoints, proofs
from core.trail.queries import head
from core.trail.signing import CheckingKey
from tests.audit.packs.checking import go_on
from tests.audit.signing import made
from tests.factories import PASSWORD, World
from tests.site import Site


def told(folder: Path, words: str, key: object) -> tuple[int, str]:
    """Have the program check a proof: its exit code, and what it prints."""
    file, said = folder / "proof.txt", io.StringIO()
    file.write_text(words, encoding="utf-8")
    with contextlib.redirect_stdout(said):
        return verify.main([str(file), "--key", str(key)]), said.getvalue()


def root_by_the_rfc(leaf: bytes, number: int, size: int, way: list[bytes]) -> bytes:
    """Hash upwards as RFC 6962, 2.1.1 parts a tree: the way is read from its end, beside the larger part first."""
    if size == 1:
        assert way == []
        return hashlib.sha256(b"\x00" + leaf).digest()
    left = 1 << (size - 1).bit_length() - 1
    if number < left:
        return hashlib.sha256(b"\x01" + root_by_the_rfc(leaf, number, left, way[:-1]) + way[-1]).digest()
    return hashlib.sha256(b"\x01" + way[-1] + root_by_the_rfc(leaf, number - left, size - left, way[:-1])).digest()


def test_every_entry_of_both_logs_is_proved_to_whoever_trusts_the_key_alone(
    quarters: World, signing: CheckingKey, tmp_path: Path
) -> None:
    go_on()
    newest = made()
    said = checkpoints.statement(newest)
    for log, size, root in ((Log.CHANGES, said.size, said.root), (Log.ACCESS, said.access_size, said.access_root)):
        for sequence in range(1, size + 1):
            lines, _, note = (proofs.proof_of(log, sequence) or "").partition("\n\n")
            title, named, leaf, *way = lines.split("\n")
            assert (title, named, note) == ("go-bags-proof 1", f"{log} {sequence}", newest.note)
            up = [base64.b64decode(step) for step in way]
            assert root_by_the_rfc(leaf.encode(), sequence - 1, size, up) == root, named
        assert proofs.proof_of(log, size + 1) is None
    code, words = told(tmp_path, proofs.proof_of(Log.CHANGES, 3) or "", signing)
    assert code == 0, words
    assert words.startswith("Entry 3 of the log of changes: ")
    assert "Sound: everything agrees with the checkpoint in it" in words


def test_a_proof_that_was_changed_moved_or_signed_by_another_is_found(
    quarters: World, signing: CheckingKey, tmp_path: Path
) -> None:
    made()
    sound = proofs.proof_of(Log.CHANGES, 5) or ""
    act = sound.split('"act":"')[1].split('"')[0]
    elsewhere = sound.replace("changes 5\n", "changes 6\n")
    for wrong in (sound.replace(f'"act":"{act}"', '"act":"bag.retire"'), elsewhere, _without_a_step(sound)):
        code, words = told(tmp_path, wrong, signing)
        assert (code, "Nothing proves that this is entry" in words) == (1, True), words
    for wrong, key in ((sound.replace("at 2026", "at 2025"), signing), (sound, _another(signing))):
        code, words = told(tmp_path, wrong, key)
        assert (code, "is not signed by the pinned key" in words) == (1, True), words
        assert "Entry" not in words, "what is not proved is not repeated"


def test_what_is_no_whole_proof_is_said_to_be_none(quarters: World, signing: CheckingKey, tmp_path: Path) -> None:
    made()
    sound = proofs.proof_of(Log.CHANGES, 5) or ""
    cut_or_changed = "the proof of the entry is not whole: its first lines were cut or changed"
    for wrong, says in (
        (sound[:20], cut_or_changed),
        (sound[: sound.index("\n\n") + 20], "the text after the empty line of the proof is not a checkpoint"),
        (sound.replace("changes 5\n", "money 5\n"), cut_or_changed),
        (sound.replace("changes 5\n", "changes\n"), cut_or_changed),
        (sound.replace("changes 5\n", f"changes {'9' * 5_000}\n"), cut_or_changed),
        (sound.replace('{"act"', "[" * 100_000), cut_or_changed),
        (sound.replace("proof 1\n", "proof 12\n"), "this program does not know the format “go-bags-proof 12”"),
    ):
        assert told(tmp_path, wrong, signing) == (2, f"The check could not be made: {says}.\n")
    # As an editor on Windows saves it.
    assert told(tmp_path, "\ufeff" + sound.replace("\n", "\r\n"), signing)[0] == 0


def _without_a_step(words: str) -> str:
    lines = words.split("\n")
    return "\n".join([*lines[:3], *lines[4:]])


def _another(key: CheckingKey) -> CheckingKey:
    return CheckingKey(key.name, bytes(reversed(key.key)))


def test_the_page_of_an_entry_gives_its_proof_once_a_checkpoint_reaches_it(
    app: Flask, quarters: World, signing: CheckingKey
) -> None:
    covered = made().size
    go_on()
    auditor = Site(app, PASSWORD).sign_in("auditor@test.example")
    late = head().sequence
    db.session.rollback()
    (link,) = [each for each in auditor.get(f"/audit/trail/changes/{covered}").links if each.endswith("/proof")]
    answer = auditor.client.get(link)
    db.session.rollback()
    assert answer.get_data(as_text=True) == proofs.proof_of(Log.CHANGES, covered)
    db.session.rollback()
    assert f"took the proof of an entry: changes {covered}" in auditor.get("/audit/trail/?log=access").text
    assert "No signed checkpoint reaches it yet" in auditor.get(f"/audit/trail/changes/{late}").text
    auditor.get(f"/audit/trail/changes/{late}/proof", status=404)
