"""What is written is valid by programs that others wrote: pyx12 against the implementation guides, x12sdk against its models."""

from __future__ import annotations

import io
import logging
import shutil
from pathlib import Path

import pytest

from healthsim.exchange.x12.format import KINDS

#: pyx12 has no 5010 map of these
WITHOUT_GUIDE = ("270", "271", "276", "277")


def faults_by_pyx12(path: Path, folder: Path) -> list[str]:
    """What pyx12 says against a file; it works on a copy, since it may write beside it."""
    import pyx12.params
    from pyx12.x12n_document import x12n_document

    copy = folder / path.name
    shutil.copy(path, copy)
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logger = logging.getLogger("pyx12")
    logger.addHandler(handler)
    try:
        valid = x12n_document(
            param=pyx12.params.params(), src_file=str(copy), fd_997=None, fd_html=None, fd_xmldoc=None
        )
    finally:
        logger.removeHandler(handler)
    return [] if valid else [line for line in said.getvalue().splitlines() if line.strip()] or ["not valid"]


def sets_by_x12sdk(path: Path) -> int:
    """How many transaction sets x12sdk reads as what they are; it raises where one is not valid."""
    from x12sdk.io import X12ModelReader

    with X12ModelReader(str(path)) as reader:
        return sum(1 for _ in reader.models())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITHOUT_GUIDE])
def test_pyx12_finds_no_fault(exported: Path, kind: str, tmp_path: Path) -> None:
    assert faults_by_pyx12(exported / f"{kind}.x12", tmp_path) == []


@pytest.mark.parametrize("kind", KINDS)
def test_x12sdk_reads_every_transaction_set(exported: Path, kind: str) -> None:
    path = exported / f"{kind}.x12"
    assert sets_by_x12sdk(path) == path.read_text().count("\nST*") > 0


def test_the_validators_would_say_so(exported: Path, tmp_path: Path) -> None:
    """A validator that finds nothing anywhere would prove nothing."""
    broken = tmp_path / "broken.x12"
    broken.write_text((exported / "834.x12").read_text().replace("DMG*D8*", "DMG*XX*", 1))
    (tmp_path / "copies").mkdir()
    assert faults_by_pyx12(broken, tmp_path / "copies")
    with pytest.raises(ValueError, match="validation error"):
        sets_by_x12sdk(broken)
