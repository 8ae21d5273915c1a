"""Lesson links: what stands in the page's address. The fields of
a tab's settings are what its links may say.

    ?tab=remove&label=3&steps=50&hide=guidance,eta&lock=steps

restores the tab as somebody else saw it. hide= and lock= name controls that a teacher takes away or fixes; present=1
opens the stage (present=fork: with that scene, see stages.py), and lesson= names the lesson that the link belongs to;
by itself, it opens the page at that lesson.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from explorer.core.sentences import Sentence, sentence_of
from explorer.lab.experiment import words
from explorer.page import stages
from explorer.page.settings import AddNoise, GuessNoise, OneLeap, RemoveNoise, Train
from explorer.validation import InvalidSetting, SettingValue, defaults, rules

# what can be said of each tab
TABS: dict[str, type] = {
    "add": AddNoise,
    "guess": GuessNoise,
    "remove": RemoveNoise,
    "leap": OneLeap,
    "train": Train,
}
FIRST_TAB = next(iter(TABS))
PARTS = ("own",)  # what can be hidden, though it has no value in the link: drawing and uploading
MAX_QUERY_CHARACTERS = 2000  # characters of a link's query


@dataclass(frozen=True)
class View:
    """What a link shows: one tab, and the values in it that are not the default."""

    tab: str = FIRST_TAB
    values: dict[str, SettingValue] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    present: str = ""  # not on the stage; or stages.FIRST, or the id of a scene of this tab
    lesson: str = ""

    @property
    def all_values(self) -> dict[str, SettingValue]:
        """Every value of its tab."""
        return defaults(TABS[self.tab]) | self.values

    def alone(self, *, lesson: str) -> View:
        """The same tab and values, with this lesson, and nothing hidden, locked or presented."""
        return View(self.tab, self.values, lesson=lesson)

    def query(self) -> str:
        """The link's query, without the question mark; "" for the page as it opens by itself."""
        asked: dict[str, str | int] = {} if self.tab == FIRST_TAB else {"tab": self.tab}
        usual = defaults(TABS[self.tab])
        asked |= {name: text(value) for name, value in self.values.items() if value != usual[name]}
        asked |= {name: ",".join(names) for name, names in (("hide", self.hidden), ("lock", self.locked)) if names}
        asked |= {"lesson": self.lesson} if self.lesson else {}
        asked |= {"present": self.present} if self.present else {}
        return urlencode(asked, safe=",")


def text(value: SettingValue) -> str:
    """A value as it stands in a link."""
    return words(value, ",")


def parse_link(query: object, tabs: Mapping[str, type] = TABS) -> tuple[View, list[str]]:
    """The view that a link asks for, and a sentence for each thing in it that cannot be: the default stands in for
    that.

    query: the link's names and values; whatever else a stranger may send is read as an empty link. tabs: the settings
    of each tab.
    Names that nobody knows are left alone: they are for somebody else (like Gradio's __theme).
    """
    query = {str(name): str(value) for name, value in query.items()} if isinstance(query, Mapping) else {}
    if sum(len(name) + len(value) for name, value in query.items()) > MAX_QUERY_CHARACTERS:
        return View(), ["this link is too long to be one of ours"]
    problems: list[str] = []
    tab = query.get("tab", FIRST_TAB)
    if tab not in tabs:
        problems.append(Sentence("there is no tab called {0}: the tabs are {1}", repr(tab[:20]), ", ".join(tabs)))
        tab = FIRST_TAB
    known, values = rules(tabs[tab]), {}
    for name in known.keys() & query.keys():
        try:
            values[name] = known[name].check(query[name])
        except InvalidSetting as error:
            problems.append(sentence_of(error))
    values = {name: value for name, value in values.items() if value != known[name].default}
    named = {}
    for what in ("hide", "lock"):
        names = tuple(dict.fromkeys(name for name in query.get(what, "").split(",") if name))
        named[what] = tuple(name for name in names if name in known or name in PARTS)
        problems += [
            Sentence("this tab has no control called {0}", repr(name[:20])) for name in names if name not in named[what]
        ]
    present = query.get("present", "")
    if present not in (stages.FIRST, *stages.scenes_of(tab)):
        present = ""
    return View(tab, values, named["hide"], named["lock"], present, query.get("lesson", "")[:40]), problems
