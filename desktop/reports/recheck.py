"""Whether a report that comes back is the one that was written: by its hash where the collector kept one, else figure
by figure against what Gadong makes of its records as of the same moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from desktop import summaries
from desktop.reports import json_file, write
from desktop.reports.blocks import Kind
from desktop.reports.cells import shown
from desktop.store import register, reports_made
from desktop.store.database import KnownError, Store
from desktop.text import N_, _, plural, visible

_MOST = 5  # figures that are named
_MISSING = object()


class Rechecked(Struct, frozen=True):
    """What is wrong with a file, and what was looked at, in sentences; `check`: the record check that was kept with its
    hash."""

    faults: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    check: str = ""


def recheck(store: Store, file: Path) -> Rechecked:
    """Hold a file against what is known of it. Raises OSError where it cannot be read."""
    content = file.read_bytes()
    zone = str(register.zone(store))
    made = reports_made.with_hash(store, write.hash_of(content))
    if made is not None:
        words = _("{file} is byte for byte a file that the automatic report wrote at {at}.")
        return Rechecked((), (words.format(file=file, at=shown(made.at_ms, Kind.MOMENT, zone)),), made.chain)
    try:
        told = json.loads(content.decode("utf-8-sig"))
        is_report = told["format"] == json_file.FORMAT
    except UnicodeDecodeError as error:
        words = _(
            "{file} is none of the files that the automatic report wrote, and no text in which figures could be looked"
            " at. Give the record check that is printed in it."
        )
        raise KnownError(words.format(file=file)) from error
    except (ValueError, TypeError, KeyError):
        is_report = False
    if not is_report:
        return Rechecked((), (_("Nothing else that stands in {file} was looked at.").format(file=file),))
    try:
        at_ms = int(told["made_at_ms"])
        shift = summaries.find_shift(store, f"{told['business_on']}/{told['shift']['name']}", at_ms)
        now = json.loads(json_file.render(summaries.shift_report(store, shift, at_ms)))
    except KnownError as error:
        return Rechecked((f"{file}: {error}",), ())
    except (ValueError, TypeError, KeyError, OverflowError):
        return Rechecked((_("{file} is no report that Gadong wrote.").format(file=file),), ())
    at = shown(at_ms, Kind.MOMENT, zone)
    found = [*_differences(told, now, "")]
    absent = [name for name, value, _now in found if value is _MISSING]
    others = [each for each in found if each[1] is not _MISSING]
    words = _(
        "{file}: {figure} is {told}, and Gadong makes {now} of its records as of {at}: the file was changed, or the"
        " configuration since it was written."
    )
    faults = [
        words.format(file=file, figure=visible(name), told=_word(value), now=_word(real), at=at)
        for name, value, real in others[:_MOST]
    ]
    if len(others) > _MOST:
        count = len(others) - _MOST
        more = plural(N_("{count} more figure is another one."), N_("{count} more figures are others."), count)
        faults.append(more.format(count=count))
    same = _("All figures in {file} are those that Gadong makes of its records as of {at}.")
    said = [] if faults else [same.format(file=file, at=at)]
    if absent:
        said.append(_("Not in the file, and so not compared: {names}.").format(names=", ".join(absent)))
    return Rechecked(tuple(faults), tuple(said))


def _differences(told: Any, now: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Where two values of JSON differ: the way there, and both."""
    if isinstance(told, dict) and isinstance(now, dict):
        for key in {**now, **told}:
            yield from _differences(told.get(key, _MISSING), now.get(key, None), f"{path}.{key}" if path else key)
    elif isinstance(told, list) and isinstance(now, list) and len(told) == len(now):
        for place, pair in enumerate(zip(told, now, strict=True)):
            yield from _differences(*pair, f"{path}[{place}]")
    elif told != now or type(told) is not type(now):
        yield path, told, now


def _word(value: Any) -> str:
    if isinstance(value, list | dict):
        return plural(N_("{count} entry"), N_("{count} entries"), len(value)).format(count=len(value))
    return visible(json.dumps(value, ensure_ascii=False))
