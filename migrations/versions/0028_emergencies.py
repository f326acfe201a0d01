"""Which requests could not wait."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("restock_request", sa.Column("emergency", sa.Boolean(), server_default=sa.false(), nullable=False))
