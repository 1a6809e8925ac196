"""The Overview: which machine needs somebody now, and how the shift goes."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QWidget

from desktop.domain.figures.line import LineNow, MachineNow
from desktop.domain.intervals import Category
from desktop.domain.kpi import Kpis
from desktop.text import _
from desktop.views.background import Question
from desktop.views.explained import ExplainedScreen
from desktop.views.screen import GAP, MARGIN, TOP
from desktop.views.widgets.cards import (
    SEEN_PX,
    DevicesCard,
    ForecastCard,
    NeedCard,
    NoMachineCard,
    SeenBar,
    SeenCard,
    StopsCard,
    devices_face,
    forecast_face,
)
from desktop.views.widgets.hour_strip import HourStrip, hours_face
from desktop.views.widgets.line_card import LineCard, line_face
from desktop.views.widgets.painted import tell
from desktop.views.widgets.rows import SeenFace, need_face, stop_face
from desktop.views.widgets.tile import LEAST_PX, Tile, face
from desktop.wording.alarms import seen_words
from desktop.wording.moments import clock
from desktop.wording.states import extra_words

if TYPE_CHECKING:
    from desktop.views.widgets.evidence import EvidenceFace

KPI_S = 1.0  # figures change once a second at most; states and counts at once
HEAD_PX = 134
FULL_PX = 250
LEAST_FULL_PX = 212
FLAT_PX = 164
STRIP_PX = 256
LOW_STRIP_PX = 232  # where a banner takes the room
SOME_STRIP_PX = 44  # its title: so much of it is worth flatter tiles on a page that scrolls
ROOMY_STRIP_PX = 440
LARGEST_PX = 320
VAST_PX = 1300  # a page so much higher (3840 x 2160 at 100 %) gives its room to the machines
MANY = 12  # more machines get narrower tiles, so that all of them are in sight
MOST_COLUMNS = 4
RIGHT_PX = 428
LEAST_NEEDS_PX = 214  # two machines
LEAST_STOPS_PX = 154  # two stops
DEVICES_PX = 122
FORECAST_PX = 178


class Overview(ExplainedScreen):
    """Tiles in line order, the line's OEE above, the hours below, and at the right what needs attention.

    `unacknowledged` carries the number of an acknowledgement that is to be taken back, `reason_wanted` the machine and
    the start of a stop of which somebody wants to say why.
    """

    unacknowledged = Signal(int)
    reason_wanted = Signal(int, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("overview", parent)
        tell(self, _("Overview"))
        self.line_card = LineCard("line-card", self.page)
        self.tiles: list[Tile] = []
        self.no_machine = NoMachineCard(self.page)
        self.hours = HourStrip("hours", self.page)
        self.needs = NeedCard(self.page)
        self.seen_bar = SeenBar(self.page)
        self.seen = SeenCard(self.page)
        self.open_stops = StopsCard(self.page)
        self.devices = DevicesCard(self.page)
        self.forecast = ForecastCard(self.page)
        self.needs.opened.connect(self.machine_wanted)
        self.open_stops.begun.connect(self.reason_wanted)
        self.devices.clicked.connect(self._devices_pressed)
        self.seen_bar.toggled.connect(self.arranged)
        self.seen.taken_back.connect(self.unacknowledged)
        self.line_card.asked.connect(self.explain)
        self._line: LineNow | None = None
        self._kpis_at = -math.inf
        self._kpis: dict[int, Kpis | None] = {}
        self._was_stale = False

    def question(self) -> Question:
        """The line at this moment, with what its figures are made of where one is asked."""
        live, explained = self.live, bool(self.figure)

        def ask(store: Any, now_ms: int) -> LineNow:
            return live.line_now(store, now_ms, explained=explained)

        return ask

    def explained(self, key: str) -> EvidenceFace | None:
        """What a figure of the line is made of."""
        from desktop.views.widgets.derived import of_line

        return of_line(self._line, key) if self._line else None

    def column(self) -> QWidget:
        """The panel covers what needs attention."""
        return self.needs

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the line."""
        if not isinstance(answer, LineNow):
            raise TypeError(f"the Overview shows a LineNow, not {type(answer).__name__}")
        stale = stale_since_ms is not None
        asked = bool(self.figure) and not self.explaining  # the panel and the card say the same
        figures_due = time.monotonic() - self._kpis_at >= KPI_S or stale != self._was_stale or asked
        self._was_stale = stale
        before = self._wanted()
        self._show_machines(answer, stale_since_ms, figures_due)
        self._show_lists(answer)
        self.devices.show_devices(devices_face(answer.devices, answer.now_ms, stale))
        if figures_due:
            self._kpis_at = time.monotonic()
            self._show_figures(answer, stale_since_ms)
            self._line = answer
            self.show_explained()
        if before != self._wanted():
            self.arranged()

    def _wanted(self) -> tuple[int, ...]:
        """What the places of all cards follow from."""
        shown = sum(1 for tile in self.tiles if not tile.isHidden())
        return self.needs.wanted_px(), self.open_stops.wanted_px(), self.seen.wanted_px(), shown

    def _show_machines(self, line: LineNow, stale_since_ms: int | None, figures_due: bool) -> None:
        while len(self.tiles) < len(line.machines):
            tile = Tile(f"tile-{len(self.tiles) + 1}", self.page)
            tile.clicked.connect(self._tile_pressed)
            tile.reason_pressed.connect(self._reason_pressed)
            self.tiles.append(tile)
        pauses = line.shift.pauses if line.shift else ()
        faces = {}
        for index, tile in enumerate(self.tiles):
            tile.setVisible(index < len(line.machines))
            if index < len(line.machines):
                machine = line.machines[index]
                shown = face(
                    machine, line.now_ms, line.head.timezone, stale_since_ms=stale_since_ms, pauses=pauses,
                    kpis=self._held(machine, figures_due), oee_target=line.oee_target,
                )  # fmt: skip
                faces[machine.id] = (shown, machine.since_ms)
                tile.show_machine(shown)
        ranked = sorted(
            (pair for pair in faces.values() if pair[0].rank is not None), key=lambda pair: pair[0].rank or 0
        )
        needs = [need_face(shown, since, line.head.timezone) for shown, since in ranked]
        self.needs.show_needs(needs, known=stale_since_ms is None)

    def _held(self, machine: MachineNow, figures_due: bool) -> Kpis | None:
        if figures_due or machine.id not in self._kpis:
            self._kpis[machine.id] = machine.kpis
        return self._kpis[machine.id]

    def _show_lists(self, line: LineNow) -> None:
        stops = [stop_face(row, line.head.timezone, by_machine=True) for row in line.open_stops]
        self.open_stops.show_stops(stops, sum(row.length_ms for row in line.open_stops))
        self.seen.show_seen([SeenFace(one.id, *seen_words(one, line.head.timezone)) for one in line.seen])
        self.seen_bar.show_count(len(line.seen))
        if not line.seen:
            self.seen_bar.setChecked(False)

    def _show_figures(self, line: LineNow, stale_since_ms: int | None) -> None:
        timezone = line.head.timezone
        early = next((m.oee_known_from_ms for m in line.machines if m.oee_known_from_ms is not None), None)
        note = _("from {clock}").format(clock=clock(early, timezone)) if early else ""
        stale = stale_since_ms is not None
        exit_machine = line.machines[-1] if line.machines else None
        off = exit_machine is not None and exit_machine.category is Category.UNSCHEDULED
        if off and exit_machine is not None:
            note = extra_words(exit_machine.good)
        since = clock(stale_since_ms, timezone) if stale else ""
        self.line_card.show_line(line_face(None if off else line.line, timezone, note, since, line.oee_target))
        pauses = line.shift.pauses if line.shift else ()
        words = _("Line · good")  # counted at the line's exit
        self.hours.show_hours(hours_face(words, line.hours, line.now_ms, timezone, pauses, stale))
        self.forecast.show_forecast(forecast_face(line))

    def show_scan(self, machine: int, words: str, *, well: bool) -> None:
        """Tell on a machine's tile what a scan there came to."""
        from desktop.views.widgets.scan_note import over  # nobody has scanned before

        for tile in self.tiles:
            if tile.shown is not None and tile.shown.machine == machine and not tile.isHidden():
                over(tile, f"{tile.objectName()}-scan", 17).show_answer(words, well=well)

    def _tile_pressed(self) -> None:
        tile = self.sender()
        if isinstance(tile, Tile) and tile.shown is not None:
            self.machine_wanted.emit(tile.shown.machine)

    def _reason_pressed(self) -> None:
        tile = self.sender()
        if isinstance(tile, Tile) and tile.shown is not None:
            self.reason_wanted.emit(tile.shown.machine, tile.shown.since_ms)

    def _devices_pressed(self) -> None:
        self.screen_wanted.emit("devices")

    def arrange(self, width: int, height: int) -> int:
        """Two columns; where the window is low, flatter tiles keep every machine in sight and the rest scrolls."""
        narrow = width - 2 * MARGIN - RIGHT_PX - 24 < 4 * 300 + 3 * GAP  # four full tiles have no room
        right_px = 360 if narrow else RIGHT_PX
        gap = GAP if narrow else 24
        top = 12 if height < 800 else TOP
        left_px = width - 2 * MARGIN - right_px - gap
        right_x = MARGIN + left_px + gap
        self.line_card.setGeometry(MARGIN, top, left_px, HEAD_PX if not narrow else 128)
        y = top + self.line_card.height() + (GAP if height >= 800 else 12)
        y = self._arrange_tiles(QRect(MARGIN, y, left_px, height - y), narrow)
        rest = height - TOP - y
        strip_px = rest if rest >= LOW_STRIP_PX else STRIP_PX
        self.hours.setGeometry(MARGIN, y, left_px, strip_px)
        bottom = y + strip_px
        scrolls = bottom + TOP > height
        lowest = self._arrange_right(QRect(right_x, top, right_px, bottom - top), scrolls)
        return max(bottom, lowest) + (TOP if scrolls else 0)

    def _arrange_tiles(self, area: QRect, narrow: bool) -> int:
        """Place the tiles in equal columns and return where the next thing begins."""
        shown = [tile for tile in self.tiles if not tile.isHidden()]
        self.no_machine.setVisible(not shown)
        many = len(shown) > MANY
        fitting = max((area.width() + GAP) // ((250 if narrow else 240 if many else 300) + GAP), 1)
        vast = area.height() >= VAST_PX
        if vast:
            fitting = min(fitting, MOST_COLUMNS if len(shown) <= 2 * MOST_COLUMNS else MOST_COLUMNS + 2)
        rows = max(math.ceil(len(shown) / fitting), 1)
        columns = max(math.ceil(len(shown) / rows), min(fitting, MOST_COLUMNS if len(shown) > 3 else 3))
        tile_px = (area.width() - GAP * (columns - 1)) // columns
        largest = round(tile_px * FULL_PX / 319) if vast else LARGEST_PX
        height, gap = _tile_height(area.height(), rows, FLAT_PX if narrow else LEAST_FULL_PX, largest)
        for index, tile in enumerate(shown):
            row, column = divmod(index, columns)
            tile.setGeometry(area.left() + column * (tile_px + GAP), area.top() + row * (height + gap), tile_px, height)
        self.no_machine.setGeometry(area.left(), area.top(), area.width(), height)
        return area.top() + rows * (height + gap) + (GAP - gap)

    def _arrange_right(self, area: QRect, scrolls: bool) -> int:
        """Needs take what is left, on a page that scrolls what they want. Returns the lowest edge."""
        listed = self.seen_bar.isChecked()
        seen: list[tuple[QWidget, int]] = [(self.seen_bar, SEEN_PX)] if self.seen.count else []
        seen += [(self.seen, self.seen.wanted_px())] if listed else []
        self.seen_bar.setVisible(bool(seen))
        self.seen.setVisible(listed)
        fixed: list[tuple[QWidget, int]] = [(self.devices, DEVICES_PX), (self.forecast, FORECAST_PX)]
        fixed_px = GAP + sum(height + GAP for _widget, height in (*seen, *fixed))
        stops_px = self.open_stops.wanted_px()
        needs_least = min(self.needs.wanted_px(), LEAST_NEEDS_PX)
        if not scrolls:
            stops_px = max(min(stops_px, area.height() - fixed_px - needs_least), min(stops_px, LEAST_STOPS_PX))
        needs_px = max(area.height() - stops_px - fixed_px, needs_least)
        if scrolls:
            needs_px = self.needs.wanted_px()
        y = area.top()
        for widget, height in ((self.needs, needs_px), *seen, (self.open_stops, stops_px), *fixed):
            widget.setGeometry(area.left(), y, area.width(), height)
            y += height + GAP
        return y - GAP


def _tile_height(room: int, rows: int, least: int, largest: int) -> tuple[int, int]:
    """Height and gap of the tiles: the hours stay in sight as long as there is room for them, every machine always."""
    spare = room - rows * (FULL_PX + GAP) - TOP
    if spare > ROOMY_STRIP_PX:
        return min((room - TOP - ROOMY_STRIP_PX) // rows - GAP, largest), GAP
    for gap, strip_px, lowest in ((GAP, STRIP_PX, least), (12, STRIP_PX, least), (12, LOW_STRIP_PX, LEAST_PX)):
        height = (room - strip_px - TOP - GAP) // rows - gap
        if height >= lowest:
            return min(height, FULL_PX), gap
    if room - rows * (LEAST_PX + 12) >= SOME_STRIP_PX:
        return LEAST_PX, 12
    flat = room // rows - 12
    if flat >= FULL_PX:
        return FULL_PX, GAP
    return flat if flat >= LEAST_PX else FLAT_PX, 12  # where not even that is enough the page scrolls
