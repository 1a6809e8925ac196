"""MT-SICS: every answer of the manual, and a balance that is silent, spoiled, streaming or another one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.clock import REAL
from drivers.base import BusSpec, DeviceSpec, DriverError, Quality, Reading, SignalSpec, Value
from drivers.mt_sics import Answer, MtSics, parse
from drivers.simulated.port import WirePort
from drivers.simulated.wire_sics import SicsFace, shown
from tests.waiting import wait_for

GOOD = b"S S     100.00 g\r\n"


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[WirePort]:
    with WirePort(tmp_path / "wire", "socket" if sys.platform == "win32" else "pty") as port:
        yield port


def driver_on(wire: WirePort, unit: str = "g", **device: Value) -> MtSics:
    given: dict[str, Value] = {"period_ms": 50, "timeout_ms": 150, **device}
    signals = (
        SignalSpec("weight", {}, unit),
        SignalSpec("unit", {"field": "unit"}),
        SignalSpec("state", {"field": "status"}),
        SignalSpec("number", {"field": "serial"}),
    )
    driver = MtSics(BusSpec("bus-1", wire.url, {}, (DeviceSpec("scale", given, signals),)), REAL)
    driver.open()
    return driver


def weights(driver: MtSics, count: int = 1) -> list[Reading]:
    """The next readings of the weight."""
    found: list[Reading] = []

    def enough() -> bool:
        found.extend(reading for reading in driver.poll() if reading.signal == "weight")
        return len(found) >= count

    wait_for(enough)
    return found


def fault(driver: MtSics) -> tuple[str, dict[str, Value]] | None:
    """What the driver says of its balance after one more poll."""
    driver.poll()
    said = driver.faults().get("scale")
    return None if said is None else (said.kind, said.detail)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (GOOD, Answer("S", "S", 100.0, "g")),
        (b"S D      99.80 g", Answer("S", "D", 99.8, "g")),
        (b"S S      -0.02 kg", Answer("S", "S", -0.02, "kg")),
        (b"S S     100,00 g", Answer("S", "S", 100.0, "g")),  # decimal comma of some locales
        (b"S S      100.0? g", Answer("S", "S", 100.0, "g", open_digits=True)),
        (b"S S         12 PCS", Answer("S", "S", 12.0, "PCS")),
        (b"S S      12.50 %", Answer("S", "S", 12.5, "%")),
        (b"S I", Answer("S", "I")),
        (b"S L", Answer("S", "L")),
        (b"S +", Answer("S", "+")),
        (b"S -", Answer("S", "-")),
        (b"ES", Answer("", "ES")),
        (b"ET", Answer("", "ET")),
        (b"EL", Answer("", "EL")),
        (b'I4 A "B123456789"', Answer("I4", "A", text="B123456789")),
        (b"I4 I", Answer("I4", "I")),
        (b"I4 L", Answer("I4", "L")),
    ],
)
def test_answers_of_the_manual(line: bytes, answer: Answer) -> None:
    assert parse(line) == answer


@given(st.binary(max_size=60) | st.text('SDI4A+-L0123456789., g?"', max_size=30).map(str.encode))
@example(b"S S 1?0.0 g")
@example(b"S S +9999999E+19 g")
def test_what_is_no_answer_is_a_fault_and_nothing_else(line: bytes) -> None:
    answer = None
    with suppress(DriverError):  # anything else fails the test
        answer = parse(line)
    if answer is not None:
        assert (answer.value is not None) == (answer.state in ("S", "D"))
        assert b"E+" not in line


@pytest.mark.parametrize("line", [b"S S 1?0.0 g", b"S S +9999999E+19 g", b"S S 1.2.3 g", b"S S", b"T S 10.00 g", b""])
def test_these_are_no_weights(line: bytes) -> None:
    with pytest.raises(DriverError, match="protocol"):
        parse(line)


def test_a_balance_is_identified_and_weighed(wire: WirePort) -> None:
    driver = driver_on(wire, serial="B123456789")
    with SicsFace(wire) as face:
        try:
            first: list[Reading] = []
            wait_for(lambda: first.extend(driver.poll()) or len(first) >= 4)
            assert [(r.signal, r.value) for r in first[:4]] == [
                ("number", "B123456789"), ("weight", 100.0), ("unit", "g"), ("state", "stable"),
            ]  # fmt: skip
            assert [r.seq for r in first[:4]] == [1, 2, 2, 2]
            assert first[1].raw == GOOD.strip()
            assert {r.quality for r in first[:4]} == {Quality.GOOD}
            assert driver.faults() == {}
            assert face.commands_seen[:3] == ["SI", "I4", "S"]
        finally:
            driver.close()


@pytest.mark.parametrize(
    ("answer", "value", "note", "quality"),
    [
        (b"S D      99.80 g\r\n", 99.8, "unstable", Quality.UNCERTAIN),
        (b"S S      0.100 kg\r\n", 0.1, "unit", Quality.UNCERTAIN),
        (b"S S      100.0? g\r\n", 100.0, "open_digits", Quality.UNCERTAIN),
        (b"S S     \x13100.00\x11 g\r\n", 100.0, "", Quality.GOOD),  # flow control inside an answer
        (b"S I\r\n", None, "unstable", Quality.BAD),
        (b"S +\r\n", None, "overload", Quality.BAD),
        (b"S -\r\n", None, "underload", Quality.BAD),
        (b"S L\r\n", None, "error", Quality.BAD),
        (b"ES\r\n", None, "error", Quality.BAD),
        (b"EL\r\n", None, "error", Quality.BAD),
    ],
)
def test_what_an_answer_becomes(
    answer: bytes, value: float | None, note: str, quality: Quality, wire: WirePort
) -> None:
    driver = driver_on(wire)
    with SicsFace(wire, tamper=lambda command, said: answer if command == "S" else said):
        try:
            (reading,) = weights(driver)
            assert (reading.value, reading.note, reading.quality) == (value, note, quality)
            assert reading.raw
        finally:
            driver.close()


def test_a_balance_that_refuses_says_so_in_words(wire: WirePort) -> None:
    driver = driver_on(wire)
    face = SicsFace(wire, tamper=lambda command, said: b"ES\r\n" if command == "S" else said)
    with face:
        try:
            wait_for(lambda: fault(driver) == ("refused", {"request": "S", "answer": "ES"}))
            face.tamper = None
            wait_for(lambda: fault(driver) is None)
        finally:
            driver.close()


def test_a_query_spoiled_on_its_way_is_asked_again(wire: WirePort) -> None:
    driver = driver_on(wire)
    answers = iter([b"ET\r\n", b"ET\r\n"])
    with SicsFace(wire, tamper=lambda command, said: next(answers, said) if command == "S" else said):
        try:
            assert weights(driver)[0].value == 100.0
            assert driver.faults() == {}
        finally:
            driver.close()


def test_another_balance_is_refused_until_the_right_one_is_back(wire: WirePort) -> None:
    driver = driver_on(wire, serial="B123456789")
    with SicsFace(wire, serial="C000000001") as face:
        try:
            found = {"expected": "B123456789", "found": "C000000001"}
            wait_for(lambda: fault(driver) == ("wrong_device", found))
            assert "S" not in face.commands_seen
            face.serial = "B123456789"
            assert weights(driver)[0].value == 100.0
            assert driver.faults() == {}
        finally:
            driver.close()


def test_a_balance_that_tells_no_number_is_read_unless_one_is_expected(wire: WirePort) -> None:
    with SicsFace(wire, tamper=lambda command, said: b"I4 I\r\n" if command == "I4" else said) as face:
        driver = driver_on(wire)
        assert weights(driver)[0].value == 100.0
        driver.close()
        driver = driver_on(wire, serial="B1")
        try:
            wait_for(lambda: fault(driver) == ("refused", {"request": "I4", "answer": "I4 I"}))
        finally:
            driver.close()
        face.tamper = lambda command, said: None if command == "I4" else said
        driver = driver_on(wire)
        try:
            assert weights(driver)[0].value == 100.0
        finally:
            driver.close()


def test_a_stream_that_was_left_on_is_ended_and_thrown_away(wire: WirePort) -> None:
    driver = driver_on(wire)
    with SicsFace(wire) as face:
        face.streaming = True
        try:
            assert {r.value for r in weights(driver, 3)} == {100.0}  # the stream says 1100
            assert not face.streaming
            face.streaming = True  # and again, while it works
            wait_for(lambda: driver.poll() is not None and not face.streaming)
            assert weights(driver, 2)[-1].value == 100.0
            assert face.changes_seen == []
        finally:
            driver.close()


def test_a_late_answer_is_not_taken_for_the_next_one(wire: WirePort) -> None:
    """The answer to a query that was given up comes when the identity is asked for: it is older than that."""
    driver = driver_on(wire)
    late = iter([None])
    face = SicsFace(wire, tamper=lambda command, said: next(late, said) if command == "S" else said)
    with face:
        try:
            wait_for(lambda: driver.poll() is not None and face.commands_seen.count("S") == 1)
            wait_for(lambda: driver.poll() is not None and face.commands_seen.count("SI") == 2)
            wire.write(shown(7.0))
            assert {r.value for r in weights(driver, 2)} == {100.0}
        finally:
            driver.close()


def test_silence_is_offline_and_ends_without_a_restart(wire: WirePort) -> None:
    driver = driver_on(wire)
    try:
        wait_for(lambda: (fault(driver) or [""])[0] == "no_answer")
        with SicsFace(wire):
            assert weights(driver)[0].value == 100.0
            assert driver.faults() == {}
    finally:
        driver.close()


def test_half_an_answer_and_garbage_are_kept_and_it_goes_on(wire: WirePort) -> None:
    driver = driver_on(wire, timeout_ms=3000)
    spoiled = iter([b"\x80\xfe\x00\r\n" + GOOD, b"S S   10"])
    with SicsFace(wire, tamper=lambda command, said: next(spoiled, said) if command == "S" else said):
        try:
            found: list[Reading] = []
            wait_for(lambda: found.extend(driver.poll()) or sum(r.signal == "weight" for r in found) >= 3)
            odd = [(r.note, r.raw) for r in found if not r.signal]
            assert odd == [("unparsed", b"\x80\xfe\x00"), ("incomplete", b"S S   10")]
            assert {r.value for r in found if r.signal == "weight"} == {100.0}
        finally:
            driver.close()


def test_a_stable_weight_may_take_seconds() -> None:
    (timeout,) = (setting for setting in MtSics.DEVICE_SETTINGS if setting.key == "timeout_ms")
    assert isinstance(timeout.default, int)
    assert 5000 <= timeout.default <= 10_000
