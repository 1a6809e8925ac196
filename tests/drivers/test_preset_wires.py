"""Every preset of a line device against the bytes of its maker's manual, on a wire."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from desktop import configuration
from desktop.clock import REAL
from desktop.configuration import presets
from drivers.base import BusSpec, DeviceSpec, Driver, Quality, Reading, SignalSpec
from drivers.mt_sics import MtSics
from drivers.simulated.port import WirePort
from drivers.simulated.wire_sics import SicsFace
from drivers.text_line import TextLine
from tests.waiting import wait_for

WIRES = Path(__file__).parents[1] / "data" / "wires" / "presets"
KEYS = [key for key in presets.device_names() if presets.device(key).driver == "text_line"]
UNCERTAIN = ("unstable", "unit")


def spec(key: str, port: str, **device: Any) -> BusSpec:
    """What the driver is given for a preset, with a machine at each signal."""
    signals = [{"key": signal["key"], "machine": "PR"} for signal in presets.device(key).signals]
    toml = {
        "format": 1,
        "plant": {"name": "P", "line": "L"},
        "machine": [{"code": "PR", "name": "Press"}],
        "bus": [{"key": "b", "port": port, "device": [{"key": "dev", "preset": key, "signal": signals, **device}]}],
    }
    (bus,) = configuration.parse(tomli_w.dumps(toml)).buses
    (table,) = bus["device"]
    made = tuple(SignalSpec(signal["key"], signal["settings"], signal["unit"]) for signal in table["signal"])
    return BusSpec("b", port, bus["settings"], (DeviceSpec("dev", table["settings"], made),))


def hear(wire: WirePort, driver: Driver, query: bytes) -> None:
    """Wait until the driver has asked, with this query and nothing else."""
    heard = b""

    def asked() -> bool:
        nonlocal heard
        driver.poll()
        heard += wire.read()
        return query in heard

    wait_for(asked)
    assert heard.replace(query, b"") == b""


def read(driver: Driver, signals: set[str]) -> list[Reading]:
    """What the driver reads until each of these signals came."""
    readings: list[Reading] = []

    def all_there() -> bool:
        readings.extend(driver.poll())
        return {reading.signal for reading in readings} >= signals

    wait_for(all_there)
    return readings


@pytest.mark.parametrize("key", KEYS)
def test_conversation(key: str, tmp_path: Path) -> None:
    frames: list[dict[str, Any]] = tomllib.loads((WIRES / f"{key}.toml").read_text("utf-8"))["frame"]
    with WirePort(tmp_path / "wire", "socket" if sys.platform == "win32" else "pty") as wire:
        driver = TextLine(spec(key, wire.url, **({"period_ms": 50} if "sent" in frames[0] else {})), REAL)
        driver.open()
        try:
            wait_for(lambda: wire.listening)
            for seq, frame in enumerate(frames, 1):
                raw = frame["wire"].encode("latin-1")
                if asked := frame.get("sent", "").encode():
                    hear(wire, driver, asked)
                assert wire.write(raw) == len(raw)
                fields, notes = frame.get("fields", {}), frame.get("notes", {})
                readings = read(driver, {*fields, *notes})
                assert {reading.signal: (reading.value, reading.note) for reading in readings} == {
                    signal: (fields.get(signal), notes.get(signal, "")) for signal in {*fields, *notes}
                }
                for reading in readings:
                    assert reading.seq == seq
                    assert reading.raw in raw
                    assert reading.aim == frame.get("aim", "")
                    known = Quality.UNCERTAIN if reading.note in UNCERTAIN else Quality.GOOD
                    assert reading.quality == (Quality.BAD if reading.value is None else known)
        finally:
            driver.close()


@pytest.mark.parametrize("key", [key for key in presets.device_names() if presets.device(key).driver == "mt_sics"])
def test_a_balance_is_read_with_its_preset(key: str, tmp_path: Path) -> None:
    with WirePort(tmp_path / "wire", "socket" if sys.platform == "win32" else "pty") as wire, SicsFace(wire) as face:
        driver = MtSics(spec(key, wire.url, period_ms=50), REAL)
        driver.open()
        try:
            (weight, *_) = read(driver, {"weight"})
            known = presets.device(key).signals[0]["unit"]
            assert (weight.value, weight.note) == (100.0, "" if known == "g" else "unit")
            assert presets.device(key).device["ask"] in face.commands_seen
            assert face.changes_seen == []
        finally:
            driver.close()
