"""Installs packages of Debian (or a system like it) for the tests, where we may.

Only root may, so everyone else gets a sentence that names the packages. The service itself needs none.
"""

import os
import shutil
import subprocess
from pathlib import Path

LOG = Path(__file__).resolve().parent.parent / "build" / "apt.log"


class MissingError(Exception):
    """Something the tests need is missing; the message says what to install."""


def may_install() -> bool:
    """Say whether packages can be installed here."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> bool:
    """Install packages without a question asked, and say whether that went well.

    What apt-get printed is kept in ``build/apt.log``.
    """
    if not may_install():
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        for command in (wanted, ["apt-get", "update"], wanted):
            done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            if command is wanted and done.returncode == 0:
                return True
    return False
