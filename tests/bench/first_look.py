"""One first look, in a process of its own: `python -m tests.bench.first_look FOLDER SCREEN NOW_MS`.

The window is opened on the Overview, what is read while nobody waits is read, then a screen is opened for the first
time. Prints milliseconds: until its page is there, until its question is answered, until the answer is painted; and
what a bare loop takes beside them.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QSettings

from desktop.clock import PlantClock
from desktop.domain import calendar
from desktop.domain.events import State
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.store import database, register
from desktop.views import ahead, application
from desktop.views.losses import Losses
from desktop.views.machine import MachinePage
from desktop.views.stops import Stops
from desktop.views.window import Window
from tests.views import fakes

DAY = 86_400_000


def ms(work: Callable[[], object]) -> tuple[float, object]:
    """What a piece of work takes, and what it makes."""
    begun = time.perf_counter()
    made = work()
    return (time.perf_counter() - begun) * 1000, made


def bare() -> None:
    """The yardstick: a loop that makes 20,000 intervals."""
    for n in range(20_000):
        Interval(1, Span(n, n + 1), Category.RUN, State.RUN, n, "", None, False, False, n)


def main(folder: Path, key: str, now_ms: int) -> None:
    """Open the screen. `machine-past`, `stops-past`: in the shift before; `losses-365`: of a year."""
    app = application.set_up("ko")
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    window = Window(folder, settings, fakes.ways())
    window.resize(1600, 900)
    window.show()
    store = database.open_reader(folder)
    store.clock = PlantClock(now_ms, 0, 0.0)
    key, _hyphen, which = key.partition("-")
    cold, line = ms(lambda: window.screens["overview"].question()(store, now_ms))
    if key == "overview":
        print(0, cold, *ms(lambda: (window.go("overview"), window.show_answer(line), app.processEvents()))[:1], yard())
        return
    window.go("overview")
    window.show_answer(line)
    app.processEvents()
    for name in ahead.MODULES:
        import_module(name)
    ahead.settle()
    before = next(
        s for s in reversed(calendar.shifts_between(register.calendar(store), Span(now_ms - 3 * DAY, now_ms)))
        if s.span.end_ms <= now_ms
    )  # fmt: skip

    def made() -> object:
        screen = window.screens[key]
        if isinstance(screen, MachinePage):
            screen.machine = 3
        if isinstance(screen, Losses) and which:
            screen.period.setCurrentIndex(screen.period.findData(which))
        window.go(key)
        if isinstance(screen, MachinePage) and which:
            screen.past = before
        if isinstance(screen, Stops) and which:
            screen._past = before
        app.processEvents()
        return screen.question()

    made_ms, question = ms(made)
    answered_ms, answer = ms(lambda: question(store, now_ms))  # type: ignore[operator]
    painted_ms, _nothing = ms(lambda: (window.screens[key].receive(answer, None), window.grab()))
    print(made_ms, answered_ms, painted_ms, yard())


def yard() -> float:
    """The least time of the bare loop."""
    return min(ms(bare)[0] for _turn in range(9))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    sys.stdout.flush()
    os._exit(0)
