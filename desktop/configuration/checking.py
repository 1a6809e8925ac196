"""Every fault of a configuration at once: where, what stands there, what is allowed, and what may be meant."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from msgspec.structs import replace

from desktop.configuration import presets
from desktop.configuration.positions import Lines
from desktop.configuration.tables import (
    BUS,
    CAPACITY,
    CAPACITY_SHIFT,
    CHECK,
    CONSTRAINT,
    DEVICE,
    EXCEPTION,
    FORMAT,
    MACHINE,
    MEANING,
    OPEN_CAVITIES,
    ORDER,
    PERSON,
    PLANNED_STOP,
    PLANT,
    PRODUCT,
    REASON,
    REPORT,
    ROTATION,
    ROUTE,
    RULES,
    SCRAP_REASON,
    SHIFT,
    SIGNAL,
    STANDARD,
    STATION,
    TOP,
    Configuration,
    ConfigurationError,
    Field,
    moment_ms,
)
from desktop.domain import scheduling
from desktop.domain.automatic import FORMATS
from desktop.domain.barcode import LONGEST_CODE
from desktop.domain.calendar import ALWAYS, Calendar, Kind, ShiftPattern
from desktop.domain.events import Counter, Role, State
from desktop.domain.people import LONGEST_NAME, badge_key, unfit_badge
from desktop.text import N_, _
from drivers import catalog
from drivers.base import BusSpec, DeviceSpec, Finding, Setting, SignalSpec, UnfitError, Value
from drivers.patterns import harmless

_COUNTERS = (Role.GOOD, Role.REJECT, Role.TOTAL)
_LARGEST = 10**15  # beyond it a float no longer counts singly, and no shop has such a number
_CLASSES = ("unit", "lot", "box")
_JUDGEMENTS = ("good", "reject", "retest")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
#: the times that a kind of exception needs, and those that it may have
_TIMES = {
    Kind.HOLIDAY: ((), ()),
    Kind.CANCELLED: ((), ()),
    Kind.EXTRA: ((), ("start", "end")),
    Kind.MOVED: (("start", "end"), ("start", "end")),
    Kind.OVERTIME: (("end",), ("end",)),
    Kind.HALF: ((), ("start", "end")),
}
_NOTHING = object()  # a key that is not there
#: what a driver's setting without a default looks like
_EXAMPLES = {"address": "40001", "node": "ns=2;s=Counter"}
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


class Checker:
    """Walks the tables and collects every fault instead of stopping at the first."""

    def __init__(self, name: str, lines: Lines) -> None:
        self.name = name
        self._lines = lines
        self.faults: list[str] = []
        self.warnings: list[str] = []
        self.presets: list[tuple[str, presets.DevicePreset]] = []

    def check(self, data: Mapping[str, Any]) -> Configuration:
        """The checked configuration. Raises ConfigurationError."""
        data = self._right_tables("", data, [key for key in TOP if key != "format"])
        self._unknown("", data, TOP)
        if data.get("format") != FORMAT:
            self._fault("format", data.get("format", _NOTHING), _("must be {format}").format(format=FORMAT), FORMAT)
        plant = self._table("plant", data.get("plant", {}), PLANT)
        machines = self._tables("machine", data, MACHINE, "code")
        products = self._tables("product", data, PRODUCT, "code")
        standards = self._tables("standard", data, STANDARD)
        shifts = self._tables("shift", data, SHIFT)
        reasons = self._tables("reason", data, REASON, "code")
        for path, reason in numbered("reason", reasons):
            if reason["subgroup"] and not reason["group"]:
                words = _("needs a group above it: set group, too")
                self._fault(f"{path}.subgroup", reason["subgroup"], words, "Breakdown")
        rejects = self._tables("scrap_reason", data, SCRAP_REASON, "code") if "scrap_reason" in data else None
        checks = self._tables("check", data, CHECK, "code") if "check" in data else None
        self._reasons = [r["code"] for r in reasons if r["code"]]
        codes = [m["code"] for m in machines if m["code"]]
        zone = self._timezone(plant["timezone"])
        self._time("plant.day_start", plant["day_start"])
        items = [p["code"] for p in products if p["code"]]
        self._standards(standards, codes, items)
        self._checks(checks or [], codes, items)
        cavities = self._optional("open_cavities", data, OPEN_CAVITIES)
        self._cavities(cavities or [], codes, items)
        constraints = self._constraints(plant, self._optional("constraint", data, CONSTRAINT), codes)
        versions: dict[object, str] = {}
        for path, shift in numbered("shift", shifts):
            self._shift(path, shift)
            if shift["name"]:
                version = (shift["name"], shift["valid_from"])
                self._once(path, "valid_from", version, versions, shown=shift["valid_from"] or _NOTHING)
        if not self.faults:
            self._overlaps(shifts)
        names = list(dict.fromkeys(s["name"] for s in shifts if s["name"]))
        rotations = self._optional("rotation", data, ROTATION)
        self._rotations(rotations or [], names)
        exceptions = self._optional("exception", data, EXCEPTION)
        self._exceptions(exceptions or [], names)
        planned = self._optional("planned_stop", data, PLANNED_STOP)
        self._planned(planned or [], zone, codes, self._reasons)
        ordered = self._optional("order", data, ORDER)
        self._orders(ordered or [], codes, items, names)
        capacity = self._optional("capacity", data, CAPACITY)
        self._capacity(capacity or [])
        stations = self._tables("station", data, STATION, "code") if "station" in data else None
        routes = self._tables("route", data, ROUTE, "product") if "route" in data else None
        self._routing(stations or [], routes or [], codes, items)
        people = self._tables("person", data, PERSON, "name") if "person" in data else None
        self._people(people or [], {"machine": machines, "product": products, "reason": reasons})
        rules = self._table("rules", data["rules"], RULES) if "rules" in data else None
        report = self._table("report", data["report"], REPORT) if "report" in data else None
        self._report(report)
        device_keys: dict[object, str] = {}
        keys: dict[object, str] = {}
        ports: dict[object, str] = {}
        buses = []
        for path, written in self._list("bus", data.get("bus", [])):
            given = self._right_bus(path, written)
            bus = self._bus(path, given, codes, items, device_keys)
            self._once(path, "key", bus["key"], keys)
            self._once(path, "port", bus["port"], ports)
            buses.append(bus)
        if self.faults:
            raise ConfigurationError(self.faults)
        return Configuration(
            plant,
            machines,
            products,
            standards,
            shifts,
            reasons,
            buses,
            rules,
            constraints,
            cavities,
            rotations,
            capacity,
            exceptions,
            planned,
            ordered,
            people,
            report,
            rejects,
            stations,
            routes,
            tuple(self.presets),
            tuple(self.warnings),
            {path: self._where(path) for path in ("constraint", "capacity", *(f"shift[{name}]" for name in names))},
            checks,
        )

    def _standards(self, standards: list[dict[str, Any]], machines: list[str], products: list[str]) -> None:
        cycles: dict[object, str] = {}
        for path, standard in numbered("standard", standards):
            named = (standard["product"], standard["machine"], standard["valid_from"])
            if all(named[:2]):
                self._once(path, "valid_from", named, cycles, shown=standard["valid_from"] or _NOTHING)
            self._known(f"{path}.machine", standard["machine"], machines)
            self._known(f"{path}.product", standard["product"], products)
            if standard["standard_cycle_s"] is None:
                standard["standard_cycle_s"] = standard["ideal_cycle_s"]

    def _constraints(
        self, plant: Mapping[str, Any], declared: list[dict[str, Any]] | None, machines: list[str]
    ) -> list[dict[str, Any]] | None:
        """Every declaration; plant.constraint is one without a date. No machine: from then on none is."""
        seen: dict[object, str] = {}
        named = plant["constraint"]
        if named is not None:
            self._known("plant.constraint", named, ["", *machines])
            seen[None,] = "plant.constraint"
        for path, constraint in numbered("constraint", declared or []):
            self._known(f"{path}.machine", constraint["machine"], ["", *machines])
            since = constraint["valid_from"]
            self._once(path, "valid_from", (since,), seen, shown=since or _NOTHING)
        if named is None:
            return declared
        return [{"machine": named, "parallel": 1, "valid_from": None}, *(declared or [])]

    def _report(self, report: Mapping[str, Any] | None) -> None:
        for name in report["formats"] if report is not None else ():
            if name not in FORMATS:
                self._fault("report.formats", name, self._nearest(str(name), FORMATS))

    def _cavities(self, cavities: list[dict[str, Any]], machines: list[str], products: list[str]) -> None:
        seen: dict[object, str] = {}
        for path, opened in numbered("open_cavities", cavities):
            self._known(f"{path}.machine", opened["machine"], machines)
            self._known(f"{path}.product", opened["product"], products)
            key = (opened["product"], opened["machine"], opened["valid_from"])
            if all(key):
                self._once(path, "valid_from", key, seen, shown=opened["valid_from"])

    def _rotations(self, rotations: list[dict[str, Any]], shifts: list[str]) -> None:
        for path, rotation in numbered("rotation", rotations):
            for key, example in (("shifts", ["Day", "Night"]), ("crews", ["A", "B"])):
                for word in rotation[key] or [_NOTHING]:
                    if not isinstance(word, str) or not word:
                        self._fault(f"{path}.{key}", word, _("must be a list of names"), example)
                    elif key == "shifts":
                        self._known(f"{path}.shifts", word, shifts)

    def _exceptions(self, exceptions: list[dict[str, Any]], shifts: list[str]) -> None:
        seen: dict[object, str] = {}
        for path, exception in numbered("exception", exceptions):
            kind = exception["kind"]
            if exception["shift"]:
                self._known(f"{path}.shift", exception["shift"], shifts)
            elif kind == Kind.EXTRA:
                self._fault(f"{path}.shift", _NOTHING, f"{_('is missing')}: {self._nearest('', shifts)}")
            for key in ("start", "end"):
                self._time(f"{path}.{key}", exception[key])
                needed, allowed = _TIMES.get(kind, ((), ("start", "end")))
                if key in needed and exception[key] is None:
                    self._fault(f"{path}.{key}", _NOTHING, _("is missing"), "17:00")
                elif exception[key] is not None and key not in allowed:
                    words = _('does not go with kind = "{kind}": leave it out')
                    self._fault(f"{path}.{key}", exception[key], words.format(kind=kind))
            times = [exception["start"], exception["end"]]
            if (kind == Kind.HALF and times == [None, None]) or (kind == Kind.EXTRA and times.count(None) == 1):
                at = "end" if exception["end"] is None else "start"
                self._fault(f"{path}.{at}", _NOTHING, _("is missing"), "12:00")
            if exception["on"] and kind:
                said = (exception["on"], kind, exception["shift"], exception["entered_at"])
                self._once(path, "entered_at", said, seen, shown=exception["entered_at"] or _NOTHING)

    def _planned(self, planned: list[dict[str, Any]], zone: ZoneInfo, machines: list[str], reasons: list[str]) -> None:
        seen: dict[object, str] = {}
        for path, stop in numbered("planned_stop", planned):
            self._known(f"{path}.machine", stop["machine"], machines)
            self._known(f"{path}.reason", stop["reason"], reasons)
            first, last = stop["from"], stop["to"]
            if first and last:
                span = (moment_ms(first, zone), moment_ms(last, zone))
                self._once(path, "from", (*span, stop["machine"]), seen, shown=first)
                if span[1] <= span[0]:
                    self._fault(f"{path}.to", last, _("must be later than from = {start}").format(start=first))

    def _orders(
        self, orders: list[dict[str, Any]], machines: list[str], products: list[str], shifts: list[str]
    ) -> None:
        seen: dict[object, str] = {}
        for path, order in numbered("order", orders):
            self._once(path, "code", order["code"], seen)
            self._known(f"{path}.product", order["product"], products)
            self._known(f"{path}.machine", order["machine"], machines)
            self._known(f"{path}.shift", order["shift"] or None, shifts)
            due, on = order["due"], order["on"]
            if due and on and due.date() < on:
                self._fault(f"{path}.due", due, _("must not be earlier than on = {day}").format(day=on))

    def _checks(self, checks: list[dict[str, Any]], machines: list[str], products: list[str]) -> None:
        for path, check in numbered("check", checks):
            self._known(f"{path}.machine", check["machine"], machines)
            self._known(f"{path}.product", check["product"], products)
            low, high = check["low"], check["high"]
            if low is not None and high is not None and low > high:
                self._fault(f"{path}.low", low, _("must not be above high = {value}").format(value=high))

    def _routing(
        self,
        stations: list[dict[str, Any]],
        routes: list[dict[str, Any]],
        machines: list[str],
        products: list[str],
    ) -> None:
        for path, station in numbered("station", stations):
            self._known(f"{path}.machine", station["machine"], machines)
        codes = [each["code"] for each in stations if each["code"]]
        for path, route in numbered("route", routes):
            self._known(f"{path}.product", route["product"], products)
            for each in route["stations"]:
                self._known(f"{path}.stations", each, codes)

    def _people(self, people: list[dict[str, Any]], coded: Mapping[str, list[dict[str, Any]]]) -> None:
        """Names and badges. A badge is the code of nothing else: a scan of it would mean two things."""
        codes = {badge_key(each["code"]): f"{kind}[{each['code']}]" for kind, tables in coded.items()
                 for each in tables if each["code"]}  # fmt: skip
        badges: dict[object, str] = {}
        for path, person in numbered("person", people):
            for key in ("name", "crew"):
                words = person[key]
                if words is not None and (len(words) > LONGEST_NAME or words != words.strip() or "\t" in words):
                    problem = _("must be at most {count} characters, without blanks around them or tabs")
                    self._fault(f"{path}.{key}", words, problem.format(count=LONGEST_NAME))
            badge = person["badge"]
            if not badge:
                continue
            if unfit_badge(badge):
                problem = _("must be at most 40 letters A-Z, digits, hyphens or dots, a letter or digit first and last")
                self._fault(f"{path}.badge", badge, problem, "GD-0007")
            elif badge_key(badge) in codes:
                problem = _("is the code of {place} already: a scan would mean both")
                self._fault(f"{path}.badge", badge, problem.format(place=codes[badge_key(badge)]))
            self._once(path, "badge", badge_key(badge), badges, shown=badge)

    def _capacity(self, capacity: list[dict[str, Any]]) -> None:
        seen: dict[object, str] = {}
        for path, version in numbered("capacity", capacity):
            self._once(path, "valid_from", (version["valid_from"],), seen, shown=version["valid_from"] or _NOTHING)
            shifts: list[dict[str, Any]] = []
            names: dict[object, str] = {}
            for shift_path, given in self._list(f"{path}.shift", version["shift"]):
                shift = self._table(shift_path, given, CAPACITY_SHIFT)
                self._once(shift_path, "name", shift["name"], names)
                self._shift(shift_path, shift)
                shifts.append(shift)
            version["shift"] = shifts
            for on in version["holidays"]:
                if not isinstance(on, date) or isinstance(on, datetime):
                    self._fault(f"{path}.holidays", on, _must(Field("", (date,))), [date(2026, 1, 1)])

    def _bus(
        self, path: str, given: dict[str, Any], machines: list[str], products: list[str], device_keys: dict[object, str]
    ) -> dict[str, Any]:
        known = self._with_presets(path, given)
        if known is None:  # nothing can be said of settings that an unknown preset was to complete
            return self._table(path, {key: given[key] for key in ("key", "port") if key in given}, BUS[:2])
        given = known
        driver = given.get("driver")
        specs = catalog.settings(driver) if isinstance(driver, str) and driver in catalog.DRIVERS else None
        bus = self._table(path, given, BUS, specs.bus if specs else None)
        if not bus["device"]:
            self._fault(f"{path}.device", _NOTHING, _("is missing: write [[bus.device]] below the bus"))
        if specs and len(bus["device"]) > 1 and not catalog.DRIVERS[str(driver)].shared:
            words = _("are too many devices: {driver} takes 1 on a bus, so give each a [[bus]] of its own")
            self._fault(f"{path}.device", len(bus["device"]), words.format(driver=driver))
        devices = []
        said = len(self.faults)
        for device_path, device_given in self._list(f"{path}.device", bus["device"]):
            device = self._table(device_path, device_given, DEVICE, specs.device if specs else None)
            self._once(device_path, "key", device["key"], device_keys)
            device["name"] = device["name"] or device["key"]
            signals: list[dict[str, Any]] = []
            seen: dict[object, str] = {}
            for signal_path, signal_given in self._list(f"{device_path}.signal", device["signal"]):
                signal = self._table(signal_path, signal_given, SIGNAL, specs.signal if specs else None)
                self._once(signal_path, "key", signal["key"], seen)
                signal["name"] = signal["name"] or signal["key"]
                self._signal(signal_path, signal, machines, products)
                signals.append(signal)
            device["signal"] = signals
            devices.append(device)
        bus["device"] = devices
        if specs and said == len(self.faults) and all((bus["key"], bus["port"], devices)):
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
        value: object = _NOTHING
        if finding.setting:
            path += f".{finding.setting}"
            value = table["settings"].get(finding.setting, table.get(finding.setting, _NOTHING))
        detail = {key: _said(each) for key, each in finding.detail.items()}
        self._fault(path, value, _(_FINDINGS[finding.kind]).format(**detail), warns=not finding.refuses)

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
                self._fault(f"{device_path}.preset", name, self._nearest(name, presets.device_names()))
                return None
            preset = presets.device(name)
            self.presets.append((str(device.get("key", name)), preset))
            filled.append(presets.filled(device, preset))
            if given.get("driver", preset.driver) != preset.driver:
                words = _(
                    "belongs to the driver {driver}, but the bus has driver = {other}: leave driver out of the bus"
                )
                other = _shown(given["driver"])
                self._fault(f"{device_path}.preset", name, words.format(driver=preset.driver, other=other))
                return None
            for key, value in {"driver": preset.driver, **preset.bus}.items():
                if key in given:
                    continue
                if bus.setdefault(key, value) != value:
                    words = _(
                        "does not agree with preset {other}: that says {key} = {value}, this one {mine}. Give each"
                        " device a [[bus]] of its own, or write into the bus which {key} holds for both"
                    )
                    shown = {"other": said[key], "key": key, "value": _shown(bus[key]), "mine": _shown(value)}
                    self._fault(f"{device_path}.preset", name, words.format(**shown))
                    return None
                said.setdefault(key, name)
        bus["device"] = filled
        return bus

    def _signal(self, path: str, signal: dict[str, Any], machines: list[str], products: list[str]) -> None:
        role = signal["role"]
        if signal["machine"] is not None:
            self._known(f"{path}.machine", signal["machine"], machines)
        elif role in _COUNTERS:
            self._fault(f"{path}.machine", _NOTHING, f"{_('a counter needs a machine')}: {self._nearest('', machines)}")
        elif role in (Role.STATE, Role.JUDGE):
            self._fault(f"{path}.machine", _NOTHING, f"{_('is missing')}: {self._nearest('', machines)}")
        signal["codes"] = self._expanded(path, signal["codes"], role)
        self._meaning(path, signal)
        if role == Role.PRODUCT:
            for code, product in signal["codes"].items():
                self._known(f"{path}.codes.{code}", product, products)
        if role in (Role.STATE, Role.JUDGE) and signal["run_above"] is None:
            allowed = [s.value for s in State] if role == Role.STATE else list(_JUDGEMENTS)
            if not signal["codes"]:
                example = {"0": "idle", "1": "run"} if role == Role.STATE else {"OK": "good", "NG": "reject"}
                words = _("a {role} signal needs the device's codes").format(role=role)
                self._fault(f"{path}.codes", _NOTHING, words, example)
            for code, word in signal["codes"].items():
                self._known(f"{path}.codes.{code}", word, allowed)
        low, high = signal["limit_low"], signal["limit_high"]
        if low is not None and high is not None and low > high:
            self._fault(f"{path}.limit_low", low, _("must not be more than limit_high = {high}").format(high=high))
        for what, pattern in signal["classes"].items():
            if what not in _CLASSES:
                self._fault(f"{path}.classes.{what}", pattern, self._nearest(what, list(_CLASSES)))
            else:
                self._pattern(f"{path}.classes.{what}", pattern)

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
        }
        for key, (fits, what) in goes_with.items():
            if signal[key] != MEANING[key] and not fits:
                self._fault(f"{path}.{key}", signal[key], _("goes only with {what}: leave it out").format(what=what))
        if signal["modulus"] is not None and counter in (Counter.PULSE, Counter.EACH):
            words = _("goes only with {what}: leave it out").format(what="counter = cumulative, resettable, cycle")
            self._fault(f"{path}.modulus", signal["modulus"], words)
        above, below = signal["run_above"], signal["stop_below"]
        if role == Role.STATE and (above is None) != (below is None):
            key = "run_above" if above is None else "stop_below"
            self._fault(f"{path}.{key}", _NOTHING, _("is missing"), signal["stop_below"] or signal["run_above"])
        elif above is not None and below is not None:
            if below > above:
                words = _("must not be more than run_above = {above}").format(above=above)
                self._fault(f"{path}.stop_below", below, words)
            if signal["codes"]:
                words = _("does not go with run_above: the number tells the state. Leave one of them out")
                self._fault(f"{path}.codes", signal["codes"], words)
        for code, text in signal["texts"].items():
            if not isinstance(text, str) or not text or _CONTROL.search(text):
                self._fault(f"{path}.texts.{code}", text, _must(Field("", (str,))), "Door open")
        for code, reason in signal["reasons"].items():
            self._known(f"{path}.reasons.{code}", reason, self._reasons)

    def _expanded(self, path: str, codes: str | dict[str, Any], role: str) -> dict[str, Any]:
        """The codes of a preset, and over them those that the file writes itself."""
        if role != Role.STATE:
            if isinstance(codes, str):
                self._fault(f"{path}.codes", codes, _must(Field("", (dict,))), {"OK": "good"})
            return {"": ""} if isinstance(codes, str) else codes
        given = {"preset": codes} if isinstance(codes, str) else codes
        name = given.get("preset")
        if name is None:
            return given
        own = {code: word for code, word in given.items() if code != "preset"}
        if name not in presets.names():
            at = f"{path}.codes" if isinstance(codes, str) else f"{path}.codes.preset"
            self._fault(at, name, self._nearest(str(name), presets.names()))
            return own or {"": State.UNKNOWN.value}  # that there are none is not the fault
        return {**presets.codes(name), **own}

    def _pattern(self, path: str, pattern: object) -> None:
        example = r"^SN\d+$"
        if not isinstance(pattern, str):
            self._fault(path, pattern, _must(Field("", (str,))), example)
            return
        try:
            harmless(pattern, longest=LONGEST_CODE, anywhere=True, most_ms=50)  # as barcode.classify looks for it
        except UnfitError as why:
            self._fault(path, pattern, _said(why), example)

    def _shift(self, path: str, shift: dict[str, Any]) -> None:
        start, end = self._time(f"{path}.start", shift["start"]), self._time(f"{path}.end", shift["end"])
        # A version without days ends a shift on its date.
        for day in shift["weekdays"] or ([] if shift.get("valid_from") else [_NOTHING]):
            if not isinstance(day, int) or isinstance(day, bool) or not 1 <= day <= 7:
                words = _("must be a list of days from 1 (Monday) to 7 (Sunday)")
                self._fault(f"{path}.weekdays", day, words, [1, 2, 3, 4, 5])
        for break_path, pause in self._list(f"{path}.breaks", shift["breaks"]):
            self._unknown(break_path, pause, ("name", "start", "end"))
            first = self._time(f"{break_path}.start", pause.get("start", _NOTHING))
            last = self._time(f"{break_path}.end", pause.get("end", _NOTHING))
            if start and end and first and last and not _inside(start, end, first, last):
                words = _("must lie within the shift, {start}-{end}").format(start=f"{start:%H:%M}", end=f"{end:%H:%M}")
                self._fault(break_path, f"{first:%H:%M}-{last:%H:%M}", words)
            if not isinstance(pause.setdefault("name", ""), str):
                self._fault(f"{break_path}.name", pause["name"], _must(Field("", (str,))))

    def _overlaps(self, shifts: list[dict[str, Any]]) -> None:
        """Say which shifts lie over each other: that may be meant, for handing over, and then the later one counts."""
        numbers = {name: n for n, name in enumerate(dict.fromkeys(s["name"] for s in shifts), 1)}
        patterns = tuple(
            ShiftPattern(
                numbers[s["name"]],
                s["name"],
                time.fromisoformat(s["start"]),
                time.fromisoformat(s["end"]),
                frozenset(s["weekdays"]),
                valid_from=s["valid_from"] or ALWAYS,
            )
            for s in shifts
        )
        shop = Calendar(ZoneInfo("UTC"), patterns)
        said: set[frozenset[str]] = set()
        for since in sorted({p.valid_from for p in patterns}):
            for _on, name, _other_on, other in scheduling.clashes(shop, since, since + timedelta(days=8)):
                if frozenset((name, other)) not in said:
                    said.add(frozenset((name, other)))
                    words = _("overlaps {name}: from its start on the machines belong to the later one alone")
                    self._fault(f"shift[{other}]", _NOTHING, words.format(name=name), warns=True)

    # -- the small checks --

    def _table(
        self, path: str, given: object, fields: Sequence[Field], settings: Sequence[Setting] | None = None
    ) -> dict[str, Any]:
        """The values of one table by field, defaults filled in; driver settings under "settings"."""
        values: dict[str, Any] = {field.key: field.default for field in fields}
        if not isinstance(given, dict):
            self._fault(path, given, _("must be a table: write [{path}] above its keys").format(path=path))
            return values
        values |= self._values(path, given, fields)
        known = [field.key for field in fields]
        rest = {key: value for key, value in given.items() if key not in known}
        if settings is None:
            if fields in (BUS, DEVICE, SIGNAL):
                return values  # the driver is unknown, which is said already
            self._unknown(path, rest, known)
            return values
        values["settings"] = self._settings(path, rest, known, settings)
        return values

    def _values(self, path: str, given: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
        """The values that are there and fit."""
        found = {}
        for field in fields:
            if field.key in given:
                if self._fits(f"{path}.{field.key}", given[field.key], field):
                    found[field.key] = given[field.key]
            elif field.required:
                self._fault(f"{path}.{field.key}", _NOTHING, f"{_('is missing')}: {self._needed(field)}", field.example)
        return found

    def _settings(
        self, path: str, given: Mapping[str, Any], known: list[str], specs: Sequence[Setting]
    ) -> dict[str, Value]:
        self._unknown(path, given, [*known, *(spec.key for spec in specs)])
        return self._values(path, given, map(_field_of, specs))

    def _fits(self, path: str, value: object, field: Field) -> bool:
        right = isinstance(value, field.kind) and (isinstance(value, bool) is (bool in field.kind))
        if isinstance(value, datetime):  # a date with a time is no date
            right = datetime in field.kind and 1971 <= value.year <= 2100
        elif isinstance(value, date):
            right = right and 1971 <= value.year <= 2100
        elif isinstance(value, str):
            right = right and not _CONTROL.search(value)
        elif right and isinstance(value, (int, float)):
            if not -_LARGEST <= value <= _LARGEST:  # nan and inf, too
                field = replace(field, low=-_LARGEST if field.low is None else field.low, high=field.high or _LARGEST)
            right = (field.low is None or field.low <= value) and (field.high is None or value <= field.high)
        if field.choices and value not in field.choices:
            self._fault(path, value, self._nearest(_shown(value).strip('"'), [str(name) for name in field.choices]))
            return False
        if not right:
            self._fault(path, value, _must(field), field.example)
            return False
        if field.required and value == "":
            self._fault(path, value, _("must not be empty"), field.example)
            return False
        return True

    def _tables(
        self, kind: str, data: Mapping[str, Any], fields: Sequence[Field], key: str = ""
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        seen: dict[object, str] = {}
        for path, given in self._list(kind, data.get(kind, [])):
            table = self._table(path, given, fields)
            if key:
                self._once(path, key, table[key], seen)
            found.append(table)
        return found

    def _optional(self, kind: str, data: Mapping[str, Any], fields: Sequence[Field]) -> list[dict[str, Any]] | None:
        """The tables of a kind, None where the file does not speak of it."""
        return self._tables(kind, data, fields) if kind in data else None

    def _list(self, path: str, given: object) -> list[tuple[str, dict[str, Any]]]:
        if not isinstance(given, list) or any(not isinstance(item, dict) for item in given):
            header = re.sub(r"\[.*?\](?=\.|$)", "", path)
            self._fault(path, given, _("must be a list of tables: write [[{path}]] above each").format(path=header))
            return []
        return numbered(path, given)

    def _once(self, path: str, key: str, value: object, seen: dict[object, str], shown: object = None) -> None:
        if value in seen:
            words = _("stands already at {place}: each needs a {key} of its own")
            self._fault(f"{path}.{key}", shown or value, words.format(place=seen[value], key=key))
        elif value:
            seen[value] = path

    def _needed(self, field: Field) -> str:
        return self._nearest("", [str(name) for name in field.choices]) if field.choices else _must(field)

    def _known(self, path: str, value: object, names: list[str]) -> None:
        if value not in names and value is not None:
            self._fault(path, value, self._nearest(str(value), names))

    def _unknown(self, path: str, given: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in given:
            if key not in known:
                self._fault(
                    f"{path}.{key}" if path else key,
                    given[key],
                    _("is no key that Gadong knows: {hint}").format(hint=self._nearest(key, list(known))),
                )

    def _right_tables(self, path: str, given: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
        """The same with tables of a misspelt name under the one that is meant, so that the name alone is the fault."""
        found: dict[str, Any] = {}
        for key, value in given.items():
            tables = value if isinstance(value, list) else [value]
            meant = "" if key in known or not all(isinstance(each, dict) for each in tables) else _close(key, known)
            if not meant or not tables:
                found.setdefault(key, value)
                continue
            named = f"{path}.{key}" if path else key
            hint = _("did you mean {name}?").format(name=meant)
            self._fault(named, _NOTHING, _("is no table that Gadong knows: {hint}").format(hint=hint))
            self._lines.rename(named, f"{path}.{meant}" if path else meant)
            others = given.get(meant, found.get(meant))
            if others is None:
                found[meant] = value
            elif isinstance(others, list):
                found[meant] = [*found.get(meant, others), *tables]
        return found

    def _right_bus(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        """A bus with its devices, signals and their tables under the right names."""
        levels = {"device": "signal", "signal": ""}

        def right(at: str, table: dict[str, Any], below: str) -> dict[str, Any]:
            known = [below] if below else [field.key for field in SIGNAL if dict in field.kind]
            table = self._right_tables(at, table, known)
            inside = table.get(below)
            if below and isinstance(inside, list) and all(isinstance(each, dict) for each in inside):
                table[below] = [right(name, each, levels[below]) for name, each in numbered(f"{at}.{below}", inside)]
            return table

        return right(path, given, "device")

    def _nearest(self, word: str, names: Iterable[str]) -> str:
        names = list(dict.fromkeys(filter(None, names)))
        if close := _close(word, names):
            return _("did you mean {name}?").format(name=close)
        return _("allowed: {names}").format(names=", ".join(names) or _("nothing yet"))

    def _time(self, path: str, value: object) -> time | None:
        if value is None:
            return None  # missing or no text, which is said already
        if isinstance(value, str) and re.fullmatch(r"[0-9]{2}:[0-9]{2}", value):
            try:
                return time.fromisoformat(value)
            except ValueError:
                pass  # 25:00: said below
        self._fault(path, value, _('must be a time from "00:00" to "23:59"'), "08:00")
        return None

    def _timezone(self, zone: str) -> ZoneInfo:
        """The zone, UTC for one that is not known."""
        zones = available_timezones()
        if zone not in zones:
            close = _close(zone, sorted(zones))
            hint = _("did you mean {name}?").format(name=close)
            allowed = _('Allowed: an IANA time zone such as "Asia/Seoul", "Asia/Ho_Chi_Minh" or "UTC"')
            self._fault("plant.timezone", zone, hint if close else allowed)
            return ZoneInfo("UTC")
        return ZoneInfo(zone)

    def _fault(self, path: str, value: object, problem: str, example: object = None, warns: bool = False) -> None:
        """Note a fault, or what only `warns`; `example` is a value that the key may have."""
        shown = "" if value is _NOTHING else f" = {_shown(value)}"
        if example is not None:
            as_written = f"{path.rpartition('.')[2]} = {_shown(example)}"
            problem += " " + _("(for example {line})").format(line=as_written)
        (self.warnings if warns else self.faults).append(one_line(f"{self._where(path)}{shown}: {problem}"))

    def _where(self, path: str) -> str:
        """A path behind the file and line in which it stands."""
        line = self._lines.of(path)
        file = self.name if line is None else _("{file}, line {line}").format(file=self.name, line=line)
        return f"{file}: {path}"


def one_line(fault: str) -> str:
    """A fault as one line, also where a name holds a line end."""
    return _CONTROL.sub(" ", fault)


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


def _said(value: Value | UnfitError) -> str:
    """A value of a finding; a driver's reason in the language in use."""
    return _(value.template).format(**value.values) if isinstance(value, UnfitError) else str(value)


def _field_of(spec: Setting) -> Field:
    """A driver's setting as a key of a table."""
    kind = (int, float) if spec.kind is float else (spec.kind,)
    example = _EXAMPLES.get(spec.key) if spec.default in (None, "") else spec.default
    return Field(spec.key, kind, None, spec.required, spec.choices, spec.low, spec.high, example)


def _must(field: Field) -> str:
    """What a field must be, in a sentence."""
    if field.kind[-1] not in (int, float):
        kinds = {
            str: _("must be text in quotes, on one line"),
            bool: _("must be true or false"),
            list: _("must be a list in [ ]"),
            dict: _("must be a table in { }"),
            date: _("must be a date without a time, from 1971 to 2100"),
            datetime: _("must be a date with a time, from 1971 to 2100"),
        }
        return kinds[field.kind[-1]]
    low, high = (None if bound is None else f"{bound:.15g}" for bound in (field.low, field.high))
    whole = field.kind[-1] is int
    if low is not None and high is not None:
        words = (
            _("must be a whole number from {low} to {high}") if whole else _("must be a number from {low} to {high}")
        )
    elif low is not None:
        words = _("must be a whole number of {low} or more") if whole else _("must be a number of {low} or more")
    else:
        words = _("must be a whole number") if whole else _("must be a number")
    return words.format(low=low, high=high)


def _close(word: str, names: Sequence[str]) -> str:
    """The name most like a word, big or small letters alike; "" where none is."""
    folded = {name.casefold(): name for name in reversed(names)}
    close = difflib.get_close_matches(word.casefold(), folded, 1, 0.6)
    return folded[close[0]] if close else ""


def _shown(value: object) -> str:
    """A value as a TOML file has it, shortened."""
    try:
        if isinstance(value, dict):
            return "{ " + ", ".join(f'"{key}" = {_shown(each)}' for key, each in value.items()) + " }"
        words = json.dumps(value, ensure_ascii=False) if isinstance(value, (str, bool, list)) else str(value)
    except (TypeError, ValueError, RecursionError):  # a list with dates, thousands of digits or of brackets
        return "..."
    return words if len(words) <= 60 else words[:57] + "..."


def numbered(path: str, tables: Sequence[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Each table with its path: the name that a person gave it where there is one, else its place."""
    found: dict[str, dict[str, Any]] = {}
    for place, table in enumerate(tables, 1):
        name = next(
            (table[key] for key in ("key", "code", "name") if isinstance(table.get(key), str) and table[key]), place
        )
        named = f"{path}[{name}]"
        found[f"{path}[{name} #{place}]" if named in found else named] = table
    return list(found.items())


def _inside(start: time, end: time, first: time, last: time) -> bool:
    """Whether first-last lies in start-end, both possibly over midnight."""

    def minutes(at: time) -> int:
        passed = at.hour * 60 + at.minute - start.hour * 60 - start.minute
        return passed % 1440

    length = minutes(end) or 1440
    return minutes(first) < (minutes(last) or 1440) <= length
