"""Making a backup, proving it, and restoring it beside the present database before it takes its place."""

from audit.backups.services.examining import Examined, examined
from audit.backups.services.making import Made, make
from audit.backups.services.restoring import Restorable, Restored, note_restore, restorable, take_place
from audit.backups.services.stores import Store, store_of

__all__ = [
    "Examined",
    "Made",
    "Restorable",
    "Restored",
    "Store",
    "examined",
    "make",
    "note_restore",
    "restorable",
    "store_of",
    "take_place",
]
