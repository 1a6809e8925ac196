"""Who works here: name, crew, role, badge; and what a role may do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.commands import badge_of, key, parse
from desktop.domain.figures.head import CollectorNow, PlantHead

LONGEST_NAME = 60
LONGEST_BADGE = 40
#: what a badge's bar code may be made of: safe on Code 128 and on a scanner that types, whatever the keyboard
BADGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-/_ ]*[A-Za-z0-9])?")


class PersonRole(StrEnum):
    """What somebody answers for; each may do what those before it may."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Act(StrEnum):
    """What takes a PIN, and nothing else does."""

    SIGN_OFF = "sign_off"  # a shift's report
    RELEASE = "release"  # what was held
    LIMITS = "limits"  # of measured values
    PLANNED_STOP = "planned_stop"  # approving one
    PEOPLE = "people"  # roles, badges and PINs of others, and a PIN that is locked


_LEAST_ROLE = {
    Act.SIGN_OFF: PersonRole.SUPERVISOR,
    Act.RELEASE: PersonRole.SUPERVISOR,
    Act.LIMITS: PersonRole.SUPERVISOR,
    Act.PLANNED_STOP: PersonRole.SUPERVISOR,
    Act.PEOPLE: PersonRole.ADMIN,
}
_RANK = {role: rank for rank, role in enumerate(PersonRole)}


class Person(Struct, frozen=True):
    """Somebody of the shop. `badge`: the text of a personal bar code, "" for none. `id` 0: not in the register yet."""

    id: int
    name: str
    crew: str = ""
    role: PersonRole = PersonRole.OPERATOR
    badge: str = ""


class PersonNow(Struct, frozen=True):
    """Somebody with where the PIN stands. `locked_ms`: so much longer no PIN is taken, 0 where one is."""

    person: Person
    has_pin: bool = False
    locked_ms: int = 0


class PeopleView(Struct, frozen=True):
    """Who works here, and the names of those who left."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    people: tuple[PersonNow, ...] = ()
    left: tuple[str, ...] = ()


def may(role: PersonRole, act: Act) -> bool:
    """Whether a role is enough for what takes a PIN."""
    return _RANK[role] >= _RANK[_LEAST_ROLE[act]]


def asks(people: Iterable[PersonNow], act: Act) -> bool:
    """Whether anybody is asked for a PIN before an act: only where somebody has one who may do it.

    A shop without people, or without PINs, is never asked and never stopped.
    """
    return any(each.has_pin and may(each.person.role, act) for each in people)


def badge_key(code: str) -> str:
    """A badge as it is compared: the shop's own or one that Gadong printed, without blanks around it, big and small
    letters alike (a keyboard with Caps Lock on types the other ones)."""
    return key(badge_of(code.strip()))


def unfit_badge(badge: str) -> bool:
    """Whether a text cannot be a badge: empty, over 40 characters, with characters that scanners type wrongly, or one
    that is or begins as another command."""
    return len(badge) > LONGEST_BADGE or BADGE.fullmatch(badge) is None or parse(badge) is not None


def of_badge(people: Iterable[Person], code: str) -> Person | None:
    """Whose badge was scanned; None where it is nobody's."""
    wanted = badge_key(code)
    return next((each for each in people if each.badge and badge_key(each.badge) == wanted), None) if wanted else None
