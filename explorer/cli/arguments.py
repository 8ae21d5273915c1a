"""What the commands of `python -m explorer` take: every option, its range and its default."""

from __future__ import annotations

import argparse
from pathlib import Path

from explorer.cli.distil_arguments import add_distil
from explorer.core.devices import DEVICES
from explorer.core.sampling import SAMPLERS
from explorer.core.schedule import MAX_T
from explorer.data.digits import CACHE
from explorer.lab.experiment import Experiment, flag, words
from explorer.serving.film_request import FilmRequest
from explorer.serving.model_store import PRETRAINED_FILE
from explorer.validation import MAX_SEED, Choice, Real, Whole, argument, described

USUAL_STEPS = f"(default {FilmRequest.steps}, or T where that is less)"
JUDGE_FILE = CACHE / "judge-50000.safetensors"

SEED = argument(Whole("the seed", 0, 0, MAX_SEED).check)


def parser() -> argparse.ArgumentParser:
    """The command line, one subparser a command."""
    top = argparse.ArgumentParser(
        prog="python -m explorer", description="Denoising diffusion on real digits, from the command line."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = (_add_sample, _add_train, _add_pretrain, add_distil, _add_map, _add_reader, _add_offline)
    for add in (*made, _add_evaluate, _add_bench):
        add(commands)
    return top


def _add_sample(commands: argparse._SubParsersAction) -> None:
    """The options of `sample`."""
    p = commands.add_parser(
        "sample", help="make digits out of noise", description="Make digits out of noise with a trained model."
    )
    p.add_argument(
        "--n", type=argument(Whole("n", 100, 1, 1_000_000).check), default=100, help="how many pictures (default 100)"
    )
    p.add_argument(
        "--steps",
        type=argument(Whole("steps", FilmRequest.steps, 1, MAX_T).check),
        default=None,
        help=f"network evaluations a picture, at most the model's T {USUAL_STEPS}",
    )
    p.add_argument(
        "--sampler",
        type=argument(Choice("the sampler", FilmRequest.sampler, SAMPLERS).check),
        default=FilmRequest.sampler,
        help="ddpm (random at each step, the default) or ddim (deterministic)",
    )
    p.add_argument(
        "--guidance",
        type=argument(Real("guidance", 1.0, 0.0, 100.0).check),
        default=1.0,
        help=(
            "eps_uncond + G * (eps_cond - eps_uncond): 1 is the plain conditional network (default), 0 the "
            "unconditional one"
        ),
    )
    p.add_argument("--seed", type=SEED, default=0, help="picture i starts from seed + i (default 0)")
    p.add_argument(
        "--label",
        type=argument(Whole("the label", 0, 0, 9).check),
        default=None,
        help="draw this digit only (by default the labels cycle through 0..9)",
    )
    p.add_argument(
        "--weights", type=Path, default=PRETRAINED_FILE, help="a model's safetensors file (default: the pretrained one)"
    )
    p.add_argument(
        "--out", type=Path, required=True, help="the .npz file to write: images uint8 (N, 28, 28), labels int64 (N,)"
    )
    _add_device(p)


def _add_train(commands: argparse._SubParsersAction) -> None:
    """The options of `train`; an experiment's are those of explorer.lab.experiment."""
    p = commands.add_parser(
        "train",
        help="train as the Train tab does",
        description="Train a network on the bundled digits; by default exactly as the Train tab does.",
    )
    budget = p.add_mutually_exclusive_group()
    budget.add_argument(
        "--seconds",
        type=argument(Real("the training time", 60, 0.5, 86_400).check),
        default=None,
        help="training time (default 60)",
    )
    budget.add_argument(
        "--steps",
        type=argument(Whole("the number of steps", 1, 1, 10_000_000).check),
        default=None,
        help="optimizer steps: the same number and settings give the same weights on the same machine",
    )
    for name, told in described(Experiment).items():
        p.add_argument(
            flag(name),
            type=argument(told.rule.check),
            default=told.rule.default,
            metavar=name.upper(),
            help=f"{told.about} (default {words(told.rule.default, ',')})",
        )
    p.add_argument("--out", type=Path, required=True, help="the safetensors file to write")
    p.add_argument("--small-file", action="store_true", help="a byte a weight: rounded to 127 levels up and down")
    _add_device(p)


def _add_pretrain(commands: argparse._SubParsersAction) -> None:
    """The options of `pretrain`."""
    p = commands.add_parser(
        "pretrain",
        help="train the pretrained model",
        description=(
            "Train on the MNIST training digits. A run that was cut off goes on from its last checkpoint (OUT.state)."
        ),
    )
    p.add_argument("--data", type=Path, required=True, help="the folder that holds MNIST/raw")
    p.add_argument("--out", type=Path, required=True, help="the safetensors file to write (the averaged weights)")
    p.add_argument(
        "--start", type=Path, default=None, help="a model's safetensors file to begin with (default: random weights)"
    )
    p.add_argument(
        "--leave-out",
        type=argument(Real("the share to leave out", 0.0, 0.0, 0.5).check),
        default=0.0,
        help="share of the digits to leave out, the least legible first (default 0)",
    )
    p.add_argument(
        "--steps",
        type=argument(Whole("steps", 40_000, 1, 10_000_000).check),
        default=40_000,
        help="optimizer steps in all (default 40000)",
    )
    p.add_argument(
        "--batch",
        type=argument(Whole("the batch size", 64, 1, 4096).check),
        default=64,
        help="images a step (default 64)",
    )
    p.add_argument(
        "--learning-rate",
        type=argument(Real("the learning rate", 2e-3, 0.0, 1.0).check),
        default=2e-3,
        help="the highest, after a warm-up and before a cosine decay (default 0.002)",
    )
    p.add_argument("--seed", type=SEED, default=0, help="fixes everything that is random (default 0)")
    _add_device(p)


def _add_device(p: argparse.ArgumentParser) -> None:
    """The option that says where the network computes."""
    p.add_argument(
        "--device",
        type=argument(Choice("the device", "cpu", DEVICES).check),
        default="cpu",
        help="where the network computes: cpu (default), cuda or mps (a graphics card), or auto",
    )


def _add_evaluate(commands: argparse._SubParsersAction) -> None:
    """The options of `evaluate`."""
    p = commands.add_parser(
        "evaluate",
        help="judge the pictures of a model",
        description=(
            "Judge a model's pictures by a classifier of real digits, which is trained once and kept, and compare "
            "each figure with that of real digits."
        ),
    )
    p.add_argument(
        "--n",
        type=argument(Whole("n", 2000, 100, 8000).check),
        default=2000,
        help="samples (default 2000, at most 8000: the floor has as many real digits that the judge has not met)",
    )
    p.add_argument(
        "--steps",
        type=argument(Whole("steps", FilmRequest.steps, 1, MAX_T).check),
        default=None,
        help=f"network evaluations a sample, at most the model's T {USUAL_STEPS}",
    )
    p.add_argument(
        "--score-n",
        type=argument(Whole("score-n", 10_000, 0, 100_000).check),
        default=10_000,
        help="samples for the classification accuracy score, 0 to leave it out (default 10000)",
    )
    p.add_argument(
        "--curve-n",
        type=argument(Whole("curve-n", 500, 0, 8000).check),
        default=500,
        help="samples for each point of the curve over the number of steps, 0 to leave it out (default 500)",
    )
    p.add_argument("--seed", type=SEED, default=0, help="sample i starts from seed + i (default 0)")
    p.add_argument(
        "--weights", type=Path, default=PRETRAINED_FILE, help="a model's safetensors file (default: the pretrained one)"
    )
    p.add_argument(
        "--device",
        action="store_true",
        help="judge instead what a viewer's device draws (n pictures, DDIM, 20 steps), beside the server's",
    )
    p.add_argument("--data", type=Path, required=True, help="the folder that holds MNIST/raw")
    p.add_argument(
        "--judge",
        type=Path,
        default=JUDGE_FILE,
        help=f"where the judge is kept (default {JUDGE_FILE.name} in your cache folder)",
    )
    p.add_argument("--json", action="store_true", help="print the figures as JSON")


def _add_map(commands: argparse._SubParsersAction) -> None:
    """The options of `map`."""
    p = commands.add_parser(
        "map",
        help="choose the plane of the map",
        description="Choose the plane on which the bundled digits lie apart, as for the map that travels with the app.",
    )
    p.add_argument("--out", type=Path, required=True, help="the safetensors file to write")


def _add_reader(commands: argparse._SubParsersAction) -> None:
    """The options of `reader`."""
    p = commands.add_parser(
        "reader",
        help="train the reader of the Train tab's digits",
        description="Train the small network that reads what a training draws, on the MNIST training digits.",
    )
    p.add_argument("--data", type=Path, required=True, help="the folder that holds MNIST/raw")
    p.add_argument("--out", type=Path, required=True, help="the safetensors file to write")
    p.add_argument(
        "--steps",
        type=argument(Whole("steps", 3000, 1, 1_000_000).check),
        default=3000,
        help="optimizer steps (default 3000)",
    )
    p.add_argument("--seed", type=SEED, default=0, help="fixes everything that is random (default 0)")


def _add_bench(commands: argparse._SubParsersAction) -> None:
    """The options of `bench`."""
    p = commands.add_parser(
        "bench",
        help="measure the speed",
        description=(
            "Measure the speed: steps, a crowd of viewers, training; medians of interleaved rounds, in one run of "
            "about two minutes."
        ),
    )
    p.add_argument(
        "--rounds",
        type=argument(Whole("rounds", 5, 1, 100).check),
        default=5,
        help="rounds of each comparison (default 5)",
    )
    p.add_argument("--page", action="store_true", help="measure the page in a real browser instead")
    p.add_argument(
        "--device",
        action="store_true",
        help="measure what a viewer's device computes in a real browser, against ONNX Runtime Web, instead",
    )
    p.add_argument(
        "--cluster",
        action="store_true",
        help="measure films from a Ray cluster on this machine against the embedded engine instead",
    )
    p.add_argument(
        "--threads",
        action="store_true",
        help="measure a training as on hosts of many cores, and beside a busy program, instead",
    )
    p.add_argument(
        "--float32",
        action="store_true",
        help="measure as on an ordinary processor: float32 and AVX2 alone, without bf16 and AVX-512",
    )
    p.add_argument("--json", action="store_true", help="print the figures as JSON")


def _add_offline(commands: argparse._SubParsersAction) -> None:
    """The options of `offline`."""
    p = commands.add_parser(
        "offline",
        help="write the page as one file",
        description="Write the whole page as one file, which opens by a double click, without a server or a network.",
    )
    p.add_argument("--out", type=Path, default=Path("explorer.html"), help="the file (default explorer.html)")
    p.add_argument("--lessons", default="", help="only these lessons and their tabs, such as destroy,fork")
    p.add_argument("--hide", default="", help="controls to take away, by their names in links, such as T,own")
    p.add_argument("--lock", default="", help="controls to fix, by their names in links")
