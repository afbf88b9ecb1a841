"""What is taken out of messages: ids of patients, visits and orders, and the rows that a message gives.

Numbers become ids as they are; where a sender says whose numbers they are, that goes before them: two hospitals may have
a patient 1234 each. Our own messages have our ids.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from healthsim.exchange import hl7_times
from healthsim.exchange.by_patient import shared_types
from healthsim.exchange.hl7v2.cells import Columns
from healthsim.exchange.hl7v2.datatypes import pick_record_number
from healthsim.exchange.hl7v2.parsed import APPLICATION, Message, Repetition, Segment
from healthsim.exchange.made_ids import as_id, made_id
from healthsim.model import ENTITY_TYPES, PERSON_ROLES

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

#: types of which many messages say the same again: it is taken once, until it differs
_REPEATED = frozenset((*PERSON_ROLES, *(known.name for known in shared_types())))
_REMEMBERED = 100_000


def number_of(repetition: Repetition | None) -> str:
    """The id that a number means (CX, EI): with the name of who gave it, where it says one."""
    if repetition is None or not repetition.text(1):
        return ""
    if repetition.source.own:
        return repetition.text(1)
    return as_id(repetition.text(4, 1), repetition.text(1))


def entity_of(repetitions: list[Repetition]) -> str:
    """The id that an entity identifier means (EI): its namespace goes before it."""
    for item in repetitions:
        if item.text(1):
            return item.text(1) if item.source.own else as_id(item.text(2), item.text(1))
    return ""


def patient_id_of(segment: Segment) -> str:
    """The id of the patient of a PID segment; nothing where it has neither number nor name."""
    numbers = segment.repetitions(3)
    if segment.source.own:
        for item in numbers:
            if item.text(5) == "PI" and item.text(4) == APPLICATION:
                return item.text(1)
    for field in (3, 2, 4, 18):
        if number := number_of(pick_record_number(segment.repetitions(field))):
            return number
    if numbers and (number := number_of(numbers[0])):
        return number
    name, birth = segment.raw(5).strip("^&~ "), segment.raw(7)
    return made_id("patient", name, birth) if name and name != '""' else ""


def encounter_id_of(segment: Segment) -> str:
    """The id of the visit of a PV1 segment; nothing where it has no number."""
    numbers = [item for field in (19, 50) for item in segment.repetitions(field) if item.text(1)]
    return number_of(numbers[0]) if numbers else ""


class Takings:
    """Takes the rows of messages; one for each source.

    Args:
        reading: told of what is odd.
        taken_back: discharges that are cancelled later: id of the visit -> number of the last message that does.
    """

    def __init__(self, reading: Reading, taken_back: Mapping[str, int]) -> None:
        self.reading = reading
        self.taken_back = taken_back
        self.zone = reading.timezone
        self.orders: set[str] = set()
        self._said: dict[tuple[str, str], Mapping[str, Any]] = {}

    def is_news(self, entity_type: str, row: Mapping[str, Any]) -> bool:
        """Whether a row says anything that the last message about the same did not."""
        if entity_type not in _REPEATED:
            return True
        key = (entity_type, str(row[ENTITY_TYPES[entity_type].key]))
        if self._said.get(key) == row:
            return False
        if len(self._said) < _REMEMBERED:
            self._said[key] = row
        return True


class MessageRows:
    """The rows of one message.

    Attributes:
        own: it is one of ours.
        rows: (entity type, columns) in the order in which they were met.
    """

    def __init__(self, message: Message, takings: Takings) -> None:
        self.own = message.own
        self.takings = takings
        self.reading = takings.reading
        self.rows: list[tuple[str, dict[str, Any]]] = []
        self._at: dict[tuple[str, str], dict[str, Any]] = {}

    # -- what cells ask for ----------------------------------------------------------------------------------

    def instant(self, text: str) -> dt.datetime | None:
        if not text:
            return None
        try:
            moment = hl7_times.read_instant(text, self.takings.zone)
        except ValueError:
            self.reading.oddity("a time that is none; the column is left empty", example=text)
            return None
        if hl7_times.lacks_zone(text):
            self.reading.oddity(f"a time without a zone; read as {self.takings.zone}", example=text)
        return moment

    def date(self, text: str) -> dt.date | None:
        if not text:
            return None
        try:
            return hl7_times.read_date(text)
        except ValueError:
            self.reading.oddity("a date that is none; the column is left empty", example=text)
            return None

    def entity(self, entity_type: str, row: dict[str, Any]) -> None:
        self.take(entity_type, row)

    # -- rows ------------------------------------------------------------------------------------------------

    def take(self, entity_type: str, row: Mapping[str, Any]) -> Columns:
        """Take a row; what the message says of the same again is put into it. The row, which may still be filled."""
        key = (entity_type, str(row[ENTITY_TYPES[entity_type].key]))
        known = {name: value for name, value in row.items() if value is not None and value != ""}
        if key in self._at:
            self._at[key].update(known)
        else:
            self._at[key] = known
            self.rows.append((entity_type, known))
        return self._at[key]

    def has(self, entity_type: str, entity_id: str) -> bool:
        """Whether the message has given such a row already."""
        return (entity_type, entity_id) in self._at

    def news(self) -> list[tuple[str, dict[str, Any]]]:
        """The rows, without those that say only what has been said."""
        return [(name, row) for name, row in self.rows if self.takings.is_news(name, row)]
