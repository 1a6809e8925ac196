"""One thread a bus: it opens, polls, fails, waits and tries again, and disturbs nobody else."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from msgspec.structs import replace

from desktop.clock import REAL
from desktop.collect import supervise
from desktop.collect.interpret import Health
from desktop.collect.supervise import BusThread, Inbox, Polled, bus_spec, stop_all
from desktop.domain.plant import Plant
from drivers.base import DriverError, Reading
from tests.collect.fakes import Plugs, install, wait_for

VALUE = {"device": "plc", "signal": "good", "value": 1}


@pytest.fixture
def plugs(monkeypatch: pytest.MonkeyPatch) -> Plugs:
    monkeypatch.setattr(supervise, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(supervise, "LONGEST_WAIT_S", 0.2)
    return install(monkeypatch)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


class Buses:
    """Bus threads of the example line, started by key."""

    def __init__(self, plant: Plant, inbox: Inbox) -> None:
        self.plant, self.inbox, self.threads = plant, inbox, list[BusThread]()

    def start(self, *keys: str) -> BusThread:
        for key in keys:
            bus = next(bus for bus in self.plant.buses if bus.key == key)
            self.threads.append(BusThread(bus, self.plant, REAL, self.inbox))
            self.threads[-1].start()
        return self.threads[-1]


@pytest.fixture
def buses(plant: Plant, inbox: Inbox, plugs: Plugs) -> Iterator[Buses]:
    started = Buses(plant, inbox)
    yield started
    for plug in plugs.values():
        plug.hang.clear()
    stop_all(started.threads)
    for thread in started.threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in started.threads)


def heard(inbox: Inbox) -> list[tuple[str, str, str]]:
    """Changes of health that wait, as (device, status, fault)."""
    found = []
    while (message := inbox.get(0)) is not None:
        if isinstance(message, Health):
            found.append((message.device, message.status, message.fault))
    return found


def until(inbox: Inbox, *wanted: tuple[str, str, str]) -> None:
    """Wait until these changes of health were said."""
    found: list[tuple[str, str, str]] = []
    wait_for(lambda: found.extend(heard(inbox)) or all(want in found for want in wanted))


def test_a_device_that_pushes_is_online_as_soon_as_its_port_is_open(buses: Buses, inbox: Inbox, plugs: Plugs) -> None:
    buses.start("plc")
    until(inbox, ("plc", "online", ""))
    plugs["plc"].send(VALUE)
    wait_for(lambda: isinstance(inbox.get(0), Polled))


def test_a_polled_device_is_online_when_it_was_heard(buses: Buses, inbox: Inbox, plugs: Plugs) -> None:
    plugs["plc"].pushes = False
    buses.start("plc")
    wait_for(lambda: plugs["plc"].polled > 3)
    assert heard(inbox) == []
    plugs["plc"].send({**VALUE, "note": "incomplete"})
    wait_for(lambda: not plugs["plc"].frames)
    assert heard(inbox) == []
    plugs["plc"].send(VALUE)
    until(inbox, ("plc", "online", ""))


def test_health_is_said_before_the_values_of_its_poll(buses: Buses, inbox: Inbox, plugs: Plugs) -> None:
    plugs["plc"].pushes = False
    plugs["plc"].send(VALUE)
    buses.start("plc")
    wait_for(lambda: inbox.waiting() == 2)
    first, second = inbox.get(0), inbox.get(0)
    assert isinstance(first, Health)
    assert isinstance(second, Polled)
    assert [r.value for r in second.readings] == [1]


def test_a_bus_that_fails_says_so_once_and_tries_again_for_ever(buses: Buses, inbox: Inbox, plugs: Plugs) -> None:
    plug = plugs["plc"]
    plug.opening = DriverError("port_missing", port="COM3")
    buses.start("plc")
    wait_for(lambda: plug.opened >= 4)
    assert heard(inbox) == [("plc", "offline", "port_missing")]
    plug.opening = DriverError("port_busy", port="COM3")
    until(inbox, ("plc", "offline", "port_busy"))
    plug.opening = None
    until(inbox, ("plc", "online", ""))
    plug.polling = DriverError("link_lost", port="COM3", reason="gone")
    until(inbox, ("plc", "offline", "link_lost"), ("plc", "online", ""))
    wait_for(lambda: plug.closed == plug.opened - 1)


def test_waits_grow_and_begin_anew_after_it_worked(
    buses: Buses, inbox: Inbox, plugs: Plugs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise.random, "uniform", lambda _low, _high: 1.0)
    plug = plugs["plc"]
    plug.opening = DriverError("port_missing", port="COM3")
    buses.start("plc")
    wait_for(lambda: plug.opened >= 6)
    waits = [after - before for before, after in pairwise(plug.opened_at[:6])]
    for wait_s, least_s in zip(waits, (0.01, 0.02, 0.04, 0.08, 0.16), strict=True):
        assert wait_s >= least_s * 0.95
    plug.opening = None
    until(inbox, ("plc", "online", ""))
    plug.send(VALUE)
    wait_for(lambda: not plug.frames)
    wait_for(lambda: time.monotonic() - plug.opened_at[-1] > 0.42)  # it works for twice the longest wait
    before = plug.opened
    plug.polling = DriverError("link_lost", port="COM3", reason="gone")
    wait_for(lambda: plug.opened > before)
    assert time.monotonic() - plug.opened_at[-1] < 5
    assert plug.opened_at[-1] - plug.opened_at[-2] > 0.4
    until(inbox, ("plc", "online", ""))


class Ending(threading.Event):
    """What a thread waits on: notes for how long and does not wait; the end comes after so many times."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.waits = most, list[float | None]()

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if len(self.waits) == self.most:
            self.set()
        return self.is_set()


def waits_of(plant: Plant, monkeypatch: pytest.MonkeyPatch, port: str, fault: DriverError, times: int) -> list[float]:
    """How long a bus that cannot be opened waits between two attempts."""
    plug = install(monkeypatch)["plc"]
    plug.opening = fault
    bus = next(bus for bus in plant.buses if bus.key == "plc")
    thread = BusThread(replace(bus, port=port), plant, REAL, Inbox())
    thread._ending = ending = Ending(times)
    thread.run()  # here: nothing waits
    assert plug.opened == times
    return [wait_s or 0 for wait_s in ending.waits]


GONE, REFUSED = DriverError("port_missing", port=""), DriverError("port_refused", port="", reason="")
SERVER = "opc.tcp://192.168.0.5:4840"


@pytest.mark.parametrize(
    ("port", "fault", "expected"),
    [
        ("COM3", GONE, [0.25, 0.5, 1, 2, 4, 5, 5]),
        ("/dev/ttyUSB0", GONE, [0.25, 0.5, 1, 2, 4, 5, 5]),
        (SERVER, REFUSED, [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]),
        (SERVER, DriverError("refused_login", needs_person=True, reason=""), [30, 30, 30]),
        ("COM3", DriverError("bad_address", needs_person=True, address="", reason=""), [30, 30]),
    ],
)
def test_how_long_it_waits(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, port: str, fault: DriverError, expected: list[float]
) -> None:
    """A port that comes back is opened within 5 s, a server left in peace, a wrong password not tried again and again
    (most servers lock the user)."""
    monkeypatch.setattr(supervise.random, "uniform", lambda _low, _high: 1.0)
    assert waits_of(plant, monkeypatch, port, fault, len(expected)) == expected


def test_not_all_machines_try_at_the_same_moment(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut all of them begin together: each waits a fifth more or less than it should."""
    steps = [0.25, 0.5, 1, 2, 4, 8]
    found = [waits_of(plant, monkeypatch, SERVER, REFUSED, len(steps)) for _ in range(5)]
    for waits in found:
        assert all(0.8 * step <= wait_s <= 1.2 * step for wait_s, step in zip(waits, steps, strict=True))
    assert len({tuple(waits) for waits in found}) == len(found)


def test_what_a_person_must_mend_is_said_as_such(buses: Buses, inbox: Inbox, plugs: Plugs) -> None:
    plugs["plc"].opening = DriverError("refused_login", needs_person=True, reason="password")
    buses.start("plc")
    until(inbox, ("plc", "misconfigured", "refused_login"))


def test_one_device_of_a_bus_may_fail_alone(buses: Buses, inbox: Inbox, plugs: Plugs) -> None:
    plug = plugs["plc"]
    buses.start("plc")
    until(inbox, ("plc", "online", ""))
    plug.faults = {"plc": DriverError("no_answer", seconds=3)}
    until(inbox, ("plc", "offline", "no_answer"))
    plug.faults = {}
    until(inbox, ("plc", "online", ""))
    assert plug.opened == 1


@pytest.mark.parametrize("where", ["opening", "polling"])
def test_our_own_fault_is_loud_and_takes_no_other_bus_along(
    where: str, buses: Buses, inbox: Inbox, plugs: Plugs, caplog: pytest.LogCaptureFixture
) -> None:
    setattr(plugs["plc"], where, ZeroDivisionError("ours"))
    with caplog.at_level(logging.ERROR):
        buses.start("cnc", "plc")
        until(inbox, ("plc", "offline", "protocol"), ("cnc", "online", ""))
    assert "ours" in caplog.text
    plugs["plc"].opening = None
    until(inbox, ("plc", "online", ""))
    assert plugs["cnc"].opened == 1


def test_a_driver_that_breaks_its_promise_in_close_is_tried_again(
    buses: Buses, inbox: Inbox, plugs: Plugs, caplog: pytest.LogCaptureFixture
) -> None:
    plugs["plc"].closing = ValueError("in close")
    plugs["plc"].polling = DriverError("link_lost", port="COM3", reason="gone")
    buses.start("plc")
    until(inbox, ("plc", "offline", "link_lost"), ("plc", "online", ""))
    assert "in close" in caplog.text


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(supervise, "_CLOSE_S", 0.05)
    monkeypatch.setattr(supervise, "HUNG_S", 0.1)
    monkeypatch.setattr(supervise, "OPENING_S", 0.1)


def watched(buses: Buses, inbox: Inbox, *wanted: tuple[str, str, str]) -> list[tuple[str, str, str]]:
    """Watch the last thread as the collector does until these changes of health were said; returns all that were."""
    found: list[tuple[str, str, str]] = []

    def look() -> bool:
        now = buses.threads[-1].watch()
        if now is not buses.threads[-1]:
            buses.threads.append(now)
        found.extend(heard(inbox))
        return all(want in found for want in wanted)

    wait_for(look)
    return found


@pytest.mark.usefixtures("impatient")
def test_a_driver_that_hangs_is_said_and_its_bus_opened_anew(
    buses: Buses, inbox: Inbox, plugs: Plugs, caplog: pytest.LogCaptureFixture
) -> None:
    plug = plugs["plc"]
    plug.pushes = False
    plug.send(VALUE)
    first = buses.start("plc")
    until(inbox, ("plc", "online", ""))
    plug.hang_once()
    assert watched(buses, inbox, ("plc", "offline", "driver_hung")) == [("plc", "offline", "driver_hung")]
    wait_for(lambda: plug.opened == 2)
    second = buses.threads[-1]
    assert second is not first
    assert second.reconnects == 1
    plug.send(VALUE)
    watched(buses, inbox, ("plc", "online", ""))
    assert first.is_alive(), "nothing can end it; it is a daemon and nobody waits for it"
    assert first.daemon
    assert "hangs" in caplog.text


@pytest.mark.usefixtures("impatient")
def test_what_a_driver_that_hung_brings_late_is_counted_and_never_taken_for_new(
    buses: Buses, inbox: Inbox, plugs: Plugs
) -> None:
    plug = plugs["plc"]
    first = buses.start("plc")
    until(inbox, ("plc", "online", ""))
    plug.hang_once({**VALUE, "value": 7}, {**VALUE, "value": 8})
    watched(buses, inbox, ("plc", "offline", "driver_hung"), ("plc", "online", ""))
    plug.hang.clear()
    wait_for(lambda: not first.is_alive())
    assert inbox.take_lost() == 2
    while (message := inbox.get(0)) is not None:
        assert not isinstance(message, Polled)
    assert plug.closed == 1, "it still closes its own port"


@pytest.mark.usefixtures("impatient")
def test_a_port_that_our_own_hung_thread_holds_is_not_another_programs(
    buses: Buses, inbox: Inbox, plugs: Plugs
) -> None:
    plug = plugs["plc"]
    buses.start("plc")
    until(inbox, ("plc", "online", ""))
    plug.hang_once()
    plug.opening = DriverError("port_busy", port="COM3")
    said = watched(buses, inbox, ("plc", "offline", "driver_hung"))
    wait_for(lambda: plug.opened >= 4)
    assert said + heard(inbox) == [("plc", "offline", "driver_hung")]
    plug.hang.clear()
    wait_for(lambda: not buses.threads[0].is_alive())
    until(inbox, ("plc", "offline", "port_busy"))  # now it is another program's
    plug.opening = None
    until(inbox, ("plc", "online", ""))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("where", ["opening", "polling"])
def test_a_driver_that_always_hangs_leaves_few_threads_behind(
    buses: Buses, inbox: Inbox, plugs: Plugs, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    plug = plugs["plc"]
    plug.hangs_opening = where == "opening"
    plug.hang.set()
    buses.start("plc")
    watched(buses, inbox, ("plc", "offline", "driver_hung"))
    while len(buses.threads) < 1 + supervise.MOST_LEFT:
        watched(buses, inbox)
        time.sleep(0.01)
    monkeypatch.setattr(supervise, "HUNG_S", 0.0)
    monkeypatch.setattr(supervise, "OPENING_S", 0.0)
    assert buses.threads[-1].watch() is buses.threads[-1]
    plug.hang.clear()
    until(inbox, ("plc", "online", ""))  # the last one was waited for


@pytest.mark.usefixtures("impatient")
def test_an_end_does_not_wait_for_a_driver_that_hangs(
    buses: Buses, inbox: Inbox, plugs: Plugs, caplog: pytest.LogCaptureFixture
) -> None:
    thread = buses.start("plc")
    until(inbox, ("plc", "online", ""))
    plugs["plc"].hang.set()
    polled = plugs["plc"].polled
    wait_for(lambda: plugs["plc"].polled > polled)
    stop_all([thread])
    assert thread.watch() is thread, "who was asked to end has no successor"
    assert thread.is_alive()
    assert "did not end in time" in caplog.text


def test_a_full_queue_counts_what_it_refuses_and_loses_no_change_of_health(plant: Plant, plugs: Plugs) -> None:
    inbox = Inbox(4)
    reading = Reading("plc", "good", 1, 0, 0, 0, 0)  # type: ignore[arg-type]
    assert inbox.put(Polled((reading, reading)))
    assert not inbox.put(Polled((reading, reading, reading)))
    assert inbox.put(Polled((reading, reading)))
    assert not inbox.put(Health("plc", "offline", 0))
    assert (inbox.take_lost(), inbox.take_lost()) == (3, 0)
    plugs["plc"].polling = DriverError("link_lost", port="COM3", reason="gone")
    thread = BusThread(plant.buses[0], plant, REAL, inbox)
    thread.start()
    try:
        wait_for(lambda: plugs["plc"].opened >= 2)
        while inbox.get(0) is not None:
            pass
        until(inbox, ("plc", "online", ""))  # said again and again until it was taken
    finally:
        stop_all([thread])
    assert inbox.take_lost() == 0


def test_the_queue_holds_readings_whatever_the_size_of_a_poll() -> None:
    inbox = Inbox(100)
    poll = Polled((Reading("plc", "good", 1, 0, 0, 0, 0),) * 30)  # type: ignore[arg-type]
    assert [inbox.put(poll) for _turn in range(5)] == [True, True, True, False, False]
    assert (inbox.waiting(), inbox.take_lost()) == (3, 60)
    assert inbox.get(0) is poll
    assert inbox.put(poll)  # the place of what was taken is free again
    while inbox.get(0) is not None:
        pass
    large = Polled(poll.readings * 5)
    assert inbox.put(large), "larger than the queue, but nothing waits"
    assert not inbox.put(Health("plc", "offline", 0))
    assert inbox.get(1) is large
    assert inbox.put(Health("plc", "offline", 0))
    assert inbox.take_lost() == 0


def test_a_thread_knows_what_it_serves(plant: Plant, buses: Buses) -> None:
    thread = buses.start("cnc")
    bus = next(bus for bus in plant.buses if bus.key == "cnc")
    assert thread.devices == ("cnc",)
    assert thread.serves(bus, plant)
    assert not thread.serves(replace(bus, port="elsewhere"), plant)
    signals = tuple(replace(s, settings={"node": "new"}) if s.key == "bore" else s for s in plant.signals)
    assert not thread.serves(bus, replace(plant, signals=signals))
    others = tuple(replace(s, factor=2.0) if s.key == "bore" else s for s in plant.signals)
    assert thread.serves(bus, replace(plant, signals=others))  # nothing that the wire must know
    assert [s.key for d in bus_spec(bus, plant).devices for s in d.signals] == ["strokes", "part", "bore", "item"]
    stop_all([thread])
    assert not thread.serves(bus, plant)


def test_what_a_device_lacks_is_said_and_the_device_stays_connected(buses: Buses, inbox: Inbox, plugs: Plugs) -> None:
    plug = plugs["plc"]
    plug.pushes = False
    plug.faults = {"plc": DriverError("exception", device="plc", partial=True, needs_person=True, address="holding:5")}
    buses.start("plc")
    wait_for(lambda: plug.polled > 3)
    assert heard(inbox) == [], "nothing was heard of it yet"
    plug.send(VALUE)
    until(inbox, ("plc", "online", "exception"))
    plug.faults = {"plc": DriverError("exception", device="plc", partial=True, needs_person=True, address="holding:9")}
    plug.send(VALUE)
    until(inbox, ("plc", "online", "exception"))  # another address is news
    plug.faults = {}
    plug.send(VALUE)
    until(inbox, ("plc", "online", ""))
