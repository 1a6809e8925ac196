"""What a window shows of a file that it cannot read: why, what can be done, and nothing that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from desktop.store import database
from desktop.store.database import KnownError, OlderError
from desktop.store.schema import CURRENT
from desktop.tokens import Look
from desktop.views import application
from desktop.views.andon import Andon
from desktop.views.background import Answer
from desktop.views.screens import SCREENS
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace
from desktop.views.window import Window
from tests.store.example import make_older
from tests.views import example, fakes


def make(qtbot: QtBot, folder: Path, ways: Ways) -> Window:
    window = Window(folder, QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat), ways)
    qtbot.addWidget(window)
    window.showNormal()
    window.resize(1600, 900)
    window.go("overview")
    return window


def banner(window: Window, key: str = "trouble") -> BannerFace:
    assert key in window.banners.shown()
    face = window.banners._banners[key]._face
    assert isinstance(face, BannerFace)
    return face


def covered(window: Window) -> bool:
    """Whether every card of the screen in sight says that it is not known."""
    screen = window.screens[window.screens.current]
    mask = screen.waiting.mask()
    cards = [card for card in screen.waiting_cards() if card.isVisibleTo(screen.page)]
    return screen.waiting.failed and bool(cards) and all(mask.contains(card.geometry().center()) for card in cards)


def test_a_database_of_the_version_before_is_brought_up_to_date_by_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    make_older(tmp_path)
    window = make(qtbot, tmp_path, application.ways(tmp_path))
    window.begin()
    try:
        qtbot.waitUntil(lambda: "trouble" in window.banners.shown(), timeout=5000)
        assert "up to date" in banner(window).head
        assert "backups" in banner(window).body
        assert covered(window)
        tiles = window.screens["overview"].tiles  # type: ignore[attr-defined]
        qtbot.waitUntil(lambda: len(tiles) == 2, timeout=10_000)
        assert "trouble" not in window.banners.shown()
        assert not window.screens["overview"].waiting.isVisible()
    finally:
        window.close()
    assert len(list((tmp_path / "backups").glob(f"before-schema-{CURRENT}-*.db"))) == 1


def test_an_update_that_fails_is_said_once_and_can_be_tried_again(qtbot: QtBot, tmp_path: Path) -> None:
    tries: list[int] = []

    def refuse() -> None:
        tries.append(1)
        raise KnownError("The disk has no room for the copy.")

    window = make(qtbot, tmp_path, fakes.ways(keep_collecting=refuse))
    for _second in range(3):
        window._on_trouble(OlderError("Start the collector once."))
        qtbot.waitUntil(lambda: banner(window).action == "Try again", timeout=3000)
    assert tries == [1], "not again and again by itself"
    assert banner(window).body == "The disk has no room for the copy."
    assert window.banners.shown() == ["trouble"]
    window.banners._banners["trouble"].action.click()
    qtbot.waitUntil(lambda: len(tries) == 2 and banner(window).action == "Try again", timeout=3000)


def _newer(file: Path) -> None:
    database.create(file.parent).close()
    connection = database.sqlite3.connect(str(file))
    connection.execute(f"PRAGMA user_version = {CURRENT + 1}")
    connection.close()


def _damaged(file: Path) -> None:
    database.create(file.parent).close()
    image = file.read_bytes()
    file.write_bytes(image[:4096] + b"\xa5" * (len(image) - 4096))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda file: file.write_bytes(b"no database at all, but long enough to be one " * 40), "is not a Gadong"),
        (_newer, "was written by a newer Gadong"),
        (_damaged, "is damaged"),
    ],
    ids=["foreign", "newer", "damaged"],
)
def test_a_file_that_cannot_be_read_leaves_everything_not_known(  # type: ignore[no-untyped-def]
    qtbot: QtBot, tmp_path: Path, spoil, why: str
) -> None:
    spoil(database.path_of(tmp_path))
    opened: list[Path] = []
    ways = fakes.ways(open_source=lambda: database.open_reader(tmp_path), open_folder=opened.append)
    window = make(qtbot, tmp_path, ways)
    window.begin()
    try:
        for key in [entry.key for entry in SCREENS if entry.key not in ("machine", "settings")]:
            window.go(key)
            qtbot.waitUntil(lambda: covered(window), timeout=5000)
            assert not window.screens[key]._patience.isActive(), "no bars will say that it is being read"
            assert window.banners.shown() == ["trouble"]
        assert why in banner(window).body
        window.banners._banners["trouble"].action.click()
        assert opened == [tmp_path]
    finally:
        window.close()


def test_what_was_known_gets_old_and_what_was_not_asked_is_not_known(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path, fakes.ways())
    window._on_answer(Answer(window._number, example.LINE))
    overview = window.screens["overview"]
    window._on_trouble(KnownError("The disk reports an error."))
    assert not overview.waiting.isVisible(), "the last answer stays for a moment"
    window.freshness.answered_at -= 60
    window._watch()
    assert overview.tiles[0].shown.shown is Look.NO_DATA  # type: ignore[attr-defined]
    assert window.banners.shown() == ["trouble"]
    window.go("losses")
    window._on_trouble(KnownError("The disk reports an error."))
    assert covered(window)
    window.go("overview")
    window._on_answer(Answer(window._number, example.LINE))
    assert not overview.waiting.isVisible()
    assert window.banners.shown() == []


def test_a_note_of_success_goes_by_itself_and_a_fault_stays(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.views.widgets.banner.PASSES_MS", 40)
    window = make(qtbot, tmp_path, fakes.ways())
    active = [False]
    monkeypatch.setattr(window, "isActiveWindow", lambda: active[0])
    window.paperwork._table_saved(tmp_path / "table.csv")
    window.banners.show_banner("fault", BannerFace("trouble", "Something failed."))
    note = window.banners._banners["table"]
    note._pass()
    assert "table" in window.banners.shown(), "nobody looks at this window"
    active[0] = True
    qtbot.waitUntil(lambda: window.banners.shown() == ["fault"], timeout=3000)
    window.paperwork._table_saved(tmp_path / "table.csv")
    window.paperwork._table_refused("The disk is full.")
    assert not note._leaver.isActive(), "what failed stays"


def test_the_andon_says_why_it_has_nothing_to_show(qtbot: QtBot, tmp_path: Path) -> None:
    andon = Andon(fakes.FakeSource, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(andon)
    andon._answered_at -= 60
    andon._watch()
    assert andon.foot.accessibleDescription() == "The data file does not answer."
    andon._on_trouble(KnownError("The database is damaged."))
    andon._watch()
    assert andon.foot.accessibleDescription() == "The database is damaged."
    andon._on_trouble(OlderError("Start the collector once."))
    assert "up to date" in andon.foot.accessibleDescription()
    andon.present(example.LINE, None)
    andon._on_trouble(KnownError("The database is damaged."))
    assert "damaged" not in andon.foot.accessibleDescription(), "what was known gets old first"
