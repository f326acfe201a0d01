"""Tables that come in as files: every cell its exact text, and nothing of the file trusted.

A slice says with its ``Bounds`` how much of a file it takes and what its own users call one; what the cells mean is the
slice's own business.
"""

from core.sheets.reading.delimited import column_letters
from core.sheets.reading.tables import Records, records_of
from core.sheets.reading.uploads import TOO_MUCH_DATA, WRONG_TYPE, Bounds, FileKind

__all__ = ["TOO_MUCH_DATA", "WRONG_TYPE", "Bounds", "FileKind", "Records", "column_letters", "records_of"]
