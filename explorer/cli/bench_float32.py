"""The benchmark as on an ordinary processor, without bf16 arithmetic and without AVX-512: `bench --float32`."""

from __future__ import annotations

import os
import subprocess
import sys

# read by torch and by its convolution library when they are loaded, hence the process of its own
AVX2_ONLY = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}


def bench_float32(rounds: int, *, as_json: bool) -> None:
    """Run `bench` with AVX2 kernels and float32 alone, and print what it prints. Raises RuntimeError where it fails."""
    command = [sys.executable, "-m", "explorer", "bench", "--rounds", str(rounds), *(["--json"] if as_json else [])]
    if subprocess.run(command, env=os.environ | AVX2_ONLY, check=False).returncode:
        raise RuntimeError("the benchmark with AVX2 alone has failed")
