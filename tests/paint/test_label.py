"""A label as dots: another reader reads the symbol of the picture, and what is printed is that picture."""

from __future__ import annotations

import biip
import numpy as np
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from desktop.domain.gs1 import split
from desktop.domain.identity import identify
from desktop.domain.labels import (
    DPI,
    USUAL_LINES,
    CodeField,
    Drawn,
    Symbol,
    Template,
    TextField,
    dots,
    laid_out,
)
from desktop.domain.numbering import sscc
from desktop.domain.plant import Plant, Product
from desktop.paint.label import UndrawableError, draw, picture
from desktop.paint.lettering import load_fonts
from desktop.reports.pdf import ready_to_draw

VALUES = {
    "code": "VH204-261130-0001", "product": "VH204", "name": "2단 감압 밸브 조립체", "gtin": "08801234567893",
    "date": "2026-11-30", "lot": "L-77", "quantity": "24 EA", "line": "1라인",
}  # fmt: skip


def label(width: float, height: float, symbol: Symbol, kind: str = "unit", **values: str) -> Template:
    return laid_out(width, height, symbol, kind, USUAL_LINES[kind], {**VALUES, **values})


@pytest.fixture(scope="module", autouse=True)
def _typeface() -> None:
    ready_to_draw()
    load_fonts()


def pixels(image: QImage) -> np.ndarray:
    stride = image.bytesPerLine()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), stride)[:, : image.width()].copy()


def read(drawn: Drawn) -> zxingcpp.Barcode:
    (found,) = zxingcpp.read_barcodes(pixels(picture(drawn)))
    return found


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize("size", [(60, 40), (50, 30), (100, 60), (40, 25)])
@pytest.mark.parametrize("symbol", list(Symbol))
def test_a_reader_reads_each_label(symbol: Symbol, size: tuple[int, int], dpi: int) -> None:
    width, height = size
    made = label(width, height, symbol)
    if symbol is Symbol.CODE128 and width < 60:
        with pytest.raises(UndrawableError, match="room"):
            draw(made, dpi)  # 17 signs are too many for a narrow label
        return
    drawn = draw(made, dpi)
    found = read(drawn)
    if symbol is Symbol.GS1_DATAMATRIX:
        assert found.symbology_identifier == "]d2"
        told = split(found.bytes.decode(), 2026)
        assert [(element.ai, element.value, element.remark) for element in told.elements] == [
            ("01", VALUES["gtin"], None), ("21", VALUES["code"], None),
        ]  # fmt: skip
    else:
        assert found.text == VALUES["code"]
    for mark in drawn.marks:
        assert 0 <= mark.x <= mark.x + mark.bitmap.width <= drawn.width
        assert 0 <= mark.y <= mark.y + mark.bitmap.height <= drawn.height


def test_a_box_with_the_shops_own_number_takes_it_alone() -> None:
    assert read(draw(label(60, 40, Symbol.GS1_DATAMATRIX, "box"), 203)).text == VALUES["code"]


@pytest.mark.parametrize("size", [(60, 40), (100, 60), (50, 30)])
@pytest.mark.parametrize("lot", ["L-77", "", "A;%b/123456789012345"])
@pytest.mark.parametrize("prefix", ["8801234", "880123456", "8801", "880123456789"])
def test_a_box_with_an_sscc_reads_back_as_the_same_box(prefix: str, lot: str, size: tuple[int, int]) -> None:
    """By our own reader of scans, and by biip, which has nothing of ours."""
    code = sscc(prefix, 42)
    drawn = draw(label(*size, Symbol.GS1_DATAMATRIX, "box", code=code, ai="00", count="24", lot=lot), 203)
    found = read(drawn)
    assert found.symbology_identifier == "]d2"
    text = found.bytes.decode()
    plant = Plant("", "", "Asia/Seoul", None, products=(Product(7, "VH204", "", gtin="8801234567893"),))
    told = identify(text, "]d2", None, {}, plant, at_ms=1_795_996_800_000)
    attributes = {"gtin": VALUES["gtin"], "quantity": "24", **({"lot": lot} if lot else {})}
    assert (told.kind, told.code, told.product, dict(told.attributes)) == ("box", code, 7, attributes)
    assert told.warnings == ()
    message = biip.parse("]d2" + text).gs1_message
    assert message is not None
    shown = {each.ai.ai: each.value for each in message.element_strings}
    assert shown == {"00": code, "02": VALUES["gtin"], "37": "00000024", **({"10": lot} if lot else {})}
    holds = message.element_strings[0].sscc
    assert holds is not None
    assert holds.extension_digit == 0


@pytest.mark.parametrize("lot", ["L-77", "7", "261130", "10", "A;%b/123456789012345"])
@pytest.mark.parametrize("count", ["1", "24", "210", "1010", "12345678"])
@pytest.mark.parametrize("aim", ["]d2", ""])
@pytest.mark.parametrize("sent", ["\x1d", "", "{GS}", "~1", "~"])
def test_the_label_of_a_box_is_read_through_each_kind_of_scanner(sent: str, aim: str, count: str, lot: str) -> None:
    """With the AIM identifier and without, the separator sent, dropped, or another sign in its place."""
    code = sscc("8801234", 42)
    drawn = draw(label(60, 40, Symbol.GS1_DATAMATRIX, "box", code=code, ai="00", count=count, lot=lot), 203)
    body = read(drawn).bytes.decode().replace("\x1d", sent)
    plant = Plant("", "", "Asia/Seoul", None, products=(Product(7, "VH204", "", gtin="8801234567893"),))
    told = identify(body, aim, None, {}, plant, at_ms=1_795_996_800_000, separator="~" if sent == "~" else "")
    assert (told.kind, told.code, told.product) == ("box", code, 7)
    missing = not sent
    assert told.warnings == (("gs1_separator_missing",) if missing else ())
    # a count of 8 digits has no zero in front: where the separator is gone it is told with the lot, and not taken
    known = {} if missing and count == "12345678" else {"quantity": count, "lot": lot}
    assert dict(told.attributes) == {"gtin": VALUES["gtin"], **known}
    if not sent or sent == "\x1d":  # biip cuts a count behind its eighth digit: whoever gets the box reads the same
        message = biip.parse("]d2" + body).gs1_message
        assert message is not None
        shown = [(each.ai.ai, each.value) for each in message.element_strings]
        assert shown == [("00", code), ("02", VALUES["gtin"]), ("37", f"{int(count):08}"), ("10", lot)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
    | st.sampled_from(["^XA^XZ", "~JA", '"PRINT 1\r\n', "x'); drop table t;--", "=1+1", "가나다-01", "(01)0880"]),
    st.sampled_from([Symbol.QR, Symbol.DATAMATRIX]),
)
def test_any_text_comes_back(text: str, symbol: Symbol) -> None:
    assert read(draw(Template(60, 40, (CodeField(5, 5, 30, 30, symbol, text),)), 203)).text == text


@pytest.mark.parametrize(
    ("symbol", "text", "why"),
    [
        (Symbol.CODE128, "가나", "code"),
        (Symbol.GS1_DATAMATRIX, "(01)08801234567894", "code"),  # a wrong check digit
        (Symbol.GS1_DATAMATRIX, "no elements", "code"),
        (Symbol.QR, "A" * 800, "room"),
    ],
)
def test_what_cannot_be_drawn_is_said(symbol: Symbol, text: str, why: str) -> None:
    with pytest.raises(UndrawableError) as error:
        draw(Template(40, 20, (CodeField(0, 0, 20, 20, symbol, text),)), 203)
    assert (error.value.why, error.value.text) == (why, text)


def test_a_text_shrinks_then_ends_in_an_ellipsis_and_a_whole_one_is_refused() -> None:
    long = "아주 긴 품명 " * 12
    (shown,) = draw(Template(40, 10, (TextField(1, 1, 38, 6, long, 4),)), 203).marks
    assert shown.bitmap.width <= dots(38, 203)
    with pytest.raises(UndrawableError, match="text"):
        draw(Template(40, 10, (TextField(1, 1, 38, 6, long, 4, whole=True),)), 203)
    assert draw(Template(40, 10, (TextField(1, 1, 38, 6, " \n", 4),)), 203).marks == ()


def test_korean_is_drawn_with_letters_and_not_with_boxes() -> None:
    marks = [draw(Template(40, 10, (TextField(1, 1, 38, 8, text, 5),)), 203).marks[0] for text in ("가", "나", "뷁")]
    assert len({mark.bitmap.rows for mark in marks}) == 3


def test_the_picture_is_made_of_what_is_printed() -> None:
    drawn = draw(label(60, 40, Symbol.QR), 203)
    shown = pixels(picture(drawn))
    sheet = np.full((drawn.height, drawn.width), 255, np.uint8)
    for mark in drawn.marks:
        bits = np.unpackbits(np.frombuffer(mark.bitmap.rows, np.uint8).reshape(-1, mark.bitmap.stride), axis=1)
        part = sheet[mark.y : mark.y + mark.bitmap.height, mark.x : mark.x + mark.bitmap.width]
        part[bits[:, : mark.bitmap.width] == 1] = 0
    assert (shown == sheet).all()
