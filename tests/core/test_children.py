"""A process beside the service: known by its lock, bounded, and stopped."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import children
from core.children import Limits

LIMITS = Limits(memory_bytes=200 * 1024**2, processor_seconds=60, niceness=7)
SLEEPS = "import time; time.sleep(60)"


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[Path]:
    """A lock; whoever holds it is stopped when the test ends."""
    held = tmp_path / "child.lock"
    yield held
    if held.exists():
        children.stop(held)


def begin(lock: Path, words: str, limits: Limits = LIMITS) -> None:
    children.start([sys.executable, "-c", words], lock=lock, limits=limits, folder=lock.parent)


def wait_for(file: Path) -> str:
    until = time.monotonic() + 20
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return file.read_text()


def test_a_child_is_alive_until_it_is_stopped_and_leaves_no_process(lock: Path) -> None:
    assert not children.is_alive(lock)
    begin(lock, SLEEPS)
    assert children.is_alive(lock)
    pid = int(lock.read_text())
    assert os.getpriority(os.PRIO_PROCESS, pid) == 7
    limits = Path(f"/proc/{pid}/limits").read_text()
    found = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()}
    assert found["Max cpu time"] == ["60", "65"]
    assert found["Max data size"] == [str(200 * 1024**2)] * 2
    assert found["Max core file size"] == ["0", "0"]
    children.stop(lock)
    assert not children.is_alive(lock)
    children.stop(lock)


def test_a_number_that_belongs_to_another_process_by_now_is_neither_taken_for_the_child_nor_killed(lock: Path) -> None:
    lock.write_text(str(os.getpid()))
    assert not children.is_alive(lock)
    children.stop(lock)  # this process is still here to say so


def test_a_child_that_needs_more_memory_than_it_may_have_gets_none(lock: Path) -> None:
    told = lock.with_name("told")
    begin(
        lock,
        "import pathlib, time\n"
        "time.sleep(0.2)\n"
        "held = bytearray(50 << 20)\n"
        "try:\n    more = bytearray(200 << 20)\n    said = 'got it'\n"
        "except MemoryError:\n    said = 'refused'\n"
        "pathlib.Path('told').write_text(said)",
    )
    assert wait_for(told) == "refused"
