"""Dashboards: traitlets state → a view of plain data → widgets. They work without a browser, by setting `.value`."""
