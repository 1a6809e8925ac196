"""What the page of labels is made of: how many, the label as it comes out, what was printed, and the printer."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.labels import DPI, NETWORK, SYSTEM, Issued, Language, Printer, PrinterPlace, Symbol
from desktop.labelling import SYMBOLS
from desktop.text import N_, _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.list_card import RowsCard, fitting
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, Pressable, card, card_head, tell
from desktop.views.widgets.setting_row import HEAD_PX, WIDE_PX, Setting, SettingRow
from desktop.views.widgets.text_field import HEIGHT_PX, TextField
from desktop.wording.labels import KIND_WORDS

ROW_PX = 64
MOST = 500
COUNTS = (1, 10, 20, 50)
#: papers that shops have, in millimetres
PAPERS = ((40, 25), (50, 30), (60, 40), (80, 50), (100, 60))
WHYS = (N_("Label damaged"), N_("Label lost"), N_("Did not come out"), N_("Poorly printed"))
_PAD, _GAP = 20, 12


class Stepper(Painted):
    """A number between two buttons; held down they go on. `changed` carries it."""

    changed = Signal(int)

    def __init__(self, name: str, caption: str, least: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._caption, self._least, self._most = caption, least, most
        self.value = least
        self.less = Button(f"{name}-less", "", self, icon="minus")
        self.more = Button(f"{name}-more", "", self, icon="plus")
        for button, words in ((self.less, _("Less")), (self.more, _("More"))):
            button.setAutoRepeat(True)
            tell(button, words, caption)
        self.less.clicked.connect(lambda: self.set_value(self.value - 1))
        self.more.clicked.connect(lambda: self.set_value(self.value + 1))
        self.set_value(least)

    def set_value(self, value: int) -> None:
        """Let a number hold, within its bounds."""
        value = min(max(value, self._least), self._most)
        moved, self.value = value != self.value, value
        self.less.setEnabled(value > self._least)
        self.more.setEnabled(value < self._most)
        self.set_face((self._caption, f"{value:,}"))
        tell(self, self._caption, f"{value:,}")
        if moved:
            self.changed.emit(value)

    def place(self, width: int) -> None:
        """A button on either side."""
        self.resize(width, OPTION_PX)
        self.less.setGeometry(0, 0, 64, OPTION_PX)
        self.more.setGeometry(width - 64, 0, 64, OPTION_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The number between the buttons."""
        if isinstance(self._face, tuple):
            room = rect.adjusted(72, 0, -72, 0)
            caption, number = QRectF(room.left(), 4, room.width(), 20), QRectF(room.left(), 24, room.width(), 28)
            paint.text(painter, caption, self._face[0], 14, tokens.ink2, align=paint.CENTER, least_px=14)
            paint.text(painter, number, self._face[1], 22, tokens.ink, bold=True, align=paint.CENTER)


class Sheet(Painted):
    """The label as it comes out, on its paper, with what is printed below it; or why there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("label-preview", parent)
        self._image: QImage | None = None
        tell(self, _("Preview"))

    def show_label(self, image: QImage | None, head: str, note: str, fault: str) -> None:
        """Show a label, or the sentence of why it cannot be made."""
        self._image = image
        self.set_face((head, note, fault, image is not None and image.cacheKey()))
        tell(self, _("Preview"), fault or f"{head}. {note}")

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, paper, words."""
        card(painter, rect, tokens)
        if not isinstance(self._face, tuple):
            return
        head, note, fault, _image = self._face
        card_head(painter, rect, tokens, _("Preview"), note)
        room = QRectF(rect.left() + _PAD, rect.top() + HEAD_PX, rect.width() - 2 * _PAD, rect.height() - HEAD_PX - 52)
        if fault or self._image is None:
            paint.paragraph(painter, room.adjusted(0, 12, 0, 0), fault, 17, tokens.ink, most=4)
            return
        scale = min(room.width() / self._image.width(), room.height() / self._image.height(), 1.6)
        wide, high = self._image.width() * scale, self._image.height() * scale
        paper = QRectF(room.center().x() - wide / 2, room.center().y() - high / 2, wide, high)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        paint.box(painter, paper.adjusted(-1, -1, 1, 1), "#FFFFFF", tokens.line_strong, radius=4)
        ratio = self.devicePixelRatioF()
        size = (paper.size() * ratio).toSize()
        mode = Qt.TransformationMode.SmoothTransformation
        painter.drawImage(paper, self._image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode))
        below = QRectF(room.left(), rect.bottom() - 44, room.width(), 28)
        paint.text(painter, below, head, 17, tokens.ink, bold=True, align=paint.CENTER, least_px=14)


class MakeCard(Painted):
    """For what, how many, and the button that prints them. `turned`: something else is chosen."""

    turned = Signal()
    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("label-make", parent)
        self.kind = "unit"
        self.kinds = [Option(f"label-{kind}", kind, self) for kind, _words in KIND_WORDS]
        self.count = Stepper("label-count", _("Labels"), 1, MOST, self)
        self.counts = [Option(f"label-count-{count}", str(count), self) for count in COUNTS]
        self.pieces = Stepper("label-pieces", _("Pieces in each box"), 1, 99_999, self)
        self.print_button = Button("label-print", _("Print"), self, main=True, icon="print", height=72)
        self.contents = Button("label-contents", _("What stands on the label"), self, icon="document")
        self.setup = Button("label-setup", _("Printer and numbers"), self, icon="gear")
        for option in self.kinds:
            option.clicked.connect(self._kind_pressed)
        for option in self.counts:
            option.clicked.connect(self._count_pressed)
        self.count.changed.connect(self._show)
        self.pieces.changed.connect(self._show)
        self.print_button.clicked.connect(self.wanted)
        self.set_face("")
        tell(self, _("New labels"))
        self._show()

    def _kind_pressed(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self.kind = option.value
            self._show()

    def _count_pressed(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self.count.set_value(int(option.value))
            self._show()

    def _show(self) -> None:
        for option, (kind, words) in zip(self.kinds, KIND_WORDS, strict=True):
            option.show_choice(Choice(kind, _(words)), _("Label of"), kind == self.kind)
        for option, count in zip(self.counts, COUNTS, strict=True):
            option.show_choice(Choice(str(count), str(count)), _("Labels"), count == self.count.value)
        self.pieces.setVisible(self.kind == "box")
        self.turned.emit()

    @property
    def in_each(self) -> int:
        """Pieces in each box, 0 for labels of units."""
        return self.pieces.value if self.kind == "box" else 0

    def choose(self, kind: str, pieces: str) -> None:
        """What was chosen before."""
        self.kind = "box" if kind == "box" else "unit"
        self.pieces.set_value(int(pieces) if pieces.isdecimal() else 1)
        self._show()

    def show_state(self, words: str, note: str, *, possible: bool) -> None:
        """What the button says, what stands beside the title, and whether it can be pressed."""
        self.print_button.setText(words)
        tell(self.print_button, words)
        self.print_button.setEnabled(possible)
        self.set_face(note)

    def place(self, width: int) -> int:
        """Place everything for this width and return the height."""
        room, y = width - 2 * _PAD, HEAD_PX + 4
        half = (room - _GAP) // 2
        for place, option in enumerate(self.kinds):
            option.setGeometry(_PAD + place * (half + _GAP), y, half, OPTION_PX)
        y += OPTION_PX + _GAP
        self.count.move(_PAD, y)
        self.count.place(room)
        y += OPTION_PX + _GAP
        wide = (room - _GAP * (len(COUNTS) - 1)) // len(COUNTS)
        for place, option in enumerate(self.counts):
            option.setGeometry(_PAD + place * (wide + _GAP), y, wide, OPTION_PX)
        y += OPTION_PX + _GAP
        if self.kind == "box":
            self.pieces.move(_PAD, y)
            self.pieces.place(room)
            y += OPTION_PX + _GAP
        self.print_button.setGeometry(_PAD, y, room, 72)
        y += 72 + _GAP
        for button in (self.contents, self.setup):
            button.setGeometry(_PAD, y, room, OPTION_PX)
            y += OPTION_PX + _GAP
        return y - _GAP + _PAD

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and head."""
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("New labels"), str(self._face or ""))


class AgainCard(Painted):
    """Why a label is printed once more: a press on a reason prints it. `given` carries the reason."""

    given = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("label-again", parent)
        self.whys = [Button(f"label-why-{n + 1}", _(words), self) for n, words in enumerate(WHYS)]
        self.other = TextField("label-why-other", _("Another reason"), self, most=100)
        self.save = Button("label-again-print", _("Print again"), self, icon="print")
        self.cancel = Button("label-again-cancel", _("Cancel"), self)
        for button in self.whys:
            tell(button, button.text(), _("Why is it printed again?"))
            button.clicked.connect(self._why_pressed)
        self.save.clicked.connect(self._save)
        self.other.returnPressed.connect(self._save)
        self.cancel.clicked.connect(self.left)
        self.fault = ""  # how the last try failed
        self.hide()

    def show_issued(self, issued: Issued, note: str, *, possible: bool) -> None:
        """Ask about a label."""
        self.fault = issued.fault
        if self.set_face((issued.code, note, issued.fault)):
            self.other.clear()
        tell(self, issued.code, " ".join(part for part in (issued.fault, _("Why is it printed again?")) if part))
        for button in (*self.whys, self.save):
            button.setEnabled(possible)

    def _why_pressed(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self.given.emit(button.text())

    def _save(self) -> None:
        if self.other.text().strip():
            self.given.emit(self.other.text().strip())
        else:
            self.other.setFocus()

    def place(self, width: int) -> int:
        """Place everything for this width and return the height."""
        room, y = width - 2 * _PAD, HEAD_PX + 60
        y += 22 * len(paint.broken(self.fault, 15, room)) + 8 if self.fault else 0
        half = (room - _GAP) // 2
        for place, button in enumerate(self.whys):
            x = _PAD + place % 2 * (half + _GAP)
            button.setGeometry(x, y + place // 2 * (OPTION_PX + _GAP), half, OPTION_PX)
        y += -(-len(self.whys) // 2) * (OPTION_PX + _GAP)
        self.other.setGeometry(_PAD, y, room, HEIGHT_PX)
        y += HEIGHT_PX + _GAP
        self.save.setGeometry(_PAD, y, half, OPTION_PX)
        self.cancel.setGeometry(_PAD + half + _GAP, y, half, OPTION_PX)
        return y + OPTION_PX + _PAD

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, which label, and the question."""
        card(painter, rect, tokens)
        if isinstance(self._face, tuple):
            code, note, fault = self._face
            card_head(painter, rect, tokens, _("Print again"), "")
            room = QRectF(_PAD, HEAD_PX - 6, rect.width() - 2 * _PAD, 28)
            paint.text(painter, room, code, 18, tokens.ink, bold=True, least_px=14)
            below = f"{note} · {_('Why is it printed again?')}" if note else _("Why is it printed again?")
            paint.text(painter, room.translated(0, 28), below, 15, tokens.ink2, least_px=14)
            if fault:
                lines = paint.broken(fault, 15, room.width())
                for number, line in enumerate(lines):
                    place = QRectF(room.left(), room.top() + 56 + 22 * number, room.width(), 22)
                    paint.text(painter, place, line, 15, tokens.ink, least_px=14)


class IssuedFace(Struct, frozen=True):
    """A label that was printed: its number, and of what, when, by whom and how often; or how it failed."""

    id: int
    code: str
    note: str
    copies: str
    fault: str
    chosen: bool


class IssuedRow(Pressable):
    """A press offers to print it once more."""

    radius = 0.0

    def show_issued(self, shown: IssuedFace) -> None:
        """Show a label."""
        if self.set_face(shown):
            tell(self, shown.code, ", ".join(part for part in (shown.fault, shown.note, shown.copies) if part))

    @property
    def shown(self) -> IssuedFace | None:
        """What the row shows."""
        return self._face if isinstance(self._face, IssuedFace) else None

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Number, words, copies."""
        if (shown := self.shown) is None:
            return
        if shown.chosen or self.underMouse():
            paint.box(painter, rect, tokens.accent_soft)
        if shown.chosen:
            paint.box(painter, QRectF(rect.left(), rect.top(), 5, rect.height()), tokens.accent)
        paint.line(painter, rect.left(), rect.top() + 0.5, rect.right(), rect.top() + 0.5, tokens.line)
        right = paint.width(shown.copies, 16, True) + 4 if shown.copies else 0
        place = QRectF(rect.right() - _PAD - right, rect.top(), right, rect.height())
        paint.text(painter, place, shown.copies, 16, tokens.ink, bold=True, align=paint.RIGHT)
        left = rect.left() + _PAD
        sign, ink = ("info", tokens.ink) if shown.fault else ("print", tokens.ink2)
        theme.icon(painter, QRectF(left, rect.center().y() - 13, 26, 26), sign, ink)
        left += 38
        room = QRectF(left, rect.center().y() - 27, place.left() - left - 10, 28)
        paint.text(painter, room, shown.code, 18, tokens.ink, bold=True, least_px=14)
        below = QRectF(room.left(), rect.center().y() + 1, room.width(), 24)
        note = shown.fault or fitting(shown.note, room.width())
        paint.text(painter, below, note, 15, tokens.ink if shown.fault else tokens.ink2, least_px=14)


class IssuedList(RowsCard):
    """The labels that were printed last, the newest first. `picked` carries the id of one."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("label-issued", _("Printed labels"), ROW_PX, parent)
        self.rows: list[IssuedRow] = []

    def in_order(self) -> Sequence[QWidget]:
        """The rows."""
        return self.rows

    def show_issued(self, faces: Sequence[IssuedFace], note: str) -> None:
        """Show labels."""
        while len(self.rows) < len(faces):
            row = IssuedRow(f"label-issued-{len(self.rows) + 1}", self.ground)
            row.clicked.connect(self._picked)
            row.show()
            self.rows.append(row)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(faces))
            if place < len(faces):
                row.show_issued(faces[place])
        words = _("No label was printed yet"), _("What is printed appears here, the newest first.")
        self.show_head(len(faces), note, *words, strong=False)

    def _picked(self) -> None:
        row = self.sender()
        if isinstance(row, IssuedRow) and row.shown is not None:
            self.picked.emit(row.shown.id)


def printer_settings(printer: Printer) -> tuple[Setting, ...]:
    """What can be chosen of a printer. A paper of a size of its own stands beside the usual ones."""
    size = f"{printer.width_mm:g}x{printer.height_mm:g}"
    papers = [f"{width}x{height}" for width, height in PAPERS]
    papers = papers if size in papers else [*papers, size]
    return (
        Setting(
            "label_language", _("Printer language"), _("As its manual says; most understand ZPL, TSC printers TSPL."),
            (Choice("zpl", "ZPL"), Choice("tspl", "TSPL")), printer.language.value,
        ),
        Setting(
            "label_dpi", _("Dots per inch"), _("203 is usual; it stands on the type plate or in the manual."),
            tuple(Choice(str(dpi), str(dpi)) for dpi in DPI), str(printer.dpi),
        ),
        Setting(
            "label_paper", _("Label size in mm"), _("Width by height, of the paper."),
            tuple(Choice(paper, paper.replace("x", "×")) for paper in papers), size,
        ),
        Setting(
            "label_symbol", _("Bar code"), _("GS1 needs the product's GTIN."),
            tuple(Choice(symbol.value, _(SYMBOLS[symbol])) for symbol in Symbol), printer.symbol.value,
        ),
    )  # fmt: skip


def changed(printer: Printer, key: str, value: str) -> Printer:
    """A printer after a press on a value."""
    if key == "label_language":
        return replace(printer, language=Language(value))
    if key == "label_dpi":
        return replace(printer, dpi=int(value))
    if key == "label_symbol":
        return replace(printer, symbol=Symbol(value))
    width, _by, height = value.partition("x")
    return replace(printer, width_mm=float(width), height_mm=float(height))


class PrinterCard(Painted):
    """Which printer, its language, resolution, paper and bar code, how numbers look, and a test print."""

    wanted = Signal(object, object, str)  # a Printer, the one that was seen, words of what can be taken back
    pattern_wanted = Signal(str)
    prefix_wanted = Signal(str)
    part_wanted = Signal(str)
    placed = Signal()  # something came or went
    test_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("label-printer", parent)
        self._printer = Printer()
        self._numbers = ("", "", "")
        self._network = False  # its address is typed just now
        self.places: list[Option] = []
        self.address = TextField("label-address", _("Address of the printer"), self, most=120, codes=True)
        self.pattern = TextField("label-pattern", _("Numbers of the product"), self, most=80, codes=True)
        self.prefix = TextField("label-prefix", _("GS1 company prefix"), self, most=12, codes=True)
        self.part = TextField("label-part", _("Customer's number of the product"), self, most=60)
        self.fields = (self.address, self.pattern, self.prefix, self.part)
        self.saves = [Button(f"{field.objectName()}-save", _("Save"), self, height=HEIGHT_PX) for field in self.fields]
        said = (self._save_address, self._save_pattern, self._save_prefix, self._save_part)
        for field, save, saved in zip(self.fields, self.saves, said, strict=True):
            field.returnPressed.connect(saved)
            save.clicked.connect(saved)
        self.test = Button("label-test", _("Test print"), self, icon="print")
        self.done = Button("label-setup-done", _("Done"), self, main=True)
        self.rows: list[SettingRow] = []
        self.test.clicked.connect(self.test_wanted)
        self.done.clicked.connect(self.left)
        tell(self, _("Label printer"))
        self.hide()

    def show_printer(
        self, printer: Printer, places: Sequence[PrinterPlace] | None, numbers: tuple[str, str, str], of: str,
        *, fresh: bool,
    ) -> None:  # fmt: skip
        """Show what is set up. `places`: the printers that are there, None while they are looked for; `numbers`: the
        pattern, the company prefix, the customer's number (no pattern: an
        SSCC follows none); `of`: what numbers are made; `fresh`: nothing has been typed
        yet."""
        settings = printer_settings(printer)
        if [[o.value for o in row.options] for row in self.rows] != [[c.value for c in s.choices] for s in settings]:
            for row in self.rows:
                row.hide()
                row.deleteLater()
            self.rows = []
            for setting in settings:
                row = SettingRow(setting, self)
                row.wanted.connect(self._pressed)
                row.show()
                self.rows.append(row)
        for row, setting in zip(self.rows, settings, strict=True):
            row.show_setting(setting)
        moved = printer.port != self._printer.port
        self._printer = printer
        if fresh or moved:
            self._network = printer.port.startswith(NETWORK)
            self.address.setText(printer.port.removeprefix(NETWORK) if self._network else "")
        if fresh or numbers != self._numbers:
            self._numbers = numbers
            for field, number in zip((self.pattern, self.prefix, self.part), numbers, strict=True):
                field.setText(number)
            for part in (self.pattern, self.saves[1]):
                part.setEnabled(bool(numbers[0]))
        self._show_places(places)
        self.test.setEnabled(bool(printer.port))
        note = "" if places is not None else _("Looking for printers")
        self.set_face((of, note))
        tell(self, _("Label printer"), f"{of}. {note}")

    def _show_places(self, places: Sequence[PrinterPlace] | None) -> None:
        """The printers that are there, one that is set up and is not, one on the network, none."""
        port = self._printer.port
        there = [Choice(each.port, each.words) for each in places or ()]
        own = next((each.port for each in places or () if port in (each.port, each.also)), port)
        if own and not own.startswith(NETWORK) and own not in (choice.value for choice in there):
            name = own.removeprefix(SYSTEM)
            there.insert(0, Choice(own, name if places is None else _("{port} (not there now)").format(port=name)))
        choices = [*there, Choice(NETWORK, _("On the network")), Choice("", _("No printer"))]
        chosen = NETWORK if self._network else own
        if [option.value for option in self.places] != [choice.value for choice in choices]:
            for option in self.places:
                option.hide()
                option.deleteLater()
            self.places = [Option(f"label-place-{n + 1}", choice.value, self) for n, choice in enumerate(choices)]
            for option in self.places:
                option.clicked.connect(self._place_pressed)
                option.show()
        for option, choice in zip(self.places, choices, strict=True):
            option.show_choice(choice, _("Printer"), choice.value == chosen)
        for part in (self.address, self.saves[0]):
            part.setVisible(self._network)

    def _place_pressed(self) -> None:
        option = self.sender()
        if not isinstance(option, Option) or option.isChecked():
            return
        self._network = option.value == NETWORK
        if self._network:
            for each in self.places:
                each.show_choice(Choice(each.value, each.text()), _("Printer"), each is option)
            for part in (self.address, self.saves[0]):
                part.show()
            self.address.setFocus()
            self.placed.emit()
        else:
            self._want_port(option.value, option.text())

    def _pressed(self, key: str, value: str) -> None:
        wanted = changed(self._printer, key, value)
        setting = next(each for each in printer_settings(wanted) if each.key == key)
        self.wanted.emit(wanted, self._printer, f"{setting.title}: {setting.words_of(setting.chosen)}")

    def _want_port(self, port: str, words: str) -> None:
        if port != self._printer.port:
            words = _("Label printer: {name}").format(name=words)
            self.wanted.emit(replace(self._printer, port=port), self._printer, words)

    def _save_address(self) -> None:
        address = self.address.text().strip().removeprefix(NETWORK)
        if address:
            self._want_port(NETWORK + address, address)
        else:
            self.address.setFocus()

    def _save_pattern(self) -> None:
        self.pattern_wanted.emit(self.pattern.text().strip())

    def _save_prefix(self) -> None:
        self.prefix_wanted.emit(self.prefix.text().strip())

    def _save_part(self) -> None:
        self.part_wanted.emit(self.part.text().strip())

    def place(self, width: int) -> int:
        """Place everything for this width and return the height."""
        room, y = width - 2 * _PAD, HEAD_PX + 4
        half = (room - _GAP) // 2
        for number, option in enumerate(self.places):
            option.setGeometry(_PAD + number % 2 * (half + _GAP), y + number // 2 * (OPTION_PX + 8), half, OPTION_PX)
        y += -(-len(self.places) // 2) * (OPTION_PX + 8) + 4
        if self._network:
            self._place_field(0, _PAD, y, room)
            y += HEIGHT_PX + _GAP
        self.test.setGeometry(_PAD, y, room, OPTION_PX)
        y += OPTION_PX + _GAP + 4
        # Five papers beside their words need more than rows of settings elsewhere.
        across = width if width >= WIDE_PX + 60 else min(width, WIDE_PX - 1)
        for row in self.rows:
            row.resize(across, row.height())
            high = row.place()
            row.setGeometry(0, y, across, high)
            y += high
        y += 16  # behind a line
        self._place_field(1, _PAD, y, room)
        y += HEIGHT_PX + 40
        self._place_field(2, _PAD, y, half)
        self._place_field(3, _PAD + half + _GAP, y, half)
        y += HEIGHT_PX + 40
        self.done.setGeometry(_PAD + half + _GAP, y, half, OPTION_PX)
        return y + OPTION_PX + _PAD

    def _place_field(self, number: int, x: int, y: int, room: int) -> None:
        field, save = self.fields[number], self.saves[number]
        wide = save.sizeHint().width()
        field.setGeometry(x, y, room - wide - _GAP, HEIGHT_PX)
        save.setGeometry(x + room - wide, y, wide, HEIGHT_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, head, the next number."""
        card(painter, rect, tokens)
        of, note = self._face if isinstance(self._face, tuple) else ("", "")
        card_head(painter, rect, tokens, _("Label printer"), note)
        top = self.pattern.y() - 15.5
        paint.line(painter, 1, top, rect.right() - 1, top, tokens.line)
        for field, words in ((self.pattern, of), (self.prefix, _("With it boxes get an SSCC."))):
            room = QRectF(_PAD, field.geometry().bottom() + 6, rect.width() - 2 * _PAD, 26)
            paint.text(painter, room, words, 15, tokens.ink2, least_px=14)
