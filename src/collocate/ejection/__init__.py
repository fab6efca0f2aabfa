"""A problem as one training script in a framework's own idiom, without collocate."""

from collocate.ejection.counting import lines_of_code
from collocate.ejection.script import eject, script

__all__ = ["eject", "lines_of_code", "script"]
