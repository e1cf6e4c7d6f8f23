"""What the words mean: platforms, metrics, dimensions, definitions, coefficients, benchmarks.

Tables (TOML, CSV) with typed loaders. Nothing here computes figures; a workspace may override a table with its own.
"""
