"""Faults of buses, their devices and signals; presets are written out into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from desktop.configuration import presets
from desktop.configuration.checking.phrases import CONTROL, NOTHING, as_toml, in_words, must
from desktop.configuration.checking.written import Written
from desktop.configuration.positions import numbered
from desktop.configuration.tables import BUS, DEVICE, MEANING, SIGNAL, Field
from desktop.domain.barcode import LONGEST_CODE
from desktop.domain.events import Counter, Role, State, ThingKind
from desktop.text import N_, _
from drivers import catalog
from drivers.base import BusSpec, DeviceSpec, Finding, SignalSpec, UnfitError
from drivers.patterns import harmless

_COUNTERS = (Role.GOOD, Role.REJECT, Role.TOTAL)
_CLASSES = get_args(ThingKind)
JUDGEMENTS = ("good", "reject", "retest")
#: what a driver finds wrong with a whole bus
_FINDINGS = {
    "wrong": N_("does not fit: {reason}"),
    "same_unit": N_("stands already at device {other} of this bus: give each device a number of its own"),
    "overload": N_(
        "needs {percent} % of the time of its wire at {baud} Bd: read fewer values, set a longer period_ms or a higher "
        "baud, or move devices to another bus"
    ),
    "busy_wire": N_(
        "uses {percent} % of the time of its wire at {baud} Bd: above 70 % values may come late, so set a longer "
        "period_ms or a higher baud"
    ),
    "alike": N_(
        "leaves {first} and {second} answers of equal length, which a late answer may confuse: values then take longer "
        "after a fault; a larger max_gap tells them apart"
    ),
}


class Wires:
    """The buses of a file with what is right of them."""

    def __init__(self, file: Written, machines: list[str], products: list[str], reasons: list[str]) -> None:
        """The codes are those that signals may name."""
        self.presets: list[tuple[str, presets.DevicePreset]] = []  # device and what completed it
        self._file = file
        self._machines, self._products, self._reasons = machines, products, reasons
        self._device_keys: dict[object, str] = {}

    def buses(self, given: object) -> list[dict[str, Any]]:
        """The buses, each with its devices and their signals; every fault goes to the file."""
        keys: dict[object, str] = {}
        ports: dict[object, str] = {}
        found = []
        for path, written in self._file.listed("bus", given):
            bus = self._bus(path, self._file.right_bus(path, written))
            self._file.once(path, "key", bus["key"], keys)
            self._file.once(path, "port", bus["port"], ports)
            found.append(bus)
        return found

    def _bus(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        known = self._with_presets(path, given)
        if known is None:  # nothing can be said of settings that an unknown preset was to complete
            return self._file.table(path, {key: given[key] for key in ("key", "port") if key in given}, BUS[:2])
        given = known
        driver = given.get("driver")
        specs = catalog.settings(driver) if isinstance(driver, str) and driver in catalog.DRIVERS else None
        bus = self._file.table(path, given, BUS, specs.bus if specs else None)
        if not bus["device"]:
            self._file.fault(f"{path}.device", NOTHING, _("is missing: write [[bus.device]] below the bus"))
        if specs and len(bus["device"]) > 1 and not catalog.DRIVERS[str(driver)].shared:
            words = _("are too many devices: {driver} takes 1 on a bus, so give each a [[bus]] of its own")
            self._file.fault(f"{path}.device", len(bus["device"]), words.format(driver=driver))
        devices = []
        said = len(self._file.faults)
        for device_path, device_given in self._file.listed(f"{path}.device", bus["device"]):
            device = self._file.table(device_path, device_given, DEVICE, specs.device if specs else None)
            self._file.once(device_path, "key", device["key"], self._device_keys)
            device["name"] = device["name"] or device["key"]
            signals: list[dict[str, Any]] = []
            seen: dict[object, str] = {}
            for signal_path, signal_given in self._file.listed(f"{device_path}.signal", device["signal"]):
                signal = self._file.table(signal_path, signal_given, SIGNAL, specs.signal if specs else None)
                self._file.once(signal_path, "key", signal["key"], seen)
                signal["name"] = signal["name"] or signal["key"]
                self._signal(signal_path, signal)
                if signal["role"] == Role.MEASURE and specs and any(each.key == "number" for each in specs.signal):
                    self._number(signal_path, signal["settings"])
                signals.append(signal)
            device["signal"] = signals
            devices.append(device)
        bus["device"] = devices
        if specs and said == len(self._file.faults) and all((bus["key"], bus["port"], devices)):
            for finding in catalog.load(str(driver)).check(_bus_spec(bus)):
                self._finding(path, bus, finding)
        return bus

    def _finding(self, path: str, bus: Mapping[str, Any], finding: Finding) -> None:
        """Note what the driver finds wrong with a bus, as a fault or a warning."""
        table: Mapping[str, Any] = bus
        for kind, key in (("device", finding.device), ("signal", finding.signal)):
            if key:
                table = next(each for each in table[kind] if each["key"] == key)
                path += f".{kind}[{key}]"
        value: object = NOTHING
        if finding.setting:
            path += f".{finding.setting}"
            value = table["settings"].get(finding.setting, table.get(finding.setting, NOTHING))
        detail = {key: in_words(each) for key, each in finding.detail.items()}
        self._file.fault(path, value, _(_FINDINGS[finding.kind]).format(**detail), warns=not finding.refuses)

    def _with_presets(self, path: str, given: dict[str, Any]) -> dict[str, Any] | None:
        """A bus with what the presets of its devices add; None where there is no preset of that name."""
        devices = given.get("device")
        if not isinstance(devices, list) or any(not isinstance(device, dict) for device in devices):
            return given
        bus, filled, said = dict(given), [], dict[str, str]()  # setting of the bus -> preset that suggested it
        for device_path, device in numbered(f"{path}.device", devices):
            name = device.get("preset")
            if not isinstance(name, str):
                filled.append(device)
                continue
            if name not in presets.device_names():
                self._file.fault(f"{device_path}.preset", name, self._file.nearest(name, presets.device_names()))
                return None
            preset = presets.device(name)
            self.presets.append((str(device.get("key", name)), preset))
            filled.append(presets.filled(device, preset))
            if given.get("driver", preset.driver) != preset.driver:
                words = _(
                    "belongs to the driver {driver}, but the bus has driver = {other}: leave driver out of the bus"
                )
                other = as_toml(given["driver"])
                self._file.fault(f"{device_path}.preset", name, words.format(driver=preset.driver, other=other))
                return None
            for key, value in {"driver": preset.driver, **preset.bus}.items():
                if key in given:
                    continue
                if bus.setdefault(key, value) != value:
                    words = _(
                        "does not agree with preset {other}: that says {key} = {value}, this one {mine}. Give each"
                        " device a [[bus]] of its own, or write into the bus which {key} holds for both"
                    )
                    shown = {"other": said[key], "key": key, "value": as_toml(bus[key]), "mine": as_toml(value)}
                    self._file.fault(f"{device_path}.preset", name, words.format(**shown))
                    return None
                said.setdefault(key, name)
        bus["device"] = filled
        return bus

    def _signal(self, path: str, signal: dict[str, Any]) -> None:
        role = signal["role"]
        if signal["machine"] is not None:
            self._file.known(f"{path}.machine", signal["machine"], self._machines)
        elif role in _COUNTERS:
            self._file.fault(
                f"{path}.machine",
                NOTHING,
                f"{_('a counter needs a machine')}: {self._file.nearest('', self._machines)}",
            )
        elif role in (Role.STATE, Role.JUDGE):
            self._file.fault(f"{path}.machine", NOTHING, f"{_('is missing')}: {self._file.nearest('', self._machines)}")
        signal["codes"] = self._expanded(path, signal["codes"], role)
        self._meaning(path, signal)
        if role == Role.PRODUCT:
            for code, product in signal["codes"].items():
                self._file.known(f"{path}.codes.{code}", product, self._products)
        if role in (Role.STATE, Role.JUDGE) and signal["run_above"] is None:
            allowed = [s.value for s in State] if role == Role.STATE else list(JUDGEMENTS)
            if not signal["codes"]:
                example = {"0": "idle", "1": "run"} if role == Role.STATE else {"OK": "good", "NG": "reject"}
                words = _("a {role} signal needs the device's codes").format(role=role)
                self._file.fault(f"{path}.codes", NOTHING, words, example)
            for code, word in signal["codes"].items():
                self._file.known(f"{path}.codes.{code}", word, allowed)
        low, high = signal["limit_low"], signal["limit_high"]
        if low is not None and high is not None and low > high:
            self._file.fault(f"{path}.limit_low", low, _("must not be more than limit_high = {high}").format(high=high))
        for what, pattern in signal["classes"].items():
            if what not in _CLASSES:
                self._file.fault(f"{path}.classes.{what}", pattern, self._file.nearest(what, list(_CLASSES)))
            else:
                self._pattern(f"{path}.classes.{what}", pattern)

    def _number(self, path: str, settings: dict[str, Any]) -> None:
        """What is measured is a number, also where a driver takes texts: one would be stored as nothing."""
        if settings.setdefault("number", True) is False:
            words = _("would keep no value of what is measured: leave it out, or give the signal another role")
            self._file.fault(f"{path}.number", False, words)

    def _meaning(self, path: str, signal: Mapping[str, Any]) -> None:
        """Keys that go with some roles only, and those that need each other."""
        role, counter = signal["role"], signal["counter"]
        contact = role == Role.STATE or counter in (Counter.PULSE, Counter.CYCLE)
        goes_with = {
            "counter": (role in _COUNTERS, "good, reject, total"),
            "inverted": (contact and signal["run_above"] is None, "state, counter = pulse"),
            "run_above": (role == Role.STATE, "state"),
            "stop_below": (role == Role.STATE, "state"),
            "settle_ms": (role == Role.STATE, "state"),
            "texts": (role == Role.ALARM, "alarm"),
            "reasons": (role == Role.ALARM, "alarm"),
            "separator": (role == Role.SCAN, "scan"),
        }
        for key, (fits, what) in goes_with.items():
            if signal[key] != MEANING[key] and not fits:
                self._file.fault(
                    f"{path}.{key}", signal[key], _("goes only with {what}: leave it out").format(what=what)
                )
        if signal["modulus"] is not None and counter in (Counter.PULSE, Counter.EACH):
            words = _("goes only with {what}: leave it out").format(what="counter = cumulative, resettable, cycle")
            self._file.fault(f"{path}.modulus", signal["modulus"], words)
        above, below = signal["run_above"], signal["stop_below"]
        if role == Role.STATE and (above is None) != (below is None):
            key = "run_above" if above is None else "stop_below"
            self._file.fault(f"{path}.{key}", NOTHING, _("is missing"), signal["stop_below"] or signal["run_above"])
        elif above is not None and below is not None:
            if below > above:
                words = _("must not be more than run_above = {above}").format(above=above)
                self._file.fault(f"{path}.stop_below", below, words)
            if signal["codes"]:
                words = _("does not go with run_above: the number tells the state. Leave one of them out")
                self._file.fault(f"{path}.codes", signal["codes"], words)
        separator = signal["separator"]
        if separator.isalnum() or separator != separator.strip() or CONTROL.search(separator):
            self._file.fault(f"{path}.separator", separator, _("needs a sign that is in no code"), "~")
        for code, text in signal["texts"].items():
            if not isinstance(text, str) or not text or CONTROL.search(text):
                self._file.fault(f"{path}.texts.{code}", text, must(Field("", (str,))), "Door open")
        for code, reason in signal["reasons"].items():
            self._file.known(f"{path}.reasons.{code}", reason, self._reasons)

    def _expanded(self, path: str, codes: str | dict[str, Any], role: str) -> dict[str, Any]:
        """The codes of a preset, and over them those that the file writes itself."""
        if role != Role.STATE:
            if isinstance(codes, str):
                self._file.fault(f"{path}.codes", codes, must(Field("", (dict,))), {"OK": "good"})
            return {"": ""} if isinstance(codes, str) else codes
        given = {"preset": codes} if isinstance(codes, str) else codes
        name = given.get("preset")
        if name is None:
            return given
        own = {code: word for code, word in given.items() if code != "preset"}
        if name not in presets.names():
            at = f"{path}.codes" if isinstance(codes, str) else f"{path}.codes.preset"
            self._file.fault(at, name, self._file.nearest(str(name), presets.names()))
            return own or {"": State.UNKNOWN.value}  # that there are none is not the fault
        return {**presets.codes(name), **own}

    def _pattern(self, path: str, pattern: object) -> None:
        example = r"^SN\d+$"
        if not isinstance(pattern, str):
            self._file.fault(path, pattern, must(Field("", (str,))), example)
            return
        try:
            harmless(pattern, longest=LONGEST_CODE, anywhere=True, most_ms=50)  # as barcode.classify looks for it
        except UnfitError as why:
            self._file.fault(path, pattern, in_words(why), example)


def _bus_spec(bus: Mapping[str, Any]) -> BusSpec:
    """What the driver of a checked bus will be given."""
    return BusSpec(
        bus["key"],
        bus["port"],
        bus["settings"],
        tuple(
            DeviceSpec(
                device["key"],
                device["settings"],
                tuple(SignalSpec(signal["key"], signal["settings"]) for signal in device["signal"]),
            )
            for device in bus["device"]
        ),
    )
