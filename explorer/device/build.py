"""The kernels' C, compiled to WebAssembly by the Zig project's clang, which comes as a Python package:

python -m explorer.device.build

writes explorer/widgets/device/kernels.wasm (128-bit vectors) and kernels_relaxed.wasm (the same with relaxed SIMD,
which multiplies and adds in one instruction). Both are in the repository; whoever changes the C runs this.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = Path(__file__).parent / "kernels"
TARGET = Path(__file__).parent.parent / "widgets" / "device"
BUILDS = {"kernels.wasm": ("-msimd128",), "kernels_relaxed.wasm": ("-msimd128", "-mrelaxed-simd")}
STACK_BYTES = 65536
FLAGS = (
    *("-target", "wasm32-freestanding", "-O3", "-mbulk-memory", "-ffp-contract=off", "-fno-math-errno"),
    *("-nostdlib", "-Wall", "-Wextra", "-Werror", "-g0", "-Wl,--no-entry", "-Wl,--strip-all"),
    f"-Wl,-z,stack-size={STACK_BYTES}",
)


def build(folder: Path = TARGET) -> list[Path]:
    """Compile both files into the folder. Raises RuntimeError, with the compiler's words, for C that is wrong."""
    written = []
    for name, features in BUILDS.items():
        with tempfile.TemporaryDirectory() as scratch:  # the paths of objects must not depend on the machine
            file = Path(scratch) / name
            command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, *features, "-o", str(file)]
            command += sorted(path.name for path in SOURCES.glob("*.c"))
            done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(done.stderr or done.stdout)
            (folder / name).write_bytes(file.read_bytes())
        written.append(folder / name)
    return written


if __name__ == "__main__":
    for path in build():
        print(f"{path.name}: {path.stat().st_size} bytes")
