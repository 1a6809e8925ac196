"""The commands `trace`, `recall` and `before`: what became of a unit, of a lot, and of what a machine made."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from desktop import summaries
from desktop.commands.trail import moment_of
from desktop.domain.figures.trace import Found
from desktop.reports import trace as pages
from desktop.reports import write
from desktop.store import database, register
from desktop.store.database import KnownError, Store
from desktop.text import _, visible

Say = Callable[[str], None]


def trace(folder: Path, options: argparse.Namespace, say: Say) -> int:
    """Everything that is known of a code, or all units that have it in them. Raises KnownError."""
    kind = options.kind or ""

    def ask(store: Store, now_ms: int) -> Found:
        if options.units:
            return summaries.units_of(store, options.code, now_ms, kind)
        return summaries.trace_code(store, options.code, now_ms, kind)

    return _tell(folder, options, say, ask)


def recall(folder: Path, options: argparse.Namespace, say: Say) -> int:
    """A mock recall. Raises KnownError."""
    asked = [(what, getattr(options, what)) for what in ("lot", "order", "day") if getattr(options, what) is not None]
    if len(asked) != 1:
        raise KnownError(_("Say one of --lot, --order and --day."))
    return _tell(folder, options, say, lambda store, now_ms: summaries.recall(store, *asked[0], now_ms))


def before(folder: Path, options: argparse.Namespace, say: Say) -> int:
    """What a machine made before a stop. Raises KnownError."""

    def ask(store: Store, now_ms: int) -> Found:
        machines = {machine.code: machine.id for machine in register.plant(store, since_ms=0).machines}
        if options.machine not in machines:
            words = _("There is no machine {code}. Machines: {codes}.")
            raise KnownError(words.format(code=options.machine, codes=", ".join(machines) or "—"))
        at_ms = moment_of(options.at, register.zone(store), end=False)
        return summaries.made_before(store, machines[options.machine], now_ms if at_ms is None else at_ms, now_ms)

    return _tell(folder, options, say, ask)


def _tell(folder: Path, options: argparse.Namespace, say: Say, ask: Callable[[Store, int], Found]) -> int:
    store = database.open_reader(folder)
    try:
        found = ask(store, store.clock.now_ms())
    finally:
        store.close()
    if options.out is not None:
        ending = options.out.suffix.lower().removeprefix(".")
        if options.out.exists():
            raise KnownError(_("{file} already exists. Choose another name.").format(file=options.out))
        say(str(write.write_file(pages.content(found, ending), options.out)))
    elif options.json:
        say(pages.content(found, "json").decode())
    elif options.csv:
        say(pages.content(found, "csv").decode("utf-8-sig").rstrip())
    else:
        for line in pages.lines(found):
            say(visible(line))
    return 0
