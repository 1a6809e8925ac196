"""Closed shifts (마감): whether one is, how often it was corrected, and the refusal of a change without who and why.

Everything that is said goes by `refuse`, inside the transaction in which it is written: whether a shift was closed
while somebody else was entering is known only there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from desktop.domain import calendar
from desktop.domain.calendar import Calendar, Shift
from desktop.domain.entries import OF_REPORT, OPEN_MS, Action, ActionClosed, Closed, Entry, FirstPiece, Ordered, Said
from desktop.domain.reaching import REACHES, Closing, Reach, closings, free
from desktop.domain.spans import Span
from desktop.store import calendar_touched, register, stood
from desktop.store.database import KnownError, Store
from desktop.store.entry_rows import reader, standing
from desktop.text import _

_DAY_MS = 86_400_000
_FAR_MS = 96 * 3_600_000  # so far over the edges of a shift what is said is followed, as a standstill is
_NONE = 1 << 62  # above every id


class ClosedError(KnownError):
    """Something was to be changed of a closed shift without a name and a reason: `shift` is the first of them."""

    def __init__(self, shift: Shift) -> None:
        words = _("{shift} of {date} is closed. Who changes it says who it is and why.")
        super().__init__(words.format(shift=shift.name, date=shift.business_on))
        self.shift = shift


def said_of(store: Store, span: Span) -> tuple[Entry, ...]:
    """What was said of a shift, in the order of saying. Where its edges were corrected since then it stays with the
    shift of which it was said: what was said of the last minute of one that ended earlier is not of the next one."""
    whole, is_own = _own(store, span)
    return tuple(e for e in standing(store, whole) if is_own(e.id, e.said.start_ms))


def _own(store: Store, span: Span) -> tuple[Span, Callable[[int, int], bool]]:
    """Where what was said of a shift lies, and whether something is of it, by its id and of which moment it speaks."""
    return _own_of(span, calendar_touched.former(store, _around(span)))


def _around(span: Span) -> Span:
    return Span(span.start_ms - _DAY_MS, span.end_ms + _DAY_MS)


def _own_of(span: Span, moved: Sequence[tuple[int, Span]]) -> tuple[Span, Callable[[int, int], bool]]:
    own = [span, *(was for _newest, was in moved if _mostly(was, span))]
    whole = Span(min(each.start_ms for each in own), max(each.end_ms for each in own))

    def is_own(number: int, start_ms: int) -> bool:
        was = next((each for newest, each in moved if number <= newest and each.holds(start_ms)), None)
        return span.holds(start_ms) if was is None else _mostly(was, span)

    return whole, is_own


def _mostly(one: Span, other: Span) -> bool:
    """Whether two times share more than half of the shorter one."""
    part = one.cut(other)
    return part is not None and 2 * part.length_ms > min(one.length_ms, other.length_ms)


def closing_of(store: Store, span: Span) -> Entry | None:
    """How a shift was closed, None where it is not: also where its beginning or end was corrected since then."""
    whole, is_own = _own(store, span)
    found = standing(store, whole, Closed)
    return next((entry for entry in found if is_own(entry.id, entry.said.start_ms)), None)


def closed_of(store: Store, spans: Sequence[Span]) -> set[Span]:
    """Which of these shifts are closed, as `closing_of` says it, read at once: for a list of them."""
    if not spans:
        return set()
    window = _around(Span(min(each.start_ms for each in spans), max(each.end_ms for each in spans)))
    moved = calendar_touched.former(store, window)
    found = sorted((entry.said.start_ms, entry.id) for entry in standing(store, window, Closed))
    closed = set()
    for span in spans:
        whole, is_own = _own_of(span, [each for each in moved if each[1].cut(_around(span)) is not None])
        near = found[bisect_left(found, (whole.start_ms, 0)) : bisect_left(found, (whole.end_ms, 0))]
        if any(is_own(number, start_ms) for start_ms, number in near):
            closed.add(span)
    return closed


def revisions(store: Store, span: Span) -> tuple[int, bool]:
    """How many revisions a shift's report has beyond the first, and whether it is closed now.

    Each entry that reaches into the shift makes one while it is closed, each signature that is taken back, each change
    of the calendar that speaks of it too, and opening it again another one: what is said until it is closed anew
    belongs to that.
    """
    found = _closings(store, span)
    count = 0
    for each in found:
        edited = calendar_touched.count(store, span, each.since)
        if each.until is not None:
            edited += 1 - calendar_touched.count(store, span, each.until)
        count += edited + _corrections(store, span, each) + _signatures_gone(store, span, each)
    return count, bool(found) and found[-1].until is None


def _closings(store: Store, span: Span) -> tuple[Closing, ...]:
    whole, is_own = _own(store, span)
    told = store.rows(
        "SELECT id, at_ms, start_ms FROM entries WHERE kind = 'closed' AND start_ms >= ? AND start_ms < ?",
        whole.start_ms,
        whole.end_ms,
    )
    own = [(int(number), int(at_ms), 0) for number, at_ms, start_ms in told if is_own(int(number), int(start_ms))]
    marks = ", ".join("?" * len(own))
    back = store.rows(
        f"SELECT id, at_ms, takes_back FROM entries WHERE takes_back IN ({marks})", *(row[0] for row in own)
    )
    return closings(sorted([*own, *((int(n), int(at_ms), int(of)) for n, at_ms, of in back)]))


def _corrections(store: Store, span: Span, closing: Closing) -> int:
    """How often something that reaches into a shift was said or taken back while it was closed."""
    until = _NONE if closing.until is None else closing.until
    columns = (
        "SELECT id, at_ms, body, takes_back FROM entries WHERE +id > ? AND +id < ?"  # by their time, which is less
    )
    near = f"{columns} AND start_ms >= ? AND start_ms < ?"
    far_ms = span.start_ms - _FAR_MS
    rows = store.rows(near, closing.since, until, far_ms, span.end_ms)
    back_there = "json_extract(body, '$.type') IN ('split', 'first_piece')"  # what speaks of the time before it, too
    rows += store.rows(f"{near} AND {back_there}", closing.since, until, span.end_ms, span.end_ms + _FAR_MS)
    items = "SELECT id FROM entries WHERE kind IN ('action', 'action_closed')"  # they stay open for weeks
    rows += store.rows(
        f"{columns} AND start_ms < ? AND (id IN ({items}) OR takes_back IN ({items}))", closing.since, until, far_ms
    )
    shop: Calendar | None = None
    count = 0
    for number, at_ms, body, back in rows:
        said = reader().decode(body)
        if not isinstance(said, OF_REPORT | ActionClosed) or _is_done_now(said, closing.since_ms):
            continue
        if not span.holds(said.start_ms):  # of the own shift no calendar need be read
            shop = shop or register.calendar(store)
            if reach(store, shop, said, int(at_ms), int(number), int(back)).cut(span) is None:
                continue
        count += 1
    return count


def _signatures_gone(store: Store, span: Span, closing: Closing) -> int:
    """How many signatures of a shift were taken back while it was closed: the page that was signed is not that any
    more. What a signature signs it changes in nothing, so that one that is given makes no revision."""
    whole, is_own = _own(store, span)
    rows = store.rows(
        "SELECT takes_back, start_ms FROM entries WHERE +id > ? AND +id < ? AND start_ms >= ? AND start_ms < ?"
        " AND takes_back AND json_extract(body, '$.type') = 'signed'",
        closing.since,
        _NONE if closing.until is None else closing.until,
        whole.start_ms,
        whole.end_ms,
    )
    return sum(is_own(int(number), int(start_ms)) for number, start_ms in rows)


def _is_done_now(said: Said, closed_at_ms: int) -> bool:
    """An item that is ticked behind the closing is done then: the page tells it, and stays the edition that it is."""
    return isinstance(said, ActionClosed) and free(said, closed_at_ms)


def refuse(store: Store, told: Iterable[tuple[Said, int]], at_ms: int, who: str, why: str) -> None:
    """Raise ClosedError where something changes a closed shift and nobody says who and why. Each is what is said, or
    what is taken back with its number, else 0. Inside the transaction in which it is written."""
    told = list(told)
    if not told or (who.strip() and why.strip()):
        return
    first_ms = min(said.start_ms for said, _back in told) - _FAR_MS
    if store.row("SELECT 1 FROM entries WHERE kind = 'closed' AND start_ms >= ? LIMIT 1", first_ms) is None:
        return
    shop = register.calendar(store)
    for said, back in told:
        for shift in _shifts(store, shop, said, at_ms, back):
            closed = closing_of(store, shift.span)
            if closed is not None and not free(said, closed.at_ms):
                raise ClosedError(shift)


def refuse_times(store: Store, shop: Calendar, spans: Sequence[Span], who: str, why: str) -> None:
    """Raise ClosedError where a change of the register or the calendar (`shop`, as it was) speaks of the time of a
    closed shift and nobody says who and why. Inside the transaction in which it is written."""
    if (who.strip() and why.strip()) or not spans:
        return
    for shift in closed_in(store, shop, spans):
        raise ClosedError(shift)


def closed_in(store: Store, shop: Calendar, spans: Sequence[Span]) -> list[Shift]:
    """The closed shifts of which some times speak, earliest first."""
    if store.row("SELECT 1 FROM entries WHERE kind = 'closed' LIMIT 1") is None:
        return []
    window = Span(min(each.start_ms for each in spans), max(each.end_ms for each in spans))
    near = [s for s in calendar.shifts_between(shop, window) if any(s.span.cut(each) for each in spans)]
    found = closed_of(store, [shift.span for shift in near])
    return [shift for shift in near if shift.span in found]


def _shifts(store: Store, shop: Calendar, said: Said, at_ms: int, back: int) -> list[Shift]:
    """The shifts that something changes."""
    how = REACHES[type(said)]
    if how is Reach.NOTHING:
        return []
    if how in (Reach.SIGNATURE, Reach.CLOSING):  # its shift may have other edges by now
        if not back:
            return []
        near = calendar.shifts_between(shop, Span(said.start_ms - _DAY_MS, said.start_ms + _DAY_MS))
        if how is Reach.SIGNATURE:
            return [shift for shift in near if _own(store, shift.span)[1](back, said.start_ms)]
        closed = ((shift, closing_of(store, shift.span)) for shift in near)
        return [shift for shift, entry in closed if entry is not None and entry.id == back]
    return list(calendar.shifts_between(shop, reach(store, shop, said, at_ms, _NONE, back)))


def reach(store: Store, shop: Calendar, said: Said, at_ms: int, number: int, back: int) -> Span:
    """How far something reaches that is said at a moment under an id, or taken back (its id, else 0), as it was known
    then. It never reaches farther than time had come."""
    how, own = REACHES[type(said)], back or number
    start_ms, end_ms = said.start_ms, max(said.start_ms, said.end_ms)
    if how is Reach.SHIFT:
        if end_ms >= OPEN_MS or end_ms == start_ms:
            within = calendar.shift_at(shop, start_ms)
            end_ms = within.span.end_ms if within is not None else start_ms
    elif how is Reach.STANDSTILL and end_ms >= OPEN_MS:
        end_ms = stood.stood(store, said.machine, start_ms).end_ms
    elif how is Reach.WHOLE:
        whole = stood.stood(store, said.machine, start_ms)
        start_ms, end_ms = max(whole.start_ms, start_ms - _FAR_MS), whole.end_ms
    elif how is Reach.ORDER:
        # Which product a changeover took off is the last one's that was begun, whether it was ended or not.
        kinds = ("order",) if isinstance(said, Ordered) else ("order", "order_end")
        end_ms = _next(store, kinds, said, number, own) + 1
    elif how is Reach.CHANGEOVER and not (isinstance(said, FirstPiece) and said.which != "first"):
        following_ms = _next(store, ("changeover",), said, number, own)
        good_ms = _next_good(store, said, number, own)
        if isinstance(said, FirstPiece) or good_ms < following_ms:  # which the one before may lose or get
            start_ms = _last_changeover(store, said, number, own)
        end_ms = min(following_ms, good_ms)
    elif how is Reach.ITEM:
        end_ms = _done_ms(store, number, own) if isinstance(said, Action) else OPEN_MS
    return Span(start_ms, max(said.start_ms + 1, min(end_ms, at_ms)))


#: what was known when the entry of an id was said; by kind, never by the id: most of all entries are before it
_THEN = "+e.id < ? AND NOT EXISTS (SELECT 1 FROM entries b WHERE b.takes_back = e.id AND b.id < ?)"


def _next(store: Store, kinds: tuple[str, ...], said: Said, number: int, own: int) -> int:
    """When the next thing of some kinds was said to be at a machine."""
    sql = (
        f"SELECT min(e.start_ms) FROM entries e WHERE {_THEN} AND e.kind IN ({', '.join('?' * len(kinds))})"
        " AND e.machine_id = ? AND e.start_ms > ? AND e.id <> ?"
    )
    found = store.row(sql, number, number, *kinds, said.machine, said.start_ms, own)[0]
    return OPEN_MS if found is None else int(found)


def _last_changeover(store: Store, said: Said, number: int, own: int) -> int:
    """When the changeover before began; of none at its own moment."""
    sql = (
        f"SELECT max(e.start_ms) FROM entries e WHERE {_THEN} AND e.kind = 'changeover' AND e.machine_id = ?"
        " AND e.start_ms <= ? AND e.start_ms > ? AND e.id <> ?"
    )
    found = store.row(sql, number, number, said.machine, said.start_ms, said.start_ms - _FAR_MS, own)[0]
    return said.start_ms if found is None else int(found)


def _next_good(store: Store, said: Said, number: int, own: int) -> int:
    """When a first piece was found good next, which ends a changeover."""
    sql = (
        f"SELECT min(e.start_ms) FROM entries e WHERE {_THEN} AND e.kind = 'first_piece' AND e.machine_id = ?"
        " AND e.start_ms >= ? AND e.id <> ? AND json_extract(e.body, '$.good')"
        " AND coalesce(json_extract(e.body, '$.which'), 'first') = 'first'"
    )
    found = store.row(sql, number, number, said.machine, said.start_ms, own)[0]
    return OPEN_MS if found is None else int(found)


def _done_ms(store: Store, number: int, own: int) -> int:
    """When the open item of an entry was done."""
    sql = (
        f"SELECT min(e.start_ms) FROM entries e WHERE {_THEN} AND e.kind = 'action_closed'"
        " AND json_extract(e.body, '$.action') = ?"
    )
    found = store.row(sql, number, number, own)[0]
    return OPEN_MS if found is None else int(found)
