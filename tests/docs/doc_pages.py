"""The pages of the documentation: their blocks of code, their headings, their links, the commands that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`]*)$")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$")
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^()\s>]+(?:\([^()]*\))?)>?(?:\s+\"[^\"]*\")?\s*\)")
_ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")
_SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_COMMAND = re.compile(r"^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*/|.*\buv run )?healthsim +(?P<words>\S.*)$")
_TITLE = re.compile(r"\btitle=\"?([\w./-]+)\"?")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it stands for (``title=NAME``), its text, its first line's number."""

    language: str
    title: str | None
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines()

    @cached_property
    def blocks(self) -> list[Block]:
        """The fenced blocks, in order."""
        return list(self._parts()[1])

    @cached_property
    def prose(self) -> str:
        """The page without its fenced blocks; lines keep their numbers."""
        return "\n".join(self._parts()[0])

    def _parts(self) -> tuple[list[str], list[Block]]:
        prose: list[str] = []
        blocks: list[Block] = []
        inside: re.Match[str] | None = None
        body: list[str] = []
        for number, line in enumerate(self.lines, start=1):
            fence = _FENCE.match(line)
            if inside is None and fence is not None:
                inside, body = fence, []
            elif inside is not None and fence is not None and fence["ticks"] == inside["ticks"] and not fence["info"]:
                words = inside["info"].split()
                title = _TITLE.search(inside["info"])
                language = words[0] if words else ""
                indent = len(inside["indent"])
                text = "\n".join(line[indent:] for line in body)
                blocks.append(Block(language, title[1] if title else None, text, number - len(body)))
                inside = None
            elif inside is not None:
                body.append(line)
            prose.append("" if inside is not None or fence is not None else line)
        assert inside is None, f"{self.name}: a block of code has no end"
        return prose, blocks

    @cached_property
    def anchors(self) -> set[str]:
        """What a link may point to after ``#``."""
        found = set(_ANCHOR.findall(self.prose))
        seen: dict[str, int] = {}
        for line in self.prose.splitlines():
            heading = _HEADING.match(line)
            if heading is not None:
                slug = _slug(heading[1])
                count = seen.get(slug, 0)
                seen[slug] = count + 1
                found.add(f"{slug}-{count}" if count else slug)
        return found

    @cached_property
    def links(self) -> list[tuple[int, str]]:
        """(line, target) of every link."""
        # code in backticks holds no links; blanked out so that places stay true
        text = _SPAN.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), self.prose)
        return [(text.count("\n", 0, match.start()) + 1, match[1]) for match in _LINK.finditer(text)]

    def commands(self) -> Iterator[tuple[int, str]]:
        """(line, words after ``healthsim``) of every command that is named, in blocks and in running text."""
        for block in self.blocks:
            for number, line in enumerate(block.text.replace("\\\n", " ").splitlines()):
                named = _COMMAND.match(line)
                if named is not None:
                    yield block.line + number, named["words"]
        for match in _SPAN.finditer(self.prose):
            words = " ".join(match[2].split())
            if words.startswith("healthsim "):
                yield self.prose.count("\n", 0, match.start()) + 1, words.removeprefix("healthsim ")


def _slug(heading: str) -> str:
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower().strip()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def _under(*patterns: str) -> list[Page]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return [Page(path) for path in sorted(found)]


#: what users read: its commands and code are run
USER_PAGES = _under("README.md", "docs/**/*.md", "skills/**/*.md")
#: every page that we write: its links are followed
ALL_PAGES = _under("*.md", "docs/**/*.md", "skills/**/*.md", "tests/**/*.md", "packages/**/*.md")
