"""The stage: what presenter mode shows of each tab, scene by scene, and which key does what there."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.widgets.lesson_bar import SceneEntry

FIRST = "1"  # in a link: the scene that the lesson, or else the tab, begins with


@dataclass(frozen=True)
class Key:
    """A key that belongs to a scene. act: what it asks for, of the server (an event of the lesson bar, see
    widgets/lesson_bar.KEYS) or of the player on the stage. then: the scene that is shown afterwards.
    """

    key: str
    words: str
    act: str
    asks_server: bool = True
    then: str = ""


@dataclass(frozen=True)
class Scene:
    """blocks: the ids on the page of what is shown, one or two side by side; question: what a teacher asks where no
    lesson asks something else.
    """

    id: str
    tab: str
    title: str
    question: str
    blocks: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    player: str = ""  # the id of the block that the player's keys move; "" for the first of `blocks`


def picture_keys(prefix: str) -> tuple[Key, ...]:
    """Another digit and other noise, where a tab noises a picture."""
    return (
        Key("e", "Another example", f"{prefix}_other"),
        Key("n", "Reshuffle noise", f"{prefix}_reshuffle"),
    )


FILM_KEYS = (Key("g", "▶ Play", "film_play"), Key("x", "■ Stop", "film_stop"), Key("n", "New noise", "film_dice"))
SCENES = (
    Scene("desk", "add", "Add noise", "Until which t can you still read it?", ("desk",), picture_keys("forward")),
    Scene(
        "guess",
        "guess",
        "Guess the noise",
        "Is that easier when there is little noise, or when there is a lot?",
        ("guess",),
        (
            Key("l", "Low", "low", asks_server=False),
            Key("m", "Medium", "medium", asks_server=False),
            Key("h", "High", "high", asks_server=False),
            Key("o", "Show without betting", "open", asks_server=False),
            *picture_keys("guess"),
        ),
    ),
    Scene(
        "guessers",
        "guess",
        "The perfect guesser",
        "How far is the network from the best guess that there can be?",
        ("guessers",),
        picture_keys("guess"),
    ),
    Scene(
        "film",
        "remove",
        "Remove noise",
        "When do you first see which digit it will be?",
        ("film",),
        (*FILM_KEYS, Key("k", "Fork here", "fork", asks_server=False, then="fork")),
    ),
    Scene(
        "step",
        "remove",
        "What this step did",
        "How much of it is the network's guess, and how much is fresh noise?",
        ("step",),
        FILM_KEYS,
        "film",
    ),
    Scene(
        "nearest", "remove", "Is it a copy?", "Has the network drawn something new?", ("nearest",), FILM_KEYS, "film"
    ),
    Scene(
        "map",
        "remove",
        "The map",
        "At which t does the path choose its cloud?",
        ("film", "film-map"),
        FILM_KEYS,
    ),
    Scene("fork", "remove", "Fork in the road", "Fork early, then late: when is the digit decided?", ("fork",)),
    Scene(
        "rescue",
        "remove",
        "Rescue my digit",
        "Bet first: up to which t does your digit survive?",
        ("rescue",),
        (Key("g", "Noise it and rescue it", "rescue_go"), *picture_keys("rescue")),
    ),
    Scene(
        "leaps",
        "leap",
        "One leap or many",
        "How many looks does a clean digit need?",
        ("leaps",),
        (
            Key("g", "▶ Play", "leap_play"),
            Key("x", "■ Stop", "leap_stop"),
            Key("d", "All ten digits", "leap_all"),
        ),
    ),
    Scene(
        "futures",
        "leap",
        "Many futures",
        "Compare the average of all eight with the network's one guess.",
        ("futures", "futures-tiles"),
        (Key("g", "Complete it eight times", "futures_go"), Key("n", "Another one", "futures_again")),
    ),
    Scene(
        "lab",
        "train",
        "Train",
        "After how many seconds can you read its own?",
        ("lab",),
        (
            Key("g", "▶ Start", "train_start"),
            Key("x", "■ Stop", "train_stop"),
            Key("o", "Go on", "train_go_on"),
            Key("r", "↺ Rewind", "train_rewind"),
        ),
    ),
    Scene(
        "algorithms",
        "train",
        "The two algorithms",
        "Which lines use the network, which use real data, and which draw fresh noise?",
        ("algorithm-training", "algorithm-generation"),
        (Key("n", "Run both again with other random numbers", "algorithms_again"),),
    ),
)


def scenes_of(tab: str) -> tuple[str, ...]:
    """The ids of a tab's scenes, the one it begins with first."""
    return tuple(scene.id for scene in SCENES if scene.tab == tab)


def entries() -> list[SceneEntry]:
    """All scenes, as the lesson bar knows them."""
    return [
        {
            "id": scene.id,
            "tab": scene.tab,
            "title": scene.title,
            "question": scene.question,
            "blocks": list(scene.blocks),
            "player": scene.player or scene.blocks[0],
            "keys": [
                {"key": key.key, "words": key.words, "act": key.act, "server": key.asks_server, "then": key.then}
                for key in scene.keys
            ],
        }
        for scene in SCENES
    ]
