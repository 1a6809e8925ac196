"""Pictures of every screen: size in pixels and bytes, colours, and what happens when they cannot be made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from desktop import control, paint, simulation, summaries, text
from desktop.configuration.sheets.desk import Look
from desktop.domain.automatic import AutomaticNow, Policy
from desktop.store import database, register
from desktop.store.database import KnownError
from desktop.summaries.trail import Trail
from desktop.tokens import DARK, LIGHT
from desktop.views import pictures, report
from desktop.wording.numbers import percent_figure, pieces
from tests.views import daily_example, example, hold_example, label_example, measured_example
from tests.views.fakes import FakeSource


@pytest.fixture
def example_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "open_reader", lambda _folder: FakeSource())
    monkeypatch.setattr(summaries.Live, "line_now", lambda _live, _store, _now_ms, **_more: example.LINE)
    monkeypatch.setattr(summaries.Live, "machine_day", lambda _live, _store, _machine, _now_ms, **_more: example.DAY)
    monkeypatch.setattr(summaries, "stops_now", lambda *_asked: example.stops_now(), raising=False)
    monkeypatch.setattr(summaries, "work_now", lambda *_asked: example.work(), raising=False)
    monkeypatch.setattr(summaries, "crew_now", lambda *_asked: daily_example.crew(), raising=False)
    monkeypatch.setattr(summaries, "checks_now", lambda *_asked: daily_example.checks(), raising=False)
    monkeypatch.setattr(summaries, "holds_now", lambda *_asked: hold_example.holds(), raising=False)
    monkeypatch.setattr("desktop.views.master.signers", lambda _store: ())
    monkeypatch.setattr(summaries, "measuring_now", lambda *_asked, **_more: measured_example.measured(), raising=False)
    monkeypatch.setattr(summaries, "holds_now", lambda *_asked, **_more: hold_example.holds(), raising=False)
    monkeypatch.setattr(summaries, "labels_now", lambda *_asked: label_example.labels(), raising=False)
    monkeypatch.setattr(summaries, "loss_period", lambda *_asked: example.loss_period())
    monkeypatch.setattr(summaries, "automatic_now", lambda _store: AutomaticNow(Policy(), ""), raising=False)
    monkeypatch.setattr(summaries, "calendar_week", lambda *_asked: example.calendar_week(), raising=False)
    monkeypatch.setattr(summaries, "people_view", lambda *_asked: example.people_view())
    monkeypatch.setattr(report.Desk, "view", lambda _desk, _store, _now_ms, _chosen, _live=None: example.report_view())
    monkeypatch.setattr(Trail, "page", lambda *_asked: example.trail_now(example.LINE).page)
    monkeypatch.setattr(Look, "__call__", lambda _look, _store: example.master_data(example.LINE).table)


@pytest.mark.usefixtures("example_line")
def test_every_screen_and_a_contact_sheet(tmp_path: Path) -> None:
    files = pictures.screenshots(tmp_path, tmp_path / "out", "dark")
    assert [file.name for file in files] == [f"{name}.png" for name in (*pictures.NAMES, "contact")]
    for file in files:
        image = QImage(str(file))
        assert not image.isNull()
        assert file.stat().st_size <= (500_000 if file.stem == "contact" else 300_000)
        if file.stem != "contact":
            assert (image.width(), image.height()) == pictures.SIZE
    overview = QImage(str(tmp_path / "out" / "overview.png"))
    assert overview.pixelColor(110, 86).name().upper() == DARK.bg
    assert overview.pixelColor(20, 900).name().upper() == DARK.rail


def test_a_palette_keeps_flat_colours_exactly() -> None:
    image = QImage(640, 400, QImage.Format.Format_RGB32)
    for x in range(640):
        for y in range(400):
            image.setPixel(x, y, 0xFF000000 | (x * 7919 + y * 104729) & 0xFFFFFF if y > 200 else 0xFFC4202B)
    small = pictures._with_palette(image)
    assert small.format() is QImage.Format.Format_Indexed8
    assert small.pixelColor(300, 100).name().upper() == LIGHT.stop


@pytest.mark.usefixtures("example_line")
def test_one_screen(tmp_path: Path) -> None:
    made = pictures.picture(tmp_path, "machine", tmp_path / "evidence.png")
    assert made == tmp_path / "evidence.png"
    assert QImage(str(made)).width() == 1920
    assert not (tmp_path / "machine.png").exists()


@pytest.mark.usefixtures("example_line")
def test_only_the_screens_asked_for(tmp_path: Path) -> None:
    files = pictures.screenshots(tmp_path, tmp_path, screens=["overview", "machine"], at_ms=example.NOW)
    assert [file.name for file in files] == ["overview.png", "machine.png"]


def test_a_screen_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="There is no screen spc"):
        pictures.screenshots(tmp_path, tmp_path, screens=["overview", "spc"])


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KnownError, match="cannot be made"):
        pictures.screenshots(tmp_path, tmp_path / "file" / "out", screens=["overview"])


@pytest.fixture(scope="module", params=["en", "ko"])
def simulated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A language, and a demo line that made five hours of history in it."""
    before = text.language()
    text.use(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    simulation.simulate(folder, days=5.2 / 24, seed=7, say=lambda _words: None)
    yield request.param, folder
    text.use(before)


def test_no_word_of_a_real_history_is_cut(simulated: tuple[str, Path], tmp_path: Path) -> None:
    """From the file through every question to the paint: each screen says what it has to say, whole."""
    language, folder = simulated
    with paint.recording() as boxes:
        # The report shows the printed page, whose letters have the sizes of print: tests/reports looks at those.
        screens = [name for name in pictures.NAMES if name != "report"]
        files = pictures.screenshots(folder, tmp_path, screens=screens, lang=language)
    assert len(files) == len(screens)
    assert [f"{box.wanted!r} is cut to {box.shown!r}" for box in boxes if box.shown != box.wanted] == []
    assert [f"{box.wanted!r} is {box.size_px} px" for box in boxes if box.size_px < 14] == []
    said = {box.shown for box in boxes}
    with closing(database.open_reader(folder)) as store:
        line = summaries.line_now(store, store.clock.now_ms())
    assert {machine.name for machine in line.machines} <= said
    assert {device.name for device in line.devices} <= said
    assert {percent_figure(machine.kpis.oee) for machine in line.machines if machine.kpis} <= said
    assert pieces(line.forecast) in said


def test_a_device_that_is_asked_all_the_time_has_just_answered(simulated: tuple[str, Path]) -> None:
    _language, folder = simulated
    with closing(database.open_reader(folder)) as store:
        line = summaries.line_now(store, store.clock.now_ms())
    asked = [device.last_value_at_ms for device in line.devices if device.driver == "modbus_rtu"]
    assert asked
    assert set(asked) == {line.now_ms}


def test_a_history_is_made_once_and_anew_when_the_program_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(simulation, "_HISTORY_DAYS", 0.01)
    monkeypatch.setattr(simulation, "_RULES_AFTER_DAYS", 0.005)
    told: list[str] = []
    folder = simulation.history(told.append)
    with closing(database.open_reader(folder)) as store:
        assert [rules.version for _since, rules in register.rules(store)] == [1, 2]
    made = database.path_of(folder).stat().st_mtime_ns
    assert simulation.history(told.append) == folder
    assert database.path_of(folder).stat().st_mtime_ns == made
    changed = tmp_path / "other.toml"
    changed.write_bytes(simulation.CONFIGURATION.read_bytes() + b"\n")
    monkeypatch.setattr(simulation, "CONFIGURATION", changed)
    assert simulation.history(told.append) != folder
    assert not folder.exists()
    monkeypatch.setattr(control, "cache_folder", lambda: changed)
    with pytest.raises(KnownError, match="cannot be made"):
        simulation.history(told.append)


def test_what_takes_many_shifts_is_shown_with_a_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[Path, FakeSource] = {}

    def opened(folder: Path) -> FakeSource:
        made[folder] = FakeSource()
        return made[folder]

    monkeypatch.setattr(database, "open_reader", opened)
    monkeypatch.setattr(summaries.Live, "line_now", lambda _live, _store, _now_ms: example.LINE)
    monkeypatch.setattr(summaries, "line_now", lambda _store, _now_ms: example.LINE)
    sources: list[object] = []
    monkeypatch.setattr(
        summaries, "loss_period", lambda store, *_asked: (sources.append(store), example.loss_period())[1]
    )
    past = tmp_path / "past"
    pictures.screenshots(tmp_path, tmp_path / "out", screens=["losses"], history=past)
    assert list(made) == [tmp_path, past]
    assert sources == [made[past]]
