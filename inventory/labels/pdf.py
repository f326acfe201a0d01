"""Sheets of labels on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.pdf import Front, paint
from core.pdf.labels import Label, label_sheets


def paint_labels(labels: Sequence[Label], *, title: str, at: datetime, skipped: int) -> bytes:
    """Paint labels on A4 sheets, three by seven.

    Args:
        at: the moment the file bears.
        skipped: places of the first sheet that were used before.
    """
    front = Front(
        title=title, reference="", version="", organisation="", author="Stock records", period="", cut_off="",
        foi_disclosable=False,
    )  # fmt: skip
    return paint(label_sheets(labels, skipped=skipped), front=front, at=at, bare=True, furnished=False)
