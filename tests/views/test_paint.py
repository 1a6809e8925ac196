"""What the drawing functions put on the canvas, probed pixel by pixel and text by text."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from desktop import paint, text
from desktop.domain.events import State
from desktop.domain.figures.machine import LossStep
from desktop.domain.figures.stops import ParetoRow
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.tokens import DARK, HIGH_CONTRAST, LIGHT, THEMES, Look, Tokens, band, fill, look
from desktop.wording.kpis import loss_words
from desktop.wording.states import hour_loss
from tests.views import example

SIZE = 400


def draw(make: Callable[[QPainter], None], tokens: Tokens = LIGHT, wide: int = SIZE, high: int = SIZE) -> QImage:
    image = QImage(wide, high, QImage.Format.Format_RGB32)
    image.fill(QColor(tokens.panel))
    painter = QPainter(image)
    make(painter)
    painter.end()
    return image


def name_of(image: QImage, x: float, y: float) -> str:
    return image.pixelColor(round(x), round(y)).name().upper()


def arc_point(share: float) -> tuple[float, float]:
    """The middle of the arc at a share of its length, for a gauge in (0, 0, 400, 320)."""
    stroke = 0.12 * SIZE
    radius = SIZE / 2 - stroke / 2 - 6
    angle = math.radians(210 - 240 * share)
    return SIZE / 2 + radius * math.cos(angle), SIZE / 2 - radius * math.sin(angle)


def gauge(value: float | None, target: float | None, tokens: Tokens = LIGHT, *, stale: bool = False) -> QImage:
    return draw(
        lambda p: paint.gauge(p, QRectF(0, 0, SIZE, SIZE * 0.8), value, target, "OEE %", tokens, stale=stale), tokens
    )


@pytest.mark.parametrize("tokens", THEMES.values(), ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("value", [0.1, 0.5, 0.757])
def test_the_arc_ends_at_the_value(value: float, tokens: Tokens) -> None:
    image = gauge(value, None, tokens)
    for share in (0.02, value - 0.02):
        assert name_of(image, *arc_point(share)) == tokens.value
    for share in (value + 0.02, 0.98):
        assert name_of(image, *arc_point(share)) == tokens.track


def test_what_is_missing_to_the_target_is_dashed_and_the_tick_stands_at_it() -> None:
    image = gauge(0.5, 0.8)
    between = {name_of(image, *arc_point(0.52 + n * 0.002)) for n in range(100)}
    assert LIGHT.gap in between
    assert LIGHT.value not in between
    assert name_of(image, *arc_point(0.8)) == LIGHT.tick
    assert name_of(image, *arc_point(0.9)) == LIGHT.track


def test_above_the_target_nothing_is_missing() -> None:
    image = gauge(0.9, 0.8)
    assert LIGHT.gap not in {name_of(image, *arc_point(n / 100)) for n in range(101)}


def test_unknown_is_a_dash_on_an_empty_track() -> None:
    with paint.recording() as boxes:
        image = gauge(None, 0.8)
    assert [box.shown for box in boxes] == ["—", "OEE %"]
    along = {name_of(image, *arc_point(n / 100)) for n in range(1, 100) if abs(n - 80) > 4}
    assert along == {LIGHT.track}


def test_zero_is_not_unknown() -> None:
    with paint.recording() as boxes:
        gauge(0.0, 0.8)
    assert boxes[0].shown == "0.0"


def test_over_a_hundred_the_number_is_true_and_asks_for_the_cycle_time() -> None:
    with paint.recording() as boxes:
        image = gauge(1.046, 0.8)
    assert [box.shown for box in boxes] == ["104.6", "Check C/T"]
    assert name_of(image, *arc_point(0.99)) == LIGHT.value
    assert boxes[0].size_px == pytest.approx(0.25 * SIZE * 0.8)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_a_stale_gauge_has_no_value_colour(tokens: Tokens) -> None:
    image = gauge(0.757, None, tokens, stale=True)
    assert name_of(image, *arc_point(0.4)) == tokens.hatch


def test_a_stale_gauge_is_broken_where_silence_has_no_colour() -> None:
    image = gauge(0.757, None, HIGH_CONTRAST, stale=True)
    along = {name_of(image, *arc_point(0.2 + n / 500)) for n in range(100)}
    assert {HIGH_CONTRAST.value, HIGH_CONTRAST.track} <= along


WINDOW = Span(0, 3_600_000)
BAND = QRectF(0, 100, 360, 60)


def interval(
    start_min: float, end_min: float, category: Category, state: State, code: str = "", **more: int
) -> Interval:
    return Interval(1, Span(round(start_min * 60_000), round(end_min * 60_000)), category, state, code=code, **more)


def timeline(*intervals: Interval, tokens: Tokens = LIGHT, **more: object) -> QImage:
    return draw(lambda p: paint.timeline(p, BAND, intervals, WINDOW, tokens, **more), tokens)  # type: ignore[arg-type]


@pytest.mark.parametrize("tokens", THEMES.values(), ids=lambda tokens: tokens.name)
def test_running_is_lower_than_everything_else(tokens: Tokens) -> None:
    image = timeline(
        interval(0, 20, Category.RUN, State.RUN),
        interval(20, 40, Category.STOP, State.STOP),
        interval(40, 60, Category.STOP, State.FAULT, "E-104"),
        tokens=tokens,
    )
    assert name_of(image, 60, 130) == tokens.run
    assert name_of(image, 60, 104) == tokens.panel
    assert name_of(image, 180, 104) == tokens.stop
    assert name_of(image, 300, 104) == tokens.reason


def test_red_is_only_what_nobody_explained() -> None:
    explained = timeline(
        interval(0, 10, Category.RUN, State.RUN),
        interval(10, 15, Category.SHORT_STOP, State.STOP),
        interval(15, 20, Category.STOP, State.FAULT, "204"),
        interval(20, 25, Category.STOP, State.STOP, reason=7),
        interval(25, 30, Category.STOP, State.FAULT),
        interval(30, 35, Category.SETUP, State.SETUP),
        interval(35, 40, Category.WAIT, State.STARVED),
        interval(40, 50, Category.PLANNED, State.IDLE),
        interval(50, 60, Category.NO_DATA, State.UNKNOWN),
    )
    colours = {explained.pixelColor(x, y).name().upper() for x in range(360) for y in (104, 130)}
    assert LIGHT.stop not in colours
    alarm_alone = timeline(interval(0, 60, Category.STOP, State.STOP, "204"))
    assert name_of(alarm_alone, 180, 130) == LIGHT.stop
    unexplained = timeline(interval(0, 60, Category.STOP, State.STOP, "204"))
    assert name_of(unexplained, 180, 130) == LIGHT.stop, "a number of the device is no reason"


def test_a_short_span_is_two_pixels_wide_and_lies_on_top() -> None:
    image = timeline(
        interval(0, 30, Category.RUN, State.RUN),
        interval(30, 30.01, Category.STOP, State.STOP),
        interval(30.01, 60, Category.RUN, State.RUN),
    )
    red = [x for x in range(360) if name_of(image, x, 104) == LIGHT.stop]
    assert red == [180, 181]


def test_silence_is_hatched() -> None:
    image = timeline(interval(0, 60, Category.NO_DATA, State.UNKNOWN))
    colours = [name_of(image, x, 130) for x in range(360)]
    assert colours.count(LIGHT.no_data) > 60
    assert colours.count(LIGHT.hatch) > 30


def test_the_future_is_empty() -> None:
    image = timeline(interval(0, 30, Category.RUN, State.RUN), now_ms=1_800_000)
    assert name_of(image, 180, 130) == LIGHT.tick
    assert {name_of(image, x, 130) for x in range(185, 350)} == {LIGHT.panel}


def test_labels_begin_at_forty_pixels() -> None:
    with paint.recording() as boxes:
        timeline(
            interval(0, 20, Category.WAIT, State.STARVED), interval(20, 25, Category.STOP, State.STOP), labels=True
        )
    assert [box.shown for box in boxes] == ["Starved"]


def test_looks() -> None:
    assert look(Category.STOP, State.STOP, False) is Look.STOP
    assert look(Category.STOP, State.STOP, True) is Look.REASON
    assert look(Category.STOP, State.FAULT, False) is Look.REASON
    assert look(Category.SHORT_STOP, State.STOP, False) is Look.SHORT_STOP
    for tokens in THEMES.values():
        red = {tokens.stop, tokens.stop_tint, tokens.stop_text}
        for shown in Look:
            if shown is not Look.STOP:
                assert fill(shown, tokens) not in red
                assert band(shown, tokens)[0] not in red


@pytest.mark.parametrize("tokens", THEMES.values(), ids=lambda tokens: tokens.name)
def test_every_state_has_its_own_shape(tokens: Tokens) -> None:
    drawn = []
    for shown in Look:

        def make(painter: QPainter, case: Look = shown) -> None:
            paint.state_shape(painter, QRectF(0, 0, 96, 96), case, tokens.ink)

        drawn.append(draw(make, tokens, 96, 96))
    for index, image in enumerate(drawn):
        assert all(image != other for other in drawn[index + 1 :])


@pytest.mark.parametrize("tokens", THEMES.values(), ids=lambda tokens: tokens.name)
def test_every_look_can_be_told_from_the_others_in_grey(tokens: Tokens) -> None:
    """Colour, height, stripes or edge: on a grey printer too no two looks are the same block of a timeline."""
    drawn = {
        shown: draw(lambda p, s=shown: paint.span_block(p, QRectF(0, 0, 60, 40), s, tokens), tokens, 60, 40)  # type: ignore[misc]
        .convertToFormat(QImage.Format.Format_Grayscale8)
        for shown in Look
        if shown is not Look.SHORT_STOP  # a short stop belongs to the run; it has its own row of ticks
    }  # fmt: skip
    for shown, image in drawn.items():
        for other, beside in drawn.items():
            assert shown is other or image != beside, f"{shown} looks like {other}"


def test_what_is_known_by_hand_carries_a_mark() -> None:
    told = interval(0, 300, Category.STOP, State.STOP)
    by_hand = replace(told, by_hand=True)
    plain, marked = (
        draw(lambda p, one=one: paint.timeline(p, QRectF(0, 0, 600, 40), [one], WINDOW, LIGHT))
        for one in (told, by_hand)
    )  # type: ignore[misc]
    assert plain != marked


def contrast(one: str, other: str) -> float:
    def light(name: str) -> float:
        parts = [getattr(QColor(name), part)() for part in ("redF", "greenF", "blueF")]
        r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    lights = sorted((light(one), light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize("tokens", THEMES.values(), ids=lambda tokens: tokens.name)
def test_text_can_be_read(tokens: Tokens) -> None:
    for ground in (tokens.bg, tokens.panel, tokens.panel2):
        assert contrast(tokens.ink, ground) >= 12
        for ink in (tokens.ink2, tokens.ink3):
            assert contrast(ink, ground) >= 4.5
    for shown in Look:
        ground, ink = band(shown, tokens)
        assert contrast(ink, ground) >= 4.5
    for ground in (tokens.stop_tint, tokens.panel, tokens.panel2):
        assert contrast(tokens.stop_text, ground) >= 4.5
    assert contrast(tokens.accent_on, tokens.accent) >= 4.5
    assert contrast(tokens.line_strong, tokens.panel) >= 3


def test_hour_bars_show_figures_and_targets() -> None:
    with paint.recording() as boxes:
        draw(
            lambda p: paint.hour_bars(
                p, QRectF(0, 0, 1200, 300), example.hours(), LIGHT, now_ms=example.NOW, timezone="Asia/Seoul",
                pause_names={example.at(12): "식사"},
            ),
            wide=1200,
        )  # fmt: skip
    shown = [box.shown for box in boxes]
    assert shown[:3] == ["88", " /96", "08:00"]
    assert "47" in shown
    assert " /51" in shown, "the hour that runs is held against what is due by now"
    assert "식사" in shown
    assert all(box.shown == box.wanted for box in boxes)


@pytest.mark.parametrize("good", [1, 40, 96])
@pytest.mark.parametrize("high", [108, 300])
def test_pieces_of_a_break_do_not_lie_on_its_name(good: int, high: int) -> None:
    hours = tuple(replace(row, good=good) if row.paused else row for row in example.hours())
    with paint.recording() as boxes:
        draw(lambda p: paint.hour_bars(p, QRectF(0, 20, 900, high), hours, LIGHT, pause_names={example.at(12): "식사"}))
    name = next(box for box in boxes if box.shown == "식사")
    others = [box.shown for box in boxes if box is not name and box.ink.intersects(name.ink)]
    assert others == []


def test_a_loss_that_needs_two_lines_has_its_name_in_one_and_its_minutes_in_the_other() -> None:
    text.use("en")
    short = {"loss_category": Category.SHORT_STOP, "loss_state": State.STOP, "loss_word": "", "loss_ms": 220_000}
    hours = tuple(replace(row, **short) for row in example.hours())
    totals = [0] * len(hours)
    for wide, expected in ((2400, {"Short stop 4 min"}), (1200, {"Short stop", "4 min"})):
        with paint.recording() as boxes:
            draw(
                lambda p, wide=wide: paint.hour_table(
                    p, QRectF(0, 0, wide, 84), hours, totals, LIGHT, now_ms=example.NOW
                )
            )
        assert {box.shown for box in boxes if "S" in box.shown or "min" in box.shown} == expected


def test_an_hour_of_which_nothing_is_known_says_so_whatever_word_the_device_had() -> None:
    text.use("en")
    odd = {"loss_category": Category.NO_DATA, "loss_state": State.UNKNOWN, "loss_word": "Clearing", "loss_ms": 300_000}
    assert hour_loss(replace(example.hours()[0], **odd)) == ("No data 5 min", False)


def test_the_running_hour_has_the_value_colour() -> None:
    area = QRectF(0, 0, 1200, 300)
    image = draw(
        lambda p: paint.hour_bars(p, area, example.hours(), LIGHT, now_ms=example.NOW, figures=False), wide=1200
    )
    assert name_of(image, 650, 298) == LIGHT.value
    assert name_of(image, 50, 298) == LIGHT.run
    assert name_of(image, 750, 298) == LIGHT.panel


def test_no_hours_draw_nothing() -> None:
    blank = draw(lambda _p: None)
    assert draw(lambda p: paint.hour_bars(p, QRectF(0, 0, 300, 100), (), LIGHT)) == blank
    assert draw(lambda p: paint.waterfall(p, QRectF(0, 0, 300, 200), (), LIGHT, {})) == blank


def test_the_waterfall_names_every_step_and_leaves_empty_ones_out() -> None:
    with paint.recording() as boxes:
        draw(lambda p: paint.waterfall(p, QRectF(0, 0, 900, 300), example.DAY.waterfall, LIGHT, loss_words()), wide=900)
    shown = " ".join(box.shown for box in boxes)
    for step in example.DAY.waterfall:
        if step.length_ms:
            assert loss_words()[step.kind].split()[0] in shown
    assert "No data" not in shown
    assert {"322.1", "−6.0", "−24.0", "280.5", "244.0"} <= {box.shown for box in boxes}
    assert all(box.shown == box.wanted for box in boxes)


def test_a_cut_axis_says_so() -> None:
    with paint.recording() as boxes:
        steps = (LossStep("busy", 600_000, True), LossStep("stop", 60_000, False), LossStep("up", 540_000, True))
        draw(lambda p: paint.waterfall(p, QRectF(0, 0, 380, 300), steps, LIGHT, loss_words(), cut=True))
    assert "Axis cut" in [box.shown for box in boxes]


def steps(busy: int, *losses: tuple[str, int], speed: int = 0) -> tuple[LossStep, ...]:
    """A waterfall in minutes: losses down to the operating time, then `speed` (below 0: faster than the standard)."""
    up = busy - sum(length for _kind, length in losses)
    down = [LossStep(kind, length * 60_000, False) for kind, length in losses]
    return (
        LossStep("busy", busy * 60_000, True),
        *down,
        LossStep("up", up * 60_000, True),
        LossStep("speed", speed * 60_000, False),
        LossStep("productive", (up - speed) * 60_000, True),
    )


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(
    "shown",
    [
        steps(300, ("unlabelled", 285), speed=4),
        steps(300, ("stop", 300)),
        steps(300, ("no_data", 40), ("unlabelled", 100), ("stop", 70), ("wait", 60), speed=20),
        steps(300, ("stop", 5), speed=290),
        steps(300, ("stop", 3), speed=-120),
        steps(300, ("stop", 120), speed=-40),
        steps(300),
        steps(1, ("stop", 1)),
    ],
    ids=["most lost", "all lost", "many", "slow", "far above standard", "above standard", "no loss", "one minute"],
)
def test_no_figure_of_the_waterfall_lies_on_anything(shown: tuple[LossStep, ...], *, cut: bool) -> None:
    area = QRectF(0, 0, 720, 220)
    with paint.recording() as boxes:
        draw(lambda p: paint.waterfall(p, area, shown, LIGHT, loss_words(), cut=cut), wide=720, high=220)
    assert len(boxes) >= 2 * sum(bool(step.total or step.length_ms) for step in shown)
    for index, one in enumerate(boxes):
        assert one.shown == one.wanted
        assert area.contains(one.ink)
        assert not any(one.ink.intersects(other.ink) for other in boxes[index + 1 :]), one.shown
    axis = area.bottom() - 44
    assert not [box.shown for box in boxes if box.ink.top() < axis < box.ink.bottom()]


def test_what_a_fast_machine_gains_goes_up() -> None:
    area = QRectF(0, 0, 500, 220)
    shown = steps(300, ("stop", 120), speed=-40)
    with paint.recording() as boxes:
        image = draw(lambda p: paint.waterfall(p, area, shown, LIGHT, loss_words()), wide=500, high=220)
    assert "+40.0" in [box.shown for box in boxes]
    gap = [y for y in range(220) if name_of(image, 350, y) == LIGHT.gap]
    assert len(gap) == pytest.approx(148 * 40 / 300, abs=2)


def test_pareto_counts_up_to_everything() -> None:
    rows = (
        ParetoRow("Starved", Category.WAIT, State.STARVED, True, 95 * 60_000, 11),
        ParetoRow("", Category.STOP, State.STOP, False, 5 * 60_000, 1),
    )
    with paint.recording() as boxes:
        image = draw(lambda p: paint.pareto(p, QRectF(0, 0, 600, 120), rows, LIGHT), wide=600)
    shown = [box.shown for box in boxes]
    assert {"95.0", "11", "95", "5.0", "100", "Not labelled"} <= set(shown)
    assert LIGHT.stop in {image.pixelColor(x, 24 + 32 + 16).name().upper() for x in range(600)}


def test_a_long_text_shrinks_then_ends_in_an_ellipsis_inside_its_box() -> None:
    with paint.recording() as boxes:
        draw(
            lambda p: (
                paint.text(p, QRectF(0, 0, 60, 30), "a machine of a very long name", 20, LIGHT.ink, least_px=14)
                and None
            )
        )
    assert boxes[0].shown.endswith("…")
    assert boxes[0].size_px == 14
    assert boxes[0].ink.width() <= 60.5


def test_a_paragraph_keeps_every_word() -> None:
    words = "The device's certificate is not trusted. Compare its fingerprint, then confirm it."
    lines = paint.broken(words, 16, 200)
    assert " ".join(lines) == words
    assert all(paint.width(line, 16) <= 200 for line in lines)
    long = "/very/long/path/" * 10
    assert "".join(paint.broken(long, 16, 200)) == long


def test_digits_do_not_dance() -> None:
    assert len({paint.width(digit, 40, True) for digit in "0123456789"}) == 1


@pytest.mark.parametrize("align", [paint.LEFT, paint.CENTER, paint.RIGHT])
@pytest.mark.parametrize("bold", [False, True])
def test_a_macron_stands_clear_over_its_letter(bold: bool, align: Qt.AlignmentFlag) -> None:
    """The typeface alone sets it into the letter before or after."""

    def rows(words: str) -> list[int]:
        def make(painter: QPainter) -> None:
            paint.text(painter, QRectF(20, 20, SIZE - 40, SIZE - 40), words, 32, "#000000", bold=bold, align=align)

        image = draw(make)
        dark = [[image.pixelColor(x, y).lightness() < 128 for x in range(SIZE)] for y in range(SIZE)]
        return [sum(row) for row in dark]

    bare, marked = rows("X"), rows("X\u0304")
    top = next(y for y, count in enumerate(bare) if count)
    assert marked[top:] == bare[top:], "the letter itself is as it was"
    bar = [y for y in range(top) if marked[y]]
    assert bar, "a line over it"
    assert bar[-1] < top - 1, "with a gap"
    assert paint.width("X\u0304-R", 32, bold) == paint.width("X-R", 32, bold)
