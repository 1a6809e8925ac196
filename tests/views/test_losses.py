"""Losses over time: which shifts are drawn and as what, which losses, and what people can take away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop import paint
from desktop.views import losses, theme
from desktop.views.losses import Losses
from desktop.views.window import Window
from tests.views import example


@pytest.fixture
def page(window: Window) -> Losses:
    window.show_answer(example.LINE)
    window.go("losses")
    found = window.screens["losses"]
    assert isinstance(found, Losses)
    return found


def words(widget: QWidget) -> list[str]:
    with paint.recording() as boxes:
        widget.grab()
    return [box.shown for box in boxes]


def test_the_trend_shows_known_shifts_and_where_rules_changed(window: Window, page: Losses) -> None:
    window.show_answer(example.loss_period())
    shown = words(page.trend)
    assert "3 of 4 shifts" in shown
    assert {"75.7 %", "87.1 %", "89.3 %", "97.4 %"} <= set(shown)
    assert [word for word in shown if word.startswith("Rules")] == ["Rules: TPM 2"]
    assert "TPM 2" in page.trend.accessibleDescription()
    face = losses.trend_face(example.loss_period())
    assert [step.ratios[0] for step in face.steps] == [0.757, None, 0.757, 0.757]


def test_a_shift_that_is_not_known_is_hatched_and_never_joined(window: Window, page: Losses) -> None:
    window.show_answer(example.loss_period())
    image = page.trend.grab().toImage()
    value = paint.color(theme.tokens().value).rgb()
    hatched = paint.color(theme.tokens().no_data).rgb()

    def columns(colour: int) -> list[int]:
        top, bottom = 70, 170
        return [x for x in range(160, image.width() - 20)
                if any(image.pixelColor(x, y).rgb() == colour for y in range(top, bottom))]  # fmt: skip

    line, gap = columns(value), columns(hatched)
    assert line
    assert gap
    assert min(line) < min(gap) < max(gap) < max(line), "the hole lies between what is known"
    assert not [x for x in line if min(gap) + 2 < x < max(gap) - 2]


def test_losses_by_minutes_and_by_pieces(window: Window, page: Losses) -> None:
    window.show_answer(example.loss_period())
    shown = words(page.pareto)
    assert [w for w in shown if w in ("Short stops", "Waiting", "No data")] == ["Short stops", "Waiting", "No data"]
    assert {"60.0", "30.0", "10.0", "100"} <= set(shown)
    page.measure.setCurrentIndex(1)
    shown = words(page.pareto)
    assert {"120", "60", "pcs"} <= set(shown)


def test_nothing_known_and_nothing_lost(window: Window, page: Losses) -> None:
    page.pareto.render(QPixmap(page.pareto.size()))  # before the first answer: bars in place, no words
    assert words(page.pareto) == []
    period = example.loss_period()
    window.show_answer(replace(period, whole=None, losses=(), shifts=()))
    for card in (page.trend, page.pareto):
        assert "No shift of this time is added up yet." in words(card)
    assert not page.shifts.csv.isEnabled()
    window.show_answer(replace(period, losses=()))
    assert "Nothing was lost." in words(page.pareto)


def test_filters_ask_anew_and_keep_what_was_chosen(window: Window, page: Losses, qtbot: QtBot) -> None:
    window.show_answer(example.loss_period())
    with qtbot.waitSignal(page.question_changed):
        page.machine.setCurrentIndex(page.machine.findData(3))
    with qtbot.waitSignal(page.question_changed):
        page.name.setCurrentIndex(page.name.findData("주간"))
    with qtbot.assertNotEmitted(page.question_changed):
        window.show_answer(replace(example.loss_period(), machines=((3, "용접"), (4, "세척"))))
    assert page.machine.currentData() == 3
    assert page.name.currentData() == "주간"
    asked: list[tuple[object, ...]] = []

    def remember(*of: object) -> None:
        asked.append(of)

    page.days.setCurrentIndex(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(losses.summaries, "loss_period", remember)
        page.question()(None, 10 * losses.DAY_MS)
    _store, window_asked, _now, machine, name = asked[0]
    assert (window_asked.start_ms, machine, name) == (3 * losses.DAY_MS, 3, "주간")  # type: ignore[attr-defined]


def test_copy_and_files(window: Window, page: Losses, qtbot: QtBot, tmp_path: Path) -> None:
    window.show_answer(example.loss_period())
    page.losses.copy.click()
    copied = QGuiApplication.clipboard().text().split("\n")
    assert copied[0] == "Loss\tmin\tpcs\tShare %"
    assert copied[1] == "Short stops\t60.0\t120\t60.0"
    assert len(copied) == 4
    assert "4 of 4 rows" in words(page.shifts)
    for ending, button in (("csv", page.losses.csv), ("xlsx", page.losses.xlsx)):
        button.click()
        qtbot.waitUntil(lambda: window._saving is None, timeout=10_000)
        (file,) = (tmp_path / "reports").glob(f"*.{ending}")
        assert file.stat().st_size > 100
        assert str(file) in window.banners._banners["table"].accessibleDescription()
    text = next((tmp_path / "reports").glob("*.csv")).read_text(encoding="utf-8-sig")
    assert "Short stops,3600,120,60" in text


def test_a_table_that_cannot_be_written_says_why(window: Window, page: Losses, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("in the way")
    window.show_answer(example.loss_period())
    page.losses.csv.click()
    qtbot.waitUntil(lambda: window._saving is None, timeout=10_000)
    assert window.banners._banners["table"].accessibleName() == "The table was not saved"
    assert "is not a folder" in window.banners._banners["table"].accessibleDescription()
