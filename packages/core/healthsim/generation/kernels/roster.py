"""Who takes part in a batch, by identifier: patients, contacts, providers and facilities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels import network
from healthsim.generation.kernels.context import Ints
from healthsim.generation.kernels.network import Specialties
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.kernels.treatment import Treatment
from healthsim.generation.ordering import among, distinct


@dataclass(frozen=True)
class Roster:
    """Identifiers and providers of a batch, made once and used by all tables."""

    timeline: Timeline
    specialties: Specialties

    @cached_property
    def patients(self) -> pa.Array:
        """Identifiers of the patients, one for each person of the batch."""
        return col.strings(self.timeline.people.ids("PAT-"))

    @cached_property
    def encounters(self) -> pa.Array:
        """Identifiers of the contacts."""
        owners = self.timeline.people.ids("ENC-")
        return col.strings(col.numbered(owners, self.timeline.events.person, self.timeline.ordinal))

    @cached_property
    def _providers(self) -> tuple[Ints, Ints, Ints]:
        """(numbers of the providers in use, of each contact its place among them, of each person that of the PCP)."""
        events, context, people = self.timeline.events, self.timeline.context, self.timeline.people
        specialty = np.where(events.specialty >= 0, self.specialties.of_knowledge[events.specialty], 0)
        names = self.specialties.names
        specialty[events.setting == ev.EMERGENCY] = names.index(network.EMERGENCY)
        specialty[(events.setting == ev.INPATIENT) & (events.specialty < 0)] = names.index(network.HOSPITALIST)
        others, everyone = np.flatnonzero(specialty), np.arange(len(people))
        numbers = network.provider_of(
            context,
            people,
            np.concatenate([everyone, events.person.take(others)]),
            np.concatenate([np.zeros(len(people), dtype=np.int64), specialty.take(others)]),
        )
        rows, inverse = distinct(numbers)
        primary, seen = np.split(inverse.astype(np.int32), [len(people)])
        places = primary.take(events.person)
        places[others] = seen
        return numbers[rows], places, primary

    @cached_property
    def provider_ids(self) -> pa.Array:
        """Identifiers of the providers that the batch meets."""
        return network.provider_ids(self.timeline.context, self._providers[0])

    @property
    def seen_by(self) -> Ints:
        """The place among ``provider_ids`` of the provider of each contact."""
        return self._providers[1]

    @property
    def primary(self) -> Ints:
        """The place among ``provider_ids`` of the primary care provider of each person."""
        return self._providers[2]

    @cached_property
    def _facilities(self) -> tuple[Ints, Ints, Ints]:
        """(numbers of the facilities in use, of each contact its place among them, of each person that of the clinic)."""
        events, people = self.timeline.events, self.timeline.people
        kind = np.repeat([network.CLINIC, network.HOSPITAL], len(people))
        numbers = network.facility_of(self.timeline.context, people, np.tile(np.arange(len(people)), 2), kind)
        rows, inverse = distinct(numbers)
        in_hospital = among(events.setting, (ev.EMERGENCY, ev.INPATIENT, ev.OUTPATIENT))
        places = inverse.astype(np.int32).take(events.person + in_hospital * len(people))
        places[among(events.setting, (ev.VIRTUAL, ev.HOME))] = -1
        return numbers[rows], places, inverse[: len(people)].astype(np.int32)

    @cached_property
    def facility_ids(self) -> pa.Array:
        """Identifiers of the facilities that the batch meets."""
        return network.facility_ids(self.timeline.context, self._facilities[0])

    @property
    def clinic(self) -> Ints:
        """The place among ``facility_ids`` of the clinic of each person."""
        return self._facilities[2]

    @property
    def taken_place_at(self) -> Ints:
        """The place among ``facility_ids`` of the facility of each contact, -1 for contacts from home."""
        return self._facilities[1]

    def numbered(self, prefix: str, person: Ints) -> pa.Array:
        """Identifiers of rows in the order of persons: a prefix, the person, and the place among the person's rows."""
        place, _ = col.runs(person)
        return col.strings(col.numbered(self.timeline.people.ids(prefix), person, place))

    def medication_ids(self, treatment: Treatment) -> pa.Array:
        """Identifiers of the drugs that people take."""
        return self.numbered("MED-", treatment.person)

    def patient(self, person: Ints) -> pa.Array:
        """The column ``patient_id`` of rows of persons."""
        return col.coded(person, self.patients)

    def encounter(self, event: Ints, *, gaps: bool = False) -> pa.Array:
        """The column ``encounter_id`` of rows of contacts; with gaps, NULL where there is none."""
        return col.picked(self.encounters, event, gaps=gaps)

    def seen(self, event: Ints, person: Ints | None = None) -> pa.Array:
        """The provider of contacts; with persons, that of their primary care where there is no contact."""
        place = self.seen_by.take(event)
        if person is not None:
            place = np.where(event >= 0, place, self.primary.take(person))
        return col.coded(place, self.provider_ids)
