"""Makes the sample forms, one of each language: python installer/forms.py

They are what a shop begins with when it makes a form of its own: a 생산일보 on one A4 page with boxes for 결재, where
every figure is a placeholder. `tests/reports/test_form.py` checks that the files are those of this script.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "forms"
GREY = "#F0F2F4"
COLUMNS = "ABCDEFGHIJKL"
LAST = len(COLUMNS) - 1

# key -> Korean, English
WORDS = {
    "font": ("Malgun Gothic", "Arial"),
    "sheet": ("생산일보", "Daily report"),
    "title": ("생 산 일 보", "Daily production report"),
    "approval": ("결\n재", "Approval"),
    "drafted": ("작성", "Drafted"),
    "reviewed": ("검토", "Reviewed"),
    "approved": ("승인", "Approved"),
    "plant": ("사업장", "Plant"),
    "line": ("라인", "Line"),
    "date": ("생산일자", "Date"),
    "shift": ("근무조", "Shift"),
    "product": ("품명", "Product"),
    "number": ("보고번호", "Report no."),
    "status": ("구분", "Status"),
    "printed": ("출력", "Printed"),
    "totals": ("종합 실적", "Totals"),
    "target": ("목표", "Target"),
    "good": ("양품", "Good"),
    "reject": ("불량", "Reject"),
    "difference": ("차이", "Difference"),
    "achievement": ("달성률", "Achieve-\nment"),
    "oee": ("설비\n종합효율", "OEE"),
    "availability": ("시간\n가동률", "Avail-\nability"),
    "performance": ("성능\n가동률", "Perform-\nance"),
    "quality": ("양품률", "Quality"),
    "downtime_min": ("비가동\n(분)", "Downtime\n(min)"),
    "per_good": ("불량 / 양품", "Reject / good"),
    "machines": ("설비별 실적", "Results by machine"),
    "machine": ("설비", "Machine"),
    "stop_min": ("비가동\n(분)", "Stops\n(min)"),
    "setup_min": ("준비교체\n(분)", "Setup\n(min)"),
    "sum": ("합계", "Sum"),
    "hours": ("시간대별 실적", "Hour by hour"),
    "from": ("시간", "Hour"),
    "cumulative": ("누적 차이", "Cumulative"),
    "loss": ("주요 손실", "Biggest loss"),
    "lost_min": ("손실(분)", "Lost (min)"),
    "reasons": ("비가동 사유", "Downtime reasons"),
    "reason": ("사유", "Reason"),
    "length_min": ("시간(분)", "Minutes"),
    "count": ("건수", "Times"),
    "share": ("누적", "Cumulative"),
    "rejects": ("불량", "Rejects"),
    "made": ("생산", "Made"),
    "rate": ("불량률", "Defect rate"),
    "measurements": ("측정", "Measurements"),
    "name": ("항목", "Measurement"),
    "values": ("측정 수", "Values"),
    "outside": ("규격 이탈", "Outside"),
    "mean": ("평균", "Mean"),
    "notes": ("특이사항 · 인수인계", "Notes for the next shift"),
    "handed_over": ("인계", "Handed over"),
    "taken_over": ("인수", "Taken over"),
    "confirmed": ("확인", "Confirmed"),
}

Look = Mapping[str, object]
_PLAIN: Look = {"num_format": "#,##0"}
_SIGNED: Look = {"num_format": "+#,##0;-#,##0;0"}
_RATIO: Look = {"num_format": "0.0%"}
_MINUTES: Look = {"num_format": "#,##0.0"}
_TEXT: Look = {"align": "left", "indent": 1, "shrink": True}
_BIG: Look = {"bold": True, "font_size": 14}


class Form:
    """A sheet that is written from the top down."""

    def __init__(self, book: Any, language: int) -> None:
        self._book = book
        self._language = language
        self._looks: dict[tuple[tuple[str, object], ...], Any] = {}
        self.sheet = book.add_worksheet(self.words("sheet"))
        self.sheet.set_column(0, LAST, 9.4, self.look())
        self.row = 0

    def words(self, key: str) -> str:
        """The words of a key."""
        return WORDS[key][self._language]

    def look(self, **more: object) -> Any:
        """A look on top of what every cell has."""
        key = tuple(sorted(more.items()))
        if key not in self._looks:
            base = {"font_name": self.words("font"), "font_size": 9, "valign": "vcenter"}
            self._looks[key] = self._book.add_format({**base, **more})
        return self._looks[key]

    def boxed(self, **more: object) -> Any:
        """A look with an edge."""
        return self.look(border=1, border_color="#85919D", **more)

    def head(self) -> Any:
        """The look of a label."""
        return self.boxed(bg_color=GREY, align="center", text_wrap=True)

    def put(self, first: int, last: int, words: str, look: Any, rows: int = 1) -> None:
        """Words over one or more cells of this row and those below."""
        if first == last and rows == 1:
            self.sheet.write(self.row, first, words, look)
        else:
            self.sheet.merge_range(self.row, first, self.row + rows - 1, last, words, look)

    def next(self, height: float | None = None) -> None:
        """Go on below."""
        if height is not None:
            self.sheet.set_row(self.row, height)
        self.row += 1

    def title(self, *titles: tuple[int, str]) -> None:
        """Titles of what follows, after a little room."""
        self.next(7)
        for column, key in titles:
            self.put(column, column, self.words(key), self.look(bold=True, font_size=11))
        self.next(18)

    def table(self, *tables: tuple[int, str, Sequence[tuple[str, str, int, Look]]], high: float) -> None:
        """Lists side by side: a head, and below it the row that comes as often as they have entries.

        A column is its words, its name in the list, how many cells it is wide, and its look.
        """
        for start, _rows, columns in tables:
            at = start
            for key, _name, wide, _look in columns:
                self.put(at, at + wide - 1, self.words(key), self.head())
                at += wide
        self.next(high)
        for start, rows, columns in tables:
            at = start
            for _key, name, wide, look in columns:
                self.put(at, at + wide - 1, f"{{{{{rows}.{name}}}}}", self.boxed(**look))
                at += wide
        self.next()


def make(language: str) -> bytes:
    """The form of a language as a workbook."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        form = Form(book, ("ko", "en").index(language))
        book.set_properties({"title": form.words("title"), "created": datetime(2026, 1, 1, tzinfo=UTC)})
        _head(form)
        _totals(form)
        _lists(form)
        _foot(form)
        form.sheet.set_paper(9)
        form.sheet.set_margins(0.45, 0.45, 0.5, 0.5)
        form.sheet.fit_to_pages(1, 1)
        form.sheet.center_horizontally()
        form.sheet.print_area(0, 0, form.row - 1, LAST)
        form.sheet.hide_gridlines(2)
    return target.getvalue()


def _head(form: Form) -> None:
    """Title, boxes to sign, and whose report this is."""
    form.put(0, 6, form.words("title"), form.look(bold=True, font_size=20), rows=2)
    form.put(8, 8, form.words("approval"), form.head(), rows=2)
    for place, key in enumerate(("drafted", "reviewed", "approved"), 9):
        form.put(place, place, form.words(key), form.head())
    form.next(18)
    for place in range(9, 12):
        form.put(place, place, "", form.boxed())
    form.next(42)
    form.next(7)
    facts = (
        (("plant", "{{plant}}"), ("line", "{{line}}"), ("date", "{{date}} ({{weekday}})"),
         ("shift", "{{shift}} {{start}}–{{end}}")),
        (("product", "{{product}}"), ("number", "{{number}}"), ("status", "{{status}} · {{revision}}"),
         ("printed", "{{printed}}")),
    )  # fmt: skip
    for line in facts:
        for place, (key, value) in enumerate(line):
            form.put(3 * place, 3 * place, form.words(key), form.head())
            form.put(3 * place + 1, 3 * place + 2, value, form.boxed(**_TEXT))
        form.next(18)
    form.put(0, LAST, "{{demo}}", form.look(font_size=8, font_color="#5A6773"))
    form.next(12)


def _totals(form: Form) -> None:
    """The figures of the line and three sentences."""
    form.title((0, "totals"))
    figures: tuple[tuple[str, Look], ...] = (
        ("target", {**_PLAIN, **_BIG}), ("good", {**_PLAIN, **_BIG}), ("reject", {**_PLAIN, **_BIG}),
        ("difference", {**_SIGNED, **_BIG}), ("achievement", _RATIO), ("availability", _RATIO),
        ("performance", _RATIO), ("quality", _RATIO), ("oee", {**_RATIO, **_BIG}), ("downtime_min", _MINUTES),
    )  # fmt: skip
    for place, (key, _look) in enumerate(figures):
        form.put(place, place, form.words(key), form.head())
    form.put(10, 11, form.words("per_good"), form.head())
    form.next(28)
    for place, (key, look) in enumerate(figures):
        form.put(place, place, f"{{{{{key}}}}}", form.boxed(**look))
    mine = form.row + 1
    form.put(10, 11, "", form.boxed(num_format="0.00%"))
    form.sheet.write_formula(form.row, 10, f'=IF(N(B{mine})=0,"",C{mine}/B{mine})', form.boxed(num_format="0.00%"), "")
    form.next(26)
    for key in ("result", "biggest_loss", "open"):
        form.put(0, LAST, f"{{{{{key}}}}}", form.look(shrink=True))
        form.next(16)


def _lists(form: Form) -> None:
    """Machines with their sums, then hours beside reasons, then rejects beside measurements."""
    form.title((0, "machines"))
    form.table(
        (
            0,
            "machines",
            (
                ("machine", "name", 1, _TEXT), ("target", "target", 1, _PLAIN), ("good", "good", 1, _PLAIN),
                ("reject", "reject", 1, _PLAIN), ("difference", "difference", 1, _SIGNED),
                ("achievement", "achievement", 1, _RATIO), ("availability", "availability", 1, _RATIO),
                ("performance", "performance", 1, _RATIO), ("quality", "quality", 1, _RATIO),
                ("oee", "oee", 1, {**_RATIO, "bold": True}), ("stop_min", "stop_min", 1, _MINUTES),
                ("setup_min", "setup_min", 1, _MINUTES),
            ),
        ),
        high=28,
    )  # fmt: skip
    form.put(0, 0, form.words("sum"), form.boxed(bg_color=GREY, bold=True, **_TEXT))
    for place in range(1, LAST + 1):
        column, above = COLUMNS[place], form.row
        if place in (3, 10, 11):
            look = form.boxed(bg_color=GREY, bold=True, **(_PLAIN if place == 3 else _MINUTES))
            form.sheet.write_formula(form.row, place, f"=SUM({column}{above}:{column}{above})", look, "")
        else:
            form.put(place, place, "", form.boxed(bg_color=GREY))
    form.next()
    form.title((0, "hours"), (8, "reasons"))
    form.table(
        (
            0,
            "hours",
            (
                ("from", "from", 1, {"num_format": "hh:mm", "align": "center"}), ("target", "target", 1, _PLAIN),
                ("good", "good", 1, _PLAIN), ("difference", "difference", 1, _SIGNED),
                ("cumulative", "cumulative", 1, _SIGNED), ("lost_min", "lost_min", 1, _MINUTES),
                ("loss", "loss", 1, _TEXT),
            ),
        ),
        (
            8,
            "reasons",
            (
                ("reason", "reason", 1, _TEXT), ("length_min", "length_min", 1, _MINUTES),
                ("count", "count", 1, _PLAIN), ("share", "cumulative", 1, _RATIO),
            ),
        ),
        high=18,
    )  # fmt: skip
    form.title((0, "rejects"), (5, "measurements"))
    form.table(
        (
            0,
            "rejects",
            (
                ("machine", "machine", 1, _TEXT), ("made", "made", 1, _PLAIN), ("reject", "reject", 1, _PLAIN),
                ("rate", "rate", 1, _RATIO),
            ),
        ),
        (
            5,
            "measurements",
            (
                ("machine", "machine", 1, _TEXT), ("name", "name", 2, _TEXT), ("values", "values", 1, _PLAIN),
                ("outside", "outside", 1, _PLAIN), ("mean", "mean", 2, {"num_format": "0.000"}),
            ),
        ),
        high=18,
    )  # fmt: skip


def _foot(form: Form) -> None:
    """Room for notes, and boxes to sign."""
    form.title((0, "notes"))
    form.put(0, LAST, "", form.boxed(valign="top", text_wrap=True), rows=3)
    form.row += 3
    form.next(7)
    for place, key in enumerate(("handed_over", "taken_over", "confirmed")):
        form.put(4 * place, 4 * place, form.words(key), form.head())
        form.put(4 * place + 1, 4 * place + 3, "", form.boxed())
    form.next(30)


def main() -> None:
    """Write the forms."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in ("ko", "en"):
        (FOLDER / f"daily-report-{language}.xlsx").write_bytes(make(language))


if __name__ == "__main__":
    main()
