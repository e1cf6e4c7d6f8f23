"""How Alembic runs here: on the connection, and inside the transaction, that the catalogue hands over."""

from alembic import context

from engagerr_core.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
