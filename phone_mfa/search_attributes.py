"""The search attributes a Temporal namespace needs before flows can start: finds and creates them."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.errors import CannotStartError

PATIENCE_SECONDS: Final = 60.0
"""How long to wait until Temporal's own caches know new attributes. Until then it refuses to start flows."""

_LOOK_EVERY_SECONDS: Final = 0.2
_PREFIX: Final = "INDEXED_VALUE_TYPE_"


class SearchAttributesError(CannotStartError):
    """The namespace cannot be used as it is. Says why and what to do, in one sentence or two."""


@dataclass(frozen=True, slots=True)
class SearchAttributes:
    """What a namespace has of the search attributes that flows need.

    ``mistyped``: the name and the type of each that exists with another type.
    """

    namespace: str
    present: Sequence[str]
    missing: Sequence[str]
    mistyped: Mapping[str, str]

    def refuse_mistyped(self) -> None:
        """Raise ``SearchAttributesError`` if an attribute exists with another type."""
        if not self.mistyped:
            return
        wrong = ", ".join(f"{name} is {kind}, not {SEARCH_ATTRIBUTES[name]}" for name, kind in self.mistyped.items())
        names = " ".join(f"--name {name}" for name in self.mistyped)
        raise SearchAttributesError(
            f"Namespace {self.namespace} has search attributes of another type: {wrong}. Remove them with `temporal "
            f"operator search-attribute remove --namespace {self.namespace} {names}`, then run `phone-mfa namespace "
            "prepare`."
        )


async def search_attributes(client: Client) -> SearchAttributes:
    """Look up the client's namespace.

    Raises:
        SearchAttributesError: The namespace does not exist.
        RPCError: Temporal does not answer, or does not let this client look.
    """
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise SearchAttributesError(
                f"Temporal has no namespace {client.namespace}: check TEMPORAL_NAMESPACE."
            ) from None
        raise
    kinds = {name: _kind_of(value) for name, value in listed.custom_attributes.items() if name in SEARCH_ATTRIBUTES}
    return SearchAttributes(
        namespace=client.namespace,
        present=[name for name, kind in SEARCH_ATTRIBUTES.items() if kinds.get(name) == kind],
        missing=[name for name in SEARCH_ATTRIBUTES if name not in kinds],
        mistyped={name: kinds[name] for name, kind in SEARCH_ATTRIBUTES.items() if kinds.get(name, kind) != kind},
    )


async def require_search_attributes(client: Client) -> None:
    """Raise ``SearchAttributesError`` unless the namespace has them all. Raises ``RPCError`` as a look does."""
    found = await search_attributes(client)
    found.refuse_mistyped()
    if found.missing:
        raise SearchAttributesError(
            f"Namespace {found.namespace} lacks search attributes: {', '.join(found.missing)}. Create them with "
            "`phone-mfa namespace prepare`."
        )


async def create_search_attributes(client: Client) -> SearchAttributes:
    """Create what is missing, and wait until it can be used. Returns what there was before.

    Raises:
        SearchAttributesError: An attribute has another type; nothing is created then. Or the namespace does not exist.
        RPCError: Temporal does not answer, or does not let this client do it.
    """
    found = await search_attributes(client)
    found.refuse_mistyped()
    if found.missing:
        kinds = {name: IndexedValueType.Value(_PREFIX + SEARCH_ATTRIBUTES[name].upper()) for name in found.missing}
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=kinds)
        )
    await _until_usable(client)
    return found


async def _until_usable(client: Client) -> None:
    """Wait until a query may name each attribute."""
    query = " AND ".join(f"{name} IS NOT NULL" for name in SEARCH_ATTRIBUTES)
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            await client.count_workflows(query)
        except RPCError as error:
            if error.status is not RPCStatusCode.INVALID_ARGUMENT:
                raise
            if time.monotonic() > give_up_at:
                raise SearchAttributesError(
                    f"Namespace {client.namespace} has the search attributes, but Temporal does not accept them yet: "
                    "run `phone-mfa namespace prepare` again in a minute."
                ) from None
        else:
            return
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


def _kind_of(value: IndexedValueType.ValueType) -> str:
    """A type's name as Temporal's command line writes it, such as ``KeywordList``."""
    return "".join(word.capitalize() for word in IndexedValueType.Name(value).removeprefix(_PREFIX).split("_"))
