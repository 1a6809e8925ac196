"""Figures and states as words: rounding, unknown values, and a sentence for every fault of the wire."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop import text
from desktop.domain import differences
from desktop.domain.events import State
from desktop.domain.figures.line import HourRow
from desktop.domain.intervals import Category
from desktop.domain.spans import Span
from desktop.wording.devices import FAULT_SENTENCES, collector_note, fault_sentence
from desktop.wording.kpis import FLAGS
from desktop.wording.moments import clock, clock_seconds, hour, span_words, today
from desktop.wording.numbers import (
    age,
    availability_words,
    lost_minutes,
    lost_ms,
    minutes,
    minutes_seconds,
    minutes_tenths,
    painted_ratio,
    percent,
    percent_figure,
    pieces,
    signed,
    stopwatch,
    table_minutes,
    value_figure,
)
from desktop.wording.states import hour_loss, state_word
from drivers.base import FAULTS
from tests.views import example

MINUTE = 60_000


@pytest.mark.parametrize(
    ("ms", "english", "korean"),
    [
        (0, "0 s", "0초"),
        (12_999, "12 s", "12초"),
        (59_999, "59 s", "59초"),
        (MINUTE, "1 min", "1분"),
        (63 * MINUTE, "63 min", "63분"),
        (120 * MINUTE - 1, "119 min", "119분"),
        (120 * MINUTE, "2 h 0 min", "2시간 0분"),
        (125 * MINUTE, "2 h 5 min", "2시간 5분"),
        (-5, "0 s", "0초"),
    ],
)
def test_minutes(ms: int, english: str, korean: str) -> None:
    assert minutes(ms) == english
    text.use("ko")
    assert minutes(ms) == korean


def test_minutes_seconds() -> None:
    assert minutes_seconds(6 * MINUTE + 8_000) == "6 min 08 s"
    assert minutes_seconds(8_000) == "8 s"
    assert minutes_seconds(125 * MINUTE) == "2 h 5 min"


def test_age_counts_tenths_while_young() -> None:
    assert age(400) == "0.4 s"
    assert age(9_949) == "9.9 s"
    assert age(31_000) == "31 s"
    assert age(19 * MINUTE) == "19 min"


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(0.8705, "87.1 %"), (0.87049, "87.0 %"), (1.0, "100.0 %"), (0.0, "0.0 %"), (1.0465, "104.7 %"), (None, "—")],
)
def test_percent_is_rounded_half_up(ratio: float | None, shown: str) -> None:
    assert percent(ratio) == shown
    assert percent_figure(ratio) == shown.removesuffix(" %")


def test_unknown_is_a_dash_and_never_zero() -> None:
    assert {
        pieces(None), signed(None), percent(None), clock(None, "UTC"),
        lost_minutes(None), minutes_tenths(None), stopwatch(None), value_figure(None),
    } == {"—"}  # fmt: skip


def test_signs() -> None:
    assert signed(-27) == "−27"
    assert signed(23) == "+23"
    assert signed(0) == "0"
    assert pieces(-1234567) == "−1,234,567"
    assert lost_minutes(41.6 * MINUTE) == "−41.6 min"
    assert lost_minutes(-6 * MINUTE) == "+6.0 min"
    assert lost_minutes(-1) == "0.0 min"
    assert minutes_tenths(-41.6 * MINUTE) == "−41.6"


@given(st.integers(-(10**9), 10**9))
def test_no_figure_has_a_hyphen_for_a_minus(number: int) -> None:
    figures = (
        signed(number),
        pieces(number),
        minutes_tenths(number),
        lost_minutes(number),
        stopwatch(number),
        value_figure(number / 7),
        percent(number / 10**6),
    )
    assert not any("-" in figure for figure in figures)
    assert not any(figure.startswith("−0.0 ") or figure == "−0.0" for figure in figures)


def test_stopwatch_adds_up() -> None:
    assert stopwatch(322 * MINUTE + 8_000) == "322 min 08 s"
    assert stopwatch(-1_200 * MINUTE) == "−1,200 min 00 s"
    assert stopwatch(0) == "0 min 00 s"
    text.use("ko")
    assert stopwatch(345 * MINUTE + 1_000) == "345분 01초"


def test_less_than_a_minute_in_a_column_of_minutes_is_not_nothing() -> None:
    assert table_minutes(41.6 * MINUTE) == "41.6"
    assert table_minutes(45_000) == "45 s"
    assert table_minutes(1_500) == "1 s"
    assert table_minutes(0) == "0.0"


def test_availability_names_its_bounds_where_not_all_was_seen() -> None:
    seen = replace(example.kpis(coverage=0.75), availability=0.8333, availability_low=0.625, availability_high=0.875)
    assert availability_words(seen) == "83.3 % (62.5–87.5)"
    assert availability_words(replace(seen, availability=None)) == "—"
    assert availability_words(replace(seen, coverage=1.0)) == "83.3 %"


def test_values_keep_what_the_device_said() -> None:
    assert value_figure(31.8, None, "°C") == "31.8 °C"
    assert value_figure(0.31, None, "cc/min") == "0.31 cc/min"
    assert value_figure(12.384, None, "N·m") == "12.38 N·m"
    assert value_figure(0.0) == "0"
    assert value_figure(None, "OK") == "OK"


def test_moments_are_local() -> None:
    assert clock(example.NOW, "Asia/Seoul") == "14:32"
    assert clock_seconds(example.NOW, "Asia/Seoul") == "14:32:08"
    assert clock(example.NOW, "UTC") == "05:32"
    assert today(example.NOW, "Asia/Seoul") == "Thu 19 Nov"
    assert hour(example.START, "Asia/Seoul") == "08:00"
    assert hour(example.START + 30 * MINUTE, "Asia/Seoul") == "08:30"
    assert span_words(example.START, None, "Asia/Seoul") == "08:00–ongoing"
    text.use("ko")
    assert today(example.NOW, "Asia/Seoul") == "11월 19일 목"
    assert hour(example.START, "Asia/Seoul") == "08시"


def test_every_state_has_a_word() -> None:
    for category in Category:
        for state in State:
            assert state_word(category, state)
    assert state_word(Category.STOP, State.STOP, by_count=True) == "No pieces"
    assert state_word(Category.SHORT_STOP, State.STOP) == "Short stop"
    assert state_word(Category.NO_DATA, State.RUN) == "No data"


_FLAGGING = ("adjust", "calendar", "case", "kpi", "making", "targets")
_NO_FLAGS = {  # keys of a calculated case
    "availability_loss", "calendar_s", "fully_productive", "ideal_s", "net_operating_rate", "pbt_s",
    "performance_loss", "quality_loss", "short_stop_s", "speed_rate", "stop_s", "waterfall_s",
}  # fmt: skip


def test_every_flag_of_the_domain_has_words() -> None:
    """A flag is a word_with_underscores in a module that flags: each is a key of FLAGS, and no key is left over."""
    found: set[str] = set()
    for name in _FLAGGING:
        tree = ast.parse((Path(text.__file__).parent / "domain" / f"{name}.py").read_text(encoding="utf-8"))
        named = {
            id(v.value)
            for c in ast.walk(tree)
            if isinstance(c, ast.ClassDef)
            for v in c.body
            if isinstance(v, ast.Assign)
        }
        found |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in named
            if re.fullmatch(r"[a-z]+(_[a-z]+)+", node.value)
        }
    assert len(found) > 30
    assert found - _NO_FLAGS == set(FLAGS)


def test_every_fault_of_the_drivers_has_a_sentence() -> None:
    assert set(FAULT_SENTENCES) - {"collector_off", "listening"} == set(FAULTS)


def test_fault_sentences_fill_what_is_known() -> None:
    assert fault_sentence("port_missing", {"port": "COM7"}).startswith("Port COM7 is not there.")
    assert "?" in fault_sentence("port_missing", {})
    assert "no value came for 30 s." in fault_sentence("silent", {"seconds": 30.0})
    assert "no value came for 19 min." in fault_sentence("silent", {"seconds": 1140})
    assert fault_sentence("", {}) == ""
    assert "melted" in fault_sentence("melted", {})
    for kind in FAULT_SENTENCES:
        line = {
            "baud": 9600,
            "frame": "8N1",
            "rate": 200,
            "expected": "B1",
            "found": "B2",
            "request": "S",
            "answer": "ES",
            "unit": 2,
            "most": 50,
            "percent": 3,
            "sent": 512,
            "size": 4096,
        }
        sentence = fault_sentence(
            kind, {"port": "COM7", "seconds": 3, "count": 2, "address": "D100", "code": 2, **line}
        )
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert "?" not in sentence


def test_the_collector_says_what_it_says() -> None:
    assert collector_note("") == ""
    assert collector_note("not_storing").startswith("Values cannot be stored")
    assert collector_note("something new") == "something new"


def test_losses_close() -> None:
    """Availability, performance and quality losses add up to busy time less productive time."""
    kpis = example.kpis()
    lost = lost_ms(kpis)
    observed_ms = kpis.times.busy_ms - kpis.times.no_data_ms
    assert sum(part for part in lost if part is not None) == pytest.approx(observed_ms - (kpis.ideal_good_ms or 0))


def _hour(**changes: object) -> HourRow:
    span = Span(example.START, example.START + 60 * MINUTE)
    values: dict[str, object] = {
        "span": span, "target": 96, "target_now": 51, "good": 47, "reject": 0, "paused": False, **changes,
    }  # fmt: skip
    return HourRow(**values)  # type: ignore[arg-type]


def test_the_current_hour_is_held_against_what_is_due_by_now() -> None:
    assert differences.hour_difference(_hour(), example.START + MINUTE) == -4
    assert differences.hour_difference(_hour(), example.NOW) == -49
    assert differences.hour_difference(_hour(good=None), example.NOW) is None
    assert differences.hour_difference(_hour(target=None), example.NOW) is None
    assert differences.hour_difference(_hour(paused=True, target=0, good=0), example.NOW) is None
    assert differences.hour_difference(_hour(paused=True, target=0, good=1), example.NOW) == 1


_ROWS = st.lists(
    st.tuples(st.integers(0, 300), st.integers(-3, 300), st.booleans()), min_size=1, max_size=12
)  # due, good, whether the hour is a break


@given(_ROWS, st.integers(1, 60))
def test_the_last_running_difference_is_that_of_the_shift(told: list[tuple[int, int, bool]], minute: int) -> None:
    """Whatever was made in a break is in it; of the hour that runs only what is due by now."""
    now_ms = example.START + (len(told) * 60 - 60 + minute) * MINUTE
    rows = []
    for n, (target, good, paused) in enumerate(told):
        span = Span(example.START + n * 60 * MINUTE, example.START + (n + 1) * 60 * MINUTE)
        due = 0 if paused else target
        rows.append(HourRow(span, due, due // 2 if span.holds(now_ms) else due, good, 0, paused))
    rows.append(HourRow(Span(rows[-1].span.end_ms, rows[-1].span.end_ms + MINUTE), 9, None, None, None, False))
    *past, to_come = differences.running(rows, now_ms)
    assert past[-1] == sum(row.good or 0 for row in rows) - sum(row.target_now or 0 for row in rows)
    assert to_come is None


def test_the_biggest_loss_of_an_hour() -> None:
    named = _hour(loss_category=Category.STOP, loss_state=State.FAULT, loss_word="E-104", loss_ms=20 * MINUTE)
    assert hour_loss(named) == ("E-104 20 min", False)
    number = _hour(loss_category=Category.STOP, loss_state=State.FAULT, loss_word="204", loss_ms=20 * MINUTE)
    assert hour_loss(number) == ("Breakdown 20 min", False), "a bare number says nothing"
    silent = _hour(loss_category=Category.STOP, loss_state=State.STOP, loss_ms=6 * MINUTE)
    assert hour_loss(silent) == ("Not labelled 6 min", True)
    assert hour_loss(_hour()) == ("", False)


@pytest.mark.parametrize(
    ("ratio", "figure"), [(0.87747736, "87.7"), (0.8775, "87.8"), (0.87749999, "87.7"), (1.0, "100.0")]
)
def test_a_gauge_is_rounded_once(ratio: float, figure: str) -> None:
    assert percent_figure(painted_ratio(ratio)) == figure == percent_figure(ratio)
    assert painted_ratio(None) is None
