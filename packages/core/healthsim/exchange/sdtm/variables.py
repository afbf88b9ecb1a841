"""What a domain of SDTM is declared as: its variables, where each comes from, and what each is read back into.

From a declaration follow the statement that makes the rows, the files, Define-XML, what an import reads, and the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from healthsim.db.sql import literal

Kind = Literal["text", "integer", "float", "date", "datetime"]


@dataclass(frozen=True)
class Codelist:
    """Controlled terminology of CDISC: our words, in lower case -> submission values; other words are written in capitals.

    Attributes:
        oid: as Define-XML names it. code: of the National Cancer Institute. closed: whether there are no other values.
    """

    oid: str
    name: str
    code: str
    terms: Mapping[str, str]
    closed: bool = False

    def sql(self, expression: str) -> str:
        """The submission value of an expression."""
        whens = " ".join(f"WHEN {literal(word)} THEN {literal(value)}" for word, value in self.terms.items())
        return f"CASE lower(trim({expression})) {whens} ELSE upper({expression}) END"


@dataclass(frozen=True)
class Variable:
    """One variable of a domain.

    Attributes:
        source: SQL over the rows that the domain's statement names.
        into: columns (``type.column``, or a column of the domain's own type) that an import reads it into.
        core: required, expected or permissible. words: submission values -> what the column has instead.
        origin: as Define-XML says it: Collected, Derived, Assigned, Protocol.
    """

    name: str
    label: str
    source: str
    into: str = ""
    kind: Kind = "text"
    core: Literal["Req", "Exp", "Perm"] = "Perm"
    codelist: Codelist | None = None
    origin: str = "Collected"
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The value as the dataset has it."""
        if self.kind == "date":
            return f"CAST(CAST({self.source} AS DATE) AS VARCHAR)"
        if self.kind == "datetime":
            return f"strftime(CAST({self.source} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S')"
        value = self.codelist.sql(self.source) if self.codelist else self.source
        return f"CAST({value} AS {'VARCHAR' if self.kind == 'text' else 'DOUBLE'})"

    @property
    def is_number(self) -> bool:
        """Whether the dataset has numbers there; dates are text."""
        return self.kind in ("integer", "float")


@dataclass(frozen=True)
class Supplement:
    """What has no variable: a qualifier of the domain's supplement."""

    name: str
    label: str
    source: str
    into: str = ""
    origin: str = "Collected"

    @property
    def column(self) -> str:
        """Its column among the rows that are staged."""
        return f"supp_{self.name}"


@dataclass(frozen=True)
class Domain:
    """One domain.

    Attributes:
        kind: the class of observations. structure: what a row is, for Define-XML. keys: what tells rows apart.
        statement: the file in ``sql/`` that says where rows come from.
        into: the entity type that its records are read into; empty where several are said by the variables.
        number: the variable that numbers the rows of a subject, which supplements refer to.
        carries: canonical tables whose rows it writes.
        names: pieces of SQL that the statement has room for.
        said_by: columns (``type.column``) that a variable holds by the code or the words of a record -> the variable.
    """

    name: str
    label: str
    kind: str
    structure: str
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    into: str = ""
    number: str = ""
    supplements: tuple[Supplement, ...] = ()
    carries: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    said_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def statement(self) -> str:
        """The file of its rows."""
        return self.name.lower()

    @property
    def repeats(self) -> bool:
        """Whether a subject may have several rows."""
        return self.name != "DM"

    @property
    def related(self) -> str:
        """The variable that supplements name a row by: our identifier, else its number; none where a subject has one row."""
        own = f"{self.name}SPID"
        return own if any(variable.name == own for variable in self.variables) else self.number

    @property
    def is_of_subjects(self) -> bool:
        """Whether its rows are of subjects, and not of the design of the trial."""
        return any(variable.name == "USUBJID" for variable in self.variables)

    def columns_read(self) -> dict[str, str]:
        """``type.column`` -> the variable or qualifier that an import reads it from."""
        read = {column: f"{self.name}.{variable}" for column, variable in self.said_by.items()}
        sources: tuple[Variable | Supplement, ...] = (*self.variables, *self.supplements)
        for source in sources:
            for column in source.into.split():
                read.setdefault(column if "." in column else f"{self.into}.{column}", f"{self.name}.{source.name}")
        return read


def study_day(date: str) -> str:
    """The study day of a date: 1 is the first day of treatment, -1 the day before; none without treatment."""
    day = f"CAST({date} AS DATE)"
    return f"date_diff('day', s.rfstdtc, {day}) + CASE WHEN {day} >= s.rfstdtc THEN 1 ELSE 0 END"


def epoch(date: str) -> str:
    """The epoch of a date: before, during or after treatment."""
    day = f"CAST({date} AS DATE)"
    return (
        f"CASE WHEN {day} IS NULL THEN NULL WHEN s.rfstdtc IS NULL OR {day} < s.rfstdtc THEN 'SCREENING'"
        f" WHEN {day} <= s.rfendtc THEN 'TREATMENT' ELSE 'FOLLOW-UP' END"
    )


def identifiers(domain: str, of_subjects: bool = True) -> tuple[Variable, ...]:
    """The variables that every domain begins with."""
    study = Variable("STUDYID", "Study Identifier", "$studyid", "study.protocol_number", core="Req", origin="Protocol")
    named = Variable("DOMAIN", "Domain Abbreviation", literal(domain), core="Req", origin="Assigned")
    if not of_subjects:
        return study, named
    subject = Variable(
        "USUBJID", "Unique Subject Identifier", "s.unique_id", "usubjid subject_id", core="Req", origin="Derived"
    )
    return study, named, subject


def sequence(domain: str, source: str, into: str = "") -> Variable:
    """The number of a row among those of its subject."""
    return Variable(f"{domain}SEQ", "Sequence Number", source, into, "integer", "Req", origin="Derived")


def sponsor_id(domain: str, source: str, into: str) -> Variable:
    """The identifier that we have for the row."""
    return Variable(f"{domain}SPID", "Sponsor-Defined Identifier", source, into, origin="Assigned")
