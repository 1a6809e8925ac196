"""What Gadong is made of, and the licences of it."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import PySide6
from PySide6.QtCore import QRectF, Qt, Signal, qVersion
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop import VERSION, paint
from desktop.store import database
from desktop.text import N_, _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, card, card_head, tell
from desktop.views.widgets.setting_row import HEAD_PX
from desktop.wording.numbers import UNKNOWN

_ROOT = Path(__file__).resolve().parents[3]
LICENCES = (
    ("gadong", N_("Gadong (MIT)"), _ROOT / "LICENSE"),
    ("others", N_("Third-party parts"), _ROOT / "THIRD-PARTY-NOTICES"),
    ("typeface", N_("Typeface (OFL)"), _ROOT / "resources" / "fonts" / "OFL.txt"),
)
_FACT_PX = 36
_LEAST_TEXT_PX = 260
_FULL_LINE = 58  # letters of a line that goes on in the next one


def versions() -> tuple[tuple[str, str], ...]:
    """What Gadong is made of, each with its version."""
    return (
        ("Gadong", VERSION),
        ("Python", platform.python_version()),
        ("Qt", qVersion() or UNKNOWN),
        ("PySide6", PySide6.__version__),
        ("SQLite", database.SQLITE_VERSION),
        ("pyqtgraph", _installed("pyqtgraph")),
        ("opcua", _installed("opcua")),
    )


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return UNKNOWN


def _flowing(written: str) -> str:
    """A text written for a fixed width, for any: lines of a paragraph become one, columns of spaces become tabs."""
    lines: list[str] = []
    open_line = False
    for line in written.splitlines():
        cells = re.sub(r"(?<=\S) {2,}|^ {20,}", "\t", line)
        prose = "\t" not in cells and bool(line.strip())
        if open_line and prose:
            lines[-1] += " " + line.strip()
        else:
            lines.append(cells)
        open_line = prose and len(line) >= _FULL_LINE
    return "\n".join(lines)


class AboutCard(Painted):
    """Versions in two columns, and the licences to read; `folded`: their text comes with the press of one."""

    folding = Signal()  # its height is another one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("about", parent)
        self.set_face(versions())
        tell(self, _("About Gadong"), ", ".join(f"{name} {number}" for name, number in versions()))
        self.options = [Option(f"licence-{key}", key, self) for key, _words, _file in LICENCES]
        for option in self.options:
            option.clicked.connect(self._pressed)
        self.words = QPlainTextEdit(self)
        self.words.setObjectName("licence-text")
        self.words.setReadOnly(True)
        self.words.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.words.setFont(paint.font(15))
        self.words.setTabStopDistance(216)
        self.words.setTabChangesFocus(True)
        self.words.document().setDocumentMargin(12)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        ground = self.words.palette()
        ground.setColor(QPalette.ColorRole.Base, paint.color(theme.tokens().panel2))
        self.words.setPalette(ground)
        self._folded = False
        self._chosen = ""
        self._show_licence(LICENCES[0][0])

    def fold(self, folded: bool) -> None:
        """Whether the text of a licence is there only when it is asked for."""
        if folded != self._folded:
            self._folded = folded
            self._show_licence("" if folded else LICENCES[0][0])

    def _pressed(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self._show_licence("" if self._folded and option.value == self._chosen else option.value)
            self.folding.emit()

    def _show_licence(self, chosen: str) -> None:
        self._chosen = chosen
        self.words.setVisible(bool(chosen))
        for option, (key, words, file) in zip(self.options, LICENCES, strict=True):
            option.show_choice(Choice(key, _(words)), _("Licences"), key == chosen)
            if key == chosen:
                self.words.setPlainText(_flowing(file.read_text(encoding="utf-8")))
                tell(self.words, _(words), _("Text of the licence"))

    def place(self) -> None:
        """Versions at the top, the choice of a licence, its text in the rest."""
        y = HEAD_PX + _FACT_PX * -(-len(versions()) // 2) + 20
        wide = (self.width() - 40 - 12 * (len(self.options) - 1)) // len(self.options)
        for index, option in enumerate(self.options):
            option.setGeometry(20 + index * (wide + 12), y, wide, OPTION_PX)
        y += OPTION_PX + 12
        self.words.setGeometry(20, y, self.width() - 40, self.height() - 20 - y)

    def least_px(self) -> int:
        """The height that it needs."""
        text_px = 12 + _LEAST_TEXT_PX if self._chosen else 0
        return HEAD_PX + _FACT_PX * -(-len(versions()) // 2) + 20 + OPTION_PX + text_px + 20

    def whole_px(self, width: int, most: int) -> int:
        """The height with the whole text of the licence in it, for a width; `most` where that is more."""
        line_px = self.words.fontMetrics().lineSpacing()
        wanted = self.least_px() - _LEAST_TEXT_PX + 32.0
        for line in self.words.toPlainText().split("\n"):
            wanted += line_px * len(paint.broken(line, 15, width - 80))
            if wanted >= most:  # the others are long
                return most
        return max(round(wanted), self.least_px())

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Title and versions; a frame for the text."""
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("About Gadong"), _("Free software under the MIT licence"))
        column = (rect.width() - 40 - 32) / 2
        facts = versions()
        half = -(-len(facts) // 2)
        for index, (name, number) in enumerate(facts):
            x = 20 + index // half * (column + 32)
            row = QRectF(x, HEAD_PX + index % half * _FACT_PX, column, _FACT_PX)
            paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line)
            used = paint.text(painter, row, name, 16, tokens.ink2)
            rest = row.adjusted(used + 12, 0, 0, 0)
            paint.text(painter, rest, number, 16, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
        if not self._chosen:
            return
        frame = QRectF(self.words.geometry()).adjusted(-1, -1, 1, 1)
        paint.box(painter, frame, tokens.panel2, tokens.line, radius=4)
