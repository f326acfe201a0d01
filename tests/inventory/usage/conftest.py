"""Stories told once for all tests of this folder."""

from tests.grants.reports.told import month, month_template, quarters, quarters_template

__all__ = ["month", "month_template", "quarters", "quarters_template"]
