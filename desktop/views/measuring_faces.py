"""What the screen of measurements says of a characteristic, as finished words: list, chart, findings, values."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from desktop import daily_words
from desktop.domain import measuring, spc
from desktop.domain.daily_rows import CheckRow
from desktop.domain.figures.measuring import CharacteristicNow
from desktop.domain.measuring import Analysis, Group, Judged, Signal, State, Use
from desktop.domain.quality import Limits, Mark, Sampling
from desktop.domain.spc import Finding, Index, Points, Rule
from desktop.reports.blocks import Cell, Column, Kind, Table
from desktop.reports.cells import local
from desktop.text import _
from desktop.trace_words import no_value_words
from desktop.views.widgets.capability_card import CapabilityFace
from desktop.views.widgets.characteristic_list import RowFace
from desktop.views.widgets.measured_lists import FoundFace, ValueFace
from desktop.views.widgets.sample_strip import SampleFace
from desktop.views.widgets.spc_chart import CrossFace, PointFace, SpcFace
from desktop.wording.holds import gauge_word
from desktop.wording.measuring import CHARTS, GAUGE_WARNINGS, PARTS, RULE_SETS, SAMPLES, STATES, WARNINGS, finding_words
from desktop.wording.moments import clock, day_clock
from desktop.wording.numbers import MINUS, UNKNOWN, minutes, percent

_SIGNS = {
    State.SIGNAL: "signal", State.OUTSIDE: "signal", State.CAPABILITY: "watch", State.COARSE: "watch",
    State.NO_VALUES: "silent", State.FEW: "few", State.OPEN: "open", State.STABLE: "ok",
}  # fmt: skip
_STRONG = (State.SIGNAL, State.OUTSIDE, State.CAPABILITY, State.COARSE)
_MOST_DIGITS = 6
_MOST_WARNINGS = 3
_MOST_NUMBERS = 6  # of points that are told one by one


def row_face(row: CharacteristicNow, chosen: int | None, timezone: str) -> RowFace:
    """A characteristic in the list."""
    of = row.characteristic
    place = row.place or row.product or (_("by hand") if of.signal is None else "")
    note = " · ".join(part for part in (place, CHARTS[row.analysis.kind]) if part)
    if of.mark is not Mark.NONE:
        note = f"{of.mark.value.upper()} · {note}"
    figure = index_figure(row.analysis.capability.cpk)
    return RowFace(
        of.id, of.name, note, figure, state_words(row), _SIGNS[row.state], row.state in _STRONG, of.id == chosen,
        sample_line(row, timezone), _is_pressing(row.sample),
    )  # fmt: skip


def _is_pressing(sample: CheckRow | None) -> bool:
    return sample is not None and (sample.asks or sample.state == "late")


def sample_line(row: CharacteristicNow, timezone: str) -> tuple[str, str] | None:
    """For when the sample is that says how a characteristic stands, and how far that is; None where each piece is
    measured."""
    sampling, sample = row.characteristic.sampling, row.sample
    if sampling is Sampling.EACH:
        return None
    if sample is None:
        return _(SAMPLES["hour" if sampling is Sampling.HOURLY else "pieces"]), ""
    count = f"{sample.taken}/{sample.wanted}" if sample.wanted > 1 else ""
    when = " · ".join(part for part in (daily_words.occasion_words(sample, timezone), count) if part)
    return when, daily_words.state_word(sample)


def sample_face(row: CharacteristicNow, timezone: str) -> SampleFace | None:
    """The sample beside the chart, None where each piece is measured."""
    line, sample = sample_line(row, timezone), row.sample
    if line is None:
        return None
    if sample is None:
        return SampleFace(_("Sample: {occasion}").format(occasion=line[0]), _("Nothing is to be measured now"), "minus")
    title = _("Sample: {occasion}").format(occasion=daily_words.occasion_words(sample, timezone))
    parts = [line[1], daily_words.note_words(sample)]
    if sample.wanted > 1 and sample.state != "good":
        parts.append(daily_words.value_words(sample))
    if sample.state in ("due", "late"):
        parts.append(_("since {clock}").format(clock=clock(sample.due_ms, timezone)))
    elif sample.state == "good" and sample.done_ms is not None:
        parts.append(clock(sample.done_ms, timezone))
    others = (other for other in row.samples if other != sample and not other.over)
    parts += [f"{daily_words.state_word(each)}: {daily_words.occasion_words(each, timezone)}" for each in others]
    done, over = sum(each.done for each in row.samples), sum(each.over for each in row.samples)
    if over:
        parts.append(_("{done} of {all} in this shift").format(done=done, all=over))
    icon = "check" if sample.state == "good" else "clock"
    return SampleFace(title, " · ".join(part for part in parts if part), icon, _is_pressing(sample), sample.asks)


def state_words(row: CharacteristicNow) -> str:
    """How a characteristic stands: "Signals: 2", "No value 4 min", "n=18, too few"."""
    if row.state is State.SIGNAL:
        return _("Signals: {count}").format(count=len(row.open))
    if row.state is State.NO_VALUES:
        return _("No value {minutes}").format(minutes=minutes(row.silent_ms or 0))
    if row.state is State.FEW:
        return _("n={count}, too few").format(count=row.analysis.capability.n)
    return _(STATES[row.state])


def index_figure(index: Index | None) -> str:
    """A capability index with two decimals."""
    return UNKNOWN if index is None else f"{index.value:.2f}".replace("-", MINUS)


def digits_of(row: CharacteristicNow) -> int:
    """So many decimals its values have: those of the gauge, or of what was measured, at most six."""
    told = [row.gauge.resolution] if row.gauge is not None and row.gauge.resolution else []
    if not told:
        told = [each.value.value or 0.0 for each in row.analysis.told[-50:] if each.use is not Use.NO_VALUE]
    found = (Decimal(repr(round(value, _MOST_DIGITS))).normalize().as_tuple().exponent for value in told)
    return min(max((-int(places) for places in found), default=2), _MOST_DIGITS) if told else 2


def figure(value: float, digits: int, unit: str = "") -> str:
    """A value with its decimals and unit."""
    words = f"{value:.{max(digits, 0)}f}".replace("-", MINUS)
    return f"{words} {unit}" if unit else words


# -- the chart --


def points_of(analysis: Analysis) -> Points | None:
    """The points of a chart with their limits, None without any."""
    if not analysis.points or analysis.centre is None or analysis.sigma is None:
        return None
    figures = [each.figures for each in analysis.points]
    return spc.points(
        analysis.kind, figures, analysis.centre, analysis.sigma, [each.begins for each in analysis.points]
    )


def chart_face(row: CharacteristicNow, now_ms: int, timezone: str, chosen: int | None) -> SpcFace:
    """The control chart."""
    of, analysis, digits = row.characteristic, row.analysis, max(digits_of(row), 0)
    fine = min(digits + 1, _MOST_DIGITS)
    made = points_of(analysis)
    signs = _signs(analysis)
    wide = {each.met for each in analysis.findings if each.of_spread}
    faces = []
    for n, group in enumerate(analysis.points if made is not None else ()):
        assert made is not None
        spread, mean = made.spreads[n], made.means[n]
        past = "past" if analysis.sigma and not made.low[n] <= mean <= made.high[n] else ""
        spread_past = "past" if analysis.sigma and spread is not None and spread > made.spread_high[n] else ""
        fresh = analysis.fresh is None or n >= analysis.fresh
        faces.append(
            PointFace(
                n + 1, mean, spread, made.low[n], made.high[n], made.spread_high[n],
                day_clock(group.at_ms, now_ms, timezone), group.begins, fresh, signs.get(n, past),
                "beyond" if n in wide else spread_past,
            )
        )  # fmt: skip
    lines, spread_lines = tuple[tuple[str, str], ...](), tuple[tuple[str, str], ...]()
    if made is not None and analysis.centre is not None and analysis.sigma:
        lines = (
            ("UCL", figure(made.high[-1], fine)), ("CL", figure(analysis.centre, fine)),
            ("LCL", figure(made.low[-1], fine)),
        )  # fmt: skip
        letter = {"i_mr": "MR", "xbar_r": "R̄", "xbar_s": "S̄"}[analysis.kind]
        spread_lines = (
            ("UCL", figure(made.spread_high[-1], fine)),
            (letter, figure(made.spread_centre[-1], fine)),
        )
    upper, lower = PARTS[analysis.kind]
    return SpcFace(
        of.name,
        _note(row),
        (_(upper), _(lower)),
        tuple(faces),
        analysis.centre if analysis.sigma else None,
        made.spread_centre[-1] if made is not None and analysis.sigma else None,
        digits,
        lines,
        spread_lines,
        baseline_words(analysis, now_ms, timezone),
        chosen if chosen is not None and chosen < len(faces) else None,
        _empty(row),
        _crosses(analysis) if faces else (),
    )


def _crosses(analysis: Analysis) -> tuple[CrossFace, ...]:
    """What was left out among the points."""
    begun_ms = analysis.points[0].values[0].at_ms
    return tuple(
        CrossFace(each.value.id, each.value.value, sum(g.at_ms <= each.value.at_ms for g in analysis.points))
        for each in analysis.told
        if each.use is Use.EXCLUDED and each.value.value is not None and each.value.at_ms >= begun_ms
    )


def _note(row: CharacteristicNow) -> str:
    of, analysis = row.characteristic, row.analysis
    parts = [row.place, row.product if row.product != row.place else ""]
    parts.append(CHARTS[analysis.kind])
    if of.subgroup > 1:
        parts.append(_("subgroups of {count}").format(count=of.subgroup))
    if of.unit:
        parts.append(_("unit {unit}").format(unit=of.unit))
    out = sum(each.use is Use.EXCLUDED for each in analysis.told)
    if out:
        parts.append(_("{count} left out").format(count=out))
    none = sum(each.use is Use.NO_VALUE for each in analysis.told)
    if none:
        parts.append(_("{count} times no value").format(count=none))
    return " · ".join(part for part in parts if part)


def _empty(row: CharacteristicNow) -> str:
    if row.characteristic.signal is None:
        return _("Values appear here as soon as somebody enters one.")
    if row.analysis.told:
        return _("The first points appear here when there are values enough for them.")
    return _("Values appear here as soon as the device sends one.")


def baseline_words(analysis: Analysis, now_ms: int, timezone: str) -> str:
    """By which limits the chart judges: "Limits from 11-12 14:30, version 4"."""
    said = analysis.chart_limits
    if said is None:
        return _("Provisional limits of the points shown") if analysis.own is not None else ""
    since = day_clock(said.start_ms, now_ms, timezone)
    return _("Limits from {moment}, version {number}").format(moment=since, number=said.version)


def _signs(analysis: Analysis) -> dict[int, str]:
    """The points that findings hold: beyond a limit, or part of a run."""
    found: dict[int, str] = {}
    for each in analysis.findings:
        if each.of_spread:
            continue
        for place in range(each.first, each.last + 1):
            sign = "beyond" if each.rule is Rule.BEYOND else "run"
            found[place] = "beyond" if "beyond" in (sign, found.get(place)) else sign
    return found


# -- findings --


def found_faces(row: CharacteristicNow, now_ms: int, timezone: str) -> list[FoundFace]:
    """What the rules found, newest first; single points beyond a limit stand together."""
    analysis, faces = row.analysis, []
    alone: dict[tuple[int, bool], list[int]] = {}
    for place, each in enumerate(analysis.findings):
        if each.rule is Rule.BEYOND:
            alone.setdefault((each.side, each.of_spread), []).append(place)
            continue
        began = _began(analysis, each)
        note = f"#{each.first + 1}–#{each.last + 1}"
        if began is not None:
            when = day_clock(analysis.points[began].at_ms, now_ms, timezone)
            note += "   " + _("began about {moment}").format(moment=when)
        faces.append((each.last, FoundFace(title_of(each), note, "run", each.met)))
    for (side, of_spread), places in alone.items():
        numbers = [n for p in places for n in range(analysis.findings[p].first, analysis.findings[p].last + 1)]
        title = title_of(analysis.findings[places[0]])
        if len(numbers) > 1:
            title = _("{what}: {count} points").format(what=title, count=len(numbers))
        last = analysis.findings[places[-1]].last
        note = _numbers(numbers) if of_spread else _extreme(row, numbers, side)
        faces.append((last, FoundFace(title, note, "beyond", last)))
    faces += _earlier(row, now_ms, timezone)
    return [face for _last, face in sorted(faces, key=lambda pair: -pair[0])]


def _earlier(row: CharacteristicNow, now_ms: int, timezone: str) -> list[tuple[int, FoundFace]]:
    """What nobody has acknowledged and lies before the points shown, with places before them; what goes on among them
    stands there."""
    analysis = row.analysis
    begun_ms = analysis.points[0].values[0].at_ms if analysis.points else now_ms
    going = {title_of(each) for each in analysis.findings if not each.met}
    last: dict[str, tuple[int, Signal]] = {}
    for each in row.open:
        if each.met_ms < begun_ms and title_of(each) not in going:
            last[title_of(each)] = last.get(title_of(each), (0, each))[0] + 1, each
    found = []
    for place, (title, (count, each)) in enumerate(last.items(), -len(last)):
        if count > 1:
            title = _("{what}: {count} times").format(what=title, count=count)
        when = day_clock(each.met_ms, now_ms, timezone)
        note = _("{moment}, before the points shown").format(moment=when)
        found.append((place, FoundFace(title, note, "beyond" if each.rule is Rule.BEYOND else "run", None)))
    return found


def _began(analysis: Analysis, found: Finding) -> int | None:
    """Where what lies on one side probably began, by the cumulative sum up to the last point of the finding."""
    if found.rule not in (Rule.SIDE_9, Rule.SIDE_8, Rule.SIDE_7) or not analysis.sigma or analysis.centre is None:
        return None
    made = analysis.points[analysis.fresh or 0 : found.last + 1]
    means = [sum(each.figures) / len(each.figures) for each in made]
    error = analysis.sigma / len(made[-1].figures) ** 0.5
    began = spc.shift_began(means, analysis.centre, error, found.side)
    return None if began is None else min(began + (analysis.fresh or 0), found.first)


def title_of(found: Finding | Signal) -> str:
    """What a rule found, in words."""
    return _("Spread above its control limit") if found.of_spread else finding_words(found.rule, found.side)


def base_words(analysis: Analysis, found: Iterable[Finding]) -> str:
    """The signals in the points that would make the limits: what each is, and at which points of the chart."""
    assert analysis.own is not None
    base = analysis.alike[-analysis.own.points :]
    places = {group.values[0].id: n for n, group in enumerate(analysis.points)}
    told: dict[str, list[int]] = {}
    for each in found:
        shown = (places.get(group.values[0].id) for group in base[each.first : each.last + 1])
        told.setdefault(title_of(each), []).extend(place for place in shown if place is not None)
    return ", ".join(f"{title} {_span(numbers)}".rstrip() for title, numbers in told.items())


def _span(numbers: list[int]) -> str:
    """Points in few characters: "#40·#41", "#34–#45"."""
    each = sorted(set(numbers))
    if len(each) > 2 and each[-1] - each[0] == len(each) - 1:
        return f"#{each[0] + 1}–#{each[-1] + 1}"
    return _numbers(each)


def _numbers(numbers: list[int]) -> str:
    return "·".join(f"#{n + 1}" for n in numbers[-_MOST_NUMBERS:])


def _extreme(row: CharacteristicNow, numbers: list[int], side: int) -> str:
    """Which points, how far, and whether they lie in their specification."""
    analysis, of = row.analysis, row.characteristic
    means = [sum(g.figures) / len(g.figures) for g in (analysis.points[n] for n in numbers)]
    worst = max(means) if side > 0 else min(means)
    name = _("highest {value}") if side > 0 else _("lowest {value}")
    parts = [_numbers(numbers), name.format(value=figure(worst, digits_of(row), of.unit))]
    good = row.limits.judge(worst) if row.limits is not None else None
    if good is not None:
        parts.append(_("in specification") if good else _("out of specification"))
    return "   ".join(parts)


def found_note(row: CharacteristicNow) -> tuple[str, str]:
    """What stands where nothing was found."""
    analysis = row.analysis
    if not analysis.points:
        return _("No points yet"), ""
    if analysis.frozen is None:
        return _("No signal by provisional limits"), _(
            "Freeze control limits: from then on signals ring on the Overview."
        )
    said = analysis.chart_limits
    known = next((words for _key, words, rules in RULE_SETS if said is not None and set(rules) == set(said.rules)), "")
    rules = _(known) if known else ", ".join(said.rules) if said is not None else ""
    return _("No signal"), _("New points are judged by: {rules}").format(rules=rules)


# -- values --


def value_faces(row: CharacteristicNow, ids: Iterable[int], now_ms: int, timezone: str) -> list[ValueFace]:
    """Some values by their ids, oldest first."""
    wanted, digits = set(ids), digits_of(row)
    found = []
    for each in row.analysis.told:
        value = each.value
        if value.id not in wanted:
            continue
        parts = [day_clock(value.at_ms, now_ms, timezone), value.unit or _("without a unit"), use_words(each)]
        if value.by_hand:
            parts.append(_("by hand") + (f" {value.who}" if value.who else ""))
        said = no_value_words(value.word) if value.word else UNKNOWN
        figure_words = said if value.value is None else figure(value.value, digits, row.characteristic.unit)
        note = " · ".join(part for part in parts if part)
        left_out = each.excluded.id if each.excluded is not None else 0
        found.append(ValueFace(figure_words, note, value.unit, value.id, left_out, each.good))
    return found


def use_words(each: Judged) -> str:
    """What becomes of a value that is not simply counted."""
    if each.use is Use.RETEST:
        return _("retest {number}").format(number=each.attempt - 1)
    if each.use is Use.NO_VALUE:
        return _("no value")
    if each.excluded is not None:
        parts = (_("left out"), each.excluded.why, each.excluded.who)
        return " ".join(part for part in parts if part)
    return ""


def point_title(row: CharacteristicNow, place: int, now_ms: int, timezone: str) -> str:
    """The chosen point: "#41 · 13:20 · 24.0190 mm"."""
    group: Group = row.analysis.points[place]
    mean = sum(group.figures) / len(group.figures)
    shown = figure(mean, digits_of(row), row.characteristic.unit)
    return f"#{place + 1} · {day_clock(group.at_ms, now_ms, timezone)} · {shown}"


def last_words(row: CharacteristicNow) -> str:
    """Of which values the list is: "last 250 values"."""
    return _("last {count} values").format(count=len(row.analysis.told))


def values_table(row: CharacteristicNow) -> Table:
    """The values, newest first, with what became of each and the limits that were valid then."""
    unit = row.characteristic.unit
    columns = (
        Column(_("Measured at"), Kind.MOMENT),
        Column(f"{_('Value')} ({unit})" if unit else _("Value"), Kind.VALUE, strong=True),
        Column(_("Unit")), Column(_("Judgement")), Column(_("Note")), Column(_("Lower limit"), Kind.VALUE),
        Column(_("Upper limit"), Kind.VALUE), Column(_("Entered by")),
    )  # fmt: skip
    lines: list[tuple[Cell, ...]] = []
    for each in reversed(row.analysis.told):
        value, limits = each.value, each.limits or Limits(0, 0)
        judgement = "" if each.good is None else _("Good") if each.good else _("Reject")
        who = (value.who or _("by hand")) if value.by_hand else ""
        note = " · ".join(part for part in (use_words(each), value.word) if part)
        lines.append((value.at_ms, value.value, value.unit, judgement, note, limits.low, limits.high, who))
    return Table(columns, tuple(lines))


# -- capability --


def capability_face(row: CharacteristicNow, now_ms: int, timezone: str) -> CapabilityFace:
    """The figures at the right."""
    analysis, digits = row.analysis, digits_of(row)
    found = analysis.capability
    interval = ""
    if found.cpk is not None:
        interval = _("95 % interval {low}–{high}").format(
            low=f"{found.cpk.low:.2f}".replace("-", MINUS), high=f"{found.cpk.high:.2f}".replace("-", MINUS)
        )
    wanted = _("target: {value} or more").format(value=f"{measuring.ENOUGH_CPK:.2f}")
    resolution = row.gauge.resolution if row.gauge is not None else None
    bars = spc.histogram(analysis.capable, resolution)
    low = high = None
    if row.limits is not None:
        if row.limits.low is not None:
            low = (row.limits.low, _("low {value}").format(value=figure(row.limits.low, digits)))
        if row.limits.high is not None:
            high = (row.limits.high, _("high {value}").format(value=figure(row.limits.high, digits)))
    mean = None
    if found.mean is not None:
        mean = (found.mean, _("mean {value}").format(value=figure(found.mean, digits)))
    warnings = [(_(head), _(body)) for head, body in _warnings(row)]
    return CapabilityFace(
        _("last {count} values").format(count=found.n) if found.n else "",
        index_figure(found.cpk),
        "Cpk",
        (interval, wanted) if found.cpk is not None else (wanted, ""),
        found.cpk is not None and found.cpk.value < measuring.ENOUGH_CPK,
        tuple(warnings[:_MOST_WARNINGS]),
        bars.counts if bars is not None and len(analysis.capable) > 1 else (),
        bars.start if bars is not None else 0.0,
        bars.width if bars is not None else 1.0,
        (low, high),
        mean,
        _rows(row, now_ms, timezone),
    )


def _warnings(row: CharacteristicNow) -> Iterable[tuple[str, str]]:
    """Why the figures are not to be relied on; that of the gauge first, which all the others stand on."""
    if row.calibration is not None and row.calibration.state in GAUGE_WARNINGS:
        yield GAUGE_WARNINGS[row.calibration.state]
    for each in row.analysis.capability.warnings:
        yield WARNINGS[each]


def _rows(row: CharacteristicNow, now_ms: int, timezone: str) -> tuple[tuple[str, str], ...]:
    analysis, digits = row.analysis, digits_of(row)
    found = analysis.capability
    fine = min(digits + 1, _MOST_DIGITS)
    rows = [
        ("Cp", index_figure(found.cp))
        if found.cpm is None
        else ("Cp / Cpm", f"{index_figure(found.cp)} / {found.cpm:.2f}"),
        ("Pp / Ppk", f"{index_figure(found.pp)} / {index_figure(found.ppk)}"),
    ]
    within = UNKNOWN if found.sigma is None else figure(found.sigma, fine)
    overall = UNKNOWN if found.sd is None else figure(found.sd, fine)
    rows.append((_("σ within / overall"), f"{within} / {overall}"))
    rows.append((_("Out of specification"), _("{out} of {count}").format(out=found.outside, count=found.n)))
    good, whole = analysis.first_pass
    words = _("{share} ({good}/last {whole})")
    told = words.format(share=percent(good / whole), good=good, whole=whole) if whole else UNKNOWN
    rows.append((_("First-pass yield"), told))
    kept = []
    if analysis.retests:
        kept.append(_("{count} retests").format(count=analysis.retests))
    if analysis.too_often:
        kept.append(_("{count} too often").format(count=analysis.too_often))
    if analysis.unbound:
        kept.append(_("{count} without a unit").format(count=analysis.unbound))
    if kept:
        rows.append((_("Besides"), " · ".join(kept)))
    if analysis.frozen is not None and (said := analysis.chart_limits) is not None:
        since = day_clock(said.start_ms, now_ms, timezone)
        parts = (_("version {number}").format(number=said.version), since, analysis.frozen.who)
        rows.append((_("Control limits"), " · ".join(part for part in parts if part)))
    if row.changed is not None:  # why stands in the change history
        since = day_clock(row.changed.at_ms, now_ms, timezone)
        rows.append((_("Specified"), " · ".join(part for part in (since, row.changed.who) if part)))
    rows.append((_("Gauge"), row.gauge.name if row.gauge is not None else UNKNOWN))
    if row.calibration is not None:
        due_ms = row.calibration.due_ms
        until = "" if due_ms is None else f"{local(due_ms, timezone):%Y-%m-%d}"
        state = gauge_word(row.calibration.state)
        rows.append((_("Calibration"), " · ".join(part for part in (state, until) if part)))
    return tuple(rows)
