"""What is to be checked in a shift and how far that is: the daily check (일상점검), and pieces that are looked at, the
first, one in the middle and the last (초·중·종물). Pure, in UTC milliseconds.

A *slot* is one time at which one item is to be checked at one machine: it is due from `due_ms` on, late from `late_ms`
on, and missed where nobody has checked by the end of its span.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import Checked, Entry, FirstPiece
from desktop.domain.plant import CheckItem
from desktop.domain.spans import Span

_HOUR_MS = 3_600_000
LATE_MS = _HOUR_MS  # so long after it came due a check is late
LAST_MS = _HOUR_MS  # so long before its end the last piece of a shift or order is looked at
AFTER_MS = _HOUR_MS  # so long after an order ended its last piece can still be looked at

PIECES = ("first", "middle", "last")


class Slot(Struct, frozen=True):
    """One time at which one item is to be checked at one machine: what is said in its span belongs to it. `needless`:
    the machine is idle by plan, so that nobody has to; who does it all the same is heard."""

    item: CheckItem
    machine: int
    span: Span
    due_ms: int
    late_ms: int
    needless: bool = False


class Work(Struct, frozen=True):
    """What a machine did in a shift, as far as checks ask for it: when it ran, at which moments something else was made
    than before (beside the beginning of the shift), when an order ended, and what was made at a moment. `idle`: by plan
    it was not to work at all in the shift."""

    machine: int
    ran: tuple[Span, ...]
    changes: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    product_at: Callable[[int], int | None] = lambda _at_ms: None
    idle: bool = False


class Periods(Struct, frozen=True):
    """The shift, its business day and the week of that, each from its first shift to its last."""

    shift: Span
    day: Span
    week: Span


def slots(items: Iterable[CheckItem], work: Sequence[Work], periods: Periods) -> tuple[Slot, ...]:
    """Everything that is to be checked in a shift, by machine and then in the order of the items.

    A piece is asked for only while there is one: from the moment on at which the machine ran.
    """
    wanted = tuple(items)
    found = list[Slot]()
    for each in work:
        for item in wanted:
            if item.machine is None or item.machine == each.machine:
                found += _slots(item, each, periods)
    return tuple(found)


def _slots(item: CheckItem, work: Work, periods: Periods) -> list[Slot]:
    shift = periods.shift
    if item.kind in ("ok", "value"):
        span = {"day": periods.day, "week": periods.week}.get(item.every, shift)
        # What is to be done once a day or a week may wait until the end of it; a shift begins with its checks.
        late_ms = shift.start_ms + LATE_MS if item.every == "shift" else max(span.end_ms - LATE_MS, span.start_ms)
        return [Slot(item, work.machine, span, span.start_ms, late_ms, work.idle and not work.ran)]
    if item.kind == "first":
        starts = [shift.start_ms, *(at_ms for at_ms in sorted(set(work.changes)) if shift.holds(at_ms))]
        spans = [Span(a, b) for a, b in zip(starts, [*starts[1:], shift.end_ms], strict=True) if b > a]
    elif item.kind == "middle":
        step_ms = round(item.hours * _HOUR_MS) or shift.length_ms // 2
        spans = [
            Span(at_ms, min(at_ms + step_ms, shift.end_ms))
            for at_ms in range(shift.start_ms + step_ms, shift.end_ms, step_ms)
        ]
    else:
        ends = sorted({at_ms for at_ms in work.ends if shift.holds(at_ms)})
        spans = [Span(max(shift.start_ms, at_ms - LAST_MS), min(at_ms + AFTER_MS, shift.end_ms)) for at_ms in ends]
        if not spans or spans[-1].end_ms < shift.end_ms:
            spans.append(Span(max(shift.start_ms, shift.end_ms - LAST_MS), shift.end_ms))
    found = []
    for span in spans:
        begun = next((part.start_ms for ran in work.ran if (part := ran.cut(span)) is not None), None)
        if item.kind == "first" and span.start_ms in work.changes:
            begun = span.start_ms  # a changeover asks for it before anything runs again
        if begun is None or (item.product is not None and work.product_at(begun) != item.product):
            continue
        due_ms = begun if item.kind == "first" else span.start_ms
        late_ms = min(due_ms + LATE_MS, span.end_ms)
        found.append(Slot(item, work.machine, span, due_ms, late_ms))
    return found


def answer(slot: Slot, told: Iterable[Entry]) -> Entry | None:
    """What was said of a slot last; of two people the later one counts."""
    found = None
    for entry in told:
        said = entry.said
        if said.machine != slot.machine or not slot.span.start_ms <= said.start_ms < slot.span.end_ms:
            continue
        if isinstance(said, Checked):
            fits = said.item == slot.item.id
        else:
            fits = isinstance(said, FirstPiece) and slot.item.kind in PIECES and said.which == slot.item.kind
        if fits and (found is None or entry.id > found.id):
            found = entry
    return found


def state(slot: Slot, entry: Entry | None, now_ms: int) -> str:
    """How far a slot is at a moment: "" before it is due, and where nobody has to."""
    if entry is not None and isinstance(entry.said, Checked | FirstPiece):
        return "good" if entry.said.good else "bad"
    if slot.needless or now_ms < slot.due_ms:
        return ""
    if now_ms >= slot.span.end_ms:
        return "missed"
    return "late" if now_ms >= slot.late_ms else "due"


def row(slot: Slot, entry: Entry | None, now_ms: int, code: str, name: str) -> CheckRow:
    """A slot in words for screen and report; `code` and `name` are those of its machine."""
    item, said = slot.item, entry.said if entry is not None else None
    return CheckRow(
        item.id, slot.machine, code, name, item.name, item.kind, item.every, state(slot, entry, now_ms),
        slot.due_ms, slot.late_ms, slot.span.end_ms, item.unit, item.low, item.high,
        said.value if isinstance(said, Checked) else None,
        said.note if isinstance(said, Checked | FirstPiece) else "",
        entry.who if entry is not None else "", said.start_ms if said is not None else None,
        entry.id if entry is not None else 0,
    )  # fmt: skip
