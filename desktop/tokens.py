"""Colours and looks as plain data: one table for screens and reports. No Qt.

A look is what a piece of machine time looks like; it is decided here once, so that tile, timeline and
printed page never differ. Red belongs to one look alone: stopped, and nobody has said why.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from desktop.domain.events import State
from desktop.domain.intervals import SELF_EXPLAINED, Category


class Tokens(Struct, frozen=True):
    """Every colour by its meaning, as "#RRGGBB"."""

    name: str
    bg: str  # page
    panel: str  # card
    panel2: str  # quiet area
    line: str  # divider
    line_strong: str  # edge of a control, axis
    ink: str  # text
    ink2: str  # second text
    ink3: str  # caption
    rail: str  # navigation
    rail_ink: str
    accent: str  # can be pressed, is chosen, has the focus
    accent_soft: str
    accent_on: str
    run: str  # running on a timeline, past bars
    run_tint: str  # running: band of a tile
    stop: str  # stopped without a reason, and nothing else
    stop_on: str
    stop_tint: str
    stop_text: str  # red words on a tint or a dark card
    reason: str  # stopped with a reason, setup
    reason_on: str
    wait: str  # starved, blocked, waiting: always with an edge in `reason`
    wait_on: str
    no_data: str
    hatch: str
    planned: str
    ok: str  # judgement: part or value good
    ng: str  # judgement: bad, limit broken
    value: str  # gauge and current bar
    track: str
    gap: str  # missing to the target, speed loss
    tick: str  # target


# fmt: off
LIGHT = Tokens(
    "light",
    bg="#ECEFF2", panel="#FFFFFF", panel2="#F5F7F9", line="#D6DCE2", line_strong="#85919D",
    ink="#17212B", ink2="#44515D", ink3="#5A6773", rail="#1C2733", rail_ink="#C4CFD9",
    accent="#1D4FB8", accent_soft="#E3EBFA", accent_on="#FFFFFF", run="#8295A5", run_tint="#E4EAEF",
    stop="#C4202B", stop_on="#FFFFFF", stop_tint="#FCE9EA", stop_text="#B01A25",
    reason="#EFA51A", reason_on="#17212B", wait="#F9DCA0", wait_on="#17212B",
    no_data="#E1E6EA", hatch="#93A0AB", planned="#F5F7F9", ok="#0B6B57", ng="#8C1D78",
    value="#2C4C70", track="#DCE2E8", gap="#A3B2C0", tick="#17212B",
)

DARK = Tokens(
    "dark",
    bg="#0F1419", panel="#192128", panel2="#212B33", line="#303C46", line_strong="#6B7A88",
    ink="#EEF3F7", ink2="#BAC6D0", ink3="#9AA8B4", rail="#0A0E12", rail_ink="#AEBBC6",
    accent="#86B4FF", accent_soft="#1E3256", accent_on="#0F1419", run="#5F7688", run_tint="#263038",
    stop="#D2323A", stop_on="#FFFFFF", stop_tint="#3A1B1F", stop_text="#FF9DA0",
    reason="#EBA92B", reason_on="#17212B", wait="#3A3016", wait_on="#FFFFFF",
    no_data="#2A343C", hatch="#72818E", planned="#1D262D", ok="#5CC9AA", ng="#E48AD2",
    value="#86A9CE", track="#303C46", gap="#566878", tick="#FFFFFF",
)

HIGH_CONTRAST = Tokens(
    "contrast",
    bg="#000000", panel="#000000", panel2="#141414", line="#FFFFFF", line_strong="#FFFFFF",
    ink="#FFFFFF", ink2="#FFFFFF", ink3="#E6E6E6", rail="#000000", rail_ink="#FFFFFF",
    accent="#4DD8FF", accent_soft="#003A4A", accent_on="#000000", run="#8FA6B8", run_tint="#1F2A33",
    stop="#FF3B30", stop_on="#000000", stop_tint="#330000", stop_text="#FF8A84",
    reason="#FFC400", reason_on="#000000", wait="#332900", wait_on="#FFFFFF",
    no_data="#000000", hatch="#FFFFFF", planned="#000000", ok="#6CFFCF", ng="#FF9BF0",
    value="#FFFFFF", track="#3A3A3A", gap="#9A9A9A", tick="#4DD8FF",
)

# fmt: on

THEMES = {tokens.name: tokens for tokens in (LIGHT, DARK, HIGH_CONTRAST)}
#: `run` and `run_tint` where a shop wants its running machines green; high contrast keeps its own
GREEN = {"light": ("#4E9A78", "#DDEFE5"), "dark": ("#3E7D63", "#1D3A2E")}


class Look(StrEnum):
    """How a piece of machine time is shown: colour, shape and word go by this together."""

    RUN = "run"
    SHORT_STOP = "short_stop"
    STOP = "stop"  # nobody has said why: red
    REASON = "reason"
    SETUP = "setup"
    WAIT = "wait"
    PLANNED = "planned"
    NO_DATA = "no_data"
    REWORK = "rework"  # operating time for pieces that passed before
    NO_ORDER = "no_order"
    UNSCHEDULED = "unscheduled"  # outside every shift
    NO_SIGNAL = "no_signal"  # no device: known from people only


#: looks that a legend shows only where they appear
RARE = (Look.REWORK, Look.NO_ORDER, Look.UNSCHEDULED, Look.NO_SIGNAL)
_LOOKS = {
    Category.RUN: Look.RUN,
    Category.SHORT_STOP: Look.SHORT_STOP,
    Category.SETUP: Look.SETUP,
    Category.REWORK: Look.REWORK,
    Category.WAIT: Look.WAIT,
    Category.NO_ORDER: Look.NO_ORDER,
    Category.UNSCHEDULED: Look.UNSCHEDULED,
    Category.PLANNED: Look.PLANNED,
    Category.NO_DATA: Look.NO_DATA,
}


def look(category: Category, state: State, labelled: bool) -> Look:
    """The look of a piece of time. `labelled`: a person or an alarm table said why; a breakdown says so itself."""
    if category is Category.NO_DATA and state is State.NO_SIGNAL:
        return Look.NO_SIGNAL
    if category is not Category.STOP:
        return _LOOKS[category]
    return Look.REASON if labelled or state in SELF_EXPLAINED else Look.STOP


def fill(shown: Look, tokens: Tokens) -> str:
    """The fill of a look on a timeline or in a bar."""
    return {
        Look.RUN: tokens.run,
        Look.SHORT_STOP: tokens.gap,
        Look.STOP: tokens.stop,
        Look.REASON: tokens.reason,
        Look.SETUP: tokens.wait,
        Look.WAIT: tokens.wait,
        Look.PLANNED: tokens.planned,
        Look.NO_DATA: tokens.no_data,
        Look.REWORK: tokens.run_tint,
        Look.NO_ORDER: tokens.wait,
        Look.UNSCHEDULED: tokens.panel,
        Look.NO_SIGNAL: tokens.no_data,
    }[shown]


def fill_on(shown: Look, tokens: Tokens) -> str:
    """The colour of words on `fill`."""
    return {
        Look.STOP: tokens.stop_on,
        Look.REASON: tokens.reason_on,
        Look.SETUP: tokens.wait_on,
        Look.WAIT: tokens.wait_on,
        Look.NO_ORDER: tokens.wait_on,
    }.get(shown, tokens.ink2)


def band(shown: Look, tokens: Tokens) -> tuple[str, str]:
    """Fill and ink of a tile's band."""
    return {
        Look.RUN: (tokens.run_tint, tokens.ink),
        Look.SHORT_STOP: (tokens.run_tint, tokens.ink),
        Look.STOP: (tokens.stop, tokens.stop_on),
        Look.REASON: (tokens.reason, tokens.reason_on),
        Look.SETUP: (tokens.reason, tokens.reason_on),
        Look.WAIT: (tokens.wait, tokens.wait_on),
        Look.PLANNED: (tokens.planned, tokens.ink2),
        Look.NO_DATA: (tokens.no_data, tokens.ink2),
        Look.REWORK: (tokens.run_tint, tokens.ink),
        Look.NO_ORDER: (tokens.wait, tokens.wait_on),
        Look.UNSCHEDULED: (tokens.planned, tokens.ink2),
        Look.NO_SIGNAL: (tokens.no_data, tokens.ink2),
    }[shown]
