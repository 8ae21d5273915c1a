"""Which network draws: what a viewer can choose wherever films are made."""

from __future__ import annotations

from explorer.serving.model_store import PERFECT, PRETRAINED
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
