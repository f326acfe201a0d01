"""Recording an award, amending its terms, its conditions, and moving its budget between its lines.

A line is never edited: its budget now is the one agreed plus every budget change, each with its date and, above the
award's limit, the funder's consent. Terms are amended with what shows it; what they were stays.
"""

from grants.awards.services.amending import add_line, amend_award
from grants.awards.services.conditions import demand_conditions, record_condition, withdraw_condition
from grants.awards.services.correcting import correct_line
from grants.awards.services.holding import hold_open_awards, lock_awards, read_again
from grants.awards.services.moving import change_budget
from grants.awards.services.recording import record_award

__all__ = [
    "add_line",
    "amend_award",
    "change_budget",
    "correct_line",
    "demand_conditions",
    "hold_open_awards",
    "lock_awards",
    "read_again",
    "record_award",
    "record_condition",
    "withdraw_condition",
]
