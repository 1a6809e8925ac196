"""Holds 보류: what is held and for how long, what becomes of it, and gauges with their calibration; a tap each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain.entries import (
    OPEN_MS,
    Calibrated,
    Disposed,
    Disposition,
    Held,
    Joined,
    Parted,
    Replaced,
    Said,
)
from desktop.domain.events import Thing
from desktop.domain.figures.holds import GaugeRow, HoldRow, HoldsNow
from desktop.domain.people import Act, Person
from desktop.reports.blocks import Column, Heading, Kind, Section, Table
from desktop.text import _
from desktop.views.background import Question
from desktop.views.entering import Telling
from desktop.views.screen import GAP, MARGIN, TOP
from desktop.views.widgets.hold_lists import (
    GAUGE_PX,
    THING_PX,
    GaugeList,
    HoldList,
    ThingList,
    cause_words,
    gauge_face,
    gauge_name,
    hold_face,
)
from desktop.views.widgets.painted import Painted
from desktop.views.widgets.sign_form import CheckPin, SignForm
from desktop.views.widgets.thing_form import GAUGE_FAULTS, USUAL, Leave, Rule, ThingForm
from desktop.views.widgets.titled_card import HEAD_PX
from desktop.views.widgets.why_panel import MOST_CHOICES, WhyPanel
from desktop.views.work_page import WorkPage
from desktop.wording.holds import disposition_word, fate_word, kind_word, times_words, units_words
from desktop.wording.moments import day_clock

_DAY_MS, _MINUTE_MS = 86_400_000, 60_000
_FORM_PX, _SIGN_PX = 470, 640
_LEAST_THINGS = HEAD_PX + 3 * THING_PX + 144


class Holds(WorkPage):
    """Holds at the left, what the chosen one covers beside it, a scan box and gauges at the right. A question (why or
    who) takes the place of these two."""

    list_wanted = Signal(object, str, str, str)  # Section, ending, time zone, name

    def __init__(self, check_pin: CheckPin, here: Callable[[], Person | None], parent: QWidget | None = None) -> None:
        super().__init__("holds", _("Holds"), parent)
        self._here = here
        self.holds = HoldList(self.page)
        self.things = ThingList(self.page)
        self.form = ThingForm(self.page)
        self.gauges = GaugeList(self.page)
        self.why = WhyPanel(self.page)
        self.sign = SignForm(check_pin, self.page, name="release", act=Act.RELEASE)
        self.why.hide()
        self.sign.hide()
        self._now: HoldsNow | None = None
        self._hold, self._gauge, self._code = 0, 0, ""
        self._asked: Callable[[str], object] | None = None  # what an answer is for
        self._deciding: Disposed | None = None  # waits for who lets it go
        self.holds.picked.connect(self._pick)
        self.things.decided.connect(self._decide)
        self.things.marked.connect(self._show)
        self.things.listed.connect(self._list)
        self.form.read.connect(self._look)
        self.form.hold_wanted.connect(self._ask_why)
        self.form.replaced.connect(self._replace)
        self.form.joined.connect(self._join)
        self.form.parted.connect(self._part)
        self.form.conceded.connect(self._concede)
        self.form.left.connect(self._leave)
        self.gauges.good.connect(self._calibrate)
        self.gauges.bad.connect(self._ask_fault)
        self.gauges.picked.connect(self._pick_gauge)
        self.why.chosen.connect(self._answered)
        self.why.left.connect(self._leave)
        self.sign.signed.connect(self._signed)
        self.sign.cancelled.connect(self._leave)
        self.sign.people_wanted.connect(partial(self.screen_wanted.emit, "people"))

    # -- what is asked and shown --

    def question(self) -> Question:
        """What is held, with what the chosen hold covers."""
        live, hold, gauge, code = self.live, self._hold, self._gauge, self._code

        def ask(store: Any, now_ms: int) -> HoldsNow:
            return summaries.holds_now(live, store, now_ms, hold, gauge, code)

        return ask

    def subject(self) -> object:
        """The hold or the gauge that is looked at."""
        return self._hold, self._gauge

    def waiting_cards(self) -> list[QWidget]:
        """The lists; what is being typed is not covered."""
        return [self.holds, self.things, self.gauges]

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show what is held."""
        if not isinstance(answer, HoldsNow):
            raise TypeError(f"the page of holds shows a HoldsNow, not {type(answer).__name__}")
        self._now = answer
        self._show()

    def _show(self) -> None:
        now = self._now
        if now is None:
            return
        self.holds.show_holds([hold_face(row, now) for row in now.rows])
        self.gauges.show_gauges([gauge_face(row, now) for row in now.gauges])
        self.form.offer_machines(now.machines)
        self.form.show_looked(now.looked)
        self.pages.show_held(len(now.rows))
        row, gauge = self._row(now.chosen), self._gauge_row(now.gauge)
        empty, hint = _("Nothing is chosen"), _("Choose a hold at the left, or put something on hold at the right.")
        title = _("What it covers")
        if row is not None:
            face = hold_face(row, now)
            title = " ".join(
                part for part in (face.title, times_words(row.hold.said, now.now_ms, now.head.timezone)) if part
            )
            empty, hint = _("It covers nothing"), _("No unit that was scanned belongs to it.")
        elif gauge is not None:
            title = _("{gauge}: measured since it was good").format(gauge=gauge.gauge.name)
            empty, hint = _("It measured no unit"), _("No value of it belongs to a unit.")
        self.things.show_things(now, title, empty, hint)

    def _row(self, hold: int) -> HoldRow | None:
        rows = self._now.rows if self._now is not None else ()
        return next((row for row in rows if row.hold.id == hold), None)

    def _gauge_row(self, gauge: int) -> GaugeRow | None:
        rows = self._now.gauges if self._now is not None else ()
        return next((row for row in rows if row.gauge.id == gauge), None)

    def opened(self) -> None:
        """A scanner types into the field."""
        self.form.code.setFocus()

    def step_back(self) -> bool:
        """Leave the question."""
        if not self.why.isHidden() or not self.sign.isHidden():
            self._leave()
            return True
        return self.form.leave()

    # -- what is chosen --

    def _pick(self, hold: int) -> None:
        self._hold, self._gauge = hold, 0
        self.things.chosen.clear()
        self._leave()
        self.question_changed.emit()

    def _pick_gauge(self, gauge: int) -> None:
        self._gauge = 0 if gauge == self._gauge else gauge
        self.things.chosen.clear()
        self.question_changed.emit()

    def look_at(self, code: str, kind: str) -> None:
        """Have a code in the field, as if it had been scanned."""
        self._leave()
        self.form.begin(code, kind)
        self._look(code)

    def _look(self, code: str) -> None:
        self._code = code
        self.question_changed.emit()

    def _leave(self) -> None:
        self._asked = self._deciding = None
        self.why.hide()
        self.sign.hide()
        self._show()
        self.arranged()

    def _ask(self, panel: Painted) -> None:
        for each in (self.why, self.sign):
            each.setVisible(each is panel)
        panel.raise_()
        self.arranged()

    # -- putting on hold --

    def _ask_why(self, what: Thing | Rule) -> None:
        """Why it is held: the scrap reasons of the shop, and what is usual."""
        now = self._now
        if now is None:
            return
        self._asked = partial(self._hold_it, what)
        title = what.code if isinstance(what, Thing) else self._machine(what.machine)
        reasons = [_(words) for words in USUAL]
        own = [reason.name for reason in now.scrap_reasons][: MOST_CHOICES - len(reasons)]
        self.why.ask(title, _("Why is it held?"), [*own, *reasons])
        self._ask(self.why)

    def _hold_it(self, what: Thing | Rule, reason: str) -> None:
        now = self._now
        if now is None:
            return
        at_ms = now.now_ms
        if isinstance(what, Thing):
            said, name = Held(0, at_ms, at_ms, reason, (what,)), what.code
        else:
            since_ms = at_ms - what.back_min * _MINUTE_MS
            said = Held(what.machine, at_ms, at_ms, reason, since_ms=since_ms, until_ms=at_ms)
            name = self._machine(what.machine)
        self.form.done()
        self._say([said], _("{what} on hold").format(what=name), reason)

    def _machine(self, number: int) -> str:
        machines = self._now.machines if self._now is not None else ()
        return next((name for machine, name in machines if machine == number), "")

    # -- deciding --

    def _decide(self, what: str) -> None:
        now = self._now
        row = self._row(now.chosen) if now is not None else None
        if now is None or row is None:
            return
        self._leave()
        things = tuple(each.thing for each in now.things if each.thing in self.things.chosen)
        said = Disposed(row.hold.said.machine, now.now_ms, now.now_ms, row.hold.id, Disposition(what), things)
        if said.what is Disposition.RELEASE:
            self._ask_who(said)
        elif said.what is Disposition.CONCESSION:
            self._deciding = said
            self.form.ask_concession()
            self.arranged()
        elif said.what is Disposition.SCRAP and now.scrap_reasons:
            self._asked = partial(self._scrap, said)
            reasons = [reason.name for reason in now.scrap_reasons][:MOST_CHOICES]
            self.why.ask(self._words(said), _("Why is it scrapped?"), reasons)
            self._ask(self.why)
        else:
            self._dispose(said)

    def _words(self, said: Disposed) -> str:
        row = self._row(said.hold)
        name = hold_face(row, self._now).title if row is not None and self._now is not None else ""
        if said.things:
            name = said.things[0].code if len(said.things) == 1 else units_words(len(said.things))
        return " · ".join(part for part in (name, disposition_word(said.what)) if part)

    def _scrap(self, said: Disposed, reason: str) -> None:
        reasons = self._now.scrap_reasons if self._now is not None else ()
        number = next((each.id for each in reasons if each.name == reason), None)
        self._dispose(replace(said, reason=number), reason)

    def _concede(self, leave: Leave) -> None:
        said = self._deciding
        if said is None:
            return
        expires_ms = said.start_ms + leave.days * _DAY_MS if leave.days else None
        self.form.done()
        self._ask_who(replace(said, number=leave.number, quantity=leave.quantity, expires_ms=expires_ms))

    def _ask_who(self, said: Disposed) -> None:
        """Who lets it go: a supervisor, with a PIN where one is set up."""
        now = self._now
        if now is None:
            return
        here = self._here()
        self._deciding = said
        self.sign.open_form(said.what.value, self._words(said), now.people, here.id if here is not None else 0)
        self._ask(self.sign)

    def _signed(self, _what: str, name: str) -> None:
        if self._deciding is not None:
            self._dispose(self._deciding, who=name)

    def _dispose(self, said: Disposed, detail: str = "", who: str = "") -> None:
        words = self._words(said)
        self.things.chosen.clear()
        self._say([said], words, detail or said.number, who)

    # -- gauges --

    def _calibrate(self, gauge: int) -> None:
        row, now = self._gauge_row(gauge), self._now
        if row is None or now is None:
            return
        days = row.gauge.interval_days
        due_ms = now.now_ms + days * _DAY_MS if days else OPEN_MS
        said = Calibrated(0, now.now_ms, due_ms, gauge, good=True)
        self._say([said], _("{gauge}: calibrated").format(gauge=gauge_name(row)))

    def _ask_fault(self, gauge: int) -> None:
        row = self._gauge_row(gauge)
        if row is None:
            return
        self._asked = partial(self._fail, gauge)
        note = _("What is wrong? All since the last good check is held.")
        self.why.ask(gauge_name(row), note, [_(words) for words in GAUGE_FAULTS])
        self._ask(self.why)

    def _fail(self, gauge: int, fault: str) -> None:
        row, now = self._gauge_row(gauge), self._now
        if row is not None and now is not None:
            said = Calibrated(0, now.now_ms, OPEN_MS, gauge, good=False, note=fault)
            self._say([said], _("{gauge}: failed").format(gauge=gauge_name(row)), fault)

    # -- parts and lots --

    def _replace(self, unit: Thing, old: Thing, new: Thing) -> None:
        if self._now is not None:
            at_ms = self._now.now_ms
            words = _("{unit}: {old} replaced by {new}").format(unit=unit.code, old=old.code, new=new.code)
            self._say_of_form(Replaced(0, at_ms, at_ms, unit, old, new), words)

    def _join(self, lots: tuple[Thing, ...], into: Thing) -> None:
        if self._now is not None:
            at_ms = self._now.now_ms
            self._say_of_form(Joined(0, at_ms, at_ms, lots, into), _("Merged into {lot}").format(lot=into.code))

    def _part(self, lot: Thing, into: tuple[Thing, ...]) -> None:
        if self._now is not None:
            at_ms = self._now.now_ms
            self._say_of_form(Parted(0, at_ms, at_ms, lot, into), _("{lot} split").format(lot=lot.code))

    def _say_of_form(self, said: Said, words: str) -> None:
        self.form.done()
        self._code = ""
        self._say([said], words)

    def _answered(self, words: str) -> None:
        if self._asked is not None:
            self._asked(words)

    def _say(self, told: list[Said], words: str, detail: str = "", who: str = "") -> None:
        self._leave()
        said = " · ".join(part for part in (words, detail) if part)
        self.told.emit(Telling(tuple(told), 0, said, frozenset(), who=who))

    def _list(self) -> None:
        """All that is covered, as a table."""
        now = self._now
        if now is None:
            return
        columns = (
            Column(_("Code")), Column(_("Kind")), Column(_("State")), Column(_("Machine")),
            Column(_("Last seen"), Kind.MOMENT),
        )  # fmt: skip
        rows = tuple(
            (
                each.thing.code,
                kind_word(each.thing.kind),
                fate_word(each.fate) if each.fate is not None else "",
                self._machine(each.machine or 0),
                each.at_ms,
            )
            for each in now.things
        )
        note = ""
        if (row := self._row(now.chosen)) is not None:
            since = day_clock(row.hold.said.start_ms, now.now_ms, now.head.timezone)
            note = " · ".join(part for part in (cause_words(row), row.hold.entry.who, since) if part)
        section = Section("holds", (Heading(self.things.title, note), Table(columns, rows)))
        self.list_wanted.emit(section, "xlsx", now.head.timezone, "holds")

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """Holds at the left, what they cover in the middle, the scan box and gauges at the right."""
        at = self._room(width, height)
        self.holds.setGeometry(MARGIN, at.y, at.left_px, max(at.bottom - at.y, HEAD_PX + 2 * GAUGE_PX))
        lowest = self.holds.y() + self.holds.height()
        beside = at.right_px >= 820
        main_px = (at.right_px - GAP) // 2 if beside else at.right_px
        side_x, side_px = (at.x + main_px + GAP, at.right_px - main_px - GAP) if beside else (at.x, at.right_px)
        things_px = at.bottom - at.top if beside else max((at.bottom - at.top) // 2, _LEAST_THINGS)
        self.things.setGeometry(at.x, at.top, main_px, things_px)
        y = at.top if beside else at.top + things_px + at.gap
        asking = next((panel for panel in (self.why, self.sign) if not panel.isHidden()), None)
        for card in (self.form, self.gauges):
            card.setVisible(asking is None)
        self.things.setVisible(asking is not self.sign or side_px >= _SIGN_PX)
        if asking is self.sign and side_px < _SIGN_PX:  # names and pad beside each other want the room of both
            side_x, side_px, y = at.x, at.right_px, at.top
        if asking is not None:
            asking.setGeometry(side_x, y, side_px, 100)
            high = self.why.wanted_px() if asking is self.why else self.sign.wanted_px(side_px)
            asking.setGeometry(side_x, y, side_px, high)
            return max(lowest, y + high, at.bottom) + TOP
        form_px = _FORM_PX
        gauges_px = max(at.bottom - y - at.gap - form_px, HEAD_PX + 2 * GAUGE_PX)
        self.form.setGeometry(side_x, y, side_px, form_px)
        self.gauges.setGeometry(side_x, y + form_px + at.gap, side_px, gauges_px)
        lowest = max(lowest, y + form_px + at.gap + gauges_px, at.top + things_px)
        return max(lowest, at.bottom) + (TOP if lowest > at.bottom else 0)
