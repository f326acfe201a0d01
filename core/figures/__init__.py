"""The tables of a report, frozen: what its screen, PDF, CSV and XLSX all paint.

A report slice freezes its figures once into ``Figures``; every painter reads the same cells through the same
``shown``, so no two of them can disagree about a figure. ``files`` paints CSV and XLSX, ``paper`` paints PDF, and
``templates/components/figures.html`` paints the page.
"""

from core.figures.tables import AsKnown, Checkpoint, Figures, FileKind, Imprint, grouped, is_figure, shown, summed

__all__ = ["AsKnown", "Checkpoint", "Figures", "FileKind", "Imprint", "grouped", "is_figure", "shown", "summed"]
