"""What publish answers brought: values become numbered readings that wait for `poll`, and losses are told among them.

Knows no server: the receiving thread hands over what came, the polling thread takes what waits.
"""

from __future__ import annotations

import math
import queue
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

from drivers.base import BusSpec, Clock, Quality, Reading, Value
from drivers.opc_ua_items import Item, Items
from drivers.opc_ua_publish import Sample
from drivers.opc_ua_states import Node

TELL_NS = 1_000_000_000  # so often at most the losses of a device are told
SETTLING_NS = 1_000_000_000  # how long after its first value an older one of an item is taken as overtaken
OVERFLOW_BITS = 0x480  # part 4, 7.39.1: the info bits "data value" and "overflow"


class Arrivals:
    """Readings that wait, their numbers and the losses of each device."""

    #: readings that may wait; more are lost and counted
    LIMIT: ClassVar[int] = 20_000

    def __init__(self, bus: BusSpec, clock: Clock, items: Items) -> None:
        self._clock = clock
        self._items = items
        self._arrived: queue.SimpleQueue[list[Reading]] = queue.SimpleQueue()  # one list a publish answer
        self._waiting = 0  # readings in it
        self._lock = items.lock
        self._unnamed: dict[Node, Item] = {}  # states whose names must be asked for
        self._seq = {device.key: 0 for device in bus.devices}
        self._lost = {device.key: 0 for device in bus.devices}
        self._told = dict(self._lost)  # how many of them were taken, and when at last (monotonic)
        self._told_ns = dict(self._lost)

    # what the polling thread calls

    def take(self, wait_s: float = 0.0, *, last: bool = False) -> list[Reading]:
        """All that waits, after at most `wait_s` for a first reading, and behind it for each device with losses one
        reading without a signal, noted "overflow", whose value is how many values are known to be lost and were not
        told before (at most once a second; `last`: at once).

        Under the lock, so that a loss stands behind all that came before it and before anything that comes after it.
        """
        first: list[Reading] = []
        if wait_s:
            with suppress(queue.Empty):
                first = self._arrived.get(timeout=wait_s)
        at_ms, mono_ns = self._clock.now_ms(), self._clock.mono_ns()
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

    def losses(self) -> dict[str, int]:
        """How many values (or publish answers) of each device are known to be lost."""
        with self._lock:
            return dict(self._lost)

    def unnamed(self) -> Node | None:
        """A state that came and whose name nobody knows yet, None where there is none."""
        with self._lock:
            return next(iter(self._unnamed), None)

    def name_state(self, node: Node, name: str) -> list[Reading]:
        """The readings that waited for the name of a state, "" where it has none, behind all that came before."""
        with self._lock:
            self._items.names[node] = name
            item = self._unnamed.pop(node)
            readings = self._drained()  # they have lower numbers
            state = self._state_of(item, self._clock.now_ms(), self._clock.mono_ns())
        return readings if state is None else [*readings, state]

    # what the receiving and the asking thread call

    def receive(self, samples: list[Sample], lost: int) -> None:
        """Stamp, number and queue what one publish answer brought; all of it arrived at the same moment. `lost`: how
        many answers are missing before it."""
        at_ms, mono_ns = self._clock.now_ms(), self._clock.mono_ns()
        readings: list[Reading] = []
        changed: dict[tuple[int, str], Item] = {}
        items = self._items.all
        with self._lock:
            if lost:
                for device in self._lost:
                    self._lost[device] += lost
            room = self.LIMIT - self._waiting
            for handle, sent, status, source_us, server_us in samples:
                item = items[handle - 1]
                item.first_ns = item.first_ns or mono_ns
                if mono_ns - item.first_ns < SETTLING_NS and _is_overtaken(item, source_us):
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
                value, quality, note = plain(sent, status)
                self._seq[device] = seq = self._seq[device] + 1
                if room <= 0:
                    self._lost[device] += 1
                    continue
                if item.fresh:
                    note = note or _first(item)
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

    def refuse(self, item: Item, status: int) -> None:
        """Queue one reading that says that the server does not give this item."""
        at_ms, mono_ns = self._clock.now_ms(), self._clock.mono_ns()
        with self._lock:
            self._seq[item.device] += 1
            self._waiting += 1
            seq = self._seq[item.device]
            self._arrived.put([Reading(item.device, item.signal, None, Quality.BAD, at_ms, mono_ns, seq, status)])

    # states

    def _states_of(self, items: Iterable[Item], at_ms: int, mono_ns: int) -> list[Reading]:
        found = (self._state_of(item, at_ms, mono_ns) for item in items)
        return [reading for reading in found if reading is not None]

    def _state_of(self, item: Item, at_ms: int, mono_ns: int) -> Reading | None:
        """The reading of a state machine, None where it has nothing new to say or a name must be asked for first."""
        assert item.machine is not None
        known = item.machine.word(self._items.names)
        if known is None:
            return None
        if len(known) == 2:
            self._unnamed[known] = item
            return None
        value, quality, note = plain(known[0], known[1])
        if item.machine.said == (value, known[1]):
            return None
        item.machine.said = (value, known[1])
        self._seq[item.device] += 1
        main = next(each for each in self._items.all if each.machine is item.machine)
        note = note or _first(main)
        source_ms = None if known[2] is None else known[2] // 1000
        return Reading(
            item.device, item.signal, value, quality, at_ms, mono_ns, self._seq[item.device], known[1], source_ms,
            note=note,
        )  # fmt: skip


def _is_overtaken(item: Item, source_us: int | None) -> bool:
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


def _first(item: Item) -> str:
    """What is special about the next value of an item: whether it is the first since connecting."""
    was, item.fresh = item.fresh, False
    return "snapshot" if was else ""


_QUALITIES = (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD)


def plain(value: Any, status: int) -> tuple[Value, Quality, str]:
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
