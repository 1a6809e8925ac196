"""What should have been made by when: cumulative, so that hours add up to the shift."""

from __future__ import annotations

from desktop.domain.calendar import Shift
from desktop.domain.spans import Span, subtract

_FORECAST_AFTER_MS = 600_000


def due(shift: Shift, standard_cycle_ms: float, at_ms: int) -> int:
    """Pieces due by a moment of the shift: net time passed / standard cycle, rounded once on the whole."""
    at_ms = min(max(at_ms, shift.span.start_ms), shift.span.end_ms)
    net_ms = sum(part.length_ms for part in subtract(Span(shift.span.start_ms, at_ms), shift.pause_spans))
    return int(net_ms / standard_cycle_ms + 0.5)


def forecast(good: int | None, shift: Shift | None, now_ms: int) -> int | None:
    """Good pieces at shift end at the shift's average pace; None before ten minutes of work."""
    if good is None or shift is None or now_ms >= shift.span.end_ms:
        return good
    passed = sum(
        p.length_ms for p in subtract(Span(shift.span.start_ms, max(now_ms, shift.span.start_ms)), shift.pause_spans)
    )
    whole = sum(p.length_ms for p in subtract(shift.span, shift.pause_spans))
    return None if passed < _FORECAST_AFTER_MS else round(good * whole / passed)
