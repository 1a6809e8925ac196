"""What is said about changes of the calendar, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from desktop.domain.calendar import ALWAYS, DayException, Kind, PlannedStop, ShiftPattern
from desktop.domain.one_day import Exchange, HalfDay, MoveShift
from desktop.domain.own_shifts import EndShift
from desktop.domain.scheduling import (
    AddExtra,
    AddHoliday,
    AddOvertime,
    ApproveStop,
    AskStop,
    Cancel,
    ChangeShift,
    DropStop,
    Edit,
    RefusalError,
    TakeAway,
    UsePatterns,
    break_ms,
)
from desktop.domain.standard_hours import DropCapacity, SetCapacity, day_ms, week_ms
from desktop.text import N_, _, particles, plural
from desktop.wording.moments import clock, crew_word, day_words, weekday_words

_REFUSALS = {
    "overlap": N_("{name} on {on} would overlap {other} on {other_on}. Nothing was changed: move one of them first."),
    "no_shift": N_("{name} does not take place on {on}."),
    "takes_place": N_("{name} takes place on {on} already."),
    "no_length": N_("It ends when it begins. Choose another end."),
    "not_longer": N_("{name} ends no earlier than that already. Choose a later end."),
    "break_outside": N_("The break {name} does not lie within the shift."),
    "breaks_overlap": N_("The breaks {name} and {other} lie over each other."),
    "stop_twice": N_("This planned stop was asked for already."),
    "stop_gone": N_("This planned stop was answered meanwhile. Look at it again."),
    "second_person": N_(
        "It has begun: only somebody else than who asked may approve it now. Log in, so that it is known who you are."
    ),
    "changed": N_("{name} was changed meanwhile. Look at it again."),
    "gone": N_("That was taken away already."),
    "no_days": N_("Choose at least one day of the week for {name}."),
    "last_shift": N_("{name} is the only shift. Choose a ready pattern instead, so that there is one."),
    "not_shorter": N_("{name} would be as long as before. Choose another time."),
    "nothing": N_("That is so already: nothing would change."),
    "no_shifts": N_("Choose at least one shift for the standard calendar."),
    "standard_overlap": N_("{name} and {other} of the standard calendar lie over each other. Move one of them."),
    "far_date": N_("The date {on} is too far off. Choose another date."),
    "same_day": N_("A shift cannot be exchanged for its own day. Choose another day."),
    "same_name": N_("Two shifts of the standard calendar are named {name}. Name one of them otherwise."),
    "capacity_changed": N_("The standard calendar was changed meanwhile. Look at it again."),
}
#: names of ready patterns, shifts and breaks, as a new shop has them
READY = {
    "one": N_("One shift"),
    "day_night": N_("Day and night"),
    "rotating": N_("Crews A and B by turns"),
    "three": N_("Three shifts"),
    "own": N_("The shifts as they are"),
}
#: after how many days crews take turns
TURNS = {
    0: N_("Each crew stays with its shift"),
    7: N_("Crews change each week"),
    14: N_("Crews change every 2 weeks"),
    28: N_("Crews change every 4 weeks"),
}
_NAMES = {
    "day": N_("Day"),
    "night": N_("Night"),
    "first": N_("First shift"),
    "second": N_("Second shift"),
    "third": N_("Third shift"),
    "rest": N_("Break"),
    "meal": N_("Meal"),
}
_KINDS = {
    Kind.HOLIDAY: N_("Holiday"),
    Kind.CANCELLED: N_("Day off"),
    Kind.EXTRA: N_("Extra shift"),
    Kind.MOVED: N_("Moved"),
    Kind.OVERTIME: N_("Overtime"),
    Kind.HALF: N_("Half holiday"),
}


def refused(refusal: RefusalError) -> str:
    """Why a change cannot be, as one sentence."""
    more = {key: day_words(value) if isinstance(value, date) else value for key, value in refusal.more.items()}
    return particles(_(_REFUSALS[refusal.kind]).format(**more))


def shift_names() -> dict[str, str]:
    """The names that ready patterns give, in the language in use."""
    return {key: _(words) for key, words in _NAMES.items()}


def hm(at: time | None) -> str:
    """A time of the day: "08:00"."""
    return "" if at is None else f"{at:%H:%M}"


def days_words(days: frozenset[int]) -> str:
    """Days of the week: "Mon–Fri", or each of them."""
    ordered = sorted(days)
    if not ordered:
        return _("never")
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{weekday_words(ordered[0] - 1)}–{weekday_words(ordered[-1] - 1)}"
    return "·".join(weekday_words(day - 1) for day in ordered)


def crew_words(crew: str, people: int) -> str:
    """Who works in a shift: "crew A · 6 people"; "" where nobody said."""
    named = crew_word(crew)
    count = plural(N_("{count} person"), N_("{count} people"), people).format(count=people) if people else ""
    return " · ".join(part for part in (named, count) if part)


def kind_word(kind: Kind) -> str:
    """What is different on a date."""
    return _(_KINDS[kind])


def exception_words(exception: DayException, shift: str) -> str:
    """What is different on a date, with the shift and the times."""
    times = "–".join(part for part in (hm(exception.start), hm(exception.end)) if part)
    return " · ".join(part for part in (kind_word(exception.kind), shift, exception.name, times) if part)


def stop_reason(stop: PlannedStop, reasons: dict[int, str]) -> str:
    """Why a planned stop is wanted."""
    return _("No order") if stop.no_order else reasons.get(stop.reason or 0, _("Planned stop"))


def stop_state(stop: PlannedStop, now_ms: int, timezone: str) -> str:
    """Who asked for a planned stop, who approved it, and whether it is planned time."""
    asked = " ".join(
        part for part in (stop.asked_by, clock(stop.asked_at_ms, timezone) if stop.asked_at_ms else "") if part
    )
    approved = " ".join(
        part for part in (stop.approved_by, clock(stop.approved_at_ms, timezone) if stop.approved_at_ms else "") if part
    )
    told = [_("asked: {who}").format(who=asked)] if asked else []
    if stop.approved_at_ms is None:
        over = now_ms > stop.span.start_ms
        told.append(_("not approved before it began: no planned time") if over else _("waits for approval"))
    else:
        told.append(_("approved: {who}").format(who=approved))
        if stop.approved_at_ms > stop.span.start_ms:
            told.append(_("approved too late: no planned time"))
    return " · ".join(told)


def edit_words(edit: Edit, timezone: str) -> str:
    """What was changed, for the undo bar."""
    if isinstance(edit, AddOvertime):
        return _("Overtime: {name} until {clock}").format(name=edit.name, clock=clock(edit.until_ms, timezone))
    if isinstance(edit, AddExtra):
        return _("Extra shift on {on}: {start}–{end}").format(
            on=day_words(edit.on), start=hm(edit.start), end=hm(edit.end)
        )
    if isinstance(edit, AddHoliday):
        return _("Holiday on {on}").format(on=day_words(edit.on))
    if isinstance(edit, Cancel):
        return _("The shift on {on} does not take place").format(on=day_words(edit.on))
    if isinstance(edit, EndShift):
        return _("{name} ends on {on}").format(name=edit.seen.name, on=day_words(edit.since))
    if isinstance(edit, MoveShift):
        return _("On {on} alone: {start}–{end}").format(on=day_words(edit.on), start=hm(edit.start), end=hm(edit.end))
    if isinstance(edit, HalfDay):
        if edit.end is not None:
            return _("On {on} alone: until {clock}").format(on=day_words(edit.on), clock=hm(edit.end))
        return _("On {on} alone: from {clock} on").format(on=day_words(edit.on), clock=hm(edit.start))
    if isinstance(edit, Exchange):
        return _("{off} off, {on} worked instead").format(off=day_words(edit.off_on), on=day_words(edit.on))
    if isinstance(edit, SetCapacity):
        return _("Standard capacity from {on} on").format(on=since_words(edit.since))
    if isinstance(edit, DropCapacity):
        return _("Standard capacity from {on} on taken out").format(on=since_words(edit.since))
    if isinstance(edit, ChangeShift):
        words = _("{name} changed on {on}") if edit.only else _("{name} changed from {on} on")
        return words.format(name=edit.seen.name, on=day_words(edit.since))
    if isinstance(edit, UsePatterns):
        return _("New shifts from {on} on").format(on=day_words(edit.since))
    if isinstance(edit, AskStop):
        return _("Planned stop asked for")
    if isinstance(edit, ApproveStop):
        return _("Planned stop approved")
    if isinstance(edit, DropStop):
        return _("Planned stop taken out")
    if isinstance(edit, TakeAway):
        return _("Taken away: {what}").format(what=kind_word(edit.exception.kind))
    return _("Calendar changed")


def since_words(since: date) -> str:
    """From when on something holds: "2026-12-01", or the beginning."""
    return _("the beginning") if since == ALWAYS else since.isoformat()


def standard_words(pattern: ShiftPattern) -> str:
    """A shift of the standard calendar: "주간 월–금 08:00–17:00, 휴식 80분"."""
    off = break_ms(pattern) // 60_000
    words = f"{pattern.name} {days_words(pattern.weekdays)} {hm(pattern.start)}–{hm(pattern.end)}"
    return words + (_(", breaks {off} min").format(off=off) if off else "")


def capacity_words(patterns: Sequence[ShiftPattern]) -> str:
    """What a standard calendar comes to: "= 480분/일 · 2,400분/주"; a day on which every shift takes place."""
    day, week = (value // 60_000 for value in (day_ms(patterns), week_ms(patterns)))
    return _("= capacity {day} min a day · {week} min a week").format(day=f"{day:,}", week=f"{week:,}")


def load_words(pattern: ShiftPattern, length_ms: int, break_ms: int) -> tuple[str, str]:
    """How load time follows from a shift, in two lines."""
    whole, off = length_ms // 60_000, break_ms // 60_000
    return (
        _("Operation {whole} min − breaks {off} min").format(whole=whole, off=off),
        _("= busy time {minutes} min").format(minutes=whole - off),
    )
