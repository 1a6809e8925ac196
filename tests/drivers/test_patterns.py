"""Patterns that people write: those that one message could hang on are refused, ordinary ones pass at once."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.configuration import presets
from drivers import patterns
from drivers.base import UnfitError
from drivers.patterns import Watched, harmless

ENDLESS = [
    "(a+)+$", "(a*)*b", "([a-zA-Z]+)*$", r"^(\d+)*$", "(a|a)*b", "(a|aa)+$", "(.*)*x", r"(\w+\s?)*", "(x+x+)+y",
    "((a?)*)*b", r"(?:\s*\d+\s*,?)*", "(?:a(?:x?)?)*b", r'"(?:\\.|[^"])*"', "(?:ab|a|b)+$", "(?:car|bon|carbon)*$",
    r"(?:\d{1,20},?){1,20}", "(?:a|b|ab)*c", r"(?P<v>(?:[0-9]+,?)+)(?P<unit>kg)", "(?=(a+)+b).*",
    "(?:a+?)+?b",
]  # fmt: skip
#: what takes at least the cube of the length, on 4096 characters
LONG = [
    r".*,.*,.*,\d+", ".*.*.*=.*", r"\d+\d+\d+x", "(?:.*a){12}", r".*?a.*?b.*?c.*?d.*?e\d",
    r"(\d*)(\d*)(\d*)(\d*)(\d*)(\d*)(\d*)(\d*)(\d*)(\d*)x", " *(a)? *(b)? *(c)? *d", r"(?P<a>.*)(?P<b>.*)(?P<c>.*)\d\d",
]  # fmt: skip
ORDINARY = [
    "(?P<code>.+)", "(?:a+,)+", r"(?:\d+,)*\d+", ".*,.*,.*", r'"(?:\\.|[^"\\])*"',
    "(?P<a>[^,]*),(?P<b>[^,]*),(?P<c>[^,]*)",
    r"\s*(?P<v>\d+)\s*(?P<u>\w*)\s*", r"([+-]?\d+(?:\.\d+)?)(?:,([+-]?\d+(?:\.\d+)?))*", "(?:[0-9A-F]{2} ?)*",
    "(?:ab|cd|[ef])+", r"(?:[a-z]+=\d+;)+", r"(?P<v>\d{1,8})(?:\.\d{1,8})?", "(?i)(?:a|A)+$",
    "(?:(?!END).)*END", "", "x", "(?>a+)+b", r"(?P<k>[a-z]+)=(?P<v>\d+)(?(k);|,)",
]  # fmt: skip


def refusal(pattern: str, longest: int = 4096, anywhere: bool = False, most_ms: int = patterns.MOST_MS) -> str:
    try:
        harmless(pattern, re.DOTALL, longest, anywhere, most_ms)
    except UnfitError as why:
        return str(why)
    return ""


@pytest.mark.parametrize("pattern", ENDLESS)
def test_what_can_be_read_in_ever_more_ways_is_refused_without_trying(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "_too_slow", lambda *_given: pytest.fail("tried"))
    for longest in (16, 4096):
        assert "countless ways, like (a+)+" in refusal(pattern, longest)


@pytest.mark.parametrize("pattern", LONG)
def test_what_grows_with_the_cube_is_refused_by_a_short_trial(pattern: str) -> None:
    start = time.perf_counter()
    assert "on a message that does not fit, of 4096 characters" in refusal(pattern)
    assert time.perf_counter() - start < 3  # and not 20 s or years


def test_what_was_refused_once_is_refused_again_at_no_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal(".*;.*;.*;x")
    monkeypatch.setattr(patterns, "_too_slow", lambda *_given: pytest.fail("tried again"))
    assert refusal(".*;.*;.*;x") == said != ""


def test_what_takes_long_on_long_texts_only_may_be_used_for_short_ones() -> None:
    assert refusal(".*.*.*=.*", 16) == ""
    assert refusal(r"\s+x", 512, anywhere=True, most_ms=50) == ""
    assert "like '--" in refusal(r".*-.*-.*\d", 512, anywhere=True, most_ms=50)


@pytest.mark.parametrize("pattern", ORDINARY)
def test_ordinary_patterns_pass(pattern: str) -> None:
    assert refusal(pattern) == ""


def test_patterns_of_all_presets_pass_in_well_under_50_ms() -> None:
    found = {
        key: str(presets.device(key).device["pattern"])
        for key in presets.device_names()
        if "pattern" in presets.device(key).device
    }
    assert len(found) > 10
    for key, pattern in found.items():
        took = []
        for _ in range(5):
            patterns._hazard.cache_clear()
            before = time.thread_time_ns()
            assert refusal(pattern) == "", key
            took.append(time.thread_time_ns() - before)
            if took[-1] < 30_000_000:
                break
        assert min(took) < 30_000_000, key


def test_a_large_pattern_is_judged_in_time() -> None:
    start = time.perf_counter()
    for pattern in (
        "a" * 5000,
        "(?:[a-f]+x)" * 300,
        "(?:" * 90 + "a" + ")?" * 90,
        "|".join(f"w{n}a*" for n in range(400)),
    ):
        assert refusal(pattern) in ("", "is too large for a regular expression")
    assert time.perf_counter() - start < 15


PIECES = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", "ab", "a?", r"\w"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?", "{2,}"])).map("(?:{0[0]}){0[1]}".format),
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda each: f"(?:{'|'.join(each)})"),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150)
@given(PIECES, st.text("ab", min_size=1, max_size=4), st.sampled_from(["", "c", "a", "cb"]))
def test_what_passes_hangs_on_no_text(pattern: str, turn: str, end: str) -> None:
    """Of what passes, no text of a few dozen characters takes long: an endless pattern would take minutes."""
    if refusal(pattern):
        return
    expression = re.compile(pattern, re.DOTALL)
    for turns in (6, 9, 12):
        took = []
        for _ in range(3):
            before = time.thread_time_ns()
            expression.fullmatch(turn * turns + end)
            took.append(time.thread_time_ns() - before)
        assert min(took) < 20_000_000


def test_a_search_that_is_slow_again_and_again_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(re.compile("(?P<v>[0-9]+)"))
    assert watched.fullmatch("12") is not None
    monkeypatch.setattr(patterns, "SLOW_NS", -1)  # each is slow
    assert watched.fullmatch("12") is not None
    assert watched.fullmatch("12") is not None
    monkeypatch.setattr(patterns, "SLOW_NS", 10**12)
    for _ in range(200):
        assert watched.fullmatch("12") is not None  # two slow ones were forgotten
    monkeypatch.setattr(patterns, "SLOW_NS", -1)
    assert [watched.fullmatch("12") is None for _ in range(5)] == [False, False, False, True, True]
    assert watched.off
