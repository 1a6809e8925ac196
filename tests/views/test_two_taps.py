"""Every action within two taps of the Overview: by real clicks through the real window over a real file.

`ACTIONS` is the list of them: which two widgets are clicked, and what is in sight and can be pressed then - what does
it, or the form in which it is filled in, with the machine chosen already (the second of the line, so that none is
chosen by itself).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast, get_args

import pytest
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop import summaries
from desktop.configuration import applying, usual
from desktop.configuration.sheets.kinds import KINDS
from desktop.domain import entries as spoken
from desktop.domain.entries import OPEN_MS, Action, Attended, Called, Changed, Ordered, Said
from desktop.domain.events import Thing
from desktop.domain.people import Person
from desktop.domain.spans import Span
from desktop.store import entries, people, register
from desktop.store.database import Store
from desktop.views import application, deeds
from desktop.views.calendar import CalendarPage
from desktop.views.checks import Checks
from desktop.views.crew import Crew
from desktop.views.machine import MachinePage
from desktop.views.master import Master
from desktop.views.overview import Overview
from desktop.views.settings import TABLES
from desktop.views.stops import Stops
from desktop.views.widgets.tile import Tile
from desktop.views.window import Window
from desktop.views.work import Work
from tests import test_entered
from tests.test_entered import Floor, at
from tests.test_live import COUNTING, Shop
from tests.views import example
from tests.views.example import HOUR, START
from tests.views.test_fit import faults, speaks, wide  # noqa: F401 its window of each language
from tests.views.test_screens import show

shop = test_entered.shop


class Taps(Struct, frozen=True):
    """The two taps, and the widgets that are then in sight and can be pressed: their names, one of them or all.

    `first` and `second`: the name of a widget, "tile" for the tile of the machine, "action KEY" for one of its actions.
    `second` "": one tap is enough. `of`: the kinds of entries that are made there. `holds`: what is chosen then.
    """

    first: str
    second: str
    then: tuple[str, ...]
    of: tuple[type, ...] = ()
    holds: Callable[[Window], bool] = lambda _window: True
    before: tuple[Said, ...] = ()  # what was said before, so that there is something to do
    now_ms: int = 0  # 0: while the first shift runs
    blind: bool = False  # the devices were silent for a while
    scrolled: bool = False  # in the smallest window it lies below the edge of its page


def page(window: Window, key: str) -> QWidget:
    return window.screens[key]


def stop_of_it(window: Window) -> bool:
    stop = cast(Stops, page(window, "stops")).choice.stop()
    return stop is not None and stop.machine == COUNTING


def work_of_it(window: Window) -> bool:
    work = cast(Work, page(window, "work"))
    return work.machine == COUNTING and work._now is not None and work._now.machine == COUNTING


def crew_of_it(window: Window) -> bool:
    return cast(Crew, page(window, "crew"))._machine == COUNTING


def checks_of_it(window: Window) -> bool:
    checks = cast(Checks, page(window, "checks"))
    return all(row.shown.row.machine == COUNTING for row in checks.due.rows if row.isVisible() and row.shown)


def planned_for_it(window: Window) -> bool:
    return cast(CalendarPage, page(window, "calendar")).stop.machine.currentData() == COUNTING


def table_of(kind: str) -> Callable[[Window], bool]:
    return lambda window: cast(Master, page(window, "master")).kind == kind


def called_at_it(window: Window) -> bool:
    row = cast(MachinePage, page(window, "machine")).action_row
    faces = [button.shown for button in row.calls.buttons if button.isVisible() and button.shown]
    return bool(faces) and all(face.machine == COUNTING for face in faces)


SIZES = ((1920, 1080), (1366, 768))
NOW, OVER = at(75), at(123)  # in the first shift, and when it has just been followed by the second one
WORKED = Ordered(COUNTING, at(1), OPEN_MS, "WO-1", 1, 500)
#: of the characteristic by hand, as many as limits are frozen by; with them the middle of the chart is a point
VALUES = tuple(spoken.Measured(1, at(n), at(n), 1, 24.0 + n % 7 / 100) for n in range(1, 32))
ACTIONS = {
    "reason of a stop": Taps("tile", "action reason", ("reason-1", "all-reasons-open"), (spoken.Labelled,), stop_of_it),
    "the same from its tile": Taps("tile reason", "", ("reason-1",), (spoken.Labelled,), stop_of_it),
    "splitting a stop": Taps("tile", "action reason", ("stop-split",), (spoken.Split,), stop_of_it),
    "starting an order": Taps("tile", "action orders", ("order-1-start",), (spoken.Ordered,), work_of_it),
    "ending an order": Taps(
        "tile", "action orders", ("order-end",), (spoken.OrderEnded,), work_of_it, before=(WORKED,)
    ),
    "changing over": Taps("tile", "action orders", ("order-1-change",), (spoken.Changed,), work_of_it),
    "looking at a first piece": Taps(
        "tile", "action orders", ("first-good", "first-bad"), (spoken.FirstPiece,), work_of_it,
        before=(WORKED, Changed(COUNTING, at(38), OPEN_MS, 1)),
    ),
    "rejects, rework, corrections": Taps(
        "tile", "action rejects", ("scrap-key-1", "scrap-reason-1", "scrap-kind-2"), (spoken.Booked,), work_of_it
    ),
    "late rejects of a shift that is over": Taps(
        "tile", "action rejects", ("scrap-when-2", "scrap-reason-1"), (spoken.Booked,), work_of_it, now_ms=OVER
    ),
    "keying in the paper form": Taps(
        "rail-work", "to-paper", ("paper-key-1", "paper-kind-2", "paper-stops"), blind=True
    ),
    "pieces that were not counted": Taps("tile", "action rejects", ("scrap-kind-6", "scrap-key-1"), (), work_of_it),
    "who is at a machine": Taps(
        "tile", "action crew", ("crew-people-1",), (spoken.Attended, spoken.Placed), crew_of_it
    ),
    "who is no more at a machine": Taps(
        "tile", "action crew", ("crew-people-1",), (spoken.Left,), crew_of_it,
        before=(Attended(0, at(1), OPEN_MS, 1), spoken.Placed(COUNTING, at(1), OPEN_MS, 1)),
    ),
    "who is here": Taps("rail-work", "segment-crew", ("crew-people-1",), (spoken.Attended, spoken.Left)),
    "daily checks": Taps("tile", "action checks", ("due-1-ok", "due-1-bad"), (spoken.Checked,), checks_of_it),
    "checks of the whole line": Taps("rail-work", "segment-checks", ("due-1-ok",), (spoken.Checked,)),
    "confirming an hour": Taps("tile", "action hours", ("hour-1-confirm",), (spoken.HourConfirmed,)),
    "putting something on hold": Taps(
        "rail-work", "segment-holds", ("thing-code", "thing-kind-unit"), (spoken.Held,)
    ),
    "deciding what becomes of it": Taps(
        "rail-work", "segment-holds",
        ("dispose-release", "dispose-rework", "dispose-concession", "dispose-scrap"), (spoken.Disposed,),
        before=(spoken.Held(0, at(30), at(30), "burr", (Thing("lot", "L-1"),)),),
    ),
    "the calibration of a gauge": Taps(
        "rail-work", "segment-holds", ("gauge-1-ok", "gauge-1-bad"), (spoken.Calibrated,), scrolled=True
    ),
    "parts and lots by hand": Taps(
        "rail-work", "segment-holds", ("thing-code", "thing-join"), (spoken.Replaced, spoken.Joined, spoken.Parted),
    ),
    "calling for help": Taps("tile", "action call", ("call-1", "call-2", "call-3"), (spoken.Called,), called_at_it),
    "how far a call has come": Taps(
        "tile", "action call", ("call-1",), (spoken.Phase,), called_at_it,
        before=(Called(COUNTING, at(30), OPEN_MS, "maintenance"),),
    ),
    "notes to the next shift": Taps("rail-report", "", ("note-field",), (spoken.Note,), scrolled=True),
    "an open item": Taps("rail-report", "add-item", ("remark-text", "remark-machine", "remark-save"), (spoken.Action,)),
    "an open item is done": Taps(
        "rail-report", "", ("open-item-1",), (spoken.ActionClosed,),
        before=(Action(0, at(2), OPEN_MS, "Filter"),), scrolled=True,
    ),
    "safety": Taps("rail-report", "check safety", ("remark-text", "remark-save"), (spoken.Safety,)),
    "4M change": Taps("rail-report", "check four_m", ("remark-text", "remark-save"), (spoken.FourM,)),
    "signing a shift": Taps("rail-report", "sign-outgoing-act", ("sign-nameless",), (spoken.Signed,), scrolled=True),
    "closing a shift": Taps(
        "rail-report", "", ("closing-act",), (spoken.Closed,), now_ms=OVER,
        before=(spoken.Signed(0, at(119), at(119), "outgoing"),), scrolled=True,
    ),
    "a value by hand": Taps("rail-measure", "enter-value", ("why-key-1",), (spoken.Measured,)),
    "leaving a value out of the chart": Taps(
        "rail-measure", "spc-chart", ("point-values-1-second",), (spoken.Excluded,), before=VALUES
    ),
    "freezing control limits": Taps(
        "rail-measure", "freeze-limits", ("why-1",), (spoken.ChartLimits,), before=VALUES
    ),
    "report and print": Taps("rail-report", "", ("save-all", "print", "save-picture")),
    "the bar codes of a machine": Taps("tile", "", ("action sheet",)),
    "the plan from Excel": Taps("rail-work", "", ("plan-import",)),
    "asking for a planned stop": Taps(
        "tile", "action planned", ("stop-form-apply", "stop-start", "stop-machine"), (), planned_for_it
    ),
    "planned stops of the line": Taps("header-shift", "add-stop", ("stop-form-apply",)),
    "overtime, an extra shift": Taps("header-shift", "add-extra", ("overtime-1", "extra-day", "extra-shift")),
    "patterns of shifts": Taps("header-shift", "ready-patterns", ("pattern-form-apply",)),
    "people": Taps("rail-settings", "open-people", ("add-person", "people-excel")),
    "change history": Taps("rail-settings", "open-trail", ("trail-words",)),
    "shifts and calendar": Taps("rail-settings", "open-calendar", ("add-extra", "add-stop")),
    **{
        f"table of {key}": Taps("rail-settings", f"open-{key}", ("import-file", "paste"), (), table_of(key))
        for key, _title in TABLES
    },
}  # fmt: skip
#: kinds of entries that nobody enters in the window, and why
NOT_BY_HAND: dict[type, str] = {}
#: tables that have another way than one of Settings
TABLES_ELSEWHERE = {"people": "the page of people leads to it (people-excel)"}


class Place:
    """A window over the shop's file; its reading thread does not run, the test reads for it."""

    def __init__(self, qtbot: QtBot, store: Store, size: tuple[int, int], now_ms: int) -> None:
        self.store, self.now_ms = store, now_ms
        settings = QSettings(str(store.folder / "taps.ini"), QSettings.Format.IniFormat)
        ways = replace(application.ways(store.folder), keep_collecting=lambda: None)
        self.window = Window(store.folder, settings, ways)
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(*size)
        self.window.show()

    def look(self) -> None:
        screen = self.window.screens.screen_now
        for _look in range(2):  # the second one tells more on some
            self.window.show_answer(screen.question()(self.store, self.now_ms))
        QApplication.processEvents()

    def rest(self) -> None:
        """The Overview at rest, as after a start."""
        self.window.go("overview")
        self.look()

    def find(self, name: str) -> QWidget | None:
        """A widget by its name, as `Taps` has it."""
        if name == "tile":
            tiles = cast(Overview, page(self.window, "overview")).tiles
            return next(tile for tile in tiles if tile.shown is not None and tile.shown.machine == COUNTING)
        kind, _space, rest = name.partition(" ")
        if kind == "action" and rest:
            return cast(MachinePage, page(self.window, "machine")).action_row.button(rest)
        if kind == "check" and rest:
            buttons = [b for b in self.window.findChildren(QAbstractButton) if b.objectName().startswith("check-act-")]
            return next((b for b in buttons if b.isVisible() and b.property("act") == rest), None)
        found = self.window.findChildren(QWidget, name)
        return next((widget for widget in found if widget.isVisible()), None)

    def tap(self, name: str, *, scrolled: bool = False) -> None:
        """A real click in the middle of what can be seen of it, wherever that leads."""
        widget = self.find("tile" if name == "tile reason" else name)
        assert widget is not None, f"{name} is not there"
        assert self.can_be_pressed(widget, scrolled=scrolled), f"{name} is not in sight"
        within = seen_of(widget).center()
        if name == "tile":  # on its band: the line below asks for the reason
            within.setY(20)
        elif name == "tile reason":
            within = cast(Tile, widget).reason_place().center().toPoint()
        spot = widget.mapTo(self.window, within)
        target = self.window.childAt(spot)
        assert target is widget, f"{name} lies under {target and target.objectName()}"
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=target.mapFrom(self.window, spot))
        self.look()

    def can_be_pressed(self, widget: QWidget, *, scrolled: bool = False) -> bool:
        """Whether it is in sight, wholly or at least by the half of it that can be hit, and takes a press.

        `scrolled`: a finger may move the page to it before."""
        above = widget.parentWidget()
        while scrolled and above is not None:
            if isinstance(above, QScrollArea):
                above.ensureWidgetVisible(widget)
            above = above.parentWidget()
        QApplication.processEvents()
        seen = seen_of(widget)
        return widget.isVisible() and widget.isEnabled() and seen.height() * 2 >= widget.height() and seen.width() > 0

    def seen(self) -> list[str]:
        """What is in sight, for who reads a failure."""
        names = (w.objectName() for w in self.window.findChildren(QWidget) if w.isVisible() and w.isEnabled())
        return sorted(name for name in names if name)


def seen_of(widget: QWidget) -> QRect:
    """The part of a widget that no scroll area and no window cuts off, in its own coordinates."""
    seen, above = widget.rect(), widget.parentWidget()
    while above is not None and not widget.isWindow():
        seen = seen & above.rect().translated(-widget.mapTo(above, QPoint(0, 0)))
        above = above.parentWidget()
    return seen


@pytest.fixture
def busy(shop: Store) -> Store:
    """Two machines that ran for a while; the second one stands and nobody has said why. Somebody is set up, and so are
    reasons and checks."""
    floor = Floor(shop)
    made = []
    for half in range(1, 80):
        floor.at_ms = at(half / 2)
        made += [floor.counted(machine, 1) for machine in (1, COUNTING) if machine == 1 or half <= 40]
    floor.tell(*made)
    known = usual.checks()[0]
    with shop.transaction() as db:
        rows = applying.Rows(
            reasons=usual.reasons(),
            scrap_reasons=usual.scrap_reasons(),
            checks=[{**known, "code": "C1", "name": "Oil"}],
        )
        applying.put_rows(shop, db, rows)
        register.upsert(
            db, "characteristics", {"code": "ID24"},
            {"name": "Bore", "machine_id": 1, "unit": "mm", "mark": "", "sampling": "each", "per_hour": 0,
             "subgroup": 1, "binding": "scan", "window_ms": 0, "retests": 1, "place": 0},
        )  # fmt: skip
        gauge = {"name": "Caliper", "interval_days": 180, "when_due": "flag", "place": 0}
        register.upsert(db, "gauges", {"code": "CP-11"}, gauge)
        register.audit(db, at(0), "", "import", "", "", "")
    people.put(shop, Person(0, "Kim"), at(0))
    entries.say(shop, [Ordered(1, at(0), OPEN_MS, "WO-0", 1)], at(1))
    return shop


@pytest.mark.parametrize("name", list(ACTIONS))
def test_two_taps_lead_to_it(qtbot: QtBot, busy: Store, name: str) -> None:
    taps = ACTIONS[name]
    for minute, said in enumerate(taps.before, 31):
        entries.say(busy, [said], at(minute))
    if taps.blind:
        floor = Shop(busy, 0)
        for floor.at_ms, word in ((at(45), "offline"), (at(55), "online")):
            floor.tell(*(floor.health(device, word) for device in (1, 2)))
    place = Place(qtbot, busy, SIZES[0], taps.now_ms or NOW)
    for size in SIZES:
        scrolled = taps.scrolled and size != SIZES[0]
        place.window.resize(*size)
        place.rest()
        place.tap(taps.first)
        if taps.second:
            place.tap(taps.second, scrolled=scrolled)
        missing = []
        for each in taps.then:
            widget = place.find(each)
            if widget is None or not place.can_be_pressed(widget, scrolled=scrolled):
                missing.append(each)
        assert missing == [], f"{size}: {' '.join(place.seen())}"
        assert taps.holds(place.window), "of another machine or kind"
    place.window.close()


def test_every_kind_of_entry_has_its_way() -> None:
    """A new kind of entry says here how it is reached, or why nobody enters it by hand."""
    named = {kind for taps in ACTIONS.values() for kind in taps.of} | set(NOT_BY_HAND)
    assert [kind.__name__ for kind in get_args(Said) if kind not in named] == []
    assert all(NOT_BY_HAND.values())


def test_every_table_of_the_master_data_has_its_way() -> None:
    titles = {key: kind.title for key, kind in KINDS.items() if key not in TABLES_ELSEWHERE}
    assert dict(TABLES) == titles, "Settings name each table as its page does"


def test_the_keyboard_goes_the_same_way(qtbot: QtBot, busy: Store) -> None:
    """Enter on a tile, Tab to an action, Enter: the keyboard is where a tap would be."""
    place = Place(qtbot, busy, (1920, 1080), NOW)
    place.rest()
    place.window.activateWindow()
    tile = place.find("tile")
    assert tile is not None
    tile.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(tile, Qt.Key.Key_Return)
    place.look()
    row = cast(MachinePage, page(place.window, "machine")).action_row
    wanted = {button for button in row.buttons if button.isVisible()}
    reached = []
    for _press in range(80):
        focus = place.window.focusWidget() or place.window
        if focus in wanted and focus not in reached:
            reached.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert reached == row.buttons[: len(wanted)], "all of them, in their order"
    assert len(wanted) == 9
    rejects = row.button("rejects")
    assert rejects is not None
    QTest.keyClick(rejects, Qt.Key.Key_Return)
    place.look()
    assert place.window.screens.current == "work"
    assert work_of_it(place.window)
    QTest.keyClick(place.window, Qt.Key.Key_Escape)  # from the number pad to the plan
    QTest.keyClick(place.window, Qt.Key.Key_Escape)
    assert place.window.screens.current == "machine", "Esc leads back to where one came from"
    place.window.close()


def test_a_call_is_made_and_followed_on_the_machine(qtbot: QtBot, busy: Store) -> None:
    place = Place(qtbot, busy, (1920, 1080), NOW)
    place.rest()
    place.tap("tile")
    place.tap("action call")
    place.tap("call-1")
    place.now_ms += 1_000
    qtbot.waitUntil(lambda: bool(open_calls(busy)), timeout=5000)
    place.look()
    [call] = open_calls(busy)
    assert (call.machine, call.what) == (COUNTING, "maintenance")
    button = place.find("call-1")
    assert button is not None
    assert "press: answered" in button.accessibleDescription()
    place.tap("actions-leave")
    action = place.find("action call")
    assert action is not None
    assert "1 open" in action.accessibleDescription()
    place.window.close()


def open_calls(store: Store) -> tuple[spoken.Call, ...]:
    return summaries.machine_day(store, COUNTING, NOW + 1_000).calls


def test_over_the_shift_before_only_what_can_still_be_said_of_it(qtbot: QtBot, busy: Store) -> None:
    place = Place(qtbot, busy, (1920, 1080), OVER)
    place.rest()
    place.tap("tile")
    machine = cast(MachinePage, page(place.window, "machine"))
    machine._step_shift(-1)
    place.look()
    shown = [button.shown.key for button in machine.action_row.buttons if button.isVisible() and button.shown]
    assert shown == ["reason", "rejects", "sheet"]
    place.tap("action rejects")
    work = cast(Work, page(place.window, "work"))
    chosen = [choice.text() or choice.accessibleName() for choice in work.scrap.moments if choice.isChecked()]
    assert chosen == ["Wed 19 Nov · Day"], "late rejects of that shift"
    place.window._back()
    place.window._back()
    place.look()
    place.tap("action reason")
    stops = cast(Stops, page(place.window, "stops"))
    assert stops.past_shift() is not None
    assert stop_of_it(place.window)
    place.window.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_two_taps_lead_to_the_stops_of_the_shift_before_and_to_all_shifts(
    qtbot: QtBot, busy: Store, size: tuple[int, int]
) -> None:
    place = Place(qtbot, busy, size, OVER)
    place.rest()
    place.tap("rail-stops")
    place.tap("stops-shift-before")
    for name in ("reason-1", "stops-shift-now"):
        widget = place.find(name)
        assert widget is not None
        assert place.can_be_pressed(widget)
    assert stop_of_it(place.window)
    place.rest()
    place.tap("rail-report")
    place.tap("all-shifts")
    assert place.find("shift-list") is not None
    place.window.close()


def test_of_an_older_shift_the_same_can_be_said() -> None:
    begun = (START - 48 * HOUR, START - 24 * HOUR)
    days = [replace(example.SHIFT, span=Span(at_ms, at_ms + 12 * HOUR)) for at_ms in begun]
    past = replace(example.DAY, window=days[0].span, looked_at=days[0], shifts=(None, days[1]))
    assert [face.key for face in deeds.actions(past)] == ["reason", "rejects", "sheet"]
    assert deeds.deed(past, "rejects").past == days[0]
    assert deeds.past_of(example.DAY) is None


def test_a_machine_that_never_stood_has_no_reason_to_give() -> None:
    [reason, *_rest] = deeds.actions(replace(example.DAY, stops=()))
    assert (reason.key, reason.ready, reason.hint) == ("reason", False, "No stop in this shift")
    [reason, *_rest] = deeds.actions(example.DAY)
    assert (reason.ready, reason.main) == (True, True)


@pytest.mark.parametrize("size", [(1366, 768), (1600, 900), (1920, 1080)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_help_and_an_earlier_shift_have_their_room(wide: Window, size: tuple[int, int]) -> None:  # noqa: F811
    wide.resize(*size)
    show(wide, "machine")
    row = cast(MachinePage, page(wide, "machine")).action_row
    kinds = ("maintenance", "material", "quality", "leader")
    calls = tuple(spoken.Call(n, 3, what, "김정호", example.NOW - n * HOUR) for n, what in enumerate(kinds, 1))
    wide.show_answer(replace(example.DAY, calls=calls))
    action = row.button("call")
    assert action is not None
    assert "4" in action.accessibleDescription()
    assert faults(wide) == []
    row.open_calls()
    QApplication.processEvents()
    assert [button.isVisible() for button in row.calls.buttons] == [True] * 4
    assert faults(wide) == []
    before = replace(example.SHIFT, span=Span(START - 12 * HOUR, START), pauses=())
    wide.show_answer(replace(example.DAY, window=before.span, looked_at=before, shifts=(None, example.SHIFT)))
    QApplication.processEvents()
    assert not row.calling, "nobody is called for help in an earlier shift"
    assert len([button for button in row.buttons if button.isVisible()]) == 3
    assert faults(wide) == []
