"""Lines of text: cutting them out of a stream, reading fields from them, and what becomes of bad ones."""

from __future__ import annotations

import math
import sys
import time
import tomllib
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from biip.symbology import ISOSymbology, SymbologyIdentifier
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desktop.clock import REAL
from drivers.base import BusSpec, DeviceSpec, DriverError, Quality, Reading, SignalSpec, Value
from drivers.simulated.port import WirePort
from drivers.simulated.wire_line import LineFace
from drivers.text_line import Decoder, DoubleScan, Frame, Framer, TextLine, columns, decode_text, number
from tests.waiting import wait_for

WIRES = Path(__file__).parents[1] / "data" / "wires"
MS = 1_000_000
LINES = ("line", "stx-etx", "silence")


def bodies(frames: list[Frame]) -> list[tuple[bytes, str]]:
    return [(frame.body, frame.note) for frame in frames]


# --- Framer


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n\n"])
def test_any_line_end_ends_a_line(end: bytes) -> None:
    framer = Framer()
    assert bodies(framer.feed(b"A1" + end + b"B2" + end, 5, 0)) == [(b"A1", ""), (b"B2", "")]
    assert framer.flush() == []


def test_a_frame_is_stamped_with_its_first_byte() -> None:
    framer = Framer()
    assert framer.feed(b"AB", 100, 1 * MS) == []
    assert framer.feed(b"C\rD", 140, 41 * MS) == [Frame(b"ABC", 100, 1 * MS)]
    assert framer.feed(b"\r", 150, 51 * MS) == [Frame(b"D", 140, 41 * MS)]


def test_a_line_that_stalls_is_never_glued_to_the_next_one() -> None:
    framer = Framer()
    framer.feed(b"half", 1, 0)
    assert framer.tick(999 * MS) == []
    assert bodies(framer.tick(1000 * MS)) == [(b"half", "incomplete")]
    assert framer.tick(5000 * MS) == []
    framer.feed(b"half", 1, 6000 * MS)
    assert bodies(framer.feed(b"next\r", 1, 7500 * MS)) == [(b"half", "incomplete"), (b"next", "")]


def test_text_outside_of_stx_and_etx_is_kept() -> None:
    framer = Framer("stx-etx")
    frames = framer.feed(b"noise\x02A\r\nB\x03\r\n\x02lost\x02C\x03", 1, 0)
    assert bodies(frames) == [(b"noise", "unparsed"), (b"A\r\nB", ""), (b"lost", "incomplete"), (b"C", "")]
    framer.feed(b"tail", 1, 0)
    assert bodies(framer.tick(2000 * MS)) == [(b"tail", "unparsed")]


def test_silence_ends_a_frame() -> None:
    framer = Framer("silence", silence_ms=50)
    assert framer.feed(b"88012", 1, 0) == []
    assert framer.feed(b"34567\r", 3, 49 * MS) == []
    assert framer.tick(98 * MS) == []
    assert bodies(framer.tick(99 * MS)) == [(b"8801234567", "")]
    framer.feed(b"A", 1, 200 * MS)
    assert bodies(framer.feed(b"B", 1, 260 * MS)) == [(b"A", "")]


def test_a_line_of_exactly_the_limit_is_whole_and_one_byte_more_is_cut() -> None:
    framer = Framer(limit=16)
    assert bodies(framer.feed(b"x" * 16 + b"\r", 1, 0)) == [(b"x" * 16, "")]
    frames = framer.feed(b"y" * 17 + b"\rnext\r", 1, 0)
    assert bodies(frames) == [(b"y" * 16, "overlong"), (b"next", "")]
    assert framer.discarded == 1


@pytest.mark.parametrize("terminator", LINES)
def test_a_flood_without_end_leaves_memory_flat(terminator: str) -> None:
    framer = Framer(terminator)
    piece = b"x" * 1000
    frames = framer.feed(b"\x02" if terminator == "stx-etx" else b"", 1, 0)
    tracemalloc.start()
    for _ in range(100):
        frames += framer.feed(piece, 1, 0)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bodies(frames) == [(b"x" * 4096, "overlong")]
    assert framer.discarded == 100_000 - 4096
    assert used < 30_000
    assert framer.tick(1100 * MS) == []  # its end: the next line is a line again
    frames = framer.feed(b"\x02good\x03" if terminator == "stx-etx" else b"good\r", 1, 1200 * MS)
    assert bodies(frames + framer.tick(1300 * MS)) == [(b"good", "")]


STREAMS = st.lists(
    st.one_of(st.binary(max_size=40), st.sampled_from([b"\r", b"\n", b"\r\n", b"\x02", b"\x03", b"ST,GS,+1.5kg\r\n"])),
    max_size=30,
).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(data=STREAMS, cuts=st.lists(st.integers(0, 1200), max_size=40), terminator=st.sampled_from(LINES))
@example(data=b"\x02a\x03\r\n", cuts=[1, 2, 3, 4], terminator="stx-etx")
@example(data=b"y" * 17 + b"\r\n", cuts=[16, 17], terminator="line")
def test_any_split_of_the_stream_gives_the_same_frames(data: bytes, cuts: list[int], terminator: str) -> None:
    def frames(chunks: list[bytes]) -> tuple[list[Frame], int]:
        framer = Framer(terminator, limit=16)
        found = [frame for chunk in chunks for frame in framer.feed(chunk, 7, 0)]
        return found + framer.tick(2000 * MS), framer.discarded

    marks = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    chunks = [data[a:b] for a, b in pairwise(marks)]
    whole = frames([data])
    assert frames(chunks) == whole
    assert frames([data[i : i + 1] for i in range(len(data))]) == whole
    kept = sum(len(frame.body) for frame in whole[0]) + whole[1]
    marks_and_ends = sum(data.count(byte) for byte in b"\r\n\x02\x03\x00")
    assert len(data) - marks_and_ends <= kept <= len(data)


# --- Decoder and its parts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+ 12.3", 12.3),
        ("+00123.45", 123.45),
        ("-   0.05", -0.05),
        ("   100.00", 100.0),
        ("12.", 12.0),
        (".5", 0.5),
        ("7", 7.0),
        ("9007199254740993", 9007199254740993),  # not to be told from its neighbours as a float
        ("+ 123456789012345678", 123456789012345678),
        ("9" * 5000, math.inf),
        ("-0", 0.0),
        ("+9999999E+19", None),
        ("1,234", None),
        ("1 2", None),
        ("", None),
        ("+", None),
        (".", None),
        ("nan", None),
        ("inf", None),
        ("1_000", None),
        ("12.3.4", None),
        ("-----", None),
        ("١٢", None),
    ],
)
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


@given(st.decimals(-99999, 99999, places=4, allow_nan=False))
def test_a_number_is_read_to_its_last_digit(value: object) -> None:
    assert number(f"{value:+}") == float(str(value))


@given(st.text(max_size=30) | st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")))
def test_whatever_is_no_number_is_none(text: str) -> None:
    value = number(text)
    assert value is None or value == float(text.replace(" ", "").strip())


@given(st.binary(max_size=60), st.sampled_from(["auto", "utf-8", "cp949", "latin-1"]))
def test_decoding_never_fails(data: bytes, encoding: str) -> None:
    assert isinstance(decode_text(data, encoding), str)


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        ("양호 12.3".encode(), "auto", "양호 12.3"),
        ("양호 12.3".encode("cp949"), "auto", "양호 12.3"),
        (b"ST,GS,1\xc4,", "auto", "ST,GS,1\\xc4,"),
        (b"1\xc4,", "latin-1", "1Ä,"),
        (b"1\xff\xfe", "utf-8", "1\\xff\\xfe"),
    ],
)
def test_encodings(data: bytes, encoding: str, text: str) -> None:
    assert decode_text(data, encoding) == text


def test_columns_count_from_one_and_bytes() -> None:
    assert columns("torque=3-4, judge=6") == {"torque": (2, 4), "judge": (5, 6)}
    korean = "가12 O".encode("cp949")
    assert Decoder("", cut="torque=3-4,judge=6").fields_of(korean) == {"torque": "12", "judge": "O"}
    assert Decoder("", cut="torque=3-4,judge=6").fields_of(b"short") is None
    for wrong in ("", "a", "a=", "a=4-2", "a=0-2", "a=1,a=2", "1=2", "a=1;b=2"):
        with pytest.raises(ValueError):
            columns(wrong)


def test_a_pattern_must_fit_the_whole_frame() -> None:
    decoder = Decoder("(?P<weight>[0-9.]+) kg")
    assert decoder.fields_of(b"12.3 kg") == {"weight": "12.3"}
    assert decoder.fields_of(b"#12.3 kg") is None
    assert decoder.fields_of(b"12.3 kg!") is None
    for wrong in ("(?P<weight", "no group", "(?P<1>x)"):
        with pytest.raises(ValueError):
            Decoder(wrong)


def test_the_aim_identifier_becomes_a_field_of_its_own() -> None:
    decoder = Decoder("(?P<code>.+)", aim=True)
    assert decoder.fields_of(b"]d20108801234567893") == {"aim": "]d2", "code": "0108801234567893"}
    assert decoder.fields_of(b"]x") == {"code": "]x"}
    assert Decoder("(?P<code>.+)").fields_of(b"]d2X") == {"code": "]d2X"}


@pytest.mark.parametrize("symbology", ISOSymbology)
def test_what_is_taken_off_a_code_is_the_identifier_that_biip_finds(symbology: ISOSymbology) -> None:
    """For every kind of code and modifier; the code behind it may look like an identifier again."""
    decoder = Decoder("(?P<code>.+)", aim=True)
    for modifier in "0123456789" if symbology is ISOSymbology.SYSTEM_EXPANSION else "0123456789AFz":
        more = "3" * int(modifier) if symbology is ISOSymbology.SYSTEM_EXPANSION else ""
        sent = f"]{symbology.value}{modifier}{more}"
        for code in ("8801234567893", "]C1A-00001", "0108801234567893\x1d21S99"):
            found = decoder.fields_of((sent + code).encode())
            assert found == {"aim": SymbologyIdentifier.extract(sent + code).value, "code": code}
            assert found["aim"] == sent


def test_a_double_scan_is_the_same_body_within_the_window() -> None:
    double = DoubleScan(300)
    assert not double.again(b"A", 0)
    assert double.again(b"A", 299 * MS)
    assert double.again(b"A", 598 * MS)  # a trigger held down: always 299 ms after the last time
    assert not double.again(b"B", 600 * MS)
    assert not double.again(b"A", 898 * MS)
    assert not DoubleScan(0).again(b"A", 0)
    flood = DoubleScan(300)
    for i in range(5000):
        flood.again(b"%d" % i, i * MS)
    assert len(flood._seen) <= 301


# --- The driver on a wire


@pytest.fixture(params=["socket"] if sys.platform == "win32" else ["pty"])
def wire(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WirePort]:
    with WirePort(tmp_path / "wire", request.param) as port:
        yield port


Settings = dict[str, Value]


def driver_on(wire: WirePort, device: Settings, signals: dict[str, Settings], bus: Settings | None = None) -> TextLine:
    specs = tuple(SignalSpec(key, given) for key, given in signals.items())
    driver = TextLine(BusSpec("bus-1", wire.url, bus or {}, (DeviceSpec("dev-1", device, specs),)), REAL)
    driver.open()
    wait_for(lambda: wire.listening)
    return driver


def polled(driver: TextLine, count: int, limit_s: float = 5.0) -> list[Reading]:
    readings: list[Reading] = []

    def enough() -> bool:
        readings.extend(driver.poll())
        return len(readings) >= count

    wait_for(enough, limit_s)
    return readings


CONVERSATIONS = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(WIRES.glob("*.toml"))}


@pytest.mark.parametrize("name", [name for name, told in CONVERSATIONS.items() if told["driver"] == "text_line"])
def test_conversations(name: str, wire: WirePort) -> None:
    conversation: dict[str, Any] = CONVERSATIONS[name]
    driver = driver_on(wire, conversation["device"], conversation["signals"])
    try:
        for seq, frame in enumerate(conversation["frame"], 1):
            raw = bytes.fromhex(frame["hex"])
            before = REAL.now_ms()
            assert wire.write(raw) == len(raw)
            expected = frame.get("fields", {})
            readings = polled(driver, len(expected) or 1)
            assert {reading.seq for reading in readings} == {seq}
            assert all(reading.raw in raw and reading.raw for reading in readings)
            assert all(before <= reading.at_ms <= REAL.now_ms() for reading in readings)
            if not expected:
                assert [(r.signal, r.value, r.note, r.quality) for r in readings] == [
                    ("", None, frame["note"], Quality.BAD)
                ]
            for reading in readings if expected else ():
                if expected[reading.signal] == "unparsed":
                    assert (reading.value, reading.quality, reading.note) == (None, Quality.BAD, "unparsed")
                else:
                    assert (reading.value, reading.quality) == (expected[reading.signal], Quality.GOOD)
    finally:
        driver.close()


def test_garbage_before_a_line_spoils_that_one_line_only(wire: WirePort) -> None:
    driver = driver_on(wire, {"pattern": "ST,(?P<weight>[+-][0-9.]+)kg"}, {"weight": {"number": True}})
    try:
        wire.write(b"\x00\xff\x91ST,+1.5kg\r\nST,+2.5kg\r\n")
        readings = polled(driver, 2)
        assert [(r.signal, r.value, r.note) for r in readings] == [("", None, "unparsed"), ("weight", 2.5, "")]
        assert readings[0].raw == b"\x00\xff\x91ST,+1.5kg"
        assert [r.seq for r in readings] == [1, 2]
    finally:
        driver.close()


def test_a_scan_is_the_whole_line_and_a_second_trigger_is_marked(wire: WirePort) -> None:
    driver = driver_on(wire, {"double_scan_ms": 60_000}, {"code": {}})
    face = LineFace(wire, b"\r")
    try:
        for code in ("LOT-1", "LOT-1", "LOT-2"):
            assert face.send(code)
        readings = polled(driver, 3)
        assert [(r.value, r.note) for r in readings] == [("LOT-1", ""), ("LOT-1", "duplicate"), ("LOT-2", "")]
        assert all(r.quality is Quality.GOOD for r in readings)
        assert [r.seq for r in readings] == [1, 2, 3]
        assert b"".join(data for _, way, data in driver.raw_tail() if way == "rx") == b"LOT-1\rLOT-1\rLOT-2\r"
    finally:
        driver.close()


def test_a_signal_takes_the_field_that_it_names(wire: WirePort) -> None:
    signals: dict[str, Settings] = {"torque_nm": {"field": "t", "number": True}, "ok": {"field": "j"}}
    driver = driver_on(wire, {"pattern": "(?P<t>[^,]*),(?P<j>[^,]*)(,(?P<more>.*))?"}, signals)
    try:
        wire.write(b"4.285,OK\n----,NG\n")
        readings = polled(driver, 4)
        assert [(r.signal, r.value, r.seq) for r in readings] == [
            ("torque_nm", 4.285, 1),
            ("ok", "OK", 1),
            ("torque_nm", None, 2),
            ("ok", "NG", 2),
        ]
        assert (readings[2].note, readings[2].quality) == (
            "error",
            Quality.BAD,
        )  # ---- is what a scale without a value sends
    finally:
        driver.close()


def test_a_frame_that_gives_no_signal_anything_is_still_a_reading(wire: WirePort) -> None:
    driver = driver_on(wire, {"pattern": "(?P<a>x)?(?P<b>y)?"}, {"a": {}})
    try:
        wire.write(b"y\n")
        assert [(r.signal, r.note, r.raw) for r in polled(driver, 1)] == [("", "unparsed", b"y")]
    finally:
        driver.close()


def test_silence_as_end(wire: WirePort) -> None:
    driver = driver_on(wire, {"terminator": "silence", "silence_ms": 30}, {"code": {}})
    try:
        wire.write(b"8801234567893")
        assert [r.value for r in polled(driver, 1)] == ["8801234567893"]
    finally:
        driver.close()


def test_half_a_line_when_the_cable_is_pulled_is_kept_and_a_new_driver_goes_on(wire: WirePort) -> None:
    driver = driver_on(wire, {}, {"code": {}})
    wire.write(b"LOT-")
    wait_for(lambda: driver.poll() == [] and driver.raw_tail())
    wire.cut()
    assert [(r.note, r.raw) for r in polled(driver, 1)] == [("incomplete", b"LOT-")]
    for _ in range(2):
        with pytest.raises(DriverError) as lost:
            driver.poll()
        assert lost.value.kind == "link_lost"
    driver.close()
    wire.restore()
    again = driver_on(wire, {}, {"code": {}})
    try:
        wire.write(b"LOT-9\r\n")
        assert [(r.value, r.note) for r in polled(again, 1)] == [("LOT-9", "")]
    finally:
        again.close()


def test_an_idle_poll_is_short(wire: WirePort) -> None:
    driver = driver_on(wire, {}, {"code": {}})
    try:
        start = time.monotonic()
        assert driver.poll() == []
        assert time.monotonic() - start < 1.0
    finally:
        driver.close()


@pytest.mark.parametrize(
    ("device", "signals", "part"),
    [
        ({"pattern": "(?P<a"}, {"a": {}}, "pattern"),
        ({"pattern": "(?P<a>x)"}, {"b": {}}, "field"),
        ({"columns": "a=9-1"}, {"a": {}}, "columns"),
        ({"terminator": "tab"}, {"code": {}}, "terminator"),
        ({"limit": 3}, {"code": {}}, "limit"),
        ({}, {"code": {"number": "yes"}}, "number"),
    ],
)
def test_wrong_settings_are_named(device: Settings, signals: dict[str, Settings], part: str) -> None:
    specs = tuple(SignalSpec(key, given) for key, given in signals.items())
    driver = TextLine(BusSpec("bus-1", "loop://", {}, (DeviceSpec("scale", device, specs),)), REAL)
    with pytest.raises(DriverError) as fault:
        driver.open()
    driver.close()
    assert (fault.value.kind, fault.value.needs_person) == ("bad_address", True)
    assert "scale" in str(fault.value.detail["address"])
    assert part in str(fault.value.detail["address"])


def test_two_devices_cannot_share_a_port_that_only_listens() -> None:
    driver = TextLine(BusSpec("bus-1", "loop://", {}, (DeviceSpec("a"), DeviceSpec("b"))), REAL)
    with pytest.raises(DriverError, match="bad_address"):
        driver.open()
