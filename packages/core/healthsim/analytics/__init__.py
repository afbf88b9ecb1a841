"""From scenarios to answers: a star schema, named metrics, reports, cohorts, and exports for other tools."""

from healthsim.analytics.building import Built, build
from healthsim.analytics.checking import Finding, check
from healthsim.analytics.standing import Standing, drop, status

__all__ = ["Built", "Finding", "Standing", "build", "check", "drop", "status"]
