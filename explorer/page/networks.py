"""Which network draws: what a viewer can choose wherever films are made."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.sentences import Sentence
from explorer.serving.model_store import PERFECT, PRETRAINED, ModelStore
from explorer.validation import InvalidSetting

OURS, OWN, EXACT = "the pretrained one", "the one you trained", "the perfect guesser"
CHOICES = (OURS, OWN, EXACT)
ABOUT = (
    "Train one in the Train tab to use your own. The perfect guesser is no network: it averages all 10,000 digits that "
    "it holds."
)


def model_for(choice: object, own_model: str | None) -> str:
    """The model's name. Raises InvalidSetting where the viewer asks for a model of their own without having trained
    one.
    """
    if choice == OURS:
        return PRETRAINED
    if choice == EXACT:
        return PERFECT
    if choice == OWN and own_model:
        return own_model
    raise InvalidSetting("you have not trained a network yet: open the Train tab, or choose the pretrained one")


@dataclass(frozen=True)
class Drawer:
    """Who draws, where it is not the pretrained network. name: for captions; tag: for files, in plain letters."""

    name: str
    tag: str


def drawer(model: str, models: ModelStore) -> Drawer | None:
    """Who draws by this model; None for the pretrained network, and for a model that is not held, which draws
    nothing.
    """
    if model == PERFECT:
        return Drawer(EXACT, "perfect guesser")
    held = models.held(model)
    if model == PRETRAINED or held is None:
        return None
    return own_drawer(held.steps, from_file=held.from_file)


def own_drawer(steps: int, *, from_file: bool) -> Drawer:
    """Who draws by a network of the viewer's own, after so many steps of training, 0 where that is not known."""
    name, tag = ("your file's network", "own file") if from_file else ("your network", "own network")
    if not steps:
        return Drawer(name, tag)
    text = "your file's network, after {0} steps" if from_file else "your network, after {0} steps"
    return Drawer(Sentence(text, f"{steps:,}"), f"{tag} {steps}")


def name_of(model: str, models: ModelStore) -> str:
    """The drawer's name; "" where there is none."""
    who = drawer(model, models)
    return who.name if who else ""
