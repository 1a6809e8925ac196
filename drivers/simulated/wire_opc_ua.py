"""The wire face of a machine with an OPC UA server: a few read-only variables on 127.0.0.1.

Their addresses are `nsu=urn:gadong:demo;s=NAME`. A client that tries to change anything is recorded in
`writes_seen`: nothing in this product ever writes to a machine.
"""

from __future__ import annotations

import copy
import functools
import gc
import logging
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any

from opcua import ua
from opcua.common.utils import ServiceError
from opcua.server.address_space import AddressSpace, AttributeValue, NodeData, NodeManagementService
from opcua.server.internal_server import InternalServer, InternalSession
from opcua.server.internal_subscription import InternalSubscription
from opcua.server.server import Server
from opcua.server.standard_address_space import standard_address_space
from opcua.server.subscription_service import SubscriptionService

NAMESPACE = "urn:gadong:demo"
HOST = "127.0.0.1"
OVERFLOW = 0x480  # part 4, 7.39.1: the info bits "data value" and "overflow"
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  the library reckons in UTC without a zone
TYPES = {bool: ua.VariantType.Boolean, int: ua.VariantType.Int32, float: ua.VariantType.Double}

Plain = bool | int | float | str


@functools.cache
def _standard_nodes() -> dict[Any, Any]:
    """The two thousand nodes that every server has: 29 MB and half a second, so they are made once a process."""
    collecting = gc.isenabled()
    gc.disable()  # it would look at all of them again and again: twice the time
    try:
        space = AddressSpace()
        standard_address_space.fill_address_space(NodeManagementService(space))
        nodes: dict[Any, Any] = space._nodes
        return nodes
    finally:
        if collecting:
            gc.enable()


class _Nodes(MutableMapping[Any, Any]):
    """The nodes of one server: its own, and copies of the standard ones as soon as they are touched."""

    def __init__(self) -> None:
        self._standard = _standard_nodes()
        self._own: dict[Any, Any] = {}

    def __getitem__(self, node_id: Any) -> Any:
        if node_id not in self._own:
            self._own[node_id] = self._copied(self._standard[node_id])
        return self._own[node_id]

    def __setitem__(self, node_id: Any, node: Any) -> None:
        self._own[node_id] = node

    def __delitem__(self, node_id: Any) -> None:
        del self._own[node_id]

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._own or node_id in self._standard

    def __iter__(self) -> Iterator[Any]:
        return iter({**self._standard, **self._own})

    def __len__(self) -> int:
        return len({**self._standard, **self._own})

    @staticmethod
    def _copied(standard: Any) -> Any:
        node = NodeData(standard.nodeid)
        node.references = list(standard.references)
        node.attributes = {
            key: AttributeValue(copy.deepcopy(attribute.value)) for key, attribute in standard.attributes.items()
        }
        return node


class _WatchedSession(InternalSession):  # type: ignore[misc]
    """A client's session that records every attempt to change something; of some servers only a few are to be had."""

    def create_session(self, params: Any, sockname: Any = None) -> Any:
        """As in the library. Raises what becomes BadTooManySessions for the client."""
        if len(self.iserver.sessions) >= self.iserver.most_sessions:
            raise ServiceError(ua.StatusCodes.BadTooManySessions)
        self.iserver.sessions.add(self)
        return super().create_session(params, sockname)

    def close_session(self, delete_subs: bool = True) -> None:
        self.iserver.sessions.discard(self)
        super().close_session(delete_subs)

    def _record(self, service: str, params: Any) -> None:
        if self is not getattr(self.iserver, "isession", self):  # the server's own session may write
            self.iserver.writes_seen.append(f"{service}: {params}")

    def write(self, params: Any) -> Any:
        self._record("write", params)
        return super().write(params)

    def call(self, params: Any) -> Any:
        self._record("call", params)
        return super().call(params)

    def add_nodes(self, params: Any) -> Any:
        self._record("add_nodes", params)
        return super().add_nodes(params)

    def delete_nodes(self, params: Any) -> Any:
        self._record("delete_nodes", params)
        return super().delete_nodes(params)

    def add_references(self, params: Any) -> Any:
        self._record("add_references", params)
        return super().add_references(params)

    def delete_references(self, params: Any) -> Any:
        self._record("delete_references", params)
        return super().delete_references(params)


class _FlaggingSubscription(InternalSubscription):  # type: ignore[misc]
    """A subscription that says when a queue ran over (part 4, 5.13.1.5); the library's discards without a word."""

    def _enqueue_event(self, mid: Any, eventdata: Any, size: int, queue: dict[Any, list[Any]]) -> None:
        discards = size > 1 and len(queue.get(mid, ())) >= size  # a queue of one holds the latest and never says so
        super()._enqueue_event(mid, eventdata, size, queue)
        if discards and isinstance(queue[mid][0], ua.MonitoredItemNotification):
            oldest = queue[mid][0]
            flagged = copy.copy(oldest.Value)  # the others who subscribed to it hold the same object
            before = 0 if flagged.StatusCode is None else flagged.StatusCode.value
            flagged.StatusCode = ua.StatusCode(before | OVERFLOW)
            queue[mid][0] = item = ua.MonitoredItemNotification()
            item.ClientHandle, item.Value = oldest.ClientHandle, flagged


class _FlaggingSubscriptions(SubscriptionService):  # type: ignore[misc]
    def create_subscription(self, params: Any, callback: Any) -> Any:
        """As in the library, of the kind above."""
        result = ua.CreateSubscriptionResult()
        result.RevisedPublishingInterval = params.RequestedPublishingInterval
        result.RevisedLifetimeCount = params.RequestedLifetimeCount
        result.RevisedMaxKeepAliveCount = params.RequestedMaxKeepAliveCount
        with self._lock:
            self._sub_id_counter += 1
            result.SubscriptionId = self._sub_id_counter
            made = _FlaggingSubscription(self, result, self.aspace, callback)
            made.start()
            self.subscriptions[result.SubscriptionId] = made
        return result


class _WatchedServer(InternalServer):  # type: ignore[misc]
    def __init__(self) -> None:
        self.writes_seen: list[str] = []
        self.most_sessions = 1000
        self.sessions: set[_WatchedSession] = set()
        super().__init__(session_cls=_WatchedSession)
        self.subscription_service = _FlaggingSubscriptions(self.aspace)

    def load_standard_address_space(self, shelffile: str | None = None) -> None:
        self.aspace._nodes = _Nodes()


class OpcUaFace:
    """A small OPC UA server. `url` stays the same over `cut` and `restore`. Methods may be called from any thread.

    `variables` names them with their first values, whose Python types decide the OPC UA types (int: Int32,
    float: Double). `port` 0 takes a free one.
    """

    def __init__(self, variables: Mapping[str, Plain], port: int = 0) -> None:
        logging.getLogger("opcua.server").setLevel(logging.ERROR)
        self._lock = threading.RLock()
        self._closed = False
        self._cut = False
        self._bookmark: socket.socket | None = None  # holds the port while the link is cut
        self._iserver = _WatchedServer()
        self._iserver.disabled_clock = True  # it would rewrite the server's time every second
        self._server = Server(iserver=self._iserver)
        self._server.set_server_name("Gadong demo line")
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        self._server.set_security_IDs(["Anonymous"])
        self._server.set_endpoint(f"opc.tcp://{HOST}:{port}")
        index = self._server.register_namespace(NAMESPACE)
        objects = self._server.get_objects_node()
        self._nodes: dict[str, Any] = {}
        self._types: dict[str, Any] = {}
        for name, value in variables.items():
            kind = TYPES.get(type(value), ua.VariantType.String)
            node = objects.add_variable(ua.NodeId(name, index), ua.QualifiedName(name, index), value, kind)
            self._nodes[name], self._types[name] = node.nodeid, kind
        # the library's own thread inherits "daemon": a demo that fails must not keep the program alive
        starter = threading.Thread(target=self._server.start, daemon=True)
        starter.start()
        starter.join()
        if self._server.bserver is None or self._server.bserver.loop is None:
            raise OSError(f"no OPC UA server on {HOST}:{port}")
        self._port: int = self._server.bserver.port

    @property
    def url(self) -> str:
        return f"opc.tcp://{HOST}:{self._port}"

    @property
    def writes_seen(self) -> list[str]:
        """Every attempt of a client to change something, as text."""
        return self._iserver.writes_seen

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return len(self._iserver.sessions)

    def allow_sessions(self, most: int) -> None:
        """Refuse a client that comes while so many sessions are open."""
        self._iserver.most_sessions = most

    @property
    def is_cut(self) -> bool:
        """Whether the link is down."""
        return self._cut

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._server.bserver.clients)

    def node(self, name: str) -> str:
        """The address of a variable, as it goes into a signal's settings."""
        if name not in self._nodes:
            raise KeyError(name)
        return f"nsu={NAMESPACE};s={name}"

    def set(self, name: str, value: Plain, at_ms: int | None = None, status: int = 0) -> None:
        """Set a variable, with the machine's own time `at_ms` (UTC ms; none: now) and a status code."""
        stamp = datetime.now(UTC).replace(tzinfo=None) if at_ms is None else EPOCH + timedelta(milliseconds=at_ms)
        data = ua.DataValue(ua.Variant(value, self._types[name]), ua.StatusCode(status))
        data.SourceTimestamp = data.ServerTimestamp = stamp
        node_id = self._nodes[name]
        before = self._iserver.aspace.get_attribute_value(node_id, ua.AttributeIds.Value)
        self._iserver.aspace.set_attribute_value(node_id, ua.AttributeIds.Value, data)
        if before.Value == data.Value and (before.SourceTimestamp != stamp or before.StatusCode != data.StatusCode):
            self._tell_equal_value(node_id, before, data)

    def get(self, name: str) -> Plain:
        value: Plain = self._iserver.aspace.get_attribute_value(self._nodes[name], ua.AttributeIds.Value).Value.Value
        return value

    def is_watched(self, name: str) -> bool:
        """Whether a client is told of changes of a variable."""
        attribute = self._iserver.aspace[self._nodes[name]].attributes[ua.AttributeIds.Value]
        return bool(attribute.datachange_callbacks)

    def unacknowledged_ms(self) -> int | None:
        """The machine's own time of the oldest value that a client was to be told of and has not acknowledged (part 4,
        5.13.5): it may be on its way and is lost if the link is cut now. None: there is none."""
        service, stamps = self._iserver.subscription_service, []
        with service._lock:
            for subscription in service.subscriptions.values():
                with subscription._lock:
                    waiting = [item for items in subscription._triggered_datachanges.values() for item in items]
                    for result in subscription._not_acknowledged_results.values():
                        for told in result.NotificationMessage.NotificationData:
                            waiting += getattr(told, "MonitoredItems", [])
                stamps += [item.Value.SourceTimestamp for item in waiting if item.Value.SourceTimestamp is not None]
        return round((min(stamps) - EPOCH) / timedelta(milliseconds=1)) if stamps else None

    def cut(self) -> None:
        """Drop the link: every client's socket is closed and nobody can connect until `restore`."""
        with self._lock:
            if self._cut or self._closed:
                return
            self._cut = True
            binary = self._server.bserver
            binary.loop.run_coro_and_wait(_drop(binary._server, list(self._iserver.asyncio_transports)))
            self._bookmark = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            if sys.platform != "win32":  # there it would share the port
                self._bookmark.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._bookmark.bind((HOST, self._port))

    def restore(self) -> None:
        """Listen again on the same port."""
        with self._lock:
            if not self._cut or self._closed:
                return
            self._release_port()
            self._server.bserver.start()
            self._cut = False

    def close(self) -> None:
        """Stop the server and its thread."""
        with self._lock:
            if self._closed:
                return
            self.cut()
            self._closed = True
            self._release_port()
            self._iserver.stop()

    def _release_port(self) -> None:
        if self._bookmark is not None:
            self._bookmark.close()
            self._bookmark = None

    def _tell_equal_value(self, node_id: Any, before: Any, data: Any) -> None:
        """Notify those who asked for it (part 4, 7.22.2): of a new time with an equal value, of a new status.

        The library's server compares values only.
        """
        attribute = self._iserver.aspace[node_id].attributes[ua.AttributeIds.Value]
        for handle, callback in list(attribute.datachange_callbacks.items()):
            service = callback.__self__
            wanted = service._monitored_items[service._monitored_datachange[handle]].filter
            by_time = wanted is not None and wanted.Trigger == ua.DataChangeTrigger.StatusValueTimestamp
            if by_time or before.StatusCode != data.StatusCode:
                callback(handle, data)


async def _drop(listener: Any, transports: list[Any]) -> None:
    listener.close()
    for transport in transports:
        transport.abort()
