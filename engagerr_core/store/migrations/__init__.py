"""Alembic migrations of the catalogue. They ship with the package and run when a workspace is opened."""

HEAD = "0002"  # the newest revision under versions/; a test holds them together
