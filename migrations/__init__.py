"""Alembic migrations, from the first table on, and the triggers they make."""
