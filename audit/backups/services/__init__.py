"""Making a backup, proving it, and restoring it beside the present database before it takes its place."""

from audit.backups.services.examining import Examined, examined
from audit.backups.services.making import Made, make
from audit.backups.services.restoring import Restored, restore
from audit.backups.services.stores import Store, store_of

__all__ = ["Examined", "Made", "Restored", "Store", "examined", "make", "restore", "store_of"]
