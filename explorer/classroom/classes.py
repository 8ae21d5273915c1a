"""All classes of this server, by their codes. Safe for threads."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from explorer.classroom.errors import ClassRefused, NoClass, TooMany
from explorer.classroom.group import Drawing, Group, gone
from explorer.classroom.limits import (
    FAREWELL_SECONDS,
    MAX_CLASSES,
    OPENED_A_MINUTE,
    WRONG_CODES_A_MINUTE,
    Paces,
)
from explorer.data import pictures

LETTERS = "CFHJKMNPRTWXY3479"  # none that is taken for another, and too few vowels for words
CODE_LENGTH = 6  # 24 million codes
MEMBER = re.compile(r"[0-9a-f]{32}")  # as widgets/class_link.js makes it: 128 random bits, for this class alone


def as_code(text: object) -> str:
    """A code as somebody typed it: small letters and spaces do not matter."""
    return re.sub(r"[\s-]", "", text).upper() if isinstance(text, str) and len(text) <= 4 * CODE_LENGTH else ""


class Classes:
    """Every method raises NoClass for a code that belongs to no class, and ClassRefused for what cannot be done."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._drawing = threading.Lock()  # one drawing at a time is made into pixels, so that films go on
        self._groups: dict[str, Group] = {}
        self._ended: OrderedDict[str, float] = OrderedDict()  # since when, by code
        self._wrong = Paces(WRONG_CODES_A_MINUTE, clock)
        self._opening = Paces(OPENED_A_MINUTE, clock)

    def open(self, source: str) -> Group:
        """A new class. source: where its leader's page comes from. Raises TooMany."""
        with self._lock:
            self._sweep()
            if len(self._groups) >= MAX_CLASSES or not self._opening.of(source).take():
                raise TooMany("there are too many classes here now: try again in some minutes")
            code = self._fresh_code()
            group = self._groups[code] = Group(code, self._clock)
            return group

    def __len__(self) -> int:
        """How many classes there are."""
        with self._lock:
            self._sweep()
            return len(self._groups)

    @contextmanager
    def joined(self, code: object, member: object, source: str) -> Iterator[Group]:
        """The class of this code, in which a member is now; nobody else changes it meanwhile."""
        if not isinstance(member, str) or not MEMBER.fullmatch(member):
            raise ClassRefused("a page tells its key")
        with self._lock:
            group = self._found(code, source, lambda group: group.knows(member))
            group.hear(member)
            yield group

    @contextmanager
    def led(self, code: object, secret: object, source: str) -> Iterator[Group]:
        """The class of this code, for its leader alone. Raises NotTheLeader."""
        with self._lock:
            group = self._found(code, source, lambda group: group.is_led_by(secret))
            try:
                group.lead(secret)
            except ClassRefused:
                self._wrong.of(source).take()  # else this would be a way to try codes
                raise
            yield group

    def draw(self, code: object, member: object, source: str, digit: object, strokes: object) -> None:
        """A member's drawing; takes some milliseconds. strokes: as data.strokes takes them. Raises BadPicture."""
        with self.joined(code, member, source) as group:
            shown = group.may_draw(str(member), digit)
        with self._drawing:
            picture = pictures.drawn(strokes)
        with self._lock:
            group.draw(picture, shown)

    def drawings(self, code: object, secret: object, source: str) -> tuple[Drawing, ...]:
        """All drawings of a class, for its leader. Raises NotTheLeader."""
        with self.led(code, secret, source) as group:
            return group.drawings()

    def end(self, code: object, secret: object, source: str) -> None:
        """Its leader ends it, and nothing of it is left. Raises NotTheLeader."""
        with self.led(code, secret, source) as group:
            self._forget(group.code)

    def _found(self, code: object, source: str, belongs: Callable[[Group], bool]) -> Group:
        """The class of this code. Whoever belongs to it is always let in; others may err so often a minute."""
        self._sweep()
        text = as_code(code)
        group = self._groups.get(text)
        if group is not None and belongs(group):
            return group
        if text in self._ended:
            raise gone()
        wrong = self._wrong.of(source)
        if wrong.full:
            raise TooMany("too many wrong codes have come from here: try again in a minute")
        if group is None:
            wrong.take()
            raise NoClass("there is no class with this code")
        return group

    def _fresh_code(self) -> str:
        while True:
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
            if code not in self._groups and code not in self._ended:
                return code

    def _forget(self, code: str) -> None:
        del self._groups[code]
        self._ended[code] = self._clock()

    def _sweep(self) -> None:
        for code in [code for code, group in self._groups.items() if group.over]:
            self._forget(code)
        while self._ended and self._clock() - next(iter(self._ended.values())) > FAREWELL_SECONDS:
            self._ended.popitem(last=False)
