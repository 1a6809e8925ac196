"""The report as A4 pages, drawn with the same functions as the screen: one for the shift, one with failures, rejects,
measurements and who made whom wait, one for those who report by ISO 22400.

Numbers are never cut: columns are as wide as their figures, long names go smaller, then to a second line. The bundled
typeface has no substitutions, so that the text layer of the file is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QBuffer, QIODeviceBase, QMarginsF, QRectF
from PySide6.QtGui import QGuiApplication, QPagedPaintDevice, QPageSize, QPainter, QPdfWriter

from desktop import paint
from desktop.domain.figures.report import ShiftReport
from desktop.reports import layout
from desktop.reports.cells import visible
from desktop.reports.pdf import bands, frame, lists
from desktop.reports.pdf.sheet import GAP, LEFT_EDGE, PAGE_HEIGHT, PAGE_WIDTH, WIDTH, Drawn, Sheet
from desktop.reports.sections import build

__all__ = ["FIXED", "PAGES", "Pages", "draw_all", "file_of", "ready_to_draw", "render"]

_DPI = 1200

_Bands = tuple[tuple[tuple[str, ...], Callable[[Sheet], Drawn]], ...]


@cache
def _off_screen() -> QGuiApplication:
    """A Qt application that needs no display, kept until the process ends: fonts live in it."""
    return QGuiApplication(["gadong", "-platform", "offscreen"])


def render(report: ShiftReport, progress: Callable[[float], None] = lambda _done: None) -> bytes:
    """The whole file. Needs no display."""
    return file_of(lambda writer: draw_all(report, writer, writer.setTitle, progress))


def file_of(draw: Callable[[QPdfWriter], object]) -> bytes:
    """What is drawn on A4 without margins, as a PDF file. Needs no display."""
    ready_to_draw()
    target = QBuffer()
    target.open(QIODeviceBase.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(target)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(_DPI)
    writer.setCreator("Gadong")
    draw(writer)
    return bytes(target.data().data())


def ready_to_draw() -> None:
    """The bundled typeface; without a Qt application one that draws off screen."""
    if QGuiApplication.instance() is None:
        _off_screen()
    paint.load_fonts()


def draw_all(
    report: ShiftReport,
    device: QPagedPaintDevice,
    name_it: Callable[[str], None],
    progress: Callable[[float], None] = lambda _done: None,
) -> bool:
    """Every page on paper of any size and resolution, whole and as large as it goes; whether the device took them.
    `name_it` tells the device what it is.
    """
    pages = Pages(report)
    name_it(pages.title)
    painter = QPainter()
    if not painter.begin(device):
        return False
    scale = min(device.width() / Pages.WIDTH, device.height() / Pages.HEIGHT)
    painter.scale(scale, scale)
    for number in range(1, pages.count + 1):
        if number > 1 and not device.newPage():
            painter.end()
            return False
        pages.draw(painter, number)
        progress(number / pages.count)
    return painter.end()


class Pages:
    """The pages of a report, for whatever draws them: the file, and the preview on screen, by the same hand."""

    #: one page in the units that `draw` draws in
    WIDTH, HEIGHT = PAGE_WIDTH, PAGE_HEIGHT

    def __init__(self, report: ShiftReport) -> None:
        self._report = report
        self._sections = {section.key: section for section in build(report)}
        first, *further = PAGES
        told = self._sections.keys()
        self._bands = [first, *(page for page in further if any(told & set(keys) for keys, _make in page))]
        self.title = f"{self._sections['head'].heading.text} {visible(report.number)}"

    @property
    def count(self) -> int:
        """How many pages."""
        return len(self._bands)

    def draw(self, painter: QPainter, number: int) -> None:
        """Draw a page (from 1) on WIDTH by HEIGHT from the painter's origin."""
        _draw(Sheet(painter, self._report, self._sections, number, self.count), self._bands[number - 1])


def _draw(page: Sheet, made_of: _Bands) -> None:
    """The whole page: the head and the foot have their places, the bands between share what is left."""
    if page.number == 1:
        top = frame.strip(page, frame.title(page))
        top = frame.result(page, top) + GAP
        bottom = frame.foot(page)
    else:
        top, bottom = frame.running_head(page) + GAP, frame.imprint(page) - GAP
    made = [make(page) for keys, make in made_of if page.sections.keys() & set(keys)]
    places, scale = layout.spread([band for band, _drawer in made], top, bottom, GAP)
    end = top
    for place, (_band, drawer) in zip(places, made, strict=True):
        page.p.save()
        page.p.scale(scale, scale)
        drawer(QRectF(LEFT_EDGE / scale, place.top, WIDTH / scale, place.height))
        page.p.restore()
        end = (place.top + place.height) * scale
    if page.number == 1 and bottom - end > 90:
        frame.notes(page, QRectF(LEFT_EDGE, end + GAP, WIDTH, bottom - end - GAP))


# Where the sections stand, page by page and from the top down; those of one band share it. Head, words and sign-off
# have fixed places on the first page. A further page is there only if one of its sections has something to say.
FIXED = ("head", "words", "sign_off")
PAGES: tuple[_Bands, ...] = (
    (
        (("safety",), lists.safety),
        (("scoreboard",), bands.scoreboard),
        (("hours",), bands.hours),
        (("timelines",), bands.timelines),
        (("losses", "downtime"), bands.losses),
        (("handover",), lists.handed_over),
        (("stops", "rejects", "trace", "data"), lists.lists),
    ),
    (
        (("orders",), bands.orders),
        (("changeovers",), bands.changeovers),
        (("failures",), bands.failures),
        (("calls",), bands.calls),
        (("rejects",), bands.rejects),
        (("scrap",), bands.scrap),
        (("measured",), bands.measured),
        (("waits",), lists.waits),
    ),
    (
        (("crew",), bands.crew),
        (("posts",), bands.posts),
        (("checks",), bands.checks),
    ),
    ((("iso22400",), lists.iso22400),),
)
