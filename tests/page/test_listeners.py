"""The page's listeners keep out of four traps of Gradio's page, each of which made this one slow or wrong."""

import inspect

import gradio as gr
import pytest
from gradio.blocks import BlockContext

from explorer.page.build import build

MOST_COPIED = 10  # components within one that an event may change


@pytest.fixture(scope="module")
def page():
    return build()


def inside(block) -> int:
    """How many components it contains."""
    return sum(1 + inside(child) for child in getattr(block, "children", ()))


def test_no_event_changes_a_large_part_of_the_page_at_once(page):
    """Of a component that an event changes, Gradio copies all that it contains."""
    answered = [listener for listener in page.fns.values() if listener.fn]
    parts = {block for listener in answered for block in listener.outputs if isinstance(block, BlockContext)}
    assert {str(part): inside(part) for part in parts if inside(part) > MOST_COPIED} == {}
    assert max(map(inside, parts)) > 0  # an accordion's label is changed


def test_progress_is_kept_for_no_component(page):
    """Gradio keeps it for whatever an event may change, shown or not, and then copies all of these at each news of any
    event. Endpoints, which no page calls, may keep theirs.
    """
    listeners = [each for each in page.get_config_file()["dependencies"] if each["backend_fn"] and each["targets"]]
    kept = [each["api_name"] for each in listeners if each["show_progress_on"] != []]
    assert len(listeners) > 50 and set(kept) <= {"leave"}


def test_of_events_that_wait_none_carries_what_it_says(page):
    """One that waits for the answer to an earlier one carries that one's data."""
    waiting = [listener.fn for listener in page.fns.values() if listener.trigger_mode == "always_last" and listener.fn]
    assert len(waiting) > 10
    hints = [inspect.get_annotations(handler, eval_str=False) for handler in waiting if inspect.isfunction(handler)]
    assert not [told for told in hints if {"gr.EventData", gr.EventData} & set(told.values())]


def test_what_runs_in_the_browser_alone_waits_for_no_server(page):
    """An event is answered by one listener after the other, each when the one before has ended."""
    begun: set[tuple] = set()
    alone = 0
    for listener in page.get_config_file()["dependencies"]:
        targets = {tuple(target) for target in listener["targets"]}
        if listener["trigger_after"] is not None:
            continue
        if listener["backend_fn"]:
            begun |= targets
        else:
            alone += 1
            assert not targets & begun
    assert alone > 10
