"""A setting is declared in one place: what is added to a settings class appears in its checks, links, endpoints,
controls and on the command line by itself.
"""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, fields

import gradio as gr
import pytest

from explorer.cli.arguments import parser
from explorer.lab.experiment import Experiment
from explorer.page import forms
from explorer.page.build import build
from explorer.page.endpoints import asking
from explorer.page.links import TABS, View, parse_link
from explorer.page.settings import Generate, RemoveNoise, TrainingTime
from explorer.validation import (
    Choice,
    Control,
    InvalidSetting,
    Real,
    Subset,
    Whole,
    checked,
    described,
    narrowed,
    rules,
    setting,
)


@dataclass(frozen=True)
class Brighter(RemoveNoise):
    """Remove noise with one field more."""

    glow: int = setting(Whole("the glow", 3, 0, 9), Control("Glow", kind="slider"))


async def answering(settings: Brighter, request: gr.Request) -> dict:
    """Says what it was asked."""
    return {"glow": settings.glow, "steps": settings.steps}


def test_its_check():
    assert checked(Brighter, {}).glow == 3 and checked(Brighter, {"glow": "5"}).glow == 5
    with pytest.raises(InvalidSetting, match="the glow must be a whole number from 0 to 9, not 10"):
        checked(Brighter, {"glow": 10})
    with pytest.raises(InvalidSetting, match="no setting called 'glow'"):
        checked(RemoveNoise, {"glow": 5})


def test_its_link():
    tabs = TABS | {"remove": Brighter}
    asked = {"tab": "remove", "glow": "5", "hide": "glow"}
    assert parse_link(asked, tabs) == (View("remove", {"glow": 5}, hidden=("glow",)), [])
    view, problems = parse_link(asked | {"glow": "10"}, tabs)
    assert view.values == {} and problems == ["the glow must be a whole number from 0 to 9, not '10'"]
    assert parse_link(asked)[1] == ["this tab has no control called 'glow'"]  # the page as it is has none


def test_its_place_among_an_endpoints_parameters():
    endpoint = asking(Brighter, answering)
    parameters = inspect.signature(endpoint).parameters
    assert [*parameters][1:] == [entry.name for entry in fields(Brighter)]
    assert (parameters["glow"].default, parameters["glow"].annotation) == (3, int)
    assert (
        endpoint.__doc__.startswith("Says what it was asked.")
        and "glow: a whole number from 0 to 9" in endpoint.__doc__
    )

    def ask(**given):
        values = [given.get(entry.name, entry.default) for entry in fields(Brighter)]
        return asyncio.run(endpoint(gr.Request(), *values))

    assert ask() == {"glow": 3, "steps": 250} and ask(glow="5", steps=40) == {"glow": 5, "steps": 40}
    with pytest.raises(gr.Error, match="the glow must be"):
        ask(glow=10)


def test_its_control():
    with gr.Blocks():
        more = forms.build(Brighter, "film")
        usual = forms.build(RemoveNoise, "film")
    assert set(more) - set(usual) == {"glow"}
    glow = more["glow"]
    assert isinstance(glow, gr.Slider) and (glow.minimum, glow.maximum, glow.value) == (0, 9, 3)
    assert (glow.label, glow.elem_id) == ("Glow", "film-glow")
    values = {field: field.value for field in more.values()} | {glow: 8}
    assert forms.read(Brighter, more, values) == Brighter(glow=8)


def test_the_command_line_has_each_field_of_an_experiment():
    """In the help with its default, and the command that an experiment tells names it."""
    (train,) = [
        action.choices["train"] for action in parser()._actions if hasattr(action, "choices") and action.choices
    ]
    options = {action.dest: action for action in train._actions}
    for name, told in described(Experiment).items():
        assert options[name].default == told.rule.default and told.about in options[name].help
        assert options[name].option_strings[0] in Experiment().command("--steps 1", "out")


CHANGED = {
    "dataset": ("Fashion-MNIST", "Fashion-MNIST"),
    "classes": ((3, 8), "only 3 8"),
    "schedule": ("linear", "linear schedule"),
    "T": (50, "T = 50"),
    "size": ("small", "small network"),
    "learning_rate": (0.01, "learning rate 0.01"),
    "batch": (8, "batch 8"),
}


def test_an_experiment_tells_what_is_not_usual_about_it():
    for name, (value, said) in CHANGED.items():
        assert checked(Experiment, {name: value}).differences() == [said]
    assert Experiment().differences() == Experiment(seed=4).differences() == []
    assert {*CHANGED, "seed"} == set(rules(Experiment))


def test_the_page_shows_every_field_that_has_a_control():
    """Each at its default, within its range, with its texts."""
    shown = {block.elem_id: block for block in build().blocks.values() if getattr(block, "elem_id", None)}
    for settings, prefix in ((Generate, "film"), (Experiment, "train"), (TrainingTime, "train")):
        for name, told in described(settings).items():
            look, rule = told.control, told.rule
            control = shown[f"{prefix}-{look.id or name.replace('_', '-')}"]
            assert (control.label, control.info) == (look.label, look.info)
            assert control.value == (list(rule.default) if isinstance(rule, Subset) else rule.default)
            if isinstance(control, gr.Slider):
                assert (control.minimum, control.maximum) == (rule.low, rule.high)
            if isinstance(rule, Choice):
                assert {value for _, value in control.choices} >= set(rule.options)


def test_a_server_may_narrow_a_range():
    """The same settings otherwise, in the same order; a default beyond the new end comes down to it."""
    short = narrowed(Generate, steps=200)
    assert [*rules(short)] == [*rules(Generate)] and checked(short, {}).steps == 200
    assert {n: r for n, r in rules(short).items() if n != "steps"} == {
        n: r for n, r in rules(Generate).items() if n != "steps"
    }
    with pytest.raises(InvalidSetting, match="from 1 to 200"):
        checked(short, {"steps": 201})
    assert (
        checked(Generate, {}).steps == 250 and described(short)["steps"].control == described(Generate)["steps"].control
    )


def test_what_cannot_be_shown_is_a_mistake_at_once():
    with pytest.raises(ValueError, match="no form shows example"):
        forms.control(checked(NoControl, {}).__class__, "example", "x")


@dataclass(frozen=True)
class NoControl:
    """One field that no form shows."""

    example: float = setting(Real("the example", 0.0, 0.0, 1.0))
