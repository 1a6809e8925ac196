"""Pictures of every screen at 1920 x 1080, for the manual, the eyes of a reviewer and the evidence of a demo."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSettings, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from desktop import paint, summaries, text
from desktop.store import database
from desktop.store.database import KnownError
from desktop.text import _, os_reason
from desktop.tokens import LIGHT
from desktop.views import application
from desktop.views.andon import Andon
from desktop.views.background import Source
from desktop.views.losses import Losses
from desktop.views.machine import MachinePage
from desktop.views.screen import Screen, stale_since
from desktop.views.screens import SCREENS
from desktop.views.ways import Ways
from desktop.views.welcome import Welcome
from desktop.views.window import Window

SIZE = (1920, 1080)
Press = Callable[[Screen], bool]
NAMES = ("welcome", *(entry.key for entry in SCREENS), "andon")


def screenshots(
    folder: Path,
    out: Path,
    theme_name: str = "light",
    *,
    screens: Sequence[str] | None = None,
    at_ms: int | None = None,
    lang: str | None = None,
    size: tuple[int, int] = SIZE,
    history: Path | None = None,
    press: Press | None = None,
) -> list[Path]:
    """Write a picture of each screen of a data folder into `out` and return the files; without `screens` all of them
    and a contact sheet.

    `at_ms` shows the line as it was then. `history`: the data folder for what takes many shifts. `press` is called
    with each screen when it shows its answer, to press what is to be in the picture; where it says so the screen is
    asked again. Raises KnownError for
    a screen that there is not, for a folder without a database and where `out` cannot be written. The scale is that of
    the process (QT_SCALE_FACTOR).
    """
    wanted = list(NAMES) if screens is None else list(screens)
    if unknown := [name for name in wanted if name not in NAMES]:
        raise KnownError(
            _("There is no screen {name}. Screens: {names}.").format(name=", ".join(unknown), names=", ".join(NAMES))
        )
    qt = application.set_up(lang or text.language(), theme_name)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(_("{folder} cannot be made: {reason}.").format(folder=out, reason=os_reason(error))) from error
    with ExitStack() as open_now:
        store = open_now.enter_context(closing(database.open_reader(folder)))
        past = store if history is None else open_now.enter_context(closing(database.open_reader(history)))
        # The settings of the window that is photographed are nobody's: they go with this folder.
        scratch = open_now.enter_context(tempfile.TemporaryDirectory(prefix="gadong-"))
        taken = _take(qt, Path(scratch), store, past, wanted, at_ms, size, press)
    files = [_write(image, out / f"{name}.png") for name, image in taken.items()]
    if screens is None:
        files.append(_write(_contact_sheet(taken), out / "contact.png"))
    return files


def picture(folder: Path, screen: str, file: Path, theme_name: str = "light", *, at_ms: int | None = None) -> Path:
    """Write the picture of one screen into `file`. Raises KnownError as `screenshots`."""
    made = screenshots(folder, file.parent, theme_name, screens=[screen], at_ms=at_ms)[0]
    return made if made == file else made.replace(file)


def _take(
    qt: QApplication,
    folder: Path,
    store: Source,
    past: Source,
    wanted: Sequence[str],
    at_ms: int | None,
    size: tuple[int, int],
    press: Press | None,
) -> dict[str, QImage]:
    now_ms = store.clock.now_ms() if at_ms is None else at_ms
    settings = QSettings(str(folder / "pictures.ini"), QSettings.Format.IniFormat)
    ways = Ways(_not_here, _nothing, _no_command, acknowledge=_no_alarm, unacknowledge=_no_alarm, make_forms=Path)
    window = Window(folder, settings, ways)
    taken: dict[str, QImage] = {}
    try:
        window.setWindowState(Qt.WindowState.WindowNoState)
        window.resize(*size)
        line = summaries.line_now(store, now_ms)  # type: ignore[arg-type]
        for name in wanted:
            if name == "welcome":
                page = Welcome(_nothing, _no_command, application.EXAMPLE)
                page.resize(*size)
                taken[name] = _grab(qt, page)
                page.close()
                page.deleteLater()
                continue
            if name == "andon":
                andon = Andon(_not_here, settings)
                andon.resize(*size)
                andon.present(line, stale_since(line))
                taken[name] = _grab(qt, andon)
                andon.close()
                andon.deleteLater()
                continue
            window.go("overview")
            window.show_answer(line)
            window.go(name)
            page_of = window.screens[name]
            if isinstance(page_of, MachinePage) and page_of.machine is None:
                continue  # a line without machines
            if isinstance(page_of, Losses) and past is not store:
                window.show_answer(page_of.question()(past, past.clock.now_ms()))
            else:
                window.show_answer(page_of.question()(store, now_ms))
            if press is not None and press(page_of):
                window.show_answer(page_of.question()(store, now_ms))
            taken[name] = _grab(qt, window)
    finally:
        window.close()
        window.deleteLater()
    return taken


def _not_here() -> Source:
    raise KnownError("pictures read on their own")


def _nothing() -> None:
    """Pictures start nothing."""


def _no_alarm(*_said: object) -> int:
    """Pictures acknowledge nothing."""
    return 0


def _no_command(*_words: object) -> list[str]:
    return []


def _grab(qt: QApplication, widget: QWidget) -> QImage:
    """The widget as it is drawn, after two turns of the event loop: layouts and lazily made charts need them."""
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.show()
    for _turn in range(3):
        qt.processEvents()
    return widget.grab().toImage()


def _write(image: QImage, file: Path) -> Path:
    """Write a PNG of 256 colours, a third of one in full colour. Raises KnownError where it cannot be written."""
    try:
        file.write_bytes(_png(_with_palette(image)))
    except OSError as error:
        raise KnownError(_("{file} cannot be written: {reason}.").format(file=file, reason=os_reason(error))) from error
    return file


def _with_palette(image: QImage) -> QImage:
    """The picture in its own 256 most frequent colours; flat areas keep theirs exactly."""
    import numpy

    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = numpy.frombuffer(plain.constBits(), dtype=numpy.uint32) & 0xFFFFFF
    colours, counts = numpy.unique(pixels, return_counts=True)
    # Shades of antialiased edges differ in the last bits: one of each family is enough.
    order = numpy.argsort(-counts)
    table: list[int] = []
    families: set[int] = set()
    for colour in colours[order].tolist():
        family = colour & 0xE0E0E0 if len(table) > 96 else colour & 0xFCFCFC
        if family not in families:
            families.add(family)
            table.append(0xFF000000 | colour)
        if len(table) == 256:
            break
    return plain.convertToFormat(QImage.Format.Format_Indexed8, table, Qt.ImageConversionFlag.ThresholdDither)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", 0)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _contact_sheet(taken: dict[str, QImage]) -> QImage:
    """All pictures small on one sheet, three in a row."""
    wide, high, gap, head, beside = 720, 405, 20, 34, 3
    rows = -(-len(taken) // beside)
    sheet = QImage(beside * wide + (beside + 1) * gap, rows * (high + head + gap) + gap, QImage.Format.Format_RGB32)
    sheet.fill(paint.color(LIGHT.bg))
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    words = {"welcome": _("First start"), **{entry.key: _(entry.word) for entry in SCREENS}, "andon": _("Andon")}
    for index, (name, image) in enumerate(taken.items()):
        left, top = gap + index % beside * (wide + gap), gap + index // beside * (high + head + gap)
        paint.text(painter, QRectF(left, top, wide, head), words[name], 18, LIGHT.ink, bold=True)
        small = image.scaled(wide, high, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        small.setDevicePixelRatio(1)
        painter.drawImage(QRectF(left, top + head, small.width(), small.height()), small)
    painter.end()
    return sheet
