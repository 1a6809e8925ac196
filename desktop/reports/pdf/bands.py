"""Bands of figures and charts: machines, hours, states, losses. Each tells how high it may be and draws itself."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QRectF

from desktop import paint
from desktop.domain.events import State
from desktop.domain.figures.stops import ParetoRow
from desktop.domain.intervals import GOING
from desktop.paint import CENTER, LEFT, RIGHT
from desktop.reports import layout
from desktop.reports.blocks import Heading, HourChart, Kind, Pareto, Run, Table, Timelines, Waterfall
from desktop.reports.cells import shown, unit_title, visible
from desktop.reports.derived import top_bars
from desktop.reports.pdf.lists import charged
from desktop.reports.pdf.sheet import HEADING, WIDTH, Drawn, Sheet, broken, must, the
from desktop.text import _
from desktop.tokens import LIGHT as T
from desktop.tokens import RARE, Look
from desktop.wording.numbers import lost_tenths, pieces, signed, table_minutes
from desktop.wording.states import by_hand as by_hand_in_words

_MOST_MEASURED = 16  # rows of the table of measurements
_MOST_PEOPLE, _MOST_CHECKS = 24, 30  # of the page of people and checks
_MOST_ROWS = 16  # of the tables of orders, changeovers and reasons of rejects
_WIDEST_WORDS = 200.0  # a column of words that is not the first; longer ones go smaller


def scoreboard(page: Sheet) -> Drawn:
    """Plan, pieces and ratios, a row a machine."""
    return _machines(page, "scoreboard")


def failures(page: Sheet) -> Drawn:
    """MTBF and MTTR, a row a machine."""
    return _machines(page, "failures")


def calls(page: Sheet) -> Drawn:
    """MTTR by its phases, a row a machine at which maintenance was called."""
    return _machines(page, "calls")


def rejects(page: Sheet) -> Drawn:
    """Rejects and defect rate, a row a machine."""
    return _machines(page, "rejects")


def scrap(page: Sheet) -> Drawn:
    """Rejects by reason, a row each; what has no room is counted."""
    return _machines(page, "scrap", _MOST_ROWS)


def orders(page: Sheet) -> Drawn:
    """The orders of the shift, a row each; what is late or too much comes first where there is no room for all."""
    return _machines(page, "orders", _MOST_ROWS)


def changeovers(page: Sheet) -> Drawn:
    """The changeovers of the shift, a row each; what has no room is counted."""
    return _machines(page, "changeovers", _MOST_ROWS)


def crew(page: Sheet) -> Drawn:
    """Everybody who worked, a row each; who has no room is counted."""
    return _machines(page, "crew", _MOST_PEOPLE)


def posts(page: Sheet) -> Drawn:
    """Man-hours at each machine."""
    return _machines(page, "posts", _MOST_ROWS)


def checks(page: Sheet) -> Drawn:
    """What was checked, a row each; what was not right comes first, what has no room is counted."""
    return _machines(page, "checks", _MOST_CHECKS)


def measured(page: Sheet) -> Drawn:
    """What was measured, a row each; what has no room is counted, what broke its limits comes first then."""
    return _machines(page, "measured", _MOST_MEASURED)


def _machines(page: Sheet, key: str, most: int | None = None) -> Drawn:
    """A table whose rows begin with a machine; a name that is too long for one line makes its row higher."""
    section = page.sections[key]
    table = must(section, Table)
    heading = section.heading
    if most is not None and len(table.rows) > most:
        chosen = sorted(sorted(range(len(table.rows)), key=lambda n: (n not in table.marked, n))[:most])
        left_out = _("{count} more in the spreadsheet").format(count=len(table.rows) - most)
        heading = Heading(heading.text, f"{heading.note} · {left_out}")
        rows = tuple(table.rows[n] for n in chosen)
        table = replace(table, rows=rows, marked=frozenset(k for k, n in enumerate(chosen) if n in table.marked))
    titles = [unit_title(column.title, column.kind) for column in table.columns]
    cells = [
        [shown(value, column.kind, page.zone) for column, value in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]
    wanted = [
        max(paint.width(title, 14), *(paint.width(row[n], 16, True) for row in cells)) + 18
        for n, title in enumerate(titles[2:], 2)
    ]
    words = {n for n, column in enumerate(table.columns) if column.kind is Kind.TEXT}
    wanted = [min(wide, _WIDEST_WORDS) if n in words else wide for n, wide in enumerate(wanted, 2)]
    names = [paint.width(row[0], 16, True) + paint.width(row[1], 16) + 20 for row in cells]
    first = layout.columns([max([160.0, *names]), *wanted], WIDTH, 160)[0]
    heights = [34.0 if name > first else 23.0 for name in names]

    def draw(rect: QRectF) -> None:
        with page.smaller(rect, min(1.0, rect.width() / (160 + sum(wanted)))) as place:
            draw_whole(place)

    def draw_whole(rect: QRectF) -> None:
        page.heading(heading, rect)
        widths = layout.columns([max([160.0, *names]), *wanted], rect.width(), 160)
        rights = [rect.x() + sum(widths[: n + 1]) for n in range(len(widths))]
        y = rect.y() + HEADING - 2
        page.say(rect.x() + 7, y, widths[0], 26, titles[0], 14, ink=T.ink2)
        for n, (title, right, wide) in enumerate(zip(titles[2:], rights[1:], widths[1:], strict=True), 2):
            side = LEFT if n in words else RIGHT
            page.say(right - wide, y, wide - 7, 26, title, 14, ink=T.ink2, align=side, least=12)
        y += 28
        page.rule(y, T.line_strong, left=rect.x(), right=rect.right())
        extra = (rect.bottom() - y - sum(heights)) / len(cells)
        for index, (row, least) in enumerate(zip(cells, heights, strict=True)):
            high, marked = least + extra, index in table.marked
            if marked:
                paint.box(page.p, QRectF(rect.x(), y, rect.width(), high), T.run_tint)
            _named(page, QRectF(rect.x() + 7, y, widths[0] - 12, high), row[0], row[1], twice=least > 23)
            for n, (right, wide) in enumerate(zip(rights[1:], widths[1:], strict=True), 2):
                bold = table.columns[n].strong or marked
                if n in words:
                    page.say(right - wide, y, wide - 7, high, row[n], 16, bold=bold, least=13)
                else:
                    page.say(right - wide, y, wide - 7, high, row[n], 16, bold=bold, align=RIGHT)
            y += high
            page.rule(y, left=rect.x(), right=rect.right())

    head, least = HEADING + 26, sum(heights)
    wish = sum(max(height, 26) for height in heights)
    return layout.Band(head + least, head + wish, head + wish + 2 * len(cells)), draw


def _named(page: Sheet, rect: QRectF, name: str, code: str, *, twice: bool) -> None:
    """A machine's name and code on one line, or on two in small: the name gives way, the code never."""
    if not twice:
        used = page.say(rect.x(), rect.y(), rect.width(), rect.height(), name, 16, bold=True) + 6
        page.say(rect.x() + used, rect.y(), rect.width() - used, rect.height(), code, 16, ink=T.ink2)
        return
    lines = broken((Run(name, strong=True),), rect.width(), 13)
    rest = "".join(run.text for line in lines[1:] for run in line)
    y = rect.center().y() - 15
    page.say(rect.x(), y, rect.width(), 15, lines[0][0].text, 13, bold=True)
    room = rect.width() - paint.width(code, 13) - 8
    used = page.say(rect.x(), y + 15, room, 15, rest, 13, bold=True) + 6 if rest else 0
    page.say(rect.x() + used, y + 15, rect.width() - used, 15, code, 13, ink=T.ink2)


def hours(page: Sheet) -> Drawn:
    """Bars against the target, then difference, running difference and reason of every hour."""
    section = page.sections["hours"]
    block = must(section, HourChart)
    titles = (_("Difference"), _("Cumulative"), _("Lost to (min)"))
    side = max(paint.width(title, 15) for title in titles) + 8
    compared = any(one is not None for one in block.differences)
    slot = (WIDTH - side) / len(block.hours) - 4
    losses = [
        _hour_loss(page, reason, table_minutes(row.loss_ms), slot) if reason else (14, [])
        for reason, row in zip(block.reasons, block.hours, strict=True)
    ]
    deepest = max(len(lines) for _px, lines in losses)
    rows = ([(titles[0], 24.0), (titles[1], 24.0)] if compared else []) + (
        [(titles[2], 8 + 15.0 * deepest)] if deepest else []
    )
    table = sum(height for _title, height in rows)

    def draw(rect: QRectF) -> None:
        page.heading(section.heading, rect)
        chart = QRectF(rect.x() + side, rect.y() + HEADING - 4, rect.width() - side, 0)
        chart.setBottom(rect.bottom() - table)
        y, step = chart.bottom(), chart.width() / len(block.hours)
        figure = max(paint.width(pieces(row.good), 19, True) for row in block.hours) + 6
        with page.smaller(chart, min(1.0, step / figure)) as place:
            paint.hour_bars(
                page.p, place, block.hours, T,
                now_ms=page.report.window.end_ms, timezone=page.zone, pause_names=_pause_names(page, block),
            )  # fmt: skip
        for title, height in rows:
            page.rule(y, right=rect.right())
            page.say(rect.x(), y, side, 24, title, 15, ink=T.ink2, least=13)
            y += height
        if compared:
            _differences(page, chart, step, block)
        for index, (px, lines) in enumerate(losses):
            for n, words in enumerate(lines):
                x, top = chart.x() + index * step + 2, y - 15 * deepest - 4 + 15 * n
                page.say(x, top, step - 4, 16, words, px, align=CENTER)

    return layout.Band(144 + table, 192 + table, 244 + table), draw


def _pause_names(page: Sheet, block: HourChart) -> dict[int, str]:
    """What the hours are called in which the line rests."""
    pauses = page.report.shift.pauses
    return {row.span.start_ms: p.name for row in block.hours for p in pauses if p.span.cut(row.span)}


def _differences(page: Sheet, chart: QRectF, step: float, block: HourChart) -> None:
    """Two rows of figures under the bars; the worst hour is bold."""
    worst = min(by for by in block.differences if by is not None)
    for index, (by, total) in enumerate(zip(block.differences, block.totals, strict=True)):
        if by is not None:
            x, y, bold = chart.x() + index * step + 3, chart.bottom(), by < 0 and by == worst
            page.say(x, y, step - 6, 24, signed(by), 16, bold=bold, align=CENTER, least=10)
            page.say(x, y + 24, step - 6, 24, signed(total), 16, ink=T.ink2, align=CENTER, least=10)


def _hour_loss(page: Sheet, reason: str, figure: str, slot: float) -> tuple[int, list[str]]:
    """Size and lines of a reason with its minutes: the reason gives way where the slot is narrow, they never."""
    for px, most in ((14, 1), (13, 2), (12, 2)):
        lines = broken((Run(f"{reason} {figure}"),), slot, px)
        if len(lines) <= most:
            return px, ["".join(run.text for run in line).rstrip() for line in lines]
    return 12, [reason, figure]


def timelines(page: Sheet) -> Drawn:
    """One strip a machine over the same hours, with the legend beside the title."""
    section = page.sections["timelines"]
    block = must(section, Timelines)
    side = min(max([88.0, *(paint.width(visible(name), 15) for name, _code, _parts in block.rows)]), 180) + 10
    count = len(block.rows)

    def draw(rect: QRectF) -> None:
        page.heading(section.heading, rect)
        _legend(page, rect.right(), rect.y() + 2)
        top, axis = rect.y() + HEADING, 18.0
        pitch = (rect.bottom() - axis - top) / count
        strips = QRectF(rect.x() + side, top, rect.width() - side, pitch * count)
        marks = layout.marks(block.window, page.zone, strips.width())
        for index, (name, code, parts) in enumerate(block.rows):
            y = top + index * pitch
            label = name if paint.width(visible(name), 13) <= side - 8 or not code else code
            page.say(rect.x(), y, side - 8, pitch, label, 15, least=13)
            strip = QRectF(strips.x(), y + pitch * 0.1, strips.width(), pitch * 0.8)
            paint.box(page.p, strip, T.run_tint)
            paint.timeline(page.p, strip, parts, block.window, T)
            running = [part.span for part in parts if part.category in GOING]
            for at_ms, _word in marks[1:-1]:
                # A standstill stays whole: a line through it would make two of it.
                if any(span.holds(at_ms) for span in running):
                    x = paint.x_of(at_ms, strip, block.window)
                    paint.line(page.p, x, strip.top(), x, strip.bottom(), T.run_tint)
        for at_ms, word in marks:
            wide = paint.width(word, 14) + 2
            x = paint.x_of(at_ms, strips, block.window)
            x = min(max(x - wide / 2, strips.x() - wide / 2), rect.right() - wide)
            page.say(x, rect.bottom() - axis, wide, axis, word, 14, ink=T.ink2, align=CENTER)

    return layout.Band(48 + 17 * count, 50 + 25 * count, 50 + 31 * count), draw


def _legend(page: Sheet, right: float, y: float) -> None:
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
    parts = [part for _name, _code, row in must(page.sections["timelines"], Timelines).rows for part in row]
    there = {paint.interval_look(part) for part in parts}
    if there & set(RARE):  # those that are seldom seen need the room of those that are not there
        words = {found: word for found, word in words.items() if found in there}
    else:
        words = {found: word for found, word in words.items() if found not in RARE}
    by_hand = any(part.by_hand for part in parts)
    size = 15 if len(words) + by_hand <= 7 else 13
    x = right
    for found, word in [*([(None, by_hand_in_words())] if by_hand else []), *words.items()]:
        wide = paint.width(word, size) + 1
        page.say(x - wide, y, wide, 22, word, size)
        swatch = QRectF(x - wide - 30, y + 4, 23, 14)
        if found is None:
            paint.box(page.p, swatch, T.panel, T.line_strong)
            paint.hand_mark(page.p, swatch, T)
        else:
            paint.swatch(page.p, swatch, found, T)
        x = swatch.x() - 14


def losses(page: Sheet) -> Drawn:
    """The waterfall of the line's pace and the reasons of all standstill, side by side."""
    steps, bars = the(page.sections.get("losses"), Waterfall), the(page.sections.get("downtime"), Pareto)
    rows = len(bars.bars) if bars else 0
    least = max(200.0 if steps else 0.0, HEADING + 24 + 20 * min(rows, 8))
    wanted = max(240.0 if steps else 0.0, HEADING + 24 + 25 * min(rows, 9))

    def draw(rect: QRectF) -> None:
        left = QRectF(rect.x(), rect.y(), rect.width() * 0.5 if bars else rect.width(), rect.height())
        if steps:
            page.heading(page.sections["losses"].heading, left)
            _waterfall(page, left.adjusted(0, HEADING - 4, 0, 0), steps)
        if bars:
            at = left.right() + 40 if steps else rect.x()
            right = QRectF(at, rect.y(), rect.right() - at, rect.height())
            page.heading(page.sections["downtime"].heading, right)
            room = right.adjusted(0, HEADING - 4, 0, 0)
            spare = room.height() - 24 - 25 * rows - 34  # what the reasons can spare, less title and gap
            lines = max(int(spare / 21), 0) if "waits" in page.sections else 0
            charged_px = 34 + 21 * lines if lines else 0
            _pareto(page, room.adjusted(0, 0, 0, -charged_px), bars)
            if lines:
                top = room.bottom() - charged_px + 8
                charged(page, QRectF(at, top, right.width(), charged_px - 8), lines)

    return layout.Band(least, wanted, max(wanted, 320 if steps else least)), draw


def _waterfall(page: Sheet, rect: QRectF, block: Waterfall) -> None:
    """Drawn smaller where there are so many steps that their names or figures would not fit."""
    drawn = [step for step in block.steps if step.total or step.length_ms]
    labels = {step.kind: label for step, label in zip(block.steps, block.labels, strict=True)}
    words = [word for step in drawn for word in (*labels[step.kind].split(), lost_tenths(step.length_ms))]
    pitch = 8 + max(paint.width(word, 14, True) for word in words)
    with page.smaller(rect, min(1.0, rect.width() / len(drawn) / pitch)) as place:
        paint.waterfall(page.p, place, drawn, T, labels, cut=True)


def _pareto(page: Sheet, rect: QRectF, block: Pareto) -> None:
    """As many reasons as the height carries; drawn a little smaller where their names would not fit."""
    bars = top_bars(block.bars, max(int((rect.height() - 24) / 20), 3))
    rows = [
        ParetoRow(visible(bar.label), bar.category, State.STOP, bar.labelled, bar.length_ms, bar.count) for bar in bars
    ]
    need = max(paint.width(row.word, 14, not row.labelled) for row in rows) + 10
    with page.smaller(rect, max(min(1.0, rect.width() * 0.24 / need), 0.8)) as place:
        paint.pareto(page.p, place, rows, T)
