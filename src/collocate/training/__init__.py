"""Training: compiled objectives, the loop with its phases, checkpoints, events."""

from collocate.training.events import Callback, Event
from collocate.training.loop import Limits, Trainer, initial_vector
from collocate.training.march import train
from collocate.training.objective import Functions, PointObjective
from collocate.training.stages import train_stages
from collocate.training.state import TrainingState

__all__ = [
    "Callback",
    "Event",
    "Functions",
    "Limits",
    "PointObjective",
    "Trainer",
    "TrainingState",
    "initial_vector",
    "train",
    "train_stages",
]
