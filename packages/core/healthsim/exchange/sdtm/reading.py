"""Reading SDTM: every record of every dataset becomes a document, and rows of the model where there is a column for it.

A record is kept with its variables as they came, whatever the dataset; so is what a dataset says of itself. Subjects are patients
as well, by their identifier that is unique across studies, so that results, vital signs, drugs and history have somebody to
belong to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.sdtm.design import days_after, days_before, study_column
from healthsim.exchange.sdtm.domains import BY_NAME, qualifiers_of
from healthsim.exchange.sdtm.findings import vital_of
from healthsim.exchange.sdtm.sources import Source, files_in, is_dataset, is_define, opened
from healthsim.exchange.sdtm.variables import Domain, Supplement, Variable
from healthsim.state.json.header import Header

if TYPE_CHECKING:
    from healthsim.exchange.reading import Derived, Reading

#: a date as ISO 8601 writes it, as far as it is known
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(:?\d\d)?.*)?)?)?")
#: what a qualifier that continues a long text is called: the beginning of its variable's name, and a number
_CONTINUES = re.compile(r"([A-Z][A-Z0-9]*?)(\d+)")

#: (domain, subject, what identifies the record) -> variable or qualifier -> its further pieces by number
Pieces = dict[tuple[str, str, str], dict[str, dict[int, str]]]


def read(path: Path, reading: Reading) -> Header:
    """Read a file, or the files of a folder.

    Raises:
        InvalidInput: a file is cut off, or of another layout than it says.
    """
    files = files_in(path) if path.is_dir() else [path]
    datasets = [file for file in files if is_dataset(file)]
    pieces: Pieces = {}
    if path.is_dir():
        # the same dataset in both forms is read once, from that which holds every character
        stems = {file.stem.lower() for file in datasets if file.suffix.lower() != ".xpt"}
        for file in [file for file in datasets if file.suffix.lower() == ".xpt" and file.stem.lower() in stems]:
            datasets.remove(file)
            reading.oddity("a dataset that is there as Dataset-JSON, too, which was read", example=file.name)
        for file in datasets:
            _collect(file, pieces)
    # supplements add to records that are there
    for file in sorted(datasets, key=lambda file: (file.stem.lower().startswith("supp"), file.name)):
        with opened(file) as sources:
            for source in sources:
                _Dataset(reading, source, pieces).read()
    for file in files:
        if is_define(file):
            text = file.read_text(encoding="utf-8", errors="replace")
            reading.unit()
            reading.keep("define_xml", json.dumps({"name": file.name, "text": text}, ensure_ascii=False))
    return Header(name=path.stem, format="sdtm")


def _collect(file: Path, pieces: Pieces) -> None:
    """Find the pieces of texts that were too long for a value."""
    if not file.stem.lower().startswith("supp"):
        return
    with opened(file) as sources:
        for source in sources:
            domain = BY_NAME.get(source.name.removeprefix("SUPP"))
            for record in source.records() if domain is not None else ():
                match = _CONTINUES.fullmatch(str(record.get("QNAM") or ""))
                if match is None or domain is None or record["QNAM"] in qualifiers_of(domain):
                    continue
                known: tuple[Variable | Supplement, ...] = (*domain.variables, *domain.supplements)
                for continued in known:
                    is_it = continued.name[: 8 - len(match[2])] == match[1] and continued.label == record.get("QLABEL")
                    if is_it:
                        key = domain.name, _text(record.get("USUBJID")), _text(record.get("IDVARVAL"))
                        of_record = pieces.setdefault(key, {}).setdefault(continued.name, {})
                        of_record[int(match[2])] = _text(record.get("QVAL"))


class _Dataset:
    """A dataset while it is read."""

    def __init__(self, reading: Reading, source: Source, pieces: Pieces) -> None:
        self.reading = reading
        self.source = source
        self.pieces = pieces
        self.is_supplement = source.name.startswith("SUPP")
        self.domain = BY_NAME.get(source.name.removeprefix("SUPP"))

    def read(self) -> None:
        """Take the records, and what the dataset says of itself."""
        study, name = "study", self.source.name
        for number, record in enumerate(self.source.records(), start=1):
            self.reading.line = number
            self.reading.unit()
            study = _text(record.get("STUDYID")) or study
            if len(record) != len(self.source.names):
                self.reading.oddity("a row with another number of values than there are columns")
            derived = [(kind, row) for kind, row in self._derived(record) if row]
            text = json.dumps(record, ensure_ascii=False)
            self.reading.keep(f"sdtm_{name.lower()}", text, entity_id=f"{study}/{name}/{number}", derived=derived)
        self.reading.line = None
        self.reading.keep("sdtm_dataset", json.dumps(self.source.said, ensure_ascii=False), entity_id=f"{study}/{name}")

    # -- rows of the model -----------------------------------------------------------------------------------

    def _derived(self, record: Mapping[str, Any]) -> list[Derived]:
        """The rows of the model that a record says something of."""
        if self.domain is None:
            return []
        if self.is_supplement:
            return self._of_supplement(record, self.domain)
        study = _text(record.get("STUDYID"))
        if self.domain.name == "TS":
            said = study_column(dict(record))
            return [("study", {"study_id": study, "protocol_number": study, **({said[0]: said[1]} if said else {})})]
        rows = self._columns(record, self.domain)
        if self.domain.name == "DM":
            self._demographics(record, rows, study)
        elif self.domain.into in rows:
            of_domain = rows[self.domain.into]
            of_domain.setdefault(f"{self.domain.into}_id", self._id(record, self.domain))
            if self.domain.name == "VS" and not self._measured(record, of_domain):
                del rows[self.domain.into]
            if self.domain.name == "TV":
                rule = record.get("TVSTRL")
                of_domain.update(window_before_days=days_before(rule), window_after_days=days_after(rule))
            if not self.domain.is_of_subjects:
                of_domain["study_id"] = study
        return list(rows.items())

    def _columns(self, record: Mapping[str, Any], domain: Domain) -> dict[str, dict[str, Any]]:
        """Type -> column -> value, as the variables say."""
        rows: dict[str, dict[str, Any]] = {}
        key = domain.name, _text(record.get("USUBJID")), _text(record.get(domain.related)) if domain.related else ""
        further = self.pieces.get(key, {})
        for variable in domain.variables:
            value = record.get(variable.name)
            if value is None or value == "" or variable.name == "STUDYID":
                continue
            if variable.name in further:
                value = _joined(value, further[variable.name])
            for column in variable.into.split():
                kind, _, name = column.rpartition(".")
                # what others call their own identifier need not tell the records of two subjects apart
                if name == f"{domain.into}_id" and variable.name.endswith("SPID") and not self.source.is_ours:
                    continue
                rows.setdefault(kind or domain.into, {})[name] = self._value(variable, value)
        return rows

    def _value(self, variable: Variable, value: Any) -> Any:
        if variable.words and isinstance(value, str):
            return variable.words.get(value.strip().upper(), value)
        if variable.kind in ("date", "datetime"):
            return self._moment(value, is_instant=variable.kind == "datetime")
        return value

    def _moment(self, value: Any, *, is_instant: bool) -> str | None:
        """A date, or a date and time, of which parts may be missing: the first that it can be."""
        written = _text(value).strip()
        match = _DATE.fullmatch(written)
        if match is None:
            self.reading.oddity("a date that is none of ISO 8601; the column is left empty", example=value)
            return None
        year, month, day, hour, minute = match.groups()
        if day is None:
            self.reading.oddity("a date without its day or month; the column has the first one", example=value)
        date = f"{year}-{month or '01'}-{day or '01'}"
        if not is_instant or hour is None:
            return date
        return written if minute else f"{date}T{hour}:00"

    def _demographics(self, record: Mapping[str, Any], rows: dict[str, dict[str, Any]], study: str) -> None:
        """Who a subject is, as a subject, as a patient, and at which site."""
        subject = _text(record.get("USUBJID"))
        known = {"deceased": False} if self.source.is_ours else {}
        rows["subject"] = (
            known
            | rows.get("subject", {})
            | {
                "subject_id": subject,
                "usubjid": subject,
                "study_id": study,
                "patient_id": subject,
            }
        )
        rows["patient"] = known | rows.get("patient", {}) | {"patient_id": subject}
        rows["study"] = {"study_id": study, "protocol_number": study}
        if "site" in rows:
            site = f"{study}-{rows['site']['site_number']}"
            rows["site"].update(site_id=site, study_id=study)
            rows["subject"]["site_id"] = site

    def _measured(self, record: Mapping[str, Any], row: dict[str, Any]) -> bool:
        """The value of a vital sign, in its column; whether there is one."""
        measured = vital_of(dict(record))
        if measured is None:
            problem = "a vital sign without a number, a column of ours, or a unit that is known"
            self.reading.oddity(problem, example=record.get("VSTESTCD"))
            return False
        row[measured[0]] = measured[1]
        return True

    def _id(self, record: Mapping[str, Any], domain: Domain) -> str:
        """The id of a record that has none of ours: its subject, and its number."""
        subject, study = _text(record.get("USUBJID")), _text(record.get("STUDYID"))
        if domain.name == "VS":
            # the vital signs of one time are one row
            when = next((record[name] for name in ("VSDTC", "VISITNUM", "VSSEQ") if record.get(name)), "")
            return f"{subject}-VS-{_text(when)}"
        number = record.get(domain.number) if domain.number else record.get("ARMCD") or record.get("VISITNUM")
        return f"{subject or study}-{domain.name}-{_text(number)}"

    def _of_supplement(self, record: Mapping[str, Any], domain: Domain) -> list[Derived]:
        """What a qualifier says of the record that it belongs to."""
        qualifier = qualifiers_of(domain).get(_text(record.get("QNAM")))
        if qualifier is None or not qualifier.into:
            return []
        subject, of = _text(record.get("USUBJID")), _text(record.get("IDVARVAL"))
        value = _text(record.get("QVAL"))
        further = self.pieces.get((domain.name, subject, of), {}).get(qualifier.name)
        if further:
            value = _joined(value, further)
        rows: dict[str, dict[str, Any]] = {}
        for column in qualifier.into.split():
            kind, _, name = column.rpartition(".")
            entity_type = kind or domain.into
            if domain.name == "DM":
                own_id = subject
            elif record.get("IDVAR") == domain.number:
                own_id = f"{subject}-{domain.name}-{of}"
            elif record.get("IDVAR") == domain.related and self.source.is_ours:
                own_id = of
            else:
                self.reading.oddity(
                    "a qualifier of a record that its domain does not number", example=record.get("IDVAR")
                )
                continue
            rows.setdefault(entity_type, {f"{entity_type}_id": own_id})[name] = value
        return list(rows.items())


def _joined(value: Any, further: Mapping[int, str]) -> str:
    return _text(value) + "".join(further[number] for number in sorted(further))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
