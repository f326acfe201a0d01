"""Write migrations/versions/0001_first_tables.py from the models.

Only until the first release: while the first schema grows, whoever changes a model runs this again
(``python -m tools.first_migration``). From the first release on every change is a migration of its own.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Table, UniqueConstraint, create_engine

import app as application
from core.db import Base

TARGET = Path(__file__).resolve().parent.parent / "migrations" / "versions" / "0001_first_tables.py"
HEAD = '''"""First tables: places, accounts, trail, stock, requests, grants and ledgers.

Written by tools/first_migration.py from the models.
"""

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
'''


def unique_keys(table: Table) -> list[list[str]]:
    """List the column names of the primary key and of every unique constraint."""
    keys = [[column.name for column in table.primary_key.columns]]
    keys += [
        [column.name for column in constraint.columns]
        for constraint in sorted(table.constraints, key=lambda each: str(each.name))
        if isinstance(constraint, UniqueConstraint)
    ]
    return keys


def main() -> None:
    """Write the migration."""
    application.import_models()
    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"target_metadata": Base.metadata, "user_module_prefix": "core.db."}
        )
        script = produce_migrations(context, Base.metadata)
        assert script.upgrade_ops is not None
        body = render_python_code(script.upgrade_ops, migration_context=context, user_module_prefix="core.db.")
    guards = ["triggers.shared_functions()"]
    guards += [
        f"triggers.append_only({table.name!r}, {unique_keys(table)!r})"
        for table in Base.metadata.sorted_tables
        if table.info.get("append_only")
    ]
    guards += ["triggers.domain_triggers()", "triggers.outside_places()"]
    body = textwrap.dedent("    " + body.strip())
    text = HEAD + textwrap.indent(body + "\n" + "\n".join(guards), "    ") + "\n"
    TARGET.write_text(text)


if __name__ == "__main__":
    main()
