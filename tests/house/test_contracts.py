"""The layers of the house hold, and the contracts that guard them bite."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
AREAS = ("demonstration", "audit", "grants", "inventory", "organisation", "core")


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


AGAINST_THE_LAYERS = {
    "core/desk/money.py": "organisation.desk",
    "inventory/desk/models.py": "grants.desk",
    "audit/desk/queries.py": "demonstration.desk",
    "grants/desk/queries.py": "grants.desk.services",
    "grants/desk/pdf.py": "grants.desk.forms",
    "audit/desk/rules.py": "audit.desk.models",
    "inventory/shelf/forms.py": "inventory.desk.routes",
    "inventory/shelf/queries.py": "inventory.desk.commands",
    "inventory/desk/services.py": "flask",
    "organisation/desk/models.py": "wtforms",
    "grants/desk/report.py": "werkzeug",
    "inventory/desk/forms.py": "sqlalchemy",
    "organisation/desk/pdf.py": "sqlalchemy",
}


def test_each_import_against_the_layers_is_named(empty_house: Path) -> None:
    for slice_ in ("audit/desk", "grants/desk", "inventory/desk"):
        for file in ("routes", "commands", "forms", "services", "models"):
            (empty_house / slice_ / f"{file}.py").touch()
    for path, imported in AGAINST_THE_LAYERS.items():
        (empty_house / path).write_text(f"import {imported}\n")

    done = lint(empty_house)

    assert done.returncode == 1
    assert "0 kept, 5 broken" in done.stdout
    for path, imported in AGAINST_THE_LAYERS.items():
        importer = path.removesuffix(".py").replace("/", ".")
        assert f"{importer} -> {imported} (l.1)" in done.stdout


def test_a_slice_holds_no_file_that_the_design_does_not_name(empty_house: Path) -> None:
    (empty_house / "audit" / "desk" / "helpers.py").write_text("import json\n")

    done = lint(empty_house)

    assert done.returncode == 1
    assert "- audit.desk.helpers" in done.stdout
