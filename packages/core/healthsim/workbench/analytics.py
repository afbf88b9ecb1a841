"""Verbs on the star: build it, and ask it for metrics, comparisons, reports and cohorts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.workbench.base import Verbs

if TYPE_CHECKING:
    from healthsim.analytics.cohorts.search import Cohort
    from healthsim.analytics.metrics.filters import Where
    from healthsim.analytics.star.build_log import Built
    from healthsim.analytics.star.invariants import Finding
    from healthsim.analytics.star.status import Standing
    from healthsim.results import Catalog, Comparison, MetricAnswer, ReportAnswer, StarFiles
    from healthsim.state.save import Saved

Names = str | Sequence[str]


class AnalyticsVerbs(Verbs):
    """The star schema of scenarios, and what can be asked of it."""

    def build(
        self,
        *names: str,
        everything: bool = False,
        mode: str = "auto",
        progress: Callable[[str, str, int, int], None] | None = None,
    ) -> list[Built]:
        """Build the star of scenarios, or bring it up to date; what has not changed is left alone.

        Args:
            names: the scenarios.
            everything: of all scenarios.
            mode: ``auto``, ``full`` (everybody) or ``incremental`` (the persons that have changed, however many).
            progress: called with scenario, table, its number, and how many there are.
        """
        from healthsim.analytics import build

        return build(self.database, names, everything=everything, mode=mode, progress=progress)

    def build_files(
        self,
        name: str | None = None,
        *,
        output: str | Path,
        source: str | Path | None = None,
        master: str | None = None,
        overwrite: bool = False,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> StarFiles:
        """Build a star with a Spark cluster, as Parquet files; the database is only read.

        Args:
            name: a scenario, whose tables are first exported to the place beside the output that ends in ``-tables``; with a
                source, what its scenario is called where the source does not say it.
            output: where the star goes: a folder that all workers see, or an address in an object store.
            source: tables that ``export("parquet")`` or ``generate_files`` wrote, in place of a scenario.
            master: the URL of the cluster (``sc://HOST:PORT`` too); by default this machine.
            overwrite: replace what an earlier build left there.
            progress: called with table, its number, and how many there are.

        Raises:
            UsageError: neither a scenario nor a source is named.
            NotFound, InvalidInput: there is no such scenario, or nothing at the source.
            AlreadyExists: something is at the output.
        """
        from healthsim.analytics.star.spark_build import build_on_spark
        from healthsim.errors import UsageError
        from healthsim.exchange.tables import export_tables
        from healthsim.object_stores.writing import written_to

        if source is None:
            if name is None:
                raise UsageError("Name the scenario to build, or the tables to build from.")
            scenario = name
            source = f"{str(output).rstrip('/')}-tables"
            written_to(
                source,
                lambda target, force: export_tables(
                    self.database, scenario, target, layers=("canonical",), partition="none", force=force
                ),
                force=overwrite,
            )
        return build_on_spark(
            self.database, source, output, name=name, master=master, overwrite=overwrite, progress=progress
        )

    def star(self, *names: str) -> list[Standing]:
        """Which scenarios are built, and which have been written since."""
        from healthsim.analytics import status

        return status(self.database, names)

    def drop_star(self, *names: str, everything: bool = False) -> list[str]:
        """Remove the star of scenarios, or the whole star; the scenarios stay."""
        from healthsim.analytics import drop

        return drop(self.database, names, everything=everything)

    def check_star(self, *names: str) -> list[Finding]:
        """Prove the star: rows and money as in the scenario, no key without its row, weights that sum to 1."""
        from healthsim.analytics import check

        return check(self.database, names)

    def catalog(self, name: str | None = None, *, search: str | None = None) -> Catalog:
        """Everything that can be asked (metrics, dimensions, reports), or the whole definition of one name."""
        from healthsim.analytics import catalog

        return catalog(name, search=search)

    def query(
        self,
        metrics: Names,
        *,
        by: Names = (),
        where: str | Where = (),
        scenario: Names = (),
        time: str | None = None,
        order: str | None = None,
        limit: int = 10_000,
        parts: bool = False,
        build: str = "missing",
    ) -> MetricAnswer:
        """The values of metrics, divided and filtered.

        Args:
            metrics, by: names, as a list or separated by commas; see ``catalog``.
            where: conditions such as ``age_band=65+``, or {dimension: value or values}.
            scenario: a name or several; left out, the only one that there is.
            time: the date that month, year ... mean; default: that of each metric.
            order: a column to sort by, ``-`` in front for the largest first.
            limit: rows at most.
            parts: also give the numerator and denominator of each metric.
            build: build the star where it is ``missing``, or also where it is ``stale``, or ``never``.
        """
        from healthsim.analytics import query

        return query(
            self.database,
            metrics,
            by=by,
            where=where,
            scenarios=scenario,
            time=time,
            order=order,
            limit=limit,
            parts=parts,
            build=build,
        )

    def compare(
        self,
        metrics: Names = (),
        *,
        scenario: str | None = None,
        other: str | None = None,
        period: str | None = None,
        other_period: str | None = None,
        reference: str | None = None,
        by: Names = (),
        where: str | Where = (),
        limit: int = 10_000,
        build: str = "missing",
    ) -> Comparison:
        """Two answers side by side: of two scenarios, two periods, or a scenario and published figures.

        Args:
            metrics, by, where, limit, build: as in ``query``.
            scenario, other: the first and the second scenario.
            period, other_period: a year, quarter, month or day, or FROM..TO of these.
            reference: ``places`` or ``svi``, instead of metrics.
        """
        from healthsim.analytics import compare

        return compare(
            self.database,
            metrics,
            scenario=scenario,
            other=other,
            period=period,
            other_period=other_period,
            reference=reference,
            by=by,
            where=where,
            limit=limit,
            build=build,
        )

    def report(
        self,
        name: str,
        *,
        scenario: str | None = None,
        other: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        limit: int = 10_000,
        build: str = "missing",
    ) -> ReportAnswer:
        """The answer of a report about a scenario; ``catalog`` lists the reports.

        Args:
            scenario: left out, the only one that there is.
            other: the second scenario, for reports about two.
            parameters: other values for what the report lets you change.
            limit, build: as in ``query``.
        """
        from healthsim.analytics import report

        return report(
            self.database, name, scenario=scenario, other=other, parameters=parameters, limit=limit, build=build
        )

    def write_report(
        self, answers: ReportAnswer | Sequence[ReportAnswer], path: str | Path, *, overwrite: bool = False
    ) -> Path:
        """Write reports as one page of HTML with charts."""
        from healthsim.analytics.reports.page import write_page
        from healthsim.results import ReportAnswer

        listed = [answers] if isinstance(answers, ReportAnswer) else answers
        return write_page(Path(path), listed, force=overwrite)

    def cohort(
        self,
        name: str,
        criteria: Mapping[str, Any] | str | Path | None = None,
        *,
        circe: Mapping[str, Any] | str | Path | None = None,
        vocabulary_folder: Path | None = None,
        **options: Any,
    ) -> Cohort:
        """Who of a scenario fulfils criteria, and how many each criterion leaves.

        Args:
            name: the scenario.
            criteria: a file of criteria, or what it holds.
            circe: a cohort definition of OHDSI, instead: the JSON of ATLAS or its file.
            vocabulary_folder: with ``circe``: an unpacked download of Athena.
            options: criteria, instead: ``condition``, ``drug``, ``lab``, ``without_condition``, ``without_drug`` (a text or
                several), ``age``, ``sex``, ``window``, and the days ``first_day`` and ``last_day``.
        """
        from healthsim.analytics.cohorts.criteria import document_of, read_document, spec_of
        from healthsim.analytics.cohorts.search import find_cohort
        from healthsim.errors import InvalidInput, UsageError

        ways = [item for item in (criteria, circe, options or None) if item is not None]
        if len(ways) != 1:
            raise UsageError(
                "Expected criteria (condition, drug, lab, age, sex ...), or a definition of OHDSI: one of them."
            )
        if circe is None and criteria is None:
            return find_cohort(self.database, name, spec_of(document_of(options)))
        named = criteria if circe is None else circe
        document = read_document(Path(named)) if isinstance(named, (str, Path)) else named
        if not isinstance(document, Mapping):
            raise InvalidInput(f"{named} holds no object; expected the criteria of a cohort.")
        if circe is None:
            return find_cohort(self.database, name, spec_of(dict(document)))
        from healthsim.exchange.omop.circe import find_circe_cohort

        return find_circe_cohort(self.database, name, document, vocabulary_folder=vocabulary_folder)

    def save_cohort(self, cohort: Cohort, as_: str, *, overwrite: bool = False) -> Saved:
        """Save the persons of a cohort, with everything that is theirs, as a scenario of its own."""
        from healthsim.analytics.cohorts.save import save_cohort

        return save_cohort(self.database, cohort, as_, overwrite=overwrite)
