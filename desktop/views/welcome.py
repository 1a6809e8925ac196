"""The first page: try the demo line, or set up one's own. Shown while there is no database to open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QProcess, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPainter, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QStackedWidget, QWidget

from desktop import paint, text
from desktop.text import _
from desktop.tokens import Look, Tokens
from desktop.views import theme
from desktop.views.background import Errand
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, Pressable, card, tell

FOOT_PX = 56
BAR_PX = 88
LEAST_SIZE = (1366, 768)


class Segment(Pressable):
    """One of the choices at the top right: a language, the manual."""

    def __init__(self, name: str, words: str, chosen: bool, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setText(words)
        self.setCheckable(True)
        self.setChecked(chosen)
        tell(self, words)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The chosen one is filled."""
        ground, ink = ("#FFFFFF", "#17212B") if self.isChecked() else (tokens.rail, "#FFFFFF")
        paint.box(painter, rect, ground, tokens.rail_ink, radius=6)
        paint.text(painter, rect, self.text(), 17, ink, bold=self.isChecked(), align=paint.CENTER)


class DemoCard(Painted):
    """What the demo line is."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A small picture of the Overview, title, and what to expect."""
        card(painter, rect, tokens)
        inner = rect.adjusted(40, 36, -40, -40)
        paint.gauge(painter, QRectF(inner.left(), inner.top() + 2, 150, 120), 0.767, 0.8, _("OEE %"), tokens)
        left = inner.left() + 184
        pitch = (inner.right() - left) / 8
        for index in range(8):
            ground = tokens.stop if index == 2 else tokens.reason if index == 4 else tokens.run_tint
            paint.box(painter, QRectF(left + index * pitch, inner.top() + 12, pitch - 5, 52), ground, radius=2)
        band = QRectF(left, inner.top() + 80, 8 * pitch - 5, 30)
        for start, end, look in (
            (0.0, 1.0, Look.RUN), (0.225, 0.26, Look.REASON), (0.55, 0.62, Look.PLANNED), (0.825, 0.86, Look.STOP),
        ):  # fmt: skip
            slot = QRectF(band.left() + band.width() * start, band.top(), band.width() * (end - start), band.height())
            paint.span_block(painter, slot, look, tokens)
        draw_offer(
            painter, inner.adjusted(0, 146, 0, 0), tokens, _("See the demo line"),
            _("A simulated line of 8 machines, read over real protocols"),
            (
                _("Works at once, without any device"),
                _("Machines run, stop and make rejects as on a real line"),
                _("Your own line stays untouched by it"),
            ),
        )  # fmt: skip


class OwnCard(Painted):
    """What setting up one's own line takes."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Kinds of devices, title, and what to expect."""
        card(painter, rect, tokens)
        paint.box(painter, rect, None, tokens.accent, radius=8, pen=3)
        inner = rect.adjusted(40, 36, -40, -40)
        kinds = (
            ("scan", _("Scanner")), ("box", _("Scale")), ("tool", _("Gauge")), ("machine", "PLC"), ("plug", "OPC UA"),
        )  # fmt: skip
        pitch = (inner.width() + 16) / len(kinds)
        for index, (icon, name) in enumerate(kinds):
            plate = QRectF(inner.left() + index * pitch, inner.top() + 2, pitch - 16, 84)
            paint.box(painter, plate, tokens.panel2, tokens.line_strong, radius=8)
            sign = QRectF(plate.center().x() - 21, plate.center().y() - 21, 42, 42)
            theme.icon(painter, sign, icon, tokens.value)
            label = QRectF(plate.left() - 8, plate.bottom() + 6, plate.width() + 16, 24)
            paint.text(painter, label, name, 16, tokens.ink2, align=paint.CENTER, least_px=14)
        draw_offer(
            painter, inner.adjusted(0, 146, 0, 0), tokens, _("Set up my line"),
            _("Shifts, machines and devices in one file"),
            (
                _("Describe shifts, machines and devices in a text file"),
                _("Every mistake in it is named before anything is saved"),
                _("Nothing is ever written to a machine"),
            ),
        )  # fmt: skip


def draw_offer(
    painter: QPainter, area: QRectF, tokens: Tokens, title: str, subtitle: str, points: tuple[str, ...]
) -> None:
    """Title, subtitle and ticked points of a card."""
    paint.text(
        painter, QRectF(area.left(), area.top(), area.width(), 42), title, 32, tokens.ink, bold=True, least_px=24
    )
    place = QRectF(area.left(), area.top() + 44, area.width(), 30)
    paint.text(painter, place, subtitle, 19, tokens.ink2, least_px=15)
    pitch = min(40.0, (area.height() - 84 - 84) / len(points))
    for index, words in enumerate(points):
        y = area.top() + 88 + index * pitch
        theme.icon(painter, QRectF(area.left(), y + 3, 24, 24), "check", tokens.ink2)
        paint.text(painter, QRectF(area.left() + 38, y, area.width() - 38, 30), words, 19, tokens.ink, least_px=15)


class Choice(QWidget):
    """The two offers side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("choice")
        self.title = _Heading("welcome-title", self)
        self.demo_card = DemoCard("demo-card", self)
        self.own_card = OwnCard("own-card", self)
        tell(self.demo_card, _("See the demo line"), _("A simulated line of 8 machines, read over real protocols"))
        tell(self.own_card, _("Set up my line"), _("Shifts, machines and devices in one file"))
        self.title.say(
            _("What would you like to begin with?"), _("Works on this PC alone, without internet or account.")
        )
        self.demo = Button("start-demo", _("Start the demo"), self, height=72)
        self.own = Button("start-own", _("Begin"), self, main=True, height=72)
        self.restore = Button("restore-backup", _("Restore from a backup"), self, icon="folder", height=FOOT_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cards in the middle, as large as fits."""
        super().resizeEvent(event)
        low = self.height() < 800
        self.title.setGeometry(0, 8 if low else 48, self.width(), 104)
        wide = min(640, (self.width() - 3 * 32) // 2)
        top = self.title.geometry().bottom() + (8 if low else 44)
        foot = 16 if low else 32  # above and below the one button at the foot
        high = min(600, self.height() - top - FOOT_PX - 2 * foot)
        left = (self.width() - 2 * wide - 32) // 2
        for index, (offer, button) in enumerate(((self.demo_card, self.demo), (self.own_card, self.own))):
            place = QRect(left + index * (wide + 32), top, wide, high)
            offer.setGeometry(place)
            button.setGeometry(place.left() + 40, place.bottom() - 36 - 72, wide - 80, 72)
        narrow = self.restore.sizeHint().width()
        self.restore.setGeometry((self.width() - narrow) // 2, top + high + foot, narrow, FOOT_PX)


class _Heading(Painted):
    """A large line and a smaller one below, in the middle."""

    def say(self, title: str, subtitle: str) -> None:
        """Show these words."""
        self.set_face((title, subtitle))
        tell(self, title, subtitle)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Both lines."""
        if not isinstance(self._face, tuple):
            return
        title, subtitle = self._face
        upper = QRectF(rect.left() + 20, rect.top(), rect.width() - 40, 60)
        paint.text(painter, upper, title, 46, tokens.ink, bold=True, align=paint.CENTER, least_px=28)
        lower = QRectF(rect.left() + 20, rect.top() + 66, rect.width() - 40, 34)
        paint.text(painter, lower, subtitle, 21, tokens.ink2, align=paint.CENTER, least_px=16)


class Setup(QWidget):
    """What to do now to get one's own line: write one file, choose it here, read what is wrong with it."""

    def __init__(self, example: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("setup")
        self.title = _Heading("setup-title", self)
        self.title.say(_("Set up my line"), _("Three steps; nothing is saved before the whole file is in order."))
        self.steps = _Steps("setup-steps", self)
        self.steps.say(example)
        self.choose = Button(
            "choose-file", _("Choose the configuration file"), self, main=True, icon="folder", height=72
        )
        self.back = Button("setup-back", _("Back"), self, icon="arrow-left", height=72)
        self.result = QPlainTextEdit(self)
        self.result.setObjectName("setup-result")
        self.result.setReadOnly(True)
        self.result.setFont(paint.font(17))
        self.result.document().setDocumentMargin(14)
        self.result.hide()
        tell(self.result, _("What is wrong with the file"))

    def show_result(self, head: str, lines: list[str]) -> None:
        """Show how reading the file went, every line of it."""
        self.result.setPlainText("\n".join((head, "", *lines)).strip())
        self.result.show()
        tell(self.result, _("What is wrong with the file"), head)
        self.resizeEvent(None)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """One column in the middle."""
        wide = min(1180, self.width() - 64)
        left = (self.width() - wide) // 2
        low = self.height() < 800
        self.title.setGeometry(0, 12 if low else 40, self.width(), 104)
        y = self.title.geometry().bottom() + (8 if low else 28)
        steps_px = 232 if low else 264
        self.steps.setGeometry(left, y, wide, steps_px)
        y += steps_px + 16
        self.back.setGeometry(left, y, 180, 72)
        self.choose.setGeometry(left + 196, y, wide - 196, 72)
        y += 88
        self.result.setGeometry(left, y, wide, max(self.height() - y - 20, 60))


class _Steps(Painted):
    """The three steps as a numbered list."""

    def say(self, example: Path) -> None:
        """Show the steps; `example` is a complete configuration to copy from."""
        first = _("Shifts, machines, devices and what their signals mean. A complete example: {path}")
        second = _("It is checked as a whole; every mistake is named with its place, its value and what is allowed.")
        third = _("The collector connects to the devices by itself. Change the file and import it again at any time.")
        steps = (
            (_("Write down the line in a text file (TOML)"), first.format(path=example)),
            (_("Choose that file here"), second),
            (_("The line opens"), third),
        )
        self.set_face(steps)
        tell(self, _("Three steps"), " ".join(f"{n}. {head}. {body}" for n, (head, body) in enumerate(steps, 1)))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Number, head and explanation of each step."""
        card(painter, rect, tokens)
        steps = self._face
        if not isinstance(steps, tuple):
            return
        pitch = (rect.height() - 28) / len(steps)
        for index, (head, body) in enumerate(steps):
            y = rect.top() + 14 + index * pitch
            ring = QRectF(rect.left() + 28, y + 8, 40, 40)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(paint.outline(tokens.ink, 2))
            painter.drawEllipse(ring)
            paint.text(painter, ring, str(index + 1), 20, tokens.ink, bold=True, align=paint.CENTER)
            room = QRectF(rect.left() + 92, y + 2, rect.width() - 120, 30)
            paint.text(painter, room, head, 20, tokens.ink, bold=True, least_px=16)
            below = QRectF(room.left(), y + 32, room.width(), 48)
            paint.paragraph(painter, below, body, 16, tokens.ink2, most=2)


class Welcome(QWidget):
    """The window before there is a line.

    `start_demo` opens the demo line (called on another thread). `command` gives the command line of a child process
    for the words of one of our commands. `ready` tells that a line can be opened.
    """

    language_wanted = Signal(str)
    demo_opened = Signal()
    ready = Signal()

    def __init__(
        self,
        start_demo: Callable[[], object],
        command: Callable[..., list[str]],
        example: Path,
        trouble: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName("welcome")
        tell(self, _("Gadong"))
        self.setWindowTitle(_("Gadong"))
        self.setMinimumSize(*LEAST_SIZE)
        self._start_demo = start_demo
        self._command = command
        self._errand: Errand | None = None
        self._child: QProcess | None = None
        self._refused: Callable[[list[str]], None] = self._not_imported
        self.bar = _Bar("welcome-bar", self)
        self.bar.say(trouble)
        self.languages = [
            Segment("language-ko", "한국어", text.language() == "ko", self),
            Segment("language-en", "English", text.language() == "en", self),
        ]
        for segment, name in zip(self.languages, ("ko", "en"), strict=True):
            segment.setProperty("language", name)
            segment.clicked.connect(self._language_pressed)
        self.help = Segment("welcome-help", _("Help"), False, self)
        tell(self.help, _("Help"), "F1")
        self.help.clicked.connect(self._show_help)
        self.manual: QWidget | None = None
        self._before_help: QWidget | None = None
        for key, act in (("F1", self._show_help), ("Esc", self._step_back)):
            QShortcut(QKeySequence(key), self).activated.connect(act)
        self.choice = Choice(self)
        self.setup = Setup(example, self)
        self.stack = QStackedWidget(self)
        self.stack.setObjectName("welcome-pages")
        self.stack.addWidget(self.choice)
        self.stack.addWidget(self.setup)
        self.choice.demo.clicked.connect(self.begin_demo)
        self.choice.own.clicked.connect(self._show_setup)
        self.choice.restore.clicked.connect(self._choose_backup)
        self.setup.back.clicked.connect(self._show_choice)
        self.setup.choose.clicked.connect(self._choose_file)
        self.resize(QSize(1600, 900).boundedTo(self.screen().availableSize()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Bar at the top, the page below."""
        super().resizeEvent(event)
        self.bar.setGeometry(0, 0, self.width(), BAR_PX)
        for index, segment in enumerate((self.help, *self.languages)):
            segment.setGeometry(self.width() - 40 - (3 - index) * 118 + 12, 16, 106, 56)
        self.stack.setGeometry(0, BAR_PX, self.width(), self.height() - BAR_PX)

    def _language_pressed(self) -> None:
        self.language_wanted.emit(str(self.sender().property("language")))

    def _show_help(self) -> None:
        """The manual from its first page over what is in sight; a second press goes back."""
        if self._before_help is not None:
            self._step_back()
            return
        if self.manual is None:
            from desktop.views.widgets.manual import Manual

            self.manual = Manual(self.stack)
            self.manual.open("start", ())
            self.stack.addWidget(self.manual)
        self._before_help = self.stack.currentWidget()
        self.stack.setCurrentWidget(self.manual)
        self.help.setChecked(True)

    def _step_back(self) -> None:
        """From the manual to what was in sight before, from the own line to the choice."""
        before, self._before_help = self._before_help, None
        self.stack.setCurrentWidget(before or self.choice)
        self.help.setChecked(False)

    def _show_setup(self) -> None:
        self.stack.setCurrentWidget(self.setup)

    def _show_choice(self) -> None:
        self.stack.setCurrentWidget(self.choice)

    def begin_demo(self) -> None:
        """Open the demo line; it brings its own window."""
        if self._errand is not None:
            return
        self.choice.demo.setEnabled(False)
        self.bar.say(_("The demo line is starting. Its window opens in a few seconds."))
        self._errand = Errand(self._start_demo)
        self._errand.done.connect(self._demo_started)
        self._errand.failed.connect(self._demo_failed)
        self._errand.start()

    def _demo_started(self, _result: object) -> None:
        self._errand = None
        self.demo_opened.emit()

    def _demo_failed(self, sentence: str) -> None:
        self._errand = None
        self.choice.demo.setEnabled(True)
        self.bar.say(sentence)

    def _choose_file(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, _("Choose the configuration file"), "", "TOML (*.toml)")
        if name:
            self.import_file(Path(name))

    def import_file(self, file: Path) -> None:
        """Import a configuration in a child process and show everything that it says."""
        if self._begin("config", "import", str(file), refused=self._not_imported):
            self.setup.show_result(_("Reading {file} ...").format(file=file), [])

    def _not_imported(self, lines: list[str]) -> None:
        self.setup.show_result(_("The file was not imported; nothing was changed."), lines)

    def _choose_backup(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, _("Restore from a backup"), "", "Gadong (*.db)")
        if name:
            self.restore_file(Path(name))

    def restore_file(self, file: Path) -> None:
        """Restore a backup in a child process, which checks it first, and open its line."""
        if self._begin("restore", str(file), refused=self._not_restored):
            self.bar.say(_("Checking and restoring {file} ...").format(file=file.name))

    def _not_restored(self, lines: list[str]) -> None:
        self.bar.say(" ".join((_("Nothing was restored."), *lines[-1:])))

    def _begin(self, *words: str, refused: Callable[[list[str]], None]) -> bool:
        """Start one of our commands as a child process unless one runs; `refused` gets its lines where it fails."""
        if self._child is not None:
            return False
        program, *rest = self._command(*words)
        self._refused = refused
        self._child = QProcess(self)
        self._child.finished.connect(self._ended)
        self._child.errorOccurred.connect(self._broken)
        self._let_begin(False)
        self._child.start(program, rest)
        return True

    def _let_begin(self, free: bool) -> None:
        self.setup.choose.setEnabled(free)
        self.choice.restore.setEnabled(free)

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._ended(1, QProcess.ExitStatus.CrashExit)

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        process, self._child = self._child, None
        if process is None:
            return
        said = bytes(process.readAllStandardError().data()) + bytes(process.readAllStandardOutput().data())
        process.deleteLater()
        self._let_begin(True)
        if code == 0 and status is QProcess.ExitStatus.NormalExit:
            self.ready.emit()
        else:
            self._refused(said.decode("utf-8", "replace").strip().splitlines())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave no child behind."""
        if self._child is not None:
            process, self._child = self._child, None
            process.kill()
            process.waitForFinished(2000)
        super().closeEvent(event)


class _Bar(Painted):
    """Mark and name at the top, and a sentence if there is something to say."""

    def say(self, sentence: str) -> None:
        """Show a sentence, "" for none."""
        self.set_face(sentence)
        tell(self, _("Gadong"), sentence)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The bar."""
        paint.box(painter, rect, tokens.rail)
        theme.icon(painter, QRectF(26, 22, 44, 44), "mark", "#FFFFFF")
        used = paint.text(painter, QRectF(96, 0, 200, rect.height()), _("Gadong"), 30, "#FFFFFF", bold=True)
        if isinstance(self._face, str) and self._face:
            room = QRectF(96 + used + 40, 0, rect.width() - 96 - used - 40 - 400, rect.height())
            lines = paint.broken(self._face, 17, room.width())
            top = rect.center().y() - min(len(lines), 2) * 12.5
            place = QRectF(room.left(), top, room.width(), 50)
            paint.paragraph(painter, place, self._face, 17, "#FFFFFF", most=2)
