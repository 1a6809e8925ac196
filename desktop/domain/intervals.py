"""From facts to time: every millisecond of a window belongs to exactly one interval.

What is known of a moment is laid in layers, the stronger over the weaker:

    not scheduled     outside every shift, whatever the machine does
    planned           break or planned stop, but not while the machine runs
    reason            a person's word over standstill and over silence, never over run
    set-up window     a changeover, over whatever the machine says
    machine state     from its state changes, or derived from its counts
    no data           its device did not answer

Machines that only count stand from one ideal stroke after the last piece until the next one, as long as the device
answers. Silence of a device is NO_DATA, never a stop and never a run.

A *standstill* is unbroken time in STOP or WAIT, whatever states it passes through (stop, then fault, then blocked).
It is judged as one, by its length outside planned time and before it is cut at the window: below the machine's
threshold all of it is a short stop, from the threshold on every part of it keeps its category. Set-up, run and
silence end it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import groupby, pairwise

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.events import Count, CountFlag, Role, State, StateChange
from desktop.domain.plant import Reason
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span, subtract, union


class Category(StrEnum):
    """Where a piece of time belongs in the time model. SHORT_STOP is run time to availability (TPM)."""

    RUN = "run"
    SHORT_STOP = "short_stop"  # 순간정지: shorter than the machine's threshold
    REWORK = "rework"  # 재작업: run time for pieces that passed before
    STOP = "stop"
    SETUP = "setup"
    WAIT = "wait"  # starved, blocked or nothing to do
    NO_ORDER = "no_order"  # available, but no order to make (ISO 22400: ADOT)
    PLANNED = "planned"  # break or planned stop
    NO_DATA = "no_data"
    UNSCHEDULED = "unscheduled"  # outside every shift


#: states in which the machine itself says why it stands; a stop in any other state waits for a person's word
SELF_EXPLAINED = frozenset({State.FAULT, State.MAINTENANCE})
STOPPED = frozenset({Category.STOP, Category.SETUP, Category.WAIT, Category.NO_ORDER})
RUNNING = frozenset({Category.RUN, Category.REWORK})
GOING = RUNNING | {Category.SHORT_STOP}  # operating time 가동시간
_STANDING = frozenset({Category.STOP, Category.WAIT})  # what the threshold judges

_CATEGORY = {
    State.RUN: Category.RUN,
    State.STOP: Category.STOP,
    State.FAULT: Category.STOP,
    State.SETUP: Category.SETUP,
    State.STARVED: Category.WAIT,
    State.BLOCKED: Category.WAIT,
    State.IDLE: Category.WAIT,
    State.MAINTENANCE: Category.STOP,
    State.UNKNOWN: Category.NO_DATA,
    State.NO_SIGNAL: Category.NO_DATA,
}


class Interval(Struct, frozen=True):
    """A span of one machine in one category.

    `stop_id` is the journal id of the fact that began this stop, set-up or wait (0 for run, planned and no
    data, and where nothing is known of its beginning): it survives every recomputation. States of one
    category that follow each other without a break (stop, then fault) share the id of the first. `code` is
    the device's word (an alarm code), `reason` a person's or the alarm table's reason id. `by_count` marks
    time that was derived from counts, `by_hand` time that is known by a person's word alone (수기). `event`
    is the id of the fact by which the interval began, 0 where it began with none (a stroke that ran out, a break).
    """

    machine: int
    span: Span
    category: Category
    state: State
    stop_id: int = 0
    code: str = ""
    reason: int | None = None
    by_count: bool = False
    by_hand: bool = False
    event: int = 0

    @property
    def unlabelled(self) -> bool:
        """A stop of which neither a person nor the machine itself has said why."""
        return self.category is Category.STOP and self.reason is None and self.state not in SELF_EXPLAINED


class Label(Struct, frozen=True):
    """A person's word for a time: its reason. `id` rises with the time of saying; the last word on a moment holds.

    `approved_ms`: so much of it was approved as a planned stop before it began (0 for none); what goes over it is
    a stop. `late_ms` is the same, approved afterwards by a second person.
    """

    id: int
    machine: int
    span: Span
    reason: Reason
    approved_ms: int = 0
    late_ms: int = 0


class Window(Struct, frozen=True):
    """A span in which something held for a machine, and the journal id of the fact that began it."""

    span: Span
    event: int = 0


class Stroke(Struct, frozen=True):
    """The ideal time of one stroke of what is made from a moment on; None: not known."""

    since_ms: int
    stroke_ms: float | None


# start, end, category, state, stop id, code, reason, by hand, event: an interval while it is worked on
_Piece = tuple[int, int, Category, State, int, str, int | None, bool, int]


def derive(
    machine: int,
    window: Span,
    *,
    threshold_ms: int,
    changes: Sequence[StateChange],
    counts: Sequence[Count] = (),
    silences: Iterable[Span] = (),
    pauses: Iterable[Span] = (),
    stroke_ms: float | None = None,
    strokes: Sequence[Stroke] = (),
    by_count: bool = False,
    known_until_ms: int | None = None,
    scheduled: Iterable[Span] | None = None,
    setups: Iterable[Window] = (),
    reworks: Iterable[Span] = (),
    orders: Iterable[Span] | None = None,
    labels: Iterable[Label] = (),
    confirmed: Iterable[Span] | None = None,
    late_approvals: bool = False,
    rules: RuleSet = TPM,
) -> tuple[Interval, ...]:
    """Cut `window` into intervals that touch, do not overlap and cover it whole.

    `changes` and `counts` must reach back before the window and on behind it as far as a standstill at its
    edges reaches: a standstill is judged by its whole length outside planned time, before it is cut at the window.

    silences        when the machine's device did not answer
    pauses          breaks and planned stops that were approved beforehand
    stroke_ms       ideal cycle of one stroke; None: not known, only a standstill that reaches the threshold is told
    strokes         instead of it, where different things were made: a standstill is judged by the stroke of what was
                    made when it began, by no less than half of it
    by_count        the machine tells no state: it is derived from its counts
    known_until_ms  now: a standstill without an end goes on until then (default: the end of the window)
    scheduled       the shifts; None: everything is scheduled
    setups          changeovers (see `changeover.setup_window`)
    reworks         when pieces that had passed before were worked on again
    orders          when an order was there to be made; None: orders are not kept, so that waiting is waiting
    labels          what persons said
    confirmed       a machine without any signal: the times of which a person said that nothing but the labelled
                    stops happened; None: the machine has signals
    late_approvals  count planned stops that were approved only afterwards as planned
    """
    said = sorted(labels, key=_id)
    # What was said and approved is used up from its beginning on, also where the window begins later.
    start_ms = min([window.start_ms, *(label.span.start_ms for label in said)])
    known = Span(start_ms, max(window.end_ms, known_until_ms or 0))
    planned = union(pauses)
    stroke_at = _strokes_at(strokes or (Stroke(0, stroke_ms),))
    if confirmed is not None:
        pieces: list[_Piece] = [(known.start_ms, known.end_ms, Category.NO_DATA, State.NO_SIGNAL, 0, "", None, True, 0)]
    elif by_count:
        pieces = _from_counts(known, counts, stroke_at)
    else:
        pieces = _from_changes(known, changes)
    if not pieces:
        return ()
    whole = Span(pieces[0][0], pieces[-1][1])
    off_shift = () if scheduled is None else subtract(whole, scheduled)
    pieces = _lay(pieces, union(silences), _silent)
    pieces = _lay(pieces, union(reworks), _reworked)
    for setup in setups:
        pieces = _lay(pieces, (setup.span,), _set_up_by(setup.event))
    if orders is not None:
        pieces = _lay(pieces, subtract(whole, orders), _without_order)
    told_by_count = by_count and confirmed is None

    def limits(at_ms: int) -> tuple[int, int]:
        """From which length on a standstill that begins then is a stop, and below which it is a slow cycle."""
        stroke = stroke_at(at_ms - 1)
        limit_ms = effective_threshold_ms(threshold_ms, stroke, rules) if strokes else threshold_ms
        # A cycle somewhat longer than the ideal is a slow cycle, not a standstill.
        return limit_ms, (stroke // 2 if stroke else limit_ms) if told_by_count else 0

    pieces = _judged(pieces, limits, union((*planned, *off_shift)), by_count)
    for label in said:
        pieces = _lay(pieces, (label.span,), _said_by(label))
    for place, label in enumerate(said):
        if approved_ms := label.approved_ms + (label.late_ms if late_approvals else 0):
            held = subtract(label.span, (*planned, *off_shift, *(later.span for later in said[place + 1 :])))
            pieces = _lay(pieces, union(_approved(pieces, label, held, approved_ms)), _planned_always)
    if confirmed is not None:
        # Nobody works in a break unless a machine says so.
        pieces = _lay(pieces, [part for span in union(confirmed) for part in subtract(span, planned)], _nothing_else)
    pieces = _lay(pieces, planned, _planned if rules.break_run_is_busy else _planned_always)
    pieces = _lay(pieces, off_shift, _unscheduled)
    return _intervals(machine, window, pieces, by_count)


def cut_at(interval: Interval, moments: Iterable[int]) -> tuple[Interval, ...]:
    """An interval in the parts between these moments, in order."""
    span = interval.span
    inner = sorted(at_ms for at_ms in moments if span.start_ms < at_ms < span.end_ms)
    edges = [span.start_ms, *inner, span.end_ms]
    return tuple(replace(interval, span=Span(start, end)) for start, end in pairwise(edges))


def effective_threshold_ms(threshold_ms: int, stroke_ms: float | None, rules: RuleSet = TPM) -> int:
    """From which length on a standstill is a stop: the machine's threshold, and never less than half a stroke."""
    return max(threshold_ms, round((stroke_ms or 0) * rules.least_stop_ratio))


def _strokes_at(strokes: Sequence[Stroke]) -> Callable[[int], int]:
    """The stroke that held at a moment, whole milliseconds; 0: not known."""
    if len(strokes) == 1:
        only = round(strokes[0].stroke_ms or 0)
        return lambda _at_ms: only
    since = [each.since_ms for each in strokes]
    lengths = [round(each.stroke_ms or 0) for each in strokes]
    return lambda at_ms: lengths[max(bisect_right(since, at_ms) - 1, 0)]


# -- what the machine tells --


def _from_changes(known: Span, changes: Sequence[StateChange]) -> list[_Piece]:
    """A piece per state change that took time; not known before the first."""
    ordered = sorted(changes, key=_moment)
    if not ordered:
        return [(known.start_ms, known.end_ms, Category.NO_DATA, State.UNKNOWN, 0, "", None, False, 0)]
    pieces: list[_Piece] = []
    start_ms = ordered[0].at_ms
    if start_ms > known.start_ms:
        pieces.append((known.start_ms, start_ms, Category.NO_DATA, State.UNKNOWN, 0, "", None, False, 0))
    states = _resolved(ordered)
    last_ms = max(known.end_ms, ordered[-1].at_ms)
    stop_id, before = 0, None
    for place, change in enumerate(ordered, 1):
        start_ms = change.at_ms
        end_ms = ordered[place].at_ms if place < len(ordered) else last_ms
        if start_ms == end_ms:
            continue
        state = states[place - 1]
        category = _CATEGORY[state]
        if category not in STOPPED:
            stop_id = 0
        elif category is not before:
            stop_id = change.id
        # States of one category that follow each other are one stop: they carry the id of the first.
        pieces.append((start_ms, end_ms, category, state, stop_id, change.code, None, False, change.id))
        before = category
    return pieces or [(known.start_ms, known.end_ms, Category.NO_DATA, State.UNKNOWN, 0, "", None, False, 0)]


def _resolved(changes: Sequence[StateChange]) -> list[State]:
    """The states with those that only lead into or out of another one replaced by that one."""
    states = [change.state for change in changes]
    if State.ENTERING not in states and State.LEAVING not in states:
        return states
    following = State.STOP
    for place in range(len(states) - 1, -1, -1):
        if states[place] is State.ENTERING:
            states[place] = following if _CATEGORY.get(following) in STOPPED else State.STOP
        else:
            following = states[place]
    for place, state in enumerate(states):
        if state is State.LEAVING:
            before = states[place - 1] if place else State.STOP
            states[place] = before if _CATEGORY[before] in STOPPED else State.STOP
    return states


def _from_counts(known: Span, counts: Sequence[Count], stroke_at: Callable[[int], int]) -> list[_Piece]:
    """Run up to one stroke after each piece, then a standstill until the next one; a piece that is counted at a moment
    was made just before it.

    Several pieces read at one moment were made one stroke apart, the last of them when it was read, and none before
    the reading before. Pieces of unknown time (flag GAP) only say that a standstill before them is over: the time in
    which they were made is silence.
    """
    made = sorted((count for count in counts if count.pieces), key=_moment)
    if not made:
        return [(known.start_ms, known.end_ms, Category.STOP, State.STOP, 0, "", None, False, 0)]
    pieces: list[_Piece] = []
    quiet_from_ms, quiet_id = known.start_ms, 0  # nothing is known of the time before the first piece
    at_ms = min(known.start_ms, made[0].at_ms)
    event = 0

    def tell(start_ms: int, quiet_ms: int, end_ms: int) -> None:
        if quiet_ms > start_ms:
            pieces.append((start_ms, quiet_ms, Category.RUN, State.RUN, 0, "", None, False, event))
        if end_ms > quiet_ms:
            pieces.append((quiet_ms, end_ms, Category.STOP, State.STOP, quiet_id, "", None, False, quiet_id))

    for read_ms, read in groupby(made, key=_at):
        together = list(read)
        stroke = stroke_at(read_ms - 1)
        begun_ms = read_ms - (_strokes(together) - (quiet_id != 0)) * stroke
        if begun_ms > quiet_from_ms:
            tell(at_ms, max(at_ms, quiet_from_ms), begun_ms)
            at_ms, event = begun_ms, together[0].id
        quiet_from_ms, quiet_id = max(read_ms + stroke, at_ms), together[-1].id
        event = event or together[0].id
    end_ms = max(known.end_ms, made[-1].at_ms)
    tell(at_ms, min(quiet_from_ms, end_ms), end_ms)
    return pieces


def _strokes(together: Sequence[Count]) -> int:
    """How many pieces were made up to one reading; a total counts the same pieces as its parts."""
    if any(count.flag is CountFlag.GAP for count in together):
        return 1
    if len(together) == 1:
        return together[0].pieces
    total = sum(count.pieces for count in together if count.role is Role.TOTAL)
    return max(total, sum(count.pieces for count in together) - total)


# -- the layers --


def _lay(pieces: list[_Piece], spans: Sequence[Span], change: Callable[[_Piece], _Piece]) -> list[_Piece]:
    """The pieces with `change` made to what lies in `spans` (sorted, apart)."""
    if not spans:
        return pieces
    found: list[_Piece] = []
    place, last = 0, len(spans)
    for piece in pieces:
        start_ms, end_ms = piece[0], piece[1]
        while place < last and spans[place].end_ms <= start_ms:
            place += 1
        if place == last or spans[place].start_ms >= end_ms:
            found.append(piece)
            continue
        rest = piece[2:]
        at = place
        while at < last and spans[at].start_ms < end_ms:
            low, high = max(spans[at].start_ms, start_ms), min(spans[at].end_ms, end_ms)
            if low > start_ms:
                found.append((start_ms, low, *rest))
            found.append(change((low, high, *rest)))
            start_ms = high
            at += 1
        if start_ms < end_ms:
            found.append((start_ms, end_ms, *rest))
    return found


def _silent(piece: _Piece) -> _Piece:
    return (piece[0], piece[1], Category.NO_DATA, State.UNKNOWN, 0, "", None, False, 0)


def _reworked(piece: _Piece) -> _Piece:
    return _in(Category.REWORK, piece) if piece[2] is Category.RUN else piece


def _set_up_by(event: int) -> Callable[[_Piece], _Piece]:
    def lay(piece: _Piece) -> _Piece:
        return (piece[0], piece[1], Category.SETUP, State.SETUP, event, piece[5], None, False, event)

    return lay


def _without_order(piece: _Piece) -> _Piece:
    """Standstill that the machine does not explain itself; a breakdown stays a breakdown."""
    return _in(Category.NO_ORDER, piece) if piece[2] in _STANDING and piece[3] not in SELF_EXPLAINED else piece


def _said_by(label: Label) -> Callable[[_Piece], _Piece]:
    """A person's word over standstill and silence: it says why, and of a silence also that the machine stood."""
    reason, category = label.reason.id, reason_category(label.reason)

    def lay(piece: _Piece) -> _Piece:
        if piece[2] is Category.NO_DATA:
            return (piece[0], piece[1], category, State.STOP, label.id, "", reason, True, label.id)
        if piece[2] in STOPPED or piece[2] is Category.SHORT_STOP:
            new = piece[2] if piece[2] is Category.SHORT_STOP else category
            return (piece[0], piece[1], new, piece[3], piece[4], piece[5], reason, piece[7], piece[8])
        return piece

    return lay


def reason_category(reason: Reason) -> Category:
    """Where time with that reason belongs, unless it was approved as a planned stop."""
    if reason.loss == "setup":
        return Category.SETUP
    if reason.loss == "no_order":
        return Category.NO_ORDER
    return Category.WAIT if reason.kind == "external" else Category.STOP


def _approved(pieces: list[_Piece], label: Label, held: Sequence[Span], left_ms: int) -> list[Span]:
    """The first of what was labelled, as far as it was approved; a changeover is never planned, however short or long.

    `held` is where the label is the last word and no time is planned anyway, which uses nothing up.
    """
    found: list[Span] = []
    if reason_category(label.reason) is Category.SETUP:
        return found
    for piece in pieces:
        if piece[2] not in STOPPED and piece[2] is not Category.SHORT_STOP:
            continue
        for span in held:
            part = span.cut(Span(piece[0], piece[1])) if left_ms > 0 else None
            if part:
                use_ms = min(left_ms, part.length_ms)
                left_ms -= use_ms
                found.append(Span(part.start_ms, part.start_ms + use_ms))
    return found


def _nothing_else(piece: _Piece) -> _Piece:
    """A machine without signals, in an hour of which a person said that nothing but the labelled stops happened."""
    if piece[2] is not Category.NO_DATA:
        return piece
    return (piece[0], piece[1], Category.RUN, State.RUN, 0, "", None, True, 0)


def _planned(piece: _Piece) -> _Piece:
    return piece if piece[2] in RUNNING else _planned_always(piece)


def _planned_always(piece: _Piece) -> _Piece:
    return (piece[0], piece[1], Category.PLANNED, State.IDLE, 0, "", piece[6], False, 0)


def _unscheduled(piece: _Piece) -> _Piece:
    return (piece[0], piece[1], Category.UNSCHEDULED, piece[3], 0, piece[5], None, False, piece[8])


def _in(category: Category, piece: _Piece) -> _Piece:
    start_ms, end_ms, _category, *rest = piece
    return (start_ms, end_ms, category, *rest)  # type: ignore[return-value]


def _judged(
    pieces: list[_Piece], limits: Callable[[int], tuple[int, int]], off: tuple[Span, ...], by_count: bool
) -> list[_Piece]:
    """Standstills below the threshold become short stops, below the least length run, by their length outside `off`.
    `limits`: the two, by where a standstill begins.

    A standstill of the same id before and behind a silence is one: nothing happened in between. Between two
    that were derived from counts lies a piece, however short its stroke.
    """
    begins, ends = [span.start_ms for span in off], [span.end_ms for span in off]

    def working(start_ms: int, end_ms: int) -> tuple[Span, ...] | None:
        """What of it lies outside `off`, None where that is all of it. Most standstills touch nothing of `off`."""
        near = off[bisect_right(ends, start_ms) : bisect_left(begins, end_ms)]
        return subtract(Span(start_ms, end_ms), near) if near else None

    places: list[int] = []
    lengths: dict[int, int] = {}
    judged: dict[int, tuple[int, int]] = {}
    by_id: dict[int, int] = {}
    place, touching_ms = -1, None
    for number, piece in enumerate(pieces):
        if piece[2] not in _STANDING:
            places.append(-1)
            touching_ms = None
            continue
        start_ms, end_ms, stop_id = piece[0], piece[1], piece[4]
        known = by_id.get(stop_id)
        if known is not None:
            place = known
        elif by_count or touching_ms != start_ms:
            place = number
        if stop_id:
            by_id[stop_id] = place
        if place not in judged:
            judged[place] = limits(pieces[place][0])
        # Where the beginning is not known the length is not known either: it stays a stop.
        length_ms = judged[place][0]
        if stop_id:
            parts = working(start_ms, end_ms)
            length_ms = end_ms - start_ms if parts is None else sum(part.length_ms for part in parts)
        lengths[place] = lengths.get(place, 0) + length_ms
        places.append(place)
        touching_ms = end_ms
    if not lengths:
        return pieces
    found: list[_Piece] = []
    for piece, place in zip(pieces, places, strict=True):
        if place < 0 or lengths[place] >= judged[place][0]:
            found.append(piece)
        elif lengths[place] < min(judged[place]):
            # A slow cycle; in a break that lies within it the machine stood all the same.
            parts = working(piece[0], piece[1])
            found += [_slow(piece)] if parts is None else _lay([piece], parts, _slow)
        else:
            found.append(_in(Category.SHORT_STOP, piece))
    return found


def _slow(piece: _Piece) -> _Piece:
    return (piece[0], piece[1], Category.RUN, State.RUN, 0, "", None, False, piece[8])


def _intervals(machine: int, window: Span, pieces: list[_Piece], by_count: bool) -> tuple[Interval, ...]:
    """The pieces cut to the window; touching ones that say the same are one, stops with ids of their own stay apart."""
    found: list[Interval] = []
    low_ms, high_ms = window.start_ms, window.end_ms
    first: _Piece | None = None  # of the pieces that will be one
    end_ms = low_ms
    for piece in pieces:
        if piece[1] <= low_ms or piece[0] >= high_ms or piece[0] == piece[1]:
            continue
        if first is not None and not _same(first, piece):
            found.append(_interval(machine, max(first[0], low_ms), end_ms, first, by_count))
            first = None
        first = first or piece
        end_ms = min(piece[1], high_ms)
    if first is not None:
        found.append(_interval(machine, max(first[0], low_ms), end_ms, first, by_count))
    return tuple(found)


def _same(one: _Piece, other: _Piece) -> bool:
    """Whether two touching pieces say the same; of what is no standstill the id does not matter."""
    return one[2:4] == other[2:4] and one[5:8] == other[5:8] and (one[4] == other[4] or one[2] not in _STANDING)


def _interval(machine: int, start_ms: int, end_ms: int, piece: _Piece, by_count: bool) -> Interval:
    _start, _end, category, state, stop_id, code, reason, by_hand, event = piece
    counted = by_count and not by_hand and category in _TOLD_BY_COUNTS
    return Interval(machine, Span(start_ms, end_ms), category, state, stop_id, code, reason, counted, by_hand, event)


_TOLD_BY_COUNTS = frozenset({*RUNNING, *_STANDING, Category.SHORT_STOP, Category.NO_ORDER})


def _moment(fact: StateChange | Count) -> tuple[int, int]:
    return fact.at_ms, fact.id


def _at(fact: Count) -> int:
    return fact.at_ms


def _id(label: Label) -> int:
    return label.id
