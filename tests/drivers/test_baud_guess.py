"""Finding baud rate and frame by listening, on a line that is simulated bit by bit."""

from __future__ import annotations

import random
import sys
import tomllib
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.clock import REAL
from drivers import baud_guess
from drivers.base import DriverError
from drivers.baud_guess import RATES, Guess, Heard, Progress, convincing, guess, hears_rates, listen
from tests.drivers.uart import Sender, heard, sent

on_ptys = pytest.mark.skipif(sys.platform == "win32", reason="no pty on Windows")

#: A&D weights; a scanner's label; Mitutoyo Digimatic; MT-SICS; Korean in CP949
MESSAGES = {
    "a&d": b"ST,+00123.45  g\r\nST,+00123.47  g\r\nUS,+00087.10  g\r\n",
    "scan": b"]C1019931265099999891030000211724063010ABC1234567\r",
    "digimatic": b"01A+00123.456\r01A+00123.461\r01A+00123.458\r01A-00000.512\r",
    "sics": b"S S     100.00 g\r\nS D     129.07 g\r\nS S      87.35 g\r\n",
    "cp949": "작업지시 240612-3, 품번 브라켓-A12, 수량 500개, 담당 김철수\r\n".encode("cp949"),
}
WIRES = Path(__file__).resolve().parents[1] / "data" / "wires" / "presets"
FRAMES = ("8N1", "7E1", "7O1")
SENDING = (1200, 2400, 4800, 9600, 19200, 38400, 115200)
CASES = [
    (kind, baud, frame)
    for kind in MESSAGES
    for baud in SENDING
    for frame in FRAMES
    if kind != "cp949" or frame == "8N1"  # seven bits carry no Korean
]


def at_every_rate(levels: list[tuple[float, int]], broken: Literal["as it is", "nul"] = "as it is") -> list[Heard]:
    return [Heard(rate, heard(levels, rate, broken)) for rate in RATES]


def test_a_uart_hears_what_is_sent_at_its_rate() -> None:
    every = bytes(range(256))
    assert heard(sent(every, 9600, "8N1"), 9600) == every
    assert heard(sent(every, 9600, "8N2", 0.001), 9600) == every
    seven = heard(sent(bytes(range(128)), 9600, "7E1"), 9600)
    assert bytes(byte & 127 for byte in seven) == bytes(range(128))
    assert {byte.bit_count() % 2 for byte in seven} == {0}
    assert heard(sent(every, 9600, "8N1"), 19200) != every
    assert 0 in heard(sent(b"U0\xf0", 9600, "8N1"), 115200, "nul")


@pytest.mark.parametrize("broken", ["as it is", "nul"])
def test_rate_and_frame_of_every_kind_of_message_are_found(broken: Literal["as it is", "nul"]) -> None:
    wrong = []
    for kind, baud, frame in CASES:
        for pause_s in (0.0, 0.0004):
            found = guess(at_every_rate(sent(MESSAGES[kind], baud, frame, pause_s), broken))
            if found is None or (found.baud, found.frame) != (baud, frame):
                wrong.append((kind, baud, frame, pause_s, found))
    assert len(CASES) == 91
    assert wrong == []


def test_no_wrong_rate_convinces_so_the_search_may_end_early() -> None:
    wrong, right = [], 0
    for kind, baud, frame in CASES:
        for one in at_every_rate(sent(MESSAGES[kind], baud, frame)):
            if convincing(one):
                right += one.baud == baud
                wrong += [(kind, baud, frame, one)] if one.baud != baud else []
    assert wrong == []
    assert right == len(CASES)


@pytest.mark.parametrize("frame", FRAMES)
def test_one_short_line_is_enough(frame: str) -> None:
    for line in (b"8801234567893\r", b"LOT-24A\r\n", b"+  12.34\r\n", b"0012.5\r0012.4\r"):
        for baud in SENDING:
            found = guess(at_every_rate(sent(line, baud, frame)))
            assert found is not None
            assert (found.baud, found.frame) == (baud, frame), (line, found)


def preset_wires() -> list[tuple[str, bytes]]:
    """What the devices of the presets send, each message of at least 8 bytes; short ones three times."""
    found = []
    for file in sorted(WIRES.glob("*.toml")):
        for frame in tomllib.loads(file.read_text(encoding="utf-8"))["frame"]:
            wire = frame["wire"]
            raw = wire.encode("latin-1" if max(map(ord, wire)) < 256 else "utf-8")
            if len(set(raw) - set(b"\r\n")) > 1:  # of an overload alone, ten times ^, nothing can be told
                found.append((file.stem, raw if len(raw) >= 8 else raw * 3))
    return found


def test_every_device_of_the_presets_is_found() -> None:
    """With the raw lamp byte of a CAS scale, which is half a Korean letter, and with overloads."""
    wires, wrong = preset_wires(), []
    assert len({name for name, _raw in wires}) > 15
    assert any(name == "cas-22" and max(raw) >= 0x80 for name, raw in wires)
    for number, (name, raw) in enumerate(wires):
        frame = "8N1" if max(raw) >= 0x80 else FRAMES[number % 3]
        for baud in (1200, 9600, 19200, 115200):
            found = guess(at_every_rate(sent(raw, baud, frame)))
            if found is None or (found.baud, found.frame) != (baud, frame):
                wrong.append((name, raw, baud, frame, found))
    assert wrong == []


def test_the_line_of_a_guess_can_be_read() -> None:
    found = guess(at_every_rate(sent(MESSAGES["a&d"], 19200, "7E1")))
    assert found == Guess(19200, "7E1", found.score if found else 0, "US,+00087.10  g")
    korean = guess(at_every_rate(sent(MESSAGES["cp949"], 4800, "8N1")))
    assert korean is not None
    assert korean.sample == "작업지시 240612-3, 품번 브라켓-A12, 수량 500개, 담당 김철수"


def test_half_a_line_in_front_spoils_nothing() -> None:
    """The port was opened in the middle of a Korean letter."""
    for cut in range(1, 8):
        body = MESSAGES["cp949"][cut:] + MESSAGES["cp949"]
        found = guess(at_every_rate(sent(body, 9600, "8N1")))
        assert found is not None
        assert (found.baud, found.frame) == (9600, "8N1")


def test_of_silence_and_noise_nothing_is_said() -> None:
    assert guess([Heard(rate, b"") for rate in RATES]) is None
    assert guess([Heard(rate, b"1\r") for rate in RATES]) is None
    dice = random.Random(7)
    for _ in range(400):
        noise = [Heard(rate, dice.randbytes(dice.randrange(0, 200))) for rate in RATES]
        assert guess(noise) is None
        assert not any(map(convincing, noise))
    for _ in range(100):  # a motor beside the cable: edges at any moment
        levels = [(dice.expovariate(4000), place % 2) for place in range(300)]
        assert guess(at_every_rate(levels)) is None
    for byte in range(256):  # a line that hangs in one signal
        assert not convincing(Heard(9600, bytes([byte]) * 100))


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_whatever_is_heard_a_guess_is_made_or_none(parts: list[bytes]) -> None:
    heard_at = [Heard(rate, data) for rate, data in zip(RATES, parts, strict=False)]
    found = guess(heard_at)
    assert found is None or (found.frame in FRAMES and 0 <= found.score <= 1 and found.sample.isprintable())
    assert all(len(one.data) >= baud_guess.LEAST_BYTES for one in heard_at if convincing(one))


# --- on a wire


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baud_guess, "REST_S", 0.15)


@on_ptys
@pytest.mark.parametrize(("kind", "baud", "frame"), [("a&d", 19200, "7E1"), ("cp949", 115200, "8N1")])
def test_a_port_is_listened_at_rate_by_rate_until_one_convinces(quick: None, kind: str, baud: int, frame: str) -> None:
    said: list[Progress] = []
    with Sender(MESSAGES[kind], baud, frame) as device:
        found = listen(device.url, {"baud": 2400, "flow": "xonxoff"}, REAL, said.append, lambda: False, seconds=5)
        assert device.received() == b""
    assert found is not None
    assert (found.baud, found.frame) == (baud, frame)
    tried = RATES[: RATES.index(baud) + 1]
    assert list(dict.fromkeys(one.baud for one in said)) == list(tried)
    assert said[0] == Progress(RATES[0], 1, len(RATES))
    assert said[-1].heard_bytes > 0


@on_ptys
def test_a_silent_device_is_listened_to_at_every_rate_and_cannot_be_told() -> None:
    said: list[Progress] = []
    with Sender(b"", 9600, "8N1") as device:
        assert listen(device.url, {}, REAL, said.append, lambda: False, seconds=0.02) is None
    assert [one.baud for one in said] == list(RATES)


@on_ptys
def test_a_search_ends_when_nobody_wants_it_any_more() -> None:
    said: list[Progress] = []
    with Sender(b"", 9600, "8N1") as device:
        assert listen(device.url, {}, REAL, said.append, lambda: len(said) >= 2, seconds=0.05) is None
    assert [one.place for one in said] == [1, 2]


def test_a_port_that_cannot_be_opened_is_said_as_everywhere() -> None:
    with pytest.raises(DriverError) as fault:
        listen("/dev/no-such-port", {}, REAL, lambda _progress: None, lambda: False)
    assert fault.value.kind == "port_missing"


def test_a_baud_rate_means_something_where_the_port_is_ours() -> None:
    assert all(hears_rates(port) for port in ("COM3", "/dev/ttyUSB0", "usb:0403:6001", "RFC2217://h:1"))
    assert not any(hears_rates(port) for port in ("socket://h:1", "opc.tcp://h:1", "loop://"))
