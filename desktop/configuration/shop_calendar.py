"""The calendar of a data folder as a window changes it: each call opens the file by itself, so on any thread."""

from __future__ import annotations

from pathlib import Path

from desktop.calendar_words import refused
from desktop.control import patiently
from desktop.domain.people import Act, may
from desktop.domain.scheduling import ApproveStop, Edit, RefusalError
from desktop.store import calendar_edits, database, people
from desktop.store.calendar_edits import Difference, say_why
from desktop.store.database import KnownError
from desktop.text import _

__all__ = ["ShopCalendar", "say_why"]


class WhoError(KnownError):
    """Somebody else than who is at the screen may do it, or it is not known who that is."""


class ShopCalendar:
    """Changes of the calendar. `who` is the name of the person at the screen, "" where nobody said. All raise
    KnownError with one sentence, and then nothing was written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def change(self, edit: Edit, who: str = "", why: str = "") -> Difference:
        """Carry out an edit; returns what `undo` takes back. Raises WhoError where another person may approve it."""
        store = database.open_writer(self._folder)
        try:
            if isinstance(edit, ApproveStop):
                known = next((p for p in people.people(store) if p.name == edit.by), None)
                if known is not None and not may(known.role, Act.PLANNED_STOP):
                    words = _("Supervisors and administrators approve planned stops. {name} may ask for them.")
                    raise WhoError(words.format(name=known.name))
            return patiently(lambda: calendar_edits.change(store, edit, store.clock.now_ms(), who, why, words=refused))
        except KnownError as error:
            if isinstance(error.__cause__, RefusalError) and error.__cause__.kind == "second_person":
                raise WhoError(str(error)) from error
            raise
        finally:
            store.close()

    def undo(self, done: Difference, who: str = "", why: str = "") -> Difference:
        """Take a change back; `why`: where a closed shift becomes another one."""
        store = database.open_writer(self._folder)
        try:
            return patiently(lambda: calendar_edits.undo(store, done, store.clock.now_ms(), who, why))
        finally:
            store.close()
