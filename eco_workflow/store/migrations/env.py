"""Alembic runs inside the transaction that `store.migrate` opened."""

from alembic import context
from sqlmodel import SQLModel

from eco_workflow.store import tables  # noqa: F401  (registers every table)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
)
context.run_migrations()
