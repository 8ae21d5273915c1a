"""How many cores are counted, on machines and in containers as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.serving.processors import available_cores, quotas

HERE = Path(__file__).parents[2]


def machine(root: Path, cgroup: str, **files: str) -> Path:
    """A /proc and a /sys with this process's control groups, and with these files under /sys/fs/cgroup."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(cgroup)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("cgroup", "files", "cores"),
    [
        ("0::/\n", {"cpu.max": "200000 100000\n"}, [2.0]),
        ("0::/\n", {"cpu.max": "max 100000\n"}, []),
        (
            "0::/docker/abc\n",
            {"cpu.max": "150000 100000\n"},
            [1.5],
        ),  # the host's path, in a container that does not see it
        ("0::/a/b\n", {"a/b/cpu.max": "400000 100000\n", "a/cpu.max": "100000 100000\n"}, [4.0, 1.0]),
        (
            "4:cpu,cpuacct:/x\n0::/\n",
            {"cpu/x/cpu.cfs_quota_us": "50000\n", "cpu/x/cpu.cfs_period_us": "100000\n"},
            [0.5],
        ),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, []),
        ("0::/../../escape\n", {"cpu.max": "nonsense\n"}, []),
        ("", {}, []),
    ],
)
def test_quotas_of_both_versions(tmp_path, cgroup, files, cores):
    assert list(quotas(machine(tmp_path, cgroup, **files))) == cores


def test_less_than_one_core_is_still_one_thread(tmp_path):
    assert available_cores(machine(tmp_path, "0::/\n", **{"cpu.max": "50000 100000\n"})) == 1


def test_without_a_quota_the_affinity_counts(tmp_path):
    assert available_cores(tmp_path) == len(os.sched_getaffinity(0))


def test_torch_uses_what_the_affinity_leaves():
    """Also where torch has been told of more threads by whoever started the program."""
    program = (
        "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); from explorer.serving.processors import "
        "use_cores; print(use_cores(), use_cores(3))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=HERE,
        env=os.environ | {"OMP_NUM_THREADS": "32"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["1", "3"]
