"""Reading MEDS: a document per subject with all of its events, and rows of the model for the events that are known.

Files hold the events of a subject one after the other, so that one subject is held at a time.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.meds.events import EVENTS, VITALS, VOCABULARIES, Event
from healthsim.model.measured import number_in
from healthsim.outputs import MANIFEST, written_by_export
from healthsim.state.json.header import Header

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

_PARQUET = b"PAR1"
_NEEDED = {"subject_id", "time", "code"}
_ROWS = 65_536
#: units and codes of vital signs that are read beside those that are written
_VITAL = {f"LOINC/{code}": (column, unit) for column, (code, unit) in VITALS.items()}
_VITAL |= {"LOINC/2708-6": ("spo2", "%")}
Found = dict[tuple[str, str], dict[str, Any]]


def sniff(path: Path) -> bool:
    """Whether a file is Parquet with the columns of MEDS."""
    if not path.is_file() or path.suffix.lower() == ".json":
        return False
    with path.open("rb") as stream:
        if stream.read(len(_PARQUET)) != _PARQUET:
            return False
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = set(pq.read_schema(path).names)
    except (pa.ArrowInvalid, OSError):
        return False
    return names >= _NEEDED


def parts_of(folder: Path) -> list[Path]:
    """The folders ``data`` and ``metadata`` of a dataset of MEDS, and our list of them; nothing where a folder is none."""
    data = folder / "data"
    first = next(iter(sorted(data.rglob("*.parquet"))), None) if data.is_dir() else None
    if first is None or not sniff(first):
        return []
    own = [folder / MANIFEST] if written_by_export(folder) is not None else []
    return [*own, *(path for path in (data, folder / "metadata") if path.is_dir())]


def read(path: Path, reading: Reading) -> Header:
    """Read a dataset, or one file of its data."""
    if path.is_file():
        _read_data(path, reading)
        return Header(name=path.stem, format="meds")
    about = path / "metadata" / "dataset.json"
    said: dict[str, Any] = {}
    if about.is_file():
        text = about.read_text(encoding="utf-8")
        said = json.loads(text)
        reading.keep("meds_dataset", json.dumps(said, ensure_ascii=False))
    for name in ("codes", "subject_splits"):
        file = path / "metadata" / f"{name}.parquet"
        if file.is_file():
            _read_metadata(file, name, reading)
    for file in sorted((path / "data").rglob("*.parquet")):
        _read_data(file, reading)
    return Header(name=str(said.get("dataset_name") or path.name), format="meds")


def _read_metadata(file: Path, name: str, reading: Reading) -> None:
    """Codes and splits, some thousands a document."""
    import pyarrow.parquet as pq

    for number, batch in enumerate(pq.ParquetFile(file).iter_batches(batch_size=_ROWS)):
        rows = batch.to_pylist()
        reading.keep(
            f"meds_{name}", json.dumps({"rows": rows}, ensure_ascii=False, default=_plain), entity_id=f"{name}-{number}"
        )


def _read_data(file: Path, reading: Reading) -> None:
    for subject, events in _subjects(file):
        reading.unit(len(events))
        _Subject(reading, subject, events).take()


def _subjects(file: Path) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The events of one subject after the other."""
    import pyarrow.parquet as pq

    subject: int | None = None
    events: list[dict[str, Any]] = []
    for batch in pq.ParquetFile(file).iter_batches(batch_size=_ROWS):
        for row in batch.to_pylist():
            number = row.pop("subject_id")
            if number != subject and subject is not None:
                yield subject, events
                events = []
            subject = number
            events.append(row)
    if subject is not None:
        yield subject, events


class _Subject:
    """One subject while its events are read."""

    def __init__(self, reading: Reading, number: int, events: list[dict[str, Any]]) -> None:
        self.reading = reading
        self.number = number
        self.events = events
        named = next((event.get("text_value") for event in events if event.get("code") == "PATIENT_ID"), None)
        self.patient = str(named or number)
        self.rows: Found = {("patient", self.patient): {"patient_id": self.patient}}
        self._count: Counter[str] = Counter()
        self._open: dict[str, str] = {}

    def take(self) -> None:
        """Keep the events, and the rows that they mean."""
        for event in self.events:
            self._event(event)
        document = {
            "subject_id": self.number,
            "events": [{name: value for name, value in event.items() if value is not None} for event in self.events],
        }
        text = json.dumps(document, ensure_ascii=False, default=_plain)
        derived = [(kind, row) for (kind, _), row in self.rows.items()]
        self.reading.keep("meds_subject", text, entity_id=str(self.number), derived=derived)

    def _event(self, event: Mapping[str, Any]) -> None:
        code = str(event.get("code") or "")
        base, _, rest = code.partition("//")
        if base in _VITAL and (rest or _VITAL[base][1]) == _VITAL[base][1]:
            self._vital(event, _VITAL[base][0])
            return
        known = next((each for each in EVENTS if _fits(each, code)), None)
        if known is None:
            self._other(event, code)
            return
        self._columns(known, event, _part(known, code))

    def _columns(self, known: Event, event: Mapping[str, Any], part: str) -> None:
        own_id = self._id(known, event, part)
        row = self._row(known.entity_type, own_id, event)
        head, _, rest = part.partition("//")
        values = {
            "code": head if known.begins.endswith("/") and not known.begins.endswith("//") else part,
            "unit": rest,
            "system": VOCABULARIES.get(known.begins.rstrip("/")),
            "time": _moment(event.get("time")),
            "number": _number(event.get("numeric_value")),
            "text": event.get("text_value"),
        }
        row.update({column: values[name] for name, column in known.into.items() if values[name] not in (None, "")})
        if known.entity_type == "medication" and known.ends == "//END" and values["text"]:
            row["status"] = values["text"]
        if known.name == "death":
            row["deceased"] = True
        if known.entity_type == "lab_result":
            value = event.get("text_value")
            row["value_numeric"] = number_in(value) if value is not None else values["number"]

    def _other(self, event: Mapping[str, Any], code: str) -> None:
        """Codes of another vocabulary: a diagnosis by SNOMED CT, a procedure by its own."""
        vocabulary, slash, rest = code.partition("/")
        system = VOCABULARIES.get(vocabulary)
        kinds = {"SNOMED CT": "diagnosis", "HCPCS": "procedure", "ICD-10-PCS": "procedure"}
        if not slash or system not in kinds or rest.startswith("/"):
            self.reading.oddity(
                "an event of a code that the model has no column for; it is in the subject's document", example=code
            )
            return
        kind = kinds[system or ""]
        row = self._row(kind, self._numbered(kind, event), event)
        when = "diagnosed_date" if kind == "diagnosis" else "performed_datetime"
        row.update(code=rest, code_system=system)
        row[when] = _moment(event.get("time"))
        if kind == "diagnosis" and event.get("text_value"):
            row["diagnosis_type"] = event["text_value"]

    def _vital(self, event: Mapping[str, Any], column: str) -> None:
        moment = _moment(event.get("time"))
        own_id = str(event.get("entity_id") or f"{self.patient}-vital-{moment}")
        row = self._row("vital_sign", own_id, event)
        row.update({column: _number(event.get("numeric_value")), "observation_datetime": moment})

    def _row(self, kind: str, own_id: str, event: Mapping[str, Any]) -> dict[str, Any]:
        row = self.rows.setdefault((kind, own_id), {f"{kind}_id": own_id, "patient_id": self.patient})
        if kind not in ("patient", "encounter", "allergy") and event.get("encounter_id"):
            row["encounter_id"] = event["encounter_id"]
        return row

    def _id(self, known: Event, event: Mapping[str, Any], part: str) -> str:
        """The id that the event says, else one by its place; what ends goes with the last of its kind that began."""
        if known.entity_type == "patient":
            return self.patient
        if event.get("entity_id"):
            return str(event["entity_id"])
        key = f"{known.entity_type}/{part.partition('//')[0]}"
        if known.ends == "//END" and key in self._open:
            return self._open.pop(key)
        made = self._numbered(known.entity_type, event)
        if known.ends == "//START":
            self._open[key] = made
        return made

    def _numbered(self, kind: str, event: Mapping[str, Any]) -> str:
        if event.get("entity_id"):
            return str(event["entity_id"])
        self._count[kind] += 1
        return f"{self.patient}-{kind}-{self._count[kind]}"


def _fits(known: Event, code: str) -> bool:
    if known.begins.endswith("/"):
        return (
            code.startswith(known.begins)
            and code.endswith(known.ends)
            and len(code) > len(known.begins) + len(known.ends)
        )
    return code == known.begins


def _part(known: Event, code: str) -> str:
    """What of a code is particular."""
    return code[len(known.begins) : len(code) - len(known.ends)]


def _moment(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, dt.datetime) else None


def _number(value: Any) -> float | None:
    """A number of single precision as the shortest that it can be."""
    import numpy as np

    return None if value is None or value != value else float(str(np.float32(value)))


def _plain(value: Any) -> Any:
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON")
