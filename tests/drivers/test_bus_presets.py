"""The presets of polled devices against the bytes of the makers' manuals."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from drivers import catalog
from drivers.base import Quality
from drivers.modbus_rtu import crc16
from drivers.simulated.port import WirePort
from drivers.simulated.wire_xgt_cnet import bcc
from tests.drivers.buses import Script, Settings, bus_of, polled, running

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "devices"
TABLES: dict[str, dict[str, Any]] = {
    path.stem: table
    for path in sorted(FOLDER.glob("*.toml"))
    if (table := tomllib.loads(path.read_text("utf-8")))["driver"] in ("modbus_rtu", "xgt_cnet")
}
READS = bytes.fromhex("01 04 03 E8 00 06 F0 78")
ANSWER = bytes.fromhex("01 04 0C 00 E7 00 01 00 00 00 FA 01 F4 00 00 4D 8A")


def sealed(text: str) -> bytes:
    frame = bytes.fromhex(text)
    return frame + crc16(frame)


def cnet(text: bytes) -> bytes:
    return text + bcc(text)


def spoken(wire: WirePort, name: str, exchanges: list[tuple[bytes, bytes]], leave_out: tuple[str, ...] = ()) -> Any:
    """What the driver makes of a conversation, by signal; the requests must be those."""
    table = TABLES[name]
    form = catalog.settings(table["driver"])
    known = {setting.key for setting in form.signal} - {"unit"}
    signals: dict[str, Settings] = {
        signal["key"]: {key: value for key, value in signal.items() if key in known}
        for signal in table["signal"]
        if signal["key"] not in leave_out
    }
    peer = Script(wire, exchanges)
    peer.start()
    device: Settings = dict(table["device"])
    bus = bus_of(wire.url, {"dev": (device, signals)}, **{**table["bus"], "timeout_ms": 1000})
    assert catalog.load(table["driver"]).check(bus) == []
    with running(bus, kind=catalog.load(table["driver"])) as driver:  # type: ignore[type-var]
        readings = polled(driver, lambda found: {reading.signal for reading in found} == set(signals))
        assert driver.faults() == {}
    peer.join()
    assert peer.heard == [request for request, _ in exchanges]
    return {reading.signal: reading for reading in readings}


def test_autonics_tk_reads_what_its_manual_answers(wire: WirePort) -> None:
    """23.1 °C, 25.0 °C, 50.0 %; without the indicators the request is the manual's to the byte."""
    found = spoken(wire, "autonics-tk", [(READS, ANSWER)], ("output", "alarm_1", "alarm_2"))
    assert {key: reading.value for key, reading in found.items()} == {
        "pv": 23.1,
        "sv": 25.0,
        "heating": 50.0,
        "cooling": 0.0,
    }


@pytest.mark.parametrize(
    ("raw", "value", "note"),
    [("00 E7", 23.1, "snapshot"), ("79 18", None, "sensor open"), ("75 30", None, "above the range"),
     ("8A D0", None, "below the range"), ("FF 9C", -10.0, "snapshot")],
)  # fmt: skip
def test_an_open_sensor_of_autonics_tk_is_no_temperature(
    wire: WirePort, raw: str, value: float | None, note: str
) -> None:
    answer = sealed(f"01 04 0E {raw} 00 01 00 00 00 FA 01 F4 00 00 02 08")
    found = spoken(wire, "autonics-tk", [(sealed("01 04 03 E8 00 07"), answer)])
    assert (found["pv"].value, found["pv"].note) == (value, note)
    assert found["pv"].quality is (Quality.BAD if value is None else Quality.GOOD)
    shown = {key: found[key].value for key in ("sv", "output", "alarm_1", "alarm_2")}
    assert shown == {"sv": 25.0, "output": True, "alarm_1": True, "alarm_2": False}


def test_autonics_ct_has_the_low_word_first(wire: WirePort) -> None:
    found = spoken(wire, "autonics-ct", [(sealed("01 04 03 EB 00 03"), sealed("01 04 06 E2 40 00 01 00 00"))])
    assert found["total"].value == 123456


@pytest.mark.parametrize("name", ["ls-xgb-modbus", "ls-xgk-modbus"])
def test_ls_plcs_as_modbus_servers(wire: WirePort, name: str) -> None:
    exchange = (sealed("01 03 00 00 00 06"), sealed("01 03 0C 00 01 00 00 E2 40 00 01 00 07 00 00"))
    found = spoken(wire, name, [exchange])
    assert {key: reading.value for key, reading in found.items()} == {"state": 1, "good": 123456, "reject": 7}


@pytest.mark.parametrize("name", ["ls-xgb-cnet", "ls-xgk-cnet"])
@pytest.mark.parametrize("count", [b"", b"01"])
def test_ls_plcs_by_their_own_protocol(wire: WirePort, name: str, count: bytes) -> None:
    exchange = (
        cnet(b"\x0501rSB06%DW10006\x04"),
        cnet(b"\x0601rSB" + count + b"0C" + b"000100" + b"00E24000" + b"0100070000" + b"\x03"),
    )
    found = spoken(wire, name, [exchange])
    assert {key: reading.value for key, reading in found.items()} == {"state": 1, "good": 123456, "reject": 7}


def test_a_generic_counter(wire: WirePort) -> None:
    found = spoken(wire, "modbus-counter", [(sealed("01 03 00 00 00 02"), sealed("01 03 04 00 01 E2 40"))])
    assert found["total"].value == 123456


def test_a_dry_contact_and_a_pulse_counter(wire: WirePort) -> None:
    exchanges = [
        (sealed("01 02 00 00 00 01"), sealed("01 02 01 01")),
        (sealed("01 04 00 02 00 02"), sealed("01 04 04 00 00 01 00")),
    ]
    found = spoken(wire, "modbus-digital-input", exchanges)
    assert (found["running"].value, found["total"].value) == (True, 256)


@pytest.mark.parametrize(("raw", "value"), [("04 D2", 12.34), ("00 00", 0.0), ("FF FF", None)])
def test_a_current_transformer(wire: WirePort, raw: str, value: float | None) -> None:
    found = spoken(wire, "modbus-current", [(sealed("01 04 00 00 00 01"), sealed(f"01 04 02 {raw}"))])
    assert found["current"].value == value


def test_every_preset_of_a_bus_is_spoken_with() -> None:
    assert set(TABLES) == {
        "autonics-tk", "autonics-ct", "ls-xgb-modbus", "ls-xgk-modbus", "ls-xgb-cnet", "ls-xgk-cnet",
        "modbus-counter", "modbus-digital-input", "modbus-current",
    }  # fmt: skip
