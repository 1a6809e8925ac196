"""OPC UA: subscribes to the variables of one endpoint and hands on every change. Read-only.

One bus is one endpoint (`opc.tcp://host:port`), usually one device. The thread that receives only
stamps and queues; `poll` hands over what has arrived. A lost link is told by the publish answers: when
they stay away for `watchdog_s`, or when the receiving thread has ended, `poll` raises DriverError and
the object is thrown away. `opcua` itself is imported by `open` only, so that the settings below are
cheap to list. What it does under faults, and what is done about it, is in `opc_ua_guards.py`.
"""

from __future__ import annotations

import base64
import logging
import math
import queue
import re
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from drivers.base import BusSpec, Clock, Driver, DriverError, Finding, Quality, Reading, Setting, UnfitError, Value
from drivers.link import HOST_AND_NUMBER, Given, WrongSettingError, bare_host, port_number
from drivers.opc_ua_publish import Sample
from drivers.opc_ua_security import SETTINGS as SECURITY_SETTINGS
from drivers.opc_ua_security import Own, Security, fingerprint, judge, leaf, own, password, remarks_on, security_of
from drivers.opc_ua_states import KNOWN, Node, StateMachine

if TYPE_CHECKING:
    from drivers.opc_ua_guards import GuardedClient, Subscription

logger = logging.getLogger(__name__)

DEFAULT_PORT = 4840
POLL_WAIT_S = 0.2
TELL_NS = 1_000_000_000  # so often at most the losses of a device are told
SETTLING_NS = 1_000_000_000  # how long after its first value an older one of an item is taken as overtaken
RETRY_NS = 60 * 1_000_000_000
CLOSE_LIMIT_S = 1.2
ITEMS_A_CALL = 500
OVERFLOW_BITS = 0x480  # part 4, 7.39.1: the info bits "data value" and "overflow"
NAMESPACE_ARRAY = "i=2255"
NODE = re.compile(r"(?:nsu=(?P<uri>.+?);|ns=(?P<index>\d+);)?(?P<kind>[isgb])=(?P<identifier>.+)", re.DOTALL)

LOGIN_REFUSED = ("BadUserAccessDenied", "BadIdentityTokenRejected", "BadIdentityTokenInvalid")
BUSY = (
    "BadTooManySessions",
    "BadTooManySubscriptions",
    "BadTooManyOperations",
    "BadServerTooBusy",
    "BadTcpServerTooBusy",
)


class _Item(Struct):
    """One signal and what became of it on the server."""

    device: str
    signal: str
    node: str
    sampling_ms: float
    trigger: str
    handle: int
    fresh: bool = True  # no value since connecting
    problem: str = ""  # why the server does not give it, "" when it does
    told: bool = False  # the problem has been told as a reading
    first_ns: int = 0  # when its first value came (monotonic), 0 before
    newest_us: int | None = None  # the latest source time of its values
    machine: StateMachine | None = None  # of a signal that is read as a state machine
    part: str = ""  # which of the machine's variables: "text", "mode.id" ...
    found: Any = None  # its NodeId where it was found below the node of the settings


class Revised(Struct, frozen=True):
    """What the server made of the wish for one signal."""

    sampling_ms: float
    queue: int


class OpcUa(Driver):
    """One endpoint."""

    BUS_SETTINGS: ClassVar[tuple[Setting, ...]] = (
        Setting("publishing_ms", int, 100, "ms", low=10, high=60_000),
        Setting("keepalive_s", float, 5.0, "s", low=0.1, high=60),
        Setting("timeout_s", float, 4.0, "s", low=0.2, high=60),
        Setting("watchdog_s", float, 15.0, "s", low=0.5, high=600),
        Setting("queue", int, 100, low=1, high=10_000),
        *SECURITY_SETTINGS,
    )
    SIGNAL_SETTINGS: ClassVar[tuple[Setting, ...]] = (
        Setting("node", str, None, required=True),
        Setting("sampling_ms", int, 100, "ms", low=0, high=60_000),
        # "time": an equal value with a new source time is news (one measured value per part)
        Setting("trigger", str, "value", choices=("value", "time")),
        # "state": the node is a state machine or its CurrentState, and the value is the name of its state
        Setting("read", str, "value", choices=("value", "state")),
        # a state machine of the operation mode, whose state is put behind a + (OPC UA for Machinery)
        Setting("mode", str, ""),
    )

    #: readings that may wait for `poll`; more are lost and counted
    QUEUE_LIMIT: ClassVar[int] = 20_000

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        super().__init__(bus, clock)
        self.revised: dict[tuple[str, str], Revised] = {}
        self._items: list[_Item] = []
        self._arrived: queue.SimpleQueue[list[Reading]] = queue.SimpleQueue()  # one list a publish answer
        self._waiting = 0  # readings in it
        self._names: dict[Node, str] = {}  # names of states by their nodes, "" where the server has none
        self._unnamed: dict[Node, _Item] = {}  # states whose names must be asked for
        self._lock = threading.Lock()  # numbers and losses: receiving thread, retrying thread, poll
        self._seq = {device.key: 0 for device in bus.devices}
        self._lost = {device.key: 0 for device in bus.devices}
        self._told = dict(self._lost)  # how many of them `poll` has told, and when at last (monotonic)
        self._told_ns = dict(self._lost)
        self._ended: tuple[str, str] | None = None  # kind of fault and reason
        self._client: GuardedClient | None = None
        self._subscription: Subscription | None = None
        self._retry: threading.Thread | None = None
        self._retry_at_ns = 0

    # the contract

    def open(self) -> None:
        """Connect and subscribe. A refused node is no reason to fail; see `bad_nodes`.

        Raises DriverError bad_address (settings, endpoint), port_missing, port_refused, port_busy, no_answer,
        link_lost, untrusted, refused_login or protocol.
        """
        given = Given(self.BUS_SETTINGS, self.bus.settings, self.bus.key)
        self._publishing_ms, self._keepalive_s = given.number("publishing_ms"), given.number("keepalive_s")
        self._timeout_s, self._watchdog_s = given.number("timeout_s"), given.number("watchdog_s")
        self._queue = given.whole("queue")
        self._security = security_of(given)
        self._items = self._wanted_items()
        url = self._checked_url()
        limit_s = 4 * self._timeout_s + 2.0  # looking up a name has no time limit of its own
        if self._security.secured:
            limit_s += 3 * self._timeout_s  # the certificate is asked for in a connection of its own
        try:
            _within(limit_s, lambda: self._connect(url), "opcua-connect")
        except Exception as error:
            self.close()
            fault = _as_fault(error, self.bus.port, self._timeout_s, self._ended)
            if fault is None:
                raise
            raise fault from error
        self._retry_at_ns = self.clock.mono_ns() + RETRY_NS

    def poll(self) -> list[Reading]:
        """What has arrived, and behind it for each device with losses one reading without a signal, noted "overflow",
        whose value is how many values are known to be lost and were not told before (at most once a second)."""
        readings: list[Reading] = []
        with suppress(queue.Empty):
            readings += self._arrived.get(timeout=POLL_WAIT_S)
        readings = self._take(readings)
        if not readings and not self._unnamed:
            try:
                self._check_link()
            except DriverError:
                readings = self._take([], last=True)  # nobody asks this object again
                if not readings:
                    raise
        if self._unnamed:
            readings += self._name_states()
        self._retry_bad_nodes()
        return readings

    def _take(self, first: list[Reading], last: bool = False) -> list[Reading]:
        """These readings and all others that wait, then the losses up to here; `last`: also those told a moment ago.

        Under the lock, so that a loss stands behind all that came before it and before anything that comes after it.
        """
        at_ms, mono_ns = self.clock.now_ms(), self.clock.mono_ns()
        with self._lock:
            self._waiting -= len(first)
            readings = first + self._drained()
            for device, lost in self._lost.items():
                count, told_ns = lost - self._told[device], self._told_ns[device]
                if count and (last or not told_ns or mono_ns - told_ns >= TELL_NS):
                    self._told[device], self._told_ns[device] = lost, mono_ns
                    seq = self._seq[device]
                    readings.append(Reading(device, "", count, Quality.BAD, at_ms, mono_ns, seq, note="overflow"))
        return readings

    def _drained(self) -> list[Reading]:
        """All readings that wait. Under the lock."""
        readings: list[Reading] = []
        while not self._arrived.empty():
            readings += self._arrived.get_nowait()
        self._waiting -= len(readings)
        return readings

    def close(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            if client.uaclient.connected and self._ended is None:
                _within(CLOSE_LIMIT_S, client.disconnect, "opcua-close")
        except Exception as error:  # noqa: BLE001  the library raises anything here, and the link is given up anyway
            logger.info("%s: not closed properly: %s: %s", self.bus.port, type(error).__name__, error)
        finally:
            if client.keepalive is not None:
                client.keepalive.stop()
                client.keepalive.join(0.2)
            client.uaclient.abort()
            client.uaclient.join(0.3)

    def faults(self) -> Mapping[str, DriverError]:
        """Devices of which signals cannot be read, with the first of them; partial where others can."""
        found: dict[str, DriverError] = {}
        with self._lock:
            items = list(self._items)
        for device in self.bus.devices:
            bad = [item for item in items if item.device == device.key and item.problem]
            if bad:
                partial = len({item.signal for item in bad}) < len(device.signals)
                found[device.key] = DriverError(
                    "bad_address",
                    device=device.key,
                    partial=partial,
                    address=bad[0].node,
                    reason=bad[0].problem,
                    count=len(bad),
                )
        return found

    def bad_nodes(self) -> dict[tuple[str, str], str]:
        """Signals that the server does not give, by (device, signal), and why. Asked for again every minute."""
        with self._lock:
            return {(item.device, item.signal): item.problem for item in self._items if item.problem}

    def losses(self) -> dict[str, int]:
        """How many values (or publish answers) of each device are known to be lost since `open`; `poll` tells them."""
        with self._lock:
            return dict(self._lost)

    # connecting

    def _wanted_items(self) -> list[_Item]:
        items: list[_Item] = []
        for device in self.bus.devices:
            for signal in device.signals:
                given = Given(self.SIGNAL_SETTINGS, signal.settings, f"{device.key}.{signal.key}")
                node = given.text("node") if given.has("node") else ""
                sampling_ms, trigger = given.number("sampling_ms"), given.text("trigger")
                item = _Item(device.key, signal.key, node, sampling_ms, trigger, len(items) + 1)
                items.append(item)
                if given.text("read") == "state":
                    item.machine, item.part = StateMachine({"text"}), "text"
                    if mode := given.text("mode"):
                        item.machine.awaited.add("mode.text")
                        items.append(
                            _Item(
                                device.key, signal.key, mode, sampling_ms, trigger, len(items) + 1,
                                machine=item.machine, part="mode.text",
                            )
                        )  # fmt: skip
        return items

    @classmethod
    def check(cls, bus: BusSpec) -> list[Finding]:
        """Return an address that is no endpoint, settings of security and nodes that cannot be."""
        found: list[Finding] = []
        try:
            _endpoint_url(bus.port)
        except UnfitError as why:
            found.append(WrongSettingError(bus.key, "port", why).finding())
        try:
            security_of(Given(cls.BUS_SETTINGS, bus.settings, bus.key))
        except WrongSettingError as error:
            found.append(error.finding())
        for device in bus.devices:
            for signal in device.signals:
                given = Given(cls.SIGNAL_SETTINGS, signal.settings, f"{device.key}.{signal.key}")
                for key in ("node", "mode"):
                    try:
                        if key == "node" or given.value(key):
                            _node_parts(given.text(key))
                    except UnfitError as why:
                        found.append(given.wrong(key, why).finding(device.key, signal.key))
        return found

    def _checked_url(self) -> str:
        """The endpoint with its port. Raises DriverError for anything that is no endpoint."""
        try:
            return _endpoint_url(self.bus.port)
        except UnfitError as why:
            raise DriverError("bad_address", address=self.bus.port, reason=str(why), needs_person=True) from why

    def _connect(self, url: str) -> None:
        from drivers.opc_ua_guards import GuardedClient, Subscription

        wanted, ours = self._security, None
        client = GuardedClient(url, self._timeout_s, self._on_end, wanted.clear_password)
        self._client = client
        if wanted.user:
            client.set_user(wanted.user)
            client.set_password(password(wanted, self.bus.keys, self.bus.port, self.bus.key))
        if wanted.secured:
            ours = own(self.bus.keys, self.bus.key)
            server = self._server_certificate(url, wanted)
            client.secure(wanted.mode, server, ours.der, ours.key, ours.uri)
        elif wanted.user:
            # who can read along cannot, but whoever answers could take the password
            client.confirm = lambda der: self._judged(der, "")
        try:
            client.connect()
        except Exception as error:
            raise self._as_login_fault(error, client, ours) from error
        finally:
            client.set_password(None)
        subscription = Subscription(client.uaclient, self._on_values, self._on_end)
        subscription.create(self._publishing_ms, self._keepalive_s)
        self._subscription = subscription
        self._subscribe(self._items)

    def shown_certificate(self) -> tuple[bytes, dict[str, str]]:
        """The certificate that the server shows (DER) and what does not fit in it; whether to trust it a person says.

        Raises DriverError as `open` does, untrusted only where there is no certificate that could be trusted.
        """
        given = Given(self.BUS_SETTINGS, self.bus.settings, self.bus.key)
        self._timeout_s, self._security = given.number("timeout_s"), security_of(given)
        url, found = self._checked_url(), list[Any]()
        try:
            _within(
                3 * self._timeout_s + 2.0,
                lambda: found.append(self._endpoint(url, self._security.mode)),
                "opcua-connect",
            )
        except Exception as error:
            fault = _as_fault(error, self.bus.port, self._timeout_s, self._ended)
            if fault is None:
                raise
            raise fault from error
        finally:
            self.close()
        der = found[0].ServerCertificate
        uri, trust = found[0].Server.ApplicationUri or "", fingerprint(der or b"").removeprefix("sha256:")
        certificate = judge(der, uri, replace(self._security, trust=trust), self.bus.key, self.clock.now_ms())
        return leaf(der), remarks_on(certificate, uri, self.clock.now_ms())

    def _endpoint(self, url: str, mode: str) -> Any:
        """The endpoint of this mode, asked for in a connection of its own. Raises DriverError untrusted."""
        from drivers.opc_ua_guards import GuardedClient, endpoint_with

        session, asking = self._client, GuardedClient(url, self._timeout_s, self._on_end)
        self._client = asking  # so that `close` reaches it
        try:
            endpoints = asking.connect_and_get_server_endpoints()
        finally:
            asking.uaclient.abort()
            asking.uaclient.join(0.3)
            if self._client is asking:  # not given up meanwhile
                self._client = session
        found, offers = endpoint_with(endpoints, mode)
        if found is None:
            raise DriverError(
                "untrusted", needs_person=True, problem="not_offered", reason="not_offered", bus=self.bus.key,
                security=mode, offers=", ".join(offers),
            )  # fmt: skip
        self._ended = None
        return found

    def _server_certificate(self, url: str, wanted: Security) -> bytes:
        """The certificate of the endpoint that we want, confirmed by a person (DER). Raises DriverError untrusted."""
        found = self._endpoint(url, wanted.mode)
        self._judged(found.ServerCertificate, found.Server.ApplicationUri or "")
        return leaf(found.ServerCertificate)

    def _judged(self, der: bytes, uri: str) -> None:
        judge(der, uri, self._security, self.bus.key, self.clock.now_ms())

    def _as_login_fault(self, error: Exception, client: GuardedClient, ours: Own | None) -> Exception:
        """What a failed connection means under security: a machine that does not know us often just hangs up."""
        from drivers.opc_ua_guards import ClearPasswordError, UserNameRefusedError

        if isinstance(error, ClearPasswordError | UserNameRefusedError):
            problem = "clear" if isinstance(error, ClearPasswordError) else "no_names"
            return DriverError("refused_login", needs_person=True, problem=problem, reason=problem, bus=self.bus.key)
        if ours is None or client.opened or isinstance(error, DriverError):
            return error
        if isinstance(error, TimeoutError):
            # it has shown the right certificate a moment ago, and now cannot use it, or does not answer whom it
            # does not know
            problem = "no_proof"
        elif type(error).__name__ in ("InvalidSignature", "UaError", "CancelledError", "ConnectionResetError") or (
            type(error).__name__.startswith(("BadSecurity", "BadCertificate", "BadTcpInternal", "BadUnexpected"))
        ):
            problem = "ours"
        else:
            return error
        return DriverError(
            "untrusted", needs_person=True, problem=problem, bus=self.bus.key, file=ours.file,
            reason=self._ended[1] if self._ended else type(error).__name__,
        )  # fmt: skip

    def _subscribe(self, items: list[_Item]) -> None:
        """Ask the server for these items; what it refuses is noted and told once as a bad reading."""
        from drivers.opc_ua_guards import item_request

        assert self._subscription is not None
        machines = [item for item in items if item.machine is not None]
        namespaces = self._namespaces() if machines or any(item.node.startswith("nsu=") for item in items) else []
        if machines:
            self._names |= {
                (namespaces.index(uri), number): name for (uri, number), name in KNOWN.items() if uri in namespaces
            }
            items = [*items, *self._expand(machines, namespaces)]
        asked: list[tuple[_Item, Any]] = []
        for item in items:
            try:
                asked.append((item, item.found or _node_id(item.node, namespaces)))
            except ValueError as error:
                self._refuse(item, str(error), 0)
        for start in range(0, len(asked), ITEMS_A_CALL):
            part = asked[start : start + ITEMS_A_CALL]
            results = self._subscription.create_items(
                [item_request(node, item.handle, item.sampling_ms, self._queue, item.trigger) for item, node in part]
            )
            plainer = [item for (item, _), result in zip(part, results, strict=True) if self._note_result(item, result)]
            if plainer:
                self._subscribe(plainer)

    def _expand(self, items: list[_Item], namespaces: list[str]) -> list[_Item]:
        """The variables Id and Number beside each CurrentState, as far as the server has them.

        The node of the settings may be the state machine itself, too.
        """
        from drivers.opc_ua_guards import browse_path

        assert self._client is not None
        paths = (("CurrentState",), ("CurrentState", "Id"), ("CurrentState", "Number"), ("Id",), ("Number",))
        more: list[_Item] = []
        for item in items:
            machine = item.machine
            prefix = item.part.removesuffix("text")
            if machine is None or item.part not in ("text", "mode.text") or prefix in machine.expanded:
                continue
            try:
                start = _node_id(item.node, namespaces)
            except ValueError:
                continue  # said where it is subscribed
            found = [
                result.Targets[0].TargetId if result.StatusCode.is_good() and result.Targets else None
                for result in self._client.uaclient.translate_browsepaths_to_nodeids(
                    [browse_path(start, path) for path in paths]
                )
            ]
            if found[0] is not None:
                item.found = found[0]
            for part, target in zip(("id", "number"), found[1:3] if found[0] is not None else found[3:], strict=True):
                if target is not None:
                    machine.expanded.add(prefix)
                    with self._lock:
                        handle = len(self._items) + 1
                        each = _Item(
                            item.device, item.signal, item.node, item.sampling_ms, item.trigger, handle,
                            machine=machine, part=prefix + part, found=target,
                        )  # fmt: skip
                        self._items.append(each)
                        machine.awaited.add(each.part)
                    more.append(each)
        return more

    def _note_result(self, item: _Item, result: Any) -> bool:
        """Note what the server made of one item. Returns whether to ask again at once, without the filter."""
        from drivers.opc_ua_guards import status_name

        status = result.StatusCode
        if not status.is_good():
            if item.trigger == "time" and status.name.startswith("BadMonitoredItemFilter"):
                item.trigger = "value"
                return True
            self._refuse(item, status_name(status.value), status.value)
            return False
        with self._lock:
            item.problem, item.told = "", False
        self.revised[item.device, item.signal] = Revised(result.RevisedSamplingInterval, result.RevisedQueueSize)
        assert self._subscription is not None
        publishing_ms = self._subscription.interval_ms
        # some servers name their publishing interval as that of sampling and sample each change
        every_ms = min((ms for ms in (item.sampling_ms, result.RevisedSamplingInterval) if ms > 0), default=0)
        if publishing_ms > every_ms * result.RevisedQueueSize > 0:
            logger.warning(  # not every server flags what it loses then
                "%s %s: the server keeps %d values of %s and hands them over each %g ms: values are lost where it "
                "changes each %g ms; ask for a longer queue or a shorter publishing interval",
                *(item.device, item.signal, result.RevisedQueueSize, item.node, publishing_ms, every_ms),
            )
        if result.RevisedSamplingInterval > item.sampling_ms or result.RevisedQueueSize < self._queue:
            logger.info(
                "%s %s: asked for %g ms and a queue of %d, got %g ms and %d",
                *(item.device, item.signal, item.sampling_ms, self._queue),
                *(result.RevisedSamplingInterval, result.RevisedQueueSize),
            )
        return False

    def _refuse(self, item: _Item, problem: str, status: int) -> None:
        with self._lock:
            if item.machine is not None and item.part not in ("text", "mode.text"):
                item.machine.awaited.discard(item.part)  # the others must do
                return
            item.problem = problem
            if item.told:
                return
            item.told = item.fresh = True
            if item.machine is not None:
                item.machine.said = None
        self._tell_refused(item, status)

    def _namespaces(self) -> list[str]:
        from opcua import ua

        assert self._client is not None
        params = ua.ReadParameters()
        wanted = ua.ReadValueId()
        wanted.NodeId = _node_id(NAMESPACE_ARRAY, [])
        wanted.AttributeId = ua.AttributeIds.Value
        params.NodesToRead.append(wanted)
        [answer] = self._client.uaclient.read(params)
        return list(answer.Value.Value or [])

    def _retry_bad_nodes(self) -> None:
        """Ask again for refused nodes once a minute: a PLC that starts up shows its variables late."""
        now_ns = self.clock.mono_ns()
        if (
            now_ns < self._retry_at_ns
            or self._ended is not None
            or (self._retry is not None and self._retry.is_alive())
        ):
            return
        self._retry_at_ns = now_ns + RETRY_NS
        bad = [item for item in self._items if item.problem]
        if bad:
            self._retry = threading.Thread(target=self._retry_now, args=(bad,), name="opcua-retry", daemon=True)
            self._retry.start()

    def _retry_now(self, items: list[_Item]) -> None:
        from opcua.ua.uaerrors import UaError

        try:
            self._subscribe(items)
        except (OSError, UaError, CancelledError) as error:  # the watchdog will say so
            logger.info("%s: refused nodes not asked again: %s", self.bus.port, error)

    # what the receiving thread calls

    def _on_end(self, kind: str, reason: str) -> None:
        if self._ended is None:
            self._ended = (kind, reason)

    def _on_values(self, samples: list[Sample], lost: int) -> None:
        """Stamp, number and queue what one publish answer brought; all of it arrived at the same moment."""
        at_ms, mono_ns = self.clock.now_ms(), self.clock.mono_ns()
        readings: list[Reading] = []
        changed: dict[tuple[int, str], _Item] = {}
        with self._lock:
            if lost:
                for device in self._lost:
                    self._lost[device] += lost
            room = self.QUEUE_LIMIT - self._waiting
            for handle, sent, status, source_us, server_us in samples:
                item = self._items[handle - 1]
                item.first_ns = item.first_ns or mono_ns
                if mono_ns - item.first_ns < SETTLING_NS and self._is_overtaken(item, source_us):
                    continue
                device = item.device
                if status & OVERFLOW_BITS == OVERFLOW_BITS:
                    self._lost[device] += 1  # at least
                if item.machine is not None:
                    # a second value of the same variable: the state between the two is told, too
                    if (key := (id(item.machine), item.part)) in changed:
                        readings += self._states_of([item], at_ms, mono_ns)
                        changed = {each: value for each, value in changed.items() if each[0] != key[0]}
                    item.machine.take(item.part, sent, status, source_us)
                    changed[key] = item
                    continue
                value, quality, note = _plain(sent, status)
                self._seq[device] = seq = self._seq[device] + 1
                if room <= 0:
                    self._lost[device] += 1
                    continue
                if item.fresh:
                    note = note or self._first(item)
                room -= 1
                source_ms = None if source_us is None else source_us // 1000
                server_ms = None if server_us is None else server_us // 1000
                readings.append(
                    Reading(
                        device, item.signal, value, quality, at_ms, mono_ns, seq, status, source_ms, server_ms,
                        b"", note,
                    )
                )  # fmt: skip
            readings += self._states_of(changed.values(), at_ms, mono_ns)  # when all variables of a machine are in
            if readings:
                self._waiting += len(readings)
                self._arrived.put(readings)

    def _states_of(self, items: Iterable[_Item], at_ms: int, mono_ns: int) -> list[Reading]:
        found = (self._state_of(item, at_ms, mono_ns) for item in items)
        return [reading for reading in found if reading is not None]

    def _state_of(self, item: _Item, at_ms: int, mono_ns: int) -> Reading | None:
        """The reading of a state machine, None where it has nothing new to say or a name must be asked for first."""
        assert item.machine is not None
        known = item.machine.word(self._names)
        if known is None:
            return None
        if len(known) == 2:
            self._unnamed[known] = item
            return None
        value, quality, note = _plain(known[0], known[1])
        if item.machine.said == (value, known[1]):
            return None
        item.machine.said = (value, known[1])
        self._seq[item.device] += 1
        main = next(each for each in self._items if each.machine is item.machine)
        note = note or self._first(main)
        source_ms = None if known[2] is None else known[2] // 1000
        return Reading(
            item.device, item.signal, value, quality, at_ms, mono_ns, self._seq[item.device], known[1], source_ms,
            note=note,
        )  # fmt: skip

    def _name_states(self) -> list[Reading]:
        """Ask for the names of states that nobody has seen yet; the readings that waited for them.

        Done by the polling thread: whoever asks in the receiving thread waits for himself.
        """
        from opcua.ua.uaerrors import UaError

        from drivers.opc_ua_guards import browse_name

        found: list[Reading] = []
        while self._unnamed and self._client is not None:
            node, item = next(iter(self._unnamed.items()))
            try:
                name = browse_name(self._client.uaclient, node)
            except (OSError, UaError, TimeoutError, CancelledError) as error:
                logger.info("%s: the name of state %s is not known: %s", self.bus.port, node, error)
                name = ""  # number and text must do
            with self._lock:
                self._names[node] = name
                del self._unnamed[node]
                found += self._drained()  # they have lower numbers
                state = self._state_of(item, self.clock.now_ms(), self.clock.mono_ns())
            if state is not None:
                found.append(state)
        return found

    def _is_overtaken(self, item: _Item, source_us: int | None) -> bool:
        """Whether a value was true before one that came earlier: the first value of an item, overtaken by a change.

        Servers read the first value and watch for changes in two steps; a change in between comes first and the old
        value after it, and would turn a counter or a state back. Only right after subscribing: later an older source
        time is a clock that was set.
        """
        if source_us is None:
            return False
        if item.newest_us is not None and source_us < item.newest_us:
            return True
        item.newest_us = source_us
        return False

    @staticmethod
    def _first(item: _Item) -> str:
        """What is special about the next value of an item: whether it is the first since connecting."""
        was, item.fresh = item.fresh, False
        return "snapshot" if was else ""

    def _tell_refused(self, item: _Item, status: int) -> None:
        """Queue one reading that says that the server does not give this item."""
        at_ms, mono_ns = self.clock.now_ms(), self.clock.mono_ns()
        with self._lock:
            self._seq[item.device] += 1
            self._waiting += 1
            seq = self._seq[item.device]
            self._arrived.put([Reading(item.device, item.signal, None, Quality.BAD, at_ms, mono_ns, seq, status)])

    # the watchdog

    def _check_link(self) -> None:
        if self._ended is not None:
            kind, reason = self._ended
            raise DriverError(kind, port=self.bus.port, reason=reason)
        subscription = self._subscription
        if subscription is None:
            raise RuntimeError("poll before open")
        # a server that insists on a slower keep-alive is given three of its periods
        limit_s = max(self._watchdog_s, 3 * subscription.keepalive_s)
        silent_s = (self.clock.mono_ns() - subscription.answered_ns) / 1_000_000_000
        if silent_s > limit_s:
            raise DriverError("silent", seconds=round(silent_s, 1), port=self.bus.port)


def _within(limit_s: float, call: Callable[[], object], name: str) -> None:
    """Run `call` in a daemon thread; raise what it raises, or TimeoutError when it takes longer than `limit_s`."""
    outcome: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001  handed to the caller
            outcome.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive():
        raise TimeoutError(f"longer than {limit_s:g} s")
    if outcome:
        raise outcome[0]


def _as_fault(error: Exception, port: str, timeout_s: float, ended: tuple[str, str] | None) -> DriverError | None:
    """Say a failure to connect as a DriverError; None when it is our own fault and shall be loud."""
    from opcua.ua.uaerrors import UaError, UaStatusCodeError

    from drivers.opc_ua_guards import status_name

    if isinstance(error, DriverError):
        return error
    if isinstance(error, UaStatusCodeError):
        return _as_status_fault(status_name(error.code), port)
    if ended is not None and isinstance(error, OSError | UaError | CancelledError):  # the cause of what came after
        kind, reason = ended
        return (
            _as_status_fault(reason, port) if reason.startswith("Bad") else DriverError(kind, port=port, reason=reason)
        )
    if isinstance(error, socket.gaierror):
        return DriverError("port_missing", port=port)
    if isinstance(error, TimeoutError):
        return DriverError("no_answer", seconds=timeout_s, port=port, problem="server")
    if isinstance(error, OSError):
        return DriverError("port_refused", port=port, reason=error.strerror or str(error))
    if isinstance(error, UaError | CancelledError):
        return DriverError("protocol", port=port, reason=str(error) or type(error).__name__)
    return None


def _as_status_fault(name: str, port: str) -> DriverError:
    if name in LOGIN_REFUSED:
        return DriverError("refused_login", port=port, reason=name, needs_person=True)
    if name.startswith(("BadSecurity", "BadCertificate")):
        return DriverError("untrusted", port=port, reason=name, needs_person=True)
    if name.startswith("BadTcpEndpointUrl"):
        return DriverError("bad_address", address=port, reason=name, needs_person=True)
    if name in BUSY:
        return DriverError("port_busy", port=port, reason=name)
    return DriverError("protocol", port=port, reason=name)


def _endpoint_url(text: str) -> str:
    """The endpoint with its port. Raises UnfitError for anything that is no endpoint."""
    if HOST_AND_NUMBER.fullmatch(text):
        raise bare_host(f"opc.tcp://{text}")
    scheme, found, rest = text.partition("://")
    if not found or scheme.lower() != "opc.tcp":
        meant = f"opc.tcp://{rest}" if rest else "opc.tcp://192.168.0.20:4840"

        raise UnfitError(
            "is no address of an OPC UA server, which begins with {scheme} (for example {example})",
            scheme="opc.tcp://", example=meant,
        )  # fmt: skip
    port = port_number(text) or DEFAULT_PORT
    parts = urlsplit(text)
    if parts.username or parts.password:
        raise UnfitError("a name and password do not belong into the address")
    if not parts.hostname:
        raise UnfitError("the host is missing; written {form}", form="opc.tcp://192.168.0.20:4840")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"opc.tcp://{host}:{port}{parts.path}"


def _node_parts(text: str) -> tuple[str, int, int | str | bytes | uuid.UUID]:
    """Namespace URI ("" where none is given), index and identifier of "nsu=urn:x;s=Name" or "ns=2;i=7".

    (Part 6, 5.3.1.10.) Raises UnfitError with the reason.
    """
    found = NODE.fullmatch(text)
    if found is None:
        raise UnfitError(
            "{text!r} is no node; expected {forms}", text=text, forms="nsu=urn:plc;s=Counter, ns=2;s=Counter"
        )
    kind, identifier, index = found["kind"], found["identifier"], int(found["index"] or 0)
    if index > 0xFFFF:
        raise UnfitError("{text!r}: the number of a namespace must be from 0 to 65535", text=text)
    uri = (found["uri"] or "").replace("%3B", ";").replace("%25", "%")
    try:
        if kind == "i" and not 0 <= int(identifier) <= 0xFFFFFFFF:
            raise ValueError
        read: dict[str, Callable[[str], int | str | bytes | uuid.UUID]] = {
            "i": int, "g": uuid.UUID, "b": lambda digits: base64.b64decode(digits, validate=True), "s": str,
        }  # fmt: skip
        return uri, index, read[kind](identifier)
    except ValueError as error:  # binascii.Error is one
        kinds = {"i": "i=1234", "g": "g=09087e75-8e5e-499b-954f-f2a9603db28a", "b": "b=M/RbKBsRVkePCePcx24oRA=="}
        raise UnfitError(
            "{name!r} is no identifier of a node of this kind (for example {example})",
            name=identifier,
            example=kinds[kind],
        ) from error


def _node_id(text: str, namespaces: list[str]) -> Any:
    """The node of "nsu=urn:x;s=Name" or "ns=2;i=7" (part 6, 5.3.1.10). Raises ValueError with the reason.

    An address by namespace URI holds when the server changes the order of its namespaces.
    """
    from opcua import ua

    uri, index, identifier = _node_parts(text)
    if uri:
        if uri not in namespaces:
            raise ValueError(f"the server has no namespace {uri}")
        index = namespaces.index(uri)
    return ua.NodeId(identifier, index)


_QUALITIES = (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD)


def _plain(value: Any, status: int) -> tuple[Value, Quality, str]:
    """Value, quality and note of what the server sent.

    The two highest bits of the status are the severity (part 4, 7.39): 0 good, 1 uncertain, else bad. The
    value is kept even when it is bad: servers send the last good one along. Arrays and structures are
    not understood and are noted "unparsed"; a float that is no number is a bad value.
    """
    quality = _QUALITIES[status >> 30 & 3]
    if isinstance(value, float) and not math.isfinite(value):
        return None, Quality.BAD, ""
    if value is None or isinstance(value, bool | int | float | str):
        return value, quality, ""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat(), quality, ""
    if isinstance(value, uuid.UUID):
        return str(value), quality, ""
    text = getattr(value, "Text", None)  # LocalizedText
    if isinstance(text, str):
        return text, quality, ""
    return None, Quality.BAD, "unparsed"
