"""Small counts that cannot be subtracted back: which totals of a release to hide, and proof that it is enough.

A release is a set of totals. Each total is a set of *atoms*: the smallest cells anything is counted in, such as place,
month, language, and in which releases the records count at all. Because every total of every release, past and
present, is a sum over the same atoms, tables, margins, cumulative figures and corrections are one system of equations,
and nothing in this package knows what a row or a column is.

A count of 1 up to the threshold is *sensitive*, whether it is a total, or what is left when one total is subtracted
from another that contains it. ``decide`` hides sensitive totals, and others beside them, until each sensitive count has
a **witness**: another set of whole numbers that agrees with everything ever shown and in which that count differs. Who
reads the releases cannot tell the witness from the truth, so cannot know the count. A witness is checked by addition
alone (``Known.stands``), however it was found; what has none is never called safe.

What the reader is taken to know: counts are whole and not negative, every figure shown in any release, and that a
hidden one is at least 1, because nought is always shown. A reader may also be an **insider**: one contributor, such as
a partner charity, that knows every atom of its own. So each sensitive count of others has, for every contributor there
is, a witness that leaves that contributor's atoms as they are.

Source: HO-11.
"""

from core.suppression.deciding import Decision, decide
from core.suppression.totals import HIDDEN, Release, Total

__all__ = ["HIDDEN", "Decision", "Release", "Total", "decide"]
