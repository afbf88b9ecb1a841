"""The characters that divide a message, and the escape sequences for them in text.

Every message says its own in its first eight characters. What is written has the usual ones; control characters,
among them those that frame messages on a wire, are written as ``\\X0B\\``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_CONTROLS = {code: f"\\X{code:02X}\\" for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}
#: those above are written as their bytes in UTF-8
_CONTROLS |= {code: "\\X" + chr(code).encode().hex().upper() + "\\" for code in (0x85, 0x2028, 0x2029)}


@dataclass(frozen=True)
class Delimiters:
    """The five characters."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @classmethod
    def of(cls, message: str) -> Delimiters:
        """What a message says of itself: the fourth character, and the up to four that follow it."""
        field = message[3:4] or "|"
        declared = message[4:].split(field, 1)[0][:4]
        usual = cls().encoding
        return cls(field, *list(declared + usual[len(declared) :]))

    @property
    def encoding(self) -> str:
        """The second field of a message's header."""
        return self.component + self.repetition + self.escape + self.subcomponent

    def unescape(self, text: str, charset: str = "utf-8") -> str:
        """Text as it was before it was put into a message; what is no sequence that is known stays as it is."""
        if self.escape not in text:
            return text
        return self._sequences.sub(lambda match: self._plain(match, charset), text)

    @cached_property
    def _sequences(self) -> re.Pattern[str]:
        escape = re.escape(self.escape)
        return re.compile(rf"{escape}([^{escape}]*){escape}")

    @cached_property
    def _letters(self) -> dict[str, str]:
        return {
            "F": self.field,
            "S": self.component,
            "R": self.repetition,
            "E": self.escape,
            "T": self.subcomponent,
            ".br": "\n",
            ".sp": "\n",
            # highlighting begins and ends
            "H": "",
            "N": "",
        }

    def _plain(self, match: re.Match[str], charset: str) -> str:
        letters = match.group(1)
        plain = self._letters.get(letters)
        if plain is not None:
            return plain
        if letters[:1] in ("X", "x"):
            try:
                return bytes.fromhex(letters[1:]).decode(charset)
            except ValueError:
                return match.group(0)
        return match.group(0)


STANDARD = Delimiters()
_ESCAPED = str.maketrans(
    {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
    | {chr(code): text for code, text in _CONTROLS.items()}
)


def escaped(text: str) -> str:
    """Text for a message with the usual delimiters."""
    return text.translate(_ESCAPED)
