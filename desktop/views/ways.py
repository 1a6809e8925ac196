"""How a window reaches the rest of the program: tests and pictures give it their own ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from desktop.domain.automatic import Policy
from desktop.domain.entries import Entry, Said
from desktop.domain.figures.head import AlarmNow
from desktop.domain.plant import Plain
from desktop.store.database import KnownError
from desktop.text import _
from desktop.views.background import Source

if TYPE_CHECKING:
    from desktop.configuration.sheets.difference import Difference, Preview
    from desktop.configuration.shop_calendar import ShopCalendar
    from desktop.configuration.staff import Staff
    from desktop.domain.dialogue import ScanAnswer
    from desktop.domain.figures.findings import FindingNow
    from desktop.domain.labels import Contents, Issued, Printer, PrinterPlace
    from desktop.labelling import Wanted
    from desktop.scanning import Carried
    from desktop.summaries.now import Live
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


class TableWays(Protocol):
    """What is done with tables of master data (`configuration.sheets.desk.Desk`); all of it raises KnownError."""

    def preview(self, kind: str, source: object) -> Preview:
        """What a file (a Path) or a text would change."""

    def usual(self, kind: str) -> Preview:
        """What it would change to take the rows that a new shop begins with."""

    def apply(self, shown: Preview, *, retire: bool = False, who: str = "", why: str = "") -> Difference:
        """Write that; returns what `undo` takes back."""

    def undo(self, done: Difference, *, who: str = "", why: str = "") -> Difference:
        """Take it back."""

    def export(self, kind: str, file: Path) -> Path:
        """Write a table into a new file."""

    def template(self, kind: str, file: Path) -> Path:
        """Write a blank table with an example."""


class LabelWays(Protocol):
    """What is done with labels (`labelling.Desk`), on another thread; all of it raises KnownError."""

    def make(self, wanted: Wanted, who: str = "") -> tuple[Issued, ...]:
        """Issue numbers and print their labels."""

    def again(self, code: str, why: str, who: str = "") -> tuple[Issued, ...]:
        """Print one once more."""

    def find(self, code: str) -> Issued | None:
        """The number that was issued as this code."""

    def test(self) -> None:
        """Print a test label."""

    def places(self) -> tuple[PrinterPlace, ...]:
        """The printers that can be chosen."""

    def set_contents(self, wanted: Contents, seen: Contents | None = None, who: str = "") -> Contents:
        """Let labels say this, as far as it differs from what was seen; returns what they said."""

    def set_printer(self, wanted: Printer, who: str = "") -> Printer:
        """Set the printer up; returns the one before."""

    def set_pattern(self, product: int, kind: str, pattern: str, who: str = "") -> str:
        """Let the numbers of a product look like this; returns how they did."""


def no_labels() -> LabelWays:
    """No label can be printed from here. Raises KnownError."""
    raise KnownError(_("Nothing can be printed here."))


def no_tables() -> TableWays:
    """There are no tables here. Raises KnownError."""
    raise KnownError(_("Master data cannot be changed from here."))


def no_staff() -> Staff:
    """Nobody can be set up from here. Raises KnownError."""
    raise KnownError(_("People cannot be changed from here."))


def no_scan(*_given: object) -> Carried:
    """No scan can be carried out from here. Raises KnownError."""
    raise KnownError(_("Nothing can be entered here."))


def no_sheet(*_given: object) -> Path:
    """No sheet can be made from here. Raises KnownError."""
    raise KnownError(_("Nothing can be printed here."))


def no_answers(_store: object, after: object, _now_ms: int) -> tuple[object, tuple[ScanAnswer | FindingNow, ...]]:
    """No scanner is there."""
    return after or 0, ()


def no_code(_code: str) -> bool:
    """Nothing is known here."""
    return False


def no_calendar() -> ShopCalendar:
    """The calendar cannot be changed from here. Raises KnownError."""
    raise KnownError(_("The calendar cannot be changed from here."))


def no_asking(*_given: object) -> int:
    """What stops ask cannot be changed from here. Raises KnownError."""
    raise KnownError(_("Nothing can be entered here."))


def no_command(*_given: object) -> list[str]:
    """There is no such child process here. Raises KnownError."""
    raise KnownError(_("Nothing can be written from here."))


def no_entry(*_given: object) -> list[int]:
    """Nothing can be entered from here. Raises KnownError."""
    raise KnownError(_("Nothing can be entered here."))


class Ways(Struct, frozen=True):
    """How the window reaches the rest of the program; tests give their own.

    `open_source` opens the store for the calling thread. `keep_collecting` starts a collector where none beats
    (called on another thread, raises KnownError). `report_command` is the child process that writes the report
    of a shift into a folder, in formats with commas between them, fills a form and prints it ("" for none of these).
    `week_command` is the one that writes the page of the last week.
    `printers` names the printers, the usual one first (called on another thread). `make_forms` gives
    the folder of the shop's forms, with a sample in it where there was none (called on another thread, raises
    KnownError). `awake` keeps the display on while the andon is shown. `acknowledge` notes that an alarm was seen, as
    it was at a moment, and by whom ("": nobody said), and returns the number by which `unacknowledge` takes that back
    (number, who; both called on another thread, raise KnownError).
    `listen` finds the baud rate of a device: it is given what it tells with and what it asks whether to end, and
    returns a Listened; `use_line` gives a device's bus a `baud` and a `frame`, says who did so, and returns what it had
    (both called on another thread, raise KnownError). `staff` gives what changes people and checks PINs (its calls on
    another thread). `set_report` says what is wanted of the automatic report, where it differs from what was seen, and
    who wants it; `make_report_now` lets the collector make it at once and returns of which shift (both called on
    another thread, raise KnownError). `set_ask_after` says from how many minutes on a stop asks for its reason, and who
    wants it, and returns from how many it was (on another thread, raises KnownError). `tables` gives what reads and
    writes tables of master data, on another thread.
    `enter` keeps what a person says (`told`, who, the newest entry that was before the eyes, why) and returns the
    numbers by which `take_back` takes it back (numbers, who, why), or what somebody else said of the same stop
    meanwhile (both called on another thread, raise KnownError). `waiting` counts the stops of the running shift that
    ask for a reason (on the reading thread); None: only screens that show stops know how many. `carry_out_scan` does
    what a scanned command asks for (its code, the machine that is looked at, the id of who is at the screen), on
    another thread, raises KnownError; `scans_answered` gives what scans came to, as that of `summaries`. `make_sheet`
    makes the bar code sheet of a machine (its code), None: everybody's badges, and returns the PDF file (on another
    thread, raises KnownError). `calendar` gives what changes the calendar (its calls on another thread).
    `trail` writes the changes that are asked for (an Asked) as "csv" or "xlsx" into a folder and returns the file (on
    another thread, raises KnownError). `known_code`: whether a unit, lot, box or pallet carries a code (on another
    thread, raises KnownError). `labels` gives what prints labels.
    """

    open_source: Callable[[], Source]
    keep_collecting: Callable[[], object]
    report_command: Callable[[Path, str, str, str, str], list[str]]
    acknowledge: Callable[[AlarmNow, int, str], int]
    unacknowledge: Callable[[int, str], object]
    make_forms: Callable[[], Path]
    week_command: Callable[[Path], list[str]] = no_command
    open_folder: Callable[[Path], None] = open_folder
    awake: Callable[[], Awake] = awake
    printers: Callable[[], tuple[str, ...]] = printers
    listen: Callable[[int, Callable[[object], None], Callable[[], bool]], object] = no_line
    use_line: Callable[[int, Mapping[str, Plain], str], object] = no_line
    staff: Callable[[], Staff] = no_staff
    set_report: Callable[[Policy, Policy, str], object] = no_line
    make_report_now: Callable[[], object] = no_line
    set_ask_after: Callable[[int, str], int] = no_asking
    tables: Callable[[], TableWays] = no_tables
    enter: Callable[[Sequence[Said], str, int | None, str], list[int] | Entry] = no_entry
    take_back: Callable[[Sequence[int], str, str], object] = no_entry
    waiting: Callable[[Live, Any, int], int] | None = None
    carry_out_scan: Callable[[str, int | None, int | None], Carried] = no_scan
    scans_answered: Callable[[Any, Any, int], tuple[object, tuple[ScanAnswer | FindingNow, ...]]] = no_answers
    make_sheet: Callable[[str | None], Path] = no_sheet
    calendar: Callable[[], ShopCalendar] = no_calendar
    trail: Callable[[object, str, Path], object] = no_entry
    labels: Callable[[], LabelWays] = no_labels
    known_code: Callable[[str], bool] = no_code
