"""A tile says its state as colour, shape, word and minutes; what is not known is a dash; silence looks silent."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop import paint, text
from desktop.domain.events import State
from desktop.domain.figures.line import MachineNow
from desktop.domain.intervals import Category
from desktop.tokens import LIGHT, Look
from desktop.views.widgets.rows import need_face
from desktop.views.widgets.tile import FULL, Tile, TileFace, face
from tests.views import example

ZONE = "Asia/Seoul"
CASES = [
    (State.RUN, Category.RUN, {}, "Running", "가동", Look.RUN),
    (State.STOP, Category.STOP, {"asks_reason": True}, "Stopped", "비가동", Look.STOP),
    (State.STOP, Category.STOP, {"asks_reason": True, "alarm": "E-217"}, "Stopped", "비가동", Look.STOP),
    (State.FAULT, Category.STOP, {"alarm": "E-217"}, "Breakdown", "고장", Look.REASON),
    (State.STOP, Category.STOP, {"reason": "Tool change"}, "Tool change", "Tool change", Look.REASON),
    (State.STOP, Category.SHORT_STOP, {}, "Short stop", "순간정지", Look.SHORT_STOP),
    (State.SETUP, Category.SETUP, {}, "Setup", "준비교체", Look.SETUP),
    (State.STARVED, Category.WAIT, {}, "Starved", "전공정 대기", Look.WAIT),
    (State.BLOCKED, Category.WAIT, {}, "Blocked", "후공정 만재", Look.WAIT),
    (State.IDLE, Category.PLANNED, {}, "Planned stop", "계획정지", Look.PLANNED),
    (State.UNKNOWN, Category.NO_DATA, {}, "No data", "데이터 없음", Look.NO_DATA),
    (State.STOP, Category.STOP, {"by_count": True, "asks_reason": True}, "No pieces", "생산 없음", Look.STOP),
    (State.STOP, Category.STOP, {"by_count": True, "waits_for": "WD-01"}, "No pieces", "생산 없음", Look.WAIT),
    (State.RUN, Category.REWORK, {}, "Rework", "재작업", Look.REWORK),
    (State.IDLE, Category.NO_ORDER, {}, "No order", "무작업", Look.NO_ORDER),
    (State.RUN, Category.UNSCHEDULED, {}, "Running", "가동", Look.UNSCHEDULED),
    (State.NO_SIGNAL, Category.NO_DATA, {}, "No signal", "신호 없음", Look.NO_SIGNAL),
]


def machine(state: State, category: Category, **changes: Any) -> MachineNow:
    base = replace(example.MACHINES[1], state=state, category=category, since_ms=example.NOW - 63 * 60_000 - 5_000)
    return replace(base, **changes)


def shown_on(tile: Tile, shown: TileFace) -> list[str]:
    tile.show_machine(shown)
    with paint.recording() as boxes:
        tile.grab()
    return [box.shown for box in boxes]


@pytest.fixture
def tile(qtbot: QtBot) -> Tile:
    made = Tile("tile-1")
    qtbot.addWidget(made)
    made.resize(FULL)
    return made


@pytest.mark.parametrize(("state", "category", "changes", "english", "korean", "shown"), CASES)
def test_state_word_and_minutes(
    tile: Tile, state: State, category: Category, changes: dict[str, Any], english: str, korean: str, shown: Look
) -> None:
    made = face(machine(state, category, **changes), example.NOW, ZONE)
    assert made.shown is shown
    assert made.minutes == "63 min"
    words = shown_on(tile, made)
    assert english in words
    assert "63 min" in words
    assert f"{english} 63 min" in tile.accessibleDescription()
    text.use("ko")
    words = shown_on(tile, face(machine(state, category, **changes), example.NOW, ZONE))
    assert any(word.startswith(korean) for word in words)
    assert "63분" in words


@pytest.mark.parametrize(("state", "category", "changes", "_english", "_korean", "shown"), CASES)
def test_the_band_has_the_colour_of_the_state_and_only_a_stop_is_red(
    tile: Tile, state: State, category: Category, changes: dict[str, Any], _english: str, _korean: str, shown: Look
) -> None:
    tile.show_machine(face(machine(state, category, **changes), example.NOW, ZONE))
    image = tile.grab().toImage()
    at_band = {image.pixelColor(x, 8).name().upper() for x in range(40, 300)}
    expected = {
        Look.STOP: LIGHT.stop, Look.REASON: LIGHT.reason, Look.SETUP: LIGHT.reason, Look.WAIT: LIGHT.wait,
        Look.PLANNED: LIGHT.planned, Look.NO_DATA: LIGHT.hatch, Look.NO_ORDER: LIGHT.wait,
        Look.UNSCHEDULED: LIGHT.planned, Look.NO_SIGNAL: LIGHT.no_data,
    }.get(shown, LIGHT.run_tint)  # fmt: skip
    assert expected in at_band
    everywhere = {image.pixelColor(x, y).name().upper() for x in range(0, 319, 2) for y in range(0, 250, 2)}
    assert (LIGHT.stop in everywhere) == (shown is Look.STOP)


def test_a_machine_that_waits_says_for_which(tile: Tile) -> None:
    words = shown_on(tile, face(machine(State.STARVED, Category.WAIT, waits_for="MC-01"), example.NOW, ZONE))
    assert {"Starved", "waits for MC-01"} <= set(words)
    counted = machine(State.STOP, Category.STOP, by_count=True, waits_for="WD-01", rank=5)
    made = face(counted, example.NOW, ZONE)
    assert not made.alarming, "nobody is asked why"
    assert "waits for WD-01" in shown_on(tile, made)
    assert need_face(made, example.NOW, ZONE).notes == ("No pieces", "waits for WD-01", "since 14:32")
    text.use("ko")
    assert "WD-01 정지로 대기" in shown_on(tile, face(counted, example.NOW, ZONE))


def test_outside_any_shift_a_machine_shows_its_state_and_what_it_made_but_no_oee(tile: Tile) -> None:
    off = replace(
        machine(State.RUN, Category.UNSCHEDULED, good=12), kpis=replace(example.kpis(), oee=None), target=None
    )
    words = shown_on(tile, face(off, example.NOW, ZONE))
    assert {"Running", "12", "12 off shift", "—"} <= set(words)
    text.use("ko")
    assert "비조업 생산 12개" in shown_on(tile, face(off, example.NOW, ZONE))


def test_counts_delta_and_oee(tile: Tile) -> None:
    words = shown_on(tile, face(example.MACHINES[2], example.NOW, ZONE))
    for wanted in ("488", "/ 515", "−27", "75.7", "OEE %", "용접", "WD-01", "Not labelled", "1"):
        assert wanted in words
    assert tile.accessibleName() == "용접 WD-01"
    for wanted in ("Stopped 6 min", "number 1", "good 488 / 515", "OEE 75.7 %"):
        assert wanted in tile.accessibleDescription()


def test_what_is_not_known_is_a_dash(tile: Tile) -> None:
    unknown = replace(example.MACHINES[1], good=None, reject=None, target=None, kpis=None, hours=())
    words = shown_on(tile, face(unknown, example.NOW, ZONE))
    assert words.count("—") == 2, "pieces and OEE"
    assert "0" not in words
    assert not any(word.startswith(("−", "+", "/")) for word in words)


def test_early_in_the_shift_oee_waits(tile: Tile) -> None:
    words = shown_on(tile, face(example.early().machines[0], example.early().now_ms, ZONE))
    assert "OEE from 08:10" in words
    assert "—" in words
    assert "11" in words


def test_when_nobody_collects_every_state_is_unknown(tile: Tile) -> None:
    for number, one in enumerate(example.MACHINES):
        made = face(one, example.NOW, ZONE, stale_since_ms=example.NOW - 12_000)
        assert made.shown is Look.NO_DATA, number
        assert made.rank is None
        words = shown_on(tile, made)
        assert "No data" in words
        assert "12 s" in words
        assert "as of 14:31" in words
        image = tile.grab().toImage()
        colours = {image.pixelColor(x, y).name().upper() for x in range(0, 319, 2) for y in range(0, 250, 2)}
        assert LIGHT.value not in colours, "no figure looks current"
        assert LIGHT.stop not in colours


def test_a_machine_never_heard_of_has_no_minutes(tile: Tile) -> None:
    made = face(example.empty().machines[0], example.NOW, ZONE)
    assert made.minutes == ""
    assert "no value yet" in shown_on(tile, made)


def test_a_break_has_its_name_and_its_end(tile: Tile) -> None:
    now = example.at(12, 32)
    resting = replace(machine(State.IDLE, Category.PLANNED), since_ms=example.at(12))
    words = shown_on(tile, face(resting, now, ZONE, pauses=example.SHIFT.pauses))
    assert "식사" in words
    assert "32 min" in words
    assert "resumes at 13:00" in words


def test_equal_figures_are_not_painted_again(tile: Tile) -> None:
    made = face(example.MACHINES[1], example.NOW, ZONE)
    assert tile.set_face(made)
    assert not tile.set_face(face(example.MACHINES[1], example.NOW + 400, ZONE))
    assert tile.set_face(face(example.MACHINES[1], example.NOW + 60_000, ZONE))


@pytest.mark.parametrize("size", [(319, 250), (262, 250), (262, 168), (303, 222), (470, 250)])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_nothing_is_cut_at_any_size(tile: Tile, size: tuple[int, int], language: str) -> None:
    text.use(language)
    tile.resize(*size)
    for one in example.MACHINES:
        tile.show_machine(face(replace(one, good=1_488, target=1_515), example.NOW, ZONE))
        with paint.recording() as boxes:
            tile.grab()
        assert [box for box in boxes if box.shown != box.wanted] == []
        assert min(box.size_px for box in boxes) >= 14


def test_the_minutes_stay_when_the_word_is_too_long(tile: Tile) -> None:
    long = machine(State.STOP, Category.STOP, reason="Waiting for the forklift driver of the second hall", rank=3)
    words = shown_on(tile, face(long, example.NOW, ZONE))
    assert "63 min" in words
    assert any(word.endswith("…") for word in words)


def test_it_is_a_button(tile: Tile, qtbot: QtBot) -> None:
    tile.show_machine(face(example.MACHINES[1], example.NOW, ZONE))
    tile.show()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(tile.clicked, timeout=1000):
            qtbot.keyClick(tile, key)
    with qtbot.waitSignal(tile.clicked, timeout=1000):
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)


def test_a_state_code_that_nobody_set_up_is_named(tile: Tile) -> None:
    odd = machine(State.UNKNOWN, Category.NO_DATA, unknown_code="7")
    assert {"No data", "unknown code 7"} <= set(shown_on(tile, face(odd, example.NOW, ZONE)))
    tile.resize(264, 152)
    assert "unknown code 1234" in shown_on(tile, face(replace(odd, unknown_code="1234"), example.NOW, ZONE)), "whole"
    stale = face(odd, example.NOW, ZONE, stale_since_ms=example.NOW - 60_000)
    assert "unknown code 7" not in shown_on(tile, stale)
