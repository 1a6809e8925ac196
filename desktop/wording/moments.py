"""Moments, days and shifts in words, as the clock of the plant shows them."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from desktop.domain.calendar import Shift
from desktop.domain.figures.head import PlantHead
from desktop.text import N_, _
from desktop.wording.numbers import UNKNOWN


@lru_cache(maxsize=8)
def _zone(timezone: str) -> ZoneInfo:
    return ZoneInfo(timezone)


def _local(at_ms: int, timezone: str) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, _zone(timezone))


def clock(at_ms: int | None, timezone: str) -> str:
    """Local time of day, "14:32"; None is a dash."""
    return UNKNOWN if at_ms is None else f"{_local(at_ms, timezone):%H:%M}"


def clock_seconds(at_ms: int | None, timezone: str) -> str:
    """Local time of day to the second, "14:32:08"; None is a dash."""
    return UNKNOWN if at_ms is None else f"{_local(at_ms, timezone):%H:%M:%S}"


def day_clock(at_ms: int, now_ms: int, timezone: str) -> str:
    """A moment that may lie on another day: "14:32" of today, else "11-20 14:32". Midnight ends its day: "24:00"."""
    at, now = _local(at_ms, timezone), _local(now_ms, timezone)
    words = f"{at:%H:%M}"
    if words == "00:00":
        at, words = _local(at_ms - 60_000, timezone), "24:00"
    return words if at.date() == now.date() else f"{at:%m-%d} {words}"


def day(at_ms: int, timezone: str) -> str:
    """The local date of a moment with its year, "2026-11-20"."""
    return f"{_local(at_ms, timezone):%Y-%m-%d}"


def iso_day(at_ms: int, timezone: str) -> str:
    """The local date of a moment: "2026-11-19"."""
    return f"{_local(at_ms, timezone):%Y-%m-%d}"


def hour(at_ms: int, timezone: str) -> str:
    """Name of an hour slot by its start: "08:00" (ko "08시"); a start off the hour keeps its minutes."""
    local = _local(at_ms, timezone)
    if local.minute:
        return f"{local:%H:%M}"
    return _("{hour}:00").format(hour=f"{local:%H}")


def span_words(start_ms: int, end_ms: int | None, timezone: str) -> str:
    """A span of the day as 13:21–13:29; an open end says that it goes on."""
    end = _("ongoing") if end_ms is None else clock(end_ms, timezone)
    return f"{clock(start_ms, timezone)}–{end}"


_MONTHS = (N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
           N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"))  # fmt: skip
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def weekday_words(day: int) -> str:
    """A day of the week, 0 Monday to 6 Sunday: "Mon"."""
    return _(_WEEKDAYS[day])


def day_words(on: date) -> str:
    """A date in words without the year: "Thu 19 Nov"."""
    return _("{weekday} {day} {month}").format(
        weekday=_(_WEEKDAYS[on.weekday()]), day=on.day, month=_(_MONTHS[on.month - 1])
    )


def today(at_ms: int, timezone: str) -> str:
    """The local date of a moment in words: "Thu 19 Nov"."""
    return day_words(_local(at_ms, timezone).date())


#: a crew that a Korean shop names so is said as it stands: A조, 정비반, 2팀
_CREW_ENDS = ("조", "반", "팀")


def crew_word(crew: str) -> str:
    """Who takes turns, by one wording everywhere: "A" and "A조" are "A조", in English "crew A"; "" for nobody."""
    return crew if not crew or crew.endswith(_CREW_ENDS) else _("crew {crew}").format(crew=crew)


def shift_words(shift: Shift | None) -> str:
    """Name and crew of a shift: "Day · crew A"; the name alone where it says the crew; outside any shift it says so."""
    if shift is None:
        return _("No shift now")
    crew = crew_word(shift.crew)
    said = {shift.crew, crew} & {shift.name, *shift.name.split()}
    return shift.name if not crew or said else f"{shift.name} · {crew}"


NO_SHIFTS = N_("No shifts are set up. Choose them in the settings (F10) at Shifts and calendar.")


def shift_now(head: PlantHead, shift: Shift | None) -> str:
    """The shift that runs in a plant, or that none does, or that none is set up."""
    return shift_words(shift) if shift is not None or head.has_shifts else _("No shifts set up")
