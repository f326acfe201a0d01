"""The rules of stock: the arithmetic of its ledger, and what decides which lots are used, first and for whom."""

from inventory.stock.rules.ledger import (
    BagMovement,
    LotMove,
    LotSource,
    Movement,
    NothingThere,
    Numbering,
    PostingKind,
    Units,
    count_of,
    joined,
    net_effect,
    number_on,
    number_units,
    without,
)
from inventory.stock.rules.using import ANY_LOT, PickPolicy, Policies, UseBy, most_for

__all__ = [
    "ANY_LOT",
    "BagMovement",
    "LotMove",
    "LotSource",
    "Movement",
    "NothingThere",
    "Numbering",
    "PickPolicy",
    "Policies",
    "PostingKind",
    "Units",
    "UseBy",
    "count_of",
    "joined",
    "most_for",
    "net_effect",
    "number_on",
    "number_units",
    "without",
]
