"""The Modbus RTU master: bytes, addresses, values, blocks, and what it does when the bus misbehaves."""

from __future__ import annotations

import random
import threading
import time
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.client import ModbusTcpClient
from pymodbus.framer import FramerType
from pymodbus.framer.rtu import FramerRTU
from pymodbus.simulator import DataType, SimData, SimDevice

from desktop.clock import REAL, starting_at
from drivers.base import DriverError, Quality, Reading, SignalSpec, Value
from drivers.modbus_rtu import ModbusRtu, crc16, examine, item_of, locate, read_request, value_in
from drivers.polling import BACK_OFF_S, Block, Unit, plan
from drivers.registers import Item, Place
from drivers.simulated.port import WirePort
from drivers.simulated.wire_modbus import ModbusFace, Registers, checksum
from tests.drivers.buses import (
    DeviceGiven,
    Script,
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
from tests.waiting import wait_for

WIRES = Path(__file__).parents[1] / "data" / "wires"
CONVERSATIONS = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(WIRES.glob("*.toml"))}


def hexed(text: str) -> bytes:
    return bytes.fromhex(text)


# --- Frames


@pytest.mark.parametrize(
    ("request_", "frame"),
    [
        ((1, 3, 0, 0x28), "01 03 00 00 00 28 45 D4"),
        ((1, 4, 0x3E8, 6), "01 04 03 E8 00 06 F0 78"),
        ((1, 1, 0x13, 0x13), "01 01 00 13 00 13 8C 02"),
    ],
)
def test_requests_are_those_of_the_manuals(request_: tuple[int, int, int, int], frame: str) -> None:
    assert read_request(*request_) == hexed(frame)


@pytest.mark.parametrize("function", [0, 5, 6, 7, 8, 15, 16, 22, 23, 43, 0x83])
def test_no_request_can_be_made_that_is_not_a_read(function: int) -> None:
    with pytest.raises(ValueError):
        read_request(1, function, 0, 1)


@given(st.binary(min_size=1, max_size=260))
def test_the_checksum_is_that_of_two_others(data: bytes) -> None:
    assert crc16(data) == FramerRTU.compute_CRC(data).to_bytes(2, "big") == checksum(data)


REQUEST = hexed("01 04 03 E8 00 06 F0 78")
ANSWER = hexed("01 04 0C 00 E7 00 01 00 00 00 FA 01 F4 00 00 4D 8A")
REFUSAL = hexed("01 84 02") + crc16(hexed("01 84 02"))


def test_an_answer_is_cut_by_its_expected_length() -> None:
    for size in range(len(ANSWER)):
        assert examine(ANSWER[:size], REQUEST) is None
    answer = examine(ANSWER, REQUEST)
    assert answer is not None
    assert (answer.data, answer.code, answer.wrong) == (ANSWER[3:-2], 0, "")
    for size in range(len(REFUSAL)):
        assert examine(REFUSAL[:size], REQUEST) is None
    refused = examine(REFUSAL, REQUEST)
    assert refused is not None
    assert (refused.code, refused.wrong) == (2, "")


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        ("02", "unit 2"),
        ("01 03", "function 3"),
        ("01 83", "function 131"),
        ("01 04 0A", "10 bytes"),
        ("01 04 03", "3 bytes"),  # an echo of the request
    ],
)
def test_what_is_not_the_answer_is_seen_at_once(heard: str, why: str) -> None:
    answer = examine(hexed(heard), REQUEST)
    assert answer is not None
    assert why in answer.wrong


def test_bytes_behind_an_answer_spoil_it() -> None:
    answer = examine(ANSWER + b"\0", REQUEST)
    assert answer is not None
    assert answer.wrong == "too long"


def test_no_single_flipped_bit_passes() -> None:
    for frame in (ANSWER, REFUSAL):
        for bit in range(8 * len(frame)):
            spoiled = bytearray(frame)
            spoiled[bit // 8] ^= 1 << bit % 8
            answer = examine(bytes(spoiled), REQUEST)
            assert answer is None or answer.wrong, f"bit {bit}"


@given(st.binary(max_size=300))
def test_noise_is_never_an_answer(noise: bytes) -> None:
    answer = examine(noise, REQUEST)
    assert answer is None or answer.wrong or crc16(noise[:-2]) == noise[-2:]


# --- Addresses and values


@pytest.mark.parametrize(
    ("text", "area", "place"),
    [
        ("0", "", Place("holding", 0)),
        ("100", "", Place("holding", 100)),
        ("100", "input", Place("input", 100)),
        ("9999", "coil", Place("coil", 9999)),
        ("65535", "holding", Place("holding", 65535)),
        ("50000", "holding", Place("holding", 50000)),
        ("40001", "", Place("holding", 0)),
        ("40101", "holding", Place("holding", 100)),
        ("30001", "", Place("input", 0)),
        ("10001", "", Place("discrete", 0)),
        ("00017", "", Place("coil", 16)),
        ("400001", "", Place("holding", 0)),
        ("465536", "", Place("holding", 65535)),
        ("4x101", "", Place("holding", 100)),
        ("4X00101", "", Place("holding", 100)),
        ("3x1", "", Place("input", 0)),
        ("1x1", "", Place("discrete", 0)),
        ("0x10", "", Place("coil", 9)),
        ("hr:100", "", Place("holding", 100)),
        ("HR : 40001", "", Place("holding", 40001)),
        ("ir:0x3E8", "", Place("input", 1000)),
        ("input:1001", "input", Place("input", 1001)),
        ("co:5", "", Place("coil", 5)),
        ("di:5", "", Place("discrete", 5)),
        ("hr:100.9", "", Place("holding", 100, 9)),
        (" 40101.0 ", "", Place("holding", 100, 0)),
    ],
)
def test_addresses(text: str, area: str, place: Place) -> None:
    assert locate(text, area) == place


@pytest.mark.parametrize(
    ("text", "area", "hint"),
    [
        ("70000", "", "outside 0-65535"),
        ("465537", "", "outside"),
        ("40000", "", "outside"),
        ("4x0", "", "outside"),
        ("40001", "input", "write input:N"),
        ("10001", "holding", "write holding:N"),
        ("xy:4", "", "no area"),
        ("hr:100.16", "", "0-15"),
        ("co:1.2", "", "coil"),
        ("D100", "", "no address"),
        ("0x1F", "", "no address"),
        ("", "", "no address"),
        ("-1", "", "no address"),
    ],
)
def test_wrong_addresses_say_what_to_write(text: str, area: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        locate(text, area)


def item(signal: str = "x", /, **given: Value) -> Item:
    return item_of("dev", SignalSpec(signal, {"address": "0", **given}), 1000)


@pytest.mark.parametrize(
    ("given", "data", "value"),
    [
        ({}, "FF FF", 65535),
        ({"type": "s16"}, "FF FF", -1),
        ({"type": "u16", "order": "BADC"}, "12 34", 0x3412),
        ({"type": "u32"}, "00 01 00 02", 65538),
        ({"type": "u32", "order": "CDAB"}, "00 02 00 01", 65538),  # Autonics CT counters
        ({"type": "s32", "order": "DCBA"}, "FE FF FF FF", -2),
        ({"type": "f32"}, "41 BE 00 00", 23.75),
        ({"type": "f32", "order": "CDAB"}, "00 00 41 BE", 23.75),
        ({"type": "f32", "order": "BADC"}, "BE 41 00 00", 23.75),
        ({"type": "f32", "order": "DCBA"}, "00 00 BE 41", 23.75),
        ({"type": "f32", "scale": 2, "offset": 1}, "41 BE 00 00", 48.5),
        ({"type": "f32"}, "7F C0 00 00", None),
        ({"type": "f32"}, "FF 80 00 00", None),
        ({"scale": 0.1}, "00 E7", 23.1),
        ({"scale": 0.1}, "00 03", 0.3),  # 0.30000000000000004 in floats
        ({"scale": 10, "offset": -5}, "00 03", 25.0),
        ({"address": "0.9"}, "02 00", True),
        ({"address": "0.8"}, "02 00", False),
        ({"type": "ascii:2"}, "54 4B", "TK"),
        ({"type": "ascii:3"}, "54 4B 31 00", "TK1"),
        ({"type": "ascii:4", "order": "BADC"}, "4B 54 20 31", "TK1"),
        ({"type": "ascii:4"}, "54 4B 00 41", "TK"),
        ({"type": "ascii:2"}, "C4 41", "\\xc4A"),
        ({"address": "co:0"}, "01", True),
        ({"address": "di:0"}, "FE", False),
    ],
)
def test_values(given: Settings, data: str, value: Value) -> None:
    found, why = value_in(item(**given), hexed(data), 0)
    assert bool(why) is (value is None)
    assert found == value
    assert type(found) is type(value)


def test_a_value_is_found_inside_its_block() -> None:
    assert value_in(item(address="5"), hexed("00 01 00 02 00 03"), 3) == (3, "")
    assert value_in(item(address="co:28"), hexed("CD 6B 05"), 19) == (True, "")  # the specification's example, coil 29
    assert value_in(item(address="co:29"), hexed("CD 6B 05"), 19) == (False, "")


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"address": ""}, "address"),
        ({"address": 70000}, "address"),
        ({"address": 100.5}, "address"),
        ({"address": "65535", "type": "u32"}, "address"),
        ({"address": "0", "type": "u64"}, "type"),
        ({"address": "0", "type": "bit"}, "type"),
        ({"address": "co:0", "type": "u16"}, "type"),
        ({"address": "0.3", "type": "u16"}, "type"),
        ({"address": "0", "type": "ascii:0"}, "type"),
        ({"address": "0", "order": "ACBD"}, "order"),
        ({"address": "0", "scale": "x"}, "scale"),
    ],
)
def test_wrong_signals_are_named(given: Settings, part: str) -> None:
    with pytest.raises(DriverError) as fault:
        item_of("oven", SignalSpec("temp", given), 1000)
    assert (fault.value.kind, fault.value.needs_person) == ("bad_address", True)
    assert fault.value.detail["address"] == f"oven.temp: {part}"


# --- Blocks


def spans(blocks: list[Block]) -> list[tuple[str, int, int]]:
    return [(block.area, block.address, block.count) for block in blocks]


def test_neighbours_share_a_request() -> None:
    items = [
        item("a", address="0"),
        item("b", address="2", type="f32"),
        item("c", address="12"),
        item("d", address="30"),
    ]
    assert spans(plan(items, 8)) == [("holding", 0, 13), ("holding", 30, 1)]
    assert spans(plan(items, 0)) == [("holding", 0, 1), ("holding", 2, 2), ("holding", 12, 1), ("holding", 30, 1)]
    assert spans(plan(items, 124, 13)) == [("holding", 0, 13), ("holding", 30, 1)]
    assert spans(plan(items, 124, 1)) == spans(plan(items, 0))
    assert plan([], 8) == []


def test_areas_and_periods_are_asked_apart() -> None:
    items = [item("a", address="ir:0"), item("b", address="hr:1"), item("c", address="hr:2", period_ms=100)]
    assert sorted(spans(plan(items, 0))) == [("holding", 1, 1), ("holding", 2, 1), ("input", 0, 1)]
    assert {block.period_ns for block in plan(items, 8)} == {100_000_000, 1_000_000_000}


def test_blocks_get_different_lengths_where_a_spare_register_is_allowed() -> None:
    items = [item(str(at), address=str(at)) for at in (0, 100, 200, 65535)]
    assert spans(plan(items, 2)) == [("holding", 0, 1), ("holding", 100, 2), ("holding", 200, 3), ("holding", 65535, 1)]
    assert [block.count for block in plan(items, 8, 2)] == [1, 2, 1, 1]
    assert [block.count for block in plan(items, 0)] == [1, 1, 1, 1]
    coils = [item(str(at), address=f"co:{at}") for at in (0, 100, 200)]
    assert [block.data_bytes for block in plan(coils, 1)] == [1, 2, 3]
    assert [part.count for block in plan(items, 2) for part in block.parts()] == [1, 1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["u16", "f32", "ascii:9"])), max_size=40),
    st.integers(0, 20),
    st.integers(1, 125),
)
def test_every_signal_is_in_exactly_one_block_of_legal_size(
    places: list[tuple[int, str]], max_gap: int, max_registers: int
) -> None:
    items = [item(str(at), address=str(address), type=kind) for at, (address, kind) in enumerate(places)]
    blocks = plan(items, max_gap, max_registers)
    assert sorted(one.signal for block in blocks for one in block.items) == sorted(one.signal for one in items)
    for block in blocks:
        assert block.count <= max(max_registers, max(one.width for one in block.items))
        assert all(block.address <= one.place.address and one.end <= block.address + block.count for one in block.items)


# --- The driver on a bus


@pytest.mark.parametrize("name", [name for name, told in CONVERSATIONS.items() if told["driver"] == "modbus_rtu"])
def test_conversations(name: str, wire: WirePort) -> None:
    told: dict[str, Any] = CONVERSATIONS[name]
    exchanges = [(hexed(each["request"]), hexed(each["answer"])) for each in told["exchange"]]
    peer = Script(wire, exchanges)
    peer.start()
    with running(bus_of(wire.url, {"dev": (told["device"], told["signals"])}, timeout_ms=1000)) as driver:
        for each in told["exchange"]:
            readings = polled(driver, len)
            expected = each.get("fields", dict.fromkeys(told["signals"]))
            assert {reading.signal: reading.value for reading in readings} == expected
            if "refused" in each:
                fault = driver.faults()["dev"]
                assert (fault.kind, fault.detail["code"], fault.needs_person) == ("exception", each["refused"], True)
                assert fault.detail["name"] == "illegal address"
            else:
                assert driver.faults() == {}
    peer.join()
    assert peer.heard == [request for request, _ in exchanges]


def test_readings_carry_stamp_sequence_and_snapshot(wire: WirePort) -> None:
    devices: dict[str, DeviceGiven] = {
        "dev": ({"unit": 1, "period_ms": 20}, {"a": {"address": "7"}, "b": {"address": "8"}})
    }
    with ModbusFace(wire, {1: mirror}), running(bus_of(wire.url, devices)) as driver:
        before = REAL.now_ms(), REAL.mono_ns()
        readings = polled(driver, lambda found: len(found) >= 6)
        assert [(r.signal, r.value) for r in readings[:4]] == [("a", 7), ("b", 8), ("a", 7), ("b", 8)]
        assert [r.seq for r in readings[:6]] == [1, 1, 2, 2, 3, 3]
        assert [r.note for r in readings[:6]] == ["snapshot", "snapshot", "", "", "", ""]
        assert all(before[0] <= r.at_ms <= REAL.now_ms() and before[1] <= r.mono_ns <= REAL.mono_ns() for r in readings)
        assert {way for _, way, _ in driver.raw_tail()} == {"rx", "tx"}


def test_a_stamp_lies_between_request_and_answer(wire: WirePort) -> None:
    """In plant time, which runs 1000 times as fast here: 60 ms on the wire are a minute."""
    clock = starting_at(1_700_000_000_000, 1000)

    def slow(unit: int, answer: bytes) -> bytes:
        time.sleep(0.06)
        return answer

    with (
        ModbusFace(wire, {1: mirror}, slow),
        running(bus_of(wire.url, {"dev": ({"unit": 1}, {"a": {"address": "7"}})}), clock) as driver,
    ):
        start = clock.now_ms()
        (reading,) = polled(driver, len)
        assert start + 20_000 < reading.at_ms < clock.now_ms() - 20_000


def test_the_period_is_real_time_whatever_the_plant_clock_does(wire: WirePort) -> None:
    devices: dict[str, DeviceGiven] = {
        "dev": ({"unit": 1, "period_ms": 100}, {"slow": {"address": "7"}, "fast": {"address": "8", "period_ms": 20}})
    }
    with ModbusFace(wire, {1: mirror}), running(bus_of(wire.url, devices), starting_at(0, 30)) as driver:
        readings = for_s(driver, 1.0)
    slow = sum(reading.signal == "slow" for reading in readings)
    fast = sum(reading.signal == "fast" for reading in readings)
    assert 5 <= slow <= 12
    assert 20 <= fast <= 53
    assert fast > 2 * slow


def test_a_poll_never_waits_longer_than_a_second(wire: WirePort) -> None:
    """Not while a unit is silent for 3 s, nor with a period of an hour, nor with nothing to ask."""
    silent: dict[str, DeviceGiven] = {"dev": ({"unit": 1}, {"a": {"address": "7"}})}
    rare: dict[str, DeviceGiven] = {"dev": ({"unit": 2, "period_ms": 3_600_000}, {"a": {"address": "7"}})}
    with ModbusFace(wire, {2: mirror}):
        for devices in (silent, rare, {}):
            with running(bus_of(wire.url, devices, timeout_ms=3000)) as driver:
                for _ in range(2 if devices is silent else 1):
                    start = time.monotonic()
                    driver.poll()
                    assert time.monotonic() - start < 1.0


def test_all_areas_and_types_against_pymodbus() -> None:
    registers = SimData(0, values=[0] * 20, datatype=DataType.REGISTERS)
    device = SimDevice(
        5,
        (
            [SimData(0, values=[True, False, True, True], datatype=DataType.BITS)],
            [SimData(0, values=[False, True], datatype=DataType.BITS)],
            [
                SimData(100, values=[23.75], datatype=DataType.FLOAT32),
                SimData(102, values=[-70000], datatype=DataType.INT32),
                SimData(104, values=["TK4S"], datatype=DataType.STRING),
                SimData(106, values=[64000], datatype=DataType.REGISTERS),
            ],
            [registers, SimData(40, values=[0x0201], datatype=DataType.REGISTERS)],
        ),
    )
    signals: dict[str, Settings] = {
        "coil_2": {"address": "co:2"},
        "coil_1": {"address": "00002"},
        "discrete_1": {"address": "10002"},
        "float": {"address": "40101", "type": "f32"},
        "whole": {"address": "4x103", "type": "s32"},
        "name": {"address": "hr:104", "type": "ascii:4"},
        "last": {"address": "106"},
        "input": {"address": "ir:40"},
        "bit": {"address": "ir:40.9"},
    }
    with (
        pymodbus_server(device) as port,
        running(bus_of(f"socket://127.0.0.1:{port}", {"plc": ({"unit": 5}, signals)}, timeout_ms=1000)) as driver,
    ):
        readings = polled(driver, lambda found: len({reading.signal for reading in found}) == len(signals))
        assert driver.faults() == {}
    assert {reading.signal: reading.value for reading in readings} == {
        "coil_2": True,
        "coil_1": False,
        "discrete_1": True,
        "float": 23.75,
        "whole": -70000,
        "name": "TK4S",
        "last": 64000,
        "input": 0x0201,
        "bit": True,
    }


def test_the_simulated_units_answer_pymodbus_too() -> None:
    with WirePort(kind="socket") as wire, ModbusFace(wire, {3: mirror, 4: refusing}) as face:
        host, port = wire.url.removeprefix("socket://").split(":")
        client: Any = ModbusTcpClient(host, port=int(port), framer=FramerType.RTU, timeout=2, retries=0)
        assert client.connect()
        try:
            assert client.read_holding_registers(1000, count=3, device_id=3).registers == [1000, 1001, 1002]
            assert client.read_input_registers(7, count=1, device_id=3).registers == [7]
            assert client.read_coils(3, count=11, device_id=3).bits[:11] == [bool(at % 2) for at in range(3, 14)]
            assert client.read_discrete_inputs(0, count=2, device_id=3).bits[:2] == [False, True]
            assert client.read_holding_registers(0, count=1, device_id=4).exception_code == 2
            assert client.write_register(0, 1, device_id=3).exception_code == 1
            assert client.write_registers(0, [1, 2], device_id=3).exception_code == 1
            assert client.read_holding_registers(5, count=1, device_id=3).registers == [5]
        finally:
            client.close()
        assert [frame[1] for _, frame in face.writes_seen] == [6, 16]


def refusing(area: str, address: int, count: int) -> list[int]:
    raise LookupError(address)


# --- Late answers


class Naive(ModbusRtu):
    """What the driver would be without its quarantine: the tests below must catch it."""

    def _missed(self, unit: Unit, block: Block, asked_ns: int, bad: bool) -> None:
        block.due_ns = self.clock.mono_ns() + block.period_ns


APART: dict[str, DeviceGiven] = {
    "dev": ({"unit": 1, "period_ms": 10, "max_gap": 0}, {str(at): {"address": str(at)} for at in (10, 20, 30, 40)})
}


@pytest.mark.parametrize("kind", [ModbusRtu, Naive])
def test_a_late_answer_never_becomes_another_registers_value(wire: WirePort, kind: type[ModbusRtu]) -> None:
    """Some answers come twice as late as the time-out; each register holds its own address."""
    turns = iter(range(1_000_000))

    def late(unit: int, answer: bytes) -> bytes:
        time.sleep(0.2 if next(turns) % 10 == 9 else 0.005)  # no unit answers in no time
        return answer

    with ModbusFace(wire, {1: mirror}, late), running(bus_of(wire.url, APART), kind=kind) as driver:
        if kind is Naive:
            assert wrong(polled(driver, wrong))
        else:
            readings = for_s(driver, 1.5)
            assert len(readings) >= 8
            assert wrong(readings) == []


@pytest.mark.parametrize("delay_s", [0.07, 0.11, 0.14, 0.19])
@pytest.mark.parametrize("max_gap", [0, 8])
def test_a_unit_that_is_always_late_gives_no_wrong_value(wire: WirePort, delay_s: float, max_gap: int) -> None:
    """One that queues requests and needs up to four time-outs for each."""
    devices: dict[str, DeviceGiven] = {"dev": ({**APART["dev"][0], "max_gap": max_gap}, APART["dev"][1])}

    def late(unit: int, answer: bytes) -> bytes:
        time.sleep(delay_s)
        return answer

    with ModbusFace(wire, {1: mirror}, late), running(bus_of(wire.url, devices, timeout_ms=50)) as driver:
        assert wrong(for_s(driver, 0.8)) == []


def test_answers_of_random_lateness_and_noise(wire: WirePort, monkeypatch: pytest.MonkeyPatch) -> None:
    """Late, cut, flipped, doubled and foreign answers in a seeded mixture."""
    monkeypatch.setattr("drivers.polling.BACK_OFF_S", (0.1,))
    dice = random.Random(7)

    def spoil(unit: int, answer: bytes) -> bytes | None:
        fate = dice.random()
        if fate < 0.5:
            return answer
        if fate < 0.6:
            time.sleep(dice.uniform(0.05, 0.12))
            return answer
        if fate < 0.7:
            return answer[: dice.randrange(len(answer))]
        if fate < 0.8:
            at = dice.randrange(len(answer))
            return answer[:at] + bytes((answer[at] ^ 1 << dice.randrange(8),)) + answer[at + 1 :]
        if fate < 0.85:
            return answer + answer
        if fate < 0.9:
            return bytes((9,)) + answer[1:]
        return bytes(dice.randrange(256) for _ in range(20))

    with ModbusFace(wire, {1: mirror}, spoil), running(bus_of(wire.url, APART, timeout_ms=50)) as driver:
        readings = for_s(driver, 2.0)
    assert len(readings) >= 3
    assert wrong(readings) == []
    assert [r.seq for r in readings] == list(range(1, len(readings) + 1))


def test_bytes_that_nobody_asked_for_are_not_an_answer(wire: WirePort) -> None:
    devices: dict[str, DeviceGiven] = {"dev": ({"unit": 1, "period_ms": 300}, {"7": {"address": "7"}})}
    with ModbusFace(wire, {1: mirror}), running(bus_of(wire.url, devices)) as driver:
        polled(driver, len)
        stray = hexed("01 03 02 00 63")
        wire.write(stray + crc16(stray))
        assert wrong(polled(driver, lambda found: len(found) >= 2)) == []


def test_an_adapter_that_echoes(wire: WirePort) -> None:
    class Echo(ModbusFace):
        def _reply(self, frame: bytes) -> None:
            self.port.write(frame)
            super()._reply(frame)

    devices: dict[str, DeviceGiven] = {"dev": ({"unit": 1}, {"7": {"address": "7"}})}
    with Echo(wire, {1: mirror}):
        with running(bus_of(wire.url, devices, echo=True)) as driver:
            (reading,) = polled(driver, len)
            assert reading.value == 7
        with running(bus_of(wire.url, devices)) as driver:
            polled(driver, lambda _: driver.faults())
            assert (driver.faults()["dev"].kind, driver.faults()["dev"].needs_person) == ("echo", True)


# --- Faults of units and of the bus


def two_units(live_ms: int = 30) -> dict[str, DeviceGiven]:
    return {
        "live": ({"unit": 1, "period_ms": live_ms}, {"7": {"address": "7"}}),
        "dead": ({"unit": 2, "period_ms": 30}, {str(at): {"address": str(at)} for at in (50, 80, 110)}),
    }


def test_a_dead_unit_neither_starves_the_bus_nor_stays_dead(wire: WirePort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.polling.BACK_OFF_S", (0.3, 0.6, 0.6))
    units: dict[int, Registers] = {1: mirror}
    with ModbusFace(wire, units), running(bus_of(wire.url, two_units())) as driver:
        start = time.monotonic()
        polled(driver, lambda _: driver.faults())
        fault = driver.faults()["dead"]
        assert (fault.kind, fault.device, set(driver.faults())) == ("no_answer", "dead", {"dead"})
        assert time.monotonic() - start > 0.3  # three time-outs, not one
        asked = requests(driver, 2)
        readings = for_s(driver, 1.6)
        assert {reading.device for reading in readings} == {"live"}
        at = [reading.mono_ns for reading in readings]
        assert max(b - a for a, b in pairwise(at)) < 400e6  # time-out 100 ms, no quarantine on top
        assert 2 <= requests(driver, 2) - asked <= 6
        assert driver.faults()["dead"] is fault
        units[2] = mirror
        back = polled(driver, lambda found: {r.signal for r in found if r.device == "dead"} == {"50", "80", "110"})
        assert driver.faults() == {}
        assert wrong(back) == []
        first = [reading for reading in back if reading.device == "dead"]
        assert [reading.note for reading in first[:3]] == ["snapshot"] * 3
        assert first[0].seq == 1


def test_the_pauses_of_a_dead_unit() -> None:
    assert BACK_OFF_S == (1, 2, 5, 10, 30)


def test_one_lost_answer_is_no_fault(wire: WirePort) -> None:
    lost = iter([False, True, False, True])
    with (
        ModbusFace(wire, {1: mirror}, lambda _, answer: None if next(lost, False) else answer),
        running(bus_of(wire.url, APART, timeout_ms=50)) as driver,
    ):
        seen: list[object] = []

        def watch(found: list[Reading]) -> bool:
            seen.append(dict(driver.faults()))
            return len(found) >= 8

        readings = polled(driver, watch)
        assert wrong(readings) == []
        assert not any(seen)


def test_silence_is_said_within_three_time_outs(wire: WirePort) -> None:
    """Of the clock, not three misses with a quarantine behind each; damage, which comes quickly, takes three."""
    devices: dict[str, DeviceGiven] = {"dev": ({"unit": 1, "period_ms": 10}, {"7": {"address": "7"}})}
    fates: list[bytes | None] = [b"", None]
    for fate in fates:
        alive = threading.Event()
        alive.set()

        def spoil(unit: int, answer: bytes, fate: bytes | None = fate, alive: threading.Event = alive) -> bytes | None:
            return answer if alive.is_set() else fate if fate is None else answer[:-1] + b"\0"

        with ModbusFace(wire, {1: mirror}, spoil), running(bus_of(wire.url, devices, timeout_ms=200)) as driver:
            polled(driver, len)
            alive.clear()
            before = requests(driver, 1)
            start = time.monotonic()
            polled(driver, lambda _, driver=driver: driver.faults())
            assert 0.4 < time.monotonic() - start < 3 * 0.2 + 0.15
            assert driver.faults()["dev"].kind == ("no_answer" if fate is None else "bad_frames")
            assert requests(driver, 1) - before <= 3


def test_a_refused_block_is_named_and_the_others_go_on(wire: WirePort) -> None:
    def partly(area: str, address: int, count: int) -> list[int]:
        if address <= 500 < address + count:
            raise LookupError(address)
        return mirror(area, address, count)

    signals: dict[str, Settings] = {"7": {"address": "7"}, "500": {"address": "500"}, "900": {"address": "900"}}
    with (
        ModbusFace(wire, {1: partly}) as face,
        running(bus_of(wire.url, {"plc": ({"unit": 1, "period_ms": 20}, signals)})) as driver,
    ):
        readings = for_s(driver, 1.0)
        fault = driver.faults()["plc"]
        assert fault.kind == "exception"
        assert fault.detail == {"code": 2, "name": "illegal address", "address": "holding:500"}
        assert fault.needs_person
        assert fault.partial
        # once with its spare register, once without, then slowly
        assert [count for _, _, address, count in face.requests_seen if address == 500] == [2, 1]
    none = [reading for reading in readings if reading.signal == "500"]
    assert [(r.value, r.quality, r.raw) for r in none] == [(None, Quality.BAD, hexed("01 83 02 C0 F1"))]
    assert sum(reading.value == 7 for reading in readings) > 5
    assert sum(reading.value == 900 for reading in readings) > 5


def test_a_hole_in_a_block_does_not_cost_its_neighbours(wire: WirePort) -> None:
    """Registers 3 (in a gap) and 10 (asked for) do not exist."""

    def holed(area: str, address: int, count: int) -> list[int]:
        if any(address <= hole < address + count for hole in (3, 10)):
            raise LookupError(address)
        return mirror(area, address, count)

    signals: dict[str, Settings] = {str(at): {"address": str(at)} for at in (1, 2, 4, 5, 9, 10, 11)}
    with (
        ModbusFace(wire, {1: holed}),
        running(bus_of(wire.url, {"plc": ({"unit": 1, "period_ms": 50}, signals)})) as driver,
    ):
        good = {"1", "2", "4", "5", "9", "11"}
        readings = polled(
            driver, lambda found: {r.signal for r in found if r.quality is Quality.GOOD} == good and driver.faults()
        )
        assert wrong([reading for reading in readings if reading.value is not None]) == []
        assert driver.faults()["plc"].detail["address"] == "holding:10"


def test_a_busy_unit_is_asked_again_and_its_fault_goes(wire: WirePort) -> None:
    busy = threading.Event()
    busy.set()
    refusal = hexed("01 83 06")

    def tamper(unit: int, answer: bytes) -> bytes:
        return refusal + checksum(refusal) if busy.is_set() else answer

    with (
        ModbusFace(wire, {1: mirror}, tamper),
        running(bus_of(wire.url, {"plc": ({"unit": 1, "period_ms": 30}, {"7": {"address": "7"}})})) as driver,
    ):
        first = polled(driver, lambda found: len(found) >= 3)
        assert {(r.value, r.quality) for r in first} == {(None, Quality.BAD)}
        fault = driver.faults()["plc"]
        assert (fault.detail["name"], fault.needs_person, fault.partial) == ("busy", False, False)
        busy.clear()
        polled(driver, lambda found: found and found[-1].value == 7)
        assert driver.faults() == {}


def test_a_bus_that_never_falls_silent_is_a_fault_of_all_units_until_it_does(
    wire: WirePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.polling.BACK_OFF_S", (0.3, 0.6, 0.6))
    stop = threading.Event()

    def babble() -> None:
        while not stop.is_set():
            wire.read()
            wire.write(b"\xaa" * 8)
            time.sleep(0.005)

    noise = threading.Thread(target=babble, daemon=True)
    with running(bus_of(wire.url, two_units(), timeout_ms=50)) as driver:
        wait_for(lambda: wire.listening)
        noise.start()
        polled(driver, lambda _: len(driver.faults()) == 2)
        assert {fault.kind for fault in driver.faults().values()} == {"bad_frames"}
        stop.set()
        noise.join()
        with ModbusFace(wire, {1: mirror, 2: mirror}):
            readings = polled(
                driver, lambda found: not driver.faults() and {r.device for r in found} == {"live", "dead"}
            )
        assert wrong(readings) == []


def test_a_pulled_cable_is_link_lost_and_a_new_driver_goes_on(wire: WirePort) -> None:
    devices: dict[str, DeviceGiven] = {"dev": ({"unit": 1, "period_ms": 20}, {"7": {"address": "7"}})}
    with ModbusFace(wire, {1: mirror}):
        driver = ModbusRtu(bus_of(wire.url, devices), REAL)
        driver.open()
        polled(driver, len)
        wire.cut()
        with pytest.raises(DriverError) as lost:
            for_s(driver, 2.0)
        assert lost.value.kind == "link_lost"
        start = time.monotonic()
        driver.close()
        assert time.monotonic() - start < 2.0
        with pytest.raises(DriverError, match=r"port_missing|port_refused"):
            ModbusRtu(bus_of(wire.url, devices), REAL).open()
        wire.restore()
        with running(bus_of(wire.url, devices)) as again:
            readings = polled(again, len)
            assert (readings[0].value, readings[0].note) == (7, "snapshot")


@pytest.mark.parametrize(
    ("devices", "bus", "named"),
    [
        ({"a": ({"unit": 0}, {})}, {}, "a: unit"),
        ({"a": ({"unit": 1}, {}), "b": ({"unit": 1}, {})}, {}, "a: unit"),
        ({"a": ({"max_registers": 126}, {})}, {}, "a: max_registers"),
        ({"a": ({}, {"s": {}})}, {}, "a.s: address"),
        ({}, {"timeout_ms": 1}, "bus-1: timeout_ms"),
        ({}, {"frame": "8X1"}, "bus-1: frame"),
    ],
)
def test_wrong_settings_are_named(devices: Mapping[str, DeviceGiven], bus: Settings, named: str) -> None:
    with pytest.raises(DriverError) as fault:
        ModbusRtu(bus_of("loop://", devices, **bus), REAL).open()
    assert (fault.value.kind, fault.value.detail["address"]) == ("bad_address", named)
