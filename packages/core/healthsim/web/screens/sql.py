"""Questions in SQL: one at a time, in a process of its own that can only read."""

from __future__ import annotations

import time
from typing import Any

from healthsim.errors import HealthSimError
from healthsim.web.visits import Column, Screen, Sheet, View, Visit

#: rows of a page, and of ``.csv``
_SHOWN, _ALL = 100, 1_000_000
_EXAMPLES = (
    "SELECT gender, count(*) AS people FROM patients GROUP BY ALL ORDER BY ALL",
    "SELECT code, description, count(DISTINCT patient_id) AS people FROM diagnoses GROUP BY ALL ORDER BY people DESC LIMIT 20",
    "SELECT strftime(service_date, '%Y-%m') AS month, sum(total_paid) AS paid FROM claims GROUP BY ALL ORDER BY month",
)


def sql(visit: Visit) -> View:
    """The answer of a question, or what is wrong with it."""
    question, scenario = visit.text("q"), visit.text("scenario") or None
    entire = visit.request.url.path.endswith(".csv")
    types = visit.bench.entity_types()
    facts: dict[str, Any] = {
        "question": question,
        "scenario": scenario or "",
        "scenarios": [item.name for item in visit.bench.list(sort="name", limit=200).scenarios],
        "types": types,
        "examples": _EXAMPLES,
        "sheet": None,
        "problem": "",
        "plan": "",
        "seconds": 0.0,
        "truncated": False,
    }
    empty = Sheet([Column("answer")], [], "Answer")
    if not question:
        return View("sql.html", "SQL", facts, {"examples": _EXAMPLES}, empty)
    begun = time.monotonic()
    try:
        answer = visit.bench.sql(question, scenario=scenario, limit=_ALL if entire else _SHOWN, as_text=True)
    except HealthSimError as error:
        if entire or visit.request.url.path.endswith(".json"):
            raise
        return View("sql.html", "SQL", facts | {"problem": error.message}, error.as_dict(), empty, status=422)
    facts |= {"seconds": time.monotonic() - begun, "truncated": answer.truncated}
    if answer.explains:
        plan = "\n".join(str(row[-1]) for row in answer.rows)
        return View("sql.html", "SQL", facts | {"plan": plan}, answer, Sheet([Column("plan")], [[plan]], "Plan"))
    numbers = answer.numeric
    columns = [
        Column(name, "number" if numbers[place] else "text", answer.types[place])
        for place, name in enumerate(answer.columns)
    ]
    sheet = Sheet(columns, answer.rows, "Answer")
    return View("sql.html", "SQL", facts | {"sheet": sheet}, answer, sheet)


SCREENS = (Screen("/sql", sql, csv=True),)
