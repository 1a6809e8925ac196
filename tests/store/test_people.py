"""Who works here: names and badges that are somebody's alone; PINs that are locked, also over a restart."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import argon2
import pytest

from desktop.configuration.staff import Staff
from desktop.domain.commands import Command, Kind, write
from desktop.domain.people import Person, PersonRole
from desktop.domain.pins import LOCKS_MS, PinAnswer
from desktop.store import database, people, register, upkeep
from desktop.store.database import KnownError, Store
from tests.store.example import T0

ADMIN = PersonRole.ADMIN
PIN = "482917"
REAL = 1_780_000_000_000


def audit(store: Store) -> list[tuple[str, str, str, str, str]]:
    return [tuple(row) for row in store.rows("SELECT who, action, subject, old, new FROM audit ORDER BY id")]


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take no time, but for the tests that look at them."""
    if request.node.name not in ("test_a_pin_is_nowhere_but_in_its_hash", "test_a_pin_takes_time_and_not_too_much"):
        cheap = argon2.PasswordHasher(1, 8, 1)
        monkeypatch.setattr(people, "_hasher", lambda: cheap)


@pytest.fixture
def kim(store: Store) -> int:
    kim = people.put(store, Person(0, "김민수", "A조", ADMIN, "GD-7"), T0)
    people.set_pin(store, kim, PIN, T0)
    return kim


def tries(
    store: Store, person: int, count: int, real_ms: int = REAL, pin: str = "000000"
) -> list[tuple[bool, int, int]]:
    found = [people.check_pin(store, person, pin, real_ms, T0) for _n in range(count)]
    return [(each.right, each.tries, each.locked_ms) for each in found]


def test_added_changed_retired_and_brought_back(store: Store) -> None:
    lee = people.put(store, Person(0, " 이영희 ", "B조", badge="GD-1"), T0, "kim")
    kim = people.put(store, Person(0, "Kim", role=ADMIN), T0)
    assert people.people(store) == (Person(lee, "이영희", "B조", badge="GD-1"), Person(kim, "Kim", role=ADMIN))
    people.put(store, Person(lee, "이영희", "A조", PersonRole.SUPERVISOR, "GD-1"), T0)
    people.retire(store, lee, T0 + 5, "kim")
    assert [each.name for each in people.people(store)] == ["Kim"]
    assert [each.name for each in people.people(store, since_ms=T0)] == ["이영희", "Kim"]
    assert people.retired_names(store) == ("이영희",)
    with pytest.raises(KnownError, match="was a 이영희 here before"):
        people.put(store, Person(0, "이영희"), T0)
    people.put(store, Person(kim, "Kim", role=ADMIN, badge="gd-1"), T0)  # a badge of who left is free
    assert people.bring_back(store, "이영희", T0) == lee
    assert people.people(store)[0] == Person(lee, "이영희", "A조", PersonRole.SUPERVISOR)
    with pytest.raises(KnownError, match="not among those who left"):
        people.bring_back(store, "Kim", T0)
    with pytest.raises(KnownError, match="not in the list"):
        people.retire(store, 99, T0)
    told = audit(store)
    assert told[0] == (
        "kim",
        "person",
        "이영희",
        "",
        '{"name": "이영희", "crew": "B조", "role": "operator", "badge": "GD-1"}',
    )
    assert [(row[1], row[2]) for row in told] == [
        ("person", "이영희"), ("person", "Kim"), ("person", "이영희"), ("person", "이영희"), ("person", "Kim"),
        ("person", "이영희"),
    ]  # fmt: skip
    assert told[3][4] == told[5][3] == ""
    assert upkeep.check(store) == []


def test_what_stays_as_it_is_leaves_no_row_and_people_change_no_figure(store: Store) -> None:
    with store.transaction() as db:
        register.audit(db, T0, "", "config import", "register", "", "")
    before = register.version(store)
    lee = people.put(store, Person(0, "Lee"), T0)
    people.put(store, Person(lee, "Lee"), T0)
    assert len(audit(store)) == 2
    assert register.version(store) == before > 0


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (Person(0, "  "), "Write the person's name"),
        (Person(0, "x" * 61), "at most 60"),
        (Person(0, "A\nB"), "one line"),
        (Person(0, "김민수"), "There is a 김민수 already"),
        (Person(0, "Lee", badge="gd-7"), "badge GD-7 is 김민수's"),
        (Person(0, "Lee", badge="pr-01"), "is the code of"),
        (Person(0, "Lee", badge="p-1"), "is the code of Housing"),
        (Person(0, "Lee", badge="R1"), "is the code of 고장"),
        (Person(0, "Lee", badge="가"), "가 cannot be a badge"),
        (Person(77, "Lee"), "not in the list"),
    ],
)
def test_what_cannot_be(store: Store, kim: int, person: Person, words: str) -> None:
    with store.transaction() as db:
        register.upsert(db, "products", {"code": "P-1"}, {"name": "Housing"})
        register.upsert(db, "reasons", {"code": "R1"}, {"name": "고장", "kind": "unplanned", "failure": 1, "place": 0})
    before = audit(store)
    with pytest.raises(KnownError, match=words):
        people.put(store, person, T0)
    assert audit(store) == before
    assert [each.id for each in people.people(store)] == [kim]


def test_the_right_pin(store: Store, kim: int) -> None:
    assert tries(store, kim, 1, pin=PIN) == [(True, 5, 0)]
    assert tries(store, kim, 3) == [(False, 4, 0), (False, 3, 0), (False, 2, 0)]
    assert tries(store, kim, 1, pin=PIN) == [(True, 5, 0)]
    assert tries(store, kim, 1) == [(False, 4, 0)]
    (now,) = people.people_now(store, REAL)
    assert (now.person.id, now.has_pin, now.locked_ms) == (kim, True, 0)


@pytest.mark.parametrize(
    ("pin", "words"), [("12", "6 digits"), ("48x917", "digits 0 to 9"), ("1" * 13, "12"), ("111111", "guessed")]
)
def test_a_pin_that_is_not_fit_is_refused_and_not_said_again(store: Store, kim: int, pin: str, words: str) -> None:
    with pytest.raises(KnownError, match=words) as error:
        people.set_pin(store, kim, pin, T0)
    assert pin not in str(error.value).replace("12 digits", "")
    assert people.check_pin(store, kim, PIN, REAL, T0).right


def test_five_wrong_ones_lock_even_the_right_one_and_a_restart_does_not_help(
    folder: Path, store: Store, kim: int
) -> None:
    assert tries(store, kim, 6) == [
        (False, 4, 0),
        (False, 3, 0),
        (False, 2, 0),
        (False, 1, 0),
        (False, 5, 60_000),
        (False, 5, 60_000),
    ]
    again = database.open_writer(folder)
    try:
        assert tries(again, kim, 1, REAL + 59_999, PIN) == [(False, 5, 1)]
        assert tries(again, kim, 1, REAL + 60_000, PIN) == [(True, 5, 0)]
    finally:
        again.close()


def test_the_lock_grows_until_a_right_one_or_an_admin(store: Store, kim: int) -> None:
    now, lasted = REAL, []
    for _lock in range(5):
        lasted.append(tries(store, kim, 5, now)[-1][2])
        now += lasted[-1]
    assert tuple(lasted) == (*LOCKS_MS, LOCKS_MS[-1])
    tries(store, kim, 5, now)
    assert people.people_now(store, now)[0].locked_ms == LOCKS_MS[-1]
    people.unlock(store, kim, T0, "이영희")
    people.unlock(store, kim, T0, "이영희")
    assert [row for row in audit(store) if row[0] == "이영희"] == [("이영희", "pin", "김민수", "locked", "unlocked")]
    assert tries(store, kim, 5, now)[-1] == (False, 5, 60_000)


def test_a_clock_that_is_set_back_does_not_end_a_lock(store: Store, kim: int) -> None:
    tries(store, kim, 5)
    day_before = REAL - 86_400_000
    assert people.people_now(store, day_before)[0].locked_ms == 60_000
    assert tries(store, kim, 1, day_before, PIN) == [(False, 5, 60_000)]
    assert tries(store, kim, 1, day_before + 59_999, PIN) == [(False, 5, 1)]
    assert tries(store, kim, 1, day_before + 60_000, PIN) == [(True, 5, 0)]


def test_a_process_that_dies_while_it_looks_gives_no_free_try(
    store: Store, kim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_sealed: str, _pin: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(people, "_matches", die)
    for _n in range(5):
        with pytest.raises(KeyboardInterrupt):
            people.check_pin(store, kim, "000000", REAL, T0)
    monkeypatch.undo()
    assert tries(store, kim, 1, pin=PIN) == [(False, 5, 60_000)]


def test_two_windows_at_once_have_five_tries_together(folder: Path, store: Store, kim: int) -> None:
    answers: list[tuple[bool, int, int]] = []
    looked: list[str] = []

    def at_another() -> None:
        other = database.open_writer(folder)
        try:
            while len(answers) < 12:
                try:
                    answers.extend(tries(other, kim, 1))
                except database.BusyError:
                    time.sleep(0.001)
        finally:
            other.close()

    quick = people._matches
    people._matches = lambda sealed, pin: looked.append(pin) is not None  # type: ignore[assignment]
    try:
        threads = [threading.Thread(target=at_another) for _n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        people._matches = quick
    assert len(looked) == 5


def test_a_pin_is_nowhere_but_in_its_hash(
    folder: Path, store: Store, kim: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    people.set_pin(store, kim, "593804", T0)
    people.check_pin(store, kim, "593804", REAL, T0)
    people.check_pin(store, kim, "770012", REAL, T0)
    (sealed,) = store.row("SELECT hash FROM pins")
    assert sealed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    kept = b"".join(file.read_bytes() for file in folder.iterdir() if file.name.startswith(database.DATABASE))
    for pin in (PIN, "593804", "770012"):
        assert pin.encode() not in kept
        assert pin not in caplog.text
    told = "".join(str(row) for table in ("audit", "events", "meta") for row in store.rows(f"SELECT * FROM {table}"))
    assert "argon2" not in told
    assert [row[4] for row in audit(store) if row[1] == "pin"] == ["set", "set", "wrong"]


def test_a_pin_takes_time_and_not_too_much(store: Store, kim: int) -> None:
    """Slow for who tries all of them, not for who waits: CPU time of one look, of two lanes at most."""
    took = []
    for _n in range(3):
        start = time.process_time()
        people.check_pin(store, kim, PIN, REAL, T0)
        took.append(time.process_time() - start)
    assert 0.02 < min(took) < 0.5


def test_who_leaves_or_rises_loses_the_pin(store: Store, kim: int) -> None:
    lee = people.put(store, Person(0, "Lee"), T0)
    people.set_pin(store, lee, "4829", T0)
    people.put(store, Person(lee, "Lee", role=PersonRole.SUPERVISOR), T0)
    assert people.check_pin(store, lee, "4829", REAL, T0).missing
    people.retire(store, kim, T0)
    assert people.check_pin(store, kim, PIN, REAL, T0).missing
    assert store.row("SELECT count(*) FROM pins")[0] == 0
    assert register.any_people(store)
    people.forget_pin(store, lee, T0)
    people.retire(store, lee, T0)
    assert not register.any_people(store)


def test_a_busy_file_neither_counts_a_try_twice_nor_loses_it(folder: Path, store: Store, kim: int) -> None:
    """The collector writes four times a second: each step of a look at a PIN waits for its turn."""
    blocks = database.open_writer(folder)
    staff = Staff(folder)
    try:
        blocks.connection.execute("BEGIN IMMEDIATE")
        ended = threading.Timer(0.3, lambda: None)
        answers: list[PinAnswer] = []
        asks = threading.Thread(target=lambda: answers.append(staff.check_pin(kim, "000000")))
        asks.start()
        ended.start()
        ended.join()
        blocks.connection.execute("ROLLBACK")
        asks.join()
    finally:
        blocks.close()
    assert [(each.right, each.tries) for each in answers] == [(False, 4)]
    assert staff.check_pin(kim, PIN).right
    assert [row[4] for row in audit(store) if row[1] == "pin"] == ["set", "wrong"]


def test_a_printed_badge_that_is_scanned_into_the_form_is_the_badge(store: Store) -> None:
    key = people.put(store, Person(0, "Lee", badge=write(Command(Kind.PERSON, "GD-0007"))), T0)
    assert people.people(store) == (Person(key, "Lee", badge="GD-0007"),)
