"""CSV, JSON and XLSX: the same figures, real numbers, and no name that becomes a formula."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from desktop import text
from desktop.domain.figures.report import RawEvent, RawEvents, ShiftReport
from desktop.reports import cells, csv_file, json_file, xlsx
from desktop.reports.blocks import Kind
from tests.reports.example import REPORTS, at, full, hostile, no_data, tiny

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    text.use("en")
    yield
    text.use("en")


def csv_rows(report: ShiftReport) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_file.render(report).decode("utf-8-sig"), newline="")))


def book_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def book(report: ShiftReport) -> Any:
    return book_of(xlsx.render(report))


# --- CSV ---------------------------------------------------------------------------------------------


def test_csv_opens_rightly_in_korean_excel() -> None:
    content = csv_file.render(full())
    assert content.startswith(b"\xef\xbb\xbf")
    assert not content[3:].startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") > 100
    assert "밸브 하우징 VH-204" in content.decode("utf-8-sig")


def test_csv_holds_every_table_under_its_title() -> None:
    rows = csv_rows(full())
    titles = [row[0] for before, row in zip([[], *rows], rows, strict=False) if row and not before]
    order = ["Shift production report", "Results by machine", "Hour by hour", "Machine states", "Where the time went",
             "Downtime reasons", "Failures",
                     "Repairs by phase", "Waiting charged to", "Downtime list", "Rejects", "Measurements",
             "Traceability", "Data", "ISO 22400 indicators"]  # fmt: skip
    assert [title for title in titles if title in order] == order
    weld = next(row for row in rows if row[:2] == ["용접", "WD-01"])
    assert weld == [
        "용접",
        "WD-01",
        "976",
        "936",
        "21",
        "-40",
        "95.90163934426229",
        "89.8",
        "87.3",
        "97.8",
        "76.7",
        "-2.8",
        "100",
    ]
    start = rows.index(weld) - 3
    assert rows[start][:6] == ["Machine", "Code", "Target", "Good", "Reject", "Difference"]
    assert ["OEE %", "76.7"] in rows


def test_csv_is_not_rounded_and_says_in_which_units() -> None:
    """The ratios that stand there multiplied give the pieces' time, the times of a machine add up to the window."""
    report = full()
    rows = csv_rows(report)
    said = [cell for row in rows for cell in row]
    assert "Ratios in per cent and times in seconds, with every digit. Empty: not known." in said
    head = next(row for row in rows if row[:3] == ["Machine", "Code", "Busy time (s)"])
    weld = next(row for row in rows[rows.index(head) :] if row[:2] == ["용접", "WD-01"])
    assert sum(map(float, weld[3:])) == report.window.length_ms / 1000
    head = next(row for row in rows if row[:2] == ["Machine", "Code"] and "Counted as" in row)
    end = next(n for n, row in enumerate(rows) if n > rows.index(head) and not row)
    states = [row for row in rows[rows.index(head) : end] if row[:2] == ["용접", "WD-01"]]
    assert sum(float(row[4]) for row in states) == report.window.length_ms / 1000


def test_iso_waits_and_work_in_process_are_in_every_file() -> None:
    report = full()
    weld = report.machines[2].iso
    assert weld is not None
    rows = csv_rows(report)
    head = next(row for row in rows if row[:4] == ["Machine", "Code", "Availability %", "Effectiveness %"])
    told = next(row for row in rows[rows.index(head) :] if row[:2] == ["용접", "WD-01"])
    assert float(told[2]) / 100 == pytest.approx(weld.availability, rel=1e-15)
    assert ["WD-01", "MC-01", "Starved", "420"] in rows
    assert ["Work in process after 용접", "12"] in rows
    sheets = book(report)
    cells_of = list(sheets["ISO 22400 indicators"].iter_rows(values_only=True))
    first, second = [row for row in cells_of if row[1] == "WD-01"]
    assert first[2:6] == (weld.availability, weld.effectiveness, weld.quality, weld.oee)
    assert second[2:4] == (weld.elements.pot_ms / 60_000, weld.elements.pbt_ms / 60_000)
    assert ("WD-01", "MC-01", "Starved", 7) in [
        row[:4] for row in sheets["Waiting charged to"].iter_rows(values_only=True)
    ]
    read = json.loads(json_file.render(report))
    assert read["waits"][3] == {"waiting": "WD-01", "cause": "MC-01", "state": "starved", "length_ms": 420_000}
    assert read["wip_change"] == 12
    iso = read["machines"][2]["iso22400"]
    assert iso["oee"] == weld.oee
    assert iso["elements"]["pot_ms"] == iso["elements"]["pbt_ms"] + iso["elements"]["planned_ms"]
    assert iso["quantities"]["produced"] == 957


def test_csv_says_nothing_where_nothing_is_known() -> None:
    press = next(row for row in csv_rows(no_data()) if row[:2] == ["프레스", "PR-01"])
    assert press == ["프레스", "PR-01", *[""] * 9, "0"]


def test_csv_cells_of_text_are_never_formulas() -> None:
    numbers = 0
    for row in csv_rows(hostile()):
        for cell in row:
            assert "\r" not in cell
            assert "\n" not in cell
            if cell.startswith(DANGEROUS):
                float(cell)  # a number may begin with a minus, a text may not
                numbers += 1
    assert numbers > 12
    rows = csv_rows(hostile())
    assert any(row[0] == "'=cmd|' /C calc'!A0" for row in rows if row)
    assert any(row[0] == "'-5" for row in rows if row), "a name that looks like a number is still a name"
    assert any(row[0] == "'+82-10-1234-5678" for row in rows if row)


@pytest.mark.parametrize("start", DANGEROUS)
def test_guard(start: str) -> None:
    assert cells.plain(f"{start}x", Kind.TEXT, "UTC").startswith("'")
    assert cells.plain(f"x{start}", Kind.TEXT, "UTC").startswith("x")
    assert cells.plain(-5, Kind.SIGNED, "UTC") == "-5"


@pytest.mark.parametrize(
    ("value", "kind", "page", "file"),
    [
        (None, Kind.RATIO, "—", ""),
        (0.0, Kind.RATIO, "0.0", "0"),
        (1.0, Kind.RATIO, "100", "100"),
        (0.99996, Kind.RATIO, "100.0", "99.996"),
        (0.76749, Kind.RATIO, "76.7", "76.749"),
        (1 / 3, Kind.RATIO, "33.3", "33.33333333333333"),
        (1e-7, Kind.RATIO, "0.0", "0.00001"),
        (1234567, Kind.PIECES, "1,234,567", "1234567"),
        (-4565, Kind.SIGNED, "−4,565", "-4565"),
        (6, Kind.SIGNED, "+6", "6"),
        (270_000, Kind.MINUTES, "4.5", "270"),
        (-270_000, Kind.MINUTES, "−4.5", "-270"),
        (36_600_000, Kind.DURATION, "10:10:00", "36600"),
        (45_001, Kind.MINUTES, "45 s", "45.001"),
        (45_000, Kind.DURATION, "0:00:45", "45"),
        ("a\nb\x00", Kind.TEXT, "a\\x0ab\\x00", "a\\x0ab\\x00"),
    ],
)
def test_cell(value: str | float | None, kind: Kind, page: str, file: str) -> None:
    assert cells.shown(value, kind, "Asia/Seoul") == page
    assert cells.plain(value, kind, "Asia/Seoul") == file


def test_moments_are_local() -> None:
    assert cells.shown(at("23:59"), Kind.CLOCK, "Asia/Seoul") == "23:59"
    assert cells.plain(at("08:00"), Kind.MOMENT, "Asia/Seoul") == "2026-11-19 08:00:00"


# --- JSON --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
def test_json_equals_the_figures(name: str) -> None:
    report = REPORTS[name]()
    read = json.loads(json_file.render(report).decode("utf-8"))
    assert (read["plant"], read["line"], read["good"], read["target"]) == (
        report.head.plant, report.head.line, report.good, report.target,
    )  # fmt: skip
    assert read["line_kpis"]["oee"] == (report.line.oee if report.line else None)
    for entry, row in zip(read["machines"], report.machines, strict=True):
        kpis = row.kpis
        assert [entry[key] for key in ("name", "code", "good", "reject", "target")] == [
            row.name, row.code, row.good, row.reject, row.target,
        ]  # fmt: skip
        assert [entry[key] for key in ("availability", "performance", "quality", "oee", "coverage")] == [
            kpis.availability, kpis.performance, kpis.quality, kpis.oee, kpis.coverage,
        ]  # fmt: skip
        assert entry["seconds"]["busy"] * 1000 == kpis.times.busy_ms
        assert sum(one["span"]["end_ms"] - one["span"]["start_ms"] for one in entry["intervals"]) == (
            report.window.length_ms
        )
    assert [(s["id"], s["start_ms"], s["end_ms"], s["length_ms"], s["reason"]) for s in read["stops"]] == [
        (s.id, s.start_ms, s.end_ms, s.length_ms, s.reason) for s in report.stops
    ]
    assert [row["good"] for row in read["hours"]] == [row.good for row in report.hours]
    assert [row["length_ms"] for row in read["pareto"]] == [row.length_ms for row in report.pareto]
    assert [gap["device"] for gap in read["gaps"]] == [gap.device for gap in report.gaps]
    assert read["trace"]["units"] == report.trace.units


def test_json_has_its_keys_in_a_stable_order() -> None:
    read = json.loads(json_file.render(full()))
    wanted = ["plant", "line", "shift", "business_on", "window", "provisional", "rules", "line_kpis", "good", "target",
              "machines", "hours", "stops", "pareto", "trace", "gaps"]  # fmt: skip
    assert [key for key in read if key in wanted] == wanted
    assert list(read) == list(json.loads(json_file.render(no_data())))
    assert read["window"]["start"] == "2026-11-19T08:00:00+09:00"
    assert json_file.render(full()) == json_file.render(full())


def test_json_takes_half_a_character() -> None:
    from msgspec.structs import replace

    report = full()
    content = json_file.render(replace(report, number="A\udc80B"))
    assert json.loads(content.decode("utf-8"))["number"] == "A\udc80B"


# --- XLSX --------------------------------------------------------------------------------------------


def test_xlsx_has_a_summary_and_a_sheet_per_section() -> None:
    names = book(full()).sheetnames
    assert names == ["Summary", "Safety and 4M", "Results by machine", "Hour by hour", "Machine states",
                     "Where the time went", "Downtime reasons", "Failures",
                     "Repairs by phase", "Waiting charged to", "Downtime list",
                     "Rejects", "Rejects by reason", "Orders", "Changeovers",
                     "Measurements", "People", "People at machines",
                     "Checks", "Traceability", "Handover", "Data", "ISO 22400 indicators"]  # fmt: skip
    text.use("ko")
    assert book(full()).sheetnames[:3] == ["요약", "안전 · 4M", "설비별 실적"]


def test_xlsx_holds_real_numbers_with_their_formats() -> None:
    sheet = book(full())["Results by machine"]
    row = next(row for row in sheet.iter_rows() if row[1].value == "WD-01")
    assert [cell.value for cell in row[2:6]] == [976, 936, 21, -40]
    assert row[10].value == 0.767
    assert row[10].number_format == "0.0 %"
    assert row[3].number_format == "#,##0"
    times = next(row for row in list(sheet.iter_rows())[row[0].row :] if row[1].value == "WD-01")
    assert times[2].number_format == "[h]:mm:ss"
    assert times[2].is_date or times[2].value
    hours = book(full())["Hour by hour"]
    first = next(row for row in hours.iter_rows() if isinstance(row[0].value, datetime))
    assert first[0].value == datetime(2026, 11, 19, 8)  # noqa: DTZ001  Excel knows no zones
    assert [cell.value for cell in first[2:7]] == [96, 88, 3, -8, -8]


@pytest.mark.parametrize("name", REPORTS)
def test_xlsx_writes_text_as_text(name: str) -> None:
    content = xlsx.render(REPORTS[name]())
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", f"{sheet.title} {cell.coordinate} became a formula"
                assert cell.hyperlink is None
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [parts.read(part).decode() for part in parts.namelist() if part.startswith("xl/worksheets/sheet")]
    assert not any("<f>" in sheet for sheet in sheets)


def test_xlsx_keeps_hostile_names_whole() -> None:
    values = {cell.value for row in book(hostile())["Results by machine"].iter_rows() for cell in row}
    assert "=cmd|' /C calc'!A0" in values
    assert "-5" in values
    assert "tab\\x09and\\x0d\\x0aline {end} {machine}" in values


def test_xlsx_draws_its_charts_itself() -> None:
    sheets = book(full())
    assert {name: len(sheets[name]._charts) for name in sheets.sheetnames if sheets[name]._charts} == {
        "Hour by hour": 1,
        "Downtime reasons": 1,
    }
    with zipfile.ZipFile(io.BytesIO(xlsx.render(full()))) as parts:
        charts = [parts.read(part).decode() for part in parts.namelist() if part.startswith("xl/charts/chart")]
    assert len(charts) == 2
    for chart in charts:
        assert "<c:barChart>" in chart
        assert "<c:lineChart>" in chart
    assert "Hour by hour'!$D$5:$D$16" in charts[0], "the columns are the good pieces of all hours"
    assert "Hour by hour'!$C$5:$C$16" in charts[0], "the line is the target"


def test_xlsx_prints_on_a4_with_its_header_on_every_page() -> None:
    for sheet in book(full()):
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
    states = book(full())["Machine states"]
    assert states.freeze_panes == "B4"
    assert states.print_title_rows == "$3:$3"


def raw(count: int, shown: int | None = None) -> RawEvents:
    """A journal of `count` events; `rows` gives them one by one, as from a file."""
    shown = count if shown is None else shown
    rows = (
        RawEvent(1_763_510_400_000_000 + n, at("08:00") + n * 1000, "count", "WD-01", "weld", "good", "=1+1",
                 '{"kind": "\x00"}', 1, n, "") for n in range(shown)
    )  # fmt: skip
    return RawEvents(count, shown, rows)


def test_xlsx_holds_the_raw_events_as_they_are_stored() -> None:
    told: list[float] = []
    content = xlsx.render(full(), raw(2_500), told.append)
    sheet = book_of(content)["Raw events"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][0] == "2,500 events"
    head = next(n for n, row in enumerate(rows) if row[0] == "At")
    assert len(rows) - head - 1 == 2_500
    second = rows[head + 2]
    assert second[:7] == (
        datetime(2026, 11, 19, 8, 0, 1),  # noqa: DTZ001
        "count",
        "WD-01",
        "weld",
        "good",
        "=1+1",
        '{"kind": "\\x00"}',
    )
    assert second[8:11] == ("1763510400000001", 1, 1), "an id has more digits than a number of Excel"
    assert told == sorted(told)
    assert len(told) > 2
    assert told[-1] == 1.0


def test_a_journal_that_is_too_long_says_how_much_of_it_is_there() -> None:
    content = xlsx.render(full(), raw(2_000_000, 50))
    assert book_of(content)["Raw events"]["A2"].value == "the first 50 of 2,000,000 events"


def test_rows_of_events_do_not_stay_in_memory() -> None:
    """More events take no more memory than the packed file: they are written as they come."""
    import tracemalloc

    peaks = []
    for count in (200, 2_200):
        events = raw(count)
        tracemalloc.start()
        xlsx.render(tiny(), events)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 2_000 < 100, "bytes an event: what is in the file, packed, and nothing more"


def test_sheet_names_are_what_excel_takes() -> None:
    taken: set[str] = set()
    names = [xlsx._sheet_name(title, taken) for title in ("a/b:c", "A/B:C", "x" * 40, "x" * 40, "'quoted'")]
    assert names == ["a·b·c", "A·B·C (2)", "x" * 31, "x" * 27 + " (2)", "quoted"]
