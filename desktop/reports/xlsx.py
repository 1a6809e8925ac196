"""The report as an Excel workbook: a summary, one sheet per section, real numbers and native charts.

Text is always written as text, so that no name from the shop floor becomes a formula or a link.
"""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter
from msgspec import Struct, field

from desktop.domain.figures.report import RawEvents, ShiftReport
from desktop.reports.blocks import Cell, Column, Heading, KeyValues, Kind, Section, Sentences, SignOff, Table
from desktop.reports.cells import local, visible
from desktop.reports.sections import build
from desktop.text import N_, _, language
from desktop.tokens import LIGHT
from desktop.wording.numbers import pieces

Progress = Callable[[float], None]  # called with how much is done, 0 to 1

_ON_SUMMARY = ("head", "words", "sign_off")
_DAY_MS = 86_400_000
_MINUTE_MS = 60_000
_WIDEST = 48  # characters of a text column; longer text wraps

_NUMBERS = {
    Kind.TEXT: "@",
    Kind.PIECES: "#,##0",
    Kind.SIGNED: "+#,##0;-#,##0;0",
    Kind.RATIO: "0.0 %",
    Kind.POINTS: "+0.0;-0.0;0.0",
    Kind.VALUE: "General",
    Kind.INDEX: "0.00",
    Kind.MINUTES: "#,##0.0",
    Kind.DURATION: "[h]:mm:ss",
    Kind.CLOCK: "hh:mm",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
}
_EXACT_MOMENT = "yyyy-mm-dd hh:mm:ss.000"
_EVENT_COLUMNS = (
    (N_("At"), 24), (N_("Kind"), 10), (N_("Machine"), 12), (N_("Device"), 16), (N_("Signal"), 16), (N_("Word"), 24),
    (N_("Detail"), 32), (N_("Flag"), 12), (N_("Event id"), 20), (N_("Pieces"), 10), (N_("Reading"), 14),
)  # fmt: skip
_EVENTS_A_STEP = 1000
_LONGEST = 32_767  # characters of a cell
_WIDTHS = {Kind.MOMENT: 20, Kind.RATIO: 11, Kind.DURATION: 10}


def render(report: ShiftReport, events: RawEvents | None = None, progress: Progress = lambda _done: None) -> bytes:
    """The whole workbook. The same report gives the same sheets; beyond what the CSV file says are its charts and,
    where they are given, the raw events. Rows leave the memory as they are written."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, _options()) as book:
        sections = build(report)
        book.set_properties(
            {
                "title": " · ".join(part for part in (sections[0].heading.text, visible(report.number)) if part),
                "created": local(report.made_at_ms, report.head.timezone).replace(tzinfo=None),
            }
        )
        styles = _Styles(book)
        names: set[str] = set()
        summary = _Sheet(book, styles, _sheet_name(_("Summary"), names), report.number, report.head.timezone)
        for section in sections:
            if section.key in _ON_SUMMARY:
                summary.section(section)
        summary.finish()
        for section in sections:
            if section.key not in _ON_SUMMARY:
                sheet = _Sheet(
                    book, styles, _sheet_name(section.heading.text, names), report.number, report.head.timezone
                )
                sheet.section(section)
                sheet.finish()
        if events is not None:
            name = _sheet_name(_("Raw events"), names)
            sheet = _Sheet(book, styles, name, report.number, report.head.timezone)
            sheet.events(events, progress)
            sheet.finish()
    progress(1.0)
    return target.getvalue()


def _options() -> dict[str, Any]:
    options: dict[str, Any] = {
        "constant_memory": True,  # rows must then be written from the top down
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    if language() == "ko":
        options["default_format_properties"] = {"font_name": "Malgun Gothic", "font_size": 10}
    return options


def tables(sections: Sequence[Section], timezone: str) -> bytes:
    """A workbook of tables alone, a sheet for each section."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, _options()) as book:
        styles, names = _Styles(book), set[str]()
        for section in sections:
            sheet = _Sheet(book, styles, _sheet_name(section.heading.text, names), section.heading.note, timezone)
            sheet.section(section)
            sheet.finish()
    return target.getvalue()


def _sheet_name(title: str, taken: set[str]) -> str:
    """A sheet name that Excel accepts: 31 characters, none of []:*?/\\ and unlike the others."""
    plain = "".join("·" if c in "[]:*?/\\" else c for c in visible(title)).strip("'")[:31]
    name, number = plain, 2
    while name.lower() in taken:
        suffix = f" ({number})"
        name, number = plain[: 31 - len(suffix)] + suffix, number + 1
    taken.add(name.lower())
    return name


def _text_width(text: str) -> int:
    """Characters a text takes in a column; Hangul takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class _Styles:
    """Cell formats, made once per workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def get(self, **properties: object) -> Any:
        """The format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(properties))
        return self._made[key]

    def cell(self, kind: Kind, *, strong: bool = False, marked: bool = False) -> Any:
        """The format of a table cell."""
        looks: dict[str, object] = {"num_format": _NUMBERS[kind], "bottom": 1, "bottom_color": LIGHT.line}
        looks |= {"valign": "top", "text_wrap": True} if kind is Kind.TEXT else {"valign": "top", "align": "right"}
        if strong or marked:
            looks["bold"] = True
        if marked:
            looks["bg_color"] = LIGHT.run_tint
        return self.get(**looks)


class _Sheet(Struct):
    """One sheet, written from the top down."""

    book: xlsxwriter.Workbook
    styles: _Styles
    name: str
    foot: str  # what the printed page says at its lower left
    timezone: str
    row: int = 0
    header: int | None = None  # row of the first table's header
    widths: dict[int, int] = field(default_factory=dict)
    columns: int = 2
    sheet: Any = None  # that of `name`, which the workbook makes

    def __post_init__(self) -> None:
        self.sheet = self.book.add_worksheet(self.name)

    def section(self, section: Section) -> None:
        """All that a section says, then its chart."""
        tables: list[tuple[Table, int]] = []
        for block in section.blocks:
            if isinstance(block, Heading):
                self._heading(block, title=section.key == "head")
            elif isinstance(block, KeyValues):
                self._fields(block)
            elif isinstance(block, Sentences):
                self._sentences(block)
            elif isinstance(block, Table):
                tables.append((block, self._table(block)))
            elif isinstance(block, SignOff):
                self._sign_off(block)
        chart = {"hours": self._hour_chart, "downtime": self._pareto_chart}.get(section.key)
        if chart and tables:
            chart(*tables[0])

    def events(self, events: RawEvents, progress: Progress) -> None:
        """The journal as it is stored, a row an event; where it is too long the note says how much of it is here."""
        note = _("{count} events").format(count=pieces(events.count))
        if events.shown < events.count:
            note = _("the first {shown} of {count} events").format(
                shown=pieces(events.shown), count=pieces(events.count)
            )
        self._heading(Heading(_("Raw events"), note), title=False)
        self.row += 1
        self.header = self.row
        self.columns = len(_EVENT_COLUMNS)
        head = self.styles.get(bold=True, font_color=LIGHT.ink2, bg_color=LIGHT.panel2, bottom=2)
        for index, (title, width) in enumerate(_EVENT_COLUMNS):
            self.sheet.write_string(self.row, index, _(title), head)
            self.widths[index] = width
        moment, number, words = (self.styles.get(num_format=form) for form in (_EXACT_MOMENT, "#,##0", "@"))
        for done, event in enumerate(events.rows, 1):
            self.row += 1
            at = local(event.at_ms, self.timezone).replace(tzinfo=None)
            self.sheet.write_datetime(self.row, 0, at, moment)
            said = (event.kind, event.machine, event.device, event.signal, event.word, event.detail, event.flag)
            for index, text in enumerate((*said, str(event.id)), 1):
                if text:
                    self.sheet.write_string(self.row, index, visible(text)[:_LONGEST], words)
            for index, count in ((9, event.pieces), (10, event.reading)):
                if count is not None:
                    self.sheet.write_number(self.row, index, count, number)
            if done % _EVENTS_A_STEP == 0:
                progress(done / events.shown)
        self.sheet.autofilter(self.header, 0, self.row, self.columns - 1)

    def finish(self) -> None:
        """Widths, panes and the printed page."""
        for column, width in self.widths.items():
            self.sheet.set_column(column, column, width)
        if self.header is not None:
            self.sheet.freeze_panes(self.header + 1, 1)
            self.sheet.repeat_rows(self.header)
        self.sheet.hide_gridlines(2)
        self.sheet.set_paper(9)
        if self.columns > 6:
            self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        number = visible(self.foot)[:80].replace("&", "&&")
        self.sheet.set_footer(f"&L{number}&C{self.name.replace('&', '&&')}&R&P / &N")

    def _write(self, row: int, column: int, value: Cell, kind: Kind, style: Any) -> None:
        """One cell: numbers as numbers, moments as Excel dates in local time, not known as an empty cell."""
        if value is None:
            self.sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, visible(value), style)
        elif kind in (Kind.CLOCK, Kind.DATE, Kind.MOMENT):
            moment = local(value, self.timezone).replace(tzinfo=None)
            self.sheet.write_datetime(row, column, moment, style)
        else:
            scale = {Kind.MINUTES: _MINUTE_MS, Kind.DURATION: _DAY_MS, Kind.POINTS: 0.01}.get(kind, 1)
            self.sheet.write_number(row, column, value / scale if scale != 1 else value, style)

    def _widen(self, column: int, width: int) -> None:
        self.widths[column] = max(self.widths.get(column, 0), min(width, _WIDEST))

    def _heading(self, heading: Heading, *, title: bool) -> None:
        if self.row:
            self.row += 1
        style = self.styles.get(bold=True, font_size=18 if title else 14)
        self.sheet.write_string(self.row, 0, visible(heading.text), style)
        self.row += 1
        if heading.note:
            note = self.styles.get(font_color=LIGHT.ink2)
            self.sheet.write_string(self.row, 0, visible(heading.note), note)
            self.row += 1

    def _fields(self, block: KeyValues) -> None:
        self.row += 1
        for one in block.fields:
            label = self.styles.get(font_color=LIGHT.ink2, valign="top", bottom=1, bottom_color=LIGHT.line)
            self.sheet.write_string(self.row, 0, visible(one.label), label)
            style = self.styles.cell(one.kind, strong=True)
            self._write(self.row, 1, one.value, one.kind, style)
            self._widen(0, _text_width(one.label) + 2)
            self._widen(1, _text_width(one.value) + 2 if isinstance(one.value, str) else 14)
            self.row += 1

    def _sentences(self, block: Sentences) -> None:
        """Each sentence over six columns, as high as it needs."""
        style = self.styles.get(text_wrap=True, valign="top")
        for sentence in block.plain():
            wide = sum(max(self.widths.get(column, 0), 9) for column in range(6))
            self.sheet.merge_range(self.row, 0, self.row, 5, "", style)
            self.sheet.write_string(self.row, 0, visible(sentence), style)
            self.sheet.set_row(self.row, 16 * math.ceil((_text_width(sentence) + 1) / wide))
            self.row += 1

    def _table(self, table: Table) -> int:
        """A header and its rows; returns the first row of figures."""
        if self.row:
            self.row += 1
        if self.header is None:
            self.header = self.row
        self.columns = max(self.columns, len(table.columns))
        for index, column in enumerate(table.columns):
            self._column_head(index, column, [row[index] for row in table.rows])
        first = self.row + 1
        for offset, values in enumerate(table.rows):
            self.row += 1
            for index, (column, value) in enumerate(zip(table.columns, values, strict=True)):
                style = self.styles.cell(column.kind, strong=column.strong, marked=offset in table.marked)
                self._write(self.row, index, value, column.kind, style)
        self.row += 1
        return first

    def _column_head(self, index: int, column: Column, values: Sequence[Cell]) -> None:
        align = "left" if column.kind is Kind.TEXT else "right"
        style = self.styles.get(
            bold=True, font_color=LIGHT.ink2, bg_color=LIGHT.panel2, bottom=2, align=align, valign="vcenter",
            text_wrap=True,
        )  # fmt: skip
        title = _("{title} (min)").format(title=column.title) if column.kind is Kind.MINUTES else column.title
        self.sheet.write_string(self.row, index, visible(title), style)
        longest = max((_text_width(value) for value in values if isinstance(value, str)), default=0)
        self._widen(index, max(_text_width(title) + 2, longest + 2, _WIDTHS.get(column.kind, 8)))

    def _sign_off(self, block: SignOff) -> None:
        """Boxes to sign on the printed sheet."""
        head, box = self.styles.get(border=1, align="center", font_color=LIGHT.ink2), self.styles.get(border=1)
        for labels, signed in ((block.approval, block.approved), (block.handover, block.handed)):
            self.row += 1
            for index, label in enumerate(labels):
                self.sheet.write_string(self.row, index, visible(label), head)
                self._widen(index, 14)
            self.row += 1
            self.sheet.set_row(self.row, 40)
            for index in range(len(labels)):
                self.sheet.write_string(self.row, index, visible(signed[index]) if signed else "", box)
            self.row += 1

    def _reference(self, table: Table, first: int, column: int) -> list[object]:
        """The cells of a table's column as a chart wants them."""
        return [self.name, first, column, first + len(table.rows) - 1, column]

    def _series(self, table: Table, first: int, category: int, column: int, **looks: object) -> dict[str, object]:
        return {
            "name": visible(table.columns[column].title),
            "categories": self._reference(table, first, category),
            "values": self._reference(table, first, column),
            **looks,
        }

    def _hour_chart(self, table: Table, first: int) -> None:
        """Good pieces as columns under the target as a line."""
        chart = self.book.add_chart({"type": "column"})
        chart.add_series(self._series(table, first, 0, 3, fill={"color": LIGHT.run}, gap=40))
        line = self.book.add_chart({"type": "line"})
        line.add_series(
            self._series(
                table, first, 0, 2, line={"color": LIGHT.tick, "width": 2.25},
                marker={"type": "long_dash", "size": 9, "border": {"color": LIGHT.tick}, "fill": {"color": LIGHT.tick}},
            )
        )  # fmt: skip
        chart.combine(line)
        # Excel takes moments for a date axis, on which all hours of a day are one place.
        chart.set_x_axis({"text_axis": True, "num_format": _NUMBERS[Kind.CLOCK], "num_font": {"size": 9}})
        self._place(chart, table.columns[3].title, "#,##0")

    def _pareto_chart(self, table: Table, first: int) -> None:
        """Minutes by reason as columns, their running share as a line on its own axis."""
        chart = self.book.add_chart({"type": "column"})
        last = len(table.rows) - 1
        chart.add_series(
            self._series(
                table, first, 0, 1, fill={"color": LIGHT.reason}, gap=40,
                points=[*([None] * last), {"fill": {"color": LIGHT.stop}}],
            )
        )  # fmt: skip
        line = self.book.add_chart({"type": "line"})
        line.add_series(
            self._series(
                table, first, 0, 3, y2_axis=True, line={"color": LIGHT.value, "width": 2},
                marker={"type": "circle", "size": 5, "border": {"color": LIGHT.value}, "fill": {"color": LIGHT.value}},
            )
        )  # fmt: skip
        chart.combine(line)
        chart.set_x_axis({"num_font": {"size": 9}})
        line.set_y2_axis({"min": 0, "max": 1, "num_format": "0 %", "major_gridlines": {"visible": False}})
        self._place(chart, _("{title} (min)").format(title=table.columns[1].title), "#,##0")

    def _place(self, chart: Any, axis: str, numbers: str) -> None:
        """The chart under what is written so far."""
        gridlines = {"visible": True, "line": {"color": LIGHT.line, "width": 0.75}}
        chart.set_y_axis({"name": visible(axis), "num_format": numbers, "min": 0, "major_gridlines": gridlines})
        chart.set_legend({"position": "top"})
        chart.set_size({"width": 900, "height": 340})
        self.sheet.insert_chart(self.row + 1, 0, chart, {"object_position": 2})
