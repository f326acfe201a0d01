"""More kinds of condition: a share of a cost, papers to be kept, places that goods are for.

SQLite cannot change what a CHECK allows, so there the table is made again with its rows as they are; nothing refers
to it.
"""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KIND = sa.Enum(
    "price of one unit",
    "ceiling of a line",
    "kind of spending not paid",
    "things not paid",
    "share of a cost",
    "papers to be kept",
    "places it is for",
    name="conditionkind",
    native_enum=False,
    create_constraint=True,
    length=40,
)
_COLUMNS = "id, award_id, grant_line_id, kind, clause, words, pence, excluded, account_id, recorded_at"


def upgrade() -> None:
    if triggers.is_sqlite():
        _make_again()
        return
    op.add_column("award_condition", sa.Column("admitted", sa.String(length=200), server_default="", nullable=False))
    op.add_column("award_condition", sa.Column("share_points", _WHOLE, nullable=True))
    op.drop_constraint(op.f("ck_award_condition_conditionkind"), "award_condition", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in _KIND.enums)
    op.create_check_constraint(op.f("ck_award_condition_conditionkind"), "award_condition", f"kind IN ({allowed})")


def _make_again() -> None:
    op.rename_table("award_condition", "award_condition_before")
    op.drop_index("ix_award_condition_award_id", "award_condition_before")
    op.create_table(
        "award_condition",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("award_id", _WHOLE, nullable=False),
        sa.Column("grant_line_id", _WHOLE, nullable=True),
        sa.Column("kind", _KIND, nullable=False),
        sa.Column("clause", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=True),
        sa.Column("excluded", sa.String(length=200), nullable=False),
        sa.Column("account_id", _WHOLE, nullable=False),
        sa.Column("recorded_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("admitted", sa.String(length=200), server_default="", nullable=False),
        sa.Column("share_points", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_award_condition_account_id")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_award_condition_award_id")),
        sa.ForeignKeyConstraint(["grant_line_id"], ["grant_line.id"], name=op.f("fk_award_condition_grant_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_condition")),
        info={"append_only": True},
    )
    op.execute(f"INSERT INTO award_condition ({_COLUMNS}) SELECT {_COLUMNS} FROM award_condition_before ORDER BY id")
    op.drop_table("award_condition_before")
    op.create_index("ix_award_condition_award_id", "award_condition", ["award_id"], unique=False)
    triggers.append_only("award_condition", [["id"]])
