"""Pictures of every screen: size in pixels and bytes, colours, and what happens when they cannot be made."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from desktop import summaries
from desktop.store import database
from desktop.store.database import KnownError
from desktop.tokens import DARK, LIGHT
from desktop.views import pictures
from tests.views import example
from tests.views.fakes import FakeSource


@pytest.fixture(autouse=True)
def example_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "open_reader", lambda _folder: FakeSource())
    monkeypatch.setattr(summaries, "line_now", lambda _store, _now_ms: example.LINE)
    monkeypatch.setattr(summaries, "machine_day", lambda _store, _machine, _now_ms: example.DAY)


def test_every_screen_and_a_contact_sheet(tmp_path: Path) -> None:
    files = pictures.screenshots(tmp_path, tmp_path / "out", "dark")
    assert [file.name for file in files] == [f"{name}.png" for name in (*pictures.NAMES, "contact")]
    for file in files:
        image = QImage(str(file))
        assert not image.isNull()
        assert file.stat().st_size <= pictures.MOST_BYTES
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


def test_one_screen(tmp_path: Path) -> None:
    made = pictures.picture(tmp_path, "machine", tmp_path / "evidence.png")
    assert made == tmp_path / "evidence.png"
    assert QImage(str(made)).width() == 1920
    assert not (tmp_path / "machine.png").exists()


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
