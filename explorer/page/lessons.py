"""The lessons: one for each idea of the chapter. Each is a link, a question to put to the class, and what to
look for.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from explorer.page import languages, stages
from explorer.page.links import TABS, View, text
from explorer.page.payloads.texts import told
from explorer.validation import defaults, described
from explorer.widgets.lesson_bar import ControlEntry, LessonBarValue


@dataclass(frozen=True)
class Lesson:
    """id: its name in links; look_for: what the class should come to see, for the teacher; scene: what stands on the
    stage, "" for what its tab begins with.
    """

    id: str
    title: str
    question: str
    look_for: str
    view: View
    scene: str = ""

    @property
    def query(self) -> str:
        """Its link's query."""
        return replace(self.view, lesson=self.id).query()


# The controls by which a picture is chosen: no form makes them.
OF_THE_CHOOSER = {
    "label": "Digit",
    "example": "Another example",
    "noise_seed": "Reshuffle noise",
    "own": "Draw or upload your own, or take no digit",
}
SPACE = os.environ.get("SPACE_ID", "")  # owner/name, set where the page is a Space

LESSONS = (
    Lesson(
        "destroy",
        "Destroying is easy",
        "Press play. At which t can you no longer read the digit? Do all of you say the same?",
        (
            "No network is at work: the picture shrinks by one fixed factor and the noise grows by another. Most lose "
            "the digit where the noise is two to four times as strong."
        ),
        View("add", {"label": 4, "t": 0}),
    ),
    Lesson(
        "schedule",
        "Which way down?",
        "Both schedules end in noise. Which one loses the digit first, and which one wastes its last steps?",
        "The linear schedule has lost nearly everything by t = 600; the cosine one spreads the loss over all of t.",
        View("add", {"label": 8, "t": 400, "schedule": "both"}, hidden=("own",)),
    ),
    Lesson(
        "only-add",
        "Only add, never shrink",
        "Add 10% noise, 100%, 300%: at how much can you no longer read the digit? What becomes of the histogram?",
        (
            "At 100% it is still easy to read: the eye averages over the strokes. The histogram never stops growing; "
            "the paper's rule shrinks the picture, so that it ends in N(0, 1)."
        ),
        View("add", {"label": 5, "t": 100, "schedule": "only add"}, hidden=("own",)),
    ),
    Lesson(
        "guess",
        "The guess that is learnt",
        "Bet before you look: is the noise easier to guess at t = 100 or at t = 900? And the picture?",
        (
            "The noise is easiest where it is nearly all there is; there the picture that the guess implies is at its "
            "worst."
        ),
        View("guess", {"label": 2, "t": 900}, hidden=("own",)),
    ),
    Lesson(
        "perfect",
        "The perfect guesser",
        (
            "Below the game: will the perfect guesser ever draw something new? And what does that say about the "
            "network's errors?"
        ),
        (
            "Never: it ends in one of its 10,000 digits, exactly. Whatever the network draws that is new, it draws "
            "because it does not reach the perfect guess."
        ),
        View("guess", {"label": 5, "t": 200}, hidden=("own",)),
        "guessers",
    ),
    Lesson(
        "generate",
        "Walking back",
        "Stop the film where you first know which digit it will be. Is that before or after the network knows?",
        "x̂₀ settles long before xₜ can be read. Early steps decide which digit, late ones only its edges.",
        View("remove", {"label": 5, "steps": 250, "seed": 7}, hidden=("guidance", "eta")),
    ),
    Lesson(
        "copy",
        "Is it a copy?",
        (
            "When the film has ended, look for the nearest of 10,000 real digits, in the part Is it a copy? Has the "
            "network drawn one of them again? How near are real digits to each other?"
        ),
        (
            "No copy: it is about as far from its nearest real digit as real ones are from theirs. Only the perfect "
            "guesser, which knows 10,000 digits by heart, draws one of them again, to the last pixel."
        ),
        View("remove", {"label": 6, "steps": 50, "seed": 7}, hidden=("guidance", "eta")),
    ),
    Lesson(
        "fork",
        "When is it decided?",
        "Fork the film here, and then again at t = 300. How many of the six futures still agree?",
        (
            "Early the same xₜ can become different digits or differently shaped ones; late the futures differ by a "
            "few pixels."
        ),
        View("remove", {"t": 800, "seed": 3}, hidden=("guidance", "eta")),
    ),
    Lesson(
        "map",
        "The way over the map",
        (
            "Each dot is a real digit, and the line is what the network has in mind. When does the line choose its "
            "cloud? Gather the whole crowd: do all choose at the same t?"
        ),
        (
            "All begin in the middle, at the average of all digits, and stay there until t = 700; by t = 400 the crowd "
            "has burst into ten clouds, and after that few change sides."
        ),
        View("remove", {"map": "film", "seed": 7}, hidden=("guidance", "eta")),
        scene="map",
    ),
    Lesson(
        "crowd",
        "From noise to ten clouds",
        (
            "Many noises, each a dot where the network's guess for it lies. Gather them and play: when do they part, "
            "and does every digit get its share?"
        ),
        (
            "One small cloud in the middle, the average of all digits, which bursts between t = 700 and t = 400: what "
            "one film shows of a picture, the crowd shows of all that can be drawn."
        ),
        View("remove", {"map": "crowd", "seed": 7}, hidden=("guidance", "eta")),
        scene="map",
    ),
    Lesson(
        "leap",
        "One leap, or many small steps",
        "The same noise, and five numbers of looks at it. How many does a clean digit need?",
        (
            "One look answers with the average of all that it could become, which is a blur. About twenty are enough "
            "here; a thousand are hardly better."
        ),
        View("leap", {"digits": "8"}),
    ),
    Lesson(
        "one-task",
        "Trained for one leap alone",
        (
            "The first column is by a network that was trained for this leap and for nothing else. Bet: is it a clean "
            "digit? Then change the seed: what changes in its picture?"
        ),
        (
            "A blur, and nothing changes: pure noise says nothing of the digit, so the best single answer is the "
            "average of all that have this label. More practice does not help; more looks do."
        ),
        View("leap", {"digits": "3", "compute": "server"}),
    ),
    Lesson(
        "taught-leap",
        "A leap that works",
        (
            "The second column takes one step as well, and draws clean digits. Bet: could its network have learnt that "
            "from digits alone, without the one that walks?"
        ),
        (
            "No: whoever learns from digits alone answers noise with their average, as the first column does. It was "
            "shown where the walk from each noise ends, one picture for each, and so another seed is another digit."
        ),
        View("leap", {"digits": "0 to 9", "compute": "server"}),
    ),
    Lesson(
        "train",
        "From nothing to digits in a minute",
        (
            "Before you press start: after how many seconds will you be able to read its digits? And what is the loss "
            "then?"
        ),
        (
            "The loss falls most in the first seconds, when nothing can be read; the digits appear while it hardly "
            "moves. The squares say how many of ten a small reader of real digits reads as asked."
        ),
        View("train", {"seconds": 60}),
    ),
    Lesson(
        "what-to-guess",
        "Why not guess the picture?",
        (
            "This network answers with the picture in place of the noise. Where will its loss be the higher one, near "
            "t = 0 or near t = T?"
        ),
        (
            "Near t = 0: the noise is what the picture leaves of xₜ, divided by the little noise that there is, and so "
            "is every error. Near t = T the two losses are hardly different."
        ),
        View("train", {"output": "x_0", "seconds": 30}),
    ),
    Lesson(
        "only-leap",
        "A network for one leap",
        (
            "This network may spend all its time on t = T. Will its single leap be a clean digit? See it in One leap "
            "or many, with your network."
        ),
        (
            "It stays a blur: the best single answer to pure noise is the average of all that it could become, however "
            "long one trains. What is missing is not practice but more looks."
        ),
        View("train", {"times": "only T", "seconds": 30}),
    ),
)


def controls_of(tab: str) -> list[ControlEntry]:
    """What a link to this tab may hide or lock, in the order of its settings."""
    labels = {
        name: entry.control.label if entry.control else OF_THE_CHOOSER.get(name, "")
        for name, entry in described(TABS[tab]).items()
    }
    if labels.get("noise_seed"):  # where a picture is chosen, one's own can be
        labels["own"] = OF_THE_CHOOSER["own"]
    return [{"name": name, "label": label} for name, label in labels.items() if label]


def bar_value(view: View | None = None, problems: Sequence[str] = (), opening: int = 0) -> LessonBarValue:
    """What the lesson bar (see widgets/lesson_bar.py) knows: every tab's defaults and the lessons; and, once the
    address has been read, what it asks for. opening: numbers what the page itself opens; Gradio tells a component of no
    value that equals its last, and a view may be opened twice.
    """
    value: LessonBarValue = {
        "defaults": {
            tab: {name: text(usual) for name, usual in defaults(settings).items()} for tab, settings in TABS.items()
        },
        "lessons": [
            {
                "id": lesson.id,
                "title": lesson.title,
                "question": lesson.question,
                "look_for": lesson.look_for,
                "query": lesson.query,
                "scene": lesson.scene,
            }
            for lesson in LESSONS
        ],
        "scenes": stages.entries(),
        "controls": {tab: controls_of(tab) for tab in TABS},
        "languages": {code: languages.name(code) for code in languages.codes()},
        "space": f"https://huggingface.co/spaces/{SPACE}" if SPACE else "",
    }
    if view is None:
        return value
    values = {name: text(chosen) for name, chosen in view.values.items()}
    value["view"] = {
        "tab": view.tab,
        "values": values,
        "hide": ",".join(view.hidden),
        "lock": ",".join(view.locked),
        "lesson": view.lesson,
        "present": view.present,
    }
    value["opening"] = opening
    value["problems"] = [told(problem) for problem in problems]
    return value
