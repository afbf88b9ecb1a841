"""HealthSim: a workbench for synthetic healthcare data in one DuckDB file.

    import healthsim as hs

    hs.generate(size=500, counties=["06073"], as_="san-diego")
    hs.query("pmpm", by="age_band", scenario="san-diego").df()
    hs.open("other.duckdb").list()

Every verb works on the database that the environment names; ``open`` gives the same verbs on another one. Nothing is imported
before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    # for editors and type checkers; at run time the verbs are those of the workbench, and a test holds the two together
    from healthsim import errors as errors
    from healthsim.workbench import Workbench as _Workbench

    _default = _Workbench.at()
    version: str
    open = _Workbench.at
    add = _default.add
    build = _default.build
    build_files = _default.build_files
    catalog = _default.catalog
    check = _default.check
    check_conditions = _default.check_conditions
    check_journeys = _default.check_journeys
    check_star = _default.check_star
    clone = _default.clone
    cohort = _default.cohort
    compact = _default.compact
    compare = _default.compare
    compare_places = _default.compare_places
    condition = _default.condition
    conditions = _default.conditions
    delete = _default.delete
    doctor = _default.doctor
    drop_reference = _default.drop_reference
    drop_star = _default.drop_star
    entity = _default.entity
    entity_types = _default.entity_types
    export = _default.export
    fetch_reference = _default.fetch_reference
    estimate = _default.estimate
    fidelity = _default.fidelity
    find = _default.find
    formats = _default.formats
    generate = _default.generate
    generate_files = _default.generate_files
    get = _default.get
    import_ = _default.import_
    import_journeys = _default.import_journeys
    import_reference = _default.import_reference
    journey = _default.journey
    journeys = _default.journeys
    list = _default.list
    load = _default.load
    lookup = _default.lookup
    measure = _default.measure
    merge = _default.merge
    migrate = _default.migrate
    page = _default.page
    people = _default.people
    person = _default.person
    profile = _default.profile
    providers = _default.providers
    query = _default.query
    references = _default.references
    rename = _default.rename
    report = _default.report
    run_journeys = _default.run_journeys
    save = _default.save
    save_cohort = _default.save_cohort
    save_file = _default.save_file
    scenarios = _default.scenarios
    schema = _default.schema
    share_add = _default.share_add
    share_check = _default.share_check
    share_clean = _default.share_clean
    share_diff = _default.share_diff
    share_grant = _default.share_grant
    share_history = _default.share_history
    share_init = _default.share_init
    share_list = _default.share_list
    share_names = _default.share_names
    share_publish = _default.share_publish
    share_pull = _default.share_pull
    share_withdraw = _default.share_withdraw
    show = _default.show
    sql = _default.sql
    star = _default.star
    status = _default.status
    tag = _default.tag
    untag = _default.untag
    verify_reference = _default.verify_reference
    write_loaded = _default.write_loaded
    write_person = _default.write_person
    write_report = _default.write_report


def __dir__() -> Any:
    from healthsim.door import verbs

    return sorted([*verbs(), "errors", "open", "version"])


def __getattr__(name: str) -> Any:
    if name == "version":
        return __version__
    if name == "load_ipython_extension":
        from healthsim.magic import load

        return load
    if name == "errors":
        import importlib

        return importlib.import_module("healthsim.errors")
    if not name.startswith("_"):
        from healthsim.door import verb, verbs
        from healthsim.workbench import Workbench

        if name == "open":
            return Workbench.at
        if name in verbs():
            return verb(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
