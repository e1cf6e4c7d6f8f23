"""Reports: a parameterised notebook is executed, and its outputs become HTML, PDF and XLSX.

`batch.make_reports` makes one report per creator; `run.run_report` executes any notebook; `blocks` and `tables` are
what reports are made of; `creator` turns an overview into them.
"""
