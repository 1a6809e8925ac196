"""The devices: which are connected, and for the chosen one what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.figures.head import DeviceNow, Listened
from desktop.domain.figures.line import LineNow
from desktop.text import N_, _
from desktop.tokens import Look, Tokens
from desktop.views import theme
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, NARROW_PX, TOP, Screen
from desktop.views.widgets.cards import device_sentence
from desktop.views.widgets.line_speed import SpeedCard, SpeedFace, helps, offer, speed_face
from desktop.views.widgets.painted import Painted, Pressable, card, tell
from desktop.wording.devices import status_word
from desktop.wording.moments import clock_seconds
from desktop.wording.numbers import UNKNOWN, age, minutes_seconds, pieces

TITLE_PX = 52
HEAD_PX = 44
ROW_PX, LEAST_ROW_PX = 60, 52
FACT_PX = 38

DRIVERS = {
    "text_line": N_("RS-232 text"),
    "modbus_rtu": "Modbus RTU",
    "opc_ua": "OPC UA",
    "mt_sics": "MT-SICS",
    "xgt_cnet": "LS XGT Cnet",
}
PAD_PX, SENTENCE_TOP = 24, 116  # of the panel
SENTENCE_PX, SENTENCE_LINES = 16, 5
PANEL_PX = 520
_LEAST_PX = 900
_QUIET_MS = 5 * 60_000  # connected, but without a value for so long that it is worth a look


class DeviceFace(Struct, frozen=True):
    """One device as words. `sign`: "check", "clock" (quiet), "info" (something of it is not read) or "" (away)."""

    id: int
    sign: str
    status: str
    name: str
    driver: str
    port: str
    machines: str  # or the stations where it reads at no machine
    at_station: bool
    age: str
    frames: str
    failures: str
    reconnects: str
    sentence: str
    since: str


def device_face(device: DeviceNow, now_ms: int, timezone: str, stale: bool, names: Mapping[str, str]) -> DeviceFace:
    """A device at a moment. `names` of the machines by their codes."""
    online = device.status == "online" and not stale
    quiet_ms = None if device.last_value_at_ms is None else max(now_ms - device.last_value_at_ms, 0)
    quiet = online and quiet_ms is not None and quiet_ms >= _QUIET_MS
    partly = online and not quiet and device.fault_kind
    fault = device.fault_kind if partly else ""
    status = _("Quiet") if quiet else _("Not read") if stale else status_word(device.status, fault)
    sentence = device_sentence(device)
    if quiet:
        sentence = _("Connected, but it has sent nothing for a while. That is normal for a device used now and then.")
    elif stale:
        sentence = _("Nothing is read while the collector is not running.")
    driver = DRIVERS.get(device.driver, device.driver)
    quiet_words = UNKNOWN if quiet_ms is None else age(quiet_ms) if online else minutes_seconds(quiet_ms)
    machines = ", ".join(names.get(code, code) for code in device.machines) or ", ".join(device.stations)
    return DeviceFace(
        device.id, "clock" if quiet else "info" if partly else "check" if online else "", status, device.name,
        _(driver) if device.driver == "text_line" else driver, device.port, machines or UNKNOWN,
        bool(device.stations and not device.machines), quiet_words,
        pieces(device.frames), " · ".join(map(pieces, (device.damaged, device.missing, device.lost))),
        pieces(device.reconnects), sentence, clock_seconds(device.since_ms, timezone),
    )  # fmt: skip


def columns(width_px: float) -> list[tuple[str, float, float, bool]]:
    """Title, left edge, width (0: left out) and whether numbers stand in it, for each column of the list."""
    shares = [
        (_("State"), 0.15, False), (_("Name"), 0.17, False), (_("Protocol"), 0.12, False),
        (_("Connection"), 0.24, False), (_("Machine"), 0.11, False), (_("Value age"), 0.11, True),
        (_("Reconnects"), 0.10, True),
    ]  # fmt: skip
    if width_px < _LEAST_PX:
        # Protocol and reconnects stand in the panel; the rest needs their room.
        kept = {0: 0.2, 1: 0.21, 3: 0.33, 4: 0.13, 5: 0.13}
        shares = [(title, kept.get(n, 0.0), number) for n, (title, _share, number) in enumerate(shares)]
    found = []
    x = 18.0
    for title, share, number in shares:
        found.append((title, x, max((width_px - 36) * share - 12, 0), number))
        x += (width_px - 36) * share
    return found


class DeviceRow(Pressable):
    """One device in the list; pressed it is the chosen one."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setCheckable(True)  # not exclusive: of exclusive buttons Tab reaches only the chosen one

    def show_device(self, shown: DeviceFace) -> None:
        """Show a device."""
        if self.set_face(shown):
            words = (shown.status, shown.driver, shown.port, shown.machines, shown.age, shown.sentence)
            tell(self, shown.name, ", ".join(words))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Sign, words and figures."""
        shown = self._face
        if not isinstance(shown, DeviceFace):
            return
        if self.isChecked():
            paint.box(painter, rect, tokens.accent_soft)
            paint.box(painter, QRectF(rect.left(), rect.top(), 5, rect.height()), tokens.accent)
        elif self.underMouse():
            paint.box(painter, rect, tokens.panel2)
        paint.line(painter, rect.left(), rect.bottom() - 0.5, rect.right(), rect.bottom() - 0.5, tokens.line)
        words = (shown.status, shown.name, shown.driver, shown.port, shown.machines, shown.age, shown.reconnects)
        for index, (words_of, (_title, x, wide, number)) in enumerate(zip(words, columns(rect.width()), strict=True)):
            if not wide:
                continue
            place = QRectF(rect.left() + x, rect.top(), wide, rect.height())
            if index == 0:
                draw_sign(painter, QRectF(place.left(), rect.center().y() - 12, 24, 24), shown.sign, tokens)
                place = place.adjusted(34, 0, 0, 0)
            strong = index in (0, 1, 5)
            ink = tokens.ink if strong else tokens.ink2
            align = paint.RIGHT if number else paint.LEFT
            paint.text(painter, place, words_of, 17, ink, bold=strong, align=align, least_px=14)


def draw_sign(painter: QPainter, rect: QRectF, sign: str, tokens: Tokens) -> None:
    """Tick, clock or the dashed ring of silence."""
    if sign:
        theme.icon(painter, rect, sign, tokens.ink2)
        return
    paint.state_shape(painter, rect, Look.NO_DATA, tokens.ink)


class DeviceList(Painted):
    """Ground and header line of the list."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Card, column titles, or the sentence of an empty list."""
        card(painter, rect, tokens)
        if self._face == 0:
            place = rect.adjusted(24, 24, -24, -24)
            words = _("No device is set up. Devices of the configuration file that you import appear here.")
            paint.text(painter, place, words, 17, tokens.ink2, align=paint.CENTER, least_px=14)
            return
        for title, x, wide, number in columns(rect.width() - 16):
            if not wide:
                continue
            place = QRectF(rect.left() + 8 + x, rect.top() + 4, wide, HEAD_PX - 4)
            align = paint.RIGHT if number else paint.LEFT
            paint.text(painter, place, title, 15, tokens.ink3, align=align, least_px=14)
        paint.line(painter, rect.left() + 8, HEAD_PX + 0.5, rect.right() - 8, HEAD_PX + 0.5, tokens.line_strong)


class DevicePanel(Painted):
    """The chosen device: state, sentence, what to look at; where it helps, how to find its baud rate."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.speed = SpeedCard(self)
        self.speed.hide()

    def place(self, width: int) -> int:
        """Place what lies on it for a width and return the height that it needs besides its facts."""
        if self.speed.isHidden() or not isinstance(self._face, DeviceFace):
            return 0
        lines = paint.broken(self._face.sentence, SENTENCE_PX, width - 2 * PAD_PX)[:SENTENCE_LINES]
        height = self.speed.wanted_px(width - 2 * PAD_PX)
        y = SENTENCE_TOP + len(lines) * round(SENTENCE_PX * 1.45) + 14
        self.speed.setGeometry(PAD_PX, y, width - 2 * PAD_PX, height)
        return height + 18

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head, sentence, facts."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, DeviceFace):
            return
        inner = rect.adjusted(24, 20, -24, -20)
        draw_sign(painter, QRectF(inner.left(), inner.top() + 2, 28, 28), shown.sign, tokens)
        driver_px = paint.width(shown.driver, 15) + 2
        head = QRectF(inner.left() + 42, inner.top(), inner.width() - 42 - driver_px - 10, 32)
        paint.text(painter, head, shown.name, 21, tokens.ink, bold=True, least_px=15)
        place = QRectF(inner.right() - driver_px, inner.top(), driver_px, 32)
        paint.text(painter, place, shown.driver, 15, tokens.ink2, align=paint.RIGHT)
        figure = QRectF(inner.left(), inner.top() + 44, inner.width(), 44)
        paint.text(painter, figure, shown.status, 34, tokens.ink, bold=True, least_px=24)
        y = inner.top() + 96
        place = QRectF(inner.left(), y, inner.width(), 100)
        y += paint.paragraph(painter, place, shown.sentence, SENTENCE_PX, tokens.ink, most=SENTENCE_LINES) + 18
        y += 0 if self.speed.isHidden() else self.speed.height() + 18
        facts = (
            (_("Connection"), shown.port),
            (_("Station") if shown.at_station else _("Machine"), shown.machines),
            (_("This state since"), shown.since),
            (_("Age of last value"), shown.age),
            (_("Messages received"), shown.frames),
            (_("Damaged · missing · lost"), shown.failures),
            (_("Reconnects"), shown.reconnects),
        )
        for name, words in facts:
            row = QRectF(inner.left(), y, inner.width(), FACT_PX)
            paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line)
            used = paint.text(painter, row, name, 16, tokens.ink2)
            rest = row.adjusted(used + 12, 0, 0, 0)
            paint.text(painter, rest, words, 16, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
            y += FACT_PX


class Devices(Screen):
    """List at the left, the chosen device at the right.

    `listen_wanted`: find the baud rate of this device; `listen_unwanted`: no longer. `line_wanted`: let it have what
    was found; the words say so.
    """

    listen_wanted = Signal(int)
    listen_unwanted = Signal()
    line_wanted = Signal(int, int, str, str)  # device, baud rate, frame, words

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("devices", parent)
        tell(self, _("Devices"))
        self.head = _Title("devices-title", self.page)
        self.list = DeviceList("device-list", self.page)
        self.panel = DevicePanel("device-panel", self.page)
        self.rows: list[DeviceRow] = []
        self._faces: tuple[DeviceFace, ...] = ()
        self._chosen: int | None = None
        self._devices: tuple[DeviceNow, ...] = ()
        self._stale = False
        self._listened: tuple[int, Listened | str] | None = None  # device and where listening for it stands
        self._placed: tuple[SpeedFace | None, str] = (None, "")  # what the panel leaves room for
        self.panel.speed.first_pressed.connect(self._go_on)
        self.panel.speed.second_pressed.connect(self._give_up)

    def question(self) -> Question:
        """The line at this moment; its devices are shown."""
        return self.live.line_now

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the devices."""
        if not isinstance(answer, LineNow):
            raise TypeError(f"the list of devices shows a LineNow, not {type(answer).__name__}")
        stale = stale_since_ms is not None
        count = len(self._faces)
        timezone = answer.head.timezone
        names = {machine.code: machine.name for machine in answer.machines}
        self._faces = tuple(device_face(d, answer.now_ms, timezone, stale, names) for d in answer.devices)
        self._devices, self._stale = answer.devices, stale
        self.list.set_face(len(self._faces))
        tell(self.list, _("List of devices"), str(len(self._faces)))
        self._show_rows()
        self._show_title()
        if count != len(self._faces):
            self.arranged()

    def _show_rows(self) -> None:
        while len(self.rows) < len(self._faces):
            row = DeviceRow(f"device-{len(self.rows) + 1}", self.list)
            row.clicked.connect(self._row_pressed)
            self.rows.append(row)
        if self._chosen not in {face.id for face in self._faces}:
            away = [face for face in self._faces if not face.sign]
            self._chosen = (away or list(self._faces))[0].id if self._faces else None
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(self._faces))
            if index < len(self._faces):
                shown = self._faces[index]
                row.setProperty("device", shown.id)
                row.setChecked(shown.id == self._chosen)
                row.show_device(shown)
        chosen = next((face for face in self._faces if face.id == self._chosen), None)
        if self.panel.set_face(chosen) and chosen is not None:
            tell(self.panel, chosen.name, f"{chosen.status}. {chosen.sentence}")
        self.panel.setVisible(chosen is not None)
        self._show_speed()

    # -- the baud rate --

    def show_listening(self, device: int, now: Listened | str | None) -> None:
        """Show where listening for a device's baud rate stands; a sentence: why not; None: it is over."""
        over = now is None or (isinstance(now, Listened) and now.status == "cancelled")
        self._listened = None if over or now is None else (device, now)
        self._show_speed()

    def _show_speed(self) -> None:
        """The card of the chosen device, where it has one. One device is listened to at a time."""
        device = next((one for one in self._devices if one.id == self._chosen), None)
        face = None
        if self._listened is not None:
            face = speed_face(self._listened[1]) if self._listened[0] == self._chosen else None
        elif device is not None and not self._stale and helps(device):
            face = offer(device)
        if face is not None:
            self.panel.speed.show_speed(face)
        self.panel.speed.setVisible(face is not None)
        sentence = next((one.sentence for one in self._faces if one.id == self._chosen), "")
        if (placed := (face, sentence if face else "")) != self._placed:
            self._placed = placed
            self.panel.update()
            self.arranged()

    def _go_on(self) -> None:
        """Listen, or use what was found."""
        device, now = self._listened or (self._chosen, None)
        if device is None:
            return
        if isinstance(now, Listened) and now.status == "fits":
            name = next((one.name for one in self._devices if one.id == device), "")
            words = _("{device}: {baud} Bd {frame}").format(device=name, baud=now.baud, frame=now.frame)
            self.show_listening(device, replace(now, status="using"))
            self.line_wanted.emit(device, now.baud, now.frame, words)
            return
        self.show_listening(device, Listened("working"))
        self.listen_wanted.emit(device)

    def _give_up(self) -> None:
        """End listening, or leave what was found."""
        now = self._listened[1] if self._listened is not None else None
        if isinstance(now, Listened) and now.status == "working":
            self.listen_unwanted.emit()
        else:
            self._listened = None
            self._show_speed()
            if self.panel.speed.first.isVisible():
                self.panel.speed.first.setFocus()

    def _show_title(self) -> None:
        online = sum(face.sign != "" for face in self._faces)
        quiet = sum(face.sign == "clock" for face in self._faces)
        words = _("{online} of {count} connected").format(online=online, count=len(self._faces))
        rest = []
        if online < len(self._faces):
            rest.append(_("away {count}").format(count=len(self._faces) - online))
        if quiet:
            rest.append(_("quiet {count}").format(count=quiet))
        if self.head.set_face((words, " · ".join(rest))):
            tell(self.head, words, " · ".join(rest))

    def _row_pressed(self) -> None:
        self._chosen = int(self.sender().property("device"))
        self._show_rows()

    def arrange(self, width: int, height: int) -> int:
        """The list has one row for each device; the panel keeps its height."""
        right_px = 360 if width < NARROW_PX else 428
        top = 12 if height < 800 else TOP
        left_px = width - 2 * MARGIN - right_px - GAP
        self.head.setGeometry(MARGIN, top, left_px, TITLE_PX - 12)
        y = top + TITLE_PX
        room = (height - TOP - y - HEAD_PX - 12) // max(len(self._faces), 1)
        row_px = room if LEAST_ROW_PX <= room < ROW_PX else ROW_PX  # a little lower where all of them fit then
        wanted = HEAD_PX + row_px * len(self._faces) + 12
        list_px = max(height - TOP - y, wanted, PANEL_PX + self.panel.place(right_px))
        self.list.setGeometry(MARGIN, y, left_px, list_px)
        least_px = PANEL_PX + self.panel.place(right_px)
        self.panel.setGeometry(MARGIN + left_px + GAP, y, right_px, max(height - TOP - y, least_px))
        for index, row in enumerate(self.rows):
            row.setGeometry(8, HEAD_PX + 1 + index * row_px, left_px - 16, row_px)
        return y + list_px + (TOP if y + list_px + TOP > height else 0)


class _Title(Painted):
    """How many are connected, over the list."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """One line of words."""
        if not isinstance(self._face, tuple):
            return
        words, rest = self._face
        used = paint.text(painter, rect, words, 23, tokens.ink, bold=True)
        paint.text(painter, rect.adjusted(used + 16, 2, 0, 2), rest, 18, tokens.ink2)
