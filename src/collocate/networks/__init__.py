"""Networks: pure functions from an input jet and parameters to an output jet."""

from collocate.networks.fourier import FourierFeatures
from collocate.networks.gated import GatedMLP
from collocate.networks.mlp import MLP
from collocate.networks.module import Module
from collocate.networks.native import is_own, wrap
from collocate.networks.network import Network
from collocate.networks.pirate import PirateNet
from collocate.networks.registry import from_json, from_text
from collocate.networks.separate import Separate

__all__ = [
    "MLP",
    "FourierFeatures",
    "GatedMLP",
    "Module",
    "Network",
    "PirateNet",
    "Separate",
    "from_json",
    "from_text",
    "is_own",
    "wrap",
]
