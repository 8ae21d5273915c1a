"""Languages: every file has the same texts, with the same places for what varies."""

from __future__ import annotations

import copy
import html
import json
import pickle
import re

import httpx
import pytest

from explorer.classroom.questions import ALL, Choices
from explorer.core.sentences import Sentence, joined, sentence_of
from explorer.page import languages
from explorer.page.build import TABS, build
from explorer.page.device_films import TROUBLES
from explorer.page.languages import said
from explorer.page.lessons import LESSONS
from explorer.page.payloads import shared_texts
from explorer.page.payloads.texts import told
from explorer.page.settings import GuessNoise
from explorer.page.stages import SCENES
from explorer.validation import InvalidSetting, checked
from tests.page.texts_in_use import (
    LETTERS,
    constants,
    in_templates,
    mistakes,
    on_controls,
    said_in_javascript,
    sentences,
)

NAMES = {"eta", ".npz", "GIF"}
PUNCTUATION = {", ", "{0} {1}", "{0}.", ": ε is"}
# what Gradio itself writes on the page, in part made of a control's label
GRADIOS = {
    "Copy",
    "Empty value",
    "Error",
    "Reset to default value",
    "number input for {0}",
    "processing |",
    "queue: {0}/{1} |",
    "range slider for {0}",
}
OTHERS = [code for code in languages.codes() if code != languages.ENGLISH]


def test_english_and_chinese():
    assert languages.codes()[0] == "en" and "zh" in languages.codes()
    assert languages.name("en") == "English" and languages.name("zh") == "中文"
    assert all(key == text for key, text in languages.texts("en").items())


@pytest.mark.parametrize("code", OTHERS)
def test_none_misses_a_text(code):
    """The same keys, none empty, none left in English, and each place of the key is filled."""
    english, texts = languages.texts("en"), languages.texts(code)
    assert texts.keys() == english.keys()
    for key, text in texts.items():
        assert text.strip()
        assert set(re.findall(r"\{\d\}", key)) == set(re.findall(r"\{\d\}", text)), key


@pytest.mark.parametrize("code", OTHERS)
def test_formulas_are_written_to_be_typeset(code):
    """As x̂₀ and xₜ, see widgets/typeset.js. Written with letters alone they are for ears, in each language alike."""
    raw = re.compile(r"x_[t0]|x0_hat|alpha_bar|\beps\b|eps_hat")
    for key, text in languages.texts(code).items():
        assert sorted(raw.findall(key)) == sorted(raw.findall(text)), key
    seen = {text for piece in only_read() for text in raw.findall(piece)}
    assert not seen


@pytest.mark.parametrize("code", languages.codes()[1:])
def test_no_text_twice(code):
    """JSON readers keep the last of two equal keys: nobody would see the other."""

    def unique(pairs):
        assert len(pairs) == len(dict(pairs))
        return dict(pairs)

    json.loads((languages.FOLDER / f"{code}.json").read_text(encoding="utf-8"), object_pairs_hook=unique)


def test_a_language_there_is_not():
    for code in ("", "xx", "../zh", "zh.json"):
        with pytest.raises(KeyError):
            languages.texts(code)


def only_read() -> list[str]:
    """What is only read, and never spoken in place of a picture."""
    lessons = [text for lesson in LESSONS for text in (lesson.title, lesson.question, lesson.look_for)]
    return [*lessons, *shared_texts.ALL.values(), *(text for text, _ in sentences())]


@pytest.fixture(scope="module")
def controls():
    return set(on_controls(build()))


def choices(question) -> tuple[str, ...]:
    """The texts among which a class chooses, or what a scale counts."""
    answer = question.answer
    return answer.options if isinstance(answer, Choices) else (answer.unit,)


def in_use(controls) -> set[str]:
    """Every text that the page may say, but formulas and names."""
    lessons = {text for lesson in LESSONS for text in (lesson.title, lesson.question, lesson.look_for)}
    asked = {text for question in ALL for text in (question.text, question.about, *choices(question)) if text}
    titles = {title for _, title, _ in TABS} | {text for scene in SCENES for text in (scene.title, scene.question)}
    titles |= {key.words for scene in SCENES for key in scene.keys}
    said = (
        {text for text, _ in sentences()}
        | mistakes()
        | said_in_javascript()
        | in_templates()
        | lessons
        | titles
        | asked
        | set(shared_texts.ALL.values())
        | set(TROUBLES.values())
    )
    return {text for text in said | controls if LETTERS.search(re.sub(r"\{\d\}", "", text))}


def test_every_text_in_use_is_among_them(controls):
    assert len(in_use(controls)) > 400
    assert in_use(controls) - languages.texts("zh").keys() - NAMES == set()


def test_no_text_is_left_over(controls):
    """What nothing says any longer leaves the catalogue."""
    known = in_use(controls) | constants() | controls | PUNCTUATION | GRADIOS
    assert languages.texts("zh").keys() - known == set()


def test_every_sentence_has_its_values():
    """As many as its text has places."""
    assert len(sentences()) > 50
    for text, values in sentences():
        if values is not None:
            assert len(set(re.findall(r"\{(\d)\}", text))) == values, text


# ---- saying ------------------------------------------------------------------------------------------------------


def test_a_sentence_is_its_english_and_remembers_how_it_was_made():
    """Also after it was copied, and inside an exception that travelled."""
    sentence = Sentence("picture {0} of {1}: {2}", 3, 251, ("linear", 4))
    assert sentence == "picture 3 of 251: linear, 4" and json.dumps(sentence) == f'"{sentence}"'
    for other in (copy.deepcopy(sentence), pickle.loads(pickle.dumps(sentence))):
        assert (other, other.text, other.values) == (sentence, sentence.text, sentence.values)
    error = pickle.loads(pickle.dumps(InvalidSetting(sentence)))
    assert str(error) == sentence and sentence_of(error).text == "picture {0} of {1}: {2}"
    assert sentence_of(KeyError("x")) == "'x'" and joined("", "One.", "", "Two.") == "One. Two."


def test_said_in_chinese():
    with pytest.raises(InvalidSetting) as caught:
        checked(GuessNoise, {"told": "linear"})
    assert said(sentence_of(caught.value), "zh") == "告诉网络的内容必须是 nothing, the digit 之一，而不是 'linear'"
    assert said(sentence_of(caught.value), "en") == str(caught.value)
    assert said(joined(Sentence("seed {0}", 7), "All right."), "zh") == "种子 7全对。"
    assert said("nobody knows this", "zh") == "nobody knows this"


def test_a_payload_carries_texts_with_their_values():
    two = joined(Sentence("{0} s", 7), Sentence("choose one of {0}", ("a", Sentence("seed {0}", 1))))
    assert told(two) == {
        "text": "{0} {1}",
        "values": [
            {"text": "{0} s", "values": [7]},
            {"text": "choose one of {0}", "values": [["a", {"text": "seed {0}", "values": [1]}]]},
        ],
    }
    assert told("plain") == "plain"


# ---- on their way ------------------------------------------------------------------------------------------------


def test_the_page_names_its_dictionaries_and_they_may_be_kept_for_good(served):
    tag = re.search(r'name="explorer-languages" content="([^"]+)"', httpx.get(served).text)
    offered = json.loads(html.unescape(tag[1]))
    assert list(offered) == list(languages.codes()) and offered["en"] == ""
    answer = httpx.get(f"{served}/{offered['zh']}")
    assert answer.json() == languages.texts("zh")
    assert answer.headers["content-encoding"] == "gzip" and "immutable" in answer.headers["cache-control"]
    for path in (offered["zh"].replace("zh", "xx"), "explorer-languages/0/zh.json", "explorer-languages/"):
        assert httpx.get(f"{served}/{path}").status_code == 404


@pytest.mark.parametrize(
    ("language", "start"), [("zh", "数字必须是"), ("en", "the digit must"), ("../x", "the digit must")]
)
def test_a_mistake_is_told_in_the_pages_language(served, language, start):
    headers = {languages.LANGUAGE_HEADER: language}
    asked = f"{served}/gradio_api/call/noise_image"
    event = httpx.post(asked, json={"data": [77]}, headers=headers).json()["event_id"]
    answer = httpx.get(f"{asked}/{event}", headers=headers, timeout=20)
    assert json.loads(answer.text.partition("data: ")[2])["error"].startswith(start)
