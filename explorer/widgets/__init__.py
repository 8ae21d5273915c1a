"""The parts of the page that move: gr.HTML components whose animation runs in the browser, without the server."""

from explorer.widgets.algorithm import Algorithm
from explorer.widgets.classroom import Classroom
from explorer.widgets.desk import MixingDesk
from explorer.widgets.film import FilmPlayer
from explorer.widgets.guess import GuessingGame
from explorer.widgets.guessers import Guessers
from explorer.widgets.lab import TrainingLab
from explorer.widgets.language import LanguageSwitch
from explorer.widgets.leaps import Leaps
from explorer.widgets.lesson_bar import LessonBar
from explorer.widgets.map import DigitMap
from explorer.widgets.pad import DrawingPad
from explorer.widgets.status_line import StatusLine
from explorer.widgets.tiles import Tiles
from explorer.widgets.two_ways import TwoWays
from explorer.widgets.upload import UploadedPicture
from explorer.widgets.words import Words

__all__ = [
    "Algorithm",
    "Classroom",
    "DigitMap",
    "DrawingPad",
    "FilmPlayer",
    "Guessers",
    "GuessingGame",
    "LanguageSwitch",
    "Leaps",
    "LessonBar",
    "MixingDesk",
    "StatusLine",
    "Tiles",
    "TrainingLab",
    "TwoWays",
    "UploadedPicture",
    "Words",
]
