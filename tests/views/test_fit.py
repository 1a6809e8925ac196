"""Every text of every screen in its box, whole, large enough, beside every other one, and with enough contrast.

One window a language for the whole file: it is resized and shown other answers, and what it paints is recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QComboBox, QTableView, QWidget

from desktop import paint, text
from desktop.domain.figures.head import AlarmNow
from desktop.domain.figures.line import LineNow
from desktop.paint.lettering import TextBox, font
from desktop.tokens import THEMES
from desktop.views import theme
from desktop.views.andon import Andon
from desktop.views.application import EXAMPLE, _share
from desktop.views.overview import Overview
from desktop.views.screen import stale_since
from desktop.views.screens import SCREENS
from desktop.views.welcome import Welcome
from desktop.views.widgets.painted import Painted, Pressable
from desktop.views.window import Window
from tests.views import example, fakes
from tests.views.test_screens import show

MINUTE = 60_000
DEMO = replace(example.LINE, head=replace(example.HEAD, demo=True, speed=10.0), seen=example.SEEN)
STALE = replace(
    example.LINE,
    collector=replace(example.COLLECTOR, running=False, silent_ms=3 * MINUTE),
    alarms=(AlarmNow("collector", "", "", example.NOW - 3 * MINUTE, 4),),
)
ALARMS = (
    AlarmNow("device", "d1", "비전 PLC", example.NOW - 4 * MINUTE, 2),
    AlarmNow("stop", "WD-01", "용접", example.NOW - 12 * MINUTE, 0),
    AlarmNow("hour", "", "", example.at(14), 0, hour=example.hours()[5].span, missing=30),
)


def line_of(count: int) -> LineNow:
    """A line of so many machines, with names as long as they get."""
    machines = tuple(
        replace(example.MACHINES[n % 8], id=n + 1, name=f"{example.MACHINES[n % 8].name} {n + 1}호기", rank=None)
        for n in range(count)
    )
    return replace(example.LINE, machines=machines, seen=example.SEEN, open_stops=example.STOPS[:1])


def long_names() -> LineNow:
    """Machines whose names are as long as the register takes and begin alike."""
    return replace(
        example.LINE, seen=tuple(replace(one, name=long_name(3) if one.name else "") for one in example.SEEN),
        machines=tuple(replace(m, name=long_name(m.id)) for m in example.MACHINES),
        open_stops=tuple(replace(stop, machine_name=long_name(stop.machine)) for stop in example.STOPS),
        alarms=(replace(ALARMS[1], name=long_name(3)),),
    )  # fmt: skip


def long_name(number: int) -> str:
    """A name of 30 characters, half of it Hangul."""
    return f"Leak testing 기밀시험 설비 라인 제{number:02d} 호기"


MISSED = AlarmNow("sample", "ID24", "내경 Ø24", example.at(14), 0, hour=ALARMS[2].hour, missing=3, detail="hour")
WORLDS = {
    "usual": DEMO, "quiet": example.quiet(), "early": example.early(), "empty": example.empty(), "off": example.off(),
    "behind": example.behind(), "stale": STALE, "alarms": replace(DEMO, alarms=ALARMS), "none": replace(
        example.empty(), machines=()), "long": long_names(), "one": line_of(1), "twelve": line_of(12),
    "twenty": line_of(20), "missed": replace(DEMO, alarms=(MISSED,)),
}  # fmt: skip
#: logical pixels: 1366 x 768 also stands for 1920 x 1080 at 150 and 200 % (the window is drawn smaller there until it
#: fits), 2560 x 1440 and 1920 x 1080 for 3840 x 2160 at 150 and 200 %
SIZES = [(1366, 768), (1600, 900), (1920, 1080), (2560, 1440), (3840, 2160)]
KEYS = [entry.key for entry in SCREENS]


@pytest.fixture(scope="module", params=["ko", "en"])
def wide(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Window]:
    """The one window of a language."""
    before = text.language()
    text.use(request.param)
    theme.use(qapp, "light")
    folder = tmp_path_factory.mktemp(request.param)
    made = Window(folder, QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat), fakes.ways())
    made.setProperty("language", request.param)
    made.setWindowState(Qt.WindowState.WindowNoState)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    text.use(before)


@pytest.fixture(autouse=True)
def speaks(request: pytest.FixtureRequest, plain_start: None) -> None:
    """The language of the window, after the plain start of every test."""
    if "wide" in request.fixturenames:
        text.use(request.getfixturevalue("wide").property("language"))


def painted(place: QWidget) -> Iterator[Painted | Pressable]:
    for widget in [place, *place.findChildren(QWidget)]:
        if isinstance(widget, Painted | Pressable) and widget.isVisible():
            yield widget


def said_by(widget: QWidget) -> list[TextBox]:
    with paint.recording() as boxes:
        widget.render(QPixmap(widget.size()), renderFlags=QWidget.RenderFlag.DrawWindowBackground)
    return [box for box in boxes if box.wanted]


def faults(place: QWidget, least_px: float = 14) -> list[str]:
    """Every text that is cut, too small, outside its widget or on top of another one."""
    found = []
    for widget in painted(place):
        boxes = said_by(widget)
        area = widget.rect().adjusted(-1, -1, 1, 1)
        for index, one in enumerate(boxes):
            where = f"{widget.objectName()} {one.wanted!r}"
            if one.shown != one.wanted and not known_by_code(one, boxes):
                found.append(f"{where} is cut to {one.shown!r}")
            if one.size_px < least_px:
                found.append(f"{where} is {one.size_px} px")
            if not area.contains(one.ink.toAlignedRect()):
                found.append(f"{where} leaves its widget")
            for other in boxes[index + 1 :]:
                shared = one.ink.intersected(other.ink)
                if shared.width() > 1 and shared.height() > 1:
                    found.append(f"{where} lies on {other.wanted!r}")
    boxes = (box for box in place.findChildren(QComboBox) if box.isVisible())
    found += [f"{box.objectName()} cuts" for box in boxes if box.width() < box.minimumSizeHint().width()]
    for table in place.findChildren(QTableView):
        model, head = table.model(), table.horizontalHeader()
        for column in range(head.count() if table.isVisible() else 0):
            words = [str(model.headerData(column, Qt.Orientation.Horizontal))]
            words += [str(model.index(row, column).data()) for row in range(min(model.rowCount(), 50))]
            wide = max(paint.width(word, 15) for word in words)  # the size of the titles, the smallest in a table
            if not table.isColumnHidden(column) and table.columnWidth(column) < wide:
                found.append(f"{table.objectName()} cuts column {column}: {table.columnWidth(column)} < {wide:.0f}")
    return found


def known_by_code(name: TextBox, boxes: list[TextBox]) -> bool:
    """Whether a text is a machine's name that is cut to no less than three letters beside its whole code."""
    names = {long_name(m.id) for m in example.MACHINES} | {
        f"{m.name} {n}호기" for m in example.MACHINES for n in range(21)
    }
    is_name = any(name.wanted.startswith(one) for one in names)
    return is_name and len(name.shown) >= 4 and any(_code_in(box.shown) for box in boxes)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_cut_or_overlaps(wide: Window, key: str, size: tuple[int, int]) -> None:
    wide.resize(*size)
    show(wide, key, DEMO)
    assert faults(wide) == []


@pytest.mark.parametrize("name", [name for name in WORLDS if name != "usual"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_nor_on_the_overview_of_another_line(wide: Window, name: str, size: tuple[int, int]) -> None:
    wide.resize(*size)
    show(wide, "overview", WORLDS[name])
    overview = wide.screens["overview"]
    overview.seen_bar.setChecked(bool(WORLDS[name].seen))  # type: ignore[attr-defined]
    QApplication.processEvents()
    assert faults(wide) == []
    overview.seen_bar.setChecked(False)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["quiet", "early", "empty", "stale"])
@pytest.mark.parametrize("key", [key for key in KEYS if key != "overview"])
def test_nor_with_little_to_show(wide: Window, key: str, name: str) -> None:
    wide.resize(1366, 768)
    show(wide, key, WORLDS[name])
    assert faults(wide) == []


@pytest.mark.parametrize("size", SIZES[:3], ids=lambda size: f"{size[0]}x{size[1]}")
def test_nor_with_all_that_is_seldom(wide: Window, size: tuple[int, int]) -> None:
    wide.resize(*size)
    show(wide, "machine")
    wide.show_answer(example.rare_day())
    assert faults(wide) == []


def test_figures_of_neighbouring_columns_keep_apart(wide: Window) -> None:
    """A shift that is far behind: four digits with their sign beside three."""
    wide.resize(1366, 768)
    show(wide, "machine")
    hours = tuple(
        replace(row, good=None if row.good is None else row.good + 1_000, target=2_112, target_now=2_112)
        for row in example.DAY.machine.hours
    )
    wide.show_answer(replace(example.DAY, machine=replace(example.DAY.machine, hours=hours)))
    page = wide.screens["machine"]
    for row in page.hours.rows:  # type: ignore[attr-defined]
        boxes = sorted((box for box in said_by(row) if box.wanted), key=lambda box: box.ink.left())
        gaps = [b.ink.left() - a.ink.right() for a, b in pairwise(boxes)]
        assert min(gaps, default=9) >= 5, [box.shown for box in boxes]


def test_the_smallest_window_shows_every_machine_and_that_the_hours_follow(wide: Window) -> None:
    wide.resize(1366, 768)
    show(wide, "overview")
    page = wide.screens["overview"]
    assert isinstance(page, Overview)
    seen_px = page.viewport().height()
    tiles = [tile for tile in page.tiles if not tile.isHidden()]
    assert len(tiles) == 8
    assert max(tile.geometry().bottom() for tile in tiles) < seen_px
    with paint.recording() as boxes:
        page.hours.grab()
    title = next(box for box in boxes if box.shown in ("Hour by hour", "시간대별 실적"))
    assert page.hours.y() + title.ink.bottom() < seen_px


@pytest.mark.parametrize("size", SIZES[:1], ids=lambda size: f"{size[0]}x{size[1]}")
def test_nor_on_the_first_page_nor_in_help(wide: Window, size: tuple[int, int]) -> None:
    page = Welcome(lambda: None, lambda *_words: [], EXAMPLE)
    page.resize(*size)
    page.show()
    found = faults(page)
    page.choice.own.click()
    assert page.stack.currentWidget() is page.setup
    assert found + faults(page) == []
    page.close()
    page.deleteLater()
    wide.resize(*size)
    show(wide, "overview")
    wide._show_help()
    wide.offer_undo("설정을 바꿨습니다: " + "글자 크기 125 % · " * 4, lambda: None)
    QApplication.processEvents()
    assert faults(wide) == []
    wide.undo_bar.hide()
    wide._back()


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_code_of_a_machine_stands_wherever_its_name_does(wide: Window, size: tuple[int, int]) -> None:
    """Two machines whose names begin alike are told apart by it: tile, needs, stops, banner, header, andon."""
    wide.resize(*size)
    line = WORLDS["long"]
    show(wide, "overview", line)
    overview = wide.screens["overview"]
    overview.seen_bar.setChecked(True)  # type: ignore[attr-defined]
    QApplication.processEvents()
    nameless = []
    for widget in painted(wide):
        boxes = said_by(widget)
        if any("Leak testing" in box.wanted for box in boxes) and "seen" not in widget.objectName():
            nameless += [widget.objectName()] if not any(_code_in(box.shown) for box in boxes) else []
    seen = [box.shown for box in said_by(overview.seen._rows[0])]  # type: ignore[attr-defined]
    assert nameless == []
    assert any("WD-01" in words for words in seen)
    overview.seen_bar.setChecked(False)  # type: ignore[attr-defined]
    show(wide, "machine", line)
    assert faults(wide.header) == []
    assert "WD-01" in [box.shown for box in said_by(wide.header)]
    with an_andon(wide, line, size) as andon:
        codes = [box.shown for tile in andon.tiles for box in said_by(tile)]
    assert {m.code for m in line.machines} <= set(codes)


def _code_in(words: str) -> bool:
    return any(machine.code in words for machine in example.MACHINES)


@pytest.mark.parametrize("alarms", [0, 1, 2])
def test_the_difference_to_the_target_is_never_dropped(wide: Window, alarms: int) -> None:
    wide.resize(1366, 768)
    show(wide, "overview", replace(example.LINE, alarms=ALARMS[:alarms]))
    for tile in wide.screens["overview"].tiles:  # type: ignore[attr-defined]
        if tile.isVisible():
            assert any(box.shown[0] in "+−±0" for box in said_by(tile)), (tile.height(), tile.objectName())


@contextmanager
def an_andon(wide: Window, line: LineNow, size: tuple[int, int]) -> Iterator[Andon]:
    made = Andon(fakes.FakeSource, wide._settings)
    made.resize(*size)
    made.show()
    made.present(line, stale_since(line))
    made._show_controls()
    yield made
    made.close()
    made.deleteLater()


@pytest.mark.parametrize("name", [name for name in WORLDS if name != "alarms"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_nor_on_the_andon(wide: Window, name: str, size: tuple[int, int]) -> None:
    with an_andon(wide, WORLDS[name], size) as andon:
        found = [fault for fault in faults(andon, 20) if "andon-close" not in fault]
        small = [box.wanted for w in [andon.head, andon.foot, *andon.tiles] for box in said_by(w) if box.size_px < 30]
    assert found == []
    assert small == []


@pytest.mark.parametrize("ratio", [1.5, 2.0])
def test_letters_grow_as_the_screen_does(wide: Window, ratio: float) -> None:
    """What fits at 100 % fits at 150 and 200 %: no letter is wider there than its share."""
    wide.resize(1366, 768)
    device = QImage(10, 10, QImage.Format.Format_RGB32)
    device.setDevicePixelRatio(ratio)
    said: set[tuple[str, float, bool]] = set()
    for key in KEYS:
        show(wide, key)
        said |= {(box.shown, box.size_px, box.bold) for widget in painted(wide) for box in said_by(widget)}
    assert len(said) > 150
    wider = [
        words
        for words, size_px, bold in said
        if QFontMetricsF(font(size_px, bold), device).horizontalAdvance(words) > paint.width(words, size_px, bold) + 0.5
    ]
    assert wider == []


def test_where_the_scale_of_the_system_leaves_too_little_room_the_window_is_drawn_smaller() -> None:
    full_hd = QRect(0, 0, 1920, 1080)
    assert _share(full_hd.size(), 1.0) == 1.0
    assert _share(full_hd.size() / 1.5, 1.5) == pytest.approx(1280 / 1366)
    assert _share(full_hd.size() / 2, 2.0) == pytest.approx(960 / 1366)
    assert _share(full_hd.size(), 2.0) == 1.0, "3840 x 2160 at 200 %"
    assert _share(QRect(0, 0, 1280, 720).size(), 1.0) == 1.0, "no letter under its size at 100 %"


# -- contrast --


def _light(colour: QColor) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """As WCAG 2 has it, 1 to 21."""
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def weak(place: QWidget) -> list[str]:
    """Every text whose contrast with what is really behind it is under 4.5."""
    picture = place.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    found = []
    for widget in painted(place):
        corner = widget.mapTo(place, QPoint(0, 0))
        seen = widget.visibleRegion()
        for box in said_by(widget):
            letters = box.ink.toAlignedRect()
            if not seen.contains(letters):
                continue
            ink = QColor(box.colour)
            shades = Counter(
                picture.pixel(x + corner.x(), y + corner.y())
                for y in range(letters.top(), letters.bottom() + 1, 2)
                for x in range(letters.left(), letters.right() + 1, 2)
            )
            shades.pop(ink.rgb(), None)
            if shades and (got := contrast(ink, QColor(shades.most_common(1)[0][0]))) < 4.5:
                ground = QColor(shades.most_common(1)[0][0]).name()
                found.append(f"{widget.objectName()} {box.wanted!r}: {box.colour} on {ground} {got:.2f}")
    return found


@pytest.mark.parametrize("name", [*THEMES, "green", "green-dark"])
def test_every_text_stands_out_from_its_ground(qapp: QApplication, window: Window, name: str) -> None:
    text.use("ko")
    theme.use(qapp, {"green": "light", "green-dark": "dark"}.get(name, name), "green" in name)
    window = Window(window._folder, window._settings, fakes.ways())
    window.resize(1920, 1080)
    window.show()
    found = []
    for key in KEYS:
        show(window, key)
        found += weak(window)
    for line in (STALE, replace(example.behind(), alarms=ALARMS, seen=example.SEEN), example.off()):
        show(window, "overview", line)
        found += weak(window)
        with an_andon(window, line, (1920, 1080)) as andon:
            found += weak(andon)
    with an_andon(window, example.LINE, (1920, 1080)) as andon:
        found += weak(andon)
    window.offer_undo("설정을 바꿨습니다", lambda: None)
    assert found + weak(window.undo_bar) == []
    window.close()
    window.deleteLater()


@pytest.mark.parametrize("banners", [0, 1, 2])
def test_a_banner_does_not_push_the_hours_out_of_sight(wide: Window, banners: int) -> None:
    """In a window of the usual size: an alarm makes the tiles flatter, never higher, and the hours stay in sight."""
    wide.resize(1600, 900)
    show(wide, "overview", DEMO)
    overview = wide.screens["overview"]
    before = overview.tiles[0].height()  # type: ignore[attr-defined]
    show(wide, "overview", replace(DEMO, alarms=ALARMS[:banners]))
    hours = overview.hours  # type: ignore[attr-defined]
    room = overview.viewport().height()
    assert overview.tiles[0].height() <= before  # type: ignore[attr-defined]
    if banners < 2:
        assert hours.geometry().bottom() <= room
    else:
        assert room - hours.geometry().top() > hours.height() // 2


@pytest.mark.parametrize("height", [1080, 768, 700])
def test_the_rail_has_a_place_for_every_screen(wide: Window, height: int) -> None:
    """Also on a screen of 768 px with a title and a task bar."""
    wide.rail.resize(wide.rail.width(), height)
    buttons = sorted((*wide.rail._top, *wide.rail._foot), key=lambda button: button.y())
    for above, below in pairwise(buttons):
        assert above.y() + above.height() <= below.y(), below.text()
    assert buttons[-1].y() + buttons[-1].height() <= height
    assert min(button.height() for button in buttons) >= 48
