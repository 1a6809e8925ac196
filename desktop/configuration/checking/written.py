"""What a file has written: its tables against the keys that they may have, and every fault of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from msgspec.structs import replace

from desktop.configuration.checking.phrases import CONTROL, LARGEST, NOTHING, as_toml, closest, field_of, must, one_line
from desktop.configuration.positions import Lines, numbered
from desktop.configuration.tables import BUS, DEVICE, SIGNAL, Field
from desktop.text import _
from drivers.base import Setting, Value


class Written:
    """The tables of one file, and all that is wrong with them, collected instead of stopping at the first."""

    def __init__(self, name: str, lines: Lines) -> None:
        self.name = name
        self._lines = lines
        self.faults: list[str] = []
        self.warnings: list[str] = []

    def table(
        self, path: str, given: object, fields: Sequence[Field], settings: Sequence[Setting] | None = None
    ) -> dict[str, Any]:
        """The values of one table by field, defaults filled in; driver settings under "settings"."""
        values: dict[str, Any] = {field.key: field.default for field in fields}
        if not isinstance(given, dict):
            self.fault(path, given, _("must be a table: write [{path}] above its keys").format(path=path))
            return values
        values |= self._values(path, given, fields)
        known = [field.key for field in fields]
        rest = {key: value for key, value in given.items() if key not in known}
        if settings is None:
            if fields in (BUS, DEVICE, SIGNAL):
                return values  # the driver is unknown, which is said already
            self.unknown(path, rest, known)
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
                self.fault(f"{path}.{field.key}", NOTHING, f"{_('is missing')}: {self._needed(field)}", field.example)
        return found

    def _settings(
        self, path: str, given: Mapping[str, Any], known: list[str], specs: Sequence[Setting]
    ) -> dict[str, Value]:
        self.unknown(path, given, [*known, *(spec.key for spec in specs)])
        return self._values(path, given, map(field_of, specs))

    def _fits(self, path: str, value: object, field: Field) -> bool:
        right = isinstance(value, field.kind) and (isinstance(value, bool) is (bool in field.kind))
        if isinstance(value, datetime):  # a date with a time is no date
            right = datetime in field.kind and 1971 <= value.year <= 2100
        elif isinstance(value, date):
            right = right and 1971 <= value.year <= 2100
        elif isinstance(value, str):
            right = right and not CONTROL.search(value)
        elif right and isinstance(value, (int, float)):
            if not -LARGEST <= value <= LARGEST:  # nan and inf, too
                field = replace(field, low=-LARGEST if field.low is None else field.low, high=field.high or LARGEST)
            right = (field.low is None or field.low <= value) and (field.high is None or value <= field.high)
        if field.choices and value not in field.choices:
            self.fault(path, value, self.nearest(as_toml(value).strip('"'), [str(name) for name in field.choices]))
            return False
        if not right:
            self.fault(path, value, must(field), field.example)
            return False
        if field.required and value == "":
            self.fault(path, value, _("must not be empty"), field.example)
            return False
        return True

    def tables(
        self, kind: str, data: Mapping[str, Any], fields: Sequence[Field], key: str = ""
    ) -> list[dict[str, Any]]:
        """The tables of a kind; where a `key` is named, no two may have it alike."""
        found: list[dict[str, Any]] = []
        seen: dict[object, str] = {}
        for path, given in self.listed(kind, data.get(kind, [])):
            table = self.table(path, given, fields)
            if key:
                self.once(path, key, table[key], seen)
            found.append(table)
        return found

    def optional(
        self, kind: str, data: Mapping[str, Any], fields: Sequence[Field], key: str = ""
    ) -> list[dict[str, Any]] | None:
        """The same, None where the file does not speak of the kind."""
        return self.tables(kind, data, fields, key) if kind in data else None

    def listed(self, path: str, given: object) -> list[tuple[str, dict[str, Any]]]:
        """The tables of a list, each with its path; none where it is no list of tables."""
        if not isinstance(given, list) or any(not isinstance(item, dict) for item in given):
            header = re.sub(r"\[.*?\](?=\.|$)", "", path)
            self.fault(path, given, _("must be a list of tables: write [[{path}]] above each").format(path=header))
            return []
        return numbered(path, given)

    def once(self, path: str, key: str, value: object, seen: dict[object, str], shown: object = None) -> None:
        """Note a value that stands already in `seen`, value -> path; it is added there. `shown`: how it is written."""
        if value in seen:
            words = _("stands already at {place}: each needs a {key} of its own")
            self.fault(f"{path}.{key}", shown or value, words.format(place=seen[value], key=key))
        elif value:
            seen[value] = path

    def _needed(self, field: Field) -> str:
        return self.nearest("", [str(name) for name in field.choices]) if field.choices else must(field)

    def known(self, path: str, value: object, names: list[str]) -> None:
        """Note a value that is none of the names; None is no value."""
        if value not in names and value is not None:
            self.fault(path, value, self.nearest(str(value), names))

    def unknown(self, path: str, given: Mapping[str, Any], known: Sequence[str]) -> None:
        """Note every key that is none of those known."""
        for key in given:
            if key not in known:
                self.fault(
                    f"{path}.{key}" if path else key,
                    given[key],
                    _("is no key that Gadong knows: {hint}").format(hint=self.nearest(key, list(known))),
                )

    def right_tables(self, path: str, given: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
        """The same with tables of a misspelt name under the one that is meant, so that the name alone is the fault."""
        found: dict[str, Any] = {}
        for key, value in given.items():
            tables = value if isinstance(value, list) else [value]
            meant = "" if key in known or not all(isinstance(each, dict) for each in tables) else closest(key, known)
            if not meant or not tables:
                found.setdefault(key, value)
                continue
            named = f"{path}.{key}" if path else key
            hint = _("did you mean {name}?").format(name=meant)
            self.fault(named, NOTHING, _("is no table that Gadong knows: {hint}").format(hint=hint))
            self._lines.rename(named, f"{path}.{meant}" if path else meant)
            others = given.get(meant, found.get(meant))
            if others is None:
                found[meant] = value
            elif isinstance(others, list):
                found[meant] = [*found.get(meant, others), *tables]
        return found

    def right_bus(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        """A bus with its devices, signals and their tables under the right names."""
        levels = {"device": "signal", "signal": ""}

        def right(at: str, table: dict[str, Any], below: str) -> dict[str, Any]:
            known = [below] if below else [field.key for field in SIGNAL if dict in field.kind]
            table = self.right_tables(at, table, known)
            inside = table.get(below)
            if below and isinstance(inside, list) and all(isinstance(each, dict) for each in inside):
                table[below] = [right(name, each, levels[below]) for name, each in numbered(f"{at}.{below}", inside)]
            return table

        return right(path, given, "device")

    def nearest(self, word: str, names: Iterable[str]) -> str:
        """What may be meant by a word, else all names that are allowed."""
        names = list(dict.fromkeys(filter(None, names)))
        if close := closest(word, names):
            return _("did you mean {name}?").format(name=close)
        return _("allowed: {names}").format(names=", ".join(names) or _("nothing yet"))

    def time_of_day(self, path: str, value: object) -> time | None:
        """The time of a text such as "08:00", None for one that is missing or no time."""
        if value is None:
            return None  # missing or no text, which is said already
        if isinstance(value, str) and re.fullmatch(r"[0-9]{2}:[0-9]{2}", value):
            try:
                return time.fromisoformat(value)
            except ValueError:
                pass  # 25:00: said below
        self.fault(path, value, _('must be a time from "00:00" to "23:59"'), "08:00")
        return None

    def zone(self, zone: str) -> ZoneInfo:
        """The zone, UTC for one that is not known."""
        zones = available_timezones()
        if zone not in zones:
            close = closest(zone, sorted(zones))
            hint = _("did you mean {name}?").format(name=close)
            allowed = _('Allowed: an IANA time zone such as "Asia/Seoul", "Asia/Ho_Chi_Minh" or "UTC"')
            self.fault("plant.timezone", zone, hint if close else allowed)
            return ZoneInfo("UTC")
        return ZoneInfo(zone)

    def fault(self, path: str, value: object, problem: str, example: object = None, warns: bool = False) -> None:
        """Note a fault, or what only `warns`; `example` is a value that the key may have."""
        shown = "" if value is NOTHING else f" = {as_toml(value)}"
        if example is not None:
            as_written = f"{path.rpartition('.')[2]} = {as_toml(example)}"
            problem += " " + _("(for example {line})").format(line=as_written)
        (self.warnings if warns else self.faults).append(one_line(f"{self.where(path)}{shown}: {problem}"))

    def where(self, path: str) -> str:
        """A path behind the file and line in which it stands."""
        line = self._lines.of(path)
        file = self.name if line is None else _("{file}, line {line}").format(file=self.name, line=line)
        return f"{file}: {path}"
