"""Commands that run something: the window, the demo line, the collector, pictures, tests."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from desktop import text
from desktop.commands.common import (
    EXIT_FAULT,
    fault,
    folder_of,
    log_to,
    say,
)
from desktop.text import N_, _


def window(options: argparse.Namespace) -> int:
    """The command `window`."""
    from desktop import control

    if not control.has_display() and os.environ.get("QT_QPA_PLATFORM") is None:
        print(
            _(
                "This computer has no display. Collect with: main.py collect. Try the demo line with: "
                "main.py demo --headless. Or start the window under: xvfb-run python3 main.py"
            ),
            file=sys.stderr,
        )
        return EXIT_FAULT
    from desktop.views import application

    return application.run(folder_of(options))


def demo(options: argparse.Namespace) -> int:
    """The command `demo`."""
    from desktop import control, demo

    folder = (options.data_dir or control.demo_folder(control.default_folder())).absolute()
    headless = options.headless
    if not headless and not control.has_display() and os.environ.get("QT_QPA_PLATFORM") is None:
        say(_("This computer has no display: the demo line runs headless and writes its evidence."))
        headless = True
    for_s = options.for_s or (60.0 if headless else None)
    speed = 30.0 if headless and not options.headless else options.speed
    out = options.out or (Path("gadong-demo").absolute() if headless else None)
    return demo.run(folder, demo.DemoOptions(headless, for_s, speed, options.seed, out), say)


def collect(options: argparse.Namespace) -> int:
    """The command `collect`."""
    folder = folder_of(options)
    if options.stop:
        from desktop import control

        ended = control.stop_collector(folder)
        say(_("The collector has ended; everything it had is stored.") if ended else _("No collector runs here."))
        return 0
    from desktop.collect import collector

    heard = collector.collect(folder, options.for_s, begun=lambda: log_to(folder, "collector"))
    if options.for_s is not None:
        say(_heard(heard))
    # The OPC UA library leaves threads that would keep the process alive; everything is committed by now.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def _heard(heard: Mapping[str, int]) -> str:
    """How many readings of which devices came, and which stayed silent."""
    total = sum(heard.values())
    came = text.plural(N_("{count} reading came"), N_("{count} readings came"), total).format(count=f"{total:,}")
    those = ", ".join(f"{name} {count:,}" for name, count in heard.items() if count)
    silent = ", ".join(name for name, count in heard.items() if not count)
    words = f"{came}: {those}." if those else f"{came}."
    return text.visible(words + (" " + _("Silent: {devices}.").format(devices=silent) if silent else ""))


def simulate(options: argparse.Namespace) -> int:
    """The command `simulate`."""
    from desktop import simulation

    folder = folder_of(options)
    if options.data_dir is None:
        raise fault(_("Say with --data-dir where the simulated history goes; it never goes into a real database."))
    made = simulation.simulate(folder, days=options.days, seed=options.seed, say=say)
    say(
        _("{days} days, {pieces} good pieces, in {folder}").format(days=f"{options.days:g}", pieces=made, folder=folder)
    )
    return 0


def screenshots(options: argparse.Namespace) -> int:
    """The command `screenshots`."""
    from desktop import workshop

    if options.all:
        return workshop.contact_sheets(options.out, options.screen, say)
    wanted = [name.strip() for name in options.screen.split(",")] if options.screen else None
    # What is already stored is shown as it is; without a data folder a line is simulated.
    folder = None if options.data_dir is None else folder_of(options)
    for file in workshop.screenshots(folder, options.out, options.theme, options.scale, wanted, options.at, say):
        say(str(file))
    return 0


def bench(_options: argparse.Namespace) -> int:
    """The command `bench`."""
    from desktop import workshop

    return workshop.bench()


def test(options: argparse.Namespace) -> int:
    """The command `test`."""
    from desktop import workshop

    return workshop.test(options.rest, long=options.long)


def doctor(options: argparse.Namespace) -> int:
    """The command `doctor`."""
    from desktop import doctor

    findings = doctor.examine(folder_of(options), smoke=options.smoke)
    for finding in findings:
        say(f"{'+' if finding.well else '!'} {finding.sentence}")
    return 0 if all(finding.well for finding in findings) else EXIT_FAULT
