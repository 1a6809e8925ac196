"""Stops 비가동 사유: which stop waits for a reason, and why it stood, in two taps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain.calendar import Shift
from desktop.domain.commands import key
from desktop.domain.entries import OPEN_MS, Entry, Labelled, Said, Split
from desktop.domain.figures import LabelRow, StopRow, StopsNow
from desktop.domain.spans import Span
from desktop.text import _, particles
from desktop.tokens import Look, look
from desktop.views.background import Question
from desktop.views.calling import calling
from desktop.views.entering import TakingBack, Telling
from desktop.views.screen import CONTROL_PX, GAP, MARGIN, TOP, Screen
from desktop.views.widgets.button import Button
from desktop.views.widgets.call_bar import CALL_PX, CallBar, CallFace, call_faces
from desktop.views.widgets.link_card import LINK_PX, LinkCard
from desktop.views.widgets.painted import tell
from desktop.views.widgets.reason_board import (
    COLUMNS,
    FULL_PX,
    MOST,
    AllReasons,
    Ask,
    AskFace,
    IconField,
    ReasonButton,
    board,
)
from desktop.views.widgets.stop_head import HIGH_PX, LOW_PX, HeadFace, StopHead, StripFace, snapped, span_to_second
from desktop.views.widgets.stop_lists import SAID_PX, Key, SaidList, WaitingList, said_face, wait_face
from desktop.views.widgets.titled_card import HEAD_PX
from desktop.views.widgets.wordy import Wordy
from desktop.wording import alarm_words, clock, lasted, minutes, minutes_seconds, shift_words

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
        self.other = Button("stops-shift", "", self.page)
        self.all = AllReasons(self.page)
        self._now: StopsNow | None = None
        self._past: Shift | None = None  # the earlier shift that is looked at, None: the one that runs
        self._chosen: Key | None = None  # the stop that is asked about; None: the longest that waits
        self._entry = 0  # the reason that is looked at, 0 for none
        self._ticked: frozenset[Key] = frozenset()
        self._split_ms: int | None = None
        self._settled: dict[Key, int] = {}  # told already -> the entry that says so, 0 while it is being written
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
        self.head.strip.moved.connect(self._move_split)
        self.every.clicked.connect(self._open_all)
        self.all.closed.connect(self.step_back)
        self.all.chosen.connect(self.give)
        self.other.clicked.connect(self._other_shift)
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
        live, chosen, past = self.live, self._chosen, self._past

        def ask(store: Any, now_ms: int) -> StopsNow:
            return summaries.stops_now(live, store, now_ms, chosen, past)

        return ask

    def open_stop(self, machine: int, start_ms: int, past: Shift | None = None) -> None:
        """Ask about this stop; `past`: of the shift before the running one."""
        self._forget()
        self._past = past
        self._chosen = (machine, start_ms)

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
        self._now = answer
        self._settled = {key: number for key, number in self._settled.items() if not number or answer.seen < number}
        there = {(row.machine, row.start_ms) for row in answer.open}
        if self._chosen is not None and answer.chosen is not None and _about(answer.chosen, self._chosen):
            self._chosen = self._key_of(answer.chosen)
        self._ticked &= there
        if self._entry and all(row.entry != self._entry for row in answer.said):
            self._entry, self._chosen = 0, None
        self._refresh()

    def _waiting(self) -> list[StopRow]:
        """The stops that wait, without those that were told just now."""
        rows = self._now.open if self._now is not None else ()
        return [row for row in rows if (row.machine, row.start_ms) not in self._settled]

    def _stop(self) -> StopRow | None:
        """The stop that is asked about."""
        rows = self._waiting()
        now = self._now
        looked_at = now.chosen if now is not None else None
        if looked_at is not None and self._key_of(looked_at) == self._chosen and self._chosen not in self._settled:
            return looked_at
        found = next((row for row in rows if self._key_of(row) == self._chosen), None)
        if found is None and self._said() is not None:
            return None
        return found or (rows[0] if rows else None)

    def _said(self) -> LabelRow | None:
        """The reason that is looked at."""
        rows = self._now.said if self._now is not None else ()
        return next((row for row in rows if row.entry == self._entry), None)

    @staticmethod
    def _key_of(row: StopRow) -> Key:
        return row.machine, row.start_ms

    def _refresh(self) -> None:
        """Bring everything up to what is known and chosen."""
        now = self._now
        if now is None:
            return
        rows, stop, said = self._waiting(), self._stop(), self._said()
        key = self._key_of(stop) if stop is not None and said is None else None
        if self._split_ms is not None and (stop is None or self._ticked or not _inside(self._split_ms, stop, now)):
            self._split_ms = None
        zone = now.head.timezone
        faces = [wait_face(row, zone, key, self._ticked) for row in rows]
        behind, brief = (len(self._alike(rows, brief=brief)) for brief in (False, True))
        self.waiting_list.show_stops(faces, sum(row.length_ms for row in rows if not row.silent), behind, brief)
        self.waiting_list.asked_from.show_lengths(now.ask_after_ms, now.asking)
        self.said_list.show_said([said_face(row, zone, self._entry) for row in now.said])
        self._show_other(now)
        self._show_head(now, rows, stop, said)
        self._show_reasons(now, stop, said)
        wanted: tuple[object, ...] = (
            len(rows),
            len(now.said),
            stop is None and said is None,
            bool(now.reasons),
            self.calls.shown_count(),
        )
        wanted += (self.other.isHidden(),)
        if wanted != self._wanted:
            self._wanted = wanted
            self.arranged()

    def _show_other(self, now: StopsNow) -> None:
        """The way to the shift before, as long as its stops can be asked about, and back."""
        before = now.shifts[0] if self._past is None else None
        words = _("Back to now") if self._past is not None else ""
        if before is not None:
            words = _("Previous shift: {shift}").format(shift=shift_words(before))
        self.other.setVisible(bool(words))
        if words != self.other.text():
            self.other.setText(words)
            tell(self.other, words or _("Previous shift"))
            self.other.update()

    def _other_shift(self) -> None:
        """Look at the shift before, or back at the one that runs."""
        self._forget()
        self._past = self._now.shifts[0] if self._past is None and self._now is not None else None
        self.question_changed.emit()

    def _show_head(self, now: StopsNow, rows: Sequence[StopRow], stop: StopRow | None, said: LabelRow | None) -> None:
        zone = now.head.timezone
        if self._ticked:
            several = [row for row in rows if self._key_of(row) in self._ticked]
            names = " · ".join(f"{row.machine_name} {clock(row.start_ms, zone)}" for row in several)
            head = HeadFace(
                Look.STOP, _("{count} stops").format(count=len(several)), "",
                lasted(sum(row.length_ms for row in several)), names, True,
            )  # fmt: skip
            self.head.show_head(head, frozenset({"cancel"}))
        elif said is not None:
            entered = _("entered {clock}").format(clock=clock(said.said_at_ms, zone))
            notes = (said.reason, span_to_second(said.start_ms, said.end_ms, zone), said.who, entered, said.note)
            head = HeadFace(
                look(said.category, said.state, labelled=True), said.machine_name, said.machine_code,
                minutes_seconds(said.length_ms), " · ".join(part for part in notes if part),
            )  # fmt: skip
            self.head.show_head(head, frozenset({"back", "timeline"} if stop is not None else {"back"}))
        elif stop is None:
            self.head.show_head(None, frozenset())
        else:
            about = (span_to_second(stop.start_ms, stop.end_ms, zone), alarm_words(stop.word) if stop.word else "")
            head = HeadFace(
                look(stop.category, stop.state, bool(stop.reason)), stop.machine_name, stop.machine_code,
                minutes_seconds(stop.length_ms), " · ".join(part for part in about if part),
            )  # fmt: skip
            self.head.show_head(head, self._buttons(now, stop))
        self.head.strip.show_strip(self._strip(now, rows, stop))

    def _buttons(self, now: StopsNow, stop: StopRow) -> frozenset[str]:
        if self._split_ms is not None:
            return frozenset({"here", "cancel"})
        found = {"timeline"}
        if stop.length_ms >= 2_000:
            found.add("split")
        if self._neighbours(stop) or self._splits_at(now, stop):
            found.add("merge")
        return frozenset(found)

    def _strip(self, now: StopsNow, rows: Sequence[StopRow], stop: StopRow | None) -> StripFace | None:
        if stop is None:
            return None
        known = now.chosen is not None and self._key_of(now.chosen) == self._key_of(stop)
        several = [row for row in rows if self._key_of(row) in self._ticked and row.machine == stop.machine]
        marked = tuple(_span(row, now) for row in several or [stop])
        return StripFace(
            now.around if known else None, _span(stop, now), now.intervals if known else (),
            now.pieces if known else (), marked, self._split_ms, now.now_ms, now.head.timezone,
        )  # fmt: skip

    def _show_reasons(self, now: StopsNow, stop: StopRow | None, said: LabelRow | None) -> None:
        ready = stop is not None or said is not None
        current = said.reason if said is not None else ""
        faces = board(now.reasons, current, ready)
        for index, button in enumerate(self.reasons):
            button.setVisible(index < len(faces) and ready)
            if index < len(faces):
                button.show_reason(faces[index])
        question, known = _("Why did it stand?"), ""
        does = _("A press saves it and opens the next stop")
        if self._ticked:
            question, does = (
                _("Why did they stand?"),
                _("A press gives all of them that reason; they stay separate stops"),
            )
        elif self._split_ms is not None and stop is not None:
            length = minutes(self._split_ms - stop.start_ms)
            question = _("Why did it stand in the first {minutes}?").format(minutes=length)
        elif said is not None:
            question, does = _("Another reason?"), _("A press changes it")
        elif stop is not None and stop.word:
            known = alarm_words(stop.word)
        if now.closed:
            does = _("This shift is closed: write into the note why you change it, then press")
        self.ask.show_ask(AskFace(question, known, does))
        self.ask.setVisible(bool(faces) and ready)
        self.every.setText(_("All {count} reasons").format(count=len(now.reasons)))
        tell(self.every, self.every.text())
        for widget in (self.every, self.note):
            widget.setVisible(bool(faces) and ready)
        self.note.setPlaceholderText(_("Why it is changed") if now.closed else _("Note (optional)"))
        self.all.show_reasons(now.reasons, current)
        machine = stop.machine if stop is not None else said.said.machine if said is not None else None
        self.calls.show_calls(call_faces(now.calls, machine, now.names, now.now_ms))
        self._show_empty(now, bool(faces), ready)
        self.head.setVisible(ready)
        if not ready or not faces:
            self.all.hide()

    def _show_empty(self, now: StopsNow, any_reasons: bool, ready: bool) -> None:
        self.empty.setVisible(not ready or not any_reasons)
        if not any_reasons:
            head = _("No reasons are set up")
            hint = _("Add reasons to the configuration file and import it again: Help (F1) says how.")
        elif now.said:
            head = _("Every stop has a reason")
            hint = _("The next stop that needs one appears here by itself. A press on a reason at the left changes it.")
        else:
            head = _("No stop waits for a reason")
            hint = _("A stop that lasts long enough appears here by itself. Short stops are never asked about.")
        self.empty.show_words(head, hint, "check" if any_reasons else "info")

    def title(self) -> str:
        """What the screen is for."""
        return _("Reasons of stops")

    # -- choosing --

    def _forget(self) -> None:
        self._chosen, self._entry, self._ticked, self._split_ms = None, 0, frozenset(), None
        self.all.hide()

    def _pick(self, key: Key) -> None:
        self._forget()
        self._chosen = key
        self._refresh()
        self.question_changed.emit()

    def _tick(self, key: Key) -> None:
        """Take a stop along, or no longer; the first that is taken along joins the one that is looked at."""
        stop = self._stop()
        if not self._ticked and stop is not None and not self._entry:
            self._ticked = frozenset({self._key_of(stop)})
            if key in self._ticked:
                self._refresh()
                return
        elif not self._ticked:
            self._entry, self._chosen = 0, key
        self._ticked ^= {key}
        self._refresh()

    @staticmethod
    def _alike(rows: Sequence[StopRow], *, brief: bool) -> list[StopRow]:
        """The stops that are too short to ask, or those that only waited, as it seems."""
        return [row for row in rows if (row.brief and not row.behind if brief else bool(row.behind))]

    def _tick_alike(self, *, brief: bool) -> None:
        """Take all of these along, and nothing else; a second press leaves them."""
        alike = [self._key_of(row) for row in self._alike(self._waiting(), brief=brief)]
        wanted = frozenset() if self._ticked == frozenset(alike) else frozenset(alike)
        self._forget()
        if wanted:
            self._chosen = alike[0]
        self._ticked = wanted
        self._refresh()
        self.question_changed.emit()

    def _pick_said(self, entry: int) -> None:
        self._forget()
        self._entry = entry
        if (said := self._said()) is not None:
            self._chosen = (said.said.machine, said.start_ms)
        self._refresh()
        self.question_changed.emit()

    def _show_timeline(self) -> None:
        if (stop := self._stop()) is not None:
            self.stop_wanted.emit(stop.machine, stop.id)

    def _print_sheet(self) -> None:
        if (row := self._stop() or self._said()) is not None:
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
        elif self._split_ms is not None:
            self._split_ms = None
        elif self._ticked:
            self._ticked = frozenset()
        elif self._entry:
            self._forget()
            self.question_changed.emit()
        elif self._past is not None:
            self._other_shift()
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
        now = self._now
        chosen = now is not None and (self._ticked or self._said() is not None or self._stop() is not None)
        found = [reason.id for reason in now.reasons if key(reason.code) == code] if now is not None else []
        if not chosen or len(found) != 1:
            return False
        self.give(found[0])
        return True

    def give(self, reason: int) -> None:
        """Give a reason to what is chosen: the ticked stops, the first part of a split, another one to a label, else
        the stop that is asked about. The next stop opens."""
        now = self._now
        name = next((each.name for each in now.reasons if each.id == reason), None) if now is not None else None
        if now is None or name is None:
            return
        if (why := self._why(now)) is None:
            return
        rows, stop, said = self._waiting(), self._stop(), self._said()
        note = self.note.text().strip()
        told: list[Said] = []
        if self._ticked:
            several = [row for row in rows if self._key_of(row) in self._ticked]
            told += [_label(row, reason, note) for row in several]
            words = _("{count} stops · saved as {reason}").format(count=len(several), reason=name)
            stops = self._ticked
        elif said is not None:
            if said.reason == name and not note:
                self.step_back()
                return
            old = said.said
            told.append(Labelled(old.machine, old.start_ms, old.end_ms, old.stop, reason, old.alarm, note or old.note))
            words, stops = self._saved(said.machine_name, said.start_ms, name), frozenset[Key]()
        elif stop is not None:
            whole = _label(stop, reason, note)
            if self._split_ms is not None:
                told.append(Split(stop.machine, self._split_ms, whole.end_ms, stop.id))
                whole = Labelled(stop.machine, stop.start_ms, self._split_ms, stop.id, reason, stop.word, note)
            told.append(whole)
            words, stops = self._saved(stop.machine_name, stop.start_ms, name), frozenset({self._key_of(stop)})
        else:
            return
        self.note.clear()
        self._tell(now, told, words, stops, why)

    def _why(self, now: StopsNow) -> str | None:
        """Why something is changed: of a closed shift somebody must say it first, in the note; None till then."""
        why = self.note.text().strip() if now.closed else ""
        if now.closed and not why:
            self.note.setFocus(Qt.FocusReason.OtherFocusReason)
            return None
        return why

    def _saved(self, machine: str, start_ms: int, reason: str) -> str:
        assert self._now is not None
        at = clock(start_ms, self._now.head.timezone)
        return _("{machine} {clock} · saved as {reason}").format(machine=machine, clock=at, reason=reason)

    def _tell(self, now: StopsNow, told: Sequence[Said], words: str, stops: frozenset[Key], why: str) -> None:
        self._settled |= dict.fromkeys(stops, 0)
        self._forget()
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)
        self._refresh()
        self.told.emit(Telling(tuple(told), now.seen, words, stops, why))

    def split(self) -> None:
        """Show where the stop would be split; at the second time split it there."""
        now, stop = self._now, self._stop()
        if now is None or stop is None or self._ticked or self._entry or not self.all.isHidden():
            return
        whole = _span(stop, now)
        if self._split_ms is None:
            if whole.length_ms >= 2_000:
                self._split_ms = snapped((whole.start_ms + whole.end_ms) / 2, whole)
                self._refresh()
                self.head.strip.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if (why := self._why(now)) is None:
            return
        at = clock(self._split_ms, now.head.timezone)
        words = _("{machine} · split at {clock}").format(machine=stop.machine_name, clock=at)
        end_ms = OPEN_MS if stop.end_ms is None else stop.end_ms
        self._tell(now, [Split(stop.machine, self._split_ms, end_ms, stop.id)], words, frozenset(), why)
        self._chosen = self._key_of(stop)
        self._refresh()

    def _move_split(self, at_ms: int) -> None:
        self._split_ms = at_ms
        self._refresh()

    def merge(self) -> None:
        """Make parts of a split stop one again; else take the stops before and after it along: one reason for all."""
        now, stop = self._now, self._stop()
        if now is None or stop is None or self._split_ms is not None or not self.all.isHidden():
            return
        if numbers := self._splits_at(now, stop):
            if (why := self._why(now)) is None:
                return
            again = tuple(
                Split(stop.machine, at_ms, stop.end_ms or OPEN_MS, stop.id) for at_ms, n in now.splits if n in numbers
            )
            words = _("{machine} · one stop again").format(machine=stop.machine_name)
            self._forget()
            self.taken_back.emit(TakingBack(numbers, words, again, why))
        elif near := self._neighbours(stop):
            self._ticked = frozenset({self._key_of(stop), *near})
            self._refresh()

    def _splits_at(self, now: StopsNow, stop: StopRow) -> tuple[int, ...]:
        """The entries that split it off from what lies before and after it."""
        if now.chosen is None or self._key_of(now.chosen) != self._key_of(stop):
            return ()
        return tuple(entry for at_ms, entry in now.splits if at_ms in (stop.start_ms, stop.end_ms))

    def _neighbours(self, stop: StopRow) -> list[Key]:
        """The waiting stops of its machine just before and just after it."""
        same = sorted((row for row in self._waiting() if row.machine == stop.machine), key=lambda row: row.start_ms)
        keys = [self._key_of(row) for row in same]
        if self._key_of(stop) not in keys:
            return []
        place = keys.index(self._key_of(stop))
        return keys[max(place - 1, 0) : place] + keys[place + 1 : place + 2]

    def _take_back(self) -> None:
        if (said := self._said()) is None or self._now is None or (why := self._why(self._now)) is None:
            return
        at = clock(said.start_ms, self._now.head.timezone)
        words = _("{machine} {clock} · reason {reason} taken back")
        words = words.format(machine=said.machine_name, clock=at, reason=said.reason)
        self._forget()
        self.taken_back.emit(TakingBack((said.entry,), words, (said.said,), why))
        self._refresh()

    def _call(self, shown: CallFace) -> None:
        """Call for help, or tell how far a call has come."""
        if self._now is None:
            return
        self.told.emit(calling(shown, self._now.now_ms, self._now.names.get(shown.machine, "")))

    # -- what came of it --

    def was_entered(self, stops: object, number: object) -> None:
        """What was told is in the file, by this entry."""
        if isinstance(stops, frozenset) and isinstance(number, int):
            self._settled |= {key: number for key in stops if key in self._settled}
        self.question_changed.emit()

    def was_refused(self, stops: object) -> None:
        """It is not: the stops are back in the list."""
        if isinstance(stops, frozenset):
            self._settled = {key: number for key, number in self._settled.items() if key not in stops}
        self._refresh()
        self.question_changed.emit()

    def words_of(self, entry: Entry) -> str:
        """What somebody else said of a stop, as a sentence; "" where that is not known."""
        now, said = self._now, entry.said
        if now is None:
            return ""
        at, who = clock(entry.at_ms, now.head.timezone), entry.who
        if isinstance(said, Split):
            sentence = _("{who} split this stop at {clock}.") if who else _("This stop was split at {clock} meanwhile.")
            return sentence.format(who=who, clock=at)
        if not isinstance(said, Labelled):
            return ""
        name = next((reason.name for reason in now.reasons if reason.id == said.reason), "")
        sentence = _("Somebody else entered {reason} for this stop at {clock}.")
        if who:
            sentence = _("{who} entered {reason} for this stop at {clock}.")
        return particles(sentence.format(who=who, reason=name, clock=at)) if name else ""

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
        least = HEAD_PX + 2 * SAID_PX + 2
        waiting_px = min(waiting_px, bottom - top - 2 * gap - CONTROL_PX - least)
        self.waiting_list.setGeometry(MARGIN, top, left_px, waiting_px)
        y = top + waiting_px + gap
        other_px = CONTROL_PX + gap if not self.other.isHidden() else 0
        self.said_list.setGeometry(MARGIN, y, left_px, bottom - y - other_px)
        self.other.setGeometry(MARGIN, bottom - CONTROL_PX, left_px, CONTROL_PX)
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
        y = y if not low and not self.every.isHidden() else area.bottom() + 1 - CALL_PX
        self.calls.setGeometry(area.left(), y, area.width(), CALL_PX)
        below = y + (CALL_PX + gap if self.calls.shown_count() else 0)
        self.sheet.setVisible(not self.every.isHidden() and below + LINK_PX <= area.bottom() + 1 - _UNDO_PX)
        self.sheet.setGeometry(area.left(), below, area.width(), LINK_PX)
        return y + CALL_PX


def _span(row: StopRow, now: StopsNow) -> Span:
    return Span(row.start_ms, now.now_ms if row.end_ms is None else row.end_ms)


def _about(row: StopRow, key: Key) -> bool:
    """Whether a stop is the one that is meant: it may have begun earlier than whoever asked for it could see."""
    return row.machine == key[0] and row.start_ms <= key[1] and (row.end_ms is None or key[1] < row.end_ms)


def _inside(at_ms: int, row: StopRow, now: StopsNow) -> bool:
    span = _span(row, now)
    return span.start_ms < at_ms < span.end_ms


def _label(row: StopRow, reason: int, note: str) -> Labelled:
    """A reason for a whole stop; for one that goes on, until it is over."""
    end_ms = OPEN_MS if row.end_ms is None else row.end_ms
    return Labelled(row.machine, row.start_ms, end_ms, row.id, reason, row.word, note)
