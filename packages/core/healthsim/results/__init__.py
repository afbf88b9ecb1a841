"""What the verbs answer: one frozen dataclass each, with a short repr, ``as_dict()`` for JSON, and tables as data frames.

    answer = healthsim.query("pmpm", by="month")
    answer.rows, answer.df(), answer.pl(), answer.arrow()

An answer can also be read by key, as in ``answer["rows"]``: so programs read it that were written when answers were dicts.
"""

from healthsim.results.analytics import Catalog, Comparison, MetricAnswer, ReportAnswer
from healthsim.results.answer import Answer, Records, Table
from healthsim.results.database import Compacted, DatabaseStatus, Examination, Finding, TableRows
from healthsim.results.exchange import Grid, Written
from healthsim.results.reference import LoadCheck, LoadList, PlaceComparison, PlaceFigures, Providers
from healthsim.results.scenarios import (
    CheckResult,
    ConditionList,
    FidelityResult,
    GeneratedFiles,
    LoadedScenario,
    RuleResult,
    Saved,
    ScenarioList,
    ScenarioSummary,
    TargetResult,
)

__all__ = [
    "Answer",
    "Catalog",
    "CheckResult",
    "Compacted",
    "Comparison",
    "ConditionList",
    "DatabaseStatus",
    "Examination",
    "FidelityResult",
    "Finding",
    "GeneratedFiles",
    "Grid",
    "LoadCheck",
    "LoadList",
    "LoadedScenario",
    "MetricAnswer",
    "PlaceComparison",
    "PlaceFigures",
    "Providers",
    "Records",
    "ReportAnswer",
    "RuleResult",
    "Saved",
    "ScenarioList",
    "ScenarioSummary",
    "Table",
    "TableRows",
    "TargetResult",
    "Written",
]
