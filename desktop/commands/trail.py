"""The command `trail`: who changed what, when, from what, to what and why."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from desktop import summaries
from desktop.domain.calendar import utc_ms
from desktop.domain.trail import COMMAND_LINE, Asked, Group
from desktop.store import database, register
from desktop.store.database import KnownError, Store
from desktop.text import _, visible


def run(folder: Path, options: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Say or write the changes that are asked for. Raises KnownError."""
    from desktop import trail_words
    from desktop.reports import trail as pages
    from desktop.summaries import trail

    store = database.open_reader(folder)
    try:
        asked = _asked(store, options)
        if options.out is not None:
            ending = options.out.suffix.lower().removeprefix(".")
            if ending not in ("csv", "xlsx"):
                raise KnownError(_("{file}: a table is written as .xlsx or .csv.").format(file=options.out))
            if options.out.exists():
                raise KnownError(_("{file} already exists. Choose another name.").format(file=options.out))
            say(str(pages.export(store, asked, ending, options.out.parent, options.out.stem)))
            return 0
        names, changes = trail.changes(store, asked, trail_words.named(asked.words), options.most)
        chain = trail.chain(store)
        if options.json:
            say(pages.as_json(changes, names, chain))
        elif options.csv:
            say(pages.as_csv(changes, names, chain))
        else:
            for line in pages.lines(changes, names, chain):
                say(visible(line))
        return 0 if chain.broken is None else 1
    finally:
        store.close()


def _asked(store: Store, options: argparse.Namespace) -> Asked:
    machines = {machine.code: machine.id for machine in register.plant(store, since_ms=0).machines}
    if options.machine is not None and options.machine not in machines:
        words = _("There is no machine {code}. Machines: {codes}.")
        raise KnownError(words.format(code=options.machine, codes=", ".join(machines) or "—"))
    zone = register.zone(store)
    since_ms, until_ms = (
        moment_of(word, zone, end=end) for word, end in ((options.since, False), (options.until, True))
    )
    if options.shift is not None:
        span = summaries.find_shift(store, options.shift, store.clock.now_ms()).span
        since_ms, until_ms = max(since_ms or 0, span.start_ms), min(until_ms or span.end_ms, span.end_ms)
    who = COMMAND_LINE if options.by == _(COMMAND_LINE) else options.by
    return Asked(
        who,
        None if options.kind is None else Group(options.kind),
        None if options.machine is None else machines[options.machine],
        since_ms,
        until_ms,
        (options.search or "").strip(),
    )


def moment_of(word: str | None, zone: ZoneInfo, *, end: bool) -> int | None:
    """UTC milliseconds of a local day or moment; a day is meant whole. Raises KnownError."""
    if word is None:
        return None
    try:
        if len(word) == 10:
            day = date.fromisoformat(word) + timedelta(days=end)
            return utc_ms(day, time(), zone)
        at = datetime.fromisoformat(word)
        return round(at.timestamp() * 1000) if at.tzinfo is not None else utc_ms(at.date(), at.time(), zone)
    except (ValueError, OverflowError):
        words = _("{word} is no moment. Write a day such as 2026-11-19, or 2026-11-19T07:50.")
        raise KnownError(words.format(word=word)) from None
