"""Roles, PINs and what is said at the handover, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.domain.entries import SafetyKind
from desktop.text import N_, _
from desktop.wording.numbers import UNKNOWN, minutes

if TYPE_CHECKING:
    from desktop.domain.people import PersonNow
    from desktop.domain.pins import PinAnswer

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
