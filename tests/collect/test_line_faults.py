"""What goes wrong with line devices, on a wire and through the thread of their bus: said in words, undone by itself."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.clock import REAL
from desktop.collect import supervise
from desktop.collect.interpret import Health
from desktop.collect.supervise import BusThread, Inbox, Polled, stop_all
from desktop.domain.events import EventKind, Role
from desktop.domain.plant import Bus, Device, Plant, Signal
from desktop.wording.devices import fault_sentence
from drivers import link, patterns, text_line
from drivers.base import BusSpec, DeviceSpec, Quality, Reading, SignalSpec, Value
from drivers.line_errors import LineErrors
from drivers.link import Chunk, PortInfo
from drivers.mt_sics import MtSics
from drivers.simulated.port import WirePort
from drivers.simulated.wire_line import LineFace
from drivers.simulated.wire_sics import SicsFace
from drivers.text_line import TERMINATORS, Decoder, Framer, StatusWords, TextLine, mark, number
from drivers.text_line_guards import Legibility, RateCap, odd_bytes
from tests.collect.example import Talk, reading
from tests.waiting import wait_for

S = 1_000_000_000
SCALE: dict[str, Value] = {
    "pattern": r"(?P<status>ST|US|OL),(?P<value>[+-][0-9.]+)(?P<unit>g|kg)",
    "stable": "ST", "unstable": "US", "overload": "OL", "double_scan_ms": 0,
}  # fmt: skip


class Bench:
    """Bus threads on wires; what they say is collected by device."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox = Inbox()
        self.wires: dict[str, WirePort] = {}
        self.threads: list[BusThread] = []
        self.readings: dict[str, list[Reading]] = {}
        self.said: list[Health] = []

    def plug(self, key: str, driver: str = "text_line", **device: Value) -> WirePort:
        """A wire with a line device on it, connected and read."""
        kind = "socket" if sys.platform == "win32" else "pty"
        self.wires[key] = wire = WirePort(self.folder / key, kind)
        self.start(key, wire.url, driver, **device)
        wait_for(lambda: wire.listening)
        return wire

    def start(self, key: str, port: str, driver: str = "text_line", **device: Value) -> None:
        number = len(self.threads) + 1
        bus = Bus(number, key, port, driver, {})
        role = Role.MEASURE if driver == "mt_sics" or "pattern" in device else Role.SCAN
        own: dict[str, Value] = {"number": True} if "pattern" in device else {}
        signal = Signal(
            number, number, "weight" if driver == "mt_sics" else "value" if own else "code", key, None, role,
            unit="g" if role is Role.MEASURE else "", settings=own,
        )  # fmt: skip
        plant = Plant(
            "P", "L", "UTC", None, devices=(Device(number, number, key, key, device),), signals=(signal,), buses=(bus,)
        )
        self.threads.append(BusThread(bus, plant, REAL, self.inbox))
        self.threads[-1].start()

    def read(self) -> None:
        while (message := self.inbox.get(0)) is not None:
            if isinstance(message, Polled):
                for one in message.readings:
                    self.readings.setdefault(one.device, []).append(one)
            elif isinstance(message, Health):
                self.said.append(message)

    def of(self, key: str) -> list[Reading]:
        self.read()
        return self.readings.get(key, [])

    def health(self, key: str) -> str:
        """Last status of a device with its fault."""
        self.read()
        return next((f"{h.status} {h.fault}".strip() for h in reversed(self.said) if h.device == key), "")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(supervise, "FIRST_WAIT_S", 0.02)
    made = Bench(tmp_path)
    yield made
    stop_all(made.threads)
    for wire in made.wires.values():
        wire.close()
    assert not any(thread.is_alive() for thread in made.threads)


# --- half lines, garbage, floods, double scans


def test_half_a_line_is_closed_after_a_second_and_never_glued_to_the_next(bench: Bench) -> None:
    wire = bench.plug("scanner")
    wire.write(b"LOT-")
    wait_for(lambda: bench.of("scanner"))
    wire.write(b"LOT-2\r")
    wait_for(lambda: len(bench.of("scanner")) == 2)
    assert [(r.note, r.raw) for r in bench.of("scanner")] == [("incomplete", b"LOT-"), ("", b"LOT-2")]
    assert bench.health("scanner") == "online"


def test_garbage_spoils_the_line_it_stands_before_and_no_other(bench: Bench) -> None:
    wire = bench.plug("scale", **SCALE)
    noise = bytes(byte for byte in random.Random(5).randbytes(64) if byte not in b"\r\n")
    wire.write(b"ST,+1.5g\r\n" + noise + b"ST,+2.5g\r\nST,+3.5g\r\n")
    wait_for(lambda: len(bench.of("scale")) == 3)
    assert [(r.value, r.note) for r in bench.of("scale")] == [(1.5, ""), (None, "unparsed"), (3.5, "")]
    assert bench.of("scale")[1].raw == noise + b"ST,+2.5g"


def test_100_000_bytes_without_an_end_are_cut_and_the_next_line_is_read(bench: Bench) -> None:
    wire = bench.plug("scanner")
    left = b"x" * 100_000
    while left:
        left = left[wire.write(left[:4096]) :]
    wait_for(lambda: bench.of("scanner"))
    wire.write(b"\rLOT-1\r")
    told = [("discarded", 95_904), ("overlong", 4096), ("", 5)]

    def heard() -> list[tuple[str, int]]:
        found = [(r.note, len(r.raw)) for r in bench.of("scanner") if r.note != "discarded"]
        lost = sum(r.value for r in bench.of("scanner") if r.note == "discarded" and isinstance(r.value, int))
        return [("discarded", lost), *found]

    wait_for(lambda: heard() == told)  # the last of it may be said a second later
    assert heard() == told


def test_a_code_read_twice_is_flagged_and_kept(bench: Bench) -> None:
    wire = bench.plug("scanner", double_scan_ms=60_000)
    for code in (b"SN1\r", b"SN1\r", b"SN2\r"):
        wire.write(code)
    wait_for(lambda: len(bench.of("scanner")) == 3)
    assert [(r.value, r.note) for r in bench.of("scanner")] == [("SN1", ""), ("SN1", "duplicate"), ("SN2", "")]


@pytest.mark.parametrize("driver", ["text_line", "mt_sics"])
def test_a_chattering_device_is_cut_counted_and_said_and_its_neighbour_loses_nothing(
    driver: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RateCap, "REST_NS", S // 2)  # instead of 5 s
    kept = "" if driver == "text_line" else "unparsed"  # no balance sends such lines
    chatter = bench.plug("chatter", driver, **({"double_scan_ms": 0} if driver == "text_line" else {"period_ms": 50}))
    calm = bench.plug("calm", double_scan_ms=0)
    face = LineFace(calm, b"\r\n")
    sent, calm_sent = 0, 0
    start = time.monotonic()
    while (passed := time.monotonic() - start) < 1.5:
        due = int(passed * 2000)  # 2,000 lines a second
        burst = b"".join(b"LINE %05d\r\n" % at for at in range(sent, due))
        sent += chatter.write(burst) // 12
        if passed * 20 > calm_sent and face.send(f"CALM {calm_sent}"):
            calm_sent += 1
        time.sleep(0.01)
    wait_for(lambda: bench.health("chatter") == "offline flood")
    wait_for(lambda: len(bench.of("calm")) == calm_sent)
    assert [r.value for r in bench.of("calm")] == [f"CALM {at}" for at in range(calm_sent)]
    assert bench.health("calm") == "online"

    def told() -> int:
        readings = bench.of("chatter")
        lost = sum(r.value for r in readings if r.note == "overflow" and isinstance(r.value, int))
        return lost + sum(r.note == kept for r in readings)

    wait_for(lambda: told() == sent)  # every line is there or counted
    assert 1000 <= sum(r.note == kept for r in bench.of("chatter")) < 1000 + 200 * 4
    assert [r for r in bench.of("chatter") if r.note == kept][-1].seq <= sent
    # as soon as it keeps to its rate it is read like any other
    if driver == "text_line":
        wait_for(lambda: bench.health("chatter") == "online")
        chatter.write(b"LINE AGAIN\r\n")
        wait_for(lambda: bench.of("chatter")[-1].value == "LINE AGAIN")
    else:
        with SicsFace(chatter):
            wait_for(lambda: bench.health("chatter") == "online" and bench.of("chatter")[-1].value == 100.0)
    assert bench.health("chatter") == "online"


def test_the_rate_is_kept_in_the_long_run_and_the_flood_ends() -> None:
    cap = RateCap(200)
    taken = sum(cap.takes(at * S // 2000) for at in range(20_000))  # 10 s
    assert taken + cap.lost == 20_000
    assert 2990 <= taken <= 3010  # 5 s in store, 10 s of rate
    assert cap.flooding(10 * S)
    assert not cap.flooding(16 * S)
    assert cap.untold(10 * S) == cap.lost
    assert cap.untold(20 * S) == 0
    cap = RateCap(1)
    assert [cap.takes(0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert cap.untold(0) == 0  # a second is not over
    assert cap.untold(0, last=True) == 2  # the cable was pulled: now or never
    assert all(RateCap(200).takes(at * S // 100) for at in range(1000))


def test_lost_frames_become_one_event_with_their_number(talk: Talk) -> None:
    batch = talk.interpreter.read([reading("scanner", "", 734, talk.at_ms, note="overflow", quality=Quality.BAD)])
    assert [(e.kind, e.detail, e.pieces) for e in batch.events] == [(EventKind.LOSS, "overflow", 734)]


def test_bytes_that_were_not_kept_become_one_event_and_are_no_lost_values(talk: Talk) -> None:
    lost = reading("scanner", "", 95_904, talk.at_ms, note="discarded", quality=Quality.BAD)
    batch = talk.interpreter.read([lost])
    assert [(e.kind, e.detail, e.pieces) for e in batch.events] == [(EventKind.LOSS, "bytes 95904", None)]


# --- the wrong baud rate


def heard_at(sent: bytes, sent_baud: int, heard_baud: int) -> bytes:
    """What an 8N1 receiver makes of bytes that were sent at another rate, sampling in the middle of each bit."""
    bits = [1] * 20
    for byte in sent:
        bits += [0, *(byte >> at & 1 for at in range(8)), 1]
    bits += [1] * 20

    def level(at: float) -> int:
        place = int(at * sent_baud / heard_baud)
        return bits[place] if place < len(bits) else 1

    end, at, found = len(bits) * heard_baud / sent_baud, 0.0, bytearray()
    while at < end:
        if level(at) == 1:
            at += 1 / 16
            continue
        found.append(sum(level(at + 1.5 + bit) << bit for bit in range(8)))
        at += 9.5
        while at < end and level(at) == 0:
            at += 1 / 16
    return bytes(found)


LINES = [
    b"ST,+00123.45  g\r\n", b"01A+0000.123\r", b"S S     100.00 g\r\n", "품번=BRK-12,양호,0.12\r\n".encode("cp949"),
    "품번=BRK-12,양호,0.13\r\n".encode(), b"]d20108801234567893\r", b"ST,GS,1\xc4,   12.30 kg\r\n",
]  # fmt: skip
RATES = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)


@pytest.mark.parametrize("line", LINES)
def test_what_a_device_sends_is_text_and_at_most_other_rates_it_is_not(line: bytes) -> None:
    right = heard_at(line * 20, 9600, 9600)
    assert right == line * 20
    assert odd_bytes(right) <= len(right) * 0.1
    others = [heard_at(line * 20, 9600, rate) for rate in RATES if rate != 9600]
    told = sum(odd_bytes(other) > len(other) * Legibility.RATIO for other in others)
    assert told >= len(others) - 2


def test_illegible_is_said_after_three_seconds_and_taken_back_at_the_first_text() -> None:
    legible, noise = Legibility(), b"\x80\xff\x00\x98" * 4
    for at in range(30):
        legible.feed(noise, at * S // 10)
        assert not legible.illegible
    legible.feed(noise, 31 * S // 10)
    assert legible.illegible
    for _ in range(3):
        legible.feed(b"ST,+00123.45  g", 32 * S // 10)
    assert not legible.illegible


class Air:
    """A port and its clock in one: what is heard is given, and no second of it is waited for."""

    def __init__(self) -> None:
        self.at_ns = 10 * S
        self.next = b""
        self.errors: LineErrors | None = None

    def now_ms(self) -> int:
        return self.at_ns // 1_000_000

    def mono_ns(self) -> int:
        return self.at_ns

    def receive(self) -> Chunk:
        data, self.next = self.next, b""
        return Chunk(data, self.now_ms(), self.at_ns)

    def line_errors(self) -> LineErrors | None:
        return self.errors

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send(self, data: bytes) -> None: ...


@pytest.fixture
def air(monkeypatch: pytest.MonkeyPatch) -> Air:
    made = Air()
    monkeypatch.setattr(text_line, "Link", lambda *_given: made)
    return made


def opened(air: Air, kind: type[text_line.LineDevice] = TextLine, **device: Value) -> text_line.LineDevice:
    signal = "code" if kind is TextLine else "weight"
    driver = kind(BusSpec("bus-1", "COM3", {}, (DeviceSpec("dev", device, (SignalSpec(signal),)),)), air)
    driver.open()
    return driver


def hearing(air: Air, driver: text_line.LineDevice, piece: bytes, until: str, limit_s: float) -> float:
    """Feed a piece every 50 ms until the driver says that kind of fault ("" for none); how many seconds it took."""
    start = air.at_ns
    while air.at_ns - start < limit_s * S:
        air.at_ns, air.next = air.at_ns + S // 20, piece
        driver.poll()
        if [fault.kind for fault in driver.faults().values()] == [until] * bool(until):
            break
    return (air.at_ns - start) / S


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate != 9600])
@pytest.mark.parametrize("line", LINES)
def test_the_driver_names_the_wrong_rate_within_six_seconds_and_reads_on_at_the_right_one(
    line: bytes, rate: int, air: Air
) -> None:
    piece = heard_at(line, 9600, rate)
    if odd_bytes(piece * 9) <= len(piece * 9) * Legibility.RATIO:
        return  # at some rates a line looks like another text: see above how few these are
    for kind in (TextLine, MtSics):
        driver = opened(air, kind)
        assert 3 <= hearing(air, driver, piece, "wrong_baud", 10) < 6
        assert driver.faults()["dev"].needs_person
        assert (driver.faults()["dev"].detail["baud"], driver.faults()["dev"].detail["frame"]) == (9600, "8N1")
        if kind is TextLine:
            assert hearing(air, driver, line, "", 10) < 1


def test_noise_without_any_end_at_a_high_rate_is_named_too(air: Air) -> None:
    noise = bytes(byte for byte in range(128, 256)) * 5
    driver = opened(air)
    assert 3 <= hearing(air, driver, noise, "wrong_baud", 10) < 6  # long after the first 4096 bytes
    assert hearing(air, driver, b"\rST,+1.5g\r", "", 10) < 1


def test_a_spark_and_a_long_text_without_an_end_are_no_wrong_rate(air: Air) -> None:
    driver = opened(air)
    air.next = b"\x80\xff\x00\x98" * 10
    driver.poll()
    hearing(air, driver, b"", "wrong_baud", 10)
    assert driver.faults() == {}  # nothing came since
    hearing(air, driver, b"ST,+1.5g\r\n", "wrong_baud", 0.05)
    assert driver.faults() == {}
    hearing(air, driver, b"a text that goes on", "wrong_baud", 10)
    assert driver.faults() == {}


def test_text_that_the_port_itself_finds_damaged_comes_at_a_wrong_rate(air: Air) -> None:
    """Half a line's characters without a stop bit, and yet all of them letters: no look at the bytes can tell."""
    for kind, line in ((TextLine, b"ST,+00123.45  g\r\n"), (MtSics, b"S S     100.00 g\r\n")):
        for problem, spoilt in (("framing", LineErrors(framing=8)), ("parity", LineErrors(parity=9))):
            driver, errors = opened(air, kind), LineErrors()

            def poll(
                damaged: bool,
                driver: text_line.LineDevice = driver,
                spoilt: LineErrors = spoilt,
                line: bytes = line,
            ) -> None:
                nonlocal errors
                framing, parity = (damaged * spoilt.framing, damaged * spoilt.parity)
                errors = LineErrors(errors.framing + framing, errors.parity + parity, 0, errors.of + len(line))
                air.errors, air.next, air.at_ns = errors, line, air.at_ns + S
                driver.poll()

            for damaged in (False, True, False, False, False, True, True, True):  # one spark, then three bad seconds
                poll(damaged)
                assert driver.faults() == {}
            poll(True)
            fault = driver.faults()["dev"]
            assert (fault.kind, fault.needs_person, fault.detail["problem"]) == ("wrong_baud", True, problem)
            said = fault_sentence(fault.kind, fault.detail)
            assert ("9600" in said, "8N1" in said, "no text" in said) == (True, True, False)
            poll(False)
            poll(False)
            assert driver.faults() == {}
        air.errors = None


def test_a_pattern_that_takes_too_long_is_switched_off_and_what_comes_is_kept(
    air: Air, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = opened(air, pattern="(?P<code>[A-Z0-9]+)")
    monkeypatch.setattr(patterns, "SLOW_NS", -1)
    found = []
    for _ in range(5):
        air.at_ns, air.next = air.at_ns + S, b"SN1\r\n"
        found += [(one.signal, one.value, one.note, one.raw) for one in driver.poll()]
    assert found == [("code", "SN1", "", b"SN1")] * 3 + [("", None, "unparsed", b"SN1")] * 2
    fault = driver.faults()["dev"]
    assert (fault.kind, fault.needs_person, fault.detail) == ("slow_pattern", True, {"most": 50})
    assert "more than 50 ms" in fault_sentence(fault.kind, fault.detail)


@pytest.mark.parametrize("driver", ["text_line", "mt_sics"])
def test_a_wrong_baud_rate_is_said_in_words(driver: str, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Legibility.__init__, "__defaults__", (200,))  # instead of 3 s
    wire = bench.plug("scale", driver, **(SCALE if driver == "text_line" else {"period_ms": 50}))
    start = time.monotonic()
    while bench.health("scale") != "misconfigured wrong_baud" and time.monotonic() - start < 5:
        wire.write(b"\x98\xf8\x00\xe6\x86\xfe\x80\r\n")
        time.sleep(0.02)
    assert bench.health("scale") == "misconfigured wrong_baud"
    assert "9600, 8N1" in fault_sentence("wrong_baud", {"baud": 9600, "frame": "8N1"})
    assert all(r.raw for r in bench.of("scale"))  # what came is kept
    if driver == "text_line":
        for _ in range(8):
            wire.write(b"ST,+1.5g\r\n")
        wait_for(lambda: bench.health("scale") == "online")
    else:
        with SicsFace(wire):
            wait_for(lambda: bench.health("scale") == "online")


# --- silence, busy ports, pulled and renamed cables


def test_a_device_that_pushes_may_be_silent_and_one_that_is_asked_may_not(bench: Bench) -> None:
    bench.plug("scanner")
    bench.plug("scale", **SCALE, request=r"Q\r\n", period_ms=50, answer_ms=60)
    wait_for(lambda: bench.health("scale") == "offline no_answer")
    assert bench.health("scanner") == "online"
    wire = bench.wires["scale"]

    def answered() -> bool:
        if b"Q\r\n" in wire.read():
            wire.write(b"ST,+2.5g\r\n")
        return bench.health("scale") == "online" and bool(bench.of("scale"))

    wait_for(answered)
    assert bench.of("scale")[0].value == 2.5


def test_a_device_with_a_watchdog_is_silent_after_its_time_and_online_with_the_next_line(bench: Bench) -> None:
    calm = bench.plug("calm")
    stream = bench.plug("stream", watchdog_s=1)
    wait_for(lambda: bench.health("stream") == "online")
    wait_for(lambda: bench.health("stream") == "offline silent", 3)
    stream.write(b"LOT-5\r")
    wait_for(lambda: bench.health("stream") == "online")
    assert bench.of("stream")[-1].value == "LOT-5"
    calm.write(b"LOT-6\r")
    wait_for(lambda: bool(bench.of("calm")))
    assert bench.health("calm") == "online"
    assert "1 s" in fault_sentence("silent", {"seconds": 1})


def test_the_watchdog_counts_whole_frames_and_from_the_opening_on(air: Air) -> None:
    driver = opened(air, watchdog_s=60)
    assert driver.faults() == {}
    assert 60 <= hearing(air, driver, b"", "silent", 100) < 60.1
    assert driver.faults()["dev"].detail == {"seconds": 60}
    assert hearing(air, driver, b"12.5\r", "", 1) < 0.1
    air.next = b"1"  # a spark
    driver.poll()
    assert 59.9 <= hearing(air, driver, b"", "silent", 100) < 60.1
    never = opened(air)
    assert hearing(air, never, b"", "silent", 200) >= 200
    assert never.faults() == {}


def test_a_busy_port_is_said_and_read_as_soon_as_it_is_free(bench: Bench) -> None:
    if sys.platform == "win32":
        pytest.skip("a pty is needed")
    wire = bench.wires["scanner"] = WirePort(bench.folder / "scanner", "pty")
    other = link.Link(wire.url, {}, REAL, 0.05)
    other.open()
    bench.start("scanner", wire.url)
    wait_for(lambda: bench.health("scanner") == "offline port_busy")
    other.close()
    wait_for(lambda: bench.health("scanner") == "online")


def test_a_cable_pulled_in_a_line_keeps_the_half_and_goes_on_without_a_restart(bench: Bench) -> None:
    wire = bench.plug("scanner")
    wire.write(b"LOT-")
    time.sleep(0.1)
    wire.cut()
    wait_for(lambda: bench.health("scanner").startswith("offline"), 2)
    assert [(r.note, r.raw) for r in bench.of("scanner")] == [("incomplete", b"LOT-")]
    wire.restore()
    wait_for(lambda: bench.health("scanner") == "online" and wire.listening)
    wire.write(b"LOT-3\r")
    wait_for(lambda: bench.of("scanner")[-1].value == "LOT-3")


def test_a_cable_is_found_again_under_another_name(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("a pty is needed")
    there: list[PortInfo] = []
    monkeypatch.setattr(link, "ports", lambda: list(there))
    for key in ("before", "after"):
        bench.wires[key] = WirePort(bench.folder / key, "pty")
    identity = "usb:0403:6001:A50285BI"
    there.append(PortInfo(bench.wires["before"].url, "", "", identity))
    bench.start("scanner", identity)
    wait_for(lambda: bench.health("scanner") == "online")
    bench.wires["before"].cut()
    there.clear()
    wait_for(lambda: bench.health("scanner") == "offline port_missing", 2)
    there.append(PortInfo(bench.wires["after"].url, "", "", identity))
    wait_for(lambda: bench.wires["after"].listening)
    bench.wires["after"].write(b"LOT-4\r")
    wait_for(lambda: bool(bench.of("scanner")))
    assert bench.of("scanner")[-1].value == "LOT-4"


def test_a_balance_whose_cable_is_pulled_is_read_again(bench: Bench) -> None:
    wire = bench.wires["scale"] = WirePort(bench.folder / "scale", "socket" if sys.platform == "win32" else "pty")
    with SicsFace(wire) as face:
        bench.start("scale", wire.url, "mt_sics", period_ms=50, timeout_ms=200, serial="B123456789")
        wait_for(lambda: bench.health("scale") == "online")
        wire.cut()
        wait_for(lambda: bench.health("scale").startswith("offline"), 2)
        face.serial = "C9"  # somebody takes another balance
        wire.restore()
        wait_for(lambda: bench.health("scale") == "misconfigured wrong_device")
        face.serial, face.weight = "B123456789", 55.0
        wait_for(lambda: bench.health("scale") == "online" and bench.of("scale")[-1].value == 55.0)
        assert face.changes_seen == []


# --- whatever bytes


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=8), end=st.sampled_from(TERMINATORS))
def test_no_bytes_raise_anything_and_no_split_changes_the_frames(data: bytes, cuts: list[int], end: str) -> None:
    def frames(marks: list[int]) -> list[tuple[bytes, str]]:
        framer = Framer(end, limit=32)
        found = [f for a, b in pairwise(marks) for f in framer.feed(data[a:b], 1, 0)]
        return [(f.body, f.note) for f in (*found, *framer.tick(2 * S))]

    whole = frames([0, len(data)])
    assert frames(sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})) == whole
    assert frames(list(range(len(data) + 1))) == whole
    words = StatusWords(("ST",), ("US",), ("OL",))
    for decoder in (
        Decoder("(?P<status>..),(?P<value>.*)", "ascii"),
        Decoder("", cut="status=1-2,value=3-6", aim=True),
    ):
        for body, _note in whole:
            fields = decoder.fields_of(body) or {}
            value = fields.get("value", "")
            assert number(value) is None or not mark(value)
            assert words.note(fields.get("status", "")) in ("", "unstable", "overload")
    assert 0 <= odd_bytes(data) <= len(data)


@pytest.mark.parametrize(
    ("end", "data", "expected"),
    [
        ("cr", b"A\nB\rC\r\nD\r", [b"A\nB", b"C", b"D"]),
        ("lf", b"A\rB\nC\r\n\nD\n", [b"A\rB", b"C", b"D"]),
        ("crlf", b"A\rB\nC\r\nD\r\n", [b"A\rB\nC", b"D"]),
        ("etx", b"\n12 kg\r\n00\r\x03\x03B\x03", [b"\n12 kg\r\n00\r", b"B"]),
    ],
)
def test_each_terminator_ends_its_frames_only(end: str, data: bytes, expected: list[bytes]) -> None:
    framer = Framer(end)
    assert [f.body for byte in data for f in framer.feed(bytes((byte,)), 1, 0)] == expected
    assert framer.flush() == []
    framer.feed(b"half\r" if end == "crlf" else b"half", 1, 0)
    assert [(f.body, f.note) for f in framer.tick(2 * S)] == [(b"half\r" if end == "crlf" else b"half", "incomplete")]


def test_numbers_with_a_decimal_comma() -> None:
    assert number("+ 12,50", comma=True) == 12.5
    assert number("1234", comma=True) == 1234
    assert number("1.234", comma=True) is None  # a thousand or one and a bit: nobody knows
    assert number("12,50") is None
    assert SignalSpec("a").unit == ""
    assert [mark(text) for text in ("^^^^", " ____ ", "----", "-", "12", "")] == [
        "overload",
        "underload",
        "error",
        "",
        "",
        "",
    ]
