"""Commands that set a line up: its configuration, tables of master data, certificates, baud rates."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from desktop import text
from desktop.commands.common import (
    EXIT_FAULT,
    EXIT_USAGE,
    fault,
    folder_of,
    say,
    warn,
    who_of,
)
from desktop.text import N_, _, os_reason

if TYPE_CHECKING:
    from desktop.configuration import Configuration

_MOST_NAMED = 12  # so many of what an import took away or changed are named


def config(options: argparse.Namespace) -> int:
    """The command `config`."""
    from desktop import configuration, control
    from desktop.store import database

    if options.only is not None and options.what != "try":
        print(_("unknown: {words}").format(words=options.only), file=sys.stderr)
        return EXIT_USAGE
    if options.what == "table":
        return _table(options)
    if options.what == "check":
        wanted = configuration.read(options.file)
        warn(wanted.warnings)
        say(_("{file} is in order: {machines}, {buses}.").format(file=options.file, **_how_many(wanted)))
        _say_hints(wanted)
        return 0
    folder = folder_of(options)
    if options.what == "try":
        return _try(folder, options.file, options.only or "", options.seconds)
    if options.what in ("trust", "password"):
        return _device_secret(folder, options.what, str(options.file), who_of(options))
    if options.what == "export":
        store = database.open_reader(folder)
        try:
            if options.file.exists():
                raise fault(_("{file} already exists. Choose another name.").format(file=options.file))
            try:
                options.file.write_text(configuration.export(store), encoding="utf-8")
            except OSError as error:
                raise fault(
                    _("{file} cannot be written: {reason}.").format(file=options.file, reason=os_reason(error))
                ) from error
        finally:
            store.close()
        return 0
    wanted = configuration.read(options.file)
    warn(wanted.warnings)
    store = database.open_writer(folder) if database.path_of(folder).exists() else database.create(folder)
    try:
        with _who_and_why():
            done = control.patiently(
                lambda: configuration.apply(store, wanted, who=who_of(options), why=options.why or "")
            )
    finally:
        store.close()
    control.tell_collector(folder)
    say(_("{file} is imported: {machines}, {buses}.").format(file=options.file, **_how_many(wanted)))
    if done.gone:
        words = _("Not in the file and so no longer in force: {names}. The change history has it as it was.")
        say(words.format(names=_shown(done.gone)))
    if done.limits:
        words = _("The limits of {names} changed. What was measured up to now keeps those that it had.")
        say(words.format(names=_shown(done.limits)))
    _say_hints(wanted)
    return 0


def _shown(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (" ..." if len(names) > _MOST_NAMED else "")


def _table(options: argparse.Namespace) -> int:
    """Write a table of master data into a file, or take it from one."""
    from desktop.configuration.sheets.desk import Desk, said
    from desktop.configuration.sheets.kinds import KINDS

    kind = str(options.file)
    ways = [way for way in ("export_to", "import_from", "template") if getattr(options, way) is not None]
    if kind not in KINDS or len(ways) != 1:
        words = _("config table needs a kind ({kinds}) and one of --export, --import and --template, each with a FILE")
        print(words.format(kinds=", ".join(KINDS)), file=sys.stderr)
        return EXIT_USAGE
    desk = Desk(folder_of(options))
    if options.template is not None:
        desk.template(kind, options.template)
        return 0
    if options.export_to is not None:
        desk.export(kind, options.export_to)
        return 0
    shown = desk.preview(kind, options.import_from)
    warn(shown.notes)
    if shown.faults:
        more = [_("... and {count} more").format(count=shown.beyond)] if shown.beyond else []
        raise fault("\n".join([*shown.faults, *more]))
    if not options.dry_run:
        with _who_and_why():
            done = desk.apply(shown, retire=options.retire, who=who_of(options), why=options.why or "")
        say(said(done))
        return 0
    for line in desk.lines(shown, retire=options.retire):
        say(line)
    say(said(shown.difference, len(shown.difference.missing) if options.retire else 0))
    return 0


@contextmanager
def _who_and_why() -> Iterator[None]:
    """A closed shift is changed with a name and a reason: of what is asked here it is said how they are given."""
    from desktop.control import ClosedError

    try:
        yield
    except ClosedError as error:
        words = _("{shift} of {date} is closed. Say who changes it and why: --who NAME --why WORDS")
        raise fault(words.format(shift=error.shift.name, date=error.shift.business_on)) from error


def _how_many(wanted: Configuration) -> dict[str, str]:
    """Machines and buses of a configuration, counted in words."""
    machines, buses = len(wanted.machines), len(wanted.buses)
    return {
        "machines": text.plural(N_("{count} machine"), N_("{count} machines"), machines).format(count=machines),
        "buses": text.plural(N_("{count} bus"), N_("{count} buses"), buses).format(count=buses),
    }


def _try(folder: Path, file: Path, only: str, seconds: float) -> int:
    """Open the buses of a file, say what comes, and end once everything came; Ctrl-C ends it before."""
    from desktop import clock, configuration, control, trial_words
    from desktop.configuration import trying
    from desktop.store import database

    wanted = configuration.read(file)
    warn(wanted.warnings)
    plant = trying.plant_of(wanted, only)
    held = trying.held(plant, control.ports_in_use(folder))
    run = trying.Try(plant, clock.REAL, keys=str(folder / database.KEYS), held=held)
    silent = logging.NullHandler()  # what goes wrong is told below, in words
    logging.getLogger().addHandler(silent)
    try:
        say(_("Listening for {seconds} s at most. Ctrl-C ends it.").format(seconds=f"{seconds:g}"))
        if run.pushing:
            say(
                _("Make {devices} send something: pull the trigger, press Print.").format(
                    devices=", ".join(run.pushing)
                )
            )
        run.wait(seconds)
    except KeyboardInterrupt:
        say("")
    finally:
        run.end()
        logging.getLogger().removeHandler(silent)
    found = run.result()
    say(trial_words.trial(found, plant.timezone))
    return 0 if found.complete else EXIT_FAULT


def _say_hints(wanted: Configuration) -> None:
    """What the presets of the file have to say to the person who connects the devices, each once."""
    told = set()
    for device, preset in wanted.presets:
        if preset.key in told:
            continue
        told.add(preset.key)
        for hint in preset.hints():
            say(f"{device} ({preset.title}): {hint}")


def _device_secret(folder: Path, what: str, bus: str, who: str) -> int:
    """Confirm the certificate of a bus's machine, or store the password for it. Asks; nothing is echoed or shown."""
    from desktop import control
    from desktop.configuration import trusting
    from desktop.store import database

    store = database.open_writer(folder)
    try:
        named = trusting.opc_ua_bus(store, bus)
        if what == "password":
            import getpass

            secret = getpass.getpass(_("Password of {user} at {port}: ").format(**trusting.login(named)))
            trusting.keep_password(store, named, secret)
            say(_("The password is stored. It is used within half a minute."))
            return 0
        shown = trusting.shown(store, named)
        for sentence in shown.sentences:
            say(text.visible(sentence))
        if shown.fingerprint == shown.trusted:
            return 0
        try:
            answer = input(_("Does the machine itself show this fingerprint? Write yes to trust it: "))
        except EOFError:
            answer = ""
        if answer.strip().casefold() not in ("yes", "y", "예", "네"):
            say(_("Nothing was changed."))
            return EXIT_FAULT
        control.patiently(lambda: trusting.trust(store, named, shown.fingerprint, who))
    finally:
        store.close()
    control.tell_collector(folder)
    say(_("The certificate is confirmed."))
    return 0


def listen(options: argparse.Namespace) -> int:
    """Find baud rate and frame of a device by listening; nothing is sent to it."""
    from msgspec.structs import replace

    from desktop import control
    from desktop.domain.figures.head import Listened
    from desktop.wording.devices import listening_words

    told: list[str] = []

    def tell(now: Listened) -> None:
        head, words = listening_words(replace(now, heard_bytes=0))
        if now.place and head not in told:
            say(f"{head}. {words}" if not told else head)
            told.append(head)

    found = control.listen_here(folder_of(options), options.port, tell)
    head, words = listening_words(found)
    if found.status != "fits":
        raise fault(f"{head}. {words}")
    say(f"{head}: '{text.visible(found.sample)}'")
    say(_("Write this at its bus: {settings}").format(settings=f'baud = {found.baud}, frame = "{found.frame}"'))
    return 0
