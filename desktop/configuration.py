"""The register as a TOML file: for support and for copying a line to another PC.

The configuration lives in the register tables only. An import checks everything first and names every
error at once, with its path, value, what is allowed and the nearest known name; nothing is applied by half.
"""

from __future__ import annotations

import codecs
import difflib
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import tomli_w

from desktop.domain.calendar import utc_ms
from desktop.domain.events import Role, State
from desktop.store import register
from desktop.store.database import KnownError, Store
from desktop.text import _, os_reason
from drivers import catalog
from drivers.base import Setting, Value

FORMAT = 1
_COUNTERS = (Role.GOOD, Role.REJECT, Role.TOTAL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LARGEST = 10**15  # beyond it a float no longer counts singly, and no shop has such a number
_CLASSES = ("unit", "lot", "box")
_JUDGEMENTS = ("good", "reject", "retest")


class ConfigurationError(KnownError):
    """Every fault of a configuration, one sentence each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class _Field:
    """One key of a table and what it may hold."""

    key: str
    kind: tuple[type, ...]
    default: object = None
    required: bool = False
    choices: tuple[object, ...] = ()
    low: float | None = None
    high: float | None = None


_TEXT, _INT, _NUMBER, _BOOL, _LIST, _TABLE = (str,), (int,), (int, float), (bool,), (list,), (dict,)

_PLANT = (
    _Field("name", _TEXT, required=True),
    _Field("line", _TEXT, required=True),
    _Field("timezone", _TEXT, register.DEFAULT_ZONE),
    _Field("constraint", _TEXT, ""),
)
_MACHINE = (
    _Field("code", _TEXT, required=True),
    _Field("name", _TEXT, required=True),
    _Field("threshold_s", _NUMBER, 120, low=0, high=3600),
)
_PRODUCT = (_Field("code", _TEXT, required=True), _Field("name", _TEXT, required=True))
_STANDARD = (
    _Field("product", _TEXT, required=True),
    _Field("machine", _TEXT, required=True),
    _Field("ideal_cycle_s", _NUMBER, required=True, low=0.01, high=86_400),
    _Field("standard_cycle_s", _NUMBER, low=0.01, high=86_400),
    _Field("valid_from", (date,)),
)
_SHIFT = (
    _Field("name", _TEXT, required=True),
    _Field("start", _TEXT, required=True),
    _Field("end", _TEXT, required=True),
    _Field("weekdays", _LIST, [1, 2, 3, 4, 5]),
    _Field("breaks", _LIST, []),
    _Field("crew", _TEXT, ""),
)
_REASON = (
    _Field("code", _TEXT, required=True),
    _Field("name", _TEXT, required=True),
    _Field("kind", _TEXT, "unplanned", choices=("unplanned", "planned", "external")),
    _Field("failure", _BOOL, False),
)
_BUS = (
    _Field("key", _TEXT, required=True),
    _Field("port", _TEXT, required=True),
    _Field("driver", _TEXT, required=True),
    _Field("device", _LIST, []),
)
_DEVICE = (_Field("key", _TEXT, required=True), _Field("name", _TEXT), _Field("signal", _LIST, []))
_SIGNAL = (
    _Field("key", _TEXT, required=True),
    _Field("name", _TEXT),
    _Field("machine", _TEXT),
    _Field("role", _TEXT, required=True, choices=tuple(role.value for role in Role)),
    _Field("unit", _TEXT, ""),
    _Field("factor", _NUMBER, 1.0),
    _Field("offset", _NUMBER, 0.0),
    _Field("dead_band", _NUMBER, 0.0, low=0),
    _Field("modulus", _INT, low=2),
    _Field("pieces_per_step", _INT, 1, low=1, high=1000),
    _Field("limit_low", _NUMBER),
    _Field("limit_high", _NUMBER),
    _Field("per_piece", _BOOL, False),
    _Field("codes", _TABLE, {}),
    _Field("classes", _TABLE, {}),
)
_TOP = ("format", "plant", "machine", "product", "standard", "shift", "reason", "bus")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A checked configuration: plain tables with every default filled in."""

    plant: dict[str, Any]
    machines: list[dict[str, Any]]
    products: list[dict[str, Any]]
    standards: list[dict[str, Any]]
    shifts: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    buses: list[dict[str, Any]]


def read(path: Path) -> Configuration:
    """Read and check a file. Raises KnownError (no file, not TOML) or ConfigurationError with every fault."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KnownError(_("{path} cannot be read: {reason}.").format(path=path, reason=os_reason(error))) from error
    try:
        wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # what a Notepad calls "Unicode"
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp949", "replace")  # what a Korean Notepad saves as "ANSI"
    return parse(text, str(path))


def parse(text: str, name: str = "TOML") -> Configuration:
    """Check a configuration given as text; `name` stands in messages. Raises as `read`."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, thousands of digits, thousands of brackets
        raise ConfigurationError([_("{name} is not valid TOML: {reason}.").format(name=name, reason=error)]) from error
    return _Checker(name).check(data)


class _Checker:
    """Walks the tables and collects every fault instead of stopping at the first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[str] = []

    def check(self, data: Mapping[str, Any]) -> Configuration:
        """The checked configuration. Raises ConfigurationError."""
        self._unknown("", data, _TOP)
        if data.get("format") != FORMAT:
            self._fault("format", data.get("format"), _("must be {format}").format(format=FORMAT))
        plant = self._table("plant", data.get("plant", {}), _PLANT)
        machines = self._tables("machine", data, _MACHINE, "code")
        products = self._tables("product", data, _PRODUCT, "code")
        standards = self._tables("standard", data, _STANDARD)
        shifts = self._tables("shift", data, _SHIFT, "name")
        reasons = self._tables("reason", data, _REASON, "code")
        codes = [m["code"] for m in machines if m["code"]]
        self._timezone(plant)
        if plant["constraint"] and plant["constraint"] not in codes:
            self._fault("plant.constraint", plant["constraint"], self._nearest(plant["constraint"], codes))
        cycles: dict[object, str] = {}
        for path, standard in _numbered("standard", standards):
            named = (standard["product"], standard["machine"], standard["valid_from"])
            if named in cycles:
                words = _("stands already at {place}").format(place=cycles[named])
                self._fault(f"{path}.valid_from", standard["valid_from"], words)
            elif all(named[:2]):
                cycles[named] = path
            self._known(f"{path}.machine", standard["machine"], codes)
            self._known(f"{path}.product", standard["product"], [p["code"] for p in products if p["code"]])
            if standard["standard_cycle_s"] is None:
                standard["standard_cycle_s"] = standard["ideal_cycle_s"]
        for path, shift in _numbered("shift", shifts):
            self._shift(path, shift)
        buses = self._buses(data, codes)
        if self.faults:
            raise ConfigurationError(self.faults)
        return Configuration(plant, machines, products, standards, shifts, reasons, buses)

    def _buses(self, data: Mapping[str, Any], machines: list[str]) -> list[dict[str, Any]]:
        buses: list[dict[str, Any]] = []
        keys: dict[object, str] = {}
        device_keys: dict[object, str] = {}
        ports: dict[object, str] = {}
        for path, given in self._list("bus", data.get("bus", [])):
            drivers = list(catalog.DRIVERS)
            driver = given.get("driver")
            specs = catalog.settings(driver) if isinstance(driver, str) and driver in catalog.DRIVERS else None
            bus = self._table(path, given, _BUS, specs.bus if specs else None)
            if isinstance(driver, str) and specs is None:
                self._fault(f"{path}.driver", driver, self._nearest(driver, drivers))
            self._once(path, "key", bus["key"], keys)
            self._once(path, "port", bus["port"], ports)
            devices = []
            if not bus["device"]:
                self._fault(f"{path}.device", "", _("is missing"))
            if specs and len(bus["device"]) > 1 and not catalog.DRIVERS[str(driver)].shared:
                self._fault(f"{path}.device", len(bus["device"]), _("allowed: {names}").format(names=1))
            for device_path, device_given in self._list(f"{path}.device", bus["device"]):
                device = self._table(device_path, device_given, _DEVICE, specs.device if specs else None)
                self._once(device_path, "key", device["key"], device_keys)
                device["name"] = device["name"] or device["key"]
                signals: list[dict[str, Any]] = []
                seen: dict[object, str] = {}
                for signal_path, signal_given in self._list(f"{device_path}.signal", device["signal"]):
                    signal = self._table(signal_path, signal_given, _SIGNAL, specs.signal if specs else None)
                    self._once(signal_path, "key", signal["key"], seen)
                    signal["name"] = signal["name"] or signal["key"]
                    self._signal(signal_path, signal, machines)
                    signals.append(signal)
                device["signal"] = signals
                devices.append(device)
            bus["device"] = devices
            buses.append(bus)
        return buses

    def _signal(self, path: str, signal: dict[str, Any], machines: list[str]) -> None:
        if signal["machine"] is not None:
            self._known(f"{path}.machine", signal["machine"], machines)
        role = signal["role"]
        if role in (Role.STATE, Role.JUDGE):
            allowed = [s.value for s in State] if role == Role.STATE else list(_JUDGEMENTS)
            if not signal["codes"]:
                self._fault(f"{path}.codes", "{}", _("a {role} signal needs the device's codes").format(role=role))
            for code, word in signal["codes"].items():
                if word not in allowed:
                    self._fault(f"{path}.codes.{code}", word, self._nearest(str(word), allowed))
        if role in _COUNTERS and signal["machine"] is None:
            self._fault(f"{path}.machine", "", _("a counter needs a machine"))
        if role in (Role.STATE, Role.JUDGE) and signal["machine"] is None:
            self._fault(f"{path}.machine", "", _("is missing"))
        low, high = signal["limit_low"], signal["limit_high"]
        if low is not None and high is not None and low > high:
            self._fault(f"{path}.limit_low", low, _("is outside {low} to {high}").format(low="", high=f"{high:g}"))
        for what, pattern in signal["classes"].items():
            if what not in _CLASSES:
                self._fault(f"{path}.classes.{what}", pattern, self._nearest(what, list(_CLASSES)))
            elif not isinstance(pattern, str):
                self._fault(f"{path}.classes.{what}", pattern, _("must be {kind}").format(kind=_("text")))
            else:
                try:
                    re.compile(pattern)
                except (re.error, OverflowError, RecursionError) as error:
                    self._fault(f"{path}.classes.{what}", pattern, str(error))

    def _shift(self, path: str, shift: dict[str, Any]) -> None:
        start, end = self._time(f"{path}.start", shift["start"]), self._time(f"{path}.end", shift["end"])
        for day in shift["weekdays"] or [""]:
            if not isinstance(day, int) or isinstance(day, bool) or not 1 <= day <= 7:
                self._fault(f"{path}.weekdays", day, _("1 (Monday) to 7 (Sunday)"))
        for break_path, pause in self._list(f"{path}.breaks", shift["breaks"]):
            self._unknown(break_path, pause, ("name", "start", "end"))
            first = self._time(f"{break_path}.start", pause.get("start"))
            last = self._time(f"{break_path}.end", pause.get("end"))
            if None not in (start, end, first, last) and not _inside(start, end, first, last):  # type: ignore[arg-type]
                self._fault(break_path, f"{first:%H:%M}-{last:%H:%M}", _("must lie within the shift"))
            if not isinstance(pause.setdefault("name", ""), str):
                self._fault(f"{break_path}.name", pause["name"], _("must be {kind}").format(kind=_("text")))

    # -- the small checks --

    def _table(
        self, path: str, given: object, fields: Sequence[_Field], settings: Sequence[Setting] | None = None
    ) -> dict[str, Any]:
        """The values of one table by field, defaults filled in; driver settings under "settings"."""
        values: dict[str, Any] = {field.key: field.default for field in fields}
        if not isinstance(given, dict):
            self._fault(path, given, _("must be a table"))
            return values
        for field in fields:
            if field.key in given:
                if self._fits(f"{path}.{field.key}", given[field.key], field):
                    values[field.key] = given[field.key]
            elif field.required:
                self._fault(f"{path}.{field.key}", "", _("is missing"))
        known = [field.key for field in fields]
        rest = {key: value for key, value in given.items() if key not in known}
        if settings is None:
            if fields in (_BUS, _DEVICE, _SIGNAL):
                return values  # the driver is unknown, which is said already
            self._unknown(path, rest, known)
            return values
        values["settings"] = self._settings(path, rest, known, settings)
        return values

    def _settings(
        self, path: str, given: Mapping[str, Any], known: list[str], specs: Sequence[Setting]
    ) -> dict[str, Value]:
        found: dict[str, Value] = {}
        self._unknown(path, given, [*known, *(spec.key for spec in specs)])
        for spec in specs:
            if spec.key in given:
                kinds = (int, float) if spec.kind is float else (spec.kind,)
                field = _Field(spec.key, kinds, choices=spec.choices, low=spec.low, high=spec.high)
                if self._fits(f"{path}.{spec.key}", given[spec.key], field):
                    found[spec.key] = given[spec.key]
            elif spec.required:
                self._fault(f"{path}.{spec.key}", "", _("is missing"))
        return found

    def _fits(self, path: str, value: object, field: _Field) -> bool:
        right = isinstance(value, field.kind) and (isinstance(value, bool) is (bool in field.kind))
        right = right and not isinstance(value, datetime)  # a date with a time is no date
        if isinstance(value, str):
            right = right and not _CONTROL.search(value)
        if not right:
            words = {
                str: _("text"),
                int: _("a whole number"),
                float: _("a number"),
                bool: _("true or false"),
                list: _("a list"),
                dict: _("a table"),
                date: _("a date such as 2026-01-31"),
            }
            self._fault(path, value, _("must be {kind}").format(kind=words[field.kind[-1]]))
            return False
        if field.choices and value not in field.choices:
            self._fault(path, value, self._nearest(str(value), [str(choice) for choice in field.choices]))
            return False
        if isinstance(value, date) and not 1971 <= value.year <= 2100:
            self._fault(path, value, _("is outside {low} to {high}").format(low=1971, high=2100))
            return False
        if isinstance(value, (int, float)) and not -_LARGEST <= value <= _LARGEST:  # nan and inf, too
            self._fault(path, value, _("must be {kind}").format(kind=_("a number")))
            return False
        if isinstance(value, (int, float)) and (
            (field.low is not None and value < field.low) or (field.high is not None and value > field.high)
        ):
            low = "" if field.low is None else f"{field.low:g}"
            high = "" if field.high is None else f"{field.high:g}"
            self._fault(path, value, _("is outside {low} to {high}").format(low=low, high=high))
            return False
        if field.required and value == "":
            self._fault(path, value, _("must not be empty"))
            return False
        return True

    def _tables(
        self, kind: str, data: Mapping[str, Any], fields: Sequence[_Field], key: str = ""
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        seen: dict[object, str] = {}
        for path, given in self._list(kind, data.get(kind, [])):
            table = self._table(path, given, fields)
            if key:
                self._once(path, key, table[key], seen)
            found.append(table)
        return found

    def _list(self, path: str, given: object) -> list[tuple[str, dict[str, Any]]]:
        if not isinstance(given, list) or any(not isinstance(item, dict) for item in given):
            self._fault(path, given, _("must be a list of tables ([[{path}]])").format(path=path))
            return []
        return _numbered(path, given)

    def _once(self, path: str, key: str, value: object, seen: dict[object, str]) -> None:
        if value in seen:
            self._fault(f"{path}.{key}", value, _("stands already at {place}").format(place=seen[value]))
        elif value:
            seen[value] = path

    def _known(self, path: str, value: object, names: list[str]) -> None:
        if value not in names:
            self._fault(path, value, self._nearest(str(value), names))

    def _unknown(self, path: str, given: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in given:
            if key not in known:
                self._fault(
                    f"{path}.{key}" if path else key,
                    given[key],
                    _("is no key that Gadong knows. {hint}").format(hint=self._nearest(key, list(known))),
                )

    def _nearest(self, word: str, names: list[str]) -> str:
        close = difflib.get_close_matches(word, names, 1, 0.6)
        if close:
            return _("did you mean {name}? Allowed: {names}").format(name=close[0], names=", ".join(names))
        return _("allowed: {names}").format(names=", ".join(names) or _("nothing yet"))

    def _time(self, path: str, value: object) -> time | None:
        if isinstance(value, str) and re.fullmatch(r"\d{2}:\d{2}", value):
            try:
                return time.fromisoformat(value)
            except ValueError:
                pass  # 25:00: said below
        self._fault(path, value, _('must be a time such as "08:00"'))
        return None

    def _timezone(self, plant: dict[str, Any]) -> None:
        if plant["timezone"] not in available_timezones():
            close = difflib.get_close_matches(str(plant["timezone"]), available_timezones(), 1)
            hint = _("did you mean {name}?").format(name=close[0]) if close else _('for example "Asia/Seoul"')
            self._fault("plant.timezone", plant["timezone"], hint)

    def _fault(self, path: str, value: object, problem: str) -> None:
        try:
            shown = "" if value is None or value == "" else f" {str(value)[:60]}"
        except (ValueError, RecursionError):  # thousands of digits or brackets
            shown = " ..."
        # One line each, also where a name holds a line end.
        self.faults.append(_CONTROL.sub(" ", f"{self.name}: {path}{shown}: {problem}"))


def _numbered(path: str, tables: Sequence[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Each table with its path: the name that a person gave it where there is one, else its place."""
    found = []
    for place, table in enumerate(tables, 1):
        name = next(
            (table[key] for key in ("key", "code", "name") if isinstance(table.get(key), str) and table[key]), place
        )
        found.append((f"{path}[{name}]", table))
    return found


def _inside(start: time, end: time, first: time, last: time) -> bool:
    """Whether first-last lies in start-end, both possibly over midnight."""

    def minutes(at: time) -> int:
        passed = at.hour * 60 + at.minute - start.hour * 60 - start.minute
        return passed % 1440

    length = minutes(end) or 1440
    return minutes(first) < (minutes(last) or 1440) <= length


def apply(
    store: Store,
    wanted: Configuration,
    *,
    ports: Mapping[str, str] | None = None,
    translate: Callable[[str], str] = str,
) -> None:
    """Write a checked configuration into the register in one transaction; what it does not name is retired.

    `ports` replaces the port of a bus by its key (the demo line's wires), `translate` its names (the demo line's).
    """
    now_ms = store.clock.now_ms()
    zone = ZoneInfo(wanted.plant["timezone"])
    with store.transaction() as db:
        before = json.dumps(_tables_of(store), ensure_ascii=False, default=str)
        for key in ("name", "line", "timezone", "constraint"):
            stored = {"name": "plant"}.get(key, key)
            value = translate(wanted.plant[key]) if key in ("name", "line") else wanted.plant[key]
            register.put_setting(db, stored, value)
        machines = {
            m["code"]: register.upsert(
                db,
                "machines",
                {"code": m["code"]},
                {
                    "name": translate(m["name"]),
                    "place": place,
                    "threshold_ms": round(m["threshold_s"] * 1000),
                    "retired_at_ms": None,
                },
            )
            for place, m in enumerate(wanted.machines)
        }
        products = {
            p["code"]: register.upsert(
                db, "products", {"code": p["code"]}, {"name": translate(p["name"]), "retired_at_ms": None}
            )
            for p in wanted.products
        }
        standards = {
            register.upsert(
                db,
                "standards",
                {
                    "product_id": products[s["product"]],
                    "machine_id": machines[s["machine"]],
                    "valid_from_ms": 0 if s["valid_from"] is None else utc_ms(s["valid_from"], time(), zone),
                },
                # To the microsecond, so that the text of an export stays what it was.
                {name: round(s[f"{name[:-3]}_s"] * 1000.0, 3) for name in ("ideal_cycle_ms", "standard_cycle_ms")},
            )
            for s in wanted.standards
        }
        register.drop_other_standards(db, standards)
        shifts = {
            register.upsert(
                db,
                "shift_patterns",
                {"name": translate(s["name"])},
                {
                    "start": s["start"],
                    "end": s["end"],
                    "weekdays": json.dumps(s["weekdays"]),
                    "crew": s["crew"],
                    "retired_at_ms": None,
                    "breaks": json.dumps(
                        [{**b, "name": translate(b["name"])} for b in s["breaks"]], ensure_ascii=False
                    ),
                },
            )
            for s in wanted.shifts
        }
        reasons = {
            register.upsert(
                db,
                "reasons",
                {"code": r["code"]},
                {
                    "name": translate(r["name"]),
                    "kind": r["kind"],
                    "failure": int(r["failure"]),
                    "place": place,
                    "retired_at_ms": None,
                },
            )
            for place, r in enumerate(wanted.reasons)
        }
        kept = _apply_buses(db, wanted.buses, machines, ports or {}, translate)
        for table, ids in {
            **kept,
            "machines": set(machines.values()),
            "products": set(products.values()),
            "shift_patterns": shifts,
            "reasons": reasons,
        }.items():
            register.retire_others(db, table, ids, now_ms)
        register.audit(
            db,
            now_ms,
            "",
            "config import",
            "register",
            before,
            json.dumps(_tables_of(store), ensure_ascii=False, default=str),
        )


def _apply_buses(
    db: Any,
    buses: list[dict[str, Any]],
    machines: Mapping[str, int],
    ports: Mapping[str, str],
    translate: Callable[[str], str],
) -> dict[str, set[int]]:
    kept: dict[str, set[int]] = {"buses": set(), "devices": set(), "signals": set()}
    for bus in buses:
        bus_id = register.upsert(
            db,
            "buses",
            {"key": bus["key"]},
            {
                "port": ports.get(bus["key"], bus["port"]),
                "driver": bus["driver"],
                "settings": json.dumps(bus["settings"], ensure_ascii=False),
                "retired_at_ms": None,
            },
        )
        kept["buses"].add(bus_id)
        for device in bus["device"]:
            device_id = register.upsert(
                db,
                "devices",
                {"key": device["key"]},
                {
                    "bus_id": bus_id,
                    "name": translate(device["name"]),
                    "settings": json.dumps(device["settings"], ensure_ascii=False),
                    "retired_at_ms": None,
                },
            )
            kept["devices"].add(device_id)
            for s in device["signal"]:
                kept["signals"].add(
                    register.upsert(
                        db,
                        "signals",
                        {"device_id": device_id, "key": s["key"]},
                        {
                            "name": translate(s["name"]),
                            "machine_id": machines.get(s["machine"]),
                            "role": s["role"],
                            "unit": s["unit"],
                            "factor": float(s["factor"]),
                            "offset_value": float(s["offset"]),
                            "dead_band": float(s["dead_band"]),
                            "modulus": s["modulus"],
                            "pieces_per_step": s["pieces_per_step"],
                            "limit_low": None if s["limit_low"] is None else float(s["limit_low"]),
                            "limit_high": None if s["limit_high"] is None else float(s["limit_high"]),
                            "per_piece": int(s["per_piece"]),
                            "codes": json.dumps(s["codes"], ensure_ascii=False),
                            "classes": json.dumps(s["classes"], ensure_ascii=False),
                            "settings": json.dumps(s["settings"], ensure_ascii=False),
                            "retired_at_ms": None,
                        },
                    )
                )
    return kept


def _tables_of(store: Store) -> dict[str, Any]:
    """The register as the tables of the TOML file, empty values left out."""
    plant = register.plant(store)
    codes = {m.id: m.code for m in plant.machines}
    items = {p.id: p.code for p in plant.products}
    zone = ZoneInfo(plant.timezone)

    def lean(table: dict[str, Any], **defaults: object) -> dict[str, Any]:
        return {
            k: v for k, v in table.items() if v is not None and v != {} and not (k in defaults and defaults[k] == v)
        }

    def signal(s: Any) -> dict[str, Any]:
        own = {
            "key": s.key,
            "name": s.name,
            "machine": codes.get(s.machine),
            "role": s.role.value,
            "unit": s.unit,
            "factor": s.factor,
            "offset": s.offset,
            "dead_band": s.dead_band,
            "modulus": s.modulus,
            "pieces_per_step": s.pieces_per_step,
            "limit_low": s.limit_low,
            "limit_high": s.limit_high,
            "per_piece": s.per_piece,
            "codes": dict(s.codes),
            "classes": dict(s.classes),
        }
        return {
            **lean(own, name=s.key, unit="", factor=1.0, offset=0.0, dead_band=0.0, pieces_per_step=1, per_piece=False),
            **s.settings,
        }

    return {
        "format": FORMAT,
        "plant": {
            "name": plant.name,
            "line": plant.line,
            "timezone": plant.timezone,
            "constraint": codes.get(plant.constraint or 0, ""),
        },
        "machine": [{"code": m.code, "name": m.name, "threshold_s": m.threshold_ms / 1000} for m in plant.machines],
        "product": [{"code": p.code, "name": p.name} for p in plant.products],
        "standard": [
            lean(
                {
                    "product": items[s.product],
                    "machine": codes[s.machine],
                    "ideal_cycle_s": round(s.ideal_cycle_ms / 1000, 6),
                    "standard_cycle_s": round(s.standard_cycle_ms / 1000, 6),
                    "valid_from": datetime.fromtimestamp(s.valid_from_ms / 1000, zone).date()
                    if s.valid_from_ms
                    else None,
                }
            )
            for s in plant.standards
            if s.product in items and s.machine in codes
        ],
        "shift": [
            {
                "name": p.name,
                "start": f"{p.start:%H:%M}",
                "end": f"{p.end:%H:%M}",
                "weekdays": sorted(p.weekdays),
                "crew": p.crew,
                "breaks": [{"name": b.name, "start": f"{b.start:%H:%M}", "end": f"{b.end:%H:%M}"} for b in p.breaks],
            }
            for p in register.shift_patterns(store)
        ],
        "reason": [{"code": r.code, "name": r.name, "kind": r.kind, "failure": r.failure} for r in plant.reasons],
        "bus": [
            {
                "key": b.key,
                "port": b.port,
                "driver": b.driver,
                **b.settings,
                "device": [
                    {
                        "key": d.key,
                        "name": d.name,
                        **d.settings,
                        "signal": [signal(s) for s in plant.signals if s.device == d.id],
                    }
                    for d in plant.devices
                    if d.bus == b.id
                ],
            }
            for b in plant.buses
        ],
    }


def export(store: Store) -> str:
    """The register as TOML text that `read` accepts and that applies to the same register."""
    return tomli_w.dumps(_tables_of(store))
