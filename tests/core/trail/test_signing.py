"""Notes and keys as Go's sumdb writes them, and checkpoints as C2SP does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.trail.signing import CheckingKey, Note, NotReadable, SigningKey, Statement, sign

# The example of golang.org/x/mod/sumdb/note.
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNED = (
    f"{TEXT}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
OTHER = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"

STATEMENT = Statement(
    "gobags.example/log", 7, bytes(range(32)), 0, bytes(32), b"r" * 32, datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
)


def test_a_key_signs_a_note_as_the_published_example_does() -> None:
    key = SigningKey.read(PRIVATE)
    assert (str(key.checking), key.private_text()) == (PUBLIC, PRIVATE)
    assert str(sign(TEXT, [key])) == SIGNED
    assert CheckingKey.read(PUBLIC).signed(Note.read(SIGNED))
    assert PRIVATE[-20:] not in repr(key)


def test_a_note_is_not_signed_by_another_key_nor_for_another_text() -> None:
    note = Note.read(SIGNED)
    assert not CheckingKey.read(OTHER).signed(note)
    assert not CheckingKey.read(PUBLIC).signed(Note(TEXT.replace("don't", "do"), note.signatures))
    renamed = Note(note.text, (("EnochRoot", note.signatures[0][1]),))
    assert not CheckingKey.read(PUBLIC).signed(renamed)


def test_a_note_may_be_signed_by_two() -> None:
    new = SigningKey.made("PeterNeumann")
    note = Note.read(str(sign(TEXT, [SigningKey.read(PRIVATE), new])))
    assert CheckingKey.read(PUBLIC).signed(note)
    assert new.checking.signed(note)


def test_a_checkpoint_is_written_in_the_published_form_and_read_again() -> None:
    lines = STATEMENT.text().splitlines()
    assert lines[:2] == ["gobags.example/log", "7"]
    assert lines[2] == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert lines[3:] == [
        "access 0 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "rows cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=",
        "at 2026-05-04T09:30:00.000000Z",
    ]
    assert Statement.read(STATEMENT.text()) == STATEMENT


def test_a_hand_over_names_the_next_key() -> None:
    key = CheckingKey.read(PUBLIC)
    handing = Statement(**{**vars(STATEMENT), "next_key": key})
    assert handing.text().endswith(f"next-key {PUBLIC}\n")
    assert Statement.read(handing.text()).next_key == key


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        TEXT,
        SIGNED.rstrip("\n"),
        SIGNED.replace("— ", "- "),
        SIGNED.replace("x08go", "?!"),
        SIGNED.replace("PeterNeumann x08", "x08"),
        "\n" + SIGNED.partition("\n\n")[2],
    ],
)
def test_what_is_not_a_signed_note_is_not_read_as_one(wrong: str) -> None:
    with pytest.raises(NotReadable):
        Note.read(wrong)


@pytest.mark.parametrize(
    ("old", "new"), [("\n7\n", "\n07\n"), ("\n7\n", "\n-7\n"), ("AAEC", "AAE"), ("rows ", "row "), ("at 2026", "at x")]
)
def test_what_is_not_a_checkpoint_is_not_read_as_one(old: str, new: str) -> None:
    with pytest.raises(NotReadable):
        Statement.read(STATEMENT.text().replace(old, new, 1))


@pytest.mark.parametrize(
    "wrong", ["", PUBLIC.replace("c74f20a3", "c74f20a4"), PUBLIC.replace("+ARpc", "+BRpc"), PUBLIC[:-4], "a+b"]
)
def test_a_damaged_key_is_refused(wrong: str) -> None:
    with pytest.raises(NotReadable):
        CheckingKey.read(wrong)


@pytest.mark.parametrize("wrong", ["", PUBLIC, PRIVATE.replace("c74f20a3", "00000000"), PRIVATE[:-8]])
def test_a_damaged_private_key_is_refused(wrong: str) -> None:
    with pytest.raises(NotReadable):
        SigningKey.read(wrong)


@pytest.mark.parametrize("name", ["", "two words", "plus+sign", "new\nline"])
def test_a_key_has_a_name_that_can_stand_in_a_note(name: str) -> None:
    with pytest.raises(NotReadable):
        SigningKey.made(name)
