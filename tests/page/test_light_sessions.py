"""What Gradio keeps for a page holds what the page has, and no more."""

from __future__ import annotations

import gradio as gr
import httpx
from gradio.blocks import BlocksConfig
from gradio.state_holder import StateHolder

from explorer.page.light_sessions import LightSession, lighten
from tests.load.site import Site


def test_a_session_holds_its_own_values_and_no_settings(monkeypatch):
    lighten()
    with gr.Blocks() as demo:
        kept, slider = gr.State([1]), gr.Slider(0, 9, 3)
    holder = StateHolder()
    holder.set_blocks(demo)
    read = []
    monkeypatch.setattr(BlocksConfig, "config_for_block", staticmethod(lambda *given: read.append(given) or {}))
    one, other = holder["one"], holder["other"]
    assert isinstance(one, LightSession) and read == []
    one[kept._id].append(2)
    assert one[kept._id] == [1, 2] and other[kept._id] == [1]
    assert one[slider._id] is slider
    one[slider._id] = gr.Slider(0, 99, 3, render=False)
    assert one[slider._id].maximum == 99 and other[slider._id].maximum == 9


def test_the_page_keeps_working_with_them(served):
    """A setting that a handler changes holds for that page alone: see forms and links, tested elsewhere."""
    assert httpx.get(served).status_code == 200
    assert Site(served).event("film-play")
