"""Whether what somebody says can be: pieces, and where a stop is split. Looked at before it is written down."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain import adjust, calendar, entries
from desktop.domain.adjust import Booking, BookingKind
from desktop.domain.calendar import Shift
from desktop.domain.entries import OPEN_MS, Booked, Ordered, Said, Split
from desktop.domain.intervals import STOPPED, Category
from desktop.domain.spans import Span
from desktop.store import entries as spoken
from desktop.store.database import KnownError, Store
from desktop.summaries.frame import Frame, frame
from desktop.summaries.station import Facts, Station
from desktop.text import _
from desktop.wording.moments import clock, clock_seconds

_WEEKS_MS = 84 * 86_400_000  # so long pieces may lie in rework
_LEAST_CYCLE_MS = 100  # no machine without an ideal cycle is taken to be faster
_MOST_RATIO = 1.5  # so many times what its ideal cycle allows a machine may have made, where that is set too long
_JUST_NOW_MS = 120_000  # what was found just now may have been made in any hour of the shift


def refuse(store: Store, told: Sequence[Said], now_ms: int) -> None:
    """Raises KnownError with a sentence where a correction does not fit what was counted or could be made, a stop is
    split at a moment at which the machine did not stand, or an order is said to have begun where another one ran; a
    shift of which nothing is set up, and a machine that is not there, are no reason to refuse."""
    for split in (said for said in told if isinstance(said, Split)):
        if words := _of_split(store, split, now_ms):
            raise KnownError(words)
    for ordered in (said for said in told if isinstance(said, Ordered)):
        if words := _of_order(store, ordered, now_ms):
            raise KnownError(words)
    wanted = [said for said in told if isinstance(said, Booked)]
    now_ms = max(
        [now_ms, *(max(said.start_ms + 1, said.end_ms) for said in wanted)]
    )  # the clock may have been set back meanwhile
    for place, said in enumerate(wanted):
        words = _refusal(store, said, wanted[:place], now_ms)
        if words:
            raise KnownError(words)


def _refusal(store: Store, said: Booked, before: Sequence[Booked], now_ms: int) -> str:
    if said.pieces == 0:
        return _("Say how many pieces it were.")
    if said.kind in adjust.ADDED and said.end_ms < said.start_ms:
        return _("That time ends before it begins. Choose another time.")
    if said.kind in adjust.OUTCOMES and said.pieces < 0:
        return _("Fewer than none cannot have come out of rework. Take the entry back instead.")
    at = frame(store, now_ms)
    shift = calendar.shift_at(at.register.calendar, said.start_ms)
    machine = next((each for each in at.plant.machines if each.id == said.machine), None)
    if machine is None:
        return ""
    if said.kind in adjust.ADDED and shift is None:
        return _("There was no shift at that time. Add it in the calendar first, then key in its pieces.")
    if shift is None:
        return ""
    if said.kind in adjust.OUTCOMES:
        return _of_rework(store, said, before, now_ms)
    at = frame(store, now_ms, shift)
    station = Station(store, at, machine)
    facts = station.facts(at)
    newest = at.newest
    more = [_booking(newest + place, each, now_ms) for place, each in enumerate((*before, said), 1)]
    told = [*entries.bookings(entries.of(at.said, machine.id)), *(each for each in more if each.machine == machine.id)]
    found = station.booked(at, facts.intervals, told)
    flag = next((each.flag for each in found.refused if each.booking.id == newest + len(before) + 1), "")
    if said.kind in adjust.ADDED:
        return _words(said, flag, facts, at) or _of_speed(said, told[:-1], shift, facts, now_ms)
    return _words(said, flag, facts, at) or _of_hour(said, shift, facts, now_ms)


def _of_split(store: Store, said: Split, now_ms: int) -> str:
    now_ms = max(now_ms, said.start_ms + 1, said.end_ms if said.end_ms != OPEN_MS else 0)  # the clock may be behind
    at = frame(store, now_ms)
    shift = calendar.shift_at(at.register.calendar, said.start_ms)
    machine = next((each for each in at.plant.machines if each.id == said.machine), None)
    if machine is None:
        return ""
    facts = Station(store, at := frame(store, now_ms, shift), machine).facts(at)
    stands = (*STOPPED, Category.SHORT_STOP, Category.NO_DATA)
    for part in facts.intervals:
        if part.category in stands and part.span.start_ms < said.start_ms < part.span.end_ms:
            return ""
    words = _("{machine} did not stand at {clock}, so there is nothing to split. Look at the stop again.")
    return words.format(machine=machine.name, clock=clock_seconds(said.start_ms, at.head.timezone))


def _booking(number: int, said: Booked, now_ms: int) -> Booking:
    return entries.booking(number, said, now_ms)


def _words(said: Booked, flag: str, facts: Facts, at: Frame) -> str:
    """Why the shift does not hold what is said."""
    made = facts.kpis.pieces
    outputs = [each for each in facts.kpis.sums.outputs if each.product == said.product]
    if flag == "exceeds_made" and outputs and len({each.product for each in facts.kpis.sums.outputs}) > 1:
        of_rejects = said.kind in adjust.OF_REJECTS
        words = (
            _("Only {count} rejects of {product} were counted in that shift; {pieces} cannot be among them.")
            if of_rejects
            else _("Only {count} good pieces of {product} were counted in that shift; {pieces} cannot be taken off.")
        )
        count = sum(each.reject if of_rejects else each.good for each in outputs)
        name = next((p.name for p in at.plant.products if p.id == said.product), "")
        return words.format(count=f"{count:,}", product=name, pieces=f"{said.pieces:,}")
    if flag == "exceeds_made" and said.kind in adjust.OF_REJECTS:
        words = _("Only {count} rejects were counted in that shift; {pieces} cannot be among them.")
        return words.format(count=f"{made.reject:,}", pieces=f"{said.pieces:,}")
    if flag == "exceeds_made":
        words = _("Only {count} good pieces were counted in that shift; {pieces} cannot be taken off.")
        return words.format(count=f"{made.good:,}", pieces=f"{said.pieces:,}")
    if flag == "unknown_product":
        return _("This product was not made in that shift. Choose the hour in which it was made.")
    if flag == "exceeds_booked":
        return _("So many pieces were not booked in that shift; they cannot be taken back.")
    return ""


def _of_hour(said: Booked, shift: Shift, facts: Facts, now_ms: int) -> str:
    """Why the hour that was chosen does not hold it. Who says "just now", or the shift before, means no hour."""
    whole = said.start_ms >= shift.span.end_ms - 1 or now_ms - said.start_ms <= _JUST_NOW_MS
    row = next((row for row in facts.hours if row.span.holds(said.start_ms)), None)
    if whole or row is None or row.good is None or said.kind in adjust.STILL or said.pieces <= row.good:
        return ""
    words = _("Only {count} good pieces were counted in that hour; {pieces} cannot be taken off.")
    return words.format(count=f"{row.good:,}", pieces=f"{said.pieces:,}")


def _of_speed(said: Booked, before: Sequence[Booking], shift: Shift, facts: Facts, now_ms: int) -> str:
    """Why so many pieces cannot have been made in the time for which they are keyed in, beside those that are known:
    its own time, the hour that was chosen, or, for "just now" and the shift before, the shift."""
    time = Span(said.start_ms, said.end_ms)
    if not time.length_ms:
        hour = next((row.span for row in facts.hours if row.span.holds(said.start_ms)), None)
        whole = said.start_ms >= shift.span.end_ms - 1 or now_ms - said.start_ms <= _JUST_NOW_MS
        time = shift.span if whole or hour is None else hour
    if said.end_ms > shift.span.end_ms:
        return _("That time reaches over the end of its shift. Key in the pieces of each shift by itself.")
    time = time.cut(Span(time.start_ms, max(now_ms, time.start_ms + 1))) or time
    cycles = [output.ideal_cycle_ms for output in facts.kpis.sums.outputs if output.ideal_cycle_ms]
    if not cycles:
        return _of_any_speed(said, before, shift, facts, now_ms, time)
    known = _known(before, facts, now_ms, time)
    most = int(_MOST_RATIO * time.length_ms / min(cycles))
    if said.pieces + known <= most:
        return ""
    words = _(
        "{machine} makes at most {most} pieces in that time, half again as many as its ideal cycle allows, and {known} "
        "are known already; {pieces} more cannot be."
    )
    return words.format(machine=facts.machine.name, most=f"{most:,}", known=f"{known:,}", pieces=f"{said.pieces:,}")


def _of_any_speed(said: Booked, before: Sequence[Booking], shift: Shift, facts: Facts, now_ms: int, time: Span) -> str:
    """The same of a machine without an ideal cycle. What was keyed in for other times of the shift, or for a moment of
    it, counts too: hour by hour no more goes in than the shift can hold."""
    so_far = Span(shift.span.start_ms, min(shift.span.end_ms, max(now_ms, time.end_ms)))
    in_time = _(
        "{machine} has no ideal cycle, so at most ten pieces a second are taken: {most} in that time, and {known} are "
        "known already; {pieces} more cannot be."
    )
    in_shift = _(
        "{machine} has no ideal cycle, so at most ten pieces a second are taken: {most} in that shift so far, and "
        "{known} are known already; {pieces} more cannot be."
    )
    for span, words in ((time, in_time), (so_far, in_shift)):
        known, most = _known(before, facts, now_ms, span), span.length_ms // _LEAST_CYCLE_MS
        if said.pieces + known > most:
            return words.format(
                machine=facts.machine.name, most=f"{most:,}", known=f"{known:,}", pieces=f"{said.pieces:,}"
            )
    return ""


def _known(before: Sequence[Booking], facts: Facts, now_ms: int, time: Span) -> int:
    """The pieces that are known of a time, counted and keyed in."""
    rows = [row for row in facts.hours if row.good is not None and time.start_ms <= row.span.start_ms]
    rows = [row for row in rows if min(row.span.end_ms, now_ms) <= time.end_ms]
    counted = sum((row.good or 0) + (row.reject or 0) - row.by_hand for row in rows)
    return counted + sum(each.within(time) for each in before if each.kind in adjust.ADDED)


def _of_order(store: Store, said: Ordered, now_ms: int) -> str:
    """Why an order cannot have begun at a moment that is over: another one ran there, as far as anybody knows. In a
    time of which nothing is known it takes the place of what ran when that began; what was keyed in stays."""
    at = frame(store, now_ms)
    machine = next((each for each in at.plant.machines if each.id == said.machine), None)
    shift = calendar.shift_at(at.register.calendar, said.start_ms)
    just_now_ms = round(_JUST_NOW_MS * max(at.head.speed, 1.0))  # a demo runs ahead of what was before the eyes
    if machine is None or said.start_ms >= now_ms - just_now_ms:
        return ""
    told = spoken.standing(store, Span(now_ms - _WEEKS_MS, OPEN_MS))
    runs = entries.runs(entries.of(told, machine.id), now_ms)
    there = next((run for run in runs if run.span.holds(said.start_ms)), None)
    if there is None or (there.order, there.product) == (said.order, said.product):
        return ""
    facts = Station(store, at := frame(store, now_ms, shift), machine).facts(at)
    silent = [
        part.span for part in facts.intervals
        if (part.category is Category.NO_DATA or part.by_hand) and part.span.holds(said.start_ms)
    ]  # fmt: skip
    if silent and there.span.start_ms < silent[0].start_ms:
        return ""
    words = _("{order} runs on {machine} at {clock}. Take it back first, or choose another time.")
    name = there.order or next((p.name for p in at.plant.products if p.id == there.product), "")
    return words.format(order=name, machine=machine.name, clock=clock(said.start_ms, at.head.timezone))


def _of_rework(store: Store, said: Booked, before: Sequence[Booked], now_ms: int) -> str:
    told = spoken.standing(store, Span(now_ms - _WEEKS_MS, OPEN_MS))
    known = entries.bookings(entries.of(told, said.machine))
    waiting = adjust.in_rework([*known, *(_booking(0, each, now_ms) for each in before)])
    if said.pieces <= waiting or said.kind not in (BookingKind.REWORKED, BookingKind.REWORK_SCRAP):
        return ""
    words = _("Only {count} pieces are in rework; {pieces} cannot come out of it.")
    return words.format(count=f"{max(waiting, 0):,}", pieces=f"{said.pieces:,}")
