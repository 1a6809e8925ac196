"""Faults of an OPC UA link from the wire to the facts: told in words, nobody disturbed, back by itself, no zero."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Protocol

import pytest

from desktop.clock import REAL
from desktop.collect import supervise
from desktop.collect.interpret import Interpreter
from desktop.collect.memory import Memory
from desktop.domain.events import CountFlag, EventKind
from desktop.domain.plant import Bus, Device, Plant
from desktop.wording.devices import fault_sentence
from drivers import opc_ua_security
from drivers.base import Reading, Value
from drivers.opc_ua import OpcUa
from drivers.opc_ua_security import fingerprint
from drivers.simulated.wire_opc_ua import OpcUaFace
from tests.drivers.line_of_two import LineOfTwo, Wire
from tests.drivers.opc_ua_peers import (
    OURS,
    QUICK,
    THEIRS,
    Child,
    Plc,
    Proxy,
    arrived,
    bus,
    certificate,
    collect,
    error_of,
    have,
    opened,
)

FIRST: dict[str, bool | int | float | str] = {"Good": 0, "State": 1}


class Served(Protocol):
    """The server of a machine."""

    @property
    def url(self) -> str: ...

    def set(self, name: str, value: Any) -> None: ...

    def close(self) -> None: ...


class Line(LineOfTwo):
    """Two machines that make a piece each 10 ms, each on an endpoint of its own; the first behind a wire that fails.

    `press`: another server than our face for the first one, with its namespace and what its bus needs.
    """

    def __init__(
        self,
        settings: dict[str, Value],
        press: Served | None = None,
        namespace: str = OURS,
        of_press: dict[str, Value] | None = None,
        keys: str = "",
    ) -> None:
        self.faces: dict[str, Served] = {"press": press or OpcUaFace(FIRST), "weld": OpcUaFace(FIRST)}
        self.proxy = Proxy(self.faces["press"].url)
        self.standing: set[str] = set()
        self.made = dict.fromkeys(self.faces, 0)

        def wire(port: str, names: str, more: dict[str, Value]) -> Wire:
            good, state = ({"sampling_ms": 10, "node": names + name} for name in ("Good", "State"))
            return Wire(port, {**QUICK, **settings, **more}, good, state)

        wires = {
            "press": wire(self.proxy.url, namespace, of_press or {}),
            "weld": wire(self.faces["weld"].url, OURS, {}),
        }
        super().__init__("opc_ua", wires, self._step, keys=keys)

    @property
    def face(self) -> OpcUaFace:
        """Our face of the first machine."""
        face = self.faces["press"]
        assert isinstance(face, OpcUaFace)
        return face

    def _step(self) -> None:
        """A piece more on each machine that does not stand still."""
        for key in set(self.faces) - self.standing:
            self.made[key] += 1
            self.faces[key].set("Good", self.made[key])

    def close(self) -> None:
        super().close()
        self.proxy.close()
        for face in self.faces.values():
            face.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "FIRST_WAIT_S", 0.1)
    monkeypatch.setattr(supervise, "LONGEST_WAIT_S", 0.4)


@pytest.fixture
def line(quick: None) -> Iterator[Line]:
    line = Line({"watchdog_s": 0.6})
    yield line
    line.close()


Fault = tuple[Callable[[Line], None], Callable[[Line], None], set[str]]


def nothing(_line: Line) -> None:
    """It heals by itself."""


def lose(count: int) -> Callable[[Line], None]:
    def begin(line: Line) -> None:
        line.proxy.lose = count

    return begin


FAULTS: dict[str, Fault] = {
    "reset": (lambda line: line.proxy.reset(), nothing, {"link_lost"}),
    "half_open": (lambda line: line.proxy.stalled.set(), lambda line: line.proxy.stalled.clear(), {"silent"}),
    "killed": (lambda line: line.face.cut(), lambda line: line.face.restore(), {"link_lost"}),
    "held_long": (lambda line: line.proxy.held.set(), lambda line: line.proxy.held.clear(), {"silent"}),
    "lost": (lose(1), nothing, {"protocol"}),  # the next one has the wrong number
    "starved": (lose(2), nothing, {"silent", "protocol"}),  # all that were asked for, so that no other comes; or nearly
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_from_the_wire_to_the_facts(line: Line, name: str) -> None:
    follow(line, *FAULTS[name])


@pytest.mark.usefixtures("quick")
def test_a_damaged_byte_under_encryption_from_the_wire_to_the_facts(tmp_path: Path) -> None:
    der, key = certificate("urn:plc")
    plc = Plc(der, key, "NoSecurity", "Basic256Sha256_SignAndEncrypt", uri="urn:plc")
    for name, value in FIRST.items():
        plc.add(name, value)
    of_press: dict[str, Value] = {"security": "SignAndEncrypt", "trust": fingerprint(der), "timeout_s": 4.0}
    line = Line({"watchdog_s": 0.6}, plc, THEIRS, of_press, str(tmp_path))
    try:
        follow(line, spoil, nothing, {"protocol"})
    finally:
        line.close()


def undisturbed(line: Line) -> None:
    """The other machine was heard all the time, value by value."""
    assert [h.status for h in line.health["weld"]] == ["online"]
    weld = [r for r in line.readings if r.device == "weld"]
    assert all(two.seq == one.seq + 1 for one, two in pairwise(weld))
    values = [r.value for r in weld if r.signal == "good"]
    assert values == list(range(int(values[0] or 0), int(values[0] or 0) + len(values)))


@pytest.mark.usefixtures("quick")
def test_a_server_killed_and_started_anew_is_found_again_by_itself() -> None:
    """Its counter stands at 3: three pieces were made meanwhile, as in a gap."""
    child = Child({"Good": 1000, "State": 1})
    line = Line({"watchdog_s": 0.6}, child)
    line.made["press"] = 1000
    try:
        line.until(lambda: line.status("press") == "online" and line.counted(1) > 5, 5)
        child.kill()
        line.until(lambda: line.status("press") == "offline", 3)
        assert [h.fault for h in line.health["press"]] == ["", "link_lost"]
        line.take()
        before, seen = line.counted(1), len(line.events)
        child.start({"Good": 3, "State": 1})
        line.standing, line.made["press"] = {"press"}, 3
        line.until(lambda: line.counted(1) > before, 6)
        assert line.status("press") == "online"
        line.standing = set()
        line.until(lambda: line.counted(1) > before + 5, 3)
        counts = [e for e in line.events[seen:] if e.kind is EventKind.COUNT and e.machine == 1]
        assert (counts[0].flag, counts[0].detail, counts[0].pieces) == (CountFlag.GAP, "reset", 3)
        assert {e.flag for e in counts[1:]} == {CountFlag.PLAIN}
        assert line.counted(1) == before + (counts[-1].reading or 0)
        states = [e.word for e in line.events if e.kind is EventKind.STATE and e.machine == 1]
        assert states == ["run", "unknown", "run"]
        undisturbed(line)
    finally:
        line.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be frozen there")
@pytest.mark.usefixtures("quick")
def test_a_server_that_stands_still_for_a_moment_is_not_lost() -> None:
    child = Child(FIRST)
    line = Line({"watchdog_s": 4.0}, child)
    try:
        line.until(lambda: line.status("press") == "online" and line.counted(1) > 5, 5)
        child.signal(signal.SIGSTOP)
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            line.make()
        child.signal(signal.SIGCONT)
        made = line.made["press"]
        line.until(lambda: max(e.reading or 0 for e in line.events if e.machine == 1) >= made, 3)
        assert [h.status for h in line.health["press"]] == ["online"]
        assert line.threads[0].reconnects == 0
        values = [int(r.value or 0) for r in line.readings if r.device == "press" and r.signal == "good"]
        assert values == list(range(values[0], values[0] + len(values)))
        counts = [e.flag for e in line.events if e.kind is EventKind.COUNT and e.machine == 1]
        assert set(counts) == {CountFlag.FIRST, CountFlag.PLAIN}
        assert losses_of(line.readings) == []
        undisturbed(line)
    finally:
        line.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be frozen there")
@pytest.mark.usefixtures("quick")
def test_a_server_that_stands_still_for_long_is_lost_and_found_again() -> None:
    child = Child(FIRST)
    line = Line({"watchdog_s": 0.6}, child)
    try:
        follow(line, lambda _: child.signal(signal.SIGSTOP), lambda _: child.signal(signal.SIGCONT), {"silent"})
    finally:
        line.close()


def spoil(line: Line) -> None:
    line.proxy.spoil = True


def follow(line: Line, begin: Callable[[Line], None], heal: Callable[[Line], None], kinds: set[str]) -> None:
    """Let a fault come and go: it is told, the machine comes back by itself, every piece is known, nobody disturbed."""
    line.until(lambda: line.status("press") == line.status("weld") == "online" and line.counted(1) > 5, 5)
    begin(line)
    took_s = line.until(lambda: "offline" in [h.status for h in line.health["press"]], 3)
    assert took_s < 0.6 + 0.4 + 1.0  # the watchdog and the poll that notices
    told = next(h for h in line.health["press"] if h.status == "offline")
    assert told.fault in kinds
    assert len(fault_sentence(told.fault, supervise.json.loads(told.detail))) > 20
    heal(line)
    line.until(lambda: line.status("press") == "online", 6)
    for _ in range(10):
        line.make()
    made = line.made["press"]
    line.until(lambda: max(e.reading or 0 for e in line.events if e.machine == 1) >= made, 3)
    # every piece is known, none twice, those of the outage as made in a gap; no zero, no stop
    counts = [e for e in line.events if e.kind is EventKind.COUNT and e.machine == 1]
    assert CountFlag.GAP in [e.flag for e in counts]
    assert {e.flag for e in counts} <= {CountFlag.FIRST, CountFlag.PLAIN, CountFlag.GAP}
    first = next(e for e in counts if e.flag == CountFlag.FIRST)
    assert line.counted(1) == (counts[-1].reading or 0) - (first.reading or 0)
    states = [e.word for e in line.events if e.kind is EventKind.STATE and e.machine == 1]
    assert states[0] == states[-1] == "run"
    assert set(states) == {"run", "unknown"}
    undisturbed(line)


# what the link itself does


@pytest.fixture(scope="module")
def one_face() -> Iterator[OpcUaFace]:
    face = OpcUaFace(FIRST)
    yield face
    face.close()


@pytest.fixture
def proxy(one_face: OpcUaFace) -> Iterator[Proxy]:
    one_face.set("Good", 0)
    proxy = Proxy(one_face.url)
    yield proxy
    proxy.close()


NODES = {"good": OURS + "Good"}


def test_what_a_short_stall_holds_back_arrives_whole(proxy: Proxy, one_face: OpcUaFace) -> None:
    with opened(bus(proxy.url, NODES)) as driver:
        collect(driver, have("good"))
        proxy.held.set()
        for number in range(1, 81):
            one_face.set("Good", number)
            time.sleep(0.002)
        proxy.held.clear()
        found = collect(driver, arrived(80))
        assert [r.value for r in found] == list(range(1, 81))
        assert driver.losses() == {"plc": 0}


def test_answers_lost_in_mid_stream_are_counted_or_end_the_link(proxy: Proxy, one_face: OpcUaFace) -> None:
    with opened(bus(proxy.url, NODES)) as driver:
        collect(driver, have("good"))
        one_face.set("Good", 1)
        collect(driver, arrived(1))
        proxy.lose = 1
        for number in range(2, 60):
            one_face.set("Good", number)
            time.sleep(0.004)
        error = error_of(driver, 3.0)
        assert error.kind in ("protocol", "link_lost", "silent")


def test_latency_below_the_time_out_costs_nothing(proxy: Proxy, one_face: OpcUaFace) -> None:
    """Two publish requests are out: with a third of the time-out each way values come late and whole."""
    with opened(bus(proxy.url, NODES, {"timeout_s": 2.0, "watchdog_s": 1.2, "keepalive_s": 0.3})) as driver:
        collect(driver, have("good"))
        proxy.delay_s = 0.2
        for number in range(1, 21):
            one_face.set("Good", number)
            time.sleep(0.01)
        found = collect(driver, arrived(20))
        assert [r.value for r in found] == list(range(1, 21))
        until = time.monotonic() + 1.4
        while time.monotonic() < until:
            assert driver.poll() == []  # and no false alarm


def test_a_server_whose_clock_goes_back_a_day(one_face: OpcUaFace) -> None:
    with opened(bus(one_face.url, NODES)) as driver:
        collect(driver, have("good"))
        driver._items.all[0].first_ns = 1  # past the first second, in which the order of source times is minded
        now_ms = REAL.now_ms()
        for number, back_ms in ((901, 0), (902, 86_400_000), (903, 86_399_000)):
            one_face.set("Good", number, at_ms=now_ms - back_ms)
            [reading] = collect(driver, arrived(number))
            assert reading.at_ms >= now_ms  # ours
            assert reading.source_at_ms == now_ms - back_ms


@pytest.fixture(scope="module")
def secured() -> Iterator[tuple[Plc, str]]:
    der, key = certificate("urn:plc")
    plc = Plc(der, key, "NoSecurity", "Basic256Sha256_SignAndEncrypt", uri="urn:plc")
    plc.add("Good", 0)
    yield plc, fingerprint(der)
    plc.close()


def test_a_damaged_byte_under_encryption_ends_the_link_at_once(secured: tuple[Plc, str], tmp_path: Path) -> None:
    """The library's receiving thread dies of it and leaves everything looking well."""
    plc, trust = secured
    proxy = Proxy(plc.url)
    settings: dict[str, Value] = {"security": "SignAndEncrypt", "trust": trust}
    spec = bus(proxy.url, {"good": THEIRS + "Good"}, settings, str(tmp_path))
    try:
        with opened(spec) as driver:
            collect(driver, have("good"))
            proxy.spoil = True
            plc.set("Good", 1)
            began = time.monotonic()
            error = error_of(driver, 2.0)
            assert time.monotonic() - began < 1.0
            assert error.kind == "protocol"
            assert driver._client is not None
            link = driver._client.uaclient._uasocket
            link.join(1)  # the receiving thread has ended, and left no socket open that the server takes for a client
            assert not link._thread.is_alive()
            assert link._socket.socket.fileno() == -1
        assert driver._client is None
        with opened(spec) as driver:
            assert collect(driver, have("good"))[-1].value == 1
    finally:
        proxy.close()


def losses_of(readings: list[Reading]) -> list[tuple[int | None, str]]:
    """The losses among the facts that are made of readings: how many pieces and why."""
    plant = Plant("P", "L", "Asia/Seoul", None, (), (Bus(1, "cell", "", "opc_ua"),), (Device(1, 1, "plc", "plc"),), ())
    ids = count(1)
    events = Interpreter(plant, Memory(), lambda _at_ms: next(ids)).read(readings).events
    return [(each.pieces, each.detail) for each in events if each.kind is EventKind.LOSS]


def test_a_queue_of_the_server_that_runs_over_is_told(one_face: OpcUaFace) -> None:
    """More changes in one publishing interval than the queue holds: the oldest of the rest comes flagged."""
    one_face.set("Good", 0)
    with opened(bus(one_face.url, NODES, {"queue": 3, "publishing_ms": 300})) as driver:
        found = collect(driver, have("good"))
        assert losses_of(found) == []
        for number in range(100, 120):
            one_face.set("Good", number)
        found = collect(driver, lambda found: any(r.note == "overflow" for r in found))
        values = [r for r in found if r.signal]
        assert [(r.value, r.status) for r in values] == [(117, 0x480), (118, 0), (119, 0)]
        assert driver.losses() == {"plc": 1}  # at least: the server does not say how many
        assert losses_of(found) == [(1, "overflow")]


def test_a_server_that_does_not_flag_an_overflow_loses_silently(
    secured: tuple[Plc, str], caplog: pytest.LogCaptureFixture
) -> None:
    """asyncua is one of those; all that can be done is to say beforehand that the queue is too short."""
    plc, _ = secured
    plc.set("Good", 99)
    settings: dict[str, Value] = {"queue": 2, "publishing_ms": 300}
    with (
        caplog.at_level("WARNING", "drivers.opc_ua_items"),
        opened(bus(plc.url, {"good": THEIRS + "Good"}, settings)) as driver,
    ):
        collect(driver, have("good"))
        for number in range(100, 120):
            plc.set("Good", number)
        found = collect(driver, arrived(119))
        assert len(found) < 20
        assert driver.losses() == {"plc": 0}
        assert losses_of(found) == []
    [said] = [record.getMessage() for record in caplog.records if record.name == "drivers.opc_ua_items"]
    assert said.startswith(f"plc good: the server keeps 2 values of {THEIRS}Good and hands them over each 300 ms")


def test_keys_are_made_before_anybody_waits(tmp_path: Path) -> None:
    """Two buses that start together have one certificate."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda key: opc_ua_security.own(str(tmp_path / "keys"), key).der, ("a", "b"))
    assert first == second


def test_a_program_that_fails_after_connecting_ends(one_face: OpcUaFace, tmp_path: Path) -> None:
    """The library's threads would keep it for ever."""
    code = (
        "from desktop.clock import REAL\nfrom drivers.base import *\nfrom drivers.opc_ua import OpcUa\n"
        f"spec = BusSpec('b', {one_face.url!r}, {{}}, (DeviceSpec('d', {{}}, (SignalSpec('g', "
        f"{{'node': {OURS + 'Good'!r}}}),)),))\n"
        "driver = OpcUa(spec, REAL)\ndriver.open()\nraise SystemExit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], timeout=10, check=False)
    assert done.returncode == 7
    assert OpcUa.BUS_SETTINGS
