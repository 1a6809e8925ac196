"""What a scan is, also a hostile one."""

from __future__ import annotations

import pytest
from biip.symbology import GS1Symbology
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.barcode import GS1, LONGEST_CODE, aim_of, classify, clean_code

CLASSES = {"unit": r"^SN\d{4}$", "lot": r"^LOT-([A-Z]+)-", "box": r"^BX"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("  SN0001\r\n", "SN0001"),
        ("SN\x000001", "SN0001"),
        ("\x1b[31mSN0001\x7f", "[31mSN0001"),
        ("0108801234567893\x1d10AB", "0108801234567893\x1d10AB"),  # the group separator of GS1 means something
        ("x'); drop table events;--", "x'); drop table events;--"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("가나다-01", "가나다-01"),
        ("SN\ud8000001", "SN0001"),
        ("A" * 9000, "A" * LONGEST_CODE),
        ("\x00\x01", ""),
    ],
)
def test_clean(body: str, code: str) -> None:
    assert clean_code(body) == code


@given(st.text(st.characters(codec=None), max_size=600))
def test_a_clean_code_can_be_stored_and_stays_as_it_is(body: str) -> None:
    code = clean_code(body)
    assert code.encode().decode() == code
    assert len(code) <= LONGEST_CODE
    assert not set(code) & {"\x00", "\r", "\n", "\x1b"}
    assert clean_code(code) == code


def test_classes_are_tried_in_order_and_name_the_kind_of_lot() -> None:
    assert classify("SN0001", CLASSES) == ("unit", "")
    assert classify("LOT-SEAL-77", CLASSES) == ("lot", "SEAL")
    assert classify("BX1", CLASSES) == ("box", "")
    assert classify("?", CLASSES) == ("", "")
    assert classify("LOT-1", {"lot": "LOT-(x)?"}) == ("lot", "")
    assert classify("AB", {"unit": "A", "lot": "AB"}) == ("unit", "")


@pytest.mark.parametrize(
    ("code", "raw", "aim"),
    [
        ("0108801234567893\x1d10AB", b"]d20108801234567893\x1d10AB", "]d2"),
        ("SN1", b"]C0SN1\r", "]C0"),
        ("]C0SN1", b"]C0SN1", ""),  # the shop did not ask for it to be taken off
        ("C0SN1", b"]C0SN1", ""),  # a pattern of its own took the bracket off
        ("0000", b"]E00000", "]E0"),
        ("SN1", b"]Y2ABSN1", "]Y2AB"),
        ("\ud488\ubc88", "]Q1\ud488\ubc88".encode("cp949"), "]Q1"),
        ("N1", b"]C0SN1", "]C0"),  # cut by columns
        ("SN1", b"SN1", ""),
        ("SN1", b"", ""),
        ("SN1", None, ""),
    ],
)
def test_the_kind_of_code_stands_in_front_of_the_bytes(code: str, raw: bytes | None, aim: str) -> None:
    assert aim_of(code, raw) == aim


def test_gs1_is_what_biip_takes_for_it() -> None:
    assert set(GS1) == {f"]{symbology.value}" for symbology in GS1Symbology.with_gs1_messages()}


@given(st.text(max_size=600), st.binary(max_size=700))
def test_no_bytes_break_it(code: str, raw: bytes) -> None:
    aim = aim_of(code, raw)
    assert raw.startswith(aim.encode())
    assert aim == "" or 3 <= len(aim) <= 12
