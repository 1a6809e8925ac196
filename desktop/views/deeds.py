"""What can be said of a machine from its own screen, and where each of these is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.figures.machine import MachineDay
from desktop.domain.figures.stops import StopRow
from desktop.text import N_, _
from desktop.views.widgets.action_row import ActionFace

if TYPE_CHECKING:
    from desktop.views.calendar import CalendarPage
    from desktop.views.checks import Checks
    from desktop.views.crew import Crew
    from desktop.views.stops import Stops
    from desktop.views.window import Window
    from desktop.views.work import Work

#: key, icon, word, what a press does; in the order in which a day asks for them
DEEDS = (
    ("reason", "stop", N_("Reason"), N_("Say why it stood")),
    ("orders", "box", N_("Orders"), N_("Start or end an order, change over, first piece")),
    ("rejects", "minus", N_("Book rejects"), N_("Rejects and corrections")),
    ("crew", "people", N_("Staffing"), N_("Say who is at this machine")),
    ("checks", "check", N_("Checks"), N_("What is to be checked at this machine")),
    ("hours", "clock", N_("Confirm hours"), N_("Confirm the hours that are over")),
    ("call", "bell", N_("Call help"), N_("Call maintenance, material or quality")),
    ("planned", "calendar", N_("Planned stop"), N_("Ask for a planned stop of this machine")),
    ("sheet", "print", N_("Bar codes"), N_("Print the bar codes of this machine")),
)
_AFTERWARDS = ("reason", "rejects")  # what can still be said of a shift that is over, also where a why is needed
_ALWAYS = ("sheet",)


class Deed(Struct, frozen=True):
    """What is to be done at a machine. `stop_ms`: when the stop began of which it is; `past`: the shift of which it is,
    None for the one that runs."""

    key: str
    machine: int
    code: str
    stop_ms: int | None = None
    past: Shift | None = None


def past_of(day: MachineDay) -> Shift | None:
    """The shift that is looked at where it is over."""
    return day.looked_at if day.window.end_ms < day.now_ms else None


def stop_of(day: MachineDay) -> StopRow | None:
    """The stop whose reason is asked for: the longest without one, else the latest."""
    asking = [row for row in day.stops if row.asks]
    if asking:
        return max(asking, key=lambda row: row.length_ms)
    return max(day.stops, key=lambda row: row.start_ms, default=None)


def actions(day: MachineDay) -> tuple[ActionFace, ...]:
    """The row over a machine's day; over an earlier shift only what can still be said of it."""
    over = day.window.end_ms < day.now_ms
    stop = stop_of(day)
    found = []
    for key, icon, word, hint in DEEDS:
        if over and key not in (*_ALWAYS, *_AFTERWARDS):
            continue
        if key == "reason":
            ready = stop is not None
            hint = hint if ready else N_("No stop in this shift")
            found.append(
                ActionFace(key, icon, _(word), _(hint), main=stop is not None and stop.asks, ready=ready)
            )  # fmt: skip
        else:
            count = len(day.calls) if key == "call" else 0
            found.append(ActionFace(key, icon, _(word), _(hint), count=count))
    return tuple(found)


def deed(day: MachineDay, key: str) -> Deed:
    """What a press on an action is to do."""
    stop = stop_of(day) if key == "reason" else None
    return Deed(key, day.machine.id, day.machine.code, stop.start_ms if stop is not None else None, past_of(day))


def take_up(window: Window, wanted: Deed) -> None:
    """Open the page on which it is done, with the machine and the form chosen already."""
    screens, machine = window.screens, wanted.machine
    if wanted.key == "sheet":
        window.paperwork.make_sheet(wanted.code)
        return
    if wanted.key == "reason" and wanted.stop_ms is not None:
        cast("Stops", screens["stops"]).open_stop(machine, wanted.stop_ms, wanted.past)
        window.go("stops")
    elif wanted.key in ("orders", "rejects"):
        cast("Work", screens["work"]).open_at(machine, rejects=wanted.key == "rejects", past=wanted.past)
        window.go("work")
    elif wanted.key == "crew":
        cast("Crew", screens["crew"]).open_at(machine)
        window.go("crew")
    elif wanted.key in ("checks", "hours"):
        page = cast("Checks", screens["checks"])
        page.open_at(machine or None if wanted.key == "checks" else None, wanted.past)
        window.go("checks")
        if wanted.key == "hours":
            page.show_hours()
    elif wanted.key == "planned":
        cast("CalendarPage", screens["calendar"]).open_at(machine)
        window.go("calendar")
