"""Run migrations over the connection that the command hands in."""

from alembic import context

connection = context.config.attributes["connection"]
metadata = context.config.attributes["metadata"]

context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
    compare_type=connection.dialect.name != "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
