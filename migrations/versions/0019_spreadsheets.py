"""Which spreadsheets were brought in."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spreadsheet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column(
            "sort",
            sa.Enum(
                "items",
                "places",
                "opening-stock",
                "par-levels",
                name="sort",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rows_hash", sa.String(length=64), nullable=False),
        sa.Column("file_title", sa.String(length=120), nullable=False),
        sa.Column("row_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("row_count > 0", name=op.f("ck_spreadsheet_at_least_one")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_spreadsheet_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spreadsheet")),
        sa.UniqueConstraint("reference", name=op.f("uq_spreadsheet_reference")),
        sa.UniqueConstraint("sort", "rows_hash", name=op.f("uq_spreadsheet_sort_rows_hash")),
        info={"append_only": True},
    )
    triggers.append_only("spreadsheet", [["id"], ["reference"], ["sort", "rows_hash"]])
