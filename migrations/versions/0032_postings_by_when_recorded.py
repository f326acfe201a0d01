"""Finds the postings that were not known yet at a moment."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_posting_recorded_at", "posting", ["recorded_at"], unique=False)
