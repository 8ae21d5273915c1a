"""Where a walk stops on its way down."""

from __future__ import annotations

import pytest

from explorer.core.sampling import SPACINGS, pairs, timesteps


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("T", [1, 7, 1000])
def test_any_number_of_steps_falls_strictly_from_T(spacing, T):
    for steps in sorted({1, 2, min(T, 5), max(1, T // 2), max(1, T - 1), T} & set(range(1, T + 1))):
        visited = timesteps(T, steps, spacing)
        assert len(visited) == steps and visited[0] == T
        assert all(t > t_prev for t, t_prev in pairs(visited))
    assert timesteps(T, T, spacing) == list(range(T, 0, -1))


def test_quadratic_steps_are_shorter_near_the_picture():
    assert timesteps(1000, 4) == [1000, 750, 500, 250]
    assert timesteps(1000, 4, "quadratic") == [1000, 562, 250, 62]


def test_another_spacing_is_refused():
    with pytest.raises(ValueError, match="trailing, quadratic"):
        timesteps(1000, 4, "leading")
