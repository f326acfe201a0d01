"""Audit samples with their frozen population, the rows drawn, and what was found of each."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "audit_sample",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column(
            "kind",
            _words("populationkind", "spending apportioned to an award", "rows of a signed claim", "Go Bags issued"),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("method", _words("method", "random", "by value"), nullable=False),
        sa.Column("asked_count", _WHOLE, nullable=False),
        sa.Column("confidence", _WHOLE, nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("population_count", _WHOLE, nullable=False),
        sa.Column("population_pence", sa.BigInteger(), nullable=True),
        sa.Column("population_text", sa.String(), nullable=False),
        sa.Column("population_digest", sa.String(length=64), nullable=False),
        sa.Column("left_out_count", _WHOLE, nullable=False),
        sa.Column("left_out_pence", sa.BigInteger(), nullable=False),
        sa.Column("known_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("asked_count > 1", name=op.f("ck_audit_sample_at_least_two")),
        sa.CheckConstraint("population_count > 0", name=op.f("ck_audit_sample_from_something")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_audit_sample_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_sample")),
        sa.UniqueConstraint("reference", name=op.f("uq_audit_sample_reference")),
        info={"append_only": True},
    )
    op.create_table(
        "sample_row",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("sample_id", _WHOLE, nullable=False),
        sa.Column("position", _WHOLE, nullable=False),
        sa.Column("row_reference", sa.String(length=80), nullable=False),
        sa.Column("record", sa.String(length=80), nullable=False),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=True),
        sa.Column("hits", _WHOLE, nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.CheckConstraint("hits > 0", name=op.f("ck_sample_row_hit")),
        sa.ForeignKeyConstraint(["sample_id"], ["audit_sample.id"], name=op.f("fk_sample_row_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_row")),
        sa.UniqueConstraint("sample_id", "position", name=op.f("uq_sample_row_sample_id_position")),
        sa.UniqueConstraint("sample_id", "row_reference", name=op.f("uq_sample_row_sample_id_row_reference")),
        info={"append_only": True},
    )
    op.create_table(
        "sample_result",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("row_id", _WHOLE, nullable=False),
        sa.Column("outcome", _words("outcome", "agreed", "error", "could not be checked"), nullable=False),
        sa.Column("right_pence", sa.BigInteger(), nullable=True),
        sa.Column("note_id", _WHOLE, nullable=True),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "right_pence IS NULL OR outcome = 'error'", name=op.f("ck_sample_result_only_an_error_is_put_right")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sample_result_account_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_sample_result_note_id")),
        sa.ForeignKeyConstraint(["row_id"], ["sample_row.id"], name=op.f("fk_sample_result_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_result")),
        info={"append_only": True},
    )
    op.create_index("ix_sample_result_row_id", "sample_result", ["row_id"], unique=False)
    triggers.append_only("audit_sample", [["id"], ["reference"]])
    triggers.append_only("sample_row", [["id"], ["sample_id", "position"], ["sample_id", "row_reference"]])
    triggers.append_only("sample_result", [["id"]])
