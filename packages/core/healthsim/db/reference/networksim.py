"""The plan's name of :mod:`healthsim.db.reference.nppes`."""

from healthsim.db.reference.nppes import *  # noqa: F403  (a second name, nothing of its own)
