"""Listening for a baud rate through the collector: its bus rests, the others go on, every end is an ordinary one."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop import configuration, control
from desktop.collect import collector as module
from desktop.collect.collector import Collector
from desktop.command_line import main
from desktop.configuration import line_speed
from desktop.domain.figures.head import Listened
from desktop.store import database, records, register, upkeep
from desktop.store.database import KnownError
from desktop.store.locks import COLLECTOR_LOCK, ProcessLock
from drivers import baud_guess, link
from drivers.link import PortInfo
from tests.collect.fakes import running, wait_for
from tests.drivers.uart import Sender

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pty on Windows")

MESSAGE = b"ST,+00123.45  g\r\nST,+00123.47  g\r\nUS,+00087.10  g\r\n"
BUS = """
[[bus]]
key = "KEY"
port = "PORT"
driver = "text_line"

[[bus.device]]
key = "KEY"

[[bus.device.signal]]
key = "code"
machine = "M"
role = "scan"
"""


class Line:
    """Two devices on ptys and their collector: the scale sends at 19200, is read at 9600. (A pty knows no parity.)"""

    def __init__(self, folder: Path, scale: Sender, scanner: Sender) -> None:
        self.folder, self.scale, self.scanner = folder, scale, scanner
        self.reader = database.open_reader(folder)
        self.said: list[Listened] = []
        self.ended = False

    def health(self, key: str) -> str:
        numbers = dict(self.reader.rows("SELECT key, id FROM devices"))
        found = records.health(self.reader).get(numbers[key])
        return "" if found is None else f"{found.status} {found.fault}".strip()

    def scans(self) -> int:
        return int(self.reader.row("SELECT count(*) FROM events WHERE kind = 'scan' AND word = 'LOT-1234567'")[0])

    def listen(self, bus: str = "scale") -> Listened:
        return control.listen(self.folder, bus, self.said.append, lambda: self.ended)


@contextmanager
def collecting(folder: Path) -> Iterator[list[Collector]]:
    """A collector in a thread, with the lock that tells others that one runs."""
    held: list[Collector] = []

    def work() -> None:
        store = database.open_writer(folder)
        try:
            held.append(Collector(store))
            held[0].run()
        finally:
            store.close()

    lock = ProcessLock(folder / COLLECTOR_LOCK)
    assert lock.take()
    try:
        with running(work, lambda: held and held[0].stop()):
            wait_for(lambda: held)
            yield held
    finally:
        lock.release()


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setattr(baud_guess, "REST_S", 0.15)
    monkeypatch.setattr(module, "_FOLLOW_S", 0.02)
    with Sender(MESSAGE, 19200, "8N1") as scale, Sender(b"LOT-1234567\r", 9600, "8N1") as scanner:
        file = tmp_path / "line.toml"
        head = 'format = 1\nplant = { name = "P", line = "L", timezone = "Asia/Seoul" }\n'
        buses = [
            BUS.replace("KEY", key).replace("PORT", device.url)
            for key, device in (("scale", scale), ("scanner", scanner))
        ]
        file.write_text(head + 'machine = [{ code = "M", name = "M" }]\n' + "".join(buses), encoding="utf-8")
        store = database.create(tmp_path / "data")
        configuration.apply(store, configuration.read(file))
        store.close()
        made = Line(tmp_path / "data", scale, scanner)
        yield made
        made.reader.close()


def test_a_bus_that_is_read_at_a_wrong_rate_finds_the_right_one_and_is_read_again(line: Line) -> None:
    with collecting(line.folder):
        wait_for(lambda: line.health("scale") == line.health("scanner") == "online")
        scans, seen = line.scans(), []
        with running(lambda: seen.append(line.listen()), lambda: None):
            wait_for(lambda: line.health("scale") == "offline listening")
            wait_for(lambda: line.scans() > scans)  # the scanner is not disturbed
            assert line.health("scanner") == "online"
        assert seen == [Listened("fits", 19200, heard_bytes=seen[0].heard_bytes, frame="8N1", sample="US,+00087.10  g")]
        rates = list(dict.fromkeys(one.baud for one in line.said if one.place))  # a short look may miss one
        assert rates
        assert rates == [rate for rate in (9600, 115200, 19200) if rate in rates]
        assert {one.status for one in line.said} == {"working"}
        wait_for(lambda: line.health("scale") == "online")
        before = control.use_line(line.folder, "scale", {"baud": 19200, "frame": "8N1"})
        assert before == {"baud": None, "frame": None}
        text = "ST,+00123.45  g"
        wait_for(lambda: line.reader.row("SELECT 1 FROM events WHERE kind = 'scan' AND word = ?", text) is not None)
    assert line.scale.received() == b""
    bus = next(bus for bus in register.plant(line.reader).buses if bus.key == "scale")
    assert dict(bus.settings) == {"baud": 19200, "frame": "8N1"}
    action, subject, old, new = line.reader.row("SELECT action, subject, old, new FROM audit ORDER BY id DESC LIMIT 1")
    assert (action, subject) == ("baud rate", "bus scale")
    assert json.loads(old) == before
    assert json.loads(new) == {"baud": 19200, "frame": "8N1"}
    control.use_line(line.folder, "scale", before)
    bus = next(bus for bus in register.plant(line.reader).buses if bus.key == "scale")
    assert dict(bus.settings) == {}
    assert upkeep.check(line.reader) == []


def test_a_device_that_rests_cannot_be_told_and_is_read_on(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baud_guess, "SECONDS_EACH", 0.05)
    line.scale.resting.set()
    with collecting(line.folder):
        wait_for(lambda: line.health("scale") == "online")
        assert line.listen() == Listened("nothing")
        wait_for(lambda: line.health("scale") == "online")


def test_it_is_taken_back(line: Line) -> None:
    line.scale.resting.set()
    with collecting(line.folder):
        wait_for(lambda: line.health("scale") == "online")
        seen: list[Listened] = []
        with running(lambda: seen.append(line.listen()), lambda: None):
            wait_for(lambda: line.said and line.said[-1].place == 1)
            with pytest.raises(KnownError, match="already"):
                line.listen()
            line.ended = True
        assert seen == [Listened("cancelled")]
        wait_for(lambda: line.health("scale") == "online")


def test_a_listener_that_crashes_costs_one_sentence(
    line: Line, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_given: object, **_more: object) -> None:
        raise RuntimeError("a defect of ours")

    with collecting(line.folder):
        wait_for(lambda: line.health("scale") == "online")
        monkeypatch.setattr(baud_guess, "listen", crash)
        with pytest.raises(KnownError, match="log file"):
            line.listen()
        wait_for(lambda: line.health("scale") == "online")
        with pytest.raises(KnownError, match="no serial port"):
            line.listen("gone")
    assert "a defect of ours" in caplog.text


def test_a_listener_that_hangs_in_the_port_is_left_behind(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    come_back = threading.Event()
    began = threading.Event()

    def hang(*_given: object, **_more: object) -> None:
        began.set()
        come_back.wait(20)

    with collecting(line.folder) as held:
        wait_for(lambda: line.health("scale") == "online")
        monkeypatch.setattr(baud_guess, "listen", hang)
        seen: list[str] = []

        def listen() -> None:
            try:
                line.listen()
            except KnownError as error:
                seen.append(str(error))

        with running(listen, lambda: None):
            began.wait(10)
            monkeypatch.setattr(held[0]._listening[0], "_until", 0.0)
            wait_for(lambda: seen)
        come_back.set()
        assert "log file" in seen[0]
        wait_for(lambda: line.health("scale") == "online")


def test_a_pulled_cable_is_said_in_words(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting(line.folder):
        wait_for(lambda: line.health("scale") == "online")
        real = baud_guess.Link

        def pulled(_port: str, *given: object) -> object:
            return real("/dev/no-such-port", *given)  # type: ignore[arg-type]

        monkeypatch.setattr(
            baud_guess, "listen", lambda port, *rest, **more: _listen(port, *rest, opening=pulled, **more)
        )
        with pytest.raises(KnownError, match="not there"):
            line.listen()
        wait_for(lambda: line.health("scale") == "online")


_listen = baud_guess.listen


def test_without_a_collector_nothing_is_listened_to(line: Line) -> None:
    with pytest.raises(KnownError, match="not running"):
        line.listen()


def test_a_collector_that_dies_leaves_nobody_waiting(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock goes with the process; the next collector says that the search failed."""
    store = database.open_writer(line.folder)
    lock = ProcessLock(line.folder / COLLECTOR_LOCK)
    assert lock.take()
    seen: list[str] = []

    def listen() -> None:
        try:
            line.listen()
        except KnownError as error:
            seen.append(str(error))

    with running(listen, lambda: None):
        wait_for(lambda: register.open_requests(store))
        number = register.open_requests(store)[0].id
        register.answer(store, number, "working", {"baud": 9600, "place": 1, "count": 8, "heard_bytes": 0})
        wait_for(lambda: line.said)
        lock.release()
    assert "not running" in seen[0]
    store.close()
    with collecting(line.folder):
        wait_for(lambda: line.health("scale") == "online")
        answer = register.answer_to(line.reader, number)
        assert answer is not None
        assert answer.status == "failed"


def test_a_bus_is_found_by_the_present_name_of_its_adapter(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    store = database.open_writer(line.folder)
    with store.transaction() as db:
        row = {"port": "usb:0403:6001:A1", "driver": "text_line", "settings": "{}"}
        register.upsert(db, "buses", {"key": "scale"}, row)
    store.close()
    assert control.bus_at(line.folder, "/dev/ttyUSB0") == ""
    found = [PortInfo("/dev/ttyUSB0", "", "", "usb:0403:6001:A1")]
    monkeypatch.setattr(link, "ports", lambda: found)
    assert control.bus_at(line.folder, "/dev/ttyUSB0") == "scale"


def test_a_bus_is_found_by_its_port_its_key_and_its_device(line: Line, tmp_path: Path) -> None:
    (tmp_path / "scale").symlink_to(line.scale.url)
    for name in (line.scale.url, "scale", str(tmp_path / "scale")):
        assert control.bus_at(line.folder, name) == "scale"
    assert control.bus_at(line.folder, "/dev/ttyUSB9") == ""
    assert control.bus_at(tmp_path / "nothing", "COM3") == ""
    assert control.bus_of(line.folder, 2) == "scanner"
    with pytest.raises(KnownError, match="no longer"):
        control.bus_of(line.folder, 99)
    store = database.open_writer(line.folder)
    with pytest.raises(KnownError, match="no bus"):
        line_speed.put(store, "gone", {"baud": 9600})
    store.close()


def command(folder: Path, port: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str], str]:
    """The command `listen`: exit code, lines, what stands on the error stream."""
    code = main(["--data-dir", str(folder), "--lang", "en", "listen", port])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err


def test_the_command_finds_the_rate_of_a_port_that_no_line_knows(
    line: Line, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines, _error = command(tmp_path / "nothing", line.scale.url, capsys)
    assert code == 0
    assert lines == [
        "Listening at 9600 Bd (1 of 8). Let the device send something now: pull the trigger, press Print.",
        "Listening at 115200 Bd (2 of 8)",
        "Listening at 19200 Bd (3 of 8)",
        "19200 Bd 8N1 fits: 'US,+00087.10  g'",
        'Write this at its bus: baud = 19200, frame = "8N1"',
    ]
    assert not (tmp_path / "nothing").exists()


def test_the_command_asks_the_collector_that_holds_the_port(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    with collecting(line.folder):
        wait_for(lambda: line.health("scale") == "online")
        code, lines, error = command(line.folder, line.scale.url, capsys)
        assert (code, lines[-2], error) == (0, "19200 Bd 8N1 fits: 'US,+00087.10  g'", "")
        assert "offline listening" in {
            f"{word} {json.loads(detail)['kind']}"
            for word, detail in line.reader.rows("SELECT word, detail FROM events WHERE kind = 'device'")
        }
        wait_for(lambda: line.health("scale") == "online")


def test_the_command_says_in_a_sentence_what_it_cannot(
    line: Line, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(baud_guess, "SECONDS_EACH", 0.02)
    line.scale.resting.set()
    assert command(line.folder, "scale", capsys)[::2] == (
        1,
        "The baud rate cannot be told. Nothing came. Check that the device is on and connected, and let it send at each"
        " baud rate.\n",
    )
    assert "not there" in command(line.folder, "/dev/no-such-port", capsys)[2]
    assert "no serial port" in command(line.folder, "socket://127.0.0.1:1", capsys)[2]


def test_a_command_that_is_interrupted_takes_its_request_back(line: Line) -> None:
    def interrupted(_now: Listened) -> None:
        raise KeyboardInterrupt

    line.scale.resting.set()
    with collecting(line.folder):
        wait_for(lambda: line.health("scale") == "online")
        with pytest.raises(KeyboardInterrupt):
            control.listen(line.folder, "scale", interrupted, lambda: False)
        wait_for(lambda: line.health("scale") == "offline listening")
        wait_for(lambda: line.health("scale") == "online")
        assert line.reader.row("SELECT cancelled FROM requests ORDER BY id DESC LIMIT 1") == (1,)
