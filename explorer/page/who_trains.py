"""Who trains: this server, or the viewer's own device."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.lab.trainings import Lab
from explorer.page.computing import DEVICE, SERVER
from explorer.page.device_films import DeviceFilms
from explorer.page.device_trainings import DeviceTrainings, Given

LEAST_RATE = 100.0  # images a second, from which on a device trains unasked
TOO_LARGE = "The large network's weights are more than a page may send, so the server trains."


@dataclass(frozen=True)
class WhoTrains:
    """wish: the viewer's, one of computing.CHOICES; able: whether their page says that its device can compute."""

    lab: Lab
    devices: DeviceFilms
    trainings: DeviceTrainings

    def least(self, given: Given, wish: str, *, able: bool) -> float | None:
        """Images a second from which the viewer's device must learn to do this training; None where the server is to do
        it. A device that is asked to does it however slowly, and so does one whose viewer would wait for others;
        unasked it must be quick, and nobody waits until what it needs is made.
        """
        if not self._may(given, wish, able=able):
            return None
        if self.devices.choice(wish) == DEVICE:
            return 0.0
        if self.lab.would_join(given.experiment, given.seconds, given.drawings):
            return None
        if self.lab.waiting:
            return 0.0
        return LEAST_RATE if self.trainings.ready(given) else None

    def why_not(self, given: Given, wish: str) -> str:
        """What is to be said to one who wished their device, and whom the server serves."""
        return TOO_LARGE if wish == DEVICE and not self.trainings.gives(given.experiment) else ""

    def get_ready(self, given: Given, wish: str, *, able: bool) -> None:
        """The server has done this training: the next one with its settings may be the device's."""
        if self._may(given, wish, able=able):
            self.trainings.get_ready(given)

    def _may(self, given: Given, wish: str, *, able: bool) -> bool:
        allowed = self.devices.choice(wish) != SERVER and self.trainings.gives(given.experiment)
        return allowed and (wish == DEVICE or able)
