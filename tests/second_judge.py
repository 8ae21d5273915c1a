"""A second classifier of real digits, of another shape than the judge of `evaluate`, so that no recipe is chosen by one
classifier's taste.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.data.digits import Digits
from explorer.data.pixels import to_images

STEPS, BATCH = 1500, 128


class SecondJudge(nn.Module):
    """(B, 1, 28, 28) in [-1, 1] -> ten scores: 5x5 convolutions, the largest of each 2x2 places, no normalisation
    (after LeNet, LeCun et al. 1998), where the first judge has 3x3 with batch normalisation, strides and SiLU.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 24, 5, padding=2),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Conv2d(24, 48, 5, padding=2),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(0.4),
            nn.Linear(48 * 49, 200),
            nn.ReLU(),
            nn.Linear(200, 10),
        )

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, 28, 28) float32 in [-1, 1] -> (B, 10) scores."""
        return self.layers(images)

    @torch.inference_mode()
    def read(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N, 28, 28) uint8 -> the digits it sees (N,), and the features (N, 200) float64."""
        parts = np.array_split(pixels, max(1, len(pixels) // 500))
        features = torch.cat([self.layers[:-1](to_images(part)) for part in parts])
        return self.layers[-1](features).argmax(dim=1).numpy(), features.double().numpy()

    def share(self, pixels: np.ndarray, labels: np.ndarray) -> float:
        """The share of (N, 28, 28) uint8 that it reads as their label (N,)."""
        return float((self.read(pixels)[0] == labels).mean())


def the_second_judge(file: Path, met: Digits) -> SecondJudge:
    """The one kept in `file`; trained on these digits, in about a minute, if it is not there yet."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(trained(met).state_dict(), file)
    judge = SecondJudge()
    judge.load_state_dict(load_file(file))
    return judge.eval()


def trained(met: Digits, seed: int = 0) -> SecondJudge:
    """One that has learnt these digits, moved about by up to two pixels."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        judge, images, answers = SecondJudge().train(), met.images(), met.label_tensor()
        optimizer = torch.optim.Adam(judge.parameters())
        rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=STEPS)
        for _ in range(STEPS):
            rows = torch.randint(len(images), (BATCH,))
            batch = torch.roll(images[rows], torch.randint(-2, 3, (2,)).tolist(), dims=(2, 3))
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(judge(batch), answers[rows]).backward()
            optimizer.step()
            rate.step()
    return judge
