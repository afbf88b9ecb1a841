"""The envelope of X12: interchange, functional group and transaction sets, with their control numbers and counts."""

from __future__ import annotations

import datetime as dt

from healthsim.exchange.files import Sink
from healthsim.exchange.x12.elements import COMPONENT, ELEMENT, REPETITION, SEGMENT_END

#: who sends: the program itself; qualifier ZZ says that both sides have agreed on the name
SENDER, RECEIVER, QUALIFIER = "HEALTHSIM", "RECEIVER", "ZZ"
#: T: test data, which it always is
USAGE = "T"
_CONTROL = 1


class Envelope:
    """One interchange with one functional group; transaction sets are written into it, one after the other.

    Args:
        stream: where it goes.
        functional_id: GS01, such as HC for claims.
        version: GS08, such as 005010X222A1.
        moment: when it is said to have been made.
        names_version: whether ST03 repeats the version, as all but the 835 do.
    """

    def __init__(
        self, stream: Sink, functional_id: str, version: str, moment: dt.datetime, *, names_version: bool = True
    ) -> None:
        self._stream = stream
        self._version = f"{ELEMENT}{version}" if names_version else ""
        self.moment = moment
        self.sets = 0
        #: segments of the transaction set that is open, which go before its end
        self.at_end = ""
        self._kind = ""
        self._segments = 0
        self._pending: list[str] = []
        day, minute = moment.strftime("%Y%m%d"), moment.strftime("%H%M")
        isa = (
            *("ISA", "00", " " * 10, "00", " " * 10, QUALIFIER, f"{SENDER:15}", QUALIFIER, f"{RECEIVER:15}"),
            *(day[2:], minute, REPETITION, "00501", f"{_CONTROL:09}", "0", USAGE, COMPONENT),
        )
        group = ("GS", functional_id, SENDER, RECEIVER, day, minute, str(_CONTROL), "X", version)
        self._put(_segment(*isa) + _segment(*group))

    @property
    def day(self) -> str:
        """The day of the envelope, CCYYMMDD."""
        return self.moment.strftime("%Y%m%d")

    @property
    def minute(self) -> str:
        """The time of the envelope, HHMM."""
        return self.moment.strftime("%H%M")

    @property
    def control(self) -> str:
        """The control number of the transaction set that is open."""
        return f"{self.sets:04}"

    def begin(self, kind: str) -> None:
        """Open a transaction set; one that is open is closed."""
        self.end()
        self.sets += 1
        self._kind = kind
        self.write(f"ST{ELEMENT}{kind}{ELEMENT}{self.control}{self._version}{SEGMENT_END}")

    def write(self, segments: str) -> None:
        """Write whole segments."""
        self._segments += segments.count(SEGMENT_END)
        self._pending.append(segments)
        if len(self._pending) > 2_000:
            self._put("".join(self._pending))
            self._pending.clear()

    def end(self) -> None:
        """Close the transaction set that is open, if there is one."""
        if self._kind:
            if self.at_end:
                self.write(self.at_end)
                self.at_end = ""
            self.write(_segment("SE", str(self._segments + 1), self.control))
            self._put("".join(self._pending))
            self._pending.clear()
            self._kind, self._segments = "", 0

    def close(self) -> None:
        """Close what is open, and the envelope."""
        self.end()
        self._put(_segment("GE", str(self.sets), str(_CONTROL)) + _segment("IEA", "1", f"{_CONTROL:09}"))

    def _put(self, text: str) -> None:
        # what is written is ASCII by its making; a letter that is none must not pass unseen
        self._stream.write(text.replace(SEGMENT_END, f"{SEGMENT_END}\n").encode("ascii"))


def _segment(*elements: str) -> str:
    return ELEMENT.join(elements) + SEGMENT_END
