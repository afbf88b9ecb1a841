"""Tools that publish scenarios where others reach them, and pull what others published: only at shares that the server may use."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from healthsim.errors import NotFound, UsageError
from healthsim.server.declaring import Bench, tool
from healthsim.server.results import Result
from healthsim.server.tools.scenarios import Name

Share = Annotated[
    str | None, Field(description="The share; may be left out where there is one only.", max_length=1_000)
]


class PublishedScenario(Result):
    """A version that was published."""

    share: str
    name: str
    version: int
    rows: int
    entity_count: int
    previous_version: int | None = Field(description="The newest version before.")
    previous_author: str | None


class PublicationInfo(Result):
    """A version that a share offers."""

    name: str
    version: int
    published_by: str
    published_at: str = Field(description="UTC.")
    persons: int
    rows: int
    has_star: bool
    note: str | None


class Publications(Result):
    """What a share offers: the newest version of each name."""

    share: str
    shares: list[str] = Field(description="Every share that may be used.")
    publications: list[PublicationInfo]


class PulledScenario(Result):
    """A publication that is a scenario of this database now."""

    share: str
    scenario_id: str
    name: str
    version: int
    rows: int
    entity_count: int
    proved: bool = Field(description="Equal to what was published, by hashes; else by counts.")


def _chosen(bench: Bench, share: str | None) -> str:
    """A share that may be used: others do not exist for a conversation."""
    if share is None and len(bench.shares) == 1:
        return bench.shares[0]
    known = ", ".join(bench.shares)
    if share is None:
        raise UsageError(f"There are several shares; name one of {known}.")
    if share not in bench.shares:
        raise NotFound(
            f"There is no share {share[:80]!r} that may be used here; expected one of {known}.", share=share[:200]
        )
    return share


@tool("Publish a scenario", "adds", command="share publish", verb="share_publish", shares=True)
def share_publish(
    bench: Bench,
    name: Name,
    share: Share = None,
    note: Annotated[str | None, Field(description="What others should know of this version.", max_length=2_000)] = None,
    onto: Annotated[
        int | None, Field(description="Only if this is the newest version there; 0: only if there is none.", ge=0)
    ] = None,
) -> PublishedScenario:
    """Publish a scenario where colleagues reach it, as the next version of its name. Earlier versions stay.

    Ask the user first: others see it at once.
    """
    done = bench.share_publish(name, _chosen(bench, share), note=note, onto=onto)
    before = done.after or {}
    return PublishedScenario(
        share=done.share,
        name=done.name,
        version=done.version,
        rows=done.rows,
        entity_count=done.entity_count,
        previous_version=before.get("version"),
        previous_author=before.get("published_by"),
    )


@tool("List a share", "reads", command="share list", verb="share_list", shares=True)
def share_list(bench: Bench, share: Share = None) -> Publications:
    """List what colleagues published: names, versions, authors, notes."""
    offered = bench.share_list(_chosen(bench, share))
    return Publications(
        share=offered.share,
        shares=list(bench.shares),
        publications=[
            PublicationInfo(
                name=item.name,
                version=item.version,
                published_by=item.published_by,
                published_at=item.published_at,
                persons=item.persons,
                rows=item.rows,
                has_star=item.has_star,
                note=item.note,
            )
            for item in offered
        ],
    )


@tool("Pull a publication", "changes", command="share pull", verb="share_pull", shares=True)
def share_pull(
    bench: Bench,
    name: Annotated[str, Field(description="NAME for the newest version, or NAME@VERSION.", max_length=10_000)],
    share: Share = None,
    as_name: Annotated[str | None, Field(description="What it is called here.", max_length=10_000)] = None,
    mode: Annotated[str, Field(description="create or overwrite.", pattern="^(create|overwrite)$")] = "create",
) -> PulledScenario:
    """Save what a colleague published as a scenario of this database, proved to be what was published."""
    done = bench.share_pull(name, _chosen(bench, share), as_=as_name, overwrite=mode == "overwrite")
    return PulledScenario(
        share=done.share,
        scenario_id=done.scenario_id,
        name=done.name,
        version=done.version,
        rows=done.rows,
        entity_count=done.entity_count,
        proved=done.proved,
    )
