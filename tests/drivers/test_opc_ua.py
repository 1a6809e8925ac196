"""The OPC UA driver against our own face, an independent server (asyncua), rogue servers and broken links."""

from __future__ import annotations

import copy
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from opcua import Client, ua
from opcua.client.ua_client import UASocketClient
from opcua.common.connection import SecureConnection
from opcua.crypto import security_policies
from opcua.ua.ua_binary import header_from_binary

from desktop.clock import REAL
from desktop.collect.interpret import Interpreter
from desktop.collect.memory import Memory
from desktop.domain.events import EventKind
from desktop.domain.plant import Bus, Device, Plant
from drivers.base import BusSpec, DeviceSpec, DriverError, Quality, Reading, SignalSpec, Value
from drivers.opc_ua import OpcUa
from drivers.opc_ua_arrivals import Arrivals, plain
from drivers.opc_ua_faults import BUSY, LOGIN_REFUSED, as_fault
from drivers.opc_ua_guards import (
    MESSAGE_LIMIT,
    GuardedUaClient,
    Subscription,
    TolerantConnection,
    _sample,
    from_library,
)
from drivers.opc_ua_library import LimitedLog, status_name
from drivers.opc_ua_requests import node_id
from drivers.simulated.wire_opc_ua import OpcUaFace
from tests.drivers.opc_ua_peers import (
    OURS,
    THEIRS,
    Plc,
    Proxy,
    arrived,
    bus,
    certificate,
    collect,
    error_of,
    have,
    last,
    opened,
    other_ua,
    refused,
    rogue,
)
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def one_face() -> Iterator[OpcUaFace]:
    face = OpcUaFace(FACE_VALUES)
    yield face
    face.close()


@pytest.fixture
def face(one_face: OpcUaFace) -> OpcUaFace:
    """Our server, with the first values again."""
    one_face.restore()
    one_face.writes_seen.clear()
    for name, value in FACE_VALUES.items():
        one_face.set(name, value)
    return one_face


FACE_VALUES: dict[str, bool | int | float | str] = {"Good": 0, "Bore": 0.0, "PartId": "", "Door": False}
FACE_NODES = {"good": OURS + "Good", "bore": OURS + "Bore", "part": OURS + "PartId", "door": OURS + "Door"}


@pytest.fixture(scope="module")
def plc() -> Iterator[Plc]:
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    plc = Plc()
    yield plc
    plc.close()


@pytest.fixture
def proxied(face: OpcUaFace) -> Iterator[Proxy]:
    proxy = Proxy(face.url)
    yield proxy
    proxy.close()


# what it is for


def test_listing_its_settings_does_not_load_the_library() -> None:
    code = "import sys, drivers.opc_ua as m; print(len(m.OpcUa.BUS_SETTINGS), 'opcua' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["10", "False"]


def test_values_of_our_face(face: OpcUaFace) -> None:
    with opened(bus(face.url, FACE_NODES)) as driver:
        first = collect(driver, have(*FACE_NODES))
        assert {r.note for r in first} == {"snapshot"}
        before_ms = REAL.now_ms()
        face.set("PartId", "VH204-251123-0001", at_ms=before_ms)
        face.set("Bore", 24.9987)
        face.set("Good", 7)
        face.set("Door", True)
        found = collect(driver, have(*FACE_NODES))
        assert [(r.signal, r.value) for r in found] == [
            ("part", "VH204-251123-0001"),
            ("bore", 24.9987),
            ("good", 7),
            ("door", True),
        ]
        assert {(r.quality, r.status, r.note, r.device) for r in found} == {(Quality.GOOD, 0, "", "plc")}
        assert last(found, "part").source_at_ms == before_ms
        assert all(before_ms <= r.at_ms <= REAL.now_ms() for r in found)
        assert [r.seq for r in first + found] == list(range(1, len(first + found) + 1))
        assert driver.faults() == {}
        assert driver.revised["plc", "good"].queue == 100
    assert face.writes_seen == []


def test_every_value_in_order_when_they_come_fast(face: OpcUaFace) -> None:
    with opened(bus(face.url, FACE_NODES)) as driver:
        collect(driver, have(*FACE_NODES))
        for number in range(1, 61):
            face.set("PartId", f"part {number}")
            face.set("Good", number)
        found = collect(driver, lambda found: len(found) >= 120)
    assert [r.value for r in found if r.signal == "good"] == list(range(1, 61))
    # within one publish answer servers sort by item; the driver puts the source times in order again
    assert [r.value for r in found] == [v for n in range(1, 61) for v in (f"part {n}", n)]


def test_values_of_an_independent_server(plc: Plc) -> None:
    korean = other_ua.LocalizedText("가동 중", "ko")
    values = {"speed": 12.5, "count": 4_000_000_000, "on": True, "code": "A-1", "text": korean, "row": [1.0, 2.0]}
    kinds = {"count": other_ua.VariantType.UInt32}
    for name, value in values.items():
        plc.add(name, value, kinds.get(name))
    with opened(bus(plc.url, {name: THEIRS + name for name in values})) as driver:
        found = collect(driver, have(*values))
        read = {r.signal: r.value for r in found}
        assert read == {
            "speed": 12.5,
            "count": 4_000_000_000,
            "on": True,
            "code": "A-1",
            "text": "가동 중",
            "row": None,
        }
        assert {r.note for r in found if r.signal != "row"} == {"snapshot"}
        assert (last(found, "row").note, last(found, "row").quality) == ("unparsed", Quality.BAD)
        for number in range(20):
            plc.set("speed", 20.0 + number)
        later = collect(driver, arrived(39.0))
        assert [r.value for r in later] == [20.0 + number for number in range(20)]


@pytest.mark.parametrize(
    ("status", "quality", "lost"),
    [
        (0x00000000, Quality.GOOD, 0),
        (0x00000480, Quality.GOOD, 1),  # the info bit "overflow": at least one before it is lost
        (0x40900000, Quality.UNCERTAIN, 0),  # UncertainLastUsableValue
        (0x808C0000, Quality.BAD, 0),  # BadSensorFailure, with the last value still there
        (0x80AB1234, Quality.BAD, 0),  # a maker's own code
    ],
)
def test_status_is_kept_with_all_its_bits(face: OpcUaFace, status: int, quality: Quality, lost: int) -> None:
    with opened(bus(face.url, FACE_NODES)) as driver:
        collect(driver, have(*FACE_NODES))
        face.set("Bore", 62.27, status=status)
        reading, *told = collect(driver, have("bore"))
        assert (reading.value, reading.status, reading.quality, reading.note) == (62.27, status, quality, "")
        assert [(r.signal, r.value, r.note) for r in told] == [("", 1, "overflow")] * lost
        assert driver.losses() == {"plc": lost}


def test_the_servers_time_is_told_beside_the_devices_own(plc: Plc) -> None:
    before_ms = REAL.now_ms()
    source = datetime.now(UTC) + timedelta(hours=1)  # the device's clock was never set to summer time
    plc.add("times", 1.0)
    with opened(bus(plc.url, {"bore": THEIRS + "times"})) as driver:
        collect(driver, have("bore"))
        plc.set("times", 24.5, 0x40900000, source)
        reading = last(collect(driver, arrived(24.5)), "bore")
    assert (reading.status, reading.source_at_ms) == (0x40900000, int(source.timestamp() * 1000))
    assert reading.server_at_ms is not None
    assert before_ms <= reading.server_at_ms <= REAL.now_ms()  # that server stamps each value itself


def test_an_equal_value_is_news_only_where_asked_for(face: OpcUaFace) -> None:
    for trigger, times in (("time", 3), ("value", 1)):
        with opened(bus(face.url, FACE_NODES, trigger=trigger)) as driver:
            collect(driver, have(*FACE_NODES))
            for _ in range(3):
                face.set("Bore", 25.0)
            face.set("Good", face.get("Good") + 1)  # type: ignore[operator]
            found = collect(driver, have("good"))
            assert len([r for r in found if r.signal == "bore"]) == times
        face.set("Bore", 0.0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), (None, Quality.BAD, "")),
        (float("inf"), (None, Quality.BAD, "")),
        (datetime(2025, 11, 23, 8, 0), ("2025-11-23T08:00:00+00:00", Quality.GOOD, "")),  # noqa: DTZ001
        (None, (None, Quality.GOOD, "")),
        (b"\x01", (None, Quality.BAD, "unparsed")),
        ([1, 2], (None, Quality.BAD, "unparsed")),
    ],
)
def test_values_that_are_no_number(value: object, expected: tuple[Value, Quality, str]) -> None:
    assert plain(value, 0) == expected


def test_ends_of_the_time_range_mean_no_time() -> None:
    for stamp in (datetime(1601, 1, 1), datetime(9999, 12, 31, 23, 59, 59), None):  # noqa: DTZ001
        assert _sample(ua.DataValue(1, sourceTimestamp=stamp)) == (1, 0, None, None)
    moment = datetime(2025, 11, 23, 8, 0, 0, 250_001)  # noqa: DTZ001
    expected = round(moment.replace(tzinfo=UTC).timestamp() * 1_000_000)
    assert _sample(ua.DataValue(1, sourceTimestamp=moment)) == (1, 0, expected, None)
    assert _sample(ua.DataValue(1, serverTimestamp=moment)) == (1, 0, None, expected)


# addresses


def test_a_bad_node_does_not_stop_the_others(face: OpcUaFace) -> None:
    nodes = {**FACE_NODES, "typo": OURS + "Godo", "far": "nsu=urn:elsewhere;s=X", "wrong": "Good", "empty": ""}
    with opened(bus(face.url, nodes)) as driver:
        found = collect(driver, have(*nodes))
        bad = {r.signal: r.status for r in found if r.quality is Quality.BAD}
        assert bad == {"typo": 0x80340000, "far": 0, "wrong": 0, "empty": 0}  # BadNodeIdUnknown
        assert all(r.value is None for r in found if r.signal in bad)
        fault = driver.faults()["plc"]
        assert (fault.kind, fault.partial, fault.detail["count"]) == ("bad_address", True, len(bad))  # the device works
        assert fault.detail["address"] in [nodes[signal] for signal in bad]
        assert {signal for _, signal in driver.bad_nodes()} == set(bad)
        assert driver.bad_nodes()["plc", "typo"] == "BadNodeIdUnknown"
        face.set("Good", 5)
        assert [r.signal for r in collect(driver, have("good"))] == ["good"]


def test_a_node_that_appears_later_is_found(plc: Plc) -> None:
    plc.add("early", 1)
    with opened(bus(plc.url, {"early": THEIRS + "early", "late": THEIRS + "late"})) as driver:
        collect(driver, have("early", "late"))
        plc.add("late", 2)
        assert set(driver.bad_nodes()) == {("plc", "late")}
        driver._items.retry_at_ns = 0  # the minute is over
        [reading] = collect(driver, have("late"))
        assert (reading.value, reading.note) == (2, "snapshot")
        wait_for(lambda: driver.bad_nodes() == {})  # the value may arrive before the answer to the question for it


def test_a_device_of_which_nothing_can_be_read_is_at_fault(face: OpcUaFace) -> None:
    with opened(bus(face.url, {"a": OURS + "Godo", "b": OURS + "Bor"})) as driver:
        assert {r.quality for r in collect(driver, have("a", "b"))} == {Quality.BAD}
        fault = driver.faults()["plc"]
        assert (fault.kind, fault.detail["address"], fault.detail["count"]) == ("bad_address", OURS + "Godo", 2)
        assert not fault.partial


def test_namespace_is_looked_up_at_every_connect(plc: Plc) -> None:
    uris = plc.do(plc.server.get_namespace_array())
    other = plc.do(plc.server.register_namespace("urn:other"))
    plc.add("same", 1)
    plc.do(plc.server.nodes.objects.add_variable(other_ua.NodeId("same", other), "same", 2))
    array = plc.server.get_node("i=2255")
    try:
        for order, by_uri, by_index in (
            ([*uris, "urn:other"], 1, 1),
            ([*uris[: plc.index], "urn:other", "urn:plc"], 2, 1),  # the server was set up anew
        ):
            plc.do(array.write_value(order))
            nodes = {"uri": THEIRS + "same", "index": f"ns={plc.index};s=same"}
            with opened(bus(plc.url, nodes)) as driver:
                found = collect(driver, have("uri", "index"))
                assert (last(found, "uri").value, last(found, "index").value) == (by_uri, by_index)
    finally:
        plc.do(array.write_value([*uris, "urn:other"]))


@pytest.mark.parametrize("text", ["", "Good", "ns=2", "ns=x;s=Good", "i=abc", "g=12", "b=***", "nsu=urn:none;i=1"])
def test_an_address_that_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        node_id(text, ["http://opcfoundation.org/UA/"])


def test_kinds_of_addresses() -> None:
    uris = ["http://opcfoundation.org/UA/", "urn:a;b"]
    assert node_id("i=2258", uris) == ua.NodeId(2258, 0)
    assert node_id("ns=3;s=DB1;x=2", uris) == ua.NodeId("DB1;x=2", 3)
    assert node_id("nsu=urn:a%3Bb;i=7", uris) == ua.NodeId(7, 1)
    assert node_id("ns=1;b=AAE=", uris).Identifier == b"\0\1"


# what can go wrong


@pytest.mark.parametrize(
    ("port", "kind", "needs_person"),
    [
        ("COM3", "bad_address", True),
        ("http://127.0.0.1:4840", "bad_address", True),
        ("opc.tcp://127.0.0.1:99999", "bad_address", True),
        ("opc.tcp://me:secret@127.0.0.1:4840", "bad_address", True),
        ("opc.tcp://127.0.0.1:1", "port_refused", False),
        ("opc.tcp://no-such-host.invalid:4840", "port_missing", False),
    ],
)
def test_an_endpoint_that_cannot_be_opened(port: str, kind: str, needs_person: bool) -> None:
    error = refused(bus(port, {"good": "i=1"}))
    assert (error.kind, error.needs_person) == (kind, needs_person)
    assert port in error.detail.values()


@pytest.mark.parametrize(
    ("name", "kind", "needs_person"),
    [
        ("BadTooManySessions", "port_busy", False),
        ("BadTooManySubscriptions", "port_busy", False),
        ("BadTooManyOperations", "port_busy", False),
        ("BadServerTooBusy", "port_busy", False),
        ("BadTcpServerTooBusy", "port_busy", False),
        ("BadUserAccessDenied", "refused_login", True),
        ("BadIdentityTokenRejected", "refused_login", True),
        ("BadIdentityTokenInvalid", "refused_login", True),
        ("BadSecurityChecksFailed", "untrusted", True),
        ("BadCertificateUntrusted", "untrusted", True),
        ("BadTcpEndpointUrlInvalid", "bad_address", True),
        ("BadServerHalted", "protocol", False),
    ],
)
def test_what_a_server_refuses_with(name: str, kind: str, needs_person: bool) -> None:
    """By the number that stands in the answer; the other library knows the newer names, too."""
    number = getattr(other_ua.StatusCodes, name)
    with pytest.raises(ua.UaStatusCodeError) as caught:
        ua.StatusCode(number).check()
    fault = as_fault(caught.value, "opc.tcp://10.0.0.5:4840", 4.0, None)
    assert fault is not None
    assert (fault.kind, fault.needs_person, fault.detail["reason"]) == (kind, needs_person, name)
    assert "opc.tcp://10.0.0.5:4840" in fault.detail.values()


def test_names_of_status_codes_are_those_of_the_other_library() -> None:
    ours = {name for name in vars(ua.StatusCodes) if name.startswith("Bad")}
    for name in (*ours & set(vars(other_ua.StatusCodes)), "BadLocked", "BadServerTooBusy", "BadNoValue"):
        assert status_name(getattr(other_ua.StatusCodes, name)) == name
    assert status_name(0x80AB1234) == "BadInvalidArgument"
    assert status_name(0x8FFF0000) == "0x8FFF0000"
    assert all(hasattr(other_ua.StatusCodes, name) for name in BUSY + LOGIN_REFUSED)


def test_a_server_whose_sessions_are_all_taken_is_busy(face: OpcUaFace) -> None:
    """As small controllers are, that allow one; whoever has it is not disturbed, and lets go of it in the end."""
    face.allow_sessions(1)
    try:
        with opened(bus(face.url, FACE_NODES)) as driver:
            collect(driver, have(*FACE_NODES))
            error = refused(bus(face.url, FACE_NODES))
            assert (error.kind, error.needs_person, error.detail["reason"]) == (
                "port_busy",
                False,
                "BadTooManySessions",
            )
            face.set("Good", 7)
            collect(driver, arrived(7))
            assert face.sessions == 1
        wait_for(lambda: face.sessions == 0)
        with opened(bus(face.url, FACE_NODES)) as driver:
            collect(driver, have(*FACE_NODES))
    finally:
        face.allow_sessions(1000)


def test_a_setting_that_makes_no_sense_is_named() -> None:
    wrong: list[tuple[dict[str, Value], dict[str, Value], str]] = [
        ({"queue": 0}, {}, "cell: queue"),
        ({"watchdog_s": "soon"}, {}, "cell: watchdog_s"),
        ({}, {"trigger": "never"}, "plc.good: trigger"),
    ]
    for of_bus, of_signal, where in wrong:
        error = refused(bus("opc.tcp://127.0.0.1:1", {"good": "i=1"}, of_bus, **of_signal))
        assert (error.kind, error.detail["address"], error.needs_person) == ("bad_address", where, True)


def test_a_cut_link_is_told_at_once_and_a_new_object_connects(face: OpcUaFace) -> None:
    spec = bus(face.url, FACE_NODES)
    with opened(spec) as driver:
        collect(driver, have(*FACE_NODES))
        face.cut()
        began = time.monotonic()
        error = error_of(driver, 1.0)
        assert (error.kind, error.detail["port"]) == ("link_lost", face.url)
        assert time.monotonic() - began < 0.6
    assert refused(spec).kind == "port_refused"
    face.set("Good", 41)
    face.restore()
    with opened(spec) as driver:
        reading = last(collect(driver, have(*FACE_NODES)), "good")
        assert (reading.value, reading.note) == (41, "snapshot")
        face.set("Good", 42)
        assert last(collect(driver, have("good")), "good").note == ""


def test_the_face_knows_what_has_not_arrived(face: OpcUaFace, proxied: Proxy) -> None:
    """What a cut may lose is told from what it cannot have lost, however slow the computer is."""
    assert (face.is_watched("Good"), face.unacknowledged_ms()) == (False, None)
    with opened(bus(proxied.url, FACE_NODES, {"publishing_ms": 500})) as driver:
        collect(driver, have(*FACE_NODES))
        assert face.is_watched("Good")
        wait_for(lambda: face.unacknowledged_ms() is None)  # what stood there; it was just published
        at_ms = REAL.now_ms()
        face.set("Good", 7, at_ms=at_ms)
        assert face.unacknowledged_ms() == at_ms
        collect(driver, have("good"))
        wait_for(lambda: face.unacknowledged_ms() is None)
    wait_for(lambda: not face.is_watched("Good"))


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be frozen there")
def test_a_frozen_server_is_silent_and_a_killed_one_lost() -> None:
    code = (
        "import time\nfrom drivers.simulated.wire_opc_ua import OpcUaFace\n"
        "print(OpcUaFace({'Good': 1}).url, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            spec = bus(process.stdout.readline().strip(), {"good": OURS + "Good"}, {"watchdog_s": 0.5})
            with opened(spec) as driver:
                collect(driver, have("good"))
                os.kill(process.pid, signal.SIGSTOP)
                assert error_of(driver, 3.0).kind == "silent"
                began = time.monotonic()
            assert time.monotonic() - began < 2.0  # close() against a server that answers nothing
            assert refused(spec).kind == "no_answer"
            os.kill(process.pid, signal.SIGCONT)
            with opened(spec) as driver:
                collect(driver, have("good"))
                process.kill()
                assert error_of(driver, 2.0).kind == "link_lost"
        finally:
            process.kill()


def test_a_half_open_link_is_told_by_the_watchdog(proxied: Proxy, face: OpcUaFace) -> None:
    with opened(bus(proxied.url, FACE_NODES)) as driver:
        collect(driver, have(*FACE_NODES))
        proxied.stalled.set()
        began = time.monotonic()
        error = error_of(driver, 4.0)
        assert error.kind == "silent"
        assert 0.9 < time.monotonic() - began < 2.5
        began = time.monotonic()
    assert time.monotonic() - began < 2.0


def test_quiet_is_not_silent(face: OpcUaFace) -> None:
    with opened(bus(face.url, FACE_NODES, {"watchdog_s": 0.7})) as driver:
        collect(driver, have(*FACE_NODES))
        until = time.monotonic() + 1.5  # twice the watchdog: empty answers keep it content
        while time.monotonic() < until:
            assert driver.poll() == []


def test_a_session_ends_with_close(face: OpcUaFace) -> None:
    for _ in range(3):
        with opened(bus(face.url, FACE_NODES)) as driver:
            collect(driver, have(*FACE_NODES))
            assert face.clients == 1
        until = time.monotonic() + 2
        while face.clients:
            assert time.monotonic() < until
            time.sleep(0.005)
        assert face._iserver.subscription_service.subscriptions == {}


def test_close_before_open_and_twice(face: OpcUaFace) -> None:
    driver = OpcUa(bus(face.url, FACE_NODES), REAL)
    driver.close()
    driver.open()
    driver.close()
    driver.close()


def lost_in(readings: list[Reading]) -> list[tuple[int | None, str]]:
    """What the facts say of losses: how many pieces and why, an item for each event."""
    plant = Plant("P", "L", "Asia/Seoul", None, (), (Bus(1, "cell", "", "opc_ua"),), (Device(1, 1, "plc", "plc"),), ())
    ids = count(1)
    events = Interpreter(plant, Memory(), lambda _at_ms: next(ids)).read(readings).events
    assert {each.device for each in events} <= {1}
    return [(each.pieces, each.detail) for each in events if each.kind is EventKind.LOSS]


def test_what_does_not_fit_is_counted_and_told_once(face: OpcUaFace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Arrivals, "LIMIT", 10)
    with opened(bus(face.url, FACE_NODES)) as driver:
        collect(driver, have(*FACE_NODES))
        for number in range(1, 31):
            face.set("Good", number)
        wait_for(lambda: driver.losses()["plc"] == 20)
        found = collect(driver, lambda found: len(found) >= 10)
        kept = [r.value for r in found if r.signal]
        assert kept == list(range(1, 11))
        face.set("Good", 99)
        found += collect(driver, have("good"))
        assert (found[-1].note, found[-1].value) == ("", 99)
        assert found[-1].seq - found[len(kept) - 1].seq == 30 - len(kept) + 1  # the loss shows in the numbers, too
        assert lost_in(found) == [(30 - len(kept), "overflow")]


def test_no_attempt_to_write_anything(face: OpcUaFace) -> None:
    with opened(bus(face.url, {**FACE_NODES, "typo": OURS + "Godo"})) as driver:
        collect(driver, have(*FACE_NODES, "typo"))
    assert face.writes_seen == []
    client = Client(face.url)  # and the recorder does record
    client.connect()
    try:
        with pytest.raises(ua.UaStatusCodeError):
            client.get_node(f"ns={client.get_namespace_index('urn:gadong:demo')};s=Good").set_value(1)
    finally:
        client.disconnect()
    assert len(face.writes_seen) == 1
    assert face.get("Good") == 0


# servers that misbehave


def acknowledge(caller: socket.socket) -> None:
    """Answer the greeting (part 6, 7.1.2.4).

    41 43 4B 46 | size u32 | version u32 | receive buffer u32 | send buffer u32 | message u32 | chunks u32
    A  C  K  F
    """
    caller.recv(4096)
    caller.sendall(struct.pack("<3scIIIIII", b"ACK", b"F", 28, 0, 65536, 65536, 0, 0))
    caller.recv(4096)  # the request to open a channel


def test_a_message_that_claims_to_be_huge_ends_the_link() -> None:
    def claim(caller: socket.socket) -> None:
        acknowledge(caller)
        caller.sendall(struct.pack("<3scII", b"OPN", b"F", 1 << 30, 1))
        while True:
            caller.sendall(b"\0" * 65536)

    with rogue(claim) as url:
        began = time.monotonic()
        error = refused(bus(url, {"good": "i=1"}))
        assert error.kind == "protocol"
        assert str(MESSAGE_LIMIT) in str(error.detail["reason"])
        assert time.monotonic() - began < 1.0


def test_parts_without_end_end_the_link() -> None:
    sent = 0

    def pour(caller: socket.socket) -> None:
        nonlocal sent
        acknowledge(caller)
        policy = b"http://opcfoundation.org/UA/SecurityPolicy#None"
        header, number = struct.pack("<I", len(policy)) + policy + struct.pack("<ii", -1, -1), 0
        while True:
            number += 1
            body = header + struct.pack("<II", number, 1) + b"\0" * 60_000  # sequence number, request
            caller.sendall(struct.pack("<3scII", b"OPN", b"C", len(body) + 12, 0) + body)
            sent += len(body)

    with rogue(pour) as url:
        assert refused(bus(url, {"good": "i=1"}, {"timeout_s": 10})).kind == "protocol"
    assert MESSAGE_LIMIT * 0.9 < sent < 2 * MESSAGE_LIMIT


def test_something_that_is_no_opc_ua_server() -> None:
    with rogue(lambda caller: caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        assert refused(bus(url, {"good": "i=1"})).kind == "protocol"


def test_a_server_that_says_no_is_quoted() -> None:
    def refuse(caller: socket.socket) -> None:
        caller.recv(4096)
        caller.sendall(struct.pack("<3scIIi", b"ERR", b"F", 16, 0x80830000, -1))  # BadTcpEndpointUrlInvalid

    with rogue(refuse) as url:
        error = refused(bus(url, {"good": "i=1"}))
        assert (error.kind, error.detail["reason"]) == ("bad_address", "BadTcpEndpointUrlInvalid")
        assert error.needs_person


# renewals


def test_values_go_on_over_renewals_of_the_channel(face: OpcUaFace, plc: Plc) -> None:
    plc.add("renewed", 0)
    changes: list[tuple[str, str, Callable[[int], None]]] = [
        (face.url, OURS + "Good", lambda number: face.set("Good", number)),
        (plc.url, THEIRS + "renewed", lambda number: plc.set("renewed", number)),
    ]
    for url, node, change in changes:
        with opened(bus(url, {"count": node})) as driver:
            collect(driver, have("count"))
            assert driver._client is not None
            found: list[Reading] = []
            for number in range(1, 41):
                change(number)
                if number % 10 == 0:
                    driver._client.open_secure_channel(renew=True)
                    found += collect(driver, arrived(number))
            assert [r.value for r in found] == list(range(1, 41))


def ends_of_a_channel(encrypted: bool) -> tuple[TolerantConnection, SecureConnection]:
    if not encrypted:
        return TolerantConnection(ua.SecurityPolicy()), SecureConnection(ua.SecurityPolicy())
    (ours, our_key), (theirs, their_key) = (
        (x509.load_der_x509_certificate(der), serialization.load_der_private_key(key, None))
        for der, key in (certificate("urn:gadong"), certificate("urn:plc"))
    )
    kind, mode = security_policies.SecurityPolicyBasic256Sha256, ua.MessageSecurityMode.SignAndEncrypt
    return (
        TolerantConnection(kind(theirs, ours, our_key, mode)),
        SecureConnection(kind(ours, theirs, their_key, mode)),
    )


@pytest.mark.parametrize("encrypted", [False, True])
def test_late_messages_under_the_last_token_are_understood(encrypted: bool) -> None:
    """A server that answers requests of before the renewal under the old token, as node-opcua does."""
    client, server = ends_of_a_channel(encrypted)
    owner = SimpleNamespace(get_new_channel_id=lambda: 7)

    def renew(kind: Any) -> None:
        params = ua.OpenSecureChannelParameters()
        params.RequestType, params.RequestedLifetime = kind, 60_000
        params.ClientNonce = ua.utils.create_nonce(32)
        result = server.open(params, owner)
        client.set_channel(copy.deepcopy(result), kind, params.ClientNonce)
        if kind == ua.SecurityTokenRequestType.Issue:
            server.remote_nonce = params.ClientNonce
            server.security_policy.make_local_symmetric_key(params.ClientNonce, result.ServerNonce)
            server.security_policy.make_remote_symmetric_key(result.ServerNonce, params.ClientNonce)
        else:
            server.remote_nonce = params.ClientNonce

    def body_of(raw: bytes) -> bytes:
        buffer = ua.utils.Buffer(raw)
        header = header_from_binary(buffer)
        message = client.receive_from_header_and_body(header, buffer)
        body = message.body()
        data: bytes = body.read(len(body))
        return data

    renew(ua.SecurityTokenRequestType.Issue)
    assert body_of(server.message_to_binary(b"before", request_id=5)) == b"before"
    for _ in range(3):
        # sent in this order: early (old token), new (new token), late (old token again)
        sent = server._sequence_number
        early = server.message_to_binary(b"early", request_id=5)
        server._sequence_number = sent + 2
        late = server.message_to_binary(b"late", request_id=5)
        renew(ua.SecurityTokenRequestType.Renew)
        client.revolve_tokens()  # the client sends something under the new token
        assert body_of(early) == b"early"
        server.revolve_tokens()
        server._sequence_number = sent + 1
        assert body_of(server.message_to_binary(b"new", request_id=5)) == b"new"
        assert body_of(late) == b"late"
        server._sequence_number = sent + 3
        assert body_of(server.message_to_binary(b"new again", request_id=5)) == b"new again"
        server.prev_security_token = ua.ChannelSecurityToken()
    server.security_token.TokenId = 99
    with pytest.raises(ua.UaError, match="unknown security token 99"):
        body_of(server.message_to_binary(b"a token that never was", request_id=5))


# losses on the way


def message(sequence: int, *values: tuple[int, int]) -> Any:
    items = []
    for handle, value in values:
        item = ua.MonitoredItemNotification()
        item.ClientHandle, item.Value = handle, ua.DataValue(value)
        items.append(item)
    data = ua.DataChangeNotification()
    data.MonitoredItems = items
    result = ua.PublishResult()
    result.SubscriptionId = 1
    result.NotificationMessage.SequenceNumber = sequence
    result.NotificationMessage.NotificationData = [data] if values else None
    return from_library(result)


class Asked:
    """A server that publishes each `slowest_ms` at the quickest; what it was asked for and told to drop."""

    def __init__(self, slowest_ms: float, most_count: int = 10_000) -> None:
        self.slowest_ms, self.most_count = slowest_ms, most_count
        self.wishes: list[Any] = []
        self.dropped: list[int] = []
        self.publishes = 0

    def create_subscription(self, params: Any, _callback: Any) -> Any:
        self.wishes.append(params)
        return SimpleNamespace(
            SubscriptionId=40 + len(self.wishes),
            RevisedPublishingInterval=max(self.slowest_ms, params.RequestedPublishingInterval),
            RevisedMaxKeepAliveCount=min(self.most_count, params.RequestedMaxKeepAliveCount),
        )

    def delete_subscriptions(self, ids: list[int]) -> None:
        self.dropped += ids

    def publish(self) -> None:
        self.publishes += 1


DEFAULTS = {setting.key: setting.default for setting in OpcUa.BUS_SETTINGS}


@pytest.mark.parametrize(
    ("server", "intervals", "dropped", "keepalive_s"),
    [
        (Asked(50), [100], [], 5.0),
        (Asked(1000), [100, 1000], [41], 5.0),  # its keep-alive would come each 50 s: counted anew in its own beat
        (Asked(2000), [100, 2000], [41], 4.0),
        (Asked(10_000), [100, 10_000], [41], 10.0),  # nothing more to be had
        (Asked(1000, 3), [100], [], 3.0),  # slower, and yet often enough
    ],
)
def test_a_sign_of_life_comes_at_least_each_keepalive(
    server: Asked, intervals: list[float], dropped: list[int], keepalive_s: float
) -> None:
    """By default each 5 s, where the library asks for one in 25 minutes; a third of the watchdog's time."""
    asked_ms, asked_s = float(str(DEFAULTS["publishing_ms"])), float(str(DEFAULTS["keepalive_s"]))
    assert (asked_ms, asked_s, DEFAULTS["watchdog_s"]) == (100, 5, 3 * asked_s)
    subscription = Subscription(server, lambda *_: None, lambda *_: None)  # type: ignore[arg-type]
    subscription.create(asked_ms, asked_s)
    assert [wish.RequestedPublishingInterval for wish in server.wishes] == intervals
    for wish in server.wishes:
        count = wish.RequestedMaxKeepAliveCount
        assert count == 1 or wish.RequestedPublishingInterval * count <= asked_s * 1000
        assert wish.RequestedLifetimeCount >= 10 * count
        assert wish.PublishingEnabled
    assert (server.dropped, subscription.id) == (dropped, 40 + len(intervals))
    assert subscription.keepalive_s == keepalive_s
    assert subscription.interval_ms == max(server.slowest_ms, 100)
    assert server.publishes == 2


def test_a_jump_of_the_publish_numbers_is_a_loss() -> None:
    losses: list[int] = []
    acks: list[list[int]] = []
    publishing = SimpleNamespace(publish=lambda given: acks.append([ack.SequenceNumber for ack in given]))
    subscription = Subscription(publishing, lambda _, lost: losses.append(lost), lambda *_: None)  # type: ignore[arg-type]
    for sequence in (1, 2, 3, 7, 8, 1, 2):  # four to six are missing; 1: the server counts anew
        subscription._answered(message(sequence, (1, sequence)))
    subscription._answered(message(3))  # an empty answer carries the next number and is not acknowledged
    subscription._answered(message(3, (1, 3)))
    subscription._answered(None)  # an answer that nobody could read
    assert losses == [0, 0, 0, 3, 0, 0, 0, 0, 1]
    assert acks == [[1], [2], [3], [7], [8], [1], [2], [], [3]]


def test_missing_publish_answers_are_told_with_their_number(face: OpcUaFace) -> None:
    with opened(bus(face.url, FACE_NODES)) as driver:
        found = collect(driver, have(*FACE_NODES))
        assert driver._subscription is not None
        for number in range(1, 4):
            face.set("Good", number)
            found += collect(driver, have("good"))
        assert lost_in(found) == []
        driver._subscription._last_sequence -= 2  # as if the last two answers had never come
        face.set("Good", 4)
        later = collect(driver, have("good"))
        assert [(r.signal, r.value, r.note) for r in later] == [("good", 4, ""), ("", 2, "overflow")]
        assert driver.losses() == {"plc": 2}
        face.set("Good", 5)
        assert lost_in(found + later + collect(driver, have("good"))) == [(2, "overflow")]


def test_a_loss_is_told_also_when_the_link_ends_before_another_value(face: OpcUaFace) -> None:
    with opened(bus(face.url, FACE_NODES)) as driver:
        found = collect(driver, have(*FACE_NODES))
        driver._arrivals.receive([], 2)
        found += collect(driver, lambda found: len(found) > 0)
        driver._arrivals.receive([], 3)  # within the same second: it is not told at once ...
        found += driver.poll()
        assert lost_in(found) == [(2, "overflow")]
        face.cut()
        last_words: list[Reading] = []
        until = time.monotonic() + 2
        while not last_words:
            assert time.monotonic() < until
            last_words = driver.poll()
        found += last_words
        with pytest.raises(DriverError, match="link_lost"):
            driver.poll()
        assert lost_in(found) == [(2, "overflow"), (3, "overflow")]  # ... but before the end


@pytest.mark.parametrize("answer", [ua.StatusCodes.BadNoSubscription, ua.StatusCodes.BadSessionIdInvalid])
def test_a_fault_to_a_publish_request_is_not_swallowed(face: OpcUaFace, answer: int) -> None:
    with opened(bus(face.url, FACE_NODES)) as driver:
        collect(driver, have(*FACE_NODES))
        assert driver._client is not None
        fault = ua.ServiceFault()
        fault.ResponseHeader.ServiceResult = ua.StatusCode(answer)
        future: Future[Any] = Future()
        future.set_result(ua.utils.Buffer(ua.ua_binary.struct_to_binary(fault)))
        driver._client.uaclient._call_publish_callback(future)
        error = error_of(driver, 1.0)
        assert (error.kind, error.detail["reason"]) == ("link_lost", ua.StatusCode(answer).name)


def service_fault(status: int) -> Any:
    fault = ua.ServiceFault()
    fault.ResponseHeader.ServiceResult = ua.StatusCode(status)
    return ua.utils.Buffer(ua.ua_binary.struct_to_binary(fault))


def publish_answer(subscription: int, sequence: int = 1) -> Any:
    response = ua.PublishResponse()
    response.Parameters.SubscriptionId = subscription
    response.Parameters.NotificationMessage.SequenceNumber = sequence
    return ua.utils.Buffer(ua.ua_binary.struct_to_binary(response))


TIMEOUT, TOO_MANY = ua.StatusCodes.BadTimeout, ua.StatusCodes.BadTooManyPublishRequests
GARBAGE = ua.utils.Buffer(b"\xff" * 20)


@pytest.mark.parametrize(
    ("answer", "others_out", "asked_again", "ended", "told"),
    [
        (publish_answer(7), 1, 0, [], [False]),  # the subscription itself asks again, with what it acknowledges
        (service_fault(TIMEOUT), 0, 1, [], []),
        (service_fault(TOO_MANY), 1, 0, [], []),  # the other one is enough
        (service_fault(TOO_MANY), 0, 0, [("link_lost", "BadTooManyPublishRequests")], []),
        (service_fault(ua.StatusCodes.BadNoSubscription), 1, 0, [("link_lost", "BadNoSubscription")], []),
        (publish_answer(8), 0, 1, [], []),  # of a subscription that was given up
        (GARBAGE, 0, 1, [], [True]),
        (None, 0, 0, [], []),  # the link has ended and says so elsewhere
    ],
)
def test_no_answer_to_a_publish_request_ends_the_chain_of_requests_unsaid(
    answer: Any, others_out: int, asked_again: int, ended: list[tuple[str, str]], told: list[bool]
) -> None:
    """Where one request is used up another is sent or the link ends; what cannot be read is told as such."""
    said: list[tuple[str, str]] = []
    heard: list[bool] = []
    client = GuardedUaClient(1.0, lambda kind, reason: said.append((kind, reason)))
    client._uasocket = UASocketClient()  # never connected
    client._publishcallbacks[7] = lambda result: heard.append(result is None)
    asked: list[Any] = []
    client.publish = lambda acks=None: asked.append(acks)
    client._publishes_out = 1 + others_out
    future: Future[Any] = Future()
    if answer is None:
        future.cancel()
    else:
        future.set_result(copy.copy(answer))
    client._call_publish_callback(future)
    assert (len(asked), said, heard) == (asked_again, ended, told)
    assert client._publishes_out == others_out


def test_the_log_is_limited(caplog: pytest.LogCaptureFixture) -> None:
    noisy = logging.getLogger("noisy")
    limit = LimitedLog()
    noisy.addFilter(limit)
    try:
        with caplog.at_level(logging.INFO, "noisy"):
            for number in range(100):
                noisy.info("Protocol Error %d", number)
            noisy.info("something else")
            assert len(caplog.records) == 6
            limit._seen = {kind: (0, count) for kind, (_, count) in limit._seen.items()}  # a minute later
            noisy.info("Protocol Error %d", 100)
            assert caplog.records[-1].getMessage() == "Protocol Error 100 (95 more in the last minute)"
    finally:
        noisy.removeFilter(limit)


class Written(logging.Handler):
    """What arrives where the log file hangs. (pytest's own listens also to loggers that pass nothing on.)"""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Iterator[list[logging.LogRecord]]:
    handler = Written()
    logging.getLogger().addHandler(handler)
    with caplog.at_level(logging.DEBUG):
        yield handler.records
    logging.getLogger().removeHandler(handler)


def fail_often(logger: logging.Logger, words: str) -> None:
    for number in range(100):
        try:
            raise ValueError(f"bad message {number}")
        except ValueError:
            logger.exception(words)


def test_what_the_library_writes_is_short_and_comes_under_our_name(written: list[logging.LogRecord]) -> None:
    """Where a link is bad it writes a traceback for every message."""
    fail_often(logging.getLogger("opcua.client.ua_client"), "Protocol Error of this test")
    logging.getLogger("opcua.client.ua_client").info("a thing of no importance")
    assert 1 <= len(written) <= 6
    assert {record.name for record in written} == {"drivers.opc_ua_library"}
    assert {record.exc_info for record in written} == {None}
    assert written[0].getMessage() == "opcua.client.ua_client: Protocol Error of this test: ValueError: bad message 0"


def test_what_fails_in_a_callback_is_written_a_few_times(written: list[logging.LogRecord]) -> None:
    """It would be a fault of ours: with its traceback."""
    fail_often(logging.getLogger("concurrent.futures"), "exception calling callback of this test")
    assert 1 <= len(written) <= 6
    assert all(record.exc_info for record in written)


def test_a_first_value_that_a_change_has_overtaken_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server reads the first value and watches for changes in two steps: what was true before must not come after."""
    from drivers import opc_ua_arrivals

    moment = 1_795_420_800_000_000
    signals = (SignalSpec("good", {"node": "ns=2;s=Good"}),)
    driver = OpcUa(BusSpec("bus", "opc.tcp://127.0.0.1:1", {}, (DeviceSpec("plc", {}, signals),)), REAL)
    driver._items.wish(100)

    driver._arrivals.receive([(1, 16_021, 0, moment, None), (1, 16_020, 0, moment - 3_000_000, None)], 0)
    assert [(r.value, r.note) for r in driver._arrivals.take()] == [(16_021, "snapshot")]
    # later on an older source time is a clock that was set, and the value counts
    monkeypatch.setattr(opc_ua_arrivals, "SETTLING_NS", 0)
    driver._arrivals.receive([(1, 16_022, 0, moment - 3_600_000_000, None)], 0)
    assert [r.value for r in driver._arrivals.take()] == [16_022]
