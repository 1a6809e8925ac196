"""When a changeover begins and when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desktop.domain.events import Count, CountFlag, Role
from desktop.domain.intervals import Window
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span


def setup_window(
    changed: Window,
    counts: Iterable[Count],
    *,
    old_stroke_ms: float | None,
    new_stroke_ms: float | None,
    approved_ms: int | None = None,
    known_until_ms: int,
    rules: RuleSet = TPM,
) -> Window:
    """The time of one changeover.

    `changed` begins with the changeover scan (or the machine's set-up mode) and ends with the next one or with the
    order. The window starts at the later of that and the last piece of the old product plus one stroke. It ends when
    the first piece is approved (초물 합격), else where the first of several good pieces in a row, each within a little
    more than one stroke, began; a changeover without either goes on. `counts` are those of the machine.
    """
    counts, begun = list(counts), changed.span
    last_ms = max((c.at_ms for c in counts if c.pieces and c.at_ms <= begun.start_ms), default=None)
    start_ms = max(begun.start_ms, begun.start_ms if last_ms is None else last_ms + round(old_stroke_ms or 0))
    end_ms = min(begun.end_ms, known_until_ms)
    if approved_ms is not None and approved_ms >= start_ms:
        end_ms = min(end_ms, approved_ms)
    else:
        end_ms = min(end_ms, _running_again_ms(counts, start_ms, new_stroke_ms, rules) or end_ms)
    return Window(Span(min(start_ms, end_ms), end_ms), changed.event)


def _running_again_ms(counts: Sequence[Count], start_ms: int, stroke_ms: float | None, rules: RuleSet) -> int | None:
    """Where the first of so many good pieces in a row began, None where there were none yet."""
    if stroke_ms is None:
        return None
    row: list[int] = []
    before_ms: int | None = None
    coming = (count for count in counts if count.at_ms > start_ms and count.pieces)
    for count in sorted(coming, key=lambda count: (count.at_ms, count.id)):
        good = count.role is not Role.REJECT and count.flag is not CountFlag.GAP
        near = before_ms is None or count.at_ms - before_ms <= rules.setup_within_ratio * stroke_ms * count.pieces
        if not good:
            row = []
        elif near:
            row += [count.at_ms - round(stroke_ms * left) for left in range(count.pieces, 0, -1)]
        else:
            row = [count.at_ms - round(stroke_ms)]
        before_ms = count.at_ms
        if len(row) >= rules.setup_good_pieces:
            return max(start_ms, row[0])
    return None
