"""The manual: contents at the left, a page at the right, in the language, typeface and colours of the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QUrl
from PySide6.QtGui import (
    QBrush,
    QImage,
    QPainter,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QScrollArea, QTextBrowser, QWidget

from desktop import paint, text
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Painted, Pressable, own_viewport, tell

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "manual"
#: the pages in the order of the contents; a screen's page has the screen's key
PAGES = (
    "start", "day", "overview", "machine", "stops", "work", "crew", "checks", "labels", "holds", "andon", "trace",
    "measure", "report", "forms", "losses", "scanning", "devices", "connect", "settings", "calendar", "people",
    "master", "trail", "data", "open_data", "trouble", "commands", "counting",
)  # fmt: skip
KEYS = "keys"  # the page of the keys, which no file holds
CONTENTS_PX = 300
_ROW_PX = (40, 52)  # least and most
_COLUMN_PX = 1120  # longer lines are hard to read
_PICTURE_PX = 960
_MARGIN_PX = 28
_TEXT_PX = 17
_HEADINGS_PX = {1: 30, 2: 23, 3: 19}
_LINE_PERCENT = 140.0


def markdown(name: str, keys: Sequence[tuple[str, str]]) -> str:
    """A page as Markdown in the language in use."""
    if name != KEYS:
        return (FOLDER / text.language() / f"{name}.md").read_text(encoding="utf-8")
    rows = "\n".join(f"| **{key}** | {words} |" for key, words in keys)
    return f"# {_('Keys')}\n\n| {_('Key')} | {_('What it does')} |\n|---|---|\n{rows}\n"


class ContentsRow(Pressable):
    """The title of a page; the one in sight is marked. A press shows it."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(f"manual-{name}", parent)
        self.page = name
        self.setCheckable(True)

    def show_title(self, words: str) -> None:
        """Show the title of the page."""
        self.setText(words)
        tell(self, words)

    def nextCheckState(self) -> None:
        """A press asks for the page; which one is in sight is shown by who shows it."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, mark and title."""
        if self.isChecked() or self.underMouse():
            paint.box(painter, rect, tokens.accent_soft if self.isChecked() else tokens.panel)
        if self.isChecked():
            paint.box(painter, QRectF(rect.left(), rect.top(), 5, rect.height()), tokens.accent)
        room = rect.adjusted(28, 0, -12, 0)
        paint.text(painter, room, self.text(), 17, tokens.ink, bold=self.isChecked(), least_px=14)


class _Page(QTextBrowser):
    """One page; scrolled by the wheel and by the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("manual-page")
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_words(self, words: str) -> None:
        """Show a page from its top."""
        self.setSearchPaths([str(FOLDER / text.language())])
        document = self.document()
        document.setDefaultFont(paint.font(_TEXT_PX))
        document.setDocumentMargin(_MARGIN_PX)
        document.setMarkdown(words, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        _style(document, theme.tokens())
        self._fit_pictures()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another width: the column stays as wide as it can be read."""
        bar = self.verticalScrollBar().sizeHint().width()
        side = max((self.width() - bar - _COLUMN_PX) // 2, 0)
        self.setViewportMargins(side, 0, side, 0)
        super().resizeEvent(event)
        self._fit_pictures()

    def _fit_pictures(self) -> None:
        """Every picture as wide as the column, scaled smoothly for the screen it is on."""
        wide = min(self.viewport().width() - 2 * _MARGIN_PX - 4, _PICTURE_PX)
        document, ratio = self.document(), self.devicePixelRatioF()
        for fragment in _fragments(document):
            look = fragment.charFormat()
            if wide > 0 and look.isImageFormat():
                picture = look.toImageFormat()
                image = QImage(str(FOLDER / text.language() / picture.name()))
                image = image.scaledToWidth(round(wide * ratio), Qt.TransformationMode.SmoothTransformation)
                image.setDevicePixelRatio(ratio)
                document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(picture.name()), image)
                picture.setWidth(wide)
                _select(document, fragment).setCharFormat(picture)


class Manual(Painted):
    """Contents and page; a link leads to another page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("manual", parent)
        tell(self, _("Help"), _("Contents and a page"))
        self._keys: Sequence[tuple[str, str]] = ()
        self._contents = QScrollArea(self)  # a low window has no room for all rows
        self._contents.setObjectName("manual-contents")
        self._contents.setFrameShape(QScrollArea.Shape.NoFrame)
        own_viewport(self._contents)
        self._contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._contents.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list = QWidget()
        self._list.setObjectName("manual-list")
        for each in (self._contents, self._list):
            tell(each, _("Help"))
        self._contents.setWidget(self._list)
        self.rows = [ContentsRow(name, self._list) for name in (PAGES[0], KEYS, *PAGES[1:])]
        for row in self.rows:
            row.clicked.connect(self._row_pressed)
        self.page = _Page(self)
        self.page.anchorClicked.connect(self._follow)
        self.hide()

    def open(self, name: str, keys: Sequence[tuple[str, str]]) -> None:
        """Show a page. `keys` are those of the window (key, what it does)."""
        self._keys = keys
        for row in self.rows:
            row.show_title(markdown(row.page, keys).partition("\n")[0].removeprefix("# "))
        self._show(name)

    def _show(self, name: str) -> None:
        for row in self.rows:
            row.setChecked(row.page == name)
            if row.page == name:
                self._contents.ensureWidgetVisible(row, 0, 0)
                tell(self.page, row.text(), _("Help"))
        self.page.show_words(markdown(name, self._keys))

    def _row_pressed(self) -> None:
        row = self.sender()
        if isinstance(row, ContentsRow):
            self._show(row.page)

    def _follow(self, link: QUrl) -> None:
        name = link.path().removesuffix(".md")
        if name in PAGES:
            self._show(name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The contents keep their width; their rows share the height, and scroll where it is too low for them."""
        super().resizeEvent(event)
        least, most = _ROW_PX
        row_px = max(min((self.height() - 24) // len(self.rows), most), least)
        self._contents.setGeometry(0, 0, CONTENTS_PX, self.height())
        self._list.resize(CONTENTS_PX, 24 + row_px * len(self.rows))
        for index, row in enumerate(self.rows):
            row.setGeometry(0, 12 + index * row_px, CONTENTS_PX, row_px)
        self.page.setGeometry(CONTENTS_PX + 1, 0, self.width() - CONTENTS_PX - 1, self.height())

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The grounds of contents and page."""
        paint.box(painter, rect, tokens.panel)
        paint.box(painter, QRectF(rect.left(), rect.top(), CONTENTS_PX, rect.height()), tokens.panel2)
        paint.line(painter, CONTENTS_PX + 0.5, rect.top(), CONTENTS_PX + 0.5, rect.bottom(), tokens.line)


def _fragments(document: QTextDocument) -> list[QTextFragment]:
    """Every piece of a document that is in one look."""
    found, block = [], document.begin()
    while block.isValid():
        found += [place.fragment() for place in block]  # type: ignore[attr-defined]
        block = block.next()
    return found


def _select(document: QTextDocument, fragment: QTextFragment) -> QTextCursor:
    cursor = QTextCursor(document)
    cursor.setPosition(fragment.position())
    cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _style(document: QTextDocument, tokens: Tokens) -> None:
    """Sizes, spaces and colours: Markdown says what is what, not how it looks."""
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        # Code comes in a typeface of the system, which may have no Korean.
        fenced = bool(
            block.blockFormat().property(QTextFormat.Property.BlockCodeFence)
        ) or block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeLanguage)
        cursor = QTextCursor(block)
        shape = QTextBlockFormat()
        # Between lines that are set wider the ground of code would show stripes.
        if not fenced and not any(place.fragment().charFormat().isImageFormat() for place in block):  # type: ignore[attr-defined]
            shape.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if cursor.currentTable() is None:
            shape.setTopMargin({1: 22, 2: 34, 3: 22}.get(level, 0 if fenced else 8))
            shape.setBottomMargin(6 if level else 0 if fenced else 8)
        if fenced:
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
    link, code = QTextCharFormat(), QTextCharFormat()
    link.setForeground(QBrush(paint.color(tokens.accent)))
    link.setFontUnderline(True)
    code.setBackground(QBrush(paint.color(tokens.track)))
    for fragment in _fragments(document):
        if fragment.charFormat().isAnchor():
            _select(document, fragment).mergeCharFormat(link)
        elif fragment.charFormat().fontFixedPitch():
            _select(document, fragment).mergeCharFormat(code)
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
