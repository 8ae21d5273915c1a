"""The parts of the page that move: gr.HTML components whose animation runs in the browser, with no server in the loop."""

from explorer.widgets.desk import MixingDesk
from explorer.widgets.film import Film
from explorer.widgets.lab import TrainingLab

__all__ = ["Film", "MixingDesk", "TrainingLab"]
