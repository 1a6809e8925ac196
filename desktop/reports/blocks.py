"""What a report is made of, whatever the file format: typed blocks without fonts, colours or cells of any program.

Values stay raw (pieces, ratios 0 to 1, milliseconds, UTC moments); each format writes them in its own way.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from desktop.domain.figures.line import HourRow
from desktop.domain.figures.machine import LossStep
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span

Cell = str | int | float | None


class Kind(StrEnum):
    """What the values of a column or field are; a None is "not known" in every kind."""

    TEXT = "text"
    PIECES = "pieces"  # int
    SIGNED = "signed"  # int with its sign: a difference in pieces
    RATIO = "ratio"  # 0 to 1, shown in per cent
    POINTS = "points"  # a difference of two ratios, shown in percentage points with its sign
    VALUE = "value"  # a measured value, shown with at most six significant figures, below 1 with four
    INDEX = "index"  # a bare number such as Cpk, shown with two decimals
    MINUTES = "minutes"  # milliseconds, shown in minutes
    DURATION = "duration"  # milliseconds, shown as hours, minutes and seconds
    CLOCK = "clock"  # UTC milliseconds, shown as local time of day
    DATE = "date"  # UTC milliseconds of a local midnight, shown as a date
    MOMENT = "moment"  # UTC milliseconds, shown as local date and time


class Column(Struct, frozen=True):
    """One column of a table. `strong`: its figures are the ones to look at. `note`: how they come about, for a place
    that has room for it. `name`: its stable English name, by which a shop's form asks for it. `figures`: its texts are
    figures as a sheet has them, which stand at the right."""

    title: str
    kind: Kind = Kind.TEXT
    strong: bool = False
    note: str = ""
    name: str = ""
    figures: bool = False


class Heading(Struct, frozen=True):
    """The title of a section and, in small, of what and of when it speaks."""

    text: str
    note: str = ""


class Run(Struct, frozen=True):
    """A stretch of words in one weight."""

    text: str
    strong: bool = False


class Sentences(Struct, frozen=True):
    """Finished sentences, each as its runs."""

    items: tuple[tuple[Run, ...], ...]

    def plain(self) -> tuple[str, ...]:
        """The sentences without their weights."""
        return tuple("".join(run.text for run in item) for item in self.items)


class Field(Struct, frozen=True):
    """A label with one value. `name`: its stable English name, by which a page or a shop's form asks for it."""

    label: str
    value: Cell
    kind: Kind = Kind.TEXT
    name: str = ""


class KeyValues(Struct, frozen=True):
    """Labels with their values."""

    fields: tuple[Field, ...]


class Table(Struct, frozen=True):
    """Rows of raw values. `marked`: rows to be seen first.

    `ranked`: row numbers, what matters most first, for a place that has no room for all; () where all are shown.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marked: frozenset[int] = frozenset()
    ranked: tuple[int, ...] = ()


class HourChart(Struct, frozen=True):
    """Pieces per hour against their target: `differences`, `totals` (cumulative) and the reason of the biggest
    loss ("" for none), one of each an hour."""

    hours: tuple[HourRow, ...]
    differences: tuple[int | None, ...]
    totals: tuple[int | None, ...]
    reasons: tuple[str, ...]


class Timelines(Struct, frozen=True):
    """What each machine did over one window: (name, code, intervals)."""

    window: Span
    rows: tuple[tuple[str, str, tuple[Interval, ...]], ...]


class Waterfall(Struct, frozen=True):
    """From planned busy time to fully productive time."""

    steps: tuple[LossStep, ...]
    labels: tuple[str, ...]


class ParetoBar(Struct, frozen=True):
    """One reason. `cumulative` is the share of this and all rows before it, None where nothing stood still."""

    label: str
    category: Category
    labelled: bool
    length_ms: int
    count: int
    cumulative: float | None


class Pareto(Struct, frozen=True):
    """Standstill by reason, longest first, the unlabelled row last."""

    bars: tuple[ParetoBar, ...]


class Result(Struct, frozen=True):
    """The figures that are seen from across the desk."""

    good: int | None
    target: int | None
    difference: int | None
    oee: float | None
    factors: tuple[float | None, float | None, float | None]  # availability, performance, quality
    oee_target: float | None = None


class SignOff(Struct, frozen=True):
    """Boxes to sign: `approval` at the head of the page, `handover` at its foot. `approved` and `handed` say who has
    signed each and when, "" for one that is open; empty where nobody has."""

    approval: tuple[str, ...]
    handover: tuple[str, ...]
    approved: tuple[str, ...] = ()
    handed: tuple[str, ...] = ()


Block = Heading | Sentences | KeyValues | Table | HourChart | Timelines | Waterfall | Pareto | Result | SignOff


class Section(Struct, frozen=True):
    """One part of the report. `key` is its stable English name, used for sheets and places on the page."""

    key: str
    blocks: tuple[Block, ...]

    @property
    def heading(self) -> Heading:
        """Its title. Raises StopIteration for a section without one: that is a fault of ours."""
        return next(block for block in self.blocks if isinstance(block, Heading))
