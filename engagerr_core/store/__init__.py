"""What a workspace keeps: the lake of observations (Delta Lake) and the catalogue of everything else (SQL).

The lake is append-only and its commit decides; the catalogue is written in one transaction around it and is reconciled
with the lake when a workspace is opened.
"""
