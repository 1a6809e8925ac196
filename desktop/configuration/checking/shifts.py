"""Faults of the shop's calendar: shifts and who works them, what differs on a date, planned stops, capacity."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desktop.configuration.checking.phrases import NOTHING, must
from desktop.configuration.checking.written import Written
from desktop.configuration.positions import numbered
from desktop.configuration.tables import CAPACITY_SHIFT, Field, moment_ms
from desktop.domain import scheduling
from desktop.domain.calendar import ALWAYS, Calendar, Kind, ShiftPattern
from desktop.text import _

#: the times that a kind of exception needs, and those that it may have
_TIMES = {
    Kind.HOLIDAY: ((), ()),
    Kind.CANCELLED: ((), ()),
    Kind.EXTRA: ((), ("start", "end")),
    Kind.MOVED: (("start", "end"), ("start", "end")),
    Kind.OVERTIME: (("end",), ("end",)),
    Kind.HALF: ((), ("start", "end")),
}


def check_shifts(file: Written, shifts: list[dict[str, Any]]) -> None:
    """Every version of every shift, and where they lie over each other."""
    versions: dict[object, str] = {}
    for path, shift in numbered("shift", shifts):
        _check_shift(file, path, shift)
        if shift["name"]:
            version = (shift["name"], shift["valid_from"])
            file.once(path, "valid_from", version, versions, shown=shift["valid_from"] or NOTHING)
    if not file.faults:
        _check_overlaps(file, shifts)


def _check_shift(file: Written, path: str, shift: dict[str, Any]) -> None:
    """Times, days and breaks of a shift."""
    start, end = file.time_of_day(f"{path}.start", shift["start"]), file.time_of_day(f"{path}.end", shift["end"])
    # A version without days ends a shift on its date.
    for day in shift["weekdays"] or ([] if shift.get("valid_from") else [NOTHING]):
        if not isinstance(day, int) or isinstance(day, bool) or not 1 <= day <= 7:
            words = _("must be a list of days from 1 (Monday) to 7 (Sunday)")
            file.fault(f"{path}.weekdays", day, words, [1, 2, 3, 4, 5])
    for break_path, pause in file.listed(f"{path}.breaks", shift["breaks"]):
        file.unknown(break_path, pause, ("name", "start", "end"))
        first = file.time_of_day(f"{break_path}.start", pause.get("start", NOTHING))
        last = file.time_of_day(f"{break_path}.end", pause.get("end", NOTHING))
        if start and end and first and last and not _inside(start, end, first, last):
            words = _("must lie within the shift, {start}-{end}").format(start=f"{start:%H:%M}", end=f"{end:%H:%M}")
            file.fault(break_path, f"{first:%H:%M}-{last:%H:%M}", words)
        if not isinstance(pause.setdefault("name", ""), str):
            file.fault(f"{break_path}.name", pause["name"], must(Field("", (str,))))


def _check_overlaps(file: Written, shifts: list[dict[str, Any]]) -> None:
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
                file.fault(f"shift[{other}]", NOTHING, words.format(name=name), warns=True)


def check_rotations(file: Written, rotations: list[dict[str, Any]], shifts: list[str]) -> None:
    """Rotations: names of known shifts, and of crews."""
    for path, rotation in numbered("rotation", rotations):
        for key, example in (("shifts", ["Day", "Night"]), ("crews", ["A", "B"])):
            for word in rotation[key] or [NOTHING]:
                if not isinstance(word, str) or not word:
                    file.fault(f"{path}.{key}", word, _("must be a list of names"), example)
                elif key == "shifts":
                    file.known(f"{path}.shifts", word, shifts)


def check_exceptions(file: Written, exceptions: list[dict[str, Any]], shifts: list[str]) -> None:
    """What differs on a date: the times that its kind needs, and no others."""
    seen: dict[object, str] = {}
    for path, exception in numbered("exception", exceptions):
        kind = exception["kind"]
        if exception["shift"]:
            file.known(f"{path}.shift", exception["shift"], shifts)
        elif kind == Kind.EXTRA:
            file.fault(f"{path}.shift", NOTHING, f"{_('is missing')}: {file.nearest('', shifts)}")
        for key in ("start", "end"):
            file.time_of_day(f"{path}.{key}", exception[key])
            needed, allowed = _TIMES.get(kind, ((), ("start", "end")))
            if key in needed and exception[key] is None:
                file.fault(f"{path}.{key}", NOTHING, _("is missing"), "17:00")
            elif exception[key] is not None and key not in allowed:
                words = _('does not go with kind = "{kind}": leave it out')
                file.fault(f"{path}.{key}", exception[key], words.format(kind=kind))
        times = [exception["start"], exception["end"]]
        if (kind == Kind.HALF and times == [None, None]) or (kind == Kind.EXTRA and times.count(None) == 1):
            at = "end" if exception["end"] is None else "start"
            file.fault(f"{path}.{at}", NOTHING, _("is missing"), "12:00")
        if exception["on"] and kind:
            said = (exception["on"], kind, exception["shift"], exception["entered_at"])
            file.once(path, "entered_at", said, seen, shown=exception["entered_at"] or NOTHING)


def check_planned(
    file: Written, planned: list[dict[str, Any]], zone: ZoneInfo, machines: list[str], reasons: list[str]
) -> None:
    """Planned stops: what they name is known, and each ends after it begins."""
    seen: dict[object, str] = {}
    for path, stop in numbered("planned_stop", planned):
        file.known(f"{path}.machine", stop["machine"], machines)
        file.known(f"{path}.reason", stop["reason"], reasons)
        first, last = stop["from"], stop["to"]
        if first and last:
            span = (moment_ms(first, zone), moment_ms(last, zone))
            file.once(path, "from", (*span, stop["machine"]), seen, shown=first)
            if span[1] <= span[0]:
                file.fault(f"{path}.to", last, _("must be later than from = {start}").format(start=first))


def check_capacity(file: Written, capacity: list[dict[str, Any]]) -> None:
    """Standard capacity: its shifts and holidays, checked as the shop's own."""
    seen: dict[object, str] = {}
    for path, version in numbered("capacity", capacity):
        file.once(path, "valid_from", (version["valid_from"],), seen, shown=version["valid_from"] or NOTHING)
        shifts: list[dict[str, Any]] = []
        names: dict[object, str] = {}
        for shift_path, given in file.listed(f"{path}.shift", version["shift"]):
            shift = file.table(shift_path, given, CAPACITY_SHIFT)
            file.once(shift_path, "name", shift["name"], names)
            _check_shift(file, shift_path, shift)
            shifts.append(shift)
        version["shift"] = shifts
        for on in version["holidays"]:
            if not isinstance(on, date) or isinstance(on, datetime):
                file.fault(f"{path}.holidays", on, must(Field("", (date,))), [date(2026, 1, 1)])


def _inside(start: time, end: time, first: time, last: time) -> bool:
    """Whether first-last lies in start-end, both possibly over midnight."""

    def minutes(at: time) -> int:
        passed = at.hour * 60 + at.minute - start.hour * 60 - start.minute
        return passed % 1440

    length = minutes(end) or 1440
    return minutes(first) < (minutes(last) or 1440) <= length
