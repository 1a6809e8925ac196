"""Who worked a shift and what was checked in it, as its report says it."""

from __future__ import annotations

from msgspec import Struct


class CrewRow(Struct, frozen=True):
    """One person in a shift, for its report: from when to when (None: still there), how long without the breaks, at
    which machines (names, in the order of the line)."""

    name: str
    crew: str
    from_ms: int
    to_ms: int | None
    worked_ms: int
    machines: tuple[str, ...] = ()


class PostRow(Struct, frozen=True):
    """One machine in a shift, for its report: man-hours at it, and how long nobody was; milliseconds."""

    name: str
    code: str
    manned_ms: float
    unmanned_ms: int


class CrewReport(Struct, frozen=True):
    """Who worked a shift (공수). `total_ms`: man-hours without the breaks; `each_ms`: of them for one good piece of the
    line, None where none was made or counted. Nobody said anything: no rows."""

    people: tuple[CrewRow, ...] = ()
    posts: tuple[PostRow, ...] = ()
    total_ms: int = 0
    each_ms: float | None = None
    absent: tuple[str, ...] = ()  # of the crew of the shift, who never came


class CheckRow(Struct, frozen=True):
    """One check as it stands. `state`: due, late or missed, or good or bad where somebody has checked; then `value`,
    `note`, `who` and `done_ms` say what, and `entry` takes it back, with `also`, the open item that came of it (0:
    none). Of kind "sample" `item` is a characteristic (`code`), `every` which sample it is (`sampling.Sample`) and
    `start_ms` the beginning of its hour; `taken` of `wanted` are there: they came from a device or by hand, so that
    there is nothing to take back. Of one that was missed `done_ms` and `who` say when that was acknowledged;
    `asks`: nobody has, and the shift goes on."""

    item: int
    machine: int
    machine_code: str
    machine_name: str
    name: str
    kind: str
    every: str
    state: str
    due_ms: int
    late_ms: int
    end_ms: int
    unit: str = ""
    low: float | None = None
    high: float | None = None
    value: float | None = None
    note: str = ""
    who: str = ""
    done_ms: int | None = None
    entry: int = 0
    also: int = 0
    taken: int = 0
    wanted: int = 0
    start_ms: int = 0
    code: str = ""
    asks: bool = False

    @property
    def over(self) -> bool:
        """Whether nobody can do it any more."""
        return self.done or self.state == "missed"

    @property
    def done(self) -> bool:
        """Whether it was checked."""
        return self.state in ("good", "bad")
