"""A small classifier of real digits, to tell how good drawn ones are, and which real ones cannot be read
(legibility.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.core.precision import mixed_precision
from explorer.data.pixels import to_images

FEATURES = 128
BATCH = 128
SHIFT_PIXELS = 2  # pixels by which training pictures are moved at random, each way


class Judge(nn.Module):
    """(B, 1, 28, 28) in [-1, 1] -> ten scores, through `features`: what the Fréchet distance compares."""

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Sequential(
            *_layer(1, 32),
            *_layer(32, 32, stride=2),
            *_layer(32, 64),
            *_layer(64, 64, stride=2),
            *_layer(64, 128),
            nn.Flatten(),
            nn.Dropout(0.3),
        )
        self.to_features = nn.Linear(128 * 7 * 7, FEATURES)
        self.to_scores = nn.Linear(FEATURES, 10)

    def features(self, images: Tensor) -> Tensor:
        """(B, 128)"""
        return F.silu(self.to_features(self.places(images)))

    def forward(self, images: Tensor) -> Tensor:
        """(N, 1, 28, 28) float32 in [-1, 1] -> (N, 10) scores."""
        return self.to_scores(self.features(images))

    @torch.inference_mode()
    def read(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N, 28, 28) uint8 -> the digits it sees (N,), and the features (N, 128) float64."""
        features = self._features_of(pixels)
        return self.to_scores(features).argmax(dim=1).numpy(), features.double().numpy()

    @torch.inference_mode()
    def certainty(self, pixels: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(N, 28, 28) uint8 and their labels (N,) -> the probability (N,) that each is its label, float32."""
        probabilities = self.to_scores(self._features_of(pixels)).softmax(dim=1).numpy()
        return probabilities[np.arange(len(labels)), labels]

    def _features_of(self, pixels: np.ndarray) -> Tensor:
        self.eval()
        return torch.cat(
            [self.features(to_images(part)) for part in np.array_split(pixels, max(1, len(pixels) // 500))]
        )


def _layer(channels_in: int, channels: int, stride: int = 1) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(channels_in, channels, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.SiLU(),
    )


def train_judge(
    pixels: np.ndarray, labels: np.ndarray, *, steps: int, seed: int = 0, progress: Callable[[], None] = lambda: None
) -> Judge:
    """A judge trained on pictures (N, 28, 28) uint8 and their labels (N,), moved about by up to two pixels."""
    with torch.random.fork_rng(devices=[]):  # dropout draws from torch's own generator
        torch.manual_seed(seed)
        judge = Judge().train()
        judge.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimizer = torch.optim.AdamW(judge.parameters(), lr=1e-3, weight_decay=1e-3)
        rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
        images, answers = to_images(pixels), torch.tensor(labels)
        for _ in range(steps):
            rows = torch.randint(len(images), (BATCH,))
            across, down = torch.randint(-SHIFT_PIXELS, SHIFT_PIXELS + 1, (2,)).tolist()
            batch = torch.roll(images[rows], (across, down), dims=(2, 3))  # the borders are empty
            with mixed_precision():
                scores = judge(batch.contiguous(memory_format=torch.channels_last))
            loss = F.cross_entropy(scores.float(), answers[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            rate.step()
            progress()
    return judge.eval()


def save_judge(judge: Judge, path: Path) -> None:
    """Write the judge's weights to `path` as safetensors; missing folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save({name: tensor.contiguous() for name, tensor in judge.state_dict().items()}))


def load_judge(path: Path) -> Judge:
    """The judge that `save_judge` wrote. Raises OSError where there is none, ValueError for another kind of file."""
    judge = Judge()
    try:
        judge.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as error:
        raise ValueError(f"{path} holds no judge, or not all of one: move it away, and it is trained anew") from error
    return judge.eval()
