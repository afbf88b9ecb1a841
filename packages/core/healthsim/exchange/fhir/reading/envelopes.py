"""What the entries of bundles say beside their resources: addresses that references use, requests, how a search found them.

An address that is not made of the resource's id leads to it all the same; and what an entry says is kept, unless it is what
an export of ours writes of itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from healthsim.exchange.fhir.bundles import full_url

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

KEPT_AS = "bundle_entries"
#: entries that one document holds
_AT_ONCE = 1_000
#: references that were met before what they lead to and are remembered
_ASKED = 200_000


class Addresses:
    """The ids of resources that entries give addresses of their own (``urn:uuid:...``).

    Attributes:
        again: a reference was read before the entry that it leads to; what was read is to be read anew, knowing it.
    """

    def __init__(self) -> None:
        self.again = False
        self._ids: dict[str, str] = {}
        self._organizations: set[str] = set()
        self._asked: set[str] = set()
        self._asked_for_types: set[str] = set()

    def id_of(self, reference: str) -> str:
        """The id that a reference by such an address leads to; without an entry, what is behind ``urn:uuid:``."""
        known = self._ids.get(reference)
        if known is not None:
            return known
        if len(self._asked) < _ASKED:
            self._asked.add(reference)
        return reference.removeprefix("urn:uuid:")

    def type_of(self, reference: str) -> str:
        """``Organization``, where such an address is of one: who bills may be one, or a person; else nothing."""
        if reference in self._organizations:
            return "Organization"
        if len(self._asked_for_types) < _ASKED:
            self._asked_for_types.add(reference)
        return ""

    def learn(self, address: str, kind: object, entity_id: str) -> None:
        """Note which resource an address is of."""
        if kind == "Organization" and address not in self._organizations:
            self._organizations.add(address)
            self.again = self.again or address in self._asked_for_types
        if address.startswith("urn:") and address.removeprefix("urn:uuid:") != entity_id:
            if address in self._asked and self._ids.get(address) != entity_id:
                self.again = True
            self._ids[address] = entity_id
        self._asked.discard(address)


class Envelopes:
    """Takes what entries say, and keeps it in documents of a bounded size."""

    def __init__(self, reading: Reading, addresses: Addresses) -> None:
        self._reading = reading
        self._addresses = addresses
        self._entries: list[str] = []

    def entry(self, members: Mapping[str, str], entry: Mapping[str, Any], resource: Mapping[str, Any]) -> None:
        """Take an entry with a resource.

        Args:
            members: the texts of what it says.
            entry, resource: the same, parsed.
        """
        address, kind, own_id = entry.get("fullUrl"), resource.get("resourceType"), resource.get("id")
        name = f"{kind}/{own_id}"
        if isinstance(address, str) and isinstance(own_id, str) and own_id:
            self._addresses.learn(address, kind, own_id)
        said = {key: text for key, text in members.items() if key != "resource"}
        if not said or (address == full_url(name) and entry.get("request") in (None, {"method": "PUT", "url": name})):
            return
        inner = ", ".join(f"{json.dumps(key)}: {text}" for key, text in said.items())
        self._entries.append(f'{{"resource": {json.dumps(name)}, {inner}}}')
        if len(self._entries) >= _AT_ONCE:
            self._keep({})

    def end(self, bundle: Mapping[str, str]) -> None:
        """Take what a bundle says of itself, where its entries say more than their resources."""
        if self._entries:
            self._keep(bundle)

    def _keep(self, bundle: Mapping[str, str]) -> None:
        head = ", ".join(f"{json.dumps(key)}: {text}" for key, text in bundle.items())
        before = f'"bundle": {{{head}}}, ' if head else ""
        self._reading.keep(KEPT_AS, f'{{{before}"entry": [{", ".join(self._entries)}]}}')
        self._entries = []
