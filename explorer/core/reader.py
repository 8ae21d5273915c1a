"""A small network that reads digits: what a training draws is looked at by somebody who has never seen a drawn one.

Four layers, 65,000 weights. It learns from real digits that are moved about by up to two pixels; nothing of diffusion
is in it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH = 128
RATE = 3e-3  # the highest, with a warm-up and a cosine decay
SHIFT_PIXELS = 2  # by which a batch is moved at random, each way: the borders of digits are empty
CLASSES = 10


class Reader(nn.Module):
    """(B, 1, 28, 28) in [-1, 1] -> (B, 10) scores."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2),  # -> 14 x 14
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),  # -> 7 x 7
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(32 * 7 * 7, 32),
            nn.ReLU(),
            nn.Linear(32, CLASSES),
        )

    def forward(self, images: Tensor) -> Tensor:
        """The scores."""
        scores: Tensor = self.layers(images)
        return scores

    @torch.no_grad()
    def read(self, images: Tensor) -> Tensor:
        """(N, 1, 28, 28) in [-1, 1] -> (N,) int64: the digit that each looks most like."""
        return torch.cat([self(part).argmax(dim=1) for part in images.split(1000)])


def train_reader(images: Tensor, labels: Tensor, *, steps: int, seed: int = 0) -> Reader:
    """A reader that has learnt from pictures (N, 1, 28, 28) in [-1, 1] and their labels (N,) int64 in 0..9."""
    with torch.random.fork_rng(devices=[]):  # dropout and the first weights draw from torch's own generator
        torch.manual_seed(seed)
        reader = Reader().train()
        optimizer = torch.optim.AdamW(reader.parameters(), lr=RATE, weight_decay=1e-2)
        rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=RATE, total_steps=steps)
        for _ in range(steps):
            rows = torch.randint(len(images), (BATCH,))
            across, down = torch.randint(-SHIFT_PIXELS, SHIFT_PIXELS + 1, (2,)).tolist()
            moved = torch.roll(images[rows], (across, down), dims=(2, 3))
            loss = F.cross_entropy(reader(moved), labels[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            rate.step()
    return reader.eval()
