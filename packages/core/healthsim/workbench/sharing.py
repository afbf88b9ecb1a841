"""Verbs on shares: places that others reach, where scenarios are published and pulled, version by version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from healthsim.workbench.base import Verbs

if TYPE_CHECKING:
    from healthsim.publish.share import Share
    from healthsim.results import (
        Cleaned,
        Granted,
        PublicationList,
        Published,
        Pulled,
        ShareCheck,
        ShareDifference,
        ShareMade,
        ShareNames,
        Withdrawn,
    )


class SharingVerbs(Verbs):
    """Sharing. A share is named by the name that was added, or by its location."""

    def share_init(self, share: str, *, data: str | None = None, fetch: bool = False) -> ShareMade:
        """Make a share at a place, or bring one up to date, as its owner.

        Args:
            share: ``ducklake:postgres:dbname=team host=db``, ``ducklake:sqlite:PATH``, ``md:NAME``, or a name that was added.
            data: where the rows of a lake are to lie: a folder that all reach, or ``s3://bucket/prefix``.
            fetch: download extensions of the engine that are missing.

        Raises:
            UsageError: there is a secret in the location, or the folder is missing.
            HealthSimError: the place is not reached, or this user may not.
        """
        from healthsim.publish.making import make

        return make(self._share(share), data, fetch=fetch)

    def share_add(self, name: str, location: str) -> ShareNames:
        """Keep a name for a share in HealthSim's home; secrets are refused, and come from the environment.

        Raises:
            UsageError: the location has a secret in it, or is no place that scenarios go to.
        """
        from healthsim.publish.names import add_name, read_names
        from healthsim.results import ShareNames

        replaced = add_name(self.settings.home, name, location)
        return ShareNames(read_names(self.settings.home), replaced)

    def share_names(self) -> ShareNames:
        """The shares that have names, and where they are."""
        from healthsim.publish.names import read_names
        from healthsim.results import ShareNames

        return ShareNames(read_names(self.settings.home))

    def share_publish(
        self,
        name: str,
        share: str,
        *,
        as_: str | None = None,
        star: bool = False,
        note: str | None = None,
        onto: int | None = None,
    ) -> Published:
        """Publish a scenario as the next version of its name: all of it in one transaction, or nothing.

        Args:
            name: the scenario.
            share: where.
            as_: what it is called there.
            star: build its star there as well, so that metrics and reports answer at the share.
            note: what others should know of this version.
            onto: publish only if this is the newest version there; 0: only if there is none.

        Raises:
            NotFound: there is no such scenario or share.
            AlreadyExists: somebody was faster than ``onto`` says.
            HealthSimError: this user may not publish, or the place is not reached.
        """
        from healthsim.publish.publishing import Order, publish

        called = as_ or self.state.get(name).name
        order = Order(called, self.settings.author, star=star, note=note, onto=onto)
        return publish(self.database, name, self._share(share), order)

    def share_list(self, share: str) -> PublicationList:
        """What a share offers: the newest version of every name."""
        from healthsim.publish.share import offered

        return offered(self._share(share))

    def share_history(self, name: str, share: str) -> PublicationList:
        """Every version of a name, the newest first.

        Raises:
            NotFound: nothing of that name was published.
        """
        from healthsim.publish.share import history

        return history(self._share(share), name)

    def share_diff(self, first: str, second: str, share: str) -> ShareDifference:
        """How two versions differ, entity by entity.

        Args:
            first, second: ``NAME@VERSION``, or ``NAME`` for the newest.
            share: where they were published.

        Raises:
            NotFound: there is no such version, or earlier states were cleaned away.
        """
        from healthsim.publish.differences import difference

        return difference(self._share(share), first, second)

    def share_pull(self, name: str, share: str, *, as_: str | None = None, overwrite: bool = False) -> Pulled:
        """Save a publication as a scenario of this database, proved to be what was published.

        Args:
            name: ``NAME`` for the newest version, or ``NAME@VERSION``.
            share: from where.
            as_: what it is called here.
            overwrite: replace a scenario of that name.

        Raises:
            NotFound: there is no such publication.
            AlreadyExists: a scenario has the name.
            HealthSimError: what came is not what was published; nothing was saved.
        """
        from healthsim.publish.pulling import pull

        return pull(self._share(share), name, self.database, as_=as_, overwrite=overwrite)

    def share_withdraw(self, name: str, share: str) -> Withdrawn:
        """Offer a name no longer. What was published before can be pulled by its version until it is cleaned away."""
        from healthsim.publish.publishing import withdraw
        from healthsim.results import Withdrawn

        record = withdraw(self._share(share), name, self.settings.author)
        return Withdrawn(share, record.name, record.version)

    def share_check(self, share: str, name: str | None = None) -> ShareCheck:
        """Whether a share holds what was published there, by hashes of all rows."""
        from healthsim.publish.checking import check

        return check(self._share(share), name)

    def share_clean(self, share: str, *, before: str | None = None, remove: bool = False) -> Cleaned:
        """Find the files of a lake that stopped publishers left, and what earlier states need; remove them where that is said.

        Args:
            before: also let go of states before this day (``2026-01-31``) or older than this (``30d``): their versions can no
                longer be pulled.
            remove: remove it; else it is only listed.

        Raises:
            UsageError: the place gives back space by itself, or the day is none.
        """
        from healthsim.publish.cleaning import clean

        return clean(self._share(share), before=before, remove=remove)

    def share_grant(
        self,
        share: str,
        role: str | None = None,
        *,
        publish: bool = False,
        everybody: bool = False,
        execute: bool = False,
    ) -> Granted:
        """What lets others read a share, or publish: SQL for its owner, run where that is said.

        Args:
            role: a role of Postgres; for MotherDuck none.
            publish: let them publish as well.
            everybody: for MotherDuck: everybody of the organisation.
            execute: run it; else it is only shown.
        """
        from healthsim.publish.rights import grant

        return grant(self._share(share), role, publish=publish, everybody=everybody, execute=execute)

    def _share(self, text: str) -> Share:
        from healthsim.publish.names import location_named
        from healthsim.publish.share import Share

        return Share(text, self._at(location_named(self.settings.home, text)))
