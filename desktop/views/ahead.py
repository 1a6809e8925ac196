"""What screens are made of is read while nobody waits for it: whoever opens one does not wait for its modules.

The first picture goes before (`tests/views/test_cost.py`); what is large and rare (charts, forms, drivers) is left out.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from importlib import import_module

from PySide6.QtCore import QObject, QTimer

GAP_MS = 120  # between two modules: the longest takes 30 ms

#: Those most often opened first. What a question asks for stands before the screen that puts it.
MODULES = (
    "desktop.summaries.stops",
    "desktop.views.stops",
    "desktop.views.entering",
    "desktop.views.asking",
    "desktop.summaries.orders",
    "desktop.views.work",
    "desktop.views.tables",
    "desktop.views.machine",
    "desktop.summaries.report",
    "desktop.reports.pdf",
    "desktop.views.handover",
    "desktop.views.report",
    "desktop.views.paperwork",
    "desktop.views.login",
    "desktop.views.staffing",
    "desktop.summaries.crew",
    "desktop.views.crew",
    "desktop.summaries.checks",
    "desktop.views.checks",
    "desktop.summaries.labels",
    "desktop.views.labels",
    "desktop.views.label_desk",
    "desktop.summaries.charts",
    "desktop.summaries.measuring",
    "desktop.views.measuring",
    "desktop.summaries.holds",
    "desktop.views.holds",
    "desktop.summaries.losses",
    "desktop.views.losses",
    "desktop.views.devices",
    "desktop.views.line_speeds",
    "desktop.summaries.trace.answers",
    "desktop.views.trace",
    "desktop.summaries.trail",
    "desktop.views.trail",
    "desktop.summaries.shop_calendar",
    "desktop.views.scheduling",
    "desktop.views.calendar",
    "desktop.summaries.people",
    "desktop.views.people",
    "desktop.views.master",
    "desktop.summaries.automatic",
    "desktop.views.automatic_report",
    "desktop.views.settings",
)


class Ahead(QObject):
    """Reads one module after the other, with rests between them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._left: Iterator[str] = iter(MODULES)
        self._next()

    def _next(self) -> None:
        name = next(self._left, None)
        if name is None:
            settle()
        else:
            import_module(name)
            QTimer.singleShot(GAP_MS, self, self._next)


def settle() -> None:
    """Let full collections of garbage pass over what was read: it stays, and each would look through it for 30 ms.

    Those 30 ms fall upon whoever waits: a collection is due when much was made, which is in the midst of a question.
    """
    gc.collect()
    gc.freeze()
