"""The one place where figures are put together: gauge, report cell and command line ask here and agree.

Every question reads one store in short questions and returns frozen values of `desktop.domain.figures`. Nothing here
knows how a figure looks.
"""

from desktop.summaries.frame import STALE_MS, collector_now, find_shift, frame
from desktop.summaries.losses import loss_period
from desktop.summaries.now import Live, line_now, machine_day
from desktop.summaries.report import shift_report
from desktop.summaries.shifts import shift_figures
from desktop.summaries.tracing import trace_code
from desktop.summaries.trend import trend

__all__ = [
    "STALE_MS",
    "Live",
    "collector_now",
    "find_shift",
    "frame",
    "line_now",
    "loss_period",
    "machine_day",
    "shift_figures",
    "shift_report",
    "trace_code",
    "trend",
]
