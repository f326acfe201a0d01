"""Digital signatures of issued PDFs, each made once."""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issued_signature",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("painted_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_base64", sa.String(), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_signature")),
        sa.UniqueConstraint("painted_sha256", name=op.f("uq_issued_signature_painted_sha256")),
        sa.UniqueConstraint("sha256", name=op.f("uq_issued_signature_sha256")),
        info={"append_only": True},
    )
    triggers.append_only("issued_signature", [["id"], ["painted_sha256"], ["sha256"]])
