"""What a person does with phones: records and pairs them, keeps them ringing, wipes them."""

from inventory.phones.services.checking import row_problems
from inventory.phones.services.ending import end_pairing
from inventory.phones.services.operators import add_operator, change_rule
from inventory.phones.services.recording import record_phones
from inventory.phones.services.resetting import record_reset
from inventory.phones.services.using import record_uses, undo_use

__all__ = [
    "add_operator",
    "change_rule",
    "end_pairing",
    "record_phones",
    "record_reset",
    "record_uses",
    "row_problems",
    "undo_use",
]
