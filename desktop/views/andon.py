"""The andon: the whole line on a large display, read from five metres. Pages turn by themselves."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QRectF, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QMouseEvent, QPainter, QResizeEvent, QShortcut
from PySide6.QtWidgets import QWidget

from desktop import paint, summaries
from desktop.domain.differences import difference
from desktop.domain.figures.line import LineNow
from desktop.domain.intervals import Category
from desktop.store.database import KnownError, OlderError
from desktop.text import N_, _, plural
from desktop.tokens import Look, Tokens
from desktop.views.awake import Awake
from desktop.views.background import Answer, Reader, Source
from desktop.views.screen import STALE_MS, stale_since
from desktop.views.widgets.andon_tile import LEAST_PX, AndonTile
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, tell
from desktop.views.widgets.tile import TileFace, draw_delta, face
from desktop.wording.moments import clock, shift_now
from desktop.wording.numbers import lasted, minutes, painted_ratio, percent, pieces, signed
from desktop.wording.states import state_word

if TYPE_CHECKING:
    from desktop.views.widgets.scan_note import ScanNote

WIDE_PX, HIGH_PX = 1920.0, 1080.0  # the display that everything is drawn for; another one is scaled
HEAD_PX, FOOT_PX, SIDE_PX, GAP_PX = 196.0, 96.0, 36.0, 16.0
GAUGE_PX = 212.0
SIGN_PX = 46.0  # a shape before its words
LEAST_CAUSE_MS = 60_000
MOST_TILES = 8  # of one page
PAGE_S = 12.0
CALM_PAGE_S = 6.0  # of a page on which nobody is needed, while somebody is on another
CONTROLS_S = 5.0
DISPLAY = "andon/display"  # the name of the chosen display among the choices of this PC
TOLD_OF_SLEEP = "andon/told_of_sleep"  # that this computer's display cannot be kept on was said once
_COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3}


class HeadFace(Struct, frozen=True):
    """The line in one glance. `coverage` and what is stale stand in the foot."""

    line: str
    product: str
    shift: str
    good: str
    plan: str
    delta: int | None
    oee: float | None
    oee_target: float | None
    clock: str
    left: str
    stale: bool
    demo: str


class FootFace(Struct, frozen=True):
    """`needs`: (look, words) of machines that are not on this page. `downtime`: (cause, length), longest first, of the
    shift; `unlabelled`: how much of it nobody has explained. `silent`: since when nothing is current.
    """

    needs: tuple[tuple[Look, str], ...]
    downtime: tuple[tuple[str, str], ...]
    unlabelled: str
    page: str
    data: str
    silent: str


def head_face(line: LineNow, *, stale: bool) -> HeadFace:
    """What stands above the tiles."""
    left = ""
    if line.shift is not None:
        rest_ms = line.shift.span.end_ms - line.now_ms
        left = _("{minutes} left").format(minutes=minutes(rest_ms)) if rest_ms > 0 else _("over")
    unscheduled = bool(line.machines) and line.machines[-1].category is Category.UNSCHEDULED
    return HeadFace(
        line.head.line,
        line.head.product,
        shift_now(line.head, line.shift),
        pieces(line.good),
        "" if line.target is None else f"/ {pieces(line.target)}",
        difference(line.good, line.target, comparable=line.comparable),
        None if line.line is None or unscheduled else painted_ratio(line.line.oee),
        line.oee_target,
        clock(line.now_ms, line.head.timezone),
        left,
        stale,
        _("Demo") if line.head.demo else "",
    )


def foot_face(
    line: LineNow, elsewhere: Sequence[TileFace], page: int, pages: int, stale_since_ms: int | None
) -> FootFace:
    """What stands below the tiles: machines in need of other pages, then what the shift stood still for."""
    needs = tuple((tile.shown, f"{tile.name} {tile.code} {tile.word} {tile.minutes}") for tile in elsewhere)
    causes = [row for row in line.downtime if row.labelled and row.length_ms >= LEAST_CAUSE_MS]
    downtime = tuple((row.word or state_word(row.category, row.state), lasted(row.length_ms)) for row in causes)
    unlabelled = ""
    if asking := [stop for stop in line.open_stops if stop.asks]:
        length = lasted(sum(stop.length_ms for stop in asking))
        unlabelled = plural(
            N_("Not labelled: {count} stop, {minutes}"), N_("Not labelled: {count} stops, {minutes}"), len(asking)
        ).format(count=len(asking), minutes=length)
    silent = ""
    if stale_since_ms is not None and line.collector.silent_ms is None:
        silent = _("No data yet")
    elif stale_since_ms is not None:
        silent = " · ".join(
            (
                _("No data for {minutes}").format(minutes=minutes(line.now_ms - stale_since_ms)),
                _("as of {clock}").format(clock=clock(stale_since_ms, line.head.timezone)),
            )
        )
    coverage = line.line.coverage if line.line else None
    return FootFace(
        needs,
        downtime,
        unlabelled,
        _("Page {page} of {pages}").format(page=page + 1, pages=pages) if pages > 1 else "",
        "" if coverage is None else _("Data {percent}").format(percent=percent(coverage)),
        silent,
    )


class AndonHead(Painted):
    """Line, pieces against plan, OEE, clock."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """From both sides; the pieces take the middle."""
        scale = rect.height() / HEAD_PX
        painter.scale(scale, scale)
        rect = QRectF(0, 0, rect.width() / scale, HEAD_PX)
        paint.box(painter, rect, tokens.panel)
        paint.line(painter, 0, HEAD_PX - 1, rect.right(), HEAD_PX - 1, tokens.line, 2)
        shown = self._face
        if not isinstance(shown, HeadFace):
            return
        names = QRectF(SIDE_PX, 22, 400, 60)
        paint.text(painter, names, shown.line, 48, tokens.ink, bold=True, least_px=LEAST_PX)
        paint.text(painter, QRectF(SIDE_PX, 84, 400, 44), shown.product, LEAST_PX, tokens.ink2)
        room = QRectF(SIDE_PX, 128, 400, 44)
        if shown.demo:  # nobody in the hall may take simulated figures for their own
            wide = paint.width(shown.demo, LEAST_PX, True) + 28
            used = min(paint.width(shown.shift, LEAST_PX), room.width() - wide - 18)
            plate = QRectF(room.left() + used + 18, room.top() + 1, wide, room.height() - 2)
            paint.box(painter, plate, tokens.accent_soft, tokens.accent, radius=6, pen=3)
            paint.text(painter, plate, shown.demo, LEAST_PX, tokens.ink, bold=True, align=paint.CENTER)
            room.setWidth(used + 1)
        paint.text(painter, room, shown.shift, LEAST_PX, tokens.ink2)
        wide = max(paint.width(shown.clock, 96, True), paint.width(shown.left, LEAST_PX)) + 2
        right = rect.right() - SIDE_PX
        place = QRectF(right - wide, 22, wide, 106)
        paint.text(painter, place, shown.clock, 96, tokens.ink, bold=True, align=paint.RIGHT)
        place = QRectF(right - wide, 128, wide, 44)
        paint.text(painter, place, shown.left, LEAST_PX, tokens.ink2, align=paint.RIGHT)
        dial = QRectF(right - wide - 40 - GAUGE_PX, 12, GAUGE_PX, GAUGE_PX * 0.8)
        paint.gauge(painter, dial, shown.oee, shown.oee_target, "", tokens, stale=shown.stale)
        place = QRectF(dial.left(), 146, GAUGE_PX, 40)  # between the ends of the arc
        paint.text(painter, place, _("OEE %"), LEAST_PX, tokens.ink2, align=paint.CENTER)
        room = QRectF(names.right() + 20, 0, dial.left() - names.right() - 40, HEAD_PX)
        self._draw_count(painter, room, shown, tokens)

    def _draw_count(self, painter: QPainter, room: QRectF, shown: HeadFace, tokens: Tokens) -> None:
        count_px, plan_px, delta_px = 150.0, 60.0, 92.0
        caption = _("Good")
        caption_px = paint.width(caption, LEAST_PX) + 20

        def wide() -> float:
            delta = 0.0 if shown.delta is None else paint.width(signed(shown.delta), delta_px, True) + delta_px * 0.7
            plan = paint.width(shown.plan, plan_px) + 24 if shown.plan else 0
            return caption_px + paint.width(shown.good, count_px, True) + plan + delta + 50

        while wide() > room.width() and count_px > 60:
            if delta_px > 64:  # the count is the last to give way
                plan_px, delta_px = max(plan_px - 1, 44), delta_px - 2
            else:
                count_px, plan_px, delta_px = count_px - 5, max(plan_px - 1, 36), max(delta_px - 2, 44)
        ink = tokens.ink2 if shown.stale else tokens.ink
        base = 98 + count_px * 0.34

        def row(size_px: float, left: float, width: float) -> QRectF:
            return QRectF(left, base - size_px * 0.34 - size_px * 0.7, width, size_px * 1.4)

        paint.text(painter, row(LEAST_PX, room.left(), caption_px), caption, LEAST_PX, tokens.ink2)
        x = room.left() + caption_px
        used = paint.width(shown.good, count_px, True)
        x += paint.text(painter, row(count_px, x, used + 1), shown.good, count_px, ink, bold=True) + 24
        if shown.plan:
            used = paint.width(shown.plan, plan_px)
            x += paint.text(painter, row(plan_px, x, used + 1), shown.plan, plan_px, tokens.ink2) + 40
        if shown.delta is not None:
            draw_delta(painter, row(delta_px, x, room.right() - x), shown.delta, delta_px, ink)


class AndonFoot(Painted):
    """What needs somebody and is not in sight, the page, and how much of the time was observed."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Silence takes the whole foot: then nothing else is true."""
        scale = rect.height() / FOOT_PX
        painter.scale(scale, scale)
        rect = QRectF(0, 0, rect.width() / scale, FOOT_PX)
        shown = self._face
        if not isinstance(shown, FootFace):
            return
        right = rect.right() - SIDE_PX
        if shown.silent:
            paint.hatch(painter, rect.adjusted(0, 14, 0, 0), tokens, 5, 13)
            wide = min(paint.width(shown.silent, 48, True) + 100, rect.width() - 2 * SIDE_PX)
            plate = QRectF(rect.center().x() - wide / 2, 23, wide, FOOT_PX - 32)
            paint.box(painter, plate, tokens.panel, tokens.ink, radius=8, pen=3)
            sign = QRectF(plate.left() + 20, plate.center().y() - 22, 44, 44)
            paint.state_shape(painter, sign, Look.NO_DATA, tokens.ink)
            place = plate.adjusted(78, 0, -12, 0)
            paint.text(painter, place, shown.silent, 48, tokens.ink, bold=True, least_px=LEAST_PX)
            return
        for words, bold in ((shown.data, False), (shown.page, True)):
            if words:
                wide = paint.width(words, LEAST_PX, bold) + 2
                place = QRectF(right - wide, 0, wide, FOOT_PX)
                paint.text(painter, place, words, LEAST_PX, tokens.ink if bold else tokens.ink2, bold=bold)
                right -= wide + 48
        x = self._draw_needs(painter, SIDE_PX, right, shown, tokens)
        self._draw_downtime(painter, x, right, shown, tokens)

    def _draw_needs(self, painter: QPainter, x: float, right: float, shown: FootFace, tokens: Tokens) -> float:
        for look, words in shown.needs:
            wide = SIGN_PX + paint.width(words, LEAST_PX, True) + 2
            if x + wide > right:
                break
            self._draw_sign(painter, x, look, words, tokens)
            x += wide + 44
        return x

    def _draw_downtime(self, painter: QPainter, x: float, right: float, shown: FootFace, tokens: Tokens) -> None:
        """Causes as far as there is room; what nobody has explained always has its place."""
        unlabelled_px = SIGN_PX + paint.width(shown.unlabelled, LEAST_PX, True) + 2 if shown.unlabelled else 0.0
        if unlabelled_px and x + unlabelled_px > right:
            return
        end = right - unlabelled_px
        caption = paint.width(_("Shift downtime"), LEAST_PX) + 20
        for index, (cause, length) in enumerate(shown.downtime):
            cause_px = paint.width(cause, LEAST_PX, True) + 12
            wide = cause_px + paint.width(length, LEAST_PX) + 36
            if x + wide + (0 if index else caption) > end:
                break
            if not index:
                paint.text(painter, QRectF(x, 0, caption, FOOT_PX), _("Shift downtime"), LEAST_PX, tokens.ink2)
                x += caption
            paint.text(painter, QRectF(x, 0, cause_px, FOOT_PX), cause, LEAST_PX, tokens.ink, bold=True)
            paint.text(painter, QRectF(x + cause_px, 0, wide, FOOT_PX), length, LEAST_PX, tokens.ink)
            x += wide
        if shown.unlabelled:
            self._draw_sign(painter, x, Look.STOP, shown.unlabelled, tokens)

    def _draw_sign(self, painter: QPainter, x: float, look: Look, words: str, tokens: Tokens) -> None:
        inks = {Look.STOP: tokens.stop, Look.REASON: tokens.reason, Look.SETUP: tokens.reason}
        paint.state_shape(painter, QRectF(x, FOOT_PX / 2 - 17, 34, 34), look, inks.get(look, tokens.ink))
        place = QRectF(x + SIGN_PX, 0, paint.width(words, LEAST_PX, True) + 2, FOOT_PX)
        paint.text(painter, place, words, LEAST_PX, tokens.ink, bold=True)


def chosen_display(names: Sequence[str], remembered: str, of_window: str) -> str:
    """The display for the andon: the one it was on last, else one where the window is not, else the only one."""
    if remembered in names:
        return remembered
    return next((name for name in names if name != of_window), of_window)


class Andon(QWidget):
    """The screen itself, without a frame and with a reading thread of its own: the window goes on beside it."""

    closed = Signal()
    may_go_dark = Signal()  # nothing keeps this display on; said once on each computer

    def __init__(self, open_source: Callable[[], Source], settings: QSettings, awake: Awake | None = None) -> None:
        """`awake` keeps the display on while the andon is shown."""
        super().__init__()
        self._awake = awake
        self.setObjectName("andon")
        self.setWindowTitle(_("Andon"))
        tell(self, _("Andon"), _("F11 or Esc closes, Left and Right turn the page, D takes the next display"))
        self._settings = settings
        self._line: LineNow | None = None
        self._told = False  # why there is no answer yet
        self._answered_at = time.monotonic()
        self._page = 0
        self._needy: frozenset[int] = frozenset()
        self.head = AndonHead("andon-head", self)
        self.tiles: list[AndonTile] = []
        self._scan_note: ScanNote | None = None  # of the whole andon
        self.foot = AndonFoot("andon-foot", self)
        for widget in (self.head, self.foot):
            widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.display_button = Button("andon-display", "", self, icon="screen", height=72)
        self.close_button = Button("andon-close", _("Close"), self, icon="cross", height=72)
        self.display_button.clicked.connect(self.next_display)
        self.close_button.clicked.connect(self.close)
        self.setMouseTracking(True)
        for sequence, act in (
            ("F11", self.close),
            ("Esc", self.close),
            ("D", self.next_display),
            ("Left", self.page_back),
            ("Right", self.turn),
            ("Tab", self._next_control),
        ):
            QShortcut(QKeySequence(sequence), self).activated.connect(act)
        self._live = summaries.Live()
        self.reader = Reader(open_source, self)
        self.reader.answered.connect(self._on_answer)
        self.reader.troubled.connect(self._on_trouble)
        self._turner, self._watcher, self._hider = QTimer(self), QTimer(self), QTimer(self)
        for timer, act in ((self._turner, self.turn), (self._watcher, self._watch), (self._hider, self._hide_controls)):
            timer.timeout.connect(act)
        self._hider.setSingleShot(True)
        self._hide_controls()

    # -- beginning, displays, end --

    def begin(self, of_window: str) -> None:
        """Fill a display and start reading. `of_window` names the display on which the window stands."""
        names = [screen.name() for screen in QGuiApplication.screens()]
        self._fill(chosen_display(names, str(self._settings.value(DISPLAY, "")), of_window))
        self.reader.ask(self._live.line_now)
        self.reader.start()
        self._watcher.start(500)
        if self._awake is not None and not self._awake.hold() and self._settings.value(TOLD_OF_SLEEP) is None:
            self._settings.setValue(TOLD_OF_SLEEP, 1)
            self.may_go_dark.emit()

    def next_display(self) -> None:
        """Go to the next display and remember it."""
        names = [screen.name() for screen in QGuiApplication.screens()]
        here = self.screen().name()
        name = names[(names.index(here) + 1) % len(names)] if here in names else names[0]
        self._settings.setValue(DISPLAY, name)
        self._fill(name)
        self._show_controls()

    def _fill(self, name: str) -> None:
        screen = next((s for s in QGuiApplication.screens() if s.name() == name), QGuiApplication.primaryScreen())
        if self.isVisible() and screen is not self.screen():
            self.showNormal()  # a full screen does not move
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the reading thread; the display may go off again."""
        for timer in (self._turner, self._watcher, self._hider):
            timer.stop()
        self.reader.end()
        if self._awake is not None:
            self._awake.release()
        super().closeEvent(event)
        self.closed.emit()

    # -- answers --

    def _on_answer(self, answer: Answer) -> None:
        self._answered_at = time.monotonic()
        if isinstance(answer.value, LineNow):
            self.present(answer.value, stale_since(answer.value))

    def show_scan(self, machine: int | None, words: str, *, well: bool, refused: bool = False) -> None:
        """Tell what a scan came to: on the tile of its machine, where that is not in sight below the head."""
        from desktop.views.widgets.scan_note import ScanNote, over

        scale = self.width() / WIDE_PX
        for tile in self.tiles:
            if tile.shown is not None and tile.shown.machine == machine and not tile.isHidden():
                over(tile, f"{tile.objectName()}-scan", 42 * scale).show_answer(words, well=well, refused=refused)
                return
        if self._scan_note is None:
            self._scan_note = ScanNote("andon-scan", self, 52 * scale, high=True, top_px=self.head.height())
        self._scan_note.show_answer(words, well=well, refused=refused)

    def _watch(self) -> None:
        """An answer that does not come is as stale as one that is old."""
        quiet_ms = round((time.monotonic() - self._answered_at) * 1000)
        if quiet_ms <= STALE_MS:
            return
        if self._line is not None:
            self.present(self._line, self._line.now_ms, quiet_ms)
        elif not self._told:
            self._tell(_("The data file does not answer."))

    def _on_trouble(self, error: KnownError) -> None:
        """Before the first answer the reason stands in the foot; afterwards what is shown gets old."""
        if self._line is None:
            self._told = True
            older = _("The data are being brought up to date for this version of Gadong")
            self._tell(older if isinstance(error, OlderError) else str(error))

    def _tell(self, sentence: str) -> None:
        self.foot.set_face(FootFace((), (), "", "", "", sentence))
        tell(self.foot, _("Not known"), sentence)

    def present(self, line: LineNow, stale_since_ms: int | None, quiet_ms: int = 0) -> None:
        """Show the line. `stale_since_ms`: since then nothing shown is current, for `quiet_ms` more than the answer."""
        self._line = line
        stale = stale_since_ms is not None
        self.head.set_face(head_face(line, stale=stale))
        now_ms = line.now_ms + quiet_ms
        pauses = line.shift.pauses if line.shift else ()
        faces = [
            face(
                machine,
                now_ms,
                line.head.timezone,
                stale_since_ms=stale_since_ms,
                pauses=pauses,
                oee_target=line.oee_target,
            )
            for machine in line.machines
        ]
        needy = frozenset(shown.machine for shown in faces if shown.rank is not None)
        pages = _pages(faces)
        urgent = [shown for shown in faces if shown.machine in needy - self._needy and shown.shown is Look.STOP]
        if urgent:  # a machine that has just stopped is not waited for
            first = min(urgent, key=lambda shown: shown.rank or 0)
            self._page = next(index for index, page in enumerate(pages) if first in page)
            self._turner.stop()
        self._needy = needy
        self._page = min(self._page, len(pages) - 1)
        self._show_page(pages[self._page])
        elsewhere = sorted(
            (shown for shown in faces if shown.machine in needy and shown not in pages[self._page]),
            key=lambda shown: shown.rank or 0,
        )
        shown_foot = foot_face(line, elsewhere, self._page, len(pages), stale_since_ms)
        if quiet_ms:
            silent = _("No data for {minutes}").format(minutes=minutes(quiet_ms))
            shown_foot = FootFace((), (), "", shown_foot.page, "", silent)
        self.foot.set_face(shown_foot)
        tell(self.head, line.head.line, _describe(head_face(line, stale=stale)))
        tell(
            self.foot,
            _("What else needs attention"),
            _foot_words(shown_foot),
        )
        if len(pages) == 1:
            self._turner.stop()
        elif not self._turner.isActive():
            self._turner.start(round(self._page_s(pages) * 1000))

    def _page_s(self, pages: Sequence[Sequence[TileFace]]) -> float:
        here = any(shown.machine in self._needy for shown in pages[self._page])
        return CALM_PAGE_S if self._needy and not here else PAGE_S

    def turn(self, steps: int = 1) -> None:
        """Show the next page."""
        if self._line is None:
            return
        count = max(math.ceil(len(self._line.machines) / MOST_TILES), 1)
        self._page = (self._page + steps) % count
        self._turner.stop()
        quiet_ms = round((time.monotonic() - self._answered_at) * 1000)
        if quiet_ms > STALE_MS:
            self.present(self._line, self._line.now_ms, quiet_ms)
        else:
            self.present(self._line, stale_since(self._line))

    def page_back(self) -> None:
        """Show the page before."""
        self.turn(-1)

    def _show_page(self, page: Sequence[TileFace]) -> None:
        before = sum(1 for tile in self.tiles if not tile.isHidden())
        while len(self.tiles) < len(page):
            tile = AndonTile(f"andon-tile-{len(self.tiles) + 1}", self)
            tile.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self.tiles.append(tile)
        for index, tile in enumerate(self.tiles):
            tile.setVisible(index < len(page))
            if index < len(page):
                tile.show_machine(page[index])
        if before != len(page):
            self._arrange()

    # -- controls and places --

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Somebody is there: show what can be pressed."""
        self._show_controls()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A touch shows what can be pressed."""
        self._show_controls()

    def _show_controls(self) -> None:
        self.close_button.show()
        self.close_button.raise_()
        screens = QGuiApplication.screens()
        here = screens.index(self.screen()) + 1 if self.screen() in screens else 1
        words = _("Next display ({here} of {count})").format(here=here, count=len(screens))
        self.display_button.setText(words)
        tell(self.display_button, words, "D")
        self.display_button.setVisible(len(screens) > 1)
        self.display_button.raise_()
        self._arrange()
        self.unsetCursor()
        self._hider.start(round(CONTROLS_S * 1000))

    def _next_control(self) -> None:
        """Tab shows what can be pressed and goes from one to the other."""
        self._show_controls()
        both = self.display_button.isVisible() and self.close_button.hasFocus()
        (self.display_button if both else self.close_button).setFocus(Qt.FocusReason.TabFocusReason)

    def _hide_controls(self) -> None:
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.close_button.hide()
        self.display_button.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The display has another size."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        scale = min(self.width() / WIDE_PX, self.height() / HIGH_PX)
        head, foot, side, gap = (round(px * scale) for px in (HEAD_PX, FOOT_PX, SIDE_PX, GAP_PX))
        self.head.setGeometry(0, 0, self.width(), head)
        self.foot.setGeometry(0, self.height() - foot, self.width(), foot)
        shown = [tile for tile in self.tiles if not tile.isHidden()]
        columns = _COLUMNS.get(len(shown), 4)
        rows = max(math.ceil(len(shown) / columns), 1)
        top = head + round(20 * scale)
        wide = (self.width() - 2 * side - gap * (columns - 1)) // columns
        high = (self.height() - foot - top - gap * (rows - 1)) // rows
        for index, tile in enumerate(shown):
            row, column = divmod(index, columns)
            tile.setGeometry(side + column * (wide + gap), top + row * (high + gap), wide, high)
        x = self.width() - side
        for button in (self.close_button, self.display_button):
            if not button.isHidden():
                size = button.sizeHint()
                x -= size.width()
                button.setGeometry(x, self.height() - size.height() - 12, size.width(), size.height())
                x -= 16


def _describe(head: HeadFace) -> str:
    parts = (
        head.demo,
        head.shift,
        f"{_('Good')} {head.good} {head.plan}",
        _("OEE {percent}").format(percent=percent(head.oee)),
    )
    return ", ".join(part for part in parts if part)


def _foot_words(foot: FootFace) -> str:
    if foot.silent:
        return foot.silent
    causes = (f"{cause} {length}" for cause, length in foot.downtime)
    parts = (*(words for _look, words in foot.needs), *causes, foot.unlabelled, foot.page, foot.data)
    return ", ".join(part for part in parts if part)


def _pages(faces: Sequence[TileFace]) -> list[list[TileFace]]:
    """As many machines on each page as on the others, in line order."""
    count = max(math.ceil(len(faces) / MOST_TILES), 1)
    each = math.ceil(len(faces) / count)
    return [list(faces[index * each : (index + 1) * each]) for index in range(count)]
