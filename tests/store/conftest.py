"""Fixtures of the store's tests."""

from tests.store.catalogues import postgres, url  # noqa: F401 - pytest finds fixtures by name
