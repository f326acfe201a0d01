"""Evidence: papers beside records, and those set aside."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column(
            "record_kind",
            _words("recordkind", "award", "budget-change", "order", "delivery", "invoice", "spending-row"),
            nullable=False,
        ),
        sa.Column("record_reference", sa.String(length=40), nullable=False),
        sa.Column(
            "proof",
            _words(
                "proof",
                "grant agreement",
                "funder's consent",
                "order",
                "delivery note",
                "invoice",
                "proof of payment",
                "journal or recharge paper",
                "other paper",
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("file_kind", _words("filekind", "pdf", "jpg", "png"), nullable=False),
        sa.Column("byte_count", _WHOLE, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_name", sa.String(length=40), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("byte_count > 0", name=op.f("ck_evidence_not_empty")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_evidence_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("reference", name=op.f("uq_evidence_reference")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_evidence_stored_name")),
        info={"append_only": True},
    )
    op.create_index("ix_evidence_record", "evidence", ["record_kind", "record_reference"])
    op.create_index("ix_evidence_sha256", "evidence", ["sha256"])
    op.create_table(
        "evidence_set_aside",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("evidence_id", _WHOLE, nullable=False),
        sa.Column("note_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_evidence_set_aside_account_id_account")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_set_aside_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_evidence_set_aside_note_id_note")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_set_aside")),
        sa.UniqueConstraint("evidence_id", name=op.f("uq_evidence_set_aside_evidence_id")),
        info={"append_only": True},
    )
    triggers.append_only("evidence", [["id"], ["reference"], ["stored_name"]])
    triggers.append_only("evidence_set_aside", [["id"], ["evidence_id"]])
