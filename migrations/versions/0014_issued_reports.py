"""The register of issued reports, and how often the public page was asked about one."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = core.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "issued_report",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("sort", sa.String(length=40), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("filters_json", sa.String(), nullable=False),
        sa.Column("marking", sa.String(length=40), nullable=False),
        sa.Column("sequence", _WHOLE, nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.Column("cut_off", _MOMENT, nullable=False),
        sa.Column("verify_at", sa.String(length=200), nullable=False),
        sa.Column("signed", sa.String(length=400), nullable=False),
        sa.Column("frozen_sha256", sa.String(length=64), nullable=False),
        sa.Column("frozen_json", sa.String(), nullable=True),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_issued_report_not_before_the_log")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_report")),
        sa.UniqueConstraint("reference", name=op.f("uq_issued_report_reference")),
        info={"append_only": True},
    )
    op.create_index("ix_issued_report_document", "issued_report", ["sort", "document", "sequence"])
    op.create_table(
        "issued_file",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("report_id", _WHOLE, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("pdf", "csv", "xlsx", name="filekind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", _WHOLE, nullable=False),
        sa.Column("painted_by", sa.String(length=120), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.CheckConstraint("byte_count > 0", name=op.f("ck_issued_file_not_empty")),
        sa.ForeignKeyConstraint(["report_id"], ["issued_report.id"], name=op.f("fk_issued_file_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_issued_file_sha256")),
        info={"append_only": True},
    )
    op.create_index("ix_issued_file_report_id", "issued_file", ["report_id"])
    op.create_table(
        "issued_download",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("file_id", _WHOLE, nullable=False),
        sa.Column("account_id", _WHOLE, nullable=True),
        sa.Column("left_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["issued_file.id"], name=op.f("fk_issued_download_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_download")),
        info={"append_only": True},
    )
    op.create_index("ix_issued_download_file_id", "issued_download", ["file_id"])
    op.create_table(
        "verify_attempt",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verify_attempt")),
        info={"append_only": True},
    )
    op.create_index("ix_verify_attempt_subject", "verify_attempt", ["subject", "at"])
    triggers.append_only("issued_report", [["id"], ["reference"]])
    triggers.append_only("issued_file", [["id"], ["sha256"]])
    triggers.append_only("issued_download", [["id"]])
    triggers.append_only("verify_attempt", [["id"]])
