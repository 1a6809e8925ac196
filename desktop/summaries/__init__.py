"""The one place where figures are put together: gauge, report cell and command line ask here and agree.

Every question reads one store in short questions and returns frozen values of `desktop.domain.figures`. Nothing here
knows how a figure looks.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from desktop.summaries.frame import STALE_MS, collector_now, find_shift, frame
from desktop.summaries.now import Live, line_now, machine_day

if TYPE_CHECKING:
    from desktop.summaries.asking_shifts import open_shifts
    from desktop.summaries.automatic import automatic_now
    from desktop.summaries.checks import checks_now
    from desktop.summaries.crew import arrival, crew_now, man_hours
    from desktop.summaries.handover import handing
    from desktop.summaries.holds import holds_now
    from desktop.summaries.labels import labels_now
    from desktop.summaries.losses import loss_period
    from desktop.summaries.measuring import measuring_now
    from desktop.summaries.orders import work_now
    from desktop.summaries.people import people_view
    from desktop.summaries.report import shift_events, shift_report
    from desktop.summaries.scans import scans_answered
    from desktop.summaries.shifts import begun_ms, shift_figures
    from desktop.summaries.shop_calendar import calendar_week
    from desktop.summaries.stops import stops_now
    from desktop.summaries.trace.history import trace_code
    from desktop.summaries.trace.lists import made_before, recall, units_of
    from desktop.summaries.trends import trend
    from desktop.summaries.weekly import week_report

#: questions about the past -> their module, read when one is first asked: the window's first picture needs none
_PAST = {
    "arrival": "crew",
    "automatic_now": "automatic",
    "begun_ms": "shifts",
    "calendar_week": "shop_calendar",
    "checks_now": "checks",
    "crew_now": "crew",
    "handing": "handover",
    "holds_now": "holds",
    "labels_now": "labels",
    "loss_period": "losses",
    "man_hours": "crew",
    "measuring_now": "measuring",
    "people_view": "people",
    "scans_answered": "scans",
    "shift_events": "report",
    "shift_figures": "shifts",
    "shift_report": "report",
    "open_shifts": "asking_shifts",
    "stops_now": "stops",
    "made_before": "trace.lists",
    "recall": "trace.lists",
    "trace_code": "trace.history",
    "units_of": "trace.lists",
    "trend": "trends",
    "work_now": "orders",
    "week_report": "weekly",
}

__all__ = [
    "STALE_MS",
    "Live",
    "arrival",
    "automatic_now",
    "begun_ms",
    "calendar_week",
    "checks_now",
    "collector_now",
    "crew_now",
    "find_shift",
    "frame",
    "handing",
    "holds_now",
    "labels_now",
    "line_now",
    "loss_period",
    "machine_day",
    "made_before",
    "man_hours",
    "measuring_now",
    "open_shifts",
    "people_view",
    "recall",
    "scans_answered",
    "shift_events",
    "shift_figures",
    "shift_report",
    "stops_now",
    "trace_code",
    "trend",
    "units_of",
    "week_report",
    "work_now",
]


def __getattr__(name: str) -> Any:
    if name not in _PAST:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PAST[name]}"), name)
