"""Stops 비가동 사유: which stop waits for a reason, and why it stood, in two taps."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain.calendar import Shift
from desktop.domain.commands import key
from desktop.domain.entries import Entry
from desktop.domain.figures.stops import LabelRow, StopRow, StopsNow
from desktop.text import _
from desktop.views import stop_faces
from desktop.views.background import Question
from desktop.views.calling import calling
from desktop.views.entering import Telling
from desktop.views.screen import GAP, MARGIN, TOP, Screen
from desktop.views.stop_choice import StopChoice, key_of
from desktop.views.widgets.button import Button
from desktop.views.widgets.call_bar import CALL_PX, CallBar, CallFace, call_faces
from desktop.views.widgets.link_card import LINK_PX, LinkCard
from desktop.views.widgets.painted import tell
from desktop.views.widgets.reason_board import COLUMNS, FULL_PX, MOST, AllReasons, Ask, IconField, ReasonButton, board
from desktop.views.widgets.shift_steps import ShiftSteps
from desktop.views.widgets.stop_head import HIGH_PX, LOW_PX, StopHead
from desktop.views.widgets.stop_lists import SAID_PX, Key, SaidList, WaitingList, said_face, wait_face
from desktop.views.widgets.titled_card import HEAD_PX
from desktop.views.widgets.wordy import Wordy

LEFT_PX, NARROW_LEFT_PX = 440, 360
_MOST_WAITING = 5  # of them stand in sight before the reasons that were given
_ASK_PX = 40
_UNDO_PX = 84  # at the foot, which the undo bar takes


class Stops(Screen):
    """The stops that wait and the reasons given at the left; the stop that is asked about and its reasons at the right.

    Nothing is written here: `told` and `taken_back` carry what is to be. What was told leaves the list at once, and
    comes back where it is refused.
    """

    told = Signal(object)  # Telling
    taken_back = Signal(object)  # TakingBack
    sheet_wanted = Signal(str)  # code of the machine
    before_wanted = Signal(int, object)  # machine, a moment of its stop: what was made before it
    place_wanted = Signal(int, object, object)  # machine, its stop, the shift of which it is (None: the running one)
    ask_after_wanted = Signal(int)  # from so many minutes on a stop asks

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("stops", parent)
        tell(self, _("Stops"))
        self.waiting_list = WaitingList(self.page)
        self.head = StopHead(self.page)
        self.ask = Ask("stop-ask", self.page)
        self.reasons = [ReasonButton(f"reason-{n}", self.page) for n in range(1, MOST + 1)]
        self.every = Button("all-reasons-open", _("All reasons"), self.page, icon="more")
        self.note = IconField("stop-note", _("Note (optional)"), "note", self.page)
        self.calls = CallBar(self.page)
        self.sheet = LinkCard(
            "stop-sheet",
            _("A scan at the machine does it, too"),
            _("Scan a reason of the machine's sheet: it is saved without this screen."),
            _("Print the sheet"),
            self.page,
            icon="print",
        )
        self.empty = Wordy("stops-empty", self.page)
        self.said_list = SaidList(self.page)
        self.steps = ShiftSteps(self.page)
        self.all = AllReasons(self.page)
        self.choice = StopChoice()
        self._past: Shift | None = None  # the earlier shift that is looked at, None: the one that runs
        self._wanted: tuple[object, ...] = ()
        self.waiting_list.picked.connect(self._pick)
        self.waiting_list.ticked.connect(self._tick)
        self.waiting_list.behind_wanted.connect(partial(self._tick_alike, brief=False))
        self.waiting_list.brief_wanted.connect(partial(self._tick_alike, brief=True))
        self.waiting_list.resized.connect(self.arranged)
        self.waiting_list.asked_from.wanted.connect(self.ask_after_wanted)
        self.said_list.picked.connect(self._pick_said)
        self.head.split.clicked.connect(self.split)
        self.head.here.clicked.connect(self.split)
        self.head.cancel.clicked.connect(self.step_back)
        self.head.merge.clicked.connect(self.merge)
        self.head.back.clicked.connect(self._take_back)
        self.head.timeline.clicked.connect(self._show_timeline)
        self.head.before.clicked.connect(self._show_before)
        self.head.strip.moved.connect(self._move_split)
        self.every.clicked.connect(self._open_all)
        self.all.closed.connect(self.step_back)
        self.all.chosen.connect(self.give)
        self.steps.stepped.connect(self._step_shift)
        self.steps.wanted.connect(self._look_at)
        self.calls.pressed.connect(self._call)
        self.sheet.wanted.connect(self._print_sheet)
        self.note.returnPressed.connect(self.page.setFocus)
        for button in self.reasons:
            button.clicked.connect(self._reason_pressed)
        for place in range(MOST):
            self._key(str(place + 1), partial(self._press, place))
        self._key("S", self.split)
        self._key("M", self.merge)
        self.page.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def _key(self, sequence: str, act: object) -> None:
        """A key that holds while this screen is in sight; a field that is typed into takes it first."""
        QShortcut(QKeySequence(sequence), self).activated.connect(act)

    # -- what is asked and shown --

    def question(self) -> Question:
        """The stops of the shift that runs, and the time around the chosen one."""
        live, chosen, past = self.live, self.choice.chosen, self._past

        def ask(store: Any, now_ms: int) -> StopsNow:
            return summaries.stops_now(live, store, now_ms, chosen, past)

        return ask

    def open_stop(self, machine: int, start_ms: int, past: Shift | None = None) -> None:
        """Ask about this stop and no other; `past`: the shift of which it is, None for the running one."""
        self.choice.pick((machine, start_ms))
        self._past = past
        self.all.hide()

    def subject(self) -> object:
        """The shift that is looked at."""
        return self._past and self._past.span

    def past_shift(self) -> Shift | None:
        """The shift that is looked at, where it is over."""
        return self._past

    def opened(self) -> None:
        """Keys work at once."""
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the stops."""
        if not isinstance(answer, StopsNow):
            raise TypeError(f"the Stops screen shows a StopsNow, not {type(answer).__name__}")
        self.choice.learn(answer)
        self._refresh()

    def _refresh(self) -> None:
        """Bring everything up to what is known and chosen."""
        now = self.choice.now
        if now is None:
            return
        self.choice.keep_split(self.choice.stop())
        rows, stop, said = self.choice.waiting(), self.choice.stop(), self.choice.said()
        key = key_of(stop) if stop is not None and said is None else None
        zone = now.head.timezone
        faces = [wait_face(row, zone, key, self.choice.ticked) for row in rows]
        behind, brief = (len(self.choice.alike(brief=brief)) for brief in (False, True))
        self.waiting_list.show_stops(faces, sum(row.length_ms for row in rows if not row.silent), behind, brief)
        self.waiting_list.asked_from.show_lengths(now.ask_after_ms, now.asking)
        self.said_list.show_said([said_face(row, zone, self.choice.entry) for row in now.said])
        self.steps.show_shifts(now, past=self._past is not None)
        self.head.show_head(*stop_faces.head(self.choice, now))
        self.head.strip.show_strip(stop_faces.strip(self.choice, now))
        self._show_reasons(now, stop, said)
        wanted = (
            len(rows),
            len(now.said),
            stop is None and said is None,
            bool(now.reasons),
            self.calls.shown_count(),
            self.steps.wanted_px(self.steps.width()),
        )
        if wanted != self._wanted:
            self._wanted = wanted
            self.arranged()

    def _step_shift(self, steps: int) -> None:
        """To the shift before the one that is looked at (-1), or the one after it (1)."""
        now = self.choice.now
        wanted = now.shifts[0 if steps < 0 else 1] if now is not None else None
        if now is not None and wanted is not None:
            self._look_at(None if wanted.span.holds(now.now_ms) else wanted)

    def _look_at(self, shift: object) -> None:
        """Look at the stops of a shift that is over, None: of the one that runs."""
        self._forget()
        self._past = shift if isinstance(shift, Shift) else None
        self.question_changed.emit()

    def _show_reasons(self, now: StopsNow, stop: StopRow | None, said: LabelRow | None) -> None:
        ready = stop is not None or said is not None
        current = said.reason if said is not None else ""
        faces = board(now.reasons, current, ready)
        for index, button in enumerate(self.reasons):
            button.setVisible(index < len(faces) and ready)
            if index < len(faces):
                button.show_reason(faces[index])
        self.ask.show_ask(stop_faces.question(self.choice, now))
        self.ask.setVisible(bool(faces) and ready)
        self.every.setText(_("All {count} reasons").format(count=len(now.reasons)))
        tell(self.every, self.every.text())
        for widget in (self.every, self.note):
            widget.setVisible(bool(faces) and ready)
        self.note.setPlaceholderText(_("Why it is changed") if now.closed else _("Note (optional)"))
        self.all.show_reasons(now.reasons, current)
        machine = stop.machine if stop is not None else said.said.machine if said is not None else None
        self.calls.show_calls(call_faces(now.calls, machine, now.names, now.now_ms))
        self.empty.setVisible(not ready or not faces)
        self.empty.show_words(*stop_faces.nothing_to_ask(self.choice, now, bool(faces)))
        self.head.setVisible(ready)
        if not ready or not faces:
            self.all.hide()

    def title(self) -> str:
        """What the screen is for."""
        return _("Reasons of stops")

    # -- choosing --

    def _forget(self) -> None:
        self.choice.forget()
        self.all.hide()

    def _pick(self, key: Key) -> None:
        self.choice.pick(key)
        self._look_elsewhere()

    def _tick(self, key: Key) -> None:
        self.choice.tick(key)
        self._refresh()

    def _tick_alike(self, *, brief: bool) -> None:
        self.choice.tick_alike(brief=brief)
        self._look_elsewhere()

    def _pick_said(self, entry: int) -> None:
        self.choice.pick_said(entry)
        self._look_elsewhere()

    def _look_elsewhere(self) -> None:
        """Something else was chosen: show it, and ask for what is around it."""
        self.all.hide()
        self._refresh()
        self.question_changed.emit()

    def _show_timeline(self) -> None:
        if (stop := self.choice.stop()) is not None:
            self.place_wanted.emit(stop.machine, stop.id, self._past)

    def _show_before(self) -> None:
        if (stop := self.choice.stop()) is not None:
            self.before_wanted.emit(stop.machine, stop.start_ms)

    def _print_sheet(self) -> None:
        if (row := self.choice.stop() or self.choice.said()) is not None:
            self.sheet_wanted.emit(row.machine_code)

    def _open_all(self) -> None:
        self.all.open()
        self.arranged()

    def step_back(self) -> bool:
        """Close what was opened last: the list of all, the split, the ticks, the reason that is looked at."""
        if not self.all.isHidden():
            self.all.hide()
        elif self.note.hasFocus():
            pass
        elif self.choice.split_ms is not None:
            self.choice.split_ms = None
        elif self.choice.ticked:
            self.choice.ticked = frozenset()
        elif self.choice.entry:
            self._forget()
            self.question_changed.emit()
        elif self._past is not None:
            self._look_at(None)
        else:
            return False
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)
        self._refresh()
        return True

    # -- telling --

    def _press(self, place: int) -> None:
        if self.all.isHidden() and self.reasons[place].isVisible():
            self.reasons[place].click()

    def _reason_pressed(self) -> None:
        button = self.sender()
        if isinstance(button, ReasonButton) and button.shown is not None:
            self.give(button.shown.id)

    def give_scanned(self, code: str) -> bool:
        """Give the reason of a scanned code to what is chosen, as a press does. False where nothing is chosen or the
        code is none of the reasons: then the scan speaks for itself."""
        now = self.choice.now
        found = [reason.id for reason in now.reasons if key(reason.code) == code] if now is not None else []
        if not self.choice.any() or len(found) != 1:
            return False
        self.give(found[0])
        return True

    def give(self, reason: int) -> None:
        """Give a reason to what is chosen: the ticked stops, the first part of a split, another one to a label, else
        the stop that is asked about. The next stop opens."""
        now = self.choice.now
        name = next((each.name for each in now.reasons if each.id == reason), None) if now is not None else None
        if now is None or name is None or (why := self._why(now)) is None:
            return
        note = self.note.text().strip()
        if self.choice.says_already(name, note):
            self.step_back()
        elif (telling := self.choice.given(reason, note, why)) is not None:
            self.note.clear()
            self._tell(telling)

    def _why(self, now: StopsNow) -> str | None:
        """Why something is changed: of a closed shift somebody must say it first, in the note; None till then."""
        why = self.note.text().strip() if now.closed else ""
        if now.closed and not why:
            self.note.setFocus(Qt.FocusReason.OtherFocusReason)
            return None
        return why

    def _tell(self, telling: Telling) -> None:
        self.choice.settle(telling.stops)
        self._forget()
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)
        self._refresh()
        self.told.emit(telling)

    def split(self) -> None:
        """Show where the stop would be split; at the second time split it there."""
        now, stop = self.choice.now, self.choice.stop()
        if now is None or stop is None or self.choice.ticked or self.choice.entry or not self.all.isHidden():
            return
        if self.choice.split_ms is None:
            if self.choice.begin_split(stop):
                self._refresh()
                self.head.strip.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if (why := self._why(now)) is None:
            return
        self._tell(self.choice.split(stop, why))
        self.choice.chosen = key_of(stop)
        self._refresh()

    def _move_split(self, at_ms: int) -> None:
        self.choice.split_ms = at_ms
        self._refresh()

    def merge(self) -> None:
        """Make parts of a split stop one again; else take the stops before and after it along: one reason for all."""
        now, stop = self.choice.now, self.choice.stop()
        if now is None or stop is None or self.choice.split_ms is not None or not self.all.isHidden():
            return
        if self.choice.splits_at(stop):
            if (why := self._why(now)) is None:
                return
            taking = self.choice.merged(stop, why)
            self._forget()
            self.taken_back.emit(taking)
        elif near := self.choice.neighbours(stop):
            self.choice.ticked = frozenset({key_of(stop), *near})
            self._refresh()

    def _take_back(self) -> None:
        said, now = self.choice.said(), self.choice.now
        if said is None or now is None or (why := self._why(now)) is None:
            return
        taking = self.choice.taken_back(said, why)
        self._forget()
        self.taken_back.emit(taking)
        self._refresh()

    def _call(self, shown: CallFace) -> None:
        """Call for help, or tell how far a call has come."""
        now = self.choice.now
        if now is None:
            return
        self.told.emit(calling(shown, now.now_ms, now.names.get(shown.machine, "")))

    # -- what came of it --

    def was_entered(self, stops: object, number: object) -> None:
        """What was told is in the file, by this entry."""
        if isinstance(stops, frozenset) and isinstance(number, int):
            self.choice.entered(stops, number)
        self.question_changed.emit()

    def was_refused(self, stops: object) -> None:
        """It is not: the stops are back in the list."""
        if isinstance(stops, frozenset):
            self.choice.refused(stops)
        self._refresh()
        self.question_changed.emit()

    def words_of(self, entry: Entry) -> str:
        """What somebody else said of a stop, as a sentence; "" where that is not known."""
        return stop_faces.meanwhile(self.choice.now, entry)

    # -- places --

    def waiting_cards(self) -> list[QWidget]:
        """What shows figures."""
        return [card for card in (self.waiting_list, self.said_list, self.head) if not card.isHidden()]

    def arrange(self, width: int, height: int) -> int:
        """The lists at the left, the stop and its reasons at the right."""
        low = height < 800
        top = 12 if low else TOP
        gap = 12 if low else GAP
        left_px = LEFT_PX if width >= 1480 else NARROW_LEFT_PX
        right_x = MARGIN + left_px + GAP
        right_px = width - MARGIN - right_x
        bottom = height - TOP
        waiting_px = self.waiting_list.wanted_px(_MOST_WAITING)
        least = HEAD_PX + (2 if self.choice.now is not None and self.choice.now.said else 1) * SAID_PX + 2
        steps_px = self.steps.wanted_px(left_px)
        waiting_px = min(waiting_px, bottom - top - 2 * gap - steps_px - least)
        self.waiting_list.setGeometry(MARGIN, top, left_px, waiting_px)
        y = top + waiting_px + gap
        self.said_list.setGeometry(MARGIN, y, left_px, bottom - y - steps_px - gap)
        self.steps.setGeometry(MARGIN, bottom - steps_px, left_px, steps_px)
        head_px = LOW_PX if low else HIGH_PX
        self.head.setGeometry(right_x, top, right_px, head_px)
        calls_px = CALL_PX + gap if self.calls.shown_count() else 0
        self.empty.setGeometry(right_x, top, right_px, bottom - top - calls_px)
        y = top + head_px + (4 if low else 10)
        if not self.head.isHidden() and not self.empty.isHidden():  # a stop, but no reasons to give
            self.empty.setGeometry(right_x, y + gap, right_px, bottom - y - gap - calls_px)
        self.all.setGeometry(right_x, y + 4, right_px, bottom - y - 4)
        return self._arrange_reasons(QRect(right_x, y, right_px, bottom - y), low)

    def _arrange_reasons(self, area: QRect, low: bool) -> int:
        """Two rows of four, below them all reasons and the note; returns the lowest edge."""
        self.ask.setGeometry(area.left(), area.top(), area.width(), _ASK_PX)
        gap = 12 if low else GAP
        y = area.top() + _ASK_PX + (4 if low else 8)
        room = area.height() - _ASK_PX - 56 - 3 * gap - CALL_PX - (8 if low else gap)
        high = max(min(room // 2, FULL_PX), 92)
        wide = (area.width() - (COLUMNS - 1) * gap) / COLUMNS
        for index, button in enumerate(self.reasons):
            line, column = divmod(index, COLUMNS)
            x = area.left() + round(column * (wide + gap))
            button.setGeometry(x, y + line * (high + gap), round(wide), high)
        y += 2 * (high + gap)
        every_px = max(round(wide), self.every.sizeHint().width())
        self.every.setGeometry(area.left(), y, every_px, 56)
        self.note.setGeometry(area.left() + every_px + gap, y, area.width() - every_px - gap, 56)
        y += 56 + (8 if low else gap)
        # Close below: at the foot the undo bar would lie over them.
        if low or self.every.isHidden():
            foot = area.bottom() + 1 - CALL_PX
            y = foot if self.every.isHidden() else max(y, foot)  # under a banner the page is scrolled
        self.calls.setGeometry(area.left(), y, area.width(), CALL_PX)
        below = y + (CALL_PX + gap if self.calls.shown_count() else 0)
        self.sheet.setVisible(not self.every.isHidden() and below + LINK_PX <= area.bottom() + 1 - _UNDO_PX)
        self.sheet.setGeometry(area.left(), below, area.width(), LINK_PX)
        lowest = y + CALL_PX
        return lowest + (TOP if lowest > area.bottom() + 1 else 0)
