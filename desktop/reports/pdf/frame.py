"""What has its fixed place on a page: title, approval, result and words above; boxes to sign and imprint below."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from desktop import paint
from desktop.paint import CENTER, RIGHT
from desktop.reports.blocks import Heading, KeyValues, Result, Run, Sentences, SignOff
from desktop.reports.cells import local, percent, shown, visible
from desktop.reports.pdf.sheet import (
    BOTTOM_EDGE,
    GAP,
    HEADING,
    LEFT_EDGE,
    RIGHT_EDGE,
    TOP_EDGE,
    WIDTH,
    Sheet,
    broken,
    must,
)
from desktop.text import _
from desktop.tokens import LIGHT as T
from desktop.wording.numbers import observed_whole, pieces, signed


def title(page: Sheet) -> float:
    """Title and approval box; the bottom of both."""
    head, sign = page.sections["head"], page.sections["sign_off"]
    x = RIGHT_EDGE - 348
    _approval(page, QRectF(x, TOP_EDGE, 348, 104), sign.heading.text, must(sign, SignOff))
    used = page.say(LEFT_EDGE, TOP_EDGE, x - LEFT_EDGE - 24, 48, head.heading.text, 38, bold=True)
    marks = [field.value for field in must(page.sections["head"], KeyValues).fields if field.name == "demo"]
    if marks:
        wide = min(paint.width(str(marks[0]), 15, True) + 24, x - LEFT_EDGE - used - 44)
        plate = QRectF(LEFT_EDGE + used + 20, TOP_EDGE + 12, wide, 28)
        paint.box(page.p, plate, T.ink, radius=4)
        page.say(plate.x(), plate.y(), wide, 28, str(marks[0]), 15, ink=T.panel, bold=True, align=CENTER)
    where = (Run(visible(head.heading.note)),)
    room = QRectF(LEFT_EDGE, TOP_EDGE + 54, x - LEFT_EDGE - 24, 54)
    ladder = ((19, 25, 1), (16, 25, 2), (14, 18, 3))
    fits = (step for step in ladder if len(broken(where, room.width(), step[0])) <= step[2])
    px, line_px, most = next(fits, ladder[-1])
    page.paragraph(room, where, px, line_px, most, T.ink2)
    return TOP_EDGE + 115


def _approval(page: Sheet, rect: QRectF, title: str, sign: SignOff) -> None:
    """결재: three boxes for stamps or signatures under a narrow title."""
    side, head, labels = 36.0, 30.0, sign.approval
    step = (rect.width() - side) / len(labels)
    paint.box(page.p, rect, None, T.ink2)
    signs = list(title) if len(title) <= 3 else []
    for index, letter in enumerate(signs):
        y = rect.center().y() - 13 * len(signs) + 26 * index
        page.say(rect.x(), y, side, 26, letter, 16, align=CENTER)
    if not signs:
        page.p.save()
        page.p.translate(rect.x() + side / 2, rect.center().y())
        page.p.rotate(-90)
        page.say(-rect.height() / 2, -side / 2, rect.height(), side, title, 15, align=CENTER)
        page.p.restore()
    page.rule(rect.y() + head, T.ink2, left=rect.x() + side, right=rect.right())
    for index, label in enumerate(labels):
        x = rect.x() + side + index * step
        paint.line(page.p, x, rect.y(), x, rect.bottom(), T.ink2)
        page.say(x + 4, rect.y(), step - 8, head, label, 15, align=CENTER, least=12)
        if sign.approved and sign.approved[index]:
            who, _blank, when = sign.approved[index].rpartition(" ")
            page.say(x + 4, rect.y() + head + 12, step - 8, 26, who, 17, bold=True, align=CENTER, least=12)
            page.say(x + 4, rect.y() + head + 38, step - 8, 22, when, 15, ink=T.ink2, align=CENTER, least=12)


def strip(page: Sheet, top: float) -> float:
    """Product, window, number, edition and status under a strong rule; two lines where one is too narrow."""
    page.rule(top, T.ink, 2)
    fields = [field for field in must(page.sections["head"], KeyValues).fields if field.name != "demo"]
    wanted = [
        paint.width(f.label, 15) + 12 + min(paint.width(visible(str(f.value)), 16, True), 600) + 40 for f in fields
    ]
    rows: list[list[int]] = [[]]
    for index, wide in enumerate(wanted):
        if rows[-1] and sum(wanted[i] for i in rows[-1]) + wide > WIDTH:
            rows.append([])
        rows[-1].append(index)
    y = top + 2
    for row in rows:
        spare = (WIDTH - sum(wanted[i] for i in row)) / len(row)
        x = LEFT_EDGE + 8
        for index in row:
            field, end = fields[index], x + wanted[index] + min(spare, 60)
            used = page.say(x, y, wanted[index], 31, field.label, 15, ink=T.ink2) + 12
            room = wanted[index] - used - 30
            wide = page.say(x + used, y, room, 31, str(field.value), 16, bold=True, least=13)
            if field.name == "status":
                paint.box(page.p, QRectF(x + used - 8, y + 4, wide + 16, 24), None, T.ink, radius=4)
            x = end
        y += 31
    page.rule(y + 1)
    return y + 9


def result(page: Sheet, top: float) -> float:
    """Pieces against target, gauge and the three sentences."""
    block, words = must(page.sections["head"], Result), must(page.sections["words"], Sentences)
    height = 124.0
    good, rest = pieces(block.good), f"/ {pieces(block.target)}"
    wide = paint.width(good, 48, True) + 8 + paint.width(rest, 22)
    px = 48 if wide < 220 else 36
    label = f"{_('Good')} / {_('Target')}"
    page.say(LEFT_EDGE, top + 6, 240, 22, label, 15, ink=T.ink2)
    used = page.say(LEFT_EDGE, top + 28, 300, 56, good, px, bold=True)
    used += 8 + page.say(LEFT_EDGE + used + 8, top + 37, 200, 44, rest, 22, ink=T.ink2)
    if block.difference is not None:
        sign = "▲ " if block.difference > 0 else "▼ " if block.difference < 0 else ""
        delta = sign + signed(block.difference)
        page.say(LEFT_EDGE, top + 84, 240, 30, delta, 22, bold=True)
    x = LEFT_EDGE + max(used + 24, 172)
    paint.gauge(page.p, QRectF(x, top, 136, 109), block.oee, block.oee_target, f"{_('OEE')} %", T)
    whole = page.report.line is None or observed_whole(page.report.line)
    factors = (" × " if whole else " · ").join(percent(value) for value in block.factors)
    page.say(x - 20, top + height - 24, 176, 24, factors, 15, ink=T.ink2, align=CENTER)
    x += 160
    paint.line(page.p, x, top, x, top + height, T.line)
    _sentences(page, QRectF(x + 26, top, RIGHT_EDGE - x - 26, height), words)
    return top + height


def _sentences(page: Sheet, rect: QRectF, words: Sentences) -> None:
    """The sentences, numbered, as large as the place allows."""
    for px, line_px in ((18, 32.0), (17, 32.0), (17, 24.0), (16, 20.5), (15, 19.0), (14, 17.5), (13, 15.5)):
        lines = [len(broken(item, rect.width() - 24, px)) for item in words.items]
        if sum(lines) * line_px + (8 if line_px < 30 else 0) <= rect.height():
            break
    else:
        lines = [min(count, 2) for count in lines]
    y = rect.y() + (rect.height() - sum(lines) * line_px) / 2 - (4 if line_px < 30 else 0)
    for number, (item, count) in enumerate(zip(words.items, lines, strict=True), 1):
        page.say(rect.x(), y, 20, line_px, str(number), px, bold=True)
        y += page.paragraph(QRectF(rect.x() + 24, y, rect.width() - 24, 0), item, px, line_px, count)
        y += 4 if line_px < 30 else 0


def running_head(page: Sheet) -> float:
    """Which report a further page belongs to; its bottom."""
    head = page.sections["head"]
    fields = must(head, KeyValues).fields
    marks = [str(field.value) for field in fields if field.name == "demo"]
    number = visible(page.report.number)
    right = " · ".join([*marks, number, *(str(field.value) for field in fields if field.name == "status")])
    wide = min(paint.width(right, 15) + 2, WIDTH / 2)
    page.say(RIGHT_EDGE - wide, TOP_EDGE, wide, 30, right, 15, ink=T.ink2, align=RIGHT, least=12)
    used = page.say(LEFT_EDGE, TOP_EDGE, WIDTH - wide - 20, 30, head.heading.text, 22, bold=True) + 12
    room = WIDTH - wide - 20 - used
    page.say(LEFT_EDGE + used, TOP_EDGE + 2, room, 28, head.heading.note, 15, ink=T.ink2, least=12)
    page.rule(TOP_EDGE + 38, T.ink, 2)
    return TOP_EDGE + 38


def imprint(page: Sheet) -> float:
    """Rules, check value, time of printing and page at the foot; its top."""
    y = BOTTOM_EDGE - 20
    fields = must(page.sections["data"], KeyValues).fields
    said = [f"{field.label} {shown(field.value, field.kind, page.zone)}" for field in fields]
    printed = _("Printed {at}").format(at=f"{local(page.report.made_at_ms, page.zone):%Y-%m-%d %H:%M}")
    right = f"{printed} · " + _("page {number} of {count}").format(number=page.number, count=page.count)
    used = page.say(RIGHT_EDGE - 400, y, 400, 20, right, 14, ink=T.ink2, align=RIGHT)
    page.say(LEFT_EDGE, y, WIDTH - used - 24, 20, " · ".join([_("Gadong"), *said]), 14, ink=T.ink2)
    return y


def foot(page: Sheet) -> float:
    """Boxes to sign over the imprint; the top of all."""
    y = imprint(page)
    sign = must(page.sections["sign_off"], SignOff)
    rect = QRectF(LEFT_EDGE, y - 66, WIDTH, 56)
    paint.box(page.p, rect, None, T.ink2)
    step = rect.width() / len(sign.handover)
    for index, label in enumerate(sign.handover):
        x = rect.x() + index * step
        if index:
            paint.line(page.p, x, rect.y(), x, rect.bottom(), T.ink2)
        used = page.say(x + 16, rect.y(), step - 32, rect.height(), label, 16, ink=T.ink2) + 12
        who = sign.handed[index] if sign.handed else ""
        page.say(x + 16 + used, rect.y(), step - 32 - used, rect.height(), who, 16, bold=True, align=RIGHT, least=12)
    return rect.y() - GAP


def notes(page: Sheet, rect: QRectF) -> None:
    """What is left of the page, ruled for the pen: words to the next shift."""
    page.heading(Heading(_("Notes for the next shift")), rect)
    y = rect.y() + HEADING + 26
    while y < rect.bottom():
        page.rule(y)
        y += 32
