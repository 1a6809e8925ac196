"""The report as one CSV file: every table under its title, UTF-8 with BOM so that Excel in Korea opens it rightly.

Its figures are those of the arithmetic itself, unrounded; a line under the head says in which units.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from desktop.domain.figures.report import ShiftReport
from desktop.reports.blocks import Heading, KeyValues, Kind, Section, Sentences, Table
from desktop.reports.cells import guarded, plain
from desktop.reports.sections import build
from desktop.text import _


def render(report: ShiftReport) -> bytes:
    """The whole file: lines end in CRLF, an empty line stands between sections."""
    return tables(build(report), report.head.timezone)


def tables(sections: Sequence[Section], timezone: str) -> bytes:
    """The file of any sections, each under its title."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for index, section in enumerate(sections):
        rows = _rows(section, timezone)
        if rows:
            if index:
                writer.writerow([])
            writer.writerows(rows)
            if index == 0:
                units = _("Ratios in per cent and times in seconds, with every digit. Empty: not known.")
                writer.writerow([guarded(units)])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _rows(section: Section, timezone: str) -> list[list[str]]:
    """What of a section is words and figures; its charts are drawn from the same tables."""
    rows: list[list[str]] = []
    for block in section.blocks:
        if isinstance(block, Heading):
            rows.append([guarded(text) for text in (block.text, block.note) if text])
        elif isinstance(block, Sentences):
            rows.extend([guarded(sentence)] for sentence in block.plain())
        elif isinstance(block, KeyValues):
            rows.extend([guarded(_title(f.label, f.kind)), plain(f.value, f.kind, timezone)] for f in block.fields)
        elif isinstance(block, Table):
            if len(rows) > 1:
                rows.append([])
            rows.append([guarded(_title(column.title, column.kind)) for column in block.columns])
            rows.extend(
                [plain(value, column.kind, timezone) for column, value in zip(block.columns, row, strict=True)]
                for row in block.rows
            )
    return rows if len(rows) > 1 else []


def _title(title: str, kind: Kind) -> str:
    """A label with the unit of the exact figures that stand under or beside it."""
    if kind is Kind.RATIO:
        return f"{title} %"
    return _("{title} (s)").format(title=title) if kind in (Kind.MINUTES, Kind.DURATION) else title
