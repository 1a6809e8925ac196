"""Where things go on the A4 page: pure arithmetic, so that nothing can overlap and nothing runs off the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from desktop.domain.spans import Span
from desktop.reports.blocks import Run
from desktop.reports.cells import local, visible
from desktop.wording.moments import clock

Measure = Callable[[str, bool], float]  # (words, strong) -> how wide they are

# A figure stays with the word after it: "95 min" is never broken, nor is what a no-break space joins.
_WORD = re.compile(r"(?:[\d.,:−+]*\d )?[^ ]+ *| +")
NO_BREAK = "\N{NO-BREAK SPACE}"


class Band(Struct, frozen=True):
    """A strip over the whole width of the page. Heights in page pixels: `least` <= `wanted` <= `most`."""

    least: float
    wanted: float
    most: float


class Place(Struct, frozen=True):
    """Where a band lies."""

    top: float
    height: float


def spread(bands: Sequence[Band], top: float, bottom: float, gap: float) -> tuple[tuple[Place, ...], float]:
    """Places from `top` to `bottom` with at least `gap` between them, and the scale to draw them at.

    Bands get their wanted height; what is missing is taken from all by how much each can give, what is left
    over goes to all by how much each can take. The scale is below 1 only where even the least heights do not
    fit: everything is then laid out on a page that is larger by that factor.
    """
    if not bands:
        return (), 1.0
    gaps = gap * (len(bands) - 1)
    least = sum(band.least for band in bands) + gaps
    scale = min(1.0, (bottom - top) / least)
    room = (bottom - top) / scale - gaps
    wanted = sum(band.wanted for band in bands)
    if room < wanted:
        give = wanted - sum(band.least for band in bands)
        part = (wanted - room) / give if give else 0.0
        heights = [band.wanted - part * (band.wanted - band.least) for band in bands]
    else:
        take = sum(band.most for band in bands) - wanted
        part = min((room - wanted) / take, 1.0) if take else 0.0
        heights = [band.wanted + part * (band.most - band.wanted) for band in bands]
    places, y = [], top / scale
    for height in heights:
        places.append(Place(y, height))
        y += height + gap
    return tuple(places), scale


def columns(wanted: Sequence[float], width: float, first_least: float) -> list[float]:
    """Widths of a table's columns over `width`: the first is text and takes what the others leave.

    Figures keep the width that they need, and share half of what is left over. The first column shrinks to
    `first_least` at most.
    """
    rest = width - sum(wanted)
    if rest < 0:
        return [max(wanted[0] + rest, first_least), *wanted[1:]]
    share = rest / max(len(wanted) - 1, 1) * 0.85 if len(wanted) > 1 else 0.0
    return [width - sum(wanted[1:]) - share * (len(wanted) - 1), *(one + share for one in wanted[1:])]


def broken(runs: Sequence[Run], width: float, measure: Measure) -> list[list[Run]]:
    """Runs as lines no wider than `width`: broken at spaces, inside a word only where it alone is too wide.

    No line ends in a space; no-break spaces come out as plain ones.
    """
    lines: list[list[Run]] = [[]]
    x = 0.0
    for run in runs:
        for word in _WORD.findall(visible(run.text)):
            for piece in _pieces(word, width, run.strong, measure):
                if x and x + measure(piece.rstrip(), run.strong) > width:
                    lines.append([])
                    x = 0.0
                last = lines[-1][-1] if lines[-1] else None
                if last and last.strong == run.strong:
                    lines[-1][-1] = Run(last.text + piece, run.strong)
                else:
                    lines[-1].append(Run(piece, run.strong))
                x += measure(piece, run.strong)
    for line in lines:
        if line:
            line[-1] = Run(line[-1].text.rstrip(), line[-1].strong)
    return [[Run(run.text.replace(NO_BREAK, " "), run.strong) for run in line] for line in lines]


def _pieces(word: str, width: float, strong: bool, measure: Measure) -> list[str]:
    """The word itself, or as many parts as make each fit."""
    if measure(word.rstrip(), strong) <= width:
        return [word]
    parts = [""]
    for sign in word:
        if parts[-1] and measure(parts[-1] + sign, strong) > width:
            parts.append("")
        parts[-1] += sign
    return parts


def marks(window: Span, timezone: str, width: float) -> list[tuple[int, str]]:
    """Moments to write under a strip: as many round ones of local time as have room, 64 pixels each."""
    minute_ms = 60_000
    most = max(int(width / 64), 1)
    rounds = (5, 10, 15, 30, 60, 120, 180, 240, 360, 720)
    step = next((one for one in rounds if window.length_ms / (one * minute_ms) <= most), 1440) * minute_ms
    offset = local(window.start_ms, timezone).utcoffset()
    ahead_ms = round(offset.total_seconds() * 1000) if offset else 0
    first = -(-(window.start_ms + ahead_ms) // step) * step - ahead_ms
    return [(at_ms, clock(at_ms, timezone)) for at_ms in range(first, window.end_ms + 1, step)]
