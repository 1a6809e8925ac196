"""The right column of the Overview: who needs somebody, open stops, devices, forecast."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.differences import difference
from desktop.domain.figures.head import DeviceNow
from desktop.domain.figures.line import LineNow
from desktop.text import N_, _, plural
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.list_card import ListCard, ListFace, RowsCard
from desktop.views.widgets.painted import Painted, Pressable, card, card_head, draw_lamp, tell
from desktop.views.widgets.rows import NeedFace, NeedRow, SeenFace, SeenRow, StopButton, StopFace
from desktop.views.widgets.tile import draw_delta
from desktop.wording.devices import fault_sentence, status_word
from desktop.wording.moments import clock
from desktop.wording.numbers import UNKNOWN, age, lasted, pieces, signed

HEAD_PX = ListCard.head_px
NEED_PX = 72
FIRST_NEED_PX = 88
STOP_PX = 50
SEEN_PX = 56


class NeedCard(ListCard):
    """Machines that need somebody, the most urgent first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("needs", parent)
        self._rows: list[NeedRow] = []
        self._needs: tuple[NeedFace, ...] = ()
        self._known = True

    def show_needs(self, needs: Sequence[NeedFace], *, known: bool = True) -> None:
        """Show the ranked machines. Not `known`: nobody collects, so nobody can tell who needs somebody."""
        self._needs = tuple(needs)
        self._known = known
        self._arrange()

    def wanted_px(self) -> int:
        """The height that shows up to five machines."""
        count = min(len(self._needs), 5)
        return HEAD_PX + (FIRST_NEED_PX + NEED_PX * (count - 1) if count else 60) + 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height holds another number of rows."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = self.height() - HEAD_PX - 1
        fitting = 0 if room < FIRST_NEED_PX else 1 + int((room - FIRST_NEED_PX) // NEED_PX)
        shown = self._needs[:fitting]
        while len(self._rows) < len(shown):
            row = NeedRow(f"need-{len(self._rows) + 1}", self)
            row.clicked.connect(self._row_pressed)
            self._rows.append(row)
        hidden = len(self._needs) - len(shown)
        # Where machines are left out the rows fill the card: a strip of a row's part would look like one cut off.
        spare = room - FIRST_NEED_PX - NEED_PX * (len(shown) - 1) if hidden and shown else 0
        y = HEAD_PX
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(shown))
            if index < len(shown):
                height = (FIRST_NEED_PX if index == 0 else NEED_PX) + (spare * (index + 1)) // len(shown)
                height -= spare * index // len(shown)
                row.setGeometry(1, y, self.width() - 2, height)
                row.setProperty("machine", shown[index].machine)
                row.show_need(shown[index], foot=y + height >= self.height() - 2)
                y += height
        note = _("most urgent first")
        if hidden:
            note = _("most urgent first · +{count}").format(count=hidden)
        self.set_face(
            ListFace(
                _("Needs attention"),
                note,
                False,
                _("No machine needs attention") if self._known else _("Not known at the moment"),
                _("Stopped and silent machines appear here.") if self._known else _("No data arrive."),
                len(shown),
                self._known,
            )
        )
        tell(self, _("Needs attention"), ", ".join(f"{n.rank}. {n.title} {n.code} {n.minutes}" for n in self._needs))


class StopList(RowsCard):
    """Standstills below each other; what has no room is scrolled to, by wheel, finger and Tab. A press asks for one."""

    whole_rows = True
    chosen = Signal(int, object)  # machine, id of the standstill, which 32 bits do not hold
    begun = Signal(int, object)  # the same press: machine, start of the standstill

    def __init__(self, name: str, title: str, parent: QWidget | None = None, *, chevron: bool) -> None:
        super().__init__(name, title, STOP_PX, parent)
        self._chevron = chevron
        self.rows: list[StopButton] = []

    def in_order(self) -> Sequence[QWidget]:
        """The standstills."""
        return self.rows

    def show_rows(self, stops: Sequence[StopFace], note: str, empty: str, hint: str, *, strong: bool) -> None:
        """Show standstills; `note` says how many, `empty` and `hint` stand where there are none."""
        while len(self.rows) < len(stops):
            row = StopButton(f"{self.objectName()}-{len(self.rows) + 1}", self.ground, chevron=self._chevron)
            row.clicked.connect(self._pressed)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(stops))
            if index < len(stops):
                row.show_stop(stops[index])
        self.show_head(len(stops), note, empty, hint, strong=strong)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, StopButton) and row.shown is not None:
            self.chosen.emit(row.shown.machine, row.shown.stop)
            self.begun.emit(row.shown.machine, row.shown.start_ms)


class StopsCard(StopList):
    """Standstills that nobody has explained, the longest first."""

    empty_px = 60

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("open-stops", _("Stops not labelled"), parent, chevron=True)

    def show_stops(self, stops: Sequence[StopFace], length_ms: int) -> None:
        """Show the open stops; `length_ms` is what they add up to."""
        total = plural(N_("{count} stop · {minutes}"), N_("{count} stops · {minutes}"), len(stops)).format(
            count=len(stops), minutes=lasted(length_ms)
        )
        empty, hint = _("Every stop has a reason"), _("Stops that nobody has explained appear here.")
        self.show_rows(stops, total if stops else "", empty, hint, strong=True)

    def wanted_px(self, most: int = 4) -> int:
        """The height that shows up to so many stops."""
        return super().wanted_px(most)


class SeenBar(Pressable):
    """How many alarms of the shift were acknowledged. A press shows and hides them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("seen-bar", parent)
        self.setCheckable(True)

    def show_count(self, count: int) -> None:
        """Show how many there are."""
        if self.set_face(count):
            tell(self, _("Acknowledged alarms"), _("{count} in this shift").format(count=count))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Words, count and an arrow that points to the list."""
        paint.box(painter, rect, tokens.accent_soft if self.isChecked() else tokens.panel, tokens.line, radius=8)
        theme.icon(painter, QRectF(rect.left() + 19, rect.center().y() - 11, 22, 22), "check", tokens.ink2)
        room = rect.adjusted(54, 0, -54, 0)
        count = str(self._face)
        used = paint.width(count, 17, True) + 2
        words = room.adjusted(0, 0, -used - 8, 0)
        paint.text(painter, words, _("Acknowledged alarms"), 17, tokens.ink, bold=True, least_px=14)
        paint.text(painter, room, count, 17, tokens.ink, bold=True, align=paint.RIGHT)
        sign = QRectF(rect.right() - 42, rect.center().y() - 10, 20, 20)
        theme.icon(painter, sign, "arrow-down" if self.isChecked() else "arrow-right", tokens.ink2)


class SeenCard(Painted):
    """The alarms of the shift that somebody acknowledged, the latest first. `taken_back` carries a number."""

    taken_back = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("seen", parent)
        self._rows: list[SeenRow] = []
        self._seen: tuple[SeenFace, ...] = ()

    def show_seen(self, seen: Sequence[SeenFace]) -> None:
        """Show what was acknowledged."""
        self._seen = tuple(seen)
        while len(self._rows) < len(seen):
            row = SeenRow(f"seen-{len(self._rows) + 1}", self)
            row.clicked.connect(self._row_pressed)
            self._rows.append(row)
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(seen))
            if index < len(seen):
                row.show_seen(seen[index])
        self._place()
        tell(self, _("Acknowledged alarms"), ", ".join(f"{one.head} {one.note}" for one in seen))

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._seen)

    def wanted_px(self) -> int:
        """The height that shows all of them."""
        return SEEN_PX * len(self._seen) + 2

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The ground under the rows."""
        card(painter, rect, tokens)

    def _row_pressed(self) -> None:
        row = self.sender()
        if isinstance(row, SeenRow) and row.shown is not None:
            self.taken_back.emit(row.shown.number)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The column has another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        for index, row in enumerate(self._rows):
            row.setGeometry(1, 1 + index * SEEN_PX, self.width() - 2, SEEN_PX)


class NoMachineCard(Painted):
    """What stands where the machines will stand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("no-machine", parent)
        tell(self, _("No machine is set up yet"), _("Import a configuration: Help (F1) says how."))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A sentence of what will appear, and where it says how."""
        card(painter, rect, tokens)
        middle = rect.center().y()
        theme.icon(painter, QRectF(rect.center().x() - 20, middle - 64, 40, 40), "machine", tokens.ink2)
        for words, top, size_px, bold in (
            (_("No machine is set up yet"), -10, 20, True),
            (_("Import a configuration: Help (F1) says how."), 22, 16, False),
        ):
            place = QRectF(rect.left() + 16, middle + top, rect.width() - 32, 30)
            ink = tokens.ink if bold else tokens.ink2
            paint.text(painter, place, words, size_px, ink, bold=bold, align=paint.CENTER, least_px=14)


class DevicesFace(Struct, frozen=True):
    """Lamps of all devices, and the one to look at first in words."""

    title: str
    lamps: tuple[bool, ...]
    name: str
    words: str


def devices_face(devices: Sequence[DeviceNow], now_ms: int, stale: bool) -> DevicesFace:
    """How many devices are connected, and what is wrong with the one that is away longest."""
    lamps = tuple(not stale and device.status == "online" for device in devices)
    title = _("{online} of {count} connected").format(online=sum(lamps), count=len(devices))
    away = [d for d, lamp in zip(devices, lamps, strict=True) if not lamp]
    partly = next((d for d in devices if d.fault_kind), None)
    if not stale and not away and partly is not None:
        return DevicesFace(title, lamps, partly.name, status_word(partly.status, partly.fault_kind))
    if stale or not away:
        words = _("Nothing is read at the moment.") if stale else _("All devices are connected.")
        return DevicesFace(title if devices else "", lamps, "", words if devices else _("No device is set up."))
    worst = min(away, key=lambda device: device.since_ms)
    since = age(now_ms - worst.since_ms)
    return DevicesFace(title, lamps, worst.name, f"{status_word(worst.status)} {since}")


class DevicesCard(Pressable):
    """One lamp for each device. A press opens the list of devices."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("devices-card", parent)

    def show_devices(self, shown: DevicesFace) -> None:
        """Show the devices."""
        if self.set_face(shown):
            tell(self, " ".join((_("Devices"), shown.title)).strip(), f"{shown.name} {shown.words}".strip())

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head, lamps, worst device."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, DevicesFace):
            return
        card_head(
            painter, QRectF(rect.left(), rect.top(), rect.width(), 48), tokens, _("Devices"), shown.title, strong=True
        )
        pitch = min(32.0, (rect.width() - 40) / max(len(shown.lamps), 1))
        side = pitch - 7
        for index, good in enumerate(shown.lamps):
            lamp = QRectF(rect.left() + 20 + index * pitch, rect.top() + 50, side, side)
            draw_lamp(painter, lamp, tokens, good=good)
        line = QRectF(rect.left() + 20, rect.bottom() - 38, rect.width() - 40, 26)
        used = 0.0
        if shown.name:
            used = paint.text(painter, line, shown.name, 16, tokens.ink, bold=True) + 8
        paint.text(painter, line.adjusted(used, 0, 0, 0), shown.words, 16, tokens.ink2, least_px=14)


class ForecastFace(Struct, frozen=True):
    """Where the shift will end at the present pace. Ratios of the bar's length; None: not known."""

    note: str
    figure: str
    plan: str
    delta: int | None
    made: float
    coming: float | None
    due: float | None
    goal: float | None
    words: str


def forecast_face(line: LineNow) -> ForecastFace:
    """The forecast of a line's shift."""
    end = clock(line.shift.span.end_ms, line.head.timezone) if line.shift else ""
    note = _("at this pace, {clock}").format(clock=end) if end else ""
    wanted = line.shift_target if line.shift_plan is None else line.shift_plan
    whole = max([1, *(n for n in (wanted, line.forecast, line.good) if n is not None)])

    def share(count: int | None) -> float | None:
        return None if count is None else round(min(count / whole, 1.0), 4)

    delta = None if line.forecast is None or wanted is None else line.forecast - wanted
    if line.forecast is None and line.good is not None and not line.comparable:
        words = _("No forecast: a part of the shift was not seen.")
    elif line.forecast is None:
        words = _("The forecast appears when the line has run.") if line.shift else _("No shift is running.")
    else:
        words = _("Due by now {due} · good {good} ({difference})").format(
            due=pieces(line.target), good=pieces(line.good),
            difference=signed(difference(line.good, line.target, comparable=line.comparable)),
        )  # fmt: skip
        if line.plan is not None:
            words += " · " + _("plan {plan}").format(plan=pieces(line.plan))
    plan = "" if wanted is None else f"/ {pieces(wanted)}"
    return ForecastFace(
        note, pieces(line.forecast), plan, delta, share(line.good) or 0.0, share(line.forecast), share(line.target),
        share(wanted), words,
    )  # fmt: skip


class ForecastCard(Painted):
    """Pieces at the end of the shift against the plan."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("forecast", parent)

    def show_forecast(self, shown: ForecastFace) -> None:
        """Show a forecast."""
        if self.set_face(shown):
            tell(self, _("Expected at shift end"), f"{shown.figure} {shown.plan}, {signed(shown.delta)}, {shown.words}")

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head, figure, bar and a sentence."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, ForecastFace):
            return
        card_head(
            painter, QRectF(rect.left(), rect.top(), rect.width(), 48), tokens, _("Expected at shift end"), shown.note
        )
        line = QRectF(rect.left() + 20, rect.top() + 46, rect.width() - 40, 48)
        used = paint.text(painter, line, shown.figure, 40, tokens.ink, bold=True)
        if shown.plan and shown.figure != UNKNOWN:
            place = QRectF(line.left() + used + 10, line.top() + 8, 140, 42)
            paint.text(painter, place, shown.plan, 18, tokens.ink2)
        if shown.delta is not None:
            draw_delta(painter, line, shown.delta, 26, tokens.ink, right=True)
        bar = QRectF(rect.left() + 20, rect.top() + 108, rect.width() - 40, 16)
        paint.box(painter, bar, tokens.track)
        if shown.coming is not None and shown.coming > shown.made:
            coming = QRectF(
                bar.left() + bar.width() * shown.made, bar.top(), bar.width() * (shown.coming - shown.made), 16
            )
            paint.hatch(painter, coming, tokens, 2, 6)
        paint.box(painter, QRectF(bar.left(), bar.top(), bar.width() * shown.made, 16), tokens.value)
        for share in (shown.due, shown.goal):
            if share is not None:
                x = min(bar.left() + bar.width() * share, bar.right() - 1.5)
                paint.box(painter, QRectF(x - 1.5, bar.top() - 6, 3, 28), tokens.tick)
        place = QRectF(rect.left() + 20, rect.bottom() - 38, rect.width() - 40, 26)
        paint.text(painter, place, shown.words, 15, tokens.ink2, least_px=14)


def device_sentence(device: DeviceNow) -> str:
    """What is wrong with a device and what to do, or that all is well."""
    if device.fault_kind:
        return fault_sentence(device.fault_kind, device.fault_detail)
    if device.status == "online":
        return _("Connected and receiving values.")
    return _("The connection is being made.")
