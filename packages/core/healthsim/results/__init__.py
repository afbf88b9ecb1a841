"""What the verbs answer: one frozen dataclass each, with a short repr, ``as_dict()`` for JSON, and tables as data frames.

    answer = healthsim.query("pmpm", by="month")
    answer.rows, answer.df(), answer.pl(), answer.arrow()

An answer can also be read by key, as in ``answer["rows"]``: so programs read it that were written when answers were dicts.
"""

from healthsim.results.analytics import Catalog, Comparison, MetricAnswer, ReportAnswer, StarFiles
from healthsim.results.answer import Answer, Records, Table
from healthsim.results.by_county import CountyFigure, CountyMeasure
from healthsim.results.database import Compacted, DatabaseStatus, Examination, Finding, TableRows
from healthsim.results.entity_record import EntityRecord, EntityValue, Referring
from healthsim.results.exchange import Exported, Grid, Imported, ReadOddity, SourceReport, Written
from healthsim.results.journeys import (
    JourneyImport,
    JourneyImports,
    JourneyList,
    JourneyRun,
    LeftOut,
    StepTaken,
)
from healthsim.results.people import AgeGroup, PeoplePage, PersonLine, ScenarioProfile
from healthsim.results.reference import LoadCheck, LoadList, PlaceComparison, PlaceFigures, Providers
from healthsim.results.scenarios import (
    SORTS,
    CheckResult,
    ConditionList,
    FidelityResult,
    GeneratedFiles,
    LoadedScenario,
    RuleResult,
    Saved,
    Scenario,
    ScenarioList,
    ScenarioSummary,
    TargetResult,
)
from healthsim.results.sharing import (
    Cleaned,
    Granted,
    Publication,
    PublicationCheck,
    PublicationList,
    Published,
    Pulled,
    ShareCheck,
    ShareDifference,
    ShareMade,
    ShareNames,
    TableDifference,
    Withdrawn,
)
from healthsim.results.timeline import Timeline
from healthsim.results.timeline_events import Person, TimelineEvent

__all__ = [
    "SORTS",
    "AgeGroup",
    "Answer",
    "Catalog",
    "CheckResult",
    "Cleaned",
    "Compacted",
    "Comparison",
    "ConditionList",
    "CountyFigure",
    "CountyMeasure",
    "DatabaseStatus",
    "EntityRecord",
    "EntityValue",
    "Examination",
    "Exported",
    "FidelityResult",
    "Finding",
    "GeneratedFiles",
    "Granted",
    "Grid",
    "Imported",
    "JourneyImport",
    "JourneyImports",
    "JourneyList",
    "JourneyRun",
    "LeftOut",
    "LoadCheck",
    "LoadList",
    "LoadedScenario",
    "MetricAnswer",
    "PeoplePage",
    "Person",
    "PersonLine",
    "PlaceComparison",
    "PlaceFigures",
    "Providers",
    "Publication",
    "PublicationCheck",
    "PublicationList",
    "Published",
    "Pulled",
    "ReadOddity",
    "Records",
    "Referring",
    "ReportAnswer",
    "RuleResult",
    "Saved",
    "Scenario",
    "ScenarioList",
    "ScenarioProfile",
    "ScenarioSummary",
    "ShareCheck",
    "ShareDifference",
    "ShareMade",
    "ShareNames",
    "SourceReport",
    "StarFiles",
    "StepTaken",
    "Table",
    "TableDifference",
    "TableRows",
    "TargetResult",
    "Timeline",
    "TimelineEvent",
    "Withdrawn",
    "Written",
]
