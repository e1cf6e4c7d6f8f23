"""Alembic migrations of the catalogue. They ship with the package and run when a workspace is opened."""

HEAD = "0004"  # the newest revision under versions/; a test holds them together
