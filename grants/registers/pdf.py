"""A register on paper, and in the other forms it leaves the service in."""

from __future__ import annotations

from reportlab.platypus.flowables import Flowable

from core.figures import FileKind
from core.figures.paper import csv_inside, front_of, on_paper, painted, room_for
from core.pdf import Marking, bullets, h2, page_break, paint, para
from grants.registers.report import PublishedSpending, Register


def file_of(register: Register, kind: FileKind) -> bytes:
    """Paint a register in one of the forms it leaves the service in."""
    return painted(register, kind, paint_register, marking=marking_of(register))


def marking_of(register: Register) -> Marking:
    """Give the protective marking of a register."""
    return Marking.OFFICIAL_SENSITIVE if register.is_sensitive else Marking.OFFICIAL


def paint_register(register: Register) -> bytes:
    """Paint a register as a PDF; the same register gives the same bytes."""
    story: list[Flowable] = [para(register.sentence), *page_break(True)]
    for table in register.tables:
        story += [room_for(table), h2(table.name), *on_paper(table)]
    story += [h2("Notes"), *bullets(register.notes, numbered=True)]
    return paint(
        story,
        front=front_of(
            register,
            organisation=register.organisation,
            author="Grant accounts",
            period=register.day,
            subject=register.title,
            marking=marking_of(register),
            foi_disclosable=not register.is_sensitive,
        ),
        at=register.checkpoint.cut_off,
        attachments=csv_inside(register, file_of, "register"),
    )


def spending_file(spending: PublishedSpending, kind: FileKind) -> bytes:
    """Paint spending over £500 in one of the forms it leaves the service in. OFFICIAL: it is made to be published."""
    return painted(spending, kind, paint_spending)


def paint_spending(spending: PublishedSpending) -> bytes:
    """Paint spending over £500 as a PDF; the same report gives the same bytes."""
    (table,) = spending.tables
    story: list[Flowable] = [para(spending.sentence), *page_break(True), room_for(table), h2("Rows"), *on_paper(table)]
    story += [h2("Notes"), *bullets(spending.notes, numbered=True)]
    return paint(
        story,
        front=front_of(
            spending,
            organisation=spending.organisation,
            author="Grant accounts",
            period=spending.period.words,
            subject=spending.title,
        ),
        at=spending.checkpoint.cut_off,
        attachments=csv_inside(spending, spending_file, "report"),
    )
