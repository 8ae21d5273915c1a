"""The command line: python -m explorer sample, train, pretrain, distil, evaluate, map, reader, bench, offline."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys

from explorer.cli.arguments import parser
from explorer.lab.experiment import Experiment
from explorer.serving.memory import keep_freed_memory
from explorer.serving.sigterm import end_on_sigterm
from explorer.validation import rules

TERMINATED = 128 + signal.SIGTERM  # the exit code that a shell tells for it


def run(args: argparse.Namespace) -> None:
    """Do what the parsed command line asks for. What it raises is told by `main`."""
    # imported here so that --help and a mistyped option answer at once
    from explorer.core.devices import device_named
    from explorer.serving.processors import use_cores

    use_cores()
    if args.command == "sample":
        from explorer.cli.sample_train import sample

        sample(
            args.weights,
            args.out,
            n=args.n,
            steps=args.steps,
            sampler=args.sampler,
            guidance=args.guidance,
            seed=args.seed,
            label=args.label,
            device=device_named(args.device),
        )
    elif args.command == "train":
        from explorer.cli.sample_train import train

        experiment = Experiment(**{name: vars(args)[name] for name in rules(Experiment)})
        seconds = 60.0 if args.seconds is None and args.steps is None else args.seconds
        train(
            experiment,
            args.out,
            seconds=seconds,
            steps=args.steps,
            device=device_named(args.device),
            small_file=args.small_file,
        )
    elif args.command == "pretrain":
        from explorer.cli.pretrain import pretrain

        pretrain(
            args.data,
            args.out,
            steps=args.steps,
            batch=args.batch,
            learning_rate=args.learning_rate,
            seed=args.seed,
            device=device_named(args.device),
            start=args.start,
            leave_out=args.leave_out,
        )
    elif args.command == "distil":
        from explorer.cli.distil import distil_leaper

        distil_leaper(
            args.teacher, args.out, walks=args.walks, steps=args.steps, likeness=args.likeness, seed=args.seed
        )
    elif args.command == "evaluate":
        _evaluate(args)
    elif args.command == "map":
        from explorer.cli.make_map import make_map

        make_map(args.out)
    elif args.command == "reader":
        from explorer.cli.make_reader import make_reader

        make_reader(args.data, args.out, steps=args.steps, seed=args.seed)
    elif args.command == "bench":
        _bench(args)
    elif args.command == "offline":
        _offline(args)


def _evaluate(args: argparse.Namespace) -> None:
    """`evaluate`, of the server's pictures or of a device's."""
    if args.device:
        from explorer.cli import evaluate_device

        found = evaluate_device.evaluate_device(args.weights, args.data, args.judge, n=args.n, seed=args.seed)
        print(json.dumps(found, indent=2) if args.json else evaluate_device.report(found))
        return
    from explorer.cli.evaluate import evaluate, report

    figures = evaluate(
        args.weights,
        args.data,
        args.judge,
        n=args.n,
        steps=args.steps,
        score_n=args.score_n,
        curve_n=args.curve_n,
        seed=args.seed,
    )
    print(json.dumps(figures, indent=2, default=list) if args.json else report(figures))


def _offline(args: argparse.Namespace) -> None:
    """`offline`: by a program of the page's own, of which the command line knows nothing."""
    program = [sys.executable, "-m", "explorer.page.offline"]
    done = subprocess.run([*program, str(args.out), args.lessons, args.hide, args.lock], check=False)
    if done.returncode:
        raise RuntimeError("the file could not be written")


def _bench(args: argparse.Namespace) -> None:
    """`bench`, of what was asked for."""

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    if args.float32:
        from explorer.cli.bench_float32 import bench_float32

        bench_float32(args.rounds, as_json=args.json)
        return
    if args.device:
        from explorer.cli import bench_device

        measured = bench_device.bench_device(args.rounds, say)
        print(json.dumps(measured, indent=2) if args.json else bench_device.report(measured))
        return
    if args.page:
        from explorer.cli.bench_page import bench_page, report

        figures = bench_page()
    elif args.cluster:
        from explorer.cli.bench_cluster import bench_cluster, report

        figures = bench_cluster(args.rounds, say)
    elif args.threads:
        from explorer.cli.bench_threads import bench_threads, report

        figures = bench_threads(args.rounds, say)
    else:
        from explorer.cli.bench_engine import bench, report

        figures = bench(args.rounds, say)
    print(json.dumps(figures, indent=2) if args.json else report(figures))


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, or 2 after a sentence on stderr. SIGTERM ends it in order: what was
    computed is kept.
    """
    args = parser().parse_args(argv)
    keep_freed_memory()
    before = signal.getsignal(signal.SIGTERM) or signal.SIG_DFL
    end_on_sigterm(TERMINATED)
    try:
        run(args)
    except (OSError, ValueError, ArithmeticError, RuntimeError) as error:
        print(f"python -m explorer {args.command}: {error}", file=sys.stderr)
        return 2
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0
