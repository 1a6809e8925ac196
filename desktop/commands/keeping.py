"""Commands that keep the database: check, backup, restore."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from desktop.commands.common import (
    EXIT_FAULT,
    folder_of,
    say,
    say_progress,
)
from desktop.text import _


def check(options: argparse.Namespace) -> int:
    """The command `check`."""
    from desktop import control
    from desktop.reports.recheck import Rechecked, recheck
    from desktop.store import database, upkeep

    folder = folder_of(options)
    named = options.against
    file = None if named is None or upkeep.is_record_check(named) or not Path(named).is_file() else Path(named)
    if options.repair:
        with control.collector_away(folder):
            store = database.open_writer(folder)
            try:
                upkeep.rebuild_caches(store)
            finally:
                store.close()
        say(_("The derived tables were made anew."))
    store = database.open_reader(folder)
    try:
        looked = Rechecked() if file is None else recheck(store, file)
        against = [] if named is None else upkeep.record_checks(looked.check or named)
        findings = upkeep.check(store, say_progress, against)
    finally:
        store.close()
    for finding in findings:
        print(finding.sentence, file=sys.stderr)
    if not findings:
        say(_("The database is sound: pages, references and every chain of hashes."))
        if against:
            say(_("Record checks that were found in it: {count}").format(count=len(set(against))))
    for sentence in looked.told:
        say(sentence)
    for sentence in looked.faults:
        print(sentence, file=sys.stderr)
    return EXIT_FAULT if findings or looked.faults else 0


def backup(options: argparse.Namespace) -> int:
    """The command `backup`."""
    from desktop import control

    file = control.backup(folder_of(options), options.file)
    say(_("The copy is in {file}.").format(file=file))
    return 0


def restore(options: argparse.Namespace) -> int:
    """The command `restore`."""
    from desktop import control

    kept = control.restore(folder_of(options), options.file, say_progress)
    say(_("{file} is restored.").format(file=options.file))
    if kept is not None:
        say(_("The database that was there is kept as {file}.").format(file=kept))
    return 0
