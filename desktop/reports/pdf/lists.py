"""Bands of rows and notes: stops, waiting, traceability, data, and the tables of ISO 22400."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF

from desktop import paint
from desktop.paint import RIGHT
from desktop.reports import layout
from desktop.reports.blocks import Cell, Heading, KeyValues, Kind, Run, Sentences, Table
from desktop.reports.cells import shown, unit_title
from desktop.reports.layout import NO_BREAK
from desktop.reports.pdf.sheet import HEADING, WIDTH, Drawn, Sheet, broken, must, the
from desktop.text import N_, _, plural
from desktop.tokens import LIGHT as T
from desktop.wording.numbers import pieces

_MOST_REJECTS = 3  # machines that are named with their rejects on the first page
_MOST_ITEMS = 6  # open items on the first page
_MOST_WAITS = 12  # rows of the table of charged waits


def charged(page: Sheet, rect: QRectF, lines: int) -> None:
    """Under few reasons: who made whom wait, longest first, as far as there is room. A later page has all."""
    section = page.sections["waits"]
    table = must(section, Table)
    page.heading(Heading(section.heading.text, _("minutes")), rect)
    gap, wide = 24.0, (rect.width() - 24) / 2
    for index, row in enumerate(table.rows[: 2 * lines]):
        place = QRectF(rect.x() + index % 2 * (wide + gap), rect.y() + 26 + index // 2 * 21, wide, 21)
        _wait(page, place, table, row)


def _wait(page: Sheet, rect: QRectF, table: Table, row: tuple[Cell, ...]) -> None:
    """One row: who waited, for whom, how long. The names give way, the length never."""
    waiting, cause, state, length = (
        shown(value, column.kind, page.zone) for column, value in zip(table.columns, row, strict=True)
    )
    figure = paint.width(length, 15, True) + 2
    page.say(rect.right() - figure - 2, rect.y(), figure, rect.height(), length, 15, bold=True, align=RIGHT)
    room = rect.width() - figure - 12
    used = page.say(rect.x(), rect.y(), room * 0.4, rect.height(), waiting, 15, bold=True, least=12) + 8
    used += page.say(rect.x() + used, rect.y(), 22, rect.height(), "\N{LEFTWARDS ARROW}", 15, ink=T.ink2) + 8
    used += page.say(rect.x() + used, rect.y(), room - used, rect.height(), cause, 15, least=12) + 10
    if room - used >= paint.width(state, 13):
        page.say(rect.x() + used, rect.y(), room - used, rect.height(), state, 15, ink=T.ink2, least=13)


def safety(page: Sheet) -> Drawn:
    """Accidents, near misses, emergency stops and 4M changes in one framed line."""
    section = page.sections["safety"]
    fields = must(section, KeyValues).fields

    def draw(rect: QRectF) -> None:
        frame = QRectF(rect.x(), rect.y(), rect.width(), 36)
        paint.box(page.p, frame, None, T.line_strong, radius=4)
        x = frame.x() + 16
        x += page.say(x, frame.y(), 240, 36, section.heading.text, 16, bold=True, least=13) + 24
        for field in fields:
            strong = field.kind is Kind.PIECES and bool(field.value)
            words = f"{field.label} {shown(field.value, field.kind, page.zone)}"
            x += page.say(x, frame.y(), frame.right() - x - 16, 36, words, 16, bold=strong, least=12) + 28

    return layout.Band(38, 38, 38), draw


def handed_over(page: Sheet) -> Drawn:
    """Open items with owner and date on the left, words to the next shift on the right; what has no room is counted."""
    section = page.sections["handover"]
    table, said = the(section, Table), the(section, Sentences)
    split = WIDTH * (0.58 if said and table else 1.0 if table else 0.0)
    rows = min(len(table.rows), _MOST_ITEMS) if table else 0
    notes = [(Run(words),) for words in (said.plain() if said else ())]
    wide = WIDTH - split - (40 if table else 0)
    lines = [len(broken(note, wide, 15)) for note in notes]

    def draw(rect: QRectF) -> None:
        left_out = len(table.rows) - rows if table else 0
        more = [_("{count} more in the spreadsheet").format(count=left_out)] if left_out else []
        page.heading(Heading(section.heading.text, " · ".join([section.heading.note, *more])), rect)
        y = rect.y() + 28
        if table:
            page.rule(y, T.line_strong, left=rect.x(), right=rect.x() + split)
            for n, row in enumerate(table.rows[:rows]):
                _item(page, QRectF(rect.x(), y, split, 26), table, row, strong=n in table.marked)
                y += 26
                page.rule(y, left=rect.x(), right=rect.x() + split)
        x, y = rect.right() - wide, rect.y() + 28
        if notes:
            page.rule(y, T.line_strong, left=x, right=rect.right())
        y += 4
        for note, count in zip(notes, lines, strict=True):
            y += page.paragraph(QRectF(x, y, wide, 0), note, 15, 21, count) + 4

    height = HEADING + max(rows * 26.0, sum(lines) * 21.0 + 4 * len(lines)) + 4
    return layout.Band(height, height, height), draw


def _item(page: Sheet, rect: QRectF, table: Table, row: tuple[Cell, ...], *, strong: bool) -> None:
    """An open item: what, who, until when."""
    what, owner, due, _since = (
        shown(value, column.kind, page.zone) for column, value in zip(table.columns, row, strict=True)
    )
    due = due if row[2] is not None else ""
    page.say(rect.right() - 130, rect.y(), 130, rect.height(), due, 15, bold=strong, align=RIGHT, least=12)
    page.say(rect.right() - 250, rect.y(), 112, rect.height(), owner, 15, least=12)
    page.say(rect.x(), rect.y(), rect.width() - 262, rect.height(), what, 15, bold=True, least=12)


def lists(page: Sheet) -> Drawn:
    """Stops on the left, what was traced and how far the data go on the right."""
    section = page.sections.get("stops")
    table, none = the(section, Table), the(section, Sentences)
    split = WIDTH * 0.63
    notes = _packed(_data_notes(page), WIDTH - split)
    count = len(table.rows) if table else 1
    rows = -(-count // 2) if count > 3 else count
    right = sum(len(broken((Run(note),), WIDTH - split, 14)) for note in notes) * 19

    def draw(rect: QRectF) -> None:
        wide = rect.width() - (WIDTH - split) if notes else rect.width() + 40
        left = QRectF(rect.x(), rect.y(), wide - 40, rect.height())
        if section and table:
            _stops(page, left, section.heading, table)
        elif section and none:
            page.heading(section.heading, left)
            page.rule(rect.y() + 28, T.line_strong, left=left.x(), right=left.right())
            page.paragraph(left.adjusted(0, 34, 0, 0), none.items[0], 15, 22, 2)
        if notes:
            _data(page, QRectF(rect.x() + wide, rect.y(), rect.right() - rect.x() - wide, rect.height()), notes)

    wanted = HEADING + max(min(rows, 6) * 25, min(right, 150), 30) + 4
    least = min(HEADING + max(76, min(right + 8, 140)), wanted)
    return layout.Band(least, wanted, max(HEADING + rows * 26 + 4, wanted)), draw


def _stops(page: Sheet, rect: QRectF, heading: Heading, table: Table) -> None:
    """The stops that matter most and have room, in order of time, in two columns if need be."""
    room = max(int((rect.height() - HEADING) / 22), 1)
    count = len(table.rows)
    sides = 1 if count <= min(room, 3) else 2
    keep = sorted(table.ranked[: room * sides])
    part = [_("{count} of {all}").format(count=len(keep), all=count)] if len(keep) < count else []
    note = " · ".join([*part, _("minutes"), *([heading.note] if heading.note else [])])
    page.heading(Heading(heading.text, note), rect)
    per_side = -(-len(keep) // sides)
    pitch = min((rect.height() - HEADING) / max(per_side, 1), 26)
    gap = 28.0
    wide = (rect.width() - gap * (sides - 1)) / sides
    for side in range(sides):
        x, y = rect.x() + side * (wide + gap), rect.y() + 28
        page.rule(y, T.line_strong, left=x, right=x + wide)
        for n in keep[side * per_side : (side + 1) * per_side]:
            _stop(page, QRectF(x, y, wide, pitch), table, table.rows[n], strong=n in table.marked)
            y += pitch
            page.rule(y, left=x, right=x + wide)


def _stop(page: Sheet, rect: QRectF, table: Table, row: tuple[Cell, ...], *, strong: bool) -> None:
    start, end, name, code, reason, length = (
        shown(value, column.kind, page.zone) for column, value in zip(table.columns, row, strict=True)
    )
    when = f"{start}–{end if row[1] is not None else ''}"
    page.say(rect.x(), rect.y(), 92, rect.height(), when, 15, ink=T.ink2)
    figure = paint.width(length, 15, True) + 2
    x, room = rect.x() + 98, rect.width() - 98 - figure - 10
    who = name if paint.width(name, 13, True) <= room * 0.5 or not code else code
    used = page.say(x, rect.y(), room * 0.5, rect.height(), who, 15, bold=True, least=13) + 8
    page.say(x + used, rect.y(), room - used, rect.height(), reason, 15, bold=strong, least=13)
    page.say(rect.right() - figure - 2, rect.y(), figure, rect.height(), length, 15, bold=True, align=RIGHT)


def _data_notes(page: Sheet) -> list[str]:
    """What was rejected, how far the data can be trusted, what was traced; what matters most comes first."""
    rejected = the(page.sections.get("rejects"), Table)
    traced = the(page.sections.get("trace"), KeyValues)
    said = the(page.sections.get("data"), Sentences)
    fields = [(f, shown(f.value, f.kind, page.zone)) for f in (traced.fields if traced else ())]
    counts = [f"{field.label}{NO_BREAK}{value}" for field, value in fields if field.kind is not Kind.TEXT]
    codes = [f"{field.label}: {value}" for field, value in fields if field.kind is Kind.TEXT]
    told = said.plain() if said else ()
    return [*(_rejected(rejected) if rejected else []), *told, *([" · ".join(counts)] if counts else []), *codes]


def _packed(notes: Sequence[str], width: float) -> list[str]:
    """The notes with short ones side by side on a line."""
    lines: list[str] = []
    for note in notes:
        together = f"{lines[-1]} · {note}" if lines else note
        if lines and len(broken((Run(together),), width, 14)) == 1:
            lines[-1] = together
        else:
            lines.append(note)
    return lines


def _rejected(table: Table) -> list[str]:
    """Most rejects first: "Reject 61: Welding 21, CNC 13 and 3 others 27"."""
    found = sorted(((int(row[3]), str(row[0])) for row in table.rows if row[3]), key=lambda one: -one[0])
    said = [f"{name}{NO_BREAK}{pieces(count)}" for count, name in found[:_MOST_REJECTS]]
    rest = found[_MOST_REJECTS:]
    if rest:
        others = plural(N_("{count} other"), N_("{count} others"), len(rest)).format(count=len(rest))
        said.append(f"{others}{NO_BREAK}{pieces(sum(count for count, _name in rest))}")
    whole = pieces(sum(count for count, _name in found))
    return [f"{table.columns[3].title}{NO_BREAK}{whole}: {' · '.join(said)}"]


def _data(page: Sheet, rect: QRectF, notes: Sequence[str]) -> None:
    """Whole notes only; those for which there is no room are counted, not dropped in silence."""
    titles = [page.sections[key].heading.text for key in ("rejects", "data", "trace") if key in page.sections]
    page.heading(Heading(" · ".join(titles)), rect)
    page.rule(rect.y() + 28, T.line_strong, left=rect.x(), right=rect.right())
    line_px = 19.0
    room, y = int((rect.height() - 28) / line_px), rect.y() + 33
    needs = [len(broken((Run(note),), rect.width(), 14)) for note in notes]
    if sum(needs) > room:
        room -= 1
    left = 0
    for note, need in zip(notes, needs, strict=True):
        if need > room:
            left += 1
            continue
        room -= need
        y += page.paragraph(QRectF(rect.x(), y, rect.width(), 0), (Run(note),), 14, line_px, need)
    if left:
        more = _("{count} more notes in the spreadsheet").format(count=left)
        page.say(rect.x(), y, rect.width(), line_px, more, 14, ink=T.ink2)


def waits(page: Sheet) -> Drawn:
    """Who made whom wait, in two columns; what has no room is counted."""
    section = page.sections["waits"]
    table = must(section, Table)
    rows = min(-(-len(table.rows) // 2), _MOST_WAITS)

    def draw(rect: QRectF) -> None:
        left_out = len(table.rows) - 2 * rows
        more = [_("{count} more in the spreadsheet").format(count=left_out)] if left_out > 0 else []
        note = " · ".join([_("minutes"), section.heading.note, *more])
        page.heading(Heading(section.heading.text, note), rect)
        gap = 28.0
        wide = (rect.width() - gap) / 2
        for side in range(2):
            x, y = rect.x() + side * (wide + gap), rect.y() + 28
            mine = table.rows[side * rows : (side + 1) * rows]
            if mine:
                page.rule(y, T.line_strong, left=x, right=x + wide)
            for row in mine:
                _wait(page, QRectF(x, y, wide, 26), table, row)
                y += 26
                page.rule(y, left=x, right=x + wide)

    height = HEADING + 26.0 * rows + 4
    return layout.Band(height, height, height), draw


def iso22400(page: Sheet) -> Drawn:
    """A column a machine: the ratios, then the times and pieces that they are made of, each with its formula."""
    section = page.sections["iso22400"]
    said = [(Run(sentence),) for sentence in must(section, Sentences).plain()]
    tables = [block for block in section.blocks if isinstance(block, Table)]
    notes = sum(len(broken(runs, WIDTH, 15)) for runs in said) * 21.0
    count = sum(len(table.columns) - 2 for table in tables)
    side = max(map(_row_names, tables)) + 20
    rest = HEADING + notes + 14 + len(tables) * 50.0

    def draw(rect: QRectF) -> None:
        page.heading(section.heading, rect)
        y = rect.y() + HEADING
        for runs in said:
            most = len(broken(runs, rect.width(), 15))
            y += page.paragraph(QRectF(rect.x(), y, rect.width(), 0), runs, 15, 21, most)
        pitch = (rect.height() - rest) / count
        for table in tables:
            y = _by_machine(page, rect, y + 14, pitch, table, side)

    return layout.Band(rest + 21.0 * count, rest + 28.0 * count, rest + 32.0 * count), draw


def _by_machine(page: Sheet, rect: QRectF, y: float, pitch: float, table: Table, side: float) -> float:
    """A table turned over: its columns are the rows, with their notes, its rows the columns. Returns its bottom."""
    cells = [
        [shown(value, column.kind, page.zone) for column, value in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]
    titles = [unit_title(column.title, column.kind) for column in table.columns]
    side = min(side, rect.width() * 0.4)
    wide = (rect.width() - side) / len(cells)
    figure = max(paint.width(cell, 16, True) for row in cells for cell in row[2:]) + 8
    with page.smaller(QRectF(rect.x(), y, rect.width(), 0), min(1.0, wide / figure)) as place:
        scale = place.width() / rect.width()
        side, wide, pitch, right = side * scale, wide * scale, pitch * scale, place.right()
        for n, row in enumerate(cells):
            x = side + n * wide
            page.say(x + 2, 0, wide - 9, 20, row[0], 14, ink=T.ink, bold=True, align=RIGHT, least=11)
            page.say(x + 2, 18, wide - 9, 18, row[1], 13, ink=T.ink2, align=RIGHT, least=11)
        top = 40.0
        page.rule(top, T.line_strong, left=0, right=right)
        for n, (title, column) in enumerate(zip(titles[2:], table.columns[2:], strict=True), 2):
            used = page.say(7, top, side - 14, pitch, title, 16, bold=column.strong) + 14
            page.say(7 + used, top, max(side - 14 - used, 0), pitch, column.note, 14, ink=T.ink2)
            for place_of, row in enumerate(cells):
                x = side + place_of * wide
                page.say(x, top, wide - 7, pitch, row[n], 16, bold=column.strong, align=RIGHT)
            top += pitch
            page.rule(top, left=0, right=right)
    return y + top / scale


def _row_names(table: Table) -> float:
    """How wide the titles of a table that is turned over are, with their notes."""
    return max(
        paint.width(unit_title(column.title, column.kind), 16, column.strong) + 14 + paint.width(column.note, 14)
        for column in table.columns[2:]
    )
