"""What the commands share: the data folder, who asks, and how something is said."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop.text import _

EXIT_FAULT, EXIT_USAGE, EXIT_MISSING = 1, 2, 4
READING = 0.3  # the part of a report's time in which its figures are put together


def folder_of(options: argparse.Namespace) -> Path:
    """The data folder that is meant."""
    from desktop import control

    return (options.data_dir or control.default_folder()).absolute()


def who_of(options: argparse.Namespace) -> str:
    """Who stands in the audit trail for what this command changes."""
    from desktop.domain.trail import COMMAND_LINE

    return str(options.who or "").strip() or COMMAND_LINE


def say(words: str) -> None:
    """One line on the output, at once."""
    print(words, flush=True)


def say_percent(done: float) -> None:
    """How much of something long is done, 0 to 1."""
    say(f"{done:.0%}")


def say_nothing(_done: float) -> None:
    """The same, where nobody wants to know."""


def say_progress(table: str, done: int, rows: int) -> None:
    """How many rows of a table are done."""
    say(f"{table}: {done} / {rows}")


def log_to(folder: Path, name: str) -> None:
    """Rotating log files beside the data, and warnings on the error stream."""
    logging.raiseExceptions = False  # a log that cannot be written must not speak with tracebacks
    from logging.handlers import RotatingFileHandler

    handlers: list[logging.Handler] = [logging.StreamHandler()]
    handlers[0].setLevel(logging.WARNING)
    (folder / "logs").mkdir(exist_ok=True)
    handlers.append(
        RotatingFileHandler(folder / "logs" / f"{name}.log", maxBytes=2_000_000, backupCount=10, encoding="utf-8")
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=handlers)


def fault(sentence: str) -> Exception:
    """A KnownError, to be raised."""
    from desktop.store.database import KnownError

    return KnownError(sentence)


def warn(warnings: Sequence[str]) -> None:
    """Sentences on the error stream."""
    for warning in warnings:
        print(_("Note: {warning}").format(warning=warning), file=sys.stderr)
