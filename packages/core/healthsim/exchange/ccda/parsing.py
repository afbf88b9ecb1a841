"""Reading XML of anybody without harm: no entities, nothing fetched, nothing deeper or longer than documents are."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from healthsim.errors import InvalidInput

#: beyond this depth no document goes, and programs that walk it would fail
DEEPEST = 200
LARGEST_DOCUMENT = 256_000_000
_MOST_ELEMENTS = 20_000_000


class _Builder:
    """Builds elements, with the line that each begins on; refuses what attacks parsers."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: dict[Element, int] = {}
        self._tree = TreeBuilder()
        self._depth = 0
        self._count = 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._tree.data
        self.parser.EntityDeclHandler = self._entity
        self.parser.ExternalEntityRefHandler = self._external
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > DEEPEST or self._count > _MOST_ELEMENTS:
            what = (
                f"deeper than {DEEPEST} elements"
                if self._depth > DEEPEST
                else f"of more than {_MOST_ELEMENTS:,} elements"
            )
            raise InvalidInput(f"{self.source} is {what}, which no document is. Nothing was saved.")
        made = self._tree.start(_name(name), {_name(key): value for key, value in attributes.items()})
        self.lines[made] = self.parser.CurrentLineNumber

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._tree.end(_name(name))

    def _entity(self, name: str, *_: object) -> None:
        raise InvalidInput(
            f"{self.source} declares an entity ({name[:60]}); documents with entities are not read, since they can hold"
            " anything. Nothing was saved."
        )

    def _external(self, *_: object) -> int:
        raise InvalidInput(f"{self.source} refers to something outside of it, which is not read. Nothing was saved.")

    def parse(self, data: bytes) -> Element:
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            raise InvalidInput(
                f"{self.source} is no XML: {expat.ErrorString(error.code)} at line {error.lineno:,}, column"
                f" {error.offset + 1:,}. Nothing was saved.",
                line=error.lineno,
            ) from None
        except (LookupError, ValueError) as error:
            # an encoding that its first line names, and nobody knows
            raise InvalidInput(f"{self.source} is no XML that can be read: {error}. Nothing was saved.") from None
        return self._tree.close()


def _name(name: str) -> str:
    return "{" + name if "}" in name else name


def parse(data: bytes, source: str) -> tuple[Element, dict[Element, int]]:
    """The root element of a document, and the line that each element begins on.

    Raises:
        InvalidInput: it is no XML, declares entities, or is larger or deeper than any document.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise InvalidInput(
            f"{source} has more than {LARGEST_DOCUMENT:,} bytes, which no document has. Nothing was saved."
        )
    builder = _Builder(source)
    return builder.parse(data), builder.lines
