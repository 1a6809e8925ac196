"""The report as A4 pages, drawn with the same functions as the screen: one for the shift, one for those who report by
ISO 22400 and for who made whom wait.

A page is laid out on a grid of 1240 x 1754 (A4 at 150 dots an inch), margins 56. Numbers are never cut: columns
are as wide as their figures, long names go smaller, then to a second line. The bundled typeface has no
substitutions, so that the text layer of the file is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from PySide6.QtCore import QBuffer, QIODeviceBase, QMarginsF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPageSize, QPainter, QPdfWriter

from desktop import paint, wording
from desktop.domain.events import State
from desktop.domain.figures import ParetoRow, ShiftReport
from desktop.domain.intervals import GOING
from desktop.paint import CENTER, LEFT, RIGHT
from desktop.reports import layout
from desktop.reports.blocks import (
    Block,
    Cell,
    Heading,
    HourChart,
    KeyValues,
    Kind,
    Pareto,
    Result,
    Run,
    Section,
    Sentences,
    SignOff,
    Table,
    Timelines,
    Waterfall,
)
from desktop.reports.cells import local, percent, shown, visible
from desktop.reports.derived import top_bars
from desktop.reports.layout import NO_BREAK
from desktop.reports.sections import build, unit_title
from desktop.text import _
from desktop.tokens import LIGHT as T
from desktop.tokens import RARE, Look

_GRID_DPI, _DPI = 150, 1200
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 1184.0, 50.0, 1722.0
_WIDTH = _RIGHT - _LEFT
_HEADING, _GAP = 30.0, 18.0

B = TypeVar("B", bound=Block)
_Drawn = tuple[layout.Band, Callable[[QRectF], None]]
_Bands = tuple[tuple[tuple[str, ...], "Callable[[_Page], _Drawn]"], ...]
_MOST_WAITS = 12  # rows of the table of charged waits


@cache
def _off_screen() -> QGuiApplication:
    """A Qt application that needs no display, kept until the process ends: fonts live in it."""
    return QGuiApplication(["gadong", "-platform", "offscreen"])


def render(report: ShiftReport) -> bytes:
    """The whole file. Needs no display: without a Qt application it makes one that draws off screen."""
    if QGuiApplication.instance() is None:
        _off_screen()
    paint.load_fonts()
    target = QBuffer()
    target.open(QIODeviceBase.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(target)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(_DPI)
    writer.setCreator("Gadong")
    painter = QPainter(writer)
    painter.scale(_DPI / _GRID_DPI, _DPI / _GRID_DPI)
    pages = Pages(report)
    writer.setTitle(pages.title)
    for number in range(1, pages.count + 1):
        if number > 1:
            writer.newPage()
        pages.draw(painter, number)
    painter.end()
    return bytes(target.data().data())


class Pages:
    """The pages of a report, for whatever draws them: the file, and the preview on screen, by the same hand."""

    #: one page in the units that `draw` draws in
    WIDTH, HEIGHT = 1240.0, 1754.0

    def __init__(self, report: ShiftReport) -> None:
        self._report = report
        self._sections = {section.key: section for section in build(report)}
        first, *further = PAGES
        told = self._sections.keys()
        self._bands = [first, *(bands for bands in further if any(told & set(keys) for keys, _make in bands))]
        self.title = f"{self._sections['head'].heading.text} {visible(report.number)}"

    @property
    def count(self) -> int:
        """How many pages."""
        return len(self._bands)

    def draw(self, painter: QPainter, number: int) -> None:
        """Draw a page (from 1) on WIDTH by HEIGHT from the painter's origin."""
        _Page(painter, self._report, self._sections, number, self.count).draw(self._bands[number - 1])


def _the(section: Section | None, kind: type[B]) -> B | None:
    """The first block of a kind: the page shows no other."""
    return next((block for block in section.blocks if isinstance(block, kind)), None) if section else None


def _must(section: Section, kind: type[B]) -> B:
    """The block that this section always has. Raises LookupError without it: that is a fault of ours."""
    found = _the(section, kind)
    if found is None:
        raise LookupError(f"section {section.key} has no {kind.__name__} for the page")
    return found


class _Page:
    """One page: the head and the foot have their places, the bands between share what is left."""

    def __init__(
        self, painter: QPainter, report: ShiftReport, sections: dict[str, Section], number: int, count: int
    ) -> None:
        self.p = painter
        self.number, self.count = number, count
        self.report = report
        self.zone = report.head.timezone
        self.sections = sections

    def draw(self, made_of: _Bands) -> None:
        """The whole page."""
        if self.number == 1:
            top = self._strip(self._title())
            top = self._result(top) + _GAP
            bottom = self._foot()
        else:
            top, bottom = self._running_head() + _GAP, self._imprint() - _GAP
        bands = [make(self) for keys, make in made_of if self.sections.keys() & set(keys)]
        places, scale = layout.spread([band for band, _drawer in bands], top, bottom, _GAP)
        end = top
        for place, (_band, drawer) in zip(places, bands, strict=True):
            self.p.save()
            self.p.scale(scale, scale)
            drawer(QRectF(_LEFT / scale, place.top, _WIDTH / scale, place.height))
            self.p.restore()
            end = (place.top + place.height) * scale
        if self.number == 1 and bottom - end > 90:
            self._notes(QRectF(_LEFT, end + _GAP, _WIDTH, bottom - end - _GAP))

    # --- words ---------------------------------------------------------------------------------------

    def _say(
        self, x: float, y: float, width: float, height: float, words: str, px: float, *,
        ink: str = T.ink, bold: bool = False, align: Qt.AlignmentFlag = LEFT, least: float | None = None,
    ) -> float:  # fmt: skip
        """One line in its box; the width that it took."""
        place = QRectF(x, y, width, height)
        return paint.text(self.p, place, visible(words), px, ink, bold=bold, align=align, least_px=least)

    def _heading(self, heading: Heading, rect: QRectF) -> None:
        """A title with its note on one base line; the note ends in an ellipsis where it is too long."""
        used = self._say(rect.x(), rect.y(), rect.width(), 24, heading.text, 19, bold=True)
        x = rect.x() + used + 8
        self._say(x, rect.y() + 2, rect.right() - x, 24, heading.note, 15, ink=T.ink2)

    def _paragraph(
        self, rect: QRectF, runs: Sequence[Run], px: int, line_px: float, most: int, weak: str = T.ink
    ) -> float:
        """Runs broken into at most `most` lines; the height that they took."""
        lines = _broken(runs, rect.width(), px)
        if len(lines) > most:
            rest = [run for line in lines[most - 1 :] for run in line]
            lines = [*lines[: most - 1], [Run("".join(run.text for run in rest), rest[0].strong)]]
        for index, line in enumerate(lines):
            x, y = rect.x(), rect.y() + index * line_px
            for run in line:
                ink = T.ink if run.strong else weak
                room = max(rect.right() - x, 0)
                x += self._say(x, y, room, line_px, run.text, px, ink=ink, bold=run.strong)
        return len(lines) * line_px

    def _rule(self, y: float, ink: str = T.line, pen: float = 1, left: float = _LEFT, right: float = _RIGHT) -> None:
        paint.line(self.p, left, y, right, y, ink, pen)

    # --- head and foot ---------------------------------------------------------------------------------

    def _title(self) -> float:
        """Title and approval box; the bottom of both."""
        head, sign = self.sections["head"], self.sections["sign_off"]
        x = _RIGHT - 348
        self._approval(QRectF(x, _TOP, 348, 104), sign.heading.text, _must(sign, SignOff).approval)
        used = self._say(_LEFT, _TOP, x - _LEFT - 24, 48, head.heading.text, 38, bold=True)
        marks = [field.value for field in _must(self.sections["head"], KeyValues).fields if field.name == "demo"]
        if marks:
            wide = min(paint.width(str(marks[0]), 15, True) + 24, x - _LEFT - used - 44)
            plate = QRectF(_LEFT + used + 20, _TOP + 12, wide, 28)
            paint.box(self.p, plate, T.ink, radius=4)
            self._say(plate.x(), plate.y(), wide, 28, str(marks[0]), 15, ink=T.panel, bold=True, align=CENTER)
        where = (Run(visible(head.heading.note)),)
        room = QRectF(_LEFT, _TOP + 54, x - _LEFT - 24, 54)
        ladder = ((19, 25, 1), (16, 25, 2), (14, 18, 3))
        fits = (step for step in ladder if len(_broken(where, room.width(), step[0])) <= step[2])
        px, line_px, most = next(fits, ladder[-1])
        self._paragraph(room, where, px, line_px, most, T.ink2)
        return _TOP + 115

    def _approval(self, rect: QRectF, title: str, labels: Sequence[str]) -> None:
        """결재: three boxes for stamps or signatures under a narrow title."""
        side, head = 36.0, 30.0
        step = (rect.width() - side) / len(labels)
        paint.box(self.p, rect, None, T.ink2)
        signs = list(title) if len(title) <= 3 else []
        for index, sign in enumerate(signs):
            y = rect.center().y() - 13 * len(signs) + 26 * index
            self._say(rect.x(), y, side, 26, sign, 16, align=CENTER)
        if not signs:
            self.p.save()
            self.p.translate(rect.x() + side / 2, rect.center().y())
            self.p.rotate(-90)
            self._say(-rect.height() / 2, -side / 2, rect.height(), side, title, 15, align=CENTER)
            self.p.restore()
        self._rule(rect.y() + head, T.ink2, left=rect.x() + side, right=rect.right())
        for index, label in enumerate(labels):
            x = rect.x() + side + index * step
            paint.line(self.p, x, rect.y(), x, rect.bottom(), T.ink2)
            self._say(x + 4, rect.y(), step - 8, head, label, 15, align=CENTER, least=12)

    def _strip(self, top: float) -> float:
        """Product, window, number, edition and status under a strong rule; two lines where one is too narrow."""
        self._rule(top, T.ink, 2)
        fields = [field for field in _must(self.sections["head"], KeyValues).fields if field.name != "demo"]
        wanted = [
            paint.width(f.label, 15) + 12 + min(paint.width(visible(str(f.value)), 16, True), 600) + 40 for f in fields
        ]
        rows: list[list[int]] = [[]]
        for index, wide in enumerate(wanted):
            if rows[-1] and sum(wanted[i] for i in rows[-1]) + wide > _WIDTH:
                rows.append([])
            rows[-1].append(index)
        y = top + 2
        for row in rows:
            spare = (_WIDTH - sum(wanted[i] for i in row)) / len(row)
            x = _LEFT + 8
            for index in row:
                field, end = fields[index], x + wanted[index] + min(spare, 60)
                used = self._say(x, y, wanted[index], 31, field.label, 15, ink=T.ink2) + 12
                room = wanted[index] - used - 30
                wide = self._say(x + used, y, room, 31, str(field.value), 16, bold=True, least=13)
                if field.name == "status":
                    paint.box(self.p, QRectF(x + used - 8, y + 4, wide + 16, 24), None, T.ink, radius=4)
                x = end
            y += 31
        self._rule(y + 1)
        return y + 9

    def _result(self, top: float) -> float:
        """Pieces against target, gauge and the three sentences."""
        block, words = _must(self.sections["head"], Result), _must(self.sections["words"], Sentences)
        height = 124.0
        good, rest = wording.pieces(block.good), f"/ {wording.pieces(block.target)}"
        wide = paint.width(good, 48, True) + 8 + paint.width(rest, 22)
        px = 48 if wide < 220 else 36
        label = f"{_('Good')} / {_('Target')}"
        self._say(_LEFT, top + 6, 240, 22, label, 15, ink=T.ink2)
        used = self._say(_LEFT, top + 28, 300, 56, good, px, bold=True)
        used += 8 + self._say(_LEFT + used + 8, top + 37, 200, 44, rest, 22, ink=T.ink2)
        if block.difference is not None:
            sign = "▲ " if block.difference > 0 else "▼ " if block.difference < 0 else ""
            delta = sign + wording.signed(block.difference)
            self._say(_LEFT, top + 84, 240, 30, delta, 22, bold=True)
        x = _LEFT + max(used + 24, 172)
        paint.gauge(self.p, QRectF(x, top, 136, 109), block.oee, None, f"{_('OEE')} %", T)
        whole = self.report.line is None or wording.observed_whole(self.report.line)
        factors = (" × " if whole else " · ").join(percent(value) for value in block.factors)
        self._say(x - 20, top + height - 24, 176, 24, factors, 15, ink=T.ink2, align=CENTER)
        x += 160
        paint.line(self.p, x, top, x, top + height, T.line)
        self._sentences(QRectF(x + 26, top, _RIGHT - x - 26, height), words)
        return top + height

    def _sentences(self, rect: QRectF, words: Sentences) -> None:
        """The sentences, numbered, as large as the place allows."""
        for px, line_px in ((18, 32.0), (17, 32.0), (17, 24.0), (16, 20.5), (15, 19.0), (14, 17.5), (13, 15.5)):
            lines = [len(_broken(item, rect.width() - 24, px)) for item in words.items]
            if sum(lines) * line_px + (8 if line_px < 30 else 0) <= rect.height():
                break
        else:
            lines = [min(count, 2) for count in lines]
        y = rect.y() + (rect.height() - sum(lines) * line_px) / 2 - (4 if line_px < 30 else 0)
        for number, (item, count) in enumerate(zip(words.items, lines, strict=True), 1):
            self._say(rect.x(), y, 20, line_px, str(number), px, bold=True)
            y += self._paragraph(QRectF(rect.x() + 24, y, rect.width() - 24, 0), item, px, line_px, count)
            y += 4 if line_px < 30 else 0

    def _running_head(self) -> float:
        """Which report a further page belongs to; its bottom."""
        head = self.sections["head"]
        fields = _must(head, KeyValues).fields
        marks = [str(field.value) for field in fields if field.name == "demo"]
        number = visible(self.report.number)
        right = " · ".join([*marks, number, *(str(field.value) for field in fields if field.name == "status")])
        wide = min(paint.width(right, 15) + 2, _WIDTH / 2)
        self._say(_RIGHT - wide, _TOP, wide, 30, right, 15, ink=T.ink2, align=RIGHT, least=12)
        used = self._say(_LEFT, _TOP, _WIDTH - wide - 20, 30, head.heading.text, 22, bold=True) + 12
        room = _WIDTH - wide - 20 - used
        self._say(_LEFT + used, _TOP + 2, room, 28, head.heading.note, 15, ink=T.ink2, least=12)
        self._rule(_TOP + 38, T.ink, 2)
        return _TOP + 38

    def _imprint(self) -> float:
        """Rules, check value, time of printing and page at the foot; its top."""
        y = _BOTTOM - 20
        fields = _must(self.sections["data"], KeyValues).fields
        said = [f"{field.label} {shown(field.value, field.kind, self.zone)}" for field in fields]
        printed = _("Printed {at}").format(at=f"{local(self.report.made_at_ms, self.zone):%Y-%m-%d %H:%M}")
        right = f"{printed} · " + _("page {number} of {count}").format(number=self.number, count=self.count)
        used = self._say(_RIGHT - 400, y, 400, 20, right, 14, ink=T.ink2, align=RIGHT)
        self._say(_LEFT, y, _WIDTH - used - 24, 20, " · ".join([_("Gadong"), *said]), 14, ink=T.ink2)
        return y

    def _foot(self) -> float:
        """Boxes to sign over the imprint; the top of all."""
        y = self._imprint()
        sign = _must(self.sections["sign_off"], SignOff)
        rect = QRectF(_LEFT, y - 66, _WIDTH, 56)
        paint.box(self.p, rect, None, T.ink2)
        step = rect.width() / len(sign.handover)
        for index, label in enumerate(sign.handover):
            x = rect.x() + index * step
            if index:
                paint.line(self.p, x, rect.y(), x, rect.bottom(), T.ink2)
            self._say(x + 16, rect.y(), step - 32, rect.height(), label, 16, ink=T.ink2)
        return rect.y() - _GAP

    def _notes(self, rect: QRectF) -> None:
        """What is left of the page, ruled for the pen: words to the next shift."""
        self._heading(Heading(_("Notes for the next shift")), rect)
        y = rect.y() + _HEADING + 26
        while y < rect.bottom():
            self._rule(y)
            y += 32

    # --- bands -----------------------------------------------------------------------------------------

    def _scoreboard(self) -> _Drawn:
        """One row a machine; a name that is too long for one line makes its row higher."""
        section = self.sections["scoreboard"]
        table = _must(section, Table)
        titles = [unit_title(column.title, column.kind) for column in table.columns]
        cells = [
            [shown(value, column.kind, self.zone) for column, value in zip(table.columns, row, strict=True)]
            for row in table.rows
        ]
        wanted = [
            max(paint.width(title, 14), *(paint.width(row[n], 16, True) for row in cells)) + 18
            for n, title in enumerate(titles[2:], 2)
        ]
        names = [paint.width(row[0], 16, True) + paint.width(row[1], 16) + 20 for row in cells]
        first = layout.columns([max([160.0, *names]), *wanted], _WIDTH, 160)[0]
        heights = [34.0 if name > first else 23.0 for name in names]

        def draw(rect: QRectF) -> None:
            self._heading(section.heading, rect)
            widths = layout.columns([max([160.0, *names]), *wanted], rect.width(), 160)
            rights = [rect.x() + sum(widths[: n + 1]) for n in range(len(widths))]
            y = rect.y() + _HEADING - 2
            self._say(rect.x() + 7, y, widths[0], 26, titles[0], 14, ink=T.ink2)
            for title, right, wide in zip(titles[2:], rights[1:], widths[1:], strict=True):
                self._say(right - wide, y, wide - 7, 26, title, 14, ink=T.ink2, align=RIGHT, least=12)
            y += 28
            self._rule(y, T.line_strong, right=rect.right())
            extra = (rect.bottom() - y - sum(heights)) / len(cells)
            for index, (row, least) in enumerate(zip(cells, heights, strict=True)):
                high, marked = least + extra, index in table.marked
                if marked:
                    paint.box(self.p, QRectF(rect.x(), y, rect.width(), high), T.run_tint)
                self._named(QRectF(rect.x() + 7, y, widths[0] - 12, high), row[0], row[1], twice=least > 23)
                for n, (right, wide) in enumerate(zip(rights[1:], widths[1:], strict=True), 2):
                    bold = table.columns[n].strong or marked
                    self._say(right - wide, y, wide - 7, high, row[n], 16, bold=bold, align=RIGHT)
                y += high
                self._rule(y, right=rect.right())

        head, least = _HEADING + 26, sum(heights)
        wish = sum(max(height, 26) for height in heights)
        return layout.Band(head + least, head + wish, head + wish + 2 * len(cells)), draw

    def _named(self, rect: QRectF, name: str, code: str, *, twice: bool) -> None:
        """A machine's name and code on one line, or on two in small: the name gives way, the code never."""
        if not twice:
            used = self._say(rect.x(), rect.y(), rect.width(), rect.height(), name, 16, bold=True) + 6
            self._say(rect.x() + used, rect.y(), rect.width() - used, rect.height(), code, 16, ink=T.ink2)
            return
        lines = _broken((Run(name, strong=True),), rect.width(), 13)
        rest = "".join(run.text for line in lines[1:] for run in line)
        y = rect.center().y() - 15
        self._say(rect.x(), y, rect.width(), 15, lines[0][0].text, 13, bold=True)
        room = rect.width() - paint.width(code, 13) - 8
        used = self._say(rect.x(), y + 15, room, 15, rest, 13, bold=True) + 6 if rest else 0
        self._say(rect.x() + used, y + 15, rect.width() - used, 15, code, 13, ink=T.ink2)

    def _hours(self) -> _Drawn:
        """Bars against the target, then difference, running difference and reason of every hour."""
        section = self.sections["hours"]
        block = _must(section, HourChart)
        titles = (_("Difference"), _("Cumulative"), _("Lost to (min)"))
        side = max(paint.width(title, 15) for title in titles) + 8
        compared = any(one is not None for one in block.differences)
        slot = (_WIDTH - side) / len(block.hours) - 4
        losses = [
            self._hour_loss(reason, wording.table_minutes(row.loss_ms), slot) if reason else (14, [])
            for reason, row in zip(block.reasons, block.hours, strict=True)
        ]
        deepest = max(len(lines) for _px, lines in losses)
        rows = ([(titles[0], 24.0), (titles[1], 24.0)] if compared else []) + (
            [(titles[2], 8 + 15.0 * deepest)] if deepest else []
        )
        table = sum(height for _title, height in rows)

        def draw(rect: QRectF) -> None:
            self._heading(section.heading, rect)
            chart = QRectF(rect.x() + side, rect.y() + _HEADING - 4, rect.width() - side, 0)
            chart.setBottom(rect.bottom() - table)
            y, step = chart.bottom(), chart.width() / len(block.hours)
            figure = max(paint.width(wording.pieces(row.good), 19, True) for row in block.hours) + 6
            with self._smaller(chart, min(1.0, step / figure)) as place:
                paint.hour_bars(
                    self.p, place, block.hours, T,
                    now_ms=self.report.window.end_ms, timezone=self.zone, pause_names=self._pause_names(block),
                )  # fmt: skip
            for title, height in rows:
                self._rule(y, right=rect.right())
                self._say(rect.x(), y, side, 24, title, 15, ink=T.ink2, least=13)
                y += height
            if compared:
                self._differences(chart, step, block)
            for index, (px, lines) in enumerate(losses):
                for n, words in enumerate(lines):
                    x, top = chart.x() + index * step + 2, y - 15 * deepest - 4 + 15 * n
                    self._say(x, top, step - 4, 16, words, px, align=CENTER)

        return layout.Band(144 + table, 192 + table, 244 + table), draw

    def _pause_names(self, block: HourChart) -> dict[int, str]:
        """What the hours are called in which the line rests."""
        pauses = self.report.shift.pauses
        return {row.span.start_ms: p.name for row in block.hours for p in pauses if p.span.cut(row.span)}

    def _differences(self, chart: QRectF, step: float, block: HourChart) -> None:
        """Two rows of figures under the bars; the worst hour is bold."""
        worst = min(by for by in block.differences if by is not None)
        for index, (by, total) in enumerate(zip(block.differences, block.totals, strict=True)):
            if by is not None:
                x, y, bold = chart.x() + index * step + 3, chart.bottom(), by < 0 and by == worst
                self._say(x, y, step - 6, 24, wording.signed(by), 16, bold=bold, align=CENTER, least=10)
                self._say(x, y + 24, step - 6, 24, wording.signed(total), 16, ink=T.ink2, align=CENTER, least=10)

    def _hour_loss(self, reason: str, figure: str, slot: float) -> tuple[int, list[str]]:
        """Size and lines of a reason with its minutes: the reason gives way where the slot is narrow, they never."""
        for px, most in ((14, 1), (13, 2), (12, 2)):
            lines = _broken((Run(f"{reason} {figure}"),), slot, px)
            if len(lines) <= most:
                return px, ["".join(run.text for run in line).rstrip() for line in lines]
        return 12, [reason, figure]

    def _timelines(self) -> _Drawn:
        """One strip a machine over the same hours, with the legend beside the title."""
        section = self.sections["timelines"]
        block = _must(section, Timelines)
        side = min(max([88.0, *(paint.width(visible(name), 15) for name, _code, _parts in block.rows)]), 180) + 10
        count = len(block.rows)

        def draw(rect: QRectF) -> None:
            self._heading(section.heading, rect)
            self._legend(rect.right(), rect.y() + 2)
            top, axis = rect.y() + _HEADING, 18.0
            pitch = (rect.bottom() - axis - top) / count
            strips = QRectF(rect.x() + side, top, rect.width() - side, pitch * count)
            marks = layout.marks(block.window, self.zone, strips.width())
            for index, (name, code, parts) in enumerate(block.rows):
                y = top + index * pitch
                label = name if paint.width(visible(name), 13) <= side - 8 or not code else code
                self._say(rect.x(), y, side - 8, pitch, label, 15, least=13)
                strip = QRectF(strips.x(), y + pitch * 0.1, strips.width(), pitch * 0.8)
                paint.box(self.p, strip, T.run_tint)
                paint.timeline(self.p, strip, parts, block.window, T)
                running = [part.span for part in parts if part.category in GOING]
                for at_ms, _word in marks[1:-1]:
                    # A standstill stays whole: a line through it would make two of it.
                    if any(span.holds(at_ms) for span in running):
                        x = paint.x_of(at_ms, strip, block.window)
                        paint.line(self.p, x, strip.top(), x, strip.bottom(), T.run_tint)
            for at_ms, word in marks:
                wide = paint.width(word, 14) + 2
                x = paint.x_of(at_ms, strips, block.window)
                x = min(max(x - wide / 2, strips.x() - wide / 2), rect.right() - wide)
                self._say(x, rect.bottom() - axis, wide, axis, word, 14, ink=T.ink2, align=CENTER)

        return layout.Band(48 + 17 * count, 50 + 25 * count, 50 + 31 * count), draw

    def _legend(self, right: float, y: float) -> None:
        """What each look means, from the right edge leftwards."""
        words = {
            Look.NO_SIGNAL: _("No signal"),
            Look.UNSCHEDULED: _("No shift"),
            Look.NO_ORDER: _("No order"),
            Look.REWORK: _("Rework"),
            Look.PLANNED: _("Planned stop"),
            Look.NO_DATA: _("No data"),
            Look.STOP: _("Not labelled"),
            Look.WAIT: _("Waiting"),
            Look.SETUP: _("Setup"),
            Look.REASON: _("Reason given"),
            Look.RUN: _("Running"),
        }
        parts = [part for _name, _code, row in _must(self.sections["timelines"], Timelines).rows for part in row]
        there = {paint.interval_look(part) for part in parts}
        if there & set(RARE):  # those that are seldom seen need the room of those that are not there
            words = {found: word for found, word in words.items() if found in there}
        else:
            words = {found: word for found, word in words.items() if found not in RARE}
        by_hand = any(part.by_hand for part in parts)
        size = 15 if len(words) + by_hand <= 7 else 13
        x = right
        for found, word in [*([(None, wording.by_hand())] if by_hand else []), *words.items()]:
            wide = paint.width(word, size) + 1
            self._say(x - wide, y, wide, 22, word, size)
            swatch = QRectF(x - wide - 30, y + 4, 23, 14)
            if found is None:
                paint.box(self.p, swatch, T.panel, T.line_strong)
                paint.hand_mark(self.p, swatch, T)
            else:
                paint.swatch(self.p, swatch, found, T)
            x = swatch.x() - 14

    def _losses(self) -> _Drawn:
        """The waterfall of the line's pace and the reasons of all standstill, side by side."""
        steps, bars = _the(self.sections.get("losses"), Waterfall), _the(self.sections.get("downtime"), Pareto)
        rows = len(bars.bars) if bars else 0
        least = max(200.0 if steps else 0.0, _HEADING + 24 + 20 * min(rows, 8))
        wanted = max(240.0 if steps else 0.0, _HEADING + 24 + 25 * min(rows, 9))

        def draw(rect: QRectF) -> None:
            left = QRectF(rect.x(), rect.y(), rect.width() * 0.5 if bars else rect.width(), rect.height())
            if steps:
                self._heading(self.sections["losses"].heading, left)
                self._waterfall(left.adjusted(0, _HEADING - 4, 0, 0), steps)
            if bars:
                at = left.right() + 40 if steps else rect.x()
                right = QRectF(at, rect.y(), rect.right() - at, rect.height())
                self._heading(self.sections["downtime"].heading, right)
                room = right.adjusted(0, _HEADING - 4, 0, 0)
                spare = room.height() - 24 - 25 * rows - 34  # what the reasons can spare, less title and gap
                lines = max(int(spare / 21), 0) if "waits" in self.sections else 0
                charged_px = 34 + 21 * lines if lines else 0
                self._pareto(room.adjusted(0, 0, 0, -charged_px), bars)
                if lines:
                    top = room.bottom() - charged_px + 8
                    self._charged(QRectF(at, top, right.width(), charged_px - 8), lines)

        return layout.Band(least, wanted, max(wanted, 320 if steps else least)), draw

    def _charged(self, rect: QRectF, lines: int) -> None:
        """Under few reasons: who made whom wait, longest first, as far as there is room. A later page has all."""
        section = self.sections["waits"]
        table = _must(section, Table)
        self._heading(Heading(section.heading.text, _("minutes")), rect)
        gap, wide = 24.0, (rect.width() - 24) / 2
        for index, row in enumerate(table.rows[: 2 * lines]):
            place = QRectF(rect.x() + index % 2 * (wide + gap), rect.y() + 26 + index // 2 * 21, wide, 21)
            self._wait(place, table, row)

    def _wait(self, rect: QRectF, table: Table, row: tuple[Cell, ...]) -> None:
        """One row: who waited, for whom, how long. The names give way, the length never."""
        waiting, cause, state, length = (
            shown(value, column.kind, self.zone) for column, value in zip(table.columns, row, strict=True)
        )
        figure = paint.width(length, 15, True) + 2
        self._say(rect.right() - figure - 2, rect.y(), figure, rect.height(), length, 15, bold=True, align=RIGHT)
        room = rect.width() - figure - 12
        used = self._say(rect.x(), rect.y(), room * 0.4, rect.height(), waiting, 15, bold=True, least=12) + 8
        used += self._say(rect.x() + used, rect.y(), 22, rect.height(), "\N{LEFTWARDS ARROW}", 15, ink=T.ink2) + 8
        used += self._say(rect.x() + used, rect.y(), room - used, rect.height(), cause, 15, least=12) + 10
        if room - used >= paint.width(state, 15):
            self._say(rect.x() + used, rect.y(), room - used, rect.height(), state, 15, ink=T.ink2)

    def _waterfall(self, rect: QRectF, block: Waterfall) -> None:
        """Drawn smaller where there are so many steps that their names or figures would not fit."""
        drawn = [step for step in block.steps if step.total or step.length_ms]
        labels = {step.kind: label for step, label in zip(block.steps, block.labels, strict=True)}
        words = [word for step in drawn for word in (*labels[step.kind].split(), wording.lost_tenths(step.length_ms))]
        pitch = 8 + max(paint.width(word, 14, True) for word in words)
        with self._smaller(rect, min(1.0, rect.width() / len(drawn) / pitch)) as place:
            paint.waterfall(self.p, place, drawn, T, labels, cut=True)

    def _pareto(self, rect: QRectF, block: Pareto) -> None:
        """As many reasons as the height carries; drawn a little smaller where their names would not fit."""
        bars = top_bars(block.bars, max(int((rect.height() - 24) / 20), 3))
        rows = [
            ParetoRow(visible(bar.label), bar.category, State.STOP, bar.labelled, bar.length_ms, bar.count)
            for bar in bars
        ]
        need = max(paint.width(row.word, 14, not row.labelled) for row in rows) + 10
        with self._smaller(rect, max(min(1.0, rect.width() * 0.24 / need), 0.8)) as place:
            paint.pareto(self.p, place, rows, T)

    @contextmanager
    def _smaller(self, rect: QRectF, scale: float) -> Iterator[QRectF]:
        """The same place on a finer grid, so that what is drawn there comes out smaller by `scale`."""
        self.p.save()
        self.p.translate(rect.x(), rect.y())
        self.p.scale(scale, scale)
        yield QRectF(0, 0, rect.width() / scale, rect.height() / scale)
        self.p.restore()

    def _lists(self) -> _Drawn:
        """Stops on the left, what was traced and how far the data go on the right."""
        section = self.sections.get("stops")
        table, none = _the(section, Table), _the(section, Sentences)
        notes = self._data_notes()
        split = _WIDTH * 0.63
        count = len(table.rows) if table else 1
        rows = -(-count // 2) if count > 3 else count
        right = sum(len(_broken((Run(note),), _WIDTH - split, 14)) for note in notes) * 19

        def draw(rect: QRectF) -> None:
            wide = rect.width() - (_WIDTH - split) if notes else rect.width() + 40
            left = QRectF(rect.x(), rect.y(), wide - 40, rect.height())
            if section and table:
                self._stops(left, section.heading, table)
            elif section and none:
                self._heading(section.heading, left)
                self._rule(rect.y() + 28, T.line_strong, left=left.x(), right=left.right())
                self._paragraph(left.adjusted(0, 34, 0, 0), none.items[0], 15, 22, 2)
            if notes:
                self._data(QRectF(rect.x() + wide, rect.y(), rect.right() - rect.x() - wide, rect.height()), notes)

        wanted = _HEADING + max(min(rows, 6) * 25, min(right, 150), 30) + 4
        return layout.Band(min(_HEADING + 76, wanted), wanted, max(_HEADING + rows * 26 + 4, wanted)), draw

    def _stops(self, rect: QRectF, heading: Heading, table: Table) -> None:
        """The stops that matter most and have room, in order of time, in two columns if need be."""
        room = max(int((rect.height() - _HEADING) / 22), 1)
        count = len(table.rows)
        sides = 1 if count <= min(room, 3) else 2
        keep = sorted(table.ranked[: room * sides])
        part = [_("{count} of {all}").format(count=len(keep), all=count)] if len(keep) < count else []
        note = " · ".join([*part, _("minutes"), *([heading.note] if heading.note else [])])
        self._heading(Heading(heading.text, note), rect)
        per_side = -(-len(keep) // sides)
        pitch = min((rect.height() - _HEADING) / max(per_side, 1), 26)
        gap = 28.0
        wide = (rect.width() - gap * (sides - 1)) / sides
        for side in range(sides):
            x, y = rect.x() + side * (wide + gap), rect.y() + 28
            self._rule(y, T.line_strong, left=x, right=x + wide)
            for n in keep[side * per_side : (side + 1) * per_side]:
                self._stop(QRectF(x, y, wide, pitch), table, table.rows[n], strong=n in table.marked)
                y += pitch
                self._rule(y, left=x, right=x + wide)

    def _stop(self, rect: QRectF, table: Table, row: tuple[Cell, ...], *, strong: bool) -> None:
        start, end, name, code, reason, length = (
            shown(value, column.kind, self.zone) for column, value in zip(table.columns, row, strict=True)
        )
        when = f"{start}–{end if row[1] is not None else ''}"
        self._say(rect.x(), rect.y(), 92, rect.height(), when, 15, ink=T.ink2)
        figure = paint.width(length, 15, True) + 2
        x, room = rect.x() + 98, rect.width() - 98 - figure - 10
        who = name if paint.width(name, 13, True) <= room * 0.5 or not code else code
        used = self._say(x, rect.y(), room * 0.5, rect.height(), who, 15, bold=True, least=13) + 8
        self._say(x + used, rect.y(), room - used, rect.height(), reason, 15, bold=strong, least=13)
        self._say(rect.right() - figure - 2, rect.y(), figure, rect.height(), length, 15, bold=True, align=RIGHT)

    # --- the further page ------------------------------------------------------------------------------

    def _waits(self) -> _Drawn:
        """Who made whom wait, in two columns; what has no room is counted."""
        section = self.sections["waits"]
        table = _must(section, Table)
        rows = min(-(-len(table.rows) // 2), _MOST_WAITS)

        def draw(rect: QRectF) -> None:
            left_out = len(table.rows) - 2 * rows
            more = [_("{count} more in the spreadsheet").format(count=left_out)] if left_out > 0 else []
            note = " · ".join([_("minutes"), section.heading.note, *more])
            self._heading(Heading(section.heading.text, note), rect)
            gap = 28.0
            wide = (rect.width() - gap) / 2
            for side in range(2):
                x, y = rect.x() + side * (wide + gap), rect.y() + 28
                mine = table.rows[side * rows : (side + 1) * rows]
                if mine:
                    self._rule(y, T.line_strong, left=x, right=x + wide)
                for row in mine:
                    self._wait(QRectF(x, y, wide, 26), table, row)
                    y += 26
                    self._rule(y, left=x, right=x + wide)

        height = _HEADING + 26.0 * rows + 4
        return layout.Band(height, height, height), draw

    def _iso22400(self) -> _Drawn:
        """A column a machine: the ratios, then the times and pieces that they are made of, each with its formula."""
        section = self.sections["iso22400"]
        said = [(Run(sentence),) for sentence in _must(section, Sentences).plain()]
        tables = [block for block in section.blocks if isinstance(block, Table)]
        notes = sum(len(_broken(runs, _WIDTH, 15)) for runs in said) * 21.0
        count = sum(len(table.columns) - 2 for table in tables)
        side = max(map(_row_names, tables)) + 20
        rest = _HEADING + notes + 14 + len(tables) * 50.0

        def draw(rect: QRectF) -> None:
            self._heading(section.heading, rect)
            y = rect.y() + _HEADING
            for runs in said:
                most = len(_broken(runs, rect.width(), 15))
                y += self._paragraph(QRectF(rect.x(), y, rect.width(), 0), runs, 15, 21, most)
            pitch = (rect.height() - rest) / count
            for table in tables:
                y = self._by_machine(rect, y + 14, pitch, table, side)

        return layout.Band(rest + 21.0 * count, rest + 28.0 * count, rest + 32.0 * count), draw

    def _by_machine(self, rect: QRectF, y: float, pitch: float, table: Table, side: float) -> float:
        """A table turned over: its columns are the rows, with their notes, its rows the columns. Returns its bottom."""
        cells = [
            [shown(value, column.kind, self.zone) for column, value in zip(table.columns, row, strict=True)]
            for row in table.rows
        ]
        titles = [unit_title(column.title, column.kind) for column in table.columns]
        side = min(side, rect.width() * 0.4)
        wide = (rect.width() - side) / len(cells)
        figure = max(paint.width(cell, 16, True) for row in cells for cell in row[2:]) + 8
        with self._smaller(QRectF(rect.x(), y, rect.width(), 0), min(1.0, wide / figure)) as place:
            scale = place.width() / rect.width()
            side, wide, pitch, right = side * scale, wide * scale, pitch * scale, place.right()
            for n, row in enumerate(cells):
                x = side + n * wide
                self._say(x + 2, 0, wide - 9, 20, row[0], 14, ink=T.ink, bold=True, align=RIGHT, least=11)
                self._say(x + 2, 18, wide - 9, 18, row[1], 13, ink=T.ink2, align=RIGHT, least=11)
            top = 40.0
            self._rule(top, T.line_strong, left=0, right=right)
            for n, (title, column) in enumerate(zip(titles[2:], table.columns[2:], strict=True), 2):
                used = self._say(7, top, side - 14, pitch, title, 16, bold=column.strong) + 14
                self._say(7 + used, top, max(side - 14 - used, 0), pitch, column.note, 14, ink=T.ink2)
                for place_of, row in enumerate(cells):
                    x = side + place_of * wide
                    self._say(x, top, wide - 7, pitch, row[n], 16, bold=column.strong, align=RIGHT)
                top += pitch
                self._rule(top, left=0, right=right)
        return y + top / scale

    def _data_notes(self) -> list[str]:
        """What was traced, in one line, and how far the data can be trusted."""
        traced = _the(self.sections.get("trace"), KeyValues)
        said = _the(self.sections.get("data"), Sentences)
        fields = [(f, shown(f.value, f.kind, self.zone)) for f in (traced.fields if traced else ())]
        counts = [f"{field.label}{NO_BREAK}{value}" for field, value in fields if field.kind is not Kind.TEXT]
        codes = [f"{field.label}: {value}" for field, value in fields if field.kind is Kind.TEXT]
        return [*([" · ".join(counts)] if counts else []), *codes, *(said.plain() if said else ())]

    def _data(self, rect: QRectF, notes: Sequence[str]) -> None:
        """Whole notes only; those for which there is no room are counted, not dropped in silence."""
        titles = [self.sections[key].heading.text for key in ("trace", "data") if key in self.sections]
        self._heading(Heading(" · ".join(titles)), rect)
        self._rule(rect.y() + 28, T.line_strong, left=rect.x(), right=rect.right())
        line_px = 19.0
        room, y = int((rect.height() - 28) / line_px), rect.y() + 33
        needs = [len(_broken((Run(note),), rect.width(), 14)) for note in notes]
        if sum(needs) > room:
            room -= 1
        left = 0
        for note, need in zip(notes, needs, strict=True):
            if need > room:
                left += 1
                continue
            room -= need
            y += self._paragraph(QRectF(rect.x(), y, rect.width(), 0), (Run(note),), 14, line_px, need)
        if left:
            more = _("{count} more notes in the spreadsheet").format(count=left)
            self._say(rect.x(), y, rect.width(), line_px, more, 14, ink=T.ink2)


def _broken(runs: Sequence[Run], width: float, px: float) -> list[list[Run]]:
    """Runs as lines in the bundled typeface."""
    return layout.broken(runs, width, lambda words, strong: paint.width(words, px, strong))


def _row_names(table: Table) -> float:
    """How wide the titles of a table that is turned over are, with their notes."""
    return max(
        paint.width(unit_title(column.title, column.kind), 16, column.strong) + 14 + paint.width(column.note, 14)
        for column in table.columns[2:]
    )


def _number(value: Cell) -> float:
    return value if isinstance(value, int | float) else 0.0


# Where the sections stand, page by page and from the top down; those of one band share it. Head, words and sign-off
# have fixed places on the first page. A further page is there only if one of its sections has something to say.
FIXED = ("head", "words", "sign_off")
PAGES: tuple[_Bands, ...] = (
    (
        (("scoreboard",), _Page._scoreboard),
        (("hours",), _Page._hours),
        (("timelines",), _Page._timelines),
        (("losses", "downtime"), _Page._losses),
        (("stops", "trace", "data"), _Page._lists),
    ),
    (
        (("iso22400",), _Page._iso22400),
        (("waits",), _Page._waits),
    ),
)
