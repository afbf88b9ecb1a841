"""Databricks: a scenario into a workspace, by its files and its SQL warehouse."""
