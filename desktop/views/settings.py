"""The settings of this window: words, colours, size of text; where the data lie; what Gadong is made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain.automatic import AutomaticNow
from desktop.domain.calendar import Shift
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.figures.line import LineNow
from desktop.text import N_, _
from desktop.views.automatic_report import AutomaticCard
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, TOP, Screen
from desktop.views.widgets.about_card import AboutCard
from desktop.views.widgets.folder_card import FolderCard
from desktop.views.widgets.look_card import LookCard
from desktop.views.widgets.painted import tell
from desktop.views.widgets.setting_row import WIDE_PX
from desktop.views.widgets.ways_card import Way, WaysCard
from desktop.views.window_settings import settings_of

_ABOUT_PX = 520
_TWO_ROWS = 1.1  # buttons that fill two rows leave so much of them empty
#: tables of the master data with their titles; that of people is taken from their own page. What a table is made of is
#: imported with the page of tables, not with this one
TABLES = (
    ("machines", N_("Machines")),
    ("products", N_("Products")),
    ("reasons", N_("Stop reasons")),
    ("scrap_reasons", N_("Scrap reasons")),
    ("stations", N_("Stations")),
    ("routes", N_("Routes")),
    ("orders", N_("Plan")),
    ("checks", N_("Checks")),
    ("gauges", N_("Gauges")),
    ("characteristics", N_("Characteristics")),
    ("limits", N_("Limits")),
    ("station_parts", N_("Parts of stations")),
)


class SettingsView(Struct, frozen=True):
    """What stands in the header, and how the automatic report stands."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    automatic: AutomaticNow


class Settings(Screen):
    """Settings and folder at the left, what Gadong is at the right."""

    setting_wanted = Signal(str, str)
    folder_wanted = Signal()
    report_wanted = Signal(object, object, str)  # what is wanted of the automatic report, what was seen, and words
    report_now_wanted = Signal()
    reports_wanted = Signal(str)  # the folder of the reports
    table_wanted = Signal(str)  # a kind of master data
    label_printer_wanted = Signal()

    def __init__(self, place: Callable[[], tuple[Path, int, QSize]], parent: QWidget | None = None) -> None:
        """`place` gives the data folder, the size of text in percent and the screen in pixels at 100 %."""
        super().__init__("settings", parent)
        self._place = place
        tell(self, _("Settings"))
        self.look = LookCard(self.page)
        self.ways = WaysCard(
            "ways",
            _("Shifts, people, history and labels"),
            "",
            (
                Way("calendar", _("Shifts and calendar"),
                    _("Shifts, breaks, holidays, overtime and planned stops, week by week."), "calendar"),
                Way("people", _("People"), _("Who works here, with crew, role, badge and PIN. All of it works without "
                                             "anybody set up, too."), "user"),
                Way("trail", _("Change history"), _("Who changed what, when, from what, to what and why: search it, "
                                                    "or give it to Excel."), "clock"),
                Way("labels", _("Label printer"), _("Port, language and size of the labels, and how numbers look."),
                    "print"),
            ),
            self.page,
        )  # fmt: skip
        self.ways.wanted.connect(self._way_wanted)
        self.tables = WaysCard(
            "tables",
            _("Master data"),
            _("Import from Excel, or export to it."),
            [Way(key, _(title)) for key, title in TABLES],
            self.page,
        )
        self.tables.wanted.connect(self.table_wanted)
        self.folder = FolderCard(self.page)
        self.automatic = AutomaticCard(self.page)
        self.automatic.wanted.connect(self.report_wanted)
        self.automatic.make.clicked.connect(self.report_now_wanted)
        self.automatic.folder_wanted.connect(self.reports_wanted)
        self.about = AboutCard(self.page)
        self.look.wanted.connect(self.setting_wanted)
        self.folder.open.clicked.connect(self.folder_wanted)
        self.about.folding.connect(self.arranged)

    def _way_wanted(self, key: str) -> None:
        if key == "labels":
            self.label_printer_wanted.emit()
        else:
            self.screen_wanted.emit(key)

    def opened(self) -> None:
        """Show what holds for the window now."""
        folder, text_percent, room = self._place()
        self.look.show_settings(settings_of(text_percent, room))
        self.folder.show_folder(folder)
        self.arranged()

    def question(self) -> Question:
        """The line at this moment, for the header, and the automatic report."""
        live = self.live

        def ask(store: Any, now_ms: int) -> SettingsView:
            line = live.line_now(store, now_ms)
            return SettingsView(line.head, now_ms, line.shift, line.collector, summaries.automatic_now(store))

        return ask

    def waiting_cards(self) -> list[QWidget]:
        """Nothing: all of it is known."""
        return []

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Only the automatic report depends on what is stored."""
        if isinstance(answer, SettingsView):
            self.automatic.show_automatic(answer.automatic, answer.head.timezone)
            self.arranged()
        elif not isinstance(answer, LineNow):
            raise TypeError(f"the settings show a SettingsView or a LineNow, not {type(answer).__name__}")

    def arrange(self, width: int, height: int) -> int:
        """What leads to pages of its own at the top; below it two columns of one height."""
        top = 12 if height < 800 else TOP
        room = width - 2 * MARGIN
        ways_px = self.ways.least_px()
        beside = 2 * (room - ways_px - GAP) >= self.tables.least_px() * _TWO_ROWS
        tables_px = room - ways_px - GAP if beside else room
        ways_high, tables_high = self.ways.place(ways_px if beside else room), self.tables.place(tables_px)
        x, y = (MARGIN + ways_px + GAP, top) if beside else (MARGIN, top + ways_high + GAP)
        if beside:
            ways_high = tables_high = max(ways_high, tables_high)
        self.ways.setGeometry(MARGIN, top, ways_px if beside else room, ways_high)
        self.tables.setGeometry(x, y, tables_px, tables_high)
        top = y + tables_high + GAP
        half = (room - GAP) // 2
        bottom = (self._halves if half >= WIDE_PX else self._beside_about)(top, room, half, height - TOP)
        return bottom + (TOP if bottom + TOP > height else 0)

    def _halves(self, top: int, room: int, half: int, foot: int) -> int:
        """Two halves: look, folder and versions at the left, the automatic report at the right."""
        self.about.fold(True)
        look_px = self.look.place(half)
        self.look.setGeometry(MARGIN, top, half, look_px)
        y = top + look_px + GAP
        folder_px = half - GAP - _ABOUT_PX
        automatic_px = self.automatic.place(room - half - GAP)
        high = max(self.folder.wanted_px(folder_px), self.about.least_px())
        bottom = max(y + high, top + automatic_px, foot)
        self.folder.setGeometry(MARGIN, y, folder_px, bottom - y)
        self.folder.place()
        self.about.setGeometry(MARGIN + folder_px + GAP, y, _ABOUT_PX, bottom - y)
        self.about.place()
        self.automatic.setGeometry(MARGIN + half + GAP, top, room - half - GAP, bottom - top)
        return bottom

    def _beside_about(self, top: int, room: int, _half: int, foot: int) -> int:
        """Settings at the left, versions with the text of a licence at the right."""
        self.about.fold(False)
        left_px = room - GAP - _ABOUT_PX
        y = top
        look_px = self.look.place(left_px)
        self.look.setGeometry(MARGIN, y, left_px, look_px)
        y += look_px + GAP
        automatic_px = self.automatic.place(left_px)
        self.automatic.setGeometry(MARGIN, y, left_px, automatic_px)
        y += automatic_px + GAP
        folder_px = self.folder.wanted_px(left_px)
        bottom = max(y + folder_px, top + self.about.least_px(), foot)
        self.folder.setGeometry(MARGIN, y, left_px, bottom - y)
        self.folder.place()
        about_px = self.about.whole_px(_ABOUT_PX, bottom - top)  # no empty frame under a short licence
        self.about.setGeometry(MARGIN + left_px + GAP, top, _ABOUT_PX, about_px)
        self.about.place()
        return bottom
