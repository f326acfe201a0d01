"""Sample reports for the tests, and the gate they pass through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import page
import pypdf
from reportlab.platypus.flowables import Flowable

from core.pdf import (
    Attachment,
    Bar,
    BarChart,
    Column,
    Front,
    ListColumn,
    Marking,
    Span,
    bullets,
    chart,
    facts,
    h2,
    h3,
    listing,
    money_table,
    note,
    page_break,
    paint,
    para,
    pounds,
    qr,
    signature_block,
    table,
)

AT = datetime(2022, 10, 5, 9, 30, tzinfo=UTC)
FRONT = Front(
    title="Go Bag grant: claim for Quarter 2",
    reference="CLM-2022-017",
    version="1.0",
    organisation="Office of the Police and Crime Commissioner",
    author="Grant officer",
    period="Quarter 2 (July to September 2022)",
    cut_off="30 September 2022, 23:59",
    foi_disclosable=True,
    review_on=date(2023, 8, 5),
)
LANGUAGES = {
    "Welsh": "Canllaw cymorth: Tŷ ŵyl",
    "Vietnamese": "Hướng dẫn trợ giúp cho nạn nhân",
    "Russian": "Руководство по помощи",
    "Greek": "Οδηγός βοήθειας",
    "Arabic": "دليل المساعدة 2022",
    "Hebrew": "מדריך עזרה",
    "Hindi": "सहायता मार्गदर्शिका",
    "Tamil": "உதவி வழிகாட்டி",
    "Amharic": "የእርዳታ መመሪያ",
    "Chinese": "援助指南",
    "Bengali": "সহায়তা নির্দেশিকা",
    "Punjabi": "ਸਹਾਇਤਾ ਗਾਈਡ",
}
LINES = [
    ("A Contents and clothing", 960_000, 501_800, 458_200),
    ("B Phones, SIMs, credit", 440_000, 224_000, 216_000),
    ("C Security cards", 176_000, 124_000, 52_000),
]
PICTURE = BarChart(
    "Grant position by line",
    ("Claimed", "Forecast"),
    tuple(Bar(name, (claimed, left // 2), budget) for name, budget, claimed, left in LINES),
    lambda pence: "£" + pounds(pence),
    "budget",
)


def everything() -> list[Flowable]:
    """Build a story that uses every flowable, over several pages of both kinds."""
    return [
        h2("Summary"),
        para("The claim ties out to the penny. " * 12),
        para(["See ", Span("the published terms", link="https://example.org/terms?a=(1)"), " for ", Span("why", True)]),
        *bullets(["Ordered", "Delivered", ["Paid, as ", Span("the extract", link="https://example.org/x"), " says"]]),
        *bullets(["First", "Second"], numbered=True),
        h3("Position"),
        chart(PICTURE),
        note("As at the data cut-off."),
        money_table(
            ["Line", "Budget £", "Claimed £", "Left £"],
            LINES,
            ("Total", 1_576_000, 849_800, 726_200),
            caption="Position by grant line",
        ),
        h2("Languages held"),
        table(["Language", "Title"], list(LANGUAGES.items())),
        *page_break(landscape=True),
        h2("Deliveries"),
        money_table(
            ["Reference", Column("Note"), "Net £"],
            [(f"D-{count:03}", "Blankets and towels. " * (count % 20), count * 1_999) for count in range(24)],
        ),
        *page_break(landscape=False),
        h2("Certificate"),
        *signature_block("I certify that the figures are right.", role="Chief Finance Officer"),
        facts([("Key", "ed25519:9f8e")], caption="Seal"),
        qr("https://example.org/verify/CLM-2022-017", "QR code that opens the verification page"),
        h2("Ledger lines"),
        listing(
            [ListColumn("Line"), ListColumn("Item", 3), ListColumn("Net £", 1, True)],
            [(f"L{count:04}", list(LANGUAGES.values())[count % 12], count * 137) for count in range(70)],
        ),
    ]


def compact() -> list[Flowable]:
    """Build a story of one page that has one of everything a mutant can take from."""
    return [
        h2("Summary"),
        para(["See ", Span("the published terms", link="https://example.org/terms"), "."]),
        chart(BarChart("Claimed", ("Claimed",), (Bar("A", (5,)),))),
        money_table(["Line", "Budget £", "Claimed £", "Left £"], LINES),
        h3("Certificate"),
    ]


def painted(story: Sequence[Flowable] | None = None, front: Front = FRONT, **options: Any) -> bytes:
    """Paint a story, by default the one with everything and an attachment."""
    if story is None:
        story = everything()
        options.setdefault("attachments", [Attachment("lines.csv", b"line,net\r\nA,1.00\r\n", "Rows of the claim")])
    return paint(story, front=front, at=AT, **options)


def faults(data: bytes, *profiles: str) -> list[str]:
    """Give the broken rules of PDF/UA-1 and PDF/A-3a as `rule: message`."""
    reports = [
        page.validate_pdf_bytes(data, profile=profile, limits=page.SafetyLimits.unlimited())
        for profile in profiles or ("ua1", "3a")
    ]
    return [f"{failure.rule_id}: {failure.message}" for report in reports for failure in report.failures]


def read(data: bytes) -> pypdf.PdfReader:
    """Open a painted report with another library."""
    return pypdf.PdfReader(BytesIO(data))


def info_of(data: bytes) -> dict[str, str]:
    """Give the information dictionary as plain text."""
    return {key: str(value) for key, value in (read(data).metadata or {}).items()}


def code_of(data: bytes, sheet: int = 0, stream: int = 0) -> str:
    """Give the operators of one content stream of a page: 0 is its body, 1 its furniture."""
    contents: Any = read(data).pages[sheet]["/Contents"]
    found: str = contents[stream].get_object().get_data().decode("latin-1")
    return found


def text_of(data: bytes) -> str:
    """Give the text of all pages, white space made single."""
    return " ".join(" ".join(sheet.extract_text() for sheet in read(data).pages).split())


def _document(data: bytes) -> Any:
    root: Any = read(data).trailer["/Root"]
    return root["/StructTreeRoot"]["/K"]


def _kids(element: Any) -> list[Any]:
    """Give the elements right below one; marked content and references to annotations are left out."""
    kids = element.get("/K", [])
    found = [kid.get_object() for kid in (kids if isinstance(kids, list) else [kids])]
    return [kid for kid in found if isinstance(kid, dict) and "/S" in kid]


def structure(data: bytes) -> list[Any]:
    """Give the structure tree as nested lists: tag, then kids; content is left out."""

    def walk(element: Any) -> list[Any]:
        return [element["/S"][1:], *[walk(kid) for kid in _kids(element)]]

    return walk(_document(data))


def tags(data: bytes, name: str) -> list[Any]:
    """Give the elements of one tag in reading order."""

    def walk(element: Any) -> list[Any]:
        found = [element] if element["/S"] == f"/{name}" else []
        return found + [item for kid in _kids(element) for item in walk(kid)]

    return walk(_document(data))


SENSITIVE = Marking.OFFICIAL_SENSITIVE
