"""How rules are registered: each file of rules has a table of them, by torch's ATen names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from explorer.device.lowering import Result

Rule = Callable[..., Result]
"""Is called with what is computed so far (`Lowered`) and then as the ATen operation is."""

Registered = TypeVar("Registered", bound=Rule)


class Rules(dict[str, Rule]):
    """Rules by ATen names."""

    def rule(self, *names: str) -> Callable[[Registered], Registered]:
        """Register the function for these names."""

        def register(function: Registered) -> Registered:
            self.update(dict.fromkeys(names, function))
            return function

        return register
