"""The people of a data folder as a window changes them: each call opens the file by itself, so on any thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from desktop.control import patiently
from desktop.domain.people import Person, PersonNow
from desktop.domain.pins import PinAnswer
from desktop.store import database, people
from desktop.store.database import KnownError, Store
from desktop.text import _

_T = TypeVar("_T")


class Staff:
    """Who works here. `who` is the name of the person at the screen, "" where nobody said. All raise KnownError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def people(self) -> tuple[Person, ...]:
        """Everybody in register order."""
        store = database.open_reader(self._folder)
        try:
            return people.people(store)
        finally:
            store.close()

    def people_now(self) -> tuple[PersonNow, ...]:
        """Everybody with where their PIN stands."""
        store = database.open_reader(self._folder)
        try:
            return people.people_now(store, time.time_ns() // 1_000_000)
        finally:
            store.close()

    def named(self, name: str) -> Person:
        """Somebody by name; raises KnownError with whom it may be."""
        found = self.people()
        person = next((each for each in found if each.name == name), None)
        if person is None:
            names = ", ".join(each.name for each in found) or _("nobody yet")
            raise KnownError(_("There is nobody called {name}. There are: {names}.").format(name=name, names=names))
        return person

    def put(self, person: Person, who: str = "") -> int:
        """Add somebody (id 0) or change who is there; returns the id."""
        return self._write(lambda store: people.put(store, person, store.clock.now_ms(), who))

    def retire(self, person: int, who: str = "") -> None:
        """Somebody is not here any more."""
        self._write(lambda store: people.retire(store, person, store.clock.now_ms(), who))

    def bring_back(self, name: str, who: str = "") -> int:
        """Who was retired is here again; returns the id."""
        return self._write(lambda store: people.bring_back(store, name, store.clock.now_ms(), who))

    def set_pin(self, person: int, pin: str, who: str = "") -> None:
        """Give somebody a PIN. Takes 0.2 s of a core."""
        self._write(lambda store: people.set_pin(store, person, pin, store.clock.now_ms(), who))

    def forget_pin(self, person: int, who: str = "") -> None:
        """Take somebody's PIN away."""
        self._write(lambda store: people.forget_pin(store, person, store.clock.now_ms(), who))

    def unlock(self, person: int, who: str = "") -> None:
        """Let somebody's PIN be tried again at once."""
        self._write(lambda store: people.unlock(store, person, store.clock.now_ms(), who))

    def check_pin(self, person: int, pin: str) -> PinAnswer:
        """Whether a PIN is somebody's. Takes 0.2 s of a core; never to be called on the thread of a window."""
        store = database.open_writer(self._folder)
        try:
            real_ms = time.time_ns() // 1_000_000
            # Each step waits for its turn by itself: the whole, repeated, would count one try twice.
            tried = patiently(lambda: people.begin_try(store, person, real_ms))
            right = people.matches(tried, pin)
            return patiently(lambda: people.end_try(store, tried, right, real_ms, store.clock.now_ms()))
        finally:
            store.close()

    def _write(self, change: Callable[[Store], _T]) -> _T:
        store = database.open_writer(self._folder)
        try:
            return patiently(lambda: change(store))
        finally:
            store.close()
