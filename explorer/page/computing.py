"""Who computes a film: this server, or its viewer's own device."""

from __future__ import annotations

from collections.abc import Mapping

SERVER, DEVICE, AUTO = "server", "device", "auto"
CHOICES = (AUTO, SERVER, DEVICE)
NAMES: Mapping[str | int, str] = {AUTO: "whoever is free", SERVER: "this server", DEVICE: "your device"}
ABOUT = "Your device computes with the same network, and gets the same picture."
ABOUT_TRAINING = (
    "Your device makes the same steps from the same seed; how many it makes in these seconds is its own. What it has "
    "learnt goes to this server, so that you can watch it generate."
)
