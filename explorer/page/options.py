"""How the server is run: every option of `python app.py`, with its environment variable, declared once.

A Space and a container set the variables; on the command line the options win over them. A new option is a new field of
Options.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import NoReturn, Protocol, TypeVar

from explorer.core.devices import DEVICES
from explorer.lab.recipe import LONGEST_TRAINING_SECONDS, SHORTEST_TRAINING_SECONDS
from explorer.page.computing import AUTO, CHOICES
from explorer.serving.request_log import LEVELS
from explorer.validation import Choice, InvalidSetting, Whole, argument

ON, OFF = "on", "off"
AS_ASKED = "auto"  # the address by which the page is asked for
Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True)
class Host:
    """A host's name or address to listen on."""

    name: str
    default: str

    def check(self, value: object) -> str:
        """The host, if it can be one. Raises InvalidSetting."""
        if not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}|\[[0-9A-Fa-f.:]{2,45}\]", str(value)):
            raise InvalidSetting(f"{self.name} must be a name or an address, like 0.0.0.0, not {str(value)[:40]!r}")
        return str(value)


@dataclass(frozen=True)
class Address:
    """Where something else answers, as host:port, or auto to look for it on this machine; or off."""

    name: str
    default: str = OFF

    def check(self, value: object) -> str:
        """The address, if it can be one. Raises InvalidSetting."""
        if value not in (OFF, "auto") and not re.fullmatch(r"[A-Za-z0-9.-]{1,253}:[0-9]{1,5}", str(value)):
            raise InvalidSetting(
                f"{self.name} must be off, auto or an address like 10.0.0.1:6379, not {str(value)[:40]!r}"
            )
        return str(value)


@dataclass(frozen=True)
class PageAddress:
    """The address of this page as others reach it; or auto."""

    name: str
    default: str = AS_ASKED

    def check(self, value: object) -> str:
        """The address, if it can be one. Raises InvalidSetting."""
        if value != AS_ASKED and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]{1,253}(/[\w.~/-]{0,200})?", str(value)):
            raise InvalidSetting(
                f"{self.name} must be auto or an address like http://192.168.0.7:7860, not {str(value)[:40]!r}"
            )
        return str(value)


class Rule(Protocol[Value_co]):
    """What an option may be; the rules of explorer.validation are such, and Host, Address and PageAddress."""

    @property
    def default(self) -> Value_co:
        """What it is if nobody says."""
        ...

    def check(self, value: object) -> Value_co:
        """The value, if it can be one. Raises InvalidSetting."""
        ...


def option(variable: str, setting: Rule[Value_co], about: str) -> Value_co:
    """A field of Options: its environment variable, what it may be (`check`) and is if nobody says (`default`), and a
    line of help.
    """
    return field(default=setting.default, metadata={"variable": variable, "check": setting.check, "about": about})


@dataclass(frozen=True)
class Options:
    """How this server is run; called without values, as `python app.py` does."""

    host: str = option(
        "GRADIO_SERVER_NAME", Host("the host", "127.0.0.1"), "where to listen; 0.0.0.0 lets a whole class in"
    )
    port: int = option(
        "GRADIO_SERVER_PORT",
        Whole("the port", 0, 0, 65535),
        "the port to listen on; 0: the first free one from 7860 on",
    )
    capacity: int = option(
        "DDPM_CAPACITY",
        Whole("the capacity", 256, 1, 4096),
        "pictures of films computed at the same time; further films wait",
    )
    waiting: int = option(
        "DDPM_WAITING",
        Whole("the number of waiting films", 256, 1, 10_000),
        "films that may wait; beyond this a newcomer is asked to come back later",
    )
    training: str = option(
        "DDPM_TRAINING", Choice("training", ON, (ON, OFF)), "on or off: whether viewers may train networks"
    )
    training_seconds: int = option(
        "DDPM_MAX_TRAINING_SECONDS",
        Whole("the longest training", LONGEST_TRAINING_SECONDS, SHORTEST_TRAINING_SECONDS, 86_400),
        "the longest training in the page, in seconds",
    )
    threads: int = option(
        "DDPM_THREADS",
        Whole("the number of threads", 0, 0, 1024),
        "threads that compute; 0: as many as the cores that this process may use",
    )
    device: str = option(
        "DDPM_DEVICE",
        Choice("the device", "cpu", DEVICES),
        "where the networks compute: cpu, cuda or mps (a graphics card), or auto for a card where there is one",
    )
    cluster: str = option(
        "DDPM_CLUSTER",
        Address("the cluster"),
        "a Ray cluster that computes films and trainings: its address, or auto on one of its machines (see cluster.md)",
    )
    fallback: str = option(
        "DDPM_FALLBACK",
        Choice("fallback", ON, (ON, OFF)),
        "on or off: whether this program computes them itself when the cluster is lost",
    )
    compute: str = option(
        "DDPM_COMPUTE",
        Choice("who computes", AUTO, CHOICES),
        "who computes films and trainings, where a viewer does not choose: server; device, the viewer's own; auto, the "
        "device as soon as a viewer would wait for others, and for trainings also where it is quick. With server "
        "nobody can choose",
    )
    address: str = option(
        "DDPM_ADDRESS",
        PageAddress("the address"),
        "where a class's devices reach this page, for the code that they scan; auto: as the teacher's browser does",
    )
    log: str = option(
        "DDPM_LOG",
        Choice("the log's level", "info", tuple(LEVELS)),
        "info: a line for each request; warning: only what went wrong; off: nothing",
    )


def flag(entry: Field) -> str:
    """An option's name on the command line."""
    return "--" + entry.name.replace("_", "-")


def parser() -> argparse.ArgumentParser:
    """The command line of `python app.py`."""
    made = argparse.ArgumentParser(
        prog="python app.py", description="DDPM Explorer: a page on which one sees how denoising diffusion works."
    )
    for entry in fields(Options):
        told = f"{entry.metadata['about']} (default {entry.default}; environment variable {entry.metadata['variable']})"
        made.add_argument(
            flag(entry), type=argument(entry.metadata["check"]), default=None, metavar=entry.name.upper(), help=told
        )
    return made


def parse_options(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """The options: from the command line, else from the environment, else the defaults. A wrong value ends the program:
    one sentence, exit code 2.
    """
    given = vars(parser().parse_args(arguments))
    for entry in fields(Options):
        variable = entry.metadata["variable"]
        if given[entry.name] is None and environment.get(variable, "") != "":
            try:
                given[entry.name] = entry.metadata["check"](environment[variable])
            except InvalidSetting as error:
                refuse(f"environment variable {variable}: {error}")
    return Options(**{name: value for name, value in given.items() if value is not None})


def refuse(sentence: str) -> NoReturn:
    """End the program as argparse does for a wrong value."""
    parser().error(sentence)
