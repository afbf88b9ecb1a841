"""Clinical knowledge laid out for the kernels: every code, drug, test and specialty has a number, every curve is an array."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from healthsim.generation.codes import description
from healthsim.generation.knowledge import Condition, Drug, Procedure, Screening, Vaccine
from healthsim.generation.knowledge_types import BySex, Weights, Who
from healthsim.generation.laboratory import Lab, Panel, Routine, Test, panels
from healthsim.generation.places import AGES, SEXES, curve
from healthsim.generation.randomness import Floats, Ints, choose, cumulated
from healthsim.generation.validity import CPT, CVX, ICD10CM, LONG_AGO, MS_DRG, NDC, Dated, dates, first_day


class Register:
    """Texts by number, in the order in which they are first met."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self._number: dict[str, int] = {}

    def number(self, value: str) -> int:
        """The number of a text."""
        place = self._number.get(value)
        if place is None:
            place = self._number[value] = len(self.values)
            self.values.append(value)
        return place


@dataclass(frozen=True)
class Weighted:
    """Numbers of a register, and their cumulative shares."""

    numbers: Ints
    cumulative: Floats

    def pick(self, u: Floats) -> Ints:
        """One number for each random number."""
        return self.numbers.take(choose(u, self.cumulative))


@dataclass(frozen=True)
class Service:
    """A procedure or a preventive service as it is billed; ``price`` is in cents, ``facility`` bills a facility as well."""

    code: str
    system: str
    name: str
    price: int
    facility: bool


@dataclass(frozen=True)
class LabOrder:
    """What is ordered of a laboratory and billed as one: a panel, or a single test.

    ``tests`` are the numbers of the results, ``routine`` the contacts at which it is ordered whatever they are for.
    """

    cpt: str
    loinc: str
    name: str
    tests: tuple[int, ...]
    routine: tuple[Routine, ...] = ()


@dataclass
class Knowledge:
    """All conditions, numbered; the kernels work with the numbers.

    Attributes:
        conditions: in the order of their names; the number of a condition is its place.
        chronic: numbers of the chronic conditions, in the order in which people are given them.
        codes: diagnosis codes.
        scheduled: how many of the vaccines are those of the knowledge, with schedules.
        drugs, labs, lab_orders, vaccines, services: products, tests and services by number; those that were used before
            others came, or are after they went, have numbers behind those of the knowledge.
    """

    conditions: tuple[Condition, ...]
    chronic: tuple[int, ...] = ()
    codes: Register = field(default_factory=Register)
    specialties: Register = field(default_factory=Register)
    reasons: Register = field(default_factory=Register)
    drgs: Register = field(default_factory=Register)
    drugs: list[Drug] = field(default_factory=list)
    labs: list[Test] = field(default_factory=list)
    lab_orders: list[LabOrder] = field(default_factory=list)
    vaccines: list[Vaccine] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    scheduled: int = 0
    _service_number: dict[str, int] = field(default_factory=dict)
    _drug_number: dict[str, int] = field(default_factory=dict)
    _lab_number: dict[str, int] = field(default_factory=dict)
    _order_number: dict[tuple[str, str], int] = field(default_factory=dict)
    _order_of_panel: dict[str, int] = field(default_factory=dict)
    _dated: dict[str, Dated] = field(default_factory=dict)

    @property
    def chronic_rows(self) -> dict[int, int]:
        """Number of a chronic condition -> its row in what people have."""
        return {number: row for row, number in enumerate(self.chronic)}

    def index(self, name: str) -> int:
        """The number of a condition."""
        return next(number for number, condition in enumerate(self.conditions) if condition.condition == name)

    def weighted(self, weights: Weights) -> Weighted:
        """Diagnosis codes with weights."""
        return Weighted(
            np.array([self.code(code) for code in weights], dtype=np.int64), cumulated(list(weights.values()))
        )

    def code(self, code: str) -> int:
        """The number of a diagnosis code."""
        return self.codes.number(code)

    @property
    def code_texts(self) -> list[str | None]:
        """The official description of each diagnosis code, by number; None where there is none at hand."""
        return [description(code) for code in self.codes.values]

    def drg(self, weights: Weights) -> Weighted:
        """MS-DRGs with weights."""
        return Weighted(
            np.array([self.drgs.number(code) for code in weights], dtype=np.int64), cumulated(list(weights.values()))
        )

    def drug(self, drug: Drug) -> int:
        """The number of a drug product; one NDC is one product."""
        place = self._drug_number.get(drug.ndc)
        if place is None:
            place = self._drug_number[drug.ndc] = len(self.drugs)
            self.drugs.append(drug)
        return place

    def service(self, of: Procedure | Screening) -> int:
        """The number of a procedure or preventive service; one code is one service."""
        place = self._service_number.get(of.code)
        if place is None:
            facility = isinstance(of, Procedure) and of.facility
            place = self._service_number[of.code] = len(self.services)
            self.services.append(Service(of.code, of.system, of.name, round(of.price * 100), facility))
        return place

    def on(self, system: str, numbers: Ints, day: Ints) -> Ints:
        """What is written for codes, DRGs, services, vaccines or drugs on some days, by number; -1: nothing of the kind is there.

        Args:
            system: of ``validity``.
        """
        return self._dated[system].on(numbers, day)

    def since(self, condition: Condition) -> int:
        """The first day on which a condition could be coded at all, in days since 1970-01-01; long ago for most."""
        codes = [code for stage in condition.stages or () for code in stage.codes]
        return min((first_day(ICD10CM, code) for code in codes), default=LONG_AGO)

    def give_dates(self) -> None:
        """Number what is used before and after: once, when everything else has its number."""
        self.scheduled = len(self.vaccines)
        self._dated = {
            ICD10CM: Dated(ICD10CM, self.codes.values, lambda code, _: self.code(code)),
            MS_DRG: Dated(MS_DRG, self.drgs.values, lambda code, _: self.drgs.number(code)),
            CPT: Dated(CPT, [service.code for service in self.services], self._other_service),
            CVX: Dated(CVX, [vaccine.cvx for vaccine in self.vaccines], self._other_vaccine),
            NDC: Dated(NDC, [drug.ndc for drug in self.drugs], lambda ndc, _: self._drug_number[ndc]),
        }

    def _other_service(self, code: str, place: int) -> int:
        """The number of a service that is billed in the place of another one at other times."""
        if code not in self._service_number:
            self._service_number[code] = len(self.services)
            name = dates(CPT)[code].name or self.services[place].name
            self.services.append(replace(self.services[place], code=code, name=name))
        return self._service_number[code]

    def _other_vaccine(self, cvx: str, place: int) -> int:
        """The number of a vaccine that is given in the place of another one at other times."""
        for number, vaccine in enumerate(self.vaccines):
            if vaccine.cvx == cvx:
                return number
        product = dates(CVX)[cvx].model_dump(include={"name", "cpt", "administration"}, exclude_none=True)
        self.vaccines.append(self.vaccines[place].model_copy(update={"cvx": cvx, **product}))
        return len(self.vaccines) - 1

    def lab(self, test: Test) -> int:
        """The number of a laboratory test; one LOINC code is one test."""
        place = self._lab_number.get(test.loinc)
        if place is None:
            place = self._lab_number[test.loinc] = len(self.labs)
            self.labs.append(test)
        return place

    def panel(self, panel: Panel) -> None:
        """Number a panel and its tests."""
        self._order_of_panel[panel.cpt] = len(self.lab_orders)
        tests = tuple(self.lab(test) for test in panel.tests)
        self.lab_orders.append(LabOrder(panel.cpt, panel.loinc, panel.name, tests, panel.routine))

    def lab_of(self, loinc: str) -> Test:
        """The laboratory test of a LOINC code."""
        return self.labs[self._lab_number[loinc]]

    def panel_order(self, cpt: str) -> int:
        """The number of what is ordered for a panel."""
        return self._order_of_panel[cpt]

    def lab_order(self, lab: Lab) -> int:
        """The number of what is ordered for a test: the panel of the code that is billed, where it reports the test."""
        panel = self._order_of_panel.get(lab.cpt)
        if panel is not None and self.lab(lab) in self.lab_orders[panel].tests:
            return panel
        place = self._order_number.setdefault((lab.cpt, lab.loinc), len(self.lab_orders))
        if place == len(self.lab_orders):
            self.lab_orders.append(LabOrder(lab.cpt, lab.loinc, lab.name, (self.lab(lab),)))
        return place


def compile_knowledge(
    conditions: Iterable[Condition], codes: Iterable[str] = (), reasons: Iterable[str] = ()
) -> Knowledge:
    """Number everything; the order of the files does not matter, that of the names does.

    Args:
        codes, reasons: diagnosis codes and reasons of contacts that journeys name besides; numbered behind the others.
    """
    listed = tuple(sorted(conditions, key=lambda condition: condition.condition))
    knowledge = Knowledge(listed)
    for panel in panels():
        knowledge.panel(panel)
    chronic = [number for number, condition in enumerate(listed) if condition.kind == "chronic"]
    # whoever excludes another is given after it, so that the other one's figure is met exactly
    knowledge.chronic = tuple(
        sorted(chronic, key=lambda number: (bool(listed[number].excludes), listed[number].condition))
    )
    for condition in listed:
        for stage in condition.stages or ():
            knowledge.weighted(stage.codes)
        for admission in condition.admissions:
            knowledge.drg(admission.drgs)
            if admission.died_drgs is not None:
                knowledge.drg(admission.died_drgs)
            knowledge.weighted(admission.principal)
            for procedure in admission.procedures:
                knowledge.service(procedure)
        if condition.outcome is not None:
            knowledge.weighted(condition.outcome)
        if condition.emergency is not None:
            knowledge.weighted(condition.emergency.principal)
        for specialty in (admission.specialty for admission in condition.admissions if admission.specialty):
            knowledge.specialties.number(specialty)
        for visit in condition.visits:
            knowledge.specialties.number(visit.specialty)
            knowledge.reasons.number(visit.reason)
        for lab in condition.labs:
            knowledge.lab_order(lab)
        for regimen in condition.regimens:
            for drug in (*regimen.drugs, *regimen.earlier):
                knowledge.drug(drug)
        knowledge.vaccines.extend(condition.vaccines)
        for procedure in condition.procedures:
            knowledge.service(procedure)
            if procedure.specialty is not None:
                knowledge.specialties.number(procedure.specialty)
        for screening in condition.screenings:
            knowledge.service(screening)
            knowledge.code(screening.diagnosis)
    for code in codes:
        knowledge.code(code)
    for reason in reasons:
        knowledge.reasons.number(reason)
    knowledge.give_dates()
    return knowledge


def by_sex(curves: BySex | None) -> Floats:
    """(sex, age) values; 0 where a sex has none."""
    table = np.zeros((len(SEXES), AGES))
    for number, sex in enumerate(SEXES):
        points: Mapping[Any, float] | None = getattr(curves, sex) if curves is not None else None
        if points is not None:
            table[number] = curve(points)
    return table


def fits(who: Who, sex: Ints, age: Floats) -> Any:
    """Whether something is for people of this sex (number) and age."""
    right = (age >= who.min_age) & (age < who.max_age + 1)
    return right if who.sex is None else right & (sex == SEXES.index(who.sex))
