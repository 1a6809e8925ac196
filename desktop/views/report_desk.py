"""What the report screen asks the reading thread, and what that thread remembers between two looks."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from msgspec import Struct

from desktop import summaries
from desktop.domain.calendar import Shift
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.figures.losses import ShiftFigures
from desktop.domain.figures.report import ShiftReport
from desktop.domain.figures.stops import OpenShift
from desktop.domain.handing import Handing
from desktop.domain.spans import Span

RUNNING_S = 30.0  # so often the page of a shift that still runs is put together anew
OVER_S = 300.0  # and of one that is over: a label or a late count may have changed it
SEASON_MS = 60 * 86_400_000  # so much of the past is read at a look
HANDED_OVER_MS = 3_600_000  # so long after its end a shift is the one that is handed over
FORMS_S = 5.0  # so often the folder of forms is looked at
FORMS_FOLDER = "forms"  # in the data folder


class ReportView(Struct, frozen=True):
    """The shifts that there are, newest first, and the report of the chosen one; None where there is no shift."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    shifts: tuple[ShiftFigures, ...]
    report: ShiftReport | None
    forms: tuple[Path, ...] = ()  # the shop's own, by name
    more: bool = False  # older shifts are still being read
    handing: Handing | None = None  # of the shift of the report
    open: tuple[OpenShift, ...] = ()  # not closed, with stops that ask, the oldest first


class _Season(Struct):
    """The shifts that begin in a part of the past, newest first, and when they were read."""

    window: Span
    read_at: float
    shifts: tuple[ShiftFigures, ...]


class Desk:
    """What the reading thread remembers between two looks, so that a page at rest costs nothing.

    Years of shifts are read a season at a look, the newest first, so that no look takes long; the list grows meanwhile.
    """

    def __init__(self) -> None:
        self._reports: dict[Span, tuple[float, int, ShiftReport]] = {}
        self._said = 0  # the newest entry that was seen before the report knew of it
        self._seasons: list[_Season] = []
        self._version = -1
        self._forms: tuple[float, tuple[Path, ...]] | None = None

    def view(self, store: Any, now_ms: int, chosen: Span | None, live: summaries.Live | None = None) -> ReportView:
        """The shifts, and the report of the chosen one, else of the newest. `live`: what all screens know of the shift
        that runs."""
        frame = summaries.frame(store, now_ms)
        if frame.register.version != self._version:
            self._seasons, self._version = [], frame.register.version
        more = self._read_season(store, now_ms, frame.shift)
        shifts = tuple(shift for season in self._seasons for shift in season.shifts)
        row = next((row for row in shifts if row.shift.span == chosen), None)
        handing = summaries.handing(store, frame, row.shift) if row else None
        if row is None and shifts:
            row, handing = _usual(store, frame, shifts)
        report = self._report(store, row, handing.newest, now_ms, live) if row and handing else None
        forms = self._own_forms(store)
        waiting = summaries.open_shifts(store, frame.register, frame.newest, now_ms)
        return ReportView(
            frame.head, now_ms, frame.shift, frame.collector, shifts, report, forms, more, handing, waiting
        )

    def _own_forms(self, store: Any) -> tuple[Path, ...]:
        """The forms in the shop's folder, without the locks that Excel puts beside an open file."""
        at = time.monotonic()
        if self._forms is None or at - self._forms[0] > FORMS_S:
            found = (store.folder / FORMS_FOLDER).glob("*.xlsx")
            self._forms = (at, tuple(sorted(file for file in found if not file.name.startswith((".", "~$")))))
        return self._forms[1]

    def _read_season(self, store: Any, now_ms: int, running: Shift | None) -> bool:
        """Read what is most due of the list; whether there is anything older that is not read yet."""
        at, found = time.monotonic(), self._seasons
        begun_ms = summaries.begun_ms(store)
        if not found:
            edge_ms = now_ms - SEASON_MS
            found.append(_Season(Span(edge_ms, now_ms + 1), at, ()))
            due = found[0]
        elif at - found[0].read_at > RUNNING_S or _is_new(running, found[0].shifts, now_ms):
            due = found[0]
            due.window = Span(due.window.start_ms, now_ms + 1)
        elif found[-1].window.start_ms > begun_ms:
            edge_ms = found[-1].window.start_ms
            due = _Season(Span(edge_ms - SEASON_MS, edge_ms), at, ())
            found.append(due)
        else:
            due = min(found, key=lambda season: season.read_at)
            if at - due.read_at <= OVER_S:
                return False
        due.shifts, due.read_at = summaries.shift_figures(store, due.window, now_ms), at
        return found[-1].window.start_ms > begun_ms

    def _report(
        self, store: Any, row: ShiftFigures, newest: int, now_ms: int, live: summaries.Live | None
    ) -> ShiftReport:
        """The report, put together anew after a while and as soon as somebody has said anything of its shift."""
        at = time.monotonic()
        made_at, known, report = self._reports.get(row.shift.span, (0.0, 0, None))
        if report is not None and newest not in (known, self._said):
            self._said = newest  # the handover answers at once, the page at the next look
            return report
        if report is None or newest != known or at - made_at > (OVER_S if row.over else RUNNING_S):
            report = summaries.shift_report(store, row.shift, now_ms, live=live)
            self._reports = {row.shift.span: (at, newest, report)}
        return report


def _usual(store: Any, frame: Any, shifts: tuple[ShiftFigures, ...]) -> tuple[ShiftFigures, Handing]:
    """The shift that ended a while ago, as long as nobody has closed it; else the newest."""
    newest, before = shifts[0], shifts[1] if len(shifts) > 1 else None
    if before is not None and before.over and frame.now_ms - before.shift.span.end_ms < HANDED_OVER_MS:
        handing = summaries.handing(store, frame, before.shift)
        if not handing.closed:
            return before, handing
    return newest, summaries.handing(store, frame, newest.shift)


def _is_new(running: Shift | None, listed: tuple[ShiftFigures, ...], now_ms: int) -> bool:
    """Whether a shift has begun since the list was read."""
    return running is not None and running.span.start_ms < now_ms and running not in [row.shift for row in listed[:1]]
