"""The parts of the page that move: gr.HTML components whose animation runs in the browser, with no server in the loop."""

from explorer.widgets.desk import MixingDesk
from explorer.widgets.film import Film
from explorer.widgets.lab import TrainingLab
from explorer.widgets.leaps import Leaps
from explorer.widgets.pad import DrawingPad
from explorer.widgets.tiles import Tiles

__all__ = ["DrawingPad", "Film", "Leaps", "MixingDesk", "Tiles", "TrainingLab"]
