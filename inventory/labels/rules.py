"""What labels there are and what one says, on plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_LABELS = 210
"""Labels made at once: ten sheets."""


ON_A_SHEET = 21
"""Labels on a sheet, as ``core.pdf.labels`` lays it out; said here too, for a form is not to load what paints."""


class LabelKind(StrEnum):
    """What a sheet of labels is for."""

    BAGS = "bags"
    SHELVES = "shelves"
    BOXES = "boxes"


WORDS = {
    LabelKind.BAGS: "Go Bags that stand here",
    LabelKind.SHELVES: "Shelves: one for each item that lies here",
    LabelKind.BOXES: "Boxes: one for each lot that lies here",
}
"""How each kind is offered."""


@dataclass(frozen=True)
class Labelled:
    """A thing to label.

    Attributes:
        key: its tag or code, by which its page is found.
        title: what stands first on the label.
        says: what stands below it.
    """

    key: str
    title: str
    says: tuple[str, ...]
