"""What is known of a code, in words: for the screen, the paper, the tables and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from desktop.domain.figures.trace import (
    Doubt,
    DoubtRow,
    MadeBefore,
    Missing,
    Neighbour,
    Node,
    Passage,
    Recall,
    Stage,
    Trace,
    TraceFinding,
    TraceHold,
    TraceMove,
    TraceValue,
    UnitList,
)
from desktop.domain.intervals import Category
from desktop.domain.quality import Limits, Mark, StationKind
from desktop.finding_words import short
from desktop.text import N_, _, particles, plural, visible
from desktop.wording.holds import disposition_word, fate_word, gauge_word
from desktop.wording.holds import kind_word as kind_word
from desktop.wording.moments import clock, clock_seconds, iso_day
from desktop.wording.numbers import UNKNOWN, exact_figure, lasted, pieces
from desktop.wording.states import by_hand, state_word

JUDGEMENTS = {"good": N_("Passed"), "reject": N_("Rejected"), "retest": N_("Retest")}
_WAYS = {"scan": N_("Scan"), "part": N_("Automatic"), "hand": N_("By hand")}
STAGES = {
    Stage.LINE: N_("In the line"),
    Stage.STOCK: N_("In stock"),
    Stage.SHIPPED: N_("Shipped"),
    Stage.SCRAP: N_("Scrapped"),
}
_LINKS = {"consumed": N_("built in"), "packed": N_("packed")}
_MOVES = {StationKind.STOCK.value: N_("Put into stock"), StationKind.SHIP.value: N_("Shipped")}
_MISSING = {
    Missing.GAP: N_("No scan on record"),
    Missing.NOT_YET: N_("Not yet"),
    Missing.NO_READER: N_("Nothing is read here"),
    Missing.LEFT_OUT: N_("Not passed"),
}
_ATTRIBUTES = {
    "gtin": N_("GTIN"),
    "lot": N_("Lot"),
    "serial": N_("Serial number"),
    "expiry": N_("Use by"),
    "made": N_("Made on"),
    "product": N_("Product"),
    "quantity": N_("Quantity on the label"),
    "material": N_("Material"),
}


def judgement_word(judgement: str) -> str:
    """How something was judged, "" where nobody judged."""
    return _(JUDGEMENTS[judgement]) if judgement in JUDGEMENTS else visible(judgement)


def stage_word(stage: Stage) -> str:
    """Where a unit is: "Shipped"."""
    return _(STAGES[stage])


def place_words(stage: Stage, at: str) -> str:
    """The same with the machine or station: "In the line · Weld WD-01"."""
    return " · ".join(part for part in (stage_word(stage), visible(at)) if part)


def link_word(kind: str) -> str:
    """How one thing came into another: "packed"."""
    return _(_LINKS[kind]) if kind in _LINKS else visible(kind)


def attribute_word(key: str) -> str:
    """What a label tells: "Use by"."""
    return _(_ATTRIBUTES[key]) if key in _ATTRIBUTES else visible(key)


_NOT_SURE = {
    "unit": N_("other unit"),
    "unstable": N_("unsteady"),
    "overload": N_("beyond its range"),
    "underload": N_("below its range"),
    "error": N_("no value"),
    "uncertain": N_("uncertain"),
}


def no_value_words(said: str) -> str:
    """What a device said in place of a value: its own word, or its number and why it is none: "0.945 (other unit)"."""
    number, found, why = said.removesuffix(")").rpartition(" (")
    if said in _NOT_SURE:
        return _(_NOT_SURE[said])
    return f"{number} ({_(_NOT_SURE[why])})" if found and why in _NOT_SURE else visible(said)


def values_only(value: TraceValue, *, exact: bool = True) -> str:
    """The values, the first one first: "0.8 → 0.3"; with every digit, or with six figures at most."""
    return " → ".join(
        no_value_words(words)
        if one is None and words
        else exact_figure(one if exact or one is None else float(f"{one:.6g}"))
        for one, words in zip(value.values, value.words, strict=True)
    )


def values_words(value: TraceValue) -> str:
    """What was measured, the first value first: "Leak 0.8 → 0.3 cc/min"."""
    hand = ", ".join(dict.fromkeys(visible(who) for who in value.who if who))
    hand = f"({' '.join(part for part in (by_hand(), hand) if part)})" if value.who else ""
    return " ".join(
        part for part in (visible(value.name), values_only(value, exact=False), visible(value.unit), hand) if part
    )


def limits_words(limits: Limits | None) -> str:
    """What was allowed: "170–195", "≤ 0.5", "≥ 0.9", a dash where nobody said."""
    if limits is None or (limits.low is None and limits.high is None):
        return UNKNOWN
    if limits.low is None:
        return f"≤ {exact_figure(limits.high)}"
    if limits.high is None:
        return f"≥ {exact_figure(limits.low)}"
    return f"{exact_figure(limits.low)}–{exact_figure(limits.high)}"


def mark_word(mark: Mark) -> str:
    """How a customer marks a characteristic: "CC"."""
    return mark.value.upper()


def way_words(row: Passage) -> str:
    """How it was known that the piece was there, and how often it was tried again: "Scan · Retest 1"."""
    ways = [_(_WAYS[way]) for way in row.ways if way in _WAYS]
    again = max((value.attempts - 1 for value in row.values), default=0)
    if again > 0:
        ways.append(_("Retest {n}").format(n=again))
    if row.again:
        ways.append(_("Again"))
    return " · ".join(ways) or UNKNOWN


def operators_words(row: Passage) -> str:
    """Who was at the machine; a dash where nobody said."""
    return visible(", ".join(row.operators)) or UNKNOWN


def judged_words(row: Passage) -> str:
    """The judgement of a station, and that the first one was no good."""
    if row.missing is not None:
        return missing_words(row)
    parts = (
        judgement_word(row.judgement), first_rejected() if row.first_rejected else "",
        _("Not measured") if row.unmeasured else "",
    )  # fmt: skip
    return " · ".join(part for part in parts if part) or UNKNOWN


def first_rejected() -> str:
    """The mark of what was good only when it was measured again."""
    return _("1st rejected")


def missing_words(row: Passage) -> str:
    """Why there is no record, "" where there is one."""
    return _(_MISSING[row.missing]) if row.missing is not None else ""


def station_words(row: Passage) -> str:
    """A station with its number: "40 Wash"."""
    number = str(row.place) if row.place is not None else ""
    return " ".join(part for part in (number, visible(row.name)) if part)


def gap_words(row: Passage, timezone: str) -> str:
    """That a record or a value is missing, and when the pieces beside it passed."""
    if row.missing is None:
        words = _("{what} was not measured at {station}.")
        return particles(words.format(what=visible(", ".join(row.unmeasured)), station=station_words(row)))
    words = _("There is no scan at {station}.").format(station=station_words(row))
    if row.between is None:
        return words
    start, end = clock(row.between.start_ms, timezone), clock(row.between.end_ms, timezone)
    if start == end:
        beside = (
            _("The pieces before and behind it of the same lot passed at {at}.")
            if row.same_lot
            else _("The pieces before and behind it passed at {at}.")
        ).format(at=start)
    else:
        beside = (
            _("The pieces before and behind it of the same lot passed from {start} to {end}.")
            if row.same_lot
            else _("The pieces before and behind it passed from {start} to {end}.")
        ).format(start=start, end=end)
    return f"{words} {beside}"


def neighbour_words(near: Neighbour | None) -> str:
    """How a piece lies to the stop before it: "3 min after Breakdown"; "" where there was none."""
    if near is None:
        return ""
    part = near.interval
    what = visible(near.reason) or state_word(part.category, part.state, part.by_count)
    if part.category is Category.SHORT_STOP and not near.reason:
        what = state_word(Category.STOP, part.state)
    if not near.before_ms:
        return _("During {stop}").format(stop=what)
    return _("{time} after {stop}").format(time=lasted(near.before_ms), stop=what)


def finding_words(found: TraceFinding, timezone: str) -> str:
    """What was wrong at a scan: "09:12:04 WD-01: Station skipped, OP20 (refused)"."""
    what = ", ".join(part for part in (short(found.kind), visible(_about(found.detail))) if part)
    refused = f" ({_('refused')})" if found.refused else ""
    return f"{clock_seconds(found.at_ms, timezone)} {visible(found.machine_code)}: {what}{refused}"


def _about(detail: str) -> str:
    """What it was about, "" where nothing was told."""
    try:
        told = json.loads(detail)
    except ValueError:
        return ""
    return str(told.get("about") or "") if isinstance(told, dict) else ""


def move_words(move: TraceMove, timezone: str) -> str:
    """Where something was put: "14:02:11 Put into stock, Store (in BOX-0047)"."""
    what = _(_MOVES[move.kind]) if move.kind in _MOVES else visible(move.kind)
    words = f"{clock_seconds(move.at_ms, timezone)} {what}, {visible(move.station_name)}"
    return f"{words} ({_('in {box}').format(box=visible(move.code))})" if move.code else words


def off_words(node: Node, timezone: str) -> str:
    """A part that was taken out: "O-ring OR-5521: out at 14:02:11"."""
    what = " ".join(part for part in (visible(node.what) or kind_word(node.kind), visible(node.code)) if part)
    return _("{part}: taken out at {at}").format(part=what, at=clock_seconds(node.ended_ms, timezone))


def node_note(node: Node, timezone: str) -> str:
    """What stands small below a thing on the path."""
    if node.kind == "lot":
        return plural(N_("{count} unit with this lot"), N_("{count} units with this lot"), node.count).format(
            count=pieces(node.count)
        )
    at = clock(node.at_ms, timezone)
    if node.kind in ("box", "pallet"):
        told = plural(N_("{count} inside"), N_("{count} inside"), node.count).format(count=pieces(node.count))
        return _("{inside} · packed {at}").format(inside=told, at=at)
    return " ".join(part for part in (visible(node.machine_name), at) if part)


def summary_words(found: Trace) -> str:
    """Retests and gaps of a unit in one line."""
    retests = plural(N_("{n} retest"), N_("{n} retests"), found.retests).format(n=found.retests)
    again = sum(row.again for row in found.passages)
    told = [retests if found.retests else _("No retest")]
    told.append(
        plural(N_("{n} station twice"), N_("{n} stations twice"), again).format(n=again) if again else _("no rework")
    )
    return " · ".join(told)


_NO_RECORD = (Missing.NO_READER, Missing.LEFT_OUT)


def verdict_words(found: Trace) -> str:
    """How many stations have a record, and how many should and have none."""
    route = [row for row in found.passages if row.place is not None and row.missing not in _NO_RECORD]
    there = sum(row.at_ms is not None for row in route)
    words = _("{there} of {all} stations").format(there=there, all=len(route)) if route else ""
    gaps = len(found.gaps)
    missing = plural(N_("{n} record missing"), N_("{n} records missing"), gaps).format(n=gaps) if gaps else ""
    return " · ".join(part for part in (words, missing) if part)


def counted_words(units: UnitList) -> str:
    """How many there are, and where: "251 units · shipped 120 · in stock 80 · scrapped 1 · in the line 50", and what
    may be there besides."""
    total = plural(N_("{count} unit"), N_("{count} units"), len(units.units)).format(count=pieces(len(units.units)))
    parts = [f"{stage_word(stage)} {pieces(units.count(stage))}" for stage in _SUMMED]
    return " · ".join([total, *parts, *map(doubt_words, units.doubts)])


_SUMMED = (Stage.SHIPPED, Stage.STOCK, Stage.SCRAP, Stage.LINE)


def balance_words(found: Recall) -> str:
    """The sum of a mock recall: "Built 251 = shipped 120 + stock 80 + scrap 1 + in the line 50"."""
    shipped, stock, scrap, line = (pieces(found.units.count(stage)) for stage in _SUMMED)
    return _("Built {built} = shipped {shipped} + in stock {stock} + scrapped {scrap} + in the line {line}").format(
        built=pieces(len(found.units.units)), shipped=shipped, stock=stock, scrap=scrap, line=line
    )


_RECALLS = {"lot": N_("Mock recall of lot {code}"), "order": N_("Mock recall of work order {code}"),
            "day": N_("Mock recall of {code}")}  # fmt: skip


def recall_title(found: Recall) -> str:
    """Of what a mock recall is."""
    return _(_RECALLS[found.asked]).format(code=visible(found.subject))


def doubt_words(row: DoubtRow) -> str:
    """What does not reconcile, in a sentence."""
    code, expected, found = visible(row.code), pieces(row.expected), pieces(row.found)
    if row.kind is Doubt.TWICE_PACKED:
        return _("{code} lies in {count} boxes at once: {boxes}.").format(
            code=code, count=found, boxes=visible(row.detail)
        )
    if row.kind is Doubt.SCRAPPED_AND_SHIPPED:
        return _("{code} was scrapped and yet shipped.").format(code=code)
    if row.kind is Doubt.REJECTED_AND_SHIPPED:
        return particles(_("{code} was found bad last and yet shipped.").format(code=code))
    if row.kind is Doubt.UNMEASURED_AND_SHIPPED:
        words = _("{code} was shipped without a value of {what}.")
        return particles(words.format(code=code, what=visible(row.detail)))
    if row.kind is Doubt.NOT_BUILT:
        return particles(_("{code} was put into stock or shipped, and no machine ever read it.").format(code=code))
    if row.kind is Doubt.BOX_COUNT:
        return _("Box {code} says {expected} and holds {found}.").format(code=code, expected=expected, found=found)
    if row.kind is Doubt.LOT_COUNT:
        return _("Lot {code} has {expected} by its label and went into {found}.").format(
            code=code, expected=expected, found=found
        )
    if row.kind is Doubt.REFUSED:
        words = plural(
            N_("{count} refused piece was read while box {code} was filled, {units}: look whether it is in it."),
            N_("{count} refused pieces were read while box {code} was filled, {units}: look whether they are in it."),
            row.found or 0,
        )
        return particles(words.format(count=found, code=code, units=visible(row.detail)))
    if row.kind is Doubt.SAME_NUMBER:
        return _("Another lot has the number {code}, too, and is not in this list: {other}.").format(
            code=code, other=visible(row.detail)
        )
    return _("{machine} counted {expected} pieces and {found} of them were read.").format(
        machine=" ".join(part for part in (visible(row.detail), code) if part), expected=expected, found=found
    )


def before_title(found: MadeBefore) -> str:
    """Which pieces: "Pieces of Weld in the 20 minutes before the stop at 13:21"."""
    return _("Pieces of {machine} in the 20 minutes before the stop at {at}").format(
        machine=visible(found.machine_name), at=clock(found.stop_ms, found.timezone)
    )


def before_note(found: MadeBefore) -> str:
    """Why it stood, how long, and how many of the pieces have no number."""
    part = found.stop
    why = visible(found.reason) or state_word(part.category, part.state, part.by_count)
    read = plural(N_("{count} piece read"), N_("{count} pieces read"), len(found.rows)).format(
        count=pieces(len(found.rows))
    )
    told = [f"{why} {lasted(found.length_ms)}", read]
    if found.unread:
        told.append(
            plural(N_("{count} counted without a number"), N_("{count} counted without a number"), found.unread).format(
                count=pieces(found.unread)
            )
        )
    return " · ".join(told)


def joined(values: Iterable[TraceValue]) -> str:
    """Everything that was measured at a station: "Current 201 A · Energy 1.84 kJ"."""
    return " · ".join(values_words(value) for value in values)


def joined_limits(values: Sequence[TraceValue]) -> str:
    """The limits of the same, in the same order."""
    if not values:
        return UNKNOWN
    return " · ".join(limits_words(value.limits) for value in values)


def gauge_words(value: TraceValue, timezone: str) -> str:
    """With what it was measured and how its calibration stood then: "Air gauge A-03 · calibrated 2026-05-01, good"."""
    gauge = " ".join(part for part in (visible(value.gauge_name), visible(value.gauge_code)) if part)
    if value.gauge_state is None:
        return gauge
    stands = gauge_word(value.gauge_state)
    if value.calibrated_ms is None:
        return f"{gauge} · {stands}"
    on = iso_day(value.calibrated_ms, timezone)
    return f"{gauge} · {_('calibrated {day}, {state}').format(day=on, state=stands)}"


def hold_words(hold: TraceHold, timezone: str) -> str:
    """A hold and what became of it: "11:20:00 On hold: leaks (because of OR-5521) · 12:00:00 Rework · released"."""
    head = _("On hold: {reason}").format(reason=visible(hold.reason)) if hold.reason else _("On hold")
    parts = [f"{clock_seconds(hold.at_ms, timezone)} {head}"]
    if hold.of:
        parts[0] += f" ({_('because of {code}').format(code=visible(hold.of))})"
    if hold.who:
        parts.append(visible(hold.who))
    for at_ms, what, number, note in hold.decided:
        told = " ".join(part for part in (disposition_word(what), visible(number), visible(note)) if part)
        parts.append(f"{clock_seconds(at_ms, timezone)} {told}")
    parts.append(fate_word(hold.fate))
    return " · ".join(parts)
