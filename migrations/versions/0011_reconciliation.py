"""Reconciliations of a period: prepared by one person, signed off by another."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PREPARED = "SELECT 1 FROM reconciliation WHERE id = NEW.reconciliation_id"
_OF_SIGNED = (
    (
        f"EXISTS ({_PREPARED} AND account_id = NEW.account_id)",
        "a reconciliation is signed off by somebody else than prepared it",
    ),
    (
        f"NOT EXISTS ({_PREPARED} AND award_id = NEW.award_id AND first_on = NEW.first_on)",
        "a reconciliation is signed off for the period it was prepared for",
    ),
)


def upgrade() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("award_id", _WHOLE, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("unexplained_pence", sa.BigInteger(), nullable=False),
        sa.Column("note_id", _WHOLE, nullable=True),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_reconciliation_ends_after_start")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reconciliation_account_id")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_reconciliation_award_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_reconciliation_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
        sa.UniqueConstraint("reference", name=op.f("uq_reconciliation_reference")),
        info={"append_only": True},
    )
    op.create_index("ix_reconciliation_award_id", "reconciliation", ["award_id"], unique=False)
    op.create_table(
        "signed_reconciliation",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reconciliation_id", _WHOLE, nullable=False),
        sa.Column("award_id", _WHOLE, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("figures_json", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("checkpoint_sequence", _WHOLE, nullable=False),
        sa.Column("cut_off", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("signed_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_signed_reconciliation_account_id")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_signed_reconciliation_award_id")),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"], ["reconciliation.id"], name=op.f("fk_signed_reconciliation_reconciliation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_reconciliation")),
        sa.UniqueConstraint("award_id", "first_on", name=op.f("uq_signed_reconciliation_award_id_first_on")),
        sa.UniqueConstraint("reconciliation_id", name=op.f("uq_signed_reconciliation_reconciliation_id")),
        info={"append_only": True},
    )
    triggers.append_only("reconciliation", [["id"], ["reference"]])
    triggers.append_only("signed_reconciliation", [["id"], ["reconciliation_id"], ["award_id", "first_on"]])
    triggers.guard("signed_reconciliation", "INSERT", _OF_SIGNED)
