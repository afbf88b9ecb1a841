"""The old name of :mod:`healthsim.generation`: what was imported from here goes on working."""

from healthsim.generation import *  # noqa: F403  (the names of the package, as they were here)
