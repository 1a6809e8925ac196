"""Tiles of people and machines: who is here, who is where, and which machine nobody is at."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.crew import CrewMachine, CrewNow, CrewPerson
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.list_card import fitting
from desktop.views.widgets.painted import Painted, Pressable, card, card_head, tell
from desktop.views.widgets.titled_card import HEAD_PX
from desktop.wording.moments import clock, crew_word
from desktop.wording.numbers import UNKNOWN

TILE_PX, LEAST_TILE_PX = 88, 240
_GAP_PX = 12
_PAD_PX = 16
_SHORT_CREW_PX = 48  # so short a crew is never cut


class TileFace(Struct, frozen=True):
    """A person or a machine. `sign`: the icon before the name; `strong`: it is here, or manned; `missing`: nobody is
    at it (결원); `chosen`: the next tap on the other side belongs to it. A person has a crew instead of a code, which
    gives way to the name."""

    id: int
    name: str
    code: str
    note: str
    sign: str
    strong: bool
    missing: bool = False
    chosen: bool = False
    crew: str = ""


def person_face(person: CrewPerson, now: CrewNow, chosen: int | None) -> TileFace:
    """The tile of a person: since when here, and where."""
    zone = now.head.timezone
    names = {machine.id: machine.name for machine in now.machines}
    where = ", ".join(names[machine] for machine in person.machines if machine in names)
    if person.from_ms is None:
        note = _("not here")
    elif person.to_ms is not None:
        note = _("left at {clock}").format(clock=clock(person.to_ms, zone))
    elif person.from_ms > now.now_ms:
        note = _("here from {clock}").format(clock=clock(person.from_ms, zone))
    else:
        note = where or _("since {clock}").format(clock=clock(person.from_ms, zone))
    sign = "check" if person.here else "user"
    return TileFace(
        person.id, person.name, "", note, sign, person.here, chosen=person.id == chosen, crew=crew_word(person.crew)
    )


def machine_face(machine: CrewMachine, now: CrewNow, chosen: int | None) -> TileFace:
    """The tile of a machine: who is at it."""
    names = {person.id: person.name for person in now.people}
    there = ", ".join(names[person] for person in machine.people if person in names)
    note = there or (_("unattended") if machine.unattended else _("Vacant") if now.people else UNKNOWN)
    sign = "user" if there else "machine" if machine.unattended or not now.people else ""
    missing = machine.vacant and any(person.here for person in now.people)  # before the first one came nobody is
    return TileFace(
        machine.id, machine.name, machine.code, note, sign, bool(there), missing, machine.id == chosen
    )  # fmt: skip


def _crew_beside(shown: TileFace, room: float) -> str:
    """As much of the crew as the name beside it leaves room for."""
    crew_px = room - paint.width(shown.name, 15, True) - 8
    whole = paint.width(shown.crew, 15) <= max(crew_px, _SHORT_CREW_PX)
    return shown.crew if whole else paint.cut(shown.crew, 15, crew_px)


class Tile(Pressable):
    """Name, code and a note; a thick edge where somebody is missing, an accent edge where it is chosen."""

    @property
    def shown(self) -> TileFace | None:
        """What the tile shows now."""
        return self._face if isinstance(self._face, TileFace) else None

    def show_tile(self, shown: TileFace) -> None:
        """Show a person or a machine."""
        if self.set_face(shown):
            said = [shown.note, *([_("chosen")] if shown.chosen else [])]
            tell(self, f"{shown.name} {shown.code or shown.crew}".strip(), ", ".join(said))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, sign, words."""
        if (shown := self.shown) is None:
            return
        hover = self.underMouse()
        ground = tokens.accent_soft if shown.chosen or hover else tokens.panel if shown.strong else tokens.panel2
        edge = tokens.accent if shown.chosen else tokens.ink if shown.missing else tokens.line_strong
        pen = 3 if shown.chosen else 2 if shown.missing else 1
        paint.box(painter, rect.adjusted(1, 1, -1, -1), ground, edge, radius=8, pen=pen)
        middle = rect.center().y()
        left = rect.left() + 16
        if shown.sign:
            ink = tokens.accent if shown.sign == "check" else tokens.ink2
            theme.icon(painter, QRectF(left, middle - 14, 28, 28), shown.sign, ink)
        else:  # a machine without anybody
            theme.icon(painter, QRectF(left, middle - 14, 28, 28), "user", tokens.ink3)
            paint.line(painter, left + 3, middle + 12, left + 25, middle - 12, tokens.ink, 2.5)
        low = rect.height() < TILE_PX
        room = QRectF(left + 40, middle - (28 if low else 31), rect.right() - 12 - left - 40, 30)
        inks = (tokens.ink if shown.strong or shown.missing else tokens.ink2, tokens.ink2)
        code = shown.code or _crew_beside(shown, room.width())
        paint.named(painter, room, shown.name, code, 20, inks, code_px=15, least_px=15)
        below = QRectF(room.left(), middle + (0 if low else 2), room.width(), 26)
        ink = tokens.ink if shown.missing else tokens.ink2
        paint.text(painter, below, fitting(shown.note, below.width()), 16, ink, bold=shown.missing, least_px=14)


class TileCard(Painted):
    """A card with as many columns of tiles as it has room for. `picked` carries the id of a tile."""

    picked = Signal(int)

    def __init__(self, name: str, title: str, parent: QWidget | None = None, *, tile_px: int = TILE_PX) -> None:
        super().__init__(name, parent)
        self.title = title
        self._tile_px = tile_px
        self.tiles: list[Tile] = []
        self.count = 0

    def show_tiles(self, faces: Sequence[TileFace], note: str, empty: str) -> bool:
        """Show tiles; returns whether there are more or fewer than before, so that places change."""
        while len(self.tiles) < len(faces):
            tile = Tile(f"{self.objectName()}-{len(self.tiles) + 1}", self)
            tile.clicked.connect(self._pressed)
            self.tiles.append(tile)
        for place, tile in enumerate(self.tiles):
            tile.setVisible(place < len(faces))
            if place < len(faces):
                tile.show_tile(faces[place])
        changed, self.count = self.count != len(faces), len(faces)
        self.set_face((note, "" if faces else empty))
        tell(self, self.title, note if faces else empty)
        return changed

    def place(self, width: int) -> int:
        """Place the tiles for a width; returns the height of the card."""
        room = width - 2 * _PAD_PX
        columns = max((room + _GAP_PX) // (LEAST_TILE_PX + _GAP_PX), 1)
        wide = (room - _GAP_PX * (columns - 1)) // columns
        for place, tile in enumerate(self.tiles[: self.count]):
            x = _PAD_PX + place % columns * (wide + _GAP_PX)
            tile.setGeometry(x, HEAD_PX + place // columns * (self._tile_px + _GAP_PX), wide, self._tile_px)
        rows = -(-self.count // columns)
        return HEAD_PX + max(rows * (self._tile_px + _GAP_PX), 76) + 4

    def _pressed(self) -> None:
        tile = self.sender()
        if isinstance(tile, Tile) and tile.shown is not None:
            self.picked.emit(tile.shown.id)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, title, or why there is nothing."""
        card(painter, rect, tokens)
        note, empty = self._face if isinstance(self._face, tuple) else ("", "")
        card_head(painter, rect, tokens, self.title, note)
        if empty:
            room = QRectF(rect.left() + 20, rect.top() + HEAD_PX, rect.width() - 40, 56)
            paint.paragraph(painter, room, empty, 17, tokens.ink2, most=2)
