"""The monitored items of one endpoint: which variables are watched, and what the server made of each wish.

Asked for when the link is made, and again once a minute where the server refused: a PLC that starts up shows its
variables late. Beside the state of a state machine the variables Id and Number are watched, as far as there are any.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from drivers.base import BusSpec, Clock, DriverError, Setting
from drivers.link import Given
from drivers.opc_ua_states import KNOWN, Node, StateMachine

if TYPE_CHECKING:
    from drivers.opc_ua_guards import GuardedUaClient, Subscription

logger = logging.getLogger(__name__)

RETRY_NS = 60 * 1_000_000_000
ITEMS_A_CALL = 500
#: which variables of a state machine there may be, from its CurrentState or from itself on
STATE_PATHS = (("CurrentState",), ("CurrentState", "Id"), ("CurrentState", "Number"), ("Id",), ("Number",))

SETTINGS = (
    Setting("node", str, None, required=True),
    Setting("sampling_ms", int, 100, "ms", low=0, high=60_000),
    # "time": an equal value with a new source time is news (one measured value per part)
    Setting("trigger", str, "value", choices=("value", "time")),
    # "state": the node is a state machine or its CurrentState, and the value is the name of its state
    Setting("read", str, "value", choices=("value", "state")),
    # a state machine of the operation mode, whose state is put behind a + (OPC UA for Machinery)
    Setting("mode", str, ""),
)


class Item(Struct):
    """One variable of a signal and what became of it on the server."""

    device: str
    signal: str
    node: str
    sampling_ms: float
    trigger: str
    handle: int  # its place among the items, from 1 on
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


class Items:
    """All items of an endpoint; empty until `wish`.

    `lock` guards what the receiving, the polling and the retrying thread know of them, numbers and losses too.
    """

    def __init__(self, bus: BusSpec, clock: Clock) -> None:
        self.lock = threading.Lock()
        self.all: list[Item] = []  # only grows
        self.revised: dict[tuple[str, str], Revised] = {}
        self.names: dict[Node, str] = {}  # names of states by their nodes, "" where the server has none
        self._bus = bus
        self._clock = clock
        self._queue = 0
        self._client: GuardedUaClient | None = None
        self._subscription: Subscription | None = None
        self._refused: Callable[[Item, int], None] = lambda _item, _status: None
        self._retry: threading.Thread | None = None
        self.retry_at_ns = 0

    def wish(self, queue: int) -> None:
        """One item for each signal, two for a state with a mode; each is to keep `queue` values on the server.

        Raises DriverError bad_address for settings that do not fit.
        """
        items: list[Item] = []
        for device in self._bus.devices:
            for signal in device.signals:
                given = Given(SETTINGS, signal.settings, f"{device.key}.{signal.key}")
                node = given.text("node") if given.has("node") else ""
                sampling_ms, trigger = given.number("sampling_ms"), given.text("trigger")
                item = Item(device.key, signal.key, node, sampling_ms, trigger, len(items) + 1)
                items.append(item)
                if given.text("read") == "state":
                    item.machine, item.part = StateMachine({"text"}), "text"
                    if mode := given.text("mode"):
                        item.machine.awaited.add("mode.text")
                        items.append(
                            Item(
                                device.key, signal.key, mode, sampling_ms, trigger, len(items) + 1,
                                machine=item.machine, part="mode.text",
                            )
                        )  # fmt: skip
        self.all[:] = items
        self._queue = queue

    def subscribe(
        self, client: GuardedUaClient, subscription: Subscription, refused: Callable[[Item, int], None]
    ) -> None:
        """Ask the server for all items. `refused` hears, once, of each that it does not give, with the status."""
        self._client, self._subscription, self._refused = client, subscription, refused
        self._ask(self.all)
        self.retry_at_ns = self._clock.mono_ns() + RETRY_NS

    # what is wrong

    def problems(self) -> dict[tuple[str, str], str]:
        """Signals that the server does not give, by (device, signal), and why."""
        with self.lock:
            return {(item.device, item.signal): item.problem for item in self.all if item.problem}

    def faults(self) -> dict[str, DriverError]:
        """Devices of which signals cannot be read, with the first of them; partial where others can."""
        found: dict[str, DriverError] = {}
        with self.lock:
            items = list(self.all)
        for device in self._bus.devices:
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

    # asking

    def retry(self) -> None:
        """Ask again for refused items, at most once a minute, on a thread of its own."""
        now_ns = self._clock.mono_ns()
        if now_ns < self.retry_at_ns or (self._retry is not None and self._retry.is_alive()):
            return
        self.retry_at_ns = now_ns + RETRY_NS
        bad = [item for item in self.all if item.problem]
        if bad:
            self._retry = threading.Thread(target=self._retry_now, args=(bad,), name="opcua-retry", daemon=True)
            self._retry.start()

    def _retry_now(self, items: list[Item]) -> None:
        from opcua.ua.uaerrors import UaError

        try:
            self._ask(items)
        except (OSError, UaError, CancelledError) as error:  # the watchdog will say so
            logger.info("%s: refused nodes not asked again: %s", self._bus.port, error)

    def _ask(self, items: list[Item]) -> None:
        """Ask the server for these items; what it refuses is noted and told once as a bad reading."""
        from drivers.opc_ua_requests import item_request, namespaces_of, node_id

        assert self._client is not None
        assert self._subscription is not None
        machines = [item for item in items if item.machine is not None]
        asked_by_uri = any(item.node.startswith("nsu=") for item in items)
        namespaces = namespaces_of(self._client) if machines or asked_by_uri else []
        if machines:
            self.names |= {
                (namespaces.index(uri), number): name for (uri, number), name in KNOWN.items() if uri in namespaces
            }
            items = [*items, *self._expand(self._client, machines, namespaces)]
        asked: list[tuple[Item, Any]] = []
        for item in items:
            try:
                asked.append((item, item.found or node_id(item.node, namespaces)))
            except ValueError as error:
                self._refuse(item, str(error), 0)
        for start in range(0, len(asked), ITEMS_A_CALL):
            part = asked[start : start + ITEMS_A_CALL]
            results = self._subscription.create_items(
                [item_request(node, item.handle, item.sampling_ms, self._queue, item.trigger) for item, node in part]
            )
            plainer = [
                item
                for (item, _), result in zip(part, results, strict=True)
                if self._note_result(item, result, self._subscription.interval_ms)
            ]
            if plainer:
                self._ask(plainer)

    def _expand(self, client: GuardedUaClient, items: list[Item], namespaces: list[str]) -> list[Item]:
        """The variables Id and Number beside each CurrentState, as far as the server has them.

        The node of the settings may be the state machine itself, too.
        """
        from drivers.opc_ua_requests import browse_path, node_id

        more: list[Item] = []
        for item in items:
            machine = item.machine
            prefix = item.part.removesuffix("text")
            if machine is None or item.part not in ("text", "mode.text") or prefix in machine.expanded:
                continue
            try:
                start = node_id(item.node, namespaces)
            except ValueError:
                continue  # said where it is subscribed
            found = [
                result.Targets[0].TargetId if result.StatusCode.is_good() and result.Targets else None
                for result in client.translate_browsepaths_to_nodeids(
                    [browse_path(start, path) for path in STATE_PATHS]
                )
            ]
            if found[0] is not None:
                item.found = found[0]
            for part, target in zip(("id", "number"), found[1:3] if found[0] is not None else found[3:], strict=True):
                if target is not None:
                    machine.expanded.add(prefix)
                    with self.lock:
                        handle = len(self.all) + 1
                        each = Item(
                            item.device, item.signal, item.node, item.sampling_ms, item.trigger, handle,
                            machine=machine, part=prefix + part, found=target,
                        )  # fmt: skip
                        self.all.append(each)
                        machine.awaited.add(each.part)
                    more.append(each)
        return more

    def _note_result(self, item: Item, result: Any, publishing_ms: float) -> bool:
        """Note what the server made of one item. Returns whether to ask again at once, without the filter."""
        from drivers.opc_ua_library import status_name

        status = result.StatusCode
        if not status.is_good():
            if item.trigger == "time" and status.name.startswith("BadMonitoredItemFilter"):
                item.trigger = "value"
                return True
            self._refuse(item, status_name(status.value), status.value)
            return False
        with self.lock:
            item.problem, item.told = "", False
        self.revised[item.device, item.signal] = Revised(result.RevisedSamplingInterval, result.RevisedQueueSize)
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

    def _refuse(self, item: Item, problem: str, status: int) -> None:
        with self.lock:
            if item.machine is not None and item.part not in ("text", "mode.text"):
                item.machine.awaited.discard(item.part)  # the others must do
                return
            item.problem = problem
            if item.told:
                return
            item.told = item.fresh = True
            if item.machine is not None:
                item.machine.said = None
        self._refused(item, status)
