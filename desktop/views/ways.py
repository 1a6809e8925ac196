"""How a window reaches the rest of the program: tests and pictures give it their own ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.entries import Entry, Said
from desktop.domain.figures import AlarmNow
from desktop.domain.plant import Plain
from desktop.store.database import KnownError
from desktop.text import _
from desktop.views.background import Source

if TYPE_CHECKING:
    from desktop.views.awake import Awake


def open_folder(folder: Path) -> None:
    """Show a folder in the system's file manager."""
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def printers() -> tuple[str, ...]:
    """The printers of this computer, the usual one first."""
    from desktop.reports.pdf import printing  # brings Qt's printing, which a window at rest does without

    return printing.printers()


def awake() -> Awake:
    """What keeps the display of this computer on."""
    from desktop.views.awake import Awake  # brings subprocess, which a window without an andon does without

    return Awake()


def no_line(*_given: object) -> object:
    """Nothing can be listened to from here. Raises KnownError."""
    raise KnownError(_("The collector did not answer. Try again, or stop it first."))


def no_entry(*_given: object) -> list[int]:
    """Nothing can be entered from here. Raises KnownError."""
    raise KnownError(_("Nothing can be entered here."))


class Ways(Struct, frozen=True):
    """How the window reaches the rest of the program; tests give their own.

    `open_source` opens the store for the calling thread. `keep_collecting` starts a collector where none beats
    (called on another thread, raises KnownError). `report_command` is the child process that writes the report
    of a shift into a folder, in formats with commas between them, fills a form and prints it ("" for none of these).
    `printers` names the printers, the usual one first (called on another thread). `make_forms` gives
    the folder of the shop's forms, with a sample in it where there was none (called on another thread, raises
    KnownError). `awake` keeps the display on while the andon is shown. `acknowledge` notes that an alarm was seen and
    returns the number by which `unacknowledge` takes that back (both called on another thread, raise KnownError).
    `listen` finds the baud rate of a device: it is given what it tells with and what it asks whether to end, and
    returns a Listened; `use_line` gives a device's bus a `baud` and a `frame` and returns what it had (both called on
    another thread, raise KnownError).
    `enter` keeps what a person says (`told`, who, the newest entry that was before the eyes, why) and returns the
    numbers by which `take_back` takes it back (numbers, who, why), or what somebody else said of the same stop
    meanwhile (both called on another thread, raise KnownError). `person` is the name of who stands before the screen,
    "" where nobody is set up: the one place where it comes from.
    """

    open_source: Callable[[], Source]
    keep_collecting: Callable[[], object]
    report_command: Callable[[Path, str, str, str, str], list[str]]
    acknowledge: Callable[[AlarmNow], int]
    unacknowledge: Callable[[int], object]
    make_forms: Callable[[], Path]
    open_folder: Callable[[Path], None] = open_folder
    awake: Callable[[], Awake] = awake
    printers: Callable[[], tuple[str, ...]] = printers
    listen: Callable[[int, Callable[[object], None], Callable[[], bool]], object] = no_line
    use_line: Callable[[int, Mapping[str, Plain]], object] = no_line
    enter: Callable[[Sequence[Said], str, int | None, str], list[int] | Entry] = no_entry
    take_back: Callable[[Sequence[int], str, str], object] = no_entry
    person: Callable[[], str] = str
