"""Networks: pure functions from an input jet and parameters to an output jet."""

from collocate.networks.mlp import MLP
from collocate.networks.network import Network
from collocate.networks.registry import from_json

__all__ = ["MLP", "Network", "from_json"]
