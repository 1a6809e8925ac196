"""Element strings: tables of the specification, and biip as the other reader.

Where biip is known to differ: it raises where we mark the element; a wrong check digit is only told beside the value
(`gtin_error`, `sscc_error`, `gln_error`), and of GDTI, GCN, GSIN, GRAI, ITIP and GSRN none is checked; day 00 passes in
any date; an identifier may come again with another value; a separator that is lost goes unnoticed; behind an element
of laid-down length that needs a separator it goes on without one, as we do. An amount of fewer digits than it has
decimals it takes for ten times as much or more. Of some its patterns are
stricter: capitals of countries (4307, 4317), five signs at least (8010), 8003 begins with 0.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from biip import ParseError
from biip.gs1_application_identifiers import _GS1_APPLICATION_IDENTIFIERS as BIIP
from biip.gs1_messages import GS1Message
from hypothesis import assume, given
from hypothesis import strategies as st

from desktop.domain.gs1 import AIM, GS, LONGEST, SUBSTITUTES, Message, Remark, check_digit, formats, hri, is_gtin, split

YEAR = datetime.now().astimezone().year  # biip reads two-digit years by today
GTIN = "08801234567893"


def told(message: Message) -> list[tuple[str, str, Remark | None]]:
    return [(element.ai, element.value, element.remark) for element in message.elements]


# -- tables --


def test_the_same_identifiers_as_biip_with_the_same_titles() -> None:
    assert set(formats()) == set(BIIP)
    titles = {ai: (title, BIIP[ai].data_title) for ai, (title, _least, _most) in formats().items()}
    assert {ai for ai, (ours, theirs) in titles.items() if ours != theirs} == {"8110", "8112"}  # biip names none


def test_each_check_digit_of_the_specification() -> None:
    # 7.9.1 and the examples of its worked table
    assert check_digit("629104150021") == "3"
    assert check_digit("37610425002123456") == "9"
    assert check_digit("7351353") == "7"
    assert is_gtin(GTIN)
    assert is_gtin("96385074")
    assert not is_gtin("08801234567894")
    assert not is_gtin("0880123456789３")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("01" + GTIN, [("01", GTIN, None)]),
        (
            "]d2" + "01" + GTIN + "10AB-123" + GS + "21SN1",
            [("01", GTIN, None), ("10", "AB-123", None), ("21", "SN1", None)],
        ),
        (GS + "01" + GTIN, [("01", GTIN, None)]),  # a scanner that sends the leading FNC1 too
        ("01" + GTIN + GS + "17261130", [("01", GTIN, None), ("17", "261130", None)]),  # allowed, not needed
        ("10A" + GS + GS + "21B" + GS, [("10", "A", None), ("21", "B", None)]),
        ("3103001250" + "10A", [("3103", "001250", None), ("10", "A", None)]),
        ("00" + "376104250021234569", [("00", "376104250021234569", None)]),
        ("00" + "376104250021234568", [("00", "376104250021234568", Remark.CHECK_DIGIT)]),
        ("01" + "08801234567894", [("01", "08801234567894", Remark.CHECK_DIGIT)]),
        ("414" + "8801234567895", [("414", "8801234567895", Remark.CHECK_DIGIT)]),
        ("0108801234", [("01", "08801234", Remark.TOO_SHORT)]),
        ("01" + "0880123456789X", [("01", "0880123456789X", Remark.WRONG_SIGNS)]),
        ("10" + GS + "21B", [("10", "", Remark.EMPTY), ("21", "B", None)]),
        ("10" + "A" * 21, [("10", "A" * 21, Remark.TOO_LONG)]),
        ("10" + "A" * 20, [("10", "A" * 20, None)]),
        ("10가나" + GS + "21B", [("10", "가나", Remark.WRONG_SIGNS), ("21", "B", None)]),
        ("10A#1", [("10", "A#1", Remark.WRONG_SIGNS)]),  # outside of set 82
        ("8010A#1", [("8010", "A#1", None)]),  # set 39
        ("8010a1", [("8010", "a1", Remark.WRONG_SIGNS)]),
        ("8006" + GTIN + "0102", [("8006", GTIN + "0102", None)]),
        ("4330001250-", [("4330", "001250-", None)]),
        ("05X" + GS + "21B", [("05", "X", Remark.UNKNOWN_AI), ("21", "B", None)]),
        ("141234561021", [("14", "123456", Remark.UNKNOWN_AI), ("10", "21", None)]),  # its length is laid down
        ("422410" + "10A", [("422", "410", None), ("10", "A", None)]),  # needs a separator; where it ends is certain
        ("253" + "8801234567893" + "X1", [("253", "8801234567893X1", None)]),
        ("10A" + GS + "10A", [("10", "A", None), ("10", "A", Remark.REPEATED)]),
        ("10A" + GS + "10B", [("10", "A", None), ("10", "B", Remark.CONTRADICTS)]),
        ("423410156", [("423", "410156", None)]),  # countries of three digits each, five at most
        ("4234101", [("423", "4101", Remark.WRONG_SIGNS)]),
        ("x", [("x", "", Remark.UNKNOWN_AI)]),
    ],
)
def test_elements(text: str, want: list[tuple[str, str, Remark | None]]) -> None:
    assert told(split(text, 2026)) == want


@pytest.mark.parametrize("written", SUBSTITUTES)
@pytest.mark.parametrize("aim", ["", *AIM])
def test_what_scanners_send_for_the_separator(written: str, aim: str) -> None:
    message = split(f"{aim}10LOT-7{written}21SN1{written}", 2026)
    assert told(message) == [("10", "LOT-7", None), ("21", "SN1", None)]


def test_a_separator_of_the_shops_own() -> None:
    assert told(split("10LOT-7;21SN1", 2026, separator=";")) == [("10", "LOT-7", None), ("21", "SN1", None)]
    assert told(split("10LOT-7;21SN1", 2026))[0][:2] == ("10", "LOT-7;21SN1")


@pytest.mark.parametrize("text", ["", GS, GS * 5, "]d2", "]C1" + GS, "|", "^]^]"])
def test_nothing_but_separators_is_no_element(text: str) -> None:
    assert split(text, 2026) == Message(remark=Remark.EMPTY)


@pytest.mark.parametrize("text", [f"(01){GTIN}(10)A", f"]d2(01){GTIN}", "(3103)001250"])
def test_brackets_are_for_people(text: str) -> None:
    assert split(text, 2026) == Message(remark=Remark.HUMAN_READABLE)
    assert hri(split(f"01{GTIN}10A", 2026).elements) == f"(01){GTIN}(10)A"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("17261130", "2026-11-30"),
        ("17261100", "2026-11-30"),  # 3.4.7: day 00 is the last day of the month
        ("17270200", "2027-02-28"),
        ("17280200", "2028-02-29"),
        ("11000100", "2000-01-31"),
        ("15260229", ""),
        ("17261301", ""),
        ("17260001", ""),
        ("4326261100", ""),  # only year and month are allowed in 11 to 17 alone
        ("70032611302359", "2026-11-30T23:59"),
        ("70032611302460", ""),
        ("800826113008", "2026-11-30T08:00"),
        ("80082611300815", "2026-11-30T08:15"),
        ("8008261130081530", "2026-11-30T08:15:30"),
        ("43242611309999", "2026-11-30"),
        ("7007261101261103", "2026-11-01/2026-11-03"),
        ("725019790229", ""),
        ("725019800229", "1980-02-29"),
    ],
)
def test_dates(text: str, day: str) -> None:
    (element,) = split(text, 2026).elements
    assert (element.date, element.remark) == (day, None if day else Remark.NO_DATE)


@pytest.mark.parametrize(
    ("two", "year", "whole"),
    [  # 7.12: 49 years back, 50 ahead
        (76, 2026, 2076), (77, 2026, 1977), (26, 2026, 2026), (0, 2026, 2000), (99, 2026, 1999),
        (0, 2049, 2000), (0, 2050, 2100), (99, 2049, 2099), (51, 2000, 1951), (50, 2000, 2050), (1, 2099, 2101),
    ],
)  # fmt: skip
def test_centuries(two: int, year: int, whole: int) -> None:
    (element,) = split(f"11{two:02}0115", year).elements
    assert element.date == f"{whole}-01-15"


@pytest.mark.parametrize(
    ("text", "number", "currency"),
    [
        ("3100001250", "1250", ""), ("3103001250", "1.250", ""), ("3105000001", "0.00001", ""),
        ("3922" + "1999", "19.99", ""), ("3910" + "410" + "12000", "12000", "410"),
        ("3933" + "978" + "5", "0.005", "978"),
        ("3940" + "0025", "25", ""), ("37" + "000120", "120", ""), ("30" + "00", "0", ""),
        ("3909" + "1", "0.000000001", ""),
    ],
)  # fmt: skip
def test_numbers_keep_their_decimals(text: str, number: str, currency: str) -> None:
    (element,) = split(text, 2026).elements
    assert (element.number, element.currency, element.remark) == (number, currency, None)


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN}10ABC12317261231",  # a date behind a lot
        f"01{GTIN}10ABC1126113017261231",  # and more behind it
        f"01{GTIN}10LOT00121SN0001",  # a serial behind a lot
        f"01{GTIN}10A1B2C321000123",
        "21SN-77AB10LOTB",
        f"10LOT701{GTIN}",  # a GTIN that checks
        "240PART-A21X0001",
    ],
)
def test_a_lost_separator_is_suspected(text: str) -> None:
    assert split(text, 2026).remarks == (Remark.SEPARATOR_MISSING,)
    assert split(text, 2026).is_sound  # a warning: it may be right


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("3700000024" + "10L-77", [("37", "24", Remark.SEPARATOR_MISSING), ("10", "", None)]),
        ("3700000024" + "1077", [("37", "24", Remark.SEPARATOR_MISSING), ("10", "", None)]),
        ("3000000010" + "21SN", [("30", "10", Remark.SEPARATOR_MISSING), ("21", "", None)]),
        ("37" + "24" + "10L-77", [("37", "", Remark.SEPARATOR_MISSING)]),  # which digits are the count is a guess
        ("37" + "24" + "10261130", [("37", "", Remark.SEPARATOR_MISSING)]),
        ("37" + "24" + "17261130", [("37", "", Remark.SEPARATOR_MISSING)]),
        ("37" + "24" + "L-77", [("37", "", Remark.WRONG_SIGNS)]),
        ("37" + "123456789", [("37", "", Remark.TOO_LONG)]),
        ("37" + "10L-77", [("37", "", Remark.WRONG_SIGNS)]),  # a count needs a digit
        ("37" + "24" + "1077", [("37", "241077", None)]),  # as likely as not
    ],
)
def test_a_separator_lost_behind_a_count(text: str, told: list[tuple[str, str, Remark | None]]) -> None:
    assert [(each.ai, each.number, each.remark) for each in split(text, 2026).elements] == told


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN}10AB-123", f"01{GTIN}10L2021-03", f"01{GTIN}102611210042", f"01{GTIN}1020261121000001",
        f"01{GTIN}10LOT21", f"01{GTIN}10ABC1721{GS}21S", f"01{GTIN}10ABC12317261231{GS}", f"01{GTIN}10AB17269931",
        f"01{GTIN}21VH204-261130-0001", "10LOT708801234567894",
    ],
)  # fmt: skip
def test_an_ordinary_lot_is_not(text: str) -> None:
    assert split(text, 2026).remarks == ()


# -- biip as the other reader --

_PART = re.compile(r"(\[)?([NXYZ])(\.\.)?([0-9]+)(\])?")
SIGNS = {
    "N": "0123456789",
    "X": "!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz",
    "Y": "#-/0123456789AZ",
    "Z": "AZaz09-_=",
}
CHECKED = {"00": 18, "01": 14, "02": 14, "03": 14, "253": 13, "255": 13, "402": 17, "8003": 14, "8006": 14, "8017": 18,
           "8018": 18, "8026": 14, **{f"41{n}": 13 for n in range(8)}}  # fmt: skip
#: of these biip and we are asked with values of their own
OWN = {"423", "425", "4309", "4321", "4322", "4323", "4324", "4325", "4330", "4331", "4332", "4333", "7001",
       "7003", "7007", "7011", "7030", "7040", "7241", "7250", "7251", "7252", "7258", "8007", "8008", "8010",
       "8030", "8043", "8110", "8112"}  # fmt: skip


@st.composite
def values(draw: st.DrawFn, ai: str) -> str:
    if ai in ("11", "12", "13", "15", "16", "17", "4326", "7006"):
        on = draw(st.dates(date(YEAR - 49, 1, 1), date(YEAR + 50, 12, 31)))
        zero = ai in ("11", "12", "13", "15", "16", "17") and draw(st.booleans())
        return f"{on:%y%m}00" if zero else f"{on:%y%m%d}"
    value = ""
    for optional, kind, up_to, number, _close in _PART.findall(BIIP[ai].format.partition("+")[2]):
        if optional and draw(st.booleans()):
            break
        count = draw(st.integers(1, int(number))) if up_to else int(number)
        value += draw(st.text(SIGNS[kind], min_size=count, max_size=count))
    if ai == "8003":
        value = "0" + value[1:]
    place = CHECKED.get(ai)
    return value if place is None else value[: place - 1] + check_digit(value[: place - 1]) + value[place:]


@st.composite
def messages(draw: st.DrawFn) -> tuple[list[tuple[str, str]], str]:
    ais = draw(st.lists(st.sampled_from(sorted(set(BIIP) - OWN)), min_size=1, max_size=6, unique=True))
    parts = [(ai, draw(values(ai))) for ai in ais]
    assume(all(re.fullmatch(BIIP[ai].pattern, ai + value) for ai, value in parts))  # stricter of some, see above
    text = "".join(ai + value + (GS if BIIP[ai].separator_required else "") for ai, value in parts)
    return parts, text.removesuffix(GS) if draw(st.booleans()) else text


def theirs(text: str) -> list[tuple[str, str]] | None:
    try:
        found = GS1Message.parse(text).element_strings
    except ParseError:
        return None
    if any(element.gtin_error or element.sscc_error or element.gln_error for element in found):
        return None
    return [(element.ai.ai, element.value) for element in found]


@given(messages())
def test_whatever_is_right_is_read_as_biip_reads_it(made: tuple[list[tuple[str, str]], str]) -> None:
    parts, text = made
    message = split(text, YEAR)
    assert [(element.ai, element.value) for element in message.elements] == parts
    assert message.is_sound
    for ours, other in zip(message.elements, GS1Message.parse(text).element_strings, strict=True):
        assert (ours.ai, ours.value) == (other.ai.ai, other.value)
        assert ours.date == ("" if other.date is None else other.date.isoformat())
        if other.decimal is not None and len(ours.value) - 3 * bool(ours.currency) > int(ours.ai[3]):
            assert Decimal(ours.number) == other.decimal


@given(messages(), st.data())
def test_whatever_was_damaged_is_never_read_otherwise_in_silence(
    made: tuple[list[tuple[str, str]], str], data: st.DataObject
) -> None:
    text = made[1]
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from(["", "0", "7", "A", GS, "한"]))
    spoiled = text[:at] + put + text[at + data.draw(st.integers(0, 2)) :]
    message, other = split(spoiled, YEAR), theirs(spoiled)
    if not message.remarks:
        # biip has patterns of its own for some (a month in 11, a nought before 8003, a sex in 7252): then it refuses
        assert other in (None, [(element.ai, element.value) for element in message.elements])
    if other is not None and message.is_sound:
        assert other == [(element.ai, element.value) for element in message.elements]


@given(st.one_of(st.text(max_size=200), st.text("0123456789(){}|~^]dCe\x1d<GS>", max_size=120)), st.integers(1, 9999))
def test_no_text_raises(text: str, year: int) -> None:
    message = split(text, year)
    assert (message.remark is None) == bool(message.elements)
    assert all(isinstance(element.value, str) for element in message.elements)


def test_a_long_text_is_cut_and_takes_no_time() -> None:
    for text in (
        "1" * 100_000,
        "10" + "A21" * 30_000,
        GS.join(["10A"] * 20_000),
        "01" + GTIN + "10" + "17261231" * 9_000,
    ):
        assert sum(len(element.ai) + len(element.value) for element in split(text, 2026).elements) <= LONGEST
