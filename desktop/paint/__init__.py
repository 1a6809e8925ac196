"""Gauge, timeline, bars and shapes drawn with QPainter: the same functions for the window and the PDF.

They know shapes and colours, no widgets and no machines. Sizes are logical pixels of the painter, so a
page of any resolution is reached by scaling the painter. Ratios are 0 to 1. Every text goes through
`text`, which can be recorded (`recording`), so that tests measure each one against its box.
"""

from __future__ import annotations

from desktop.paint.bars import hour_bars, hour_table
from desktop.paint.dial import gauge
from desktop.paint.lettering import (
    CENTER,
    LEFT,
    RIGHT,
    broken,
    cut,
    fits_named,
    font,
    heading,
    load_fonts,
    named,
    paragraph,
    recording,
    text,
    width,
)
from desktop.paint.losses import pareto, shown_steps, waterfall
from desktop.paint.shapes import state_shape
from desktop.paint.strip import hand_mark, interval_look, short_stops, span_block, swatch, time_axis, timeline, x_of
from desktop.paint.strokes import box, color, hatch, line, outline

__all__ = [
    "CENTER", "LEFT", "RIGHT", "box", "broken", "color", "cut", "fits_named", "font", "gauge", "hand_mark", "hatch",
    "heading", "hour_bars", "hour_table", "interval_look", "line", "load_fonts", "named", "outline", "paragraph",
    "pareto", "recording", "short_stops", "shown_steps", "span_block", "state_shape", "swatch", "text", "time_axis",
    "timeline", "waterfall", "width", "x_of",
]  # fmt: skip
