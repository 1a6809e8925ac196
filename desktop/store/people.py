"""Who works here and their PINs. Written by the desktop alone; each change leaves a row in the audit trail.

A PIN is kept as its argon2id hash (RFC 9106, second recommended option: 64 MiB, three passes, 0.2 s) and never as
itself: not in the audit trail, a message, a log or an export. It says who answers for something; whoever has the file
can try all of them in hours, so the file is to be protected too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from desktop.domain import pins
from desktop.domain.commands import badge_of
from desktop.domain.people import LONGEST_NAME, Person, PersonNow, PersonRole, badge_key, unfit_badge
from desktop.domain.pins import PinAnswer, PinState
from desktop.store import register
from desktop.store.database import KnownError, Store
from desktop.text import _

#: tables whose codes a badge must not be, since a scan of it would mean two things
_CODES = ("machines", "products", "reasons")


def people(store: Store, *, since_ms: int | None = None) -> tuple[Person, ...]:
    """Everybody in register order; of retired ones those who were still here after `since_ms`, if given."""
    alive = (
        "retired_at_ms IS NULL" if since_ms is None else f"(retired_at_ms IS NULL OR retired_at_ms > {int(since_ms)})"
    )
    return tuple(
        Person(key, name, crew, PersonRole(role), badge)
        for key, name, crew, role, badge in store.rows(
            f"SELECT id, name, crew, role, badge FROM people WHERE {alive} ORDER BY place, id"
        )
    )


def people_now(store: Store, real_ms: int) -> tuple[PersonNow, ...]:
    """Everybody with where their PIN stands at a moment of the computer's own clock (UTC ms)."""
    states = {
        key: PinState(wrong, locks, at_ms)
        for key, wrong, locks, at_ms in store.rows("SELECT person_id, wrong, locks, locked_at_real_ms FROM pins")
    }
    return tuple(
        PersonNow(each, each.id in states, pins.locked_ms(states.get(each.id, PinState()), real_ms))
        for each in people(store)
    )


def retired_names(store: Store) -> tuple[str, ...]:
    """The names of those who are not here any more, in the order of the alphabet."""
    rows = store.rows("SELECT name FROM people WHERE retired_at_ms IS NOT NULL ORDER BY name")
    return tuple(str(name) for (name,) in rows)


# -- writing --


def put(store: Store, person: Person, at_ms: int, who: str = "") -> int:
    """Add somebody (id 0) or change who is there; returns the id. Raises KnownError: a name or badge that is taken, a
    badge that is the code of something else, nobody of that id."""
    wanted = replace(person, name=person.name.strip(), crew=person.crew.strip(), badge=badge_of(person.badge.strip()))
    _refuse_unfit(wanted)
    with store.transaction() as db:
        row = db.execute("SELECT id, retired_at_ms FROM people WHERE name = ?", (wanted.name,)).fetchone()
        if row is not None and row[0] != wanted.id:
            if row[1] is None:
                words = _("There is a {name} already. Give each person a name of their own, for example {other}.")
            else:
                words = _(
                    "There was a {name} here before. Bring that person back, or give the new one a name of their own,"
                    " for example {other}."
                )
            raise KnownError(words.format(name=wanted.name, other=f"{wanted.name} B"))
        _refuse_taken_badge(db, wanted)
        columns = (wanted.name, wanted.crew, wanted.role.value, wanted.badge)
        if wanted.id:
            before = _of(db, wanted.id)
            db.execute("UPDATE people SET name = ?, crew = ?, role = ?, badge = ? WHERE id = ?", (*columns, wanted.id))
            if pins.least_digits(wanted.role) > pins.least_digits(before.role):
                _drop_pin(db, before, at_ms, who)  # it may be too short for the new role, which nobody can see
        else:
            before = None
            place = db.execute("SELECT coalesce(max(place) + 1, 0) FROM people").fetchone()[0]
            row = db.execute(
                "INSERT INTO people (name, crew, role, badge, place) VALUES (?, ?, ?, ?, ?)", (*columns, place)
            )
            wanted = replace(wanted, id=int(row.lastrowid))
        if before != wanted:
            register.audit(db, at_ms, who, "person", wanted.name, _told(before), _told(wanted))
        return wanted.id


def retire(store: Store, person: int, at_ms: int, who: str = "") -> None:
    """Somebody is not here any more; what was said by and of them stays, their PIN goes. Raises KnownError."""
    with store.transaction() as db:
        before = _of(db, person)
        db.execute("UPDATE people SET retired_at_ms = ? WHERE id = ?", (at_ms, person))
        _drop_pin(db, before, at_ms, who)
        register.audit(db, at_ms, who, "person", before.name, _told(before), "")


def bring_back(store: Store, name: str, at_ms: int, who: str = "") -> int:
    """Who was retired is here again, without a PIN, and without the badge if another has it now; returns the id.

    Raises KnownError where nobody of that name is retired.
    """
    with store.transaction() as db:
        row = db.execute(
            "SELECT id, name, crew, role, badge FROM people WHERE name = ? AND retired_at_ms IS NOT NULL", (name,)
        ).fetchone()
        if row is None:
            raise KnownError(_("{name} is not among those who left.").format(name=name))
        person = Person(row[0], row[1], row[2], PersonRole(row[3]), row[4])
        try:
            _refuse_taken_badge(db, person)
        except KnownError:
            person = replace(person, badge="")
        db.execute("UPDATE people SET retired_at_ms = NULL, badge = ? WHERE id = ?", (person.badge, person.id))
        register.audit(db, at_ms, who, "person", name, "", _told(person))
        return person.id


def replace_all(db: Any, wanted: Iterable[Person], at_ms: int, who: str = "") -> None:
    """Make these the people of the register, by their names, inside the caller's transaction; the others are retired.

    PINs stay; who is retired loses theirs, and so does who is given a role that asks for a longer one.
    """
    was = {row[1]: _person(row) for row in db.execute(f"{_SELECT} WHERE retired_at_ms IS NULL").fetchall()}
    db.execute("UPDATE people SET badge = '' WHERE retired_at_ms IS NULL")  # two may have changed theirs
    kept = set()
    for place, each in enumerate(wanted):
        before = was.get(each.name)
        columns = {"crew": each.crew, "role": each.role.value, "badge": each.badge, "place": place}
        kept.add(register.upsert(db, "people", {"name": each.name}, {**columns, "retired_at_ms": None}))
        if before and pins.least_digits(each.role) > pins.least_digits(before.role):
            _drop_pin(db, before, at_ms, who)
    register.retire_others(db, "people", kept, at_ms)
    for each in was.values():
        if each.id not in kept:
            _drop_pin(db, each, at_ms, who)
            db.execute("UPDATE people SET badge = ? WHERE id = ?", (each.badge, each.id))  # in place of the blank


# -- PINs --


def set_pin(store: Store, person: int, pin: str, at_ms: int, who: str = "") -> None:
    """Give somebody a PIN in place of the one they have; a lock ends. Raises KnownError with why it is not fit."""
    role = next((each.role for each in people(store) if each.id == person), PersonRole.OPERATOR)
    why = pins.unfit(pin, role)
    if why:
        raise KnownError(_pin_words(why, role))
    sealed = _hasher().hash(pin)  # 0.2 s: before the transaction begins
    with store.transaction() as db:
        known = _of(db, person)
        if known.role is not role:
            raise KnownError(_("{name} was changed at this moment. Try again.").format(name=known.name))
        db.execute("INSERT OR REPLACE INTO pins VALUES (?, ?, 0, 0, NULL)", (person, sealed))
        register.audit(db, at_ms, who, "pin", known.name, "", "set")


def forget_pin(store: Store, person: int, at_ms: int, who: str = "") -> None:
    """Take somebody's PIN away; harmless where there is none. Raises KnownError where nobody is."""
    with store.transaction() as db:
        _drop_pin(db, _of(db, person), at_ms, who)


class Tried(Struct, frozen=True):
    """A try of somebody's PIN that is written down and not looked at yet. `refused`: none is taken now, and why."""

    person: int
    name: str = ""
    sealed: str = ""
    state: PinState = PinState()
    refused: PinAnswer | None = None


def check_pin(store: Store, person: int, pin: str, real_ms: int, at_ms: int) -> PinAnswer:
    """Whether a PIN is somebody's. Each try is written down before it is looked at, so that neither a restart nor a
    process that is killed gives more of them; wrong ones leave rows in the audit trail.

    `real_ms`: the computer's own clock (UTC ms), by which a lock ends; `at_ms`: plant time. Raises BusyError.
    """
    tried = begin_try(store, person, real_ms)
    return end_try(store, tried, matches(tried, pin), real_ms, at_ms)


def begin_try(store: Store, person: int, real_ms: int) -> Tried:
    """Write down that a PIN is tried. Raises BusyError: then it is not."""
    with store.transaction() as db:
        row = db.execute(
            "SELECT p.hash, p.wrong, p.locks, p.locked_at_real_ms, who.name FROM pins p"
            " JOIN people who ON who.id = p.person_id WHERE p.person_id = ? AND who.retired_at_ms IS NULL",
            (person,),
        ).fetchone()
        if row is None:
            return Tried(person, refused=PinAnswer(False, missing=True))
        kept = PinState(*row[1:4])
        state = pins.followed(kept, real_ms)
        if pins.locked_ms(state, real_ms):
            if state != kept:
                _keep(db, person, state)
            return Tried(person, refused=pins.answer(state, real_ms, right=False))
        state = pins.tried(state, real_ms)
        _keep(db, person, state)
        return Tried(person, row[4], row[0], state)


def end_try(store: Store, tried: Tried, right: bool, real_ms: int, at_ms: int) -> PinAnswer:
    """Write down what became of a try. Raises BusyError: then it may be asked again, or counts as a wrong one."""
    if tried.refused is not None:
        return tried.refused
    with store.transaction() as db:
        if right:
            # Only if it is still that PIN: an admin may have changed it meanwhile.
            db.execute(
                "UPDATE pins SET wrong = 0, locks = 0, locked_at_real_ms = NULL WHERE person_id = ? AND hash = ?",
                (tried.person, tried.sealed),
            )
        else:
            said = "wrong" if tried.state.wrong else "locked"
            register.audit(db, at_ms, tried.name, "pin", tried.name, "", said)
    return pins.answer(PinState() if right else tried.state, real_ms, right=right)


def matches(tried: Tried, pin: str) -> bool:
    """Whether a PIN is the one that is tried; touches no file and takes 0.2 s."""
    return tried.refused is None and _matches(tried.sealed, pin)


def unlock(store: Store, person: int, at_ms: int, who: str = "") -> None:
    """Let somebody's PIN be tried again at once. Raises KnownError where nobody is."""
    with store.transaction() as db:
        known = _of(db, person)
        changed = db.execute(
            "UPDATE pins SET wrong = 0, locks = 0, locked_at_real_ms = NULL"
            " WHERE person_id = ? AND (wrong > 0 OR locks > 0)",
            (person,),
        )
        if changed.rowcount:
            register.audit(db, at_ms, who, "pin", known.name, "locked", "unlocked")


_SELECT = "SELECT id, name, crew, role, badge FROM people"


def _person(row: Any) -> Person:
    return Person(row[0], row[1], row[2], PersonRole(row[3]), row[4])


def _of(db: Any, person: int) -> Person:
    row = db.execute(f"{_SELECT} WHERE id = ? AND retired_at_ms IS NULL", (person,)).fetchone()
    if row is None:
        raise KnownError(_("That person is not in the list any more."))
    return _person(row)


def _told(person: Person | None) -> str:
    """Somebody in the audit trail."""
    if person is None:
        return ""
    return json.dumps({key: value for key, value in asdict(person).items() if key != "id"}, ensure_ascii=False)


def _keep(db: Any, person: int, state: PinState) -> None:
    db.execute(
        "UPDATE pins SET wrong = ?, locks = ?, locked_at_real_ms = ? WHERE person_id = ?",
        (state.wrong, state.locks, state.locked_at_ms, person),
    )


def _drop_pin(db: Any, person: Person, at_ms: int, who: str) -> None:
    if db.execute("DELETE FROM pins WHERE person_id = ?", (person.id,)).rowcount:
        register.audit(db, at_ms, who, "pin", person.name, "set", "")


def _refuse_unfit(person: Person) -> None:
    for words in (person.name, person.crew):
        if len(words) > LONGEST_NAME or not words.isprintable():
            raise KnownError(_("A name is one line of at most {count} characters.").format(count=LONGEST_NAME))
    if not person.name:
        raise KnownError(_("Write the person's name."))
    if person.badge and unfit_badge(person.badge):
        raise KnownError(badge_words().format(badge=person.badge))


def badge_words() -> str:
    """What a badge may be, for {badge} that is none."""
    return _(
        "{badge} cannot be a badge: at most 40 letters A-Z, digits, hyphens and dots, with a letter or digit first and"
        " last."
    )


def _refuse_taken_badge(db: Any, person: Person) -> None:
    if not person.badge:
        return
    for key, name, _crew, _role, badge in db.execute(f"{_SELECT} WHERE retired_at_ms IS NULL").fetchall():
        if key != person.id and badge_key(badge) == badge_key(person.badge):
            raise KnownError(
                _("The badge {badge} is {name}'s. Each person needs their own.").format(badge=badge, name=name)
            )
    for table in _CODES:
        for code, name in db.execute(f"SELECT code, name FROM {table} WHERE retired_at_ms IS NULL").fetchall():
            if badge_key(code) == badge_key(person.badge):
                words = _("{badge} is the code of {name} already: a scan would mean both. Give the badge another one.")
                raise KnownError(words.format(badge=person.badge, name=name))


def _pin_words(why: str, role: PersonRole) -> str:
    return {
        "digits": _("A PIN is made of the digits 0 to 9 alone."),
        "short": _("This PIN is too short: it needs {count} digits or more."),
        "long": _("This PIN is too long: it has {most} digits at most."),
        "plain": _("This PIN is guessed at once. Take digits that are neither all the same nor in a row."),
    }[why].format(count=pins.least_digits(role), most=pins.MOST_DIGITS)


def _hasher() -> Any:
    import argon2  # brings cffi, which a window at rest does without

    return argon2.PasswordHasher()


def _matches(sealed: str, pin: str) -> bool:
    import argon2

    try:
        return bool(_hasher().verify(sealed, pin))
    except argon2.exceptions.VerificationError:
        return False
