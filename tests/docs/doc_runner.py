"""Runs the blocks of a page as a reader would: one folder, one home, from the first block to the last.

- ```` ```console ```` and ```` ```bash ```` blocks with a ``healthsim`` command: every command is run; what a console
  block shows below ``$ `` is compared with what was printed.
- ```` ```python ```` blocks: run in one namespace; an ```` ```output ```` block below one is what it prints.
- a block with ``title=NAME`` is a file that the reader saves under that name.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from doc_pages import Block, Page

from healthsim.cli import main

SHELL = ("console", "bash")
_VERSION = re.compile(r"\bv?\d+\.\d+\.\d+\b")
_TOLERANT = (
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?"), "<time>"),
    (re.compile(r"\b[\d,.]+ (?:kB|KB|MB|GB|ms|s)\b"), "<size>"),
    (re.compile(r"(?<=bytes_before\": )\d+|(?<=bytes_after\": )\d+|(?<=size_bytes\": )\d+"), "<size>"),
    (re.compile(r"\b(?<=process )\d+"), "<process>"),
    (re.compile(r"─+"), "─"),
    (re.compile(r"[ \t]+"), " "),
)


class Stopped(AssertionError):
    """A block did not do what the page says; the message names the place."""


class Terminal:
    """A folder with a home of its own, in which commands and code are run.

    Args:
        folder: empty; the home is made inside it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.home = folder / "home"
        self.folder.mkdir(parents=True)
        (self.home / "Downloads").mkdir(parents=True)
        self.names: dict[str, object] = {"__name__": "page"}
        self.code = 0

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """The working folder and the environment of the reader."""
        before = dict(os.environ)
        for name in [name for name in os.environ if name.startswith("HEALTHSIM_")]:
            del os.environ[name]
        home = str(self.home)
        os.environ.update(HOME=home, USERPROFILE=home, HEALTHSIM_HOME=str(self.home / ".healthsim"), COLUMNS="110")
        # a reader whose files are nobody else's business: exports then have nothing to say about who may read them
        mask = os.umask(0o077)
        try:
            with contextlib.chdir(self.folder):
                yield
        finally:
            os.umask(mask)
            os.environ.clear()
            os.environ.update(before)

    # -- commands --------------------------------------------------------------------------------------------

    def run(self, line: str) -> tuple[str, int]:
        """What a command line prints, errors included, and its exit code."""
        stages, target = _parsed(line)
        data = b""
        for number, words in enumerate(stages):
            last = number == len(stages) - 1
            shown, data, code = self._stage(words, data, apart=not last or target is not None)
            if not last and code:
                return shown, code
        if target is not None:
            Path(target).write_bytes(data)
            return shown, code
        return data.decode(), code

    def _stage(self, words: list[str], given: bytes, *, apart: bool) -> tuple[str, bytes, int]:
        """(what goes to the terminal, stdout, exit code); stderr is part of stdout unless they are kept apart."""
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
        err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True) if apart else out
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            _standard_input(given),
            _variables(words) as rest,
        ):
            code = _program(rest)
        raw_out, raw_err = out.buffer, err.buffer
        assert isinstance(raw_out, io.BytesIO)
        assert isinstance(raw_err, io.BytesIO)
        shown, printed = raw_err.getvalue().decode() if apart else "", raw_out.getvalue()
        out.close()
        err.close()
        return shown, printed, code

    def normal(self, text: str) -> str:
        """Output without what differs from run to run: ids, times, sizes, places, white space, empty lines."""
        for path, short in (
            (self.home / ".healthsim", "~/.healthsim"),
            (self.home, "~"),
            (self.folder, "."),
        ):
            text = text.replace(str(path), short)
        for pattern, replacement in _TOLERANT:
            text = pattern.sub(replacement, text)
        text = re.sub(r"(?<=DuckDB )v?[\d.]+|(?<=duckdb_version\": \")[^\"]+", "<version>", text)
        return "\n".join(line.strip() for line in text.splitlines() if line.strip())

    # -- blocks ----------------------------------------------------------------------------------------------

    def follow(self, page: Page) -> int:
        """Run the blocks of a page; how many there were to run.

        Raises:
            Stopped: one of them did something else than the page says.
        """
        done = 0
        printed = ""
        with self.entered():
            for block in page.blocks:
                place = f"{page.name}:{block.line}"
                if block.title is not None:
                    (self.folder / block.title).write_text(block.text + "\n", encoding="utf-8")
                elif block.language in SHELL and names_healthsim(block):
                    self._shell(block, place)
                    done += 1
                elif block.language == "python":
                    printed = self._python(block, place)
                    done += 1
                elif block.language == "output":
                    self.compare(block.text, printed, place)
        return done

    def _shell(self, block: Block, place: str) -> None:
        commands = commands_of(block)
        for number, (command, expected) in enumerate(commands):
            if command == "echo $?":
                self.compare(expected or "", str(self.code), place)
                continue
            shown, self.code = self.run(command)
            refused = expected is not None and any(line.startswith("healthsim: ") for line in expected.splitlines())
            told = number + 1 < len(commands) and commands[number + 1][0] == "echo $?"
            if bool(self.code) != refused and not told:
                raise Stopped(f"{place}: `{command}` ended with {self.code}:\n{shown}")
            if expected is not None:
                self.compare(expected, shown, f"{place}: `{command}`")

    def _python(self, block: Block, place: str) -> str:
        out = io.StringIO()
        padding = "\n" * (block.line - 1)
        with contextlib.redirect_stdout(out):
            exec(compile(padding + block.text, place, "exec"), self.names)  # the pages are ours
        return out.getvalue()

    def compare(self, expected: str, shown: str, place: str) -> None:
        """Make sure that what was printed is what the page shows; ``...`` on the page stands for anything.

        Raises:
            Stopped: it is not.
        """
        wanted, got = self.normal(expected), self.normal(shown)
        pattern = "".join(
            r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*?") + "\n"
            for line in wanted.splitlines()
        )
        if not re.fullmatch(pattern, got + "\n" if got else ""):
            raise Stopped(f"{place} shows\n{wanted}\n\nbut this was printed:\n{got}")


def names_healthsim(block: Block) -> bool:
    """Whether a block has a ``healthsim`` command to run."""
    return any(re.match(r"(?:[A-Z_]+=\S+ )*healthsim\b", command) for command, _ in commands_of(block))


def commands_of(block: Block) -> list[tuple[str, str | None]]:
    """(command, what is shown below it) of a shell block; ``bash`` blocks show nothing to compare."""
    text = re.sub(r"\\\n(?:> )?", " ", block.text)
    if block.language == "bash":
        return [(line, None) for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in found]


def _parsed(line: str) -> tuple[list[list[str]], str | None]:
    """The stages of a pipe, and the file that the last one is written to."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|>&;")
    lexer.whitespace_split = True
    stages: list[list[str]] = [[]]
    target: str | None = None
    words = iter(lexer)
    for word in words:
        if word == "|":
            stages.append([])
        elif word == ">":
            target = next(words)
        elif set(word) <= set("|>&;"):
            raise Stopped(f"`{line}` cannot be run here: {word}. Simplify it, or mark the block as text.")
        else:
            stages[-1].append(word)
    return stages, target


@contextlib.contextmanager
def _variables(words: list[str]) -> Iterator[list[str]]:
    """The variables in front of a command are set while it runs."""
    rest = list(words)
    before = dict(os.environ)
    while rest and re.match(r"[A-Z_]+=", rest[0]):
        name, _, value = rest.pop(0).partition("=")
        os.environ[name] = value
    try:
        yield rest
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _standard_input(data: bytes) -> Iterator[None]:
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin.close()
        sys.stdin = before


def _program(words: list[str]) -> int:
    """Run one of the few programs that pages may use."""
    name, arguments = words[0], [os.path.expanduser(word) for word in words[1:]]
    if name == "healthsim":
        try:
            main(arguments)
        except SystemExit as end:
            return int(end.code or 0)
        return 0
    files = [word for word in arguments if not word.startswith("-")]
    if name == "mkdir":
        for file in files:
            Path(file).mkdir(parents=True, exist_ok=True)
    elif name == "ls":
        for file in sorted(path.name for folder in files or ["."] for path in Path(folder).iterdir()):
            print(file)  # noqa: T201 - this is the program ls
    elif name == "cat":
        for file in files:
            sys.stdout.write(Path(file).read_text(encoding="utf-8"))
    elif name == "cp":
        copy = Path(files[-1])
        (copy / Path(files[0]).name if copy.is_dir() else copy).write_bytes(Path(files[0]).read_bytes())
    else:
        raise Stopped(f"`{shlex.join(words)}` cannot be run here. Mark the block as text.")
    return 0
