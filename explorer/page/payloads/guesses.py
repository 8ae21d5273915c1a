"""The guessing game."""

from __future__ import annotations

import zlib

from explorer.data.pixels import to_base64
from explorer.demos.noising import Scene
from explorer.page.payloads.texts import told
from explorer.serving.guess import BOUNDS, TIMES, Guess
from explorer.widgets.device_job import GuessJob
from explorer.widgets.guess import GuessValue


def guess_value(
    scene: Scene, label: int, start: int, guess: Guess | None = None, *, device: GuessJob | None = None, why: str = ""
) -> GuessValue:
    """The guessing game of a scene at guess.TIMES, with the network's answers once there are any.

    label: what the network is told, 10 for nothing; start: the t to begin with; device: a job for the viewer's device,
    which finds the answers; why: what is to be said of who does.
    """
    schedule = next(iter(scene.schedules.values()))  # the pretrained model's
    value: GuessValue = {
        "key": f"{zlib.crc32(scene.picture.grey):x}-{scene.noise_seed}-{label}",
        "t": list(TIMES),
        "start": min(range(len(TIMES)), key=lambda i: abs(TIMES[i] - start)),
        "T": TIMES[-1],
        "signal": schedule.signal[list(TIMES)].tolist(),
        "noise": schedule.noise[list(TIMES)].tolist(),
        "x_0": to_base64(scene.picture.image().numpy()),
        "eps": to_base64(scene.eps.numpy()),
        "bounds": list(BOUNDS),
        "caption": told(scene.picture.caption),
        "link": scene.link,
    }
    if device is not None:
        value["device"] = device
    if why:
        value["why"] = told(why)
    if guess is not None:
        value["eps_hat"] = to_base64(guess.eps_hat[0])
        value["error"] = guess.error[0].tolist()
        value["x0_error"] = guess.x0_error[0].tolist()
    return value
