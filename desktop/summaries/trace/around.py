"""What a machine did around a moment and who was there then, as the screens of that shift show it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from desktop.domain import attendance, calendar
from desktop.domain.entries import OPEN_MS, Attended, Left, Placed
from desktop.domain.events import State
from desktop.domain.figures.trace import Neighbour
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.store import entries, records
from desktop.store.database import Store
from desktop.summaries.frame import Frame, Register, frame
from desktop.summaries.station import Station

AROUND_MS = 600_000  # shown before and after a piece
_DAY_MS = 86_400_000
_MOST_KEPT = 64
_OF_PEOPLE = Attended | Placed | Left


class Around(Struct):
    """Machines around moments. It remembers what it derived of shifts while nothing of them changes."""

    known: tuple[int, ...] = ()  # up to which entry, register and fact what is kept was derived
    frames: dict[Span, Frame] = {}
    kept: dict[tuple[Span, int], tuple[Interval, ...]] = {}

    def look(self, store: Store, register: Register, now_ms: int) -> None:
        """Forget what may have changed since the last look."""
        running = calendar.shift_at(register.calendar, now_ms)
        news = records.last_event_id(store) if running is None else 0
        known = (register.version, entries.newest(store), news)
        if known != self.known or len(self.kept) > _MOST_KEPT:
            self.frames, self.kept, self.known = {}, {}, known
        self.frames = {span: at for span, at in self.frames.items() if span.end_ms <= now_ms}  # others go on

    def intervals(
        self, store: Store, register: Register, machine: int, window: Span, now_ms: int, *, whole: bool = False
    ) -> tuple[Interval, ...]:
        """What a machine did in a window, as whole intervals; nothing of what has not come yet. `whole`: in all of the
        shifts of that window."""
        window = window.cut(Span(window.start_ms, max(now_ms, window.start_ms))) or Span(
            window.start_ms, window.start_ms
        )
        there = next((each for each in register.plant.machines if each.id == machine), None)
        if there is None or not window.length_ms:
            return ()
        found: list[Interval] = []
        shifts = calendar.shifts_between(register.calendar, window)
        for shift in shifts or (None,):
            span = shift.span if shift is not None else window
            key = (span, machine)
            if key not in self.kept:
                if span not in self.frames:
                    self.frames[span] = frame(store, now_ms if shift else window.end_ms, shift)
                at = self.frames[span]
                parts = Station(store, at, there).facts(at).intervals
                if not span.holds(now_ms):
                    self.kept[key] = parts
            else:
                parts = self.kept[key]
            found += [part for part in parts if whole or part.span.cut(window)]
        return tuple(found)


def neighbour(intervals: Sequence[Interval], at_ms: int, reasons: dict[int, str]) -> Neighbour | None:
    """The last stop or set-up that had ended when a piece came, or in which it came; of short ones a breakdown only."""
    stood = [
        part for part in intervals
        if part.span.start_ms <= at_ms
        and (part.category in (Category.STOP, Category.SETUP)
             or (part.category is Category.SHORT_STOP and part.state is State.FAULT))
    ]  # fmt: skip
    if not stood:
        return None
    last = stood[-1]
    if at_ms - last.span.end_ms > AROUND_MS:
        return None
    same = [part for part in stood if part.stop_id == last.stop_id]
    told = next((part for part in reversed(same) if part.reason is not None), None)
    told = told or next((part for part in same if part.code or part.state is State.FAULT), same[0])
    return Neighbour(last.span.end_ms, max(at_ms - last.span.end_ms, 0), told, reasons.get(told.reason or 0, ""))


def operators(
    store: Store, shop: calendar.Calendar, machine: int, at_ms: int, names: dict[int, str]
) -> tuple[str, ...]:
    """Who was at a machine at a moment, by what was said of it; what nobody ended ends with the shift."""
    told = entries.standing(store, Span(at_ms - _DAY_MS, at_ms + 1), _OF_PEOPLE)

    def until_of(start_ms: int) -> int:
        if not shop.patterns:
            return OPEN_MS
        shifts = calendar.shifts_between(shop, Span(start_ms, start_ms + _DAY_MS))
        return shifts[0].span.end_ms if shifts else start_ms + _DAY_MS

    said = attendance.settled((e.said for e in told if isinstance(e.said, _OF_PEOPLE)), until_of)
    there = [
        s.person for s in said if isinstance(s, Placed) and s.machine == machine and s.start_ms <= at_ms < s.end_ms
    ]
    return tuple(names[person] for person in dict.fromkeys(there) if person in names)
