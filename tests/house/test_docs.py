"""What the papers say is there is there: tests, invariants, sources, links, decision records, commands, pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app import create_app
from core.access import ROLE_PERMISSIONS, Role
from demonstration import people

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
PAPERS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
CODE = (
    "app.py",
    "audit",
    "core",
    "demonstration",
    "grants",
    "inventory",
    "migrations",
    "organisation",
    "tests",
    "tools",
)
STATES = re.compile(r"(holds( in part \(.+\))?|comes with issue \d)", re.DOTALL)

READERS = {
    "sergeant": (Role.SERGEANT,),
    "storekeeper": (Role.STOREKEEPER,),
    "approver": (Role.APPROVER,),
    "grant-officer": (Role.GRANT_OFFICER,),
    "finance": (Role.CHIEF_FINANCE_OFFICER, Role.BUDGET_HOLDER),
    "auditor": (Role.AUDITOR,),
    "partner": (Role.PARTNER,),
    "administrator": (Role.ADMINISTRATOR,),
}
"""Guide → whom it is for."""


@cache
def invariants() -> dict[str, str]:
    """Read the invariants: number → what is said of it."""
    parts = re.split(r"^## (INV-\d\d) ", (DOCS / "INVARIANTS.md").read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@cache
def sources() -> frozenset[str]:
    """Read the numbers of the sources."""
    return frozenset(re.findall(r"^\| ([A-Z]+-\d+) \|", (DOCS / "SOURCES.md").read_text(), flags=re.MULTILINE))


def code() -> Iterator[tuple[str, str]]:
    """Read every file of code: its path → its text."""
    for name in CODE:
        found = [ROOT / name] if name.endswith(".py") else sorted((ROOT / name).rglob("*.py"))
        yield from ((str(path.relative_to(ROOT)), path.read_text()) for path in found)


@cache
def names_in(path: Path) -> frozenset[str]:
    """List the tests of a file; a class's tests are named after it."""
    tree = ast.parse(path.read_text())
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


@pytest.fixture(scope="module")
def service() -> Flask:
    """The application as the command line makes it, on a database nobody opens."""
    return create_app(
        {
            "SQLALCHEMY_DATABASE_URI": "sqlite://",
            "SECRET_KEY": "nothing is signed here",
            "TRUSTED_HOSTS": ["localhost"],
            "SECURE_COOKIES": False,
        }
    )


# ---- Invariants ---------------------------------------------------------------------------------


def test_the_invariants_are_numbered_from_1_without_a_gap() -> None:
    assert list(invariants()) == [f"INV-{number:02}" for number in range(1, 40)]


@pytest.mark.parametrize("number", sorted(invariants()))
def test_an_invariant_says_whether_it_holds(number: str) -> None:
    state = re.search(r"^State: (.+?)\n\n", invariants()[number], flags=re.MULTILINE | re.DOTALL)
    assert state is not None
    assert STATES.fullmatch(state[1]), state[1]


@pytest.mark.parametrize("number", sorted(invariants()))
def test_an_invariant_that_holds_names_tests_that_are_there(number: str) -> None:
    said = invariants()[number]
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", said)
    missing = [
        f"{path}::{test}" for path, test in named if not (ROOT / path).is_file() or test not in names_in(ROOT / path)
    ]
    assert not missing
    if "State: holds" in said:
        assert re.search(r"^- Tests: `tests/", said, flags=re.MULTILINE), "it names no test"
        for kind in ("Service", "Database", "Afterwards"):
            assert f"\n- {kind}: " in said


def test_every_part_of_stock_has_a_story_that_is_there() -> None:
    told = (DOCS / "ARCHITECTURE.md").read_text()
    rows = re.findall(r"^\| (\d+) \| .+ \| `(.+)::(.+)` \|$", told, flags=re.MULTILINE)
    numbers = [int(number) for number, _, _ in rows]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 15))
    assert not [f"{path}::{test}" for _, path, test in rows if test not in names_in(ROOT / path)]


def test_code_keeps_only_invariants_that_are_written_down() -> None:
    unknown = [
        f"{path}: {number}"
        for path, text in code()
        for kept in re.findall(r"Keeps: ([^\n]*(?:\n    [^\n]+)*)", text)
        for number in re.findall(r"\bINV-\d\d\b", kept)
        if number not in invariants()
    ]
    assert not unknown


# ---- Sources and links --------------------------------------------------------------------------


def test_code_names_only_sources_that_are_listed() -> None:
    unknown = [
        f"{path}: {number}"
        for path, text in code()
        for named in re.findall(r"(?:^    Source: |docs/SOURCES\.md, )([^\n]*)", text, flags=re.MULTILINE)
        for number in re.findall(r"\b(?:HO|VAT|ID|FL|KIT|DOC|SEC)-\d+\b", named)
        if number not in sources()
    ]
    assert not unknown


def test_what_a_source_is_said_to_have_shaped_is_there() -> None:
    rows = re.findall(r"^\| [A-Z]+-\d+ \|.*\| ([^|]+) \|$", (DOCS / "SOURCES.md").read_text(), flags=re.MULTILINE)
    named = [path for row in rows for path in re.findall(r"`([\w/.]+)`", row)]
    assert not [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(paper: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", paper.read_text())
    inside = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
    assert not [target for target in inside if not (paper.parent / target).exists()]


def test_every_path_the_architecture_names_is_there() -> None:
    said = (DOCS / "ARCHITECTURE.md").read_text()
    named = [path for path in re.findall(r"`([a-z]\w*/[\w/.]*)`", said) if (ROOT / path.split("/")[0]).is_dir()]
    assert not [path for path in named if not (ROOT / path).exists()]


def test_every_decision_record_is_in_the_index() -> None:
    records = sorted(path.name for path in (DOCS / "adr").glob("[0-9]*.md"))
    index = (DOCS / "adr" / "README.md").read_text()
    listed = re.findall(r"^\| (\d+) \| \[(.+)\]\(([\w.-]+)\) \|$", index, flags=re.MULTILINE)
    assert [name for _, _, name in listed] == records
    for number, title, name in listed:
        assert (DOCS / "adr" / name).read_text().startswith(f"# {number}. {title}\n")
        assert name.startswith(f"{int(number):04}-")


def test_no_paper_names_a_path_of_somebodys_machine() -> None:
    own = re.compile(r"(?<![\w.])/(?:work|root|home|tmp|Users)/")
    assert not [str(paper) for paper in PAPERS if own.search(paper.read_text())]


# ---- Commands, sign-ins and pages ---------------------------------------------------------------


def commands(service: Flask) -> dict[str, click.Command]:
    """List the commands of the service as they are typed, such as "reports usage"."""
    found: dict[str, click.Command] = {}
    for name, command in service.cli.commands.items():
        inner = command.commands if isinstance(command, click.Group) else {}
        found |= {f"{name} {each}": one for each, one in inner.items()} or {name: command}
    return found


def test_the_readme_names_every_command_and_no_other(service: Flask) -> None:
    table = (ROOT / "README.md").read_text().partition("| command | does |")[2].partition("\n\n")[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = [typed for cell in cells for typed in re.findall(r"`([^`]+)`", cell)]
    known = commands(service)
    assert sorted({" ".join(typed.split()[: 1 if typed.split()[0] in known else 2]) for typed in named}) == sorted(
        known
    )


def test_the_readme_names_only_options_that_commands_have(service: Flask) -> None:
    known = commands(service)
    for row in re.findall(r"^\| `(?:[a-z]+ ?)[^|]*\|[^|]*\|$", (ROOT / "README.md").read_text(), flags=re.MULTILINE):
        typed = re.findall(r"`([a-z][^`]*)`", row.split("|")[1])
        found = [known[name] for words in typed for name in known if words.startswith(name)]
        options = {option for command in found for each in command.params for option in each.opts}
        if found:
            assert set(re.findall(r"--[a-z-]+", row)) <= options, row


def test_papers_name_only_commands_there_are(service: Flask) -> None:
    known = commands(service)
    for paper in PAPERS:
        for typed in re.findall(r"flask --app app ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", paper.read_text()):
            assert typed in known or typed.split()[0] in known, f"{paper.name}: {typed}"


def test_the_readme_names_every_sign_in_that_is_shown_and_the_password() -> None:
    text = (ROOT / "README.md").read_text()
    assert re.findall(r"`(\w+@demo\.example)`", text) == [people.address(name) for name in people.SHOWN]
    assert f"`{people.PASSWORD}`" in text


def test_the_papers_name_only_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    for paper in PAPERS:
        named = {
            name
            for words in re.findall(r"(?:^|`)make ([a-z -]+)", paper.read_text(), flags=re.MULTILINE)
            for name in words.split()
        }
        assert named <= targets, f"{paper.name}: {named - targets}"


def test_each_role_has_a_guide() -> None:
    assert sorted(path.stem for path in (DOCS / "guides").glob("*.md")) == sorted(READERS)
    assert {role for roles in READERS.values() for role in roles} == set(Role)


@pytest.mark.parametrize("guide", sorted(READERS))
def test_a_guide_names_only_pages_its_reader_may_open(guide: str, service: Flask) -> None:
    adapter = service.url_map.bind("localhost")
    named = re.findall(r"`(/[^`\s]*)`", (DOCS / "guides" / f"{guide}.md").read_text())
    assert named
    for address in named:
        try:
            endpoint, _ = adapter.match(address)
        except (HTTPException, RequestRedirect) as wrong:
            pytest.fail(f"{address} is no page: {type(wrong).__name__}")
        view: Any = service.view_functions[endpoint]
        for role in READERS[guide]:
            assert not view.access or view.access & ROLE_PERMISSIONS[role], f"{address} is closed to the {role}"
