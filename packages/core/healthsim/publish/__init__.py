"""Copies of scenarios at places that others reach: published, listed, pulled, compared, withdrawn."""
