"""Every figure and state as words: one place for screens, reports and the command line. No Qt.

Not known is always a dash, minus is U+2212, ratios are rounded half up to a tenth of a percent.
Sentences are made at the moment of asking, in the language in use (`desktop.text`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desktop.domain.adjust import BookingKind
from desktop.domain.alarms import AlarmKind
from desktop.domain.calendar import Shift
from desktop.domain.entries import Call, SafetyKind
from desktop.domain.events import State
from desktop.domain.explain import Derivation
from desktop.domain.figures import AlarmNow, HourRow, Listened, PlantHead, SeenAlarm
from desktop.domain.intervals import Category
from desktop.domain.kpi import Kpis
from desktop.text import N_, _

if TYPE_CHECKING:
    from desktop.domain.people import PersonNow
    from desktop.domain.pins import PinAnswer

UNKNOWN = "—"
MINUS = "\N{MINUS SIGN}"

# --- figures ---------------------------------------------------------------------------------------


def minutes(ms: int) -> str:
    """A duration at a glance: "12 s" under a minute, "63 min" under two hours, then "2 h 5 min"."""
    seconds = max(int(ms), 0) // 1000
    if seconds < 60:
        return _("{seconds} s").format(seconds=seconds)
    if seconds < 7200:
        return _("{minutes} min").format(minutes=seconds // 60)
    return _("{hours} h {minutes} min").format(hours=seconds // 3600, minutes=seconds % 3600 // 60)


def lasted(ms: int) -> str:
    """A duration that is over, or a sum, to the nearest minute: between clock times it is what they say. One that still
    grows is told by `minutes`, which never says more than has passed."""
    return minutes(int(ms) + 30_000 if ms >= 60_000 else ms)


def whole_minutes(ms: int) -> str:
    """A sum of times to the nearest minute, however long it is: "322 min"."""
    return _("{minutes} min").format(minutes=f"{(max(int(ms), 0) + 30_000) // 60_000:,}")


def minutes_seconds(ms: int) -> str:
    """A duration to the second while that matters: "6 min 08 s"; from two hours on as `minutes`."""
    seconds = max(int(ms), 0) // 1000
    if 60 <= seconds < 7200:
        return _("{minutes} min {seconds:02d} s").format(minutes=seconds // 60, seconds=seconds % 60)
    return minutes(ms)


def stopwatch(ms: float | None) -> str:
    """A time to the second for adding up, however long it is: "322 min 08 s"; None is a dash."""
    if ms is None:
        return UNKNOWN
    seconds = int(_half_up(Decimal(repr(float(ms))) / 1000, 0))
    sign = MINUS if seconds < 0 else ""
    return sign + _("{minutes} min {seconds:02d} s").format(
        minutes=f"{abs(seconds) // 60:,}", seconds=abs(seconds) % 60
    )


def age(ms: int) -> str:
    """How old a value is: tenths of a second under 10 s, else as `minutes`."""
    return seconds_figure(ms / 1000) if 0 <= ms < 10_000 else minutes(ms)


def seconds_figure(seconds: float) -> str:
    """A short time as tenths of a second with its unit: "30.7 s"."""
    return _("{seconds} s").format(seconds=_half_up(Decimal(repr(float(seconds))), 1))


def minutes_tenths(ms: float | None) -> str:
    """A time in minutes with one decimal and no unit, as in a loss table: "1,041.6"."""
    if ms is None:
        return UNKNOWN
    return _signed_text(f"{Decimal(_half_up(Decimal(repr(float(ms))) / 60_000, 1)):,f}")


def table_minutes(ms: float) -> str:
    """A length in a column of minutes: "41.6"; under a minute in seconds, with the unit: "45 s"."""
    return minutes(round(ms)) if 0 < ms < 60_000 else minutes_tenths(ms)


def asked_from(length_ms: int) -> str:
    """From which length on a stop asks for its reason: "Asks from 5 min on"."""
    if not length_ms:
        return _("Every stop asks")
    return _("Asks from {minutes} min on").format(minutes=length_ms // 60_000)


def lost_tenths(ms: float) -> str:
    """A loss in minutes with its sign and no unit, as in a waterfall: "−41.6"; a gain has a plus."""
    lost = _half_up(Decimal(repr(float(ms))) / 60_000, 1)
    sign = "" if not Decimal(lost) else MINUS if Decimal(lost) > 0 else "+"
    return sign + lost.lstrip("-")


def lost_minutes(ms: float | None) -> str:
    """A loss as minutes with sign and unit: "−41.6 min"; None is a dash, a gain has a plus."""
    return UNKNOWN if ms is None else _("{minutes} min").format(minutes=lost_tenths(ms))


def lost_ms(kpis: Kpis) -> tuple[float | None, float | None, float | None]:
    """Milliseconds that availability, performance and quality cost: busy - up, up - ideal, ideal - ideal of good."""
    if kpis.ideal_ms is None or kpis.ideal_good_ms is None:
        return float(kpis.times.loss_ms), None, None
    timed_ms = kpis.ideal_ms if kpis.ideal_timed_ms is None else kpis.ideal_timed_ms
    return float(kpis.times.loss_ms), kpis.times.up_ms - timed_ms, kpis.ideal_ms - kpis.ideal_good_ms


@lru_cache(maxsize=512)  # one figure stands in many places, and most are the same at the next refresh
def percent_figure(ratio: float | None, digits: int = 1) -> str:
    """A ratio (0 to 1) in percent without the sign, rounded half up: "87.1"; None is a dash."""
    return UNKNOWN if ratio is None else _signed_text(_half_up(Decimal(repr(float(ratio))) * 100, digits))


@lru_cache(maxsize=512)
def painted_ratio(ratio: float | None) -> float | None:
    """A ratio as `percent_figure` shows it, so that what looks equal is equal and nothing is rounded twice."""
    return None if ratio is None else float(_half_up(Decimal(repr(float(ratio))), 3))


def percent(ratio: float | None, digits: int = 1) -> str:
    """A ratio (0 to 1) in percent, rounded half up: "87.1 %"; None is a dash."""
    return UNKNOWN if ratio is None else f"{percent_figure(ratio, digits)} %"


def observed_whole(kpis: Kpis) -> bool:
    """Whether the whole busy time was observed; where it was not, A × P × Q is not the OEE."""
    return kpis.coverage is None or kpis.coverage >= 1


def availability_words(kpis: Kpis) -> str:
    """Availability, with its bounds where not all of the time was observed: "83.3 % (62.5–87.5)"."""
    words = percent(kpis.availability)
    if observed_whole(kpis) or kpis.availability is None:
        return words
    return f"{words} ({percent_figure(kpis.availability_low)}–{percent_figure(kpis.availability_high)})"


def pieces(count: int | None) -> str:
    """Pieces with thousands commas: "1,234"; None is a dash."""
    return UNKNOWN if count is None else _signed_text(f"{count:,}")


def signed(count: int | None) -> str:
    """A difference in pieces with its sign: "+23", "−27", "0"; None is a dash."""
    return UNKNOWN if count is None else ("+" if count > 0 else "") + pieces(count)


def points(difference: float | None) -> str:
    """A difference of two ratios in percentage points with its sign: "+1.2", "−0.4", "0.0"; None is a dash."""
    figure = percent_figure(difference)
    return f"+{figure}" if difference is not None and difference > 0 and figure.strip("0.") else figure


def value_figure(value: float | None, text: str | None = None, unit: str = "") -> str:
    """A measured value with at most about four significant figures and its unit; None is a dash."""
    if text:
        return text
    if value is None:
        return UNKNOWN
    size = abs(value)
    digits = 0 if size >= 1000 or float(value).is_integer() else 1 if size >= 100 else 2 if size >= 10 else 3
    figure = _half_up(Decimal(repr(float(value))), digits)
    shown = _signed_text(figure.rstrip("0").rstrip(".") if "." in figure else figure)
    return f"{shown} {unit}" if unit else shown


def exact_figure(value: float | None, unit: str = "") -> str:
    """A measured value with every digit that is stored, and its unit; None is a dash."""
    if value is None:
        return UNKNOWN
    shown = _signed_text(repr(float(value)).removesuffix(".0"))
    return f"{shown} {unit}" if unit else shown


def _half_up(value: Decimal, digits: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


def _signed_text(figure: str) -> str:
    if figure.startswith("-"):
        return figure[1:] if not figure.strip("-0.,") else MINUS + figure[1:]
    return figure


# --- moments ---------------------------------------------------------------------------------------


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


def shift_words(shift: Shift | None) -> str:
    """Name and crew of a shift: "Day · A"; outside any shift it says so."""
    if shift is None:
        return _("No shift now")
    return f"{shift.name} · {shift.crew}" if shift.crew else shift.name


NO_SHIFTS = N_("No shifts are set up. Choose them in the settings (F10) at Shifts and calendar.")


def shift_now(head: PlantHead, shift: Shift | None) -> str:
    """The shift that runs in a plant, or that none does, or that none is set up."""
    return shift_words(shift) if shift is not None or head.has_shifts else _("No shifts set up")


# --- states ----------------------------------------------------------------------------------------

NOT_LABELLED = N_("Not labelled")

_STATES = {
    State.RUN: N_("Running"),
    State.STOP: N_("Stopped"),
    State.FAULT: N_("Breakdown"),
    State.SETUP: N_("Setup"),
    State.STARVED: N_("Starved"),
    State.BLOCKED: N_("Blocked"),
    State.IDLE: N_("No work"),
    State.MAINTENANCE: N_("Maintenance"),
    State.UNKNOWN: N_("No data"),
    State.NO_SIGNAL: N_("No signal"),
    State.ENTERING: N_("Stopping"),
    State.LEAVING: N_("Starting"),
}
CATEGORIES = {
    Category.RUN: N_("Running"),
    Category.SHORT_STOP: N_("Short stop"),
    Category.REWORK: N_("Rework"),
    Category.STOP: N_("Stopped"),
    Category.SETUP: N_("Setup"),
    Category.WAIT: N_("Waiting"),
    Category.NO_ORDER: N_("No order"),
    Category.PLANNED: N_("Planned stop"),
    Category.NO_DATA: N_("No data"),
    Category.UNSCHEDULED: N_("No shift"),
}


def state_word(category: Category, state: State, by_count: bool = False) -> str:
    """What a machine does, in the supervisor's word. A machine that only counts stands where no piece comes."""
    if category is Category.NO_DATA and state is State.NO_SIGNAL:
        return state_name(state)
    if category in _SAID_BY_CATEGORY:
        return _(CATEGORIES[category])
    if category is Category.STOP and state is State.STOP and by_count:
        return _("No pieces")
    return state_name(state)


def cause_words(category: Category, state: State, *, labelled: bool = True) -> str:
    """Why a machine stood where nobody gave a reason: what it says itself, or that nobody said anything."""
    return state_word(category, state) if labelled else _(NOT_LABELLED)


_SAID_BY_CATEGORY = frozenset(
    {Category.NO_DATA, Category.PLANNED, Category.SHORT_STOP, Category.REWORK, Category.NO_ORDER}
)


def state_name(state: State) -> str:
    """What the machine itself says it does, whatever its time counts as."""
    return _(_STATES[state])


ORDER_KINDS = {"mass": N_("Mass production"), "trial": N_("Trial"), "rework": N_("Rework")}
ORDER_STATUSES = {
    "running": N_("In progress"), "open": N_("Open"), "done": N_("Done"), "cancelled": N_("Cancelled"),
}  # fmt: skip
_BOOKINGS = {
    BookingKind.LATE_REJECT: N_("Rejects"),
    BookingKind.EMPTY_STROKE: N_("Empty strokes"),
    BookingKind.MASTER_PIECE: N_("Master pieces"),
    BookingKind.REJECT_REASON: N_("Reject reason"),
    BookingKind.REWORK: N_("To rework"),
    BookingKind.REJECT_REWORK: N_("Rejects to rework"),
    BookingKind.REWORKED: N_("Rework good"),
    BookingKind.REWORK_SCRAP: N_("Rework scrap"),
}


def order_kind_word(kind: str) -> str:
    """What an order is for: "Trial"."""
    return _(ORDER_KINDS.get(kind, kind))


def order_status_word(status: str) -> str:
    """Where an order stands: "Done"."""
    return _(ORDER_STATUSES.get(status, status))


def booking_word(kind: BookingKind) -> str:
    """What pieces really were: "Empty strokes"."""
    return _(_BOOKINGS[kind])


def by_hand() -> str:
    """The mark of what is known by a person's word alone (수기)."""
    return _("by hand")


def waits_words(cause: str) -> str:
    """For which machine another one stands: "waits for WD-01"."""
    return _("waits for {machine}").format(machine=cause)


def caused_words(cause: str) -> str:
    """The same where the word of the state stands above it: "see WD-01"."""
    return _("see {machine}").format(machine=cause)


def unknown_code_words(code: str) -> str:
    """What stands at a machine whose state is told by a code that the configuration does not have."""
    return _("unknown code {code}").format(code=code)


def extra_words(good: int | None) -> str:
    """What was made outside any shift: "12 off shift"."""
    return _("{count} off shift").format(count=pieces(good))


def hour_loss_word(row: HourRow) -> tuple[str, bool]:
    """What the biggest standstill of an hour is called, and whether nobody has said why.

    A bare number of the device says nothing by itself.
    """
    if not row.loss_ms or row.loss_category is None:
        return "", False
    if row.loss_category is Category.STOP and not row.loss_word and row.loss_state is State.STOP:
        return _(NOT_LABELLED), True
    said = "" if row.loss_word.isdigit() or row.loss_category is Category.NO_DATA else row.loss_word
    return said or state_word(row.loss_category, row.loss_state or State.STOP), False


def hour_loss(row: HourRow) -> tuple[str, bool]:
    """The biggest standstill of an hour in words, and whether nobody has said why."""
    word, unlabelled = hour_loss_word(row)
    return f"{word} {lasted(row.loss_ms)}" if word else "", unlabelled


def alarm_words(word: str) -> str:
    """An alarm as the device says it; a bare number is called what it is."""
    return _("Alarm {code}").format(code=word) if word.isdigit() else word


CALLS = {
    "maintenance": N_("Maintenance called"),
    "material": N_("Material called"),
    "quality": N_("Quality called"),
    "leader": N_("Team leader called"),
}
CALL_PHASES = {"": N_("not answered"), "seen": N_("answered"), "begun": N_("being worked on"), "over": N_("done")}


def call_words(call: Call, now_ms: int) -> str:
    """Which help was called and how long ago: "Maintenance called 12 min"."""
    return f"{_(CALLS[call.what])} {minutes(now_ms - call.called_ms)}"


def call_phase(call: Call) -> str:
    """How far a call has come."""
    return _(CALL_PHASES[call.phase])


KPIS = {
    "availability": N_("Availability"),
    "performance": N_("Performance"),
    "quality": N_("Quality"),
    "oee": N_("OEE"),
    "coverage": N_("Data coverage"),
    "net_operating_rate": N_("Net operating rate"),
    "speed_rate": N_("Speed rate"),
    "own_availability": N_("Availability by its own stops"),
    "nee": N_("OEE without set-up as a loss (NEE)"),
    "teep": N_("Productive share of calendar time (TEEP)"),
    "ooe": N_("Productive share of shift time (OOE)"),
    "capacity_utilisation": N_("Capacity utilisation"),
}
TERMS = {
    "up": N_("operating time"),
    "run": N_("running without short stops"),
    "own": N_("observed busy time less its own stops"),
    "observed": N_("observed busy time"),
    "busy": N_("planned busy time"),
    "judged": N_("busy time of which enough is known"),
    "ideal": N_("ideal time of all pieces"),
    "ideal_good": N_("ideal time of good pieces"),
    "ideal_timed": N_("ideal time of pieces of known time"),
    "oee_busy": N_("OEE × busy time"),
    "nee_good": N_("ideal time of good pieces and set-up"),
    "good": N_("good pieces"),
    "total": N_("all pieces"),
    "calendar": N_("calendar time"),
    "scheduled": N_("shift time"),
    "capacity": N_("standard capacity time"),
    "window": N_("time of the window"),
    "planned": N_("planned stops"),
    "unscheduled": N_("outside any shift"),
    "counted": N_("counted one by one"),
    "shared": N_("share of pieces of unknown time"),
    "reject": N_("rejected pieces"),
    "target": N_("target"),
    "net": N_("time to work in so far"),
    "standard_cycle": N_("standard cycle"),
    "failures": N_("failures"),
    "operating": N_("operating time with set-up"),
    "restoring": N_("time until it ran again"),
}
FLAGS = {
    # of a figure
    "too_early": N_("the first minutes of a shift say nothing yet"),
    "no_standard": N_("no cycle time is set"),
    "pieces_without_run": N_("pieces without operating time"),
    "reject_over_total": N_("more rejects than pieces"),
    "negative_pieces": N_("fewer than no pieces: check the counters and the corrections"),
    "standard_suspect": N_("faster than the ideal cycle: check the cycle time"),
    "stop_over_busy": N_("more downtime than planned busy time"),
    "short_stop_over_up": N_("more short stops than operating time"),
    # of the shift calendar
    "pattern_twice": N_("this shift is written twice from the same day on: the last one counts"),
    "same_name": N_("two shifts of one day have the same name: give each its own"),
    "shift_swallowed": N_("this shift has no time of its own: another one covers it"),
    "rotation_empty": N_("this rotation names no crews, shifts or days"),
    "exception_no_shift": N_("this exception finds no shift of its day: check date and name"),
    "exception_no_time": N_("this exception has no time: check its beginning and end"),
    "overtime_not_longer": N_("this overtime does not make the shift longer"),
    "stop_not_approved": N_("this planned stop was not approved, so it counts as downtime"),
    "stop_approved_late": N_("this planned stop was approved only afterwards, so it counts as downtime"),
    "no_standard_calendar": N_("no standard calendar is set: the shifts as written are the capacity"),
    # of the plan
    "bad_standard": N_("the cycle time must be more than 0"),
    "bad_quantity": N_("the planned quantity must be 0 or more"),
    "bad_setup": N_("the planned set-up must be 0 or more"),
    "no_plan": N_("nothing is planned, so there is no target"),
    "after_open_end": N_("planned behind an item without a quantity: it never begins"),
    "plan_exceeds_shift": N_("the plan is more than the shift can make"),
    "no_pace": N_("the pace is not known yet"),
    "reaches_next_shift": N_("the overtime would reach into the next shift"),
    # of what is made
    "runs_overlap": N_("two orders at the same time: the later one counts"),
    "unregistered_product": N_("a machine told this product code, which is not in the register"),
    "no_product": N_("the product was not known for part of the time"),
    "bad_cavities": N_("the number of cavities must be 1 or more"),
    "more_open_than_designed": N_("more cavities open than the tool has"),
    # of what was corrected
    "no_pieces": N_("a correction of no pieces changes nothing"),
    "unknown_product": N_("the corrected product was not made in that shift"),
    "booking_refused": N_("a correction does not fit what was counted and changes nothing"),
    "exceeds_made": N_("more was corrected or rejected than was made"),
    "exceeds_booked": N_("more was taken back than had been corrected"),
    "no_reason": N_("pieces were taken off without a reason"),
}
BIG_LOSSES = {
    "breakdown": N_("Breakdowns"),
    "setup": N_("Setup and adjustment"),
    "tool_change": N_("Tool changes"),
    "minor_stop": N_("Short stops"),
    "speed": N_("Speed loss"),
    "defect": N_("Rejects"),
    "startup": N_("Start-up rejects"),
    "waiting": N_("Waiting"),
    "other": N_("Other stops"),
    "unlabelled": N_("Not labelled"),
}
#: figures beside the KPIs that say how they came about
FIGURES = {
    "target": N_("Target"),
    "good": N_("Good pieces"),
    "rejected": N_("Rejected pieces"),
    "difference": N_("Made less the target"),
    "mtbf": N_("MTBF"),
    "mttr": N_("MTTR"),
}
UNKNOWNS = {
    "no_standard": N_("not known: no cycle time is set"),
    "no_data": N_("not known: too little was observed"),
    "too_early": N_("not known yet: the shift has just begun"),
    "nothing_below": N_("not known: there is nothing to divide by"),
    "negative_pieces": N_("not known: the piece counts contradict each other"),
    "no_failure": N_("not known: there was no failure"),
}

LOSSES = {
    "busy": N_("Busy time"),
    "stop": N_("Downtime"),
    "unlabelled": N_("Not labelled"),
    "setup": N_("Setup"),
    "wait": N_("Waiting"),
    "no_order": N_("No order"),
    "rework": N_("Rework"),
    "up": N_("Operating time"),
    "speed": N_("Speed loss"),
    "short_stop": N_("Short stops"),
    "no_data": N_("No data"),
    "reject": N_("Rejects"),
    "productive": N_("Productive time"),
}


def loss_words() -> dict[str, str]:
    """The name of every step of the loss waterfall, by its kind."""
    return {kind: _(word) for kind, word in LOSSES.items()}


def rules_words(rules: str) -> str:
    """A rule set as people call it, without its fingerprint: "TPM, version 2"; "" for none."""
    name, _blank, version = rules.partition(" (")[0].rpartition(" ")
    return _("{name}, version {version}").format(name=name, version=version) if name else rules


def figure_name(key: str) -> str:
    """The name of a figure that says how it came about."""
    return _({**FIGURES, **LOSSES, **KPIS}[key])


def term_name(name: str) -> str:
    """The name of a quantity in a derivation."""
    return _({**LOSSES, **TERMS}[name])


def derivation_words(derived: Derivation) -> str:
    """One figure as a formula with its numbers: what was divided by what, in seconds or pieces."""
    name = figure_name(derived.kpi)
    if derived.why and not derived.below.value:
        return f"{name} {UNKNOWN} {_(UNKNOWNS[derived.why])}"
    terms = [
        f"{term_name(term.name)} {term.value / 1000 if term.unit == 'ms' else term.value:.12g}"
        for term in (derived.above, derived.below)
    ]
    why = f" ({_(UNKNOWNS[derived.why])})" if derived.why else ""
    value = UNKNOWN if derived.value is None else f"{derived.value:.6f}"
    return f"{name} {value} = {' / '.join(terms)}{why}"


# --- devices and the collector -----------------------------------------------------------------------

_STATUSES = {
    "opening": N_("Connecting"),
    "online": N_("Connected"),
    "offline": N_("Disconnected"),
    "misconfigured": N_("Check settings"),
}


PERSON_ROLES = {"operator": N_("Operator"), "supervisor": N_("Supervisor"), "admin": N_("Administrator")}


def role_word(role: str) -> str:
    """What somebody answers for, in a word."""
    return _(PERSON_ROLES[role])


def pin_state(now: PersonNow) -> str:
    """Whether somebody has a PIN; the rest of a lock in whole minutes."""
    if now.locked_ms:
        return _("locked, {minutes} min left").format(minutes=-(-now.locked_ms // 60_000))
    return _("set") if now.has_pin else UNKNOWN


_SAFETY = {
    SafetyKind.INCIDENT: N_("Accidents"),
    SafetyKind.NEAR_MISS: N_("Near misses"),
    SafetyKind.ESTOP: N_("Emergency stops"),
    SafetyKind.NONE: N_("Nothing happened"),
}
FOUR_M = {"man": N_("Man"), "machine": N_("Machine"), "material": N_("Material"), "method": N_("Method")}


def safety_word(kind: SafetyKind) -> str:
    """What happened to people, as reports count it."""
    return _(_SAFETY[kind])


def four_m_word(what: str) -> str:
    """What a 4M change is one of."""
    return _(FOUR_M[what])


def remark_word(kind: str) -> str:
    """The same for either of them."""
    return four_m_word(kind) if kind in FOUR_M else safety_word(SafetyKind(kind))


def pin_words(answer: PinAnswer) -> str:
    """What became of a PIN that was not right, and what to do."""
    if answer.missing:
        return _("There is no PIN any more.")
    if answer.locked_ms:
        left = minutes(answer.locked_ms + 999)
        return _("Too many wrong PINs. Wait {minutes}, or have an administrator unlock it.").format(minutes=left)
    return _("That was not the PIN. {count} tries left.").format(count=answer.tries)


def status_word(status: str, fault: str = "") -> str:
    """State of a device's connection in a word; `fault` is what is wrong with one that is connected."""
    if status == "online" and fault:
        return _("Disturbed") if fault == "noisy" else _("Partly read")
    return _(_STATUSES[status]) if status in _STATUSES else status


FAULT_SENTENCES = {
    "port_missing": N_("Port {port} is not there. Check that the cable or adapter is plugged in."),
    "port_busy": N_("Port {port} is in use by another program. Close that program."),
    "port_denied": N_("This user may not open port {port}. Ask the PC's administrator for serial port access."),
    "port_refused": N_(
        "Nothing answers at {port}. Check the device's power, its address and port number, and the network cable."
    ),
    "link_lost": N_("The connection to {port} broke. Check cable and power; it reconnects by itself."),
    "no_answer": N_("No answer for {seconds} s. Check power, station number and wiring."),
    "bad_frames": N_("{count} damaged messages. Check baud rate, parity and the cable's shield."),
    "noisy": N_(
        "{percent} % of the answers are damaged or missing, the others are good. Check the cable, its shield and "
        "terminating resistors, and machines nearby that disturb it."
    ),
    "exception": N_("The device refuses address {address} (code {code}). Correct the address in the settings."),
    "busy": N_("The device is busy at address {address} (code {code}). It is asked again by itself."),
    "device_trouble": N_("The device reports trouble of its own at address {address} (code {code}). See its manual."),
    "echo": N_("The adapter sends back what it is told. Set echo = true for this bus."),
    "same_address": N_(
        "Only messages of station {unit} are damaged or doubled. Check whether two devices have this number."
    ),
    "bad_address": N_("The device does not know address {address}. Correct the address in the settings."),
    "silent": N_("The link stands, but no value came for {seconds} s. Check that the device is on and sends."),
    "untrusted": N_("The device's certificate is not trusted. Compare its fingerprint, then confirm it."),
    "refused_login": N_("The device refuses the login. Check user name and password in the settings."),
    "overrun": N_("{count} values were lost in the device's own queue. Read fewer values or read more often."),
    "driver_hung": N_(
        "The connection has hung for {seconds} s. It is opened again; if that repeats, restart the device."
    ),
    "protocol": N_("The device's answer makes no sense. Check protocol and settings of the device."),
    "wrong_baud": N_(
        "What arrives is no text: wrong baud rate or frame ({baud}, {frame}). Set both as they are in the device."
    ),
    "flood": N_(
        "The device sends more than {rate} messages a second: {count} were not kept. Check its settings and its cable."
    ),
    "wrong_device": N_("Another device is connected: {found} instead of {expected}. Connect the right one."),
    "slow_pattern": N_(
        "The pattern takes more than {most} ms for a message and was switched off: messages are kept unread. Say in it "
        "which characters may come, [^,]* for example instead of .* alone."
    ),
    "refused": N_("The device refuses the request {request} (answer: {answer}). Check its protocol setting."),
    "collector_off": N_("Nothing is read while the collector is not running."),
    "listening": N_("Nothing is read while its port is listened to for the baud rate."),
}


#: what is wrong exactly, by kind of fault and `problem`
PROBLEM_SENTENCES = {
    ("wrong_baud", "framing"): N_(
        "The port finds most characters damaged: wrong baud rate or frame ({baud}, {frame}). Set both as they are in "
        "the device."
    ),
    ("wrong_baud", "parity"): N_(
        "Most characters come with wrong parity: wrong frame ({frame}) or baud rate ({baud}). Set both as they are in "
        "the device."
    ),
    ("bad_frames", "framing"): N_(
        "{count} damaged messages, and the port itself finds the characters damaged: wrong baud rate or frame, or bad "
        "wiring. Set baud rate and parity as they are in the device."
    ),
    ("no_answer", "server"): N_(
        "Nothing at {port} answers as an OPC UA server for {seconds} s. Check the address, the port number and that "
        "the machine is on."
    ),
    ("no_answer", "network"): N_(
        "No answer for {seconds} s through the network. Check power, station number and wiring, and that the device "
        "server passes Modbus RTU or text on unchanged; Modbus TCP is another language."
    ),
    ("untrusted", "unknown"): N_(
        "Nobody has confirmed this machine's certificate yet: {fingerprint}. Does the machine itself show the same? "
        "Then confirm it: main.py config trust {bus}"
    ),
    ("untrusted", "changed"): N_(
        "The certificate of the machine changed: it is {fingerprint} now and was {trusted}. Nothing is read before you "
        "find out why. If it was renewed, confirm it: main.py config trust {bus}"
    ),
    ("untrusted", "none"): N_("The machine shows no certificate. Set up security on the machine first."),
    ("untrusted", "unreadable"): N_("The machine's certificate cannot be read. Have the machine make a new one."),
    ("untrusted", "weak"): N_(
        "The machine's certificate has a key of only {bits} bits. Have the machine make one of 2048 or more."
    ),
    ("untrusted", "not_offered"): N_(
        "The machine does not offer {security} with Basic256Sha256 but: {offers}. Set that up on the machine, or "
        "correct security in the settings."
    ),
    ("untrusted", "ours"): N_(
        "The machine hangs up when Gadong shows its certificate. Trust this file on the machine: {file}"
    ),
    ("untrusted", "no_proof"): N_(
        "The machine showed the confirmed certificate but does not answer under it. Trust this file on the machine: "
        "{file}. If that does not help, another computer may pose as the machine."
    ),
    ("untrusted", "own"): N_(
        "Gadong's own certificate in {folder} cannot be used ({why}). Put that right, or move the folder away: a new "
        "one is made, which the machine must trust again."
    ),
    ("refused_login", "no_keyring"): N_(
        "This PC has no safe place for passwords. To keep it in a file that only this user can read, write "
        'password_from = "file" at the bus, then: main.py config password {bus}'
    ),
    ("refused_login", "keyring"): N_(
        "This PC's store of passwords does not open ({why}). Log in and unlock it, or write "
        'password_from = "file" at the bus.'
    ),
    ("refused_login", "no_password"): N_(
        "The password of {user} is not known here. Enter it: main.py config password {bus}"
    ),
    ("refused_login", "password_file"): N_("The file of passwords {file} cannot be used ({why})."),
    ("refused_login", "clear"): N_(
        "The machine wants the password unencrypted, so that anybody on the network can read it. It was not sent. Set "
        "security on the machine and at the bus, or allow it with clear_password = true."
    ),
    ("refused_login", "no_names"): N_(
        "The machine knows no users with passwords. Leave user out of the settings, or set users up on the machine."
    ),
}
#: what is told besides of a certificate that does not fit
CERTIFICATE_REMARKS = {
    "until": N_("It was valid until {until}."),
    "since": N_("It is valid from {since} on: check the clocks."),
    "made_for": N_("It is made out to {made_for}, which is not what the machine calls itself."),
}


class _Detail(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


def fault_sentence(kind: str, detail: Mapping[str, object]) -> str:
    """What happened to a device and what to do first; "" for no fault. `kind` and `detail` as the driver said them."""
    if not kind:
        return ""
    if kind not in FAULT_SENTENCES:
        return _("The device has trouble that this version cannot name ({kind}).").format(kind=kind)
    sentence = PROBLEM_SENTENCES.get((kind, str(detail.get("problem"))), FAULT_SENTENCES[kind])
    said = [sentence, *(words for key, words in CERTIFICATE_REMARKS.items() if kind == "untrusted" and key in detail)]
    return " ".join(_(words).format_map(_Detail(detail)) for words in said)


def listening_words(now: Listened) -> tuple[str, str]:
    """Where listening for a baud rate stands, or what it came to: a head, and what to do or to know."""
    if now.status == "working":
        if not now.place:
            return _("The port is taken over"), ""
        head = _("Listening at {baud} Bd ({place} of {count})").format(baud=now.baud, place=now.place, count=now.count)
        if now.heard_bytes:
            return head, _("{count} bytes heard.").format(count=pieces(now.heard_bytes))
        return head, _("Let the device send something now: pull the trigger, press Print.")
    if now.status == "using":
        return _("Setting {baud} Bd {frame}").format(baud=now.baud, frame=now.frame), ""
    if now.status == "fits":
        return _("{baud} Bd {frame} fits").format(baud=now.baud, frame=now.frame), _("This was heard:")
    words = _("Nothing came. Check that the device is on and connected, and let it send at each baud rate.")
    if now.heard_bytes:
        words = _("What came is no text at any baud rate. Check the cable, and whether the device sends text.")
    return _("The baud rate cannot be told"), words


#: why a device's value is none, as drivers and presets write it
BAD_VALUES = (
    N_("no number"),
    N_("out of range"),
    N_("decimals unknown"),
    N_("unlikely step"),
    N_("sensor open"),
    N_("above the range"),
    N_("below the range"),
)


def bad_value_words(words: str) -> str:
    """Why there is no value: in the language in use where the words are ours, else as the configuration has them."""
    return _(words) if words in BAD_VALUES else words


#: what a driver notes beside a value or frame that is not ordinary
VALUE_NOTES = {
    "unparsed": N_("not understood"),
    "incomplete": N_("its end never came: check terminator"),
    "overlong": N_("longer than limit"),
    "duplicate": N_("the same once more"),
    "snapshot": "",  # the first one after connecting
    "unstable": N_("still moving"),
    "open_digits": N_("last digits not certified"),
    "unit": N_("in another unit"),
    "overload": N_("above the range"),
    "underload": N_("below the range"),
    "error": N_("the device has no value"),
}
#: what an OPC UA server says of a value or node, by the name of its status code
SERVER_WORDS = {
    "BadNodeIdUnknown": N_("the machine has no such node"),
    "BadNodeIdInvalid": N_("the machine takes no such node"),
    "BadAttributeIdInvalid": N_("the node has no value: it is no variable"),
    "BadNotReadable": N_("the node cannot be read"),
    "BadUserAccessDenied": N_("this login may not read the node"),
    "BadWaitingForInitialData": N_("the machine has no value yet"),
    "BadNotConnected": N_("the machine has no connection to the sensor"),
    "BadNoCommunication": N_("the machine has no connection to the sensor"),
    "BadDeviceFailure": N_("the machine says that a device failed"),
    "BadSensorFailure": N_("the machine says that the sensor failed"),
    "BadOutOfService": N_("the machine says that it is out of service"),
    "UncertainLastUsableValue": N_("the last value that the machine had"),
    "UncertainSensorNotAccurate": N_("the machine says that the sensor is not accurate"),
}


def value_note(note: str) -> str:
    """What a driver's note of a value means; "" where the value is an ordinary one."""
    return (_(VALUE_NOTES[note]) if VALUE_NOTES[note] else "") if note in VALUE_NOTES else bad_value_words(note)


def server_words(problem: str) -> str:
    """What an OPC UA server says of a value, with its own name for it: "the machine has no such node (Bad...)"."""
    return f"{_(SERVER_WORDS[problem])} ({problem})" if problem in SERVER_WORDS else problem


def alarm_sentence(alarm: AlarmNow, now_ms: int, timezone: str) -> tuple[str, str]:
    """What an alarm is about, and since when: ("Weld stopped for 12 min", "WD-01 · since 14:20")."""
    length = minutes(now_ms - alarm.since_ms)
    since = _("since {clock}").format(clock=clock(alarm.since_ms, timezone))
    if alarm.hour is not None:
        head = _("Hourly target missed by {count}").format(count=pieces(alarm.missing))
        return head, span_words(alarm.hour.start_ms, alarm.hour.end_ms, timezone)
    if alarm.kind == AlarmKind.REPORT:
        head = _("No automatic report of {shift}").format(shift=alarm.name)
        return head, " ".join((alarm.detail, _("It is tried again.")))
    heads = {
        AlarmKind.STOP: _("{name} stopped for {minutes}"),
        AlarmKind.DEVICE: _("{name} does not answer for {minutes}"),
        AlarmKind.COLLECTOR: _("Nothing has been stored for {minutes}"),
    }
    return heads[AlarmKind(alarm.kind)].format(name=alarm.name, minutes=length), _of_machine(alarm, since)


def seen_words(alarm: SeenAlarm, timezone: str) -> tuple[str, str]:
    """What was acknowledged, and when: ("Weld stopped", "WD-01 · seen at 14:20")."""
    heads = {
        AlarmKind.STOP: _("{name} stopped"),
        AlarmKind.DEVICE: _("{name} did not answer"),
        AlarmKind.HOUR: _("Hourly target missed"),
        AlarmKind.COLLECTOR: _("Nothing was stored"),
        AlarmKind.REPORT: _("An automatic report was not made"),
    }
    note = _("seen at {clock}").format(clock=clock(alarm.at_ms, timezone))
    if alarm.hour is not None:
        note = f"{span_words(alarm.hour.start_ms, alarm.hour.end_ms, timezone)} · {note}"
    return heads[AlarmKind(alarm.kind)].format(name=alarm.name), _of_machine(alarm, note)


def _of_machine(alarm: AlarmNow | SeenAlarm, note: str) -> str:
    """The note of an alarm with the code of its machine before it, by which machines of like names are told apart."""
    return f"{alarm.subject} · {note}" if alarm.kind == AlarmKind.STOP and alarm.subject else note


COLLECTOR_NOTES = {
    "not_storing": N_("Values cannot be stored at the moment. They are kept; check disk space and folder rights."),
    "held": N_(
        "The collector runs but stores nothing at the moment: the database is locked, the disk is full, or it is only "
        "just starting. What it reads is kept and stored later."
    ),
    "stopped": N_("The collector was stopped."),
}


def collector_note(note: str) -> str:
    """What the collector says of itself, as a sentence; "" for nothing to say, an unknown note as it is."""
    return _(COLLECTOR_NOTES[note]) if note in COLLECTOR_NOTES else note
