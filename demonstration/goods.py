"""What the demonstration holds: suppliers, items with their usual price, editions, recipes and par levels.

Prices are illustrative: an adult bag comes to about £78 net (docs/SOURCES.md, KIT-2). VAT: children's
clothes, printed booklets and sanitary products are zero-rated, the rest is at 20%.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from demonstration.acts import Acts
from demonstration.calendar import Calendar
from demonstration.people import STATIONS, STORE
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind, NewLine
from inventory.pars import services as pars
from inventory.pars.services import ParAsked
from organisation.suppliers import services as suppliers


@dataclass(frozen=True)
class Goods:
    """An item as the demonstration buys it.

    Attributes:
        price_pence: net price of one.
        vat_points: VAT rate in basis points.
        line: code of the grant line that usually pays for it.
    """

    code: str
    name: str
    kind: ItemKind
    price_pence: int
    line: str
    vat_points: int = 2000
    expires: bool = False
    language: str | None = None


LANGUAGES = {
    "en": "English",
    "ro": "Romanian",
    "sq": "Albanian",
    "vi": "Vietnamese",
    "pl": "Polish",
    "ar": "Arabic",
    "ti": "Tigrinya",
    "zh": "Chinese",
}

SIZES = {"M": "S to M", "L": "L to XL", "C": "age 8 to 12"}


def _clothes() -> list[Goods]:
    worn = (
        ("JOG", "Joggers", 950),
        ("TEE", "T-shirt", 320),
        ("SWT", "Sweatshirt", 1100),
        ("UND", "Underwear pack", 480),
    )
    return [
        Goods(f"{code}-{size}", f"{name}, {words}", ItemKind.CLOTHING, price, "A", 0 if size == "C" else 2000)
        for code, name, price in worn
        for size, words in SIZES.items()
    ]


GOODS: dict[str, Goods] = {
    goods.code: goods
    for goods in (
        Goods("HOLDALL", "Holdall", ItemKind.PACKAGING, 650, "A"),
        Goods("WASH", "Wash kit", ItemKind.CONTENT, 720, "A", expires=True),
        Goods("TOWEL", "Towel", ItemKind.CONTENT, 310, "A"),
        Goods("SOCKS", "Socks, pair", ItemKind.CLOTHING, 200, "A"),
        Goods("SLIDERS", "Sliders", ItemKind.CLOTHING, 350, "A"),
        Goods("SNACK", "Snack and water", ItemKind.CONTENT, 180, "A", expires=True),
        Goods("PERIOD", "Period pack", ItemKind.CONTENT, 240, "A", 0, expires=True),
        *_clothes(),
        Goods("PHONE", "Basic phone", ItemKind.PHONE, 1400, "B"),
        Goods("SIM", "SIM with £10 credit", ItemKind.SIM, 1000, "B"),
        *(
            Goods(f"CARD-{code.upper()}", f"Security card, {name}", ItemKind.SECURITY_CARD, 35, "C", language=code)
            for code, name in LANGUAGES.items()
        ),
        *(
            Goods(f"BOOK-{code.upper()}", f"Rights booklet, {name}", ItemKind.BOOKLET, 110, "D", 0, language=code)
            for code, name in LANGUAGES.items()
        ),
    )
}

SUPPLIERS = (
    ("WESSEX", "Wessex Workwear Ltd", False),
    ("AVONMED", "Avon Hygiene Supplies", False),
    ("DEVTEL", "Devizes Telecom Ltd", False),
    ("PLAINPRINT", "Plain Print Ltd", False),
    ("MOONRAKER", "Moonraker Storage", False),
    ("LANTERN", "Lantern Training CIC", False),
    ("SOROPT", "Soroptimists of the Plain", True),
)

RECIPES = {"ADULT-M": ("Adult, S to M", "M"), "ADULT-L": ("Adult, L to XL", "L"), "CHILD": ("Child, 8 to 12", "C")}

PAR_BAGS = {"ADULT-M": 3, "ADULT-L": 2, "CHILD": 1}
PAR_ITEMS = {
    "PHONE": 1,
    **{f"BOOK-{code}": 2 for code in ("EN", "RO", "SQ", "VI", "PL", "AR")},
    **{f"CARD-{code}": 3 for code in ("EN", "RO", "SQ", "VI")},
}
STORE_PARS = {"ADULT-M": 8, "ADULT-L": 6, "CHILD": 4}


def stock_catalogue(acts: Acts, calendar: Calendar) -> None:
    """Record suppliers, items, editions and recipes as they stood when the year began."""
    start = calendar.first - timedelta(days=40)
    acts.go_to(start, 9)
    for code, name, donor in SUPPLIERS:
        acts.do("grants", suppliers.add_supplier, code=code, name=name, donor=donor)
    for goods in GOODS.values():
        acts.do(
            "storekeeper", catalogue.add_item, code=goods.code, name=goods.name, kind=goods.kind,
            language=goods.language, expires=goods.expires,
        )  # fmt: skip
    for code in (code for code, goods in GOODS.items() if goods.language):
        acts.do(
            "storekeeper", catalogue.publish_edition, item_code=code, number=1,
            published_on=start - timedelta(days=300), review_on=calendar.last + timedelta(days=200),
        )  # fmt: skip
    for code, (name, size) in RECIPES.items():
        acts.do(
            "storekeeper", catalogue.write_recipe_version, recipe_code=code, name=name, in_use_from=start,
            lines=_lines(size),
        )  # fmt: skip


def _lines(size: str) -> list[NewLine]:
    """Give the lines of a recipe in one size: what everybody gets, then any phone, SIM, card and booklet."""
    codes = ["HOLDALL", "WASH", "TOWEL", "SOCKS", "SLIDERS", "SNACK"]
    codes += [f"{worn}-{size}" for worn in ("JOG", "TEE", "SWT", "UND")]
    kinds = [ItemKind.SECURITY_CARD, ItemKind.BOOKLET]
    if size != "C":
        kinds = [ItemKind.PHONE, ItemKind.SIM, *kinds]
    return [NewLine(1, item_code=code) for code in codes] + [NewLine(1, any_of_kind=kind) for kind in kinds]


def set_pars(acts: Acts) -> None:
    """Set the par levels of every place."""
    acts.go_on(minutes=30)
    for station in STATIONS:
        levels = [ParAsked(count, recipe_code=code) for code, count in PAR_BAGS.items()]
        levels += [ParAsked(count, item_code=code) for code, count in PAR_ITEMS.items()]
        acts.do("approver", pars.set_pars, place_code=station.code, levels=levels, reason=None)
    acts.do(
        "approver", pars.set_pars, place_code=STORE, reason=None,
        levels=[ParAsked(count, recipe_code=code) for code, count in STORE_PARS.items()],
    )  # fmt: skip
