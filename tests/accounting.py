"""Finds the accounting programs that give an independent opinion of the books.

hledger is the system's (Debian's, installed where we are root); beancount comes with the tests' packages. A missing
program fails the tests in words; nothing is ever skipped for it.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tools import debian

PACKAGE = "hledger"


def found() -> Path | None:
    """Give the hledger named by HLEDGER, else the system's, else None."""
    place = shutil.which(os.environ.get("HLEDGER") or "hledger")
    return Path(place) if place else None


def ready() -> Path:
    """Give hledger, installing Debian's first where it is missing and we may.

    Raises:
        MissingError: there is none, and which package to install.
    """
    program = found()
    if program is None and debian.install(PACKAGE):
        program = found()
    if program is None:
        raise debian.MissingError(
            "The tests of the books need hledger. Install it (Debian: apt-get install hledger) "
            "or name one with HLEDGER=/path/to/hledger"
        )
    return program


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run hledger."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run([ready(), *words], capture_output=True, text=True, check=False, env=environment)


def balances(journal: Path) -> Mapping[tuple[str, str], int]:
    """Have hledger add everything up: (account, commodity) → units or pence; nothing is left out but nothing."""
    told = run("balance", "--file", journal, "--flat", "--no-total", "--output-format=csv")
    assert told.returncode == 0, told.stderr
    found: dict[tuple[str, str], int] = {}
    for account, sums in list(csv.reader(told.stdout.splitlines()))[1:]:
        for each in sums.split(", "):
            quantity, _, commodity = each.partition(" ")
            found[account, commodity.strip('"')] = int(quantity.replace(".", ""))
    return found
