"""The tables of a page become figures again: values where a value stands, and nothing that a page only offers to do."""

from __future__ import annotations

from datetime import UTC, date, datetime

from core.figures.reading import page_read
from core.money import Pence
from core.sheets import Kind, Money

PAGE = """
<main><h1>Go Bags</h1>
<table><caption>2 bags</caption>
<thead><tr><th>Tag</th><th>Packed</th><th>Seen</th><th class="app-number">Cost</th><th class="app-number">Units</th>
<th>State</th><th data-not-in-file>Do</th></tr></thead>
<tbody><tr><th>GB-00001<span class="govuk-visually-hidden">, hidden<br></span></th><td>5 August 2022</td>
<td>1 July 2026 at 3:47am</td><td class="app-number">−£1,234.50</td><td class="app-number">1,200</td>
<td><span>Ready<span class="app-under">Soap &lt;b&gt; expires</span></span>
<a data-not-in-file href="/x">, open it</a></td>
<td><a href="/x">Do it</a></td></tr>
<tr><th>=1+1</th><td>5 to 9 August 2022</td><td>1 July 2026 at midday</td><td class="app-number">–</td>
<td class="app-number">0</td><td>12</td><td></td></tr></tbody></table>
</main>
"""


def test_a_table_is_read_with_its_values_and_without_what_it_offers_to_do() -> None:
    read = page_read(PAGE)
    (table,) = read.tables
    assert (read.heading, read.goes_on, table.name, table.caption) == ("Go Bags", False, "Go Bags", "2 bags")
    assert [column.heading for column in table.columns] == ["Tag", "Packed", "Seen", "Cost", "Units", "State"]
    assert [column.kind for column in table.columns[3:]] == [Kind.MONEY, Kind.COUNT, Kind.TEXT]
    seen = datetime(2026, 7, 1, 2, 47, tzinfo=UTC)
    assert table.rows[0] == (
        "GB-00001", date(2022, 8, 5), seen, Money(Pence(-123450)), 1200, "Ready; Soap <b> expires",
    )  # fmt: skip
    assert table.rows[1] == ("=1+1", "5 to 9 August 2022", datetime(2026, 7, 1, 11, 0, tzinfo=UTC), None, 0, "12")


def test_tables_with_the_same_headings_become_one_and_others_keep_their_names() -> None:
    one = "<table><caption>{}</caption><tr><th>Claim</th></tr><tr><th>{}</th></tr></table>"
    (joined,) = page_read("<h1>Claims</h1>" + one.format("Of A", "CLM-1") + one.format("Of B", "CLM-2")).tables
    assert [column.heading for column in joined.columns] == ["Table", "Claim"]
    assert joined.rows == (("Of A", "CLM-1"), ("Of B", "CLM-2"))
    other = "<table><caption>Rest</caption><tr><th>Else</th></tr><tr><th>x</th></tr></table>"
    two = page_read("<h1>Claims</h1>" + one.format("Of A", "CLM-1") + other).tables
    assert [(table.name, table.rows) for table in two] == [("1 Of A", (("CLM-1",),)), ("2 Rest", (("x",),))]


def test_a_list_that_goes_on_says_so() -> None:
    assert page_read('<h1>X</h1><nav class="govuk-pagination"></nav>').goes_on
    assert page_read("<h1>X</h1>").tables == ()
