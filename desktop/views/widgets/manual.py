"""The page "How Gadong counts" of the manual, in the language, the typeface and the colours of the window."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from desktop import paint, text
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import tell

_PAGES = Path(__file__).resolve().parents[3] / "resources" / "manual"
_COLUMN_PX = 1120  # longer lines are hard to read
_TEXT_PX = 17
_HEADINGS_PX = {1: 30, 2: 23, 3: 19}
_LINE_PERCENT = 140.0


class Manual(QTextBrowser):
    """The keys of the window, then the page; scrolled by the wheel and by the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("manual")
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tell(self, _("Help"), _("How Gadong counts"))

    def show_page(self, keys: Iterable[tuple[str, str]]) -> None:
        """Show the keys (key, what it does) and the page in the language in use, from its top."""
        page = (_PAGES / text.language() / "counting.md").read_text(encoding="utf-8")
        said = " · ".join(f"**{key}** {words}" for key, words in keys)
        document = self.document()
        document.setDefaultFont(paint.font(_TEXT_PX))
        document.setDocumentMargin(28)
        document.setMarkdown(f"{said}\n\n{page}", QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        _style(document, theme.tokens())
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another width: the column stays as wide as it can be read."""
        bar = self.verticalScrollBar().sizeHint().width()
        side = max((self.width() - bar - _COLUMN_PX) // 2, 0)
        self.setViewportMargins(side, 0, side, 0)
        super().resizeEvent(event)


def _style(document: QTextDocument, tokens: Tokens) -> None:
    """Sizes, spaces and colours: Markdown says what is what, not how it looks."""
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        # Code comes in a typeface of the system, which may have no Korean.
        code = bool(
            block.blockFormat().property(QTextFormat.Property.BlockCodeFence)
        ) or block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeLanguage)
        cursor = QTextCursor(block)
        shape = QTextBlockFormat()
        shape.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if cursor.currentTable() is None:
            shape.setTopMargin({1: 22, 2: 34, 3: 22}.get(level, 0 if code else 8))
            shape.setBottomMargin(6 if level else 0 if code else 8)
        if code:
            shape.setBackground(QBrush(paint.color(tokens.panel2)))
            shape.setLeftMargin(16)
        cursor.mergeBlockFormat(shape)
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        look = QTextCharFormat()
        look.setFontFamilies(paint.font(_TEXT_PX).families())
        look.setForeground(QBrush(paint.color(tokens.ink)))
        if level:
            # Set, not merged: what Markdown says of a heading's size is relative and would win.
            look.setFont(paint.font(_HEADINGS_PX.get(level, _TEXT_PX), bold=True))
            cursor.setCharFormat(look)
        else:
            cursor.mergeCharFormat(look)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            shown = frame.format()
            shown.setBorderCollapse(True)
            shown.setBorder(1)
            shown.setBorderBrush(QBrush(paint.color(tokens.line)))
            shown.setCellPadding(7)
            shown.setCellSpacing(0)
            shown.setTopMargin(8)
            shown.setBottomMargin(14)
            shown.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            frame.setFormat(shown)
            for row in range(frame.rows()):
                for column in range(frame.columns()):
                    cell = frame.cellAt(row, column)
                    edge = cell.format().toTableCellFormat()
                    edge.setBorder(1)
                    edge.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                    edge.setBorderBrush(QBrush(paint.color(tokens.line)))
                    if not row:
                        edge.setBackground(QBrush(paint.color(tokens.panel2)))
                    cell.setFormat(edge)
