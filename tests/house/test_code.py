"""Rules of the house that can be read off its source: one commit, no idle template, no field about a victim."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Column, Float, Numeric
from wtforms.fields.core import UnboundField

import app as application
from core import schema
from core.db import Base, db
from core.forms import Form

ROOT = Path(__file__).resolve().parent.parent.parent
AREAS = ("core", "organisation", "inventory", "grants", "audit", "demonstration")
TEMPLATES = ROOT / "templates"


def sources() -> list[Path]:
    """List the program's own modules."""
    return [ROOT / "app.py", *sorted(path for area in AREAS for path in (ROOT / area).rglob("*.py"))]


@cache
def nodes_of(path: Path) -> list[ast.Call | ast.Constant]:
    """Give the calls and the constants in a module, read once for all tests."""
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call | ast.Constant)]


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Give the calls in a module: the line and the called name, with a dot before that of a method."""
    for node in nodes_of(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield node.lineno, f".{node.func.attr}" if isinstance(node.func, ast.Attribute) else node.func.id


def where(path: Path, line: int) -> str:
    """Name a line of the program."""
    return f"{path.relative_to(ROOT)}:{line}"


# ---- One commit, one clock ----------------------------------------------------------------------


def test_only_the_transaction_commits() -> None:
    found = [
        where(path, line)
        for path in sources()
        for line, name in calls(path)
        if name in (".commit", ".begin", ".begin_nested") and path != ROOT / "core" / "db.py"
    ]
    assert found == []


def test_only_routes_and_commands_open_a_transaction() -> None:
    opened = {
        path
        for path in sources()
        if path.parts[len(ROOT.parts)] in AREAS[1:5]
        for _, name in calls(path)
        if name == "transaction"
    }
    assert opened
    layers = {path: "routes" if path.parent.name == "routes" else path.stem for path in opened}
    assert {path for path, layer in layers.items() if layer not in ("routes", "commands")} == set()


TOLD_THE_TIME = ("rules", "models", "queries", "services", "report", "pdf")
"""Parts of a slice that are told what the time is, and never ask."""


def test_what_is_told_the_time_never_asks_for_it() -> None:
    asking = [
        where(path, line)
        for path in sources()
        if path.stem in TOLD_THE_TIME or path.parent.name in TOLD_THE_TIME
        for line, name in calls(path)
        if name.lstrip(".") in ("now", "today", "utcnow", "time", "localtime")
        and not _is_sql_or_constructor(path, line)
    ]
    assert asking == []


def _is_sql_or_constructor(path: Path, line: int) -> bool:
    """Say whether the call is the database's own clock or makes a time of day from figures."""
    return re.search(r"\b(func\.now\(|time\(\d|\w+\.time\(\))", path.read_text().splitlines()[line - 1]) is not None


def test_every_silenced_check_says_which_and_why() -> None:
    silent = [
        where(path, number)
        for path in [*sources(), *sorted((ROOT / "tests").rglob("*.py"))]
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"#\s*type:\s*ignore(?!\[[a-z, -]+\]\s+# \S)|#\s*noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)*\s+[(-])", line)
    ]
    assert silent == []


# ---- Templates ----------------------------------------------------------------------------------


def named_in_code() -> set[str]:
    """Collect the templates that the program names."""
    return {
        node.value
        for path in sources()
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html")
    }


def named_in(template: str) -> set[str]:
    """Collect the templates that a template extends, includes or imports from."""
    found = re.findall(r"{%-?\s*(?:extends|include|import|from)\s+[\"']([^\"']+)", (TEMPLATES / template).read_text())
    return set(found)


def test_every_template_is_used_and_every_named_one_exists() -> None:
    there = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    asked = named_in_code()
    by_each_other = {name for template in there for name in named_in(template)}
    ours = {name for name in by_each_other if not name.startswith("govuk_frontend_")}
    assert (asked | ours) - there == set(), "named, and not there"
    assert there - (asked | ours) == set(), "there, and never used"


# ---- Tables -------------------------------------------------------------------------------------

CHANGES_BECAUSE = {
    "account": "a person is disabled, renamed or begins a new epoch of sessions",
    "award": "its terms are agreed anew; its money changes by budget changes alone",
    "bag_position": "kept by the database from bag moves",
    "balance": "kept by the database from moves",
    "body": "a corporation is renamed",
    "claim": "goes from state to state; what is signed of it never changes",
    "count_line": "is counted once more; what was seen never changes",
    "credential": "an invitation is used up, a password replaced",
    "deputy": "ends early",
    "edition": "its review day moves",
    "finance_ledger": "is renamed",
    "item": "is retired",
    "kit_recipe": "is renamed; its versions never change",
    "lines_kept": "moves on as the sums of grant lines are kept up",
    "lot_numbering": "carried on as its lot moves",
    "lot_on_line": "is made anew where anything happened to its lot",
    "making": "goes from asked for to ready, failed or cancelled",
    "note": "its text may be erased; the commitment to it stays",
    "past_balance": "kept by the database from moves",
    "place": "closes",
    "promise": "falls as it is kept",
    "reference_series": "counts on",
    "request_line": "is given what was approved",
    "restock_request": "goes from state to state; its events never change",
    "role_held": "ends",
    "row_on_line": "is made anew where anything happened to its row",
    "service_setting": "is set",
    "session_record": "is seen, and ends",
    "stock_count": "goes from state to state; its entries and results never change",
    "submission": "is given its result by the transaction that made it",
    "supplier": "is renamed",
    "unit_position": "kept by the database from unit moves",
    "waiting_extract": "is mapped, then imported or discarded",
}
"""Table whose rows change → why. Every other table is append-only."""


def test_every_table_is_append_only_or_says_why_not() -> None:
    application.import_models()
    tables = Base.metadata.tables.values()
    changing = {table.name for table in tables if not table.info.get("append_only")}
    assert changing == set(CHANGES_BECAUSE)


def test_money_and_counts_are_whole_numbers_in_every_table() -> None:
    application.import_models()
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    assert [str(column) for column in columns if isinstance(column.type, Float | Numeric)] == []


def test_every_constraint_has_a_name() -> None:
    application.import_models()
    nameless = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if not constraint.name
    ]
    assert nameless == []


@pytest.mark.usefixtures("database")
def test_the_migrated_schema_is_the_one_of_the_models() -> None:
    assert schema.differences(db.engine) == []
    assert schema.current_revision(db.engine) == schema.newest_revision()


# ---- Nobody's details ---------------------------------------------------------------------------

OF_A_PERSON = re.compile(
    r"(^|_)(name|surname|forename|birth|born|dob|age|gender|sex|nationality|ethnicity|religion|address|postcode|"
    r"telephone|mobile|email|contact|victim|survivor|offence|crime|narrative|passport|nhs)(_|$)"
)

NAMES_OF_NO_VICTIM = {
    "account.email": "a member of staff signs in with it",
    "account.name": "what colleagues call a member of staff",
    "body.name": "a corporation or charity",
    "claim_estimate.supplier_name": "a supplier",
    "evidence.file_name": "a paper; the guard refuses a name that says who somebody is",
    "evidence.stored_name": "random",
    "finance_ledger.name": "a ledger",
    "item.name": "a thing",
    "kit_recipe.name": "a recipe",
    "ledger_line.supplier_name": "a supplier, as the finance system has it",
    "phone_operator.name": "a mobile operator",
    "phone_operator.name_key": "the same, to tell two apart",
    "place.name": "a place",
    "service_setting.name": "a setting",
    "supplier.name": "a supplier",
    "town.name": "a town; the guard refuses words that say who somebody is",
}
"""Column that sounds like a person's → whose or what it is."""


def test_no_table_has_a_column_for_a_victims_details() -> None:
    application.import_models()
    columns: list[Column[object]] = [each for table in Base.metadata.tables.values() for each in table.columns]
    sounding = {f"{each.table.name}.{each.name}" for each in columns if OF_A_PERSON.search(each.name)}
    assert sounding == set(NAMES_OF_NO_VICTIM)


def test_no_form_has_a_field_for_a_victims_details(app: Flask) -> None:
    sounding = {
        (form.__module__.split(".")[1], name)
        for form in _forms(Form)
        for name, value in vars(form).items()
        if isinstance(value, UnboundField) and OF_A_PERSON.search(name)
    }
    assert sounding <= FIELDS, sounding - FIELDS


FIELDS = {
    ("accounts", "email"),
    ("accounts", "name"),
    ("catalogue", "name"),
    ("ledgers", "name"),
    ("places", "name"),
    ("suppliers", "name"),
}
"""Slice and field that name a colleague, a place, a supplier, a ledger or a thing."""


def _forms(kind: type[Form]) -> Iterator[type[Form]]:
    for each in kind.__subclasses__():
        yield each
        yield from _forms(each)
