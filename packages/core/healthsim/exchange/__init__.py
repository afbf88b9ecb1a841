"""Scenarios in the formats of others: each format is one entry, one folder or module."""
