"""Telling the funder of a loss, why spending is good value, and how a fixed asset left."""

from __future__ import annotations

from core.forms import Day, Form, Pounds, Text


class NoticeForm(Form):
    """When the funder was told, and by which letter or message."""

    notified_on = Day("Funder told on", hint="For example, 27 3 2026")
    outside_reference = Text("Reference of the letter or message", most=60, optional=True)


class ValueForm(Form):
    """Words that are published with the spending."""

    words = Text(
        "Why it is good value for money", most=300, required="Say why it is good value for money",
        hint="Published as it stands, such as: lowest of three quotations",
    )  # fmt: skip


class RecipientForm(ValueForm):
    """Who was paid by spending that has no invoice, with the words that are published."""

    payee = Text(
        "Who was paid", most=120, required="Say who was paid",
        hint="Published as it stands: the shop, the body that recharged it, the employer. Name no person",
    )  # fmt: skip


class DisposalForm(Form):
    """When a fixed asset left, how, and for how much."""

    disposed_on = Day("Disposed of on", hint="For example, 27 3 2026")
    words = Text(
        "How it left, and who has it now", most=120, required="Say how it left and who has it now",
        hint="Printed in the register, such as: sold at auction to a dealer. Name no person",
    )  # fmt: skip
    proceeds = Pounds("Proceeds (£)", hint="£0.00 where nothing was had for it")


class AssetForm(Form):
    """Where a fixed asset is, and what else an agreement wants a register of assets to say."""

    location = Text("Where it is", most=120, required="Say where it is", hint="The place or building. Name no person")
    serial_number = Text("Serial number", most=60, optional=True)
    deeds = Text("Where its title deeds are", most=120, optional=True, hint="Leave empty where it has none")
    depreciation = Text("How it is depreciated", most=120, optional=True, hint="Such as: evenly over 4 years")
