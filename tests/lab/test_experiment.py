"""Experiments: what each setting changes, that they can be repeated, and the command line that repeats them."""

from __future__ import annotations

import shlex

import pytest
import torch

from explorer.cli.arguments import parser
from explorer.cli.main import main
from explorer.core import checkpoint
from explorer.core.training import TrainingSettings, train
from explorer.core.unet import UNetConfig
from explorer.data import digits
from explorer.lab import experiment
from explorer.lab.experiment import Experiment
from explorer.lab.recipe import NETWORK, SCHEDULE
from explorer.validation import checked, rules

OTHER = Experiment(classes=(3, 8), schedule="linear", T=50, size="small", learning_rate=1.5e-3, batch=8, seed=4)


@pytest.fixture
def small_network(monkeypatch):
    monkeypatch.setattr(
        experiment, "NETWORK", UNetConfig(widths=(16, 16), depth=(1, 1), embedding=16, attention=False, output="v")
    )


def weights(path) -> dict[str, torch.Tensor]:
    return checkpoint.load(path).network.state_dict()


def same(a: dict, b: dict) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def test_the_default_is_the_train_tab_s():
    """Without a choice: all ten digits, and the tab's own network, schedule and settings."""
    run, (x_0, label) = Experiment().run(), Experiment().data()
    assert (run.network.config, run.schedule, run.settings) == (NETWORK, SCHEDULE, TrainingSettings())
    assert x_0.shape == (9_000, 1, 28, 28) and torch.equal(label, torch.tensor(digits.clear().labels))
    assert checked(Experiment, {}) == Experiment()


def test_each_setting_reaches_the_run():
    """Schedule, T, learning rate, batch and seed are the run's; the data hold all clear digits of the classes,
    and no others.
    """
    run, (x_0, label) = OTHER.run(), OTHER.data()
    assert (run.schedule.kind, run.schedule.T) == ("linear", 50)
    assert (run.settings.learning_rate, run.settings.batch, run.settings.seed) == (1.5e-3, 8, 4)
    assert label.unique().tolist() == [3, 8]
    assert len(x_0) == len(label) == sum(len(digits.clear().of_class(digit)) for digit in (3, 8))


@pytest.mark.parametrize("output, corrects", [("v", True), ("eps", False), ("x_0", False)])
def test_what_is_guessed_reaches_the_network(output, corrects):
    """The Train tab's own output corrects a linear guess; the others answer by themselves."""
    run = Experiment(output=output).run()
    assert (run.network.config.output, run.network.config.linear_guess) == (output, corrects)
    assert run.settings.times == "all" and Experiment(times="only T").run().settings.times == "only T"


def test_small_medium_and_large_networks():
    """The sizes differ in their number of weights by a factor of more than two each, and all can be built."""
    counts = [sum(p.numel() for p in Experiment(size=size).run().network.parameters()) for size in experiment.WIDTHS]
    assert counts[0] * 2 < counts[1] and counts[1] * 2 < counts[2]


@pytest.mark.parametrize("experiment", [Experiment(), OTHER], ids=["default", "other"])
@pytest.mark.parametrize("budget, attribute, value", [("--seconds 15", "seconds", 15), ("--steps 70", "steps", 70)])
def test_the_command_asks_for_this_experiment(experiment, budget, attribute, value):
    """Reading the command line that an experiment tells gives the experiment back, and its budget."""
    program, dash_m, package, *argv = shlex.split(experiment.command(budget, "mine.safetensors"))
    args = parser().parse_args(argv)
    assert (program, dash_m, package) == ("python", "-m", "explorer") and str(args.out) == "mine.safetensors"
    assert Experiment(**{name: getattr(args, name) for name in rules(Experiment)}) == experiment
    assert getattr(args, attribute) == value


def test_seed_and_steps_decide_the_weights(small_network, tmp_path):
    """Twice the same command: bit by bit the same weights. Another seed: others. The file tells its settings."""

    def trained(name: str, *more: str):
        assert (
            main(["train", "--steps", "4", "--batch", "8", "--classes", "8,3", "--out", str(tmp_path / name), *more])
            == 0
        )
        return tmp_path / name

    first = trained("a", "--seed", "1")
    assert same(weights(first), weights(trained("b", "--seed", "1")))
    assert not same(weights(first), weights(trained("c", "--seed", "2")))
    notes = checkpoint.load(first).notes
    assert notes["steps"] == 4 and notes["images_seen"] == 32 and notes["classes"] == [3, 8] and notes["seed"] == 1


def test_a_run_that_diverges_leaves_its_last_good_weights(small_network, tmp_path, capsys, monkeypatch):
    """The loss breaks at the third step: one line that says so, exit code 2, and the weights of two steps in
    the file.
    """
    from explorer.cli import sample_train

    def breaking(run, *data, **budget):
        for step in train(run, *data, **budget):
            yield step
            if step.step == 2:
                run.network.first.weight.data.fill_(float("nan"))

    monkeypatch.setattr(sample_train, "train_steps", breaking)
    assert main(["train", "--steps", "9", "--batch", "4", "--out", str(tmp_path / "m")]) == 2
    assert "learning rate" in capsys.readouterr().err.splitlines()[-1]
    assert checkpoint.load(tmp_path / "m").notes["steps"] == 2


@pytest.mark.parametrize(
    "option, value",
    [
        ("--classes", ""), ("--classes", "3;8"), ("--classes", "10"), ("--classes", "-1"), ("--dataset", "CIFAR"),
        ("--schedule", "square"), ("--T", "0"), ("--T", "1e9"), ("--size", "huge"),
        ("--learning-rate", "0"), ("--learning-rate", "1e9"), ("--learning-rate", "nan"), ("--batch", "0"),
        ("--batch", "1e6"), ("--steps", "0"), ("--seconds", "inf"),
    ],
)  # fmt: skip
def test_bad_options(tmp_path, capsys, option, value):
    """One line that names the option, exit code 2, and no file."""
    with pytest.raises(SystemExit) as leaving:
        main(["train", "--out", str(tmp_path / "m"), f"{option}={value}"])
    assert leaving.value.code == 2 and option in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "m").exists()


def test_seconds_or_steps_not_both(tmp_path, capsys):
    """Two budgets contradict each other."""
    with pytest.raises(SystemExit):
        main(["train", "--out", str(tmp_path / "m"), "--seconds", "5", "--steps", "5"])
    assert "not allowed with" in capsys.readouterr().err
