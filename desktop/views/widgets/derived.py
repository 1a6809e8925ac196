"""What the panel behind a figure says of a machine's or the line's figures, by their keys.

A key is the name of a KPI, of a step of the waterfall or of another figure (`desktop.wording`), "hour-" with the start
of an hour, "span-" with the start of an interval or "stop-" with the id of a stop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.domain.explain import Balance, Derivation, Made, Term, Used
from desktop.domain.figures.line import LineNow
from desktop.domain.figures.machine import MachineDay
from desktop.domain.intervals import STOPPED, Category, Interval
from desktop.domain.kpi import Kpis
from desktop.domain.spans import Span
from desktop.text import _
from desktop.views.widgets.evidence import EvidenceFace, Kind, Row, note_rows
from desktop.wording.kpis import FLAGS, UNKNOWNS, derivation_words, figure_name, loss_words, term_name
from desktop.wording.moments import clock, clock_seconds, hour
from desktop.wording.numbers import (
    MINUS,
    UNKNOWN,
    availability_words,
    lasted,
    lost_minutes,
    lost_ms,
    minutes_seconds,
    observed_whole,
    percent,
    pieces,
    signed,
    stopwatch,
    value_figure,
)
from desktop.wording.states import CATEGORIES, NOT_LABELLED, alarm_words, by_hand, state_word

EARLY = ("oee", "availability", "performance", "quality")  # not shown in the first minutes of a shift
_TOTALS = ("busy", "up", "productive")
_FACTORS = ("availability", "performance", "quality")


def of_machine(day: MachineDay, key: str) -> EvidenceFace | None:
    """What a figure of a machine's day is made of; None where there is no such figure (any more)."""
    kind, _dash, number = key.partition("-")
    if number and kind in ("span", "stop"):
        return _of_interval(day, kind, int(number))
    told = next((one for one in (*day.derivations, *day.accounts) if key_of(one) == key), None)
    kpis = day.machine.kpis
    if told is None or kpis is None:
        return None
    timezone, known = day.head.timezone, {i.span.start_ms: i for i in day.intervals}
    if isinstance(told, Balance):
        return _of_balance(told, day, kpis, known)
    early = day.machine.oee_known_from_ms if key in EARLY else None
    lines = _sum(day, kpis) if key == "oee" else _quotient(told, timezone)
    names = {"oee": _("Machine OEE"), "quality": _("Quality rate")}
    return _of_derivation(told, names, kpis, lines, timezone, early, _records(told, timezone, known, day))


def of_line(line: LineNow, key: str) -> EvidenceFace | None:
    """What a figure of the line is made of; None where nothing says so (yet)."""
    told = next((one for one in line.derivations if one.kpi == key), None)
    if told is None or line.line is None:
        return None
    timezone = line.head.timezone
    early = next((m.oee_known_from_ms for m in line.machines if m.oee_known_from_ms is not None), None)
    names = {
        "oee": _("Line OEE"), "quality": _("Quality rate"), "capacity_utilisation": _("Capacity use"),
    }  # fmt: skip
    records = _records(told, timezone, {}, None)
    return _of_derivation(told, names, line.line, _quotient(told, timezone), timezone, early, records)


def key_of(told: Derivation | Balance) -> str:
    """The key of a figure that says how it came about."""
    if isinstance(told, Derivation):
        return told.kpi
    return f"hour-{told.window.start_ms}" if told.figure == "difference" else told.figure


def _of_derivation(
    told: Derivation,
    names: Mapping[str, str],
    kpis: Kpis,
    lines: Sequence[Row],
    timezone: str,
    early_ms: int | None,
    records: Sequence[Row],
) -> EvidenceFace:
    name = names.get(told.kpi) or figure_name(told.kpi)
    if early_ms is not None:
        note = _("Shown from {clock} on: the first minutes of a shift say nothing.")
        rows = note_rows((note.format(clock=clock(early_ms, timezone)),))
        return EvidenceFace(name, _window(told.window, timezone), UNKNOWN, "", (*rows, *records))
    notes = [_(UNKNOWNS[told.why])] if told.why else []
    rows = (*lines, *_facts(told.kpi, kpis), *note_rows((*notes, *_flags(kpis))), *records)
    return EvidenceFace(name, _window(told.window, timezone), figure_of(told), derivation_words(told), rows)


def figure_of(told: Derivation) -> str:
    """A derived figure as the screen shows it."""
    if told.kpi in ("mtbf", "mttr"):
        return UNKNOWN if told.value is None else lasted(round(told.value))
    if told.kpi == "target":
        return pieces(None if told.value is None else round(told.value))
    return percent(told.value)


def _of_balance(told: Balance, day: MachineDay, kpis: Kpis, known: Mapping[int, Interval]) -> EvidenceFace:
    timezone = day.head.timezone
    name = figure_name(told.figure)
    if told.figure == "difference":
        name = f"{hour(told.window.start_ms, timezone)} · {name}"
        figure = signed(round(told.value))
    else:
        figure = pieces(round(told.value)) if told.unit == "pcs" else stopwatch(told.value)
    lines = [_signed_line(term) for term in told.terms]
    if len(lines) > 1:
        lines.append(Row(Kind.TOTAL, name, figure))
    if told.figure in ("speed", "reject", "productive") and day.ideal_cycle_ms is not None:
        lines.append(Row(Kind.LINE, _("Ideal cycle"), f"{value_figure(day.ideal_cycle_ms / 1000)} s"))
    rows = (*lines, *_facts(told.figure, kpis), *_records(told, timezone, known, day))
    return EvidenceFace(name, _window(told.window, timezone), figure, "", rows)


def _signed_line(term: Term) -> Row:
    figure = pieces(round(abs(term.value))) if term.unit == "pcs" else stopwatch(abs(term.value))
    return Row(Kind.LINE, term_name(term.name), f"{MINUS} {figure}" if term.value < 0 else figure)


def _quotient(told: Derivation, timezone: str) -> tuple[Row, ...]:
    if told.why and not told.below.value:
        return ()

    def figure(term: Term) -> str:
        return pieces(round(term.value)) if term.unit == "pcs" else stopwatch(term.value)

    below = figure(told.below)
    if told.below.name == "standard_cycle":
        below = f"{value_figure(told.below.value / 1000)} s"
    return (
        Row(Kind.LINE, term_name(told.above.name), figure(told.above)),
        Row(Kind.LINE, f"÷ {term_name(told.below.name)}", below),
        Row(Kind.TOTAL, "=", figure_of(told)),
    )


def _facts(key: str, kpis: Kpis) -> tuple[Row, ...]:
    rows = []
    if key in _FACTORS:
        lost = lost_ms(kpis)[_FACTORS.index(key)]
        rows.append(Row(Kind.LINE, _("Lost by it"), lost_minutes(lost)))
    if key == "availability" and not observed_whole(kpis):
        rows.append(Row(Kind.LINE, _("With its bounds"), availability_words(kpis)))
    rows.append(Row(Kind.LINE, _("Data coverage"), percent(kpis.coverage)))
    rows.append(Row(Kind.LINE, _("Rule set"), kpis.rules))
    return tuple(rows)


def _flags(kpis: Kpis) -> tuple[str, ...]:
    return tuple(_(FLAGS[flag]) for flag in kpis.flags if flag in FLAGS)


def _window(span: Span, timezone: str) -> str:
    return f"{clock_seconds(span.start_ms, timezone)}–{clock_seconds(span.end_ms, timezone)}"


# -- the very intervals and counts --


def _records(
    told: Derivation | Balance, timezone: str, known: Mapping[int, Interval], day: MachineDay | None
) -> tuple[Row, ...]:
    rows: list[Row] = []
    if told.times:
        rows.append(Row(Kind.HEAD, _("Intervals · {count}").format(count=f"{len(told.times):,}")))
        rows += [_interval_record(used, timezone, known.get(used.span.start_ms), day) for used in told.times]
    if told.counts:
        rows.append(Row(Kind.HEAD, _("Counts · {count}").format(count=f"{len(told.counts):,}")))
        rows += [_count_record(made, timezone) for made in told.counts]
    return tuple(rows)


def _interval_record(used: Used, timezone: str, interval: Interval | None, day: MachineDay | None) -> Row:
    word = _(CATEGORIES[used.category])
    if interval is not None and day is not None and interval.category is used.category:
        word = interval_words(interval, day)
    return Row(
        Kind.RECORD, word, minutes_seconds(used.span.length_ms), _window(used.span, timezone), _event(used.event)
    )


def _count_record(made: Made, timezone: str) -> Row:
    word = term_name(made.role.value)
    return Row(Kind.RECORD, word, signed(made.pieces), clock_seconds(made.at_ms, timezone), _event(made.event))


def _event(number: int) -> str:
    return f"#{number}" if number else ""


def interval_words(interval: Interval, day: MachineDay) -> str:
    """What a machine did in an interval: its pause, or its state with the device's word and the mark of a hand."""
    if interval.category is Category.PLANNED:
        pauses = day.looked_at.pauses if day.looked_at else ()
        named = next((pause.name for pause in pauses if pause.span.cut(interval.span)), "")
        return named or _(CATEGORIES[interval.category])
    word = state_word(interval.category, interval.state, interval.by_count)
    parts = [word, alarm_words(interval.code) if interval.code else "", by_hand() if interval.by_hand else ""]
    return " · ".join(part for part in parts if part)


def _of_interval(day: MachineDay, kind: str, number: int) -> EvidenceFace | None:
    timezone = day.head.timezone
    found = [
        i for i in day.intervals
        if (i.span.start_ms == number if kind == "span" else i.stop_id == number and i.category in STOPPED)
    ]  # fmt: skip
    if not found:
        return None
    first = found[0]
    parts = [i for i in day.intervals if i.stop_id == first.stop_id and i.category in STOPPED]
    if not first.stop_id or first.category not in STOPPED:
        parts = [first]
    whole = Span(parts[0].span.start_ms, parts[-1].span.end_ms)
    length_ms = sum(part.span.length_ms for part in parts)
    rows = [Row(Kind.LINE, _("State"), interval_words(first, day).split(" · ")[0])]
    if first.category in STOPPED:
        stop = next((row for row in day.stops if row.id == first.stop_id), None)
        said = stop.reason if stop and stop.reason else _(NOT_LABELLED) if first.unlabelled else UNKNOWN
        rows.append(Row(Kind.LINE, _("Reason"), said))
    if first.code:
        rows.append(Row(Kind.LINE, _("Device's word"), alarm_words(first.code)))
    if first.by_count or first.by_hand:
        rows.append(Row(Kind.LINE, _("Known from"), by_hand() if first.by_hand else _("by its count")))
    rows += _stood_before(day, parts)
    kpis = day.machine.kpis
    rows += _facts("", kpis)[1:] if kpis is not None else ()
    used = [Used(part.span, part.category, part.event or part.stop_id) for part in parts]
    rows.append(Row(Kind.HEAD, _("Intervals · {count}").format(count=f"{len(used):,}")))
    rows += [_interval_record(one, timezone, part, day) for one, part in zip(used, parts, strict=True)]
    name = interval_words(first, day)
    return EvidenceFace(name, _window(whole, timezone), minutes_seconds(length_ms), "", tuple(rows))


def _stood_before(day: MachineDay, parts: Sequence[Interval]) -> tuple[Row, ...]:
    """Which machines before it stood meanwhile, and how long: what it waited for, as far as anybody can say."""
    lengths: dict[str, int] = {}
    for part in parts:
        for span, code in day.stood_before:
            if shared := span.cut(part.span):
                lengths[code] = lengths.get(code, 0) + shared.length_ms
    words = _("{machine} before it stood")
    return tuple(Row(Kind.LINE, words.format(machine=code), minutes_seconds(ms)) for code, ms in lengths.items())


# -- the sum of a machine's OEE --


def _sum(day: MachineDay, kpis: Kpis) -> tuple[Row, ...]:
    """From the window to the productive time. Each level is rounded by itself and a loss is what lies between two
    levels, so that the lines add up as they stand."""
    names = _loss_names(day, kpis)
    level_ms = kpis.window.length_ms
    lines = [Row(Kind.LINE, _("Window"), _figure(level_ms))]
    apart = (("unscheduled", kpis.times.unscheduled_ms), ("planned", kpis.times.planned_ms))
    for kind, length_ms in (*apart, *((s.kind, s.length_ms) for s in day.waterfall)):
        if kind in _TOTALS:
            lines.append(Row(Kind.TOTAL, names[kind], _figure(level_ms)))
            continue
        lost_s = _seconds(level_ms) - _seconds(level_ms - length_ms)
        level_ms -= length_ms
        if lost_s:
            figure = f"{MINUS if lost_s > 0 else '+'} {stopwatch(abs(lost_s) * 1000)}"
            lines.append(Row(Kind.LINE, names[kind], figure))
    if kpis.ideal_good_ms is None:
        unknown = [Row(Kind.LINE, names[kind], UNKNOWN) for kind in ("short_stop", "speed", "reject")]
        lines += [*unknown, Row(Kind.TOTAL, names["productive"], UNKNOWN)]
    return tuple(lines)


def _seconds(ms: int) -> int:
    return (ms + 500) // 1000


def _figure(ms: int) -> str:
    return stopwatch(_seconds(ms) * 1000)


def _loss_names(day: MachineDay, kpis: Kpis) -> dict[str, str]:
    names = loss_words() | {"planned": _("Planned stops"), "unscheduled": _("No shift")}
    if kpis.pieces.reject and day.ideal_cycle_ms is not None:
        seconds = value_figure(day.ideal_cycle_ms / 1000)
        names["reject"] = _("Rejects {count} × {seconds} s").format(count=pieces(kpis.pieces.reject), seconds=seconds)
    return names
