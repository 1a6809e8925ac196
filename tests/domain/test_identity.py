"""What a scanned code is, also a hostile one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain import identity
from desktop.domain.barcode import LONGEST_CODE, clean_code
from desktop.domain.gs1 import GS, Remark
from desktop.domain.identity import LONGEST_RAW, Identity, identify, product_of
from desktop.domain.plant import Plant, Product

AT_MS = 1_796_000_000_000  # November 2026
GTIN = "08801234567893"
SSCC = "376104250021234569"
PLANT = Plant(
    "P", "L", "Asia/Seoul", None,
    products=(
        Product(1, "VH204", "밸브", r"VH204-\d{6}-\d{4}", "8801234567893"),
        Product(2, "VH205", "밸브", r"VH205-\d+"),
        Product(3, "VH2", "밸브", r"VH205-9\d*"),
    ),
)  # fmt: skip
CLASSES = {"unit": r"^SN\d{4}$", "lot": r"^LOT-([A-Z]+)-", "box": r"^BX", "pallet": r"^3761042500212345"}


def told(body: str, aim: str = "", classes: dict[str, str] | None = None, separator: str = "") -> Identity:
    raw = (aim + body).encode("utf-8", "replace")
    patterns = CLASSES if classes is None else classes
    return identify(clean_code(body), aim, raw, patterns, PLANT, at_ms=AT_MS, separator=separator)


@pytest.mark.parametrize(
    ("body", "kind", "product", "material"),
    [
        ("SN0001", "unit", None, ""),
        ("LOT-SEAL-77", "lot", None, "SEAL"),
        ("BX1", "box", None, ""),
        ("VH204-261130-0001", "unit", 1, ""),
        ("VH204-261130-0001X", "", None, ""),  # all of it, not a part
        ("VH205-1", "unit", 2, ""),
        ("8801234567893", "", 1, ""),  # the EAN code of a product names it, and nothing else
        ("?", "", None, ""),
        ("", "", None, ""),
    ],
)
def test_plain_codes(body: str, kind: str, product: int | None, material: str) -> None:
    assert told(body) == Identity(kind, body, product, material)


def test_a_serial_like_that_of_two_products_is_a_unit_of_neither() -> None:
    found = told("VH205-91")
    assert (found.kind, found.product, found.warnings) == ("unit", None, (identity.SEVERAL_PRODUCTS,))


@pytest.mark.parametrize("pattern", [r"VH204-\d{6}", r"^VH204-\d{6}$", r"^VH204-\d{6}", r"VH204-\d{6}$"])
@pytest.mark.parametrize(
    ("code", "product"), [("VH204-261130", 1), ("VH204-261130X", None), ("XVH204-261130", None), ("VH204-26113", None)]
)
def test_a_serial_is_of_a_product_wherever_it_is_asked(pattern: str, code: str, product: int | None) -> None:
    plant = Plant("P", "L", "Asia/Seoul", None, products=(Product(1, "VH204", "밸브", pattern), Product(2, "B", "B")))
    assert identify(code, "", None, {}, plant, at_ms=AT_MS).product == product
    assert plant.product_of_serial(code) == product


def test_a_pattern_of_the_shop_may_name_the_unit_and_the_product_comes_of_its_serial() -> None:
    assert told("VH204-261130-0001", classes={"unit": "VH"}) == Identity("unit", "VH204-261130-0001", 1)


@pytest.mark.parametrize("aim", ["", "]d2", "]C1", "]Q3"])
@pytest.mark.parametrize(
    ("body", "kind", "code", "attributes"),
    [
        (f"01{GTIN}21SN77", "unit", "SN77", {"gtin": GTIN, "serial": "SN77"}),
        (f"01{GTIN}10AB-1{GS}21SN77", "unit", "SN77", {"gtin": GTIN, "lot": "AB-1", "serial": "SN77"}),
        (
            f"01{GTIN}1726110010AB-1{GS}37120",
            "lot", "AB-1", {"gtin": GTIN, "lot": "AB-1", "expiry": "2026-11-30", "quantity": "120"},
        ),
        (
            f"01{GTIN}1126110230000",
            "", f"(01){GTIN}(11)261102(30)000", {"gtin": GTIN, "made": "2026-11-02", "quantity": "0"},
        ),
        (f"01{GTIN}", "", f"(01){GTIN}", {"gtin": GTIN}),
    ],
)  # fmt: skip
def test_elements(aim: str, body: str, kind: str, code: str, attributes: dict[str, str]) -> None:
    assert told(body, aim) == Identity(kind, code, 1, "", attributes)


def test_a_parcel_is_a_box_unless_the_shop_knows_it_for_a_pallet() -> None:
    box = told(f"00{SSCC}02{GTIN}3724{GS}10L1", "]C1", classes={})
    assert box == Identity("box", SSCC, 1, "", {"gtin": GTIN, "quantity": "24", "lot": "L1"})
    assert told(f"00{SSCC}", "]C1").kind == "pallet"
    assert told(f"00{SSCC}").kind == "pallet"


@pytest.mark.parametrize("aim", ["", "]C1", "]d2", "]C0"])  # none is sent; of GS1; of a Code 128 that holds no FNC1
@pytest.mark.parametrize(
    ("body", "classes", "kind", "code", "material"),
    [
        (f"00{SSCC}", {"box": r"^\d{20}$"}, "box", SSCC, ""),
        (f"00{SSCC}", {"box": r"^00\d{18}$"}, "box", SSCC, ""),
        (f"00{SSCC}02{GTIN}3724", {"box": r"^00\d{18}"}, "box", SSCC, ""),
        (f"00{SSCC}02{GTIN}3724", {"pallet": r"^00\d{18}"}, "pallet", SSCC, ""),
        (f"00{SSCC}", {"box": r"^001\d{17}$", "pallet": r"^00\d{18}$"}, "pallet", SSCC, ""),
        (f"00{SSCC}", {"pallet": r"^003\d{17}$", "box": r"^\d{20}$"}, "pallet", SSCC, ""),
        (f"00{SSCC}", {"box": r"^\d{20}$", "pallet": r"^003\d{17}$"}, "box", SSCC, ""),
        (f"00{SSCC}", {"box": r"^\d{20}$", "pallet": r"^3761"}, "box", SSCC, ""),
        (f"01{GTIN}21SN77", {"unit": r"^01\d{14}21"}, "unit", "SN77", ""),
        (f"01{GTIN}10AB-1", {"lot": r"^01\d{14}10(.)"}, "lot", "AB-1", "A"),
        (f"01{GTIN}17261130" + "10AB-1", {"lot": r"10(AB)-"}, "lot", "AB-1", "AB"),
        ("00376104250021234568", {"box": r"^\d{20}$"}, "box", "00376104250021234568", ""),  # a wrong check digit
    ],
)
def test_a_thing_has_one_name_whichever_scanner_reads_it(
    aim: str, body: str, classes: dict[str, str], kind: str, code: str, material: str
) -> None:
    found = told(body, aim, classes)
    assert (found.kind, found.code, found.material) == (kind, code, material)


def test_serials_of_digits_alone_are_units_though_one_in_ten_looks_like_a_parcel() -> None:
    plant = Plant("P", "L", "Asia/Seoul", None, products=(Product(1, "A", "A", r"00\d{18}"),))
    assert identify(f"00{SSCC}", "", None, {}, plant, at_ms=AT_MS) == Identity("unit", f"00{SSCC}", 1)


def test_another_makers_lot() -> None:
    found = told(f"01{'04012345678901'}10LOT-SEAL-7", "]d2")
    assert (found.kind, found.code, found.product, found.material) == ("lot", "LOT-SEAL-7", None, "SEAL")


def test_a_pattern_goes_before_elements_that_were_not_announced_and_the_label_is_read_besides() -> None:
    body = f"01{GTIN}10AB-1"
    found = told(body, classes={"unit": r"^01\d{14}10(.)"})
    assert (found.kind, found.code, found.product) == ("unit", body, 1)
    assert found.attributes == {"gtin": GTIN, "lot": "AB-1"}
    assert told(body, "]d2", classes={"unit": ".*"}).kind == "lot"  # announced: no pattern makes a unit of it
    assert told("BX-1", "]d2").warnings == ()  # what the shop's own pattern takes is as it wants it
    only = told(f"01{GTIN}", "]d2", classes={"box": "^01"})
    assert (only.kind, only.code, only.product) == ("box", f"01{GTIN}", 1)


def test_another_symbol_holds_no_elements() -> None:
    assert told(f"01{GTIN}10AB-1", "]d1") == Identity("", f"01{GTIN}10AB-1")
    assert told("8801234567893", "]E0").product == 1


@pytest.mark.parametrize("body", ["1012345", "21SN1", "01088012345678941A", "00123", "0108801234567893XX"])
def test_a_plain_code_is_not_taken_for_elements(body: str) -> None:
    assert told(body) == Identity("", body)


def test_what_is_wrong_is_told() -> None:
    wrong = told("0108801234567894" + "10AB-1", "]d2")
    assert (wrong.kind, wrong.product, wrong.attributes) == ("lot", None, {"lot": "AB-1"})
    assert wrong.warnings == (Remark.CHECK_DIGIT.value,)
    assert told(f"01{GTIN}10ABC12317261231", "]d2").warnings == (Remark.SEPARATOR_MISSING.value,)
    assert told(f"01{GTIN}10A{GS}10B", "]d2").kind == ""
    assert told(f"01{GTIN}10A{GS}10A", "]d2") == Identity(
        "lot", "A", 1, "", {"gtin": GTIN, "lot": "A"}, (Remark.REPEATED.value,)
    )
    assert told(f"(01){GTIN}(10)A") == Identity("", f"(01){GTIN}(10)A", warnings=(Remark.HUMAN_READABLE.value,))
    assert told(GS * 3, "]d2").warnings == (Remark.EMPTY.value,)


def test_a_separator_of_the_scanners_own() -> None:
    assert told(f"01{GTIN}10AB;21SN1", "]d2", separator=";").code == "SN1"


@pytest.mark.parametrize("aim", ["", "]C1"])
@pytest.mark.parametrize(
    ("rest", "warning"),
    [
        (f"02{GTIN}3700000024;10L-77", Remark.WRONG_SIGNS),  # a sign for the separator that nobody set up
        (f"02{GTIN}3724;10L-77", Remark.WRONG_SIGNS),
        (f"02{GTIN}372410L-77", Remark.SEPARATOR_MISSING),
        ("02088012345678943724", Remark.CHECK_DIGIT),
        ("02123", Remark.TOO_SHORT),
        ("XX", Remark.UNKNOWN_AI),
        ("로트", Remark.UNKNOWN_AI),
    ],
)
def test_a_parcel_keeps_its_name_whatever_cannot_be_read_behind_it(aim: str, rest: str, warning: Remark) -> None:
    found = told(f"00{SSCC}{rest}", aim, classes={})
    assert (found.kind, found.code, found.warnings) == ("box", SSCC, (warning.value,))
    assert "quantity" not in found.attributes or warning is Remark.CHECK_DIGIT


def test_two_parcels_on_one_label_are_neither() -> None:
    assert told(f"00{SSCC}00006141411234567890", classes={}).kind == ""


# -- bad input --


def test_a_scan_of_10000_characters_is_cut_and_the_first_bytes_are_kept() -> None:
    found = told("A" * 10_000)
    assert found.code == "A" * LONGEST_CODE
    assert found.warnings == (identity.CUT,)
    assert found.raw_hex == "41" * LONGEST_RAW
    long = told(f"01{GTIN}10" + "A" * 10_000, "]d2")
    assert len(long.code) <= LONGEST_CODE
    assert identity.CUT in long.warnings


def test_control_characters_are_taken_out_and_the_bytes_kept() -> None:
    body = "SN\x000001\x1b"
    found = told(body)
    assert (found.kind, found.code, found.warnings) == ("unit", "SN0001", (identity.CONTROL_SIGNS,))
    assert bytes.fromhex(found.raw_hex) == body.encode()


def test_bytes_in_another_encoding() -> None:
    raw = "로트-1".encode("euc-kr")
    read = identify("로트-1", "", raw, {"lot": "^로트"}, PLANT, at_ms=AT_MS)  # the scanner's encoding is set up
    assert read == Identity("lot", "로트-1")
    code = clean_code(raw.decode("utf-8", "replace"))
    unread = identify(code, "", raw, {}, PLANT, at_ms=AT_MS)
    assert unread.warnings == (identity.UNREADABLE_SIGNS,)
    assert bytes.fromhex(unread.raw_hex) == raw


@pytest.mark.parametrize(
    "body", ["=cmd|' /C calc'!A0", "x'); drop table t;--", "@SUM(1+1)", "-2+3", "가나다-01", "<b>1</b>"]
)
@pytest.mark.parametrize("aim", ["", "]d2", "]C0"])
def test_hostile_text_stays_as_it_is(body: str, aim: str) -> None:
    found = told(body, aim, classes={"unit": ".*"})
    assert (found.kind, found.code) == ("unit", body)
    assert found.raw_hex == ""


@given(
    st.one_of(st.text(max_size=80), st.text("01" + "2378|{}()\x1d^]AB", max_size=80)),
    st.sampled_from(["", "]d2", "]C1", "]C0", "]E0"]),
    st.one_of(st.none(), st.binary(max_size=80)),
)
def test_no_scan_raises(body: str, aim: str, raw: bytes | None) -> None:
    code = clean_code(body)
    found = identify(code, aim, raw, CLASSES, PLANT, at_ms=AT_MS)
    assert found.kind in ("", "unit", "lot", "box", "pallet")
    assert len(found.code) <= LONGEST_CODE
    assert re.fullmatch("(?:[0-9a-f]{2})*", found.raw_hex)
    assert found.kind == "" or found.code


def test_a_gtin_of_any_length_finds_its_product() -> None:
    assert product_of("8801234567893", PLANT) == product_of(GTIN, PLANT) == PLANT.products[0]
    assert product_of("", PLANT) is None
