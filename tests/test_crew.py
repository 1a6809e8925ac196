"""Who was there and who was where: what becomes of it in the file, and what a badge and yesterday say."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop import summaries
from desktop.domain import attendance
from desktop.domain.entries import OPEN_MS, Attended, Left, Placed, Said
from desktop.domain.people import Person
from desktop.domain.spans import Span
from desktop.store import entries, people, register, shift_sums
from desktop.store.database import Store
from desktop.summaries.now import Live
from tests import test_entered
from tests.store.example import MACHINE
from tests.test_entered import Floor, at, halves
from tests.test_live import START

shop = test_entered.shop  # a machine that tells its state, and two products
HOUR = 3_600_000
EARLY = Attended(0, 100, OPEN_MS, 1)


def ended(*said: attendance._Said | Left, until: int = 1000) -> list[tuple[int, int, int]]:
    return [(each.machine, each.start_ms, each.end_ms) for each in attendance.settled(said, lambda _at: until)]


def test_who_leaves_is_nowhere_and_who_leaves_a_machine_is_still_there() -> None:
    there = (EARLY, Placed(7, 200, OPEN_MS, 1), Placed(8, 200, OPEN_MS, 1), Placed(7, 200, OPEN_MS, 2))
    assert ended(*there, Left(7, 300, 300, 1)) == [(0, 100, 1000), (7, 200, 300), (8, 200, 1000), (7, 200, 1000)]
    assert ended(*there, Left(0, 300, 300, 1)) == [(0, 100, 300), (7, 200, 300), (8, 200, 300), (7, 200, 1000)]


def test_leaving_ends_only_what_was_said_before_it() -> None:
    back = (EARLY, Left(0, 300, 300, 1), Attended(0, 300, OPEN_MS, 1))
    assert ended(*back) == [(0, 100, 300), (0, 300, 1000)]
    late = (EARLY, Left(0, 100, 100, 1), Attended(0, 400, OPEN_MS, 1))
    assert ended(*late) == [(0, 400, 1000)], "came later than was said first"


def test_nobody_who_forgot_to_leave_works_in_the_next_shift() -> None:
    assert ended(EARLY, until=800) == [(0, 100, 800)]
    assert ended(Attended(0, 100, 900, 1), until=800) == [(0, 100, 900)], "an end that was said holds"


@given(
    st.lists(
        st.tuples(st.sampled_from(["there", "at", "gone"]), st.integers(0, 2), st.integers(1, 3), st.integers(0, 90)),
        max_size=12,
    )
)
def test_man_hours_are_never_more_than_people_times_hours_and_add_up(told: list[tuple[str, int, int, int]]) -> None:
    said: list[attendance._Said | Left] = []
    for kind, machine, person, start in told:
        if kind == "gone":
            said.append(Left(machine, start, start, person))
        else:
            there = kind == "there"
            said.append(Attended(0, start, OPEN_MS, person) if there else Placed(machine, start, OPEN_MS, person))
    window = Span(0, 100)
    settled = attendance.settled(said, lambda _at: 100)
    hours = attendance.man_hours(settled, window)
    assert 0 <= hours.total_ms <= 100 * len({each.person for each in said})
    assert sum(hours.by_machine.values(), Fraction()) == hours.total_ms
    for person, span_ms in hours.by_person.items():
        begun = min(each.start_ms for each in said if each.person == person and not isinstance(each, Left))
        assert span_ms <= 100 - begun
    assert set(attendance.placed_at(settled, 99)) <= {each.person for each in settled}


@pytest.fixture
def crew(shop: Store) -> dict[str, int]:
    """Kim and Lee of crew A, Park of crew B."""
    named = (("Kim", "A"), ("Lee", "A"), ("Park", "B"))
    return {name: people.put(shop, Person(0, name, crew), START) for name, crew in named}


def say(store: Store, minute: float, *said: Said) -> list[int]:
    return entries.say(store, said, at(minute), "Kim")


def test_the_page_shows_who_is_where_and_how_many_man_hours_that_makes(shop: Store, crew: dict[str, int]) -> None:
    Floor(shop).makes(*halves(0.5, 60))
    say(shop, 1, Attended(0, at(0), OPEN_MS, crew["Kim"]), Placed(MACHINE, at(0), OPEN_MS, crew["Kim"]))
    (entry,) = say(shop, 31, Attended(0, at(30), OPEN_MS, crew["Lee"]))
    now = summaries.crew_now(Live(), shop, at(60))
    kim, lee, park = now.people
    assert (kim.here, kim.machines, lee.here, lee.machines, park.here) == (True, (MACHINE,), True, (), False)
    assert now.worked_ms == HOUR + HOUR // 2
    assert now.each_ms is None, "nothing has left the line yet"
    assert replace(now, good=120).each_ms == pytest.approx(1.5 * HOUR / 120)
    assert [machine.people for machine in now.machines if machine.id == MACHINE] == [(crew["Kim"],)]
    say(shop, 61, Left(0, at(60), at(60), crew["Kim"]))
    later = summaries.crew_now(Live(), shop, at(90))
    assert later.people[0].to_ms == at(60)
    assert next(machine for machine in later.machines if machine.id == MACHINE).vacant
    entries.take_back(shop, [entry], at(91))
    assert not summaries.crew_now(Live(), shop, at(92)).people[1].here


def test_a_badge_says_once_that_somebody_is_here(shop: Store, crew: dict[str, int]) -> None:
    told = summaries.arrival(shop, crew["Kim"], at(20))
    assert [type(each) for each in told] == [Attended]
    say(shop, 20, *told)
    assert summaries.arrival(shop, crew["Kim"], at(25)) == ()
    assert summaries.arrival(shop, 999, at(25)) == (), "nobody of that number works here"


def test_what_is_said_of_people_leaves_the_sums_of_shifts_alone(shop: Store, crew: dict[str, int]) -> None:
    swept = entries.newest(shop)
    say(shop, 20, Attended(0, at(0), OPEN_MS, crew["Kim"]))
    assert entries.since(shop, swept) == []
    assert shift_sums.sweep(shop) is None


DAY = 24 * 60  # minutes


def test_as_the_last_time_is_where_everybody_was_at_the_end_of_it(shop: Store, crew: dict[str, int]) -> None:
    kim, lee, park = crew["Kim"], crew["Lee"], crew["Park"]
    say(shop, 1, Attended(0, at(0), OPEN_MS, kim), Placed(MACHINE, at(0), OPEN_MS, kim))
    say(shop, 1, Attended(0, at(0), OPEN_MS, lee), Placed(MACHINE, at(0), OPEN_MS, lee))
    say(shop, 1, Attended(0, at(0), OPEN_MS, park))
    say(shop, 50, Left(MACHINE, at(50), at(50), lee), Left(0, at(60), at(60), park))
    people.retire(shop, park, at(200))
    late = summaries.crew_now(Live(), shop, at(130))
    assert late.as_before == (), "the late shift of the day before is unknown"
    assert [person.from_ms for person in late.people] == [None, None], "the day's people are not here at night"
    found = summaries.crew_now(Live(), shop, at(DAY + 5))
    begun = at(DAY)
    assert found.since_ms == begun
    assert found.as_before == (
        Attended(0, begun, OPEN_MS, kim), Placed(MACHINE, begun, OPEN_MS, kim), Attended(0, begun, OPEN_MS, lee),
    )  # fmt: skip
    say(shop, DAY + 6, *found.as_before)
    again = summaries.crew_now(Live(), shop, at(DAY + 30))
    assert again.as_before == ()
    assert [person.machines for person in again.people] == [(MACHINE,), ()]
    assert again.worked_ms == HOUR


def test_who_comes_shortly_before_the_own_shift_is_here_from_its_beginning(shop: Store) -> None:
    with shop.transaction() as db:
        for name, crew in (("Day", "A"), ("Late", "B")):
            db.execute("UPDATE shift_patterns SET crew = ? WHERE name = ?", (crew, name))
        register.audit(db, START, "", "import", "", "", "")
    own = people.put(shop, Person(0, "Own", "B"), START)
    other = people.put(shop, Person(0, "Other", "A"), START)
    coming = at(120)  # when the late shift begins
    assert summaries.arrival(shop, own, at(100)) == (Attended(0, coming, OPEN_MS, own),)
    assert summaries.arrival(shop, other, at(100)) == (Attended(0, at(100), OPEN_MS, other),)
    assert summaries.arrival(shop, other, at(-30)) == (Attended(0, at(0), OPEN_MS, other),), "before the first shift"
    say(shop, 100, *summaries.arrival(shop, own, at(100)))
    assert summaries.arrival(shop, own, at(118)) == (), "the badge once more"
    assert not summaries.crew_now(Live(), shop, at(110)).people[0].here
    now = summaries.crew_now(Live(), shop, at(121))
    assert [(person.name, person.expected, person.here) for person in now.people] == [
        ("Own", True, True), ("Other", False, False),
    ]  # fmt: skip


def test_the_report_names_the_crew_the_absent_and_nobody_of_the_next_shift(shop: Store, crew: dict[str, int]) -> None:
    with shop.transaction() as db:
        db.execute("UPDATE shift_patterns SET crew = 'A' WHERE name = 'Day'")
        register.audit(db, START, "", "import", "", "", "")
    say(shop, 1, Attended(0, at(10), OPEN_MS, crew["Kim"]), Placed(MACHINE, at(10), OPEN_MS, crew["Kim"]))
    say(shop, 120, Attended(0, at(120), OPEN_MS, crew["Park"]))
    shift = summaries.find_shift(shop, "current", at(5))
    told = summaries.shift_report(shop, shift, at(130)).crew
    assert [(row.name, row.from_ms, row.to_ms, row.machines) for row in told.people] == [
        ("Kim", at(10), at(120), (told.posts[0].name,))
    ]
    assert told.absent == ("Lee",)
    assert told.total_ms == 100 * 60_000, "from ten past on, without the break"
    assert told.posts[0].unmanned_ms == 10 * 60_000
