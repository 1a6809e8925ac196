"""The trail of changes (변경 이력): who changed what, when, from what, to what and why, of whatever kind."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

#: who stands in the file for a change by the command line where no name was given; shown in the language in use
COMMAND_LINE = "command line"
HELD = "master data"  # the action by which the file holds what its tables say; told nowhere: the change has its own row
PAGE = 100  # changes that are looked at at once


class Group(StrEnum):
    """What a change was of."""

    STOPS = "stops"
    WORK = "work"
    PIECES = "pieces"
    QUALITY = "quality"
    HANDOVER = "handover"
    ATTENDANCE = "attendance"
    ALARMS = "alarms"
    PLAN = "plan"
    MASTER = "master"
    LIMITS = "limits"
    PEOPLE = "people"
    SETTINGS = "settings"


#: kinds of entries (`domain.entries`), and actions of the audit, by group; what is new and not named here belongs to
#: the handover, or to the settings
ENTRIES: dict[str, Group] = {
    "label": Group.STOPS, "split": Group.STOPS, "call": Group.STOPS, "phase": Group.STOPS,
    "order": Group.WORK, "order_end": Group.WORK, "changeover": Group.WORK, "first_piece": Group.WORK,
    "pieces": Group.PIECES, "attended": Group.ATTENDANCE, "placed": Group.ATTENDANCE,
    "measured": Group.QUALITY, "excluded": Group.QUALITY, "chart_limits": Group.QUALITY,
    "left": Group.ATTENDANCE, "calibrated": Group.QUALITY, "held": Group.QUALITY, "disposed": Group.QUALITY,
    "replaced": Group.QUALITY, "joined": Group.QUALITY, "parted": Group.QUALITY,
}  # fmt: skip
ACTIONS: dict[str, Group] = {
    "acknowledge": Group.ALARMS, "unacknowledge": Group.ALARMS, "plan": Group.PLAN, "table import": Group.MASTER,
    "table undo": Group.MASTER, "person": Group.PEOPLE, "people": Group.PEOPLE, "pin": Group.PEOPLE,
    "limit": Group.LIMITS,
}  # fmt: skip


class Cursor(Struct, frozen=True):
    """Where a page ends: changes with smaller ids are older. The two kinds of rows number their own."""

    audit: int = 1 << 62
    entries: int = 1 << 62


class Asked(Struct, frozen=True):
    """Which changes are wanted: of a person (None: all; "": of nobody who said so), a group, a machine, from a moment
    on and before another (when they were made), with these words in them. `before`: the page behind this one.
    """

    who: str | None = None
    group: Group | None = None
    machine: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    words: str = ""
    before: Cursor = Cursor()


class Change(Struct, frozen=True):
    """One change as the file holds it. Of an entry: its kind, its body as JSON, the machine and the time of which it
    speaks, what it took back (0: nothing) and what took it back; of the audit: action, subject, old and new.
    """

    id: int
    at_ms: int
    who: str
    why: str
    action: str
    subject: str = ""
    old: str = ""
    new: str = ""
    entry: bool = False
    machine: int = 0
    start_ms: int = 0
    end_ms: int = 0
    takes_back: int = 0
    taken_back: int = 0
    taken_back_who: str = ""
    #: of a reason or an order: what had been said of the same before, as JSON
    before: str = ""

    @property
    def group(self) -> Group:
        """What it was of."""
        if self.entry:
            return ENTRIES.get(self.action, Group.HANDOVER)
        return ACTIONS.get(self.action, Group.SETTINGS)


class Chain(Struct, frozen=True):
    """How far the chains of both tables have been followed: `rows` of `total`; `broken`: the first row that does not
    follow, as table and id."""

    rows: int = 0
    total: int = 0
    broken: tuple[str, int] | None = None

    @property
    def whole(self) -> bool:
        """Whether all of it was followed and nothing is amiss."""
        return self.broken is None and self.rows >= self.total
