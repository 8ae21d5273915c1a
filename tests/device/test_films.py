"""The device's films are torch's: the same seeds give the same pictures."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.core import checkpoint
from explorer.core.checkpoint import Model
from explorer.core.sampling import draw_noise, reverse_step, samples, timesteps, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.data.pixels import to_pixels
from explorer.device.export import export
from explorer.device.tables import SamplerTable, sampler_table
from tests.device.node import HERE, needs_node
from tests.device.test_graph import WEIGHTS
from tests.tiny import noise, pictures, tiny_model


@dataclass
class Asked:
    """A film for the device, and the same for torch."""

    model: Model
    steps: int = 3
    options: dict = field(default_factory=dict)  # of samples and sampler_table alike
    seeds: tuple[int, ...] = (5, 6)
    labels: tuple[int, ...] = (3, 10)
    clip: bool = True
    x_0: torch.Tensor | None = None
    fork: tuple[int, tuple[int, ...]] | None = None
    last: bool = False  # only its last step is wanted
    dtype: str = "f32"

    @property
    def visited(self) -> list[int]:
        return timesteps(self.model.schedule.T, self.steps)

    def by_torch(self) -> torch.Tensor:
        """(steps, 4, pictures, 1, 28, 28): x_t, eps_hat, x0_hat, x_prev."""
        options = self.options | {"clip": self.clip}
        network, schedule, visited = self.model.network, self.model.schedule, self.visited
        generators = [trajectory_generator(seed) for seed in self.seeds]
        start = None if self.x_0 is None else schedule.q_sample(self.x_0, visited[0], draw_noise(generators))
        before = len(visited) if self.fork is None else self.fork[0]
        label = torch.tensor(self.labels)
        walk = samples(network, schedule, generators, visited, label=label, x_start=start, **options)
        steps = [step for step, _ in zip(walk, range(before))]
        if self.fork is not None:
            futures = [trajectory_generator(seed) for seed in self.fork[1]]
            start = steps[-1].x_prev.repeat(len(futures), 1, 1, 1)
            steps = []
            label = label.repeat(len(futures))
            steps += samples(network, schedule, futures, visited[before:], label=label, x_start=start, **options)
        return torch.stack([torch.stack([s.x_t, s.eps_hat, s.x0_hat, s.x_prev]) for s in steps])

    def job(self, file: Path) -> dict:
        Path(f"{file}.model").write_bytes(export(self.model, dtype=self.dtype))
        film = {"seeds": self.seeds, "labels": self.labels, "clip": self.clip}
        if self.fork is not None:
            film["fork"] = {"step": self.fork[0], "seeds": self.fork[1]}
        job = {"model": f"{file}.model", "out": f"{file}.out", "film": film, "last": self.last}
        if self.x_0 is not None:
            Path(f"{file}.x_0").write_bytes(self.x_0.numpy().tobytes())
            job["x_0"] = f"{file}.x_0"
        return job | {"table": sampler_table(self.model.schedule, self.visited, **self.options)}


def by_device(folder: Path, films: list[Asked]) -> list[torch.Tensor]:
    """As `by_torch`; of a forked film from the fork on, and of one whose last step is wanted that alone."""
    jobs = [film.job(folder / str(number)) for number, film in enumerate(films)]
    (folder / "jobs.json").write_text(json.dumps(jobs))
    command = ["node", str(HERE / "run_film.js"), str(folder / "jobs.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    steps = []
    for job, film in zip(jobs, films):
        numbers = torch.from_numpy(np.fromfile(job["out"], dtype=np.float32))
        if film.fork is not None:  # before the fork there is one picture
            numbers = numbers[film.fork[0] * 4 * 784 :]
        pictures = len(film.seeds) if film.fork is None else len(film.fork[1])
        steps.append(numbers.reshape(-1, 4, pictures, 1, 28, 28))
    return steps


@needs_node
def test_every_kind_of_film_is_torchs_step_by_step(tmp_path):
    model, cosine = tiny_model(), tiny_model(1, "v", NoiseSchedule("cosine", 100))
    films = [
        Asked(model),
        Asked(model, options={"sampler": "ddim"}, clip=False),
        Asked(cosine, options={"sampler": "ddim", "eta": 0.5, "guidance": 3.0}),
        Asked(cosine, options={"guidance": 0.0}),
        Asked(model, steps=1, options={"guidance": 2.0}, labels=(10, 10)),
        Asked(model, x_0=pictures(2), options={"sampler": "ddim"}),
        Asked(model, seeds=(2**31 - 1,), labels=(7,), fork=(1, (8, 9, 10))),
    ]
    for film, steps in zip(films, by_device(tmp_path, films)):
        torch.testing.assert_close(steps, film.by_torch(), rtol=1e-3, atol=1e-3)


@needs_node
def test_a_film_of_250_steps_ends_with_torchs_picture(tmp_path):
    """With the weights as they travel."""
    model = checkpoint.load(WEIGHTS)
    film = Asked(model, 250, seeds=(0,), labels=(3,), last=True, dtype="i16")
    (steps,) = by_device(tmp_path, [film])
    ours, theirs = (to_pixels(each[-1, 3]).astype(float) for each in (steps, film.by_torch()))
    assert np.abs(ours - theirs).mean() < 1


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
@pytest.mark.parametrize("kind", ["linear", "cosine"])
def test_the_table_gives_the_cores_step(sampler, kind):
    """In float64: the coefficients, and nothing else, are what `reverse_step` computes with."""
    schedule, eta = NoiseSchedule(kind, 50), 0.3
    table: SamplerTable = sampler_table(schedule, [50, 17, 1], sampler=sampler, eta=eta)
    x_t, eps, fresh = (noise(1, 1, 28, 28, seed=k, dtype=torch.float64) for k in range(3))
    for t, t_prev, *c in table["steps"]:
        x0_hat = (c[0] * x_t + c[1] * eps).clamp(-1, 1)
        eps_hat = c[2] * x_t + c[3] * x0_hat
        x_prev = c[4] * x0_hat + c[5] * x_t + c[6] * eps_hat + c[7] * fresh
        step = reverse_step(sampler, schedule, x_t, eps, int(t), int(t_prev), fresh, eta=eta)
        for ours, theirs in ((x0_hat, step.x0_hat), (eps_hat, step.eps_hat), (x_prev, step.x_prev)):
            torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
