"""Networks by the name that a file gives them, and by the text of the command line."""

from __future__ import annotations

from typing import Any

from collocate.errors import CollocateError, PlanError, StoreError
from collocate.networks.fourier import FourierFeatures
from collocate.networks.gated import GatedMLP
from collocate.networks.mlp import MLP
from collocate.networks.module import Module
from collocate.networks.network import Network
from collocate.networks.pirate import PirateNet
from collocate.networks.separate import Separate

KINDS: dict[str, Any] = {
    "mlp": MLP,
    "gated": GatedMLP,
    "pirate": PirateNet,
    "fourier": FourierFeatures,
    "separate": Separate,
    "module": Module,
}
# What stands before a colon, in `from_text`: around another network, or before widths.
_AROUND = {"fourier": FourierFeatures, "separate": Separate}
_OF_WIDTHS = {"mlp": MLP, "gated": GatedMLP, "pirate": PirateNet}


def from_json(document: dict[str, Any]) -> Network | Module:
    """The network that `to_json` described. Raises StoreError for a kind that this version does not know."""
    options = dict(document)
    kind = options.pop("kind", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise StoreError(f"unknown kind of network {kind!r} in the file; this version knows {sorted(KINDS)}")
    try:
        if "network" in options:
            options["network"] = _inner(options["network"])
        return KINDS[kind](**options)
    except (TypeError, RecursionError) as error:
        raise StoreError(f"the network in the file is malformed: {error}") from None


def _inner(given: Any) -> Any:
    return [from_json(each) for each in given] if isinstance(given, list) else from_json(given)


def from_text(text: str) -> Network:
    """The network that a text like "20,20,20", "gated:20,20" or "separate:fourier:20,20" names.

    Widths of an MLP; "gated:" and "pirate:" before them choose another network, "fourier:" and "separate:" stand before
    any. Raises PlanError for another text.
    """
    kind, colon, rest = text.strip().partition(":")
    try:
        if kind in _AROUND:
            return _AROUND[kind](from_text(rest))
        build, widths = (_OF_WIDTHS[kind], rest) if colon else (MLP, kind)
        return build(tuple(int(part) for part in widths.split(",")))
    except CollocateError:
        raise
    except (KeyError, ValueError):
        raise PlanError(
            "a network's text holds the widths of its hidden layers, like 20,20,20, perhaps after gated:, pirate:, "
            f"fourier: or separate:, as in fourier:20,20; got {text!r}"
        ) from None
