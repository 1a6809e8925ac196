"""Issued numbers: what a pattern makes, and for how long its counter runs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain import gs1
from desktop.domain.numbering import LONGEST, USUAL, fault, is_company_prefix, number, scope, sscc, sscc_pattern

ON = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("pattern", "n", "made", "counter"),
    [
        ("VH204-{yymmdd}-{n:04}", 7, "VH204-261130-0007", "VH204-261130-{n}"),
        ("{product}-{yymmdd}-{n:04}", 12345, "P/1-261130-12345", "P/1-261130-{n}"),
        ("{yy}{jjj}{n}", 1, "263341", "26334{n}"),
        ("S{n:06}", 1, "S000001", "S{n}"),
        ("{yymm}-{n:03}", 999, "2611-999", "2611-{n}"),
        ("{yyyymmdd}.{mm}.{dd}_{n:01}", 5, "20261130.11.30_5", "20261130.11.30_{n}"),
    ],
)
def test_numbers(pattern: str, n: int, made: str, counter: str) -> None:
    assert fault(pattern) == ""
    assert number(pattern, "P/1", ON, n) == made
    assert scope(pattern, "P/1", ON) == counter


@pytest.mark.parametrize("pattern", USUAL.values())
def test_what_a_shop_begins_with_is_sound(pattern: str) -> None:
    assert fault(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "counter"), ("VH204", "counter"), ("{n}{n:04}", "counter"), ("{n:4}", "counter"), ("{n}-{day}", "place"),
        ("{n}가", "signs"), ("A {n}", "signs"), ("{n}^XA", "signs"), ("{{n}}", "signs"), ("A" * 48 + "{n}", "long"),
    ],
)  # fmt: skip
def test_wrong_patterns(pattern: str, why: str) -> None:
    assert fault(pattern) == why


@given(st.text(st.sampled_from("ABZ09-._/") | st.sampled_from("{}n:04yd"), max_size=60), st.integers(1, 10**6))
def test_a_sound_pattern_makes_numbers_that_differ(pattern: str, n: int) -> None:
    if fault(pattern):
        return
    made = {number(pattern, "P", ON, n), number(pattern, "P", ON, n + 1)}
    assert len(made) == 2
    assert all(1 <= len(each) <= LONGEST + 7 for each in made)


@given(st.dates(), st.integers(0, 800))
def test_with_the_day_in_it_the_counter_is_that_of_the_day(on: date, days: int) -> None:
    try:
        later = on + timedelta(days=days)
    except OverflowError:
        return
    same = scope("{yyyymmdd}{n}", "", on) == scope("{yyyymmdd}{n}", "", later)
    assert same == (days == 0)
    assert scope("A{n}", "", on) == scope("A{n}", "", later)


def test_a_product_code_that_no_bar_code_takes() -> None:
    assert number("{product}-{n}", "밸브 A(1)", ON, 1) == "---A-1--1"


@pytest.mark.parametrize(
    ("prefix", "n", "made"),
    [  # check digits by biip
        ("8801234", 1, "088012340000000017"),
        ("8801234", 999_999_999, "088012349999999999"),
        ("8801234", 10**9, "188012340000000007"),  # the extension digit goes up
        ("880123456789", 7, "088012345678900072"),
    ],
)
def test_an_sscc(prefix: str, n: int, made: str) -> None:
    pattern = sscc_pattern(prefix)
    assert number(pattern, "P", ON, n) == made
    assert scope(pattern, "P", ON) == scope(pattern, "Q", ON + timedelta(1)) == pattern  # one counter of the shop
    assert fault(pattern)  # nobody writes one by hand


@given(st.from_regex(r"[0-9]{4,12}", fullmatch=True), st.integers(1, 9_999))
def test_every_sscc_is_sound_and_another_one(prefix: str, n: int) -> None:
    assert is_company_prefix(prefix)
    (one,) = gs1.split("00" + sscc(prefix, n), 2026).elements
    assert (one.ai, one.remark, one.value[1 : len(prefix) + 1]) == ("00", None, prefix)
    assert one.value != sscc(prefix, n + 1)


def test_ssccs_are_used_up() -> None:
    assert sscc("880123456789", 99_999)[0] == "9"
    with pytest.raises(ValueError, match="SSCC"):
        sscc("880123456789", 100_000)
    for wrong in ("880", "88A1234", "8801234567890", "가나다라", "٣٤٥٦٧"):
        assert not is_company_prefix(wrong)
