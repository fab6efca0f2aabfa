"""Networks by the name that a file gives them."""

from __future__ import annotations

from typing import Any

from collocate.errors import StoreError
from collocate.networks.mlp import MLP
from collocate.networks.network import Network

KINDS = {"mlp": MLP}


def from_json(document: dict[str, Any]) -> Network:
    """The network that `to_json` described. Raises StoreError for a kind that this version does not know."""
    options = dict(document)
    kind = options.pop("kind", None)
    if kind not in KINDS:
        raise StoreError(f"unknown kind of network {kind!r} in the file; this version knows {sorted(KINDS)}")
    try:
        return KINDS[kind](**options)
    except TypeError as error:
        raise StoreError(f"the network in the file is malformed: {error}") from None
