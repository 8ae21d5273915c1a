"""The plane of the map: each way to choose it against what is known exactly."""

from __future__ import annotations

import math

import pytest
import torch

from explorer.core.projection import (
    Projection,
    discriminant_axes,
    label_means,
    parting_axes,
    principal_axes,
    told_by_nearest_mean,
    variance_kept,
)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_principal_axes_are_those_of_a_stretched_cloud():
    """Points along known orthogonal directions with variances 9, 4, 1: those directions, in this order."""
    basis, _ = torch.linalg.qr(normal(3, 3))
    corners = torch.cat([torch.eye(3), -torch.eye(3)]).double() * torch.tensor([3.0, 2.0, 1.0], dtype=torch.float64)
    axes = principal_axes(corners @ basis.t() + 5, 3)
    torch.testing.assert_close((axes.t() @ basis).abs(), torch.eye(3, dtype=torch.float64))
    flat = Projection(torch.zeros(3, dtype=torch.float64), axes[:, :2])
    assert variance_kept(corners @ basis.t() + 5, flat) == pytest.approx(13 / 14)


def test_two_labels_are_parted_along_fishers_direction():
    """Its closed form: the inverse of the variance within a label, times the difference of the means."""
    values = normal(400, 3) @ normal(3, 3, seed=1)
    labels = torch.arange(400) % 2
    values = values + labels[:, None] * torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    means = label_means(values, labels)
    inner = values - means[labels]
    fisher = torch.linalg.solve(inner.t() @ inner / 400, means[1] - means[0])
    found = discriminant_axes(values, labels, 1)[:, 0]
    assert abs(torch.cosine_similarity(found, fisher, dim=0).item()) == pytest.approx(1, abs=1e-9)
    assert (inner @ found).square().mean().item() == pytest.approx(1)


def test_parting_axes_beat_fishers_where_one_label_is_far_away():
    """Three labels close together and one far off: Fisher spends an axis on that one, and mixes two of the others."""
    centres = torch.tensor([[0, 0, 0], [3, 0, 0], [0, 3, 0], [0, 0, 40]], dtype=torch.float64)
    labels = torch.arange(800) % 4
    values = centres[labels] + normal(800, 3) * 0.7
    start = discriminant_axes(values, labels)
    found = parting_axes(values, labels, start, steps=200)
    before, after = (told_by_nearest_mean(values @ axes, labels) for axes in (start, found))
    assert before < 0.95 < after


def test_the_share_that_the_nearest_mean_tells():
    """Counted by hand: of four places of two labels, one lies on the wrong side."""
    places = torch.tensor([[0.0], [9.0], [10.0], [12.0]])
    assert told_by_nearest_mean(places, torch.tensor([0, 0, 1, 1])) == 0.75


def test_places_are_a_fixed_linear_map():
    """The middle lies at 0, and the place of an average is the average of the places."""
    plane = Projection(normal(784), normal(784, 2, seed=2) / math.sqrt(784))
    a, b = normal(1, 1, 28, 28, seed=3), normal(1, 1, 28, 28, seed=4)
    torch.testing.assert_close(plane.places((a + b) / 2), (plane.places(a) + plane.places(b)) / 2)
    assert plane.places(plane.middle.view(1, 1, 28, 28)).abs().max() < 1e-12
