"""What is to be checked in a shift, and which hours are to be confirmed: for the page, the Overview and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from desktop.domain import calendar, checks, differences, sampling
from desktop.domain.alarms import AlarmKind
from desktop.domain.calendar import Shift
from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import OPEN_MS, Action, Checked, Entry, FirstPiece, HourConfirmed
from desktop.domain.figures.line import HourRow, LineNow
from desktop.domain.figures.report import HourSaid
from desktop.domain.rounds import ChecksNow, HourDue
from desktop.domain.spans import Span
from desktop.store import entries, register
from desktop.store.database import Store
from desktop.summaries import line, samples
from desktop.summaries.frame import Frame
from desktop.summaries.now import Live
from desktop.summaries.samples import periods_of, work_of
from desktop.summaries.station import Facts

_DAY_MS = 86_400_000
_MOST_CAUSES = 4


def checks_now(live: Live, store: Store, now_ms: int, past: Shift | None = None) -> ChecksNow:
    """What the page of checks shows, of the shift that runs or of a `past` one."""
    at, facts = live.facts(store, now_ms, past)
    sampled = samples.samples(live, store, at, facts, at.now_ms)
    rows = (*_rows(at, facts, _told(live, store, at), at.now_ms), *sampled)
    machines = tuple((f.machine.id, f.machine.name, f.machine.code) for f in facts)
    hours = tuple(reversed(_hours(at, facts)))
    shift = at.shift if past is None else calendar.shift_at(at.register.calendar, now_ms)
    has_items = bool(at.plant.checks or samples.sampled(live, store, at))
    return ChecksNow(at.head, at.now_ms, shift, at.collector, rows, machines, hours, has_items)


def with_waiting(live: Live, store: Store, at: Frame, facts: Sequence[Facts], now: LineNow) -> LineNow:
    """The Overview with how many checks wait at each machine, how many of them and of hours that missed their target
    wait in all, and the samples that were missed."""
    found: dict[int, int] = {}
    sampled = samples.samples(live, store, at, facts, at.now_ms)
    for row in (*_rows(at, facts, _told(live, store, at), at.now_ms), *sampled):
        if row.state in ("due", "late") or row.asks:
            found[row.machine] = found.get(row.machine, 0) + 1
    hours = sum(hour.asks and not hour.entry for hour in _hours(at, facts)) if at.plant.checks else 0
    machines = tuple(replace(m, checks=found[m.id]) if m.id in found else m for m in now.machines)
    rung = (*now.alarms, *sampling.missed(sampled))
    return replace(now, machines=machines, checks=sum(found.values()) + hours, alarms=rung)


def of_report(store: Store, at: Frame, facts: Sequence[Facts]) -> tuple[tuple[CheckRow, ...], tuple[HourSaid, ...]]:
    """The checks of a shift with what came of them, and what was said of its hours."""
    live = Live()
    sampled = _with_who(store, samples.samples(live, store, at, facts, at.window.end_ms))
    rows = (*_rows(at, facts, _told(live, store, at), at.window.end_ms), *_in_one(sampled))
    hours = tuple(
        HourSaid(e.said.start_ms, e.said.end_ms, e.said.reason, e.who) for e in _confirmed(at).values()
        if isinstance(e.said, HourConfirmed)
    )  # fmt: skip
    return rows, tuple(sorted(hours, key=lambda hour: hour.start_ms))


def _told(live: Live, store: Store, at: Frame) -> tuple[Entry, ...]:
    """What was checked since the week of the shift began; read again when anything is said."""
    if at.shift is None or not at.plant.checks:
        return ()
    known = live.kept.get("checked")  # of the week of the shift that was looked at last
    key = (at.newest, at.shift.business_on)
    if not (isinstance(known, tuple) and known[0] == key):
        week = periods_of(at.register.calendar, at.shift).week
        kinds = Checked | FirstPiece | Action
        known = (key, entries.standing(store, Span(week.start_ms, OPEN_MS), kinds))
        live.kept["checked"] = known
    return entries.known(store, known[1], at.now_ms, at.now_ms + _DAY_MS)


def _rows(at: Frame, facts: Sequence[Facts], told: Iterable[Entry], now_ms: int) -> tuple[CheckRow, ...]:
    if at.shift is None or not at.plant.checks:
        return ()
    by_machine: dict[int, list[Entry]] = {}
    actions = set[int]()
    for entry in told:
        if isinstance(entry.said, Action):
            actions.add(entry.id)
        by_machine.setdefault(entry.said.machine, []).append(entry)
    machines = {f.machine.id: f.machine for f in facts}
    work = [work_of(at, fact) for fact in facts]
    found = []
    for slot in checks.slots(at.plant.checks, work, periods_of(at.register.calendar, at.shift)):
        answered = checks.answer(slot, by_machine.get(slot.machine, ()))
        if checks.state(slot, answered, now_ms):
            machine = machines[slot.machine]
            row = checks.row(slot, answered, now_ms, machine.code, machine.name)
            # What is said together has ids that follow each other.
            made = row.entry + 1 if row.state == "bad" and row.entry + 1 in actions else 0
            found.append(replace(row, also=made) if made else row)
    return tuple(found)


def _with_who(store: Store, rows: Iterable[CheckRow]) -> list[CheckRow]:
    """The samples, with who acknowledged those that were missed."""
    return [
        replace(row, who=register.acknowledged_by(store, AlarmKind.SAMPLE, row.code, row.done_ms))
        if row.state == "missed" and row.done_ms is not None
        else row
        for row in rows
    ]


def _in_one(sampled: Iterable[CheckRow]) -> list[CheckRow]:
    """The samples of each characteristic as one row of a report: how many there were of how many were asked for, and
    who acknowledged last that some were missed, where all of them were."""
    by_item: dict[int, list[CheckRow]] = {}
    for row in sampled:
        by_item.setdefault(row.item, []).append(row)
    found = []
    for rows in by_item.values():
        whole = [row for row in rows if row.state == "good"]
        worst = next((how for how in ("missed", "late", "due") if any(row.state == how for row in rows)), "good")
        every = rows[0].every if rows[0].every == "hour" else "pieces"
        seen = max(
            (row for row in rows if row.state == "missed" and row.done_ms), key=lambda row: row.end_ms, default=None
        )
        at_ms, who = (None, "") if seen is None or any(row.asks for row in rows) else (seen.done_ms, seen.who)
        row = replace(rows[0], every=every, state=worst, done_ms=at_ms, who=who, taken=len(whole), wanted=len(rows))
        found.append(row)
    return found


# -- hours --


def _confirmed(at: Frame) -> Mapping[int, Entry]:
    """What was said of the hours of the shift, by their beginning; the later word counts."""
    return {
        e.said.start_ms: e for e in at.said if isinstance(e.said, HourConfirmed) and at.window.holds(e.said.start_ms)
    }


def _hours(at: Frame, facts: Sequence[Facts]) -> list[HourDue]:
    """The hours of the shift that are over and in which something was to be made."""
    if at.shift is None:
        return []
    told, found = _confirmed(at), []
    for row in line.hours(at, facts):
        if row.span.end_ms > at.now_ms or row.paused or not row.target:
            continue
        entry = told.get(row.span.start_ms)
        said = entry.said if entry is not None else None
        found.append(
            HourDue(
                row, differences.hour_difference(row, at.now_ms), _causes(at, facts, row),
                entry.id if entry else 0, said.reason if isinstance(said, HourConfirmed) else "",
                entry.who if entry else "",
            )
        )  # fmt: skip
    return found


def _causes(at: Frame, facts: Sequence[Facts], row: HourRow) -> tuple[str, ...]:
    """What the line's constraint stood for in an hour and somebody has named, the longest first."""
    judge = line.constraint(at, facts)
    names = {reason.id: reason.name for reason in at.plant.reasons}
    lengths: dict[str, int] = {}
    for fact in facts if judge is None else (judge,):
        for each in fact.intervals:
            part = each.span.cut(row.span)
            if part is not None and each.reason in names:
                name = names[each.reason]
                lengths[name] = lengths.get(name, 0) + part.length_ms
    return tuple(sorted(lengths, key=lambda name: -lengths[name])[:_MOST_CAUSES])
