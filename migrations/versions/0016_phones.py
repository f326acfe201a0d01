"""Phones that ring: numbers, pairings, operators with their lapse rules, uses of SIMs and factory resets."""

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime
from migrations import triggers

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_number",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.CheckConstraint("length(number) = 12", name=op.f("ck_phone_number_dialled")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_number")),
        sa.UniqueConstraint("number", name=op.f("uq_phone_number_number")),
        info={"append_only": True},
    )
    op.create_table(
        "phone_operator",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_operator")),
        sa.UniqueConstraint("code", name=op.f("uq_phone_operator_code")),
        sa.UniqueConstraint("name_key", name=op.f("uq_phone_operator_name_key")),
        info={"append_only": True},
    )
    op.create_table(
        "operator_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("days_to_lapse", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counts_text", sa.Boolean(), nullable=False),
        sa.Column("counts_call", sa.Boolean(), nullable=False),
        sa.Column("counts_data", sa.Boolean(), nullable=False),
        sa.Column("counts_top_up", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("days_to_lapse > 0", name=op.f("ck_operator_rule_at_least_a_day")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_operator_rule_account_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["phone_operator.id"], name=op.f("fk_operator_rule_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_rule")),
        info={"append_only": True},
    )
    op.create_index("ix_operator_rule_operator_id", "operator_rule", ["operator_id"], unique=False)
    op.create_table(
        "pairing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "side",
            sa.Enum("handset", "number", name="pairedside", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("sim_turn", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handset_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("phone_number_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("turn", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(handset_id IS NULL) = (side = 'number') AND (phone_number_id IS NULL) = (side = 'handset')",
            name=op.f("ck_pairing_one_other_side"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pairing_account_id")),
        sa.ForeignKeyConstraint(["handset_id"], ["serial_unit.id"], name=op.f("fk_pairing_handset_id")),
        sa.ForeignKeyConstraint(["phone_number_id"], ["phone_number.id"], name=op.f("fk_pairing_phone_number_id")),
        sa.ForeignKeyConstraint(["sim_id"], ["serial_unit.id"], name=op.f("fk_pairing_sim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing")),
        sa.UniqueConstraint("handset_id", "turn", name=op.f("uq_pairing_handset_id_turn")),
        sa.UniqueConstraint("phone_number_id", "turn", name=op.f("uq_pairing_phone_number_id_turn")),
        sa.UniqueConstraint("sim_id", "side", "sim_turn", name=op.f("uq_pairing_sim_id_side_sim_turn")),
        info={"append_only": True},
    )
    op.create_table(
        "pairing_end",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pairing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pairing_end_account_id")),
        sa.ForeignKeyConstraint(["pairing_id"], ["pairing.id"], name=op.f("fk_pairing_end_pairing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_end")),
        sa.UniqueConstraint("pairing_id", name=op.f("uq_pairing_end_pairing_id")),
        info={"append_only": True},
    )
    op.create_table(
        "sim_activation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activated_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sim_activation_account_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["phone_operator.id"], name=op.f("fk_sim_activation_operator_id")),
        sa.ForeignKeyConstraint(["sim_id"], ["serial_unit.id"], name=op.f("fk_sim_activation_sim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sim_activation")),
        info={"append_only": True},
    )
    op.create_index("ix_sim_activation_sim_id", "sim_activation", ["sim_id"], unique=False)
    op.create_table(
        "sim_use",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "text sent",
                "call made",
                "data used",
                "topped up",
                "credit read",
                name="usekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("credit_pence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'credit read' OR credit_pence IS NOT NULL", name=op.f("ck_sim_use_says_what_was_read")
        ),
        sa.CheckConstraint("credit_pence >= 0", name=op.f("ck_sim_use_credit_not_below_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sim_use_account_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_sim_use_place_id")),
        sa.ForeignKeyConstraint(["sim_id"], ["serial_unit.id"], name=op.f("fk_sim_use_sim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sim_use")),
        info={"append_only": True},
    )
    op.create_index("ix_sim_use_place_recorded", "sim_use", ["place_id", "recorded_at"], unique=False)
    op.create_index("ix_sim_use_sim_id", "sim_use", ["sim_id"], unique=False)
    op.create_table(
        "sim_use_undone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sim_use_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sim_use_undone_account_id")),
        sa.ForeignKeyConstraint(["sim_use_id"], ["sim_use.id"], name=op.f("fk_sim_use_undone_sim_use_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sim_use_undone")),
        sa.UniqueConstraint("sim_use_id", name=op.f("uq_sim_use_undone_sim_use_id")),
        info={"append_only": True},
    )
    op.create_table(
        "factory_reset",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handset_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reset_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_factory_reset_account_id")),
        sa.ForeignKeyConstraint(["handset_id"], ["serial_unit.id"], name=op.f("fk_factory_reset_handset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factory_reset")),
        info={"append_only": True},
    )
    op.create_index("ix_factory_reset_handset_id", "factory_reset", ["handset_id"], unique=False)
    triggers.append_only("phone_number", [["id"], ["number"]])
    triggers.append_only("phone_operator", [["id"], ["code"], ["name_key"]])
    triggers.append_only("operator_rule", [["id"]])
    triggers.append_only(
        "pairing", [["id"], ["handset_id", "turn"], ["phone_number_id", "turn"], ["sim_id", "side", "sim_turn"]]
    )
    triggers.append_only("pairing_end", [["id"], ["pairing_id"]])
    triggers.append_only("sim_activation", [["id"]])
    triggers.append_only("sim_use", [["id"]])
    triggers.append_only("sim_use_undone", [["id"], ["sim_use_id"]])
    triggers.append_only("factory_reset", [["id"]])
    triggers.pairings()
