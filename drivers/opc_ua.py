"""OPC UA: subscribes to the variables of one endpoint and hands on every change. Read-only.

One bus is one endpoint (`opc.tcp://host:port`), usually one device. The thread that receives only
stamps and queues; `poll` hands over what has arrived. A lost link is told by the publish answers: when
they stay away for `watchdog_s`, or when the receiving thread has ended, `poll` raises DriverError and
the object is thrown away. `opcua` itself is imported by `open` only, so that the settings below are
cheap to list. What the library does under faults, and what is done about it, is in `opc_ua_guards.py`.

This file is the life of the link: login, certificates, watchdog, end. Which variables are watched is in
`opc_ua_items.py`, what becomes of their values in `opc_ua_arrivals.py`, the bytes of an answer in `opc_ua_publish.py`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from drivers.base import BusSpec, Clock, Driver, DriverError, Finding, Reading, Setting, UnfitError
from drivers.link import Given, WrongSettingError
from drivers.opc_ua_address import endpoint_url, node_parts
from drivers.opc_ua_arrivals import Arrivals
from drivers.opc_ua_faults import Ended, as_fault, as_login_fault
from drivers.opc_ua_items import SETTINGS as ITEM_SETTINGS
from drivers.opc_ua_items import Items, Revised
from drivers.opc_ua_security import SETTINGS as SECURITY_SETTINGS
from drivers.opc_ua_security import Security, fingerprint, judge, leaf, own, password, remarks_on, security_of
from drivers.opc_ua_states import Node

if TYPE_CHECKING:
    from drivers.opc_ua_guards import GuardedClient, Subscription

logger = logging.getLogger(__name__)

POLL_WAIT_S = 0.2
CLOSE_LIMIT_S = 1.2


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
    SIGNAL_SETTINGS: ClassVar[tuple[Setting, ...]] = ITEM_SETTINGS

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        super().__init__(bus, clock)
        self._items = Items(bus, clock)
        self._arrivals = Arrivals(bus, clock, self._items)
        self._ended: Ended | None = None
        self._client: GuardedClient | None = None
        self._subscription: Subscription | None = None

    # the contract

    def open(self) -> None:
        """Connect and subscribe. A refused node is no reason to fail; see `bad_nodes`.

        Raises DriverError bad_address (settings, endpoint), port_missing, port_refused, port_busy, no_answer,
        link_lost, untrusted, refused_login or protocol.
        """
        given = Given(self.BUS_SETTINGS, self.bus.settings, self.bus.key)
        self._publishing_ms, self._keepalive_s = given.number("publishing_ms"), given.number("keepalive_s")
        self._timeout_s, self._watchdog_s = given.number("timeout_s"), given.number("watchdog_s")
        self._security = security_of(given)
        self._items.wish(given.whole("queue"))
        url = self._checked_url()
        limit_s = 4 * self._timeout_s + 2.0  # looking up a name has no time limit of its own
        if self._security.secured:
            limit_s += 3 * self._timeout_s  # the certificate is asked for in a connection of its own
        try:
            _within(limit_s, lambda: self._connect(url), "opcua-connect")
        except Exception as error:
            self.close()
            fault = as_fault(error, self.bus.port, self._timeout_s, self._ended)
            if fault is None:
                raise
            raise fault from error

    def poll(self) -> list[Reading]:
        """What has arrived, and behind it for each device with losses one reading without a signal, noted "overflow",
        whose value is how many values are known to be lost and were not told before (at most once a second)."""
        readings = self._arrivals.take(POLL_WAIT_S)
        if not readings and self._arrivals.unnamed() is None:
            try:
                self._check_link()
            except DriverError:
                readings = self._arrivals.take(last=True)  # nobody asks this object again
                if not readings:
                    raise
        # asked here, since whoever asks in the receiving thread waits for himself
        while (node := self._arrivals.unnamed()) is not None and (client := self._client) is not None:
            readings += self._arrivals.name_state(node, self._asked_name(client, node))
        if self._ended is None:
            self._items.retry()
        return readings

    def faults(self) -> Mapping[str, DriverError]:
        """Devices of which signals cannot be read, with the first of them; partial where others can."""
        return self._items.faults()

    def bad_nodes(self) -> dict[tuple[str, str], str]:
        """Signals that the server does not give, by (device, signal), and why. Asked for again every minute."""
        return self._items.problems()

    def losses(self) -> dict[str, int]:
        """How many values (or publish answers) of each device are known to be lost since `open`; `poll` tells them."""
        return self._arrivals.losses()

    @property
    def revised(self) -> Mapping[tuple[str, str], Revised]:
        """What the server made of the wish for each signal, by (device, signal)."""
        return self._items.revised

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

    # connecting

    @classmethod
    def check(cls, bus: BusSpec) -> list[Finding]:
        """Return an address that is no endpoint, settings of security and nodes that cannot be."""
        found: list[Finding] = []
        try:
            endpoint_url(bus.port)
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
                            node_parts(given.text(key))
                    except UnfitError as why:
                        found.append(given.wrong(key, why).finding(device.key, signal.key))
        return found

    def _checked_url(self) -> str:
        """The endpoint with its port. Raises DriverError for anything that is no endpoint."""
        try:
            return endpoint_url(self.bus.port)
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
            raise as_login_fault(error, self.bus.key, client.opened, ours, self._ended) from error
        finally:
            client.set_password(None)
        subscription = Subscription(client.uaclient, self._arrivals.receive, self._on_end)
        subscription.create(self._publishing_ms, self._keepalive_s)
        self._subscription = subscription
        self._items.subscribe(client.uaclient, subscription, self._arrivals.refuse)

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
            fault = as_fault(error, self.bus.port, self._timeout_s, self._ended)
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

    # the link

    def _on_end(self, kind: str, reason: str) -> None:
        """Called by the receiving thread; the first reason is the cause of what comes after."""
        if self._ended is None:
            self._ended = (kind, reason)

    def _asked_name(self, client: GuardedClient, node: Node) -> str:
        """The name of a state, "" where the server does not tell it: then number and text must do."""
        from opcua.ua.uaerrors import UaError

        from drivers.opc_ua_requests import browse_name

        try:
            return browse_name(client.uaclient, node)
        except (OSError, UaError, TimeoutError, CancelledError) as error:
            logger.info("%s: the name of state %s is not known: %s", self.bus.port, node, error)
            return ""

    def _check_link(self) -> None:
        """Raises DriverError where the link has ended or no publish answer has come for too long."""
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
