"""When a PIN is fit, and for how long none is taken after wrong ones. Pure: the hash is the store's."""

from __future__ import annotations

from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.people import PersonRole

TRIES = 5
LEAST_DIGITS, MOST_DIGITS = 4, 12
LEAST_DIGITS_TO_SIGN = 6  # a PIN of 4 falls in under an hour to who has the file; who signs needs a longer one
MINUTE_MS = 60_000
#: how long the first lock lasts, the second, ...; every further one as long as the last
LOCKS_MS = (MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS)


class PinState(Struct, frozen=True):
    """Wrong PINs of one person: `wrong` since the last right one or the last lock, `locks` since the last right one,
    and when the last lock began by the computer's own clock (UTC ms), None where there was none."""

    wrong: int = 0
    locks: int = 0
    locked_at_ms: int | None = None


class PinAnswer(Struct, frozen=True):
    """What became of a PIN. `tries`: how many wrong ones are left before a lock. `locked_ms`: so much longer none is
    taken. `missing`: the person has no PIN, or is not there any more.
    """

    right: bool
    tries: int = TRIES
    locked_ms: int = 0
    missing: bool = False


def least_digits(role: PersonRole) -> int:
    """How many digits the PIN of a role has at least."""
    return LEAST_DIGITS if role is PersonRole.OPERATOR else LEAST_DIGITS_TO_SIGN


def unfit(pin: str, role: PersonRole) -> str:
    """Why a PIN cannot be taken: "digits" (it is not 0-9 only), "short", "long", "plain" (1111, 1234, 4321); "" where
    it can."""
    if not (pin.isascii() and pin.isdigit()):
        return "digits" if pin else "short"
    if len(pin) < least_digits(role):
        return "short"
    if len(pin) > MOST_DIGITS:
        return "long"
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return "plain" if len(steps) == 1 and steps <= {0, 1, 9} else ""


def locked_ms(state: PinState, now_ms: int) -> int:
    """So much longer no PIN is taken, 0 where one is. A clock that was set back does not end a lock."""
    if state.locked_at_ms is None or not state.locks:
        return 0
    length = LOCKS_MS[min(state.locks, len(LOCKS_MS)) - 1]
    return max(length - max(now_ms - state.locked_at_ms, 0), 0)


def followed(state: PinState, now_ms: int) -> PinState:
    """The state after a clock that may have been set back: a lock that would begin in the future begins now, so that
    it is neither ended nor made longer than it is."""
    if state.locked_at_ms is None or state.locked_at_ms <= now_ms:
        return state
    return replace(state, locked_at_ms=now_ms)


def tried(state: PinState, now_ms: int) -> PinState:
    """The state once a PIN is tried, to be kept *before* it is looked at, so that no way to break off gives a free try;
    a right one is followed by `PinState()`. Raises ValueError while it is locked."""
    if locked_ms(state, now_ms):
        raise ValueError("no PIN is taken while it is locked")
    wrong = state.wrong + 1
    if wrong < TRIES:
        return replace(state, wrong=wrong)
    return PinState(0, state.locks + 1, now_ms)


def answer(state: PinState, now_ms: int, *, right: bool) -> PinAnswer:
    """What a person is told once a PIN was looked at, or while none is taken."""
    return PinAnswer(right, TRIES - state.wrong, 0 if right else locked_ms(state, now_ms))
