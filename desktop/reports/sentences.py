"""The report in words: result against target, the biggest loss, what is open, how far the figures can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.differences import difference
from desktop.domain.figures.report import LinkGap, MachineRow, ShiftReport
from desktop.domain.intervals import Category
from desktop.reports.blocks import Run
from desktop.reports.derived import achievement, observed, pareto_bars, share, unlabelled
from desktop.text import N_, _
from desktop.wording.kpis import FLAGS, loss_words
from desktop.wording.moments import clock
from desktop.wording.numbers import availability_words, lasted, observed_whole, percent, percent_figure, pieces

Sentence = tuple[Run, ...]
_MOST_OPEN = 4  # what a sentence can list and still be read

_FAULTS = {
    "port_missing": N_("port not there"),
    "port_busy": N_("port in use"),
    "port_denied": N_("port not allowed"),
    "port_refused": N_("nothing answers there"),
    "link_lost": N_("connection broke"),
    "no_answer": N_("no answer"),
    "bad_frames": N_("damaged messages"),
    "noisy": N_("disturbed connection"),
    "exception": N_("request refused"),
    "bad_address": N_("address not known"),
    "silent": N_("no values"),
    "untrusted": N_("certificate not trusted"),
    "refused_login": N_("login refused"),
    "overrun": N_("values lost in the device"),
    "driver_hung": N_("connection hung"),
    "protocol": N_("answer makes no sense"),
    "wrong_baud": N_("unreadable (baud rate)"),
    "slow_pattern": N_("pattern too slow"),
    "flood": N_("too many messages"),
    "wrong_device": N_("another device"),
    "refused": N_("request refused"),
    "collector_off": N_("collector was off"),
    "listening": N_("baud rate was being found"),
}


def result(report: ShiftReport) -> Sentence:
    """What was made against what should have been, and the line's OEE."""
    apart, reached = difference(report.good, report.target, comparable=report.comparable), achievement(report)
    if report.good is None:
        said = _runs(_("**How many good pieces were made is not known.**"))
    elif apart is None and report.target is not None:
        known = _("**{good} good pieces were counted** of {target} due; a part of the time was not seen.")
        said = _runs(known, good=report.good, target=report.target)
    elif apart is None:
        said = _runs(_("**{good} good pieces**; without a standard cycle there is no target."), good=report.good)
    elif report.good == report.target == 0:
        said = _runs(_("**Nothing is due yet.**"))
    elif apart == 0:
        said = _runs(_("**Exactly on target**: {good} pieces."), good=report.good)
    else:
        template = (
            _("**{count} pieces short of the target** ({percent} %).")
            if apart < 0
            else _("**{count} pieces above the target** ({percent} %).")
        )
        said = _runs(template, count=abs(apart), percent=percent_figure(share(report.good, report.target)))
    if report.window.end_ms < report.shift.span.end_ms:
        said = (Run(_("So far:") + " "), *said)
    oee = report.line.oee if report.line else None
    known = _("OEE {oee} %.").format(oee=percent_figure(oee)) if oee is not None else _("OEE is not known.")
    if report.plan is not None and reached is not None:
        planned = _("Plan {plan}: {percent} % achieved.")
        words = planned.format(plan=pieces(report.plan), percent=percent_figure(reached))
        said = (*said, Run(" " + words))
    return (*said, Run(" " + known))


def biggest_loss(report: ShiftReport) -> Sentence:
    """Where most time went: the longest reason of the line's machines, else the biggest step of the time model."""
    bars = [bar for bar in pareto_bars(report) if bar.length_ms]
    heard = [row.kpis.times for row in report.machines if row.kpis.coverage]
    silent_ms, busy_ms = sum(times.no_data_ms for times in heard), sum(times.busy_ms for times in heard)
    if bars and silent_ms > max(bar.length_ms for bar in bars):
        known = _("**Only {percent} % of the shift is known.**")
        said = _runs(known, percent=percent_figure(share(busy_ms - silent_ms, busy_ms)))
        return (*said, Run(" "), *_longest_reason(report))
    if bars:
        return _longest_reason(report)
    steps = [step for step in report.waterfall if not step.total and step.length_ms > 0]
    if steps:
        step = max(steps, key=lambda one: one.length_ms)
        return _runs(
            _("Nothing stood still for long; the biggest loss was **{what}, {minutes}**."),
            what=loss_words()[step.kind],
            minutes=lasted(step.length_ms),
        )
    if observed(report):
        return _runs(_("No loss was recorded."))
    return _runs(_("**No losses are known**: no device sent anything in this time."))


def _longest_reason(report: ShiftReport) -> Sentence:
    """A machine that waits for another is its loss, so waiting is named second unless there is nothing else."""
    bars = [bar for bar in pareto_bars(report) if bar.length_ms]
    own = [bar for bar in bars if bar.category is not Category.WAIT]
    waits = [bar for bar in bars if bar.category is Category.WAIT]
    top = max(own or waits, key=lambda bar: bar.length_ms)
    many = len(report.machines) > 1
    said = _of_line(report) if many else ()
    said += _runs(
        _("Most downtime of the {machines} machines: **{what}, {minutes}** ({count}×).")
        if many
        else _("The biggest loss was **{what}, {minutes}** ({count}×)."),
        machines=len(report.machines),
        what=top.label if top.labelled else _("stops without a reason"),
        minutes=lasted(top.length_ms),
        count=top.count,
    )
    stood = [stop for stop in report.stops if stop.category is Category.STOP]
    longest = max(stood, key=lambda stop: stop.length_ms, default=None)
    if longest:
        said += _runs(
            " " + _("Longest stop: {machine} {at}, {minutes}."),
            machine=longest.machine_name,
            at=clock(longest.start_ms, report.head.timezone),
            minutes=lasted(longest.length_ms),
        )
    if own and waits and waits[0].length_ms > top.length_ms:
        said += _runs(
            " " + _("{what}: {minutes} over all machines."),
            what=waits[0].label,
            minutes=lasted(waits[0].length_ms),
        )
    return said


def _of_line(report: ShiftReport) -> Sentence:
    """The biggest step of the line's time at its constraint: minutes of one machine, not to be held against those of
    all. Nothing where the line has no constraint or lost nothing."""
    judge = next((row for row in report.machines if row.id == report.constraint), None)
    steps = [s for s in report.waterfall if not s.total and s.length_ms > 0 and s.kind != "no_data"]
    if judge is None or not steps:
        return ()
    step = max(steps, key=lambda one: one.length_ms)
    return _runs(
        _("The biggest loss of the line ({machine}) was **{what}, {minutes}**.") + " ",
        machine=judge.name,
        what=loss_words()[step.kind],
        minutes=lasted(step.length_ms),
    )


def still_open(report: ShiftReport) -> Sentence:
    """What the next shift finds unfinished: stops without a reason, machines that stand, devices that are silent."""
    timezone = report.head.timezone
    found = []
    nameless = unlabelled(report)
    if nameless.count:
        found.append(
            _("stops without a reason: {count} ({minutes})").format(
                count=nameless.count, minutes=lasted(nameless.length_ms)
            )
        )
    found += [
        _("{machine} stopped since {at}").format(machine=stop.machine_name, at=clock(stop.start_ms, timezone))
        for stop in report.stops
        if stop.end_ms is None and stop.category is Category.STOP
    ]
    silent = gap_sentences([gap for gap in report.gaps if gap.end_ms is None], timezone)
    found += silent or [
        _("nothing is known of {machine}").format(machine=row.name) for row in report.machines if row.kpis.coverage == 0
    ]
    if not found:
        return _runs(_("Nothing is open: every stop has its reason and every device answers."))
    if len(found) > _MOST_OPEN:
        found[_MOST_OPEN:] = [_("{count} more").format(count=len(found) - _MOST_OPEN)]
    return (Run(_("Open:"), strong=True), Run(" " + " · ".join(found)))


def gap_sentences(gaps: Sequence[LinkGap], timezone: str) -> list[str]:
    """When devices were silent, without full stops; devices that fell silent together stand together."""
    together: dict[tuple[str, str | None, int], list[str]] = {}
    longest: dict[tuple[str, str | None, int], int] = {}
    for gap in gaps:
        start = clock(gap.start_ms, timezone)
        end = None if gap.end_ms is None else clock(gap.end_ms, timezone)
        length_ms = 0 if gap.end_ms is None else gap.end_ms - gap.start_ms
        key = (start, end, length_ms // 60_000)
        together.setdefault(key, []).append(gap.device)
        longest[key] = max(longest.get(key, 0), length_ms)
    return [
        _("{device} offline since {start}").format(device=", ".join(devices), start=start)
        if end is None
        else _("{device} offline {start}–{end} ({minutes})").format(
            device=", ".join(devices), start=start, end=end, minutes=lasted(longest[start, end, length])
        )
        for (start, end, length), devices in together.items()
    ]


def quality_notes(report: ShiftReport) -> tuple[str, ...]:
    """How far the figures can be trusted, each without a full stop; the good case is said too."""
    said = gap_sentences(report.gaps, report.head.timezone)
    if not said and report.machines and all(row.kpis.coverage == 1 for row in report.machines):
        said.append(_("Every device answered the whole time"))
    bounds = [
        f"{row.name} {availability_words(row.kpis)}"
        for row in report.machines
        if row.kpis.availability is not None and not observed_whole(row.kpis)
    ]
    if bounds:
        said.append(_("Availability with its bounds: {machines}").format(machines=", ".join(bounds)))
    derived = [row.name for row in report.machines if row.by_count]
    if derived:
        said.append(_("States derived from counts: {machines}").format(machines=", ".join(derived)))
    said += flag_sentences(report.machines, report.flags)
    late = [f"{row.name} {percent(row.late_kpis.oee)}" for row in report.machines if row.late_kpis is not None]
    if late:
        said.append(_("OEE with the stops approved afterwards as planned: {machines}").format(machines=", ".join(late)))
    if any(piece.by_hand for row in report.machines for piece in row.intervals):
        by_hand = [row.name for row in report.machines if any(piece.by_hand for piece in row.intervals)]
        said.append(_("Time known by hand alone: {machines}").format(machines=", ".join(by_hand)))
    keyed = [f"{row.name} {pieces(row.by_hand)}" for row in report.machines if row.by_hand]
    if keyed:
        said.append(_("Pieces counted by hand: {machines}").format(machines=", ".join(keyed)))
    if report.corrections:
        said.append(_("Corrections by hand: {count}").format(count=pieces(report.corrections)))
    return tuple(said)


def flag_sentences(machines: Sequence[MachineRow], others: Sequence[tuple[str, str]] = ()) -> list[str]:
    """What a reader of the figures must know, each flag once with whom it is about, without full stops."""
    said = []
    for flag, words in FLAGS.items():
        flagged = [row.name for row in machines if flag in row.kpis.flags]
        flagged += [about for other, about in others if other == flag]
        if flagged:
            said.append(f"{', '.join(flagged)}: {_(words)}")
    return said


def fault_words(kind: str) -> str:
    """A device's fault in two or three words; a kind that is not known here stays as it is."""
    return _(_FAULTS[kind]) if kind in _FAULTS else kind


def _runs(template: str, **values: str | int) -> Sentence:
    """A sentence with its **strong** parts. The marks count in the template only, never in a name put into it."""
    said = {key: pieces(value) if isinstance(value, int) else value for key, value in values.items()}
    parts = template.split("**")
    return tuple(Run(part.format(**said), index % 2 == 1) for index, part in enumerate(parts) if part)
