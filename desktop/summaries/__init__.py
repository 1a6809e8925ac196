"""The one place where figures are put together: gauge, report cell and command line ask here and agree.

Every question reads one store in short questions and returns frozen values of `desktop.domain.figures`. Nothing here
knows how a figure looks.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from desktop.summaries.frame import STALE_MS, collector_now, find_shift, frame
from desktop.summaries.now import Live, line_now, machine_day

if TYPE_CHECKING:
    from desktop.summaries.losses import loss_period
    from desktop.summaries.orders import work_now
    from desktop.summaries.report import shift_events, shift_report
    from desktop.summaries.shifts import begun_ms, shift_figures
    from desktop.summaries.stops import stops_now
    from desktop.summaries.tracing import trace_code
    from desktop.summaries.trends import trend

#: questions about the past -> their module, read when one is first asked: the window's first picture needs none
_PAST = {
    "begun_ms": "shifts",
    "loss_period": "losses",
    "shift_events": "report",
    "shift_figures": "shifts",
    "shift_report": "report",
    "stops_now": "stops",
    "trace_code": "tracing",
    "trend": "trends",
    "work_now": "orders",
}

__all__ = [
    "STALE_MS",
    "Live",
    "begun_ms",
    "collector_now",
    "find_shift",
    "frame",
    "line_now",
    "loss_period",
    "machine_day",
    "shift_events",
    "shift_figures",
    "shift_report",
    "stops_now",
    "trace_code",
    "trend",
    "work_now",
]


def __getattr__(name: str) -> Any:
    if name not in _PAST:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PAST[name]}"), name)
