"""Presets of devices: each is in order; a file that names one means what it says and, behind that, the preset."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from desktop import configuration, text
from desktop.command_line import main
from desktop.configuration import ConfigurationError, presets
from desktop.domain.events import Role
from desktop.store import database
from desktop.store.database import Store
from drivers import catalog
from installer import texts

ROOT = Path(__file__).resolve().parents[1]
KEYS = presets.device_names()
KINDS = {"scanner", "scale", "gauge", "torque", "counter", "controller", "plc", "machine"}
KOREAN = {str(message.id): str(message.string) for message in texts.read_catalogue(texts.KOREAN) if message.id}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = database.create(tmp_path / "data")
    yield opened
    opened.close()


def port(number: int, bus: dict[str, Any]) -> str:
    """A port that goes with the driver of a bus, which may be that of its first device's preset."""
    name = bus["device"][0].get("preset") if bus.get("device") else None
    driver = presets.device(name).driver if name in presets.device_names() else bus.get("driver")
    return f"opc.tcp://10.0.0.{number}" if driver == "opc_ua" else f"COM{number}"


def shop(*buses: dict[str, Any]) -> str:
    return tomli_w.dumps(
        {
            "format": 1,
            "plant": {"name": "P", "line": "L"},
            "machine": [{"code": "PR", "name": "Press"}],
            "bus": [{"key": f"bus-{at}", "port": port(at, bus), **bus} for at, bus in enumerate(buses, 1)],
        }
    )


def device(key: str, preset: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "preset": preset, **more}


def faults(toml: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as error:
        configuration.parse(toml)
    return error.value.faults


@pytest.mark.parametrize("key", KEYS)
def test_every_preset_is_in_order(key: str, store: Store) -> None:
    """Its settings are the driver's, it works with nothing but machines named, and says where it comes from."""
    preset = presets.device(key)
    table = tomllib.loads((ROOT / "resources" / "devices" / f"{key}.toml").read_text(encoding="utf-8"))
    assert set(table) <= {"title", "kind", "driver", "source", "tried", "notes", "bus", "device", "signal"}
    assert preset.driver in catalog.DRIVERS
    assert preset.kind in KINDS
    assert preset.title
    assert preset.source
    assert preset.tried is False  # nobody has had one on the bench yet
    assert [note for note in preset.notes if not KOREAN.get(note)] == []
    assert preset.signals
    assert len({signal["key"] for signal in preset.signals}) == len(preset.signals)
    own = [{"key": signal["key"], "machine": "PR"} for signal in preset.signals]
    wanted = configuration.parse(shop({"device": [device("d", key, signal=own)]}))
    (bus,) = wanted.buses
    assert bus["driver"] == preset.driver
    assert bus["settings"].items() >= preset.bus.items()
    form = catalog.settings(preset.driver)
    assert set(bus["device"][0]["settings"]) <= {setting.key for setting in form.device}
    assert [name for name, _preset in wanted.presets] == ["d"]
    configuration.apply(store, wanted)
    first = configuration.export(store)
    assert "preset" not in tomllib.loads(first)["bus"][0]["device"][0]
    configuration.apply(store, configuration.parse(first))
    assert configuration.export(store) == first


def test_what_the_file_says_itself_wins_and_signals_of_a_key_become_one() -> None:
    own = [{"key": "weight", "unit": "g", "limit_high": 9.5}, {"key": "kind", "role": "alarm_text", "field": "kind"}]
    (bus,) = configuration.parse(shop({"baud": 19200, "device": [device("s", "cas-22", limit=64, signal=own)]})).buses
    assert (bus["driver"], bus["settings"]) == ("text_line", {"baud": 19200, "frame": "8N1"})
    (scale,) = bus["device"]
    assert scale["settings"]["columns"] == presets.device("cas-22").device["columns"]
    assert scale["settings"]["limit"] == 64
    weight, kind = scale["signal"]
    assert (weight["key"], weight["unit"], weight["role"], weight["limit_high"]) == ("weight", "g", Role.MEASURE, 9.5)
    assert weight["settings"] == {"number": True}
    assert kind["settings"] == {"field": "kind"}
    assert presets.device("cas-22").signals[0]["unit"] == "kg"  # a file changes no preset


def test_an_unknown_preset_names_the_nearest_and_nothing_else_is_blamed() -> None:
    (fault,) = faults(shop({"device": [device("s", "cas-2")]}))
    assert 'bus[bus-1].device[s].preset = "cas-2"' in fault
    assert "did you mean cas-22?" in fault
    (fault,) = faults(shop({"driver": "text_line", "device": [{"key": "s", "preset": 22, "signal": []}]}))
    assert "preset = 22: must be text" in fault


def test_a_preset_of_another_driver_is_refused() -> None:
    (fault,) = faults(shop({"driver": "modbus_rtu", "device": [device("s", "cas-22")]}))
    assert 'belongs to the driver text_line, but the bus has driver = "modbus_rtu"' in fault


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Two controllers that want different speeds of the wire that they may share."""
    head = 'title = "T"\nkind = "controller"\ndriver = "modbus_rtu"\nsource = "S"\ntried = false\n'
    for name, baud in (("slow", 9600), ("fast", 19200)):
        signal = '[[signal]]\nkey = "pv"\nrole = "measure"\naddress = "ir:1000"\n'
        (tmp_path / f"{name}.toml").write_text(f"{head}[bus]\nbaud = {baud}\n{signal}", encoding="utf-8")
    monkeypatch.setattr(presets, "_DEVICES", tmp_path)
    presets.device.cache_clear()
    yield
    presets.device.cache_clear()


@pytest.mark.usefixtures("two")
def test_devices_on_one_bus_must_agree_unless_the_bus_says_it_itself() -> None:
    pair = [device("a", "slow", unit=1), device("b", "fast", unit=2)]
    (fault,) = faults(shop({"device": pair}))
    assert 'device[b].preset = "fast": does not agree with preset slow: that says baud = 9600, this one 19200' in fault
    (bus,) = configuration.parse(shop({"baud": 4800, "device": pair})).buses
    assert bus["settings"] == {"baud": 4800}
    (bus,) = configuration.parse(shop({"device": [pair[0], device("b", "slow", unit=2)]})).buses
    assert bus["settings"] == {"baud": 9600}


def test_an_import_tells_what_to_look_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "line.toml"
    file.write_text(shop({"device": [device("s", "cas-22")]}), encoding="utf-8")
    try:
        assert main(["--lang", "en", "config", "check", str(file)]) == 0
        said = capsys.readouterr().out
        assert presets.device("cas-22").notes[0] in said
        assert "not tried on the real device" in said
        assert main(["--lang", "ko", "config", "check", str(file)]) == 0
        assert KOREAN[presets.device("cas-22").notes[0]] in capsys.readouterr().out
    finally:
        text.use("en")
