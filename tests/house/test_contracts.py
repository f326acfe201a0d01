"""The layers of the house hold, and the contracts that guard them bite."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
AREAS = ("audit", "grants", "inventory", "organisation", "core")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over a tree with our contracts."""
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_every_import_keeps_to_the_layers() -> None:
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout


@pytest.fixture
def empty_house(tmp_path: Path) -> Path:
    """A tree with one empty slice in each area, and the contracts of this repository."""
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for area in AREAS:
        for folder in (tmp_path / area, tmp_path / area / "desk"):
            folder.mkdir()
            (folder / "__init__.py").touch()
    (tmp_path / "inventory" / "shelf").mkdir()
    (tmp_path / "inventory" / "shelf" / "__init__.py").touch()
    return tmp_path


def test_a_house_without_imports_is_kept(empty_house: Path) -> None:
    assert lint(empty_house).returncode == 0


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("core/desk/money.py", "import organisation.desk", "Areas lean downwards"),
        ("inventory/desk/models.py", "import grants.desk", "Areas lean downwards"),
        ("grants/desk/queries.py", "from grants.desk import services", "In a slice"),
        ("grants/desk/pdf.py", "from grants.desk import forms", "In a slice"),
        ("audit/desk/rules.py", "from audit.desk import models", "In a slice"),
        ("audit/desk/helpers.py", "import json", "In a slice"),
        ("inventory/shelf/forms.py", "from inventory.desk import routes", "Only app.py imports routes"),
        ("inventory/shelf/forms.py", "import inventory.desk.commands", "Only app.py imports routes"),
        ("inventory/desk/services.py", "from flask import session", "know nothing of the web"),
        ("organisation/desk/models.py", "import wtforms", "know nothing of the web"),
        ("grants/desk/report.py", "import werkzeug", "know nothing of the web"),
        ("inventory/desk/forms.py", "from sqlalchemy import select", "know nothing of the database"),
        ("grants/desk/pdf.py", "import sqlalchemy.orm", "know nothing of the database"),
    ],
)
def test_an_import_against_the_layers_is_refused(
    empty_house: Path, file: str, line: str, contract: str
) -> None:
    for name in ("routes", "commands", "forms", "pdf", "services", "queries", "models"):
        for slice_ in ("grants/desk", "audit/desk", "inventory/desk"):
            (empty_house / slice_ / f"{name}.py").touch()
    (empty_house / file).write_text(f"{line}\n")

    done = lint(empty_house)

    assert done.returncode == 1
    broken = [row for row in done.stdout.splitlines() if row.endswith(" BROKEN")]
    assert len(broken) == 1, done.stdout
    assert contract in broken[0]
