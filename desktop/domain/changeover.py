"""When a changeover begins and when it is over."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from desktop.domain.events import Count, CountFlag, Role
from desktop.domain.intervals import Stroke, Window
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span


def setup_window(
    changed: Window,
    counts: Iterable[Count],
    *,
    old_stroke_ms: float | None,
    new_strokes: Sequence[Stroke],
    approved_ms: int | None = None,
    known_until_ms: int,
    rules: RuleSet = TPM,
) -> Window:
    """The time of one changeover.

    `changed` begins with the changeover scan (or the machine's set-up mode) and ends with the next one or with the
    order. The window starts at the later of that and the last piece of the old product plus one stroke. It ends when
    the first piece is approved (초물 합격), else where the first of several good pieces in a row, each within a little
    more than one stroke, began; a changeover without either goes on. `counts` are those of the machine. Which stroke
    is meant is what was known when the row began (`new_strokes`, from each moment on, in order): an order that begins
    later tells nothing of the pieces before it.
    """
    counts, begun = list(counts), changed.span
    last_ms = max((c.at_ms for c in counts if c.pieces and c.at_ms <= begun.start_ms), default=None)
    start_ms = max(begun.start_ms, begun.start_ms if last_ms is None else last_ms + round(old_stroke_ms or 0))
    end_ms = min(begun.end_ms, known_until_ms)
    if approved_ms is not None and approved_ms >= start_ms:
        end_ms = min(end_ms, approved_ms)
    else:
        end_ms = min(end_ms, _running_again_ms(counts, start_ms, new_strokes, rules) or end_ms)
    return Window(Span(min(start_ms, end_ms), end_ms), changed.event)


def _running_again_ms(counts: Sequence[Count], start_ms: int, strokes: Sequence[Stroke], rules: RuleSet) -> int | None:
    """Where the first of so many good pieces in a row began, None where there were none yet."""
    row: list[int] = []
    stroke_ms: float | None = None  # of what the row is
    before_ms: int | None = None
    coming = (count for count in counts if count.at_ms > start_ms and count.pieces)
    for count in sorted(coming, key=lambda count: (count.at_ms, count.id)):
        good = count.role is not Role.REJECT and count.flag is not CountFlag.GAP
        if not row:
            stroke_ms = _stroke_at(strokes, count.at_ms)
        if not good or stroke_ms is None:
            row = []
        elif _is_near(count, before_ms, stroke_ms, rules):
            row += [count.at_ms - round(stroke_ms * left) for left in range(count.pieces, 0, -1)]
        else:
            stroke_ms = _stroke_at(strokes, count.at_ms)
            row = [] if stroke_ms is None else [count.at_ms - round(stroke_ms)]
        before_ms = count.at_ms
        if len(row) >= rules.setup_good_pieces:
            return max(start_ms, row[0])
    return None


def _is_near(count: Count, before_ms: int | None, stroke_ms: float, rules: RuleSet) -> bool:
    return before_ms is None or count.at_ms - before_ms <= rules.setup_within_ratio * stroke_ms * count.pieces


def _stroke_at(strokes: Sequence[Stroke], at_ms: int) -> float | None:
    place = bisect_right(strokes, at_ms, key=lambda stroke: stroke.since_ms)
    return strokes[place - 1].stroke_ms if place else None
