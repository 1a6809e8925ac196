"""The paper: its grid, words in their boxes, and a smaller grid where something needs more room than there is.

The grid is 1240 x 1754 (A4 at 150 dots an inch), margins 56.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.figures.report import ShiftReport
from desktop.paint import LEFT
from desktop.reports import layout
from desktop.reports.blocks import Block, Heading, Run, Section
from desktop.reports.cells import visible
from desktop.tokens import LIGHT as T

PAGE_WIDTH, PAGE_HEIGHT = 1240.0, 1754.0
LEFT_EDGE, RIGHT_EDGE, TOP_EDGE, BOTTOM_EDGE = 56.0, 1184.0, 50.0, 1722.0
WIDTH = RIGHT_EDGE - LEFT_EDGE
HEADING, GAP = 30.0, 18.0

B = TypeVar("B", bound=Block)
#: how high a band may be, and what draws it there
Drawn = tuple[layout.Band, Callable[[QRectF], None]]


class Sheet:
    """One page that is drawn on: the report, its sections, and the pen."""

    def __init__(
        self, painter: QPainter, report: ShiftReport, sections: dict[str, Section], number: int, count: int
    ) -> None:
        self.p = painter
        self.number, self.count = number, count
        self.report = report
        self.zone = report.head.timezone
        self.sections = sections

    def say(
        self, x: float, y: float, width: float, height: float, words: str, px: float, *,
        ink: str = T.ink, bold: bool = False, align: Qt.AlignmentFlag = LEFT, least: float | None = None,
    ) -> float:  # fmt: skip
        """One line in its box; the width that it took."""
        place = QRectF(x, y, width, height)
        return paint.text(self.p, place, visible(words), px, ink, bold=bold, align=align, least_px=least)

    def heading(self, heading: Heading, rect: QRectF) -> None:
        """A title with its note on one base line; the note ends in an ellipsis where it is too long."""
        used = self.say(rect.x(), rect.y(), rect.width(), 24, heading.text, 19, bold=True)
        x = rect.x() + used + 8
        self.say(x, rect.y() + 2, rect.right() - x, 24, heading.note, 15, ink=T.ink2)

    def paragraph(
        self, rect: QRectF, runs: Sequence[Run], px: int, line_px: float, most: int, weak: str = T.ink
    ) -> float:
        """Runs broken into at most `most` lines; the height that they took."""
        lines = broken(runs, rect.width(), px)
        if len(lines) > most:
            rest = [run for line in lines[most - 1 :] for run in line]
            lines = [*lines[: most - 1], [Run("".join(run.text for run in rest), rest[0].strong)]]
        for index, line in enumerate(lines):
            x, y = rect.x(), rect.y() + index * line_px
            for run in line:
                ink = T.ink if run.strong else weak
                room = max(rect.right() - x, 0)
                x += self.say(x, y, room, line_px, run.text, px, ink=ink, bold=run.strong)
        return len(lines) * line_px

    def rule(
        self, y: float, ink: str = T.line, pen: float = 1, left: float = LEFT_EDGE, right: float = RIGHT_EDGE
    ) -> None:
        paint.line(self.p, left, y, right, y, ink, pen)

    @contextmanager
    def smaller(self, rect: QRectF, scale: float) -> Iterator[QRectF]:
        """The same place on a finer grid, so that what is drawn there comes out smaller by `scale`."""
        self.p.save()
        self.p.translate(rect.x(), rect.y())
        self.p.scale(scale, scale)
        yield QRectF(0, 0, rect.width() / scale, rect.height() / scale)
        self.p.restore()


def the(section: Section | None, kind: type[B]) -> B | None:
    """The first block of a kind: the page shows no other."""
    return next((block for block in section.blocks if isinstance(block, kind)), None) if section else None


def must(section: Section, kind: type[B]) -> B:
    """The block that this section always has. Raises LookupError without it: that is a fault of ours."""
    found = the(section, kind)
    if found is None:
        raise LookupError(f"section {section.key} has no {kind.__name__} for the page")
    return found


def broken(runs: Sequence[Run], width: float, px: float) -> list[list[Run]]:
    """Runs as lines in the bundled typeface."""
    return layout.broken(runs, width, lambda words, strong: paint.width(words, px, strong))
