"""Bar code sheets, badges and the paper form: read back from the printed page, whole, apart, in both languages."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pypdf
import pytest
import zxingcpp
from msgspec.structs import replace
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrinter

from desktop import paint, text
from desktop.domain.commands import Command, Kind, parse, write
from desktop.domain.plant import Machine, Plant, Product, Reason, Standard
from desktop.paint.lettering import TextBox
from desktop.reports import code_sheets
from desktop.reports.code_sheets import Choice, CodeSheet
from desktop.reports.pdf import leaves, printing
from desktop.reports.pdf.sheet import LEFT_EDGE, PAGE_HEIGHT, PAGE_WIDTH, RIGHT_EDGE
from desktop.store.database import KnownError
from tests.reports.example import HOSTILE_NAMES

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytestmark = pytest.mark.usefixtures("qapp")

DAY, VERSION = date(2026, 11, 30), "0.1.0"
PRESS, CNC = Machine(1, "PR-01", "프레스", 0), Machine(2, "MC-01", "CNC 가공", 1)
REASONS = tuple(
    Reason(n, f"R{n:02d}", name, ("unplanned", "planned", "external")[n % 3], n % 4 == 0, ("", "setup")[n % 2])
    for n, name in enumerate(
        ("설비 고장", "전기 고장", "금형교체", "공구교환", "자재대기", "작업자 부재", "품질 확인", "청소·점검",
         "전공정 대기", "후공정 만재", "예방정비", "일상점검", "회의·교육", "정전"), 1,
    )
)  # fmt: skip
SCRAP = tuple(Choice(f"D{n:02d}", name) for n, name in enumerate(("치수 불량", "외관 불량", "버", "크랙", "기공"), 1))
ORDERS = (Choice("2611-017", "밸브 하우징 500개"), Choice("2611-018", "커버 1,200개"))
PLANT = Plant(
    "성진정밀", "A라인", "Asia/Seoul", None, machines=(PRESS, CNC), reasons=REASONS,
    products=(Product(1, "VH-204", "밸브 하우징"), Product(2, "CV 110/상", "커버"), Product(3, "X", "다른 것")),
    standards=(Standard(1, 1, 1000, 1000), Standard(2, 1, 1000, 1000), Standard(3, 2, 1000, 1000)),
)  # fmt: skip


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    text.use(request.param)
    yield request.param
    text.use("en")


def sheet(plant: Plant = PLANT, scrap: Sequence[Choice] = SCRAP, orders: Sequence[Choice] = ORDERS) -> CodeSheet:
    return code_sheets.code_sheet(plant, plant.machines[0], DAY, VERSION, scrap_reasons=scrap, orders=orders)


def printed(made: leaves.Leaves, tmp_path: Path, dots: int = 300) -> list[np.ndarray]:
    """The pages in grey as a printer of so many dots an inch lays them, drawn from the PDF by poppler."""
    (tmp_path / "made.pdf").write_bytes(leaves.render(made))
    tool = shutil.which("pdftoppm")
    assert tool, "pdftoppm is missing (Debian: apt-get install poppler-utils)"
    words = [tool, "-gray", "-r", str(dots), str(tmp_path / "made.pdf"), str(tmp_path / f"page{dots}")]
    subprocess.run(words, check=True, timeout=60)
    return [grey(QImage(str(file))) for file in sorted(tmp_path.glob(f"page{dots}-*.pgm"))]


def grey(picture: QImage) -> np.ndarray:
    plain = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    dots = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return np.array(dots[:, : plain.width()])


def scan(page: np.ndarray) -> list[str]:
    return sorted(found.text for found in zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.Code128))


def recorded(made: leaves.Leaves) -> list[list[TextBox]]:
    """What is written on each page."""
    pages = []
    for draw in made.pages:
        picture = QImage(int(PAGE_WIDTH), int(PAGE_HEIGHT), QImage.Format.Format_RGB32)
        painter = QPainter(picture)
        with paint.recording() as boxes:
            draw(painter)
        painter.end()
        pages.append(boxes)
    return pages


def check_places(pages: list[list[TextBox]]) -> None:
    """Every text on its page, and beside every other."""
    for boxes in pages:
        for box in boxes:
            assert box.ink.left() >= LEFT_EDGE - 1, box
            assert box.ink.right() <= RIGHT_EDGE + 1, box
            assert box.ink.bottom() <= PAGE_HEIGHT, box
        for one, other in combinations([box for box in boxes if box.shown], 2):
            assert not one.ink.adjusted(0.5, 0.5, -0.5, -0.5).intersects(other.ink), (one, other)


# -- bar codes --


def test_every_bar_code_of_the_sheet_is_read_back_from_paper(language: str, tmp_path: Path) -> None:
    made = sheet()
    assert made.own is not None
    wanted = sorted(cell.code for group in made.groups for cell in group.cells)
    pages = [scan(page) for page in printed(leaves.code_sheets([made]), tmp_path)]
    head = [made.own.code, made.undo.code]
    for page in pages:
        for code in head:
            page.remove(code)
    assert sorted(code for page in pages for code in page) == wanted
    kinds = {read.kind for page in pages for code in page if isinstance(read := parse(code), Command)}
    assert kinds == set(Kind) - {Kind.MACHINE, Kind.PERSON}


def test_what_the_bar_codes_of_the_sheet_say() -> None:
    cells = {cell.code: cell for group in sheet().groups for cell in group.cells}
    said = {parse(code) for code in cells}
    assert {Command(Kind.REASON, reason.code) for reason in REASONS} <= said
    assert {Command(kind, choice.code) for choice in SCRAP for kind in (Kind.SCRAP, Kind.REWORK)} <= said
    assert {Command(Kind.DIGIT, digit) for digit in "0123456789"} <= said
    products = {read.subject for read in said if isinstance(read, Command) and read.kind is Kind.PRODUCT}
    assert products == {"VH-204", "CV 110/상"}  # those that this machine makes
    assert cells[write(Command(Kind.REASON, "R04"))].name == "공구교환"


def test_a_poor_copy_is_read_too(tmp_path: Path) -> None:
    """150 dots an inch, two of them a module, washed out and speckled."""
    pages = printed(leaves.code_sheets([sheet()]), tmp_path, 150)
    noise = np.random.default_rng(1)
    for page in pages:
        poor = np.clip(page * 0.6 + 70 + noise.normal(0, 8, page.shape), 0, 255).astype(np.uint8)
        assert len(scan(poor)) >= 0.9 * len(scan(page))
        assert set(scan(poor)) <= set(scan(page))  # and never another code


def test_the_bars_have_their_measures(tmp_path: Path) -> None:
    """Thinnest bar 0.33 mm at least, 12 mm high, and no bar a fraction of a dot."""
    page = printed(leaves.code_sheets([sheet()]), tmp_path, 600)[0]
    found = next(s for s in zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.Code128) if s.text == "G.UH1")
    place = found.position
    middle = page[(place.top_left.y + place.bottom_left.y) // 2]
    inside = middle[place.top_left.x - 100 : place.top_right.x + 100]
    edges = np.flatnonzero(np.diff((inside < 128).astype(np.int8)))
    widths = np.diff(edges)
    module = 8 / 600 * 25.4
    assert module >= 0.33
    assert set(widths.tolist()) <= {8, 16, 24, 32}
    assert edges[0] >= 80  # ten modules of white before
    row = (place.top_left.y + place.bottom_left.y) // 2
    white = np.flatnonzero(page[:, place.top_left.x + 3] >= 128)  # up and down the first bar
    assert (white[white > row].min() - white[white < row].max() - 1) / 600 * 25.4 >= 12
    assert set(np.unique(inside)) == {0, 255}  # black on white


def test_texts_are_whole_and_apart(language: str) -> None:
    pages = recorded(leaves.code_sheets([sheet()]))
    check_places(pages)
    assert [box.wanted for boxes in pages for box in boxes if box.shown != box.wanted] == []
    names = {box.shown for boxes in pages for box in boxes}
    assert {reason.name for reason in REASONS} <= names
    assert all("프레스" in {box.shown for box in boxes} for boxes in pages)
    assert any("2026-11-30" in box.shown and VERSION in box.shown for box in pages[0])


def test_hostile_names_break_no_page(language: str, tmp_path: Path) -> None:
    plant = replace(
        PLANT, name=HOSTILE_NAMES[7], line=HOSTILE_NAMES[2],
        machines=(Machine(1, "LINE 1/PRESS_1 left", HOSTILE_NAMES[7], 0),),
        reasons=tuple(Reason(n, name[:7] or "?", name, "unplanned", False) for n, name in enumerate(HOSTILE_NAMES)),
        products=tuple(Product(n, f"P-{n}", f"제품 {n}") for n in range(300)), standards=(),
    )  # fmt: skip
    made = sheet(plant)
    assert made.own is None  # its code is too wide for the head
    pages = recorded(leaves.code_sheets([made]))
    check_places(pages)
    read = {code for page in printed(leaves.code_sheets([made]), tmp_path) for code in scan(page)}
    assert {cell.code for group in made.groups for cell in group.cells} <= read
    said = " ".join(box.shown for boxes in pages for box in boxes)
    assert all(f"P-{n}" in said for n in range(300))  # those without a bar code are named


def test_codes_that_a_scanner_cannot_tell_apart_or_that_are_too_long_are_named() -> None:
    plant = replace(
        PLANT,
        reasons=tuple(Reason(n, code, code, "unplanned", False) for n, code in enumerate(("a1", "A1", "B", "가" * 9))),
    )
    group = sheet(plant).groups[0]
    assert [cell.note for cell in group.cells] == ["B"]
    assert all(code in group.left_out for code in ("a1", "A1", "가" * 9))


def test_a_machine_whose_code_makes_no_bar_code_is_said() -> None:
    plant = replace(PLANT, machines=(Machine(1, "가" * 9, "프레스", 0),))
    with pytest.raises(KnownError, match="too long for a bar code"):
        sheet(plant)


def test_a_shop_without_reasons_products_or_scrap_gets_what_there_is(tmp_path: Path) -> None:
    made = sheet(replace(PLANT, reasons=(), products=(), standards=()), (), ())
    kinds = {read.kind for g in made.groups for c in g.cells if isinstance(read := parse(c.code), Command)}
    assert kinds == {Kind.CALL, Kind.ARRIVED, Kind.REPAIR, Kind.CHANGEOVER, Kind.FIRST_PIECE}
    assert len(printed(leaves.code_sheets([made]), tmp_path)) == 1


def test_sheets_of_all_machines_are_one_file_each_on_its_own_pages(tmp_path: Path) -> None:
    both = [code_sheets.code_sheet(PLANT, machine, DAY, VERSION) for machine in PLANT.machines]
    (tmp_path / "all.pdf").write_bytes(leaves.render(leaves.code_sheets(both)))
    read = pypdf.PdfReader(tmp_path / "all.pdf")
    assert [round(float(side)) for side in read.pages[0].mediabox[2:]] == [595, 842]
    firsts = [("PR-01" in page.extract_text(), "MC-01" in page.extract_text()) for page in read.pages]
    assert set(firsts) == {(True, False), (False, True)}
    assert "PR-01, MC-01" in str(read.metadata and read.metadata.title)


def test_a_printer_gets_the_same_pages_at_the_same_size(tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    made = leaves.code_sheets([sheet()])
    printing.draw_leaves(made, printer)
    tool = shutil.which("pdftoppm")
    assert tool
    words = [tool, "-gray", "-r", "300", str(tmp_path / "printed.pdf"), str(tmp_path / "on")]
    subprocess.run(words, check=True, timeout=60)
    pages = [grey(QImage(str(file))) for file in sorted(tmp_path.glob("on-*.pgm"))]
    same = printed(made, tmp_path)
    assert [scan(page) for page in pages] == [scan(page) for page in same]
    assert all((abs(one.astype(int) - other) > 128).mean() < 0.001 for one, other in zip(pages, same, strict=True))


def test_what_a_printer_does_not_take_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printer = QPrinter()
    printer.setOutputFileName(str(tmp_path / "no" / "such" / "folder.pdf"))
    with pytest.raises(KnownError, match="did not take the pages"):
        printing.draw_leaves(leaves.code_sheets([sheet()]), printer)
    monkeypatch.setattr(printing, "printers", lambda: ())
    with pytest.raises(KnownError, match="No printer is set up"):
        printing.send_leaves(leaves.code_sheets([sheet()]), "")


# -- badges --


def test_badges_are_read_back_and_name_the_person(language: str, tmp_path: Path) -> None:
    people = [("김정호", "0412"), ("Lee Jiwon", "emp-7"), ("아주 긴 이름을 가진 사람 Alexander", "1234567890123456")]
    people += [(f"사람 {n}", f"B{n}") for n in range(9)]
    made = code_sheets.badges("성진정밀", people)
    pages = leaves.badge_sheets(made, DAY, VERSION)
    assert len(pages.pages) == 2
    check_places(recorded(pages))
    read = [code for page in printed(pages, tmp_path) for code in scan(page)]
    assert sorted(read) == sorted(badge.cell.code for badge in made)
    assert {parse(code) for code in read} >= {Command(Kind.PERSON, "0412"), Command(Kind.PERSON, "EMP-7")}


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ([("Kim", "")], "missing or too long"),
        ([("Kim", "A" * 25)], "missing or too long"),
        ([("Kim", "a1"), ("Lee", "A1")], "Kim and Lee have the same badge code"),
    ],
)
def test_badges_that_cannot_be_made(people: list[tuple[str, str]], sentence: str) -> None:
    with pytest.raises(KnownError, match=sentence):
        code_sheets.badges("", people)


# -- the paper form --


@pytest.mark.parametrize("many", [14, 60, 700])
def test_the_paper_form_is_one_page_with_room_to_write(language: str, many: int) -> None:
    reasons = tuple(Reason(n, f"R{n:04d}", f"{REASONS[n % 14].name} {n}", "unplanned", False) for n in range(many))
    form = code_sheets.paper_form(replace(PLANT, reasons=reasons), DAY, VERSION, SCRAP)
    made = leaves.paper_form(form)
    assert len(made.pages) == 1
    (boxes,) = recorded(made)
    check_places([boxes])
    assert [box.wanted for box in boxes if box.shown != box.wanted] == []
    shown = " ".join(box.shown for box in boxes)
    assert "PR-01\N{NO-BREAK SPACE}프레스" in shown
    if many <= 60:
        assert all(reason.code in shown for reason in reasons)
    else:
        assert "…" in shown
