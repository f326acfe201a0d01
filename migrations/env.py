"""Run migrations over the connection that the command hands in, which is told of each once it is applied."""

from alembic import context

connection = context.config.attributes["connection"]
metadata = context.config.attributes["metadata"]
applied = context.config.attributes["applied"]

context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
    compare_type=connection.dialect.name != "sqlite",
    on_version_apply=lambda step, **_: applied(step.up_revision_id),
)
with context.begin_transaction():
    context.run_migrations()
