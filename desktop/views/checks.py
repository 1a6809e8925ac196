"""Checks 점검: what is to be checked now, at which machine, and which hours wait to be confirmed; a tap each."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from desktop import daily_words, summaries
from desktop.domain.calendar import Shift
from desktop.domain.checks import PIECES
from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import OPEN_MS, Action, Checked, FirstPiece, HourConfirmed, Said
from desktop.domain.rounds import ChecksNow, HourDue
from desktop.text import _
from desktop.views.background import Question
from desktop.views.entering import TakingBack
from desktop.views.screen import GAP, MARGIN, TOP
from desktop.views.widgets.button import Button
from desktop.views.widgets.check_lists import (
    DONE_PX,
    DUE_PX,
    DoneList,
    DueList,
    HourList,
    done_face,
    due_face,
    hour_face,
)
from desktop.views.widgets.crew_tiles import TileCard, TileFace
from desktop.views.widgets.titled_card import HEAD_PX
from desktop.views.widgets.why_panel import WhyPanel
from desktop.views.work_page import WorkPage
from desktop.wording.moments import span_words

_UNDO_PX = 72  # so much of the page lies under the undo bar


class Checks(WorkPage):
    """What is due, with its buttons; what is not right asks what, and leaves an open item for the next shift."""

    waiting_changed = Signal(int)
    measure_wanted = Signal(int)  # the characteristic of which a sample is due

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("checks", _("Checks"), parent)
        self.machines = TileCard("check-machines", _("Machines"), self.page, tile_px=64)
        self.due = DueList(self.page)
        self.hours = HourList(self.page)
        self.done = DoneList(self.page)
        self.why = WhyPanel(self.page)
        self._now: ChecksNow | None = None
        self._machine: int | None = None
        self._check: CheckRow | None = None  # of which is asked what is wrong, or its value
        self._hour: HourDue | None = None  # of which is asked why
        self._past: Shift | None = None  # the shift that is looked at, None: the one that runs
        self.back = Button("checks-now", _("Back to now"), self.page)
        self.back.clicked.connect(self._back_to_now)
        self.back.hide()
        self._hours_wanted = False  # they are to come into sight with the next answer
        self.why.hide()
        self.machines.picked.connect(self._pick)
        self.due.good.connect(partial(self._say_check, True))
        self.due.bad.connect(self._ask_what)
        self.due.value.connect(self._ask_what)
        self.due.measure.connect(lambda row: self.measure_wanted.emit(row.item))
        self.done.picked.connect(self._take_back_check)
        self.hours.wanted.connect(self._confirm)
        self.hours.picked.connect(self._take_back_hour)
        self.why.chosen.connect(self._chosen)
        self.why.given.connect(self._given)
        self.why.left.connect(self._leave)
        for digit in range(10):
            self._key(str(digit), str(digit))
        self._key(".", ".")
        self._key("-", "±")
        self._key("Backspace", "⌫")

    def _key(self, sequence: str, key: str) -> None:
        """A digit of the keyboard counts like one of the pad."""
        QShortcut(QKeySequence(sequence), self).activated.connect(partial(self.why.press_key, key))

    # -- what is asked and shown --

    def question(self) -> Question:
        """The checks of the shift."""
        live, past = self.live, self._past

        def ask(store: Any, now_ms: int) -> ChecksNow:
            return summaries.checks_now(live, store, now_ms, past)

        return ask

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the checks."""
        if not isinstance(answer, ChecksNow):
            raise TypeError(f"the page of checks shows a ChecksNow, not {type(answer).__name__}")
        self._now = answer
        self._show()
        self._go_to_hours()

    def _show(self) -> None:
        now = self._now
        if now is None:
            return
        zone = now.head.timezone
        waiting = {number: sum(row.machine == number for row in now.open) for number, _name, _code in now.machines}
        looked_at = {row.machine for row in now.rows} - {row.machine for row in now.rows if row.state == "missed"}
        faces = []
        for number, name, code in now.machines:
            wait = waiting[number]
            sign = "clock" if wait else "check" if number in looked_at else "minus"
            chosen = number == self._machine
            faces.append(TileFace(number, name, code, self._note(now, number, wait), sign, wait > 0, chosen=chosen))
        changed = self.machines.show_tiles(faces, "", _("Add machines to the configuration and import it."))
        shown = [row for row in now.open if self._machine in (None, row.machine)]
        if now.has_items:
            words = _("Nothing is to be checked now"), _("What comes due in this shift appears here.")
        else:
            words = _("No checks are set up"), _("Take over the usual list under Settings, Master data, Checks.")
        self.due.show_due([due_face(row, now.now_ms, zone, self._check) for row in shown], *words)
        over = [row for row in now.rows if row.state in ("good", "bad", "missed") and not row.asks]
        over = [row for row in over if self._machine in (None, row.machine)]
        over.sort(key=lambda row: ({"missed": 0, "bad": 1}.get(row.state, 2), -(row.done_ms or 0)))
        made = sum(row.done for row in over)
        note = _("{done} of {all}").format(done=made, all=len(over) + len(shown)) if over or shown else ""
        self.done.show_done([done_face(row, zone) for row in over], note)
        asked = self._hour.row.span.start_ms if self._hour is not None else None
        self.hours.show_hours([hour_face(hour, zone, asked) for hour in now.hours])
        if self._past is None:  # the number is that of the shift that runs
            self.pages.show_waiting(now.waiting)
            self.waiting_changed.emit(now.waiting)
        if changed:
            self.arranged()

    @staticmethod
    def _note(now: ChecksNow, machine: int, waiting: int) -> str:
        if waiting:
            return _("{count} waiting").format(count=waiting)
        own = [row.state for row in now.rows if row.machine == machine]
        if missed := own.count("missed"):
            return _("{count} missed").format(count=missed)
        return _("all done") if own else _("nothing due")

    def step_back(self) -> bool:
        """Back from the question to the list."""
        if self._check is not None or self._hour is not None:
            self._leave()
        elif self._past is not None:
            self._back_to_now()
        else:
            return False
        return True

    def subject(self) -> object:
        """The shift that is looked at."""
        return self._past and self._past.span

    def past_shift(self) -> Shift | None:
        """The shift that is looked at, where it is over."""
        return self._past

    def _look_at(self, past: Shift | None) -> None:
        self._past = past
        self.back.setVisible(past is not None)
        self._leave()

    def _back_to_now(self) -> None:
        self._look_at(None)
        self.question_changed.emit()

    def open_at(self, machine: int | None, past: Shift | None = None) -> None:
        """Look at what is to be checked at this machine, None: at all of them; of a `past` shift at what was missed
        and what can still be made."""
        self._machine = machine
        self._look_at(past)
        self._leave()

    def show_hours(self) -> None:
        """Bring the hours into sight."""
        self._hours_wanted = True
        self._go_to_hours()

    def _go_to_hours(self) -> None:
        if self._hours_wanted and self._now is not None:
            self._hours_wanted = False
            self.ensureWidgetVisible(self.hours, 0, TOP)

    # -- what is pressed --

    def _pick(self, machine: int) -> None:
        self._machine = None if machine == self._machine else machine
        self._leave()

    def _leave(self) -> None:
        self._check = self._hour = None
        self.why.hide()
        self._show()
        self.arranged()

    def _ask_what(self, row: CheckRow) -> None:
        """What is not right, or which value."""
        self._leave()
        self._check = row
        title = f"{row.machine_name} · {row.name}"
        if row.kind == "value":
            signed = row.low is None or row.low < 0  # where zero is the least nobody means a value below it
            self.why.ask_value(title, daily_words.limits_words(row), signed=signed)
        else:
            self.why.ask(title, _("What is not right? It stays an open item."), daily_words.faults(row))
        self._open()

    def _confirm(self, hour: HourDue) -> None:
        self._leave()
        if not hour.asks:
            self._say_hour(hour, "")
            return
        self._hour = hour
        zone = self._now.head.timezone if self._now is not None else "UTC"
        title = span_words(hour.row.span.start_ms, hour.row.span.end_ms, zone)
        face = hour_face(hour, zone, None)
        answers = daily_words.gap_reasons(hour.row, hour.causes)[: len(self.why.choices)]
        self.why.ask(f"{title}   {face.figure}", _("Why was the target missed?"), answers)
        self._open()

    def _open(self) -> None:
        self.why.show()
        self.why.raise_()
        self._show()
        self.arranged()

    def _chosen(self, words: str) -> None:
        if self._hour is not None:
            self._say_hour(self._hour, words)
        elif self._check is not None:
            self._say_check(False, self._check, note=words)

    def _given(self, value: float) -> None:
        row, now = self._check, self._now
        if row is None or now is None:
            return
        good = (row.low is None or value >= row.low) and (row.high is None or value <= row.high)
        note = (
            ""
            if good
            else _("{value} is outside {limits}").format(value=f"{value:g}", limits=daily_words.limits_words(row))
        )
        self._say_check(good, row, value=value, note=note)

    def _say_check(self, good: bool, row: CheckRow, *, value: float | None = None, note: str = "") -> None:
        """A check is done. What is not right is an open item of the handover at once."""
        now = self._now
        if now is None:
            return
        at_ms = now.now_ms
        told: list[Said] = []
        if row.kind in PIECES:
            told.append(FirstPiece(row.machine, at_ms, at_ms, good, note, row.kind))  # type: ignore[arg-type]
        else:
            told.append(Checked(row.machine, at_ms, at_ms, row.item, good, value, note))
        if not good:
            told.append(Action(row.machine, at_ms, OPEN_MS, f"{row.name}: {note}" if note else row.name))
        word = _("Fine") if good else _("Not OK")
        self._leave()
        self._tell(told, " · ".join(part for part in (row.machine_name, row.name, word, note) if part))

    def _say_hour(self, hour: HourDue, reason: str) -> None:
        span = hour.row.span
        zone = self._now.head.timezone if self._now is not None else "UTC"
        words = _("{hour} confirmed").format(hour=span_words(span.start_ms, span.end_ms, zone))
        self._leave()
        told = HourConfirmed(0, span.start_ms, span.end_ms, reason)
        self._tell([told], " · ".join(part for part in (words, reason) if part))

    def _take_back_check(self, row: CheckRow) -> None:
        words = _("Taken back: {what}").format(what=f"{row.machine_name} · {row.name}")
        said: Said
        numbers: tuple[int, ...]
        again: tuple[Said, ...]
        good, note, at_ms = row.state == "good", row.note, row.done_ms or row.due_ms
        if row.kind in PIECES:
            said = FirstPiece(row.machine, at_ms, at_ms, good, note, row.kind)  # type: ignore[arg-type]
        else:
            said = Checked(row.machine, at_ms, at_ms, row.item, good, row.value, note)
        numbers, again = (row.entry,), (said,)
        if row.also:
            text = f"{row.name}: {note}" if note else row.name
            numbers, again = (row.entry, row.also), (said, Action(row.machine, at_ms, OPEN_MS, text))
        self.taken_back.emit(TakingBack(numbers, words, again))

    def _take_back_hour(self, hour: HourDue) -> None:
        span = hour.row.span
        zone = self._now.head.timezone if self._now is not None else "UTC"
        words = _("Taken back: {what}").format(what=span_words(span.start_ms, span.end_ms, zone))
        said = HourConfirmed(0, span.start_ms, span.end_ms, hour.reason)
        self.taken_back.emit(TakingBack((hour.entry,), words, (said,)))

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """Machines at the left, what is due beside them, hours and what is done or the question at the right."""
        at = self._room(width, height)
        top, gap, x, room, bottom = at.top, at.gap, at.x, at.right_px, at.bottom
        machines_px, y = self.machines.place(at.left_px), at.y
        if self._past is not None:
            self.back.setGeometry(MARGIN, y, at.left_px, 56)
            y += 56 + gap
        self.machines.setGeometry(MARGIN, y, at.left_px, machines_px)
        lowest = y + machines_px
        beside = room >= 1000
        main_px = (room - GAP) * 11 // 20 if beside else room
        side_x, side_px = (x + main_px + GAP, room - main_px - GAP) if beside else (x, room)
        asking = not self.why.isHidden()
        if beside:
            self.due.setGeometry(x, top, main_px, bottom - top)
            side_y = top
        else:
            due_px = max((bottom - top) // 2, HEAD_PX + 3 * DUE_PX)
            self.due.setVisible(not asking)
            self.due.setGeometry(x, top, main_px, due_px)
            side_y = top if asking else top + due_px + gap
        for card in (self.hours, self.done):
            card.setVisible(not asking)
        if asking:
            self.why.setGeometry(side_x, side_y, side_px, 100)
            high = self.why.wanted_px()
            self.why.setGeometry(side_x, side_y, side_px, high)
            lowest = max(lowest, side_y + high + (_UNDO_PX if height < 800 else 0))
        else:
            least = HEAD_PX + 3 * DONE_PX
            high = max((bottom - side_y - gap) // 2, least)
            self.hours.setGeometry(side_x, side_y, side_px, high)
            self.done.setGeometry(side_x, side_y + high + gap, side_px, max(bottom - side_y - high - gap, least))
            lowest = max(lowest, self.done.y() + self.done.height())
        return max(lowest, bottom) + (TOP if lowest > bottom else 0)
