"""A process beside the service: begun with limits, known to live by a lock that it alone holds, and stopped.

The number of a process is no identity: once the process is gone, the system gives it to another. So each child is born
holding a lock on a file of its own. The service takes the lock and hands the open file over, so there is no moment in
which the child lives without it, and the system frees it however the child dies. While the lock is held, the process
whose number the file has is the child; when it is free, there is no child, whatever the number says.

The limits are set from outside, right after the start: nothing runs between fork and exec, where a program with
threads may hang, and the child cannot forget them.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ASIDE = ".begun"
"""How the name of a lock ends before it is one: a service that is killed at that moment leaves such a file behind."""

PATIENCE_SECONDS = 5.0
"""How long a child that was killed may take to be gone."""


@dataclass(frozen=True)
class Limits:
    """What a child may use.

    Attributes:
        memory_bytes: memory of its own, written or not; files that it only reads do not count.
        processor_seconds: at this many it is told (SIGXCPU), and killed soon after.
        niceness: how much it stands back behind the service, from 0 to 19.
    """

    memory_bytes: int
    processor_seconds: int
    niceness: int = 10


def start(
    arguments: Sequence[str],
    *,
    lock: Path,
    limits: Limits,
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Begin a child that holds a lock for as long as it lives.

    It is in a session of its own, so whoever stops the service at the keyboard does not stop it too.

    Args:
        lock: the file it holds, which is of this child alone.
        folder: where it runs.
        environment: its whole environment; that of the service when left out.

    Raises:
        OSError: it cannot be begun.
    """
    # Made aside and locked before it has its name: who finds the file finds it held, or the child gone.
    aside = lock.with_suffix(ASIDE)
    handle = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        aside.replace(lock)
        child = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, pass_fds=[handle], start_new_session=True
        )
        _limit(child.pid, limits)
        os.write(handle, str(child.pid).encode())
    finally:
        os.close(handle)
    # Somebody must hear of its end, or the system keeps its number for ever.
    threading.Thread(target=child.wait, daemon=True).start()


def _limit(pid: int, limits: Limits) -> None:
    """Set the limits of a process; one that is gone already needs none."""
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
        resource.prlimit(pid, resource.RLIMIT_CPU, (limits.processor_seconds, limits.processor_seconds + 5))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        os.setpriority(os.PRIO_PROCESS, pid, limits.niceness)


def is_alive(lock: Path) -> bool:
    """Say whether a child holds a lock."""
    try:
        handle = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two who look at once do not take each other for the child.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)


def stop(lock: Path) -> None:
    """Kill the child that holds a lock, if one does, and wait until it is gone.

    Raises:
        TimeoutError: it is still there.
    """
    if is_alive(lock):
        _kill(lock)
    until = time.monotonic() + PATIENCE_SECONDS
    while is_alive(lock):
        if time.monotonic() > until:
            raise TimeoutError(f"the process that holds {lock.name} does not end")
        time.sleep(0.01)


def _kill(lock: Path) -> None:
    words = lock.read_text()
    if not words:
        return  # begun at this very moment, by a service that has not written the number down yet
    with suppress(ProcessLookupError):
        process = os.pidfd_open(int(words))
        try:
            # Held now, after the process was taken hold of: so it is the child, and no later one of its number.
            if is_alive(lock):
                signal.pidfd_send_signal(process, signal.SIGKILL)
        finally:
            os.close(process)
