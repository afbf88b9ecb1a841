"""One measure in every county."""

from __future__ import annotations

from dataclasses import dataclass

from healthsim.results.answer import Answer, Records

#: the measures of CDC PLACES in the words of CDC (Short_Question_Text)
SHORT_NAMES = {
    "ACCESS2": "Health insurance, none (18-64)",
    "ARTHRITIS": "Arthritis",
    "BINGE": "Binge drinking",
    "BPHIGH": "High blood pressure",
    "BPMED": "Taking BP medication",
    "CANCER": "Cancer (not skin)",
    "CASTHMA": "Current asthma",
    "CERVICAL": "Cervical cancer screening",
    "CHD": "Coronary heart disease",
    "CHECKUP": "Annual checkup",
    "CHOLSCREEN": "Cholesterol screening",
    "COGNITION": "Cognitive disability",
    "COLON_SCREEN": "Colorectal cancer screening",
    "COPD": "COPD",
    "COREM": "Core preventive services, men 65+",
    "COREW": "Core preventive services, women 65+",
    "CSMOKING": "Current smoking",
    "DENTAL": "Dental visit",
    "DEPRESSION": "Depression",
    "DIABETES": "Diabetes",
    "DISABILITY": "Any disability",
    "EMOTIONSPT": "Lack of emotional support",
    "FOODINSECU": "Food insecurity",
    "FOODSTAMP": "Food stamps",
    "GHLTH": "Fair or poor health",
    "HEARING": "Hearing disability",
    "HIGHCHOL": "High cholesterol",
    "HOUSINSECU": "Housing insecurity",
    "INDEPLIVE": "Independent living disability",
    "ISOLATION": "Social isolation",
    "KIDNEY": "Chronic kidney disease",
    "LACKTRPT": "Lack of transport",
    "LONELINESS": "Loneliness",
    "LPA": "Physical inactivity",
    "MAMMOUSE": "Mammography",
    "MHLTH": "Poor mental health",
    "MOBILITY": "Mobility disability",
    "OBESITY": "Obesity",
    "PHLTH": "Poor physical health",
    "SELFCARE": "Self-care disability",
    "SHUTUTILITY": "Utility shut-off threat",
    "SLEEP": "Short sleep",
    "STROKE": "Stroke",
    "TEETHLOST": "All teeth lost (65+)",
    "VISION": "Vision disability",
}


def measure_name(measure: str) -> str:
    """What a measure is in words; its own name where nothing is known of it."""
    return SHORT_NAMES.get(measure.upper(), measure)


@dataclass(frozen=True, repr=False, eq=False)
class CountyFigure(Answer):
    """The figure of a county: percent of adults, with its interval."""

    geoid: str
    name: str | None
    state: str | None
    value: float
    low: float | None
    high: float | None
    population: int | None


@dataclass(frozen=True, repr=False, eq=False)
class CountyMeasure(Records):
    """A measure in every county that a release has.

    Attributes:
        state: only of this state, by its code.
        measures, releases: what else there is.
        states: code -> name of every state.
    """

    LISTED = "counties"

    measure: str
    release: str
    state: str | None
    measures: list[str]
    releases: list[str]
    states: dict[str, str]
    counties: list[CountyFigure]

    def bounds(self, classes: int = 5) -> list[float]:
        """The upper bounds of classes with as many counties each; fewer classes where figures are the same."""
        values = sorted(figure.value for figure in self.counties)
        if not values:
            return []
        ends = [values[min(-(-len(values) * number // classes), len(values)) - 1] for number in range(1, classes + 1)]
        return sorted(set(ends))
