"""What is a page's own beside its training: the pictures and the network in it. It is found again when the page is
loaded anew, and forgotten some minutes after the page was closed.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

import gradio as gr

from explorer.page.events import QUIET, Updates
from explorer.page.viewer import Viewer

GRACE_SECONDS = 15 * 60.0  # after a page was closed: a phone in a pocket, a lid, a browser that fell over
MAX_VIEWERS = 500  # whose belongings are kept; a stranger may make keys up


class Belongings:
    """The values of some of a page's states, by viewer and name; and which viewers' pages are open."""

    def __init__(self, forgotten: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        """forgotten(key): is called when a viewer's belongings are let go."""
        self._forgotten, self._clock = forgotten, clock
        self._kept: OrderedDict[str, dict[str, Any]] = OrderedDict()  # by the viewer's key, the latest changed last
        self._restore: dict[str, Callable[[Any], Updates]] = {}
        self._of_the_view: set[str] = set()
        self._open: dict[str, set[str]] = {}  # sessions by key
        self._closed: OrderedDict[str, float] = OrderedDict()  # since when, by key
        self.outputs: set[gr.blocks.Block] = set()  # what `restored` may change

    def follow(
        self,
        name: str,
        state: gr.State,
        restore: Callable[[Any], Updates],
        is_own: Callable[[Any], bool] = bool,
        also: Iterable[gr.blocks.Block] = (),
        *,
        of_the_view: bool = False,
    ) -> None:
        """Keep this state's value for each viewer, while `is_own` says that it is theirs.

        restore: from the value, what is to be changed on a page that was loaded anew: the state and `also`.
        of_the_view: it is forgotten when the viewer follows a link to another view.
        """
        self._restore[name] = restore
        if of_the_view:
            self._of_the_view.add(name)
        self.outputs |= {state, *also}

        def note(value: object, request: gr.Request) -> None:
            self.keep(Viewer.of(request), name, value if is_own(value) else None)

        state.change(note, state, None, **QUIET, concurrency_limit=None)

    def keep(self, viewer: Viewer, name: str, value: object) -> None:
        """Keep this value, or none. Nothing is kept for viewers without a key, who cannot come back."""
        if not viewer.lasting:
            return
        self.sweep()
        own = self._kept.setdefault(viewer.key, {})
        own.pop(name, None)
        if value is not None:
            own[name] = value
        self._kept.move_to_end(viewer.key)
        if len(self._kept) > MAX_VIEWERS:
            self._kept.popitem(last=False)

    def names(self, key: str) -> tuple[str, ...]:
        """What is kept for this viewer."""
        return tuple(self._kept.get(key, ()))

    def restored(self, viewer: Viewer, *, same_view: bool) -> Updates:
        """What brings a viewer's belongings back on a page that was loaded anew, or that shows another view."""
        own = self._kept.get(viewer.key, {})
        if not same_view:
            for name in self._of_the_view & own.keys():
                del own[name]
        changes: Updates = {}
        for name, value in own.items():
            changes |= self._restore[name](value)
        return changes

    def opened(self, key: str, session: str) -> None:
        """A page of the viewer with this key is open."""
        self._open.setdefault(key, set()).add(session)
        self._closed.pop(key, None)

    def closed(self, viewer: Viewer, session: str) -> None:
        """A page was closed. What belongs to it is kept for GRACE_SECONDS; at once forgotten where it has no key."""
        sessions = self._open.get(viewer.key, set())
        sessions.discard(session)
        if sessions:
            return
        self._open.pop(viewer.key, None)
        if viewer.lasting:
            self._closed[viewer.key] = self._clock()
            self._closed.move_to_end(viewer.key)
        else:
            self._forgotten(viewer.key)
        self.sweep()

    def sweep(self) -> None:
        """Forget whoever has been away for too long."""
        while self._closed and self._clock() - next(iter(self._closed.values())) > GRACE_SECONDS:
            key, _ = self._closed.popitem(last=False)
            self._kept.pop(key, None)
            self._forgotten(key)
