"""LS Electric's Cnet: frames of the manual, names, blocks, and what becomes of a bus that misbehaves."""

from __future__ import annotations

import random
import re
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.clock import REAL
from drivers.base import DriverError, Quality, Reading, SignalSpec, Value
from drivers.link import Given
from drivers.polling import Block, Unit
from drivers.registers import Place
from drivers.simulated.port import WirePort
from drivers.simulated.wire_xgt_cnet import CnetFace, bcc
from drivers.xgt_cnet import XgtCnet, checksum, examine, item_of, locate, read_request
from tests.drivers.buses import DeviceGiven, Script, Settings, bus_of, for_s, polled, running, wrong

WIRES = Path(__file__).parents[1] / "data" / "wires"
CONVERSATIONS = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(WIRES.glob("xgt_*.toml"))}


def mirror(name: str, count: int) -> list[int]:
    """A station whose every word holds its own address."""
    if name[2] == "X":
        return [int(name[-1], 16) % 2]
    first = int(name[3:])
    if first + count > 10_000:
        raise LookupError(0x7132)
    return list(range(first, first + count))


def words(**places: str) -> dict[str, Settings]:
    return {key: {"address": place} for key, place in places.items()}


# --- Frames


@pytest.mark.parametrize(
    ("request_", "frame"),
    [
        ((1, ["%MW020"], 0), b"\x0501rSS0106%MW020\x04A4"),  # the manual's, check characters included
        ((1, ["%DW100"], 4), b"\x0501rSB06%DW10004\x048C"),
        ((31, ["%MX12A", "%PX0"], 0), b"\x051FrSS0206%MX12A04%PX0\x042F"),
        ((0, ["%DW0"], 60), b"\x0500rSB04%DW03C\x043A"),
    ],
)
def test_requests_are_those_of_the_manual(request_: tuple[int, list[str], int], frame: bytes) -> None:
    assert read_request(*request_) == frame


@pytest.mark.parametrize(
    "request_", [(32, ["%MW0"], 0), (-1, ["%MW0"], 0), (1, [], 0), (1, ["%MW0"] * 17, 0), (1, ["%MW0"], 61)]
)
def test_no_frame_is_made_that_no_plc_takes(request_: tuple[int, list[str], int]) -> None:
    with pytest.raises(ValueError):
        read_request(*request_)


@given(st.binary(max_size=300))
def test_the_checksum_is_that_of_the_simulated_plc(data: bytes) -> None:
    assert checksum(data) == bcc(data)


def sealed(text: bytes) -> bytes:
    return text + bcc(text)


ANSWER = sealed(b"\x0601rSB01081234000156780002\x03")
REFUSAL = sealed(b"\x1501rSB7132\x03")


def test_an_answer_is_cut_where_it_ends() -> None:
    for frame, data, code in ((ANSWER, bytes.fromhex("1234000156780002"), 0), (REFUSAL, b"", 0x7132)):
        for size in range(len(frame)):
            assert examine(frame[:size], 1, [8], True) is None
        answer = examine(frame, 1, [8], True)
        assert answer is not None
        assert (answer.data, answer.code, answer.wrong) == (data, code, "")


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        (b"\x0602", "from 02"),
        (b"\x0601rSS", "from 01rSS"),
        (b"\x05", "begins with 05"),  # an echo
        (b"\xff", "begins with FF"),
        (sealed(b"\x0601rSB01041234\x03"), "not what"),
        (sealed(b"\x0601rSB02081234000156780002\x03"), "not what"),
        (sealed(b"\x0601rSB01081234000156780a02\x03"), "hexadecimal"),
        (sealed(b"\x1501rSB0000\x03"), "without code"),
        (sealed(b"\x1501rSB713\x03"), "without code"),
        (ANSWER + b"\0", "too long"),
        (ANSWER[:-1] + b"0", "checksum"),
        (b"\x0601rSB" + b"0" * 40, "too long"),
        (sealed(b"\x0601\x03"), "from"),
    ],
)
def test_what_is_not_the_answer_is_seen(heard: bytes, why: str) -> None:
    answer = examine(heard, 1, [8], True)
    assert answer is not None
    assert why in answer.wrong
    assert not answer.data
    assert not answer.code


@given(st.binary(max_size=120), st.lists(st.sampled_from([1, 2]), min_size=1, max_size=16), st.booleans())
@example(b"\x0601rSB\x03" + bcc(b"\x0601rSB\x03"), [2], True)
@example(sealed(b"\x0601rSS01\x03"), [2], False)
@example(sealed(b"\x06\x03"), [2], False)
def test_any_bytes_are_an_answer_or_not(heard: bytes, sizes: list[int], continuous: bool) -> None:
    answer = examine(heard, 1, sizes[:1] if continuous else sizes, continuous)
    assert answer is None or answer.wrong or bcc(heard[:-2]) == heard[-2:]


def test_no_single_flipped_bit_passes() -> None:
    for frame in (ANSWER, REFUSAL):
        for bit in range(8 * len(frame)):
            spoiled = bytearray(frame)
            spoiled[bit // 8] ^= 1 << bit % 8
            answer = examine(bytes(spoiled), 1, [8], True)
            assert answer is None or answer.wrong, f"bit {bit}"


# --- Names


@pytest.mark.parametrize(
    ("text", "place", "name"),
    [
        ("%MW020", Place("MW", 20), "%MW020"),
        ("%dw100", Place("DW", 100), "%DW100"),
        ("D100", Place("DW", 100), "%DW100"),
        ("DW100", Place("DW", 100), "%DW100"),
        ("%DD50", Place("DW", 100), "%DW100"),
        ("%DW100.A", Place("DW", 100, 10), "%DW100"),
        ("M12.f", Place("MW", 12, 15), "%MW12"),
        ("%MX12A", Place("MX", 0x12A), "%MX12A"),
        (" %PX0001F ", Place("PX", 0x1F), "%PX0001F"),
        ("%IW3", Place("IW", 3), "%IW3"),
    ],
)
def test_names(text: str, place: Place, name: str) -> None:
    assert locate(text) == (place, name)


@pytest.mark.parametrize(
    "text", ["", "40001", "%AW1", "%MW", "%MB1", "%ML1", "%DD50.A", "D65536", "%DD32768", "%MW1.G", "%M W1"]
)
def test_wrong_names_say_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        locate(text)


@pytest.mark.parametrize(
    ("given_", "part"),
    [
        ({"address": "40001"}, "address"),
        ({"address": "D65535", "type": "u32"}, "address"),
        ({"address": "D0", "type": "bit"}, "type"),
        ({"address": "%MX1", "type": "u16"}, "type"),
        ({"address": "D0.1", "type": "u16"}, "type"),
        ({"address": "%DD0", "type": "u16"}, "type"),
        ({"address": "D0", "type": "u64"}, "type"),
        ({"address": "D0", "scale_from": "%MX1"}, "scale_from"),
        ({"address": "%MX1", "range_low": 1}, "range_low"),
    ],
)
def test_wrong_signals_are_named(given_: Settings, part: str) -> None:
    with pytest.raises(DriverError) as fault:
        item_of("plc", SignalSpec("x", given_), 1000)
    assert fault.value.detail["address"] == f"plc.x: {part}"


# --- Blocks


def blocks(signals: dict[str, Settings], **device: Value) -> list[Block]:
    items = [item for key, its in signals.items() for item in XgtCnet.items_of("d", SignalSpec(key, its), 1000)]
    return XgtCnet.blocks_of(Given(XgtCnet.DEVICE_SETTINGS, device, "d"), items)


def test_neighbours_are_read_together_and_strangers_by_name() -> None:
    found = blocks(words(a="D100", b="D101", c="%DD52", far="D900", m="M7", bit="D900.3", x="%MX1A", y="%PX0"))
    shapes = [(block.scattered, block.count, sorted(item.signal for item in block.items)) for block in found]
    assert shapes == [(False, 6, ["a", "b", "c"]), (True, 2, ["bit", "far", "m"]), (True, 2, ["x", "y"])]


def test_no_request_has_more_than_sixteen_names_or_sixty_words() -> None:
    scattered = {f"s{at}": {"address": f"D{at * 100}"} for at in range(40)}
    row: dict[str, Settings] = {f"r{at}": {"address": f"M{at}"} for at in range(150)}
    found = blocks({**scattered, **row})
    assert sorted(block.count for block in found if block.scattered) == [8, 16, 16]
    assert max(block.count for block in found if not block.scattered) == 60
    assert sum(len(block.items) for block in found) == 190
    long = {f"l{at}": {"address": f"%MX{at:08X}"} for at in range(40)}
    for block in blocks(long):
        names = [item.name for item in block.items]
        assert len(read_request(1, names)) <= 256


# --- The driver on a bus


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversations(name: str, wire: WirePort) -> None:
    told: dict[str, Any] = CONVERSATIONS[name]
    exchanges = [(bytes.fromhex(each["request"]), bytes.fromhex(each["answer"])) for each in told["exchange"]]
    peer = Script(wire, exchanges)
    peer.start()
    bus = bus_of(wire.url, {"dev": (told["device"], told["signals"])}, timeout_ms=1000)
    with running(bus, kind=XgtCnet) as driver:
        for each in told["exchange"]:
            readings = polled(driver, len)
            assert {r.signal: r.value for r in readings} == each.get("fields", dict.fromkeys(told["signals"]))
            if "refused" in each:
                fault = driver.faults()["dev"]
                assert (fault.kind, fault.detail["code"], fault.needs_person) == ("exception", each["refused"], True)
                assert fault.detail["name"] == "area exceeded"
                assert fault.detail["address"] == "%DW9999"
            else:
                assert driver.faults() == {}
    peer.join()
    assert peer.heard == [request for request, _ in exchanges]


@pytest.mark.parametrize("counted", [True, False])
def test_a_whole_bus_of_two_stations(wire: WirePort, counted: bool) -> None:
    signals = words(a="D100", wide="%DD60", low="%MX10", high="%MX11", odd="M7.2", far="D900")
    devices: dict[str, DeviceGiven] = {f"plc-{n}": ({"station": n, "period_ms": 20}, signals) for n in (1, 30)}
    with (
        CnetFace(wire, {1: mirror, 30: mirror}, counted=counted) as face,
        running(bus_of(wire.url, devices), kind=XgtCnet) as driver,
    ):
        readings = polled(driver, lambda found: len({(r.device, r.signal) for r in found}) == 12)
        assert driver.faults() == {}
        values = {(r.device, r.signal): r.value for r in readings}
        for device in devices:
            one = {signal: values[device, signal] for signal in signals}
            assert one == {"a": 100, "wide": (121 << 16) + 120, "low": False, "high": True, "odd": True, "far": 900}
        assert face.writes_seen == []


def test_one_wrong_name_does_not_cost_the_others(wire: WirePort) -> None:
    signals = words(**{"100": "D100", "500": "D500", "20000": "D20000", "9998": "D9998", "9999": "D9999"})
    signals["10001"] = {"address": "D10001"}
    with (
        CnetFace(wire, {1: mirror}),
        running(bus_of(wire.url, {"plc": ({"station": 1, "period_ms": 20}, signals)}), kind=XgtCnet) as driver,
    ):
        good = {"100", "500", "9998", "9999"}
        readings = polled(driver, lambda found: {r.signal for r in found if r.quality is Quality.GOOD} == good)
        assert wrong([r for r in readings if r.value is not None]) == []
        polled(driver, lambda _: driver.faults())
        fault = driver.faults()["plc"]
        assert (fault.kind, fault.detail["code"], fault.needs_person) == ("exception", "7132", True)
        assert fault.detail["address"] in ("%DW20000", "%DW10001")


APART: dict[str, DeviceGiven] = {
    "plc": (
        {"station": 1, "period_ms": 10, "max_gap": 0, "max_registers": 1},
        {str(at): {"address": f"D{at}"} for at in (10, 20, 30, 40)},
    )
}


def test_spoiled_and_late_answers_never_give_a_wrong_value(wire: WirePort, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut, flipped, doubled, foreign and late answers; every request asks for one word and all answers look alike."""
    monkeypatch.setattr("drivers.polling.BACK_OFF_S", (0.1,))
    dice = random.Random(11)

    def spoil(station: int, answer: bytes) -> bytes | None:
        fate = dice.random()
        if fate < 0.6:
            return answer
        if fate < 0.7:
            time.sleep(dice.uniform(0.05, 0.12))
            return answer
        if fate < 0.8:
            return answer[: dice.randrange(len(answer))]
        if fate < 0.9:
            at = dice.randrange(len(answer))
            return answer[:at] + bytes((answer[at] ^ 1 << dice.randrange(8),)) + answer[at + 1 :]
        return bytes(dice.randrange(256) for _ in range(20))

    with (
        CnetFace(wire, {1: mirror}, spoil),
        running(bus_of(wire.url, APART, timeout_ms=50), kind=XgtCnet) as driver,
    ):
        readings = for_s(driver, 1.5)
    assert len(readings) >= 3
    assert wrong(readings) == []


class Naive(XgtCnet):
    """What the driver would be without its quarantine: the test below must catch it."""

    def _missed(self, unit: Unit, block: Block, asked_ns: int, bad: bool) -> None:
        block.due_ns = self.clock.mono_ns() + block.period_ns


@pytest.mark.parametrize("kind", [XgtCnet, Naive])
def test_a_late_answer_never_becomes_another_words_value(wire: WirePort, kind: type[XgtCnet]) -> None:
    turns = iter(range(1_000_000))

    def late(station: int, answer: bytes) -> bytes:
        time.sleep(0.12 if next(turns) % 10 == 9 else 0.003)
        return answer

    # a single word is asked for by its name alone, so that no two of them share a request
    devices: dict[str, DeviceGiven] = {
        "plc": (
            {"station": 1, "period_ms": 10, "max_gap": 0, "max_registers": 1},
            {str(at): {"address": f"D{at}"} for at in (10, 20, 30, 40)},
        )
    }
    with CnetFace(wire, {1: mirror}, late), running(bus_of(wire.url, devices, timeout_ms=60), kind=kind) as driver:
        if kind is Naive:
            assert wrong(polled(driver, wrong))
        else:
            readings = for_s(driver, 1.2)
            assert len(readings) >= 8
            assert wrong(readings) == []


def test_a_step_that_nothing_explains_is_believed_when_it_comes_twice(wire: WirePort) -> None:
    """Two flipped bits may pass a sum; a counter that jumps is read again before it is told."""
    told = iter([100, 101, 101 + 4096, 102, 103, 5000, 5000, 5001])
    last = [0]

    def counter(name: str, count: int) -> list[int]:
        last[0] = next(told, last[0])
        return [last[0]]

    signals: dict[str, Settings] = {"good": {"address": "D100", "max_step": 50}}
    with (
        CnetFace(wire, {1: counter}),
        running(bus_of(wire.url, {"plc": ({"station": 1, "period_ms": 20}, signals)}), kind=XgtCnet) as driver,
    ):
        readings = polled(driver, lambda found: len(found) >= 8)[:8]
    assert [r.value for r in readings] == [100, 101, None, 102, 103, None, 5000, 5001]
    assert [r.note for r in readings if r.value is None] == ["unlikely step"] * 2
    assert {r.quality for r in readings if r.value is None} == {Quality.BAD}


def test_an_echo_is_stripped_or_named(wire: WirePort) -> None:
    class Echo(CnetFace):
        def _reply(self, frame: bytes) -> None:
            self.port.write(frame)
            super()._reply(frame)

    devices: dict[str, DeviceGiven] = {"plc": ({"station": 1}, words(**{"7": "D7"}))}
    with Echo(wire, {1: mirror}):
        with running(bus_of(wire.url, devices, echo=True), kind=XgtCnet) as driver:
            assert [r.value for r in polled(driver, len)] == [7]
        with running(bus_of(wire.url, devices), kind=XgtCnet) as driver:
            polled(driver, lambda _: driver.faults())
            assert driver.faults()["plc"].kind == "echo"


@pytest.mark.parametrize("how", ["at once", "one after the other"])
def test_two_stations_of_one_number_are_suspected_until_one_is_gone(
    wire: WirePort, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("drivers.polling.BACK_OFF_S", (0.2, 0.4, 0.4))
    both = threading.Event()
    both.set()

    def collide(station: int, answer: bytes) -> bytes:
        if station == 1 or not both.is_set():
            return answer
        if how == "at once":  # what arrives begins as an answer and is damaged
            return answer[:8] + bytes(byte & 0x5A for byte in answer[8:-3]) + answer[-3:]
        return answer + answer

    devices: dict[str, DeviceGiven] = {
        f"plc{station}": ({"station": station, "period_ms": 20}, words(**{f"{station}77": f"D{station}77"}))
        for station in (1, 2)
    }
    with (
        CnetFace(wire, dict.fromkeys((1, 2), mirror), collide),
        running(bus_of(wire.url, devices, timeout_ms=50), kind=XgtCnet) as driver,
    ):
        readings = polled(driver, lambda _: driver.faults())
        assert {key: (fault.kind, fault.detail) for key, fault in driver.faults().items()} == {
            "plc2": ("same_address", {"unit": 2})
        }
        assert {r.device for r in readings} == {"plc1"}
        both.clear()
        back = polled(driver, lambda found: not driver.faults() and {r.device for r in found} == set(devices))
    assert wrong(readings + back) == []


def test_noise_on_the_bus_is_nothing_but_silence_and_driver_errors_and_it_ends(
    wire: WirePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.polling.BACK_OFF_S", (0.3, 0.6, 0.6))
    dice = random.Random(5)
    noise = [bytes(dice.choice((3, 6, 0x15, 0x30, 0x31, dice.randrange(256))) for _ in range(40)) for _ in range(50)]
    turns = iter(noise)
    quiet = threading.Event()
    devices: dict[str, DeviceGiven] = {
        f"plc{station}": ({"station": station, "period_ms": 10}, words(**{f"{station}7": f"D{station}7"}))
        for station in (1, 2)
    }
    heard: list[Reading] = []
    with (
        CnetFace(wire, dict.fromkeys((1, 2), mirror), lambda _, said: said if quiet.is_set() else next(turns, b"")),
        running(bus_of(wire.url, devices, timeout_ms=50), REAL, XgtCnet) as driver,
    ):
        heard = polled(driver, lambda _: len(driver.faults()) == 2)
        assert {fault.kind for fault in driver.faults().values()} == {"bad_frames"}
        assert heard == []
        quiet.set()
        back = polled(driver, lambda found: not driver.faults() and {r.device for r in found} == set(devices))
    assert wrong(back) == []
