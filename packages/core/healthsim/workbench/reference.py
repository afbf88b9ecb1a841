"""Verbs on public reference data: what places are like, who provides care there, what is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.workbench.base import Verbs

if TYPE_CHECKING:
    from healthsim.db.reference.loader import Imported
    from healthsim.db.reference.storage import Load
    from healthsim.results import CountyMeasure, LoadCheck, LoadList, PlaceComparison, PlaceFigures, Providers

Progress = Callable[[str, int, int], None]


class ReferenceVerbs(Verbs):
    """Public reference data: PLACES, SVI, ADI, NPPES and Census geography."""

    def lookup(
        self,
        place: str | None = None,
        *,
        county: str | None = None,
        tract: str | None = None,
        zcta: str | None = None,
        town: str | None = None,
        blockgroup: str | None = None,
        state: str | None = None,
        measures: Sequence[str] = (),
        release: str | None = None,
    ) -> PlaceFigures:
        """The public figures of one place.

        Args:
            place: a county, by name or code: "San Diego County, CA", "06073".
            county, tract, zcta, town, blockgroup, state: a place of another kind, instead; exactly one of all.
            measures: only these; default: all.
            release: only from this release; default: the newest.

        Raises:
            NotFound: no loaded table has the place, the measure or the release.
        """
        from healthsim.db.reference import lookup
        from healthsim.errors import UsageError

        if place and county:
            raise UsageError(f"Two places were asked for: {place!r}, and the county {county!r}. Ask for exactly one.")
        return lookup(
            self.database,
            county=county or place,
            tract=tract,
            zcta=zcta,
            place=town,
            blockgroup=blockgroup,
            state=state,
            measures=measures,
            release=release,
        )

    def measure(self, measure: str = "", *, state: str = "", release: str = "") -> CountyMeasure:
        """A measure of PLACES in every county that a release has: what a map is coloured by.

        Args:
            measure: its name, such as ``DIABETES``.
            state: only of a state: its abbreviation, name or code.
            release: by default the newest that is no excerpt.

        Raises:
            NotFound: there is no such measure, state or release.
        """
        from healthsim.db.reference.by_county import measure_by_county

        return measure_by_county(self.database, measure, state=state, release=release)

    def compare_places(
        self,
        first: str,
        second: str,
        *,
        level: str = "county",
        measures: Sequence[str] = (),
        release: str | None = None,
    ) -> PlaceComparison:
        """Two places side by side: each measure of both, and the difference (second less first)."""
        from healthsim.db.reference import compare

        return compare(self.database, first, second, level=level, measures=measures, release=release)

    def providers(
        self,
        name: str | None = None,
        *,
        npi: str | None = None,
        state: str | None = None,
        city: str | None = None,
        postal_code: str | None = None,
        taxonomy: str | None = None,
        entity_type: str | None = None,
        release: str | None = None,
        limit: int = 20,
    ) -> Providers:
        """Real providers of the loaded NPPES file, by words of the name, place of practice and taxonomy."""
        from healthsim.db.reference import search_providers

        return search_providers(
            self.database,
            name=name,
            npi=npi,
            state=state,
            city=city,
            postal_code=postal_code,
            taxonomy=taxonomy,
            entity_type=entity_type,
            release=release,
            limit=limit,
        )

    def references(self) -> LoadList:
        """Which releases of which public datasets are loaded."""
        from healthsim.db.reference import list_loads
        from healthsim.results import LoadList

        return LoadList(list(list_loads(self.database)))

    def import_reference(
        self,
        paths: str | Path | Sequence[str | Path],
        *,
        dataset: str | None = None,
        level: str | None = None,
        release: str | None = None,
        states: Sequence[str] = (),
        taxonomies: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> list[Imported]:
        """Load files as they are published; a file that is loaded already is left alone.

        Args:
            paths: CSV, gzip or zip of PLACES, SVI, ADI, NPPES or Census.
            dataset, level, release: what the files are, where they do not say it themselves.
            states, taxonomies: of NPPES, only providers who practise there, with these taxonomy codes.
            progress: called with a name, bytes done and bytes in all.
        """
        from healthsim.db.reference import import_files

        listed = [paths] if isinstance(paths, (str, Path)) else paths
        return import_files(
            self.database,
            listed,
            dataset=dataset,
            level=level,
            release=release,
            states=states,
            taxonomies=taxonomies,
            progress=progress,
        )

    def fetch_reference(
        self,
        dataset: str,
        *,
        release: str,
        level: str,
        url: str | None = None,
        keep: bool = False,
        progress: Progress | None = None,
    ) -> list[Imported]:
        """Download an official file of PLACES or SVI and load it; an interrupted download is continued."""
        from healthsim.db.reference import fetch

        folder = self.settings.home / "downloads"
        return fetch(
            self.database, dataset, folder=folder, release=release, level=level, url=url, keep=keep, progress=progress
        )

    def drop_reference(self, dataset: str, *, level: str | None = None, release: str | None = None) -> list[Load]:
        """Remove loads of a dataset: all, or those of one level and release; the removed ones."""
        from healthsim.db.reference import drop

        return drop(self.database, dataset, level=level, release=release)

    def verify_reference(self) -> list[LoadCheck]:
        """Count what each load has against what was recorded when it was loaded."""
        from healthsim.db.reference import verify

        return verify(self.database)
