"""Charts: where a curve breaks, what of the cycle times is seen, and in which unit."""

from __future__ import annotations

import math

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop import text
from desktop.domain.events import State
from desktop.domain.figures.machine import MachineDay
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.tokens import LIGHT
from desktop.views.widgets import chart
from desktop.views.widgets.chart import ChartCard, curve_parts, cycle_chart
from desktop.views.window import Window
from desktop.wording.numbers import UNKNOWN
from tests.views import example
from tests.views.test_screens import show

WINDOW = Span(0, 7_200_000)


def cycle_day(cycles: list[tuple[int, float]], ideal_ms: float | None) -> MachineDay:
    return replace(
        example.DAY, cycles=tuple(cycles), ideal_cycle_ms=ideal_ms, window=WINDOW, charted=None, intervals=()
    )


def points(*seconds: float) -> list[tuple[int, float | None]]:
    return [(round(s * 1000), 10.0) for s in seconds]


def test_nothing_is_joined_over_a_time_in_which_nothing_was_measured() -> None:
    joined, lone = curve_parts(points(0, 30, 60, 92, 3_600, 3_630, 3_661))
    assert [value is None for _at, value in joined] == [False] * 4 + [True] + [False] * 3
    assert joined[4][0] == 92_001
    assert lone == []


def test_uneven_distances_stay_joined() -> None:
    even = points(0, 30, 55, 100, 190, 220)
    assert curve_parts(even) == (even, [])
    assert curve_parts(points(0, 4_000)) == (points(0, 4_000), [])
    assert curve_parts([]) == ([], [])


def test_a_value_between_two_breaks_is_seen_all_the_same() -> None:
    marked = [*points(0, 30, 60), (70_000, None), *points(90), (95_000, None), *points(120, 150, 1_800)]
    joined, lone = curve_parts(marked)
    assert lone == [(90_000, 10.0), (1_800_000, 10.0)]
    assert sum(value is None for _at, value in joined) == 3


def test_the_curve_has_its_breaks(window: Window, qtbot: QtBot) -> None:
    show(window, "machine")
    card = window.screens["machine"].charts[1]  # type: ignore[attr-defined]
    trend = example.DAY.trends[0]
    start = trend.window.start_ms
    sparse = [(start + round(s * 1000), 10.0) for s in (0, 30, 60, 90, 3_600, 3_630, 7_000)]
    face, data = chart.trend_chart(trend, stale=False)
    card.show_chart(face, chart.ChartData(data.window, tuple(sparse), (), None, False), "Asia/Seoul")
    qtbot.waitUntil(lambda: card._plot is not None)
    _xs, ys = card._curve.getOriginalDataset()
    assert [math.isnan(y) for y in ys] == [False] * 4 + [True, False, False, True, False]
    assert len(card._marks.data) == 1
    assert not [region for made in card._holes for region in made if region.isVisible()], "no link was lost"


@pytest.mark.parametrize(
    ("odd", "ideal"),
    [((1_320.0, *[95.0] * 20), 30_000), ((0.2,), 30_000), ((), 20_000), ((400.0, 0.1), None)],
    ids=["stops", "two at once", "far from its standard", "no standard"],
)
def test_cycle_times_have_the_height(odd: tuple[float, ...], ideal: int | None) -> None:
    usual = [30.5 + (n % 7) * 0.3 for n in range(100)]
    cycles = [(n * 60_000, seconds) for n, seconds in enumerate([*usual, *odd])]
    low, high = chart._range(cycle_chart(cycle_day(cycles, ideal))[1], 120)
    shown = [*usual, *([ideal / 1000] if ideal else [])]
    assert low < min(shown)
    assert max(shown) < high
    assert (max(shown) - min(shown)) / (high - low) > 0.2, "they are not pressed flat"


def test_far_cycle_times_stand_at_the_edges(qtbot) -> None:  # type: ignore[no-untyped-def]
    card = ChartCard("chart")
    qtbot.addWidget(card)
    card.resize(600, 240)
    cycles = [(n * 30_000, 31.0 + n % 3) for n in range(60)] + [(1_900_000, 900.0), (1_930_000, 0.5)]
    card.show_chart(*cycle_chart(cycle_day(cycles, 30_000)), "UTC")
    assert card._plot is None, "what a page says is painted before its curves"
    qtbot.waitUntil(lambda: card._plot is not None)
    assert [spot["symbol"] for spot in card._marks.data] == ["t1", "t"]
    _xs, ys = card._curve.getOriginalDataset()
    assert len(ys) == 60


def test_a_value_that_is_none_says_why_in_the_language_in_use() -> None:
    text.use("ko")
    trend = example.DAY.trends[0]

    def figure(words: str, quality: int, stale: bool = False) -> str:
        signal = replace(trend.signal, value=None, text=words, quality=quality)
        return chart.trend_chart(replace(trend, signal=signal), stale)[0].figure

    assert figure("sensor open", 2) == "센서 단선"
    assert figure("door ajar", 2) == "door ajar"
    assert figure("sensor open", 0) == "sensor open"  # a word that the device itself said
    assert figure("sensor open", 2, stale=True) == UNKNOWN


def test_the_words_of_a_limit_stand_on_a_plate_before_the_grid(qtbot) -> None:  # type: ignore[no-untyped-def]
    card = ChartCard("chart")
    qtbot.addWidget(card)
    card.resize(600, 240)
    face, data = chart.trend_chart(example.DAY.trends[0], stale=False)
    assert data.limits
    card.show_chart(face, data, "Asia/Seoul")
    qtbot.waitUntil(lambda: card._plot is not None)
    made = card._lines[0]
    assert made.label.isVisible()
    assert made.label.fill.color().name().upper() == LIGHT.panel
    assert card._plot is not None
    assert card._plot.getAxis("left").zValue() < card._plot.getViewBox().zValue()


def test_slow_cycles_short_stops_and_silence_are_seen_in_the_strip(qtbot) -> None:  # type: ignore[no-untyped-def]
    card = ChartCard("chart")
    qtbot.addWidget(card)
    card.resize(600, 240)
    cycles = [(n * 30_000, 31.0 + n % 8 + (n == 40) * 16) for n in range(60)]
    parts = ((600_000, Category.SHORT_STOP, State.STOP), (700_000, Category.STOP, State.STOP),
             (900_000, Category.NO_DATA, State.UNKNOWN), (1_000_000, Category.RUN, State.RUN))  # fmt: skip
    spans = tuple(Interval(3, Span(at, at + 60_000), category, state) for at, category, state in parts)
    face, data = cycle_chart(replace(cycle_day(cycles, 30_000), intervals=spans))
    assert "median" in face.note
    assert data.slow is not None
    card.show_chart(face, data, "UTC")
    qtbot.waitUntil(lambda: card._plot is not None)
    assert [(spot["x"], spot["symbol"]) for spot in card._marks.data] == [(20.0, "d")]
    places = [[band[0].getRegion() for band in kind] for kind in (*card._stood.values(), card._holes)]
    assert [[pytest.approx(x, abs=0.01) for x in region] for kind in places for region in kind] == [
        [10.0, 11.0], [700 / 60, 760 / 60], [15.0, 16.0],
    ]  # fmt: skip
    card.show_chart(*cycle_chart(cycle_day(cycles[:50], 30_000)), "UTC")
    assert not any(band[0].isVisible() for kind in (*card._stood.values(), card._holes) for band in kind)


def test_the_unit_is_the_readers() -> None:
    face, _data = cycle_chart(cycle_day([(60_000, 30.74)], 30_000))
    assert face.figure == "30.7 s"
    text.use("ko")
    face, _data = cycle_chart(cycle_day([(60_000, 30.74)], 30_000))
    assert face.figure == "30.7초"
