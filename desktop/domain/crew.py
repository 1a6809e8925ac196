"""Who is here and who is at which machine at one moment, for the page on which that is said."""

from __future__ import annotations

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.entries import Said
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.intervals import Category


class CrewPerson(Struct, frozen=True):
    """Somebody who may work in this shift. `expected`: of its crew. `from_ms` None: not there yet; `to_ms`: when that
    person left, None while there. `machines`: where that person is, by their ids. `entries`: all that stands of that
    person in this shift, `said` the same as it was said, and `left` what says that the person is gone, 0 for nothing.
    """

    id: int
    name: str
    crew: str
    expected: bool
    from_ms: int | None = None
    to_ms: int | None = None
    machines: tuple[int, ...] = ()
    worked_ms: int = 0
    entries: tuple[int, ...] = ()
    said: tuple[Said, ...] = ()
    left: int = 0

    @property
    def here(self) -> bool:
        """Whether that person is there now."""
        return self.from_ms is not None and self.to_ms is None


class CrewMachine(Struct, frozen=True):
    """A machine and who is at it. `unattended`: it needs nobody."""

    id: int
    code: str
    name: str
    category: Category
    people: tuple[int, ...] = ()
    unattended: bool = False

    @property
    def vacant(self) -> bool:
        """Whether somebody is wanted there (결원)."""
        return not self.people and not self.unattended


class CrewNow(Struct, frozen=True):
    """The crew at one moment. `since_ms`: from when on somebody who is said to be here now counts. `worked_ms`:
    man-hours so far, `good` pieces of the line in the same time (None: not known). `as_before`: what is to be said to
    have everybody where they were in the shift of the same name before, () where nothing was said then."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    people: tuple[CrewPerson, ...]
    machines: tuple[CrewMachine, ...]
    since_ms: int
    worked_ms: int = 0
    good: int | None = None
    as_before: tuple[Said, ...] = ()

    @property
    def each_ms(self) -> float | None:
        """Man-hours for one good piece, in milliseconds; None where none was made or counted."""
        return self.worked_ms / self.good if self.good and self.worked_ms else None
