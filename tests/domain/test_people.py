"""Roles, badges, PINs that are locked, and man-hours: against brute force, millisecond by millisecond."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.attendance import absent, man_hours, placed_at, unmanned_ms
from desktop.domain.commands import Command, Kind, write
from desktop.domain.entries import OPEN_MS, Attended, Placed, Said
from desktop.domain.people import Act, Person, PersonNow, PersonRole, asks, badge_key, may, of_badge, unfit_badge
from desktop.domain.pins import LOCKS_MS, TRIES, PinState, answer, followed, locked_ms, tried, unfit
from desktop.domain.spans import Span

MINUTE = 60_000
OPERATOR, SUPERVISOR, ADMIN = PersonRole


# -- people --


def test_who_may_do_what_takes_a_pin() -> None:
    allowed = {role: {act for act in Act if may(role, act)} for role in PersonRole}
    assert allowed[OPERATOR] == set()
    assert allowed[SUPERVISOR] == {Act.SIGN_OFF, Act.RELEASE, Act.LIMITS, Act.PLANNED_STOP}
    assert allowed[ADMIN] == set(Act)


def test_nobody_is_asked_for_a_pin_where_nobody_who_may_has_one() -> None:
    people = [PersonNow(Person(1, "Kim", role=SUPERVISOR)), PersonNow(Person(2, "Lee"), has_pin=True)]
    assert not any(asks([], act) or asks(people, act) for act in Act)
    people.append(PersonNow(Person(3, "Park", role=SUPERVISOR), has_pin=True))
    assert asks(people, Act.SIGN_OFF)
    assert not asks(people, Act.PEOPLE)


def test_a_badge_is_found_whatever_the_case_and_blanks() -> None:
    people = [Person(1, "Kim", badge="GD-0007"), Person(2, "Lee"), Person(3, "Park", badge="b12")]
    assert of_badge(people, " gd-0007\r") == people[0]
    assert of_badge(people, "B12") == people[2]
    assert of_badge(people, "") is None
    assert of_badge(people, "B1") is None
    printed = write(Command(Kind.PERSON, "B12"))
    assert of_badge(people, printed.lower()) == people[2]
    assert of_badge(people, write(Command(Kind.UNDO))) is None


@pytest.mark.parametrize(
    "badge",
    [
        "",
        "-1",
        "1-",
        "가1",
        "A\n1",
        "A%1",
        "x" * 41,
        " A",
        "A\t1",
        "G.U12",
        write(Command(Kind.UNDO)),
    ],
)
def test_what_scanners_type_wrongly_is_no_badge(badge: str) -> None:
    assert unfit_badge(badge)


@pytest.mark.parametrize("badge", ["1", "20210045", "GD-0007", "A.B/C_1", "Kim 7"])
def test_a_badge(badge: str) -> None:
    assert not unfit_badge(badge)
    assert badge_key(badge) == badge.upper()


# -- PINs --


@pytest.mark.parametrize(
    ("pin", "role", "why"),
    [
        ("", OPERATOR, "short"),
        ("482", OPERATOR, "short"),
        ("4829", OPERATOR, ""),
        ("4829", SUPERVISOR, "short"),
        ("48291", ADMIN, "short"),
        ("482917", ADMIN, ""),
        ("482917482917", ADMIN, ""),
        ("4829174829175", ADMIN, "long"),
        ("48 9", OPERATOR, "digits"),
        ("４８２９", OPERATOR, "digits"),  # wide digits of a Korean keyboard
        ("٤٨٢٩", OPERATOR, "digits"),
        ("0000", OPERATOR, "plain"),
        ("1234", OPERATOR, "plain"),
        ("9012", OPERATOR, "plain"),
        ("4321", OPERATOR, "plain"),
        ("1357", OPERATOR, ""),
    ],
)
def test_when_a_pin_is_fit(pin: str, role: PersonRole, why: str) -> None:
    assert unfit(pin, role) == why


def test_five_wrong_ones_lock_for_a_time_that_grows() -> None:
    state, now = PinState(), 1_000
    lasted = []
    for _lock in range(6):
        for n in range(TRIES):
            assert answer(state, now, right=False).tries == TRIES - n
            state = tried(state, now)
        lasted.append(locked_ms(state, now))
        with pytest.raises(ValueError, match="locked"):
            tried(state, now)
        assert locked_ms(state, now + lasted[-1] - 1) == 1
        now += lasted[-1]
        assert locked_ms(state, now) == 0
    assert [ms // MINUTE for ms in lasted] == [1, 5, 15, 60, 60, 60]
    assert locked_ms(PinState(), now) == 0


def test_a_clock_that_is_set_back_neither_ends_a_lock_nor_makes_it_longer() -> None:
    state = PinState(0, 2, 1_000_000)
    back = followed(state, 400_000)
    assert locked_ms(state, 400_000) == locked_ms(back, 400_000) == LOCKS_MS[1]
    assert locked_ms(back, 400_000 + LOCKS_MS[1]) == 0
    assert followed(state, 1_000_001) is state
    assert followed(PinState(), 5) == PinState()


@given(st.lists(st.tuples(st.integers(-3_600_000, 3_600_000), st.booleans()), max_size=60))
def test_however_the_clock_jumps_no_more_than_five_are_tried_between_locks(steps: list[tuple[int, bool]]) -> None:
    state, now, free = PinState(), 10**12, 0
    for step, right in steps:
        now += step
        state = followed(state, now)
        left = locked_ms(state, now)
        assert 0 <= left <= LOCKS_MS[-1]
        if left:
            continue
        free = free + 1 if state.wrong else 1
        assert free <= TRIES
        state = tried(state, now)
        if right:
            state, free = PinState(), 0


# -- who was where --

_WINDOW = Span(10, 40)


@st.composite
def _said(draw: st.DrawFn) -> Attended | Placed:
    person = draw(st.integers(1, 3))
    start = draw(st.integers(0, 45))
    end = draw(st.just(OPEN_MS) | st.integers(start - 2, 50))
    if draw(st.booleans()):
        return Attended(0, start, end, person)
    return Placed(draw(st.sampled_from([0, 1, 2, 3])), start, end, person)


_pauses = st.lists(st.tuples(st.integers(5, 45), st.integers(0, 8)).map(lambda t: Span(t[0], t[0] + t[1])), max_size=3)
_CREWS = {1: "A", 2: "B"}


@given(st.lists(_said(), max_size=8), _pauses)
def test_man_hours_are_those_of_every_millisecond(said: list[Attended | Placed], pauses: list[Span]) -> None:
    machines: dict[int, Fraction] = {}
    people: dict[int, int] = {}
    crews: dict[str, int] = {}
    for at in range(_WINDOW.start_ms, _WINDOW.end_ms):
        if any(pause.holds(at) for pause in pauses):
            continue
        for person in (1, 2, 3):
            mine = [s for s in said if s.person == person and s.start_ms <= at < s.end_ms]
            if not mine:
                continue
            people[person] = people.get(person, 0) + 1
            crew = _CREWS.get(person, "")
            crews[crew] = crews.get(crew, 0) + 1
            where = {s.machine for s in mine if isinstance(s, Placed) and s.machine} or {0}
            for machine in where:
                machines[machine] = machines.get(machine, Fraction()) + Fraction(1, len(where))
    found = man_hours(said, _WINDOW, _CREWS, pauses)
    assert dict(found.by_machine) == machines
    assert dict(found.by_person) == people
    assert dict(found.by_crew) == crews
    assert found.total_ms == sum(people.values()) == sum(machines.values())


@given(st.lists(_said(), max_size=8), st.integers(10, 40))
def test_any_cut_gives_the_whole(said: list[Attended | Placed], cut: int) -> None:
    whole = man_hours(said, _WINDOW, _CREWS)
    first, second = man_hours(said, Span(10, cut), _CREWS), man_hours(said, Span(cut, 40), _CREWS)
    assert whole.total_ms == first.total_ms + second.total_ms
    for machine, ms in whole.by_machine.items():
        assert ms == first.by_machine.get(machine, 0) + second.by_machine.get(machine, 0)


@given(st.lists(_said(), max_size=8), _pauses, st.sampled_from([1, 2, 3]))
def test_how_long_nobody_was_at_a_machine(said: list[Attended | Placed], pauses: list[Span], machine: int) -> None:
    alone = sum(
        not any(pause.holds(at) for pause in pauses)
        and not any(machine in where for where in placed_at(said, at).values())
        for at in range(_WINDOW.start_ms, _WINDOW.end_ms)
    )
    assert unmanned_ms(said, machine, _WINDOW, pauses) == alone


def test_who_is_where_and_who_is_not_there() -> None:
    said = [
        Attended(0, 0, OPEN_MS, 1), Placed(7, 0, 100, 2), Placed(8, 50, OPEN_MS, 2), Placed(0, 20, 60, 3),
        Placed(7, 80, OPEN_MS, 1),
    ]  # fmt: skip
    assert placed_at(said, 55) == {1: frozenset(), 2: frozenset({7, 8}), 3: frozenset()}
    assert placed_at(said, 100) == {1: frozenset({7}), 2: frozenset({8})}
    assert absent([3, 1, 4], said, 100) == (3, 4)


def test_what_is_said_travels_as_json() -> None:
    said: list[Said] = [Attended(0, 5, OPEN_MS, 1), Placed(0, 3, 9, 2)]
    packed = msgspec.json.encode(said)
    assert msgspec.json.decode(packed, type=list[Said]) == said
    plain = {"type": "placed", "machine": 0, "start_ms": 3, "end_ms": 9, "person": 2}
    assert msgspec.json.decode(packed)[1] == plain
