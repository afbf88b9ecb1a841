"""SQL for warehouses over exported tables: what makes the tables known there, their keys, and the metrics as views.

The text is written for people to read and to run. Metrics and types are translated by sqlglot from what the program runs
itself; what each warehouse has of its own (``databricks``, ``snowflake``, ``bigquery``) is a module each.
"""
