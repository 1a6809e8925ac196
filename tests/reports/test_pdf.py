"""The A4 pages: exact text, nothing cut and nothing over anything else, in both languages."""

from __future__ import annotations

import html
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtPrintSupport import QPrinter

from desktop import paint, text
from desktop.domain.daily_rows import CrewReport
from desktop.domain.events import State
from desktop.domain.figures.report import ShiftReport
from desktop.domain.intervals import Category
from desktop.domain.repairs import Repairs
from desktop.reports import pdf
from desktop.reports.pdf import printing
from desktop.reports.sections import SECTIONS
from desktop.store.database import KnownError
from desktop.wording.numbers import percent_figure, pieces, points, signed
from tests.reports.example import HOSTILE_NAMES, REPORTS, full

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytestmark = pytest.mark.usefixtures("qapp")

# A figure: digits with what belongs to them. None of these may ever end in an ellipsis.
FIGURE = re.compile(r"[−+/▲▼ ]*\d[\d.,:–×% ]*")


def tool(name: str, *words: str) -> str:
    """What a program of poppler says."""
    found = shutil.which(name)
    assert found, f"{name} is missing (Debian: apt-get install poppler-utils)"
    return subprocess.run([found, *words], capture_output=True, check=True, timeout=30).stdout.decode("utf-8")


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    text.use(request.param)
    yield request.param
    text.use("en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(params=list(REPORTS))
def page(request: pytest.FixtureRequest, language: str, folder: Path) -> tuple[str, Path]:
    """A drawn report: its name and its file, drawn once for all tests."""
    path = folder / f"{request.param}-{language}.pdf"
    if not path.exists():
        path.write_bytes(pdf.render(REPORTS[request.param]()))
    return request.param, path


class Word(Struct, frozen=True):
    """A word on a page in points; the box is cut to where ink can be."""

    page: int
    text: str
    left: float
    top: float
    right: float
    bottom: float


def words_of(path: Path) -> list[Word]:
    pattern = r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
    found = []
    for number, page in enumerate(tool("pdftotext", "-bbox", str(path), "-").split("<page ")):
        for left, top, right, bottom, word in re.findall(pattern, page):
            x1, y1, x2, y2 = map(float, (left, top, right, bottom))
            cut = (y2 - y1) * 0.22
            found.append(Word(number, html.unescape(word), x1, y1 + cut, x2, y2 - cut))
    return found


PAGES = {"tiny": 3, "no_data": 2}  # without failures, rejects, measurements and waits there is no page of them


def test_a4_pages_with_both_weights_embedded(page: tuple[str, Path]) -> None:
    name, path = page
    read = pypdf.PdfReader(path)
    assert len(read.pages) == PAGES.get(name, 4)
    for sheet in read.pages:
        assert [round(float(side)) for side in sheet.mediabox[2:]] == [595, 842]
    fonts = [line.split() for line in tool("pdffonts", str(path)).splitlines()[2:]]
    ours = [row for row in fonts if "Gadong" in row[0]]
    assert len(ours) >= 2
    for row in fonts:
        assert row[-5] == "yes", f"{row[0]} is not embedded"
        assert row[-3] == "yes", f"{row[0]} has no way back to Unicode"
    if name != "hostile":  # one of its names has signs that no font of ours has
        assert len(ours) == len(fonts)


def test_every_figure_of_the_scoreboard_is_in_the_text(page: tuple[str, Path]) -> None:
    name, path = page
    report = REPORTS[name]()
    lines = tool("pdftotext", "-layout", str(path), "-").splitlines()
    for row in report.machines:
        known = row.kpis.coverage != 0 or bool(row.good)
        good, reject = (row.good, row.reject) if known else (None, None)
        apart = good - row.target if good is not None and row.target is not None else None
        share = good / row.target if good is not None and row.target else None
        ratios = (share, row.kpis.availability, row.kpis.performance, row.kpis.quality, row.kpis.oee)
        figures = [
            pieces(row.target), pieces(good), pieces(reject), signed(apart),
            *("100" if one == 1 else percent_figure(one) for one in ratios),
        ]  # fmt: skip
        if any(other.week_before_oee is not None for other in report.machines):
            before = row.week_before_oee
            figures.append(points(None if before is None or row.kpis.oee is None else row.kpis.oee - before))
        figures.append("100" if row.kpis.coverage == 1 else percent_figure(row.kpis.coverage))
        wanted = re.compile(r"(?<!\S)" + r"\s+".join(map(re.escape, figures)) + r"(?!\S)")
        found = [line for line in lines if wanted.search(line)]
        assert found, f"{row.code}: {figures}"
        if name in ("full", "tiny", "twelve"):
            assert any(line.split(figures[0])[0].split()[-1] == row.code for line in found)


def test_the_head_is_in_the_text(language: str, tmp_path: Path) -> None:
    path = tmp_path / "full.pdf"
    path.write_bytes(pdf.render(full()))
    said = " ".join(tool("pdftotext", "-raw", str(path), "-").split())
    expected = {
        "en": ["Shift production report", "Provisional", "40 pieces short of the target (95.9 %). OEE 76.7 %.",
               "stops without a reason: 1 (4 min)", "Approval"],
        "ko": ["교대 생산 보고", "잠정", "목표보다 40개 모자랍니다 (95.9 %). 설비종합효율 76.7 %.",
               "사유 미입력 1건 (4", "시간가동률 %"],
    }  # fmt: skip
    for words in ["성진정밀 · A라인 · 2026-11-19 (", "주간 · A조 08:00–20:00", "밸브 하우징 VH-204", "D-261119-A",
                  "89.8 × 87.3 × 97.8", "▼ −40", "TPM 1 (8e8a7d0b)", "7f3a91c2 0e5d44b8", "2026-11-19 20:02",
                  "VH204-261119-0001 – VH204-261119-0936", "10:41–10:45 조립", *expected[language]]:  # fmt: skip
        assert words in said


def test_factors_are_not_multiplied_where_something_was_not_seen(tmp_path: Path) -> None:
    report, path = full(), tmp_path / "part.pdf"
    assert report.line is not None
    path.write_bytes(pdf.render(replace(report, line=replace(report.line, coverage=0.98))))
    said = tool("pdftotext", "-raw", str(path), "-")
    assert "89.8 · 87.3 · 97.8" in said
    assert "×" not in "".join(line for line in said.splitlines() if "89.8" in line)


def test_nothing_leaves_the_page_or_lies_on_anything_else(page: tuple[str, Path]) -> None:
    _name, path = page
    found = words_of(path)
    assert len(found) > 100
    for word in found:
        assert word.left > 24, word
        assert word.right < 595 - 24, word
        assert word.top > 20, word
        assert word.bottom < 842 - 10, word
    for n, one in enumerate(found):
        for other in found[n + 1 :]:
            across = min(one.right, other.right) - max(one.left, other.left)
            down = min(one.bottom, other.bottom) - max(one.top, other.top)
            assert one.page != other.page or across < 0.8 or down < 0.8, f"{one} lies on {other}"


@pytest.mark.parametrize("name", REPORTS)
def test_figures_are_never_cut(name: str, language: str) -> None:
    with paint.recording() as drawn:
        pdf.render(REPORTS[name]())
    assert len(drawn) > 100
    cut = [box for box in drawn if box.shown != box.wanted]
    assert [box.wanted for box in cut if FIGURE.fullmatch(box.wanted)] == []
    if name in ("full", "tiny", "no_data"):
        assert [box.wanted for box in cut] == [], "an ordinary shift needs no ellipsis at all"
    for box in drawn:
        assert box.size_px >= 10


def test_names_are_drawn_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pdf"
    path.write_bytes(pdf.render(REPORTS["hostile"]()))
    said = " ".join(tool("pdftotext", "-raw", str(path), "-").split())
    assert HOSTILE_NAMES[1] in said, "markup is text"
    assert "tab\\x09and\\x0d\\x0aline {end} {machine}" in said, "control characters are written out"
    assert "**not bold**" in said
    for long in (HOSTILE_NAMES[2], HOSTILE_NAMES[7]):
        assert long in said, "a long machine name is there whole, on two lines if need be"


def test_further_pages_hold_what_broke_and_was_measured_and_the_iso_set(language: str, tmp_path: Path) -> None:
    path, report = tmp_path / "full.pdf", full()
    path.write_bytes(pdf.render(report))
    pages = [tool("pdftotext", "-layout", "-f", str(n), "-l", str(n), str(path), "-") for n in (1, 2, 3, 4)]
    assert ["ISO 22400" in page for page in pages] == [False, False, False, True]
    first, second, third, fourth = ([" ".join(line.split()) for line in page.splitlines()] for page in pages)
    lines = fourth
    for name, formula in (
        ("availability", "APT / PBT"),
        ("effectiveness", "PRI × PQ / APT"),
        ("oee", "PRI × GQ / PBT"),
    ):
        figures = " ".join(
            "100" if (v := getattr(row.iso, name)) == 1 else percent_figure(v) for row in report.machines
        )
        assert any(formula in line and line.endswith(figures) for line in lines), (formula, figures)
    assert any("WD-01 ← MC-01" in line and "7.0" in line for line in second)
    assert "용접 WD-01 2 540.0 35.0 270.0 17.5" in second, "failures, operating time, restoring, MTBF, MTTR"
    assert "용접 WD-01 957 21 2.2 34.4" in second, "made, rejects, defect rate, part of all rejects"
    assert "CNC 가공 MC-01 내경 Ø24 mm 974 7 24.9733 24.9961 25.0234 24.985 25.015 0.90" in second
    assert "포장 PK-01 중량 kg 12 — 1.202 1.22998 1.258 — — —" in second, "without limits nothing is outside"
    assert "김정호 A조 08:00 20:00 10.50 프레스, CNC 가공" in third
    bad = {"en": "Not OK", "ko": "이상"}[language]
    assert any(line.startswith("프레스 PR-01 공압") and bad in line and "0.71 MPa" in line for line in third)
    assert {"en": "page 2 of 4", "ko": "2 / 4쪽"}[language] in pages[1]
    assert any({"en": "Work in process after 용접 +12", "ko": "용접 이후 재공 +12"}[language] in line for line in first)


def test_a_report_without_what_further_pages_hold_is_one_page(tmp_path: Path) -> None:
    report = full()
    machines = tuple(replace(row, iso=None, reliability=None, reject=0, repairs=Repairs()) for row in report.machines)
    bare = replace(report, machines=machines, waits=(), measured=(), orders=(), changeovers=(), scrap=(),
                   crew=CrewReport(), checks=())  # fmt: skip
    path = tmp_path / "bare.pdf"
    path.write_bytes(pdf.render(bare))
    assert len(pypdf.PdfReader(path).pages) == 1


def test_the_legend_names_the_seldom_looks_only_where_they_are(language: str) -> None:
    def legend(report: ShiftReport) -> set[str]:
        with paint.recording() as drawn:
            pdf.render(report)
        return {box.shown for box in drawn}

    seldom = {"en": {"Rework", "No shift", "No signal", "by hand"}, "ko": {"재작업", "비조업", "신호 없음", "수기"}}[
        language
    ]
    assert not seldom & legend(full())
    report = full()
    first, second, third, *rest = report.machines[0].intervals
    strange = (
        replace(first, category=Category.REWORK, by_hand=True),
        replace(second, category=Category.UNSCHEDULED),
        replace(third, category=Category.NO_DATA, state=State.NO_SIGNAL),
        *rest,
    )
    told = replace(report, machines=(replace(report.machines[0], intervals=strange), *report.machines[1:]))
    assert seldom <= legend(told)


def test_every_section_has_its_place_on_the_page() -> None:
    placed = {*pdf.FIXED, *(key for bands in pdf.PAGES for keys, _make in bands for key in keys)}
    assert placed == set(SECTIONS)


def test_a_child_without_display_draws_it(tmp_path: Path) -> None:
    program = (
        "import sys; from desktop.reports import pdf; from tests.reports.example import full;"
        "a = pdf.render(full()); b = pdf.render(full()); open(sys.argv[1], 'wb').write(b)"
    )
    display = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    bare = {key: value for key, value in os.environ.items() if key not in display}
    child = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "r.pdf")], cwd=ROOT, env=bare, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr.decode("utf-8", "replace")
    assert child.stderr == b""
    assert len(pypdf.PdfReader(io.BytesIO((tmp_path / "r.pdf").read_bytes())).pages) == 4


# -- on paper --


def test_a_printer_gets_the_pages_of_the_pdf(tmp_path: Path) -> None:
    """The same words in the same order, on A4, though the printer's dots are others."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    printer.setResolution(600)
    said: list[float] = []
    printing.draw(full(), printer, said.append)
    (tmp_path / "file.pdf").write_bytes(pdf.render(full()))
    printed, filed = (tool("pdftotext", "-layout", str(tmp_path / f"{n}.pdf"), "-") for n in ("printed", "file"))
    assert printed.split() == filed.split()
    assert "A4" in tool("pdfinfo", str(tmp_path / "printed.pdf"))
    assert said == [1 / 4, 2 / 4, 3 / 4, 1.0]


def test_paper_that_takes_nothing_is_told(tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "no such folder" / "printed.pdf"))
    with pytest.raises(KnownError, match="did not take the report"):
        printing.draw(full(), printer)


def test_only_a_printer_that_there_is_is_printed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "draw", lambda *_words: pytest.fail("tests print nothing"))
    monkeypatch.setattr(printing, "printers", tuple)
    with pytest.raises(KnownError, match="No printer is set up"):
        printing.send(full(), "")
    monkeypatch.setattr(printing, "printers", lambda: ("Office", "Hall"))
    with pytest.raises(KnownError, match=r"There is no printer Attic\. Printers: Office, Hall\."):
        printing.send(full(), "Attic")
