"""The migrations from before tables had owners: every database has them, and they never change."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from healthsim.db.migrations import Migration

_FOLDER = Path(__file__).with_name("versions")

#: in their order; a test proves that the files have these checksums
HISTORY: tuple[Migration, ...] = tuple(
    Migration(folder.partition("_")[2], _FOLDER / folder, checksum)
    for folder, checksum in {
        "0001_foundation": "bfcc2b0ce60d4cf8ea5df1dce341f9cc6b1021977b04050f96a6e6418a2eb10c",
        "0002_reference": "6419058688e33dca007d8b6c00d9ac64a93ff596569702614885c5d0dfc0964a",
        "0003_analytics": "dda295bcdef5509d095af51d26f4ea2a07b68ead94e0c20448719a03cb45975a",
        "0004_observations": "47d010a641c41085065fab211166fc53108028ffe9e8c946ae1f928633a40980",
    }.items()
)


@cache
def definitions(first: str) -> dict[str, str]:
    """Table -> the text that declares it, from the migration of that name on: of several, the newest."""
    texts: dict[str, str] = {}
    for migration in HISTORY[[migration.name for migration in HISTORY].index(first) :]:
        texts |= migration.tables
    return texts
