"""From scenarios to answers: a star schema, named metrics, reports, cohorts, and exports for other tools."""

from healthsim.analytics.catalog import catalog
from healthsim.analytics.comparing import compare
from healthsim.analytics.metrics.query import query
from healthsim.analytics.reports.report import report
from healthsim.analytics.star.build import build
from healthsim.analytics.star.build_log import Built
from healthsim.analytics.star.invariants import Finding, check
from healthsim.analytics.star.status import Standing, drop, status

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
