"""The core's formulas, traced, and carried out in JavaScript: films get the same coefficients as from Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from explorer.core.sampling import timesteps
from explorer.core.schedule import NoiseSchedule
from explorer.device.formulas import formulas
from explorer.device.tables import sampler_table

NODE = shutil.which("node")
FORMULAS = Path(__file__).parents[2] / "explorer" / "widgets" / "offline" / "formulas.js"
SCRIPT = """
import { calculate } from %s;
let text = "";
for await (const part of process.stdin) text += part;
console.log(JSON.stringify(JSON.parse(text).map(([formula, inputs]) => calculate(formula, inputs))));
"""


def calculated(questions: list) -> list[list[float]]:
    """What JavaScript makes of (formula, inputs), for each of them."""
    script = SCRIPT % json.dumps(FORMULAS.as_uri())
    run = ["node", "--input-type=module", "-e", script]
    done = subprocess.run(run, input=json.dumps(questions), capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine")
def test_the_same_coefficients():
    schedule, made = NoiseSchedule(), formulas()
    alpha_bar = schedule.alpha_bar.tolist()
    questions, expected = [], []
    for sampler, eta, guidance, steps in (("ddpm", 0.0, 1.0, 250), ("ddim", 0.0, 0.0, 7), ("ddim", 0.35, 2.55, 41)):
        table = sampler_table(schedule, timesteps(1000, steps), sampler=sampler, eta=eta, guidance=guidance)
        for t, t_prev, *coefficients in table["steps"]:
            questions.append((made[sampler], [alpha_bar[int(t)], alpha_bar[int(t_prev)], eta]))
            expected.append(coefficients)
        questions += [(made["guided"], [guidance]), (made["mixture"], [alpha_bar[1000]])]
        expected += [list(table["guided"]), [table["signal"], table["noise"]]]
    for T, steps in ((1000, 250), (1000, 16), (997, 200), (7, 3)):
        questions += [(made["evenly"], [T, steps, k]) for k in range(steps)]
        expected += [[t] for t in timesteps(T, steps)]
    for found, wanted in zip(calculated(questions), expected, strict=True):
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-14)
