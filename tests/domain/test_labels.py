"""What is sent to a label printer, held against its makers' manuals: every byte is a command of theirs or a dot."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.labels import (
    FIELDS,
    KINDS,
    MOST_COPIES,
    MOST_LINES,
    Bitmap,
    Contents,
    Drawn,
    Language,
    Line,
    Mark,
    Symbol,
    TextField,
    job,
    laid_out,
    symbol_text,
    tspl,
    zpl,
)


@st.composite
def bitmaps(draw: st.DrawFn) -> Bitmap:
    width, height = draw(st.integers(1, 60)), draw(st.integers(1, 12))
    stride = (width + 7) // 8
    byte = st.sampled_from([0, 0, 255, 255, 0xF0, 0x0F]) | st.integers(0, 255)
    rows = draw(st.lists(st.lists(byte, min_size=stride, max_size=stride).map(bytes), min_size=1, max_size=4))
    return Bitmap(width, height, b"".join((rows * height)[:height]))


labels = st.builds(
    Drawn, st.integers(8, 2000), st.integers(8, 2000), st.sampled_from([203, 300, 600]),
    st.lists(st.builds(Mark, st.integers(0, 900), st.integers(0, 900), bitmaps()), max_size=3).map(tuple),
)  # fmt: skip

# -- ZPL II: another reader, written from the manual's text and not from our writer --

ZPL = re.compile(
    r"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0((?:\^FO\d{1,5},\d{1,5}\^GFA,\d+,\d+,\d+,[0-9A-Fa-zG-Y,!:]*\^FS)*)\^PQ(\d+)\^XZ\r\n"
)
FIELD = re.compile(r"\^FO(\d+),(\d+)\^GFA,(\d+),(\d+),(\d+),([^^]*)\^FS")
#: page "Alternative Data Compression Scheme": G 1, H 2 ... Y 19, g 20, h 40 ... z 400
TIMES = {**{chr(ord("G") + n): n + 1 for n in range(19)}, **{chr(ord("g") + n): 20 * (n + 1) for n in range(20)}}


def unpacked(data: str, stride: int) -> bytes:
    rows: list[str] = []
    row, times = "", 0
    for sign in data:
        if sign in TIMES:
            times += TIMES[sign]
            continue
        if sign == ":":
            assert not row
            rows.append(rows[-1])
            continue
        row = row.ljust(stride * 2, "0" if sign == "," else "F") if sign in ",!" else row + sign * max(times, 1)
        times = 0
        if len(row) == stride * 2:
            rows.append(row)
            row = ""
    assert not row
    assert not times
    return bytes.fromhex("".join(rows))


def read_zpl(data: bytes) -> tuple[int, int, int, list[tuple[int, int, int, bytes]]]:
    found = ZPL.fullmatch(data.decode("ascii"))
    assert found is not None
    marks = []
    for x, y, sent, whole, stride, dots in FIELD.findall(found[3]):
        rows = unpacked(dots, int(stride))
        assert int(sent) == int(whole) == len(rows)
        marks.append((int(x), int(y), int(stride), rows))
    return int(found[1]), int(found[2]), int(found[4]), marks


@given(labels, st.integers(1, MOST_COPIES))
def test_zpl_is_what_the_manual_says_and_gives_the_dots_back(label: Drawn, copies: int) -> None:
    width, height, times, marks = read_zpl(zpl(label, copies))
    assert (width, height, times) == (label.width, label.height, copies)
    assert marks == [(m.x, m.y, m.bitmap.stride, m.bitmap.rows) for m in label.marks]


@pytest.mark.parametrize(
    ("row", "written"),
    [  # the examples of the manual: "M6" is 6666666, "hB" forty B, "hMB" 47, and "MvB" or "vMB" 327
        ("6666666F", "M6F"), ("B" * 40, "hB"), ("B" * 47 + "0", "hMB0"), ("B" * 327 + "0", "vMB0"), ("FF00", "FF,"),
        ("FFFF", "!"), ("0000", ","), ("F0", "F0"), ("0F", "0F"), ("B" * 803 + "A", "zzIBA"),
    ],
)  # fmt: skip
def test_the_compression_of_the_manual(row: str, written: str) -> None:
    bitmap = Bitmap(len(row) * 4, 1, bytes.fromhex(row))
    found = FIELD.search(zpl(Drawn(9, 9, 203, (Mark(0, 0, bitmap),))).decode())
    assert found is not None
    assert found[6] == written
    assert unpacked(written, bitmap.stride) == bitmap.rows


def test_a_row_like_the_one_above_is_a_colon() -> None:
    bitmap = Bitmap(8, 4, bytes.fromhex("A5A5A50F"))
    assert ",A5::0F^FS" in zpl(Drawn(9, 9, 203, (Mark(0, 0, bitmap),))).decode()


# -- TSPL --

HEAD = re.compile(rb"SIZE ([\d.]+) mm,([\d.]+) mm\r\nGAP ([\d.]+) mm,0 mm\r\nDIRECTION 1\r\nCLS\r\n")
BITMAP = re.compile(rb"BITMAP (\d+),(\d+),(\d+),(\d+),0,")


def read_tspl(data: bytes) -> tuple[tuple[float, ...], int, list[tuple[int, int, int, bytes]]]:
    head = HEAD.match(data)
    assert head is not None
    at, marks = head.end(), []
    while found := BITMAP.match(data, at):
        x, y, stride, height = (int(number) for number in found.groups())
        dots = data[found.end() : found.end() + stride * height]
        marks.append((x, y, stride, bytes(byte ^ 0xFF for byte in dots)))  # 0 is black
        at = found.end() + stride * height
        assert data[at : at + 2] == b"\r\n"
        at += 2
    tail = re.compile(rb"PRINT 1,(\d+)\r\n").fullmatch(data, at)
    assert tail is not None
    return tuple(float(size) for size in head.groups()), int(tail[1]), marks


@given(labels, st.integers(1, MOST_COPIES), st.sampled_from([0.0, 2.0, 3.5]))
def test_tspl_is_what_the_manual_says_and_gives_the_dots_back(label: Drawn, copies: int, gap: float) -> None:
    (width, height, told_gap), times, marks = read_tspl(tspl(label, gap, copies))
    assert (times, told_gap) == (copies, gap)
    assert width == pytest.approx(label.width * 25.4 / label.dpi, abs=0.05)
    assert height == pytest.approx(label.height * 25.4 / label.dpi, abs=0.05)
    assert marks == [(m.x, m.y, m.bitmap.stride, m.bitmap.rows) for m in label.marks]


@pytest.mark.parametrize("language", list(Language))
def test_a_job_is_its_labels_one_after_the_other(language: Language) -> None:
    one, two = (Drawn(n, n, 203, (Mark(n, n, Bitmap(8, 1, bytes([n]))),)) for n in (8, 16))
    assert job(language, [one, two], copies=3) == job(language, [one], copies=3) + job(language, [two], copies=3)
    for copies in (0, MOST_COPIES + 1):
        with pytest.raises(ValueError):
            job(language, [one], copies=copies)


# -- what stands on a label --

VALUES = {
    "code": "VH204-0001", "product": "VH204", "name": "Valve", "gtin": "08801234567893", "date": "2026-11-30",
    "lot": "L-77", "quantity": "1,024 EA", "count": "1024", "order": "WO-7", "ai": "",
}  # fmt: skip


def test_a_line_tells_what_is_known() -> None:
    assert Line(("date", "lot"), "LOT").told(VALUES) == "LOT 2026-11-30 L-77"
    assert Line(("lot", "date")).told({"lot": "", "date": "2026-11-30"}) == "2026-11-30"
    assert Line(("lot",), "LOT").told({"lot": ""}) == ""  # a caption of nothing
    assert Line((), "Made in Korea").told({}) == "Made in Korea"
    assert Line(("lot",)).told({"lot": "{code}", "code": "X"}) == "{code}"  # what is filled in is not looked at again


def test_the_usual_lines_are_name_code_number_and_date() -> None:
    def words(kind: str) -> list[str]:
        made = laid_out(60, 40, Symbol.QR, kind, Contents().lines(kind), VALUES)
        return [field.text for field in made.fields if isinstance(field, TextField)]

    assert words("unit") == ["Valve", "VH204", "VH204-0001", "2026-11-30 L-77"]
    assert words("box") == [*words("unit")[:3], "2026-11-30 L-77 1,024 EA"]


def test_the_shops_lines_stand_in_their_order_and_size() -> None:
    wanted = (Line(("lot",)), Line((), "Keep dry", large=True), Line(("code",)))
    made = laid_out(60, 40, Symbol.QR, "unit", Contents(unit=wanted).lines("unit"), VALUES)
    told = [(field.text, field.bold, field.whole) for field in made.fields if isinstance(field, TextField)]
    assert told == [("L-77", False, False), ("Keep dry", True, False), ("VH204-0001", False, True)]
    sizes = [field.size_mm for field in made.fields if isinstance(field, TextField)]
    assert sizes[1] > sizes[0] == sizes[2]


SSCC = {**VALUES, "code": "088012340000000017", "ai": "00"}


@pytest.mark.parametrize(
    ("kind", "values", "text"),
    [
        ("unit", VALUES, "(01)08801234567893(21)VH204-0001"),
        ("unit", {**VALUES, "gtin": "8801234567893"}, "(01)08801234567893(21)VH204-0001"),  # as the product has it
        ("unit", {**VALUES, "gtin": ""}, "VH204-0001"),
        ("box", VALUES, "VH204-0001"),
        ("box", SSCC, "(00)088012340000000017(02)08801234567893(37)00001024(10)L-77"),
        ("box", {**SSCC, "lot": "", "gtin": "8801234567893"}, "(00)088012340000000017(02)08801234567893(37)00001024"),
        ("box", {**SSCC, "lot": ""}, "(00)088012340000000017(02)08801234567893(37)00001024"),
        ("box", {**SSCC, "lot": "로트"}, "(00)088012340000000017(02)08801234567893(37)00001024"),
        ("box", {**SSCC, "lot": "A(21)B"}, "(00)088012340000000017(02)08801234567893(37)00001024"),
        ("box", {**SSCC, "lot": "A" * 21}, "(00)088012340000000017(02)08801234567893(37)00001024"),
        ("box", {**SSCC, "count": ""}, "(00)088012340000000017"),  # (02) and (37) go together
        ("box", {**SSCC, "gtin": ""}, "(00)088012340000000017"),
    ],
)
def test_what_a_gs1_symbol_holds(kind: str, values: dict[str, str], text: str) -> None:
    symbol, told = symbol_text(Symbol.GS1_DATAMATRIX, kind, values)
    assert told == text
    assert (symbol is Symbol.GS1_DATAMATRIX) == text.startswith("(")
    assert symbol_text(Symbol.QR, kind, values) == (Symbol.QR, values["code"])


lines = st.lists(
    st.builds(Line, st.lists(st.sampled_from(FIELDS), max_size=3).map(tuple), st.text(max_size=9), st.booleans()),
    max_size=MOST_LINES,
)


@given(st.floats(30, 150), st.floats(20, 150), st.sampled_from(list(Symbol)), st.sampled_from(KINDS), lines)
def test_a_label_stays_on_its_paper_and_nothing_overlaps(
    width: float, height: float, symbol: Symbol, kind: str, wanted: list[Line]
) -> None:
    made = laid_out(width, height, symbol, kind, wanted, VALUES)
    boxes = [(f.x, f.y, f.x + f.width, f.y + f.height) for f in made.fields]
    assert len(boxes) == len(wanted) + 1
    for left, top, right, bottom in boxes:
        assert left >= 0 and top >= 0 and right <= width + 1e-6 and bottom <= height + 1e-6 and left < right  # noqa: PT018
    for number, one in enumerate(boxes):
        for other in boxes[:number]:
            beside = one[0] >= other[2] - 1e-6 or other[0] >= one[2] - 1e-6
            assert beside or one[1] >= other[3] - 1e-6 or other[1] >= one[3] - 1e-6
