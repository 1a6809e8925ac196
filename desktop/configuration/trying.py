"""A configuration tried on the wire, before or after its import: what each device and signal really brings.

The buses are opened by the same drivers and threads that the collector uses; there is no database, nothing is stored
and nothing is interpreted. A bus whose port the running collector holds is left alone and said to be held.
"""

from __future__ import annotations

import difflib
import json
import os
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

from msgspec import Struct, field

from desktop.collect.interpret import Health
from desktop.collect.supervise import BusThread, Counted, Inbox, Message, bus_spec, stop_all
from desktop.configuration.tables import Configuration
from desktop.domain.events import Role
from desktop.domain.plant import Bus, Device, Plant, Signal
from desktop.store.database import KnownError
from desktop.text import _
from drivers import catalog
from drivers.base import Clock, DeviceSpec, DriverError, Quality, Reading, SignalSpec, Tally, UnfitError, Value
from drivers.link import resolve
from drivers.polling import PolledBus
from drivers.registers import WIDE, Item, decodings, likely_order
from drivers.text_line import Decoder, LineDevice, TextLine, decode_text

MOST_FRAMES = 5  # of one device that are kept, the newest
MOST_BYTES = 64  # of what arrived and never became a frame
_LOOK_S = 0.1


class Frame(Struct, frozen=True):
    """One frame of a device that sends text, as it came.

    `fields`: what `by` ("columns" or "pattern") found in it; `why` says why nothing was found. `note` as in base.NOTES.
    """

    raw: bytes
    text: str
    at_ms: int
    note: str = ""
    by: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    why: UnfitError | None = None


class TriedSignal(Struct, frozen=True):
    """What came of one signal last; `count` is how often something came, and 0 that nothing did.

    `value` is in `unit`, factor and offset of the configuration applied. `where` is its place at the device as people
    write it, `kind` how it is read there. A number out of two registers has `decodings`, one for each order, of which
    `order` is the configured one; `meant` is the order that may be meant instead, "" for none. `problem` is what an OPC
    UA server says of the value, "" for nothing: the name of a status code or its own reason.
    """

    key: str
    unit: str
    where: str = ""
    kind: str = ""
    count: int = 0
    value: Value = None
    quality: Quality = Quality.BAD
    note: str = ""
    problem: str = ""
    at_ms: int = 0
    raw: bytes = b""
    order: str = ""
    decodings: Mapping[str, Value] = field(default_factory=dict)
    meant: str = ""

    @property
    def came(self) -> bool:
        """Whether a value came that may be used."""
        return self.count > 0 and self.value is not None and self.quality is not Quality.BAD


class TriedDevice(Struct, frozen=True):
    """One device: its connection (`status`, `fault`, `detail` as the collector says them), signals and last frames.

    `loose` is the end of what arrived where none of it became a frame. `pushes`: it speaks by itself. `damaged`,
    `missing` and `refused` count its answers and messages that brought nothing.
    """

    key: str
    name: str
    status: str
    fault: str
    detail: Mapping[str, object]
    signals: tuple[TriedSignal, ...]
    frames: tuple[Frame, ...] = ()
    loose: bytes = b""
    pushes: bool = False
    damaged: int = 0
    missing: int = 0
    refused: int = 0


class TriedBus(Struct, frozen=True):
    """One bus; `held`: the running collector has its port, so that it was not opened."""

    key: str
    driver: str
    port: str
    held: bool
    devices: tuple[TriedDevice, ...]


class Trial(Struct, frozen=True):
    """What the whole try brought, at `now_ms`."""

    now_ms: int
    buses: tuple[TriedBus, ...]

    @property
    def complete(self) -> bool:
        """Whether a value of every signal came, and no device has a fault."""
        devices = [device for bus in self.buses for device in bus.devices]
        return not any(bus.held for bus in self.buses) and all(
            not device.fault and all(signal.came for signal in device.signals) for device in devices
        )


class Try:
    """A try of some buses. `wait` until it is over, then `result`; `end` in any case."""

    def __init__(self, plant: Plant, clock: Clock, *, keys: str = "", held: Collection[str] = ()) -> None:
        """`held`: keys of the buses that are not to be opened. `keys`: the folder for certificates and passwords."""
        self.plant = plant
        self._clock = clock
        self._held = frozenset(held)
        self._inbox = Inbox()
        self._health: dict[str, Health] = {}
        self._last: dict[tuple[str, str], Reading] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._frames: dict[str, deque[Reading]] = {}
        self._seen: dict[str, int] = {}  # device -> number of its newest frame
        self._loose: dict[str, bytes] = {}
        self._over_ms = 0
        self._tallies: dict[str, Tally] = {}
        self._threads = [
            BusThread(bus, plant, clock, self._inbox, keys, raw=True)
            for bus in plant.buses
            if bus.key not in self._held
        ]

    @property
    def pushing(self) -> tuple[str, ...]:
        """Names of the devices that are opened and may speak only when somebody makes them."""
        open_ = {bus.id for bus in self.plant.buses if bus.key not in self._held and _speaks_by_itself(bus)}
        return tuple(d.name for d in self.plant.devices if d.bus in open_ and not d.settings.get("request"))

    def wait(self, seconds: float) -> None:
        """Open the buses and take what they bring until every signal has brought a value, at most `seconds`."""
        for thread in self._threads:
            thread.start()
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0 and not self._enough():
            if (message := self._inbox.get(min(left_s, _LOOK_S))) is not None:
                self._take(message)

    def end(self) -> None:
        """Close the buses; what they brought last is taken, and its age is that of this moment."""
        self._over_ms = self._clock.now_ms()
        for thread in self._threads:
            tail = thread.raw_tail()
            for device in thread.devices:
                self._loose[device] = b"".join(data for _at, way, data in tail if way == "rx")[-MOST_BYTES:]
        stop_all([thread for thread in self._threads if thread.is_alive()])
        while (message := self._inbox.get(0)) is not None:
            self._take(message)

    def result(self) -> Trial:
        """What has come so far."""
        buses = []
        for bus in self.plant.buses:
            devices = [device for device in self.plant.devices if device.bus == bus.id]
            buses.append(
                TriedBus(
                    bus.key, bus.driver, bus.port, bus.key in self._held, tuple(self._device(bus, d) for d in devices)
                )
            )
        return Trial(self._over_ms or self._clock.now_ms(), tuple(buses))

    def _enough(self) -> bool:
        """Whether a value of each signal has come from every bus that is open."""
        open_ = {device for thread in self._threads for device in thread.devices}
        wanted = {(d.key, s.key) for d in self.plant.devices for s in self.plant.signals if s.device == d.id}
        return all(
            (reading := self._last.get(signal)) is not None and reading.quality is not Quality.BAD
            for signal in wanted
            if signal[0] in open_
        )

    def _take(self, message: Message) -> None:
        if isinstance(message, Health):
            self._health[message.device] = message
            return
        if isinstance(message, Counted):
            before = self._tallies.setdefault(message.device, Tally())
            before.damaged += message.more.damaged
            before.missing += message.more.missing
            before.refused += message.more.refused
            return
        for reading in message.readings:
            if reading.signal:
                key = (reading.device, reading.signal)
                self._last[key] = reading
                self._counts[key] = self._counts.get(key, 0) + 1
            if reading.raw and self._seen.get(reading.device) != reading.seq:  # several readings may be of one frame
                self._seen[reading.device] = reading.seq
                self._frames.setdefault(reading.device, deque(maxlen=MOST_FRAMES)).append(reading)

    def _device(self, bus: Bus, device: Device) -> TriedDevice:
        said = self._health.get(device.key)
        detail = json.loads(said.detail) if said is not None and said.detail else {}
        spec = next(each for each in bus_spec(bus, self.plant).devices if each.key == device.key)
        signals = tuple(
            self._signal(bus, spec, wire, signal, detail)
            for wire, signal in zip(spec.signals, (s for s in self.plant.signals if s.device == device.id), strict=True)
        )
        frames = tuple(_frames(bus.driver, spec, self._frames.get(device.key, ())))
        tally = self._tallies.get(device.key, Tally())
        return TriedDevice(
            device.key,
            device.name,
            said.status if said is not None else "opening",
            said.fault if said is not None else "",
            detail,
            signals,
            frames,
            b"" if frames or not _sends_text(bus) else self._loose.get(device.key, b""),
            _speaks_by_itself(bus) and not device.settings.get("request"),
            tally.damaged,
            tally.missing,
            tally.refused,
        )

    def _signal(
        self, bus: Bus, device: DeviceSpec, wire: SignalSpec, signal: Signal, detail: Mapping[str, Any]
    ) -> TriedSignal:
        where, kind, item = _place(bus, device, wire)
        reading = self._last.get((device.key, signal.key))
        if reading is None:
            return TriedSignal(signal.key, signal.unit, where, kind)
        value = reading.value
        if isinstance(value, (int, float)) and not isinstance(value, bool) and (signal.factor, signal.offset) != (1, 0):
            value = value * signal.factor + signal.offset
        wide = item if item is not None and item.kind in WIDE and len(reading.raw) == 4 else None
        return TriedSignal(
            signal.key,
            signal.unit,
            where,
            kind or _kind_of(value),
            self._counts[device.key, signal.key],
            value,
            reading.quality,
            reading.note,
            _problem(reading, where, detail),
            reading.at_ms,
            reading.raw if item is not None else b"",
            "" if wide is None else wide.order,
            {} if wide is None else _decoded(wide, reading.raw, signal),
            "" if wide is None else likely_order(wide, reading.raw),
        )


def held(plant: Plant, ports: Collection[str]) -> set[str]:
    """The keys of the buses whose port is one of these, also where it is written otherwise (a link, a USB identity)."""
    taken = {_as_opened(port) for port in ports}
    return {bus.key for bus in plant.buses if taken and _as_opened(bus.port) in taken}


def _as_opened(port: str) -> str:
    with suppress(DriverError):  # an adapter that is not plugged in
        port = resolve(port)
    return port.casefold() if "://" in port else os.path.realpath(port)


def plant_of(wanted: Configuration, only: str = "") -> Plant:
    """The buses of a checked file with their devices and signals; `only`: of this bus or device.

    Raises KnownError where the file has no bus or device of that name.
    """
    ids = count(1)
    buses: list[Bus] = []
    devices: list[Device] = []
    signals: list[Signal] = []
    for each in wanted.buses:
        chosen = [device for device in each["device"] if only in ("", each["key"], device["key"])]
        if not chosen:
            continue
        bus = Bus(next(ids), each["key"], each["port"], each["driver"], each["settings"])
        buses.append(bus)
        for given in chosen:
            device = Device(next(ids), bus.id, given["key"], given["name"], given["settings"])
            devices.append(device)
            signals += [_signal_of(next(ids), device.id, signal) for signal in given["signal"]]
    if not buses:
        names = [name for bus in wanted.buses for name in (bus["key"], *(device["key"] for device in bus["device"]))]
        raise KnownError(_none_of(only, list(dict.fromkeys(names))))
    plant = wanted.plant
    return Plant(
        plant["name"], plant["line"], plant["timezone"], None, (), tuple(buses), tuple(devices), tuple(signals)
    )  # fmt: skip


def _none_of(only: str, names: Sequence[str]) -> str:
    if not only:
        return _("The file has no bus: there is nothing to try.")
    words = _("The file has no bus or device {name}. There are: {names}.").format(name=only, names=", ".join(names))
    near = difflib.get_close_matches(only, names, 1)
    return words + (" " + _("Did you mean {name}?").format(name=near[0]) if near else "")


def _signal_of(number: int, device: int, given: Mapping[str, Any]) -> Signal:
    return Signal(
        number,
        device,
        given["key"],
        given["name"],
        None,
        Role(given["role"]),
        given["unit"],
        given["factor"],
        given["offset"],
        settings=given["settings"],
    )


def _place(bus: Bus, device: DeviceSpec, signal: SignalSpec) -> tuple[str, str, Item | None]:
    """Where a signal lies at its device, how it is read there, and its item where it lies in registers."""
    driver = catalog.load(bus.driver)
    if issubclass(driver, PolledBus):
        item = driver.items_of(device.key, signal, 1000)[-1]
        return driver.item_where(item), item.kind, item
    if "node" in signal.settings:
        return str(signal.settings["node"]), "", None
    return str(signal.settings.get("field") or signal.key), "", None


def _problem(reading: Reading, where: str, detail: Mapping[str, Any]) -> str:
    """What an OPC UA server says of a value beside its quality."""
    if reading.status:
        from drivers.opc_ua_library import status_name  # brings the whole library, which is in use where there is one

        return status_name(reading.status)
    refused = reading.value is None and not reading.raw and detail.get("address") == where
    return str(detail.get("reason", "")) if refused else ""


def _kind_of(value: Value) -> str:
    """What a value is that tells its own type."""
    kinds = {bool: "bool", int: "int", float: "float", str: "text"}
    return kinds.get(type(value), "")


def _decoded(item: Item, raw: bytes, signal: Signal) -> dict[str, Value]:
    """The number in each of the four orders, in the signal's unit where the device does not tell its decimals."""
    if item.decimals is not None:
        return decodings(raw, item.kind)
    found = decodings(raw, item.kind, item.scale, item.offset)
    return {
        order: value * signal.factor + signal.offset if isinstance(value, (int, float)) else value
        for order, value in found.items()
    }


def _sends_text(bus: Bus) -> bool:
    return issubclass(catalog.load(bus.driver), LineDevice)


def _speaks_by_itself(bus: Bus) -> bool:
    driver = catalog.load(bus.driver)
    return issubclass(driver, LineDevice) and bool(driver.PUSHES)


def _frames(driver: str, device: DeviceSpec, readings: Collection[Reading]) -> list[Frame]:
    """The frames that these readings came in; none for a driver that speaks in no frames of text."""
    kind = catalog.load(driver)
    if not issubclass(kind, LineDevice):
        return []
    by, decoder = kind.decoder_of(device) if issubclass(kind, TextLine) else ("", None)
    return [_frame(reading, by, decoder, str(device.settings.get("encoding", "auto"))) for reading in readings]


def _frame(reading: Reading, by: str, decoder: Decoder | None, encoding: str) -> Frame:
    raw, text = reading.raw, decode_text(reading.raw, encoding)
    if decoder is None:
        return Frame(raw, text, reading.at_ms, reading.note)
    if reading.note in ("incomplete", "overlong"):
        return Frame(raw, text, reading.at_ms, reading.note, by)
    return Frame(raw, text, reading.at_ms, reading.note, by, decoder.fields_of(raw) or {}, decoder.misfit(raw))
