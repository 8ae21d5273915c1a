"""Languages: every file has the same texts, with the same places for what varies."""

from __future__ import annotations

import json
import re

import pytest

from explorer.page import languages
from explorer.page.build import HEAD
from explorer.page.lessons import LESSONS
from explorer.page.tabs import add_noise, guess_noise, one_leap, remove_noise, rescue, train

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


def pieces(markdown: str) -> list[str]:
    """The texts that a browser finds in this Markdown: what stands between the marks."""
    return [piece.strip() for piece in re.split(r"\*\*|\*|\n\n|## [^\n]*\n", markdown) if len(piece.strip()) > 3]


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        add_noise.INTRO,
        guess_noise.INTRO,
        guess_noise.NOTE,
        remove_noise.INTRO,
        one_leap.INTRO,
        one_leap.WHY,
        train.INTRO,
        train.NOTE,
        rescue.INTRO,
    ],
)
def test_the_long_texts_are_among_them(text):
    assert [piece for piece in pieces(text) if piece not in languages.texts("en")] == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_the_lessons_are_among_them(lesson):
    assert {lesson.title, lesson.question, lesson.look_for} <= languages.texts("en").keys()
