"""Code 128 against an independent reader, and against the rules that every symbol keeps."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain import code128

ASCII = "".join(map(chr, range(32, 127)))


def read(text: str) -> list[tuple[str, str]]:
    """What zxing reads in a picture of the symbol: three dots a module, white around."""
    row = np.full(code128.modules(text) * 3, 255, np.uint8)
    at = code128.QUIET * 3
    for number, width in enumerate(code128.bars(text)):
        row[at : at + 3 * width] = 255 if number % 2 else 0
        at += 3 * width
    found = zxingcpp.read_barcodes(np.tile(row, (40, 1)))
    return [(symbol.format.name, symbol.text) for symbol in found]


@pytest.mark.parametrize(
    "text",
    [
        "A", "G.RB01U6", "G.PVH.S204.L.C0C1C4", "0123", "01234", "012345678", "AB1234", "AB12345", "1234AB", "12345AB",
        "AB123456CD", "AB1234567CD", "AB12345CD", "1", "12", "123", "00000000", "1234.1234", ASCII,
    ],
)  # fmt: skip
def test_an_independent_reader_reads_it(text: str) -> None:
    assert read(text) == [("Code128", text)]


@given(st.text(ASCII, min_size=1, max_size=40) | st.text("0123456789A.", min_size=1, max_size=40))
def test_an_independent_reader_reads_everything(text: str) -> None:
    assert read(text) == [("Code128", text)]


@given(st.text("0123456789ABC-.", min_size=1, max_size=44))
def test_every_symbol_keeps_the_rules(text: str) -> None:
    widths = code128.bars(text)
    *characters, stop = (widths[at : at + 6] for at in range(0, len(widths) - 1, 6))
    assert len(widths) % 6 == 1
    for one in (*characters, stop):
        assert sum(one) == 11
        assert not sum(one[::2]) % 2  # the bars of every character cover an even number of modules
        assert all(1 <= width <= 4 for width in one)
    assert widths[-1] == 2
    # never longer than set B alone
    assert code128.modules(text) <= 11 * (len(text) + 2) + 13 + 2 * code128.QUIET


def test_digits_take_half_the_room() -> None:
    assert code128.modules("12345678") == 11 * (1 + 4 + 1) + 13 + 20
    assert code128.modules("G.RB01U6") == 11 * (1 + 8 + 1) + 13 + 20


@pytest.mark.parametrize("text", ["", "가", "A\tB", "A\x1d", "é", "١٢٣٤"])
def test_what_is_no_printable_ascii_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text}$"):
        code128.bars(text)
