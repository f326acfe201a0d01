"""The design system's macros (from PyPI) and its styles (from npm) are of one version.

npm's package ships, for each component, examples of options with the HTML they give. Each must come out of
the macros alike. This is the gate for an upgrade of either: against govuk-frontend 6.6.0 the macros of today
give 647 of 705. What the built styles may not do is told here too.
"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, PackageLoader, PrefixLoader

STYLES = Path(__file__).resolve().parents[2] / "static" / "dist"
COMPONENTS = Path(__file__).resolve().parents[2] / "node_modules" / "govuk-frontend" / "dist" / "govuk" / "components"
MACROS = Environment(
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
)


class Tokens(HTMLParser):
    """HTML as what a browser makes of it: tags with their attributes, and words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tokens: list[Any] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tokens.append((tag, sorted((name, " ".join((value or "").split())) for name, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tokens.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.tokens.extend(data.split())


def examples() -> list[Any]:
    """Give each component's name and all its examples."""
    components = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(COMPONENTS.glob("*/fixtures.json"))]
    return [pytest.param(each["component"], each["fixtures"], id=each["component"]) for each in components]


def rendered(component: str, options: dict[str, Any]) -> str:
    """Give the HTML of the macro, called as our templates call it."""
    macro = "govuk" + "".join(word.title() for word in component.split("-"))
    template = MACROS.from_string(
        f"{{% from 'govuk_frontend_jinja/components/{component}/macro.html' import {macro} %}}"
        f"{{{{ {macro}(options) }}}}"
    )
    return template.render(options=options)


@pytest.mark.parametrize(("component", "fixtures"), examples())
def test_a_macro_gives_the_design_systems_own_html(component: str, fixtures: list[dict[str, Any]]) -> None:
    for fixture in fixtures:
        given = Tokens(rendered(component, fixture["options"])).tokens

        assert given == Tokens(fixture["html"]).tokens, fixture["name"]


def test_the_examples_are_those_of_the_pinned_version() -> None:
    counts = [
        len(json.loads(path.read_text(encoding="utf-8"))["fixtures"]) for path in COMPONENTS.glob("*/fixtures.json")
    ]

    assert sum(counts) == 657


def test_no_colour_hangs_on_where_among_its_siblings_a_thing_stands() -> None:
    """The scan of the pages compares the colours of each kind of text once (tests/axe.py)."""
    rules = [
        rule for path in sorted(STYLES.glob("*.css")) for rule in re.findall(r"([^{}]+)\{([^{}]*)\}", path.read_text())
    ]
    coloured = [
        chosen for chosen, says in rules if re.search(r"(?<![\w-])(color|background|background-color|fill):", says)
    ]

    assert len(coloured) > 100
    assert [chosen for chosen in coloured if re.search(r":(nth|first|last|only|has|empty)|[+~]", chosen)] == []
