"""What is known of devices, ready made: resources/states (what states mean) and resources/devices, one file a preset.

An import writes them out: the codes of a state preset into its signal, a device preset into bus, device and signals.
So each device may differ, and an export says what holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from desktop.text import _

_RESOURCES = Path(__file__).resolve().parents[2] / "resources"
_FOLDER = _RESOURCES / "states"
_DEVICES = _RESOURCES / "devices"


def names() -> list[str]:
    """The presets of states that there are."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


@lru_cache(maxsize=16)
def codes(name: str) -> dict[str, str]:
    """The device's words of a preset -> State. Raises OSError where there is none of that name."""
    with (_FOLDER / f"{name}.toml").open("rb") as stream:
        table: dict[str, str] = tomllib.load(stream)["codes"]
    return table


class DevicePreset(Struct, frozen=True):
    """A kind of device as its file in resources/devices says it.

    `title` is maker and model, `kind` what it is (scanner scale gauge torque counter controller plc machine), `source`
    the manual, `tried` whether a real device has been connected with it. `bus`, `device` and `signals` are keys of the
    configuration file, those of Gadong and those of the driver side by side.
    """

    key: str
    title: str
    kind: str
    driver: str
    source: str
    tried: bool
    notes: tuple[str, ...]
    bus: Mapping[str, Any]
    device: Mapping[str, Any]
    signals: tuple[Mapping[str, Any], ...]

    def hints(self) -> list[str]:
        """What the person who sets the device up should know, in the language in use."""
        untried = (
            [] if self.tried else [_("Made from the manual, not tried on the real device: compare the first values.")]
        )
        return [*(_(note) for note in self.notes), *untried]


def device_names() -> list[str]:
    """The keys of the device presets."""
    return sorted(file.stem for file in _DEVICES.glob("*.toml"))


@lru_cache(maxsize=64)
def device(name: str) -> DevicePreset:
    """The device preset of that key. Raises OSError where there is none, KeyError where its file lacks a key."""
    with (_DEVICES / f"{name}.toml").open("rb") as stream:
        table = tomllib.load(stream)
    return DevicePreset(
        name,
        table["title"],
        table["kind"],
        table["driver"],
        table["source"],
        table["tried"],
        tuple(table.get("notes", ())),
        table.get("bus", {}),
        table.get("device", {}),
        tuple(table.get("signal", ())),
    )


def filled(given: Mapping[str, Any], preset: DevicePreset) -> dict[str, Any]:
    """A device of a file with what its preset adds: what the file says itself wins, signals of a key become one."""
    table = {**preset.device, **{key: value for key, value in given.items() if key != "preset"}}
    own = table.get("signal", [])
    if not isinstance(own, list) or any(not isinstance(signal, dict) for signal in own):
        return table  # which is said by the checks
    rest = list(own)
    signals = []
    for suggested in preset.signals:
        same = next((signal for signal in rest if signal.get("key") == suggested["key"]), None)
        if same is not None:
            rest.remove(same)
        signals.append({**suggested, **(same or {})})
    table["signal"] = [*signals, *rest]
    return table
