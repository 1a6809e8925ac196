"""What the command line prints: the same figures as everywhere, as text for people and JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import asdict

from desktop.domain.case import MOST, CaseError
from desktop.domain.differences import difference
from desktop.domain.events import State
from desktop.domain.explain import Derivation
from desktop.domain.figures.line import LineNow, MachineNow
from desktop.domain.figures.report import MachineRow, Reliability, ShiftReport
from desktop.domain.intervals import Category
from desktop.domain.kpi import Kpis
from desktop.domain.people import PersonNow
from desktop.text import N_, _, cells, visible
from desktop.wording.alarms import alarm_sentence
from desktop.wording.devices import collector_note, fault_sentence, status_word
from desktop.wording.kpis import BIG_LOSSES, FLAGS, derivation_words
from desktop.wording.moments import clock_seconds, crew_word, shift_words, span_words, today
from desktop.wording.numbers import (
    UNKNOWN,
    availability_words,
    lasted,
    minutes,
    observed_whole,
    percent,
    pieces,
)
from desktop.wording.people import pin_state, role_word
from desktop.wording.states import CATEGORIES, by_hand, state_name, state_word, unknown_code_words, waits_words

RATIOS = ("availability", "performance", "quality", "oee", "coverage")
_WATERFALL = {
    "availability_loss": N_("Lost by downtime"),
    "performance_loss": N_("Lost by speed"),
    "quality_loss": N_("Lost by rejects"),
    "fully_productive": N_("Productive time"),
}


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def _ratios(kpis: Kpis | None) -> dict[str, float | None]:
    return {name: getattr(kpis, name, None) for name in RATIOS}


def status(line: LineNow) -> str:
    """The line, its machines and devices, a line each."""
    rows = [" · ".join([line.head.plant, line.head.line, *([_("Demo")] if line.head.demo else [])])]
    none = _("No shift is running.") if line.head.has_shifts else _("No shifts are set up: all time counts.")
    rows.append(shift_words(line.shift) if line.shift else none)
    if line.collector.held:
        rows.append(collector_note("held"))
    elif not line.collector.running:
        rows.append(_("Nobody collects: start it with main.py collect."))
    rows.append(
        _("Line: OEE {oee} · good {good} / {target}").format(
            oee=percent(line.line.oee if line.line else None),
            good=pieces(line.good),
            target=pieces(line.target),
        )
        + ("" if line.plan is None else " · " + _("plan {plan}").format(plan=pieces(line.plan)))
    )
    rows += [_machine(m, line.now_ms) for m in line.machines]
    for device in line.devices:
        if device.status != "online" or device.fault_kind:
            fault = fault_sentence(device.fault_kind, device.fault_detail) if device.fault_kind else ""
            rows.append(f"! {device.name}: {fault or status_word(device.status)}")
    for alarm in line.alarms:
        told = ", ".join(alarm_sentence(alarm, line.now_ms, line.head.timezone))
        rows.append("! " + (_("{alarm} (acknowledged)").format(alarm=told) if alarm.quiet else told))
    return "\n".join(rows)


def _machine(machine: MachineNow, now_ms: int) -> str:
    state = state_word(machine.category, machine.state, machine.by_count)
    length = minutes(max(0, now_ms - machine.since_ms))
    oee = percent(machine.kpis.oee if machine.kpis else None)
    figures = _("good {good} · reject {reject} · OEE {oee}").format(
        good=pieces(machine.good), reject=pieces(machine.reject), oee=oee
    )
    waits = f" · {waits_words(machine.waits_for)}" if machine.waits_for else ""
    waits += f" · {unknown_code_words(machine.unknown_code)}" if machine.unknown_code else ""
    return f"  {machine.code:8} {state} {length}{waits} · {figures}"


def status_json(line: LineNow) -> str:
    """The same as JSON; ratios 0 to 1 or null."""
    return _json(
        {
            "plant": line.head.plant,
            "line": line.head.line,
            "demo": line.head.demo,
            "now_ms": line.now_ms,
            "shift": None
            if line.shift is None
            else {"name": line.shift.name, "business_on": line.shift.business_on.isoformat()},
            "collector": {
                "running": line.collector.running,
                "held": line.collector.held,
                "silent_ms": line.collector.silent_ms,
                "backlog": line.collector.backlog,
                "lost": line.collector.lost,
            },
            "line_kpis": _ratios(line.line),
            "good": line.good,
            "target": line.target,
            "difference": difference(line.good, line.target, comparable=line.comparable),
            "plan": line.plan,
            "machines": [
                {
                    "name": m.code,
                    "state": m.state.value,
                    "category": m.category.value,
                    "since_ms": m.since_ms,
                    "waits_for": m.waits_for or None,
                    "good": m.good,
                    "reject": m.reject,
                    "target": m.target,
                    "difference": difference(m.good, m.target, comparable=m.comparable),
                    "plan": m.plan,
                    **_ratios(m.kpis),
                }
                for m in line.machines
            ],
            "devices": [
                {
                    "key": d.key,
                    "status": d.status,
                    "fault": d.fault_kind,
                    "last_value_at_ms": d.last_value_at_ms,
                    "frames": d.frames,
                    "damaged": d.damaged,
                    "missing": d.missing,
                    "refused": d.refused,
                    "lost": d.lost,
                    "reconnects": d.reconnects,
                }
                for d in line.devices
            ],
            "alarms": [
                {
                    "kind": a.kind,
                    "subject": a.subject or None,
                    "since_ms": a.since_ms,
                    "level": a.level,
                    "acknowledged": a.quiet,
                    "missing": a.missing if a.hour else None,
                    **({"detail": a.detail} if a.detail else {}),
                }
                for a in line.alarms
            ],
        }
    )


def people(found: Iterable[PersonNow]) -> str:
    """Who works here, a line each: name, role, crew, badge, PIN."""
    rows = [
        (each.person.name, role_word(each.person.role), crew_word(each.person.crew) or UNKNOWN,
         each.person.badge or UNKNOWN, f"{_('PIN')} {pin_state(each)}")
        for each in found
    ]  # fmt: skip
    return "\n".join(" · ".join(row) for row in rows) or _("Nobody is set up.")


def people_json(found: Iterable[PersonNow]) -> str:
    """The same as JSON; of a PIN only whether there is one, and for how many milliseconds it is locked."""
    return _json([{**asdict(each.person), "has_pin": each.has_pin, "locked_ms": each.locked_ms} for each in found])


def explain(report: ShiftReport, row: MachineRow) -> str:
    """What the figures of one machine are made of, down to the intervals and the ids of their events."""
    k, zone = row.kpis, report.head.timezone
    t = k.times
    rows = [
        f"{row.code} {row.name} · {span_words(report.window.start_ms, report.window.end_ms, zone)}",
        _("Planned busy time {busy} s = {parts}").format(
            busy=t.busy_ms / 1000,
            parts=" + ".join(
                f"{_(CATEGORIES[category])} {length_ms / 1000}"
                for category in _BUSY
                if (length_ms := getattr(t, f"{category.value}_ms")) or category in _ALWAYS
            ),
        ),
        _("Pieces: {good} good, {reject} rejected, {untimed} of unknown time").format(
            good=k.pieces.good, reject=k.pieces.reject, untimed=k.pieces.untimed
        ),
    ]
    rows += [derivation_words(derived) for derived in row.derivations]
    rows.append(
        _("Rule set {rules}, flags: {flags}").format(
            rules=k.rules, flags=", ".join(_word(FLAGS, flag) for flag in k.flags) or "-"
        )
    )
    if k.availability is not None and not observed_whole(k):
        rows.append(_("Availability with its bounds: {machines}").format(machines=availability_words(k)))
    rows += [*_losses(row), *_reliability(row.reliability)]
    for i in row.intervals:
        when = f"{clock_seconds(i.span.start_ms, zone)}-{clock_seconds(i.span.end_ms, zone)}"
        counted = _what(i.category, i.state)
        what = _padded(f"{counted} · {by_hand()}" if i.by_hand else counted, 24)
        rows.append(f"  {when} {what} {i.span.length_ms / 1000:9.1f} s  {i.event or ''} {visible(i.code)}".rstrip())
    return "\n".join(rows)


_BUSY = tuple(c for c in Category if c not in (Category.PLANNED, Category.UNSCHEDULED))
_ALWAYS = frozenset({Category.RUN, Category.SHORT_STOP, Category.STOP, Category.SETUP, Category.WAIT, Category.NO_DATA})


def _losses(row: MachineRow) -> list[str]:
    """The big losses that there were, in seconds."""
    found = [f"{_(BIG_LOSSES[key])} {ms / 1000:.12g}" for key, ms in row.big_losses if ms]
    return [_("Losses in seconds: {losses}").format(losses=" · ".join(found))] if found else []


def _reliability(found: Reliability | None) -> list[str]:
    """Mean times, or for how long there was no failure."""
    if found is None:
        return []
    if found.mtbf_ms is None or found.mttr_ms is None:
        return [_("No failure in {length} of operating time").format(length=lasted(found.operating_ms))]
    return [
        _("{failures} failures: MTBF {between}, MTTR {repair} (until it ran again)").format(
            failures=found.failures,
            between=lasted(round(found.mtbf_ms)),
            repair=lasted(round(found.mttr_ms)),
        )
    ]


def _what(category: Category, state: State) -> str:
    """What a time counts as, and the machine's own state where that says more: "Waiting (Starved)"."""
    counted, own = _(CATEGORIES[category]), state_name(state)
    return counted if counted == own else f"{counted} ({own})"


def explain_json(report: ShiftReport, row: MachineRow) -> str:
    """The same as JSON."""
    t = row.kpis.times
    return _json(
        {
            "machine": row.code,
            "window": {"start_ms": report.window.start_ms, "end_ms": report.window.end_ms},
            "rules": row.kpis.rules,
            **_ratios(row.kpis),
            "availability_low": row.kpis.availability_low,
            "availability_high": row.kpis.availability_high,
            "flags": list(row.kpis.flags),
            "ideal_ms": row.kpis.ideal_ms,
            "ideal_good_ms": row.kpis.ideal_good_ms,
            "pieces": {
                "good": row.kpis.pieces.good,
                "reject": row.kpis.pieces.reject,
                "untimed": row.kpis.pieces.untimed,
            },
            "times_ms": {
                "busy": t.busy_ms,
                **{c.value: getattr(t, f"{c.value}_ms") for c in Category},
            },
            "kpis": {d.kpi: _derived_json(d) for d in row.derivations},
            "big_losses_ms": dict(row.big_losses),
            "reliability": None if row.reliability is None else asdict(row.reliability),
            "intervals": [
                {
                    "start_ms": i.span.start_ms,
                    "end_ms": i.span.end_ms,
                    "category": i.category.value,
                    "state": i.state.value,
                    "event": i.event or None,
                    "stop": i.stop_id or None,
                    "code": i.code,
                    "by_hand": i.by_hand,
                }
                for i in row.intervals
            ],
        }
    )


def _derived_json(derived: Derivation) -> dict[str, Any]:
    """A derivation: value = above / below, the intervals in it with the facts that began them, and the counts."""
    return {
        "value": derived.value,
        **{
            side: {"name": term.name, "value": term.value, "unit": term.unit, "of": [c.value for c in term.of]}
            for side, term in (("above", derived.above), ("below", derived.below))
        },
        "why_unknown": derived.why or None,
        "intervals": [[u.span.start_ms, u.span.end_ms, u.category.value, u.event or None] for u in derived.times],
        "counts": [made.event for made in derived.counts],
    }


def case_problem(error: CaseError) -> str:
    """What is wrong with a case, as a sentence."""
    sentences = {
        "file": _("the file must hold one JSON object"),
        "list": _("{where} must be a list of {{ideal_s, total, reject}}"),
        "object": _("{where} must be an object"),
        "missing": _("{where} is missing"),
        "number": _("{where} must be a number of 0 or more, not {value}"),
        "large": _("{where} must be {most:g} at most, not {value}"),
    }
    value = json.dumps(error.value, ensure_ascii=False)
    shown = value if len(value) <= _MOST_SHOWN else value[:_MOST_SHOWN] + " ..."
    return sentences[error.kind].format(where=error.where, value=shown, most=MOST)


_MOST_SHOWN = 60


def case(answer: Mapping[str, Any]) -> str:
    """The answer to one calculated case."""
    names = {
        "availability": _("Availability"),
        "performance": _("Performance"),
        "quality": _("Quality"),
        "oee": _("OEE"),
        "teep": "TEEP",
        "net_operating_rate": _("Net operating rate"),
        "speed_rate": _("Speed rate"),
    }
    rows = [f"{words}: {percent(answer[key], 2)}" for key, words in names.items()]
    rows += [
        f"{_word(_WATERFALL, key)}: {'—' if seconds is None else f'{seconds:,.1f}'} s"
        for key, seconds in answer["waterfall_s"].items()
    ]
    return "\n".join([*rows, *(_word(FLAGS, flag) for flag in answer["flags"])])


def _word(words: Mapping[str, str], key: str) -> str:
    """The word for a key in the language in use; what a device says in its own words stays."""
    return _(words[key]) if key in words else visible(key)


def _padded(words: str, width: int) -> str:
    return words + " " * (width - cells(words))


def _at(at_ms: int, timezone: str) -> str:
    return f"{today(at_ms, timezone)} {clock_seconds(at_ms, timezone)}"
