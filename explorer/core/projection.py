"""A plane for pictures: one fixed linear map to two numbers, chosen so that the ten digits lie apart.

Three ways to choose it, from the one that knows no labels to the one that is used:

    principal axes      the two directions of most variance (Pearson 1901)
    discriminant axes   most variance between the labels' means for the variance within a label (Fisher 1936, Rao 1948)
    parting axes        those from which the nearest of the labels' means tells the label best: the likelihood of
                        p(label) = softmax(-|place - mean of label|^2), by gradient ascent from the discriminant axes
                        (Mensink et al. 2013, "Distance-based image classification", equation 8)

All of it in float64, without chance: the same pictures give the same plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

DIRECTIONS = 50  # principal directions that the two axes may be made of: finer ones are noise to the eye, and to them
STEPS = 400  # of gradient ascent: 1,500 lead to the same plane
RATE = 0.02  # Adam's
EDGE = 0.999  # share of the places, in each direction, that lie within -1 to 1


@dataclass(frozen=True)
class Projection:
    """place = (picture - middle) @ axes. middle: (P,), axes: (P, 2), both float64, for pictures of P numbers."""

    middle: Tensor
    axes: Tensor

    def places(self, images: Tensor) -> Tensor:
        """(N, ...) pictures of P numbers each -> (N, 2) float64."""
        return (images.flatten(1).double() - self.middle) @ self.axes


def principal_axes(images: Tensor, directions: int) -> Tensor:
    """(P, directions): the directions of most variance of the pictures (N, P), orthonormal, the greatest first."""
    centred = images - images.mean(dim=0)
    _, vectors = torch.linalg.eigh(centred.t() @ centred)
    return fixed_signs(vectors.flip(1)[:, :directions])


def label_means(values: Tensor, labels: Tensor) -> Tensor:
    """(L, D): the mean of the values (N, D) of each label 0 .. L - 1; labels: (N,) int64, each label at least once."""
    count = torch.bincount(labels)
    return torch.zeros(len(count), values.shape[1], dtype=values.dtype).index_add(0, labels, values) / count[:, None]


def discriminant_axes(values: Tensor, labels: Tensor, directions: int = 2) -> Tensor:
    """(D, directions) for values (N, D): Fisher's, scaled so that the variance within a label is 1 along each."""
    means, count = label_means(values, labels), torch.bincount(labels).to(values)
    inner = values - means[labels]
    outer = (means - values.mean(dim=0)) * (count / len(values)).sqrt()[:, None]
    whiten = torch.linalg.inv(torch.linalg.cholesky(inner.t() @ inner / len(values)))
    _, vectors = torch.linalg.eigh(whiten @ (outer.t() @ outer) @ whiten.t())
    return fixed_signs(whiten.t() @ vectors.flip(1)[:, :directions])


def parting_axes(values: Tensor, labels: Tensor, start: Tensor, steps: int = STEPS) -> Tensor:
    """(D, 2) for values (N, D): gradient ascent from `start` on the likelihood of the labels, see above."""
    axes = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([axes], lr=RATE)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        places = values @ axes
        loss = F.cross_entropy(-squared_distances(places, label_means(places, labels)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
    return axes.detach()


def parting_projection(images: Tensor, labels: Tensor, directions: int = DIRECTIONS, steps: int = STEPS) -> Projection:
    """The plane of the map, for pictures (N, ...) and their labels (N,), with nearly all places within -1 to 1."""
    flat = images.flatten(1).double()
    middle, basis = flat.mean(dim=0), principal_axes(flat, directions)
    values = (flat - middle) @ basis
    axes = parting_axes(values, labels, discriminant_axes(values, labels), steps)
    reach = (values @ axes).abs().quantile(EDGE, dim=0)
    return Projection(middle, basis @ (axes / reach))


def told_by_nearest_mean(places: Tensor, labels: Tensor) -> float:
    """The share of places (N, D) that are nearest to the mean of their own label."""
    nearest = squared_distances(places, label_means(places, labels)).argmin(dim=1)
    return float((nearest == labels).double().mean())


def variance_kept(images: Tensor, projection: Projection) -> float:
    """The share of the variance of pictures (N, ...) that lies in the plane of the two axes."""
    flat = images.flatten(1).double()
    centred = flat - flat.mean(dim=0)
    plane, _ = torch.linalg.qr(projection.axes)
    return float((centred @ plane).square().sum() / centred.square().sum())


def squared_distances(points: Tensor, others: Tensor) -> Tensor:
    """(N, M) for (N, D) and (M, D)."""
    return (points[:, None] - others[None]).square().sum(dim=2)


def fixed_signs(vectors: Tensor) -> Tensor:
    """Columns whose largest number is positive: their signs are a solver's whim otherwise."""
    largest = vectors.abs().argmax(dim=0)
    return vectors * vectors[largest, torch.arange(vectors.shape[1])].sign()
