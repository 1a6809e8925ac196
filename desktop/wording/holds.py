"""Words for what is held, for what becomes of it, and for gauges."""

from __future__ import annotations

from desktop.domain.entries import Disposed, Disposition, Held
from desktop.domain.events import Thing
from desktop.domain.figures.line import HoldsBrief
from desktop.domain.holding import Fate, GaugeState
from desktop.text import N_, _, plural
from desktop.wording.moments import day_clock
from desktop.wording.numbers import minutes

_DISPOSITIONS = {
    Disposition.RELEASE: N_("Release"),
    Disposition.REWORK: N_("Rework"),
    Disposition.CONCESSION: N_("Concession"),
    Disposition.SCRAP: N_("Scrap"),
}
_FATES = {
    Fate.HELD: N_("on hold"),
    Fate.REWORK: N_("to be reworked"),
    Fate.LAPSED: N_("concession used up"),
    Fate.RELEASED: N_("released"),
    Fate.REWORKED: N_("reworked, found good"),
    Fate.CONCEDED: N_("under concession"),
    Fate.SCRAPPED: N_("scrapped"),
}
_GAUGES = {
    GaugeState.FREE: N_("no calibration asked for"),
    GaugeState.GOOD: N_("good"),
    GaugeState.SOON: N_("due soon"),
    GaugeState.OVERDUE: N_("overdue"),
    GaugeState.FAILED: N_("failed"),
    GaugeState.UNKNOWN: N_("never calibrated"),
}
_KINDS = {"unit": N_("Unit"), "lot": N_("Lot"), "box": N_("Box"), "pallet": N_("Pallet")}
_MOST_NAMED = 3


def disposition_word(what: str) -> str:
    """What becomes of something held."""
    return _(_DISPOSITIONS[Disposition(what)])


def fate_word(fate: Fate) -> str:
    """How something stands under a hold."""
    return _(_FATES[fate])


def gauge_word(state: GaugeState) -> str:
    """How a gauge stands."""
    return _(_GAUGES[state])


def kind_word(kind: str) -> str:
    """What a thing is."""
    return _(_KINDS[kind]) if kind in _KINDS else kind


def things_words(things: tuple[Thing, ...]) -> str:
    """Things by their codes, the first few of them: "L-1, L-2, L-3 and 4 more"."""
    named = ", ".join(thing.code for thing in things[:_MOST_NAMED])
    more = len(things) - _MOST_NAMED
    return _("{codes} and {count} more").format(codes=named, count=more) if more > 0 else named


def held_words(said: Held, now_ms: int, timezone: str, machine: str = "", gauge: str = "") -> str:
    """What a hold names, or the time of its rule."""
    if said.things:
        return things_words(said.things)
    return f"{gauge or machine} {times_words(said, now_ms, timezone)}".strip()


def times_words(said: Held, now_ms: int, timezone: str) -> str:
    """The time of a rule, "" where a hold names things."""
    if said.things:
        return ""
    until = day_clock(said.until_ms, now_ms, timezone)
    if not said.since_ms:
        return _("until {clock}").format(clock=until)
    return f"{day_clock(said.since_ms, now_ms, timezone)}\N{EN DASH}{until}"


def units_words(count: int) -> str:
    """So many units."""
    return plural(N_("{count} unit"), N_("{count} units"), count).format(count=f"{count:,}")


def brief_words(held: HoldsBrief, now_ms: int) -> tuple[str, str]:
    """How many holds wait for somebody's word; how much they hold, and how long the oldest has waited."""
    head = plural(N_("{count} hold waits"), N_("{count} holds wait"), held.count).format(count=held.count)
    age = _("for up to {time}").format(time=minutes(max(now_ms - held.since_ms, 0)))
    return head, " · ".join(part for part in (units_words(held.units) if held.units else "", age) if part)


def disposed_words(said: Disposed, timezone: str, now_ms: int, reason: str = "") -> str:
    """What becomes of something held, with what bounds it."""
    parts = [disposition_word(said.what), reason, said.number]
    if said.quantity is not None:
        parts.append(units_words(said.quantity))
    if said.expires_ms is not None:
        parts.append(_("until {clock}").format(clock=day_clock(said.expires_ms, now_ms, timezone)))
    return " · ".join(part for part in parts if part)
