"""Handing a shift over (인수인계): what to look at before signing, open items, words to the next shift, signatures.

Nothing is written here: `told` and `taken_back` carry what is to be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.domain.calendar import Shift
from desktop.domain.entries import (
    Action,
    ActionClosed,
    Closed,
    FourM,
    Note,
    Safety,
    SafetyKind,
    Said,
    Signed,
)
from desktop.domain.figures.report import ShiftReport
from desktop.domain.figures.stops import StopRow
from desktop.domain.handing import Handing
from desktop.domain.people import Person
from desktop.text import N_, _, plural
from desktop.views.deeds import Deed
from desktop.views.entering import TakingBack, Telling
from desktop.views.report_desk import ReportView
from desktop.views.screen import GAP
from desktop.views.widgets.check_card import CheckCard, CheckFace
from desktop.views.widgets.note_card import NoteCard, NoteFace
from desktop.views.widgets.open_items import ITEM_PX, OpenItems, item_face
from desktop.views.widgets.painted import Painted, tell
from desktop.views.widgets.remark_form import ACTION, FOUR_M, MOST_OWNERS, SAFETY, Draft, Due, RemarkForm
from desktop.views.widgets.sign_boxes import SIGN_PX, SignBox, SignFace
from desktop.views.widgets.sign_form import CheckPin, SignForm
from desktop.wording.moments import clock, day_clock, shift_words, span_words
from desktop.wording.numbers import lasted, minutes, percent, pieces
from desktop.wording.people import remark_word

ROLES = {"outgoing": N_("Handed over"), "incoming": N_("Taken over"), "approver": N_("Approved")}
_DAY_MS = 86_400_000
_LEAST_ITEMS = 2  # rows of open items that are always in sight


class HandoverSide(QWidget):
    """The cards below each other; a form takes their place while something is said or signed."""

    told = Signal(object)  # Telling
    taken_back = Signal(object)  # TakingBack
    deed_wanted = Signal(object)  # Deed: what is to be done of the shift on another screen
    screen_wanted = Signal(str)
    resized = Signal()  # it wants another height

    def __init__(self, check_pin: CheckPin, here: Callable[[], Person | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("handover")
        tell(self, _("Handover"))
        self._here = here
        self._view: ReportView | None = None
        self._form: Painted | None = None
        self.checks = CheckCard(self)
        self.items = OpenItems(self)
        self.notes = NoteCard(self)
        self.signs = {role: SignBox(f"sign-{role}", _(words), self) for role, words in ROLES.items()}
        self.closing = SignBox("closing", _("Closing"), self)
        self.remark = RemarkForm(self)
        self.sign = SignForm(check_pin, self)
        self.remark.hide()
        self.sign.hide()
        self.checks.wanted.connect(self._check)
        self.items.added.connect(partial(self._open_remark, ACTION))
        self.items.ticked.connect(self._tick)
        self.notes.written.connect(self._write)
        self.notes.changing.connect(self._change_note)
        for role, box in self.signs.items():
            box.pressed.connect(partial(self._open_sign, role))
        self.closing.pressed.connect(self._close)
        self.remark.saved.connect(self._save)
        self.remark.cancelled.connect(self.step_back)
        self.sign.signed.connect(self._sign)
        self.sign.cancelled.connect(self.step_back)
        self.sign.people_wanted.connect(partial(self.screen_wanted.emit, "people"))

    @property
    def _handing(self) -> Handing:
        assert self._view is not None
        assert self._view.handing is not None
        return self._view.handing

    def show_view(self, view: ReportView) -> None:
        """Show how the handover of the chosen shift stands."""
        if view.report is None or view.handing is None:
            return
        before = self._view
        if before is not None and before.handing is not None and before.handing.shift != view.handing.shift:
            self.notes.take()  # what was being written belongs to the shift that was looked at till now
            self.step_back()
        self._view = view
        handing, zone, now_ms = view.handing, view.head.timezone, view.now_ms
        told = handing.handover
        self.checks.show_checks(check_faces(view.report, handing, zone))
        self.items.show_items([item_face(item, handing, now_ms, zone) for item in told.open])
        notes = [
            NoteFace(note.entry, note.text, " · ".join(part for part in (note.who, clock(note.at_ms, zone)) if part))
            for note in told.notes
        ]
        self.notes.show_notes(notes)
        for role, box in self.signs.items():
            box.show_sign(sign_face(role, handing, now_ms, zone))
        self.closing.show_sign(closing_face(view.report, handing, now_ms, zone))
        self._arrange()

    # -- what is pressed --

    def _check(self, act: str) -> None:
        if act == "stops":
            waiting = unlabelled(self._view.report if self._view is not None else None)
            if waiting:
                first = waiting[0]
                self.deed_wanted.emit(Deed("reason", first.machine, first.machine_code, first.start_ms, self._past()))
        elif act == "work":
            self._give_reject_reasons()
        elif act == "checks":
            self.deed_wanted.emit(Deed("checks", 0, "", past=self._past()))
        elif act == "nothing":
            self._tell([Safety(0, *self._moment(), SafetyKind.NONE)], _("Safety: nothing happened"))
        else:
            self._open_remark(act)

    def _past(self) -> Shift | None:
        """The shift of the report where it is over, None where it runs: whatever is done of it is done there."""
        view = self._view
        if view is None or view.report is None or view.report.shift.span.end_ms > view.now_ms:
            return None
        return view.report.shift

    def _give_reject_reasons(self) -> None:
        """To the number pad, at the machine with the most rejects, in this shift."""
        report = self._view.report if self._view is not None else None
        rows = [row for row in report.machines if row.reject] if report is not None else []
        if rows:
            worst = max(rows, key=lambda row: row.reject or 0)
            self.deed_wanted.emit(Deed("rejects", worst.id, worst.code, past=self._past()))

    def _open_remark(self, kind: str) -> None:
        handing = self._handing
        owners = [each.person.name for each in handing.people][:MOST_OWNERS]
        self.remark.open_form(kind, handing.machines, owners, self._dues(), closed=handing.closed)
        self._show_form(self.remark)
        self.remark.text.setFocus()

    def _dues(self) -> tuple[Due, ...]:
        view, handing = self._view, self._handing
        if view is None:
            return ()
        end_ms, found = handing.shift.end_ms, []
        if handing.next is not None:
            at_ms = handing.next.span.end_ms
            when = day_clock(at_ms, view.now_ms, view.head.timezone)
            found.append(Due(_("Next shift, {when}").format(when=when), at_ms))
        for words, days in ((_("In a day"), 1), (_("In a week"), 7)):
            found.append(Due(words, end_ms + days * _DAY_MS))
        return (*found, Due(_("No date"), None))

    def _save(self, draft: Draft) -> None:
        moment = self._moment()
        said: Said
        if draft.kind == ACTION:
            said, words = Action(draft.machine, *moment, draft.text, draft.owner, draft.due_ms), _("Open item added")
        elif draft.kind == SAFETY:
            said, words = Safety(draft.machine, *moment, SafetyKind(draft.what), draft.text), _("Safety entry added")
        else:
            said = FourM(draft.machine, *moment, draft.what, draft.text)  # type: ignore[arg-type]
            words = _("4M change added")
        self.step_back()
        self._tell([said], words, draft.why)

    def _tick(self, entry: int) -> None:
        """An item is done: in the shift that is handed over, or now where that is closed."""
        view = self._view
        item = next((item for item in self._handing.handover.open if item.entry == entry), None)
        if view is None or item is None:
            return
        at_ms = view.now_ms if self._handing.closed else self._moment()[0]
        self._tell([ActionClosed(0, at_ms, at_ms, entry)], _("Done: {what}").format(what=item.text))

    def _write(self, text: str) -> None:
        if self._view is None:
            return
        if self._handing.closed:  # whatever is written after the closing needs a reason
            self._open_remark(ACTION)
            self.remark.text.setText(text[: self.remark.text.maxLength()])
            self.remark.say(_("The shift is closed: leave it to the next one as an open item, and say why."))
            return
        self._tell([Note(0, *self._moment(), text)], _("Saved for the next shift"))

    def _change_note(self, entry: int) -> None:
        note = next((note for note in self._handing.handover.notes if note.entry == entry), None)
        if note is None or self._handing.closed:
            return
        self.notes.take()
        again = (Note(0, *self._moment(), note.text),)
        self.taken_back.emit(TakingBack((entry,), _("Taken back into the field: it is saved anew"), again))
        self.notes.write(note.text)

    def _open_sign(self, role: str) -> None:
        here = self._here()
        self.sign.open_form(role, _(ROLES[role]), self._handing.people, here.id if here is not None else 0)
        self._show_form(self.sign)

    def _sign(self, role: str, who: str) -> None:
        self.step_back()
        words = " · ".join(part for part in (_("Signed: {role}").format(role=_(ROLES[role])), who) if part)
        said = Signed(0, *self._moment(), role)  # type: ignore[arg-type]
        self.told.emit(Telling((said,), 0, words, frozenset(), who=who))

    def _close(self) -> None:
        self._tell([Closed(0, *self._moment())], _("The shift is closed. What is said now makes a new revision."))

    def _moment(self) -> tuple[int, int]:
        """The moment of the shift of which something is said, as start and end."""
        assert self._view is not None
        at_ms = self._handing.moment(self._view.now_ms)
        return at_ms, at_ms

    def _tell(self, told: Sequence[Said], words: str, why: str = "") -> None:
        self.told.emit(Telling(tuple(told), 0, words, frozenset(), why))

    # -- forms and places --

    @property
    def asks(self) -> bool:
        """Whether a form is open, with a filled button of its own."""
        return self._form is not None

    def _show_form(self, form: Painted | None) -> None:
        self._form = form
        for each in (self.remark, self.sign):
            each.setVisible(each is form)
        for card in (self.checks, self.items, self.notes, *self.signs.values(), self.closing):
            card.setVisible(form is None)
        self._arrange()
        self.resized.emit()

    def step_back(self) -> bool:
        """Leave the form. Returns False where none is open."""
        if self._form is None:
            return False
        self._show_form(None)
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """Another screen is shown: what stands in the field is kept, a form that was begun is left."""
        if self._view is not None and self._view.handing is not None:
            self.notes.take()
        self.step_back()
        super().hideEvent(event)

    def wanted_px(self, width: int) -> int:
        """The least height for a width."""
        if isinstance(self._form, RemarkForm | SignForm):
            return self._form.wanted_px(width)
        items_px = self.items.wanted_px(_LEAST_ITEMS)
        return self.checks.wanted_px(width) + items_px + self.notes.wanted_px() + SIGN_PX + 3 * GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cards are as wide as the side."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide, high = self.width(), self.height()
        if isinstance(self._form, RemarkForm | SignForm):
            self._form.setGeometry(0, 0, wide, max(self._form.wanted_px(wide), high))
            return
        checks_px, notes_px = self.checks.wanted_px(wide), self.notes.wanted_px()
        spare = high - checks_px - notes_px - SIGN_PX - 3 * GAP
        items_px = min(max(spare, self.items.wanted_px(_LEAST_ITEMS)), self.items.wanted_px(12))
        notes_px += max(min(spare - items_px, 2 * ITEM_PX), 0)
        self.checks.setGeometry(0, 0, wide, checks_px)
        y = checks_px + GAP
        self.items.setGeometry(0, y, wide, items_px)
        y += items_px + GAP
        self.notes.setGeometry(0, y, wide, notes_px)
        y += notes_px + GAP
        boxes = (*self.signs.values(), self.closing)
        each = (wide - GAP * (len(boxes) - 1)) / len(boxes)
        for index, box in enumerate(boxes):
            left = round(index * (each + GAP))
            box.setGeometry(left, y, round(index * (each + GAP) + each) - left, SIGN_PX)


def unlabelled(report: ShiftReport | None) -> list[StopRow]:
    """Stops of a shift without a reason, the longest first."""
    return (
        sorted((stop for stop in report.stops if stop.unlabelled), key=lambda stop: -stop.length_ms) if report else []
    )


def check_faces(report: ShiftReport, handing: Handing, timezone: str) -> tuple[CheckFace, ...]:
    """What there is to look at before signing."""
    found = [_stops_check(report, timezone), _data_check(report, timezone), _reject_check(report)]
    if report.checks:
        found.append(_daily_check(report))
    return (*found, _safety_check(handing), _four_m_check(handing))


def _stops_check(report: ShiftReport, timezone: str) -> CheckFace:
    waiting = unlabelled(report)
    if not waiting:
        return CheckFace(_("Every stop has a reason"), "")
    first, count = waiting[0], len(waiting)
    length = minutes(first.length_ms) if first.end_ms is None else lasted(first.length_ms)
    note = f"{first.machine_name} {span_words(first.start_ms, first.end_ms, timezone)} · {length}"
    if count > 1:
        note = _("{longest} and {count} more").format(longest=note, count=count - 1)
    head = plural(N_("{count} stop without a reason"), N_("{count} stops without a reason"), count).format(count=count)
    return CheckFace(head, note, True, (("stops", _("Give reasons")),), stop=True)


def _data_check(report: ShiftReport, timezone: str) -> CheckFace:
    coverage = report.line.coverage if report.line is not None else None
    head = _("Data {percent}").format(percent=percent(coverage))
    if not report.gaps:
        return CheckFace(head, _("no device was silent"))
    longest = max(report.gaps, key=lambda gap: (gap.end_ms or report.made_at_ms) - gap.start_ms)
    note = _("{device} silent {span}").format(
        device=longest.device, span=span_words(longest.start_ms, longest.end_ms, timezone)
    )
    if len(report.gaps) > 1:
        note = _("{longest} and {count} more").format(longest=note, count=len(report.gaps) - 1)
    return CheckFace(head, _("{what} · it stands in the report").format(what=note))


def _reject_check(report: ShiftReport) -> CheckFace:
    counted = [row.reject for row in report.machines if row.reject is not None]
    if not counted:
        return CheckFace(_("Rejects are not known"), "")
    total = sum(counted)
    if not total:
        return CheckFace(_("No rejects"), "")
    reasons = [row for row in report.scrap if row.kind == "reject" and row.reason]
    without = max(total - sum(row.pieces for row in reasons), 0)
    words = [f"{row.reason} {pieces(row.pieces)}" for row in reasons]
    if not without:
        return CheckFace(_("All {count} rejects have a reason").format(count=pieces(total)), " · ".join(words))
    head = _("{count} of {total} rejects without a reason").format(count=pieces(without), total=pieces(total))
    return CheckFace(head, " · ".join(words), True, (("work", _("Give reasons")),))


def _daily_check(report: ShiftReport) -> CheckFace:
    """The checks that were to be made in the shift: how many nobody has made, and what was not right."""
    waiting = [row for row in report.checks if not row.done]
    bad = [f"{row.machine_name}: {row.name}" for row in report.checks if row.state == "bad"]
    if not waiting:
        head = _("All {count} checks made").format(count=len(report.checks))
        return CheckFace(head, " · ".join(bad) or _("all right"))
    head = _("{count} of {total} checks not made").format(count=len(waiting), total=len(report.checks))
    names = list(dict.fromkeys(row.machine_name for row in waiting))
    can = any(row.state in ("due", "late") for row in waiting)  # what was missed can only be looked at
    return CheckFace(head, " · ".join(names), True, (("checks", _("Make checks") if can else _("See checks")),))


def _safety_check(handing: Handing) -> CheckFace:
    told = handing.handover.safety
    add = (SAFETY, _("Add"))
    if not told:
        return CheckFace(
            _("Safety"), _("nobody has said anything yet"), True, (("nothing", _("Nothing happened")), add)
        )
    happened = [remark for remark in told if remark.kind != SafetyKind.NONE]
    if not happened:
        return CheckFace(_("Safety"), _("nothing happened"), acts=(add,), half=True)
    words = [": ".join(part for part in (remark_word(r.kind), r.text) if part) for r in happened]
    return CheckFace(_("Safety"), " · ".join(words), acts=(add,), half=True)


def _four_m_check(handing: Handing) -> CheckFace:
    changed = handing.handover.four_m
    words = [f"{remark_word(remark.kind)}: {remark.text}" for remark in changed]
    return CheckFace(_("4M changes"), " · ".join(words) or _("none entered"), acts=((FOUR_M, _("Add")),), half=True)


def sign_face(role: str, handing: Handing, now_ms: int, timezone: str) -> SignFace:
    """A box to sign."""
    signed = next((s for s in handing.handover.signed if s.role == role), None)
    if signed is not None:
        when = _("signed {clock}").format(clock=day_clock(signed.at_ms, now_ms, timezone))
        return SignFace(_(ROLES[role]), signed.who or _("No name"), when, done=True)
    name = ""
    if role == "incoming" and handing.next is not None:
        name = shift_words(handing.next)
    return SignFace(_(ROLES[role]), name, _("waits"), _("Sign"))


def closing_face(report: ShiftReport, handing: Handing, now_ms: int, timezone: str) -> SignFace:
    """The box that closes the shift."""
    title, closed = _("Closing"), handing.handover.closed_at_ms
    if closed is not None:
        when = _("closed {clock}").format(clock=day_clock(closed, now_ms, timezone))
        revision = _("Revision {number}").format(number=report.revision)
        return SignFace(title, revision, _("{when} · corrections make a new revision").format(when=when), done=True)
    if now_ms < handing.shift.end_ms:
        return SignFace(title, _("Provisional"), _("The shift still runs."))
    if not any(signed.role == "outgoing" for signed in handing.handover.signed):
        return SignFace(title, _("Provisional"), _("First whoever hands over signs."))
    return SignFace(title, _("Provisional"), "", _("Close the shift"))
