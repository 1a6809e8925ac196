"""Work 작업: what each machine works on; orders, changeovers, first pieces, rejects and corrections by taps alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop import summaries
from desktop.domain.calendar import Shift
from desktop.domain.entries import OPEN_MS, Booked, Changed, FirstPiece, Ordered, OrderEnded, Said
from desktop.domain.figures.work import OrderNow, WorkMachine, WorkNow
from desktop.text import _
from desktop.views.background import Question
from desktop.views.deeds import Deed
from desktop.views.entering import TakingBack
from desktop.views.screen import GAP, MARGIN, TOP
from desktop.views.widgets.button import Button
from desktop.views.widgets.change_card import ChangeCard, change_face
from desktop.views.widgets.paper_panel import PaperPanel
from desktop.views.widgets.scrap_panel import ScrapPanel
from desktop.views.widgets.titled_card import HEAD_PX
from desktop.views.widgets.work_head import WorkHead, head_face
from desktop.views.widgets.work_lists import (
    ENTERED_PX,
    MACHINE_PX,
    EnteredList,
    MachineList,
    OrderFace,
    PlanList,
    entered_face,
    machine_face,
    order_face,
    product_face,
)
from desktop.views.work_page import WorkPage

if TYPE_CHECKING:
    from desktop.configuration.sheets.difference import Preview
    from desktop.views.sheet_preview import PlanSheet

_CHANGES_PX = 412
_PAD_FITS_PX = 890  # from this height on the number pad and the head have room
_TIGHT_PX = 90  # by so much words may be squeezed
_UNDO_PX = 72  # so much of the page lies under the undo bar
MOST_ORDERS = 60  # in the list; nobody looks for one behind so many
_ROOMY_PX = 1600  # from this width on changeovers stand beside the plan


class Work(WorkPage):
    """Machines at the left; at the right the running order, what can be done with it, the plan or the number pad."""

    look_wanted = Signal(str, object)  # "orders", a Path or the text of the clipboard
    apply_wanted = Signal(object, bool)  # a Preview, whether orders that it does not name go out of the plan
    deed_wanted = Signal(object)  # Deed: the reason of a stop in a time without data
    list_wanted = Signal(object, str, str, str)  # Section, ending, time zone, name: the list that is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("work", _("Work"), parent)
        self.machines = MachineList(self.page)
        self.head = WorkHead("work-head", self.page)
        self.first_good = Button("first-good", _("First piece OK"), self.page, main=True, icon="check", height=72)
        self.first_bad = Button("first-bad", _("First piece not OK"), self.page, icon="cross", height=72)
        self.ends = Button("order-end", _("End order"), self.page, icon="check", height=72)
        self.scraps = Button("to-scrap", _("Rejects and corrections"), self.page, icon="minus", height=72)
        self.plans = Button("to-plan", _("Orders"), self.page, icon="box", height=72)
        self.papers = Button("to-paper", _("Paper form"), self.page, icon="document", height=72)
        self.take = Button("plan-import", _("Import plan"), self.page, icon="folder", height=72)
        self.sheet: PlanSheet | None = None  # made with the first sheet: it brings the tables along
        self.plan = PlanList(self.page)
        self.scrap = ScrapPanel(self.page)
        self.paper = PaperPanel(self.page)
        self.changes = ChangeCard(self.page)
        self.entered = EnteredList(self.page)
        self._now: WorkNow | None = None
        self._machine: int | None = None
        self._scrapping = self._papering = False
        self._buttons: tuple[bool, ...] = ()
        self.scrap.hide()
        self.plans.hide()
        self.paper.hide()
        self.machines.picked.connect(self._pick)
        self.plan.wanted.connect(self._begin)
        self.entered.picked.connect(self._take_back)
        self.scrap.given.connect(self._book)
        self.scrap.asked.connect(self.question_changed)
        self.scrap.resized.connect(self.arranged)
        self.paper.given.connect(self._book)
        self.paper.reasons_wanted.connect(self._explain)
        self.papers.clicked.connect(self._open_paper)
        self.ends.clicked.connect(self._end)
        self.first_good.clicked.connect(partial(self._first_piece, True))
        self.first_bad.clicked.connect(partial(self._first_piece, False))
        self.scraps.clicked.connect(partial(self._open_scrap, True))
        self.plans.clicked.connect(partial(self._open_scrap, False))
        self.take.clicked.connect(self._choose_plan)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self, self._paste_plan,
                  context=Qt.ShortcutContext.WidgetWithChildrenShortcut)  # fmt: skip
        for digit in range(10):
            self._key(str(digit), str(digit))
        self._key("Backspace", "⌫")

    def _key(self, sequence: str, key: str) -> None:
        """A digit of the keyboard counts like one of the pad."""
        QShortcut(QKeySequence(sequence), self).activated.connect(partial(self._typed, key))

    def _typed(self, key: str) -> None:
        if self._reading_plan():
            return
        if not self.scrap.isHidden():
            self.scrap.press_key(key)
        elif not self.paper.isHidden():
            self.paper.press_key(key)

    # -- what is asked and shown --

    def question(self) -> Question:
        """The work of the chosen machine."""
        live, chosen, wanted, page = self.live, self._machine, self.scrap.wanted, self.scrap.page

        def ask(store: Any, now_ms: int) -> WorkNow:
            return summaries.work_now(live, store, now_ms, chosen, wanted, page)

        return ask

    def subject(self) -> object:
        """The machine that is looked at."""
        return self._machine

    @property
    def machine(self) -> int | None:
        """The machine that is looked at."""
        return self._machine

    def look_at(self, machine: int | None) -> None:
        """Look at this machine from now on."""
        if machine is not None and machine != self._machine:
            self._machine = machine
            self.scrap.forget()
            self.paper.forget()

    def open_at(self, machine: int, *, rejects: bool, past: Shift | None = None) -> None:
        """Look at this machine and its orders, or at the number pad; `past`: for pieces of a shift that is over."""
        self.look_at(machine)
        if self.sheet is not None:
            self.sheet.preview.close()
        self._open_scrap(rejects)
        self.scrap.forget(past)

    def choices(self) -> dict[str, str]:
        """The machine."""
        return {"machine": "" if self._machine is None else str(self._machine)}

    def restore(self, choices: Mapping[str, str]) -> None:
        """The machine that was looked at before."""
        left = choices.get("machine", "")
        self._machine = int(left) if left.isdecimal() else None

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the work."""
        if not isinstance(answer, WorkNow):
            raise TypeError(f"the Work screen shows a WorkNow, not {type(answer).__name__}")
        self._now = answer
        if answer.machine is not None:
            self._machine = answer.machine
        zone, machine = answer.head.timezone, self._row()
        faces = [machine_face(row, answer.now_ms, answer.machine) for row in answer.machines]
        self.machines.show_machines(faces)
        if machine is not None:
            head_px = self.head.wanted_px(low=False)
            self.head.show_head(head_face(answer, machine))
            if self.head.wanted_px(low=False) != head_px:
                self.arranged()
        seen = answer.orders[:MOST_ORDERS]
        orders = [order_face(order, answer.now_ms, zone, answer.running) for order in seen]
        named = {order.product for order in answer.orders if order.status in ("open", "running")}
        orders += [product_face(product) for product in answer.products if product[0] not in named]
        note = _("the plan came after the shift had begun") if answer.late_plan else ""
        if len(answer.orders) > len(seen):
            note = _("{count} more").format(count=len(answer.orders) - len(seen))
        self.plan.show_orders(orders, note)
        self.scrap.show_work(answer)
        self.paper.show_work(answer)
        self.changes.show_changes(change_face(answer))
        self.entered.show_entered([entered_face(row, zone) for row in answer.entered])
        self._show_buttons()

    def _row(self) -> WorkMachine | None:
        now = self._now
        return next((row for row in now.machines if row.id == now.machine), None) if now is not None else None

    def _show_buttons(self) -> None:
        now = self._now
        setup = now is not None and now.setup is not None and bool(now.setup.entry)
        there = now is not None and now.machine is not None
        blind = now is not None and bool(now.blind)
        wanted = (
            there, setup, there and now is not None and now.running is not None, self._scrapping, self._papering, blind,
        )  # fmt: skip
        if wanted == self._buttons:
            return
        self._buttons = wanted
        for widget in (self.first_good, self.first_bad):
            widget.setVisible(setup)
        self.ends.setVisible(wanted[2])
        self.scraps.setVisible(there and not self._scrapping)
        beside = self._scrapping or self._papering
        self.plans.setVisible(there and beside)
        self.take.setVisible(not beside)
        self.papers.setVisible(there)
        self.head.setVisible(there)
        self.plan.setVisible(there and not beside)
        self.scrap.setVisible(there and self._scrapping)
        self.paper.setVisible(there and self._papering)
        self.arranged()

    # -- what is pressed --

    def _pick(self, machine: int) -> None:
        if machine != self._machine:
            self.look_at(machine)
            self.question_changed.emit()

    def _open_scrap(self, scrapping: bool) -> None:
        self._scrapping, self._papering = scrapping, False
        self.scrap.forget()
        self._show_buttons()

    def _open_paper(self) -> None:
        self._scrapping, self._papering = False, True
        self.paper.forget()
        self._show_buttons()

    def step_back(self) -> bool:
        """Back from the sheet to the work, from the number pad to the plan."""
        if self.sheet is not None and self.sheet.preview.close():
            return True
        if not self._scrapping and not self._papering:
            return False
        self._open_scrap(False)
        return True

    def _begin(self, face: OrderFace, changing: bool) -> None:
        """Start an order, or begin the changeover to it: from then on pieces are made for it."""
        now, machine = self._now, self._row()
        if now is None or machine is None:
            return
        order = next((each for each in now.orders if each.code == face.code and each.product == face.product), None)
        told: list[Said] = [Changed(machine.id, now.now_ms, OPEN_MS, face.product)] if changing else []
        told.append(_ordered(machine.id, now.now_ms, face, order))
        words = _("{machine} · changeover to {order} begun") if changing else _("{machine} · {order} started")
        self._tell(told, words.format(machine=machine.name, order=face.title))

    def _end(self) -> None:
        now, machine = self._now, self._row()
        if now is None or machine is None or now.running is None:
            return
        order = now.running
        words = _("{machine} · {order} ended").format(machine=machine.name, order=order.code or order.product_name)
        self._tell([OrderEnded(machine.id, now.now_ms, now.now_ms, order.code)], words)

    def _first_piece(self, good: bool, _checked: bool = False) -> None:
        now, machine = self._now, self._row()
        if now is None or machine is None:
            return
        words = _("{machine} · first piece OK") if good else _("{machine} · first piece not OK")
        self._tell([FirstPiece(machine.id, now.now_ms, now.now_ms, good)], words.format(machine=machine.name))

    def _book(self, said: Booked | Ordered, words: str) -> None:
        self._tell([said], words)

    def _explain(self, begun_ms: int) -> None:
        """Say why it stood in a time without data, on the page of stops."""
        now, machine = self._now, self._row()
        if now is not None and machine is not None:
            past = now.before if now.before is not None and now.before.span.holds(begun_ms) else None
            self.deed_wanted.emit(Deed("reason", machine.id, machine.code, begun_ms, past))

    def _take_back(self, entry: int) -> None:
        """Take something back; an order that was begun with a changeover goes with it."""
        now = self._now
        rows = {row.entry: row for row in now.entered} if now is not None else {}
        if now is None or entry not in rows:
            return
        chosen = rows[entry]
        together = [
            row for row in now.entered
            if row.at_ms == chosen.at_ms and isinstance(row.said, Ordered | Changed)
            and isinstance(chosen.said, Ordered | Changed)
        ] or [chosen]  # fmt: skip
        words = _("Taken back: {what}").format(what=entered_face(chosen, now.head.timezone).title)
        back = sorted(together, key=lambda row: row.entry)
        self.taken_back.emit(TakingBack(tuple(row.entry for row in back), words, tuple(row.said for row in back)))

    # -- the plan as a sheet --

    def _choose_plan(self) -> None:
        kinds = "Excel, CSV (*.xlsx *.xlsm *.csv *.tsv *.txt)"
        name, _kind = QFileDialog.getOpenFileName(self, _("Choose the plan"), "", kinds)
        if name:
            self.look_wanted.emit("orders", Path(name))

    def _paste_plan(self) -> None:
        self.look_wanted.emit("orders", QGuiApplication.clipboard().text())

    def show_preview(self, shown: Preview) -> None:
        """Show what a sheet would change of the plan, or its faults."""
        if self.sheet is None:
            from desktop.views.sheet_preview import PlanSheet

            self.sheet = PlanSheet(self.page)
            self.sheet.preview.turned.connect(self.arranged)
            self.sheet.preview.apply_wanted.connect(self.apply_wanted)
            self.sheet.preview.list_wanted.connect(self._save_list)
        self.sheet.preview.open(shown)

    def _reading_plan(self) -> bool:
        return self.sheet is not None and self.sheet.preview.shown is not None

    def plan_applied(self) -> None:
        """The plan is another one."""
        if self.sheet is not None:
            self.sheet.preview.close()
        self.question_changed.emit()

    def _save_list(self, section: object, ending: str, name: str) -> None:
        timezone = self._now.head.timezone if self._now is not None else "UTC"
        self.list_wanted.emit(section, ending, timezone, name)

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """Machines and entries at the left, the work at the right."""
        low, at = height < 800, self._room(width, height)
        top, gap, left_px, x, right_px, bottom = at.top, at.gap, at.left_px, at.x, at.right_px, at.bottom
        if self.sheet is not None:
            self.sheet.setVisible(self._reading_plan())
        if self.sheet is not None and self._reading_plan():
            self.sheet.setGeometry(0, 0, width, height)
            self.sheet.raise_()
            self.sheet.preview.place(MARGIN, top, width - 2 * MARGIN, height - TOP, 300)
        list_top = at.y
        entered_px = HEAD_PX + ENTERED_PX * (2 if low else 4) + 2
        machines_px = min(self.machines.wanted_px(20), bottom - list_top - gap - entered_px)
        machines_px = max(machines_px, HEAD_PX + 3 * MACHINE_PX)
        self.machines.setGeometry(MARGIN, list_top, left_px, machines_px)
        y = list_top + machines_px + gap
        self.entered.setGeometry(MARGIN, y, left_px, max(bottom - y, HEAD_PX + 2 * ENTERED_PX))
        # In a low window the number pad takes the place of the head, so that the undo bar does not cover its keys.
        padded = self._scrapping or self._papering
        headless = height < _PAD_FITS_PX and padded
        self.head.setVisible(not headless and self._row() is not None)
        head_px = self.head.wanted_px(low)
        self.head.setGeometry(x, top, right_px, head_px)
        y = top if headless else top + head_px + gap
        self._arrange_buttons(x, y, right_px)
        y += 72 + gap
        beside = width >= _ROOMY_PX
        changes_px = _CHANGES_PX if beside else 0
        main_px = right_px - changes_px - GAP if beside else right_px
        self.changes.setVisible(beside)
        self.changes.setGeometry(x + main_px + GAP, y, changes_px, bottom - y)
        least = max(480, self.scrap.wanted_px(main_px)) if self._scrapping else 480 if padded else 300
        self.plan.setGeometry(x, y, main_px, max(bottom - y, 300))
        free_px = bottom - _UNDO_PX - y
        self.scrap.covered_px = max(least - free_px, 0)
        for pad in (self.scrap, self.paper):
            pad.setGeometry(x, y, main_px, max(free_px, least))
        lowest = max(bottom, y + least)
        return lowest + (TOP if lowest > bottom else 0)

    def _arrange_buttons(self, x: int, y: int, room: int) -> None:
        row = (self.first_good, self.first_bad, self.ends, self.scraps, self.plans, self.papers, self.take)
        shown = [button for button in row if not button.isHidden()]
        if not shown:
            return
        self.take.setText(_("Import plan"))
        self.papers.setText(_("Paper form"))
        self.scraps.setText(_("Rejects and corrections"))
        if sum(each.sizeHint().width() + GAP for each in shown) - GAP > room:
            self.scraps.setText(_("Book rejects"))
        spare_px = 0  # the form, which is wanted seldom, gives way first where nothing waits for it
        for button in (self.papers, self.take) if not (self._now and self._now.blind) else (self.take, self.papers):
            if sum(each.sizeHint().width() + GAP for each in shown) - GAP > room + spare_px:
                button.setText("")  # its picture says enough beside the others
            spare_px = _TIGHT_PX
        wants = [button.sizeHint().width() for button in shown]
        spare = max(room - sum(wants) - GAP * (len(shown) - 1), 0) // len(shown)
        tight = sum(wants) + GAP * (len(shown) - 1) > room
        gap = 12 if tight else GAP
        words = [want for button, want in zip(shown, wants, strict=True) if button.text()]
        left = room - gap * (len(shown) - 1) - (sum(wants) - sum(words))  # a picture alone keeps its width
        squeeze = min(left / max(sum(words), 1), 1.0)
        for button, want in zip(shown, wants, strict=True):
            wide = (round(want * squeeze) if button.text() else want) + min(spare, 80)
            button.setGeometry(x, y, wide, 72)
            x += wide + gap


def _ordered(machine: int, now_ms: int, face: OrderFace, order: OrderNow | None) -> Ordered:
    rework = order is not None and order.kind == "rework"
    return Ordered(machine, now_ms, OPEN_MS, face.code, face.product, order.quantity if order else None, rework)
