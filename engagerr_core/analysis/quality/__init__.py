"""Data quality: four stages of validation, each a pure function from frames to findings.

1. `schema` — what could not be read or trusted, and what files leave out.
2. `ranges` — figures out of bounds, and identities between the figures of one row.
3. `history` — counters that fall or leap between two observations.
4. `completeness` — missing days, accounts and kinds of tables.

`report.assess` puts them together with freshness and reconciliation.
"""
