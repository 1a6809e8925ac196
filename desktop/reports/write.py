"""The report as files: each appears whole under its name or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import time
import unicodedata
from collections.abc import Callable, Collection, Sequence
from itertools import count
from pathlib import Path

from desktop.domain.figures.report import RawEvents, ShiftReport
from desktop.reports import csv_file, json_file, xlsx
from desktop.reports.blocks import Section
from desktop.store.database import KnownError
from desktop.text import _, os_reason

_NOT_IN_NAMES = '<>:"/\\|?*'
_LONGEST_STEM = 60
_MOST_COPIES = 9
_STALE_S = 600


Progress = Callable[[float], None]  # called with how much is done, 0 to 1
File = tuple[str, str, bytes]  # name without ending, ending, content


class ReportError(KnownError):
    """The report could not be written. The message is a finished sentence for the person who asked for it."""


def _pdf(report: ShiftReport, _events: RawEvents | None, progress: Progress) -> bytes:
    from desktop.reports import pdf  # needs Qt, which the other formats do without

    return pdf.render(report, progress)


def _picture(report: ShiftReport, _events: RawEvents | None, _progress: Progress) -> bytes:
    from desktop.reports.pdf import picture

    return picture.render(report)


FORMATS: dict[str, Callable[[ShiftReport, RawEvents | None, Progress], bytes]] = {
    "pdf": _pdf,
    "xlsx": xlsx.render,
    "csv": lambda report, _events, _progress: csv_file.render(report),
    "json": lambda report, _events, _progress: json_file.render(report),
    "png": _picture,
}
#: how long a format takes against the others, for the progress: measured with 10,000 events
_EFFORT = {"pdf": 1, "xlsx": 8, "csv": 1, "json": 1, "form": 2, "png": 2}


_TABLES: dict[str, Callable[[Sequence[Section], str], bytes]] = {"csv": csv_file.tables, "xlsx": xlsx.tables}


def stem(report: ShiftReport) -> str:
    """What the files of a report are called by default: "2026-11-19-Day", business date and shift."""
    return safe_stem(f"{report.business_on}-{report.shift.name}")


def write(
    report: ShiftReport, formats: Sequence[str], out: Path, name: str, *,
    form: Path | None = None, events: RawEvents | None = None, progress: Progress = lambda _done: None,
) -> list[Path]:  # fmt: skip
    """Write the report in every format named (pdf, xlsx, csv, json, png) into the folder `out`; the files written.

    `name` is the file name without its ending, usually `stem(report)`. A file that another
    program holds open is left alone: the new one is then called "name (2).xlsx". `form` is a shop's own form, which is
    filled besides and called "name form.xlsx"; `events` go into the workbook. Raises ReportError, or KnownError with
    what is wrong with the form: then nothing is written.
    """
    return put_all(render(report, formats, out, name, form=form, events=events, progress=progress), out)


def render(
    report: ShiftReport, formats: Sequence[str], out: Path, name: str, *,
    form: Path | None = None, events: RawEvents | None = None, progress: Progress = lambda _done: None,
) -> list[File]:  # fmt: skip
    """What `write` puts into the folder `out`, in memory. Raises as `write`."""
    for wanted in formats:
        if wanted not in FORMATS:
            known = ", ".join(FORMATS)
            raise ReportError(_("{name} is not a report format. Choose from {known}.").format(name=wanted, known=known))
    makes = {wanted: FORMATS[wanted] for wanted in formats}
    if form is not None:
        makes = {"form": lambda told, _events, _progress: _filled(told, form), **makes}
    whole, before, made = sum(_EFFORT[key] for key in makes), 0, []
    for key, make in makes.items():
        part = _part(progress, before / whole, _EFFORT[key] / whole)
        try:
            content = make(report, events, part)
        except OSError as fault:  # the workbook keeps its rows in the folder for temporary files
            raise ReportError(_sentence(fault, out)) from fault
        part(1.0)
        before += _EFFORT[key]
        made.append((f"{name} {form.stem}", "xlsx", content) if key == "form" and form else (name, key, content))
    return made


def _filled(report: ShiftReport, template: Path) -> bytes:
    from desktop.reports import form  # takes its time to load, and most reports need none

    return form.fill(report, template)


def _part(progress: Progress, start: float, share: float) -> Progress:
    """The progress of one part of the whole."""
    return lambda done: progress(start + share * done)


def write_tables(sections: Sequence[Section], ending: str, timezone: str, out: Path, name: str) -> Path:
    """Write tables as they are on screen into a file, "csv" or "xlsx", of the folder `out`. A file that is there stays:
    the new one is then called "name (2)". Raises ReportError."""
    return put_all([(name, ending, _TABLES[ending](sections, timezone))], out, stays=Path.exists)[0]


def write_file(content: bytes, file: Path) -> Path:
    """Write a file whole, over one of that name; one that another program holds open stays, and the new one is called
    "name (2)". Raises ReportError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _put(file.parent, file.stem, file.suffix.removeprefix("."), content, lambda _there: False)
    except OSError as fault:
        sentence = _("{file} cannot be written: {reason}.")
        raise ReportError(sentence.format(file=file, reason=os_reason(fault))) from fault


def place(made: Sequence[File], out: Path, ours: Collection[str], *, make_folder: bool) -> list[Path]:
    """Put files into a folder for which nobody is asked: a file that is there stays, and the new one is called
    "name (2)", unless its SHA-256 is one of `ours`. Without `make_folder` the folder must be there: a share that is
    offline is not made on this computer's own disk. Raises ReportError.
    """

    def stays(file: Path) -> bool:
        try:
            return file.exists() and hash_of(file.read_bytes()) not in ours
        except PermissionError:  # another program holds it open
            return True

    look_at(out, make_folder=make_folder)
    return put_all(made, out, stays=stays, make_folder=make_folder)


def look_at(out: Path, *, make_folder: bool) -> None:
    """See whether files can be put into a folder. Raises ReportError: it is not there, or takes none."""
    try:
        if make_folder:
            out.mkdir(parents=True, exist_ok=True)
        if not out.is_dir():
            words = _("The folder for reports, {folder}, is not there. Connect it or choose another.")
            raise NotADirectoryError(errno.ENOTDIR, "") if out.exists() else ReportError(words.format(folder=out))
        probe = out / f".look.{os.getpid()}.part"
        try:
            probe.write_bytes(b"")
        finally:
            probe.unlink(missing_ok=True)
    except OSError as fault:
        raise ReportError(_sentence(fault, out)) from fault


def hash_of(content: bytes) -> str:
    """The SHA-256 of a file, as hex digits."""
    return hashlib.sha256(content).hexdigest()


def put_all(
    made: Sequence[File], out: Path, *, stays: Callable[[Path], bool] = lambda _file: False, make_folder: bool = True
) -> list[Path]:
    """Put files into a folder, each whole or not at all; one for which `stays` is true is left alone, and the new one
    is called "name (2)". Raises ReportError."""
    try:
        if make_folder:
            out.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        return [_put(out, safe_stem(name), ending, content, stays) for name, ending, content in made]
    except OSError as fault:
        raise ReportError(_sentence(fault, out)) from fault


def safe_stem(name: str) -> str:
    """The words as a file name that Windows and Linux accept: no folder, no device name, at most 60 characters."""
    plain = "".join(
        "-" if sign in _NOT_IN_NAMES or unicodedata.category(sign).startswith("C") else sign
        for sign in unicodedata.normalize("NFC", name)
    )
    plain = plain.strip(". ")[:_LONGEST_STEM].rstrip(". ")
    device = plain.split(".")[0].rstrip().upper()
    reserved = device in {"CON", "PRN", "AUX", "NUL"} or (device[:3] in {"COM", "LPT"} and device[3:].isdigit())
    return f"_{plain}" if reserved or not plain else plain


def _put(out: Path, name: str, ending: str, content: bytes, stays: Callable[[Path], bool]) -> Path:
    """Write beside the place, then move there in one step, never onto a file that `stays`. Raises OSError; leaves
    nothing behind on failure."""
    draft = out / f".{name}.{ending}.{os.getpid()}.part"
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        refused = 0
        for copy in count(1):
            target = out / (f"{name}.{ending}" if copy == 1 else f"{name} ({copy}).{ending}")
            if stays(target):
                continue
            try:
                draft.replace(target)
            except PermissionError:
                refused += 1
                if refused == _MOST_COPIES or not target.is_file():
                    raise
            else:
                return target
    finally:
        draft.unlink(missing_ok=True)
    raise AssertionError("the last copy either returns or raises")


def _sweep(out: Path) -> None:
    """Remove the drafts of writers that were killed: older than ten minutes, so that no living one loses its own."""
    for draft in out.glob(".*.part"):
        try:
            if time.time() - draft.stat().st_mtime > _STALE_S:
                draft.unlink()
        except FileNotFoundError:
            continue  # another writer was quicker


def _sentence(fault: OSError, out: Path) -> str:
    """What went wrong and what to do, in the user's words."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("The disk is full: the report could not be written to {folder}. Free some space.").format(folder=out)
    if isinstance(fault, FileExistsError | NotADirectoryError):
        return _("{folder} is not a folder. Choose a folder for the report.").format(folder=out)
    if isinstance(fault, PermissionError) or fault.errno == errno.EROFS:
        return _(
            "The report could not be written to {folder}: no right to write there, or the file is open in another "
            "program. Close that program or choose another folder."
        ).format(folder=out)
    return _("The report could not be written to {folder}: {reason}.").format(folder=out, reason=os_reason(fault))
