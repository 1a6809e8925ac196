"""Values in registers and faults of a bus, as every polled protocol shares them; spoken in Modbus."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.base import BusSpec, DriverError, Finding, Quality, SignalSpec, Value
from drivers.modbus_rtu import ModbusRtu, item_of, value_in
from drivers.registers import decodings, specials, value_of
from drivers.simulated.port import WirePort
from drivers.simulated.wire_modbus import ModbusFace, checksum
from drivers.simulated.wire_xgt_cnet import CnetFace
from drivers.xgt_cnet import XgtCnet
from tests.drivers.buses import (
    DeviceGiven,
    Settings,
    bus_of,
    for_s,
    mirror,
    polled,
    pymodbus_server,
    requests,
    running,
    wrong,
)

PV: Settings = {"address": "ir:1000", "type": "s16", "scale_from": "input:1001"}


def hexed(text: str) -> bytes:
    return bytes.fromhex(text)


# --- Values


def valued(data: str, decimals: int | None = None, **given_: Value) -> tuple[Value, str]:
    return value_in(item_of("d", SignalSpec("x", {"address": "0", **given_}), 1000), hexed(data), 0, decimals)


@pytest.mark.parametrize(
    ("data", "decimals", "value"),
    [("00 E7", 1, 23.1), ("00 E7", 0, 231.0), ("FF 19", 2, -2.31), ("00 E7", 3, 0.231)],
)
def test_decimals_come_from_their_register(data: str, decimals: int, value: float) -> None:
    assert valued(data, decimals, type="s16", scale_from="1") == (value, "")


@pytest.mark.parametrize("decimals", [None, -1, 10, 65535])
def test_without_a_number_of_decimals_there_is_no_value(decimals: int | None) -> None:
    assert valued("00 E7", decimals, scale_from="1") == (None, "decimals unknown")


@pytest.mark.parametrize(
    ("data", "given_", "value"),
    [
        ("79 18", {"bad_values": "31000 = sensor open, -30000 = below the range"}, (None, "sensor open")),
        ("8A D0", {"bad_values": "31000 = sensor open, -30000 = below the range"}, (None, "below the range")),
        ("80 00", {"bad_values": "0x8000 = broken"}, (None, "broken")),
        ("79 17", {"bad_values": "31000 = sensor open"}, (30999, "")),
        ("79 18", {"range_high": 400}, (None, "out of range")),
        ("79 18", {"range_high": 4000, "scale": 0.1}, (3100.0, "")),
        ("FF FF", {"range_low": 0}, (None, "out of range")),
        ("FF FF", {"range_low": -1, "range_high": -1}, (-1, "")),
    ],
)
def test_special_values_and_what_is_out_of_range_are_no_values(
    data: str, given_: Settings, value: tuple[Value, str]
) -> None:
    assert valued(data, type="s16", **given_) == value


@pytest.mark.parametrize(
    ("given_", "part"),
    [
        ({"bad_values": "sensor open"}, "bad_values"),
        ({"bad_values": "31000 ="}, "bad_values"),
        ({"range_low": 5, "range_high": 4}, "range_low"),
        ({"type": "ascii:4", "range_low": 5}, "range_low"),
        ({"address": "co:1", "scale_from": "hr:1"}, "scale_from"),
        ({"scale_from": "co:1"}, "scale_from"),
        ({"scale_from": "70000"}, "scale_from"),
        ({"max_step": -1}, "max_step"),
    ],
)
def test_wrong_settings_of_a_value_are_named(given_: Settings, part: str) -> None:
    with pytest.raises(DriverError) as fault:
        item_of("oven", SignalSpec("temp", {"address": "0", **given_}), 1000)
    assert fault.value.detail["address"] == f"oven.temp: {part}"


@given(st.text(max_size=40))
def test_any_text_is_a_list_of_special_values_or_not(text: str) -> None:
    try:
        found = specials(text)
    except ValueError:
        return
    assert all(found.values())


@pytest.mark.parametrize("order", ["ABCD", "CDAB", "BADC", "DCBA"])
def test_four_decodings_stand_side_by_side(order: str) -> None:
    wire = {"ABCD": "41 BE 00 00", "CDAB": "00 00 41 BE", "BADC": "BE 41 00 00", "DCBA": "00 00 BE 41"}[order]
    found = decodings(hexed(wire))
    assert set(found) == {"ABCD", "CDAB", "BADC", "DCBA"}
    assert [key for key, value in found.items() if value == 23.75] == [order]
    assert decodings(hexed("00 02 00 01"), "u32") == {"ABCD": 131073, "CDAB": 65538, "BADC": 33554688, "DCBA": 16777728}
    assert decodings(hexed("7F C0 00 00"))["ABCD"] is None


@pytest.mark.parametrize(("data", "kind"), [("41 BE", "f32"), ("41 BE 00 00", "u16"), ("41 BE 00 00", "ascii:4")])
def test_a_decoding_needs_two_registers(data: str, kind: str) -> None:
    with pytest.raises(ValueError):
        decodings(hexed(data), kind)


# --- Decimals and special values on a bus


def oven(decimals: list[int], pv: list[int], far: bool = False) -> Any:
    """A controller whose value and number of decimals change from poll to poll."""
    turn = iter(zip(pv, decimals, strict=True))
    now = [0, 0]

    def registers(area: str, address: int, count: int) -> list[int]:
        if address == 1000:
            now[:] = next(turn, now)
        held = {1000: now[0], (1100 if far else 1001): now[1]}
        return [held.get(at, 0) & 0xFFFF for at in range(address, address + count)]

    return registers


def test_a_changed_number_of_decimals_applies_from_its_own_answer_on(wire: WirePort) -> None:
    registers = oven([1, 1, 2, 0, 12], [231, 31000, 2310, 23, 5])
    signals: dict[str, Settings] = {"pv": {**PV, "bad_values": "31000 = sensor open"}}
    with (
        ModbusFace(wire, {1: registers}) as face,
        running(bus_of(wire.url, {"oven": ({"unit": 1, "period_ms": 20}, signals)})) as driver,
    ):
        readings = polled(driver, lambda found: len(found) >= 5)[:5]
        assert set(face.requests_seen) == {(1, "input", 1000, 2)}
    assert [(r.value, r.note) for r in readings] == [
        (23.1, "snapshot"),
        (None, "sensor open"),
        (23.1, ""),
        (23.0, ""),
        (None, "decimals unknown"),
    ]
    assert [r.quality for r in readings] == [Quality.GOOD, Quality.BAD, Quality.GOOD, Quality.GOOD, Quality.BAD]
    assert readings[1].raw == hexed("79 18 00 01")


def test_decimals_far_away_are_read_before_what_needs_them(wire: WirePort) -> None:
    signals: dict[str, Settings] = {"pv": {**PV, "scale_from": "input:1100"}, "sv": {**PV, "scale_from": "input:1100"}}
    registers = oven([1] * 6, [231] * 6, far=True)
    with (
        ModbusFace(wire, {1: registers}) as face,
        running(bus_of(wire.url, {"oven": ({"unit": 1, "period_ms": 30}, signals)})) as driver,
    ):
        # the simulated controller knows its decimals from its first value on
        registers("input", 1000, 1)
        readings = polled(driver, lambda found: len(found) >= 4)
        assert [address for _unit, _area, address, _count in face.requests_seen[:4]] == [1100, 1000, 1100, 1000]
    assert {(r.signal, r.value) for r in readings} == {("pv", 23.1), ("sv", 23.1)}


# --- The check of a bus


def checked(devices: dict[str, DeviceGiven], port: str = "COM3", **bus: Value) -> list[Finding]:
    return ModbusRtu.check(bus_of(port, devices, **bus))


def registers(count: int, apart: int = 1) -> dict[str, Settings]:
    return {f"s{at}": {"address": str(at * apart)} for at in range(count)}


def test_the_load_of_a_wire_is_that_of_its_characters() -> None:
    """40 registers each second at 9600 Bd: (8 + 5 + 80 + 7) x 10 / 9600 = 104.2 ms."""
    bus = bus_of("COM3", {"plc": ({"unit": 1}, registers(40))}, baud=9600)
    load = ModbusRtu.load(bus, [ModbusRtu.unit_of(device) for device in bus.devices])
    assert load == pytest.approx(0.1042, abs=0.0001)
    even = BusSpec(bus.key, bus.port, {**bus.settings, "frame": "8E1"}, bus.devices)
    assert ModbusRtu.load(even, [ModbusRtu.unit_of(device) for device in bus.devices]) == pytest.approx(
        0.1146, abs=1e-4
    )


@pytest.mark.parametrize(
    ("period_ms", "kind", "percent"), [(1000, None, 0), (150, None, 0), (140, "busy_wire", 74), (100, "overload", 104)]
)
def test_a_wire_without_time_is_found(period_ms: int, kind: str | None, percent: int) -> None:
    devices: dict[str, DeviceGiven] = {"plc": ({"unit": 1, "period_ms": period_ms}, registers(40))}
    found = checked(devices, baud=9600)
    assert [(one.kind, one.refuses, one.detail["percent"]) for one in found] == (
        [(kind, kind == "overload", percent)] if kind else []
    )


def test_a_pause_before_each_request_counts() -> None:
    devices: dict[str, DeviceGiven] = {"plc": ({"unit": 1, "period_ms": 200}, registers(40))}
    assert checked(devices, baud=9600) == []
    (one,) = checked(devices, baud=9600, pause_ms=100)
    assert (one.kind, one.detail["percent"]) == ("overload", 100)


def test_behind_a_device_server_only_a_speed_that_is_written_counts() -> None:
    devices: dict[str, DeviceGiven] = {"plc": ({"unit": 1, "period_ms": 20}, registers(40))}
    bus = bus_of("socket://10.0.0.5:4001", devices, baud=9600)
    assert [one.kind for one in ModbusRtu.check(bus)] == ["overload"]
    silent = {key: value for key, value in bus.settings.items() if key != "baud"}
    assert ModbusRtu.check(BusSpec(bus.key, bus.port, silent, bus.devices)) == []


def test_everything_that_is_wrong_is_found_at_once() -> None:
    found = checked(
        {
            "a": ({"unit": 1}, {"x": {"address": "70000"}, "y": {"address": "0", "type": "u64"}}),
            "b": ({"unit": 1}, {"x": {"address": "0"}}),
            "c": ({"unit": 1}, {"x": {"address": "0"}}),
        }
    )
    assert [(one.kind, one.device, one.signal, one.setting) for one in found] == [
        ("wrong", "a", "x", "address"),
        ("wrong", "a", "y", "type"),
        ("same_unit", "c", "", "unit"),
    ]
    assert found[2].detail == {"number": 1, "other": "b"}
    assert all(one.refuses for one in found)


def test_requests_that_cannot_be_told_apart_are_a_warning() -> None:
    (one,) = checked({"a": ({"unit": 1, "max_gap": 0}, registers(2, 50))})
    assert (one.kind, one.refuses, one.device, one.setting) == ("alike", False, "a", "max_gap")
    assert one.detail == {"first": "holding:0", "second": "holding:50"}
    assert checked({"a": ({"unit": 1}, registers(2, 50))}) == []


# --- Faults


def test_one_answer_in_twenty_is_spoiled_and_no_value_is_wrong(wire: WirePort) -> None:
    """Flipped, cut and re-addressed answers: 5 % of them."""
    dice = random.Random(3)
    spoiled = [0]

    def spoil(unit: int, answer: bytes) -> bytes:
        if dice.random() >= 0.05:
            return answer
        spoiled[0] += 1
        at = dice.randrange(len(answer))
        return [
            answer[:at] + bytes((answer[at] ^ 1 << dice.randrange(8),)) + answer[at + 1 :],
            answer[:at],
            bytes((unit % 247 + 1,)) + answer[1:],
        ][spoiled[0] % 3]

    signals: dict[str, Settings] = {str(at): {"address": str(at)} for at in (10, 20, 30)}
    with (
        ModbusFace(wire, {1: mirror}, spoil),
        running(
            bus_of(wire.url, {"dev": ({"unit": 1, "period_ms": 10, "max_gap": 0}, signals)}, timeout_ms=50)
        ) as driver,
    ):
        readings = polled(driver, lambda found: spoiled[0] >= 6 and found)
        assert [(fault.kind, fault.partial) for fault in driver.faults().values()] == [("noisy", True)]
    assert len(readings) > 50
    assert wrong(readings) == []


SPOILED: dict[str, Callable[[bytes], bytes | None]] = {
    "flipped": lambda answer: answer[:-1] + bytes((answer[-1] ^ 4,)),
    "cut": lambda answer: answer[:-2],
    "lost": lambda _answer: None,
}


@pytest.mark.parametrize("how", SPOILED)
@pytest.mark.parametrize(
    ("settings", "times"),
    [({}, 2), ({"max_gap": 0}, 3)],  # answers of one length may be those of another block: the next one is the proof
)
def test_a_request_whose_answer_is_spoiled_is_repeated_once_before_any_other(
    wire: WirePort, settings: Settings, times: int, how: str
) -> None:
    answers = [0]
    failed: list[tuple[int, str, int, int]] = []

    def spoil(_unit: int, answer: bytes) -> bytes | None:
        answers[0] += 1
        if answers[0] not in (5, 9):
            return answer
        failed.append(face.requests_seen[-1])
        return SPOILED[how](answer)

    signals: dict[str, Settings] = {str(at): {"address": str(at)} for at in (10, 200, 400)}
    device: DeviceGiven = ({"unit": 1, "period_ms": 10, **settings}, signals)
    with (
        ModbusFace(wire, {1: mirror}, spoil) as face,
        running(bus_of(wire.url, {"dev": device}, timeout_ms=200)) as driver,
    ):
        readings = polled(driver, lambda _: answers[0] >= 15)
        assert driver.faults() == {}
    assert wrong(readings) == []
    in_a_row = [(request, len(list(again))) for request, again in groupby(face.requests_seen)]
    assert [(request, count) for request, count in in_a_row if count != 1] == [(request, times) for request in failed]


def test_two_devices_of_one_number_are_suspected_until_one_is_gone(
    wire: WirePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their answers collide: what arrives begins as an answer and is damaged; the other unit is well."""
    monkeypatch.setattr("drivers.polling.BACK_OFF_S", (0.2, 0.4, 0.4))
    both = threading.Event()
    both.set()

    def collide(unit: int, answer: bytes) -> bytes:
        if unit == 1 or not both.is_set():
            return answer
        return answer[:3] + bytes(byte & 0x5A for byte in answer[3:-2]) + answer[-2:]

    devices: dict[str, DeviceGiven] = {
        f"d{unit}": ({"unit": unit, "period_ms": 20}, {str(at): {"address": str(at)} for at in (255, 256)})
        for unit in (1, 2)
    }
    with ModbusFace(wire, {1: mirror, 2: mirror}, collide), running(bus_of(wire.url, devices, timeout_ms=50)) as driver:
        readings = polled(driver, lambda _: driver.faults())
        fault = driver.faults()["d2"]
        assert (fault.kind, fault.detail) == ("same_address", {"unit": 2})
        assert set(driver.faults()) == {"d2"}
        assert {r.device for r in readings} == {"d1"}
        both.clear()
        back = polled(driver, lambda found: not driver.faults() and {r.device for r in found} == {"d1", "d2"})
    assert wrong(back) == []


def test_a_second_answer_to_each_request_is_two_devices_of_one_number(wire: WirePort) -> None:
    """The slower one answers a little later, with values of its own. What nobody can tell apart is not told."""
    both = threading.Event()
    both.set()

    def twice(unit: int, answer: bytes) -> bytes:
        if both.is_set():
            wire.write(answer)
            time.sleep(0.01)
            other = answer[:3] + b"\x7f\x7f"
            return other + checksum(other)
        return answer

    devices: dict[str, DeviceGiven] = {"dev": ({"unit": 1, "period_ms": 40}, {"7": {"address": "7"}})}
    with ModbusFace(wire, {1: mirror}, twice), running(bus_of(wire.url, devices, timeout_ms=60)) as driver:
        polled(driver, lambda _: driver.faults())
        assert driver.faults()["dev"].kind == "same_address"
        assert for_s(driver, 0.3) == []
        both.clear()
        back = polled(driver, lambda found: found and not driver.faults())
    assert back[-1].value == 7


def test_two_answers_in_one_breath_are_none(wire: WirePort) -> None:
    def twice(unit: int, answer: bytes) -> bytes:
        return answer + answer

    devices: dict[str, DeviceGiven] = {"dev": ({"unit": 1, "period_ms": 10}, {"7": {"address": "7"}})}
    with ModbusFace(wire, {1: mirror}, twice), running(bus_of(wire.url, devices, timeout_ms=50)) as driver:
        assert polled(driver, lambda _: driver.faults()) == []
        assert driver.faults()["dev"].kind == "same_address"


@pytest.mark.parametrize(("code", "kind"), [(5, "busy"), (6, "busy"), (4, "device_trouble"), (11, "device_trouble")])
def test_a_refusal_that_passes_is_no_fault_of_the_settings(wire: WirePort, code: int, kind: str) -> None:
    refusal = bytes((1, 0x83, code))
    devices: dict[str, DeviceGiven] = {"dev": ({"unit": 1, "period_ms": 10}, {"7": {"address": "7"}})}
    with (
        ModbusFace(wire, {1: mirror}, lambda _unit, _answer: refusal + checksum(refusal)),
        running(bus_of(wire.url, devices)) as driver,
    ):
        readings = polled(driver, lambda found: len(found) >= 2)
        assert {(reading.value, reading.quality) for reading in readings} == {(None, Quality.BAD)}
        fault = driver.faults()["dev"]
        assert (fault.kind, fault.needs_person, fault.detail["code"]) == (kind, False, code)
        left_alone_s = (readings[1].mono_ns - readings[0].mono_ns) / 1e9
        assert (left_alone_s > 0.28) is (kind == "busy")


def test_many_dead_units_do_not_starve_a_live_one(wire: WirePort) -> None:
    """Five of six are dead. The live one keeps its period but for the one time-out that a look at a dead one takes."""
    devices: dict[str, DeviceGiven] = {
        f"d{unit}": ({"unit": unit, "period_ms": 50}, {"7": {"address": "7"}}) for unit in range(1, 7)
    }
    with ModbusFace(wire, {3: mirror}), running(bus_of(wire.url, devices, timeout_ms=50)) as driver:
        polled(driver, lambda _: len(driver.faults()) == 5)
        asked = sum(requests(driver, unit) for unit in (1, 2, 4, 5, 6))
        readings = for_s(driver, 1.5)
        at = [reading.mono_ns for reading in readings]
        assert {reading.device for reading in readings} == {"d3"}
        assert len(at) >= 20
        assert max(b - a for a, b in pairwise(at)) < 250e6
        assert sum(requests(driver, unit) for unit in (1, 2, 4, 5, 6)) - asked <= 10


# --- pymodbus as a peer that is late


@contextmanager
def late_server(registers: list[int], lateness: Iterator[float]) -> Iterator[int]:
    """A pymodbus server whose answers wait: it holds each frame back for the next time of `lateness`."""

    async def late(*_words: Any) -> None:
        await asyncio.sleep(next(lateness))

    device = SimDevice(1, [SimData(0, values=registers, datatype=DataType.REGISTERS)], action=late)
    with pymodbus_server(device) as port:
        yield port


def test_a_late_answer_of_pymodbus_never_becomes_another_registers_value() -> None:
    dice = random.Random(9)
    told: list[float] = []

    def lateness() -> Iterator[float]:
        while True:
            told.append(0.15 if dice.random() < 0.2 else 0.002)
            yield told[-1]

    signals: dict[str, Settings] = {str(at): {"address": str(at)} for at in (10, 20, 30, 40)}
    devices: dict[str, DeviceGiven] = {"dev": ({"unit": 1, "period_ms": 10, "max_gap": 0}, signals)}
    with (
        late_server(list(range(100)), lateness()) as port,
        running(bus_of(f"socket://127.0.0.1:{port}", devices, timeout_ms=60)) as driver,
    ):
        readings = for_s(driver, 2.0)
    assert told.count(0.15) >= 3
    assert len(readings) >= 8
    assert wrong(readings) == []


# --- The bytes of each value, for a person who looks


def mirrored(name: str, count: int) -> list[int]:
    """The same of a station: words by their number, bits by whether it is odd."""
    first = int(name[3:])
    return [first % 2] if name[2] == "X" else list(range(first, first + count))


@pytest.mark.parametrize(
    ("kind", "face", "number", "signals"),
    [
        (
            ModbusRtu,
            lambda wire: ModbusFace(wire, {1: mirror}),
            "unit",
            {
                "word": ({"address": "hr:300"}, "hr:300", "012c"),
                "bit": ({"address": "hr:301.2"}, "hr:301.2", "012d"),
                "wide": ({"address": "hr:302", "type": "u32", "order": "CDAB"}, "hr:302", "012e012f"),
                "coil": ({"address": "co:12"}, "co:12", None),
                "text": ({"address": "hr:304", "type": "ascii:3"}, "hr:304", "01300131"),
            },
        ),
        (
            XgtCnet,
            lambda wire: CnetFace(wire, {1: mirrored}),
            "station",
            {
                "word": ({"address": "D300"}, "%DW300", "012c"),
                "bit": ({"address": "D301.A"}, "%DW301.A", "012d"),
                "wide": ({"address": "%DW302", "type": "u32"}, "%DW302", "012e012f"),
                "single": ({"address": "%MX11"}, "%MX11", None),
            },
        ),
    ],
)
def test_each_value_brings_its_own_bytes_where_they_are_asked_for(
    kind: Any, face: Any, number: str, signals: dict[str, tuple[Settings, str, str | None]], wire: WirePort
) -> None:
    plain = bus_of(wire.url, {"d": ({number: 1}, {key: settings for key, (settings, _w, _r) in signals.items()})})
    with face(wire):
        for spec in (plain, replace(plain, raw=True)):
            with running(spec, kind=kind) as driver:
                found = polled(driver, lambda found: {r.signal for r in found} == set(signals))
            readings = {reading.signal: reading for reading in found}
            for signal in spec.devices[0].signals:
                reading, (_settings, where, raw) = readings[signal.key], signals[signal.key]
                item = kind.items_of("d", signal, 1000)[-1]
                assert kind.item_where(item) == where
                if not spec.raw:
                    assert reading.raw == b""
                elif raw is None:
                    assert len(reading.raw) == 1
                else:
                    assert reading.raw.hex() == raw
                    assert value_of(item, reading.raw)[0] == reading.value
