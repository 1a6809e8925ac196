"""The shop's calendar in the register: shifts, crews, capacity, what differs on a date, planned stops."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from desktop.configuration.applying.dated import called, versions_of
from desktop.configuration.applying.rows import Translate, as_json, hold
from desktop.configuration.tables import Configuration, moment_ms
from desktop.domain.calendar import ALWAYS, Calendar, ShiftPattern, local_date


def _times(shift: Mapping[str, Any], translate: Translate) -> dict[str, Any]:
    """What a shift is, apart from its name and date."""
    return {
        "start": shift["start"],
        "end": shift["end"],
        "weekdays": sorted(shift["weekdays"]),
        "breaks": [{**b, "name": translate(b["name"])} for b in shift["breaks"]],
    }


def _stored_times(pattern: ShiftPattern) -> dict[str, Any]:
    return {
        "start": f"{pattern.start:%H:%M}",
        "end": f"{pattern.end:%H:%M}",
        "weekdays": sorted(pattern.weekdays),
        "breaks": [{"name": b.name, "start": f"{b.start:%H:%M}", "end": f"{b.end:%H:%M}"} for b in pattern.breaks],
    }


def put_shifts(db: Any, wanted: Configuration, was: Calendar, translate: Translate, today: date) -> None:
    """Versions of shifts; one that the file does not name any more ends today."""
    stored: dict[str, dict[date, dict[str, Any]]] = {}
    for p in was.patterns:
        more = {"crew": p.crew, "business_days": p.business_days, "people": p.people}
        stored.setdefault(p.name, {})[p.valid_from] = _stored_times(p) | more
    given: dict[str, list[tuple[date | None, dict[str, Any]]]] = {}
    for s in wanted.shifts:
        more = {"crew": s["crew"], "business_days": s["business_days"], "people": s["people"]}
        given.setdefault(translate(s["name"]), []).append((s["valid_from"], _times(s, translate) | more))
    found: list[tuple[str, date, dict[str, Any]]] = []
    for name in dict.fromkeys((*stored, *given)):
        # A shift beside others that are known begins today: yesterday it did not take place.
        new_from = today if stored else ALWAYS
        versions = versions_of(
            called(wanted, f"shift[{name}]"), stored.get(name, {}), given.get(name, ()), today, new_from=new_from
        )
        if name not in given:
            versions.pop(today, None)  # it began today and is gone again
            last = max(versions, default=None)
            if last is not None and versions[last]["weekdays"]:
                versions[today] = {**versions[last], "weekdays": []}
        found += [(name, since, version) for since, version in sorted(versions.items())]
    hold(
        db,
        "shift_patterns",
        (
            (
                {"name": name, "valid_from": since.isoformat()},
                {**version, "weekdays": json.dumps(version["weekdays"]), "breaks": as_json(version["breaks"])},
            )
            for name, since, version in found
        ),
    )


def put_rotations(db: Any, wanted: Configuration, translate: Translate) -> None:
    """Which crew works which shift."""
    if wanted.rotations is None:
        return
    hold(
        db,
        "crew_rotations",
        (
            (
                {"anchor": r["valid_from"].isoformat(), "shifts": as_json([translate(name) for name in r["shifts"]])},
                {"crews": as_json(r["crews"]), "days": r["days"]},
            )
            for r in wanted.rotations
        ),
    )


def put_capacity(db: Any, wanted: Configuration, was: Calendar, translate: Translate, today: date) -> None:
    """Standard capacity, by the date from which it is valid."""
    if wanted.capacity is None:
        return

    def version(shifts: list[dict[str, Any]], holidays: Iterable[date]) -> dict[str, str]:
        return {"shifts": as_json(shifts), "holidays": as_json(sorted(on.isoformat() for on in set(holidays)))}

    stored = {
        c.valid_from: version([{"name": p.name, **_stored_times(p)} for p in c.patterns], c.holidays)
        for c in was.capacity
    }
    given = [
        (
            c["valid_from"],
            version([{"name": translate(s["name"]), **_times(s, translate)} for s in c["shift"]], c["holidays"]),
        )
        for c in wanted.capacity
    ]
    versions = versions_of(called(wanted, "capacity"), stored, given, today)
    hold(
        db,
        "capacity_calendars",
        (({"valid_from": since.isoformat()}, columns) for since, columns in versions.items()),
    )


def put_exceptions(db: Any, wanted: Configuration, was: Calendar, translate: Translate, now_ms: int) -> None:
    """What is different on a date. What was entered stays as it was entered, and what is said anew is entered now."""
    if wanted.exceptions is None:
        return
    zone = ZoneInfo(wanted.plant["timezone"])
    today = local_date(now_ms, zone).isoformat()
    names = {pattern.id: pattern.name for pattern in was.patterns}
    stored: dict[tuple[str, str, str], dict[int, tuple[str | None, str | None, str]]] = {}
    for e in was.exceptions:
        if e.pattern is not None and e.pattern not in names:
            continue  # its shift was never in force
        key = (e.on.isoformat(), e.kind.value, names.get(e.pattern or 0, ""))
        start, end = (None if at is None else f"{at:%H:%M}" for at in (e.start, e.end))
        stored.setdefault(key, {})[e.entered_at_ms] = (start, end, e.name)
    found = {key: dict(entered) for key, entered in stored.items() if key[0] < today}
    for g in wanted.exceptions:
        key = (g["on"].isoformat(), g["kind"], translate(g["shift"]) if g["shift"] else "")
        said = (g["start"], g["end"], translate(g["name"]) if g["name"] else "")
        entered = found.setdefault(key, dict(stored.get(key, {})))
        if g["entered_at"] is not None:
            entered[moment_ms(g["entered_at"], zone)] = said
        elif not entered or entered[max(entered)] != said:
            entered[now_ms] = said
    hold(
        db,
        "day_exceptions",
        (
            (
                {"on_date": on, "kind": kind, "shift": shift, "entered_at_ms": at_ms},
                {"start": start, "end": end, "name": name},
            )
            for (on, kind, shift), entered in found.items()
            for at_ms, (start, end, name) in entered.items()
        ),
    )


def put_planned_stops(
    db: Any,
    wanted: Configuration,
    was: Calendar,
    machines: Mapping[str, int],
    reasons: Mapping[str, int],
    midnight_ms: int,
) -> None:
    """Planned stops; those that began before today stay."""
    if wanted.planned_stops is None:
        return
    zone = ZoneInfo(wanted.plant["timezone"])
    found: dict[tuple[int, int, int], tuple[int | None, int | None, bool, str, int | None, str]] = {
        (p.span.start_ms, p.span.end_ms, p.machine or 0): (
            p.reason, p.approved_at_ms, p.no_order, p.asked_by, p.asked_at_ms, p.approved_by,
        )
        for p in was.planned
        if p.span.start_ms < midnight_ms
    } | {
        (moment_ms(p["from"], zone), moment_ms(p["to"], zone), machines.get(p["machine"], 0)): (
            reasons.get(p["reason"]),
            None if p["approved_at"] is None else moment_ms(p["approved_at"], zone),
            p["no_order"],
            p["asked_by"],
            None if p["asked_at"] is None else moment_ms(p["asked_at"], zone),
            p["approved_by"],
        )
        for p in wanted.planned_stops
    }  # fmt: skip
    hold(
        db,
        "planned_stops",
        (
            (
                {"start_ms": start_ms, "end_ms": end_ms, "machine_id": machine},
                {
                    "reason_id": reason,
                    "approved_at_ms": at_ms,
                    "no_order": int(no_order),
                    "asked_by": asked_by,
                    "asked_at_ms": asked_at_ms,
                    "approved_by": approved_by,
                },
            )
            for (start_ms, end_ms, machine), (reason, at_ms, no_order, asked_by, asked_at_ms, approved_by) in (
                found.items()
            )
        ),
    )
