"""One machine in the running shift or in one before it: what it does, where its time went, what it measures."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.calendar import Shift
from desktop.domain.figures.head import DeviceNow
from desktop.domain.figures.machine import MachineDay
from desktop.domain.intervals import STOPPED
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import deeds, theme
from desktop.views.background import Question
from desktop.views.calling import calling
from desktop.views.explained import ExplainedScreen
from desktop.views.screen import GAP, MARGIN, NARROW_PX, TOP
from desktop.views.widgets.action_row import ROW_PX, ActionRow
from desktop.views.widgets.basis import Basis, basis_face
from desktop.views.widgets.button import Button
from desktop.views.widgets.call_bar import CallFace, call_faces
from desktop.views.widgets.cards import HEAD_PX, STOP_PX, StopList
from desktop.views.widgets.chart import ChartCard, cycle_chart, trend_chart
from desktop.views.widgets.derived import of_machine
from desktop.views.widgets.evidence import Evidence, EvidenceFace
from desktop.views.widgets.hour_table import HourTable, table_face
from desktop.views.widgets.loss_card import LossCard, loss_face
from desktop.views.widgets.painted import Pressable, card, draw_lamp, tell
from desktop.views.widgets.rows import StopFace, stop_face
from desktop.views.widgets.state_bar import StateBar, past_face, state_face
from desktop.views.widgets.timeline_card import TimelineCard
from desktop.wording.devices import status_word
from desktop.wording.moments import clock
from desktop.wording.numbers import age

CHARTS = 3
LOSSES_PX = 268
LEAST_STATE_PX = 560  # so much of the first line the state keeps, or the actions go below it
LEAST_LOSSES_PX = 1180


class ShiftStops(StopList):
    """The standstills of the shift, the newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("shift-stops", _("Stops"), parent, chevron=False)

    def show_stops(self, stops: tuple[StopFace, ...]) -> None:
        """Show the standstills."""
        note = _("{count} in this shift").format(count=len(stops)) if stops else ""
        empty, hint = _("No stop in this shift"), _("Stops, set-ups and waiting appear here.")
        self.show_rows(stops, note, empty, hint, strong=False)


class LinkFace(Struct, frozen=True):
    """The worst of a machine's devices, else the first."""

    good: bool
    name: str
    words: str


class DeviceLink(Pressable):
    """The devices behind a machine in one line. A press opens the list of devices."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("device-link", parent)

    def show_devices(self, devices: tuple[DeviceNow, ...], now_ms: int, stale: bool) -> None:
        """Show the worst of the devices, else the first."""
        if not devices:
            self._show(LinkFace(False, _("No device"), _("No device is bound to this machine.")))
        else:
            troubled = sorted(devices, key=lambda d: (d.status == "online", not d.fault_kind))
            worst = troubled[0]
            good = worst.status == "online" and not stale
            words = status_word(worst.status) if not stale else _("Not read")
            if good and worst.fault_kind:
                words = status_word(worst.status, worst.fault_kind)
            elif good and worst.last_value_at_ms is not None:
                words = _("last value {age} ago").format(age=age(max(now_ms - worst.last_value_at_ms, 0)))
            elif not good and not stale:
                words = f"{words} {age(max(now_ms - worst.since_ms, 0))}"
            name = worst.name if len(devices) == 1 else f"{worst.name} +{len(devices) - 1}"
            self._show(LinkFace(good, name, words))

    def _show(self, shown: LinkFace) -> None:
        if self.set_face(shown):
            tell(self, shown.name, shown.words)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Lamp, name and age."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, LinkFace):
            return
        lamp = QRectF(rect.left() + 18, rect.center().y() - 13, 26, 26)
        draw_lamp(painter, lamp, tokens, good=shown.good)
        room = QRectF(rect.left() + 58, rect.center().y() - 25, rect.width() - 58 - 46, 26)
        paint.text(painter, room, shown.name, 17, tokens.ink, bold=True, least_px=14)
        paint.text(painter, room.translated(0, 25), shown.words, 15, tokens.ink2, least_px=14)
        theme.icon(painter, QRectF(rect.right() - 40, rect.center().y() - 10, 20, 20), "arrow-right", tokens.ink2)


class MachinePage(ExplainedScreen):
    """One machine. `machine` is its id; None before one was chosen. `past` is the shift that is looked back at, None
    where it is the one that runs.

    Nothing is written here: `told` carries what is to be.
    """

    deed_wanted = Signal(object)  # Deed
    before_wanted = Signal(int, object)  # machine, a moment of its stop: what was made before it
    told = Signal(object)  # Telling

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("machine", parent)
        tell(self, _("Machine"))
        self.machine: int | None = None
        self.past: Shift | None = None
        self._title = ""
        self._lists_px = (0, 0)
        self._day: MachineDay | None = None
        self.state = StateBar("state", self.page)
        self.back = Button("back-to-now", _("Back to now"), self.state)
        self.action_row = ActionRow("actions", self.page)
        self.link = DeviceLink(self.page)
        self.losses = LossCard("losses", self.page)
        self.timeline = TimelineCard("timeline", self.page)
        self.hours = HourTable("hour-table", self.page)
        self.charts = [ChartCard(f"chart-{n + 1}", self.page) for n in range(CHARTS)]
        self.basis = Basis("basis", self.page)
        self.stops = ShiftStops(self.page)
        self.link.clicked.connect(self._link_pressed)
        self.action_row.pressed.connect(self._action_pressed)
        self.action_row.called.connect(self._call)
        self.action_row.turned.connect(self.arranged)
        self.timeline.looked.connect(self._looked)
        self.timeline.stepped.connect(self._step_shift)
        self.back.clicked.connect(self._back_to_now)
        for part in (self.losses, self.timeline, self.hours, self.basis):
            part.asked.connect(self.explain)
        self.stops.chosen.connect(self._stop_chosen)
        tell(self.back, _("Back to now"), "Esc")
        self.back.hide()

    def question(self) -> Question:
        """The day of the chosen machine."""
        chosen, past, part, live = self.machine, self.past, self.timeline.part, self.live

        def ask(store: Any, now_ms: int) -> MachineDay:
            if chosen is None:
                raise ValueError("no machine was chosen")
            return live.machine_day(store, chosen, now_ms, past=past, charted=part)

        return ask

    def subject(self) -> object:
        """The machine and the shift that is looked at."""
        return self.machine, self.past and self.past.span

    def title(self) -> str:
        """Name and code of the machine."""
        return self._title

    def past_shift(self) -> Shift | None:
        """The shift that is looked at, where it is over."""
        day = self._day
        return day.looked_at if day is not None and day.window.end_ms < day.now_ms else None

    def explained(self, key: str) -> EvidenceFace | None:
        """What a figure of the machine is made of."""
        return of_machine(self._day, key) if self._day else None

    def column(self) -> QWidget:
        """The panel covers the figures and the stops."""
        return self.basis

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the day of a machine."""
        if not isinstance(answer, MachineDay):
            raise TypeError(f"the machine page shows a MachineDay, not {type(answer).__name__}")
        stale = stale_since_ms is not None
        over = answer.window.end_ms < answer.now_ms
        timezone = answer.head.timezone
        self._day = answer
        self._title = f"{answer.machine.name}\t{answer.machine.code}"
        if over and answer.looked_at is not None:
            self.state.show_state(past_face(answer.looked_at, timezone))
        else:
            self.state.show_state(state_face(answer.machine, answer.now_ms, timezone, stale_since_ms))
        self.back.setVisible(over)
        self._show_actions(answer, over)
        self.link.show_devices(answer.devices, answer.now_ms, stale)
        since = clock(stale_since_ms, timezone) if stale and not over else ""
        self.losses.show_losses(loss_face(answer, since))
        self.timeline.show_day(answer)
        self.hours.show_hours(table_face(answer, self.timeline.part))
        self.basis.show_basis(basis_face(answer))
        newest = sorted(answer.stops, key=lambda row: -row.start_ms)
        self.stops.show_stops(tuple(stop_face(row, timezone, by_machine=False) for row in newest))
        self._show_charts(answer, stale)
        if self.figure and self.explained(self.figure) is None:
            super().step_back()
        self.show_explained()

    def opened(self) -> None:
        """Somebody came to this machine: what can be done at it is in sight."""
        self.action_row.close_calls()

    def explain(self, key: str) -> None:
        """Show what a figure is made of; there is less room for what can be done then."""
        self.action_row.close_calls()
        super().explain(key)

    def show_stop(self, stop: int, past: Shift | None = None) -> None:
        """Show a standstill of the running shift, or of a `past` one: what it is made of."""
        self.past = past
        self.timeline.look_at(None)
        self.explain(f"stop-{stop}")

    def show_explained(self) -> None:
        """Bring the panel up to the last answer, and frame the standstill of which it speaks."""
        super().show_explained()
        kind, _dash, number = self.figure.partition("-")
        if kind == "stop" and number and self._day is not None:
            stands = (i for i in self._day.intervals if i.category in STOPPED and i.stop_id == int(number))
            first = next(stands, None)
            if first is not None:
                self.timeline.mark(first.span.start_ms)
        if self.explaining:
            self.evidence.before.setVisible(kind == "stop" and number != "0")

    def _show_before(self) -> None:
        number = int(self.figure.partition("-")[2] or 0)
        stop = next((row for row in self._day.stops if row.id == number), None) if self._day is not None else None
        if stop is not None:
            self.before_wanted.emit(stop.machine, stop.start_ms)

    @property
    def evidence(self) -> Evidence:
        """The panel; from a stop it leads on to what was made before it."""
        fresh = self._evidence is None
        panel = super().evidence
        if fresh:
            panel.before.clicked.connect(self._show_before)
        return panel

    def _stop_chosen(self, _machine: int, stop: int) -> None:
        self.explain(f"stop-{stop}")

    def step_back(self) -> bool:
        """Close the panel, else look at the running shift again."""
        return self.action_row.close_calls() or super().step_back() or self._back_to_now()

    def _back_to_now(self) -> bool:
        if self.past is None:
            return False
        self._look_back(None)
        return True

    def _step_shift(self, steps: int) -> None:
        wanted = self._day.shifts[0 if steps < 0 else 1] if self._day else None
        if self._day is not None and wanted is not None:
            self._look_back(None if wanted.span.holds(self._day.now_ms) else wanted)

    def _look_back(self, past: Shift | None) -> None:
        self.past = past
        self.timeline.look_at(None)
        self.question_changed.emit()

    def _looked(self) -> None:
        if self._day is not None:
            self.hours.show_hours(table_face(self._day, self.timeline.part))
        self.question_changed.emit()

    def _show_charts(self, day: MachineDay, stale: bool) -> None:
        pairs = [cycle_chart(day)] if day.cycles or not day.trends else []
        pairs += [trend_chart(trend, stale) for trend in day.trends]
        before = (sum(not chart.isHidden() for chart in self.charts), self._lists_px)
        self._lists_px = (self.basis.wanted_px(), self.hours.wanted_px())
        for index, chart in enumerate(self.charts):
            chart.setVisible(index < len(pairs))
            if index < len(pairs):
                chart.show_chart(*pairs[index], day.head.timezone)
        if before != (min(len(pairs), CHARTS), self._lists_px):
            self.arranged()

    def _show_actions(self, day: MachineDay, over: bool) -> None:
        if over:
            self.action_row.close_calls()
        self.action_row.show_calls(call_faces(day.calls, day.machine.id, {}, day.now_ms))
        if self.action_row.show_actions(deeds.actions(day)):
            self.arranged()

    def _action_pressed(self, key: str) -> None:
        if key == "call":
            super().step_back()  # the panel would lie over half of the kinds of help
            self.action_row.open_calls()
        elif self._day is not None:
            self.deed_wanted.emit(deeds.deed(self._day, key))

    def _call(self, shown: CallFace) -> None:
        """Call for help, or tell how far a call has come."""
        if self._day is not None:
            self.told.emit(calling(shown, self._day.now_ms, self._day.machine.name))

    def was_entered(self, *_what: object) -> None:
        """What was told is in the file, or was refused: look again."""
        self.question_changed.emit()

    def _link_pressed(self) -> None:
        self.screen_wanted.emit("devices")

    def arrange(self, width: int, height: int) -> int:
        """State and what can be done in the first line, then two columns; charts beside the hours."""
        narrow = width < NARROW_PX
        right_px = 360 if narrow else 412
        top = 12 if height < 800 else TOP
        inner = width - 2 * MARGIN
        left_px = inner - right_px - GAP
        right_x = MARGIN + left_px + GAP
        room = left_px if self.explaining else inner  # the panel lies over the rest
        in_line = inner - self.action_row.wanted_px() - GAP >= LEAST_STATE_PX
        actions_px = min(self.action_row.wanted_px(), room - LEAST_STATE_PX - GAP) if in_line else room
        state_px = room - actions_px - GAP if in_line else left_px
        self.state.setGeometry(MARGIN, top, state_px, 64)
        wide = self.back.sizeHint().width()
        self.back.setGeometry(state_px - wide - 4, 4, wide, 56)
        y = top + 64 + GAP
        if in_line:
            self.action_row.setGeometry(MARGIN + state_px + GAP, top, actions_px, ROW_PX)
        else:
            self.link.setGeometry(right_x, top, right_px, 64)
            self.action_row.setGeometry(MARGIN, y, actions_px, ROW_PX)
            y += ROW_PX + GAP
        # Where it is narrow the waterfall takes the whole width: its names need the room. The panel pushes it closer.
        across = left_px < LEAST_LOSSES_PX and not self.explaining
        self.losses.setGeometry(MARGIN, y, inner if across else left_px, LOSSES_PX)
        side = y + LOSSES_PX + GAP if left_px < LEAST_LOSSES_PX else y
        if in_line:
            self.link.setGeometry(right_x, side, right_px, 64)
            side += 64 + GAP
        timeline_px = self.timeline.wanted_px(left_px)
        self.timeline.setGeometry(MARGIN, y + LOSSES_PX + GAP, left_px, timeline_px)
        lower = y + LOSSES_PX + timeline_px + 2 * GAP
        shown = sum(not chart.isHidden() for chart in self.charts)
        bottom = max(height - TOP, lower + max(380, max(180 * shown, self.hours.wanted_px()) if narrow else 0))
        self._arrange_lower(lower, left_px, bottom, narrow)
        basis_px = self.basis.wanted_px()
        stops_px = max(bottom - side - basis_px - GAP, HEAD_PX + 2 * STOP_PX + 2)
        self.basis.setGeometry(right_x, side, right_px, basis_px)
        self.stops.setGeometry(right_x, side + basis_px + GAP, right_px, stops_px)
        lowest = max(bottom, side + basis_px + GAP + stops_px)
        return lowest + (TOP if lowest + TOP > height else 0)

    def _arrange_lower(self, y: int, left_px: int, bottom: int, narrow: bool) -> None:
        hours_px = 498 if not narrow else (left_px - GAP) * 56 // 100
        self.hours.setGeometry(MARGIN, y, hours_px, bottom - y)
        x = MARGIN + hours_px + GAP
        room = left_px - hours_px - GAP
        shown = [chart for chart in self.charts if not chart.isHidden()]
        height = bottom - y
        if len(shown) == 3 and not narrow:
            upper = (height - GAP) // 2
            half = (room - GAP) // 2
            shown[0].setGeometry(x, y, room, upper)
            shown[1].setGeometry(x, y + upper + GAP, half, height - upper - GAP)
            shown[2].setGeometry(x + half + GAP, y + upper + GAP, room - half - GAP, height - upper - GAP)
            return
        each = (height - GAP * (len(shown) - 1)) // max(len(shown), 1)
        for index, chart in enumerate(shown):
            chart.setGeometry(x, y + index * (each + GAP), room, each)
