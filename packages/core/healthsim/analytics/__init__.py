"""From scenarios to answers: a star schema, named metrics, reports, cohorts, and exports for other tools."""

from healthsim.analytics.building import build
from healthsim.analytics.cataloguing import catalog
from healthsim.analytics.checking import Finding, check
from healthsim.analytics.comparing import compare
from healthsim.analytics.metrics.asking import query
from healthsim.analytics.recording import Built
from healthsim.analytics.reports.running import report
from healthsim.analytics.standing import Standing, drop, status

__all__ = [
    "Built",
    "Finding",
    "Standing",
    "build",
    "catalog",
    "check",
    "compare",
    "drop",
    "query",
    "report",
    "status",
]
