"""The command line: every command, its options and what its exit code means.

    0  done                       2  the command line itself was wrong
    1  a fault, said in one       3  this computer cannot be set up (said by main.py)
       sentence                   4  evidence or a file that was asked for is missing

A fault of the world is one sentence on the error stream, never a traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from desktop import VERSION, text, usage
from desktop.commands.common import EXIT_FAULT, EXIT_MISSING
from desktop.domain.trail import Group
from desktop.text import N_, _
from desktop.usage import Command, argument

GROUPS = tuple(group.value for group in Group)


def _of(family: str, name: str) -> usage.Run:
    """A command of a family, which is read when it is asked for: a window needs no other."""

    def run(options: argparse.Namespace) -> int:
        found: usage.Run = getattr(import_module(f"desktop.commands.{family}"), name)
        return found(options)

    return run


_WINDOW, _TEST = _of("running", "window"), _of("running", "test")


def main(arguments: Sequence[str]) -> int:
    """Carry out one command line; returns the exit code."""
    _use_utf8()
    front, words = _globals_first(arguments)
    text.use(_language_of(front))
    parser = _parser()
    options, rest = parser.parse_known_args([*front, *words])
    options.rest = rest
    if options.rest and options.run is not _TEST:
        parser.error(_("unknown: {words}").format(words=" ".join(options.rest)))
    from desktop.store.database import KnownError, MissingError

    run: usage.Run = options.run
    try:
        return run(options)
    except KnownError as error:
        # A sentence may hold what somebody scanned or named: nothing of it may steer the terminal.
        print("\n".join(map(text.visible, str(error).split("\n"))), file=sys.stderr)
        return EXIT_MISSING if isinstance(error, MissingError) else EXIT_FAULT
    except BrokenPipeError:
        return EXIT_FAULT
    except KeyboardInterrupt:
        return 130


def _parser() -> usage.Parser:
    parser = usage.Parser(
        prog="main.py",
        description=_("Gadong watches a small line: machines, counts, traceability and shift reports on one PC."),
        epilog=_(
            "Exit codes: 0 done, 1 a fault (one sentence says which), 2 wrong command line, "
            "3 this computer cannot be set up, 4 something asked for is missing."
        ),
    )
    for option in _OPTIONS:
        option.add_to(parser)
    parser.set_defaults(run=_WINDOW)
    usage.add_commands(parser, _COMMANDS)
    return parser


def _globals_first(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """--data-dir and --lang, which may stand anywhere, as "--name=value", and all other words: argparse wants the first
    in front."""
    front: list[str] = []
    rest: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word in ("--data-dir", "--lang") and words:
            front.append(f"{word}={words.pop(0)}")
        elif word.startswith(("--data-dir=", "--lang=")):
            front.append(word)
        else:
            rest.append(word)
    return front, rest


def _language_of(front: Sequence[str]) -> str:
    """The first language that is named, else that of the system."""
    named = (word.partition("=")[2] for word in front if word.startswith("--lang="))
    return next((language for language in named if language in text.LANGUAGES), text.system_language())


def _use_utf8() -> None:
    """A Korean console may speak CP949: what it cannot show is replaced, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


_READING = 0.3  # the part of a report's time in which its figures are put together


# -- the commands --


# -- the table of the commands --

_OPTIONS = (
    argument("--data-dir", type=Path, metavar=N_("DIR"), help=N_("folder of the database (default: this user's own)")),
    argument("--lang", choices=text.LANGUAGES, help=N_("language of screens, reports and messages")),
    argument("--version", action="version", version=f"Gadong {VERSION}", help=N_("say the version and end")),
)
_JSON = argument("--json", action="store_true", help=N_("as JSON"))
_TRACE_OUT = argument(
    "--out", type=Path, metavar=N_("FILE"), help=N_("write it into this .pdf (of one code), .xlsx, .csv or .json")
)
_AT = argument("--at", type=usage.moment, metavar="MS", help=N_("as it was at this moment (UTC milliseconds)"))
_FOR = argument("--for", dest="for_s", type=usage.positive, metavar="S", help=N_("end after S real seconds"))

_WHO = argument("--who", metavar=N_("NAME"), help=N_("who changes it, for the audit trail"))
_WHY = argument("--why", metavar=N_("WORDS"), help=N_("why, for the audit trail"))

_COMMANDS = (
    Command("window", N_("open the window"), _WINDOW),
    Command(
        "demo",
        N_("run the demo line: simulated machines on real wires"),
        _of("running", "demo"),
        (
            argument("--headless", action="store_true", help=N_("no window; write evidence files instead")),
            _FOR,
            argument(
                "--speed",
                type=usage.speed,
                metavar="N",
                default=10.0,
                help=N_("run N times as fast as a real line (0.1 to 60; default 10)"),
            ),
            argument("--seed", type=usage.whole, default=1, metavar="N", help=N_("the same seed gives the same line")),
            argument("--out", type=Path, metavar=N_("DIR"), help=N_("where the evidence goes")),
        ),
    ),
    Command(
        "collect",
        N_("collect from the devices, without a window"),
        _of("running", "collect"),
        (_FOR, argument("--stop", action="store_true", help=N_("ask the running collector to end"))),
    ),
    Command(
        "simulate",
        N_("make a demo database with N days of history, without wires"),
        _of("running", "simulate"),
        (
            argument(
                "--days",
                type=usage.days,
                default=1.0,
                metavar="N",
                help=N_("how many days (parts of a day are allowed)"),
            ),
            argument(
                "--seed", type=usage.whole, default=1, metavar="N", help=N_("the same seed gives the same history")
            ),
        ),
    ),
    Command(
        "config",
        N_("check, import or export the configuration as a TOML file"),
        _of("setting_up", "config"),
        (
            argument(
                "what",
                choices=("check", "import", "export", "try", "trust", "password", "table"),
                metavar="{check,import,export,try,trust,password,table}",
                help=N_(
                    "what to do with the file; try shows what its devices really send, trust confirms a machine's "
                    "certificate, password stores one, table exchanges a table with Excel"
                ),
            ),
            argument(
                "file",
                type=Path,
                metavar=N_("FILE"),
                help=N_(
                    "the TOML file; with trust and password the bus's key; with table machines, products, reasons, "
                    "scrap_reasons, stations, routes, people, orders or checks"
                ),
            ),
            argument("only", nargs="?", metavar=N_("BUS or DEVICE"), help=N_("with try: only this bus or device")),
            argument(
                "--seconds",
                type=usage.positive,
                default=10.0,
                metavar="S",
                help=N_("with try: so long at most (default 10); it ends as soon as everything came"),
            ),
            argument(
                "--export",
                dest="export_to",
                type=Path,
                metavar=N_("FILE"),
                help=N_("with table: write it into this .xlsx or .csv"),
            ),
            argument(
                "--import",
                dest="import_from",
                type=Path,
                metavar=N_("FILE"),
                help=N_("with table: take it from this Excel or CSV file, all of it or nothing"),
            ),
            argument(
                "--template",
                type=Path,
                metavar=N_("FILE"),
                help=N_("with table: write a blank one with an example and notes"),
            ),
            argument("--dry-run", action="store_true", help=N_("with --import: say what would change, change nothing")),
            argument("--retire", action="store_true", help=N_("with --import: retire what the file does not name")),
            _WHO,
            _WHY,
        ),
    ),
    Command(
        "listen",
        N_("find the baud rate of a device by listening at its port; nothing is sent"),
        _of("setting_up", "listen"),
        (
            argument(
                "port", metavar=N_("PORT"), help=N_("the port, or the key of a bus; let the device send meanwhile")
            ),
        ),
    ),
    Command("status", N_("say how the line and its devices are"), _of("telling", "status"), (_JSON, _AT)),
    Command(
        "report",
        N_("write the report of a shift"),
        _of("telling", "report"),
        (
            argument(
                "--shift",
                default="last",
                metavar=N_("SHIFT"),
                help=N_("last, current, DATE or DATE/NAME such as 2026-11-19/Day (default last)"),
            ),
            argument(
                "--week",
                metavar=N_("WEEK"),
                help=N_("the page of a week instead: last, or such as 2026-W47 (pdf, xlsx or csv)"),
            ),
            argument(
                "--format",
                metavar=N_("LIST"),
                help=N_(
                    "pdf, xlsx, csv, json, png or several with commas (default pdf; with --form, --print or "
                    "--picture none)"
                ),
            ),
            argument(
                "--picture",
                action="store_true",
                help=N_("the first page as a PNG picture for a messenger (300 KB at most)"),
            ),
            argument(
                "--form",
                type=Path,
                metavar=N_("FILE"),
                help=N_("fill in this .xlsx form of your shop too; sample is the one that comes with Gadong"),
            ),
            argument(
                "--print",
                dest="printer",
                nargs="?",
                const="",
                metavar=N_("PRINTER"),
                help=N_("print the PDF's pages too, on this printer or on the usual one"),
            ),
            argument(
                "--out", type=Path, default=Path(), metavar=N_("DIR"), help=N_("folder for the files (default: here)")
            ),
            argument("--name", metavar=N_("NAME"), help=N_("name of the files without ending")),
            argument("--progress", action="store_true", help=N_("say how much is done")),
            argument(
                "--automatic",
                action="store_true",
                help=N_("as the collector has it made: folder, formats and printer as set up, nothing overwritten"),
            ),
            _AT,
        ),
    ),
    Command(
        "sheet",
        N_("make the bar codes by which people answer with a scanner, badges, or the form for a dead PC, as a PDF"),
        _of("telling", "sheet"),
        (
            argument(
                "machine", nargs="?", metavar=N_("MACHINE"), help=N_("code of the machine (default: a sheet for each)")
            ),
            argument(
                "--badge",
                type=usage.named,
                action="append",
                metavar=N_("NAME=CODE"),
                help=N_("a badge for this person instead; may be given many times"),
            ),
            argument("--people", action="store_true", help=N_("badges for all people who have one in the register")),
            argument("--paper", action="store_true", help=N_("the form to write on while the PC is out of order")),
            argument("--out", type=Path, metavar=N_("FILE"), help=N_("the PDF file (default: here, named by its use)")),
            argument(
                "--print",
                dest="printer",
                nargs="?",
                const="",
                metavar=N_("PRINTER"),
                help=N_("print the pages in place of a file, on this printer or on the usual one"),
            ),
        ),
    ),
    Command(
        "trace",
        N_("say everything that is known of a scanned code"),
        _of("telling", "trace"),
        (
            argument("code", metavar=N_("CODE"), help=N_("the code as it was scanned")),
            argument(
                "--kind",
                choices=("unit", "lot", "box", "pallet"),
                help=N_("which, where several kinds of things carry it"),
            ),
            argument(
                "--units", action="store_true", help=N_("all units with this lot or in this box, and where each is")
            ),
            _TRACE_OUT,
            argument("--csv", action="store_true", help=N_("as CSV")),
            _JSON,
        ),
    ),
    Command(
        "recall",
        N_("say where everything is that was built of a lot, for a work order or on a day (mock recall)"),
        _of("telling", "recall"),
        (
            argument(
                "--lot", metavar=N_("CODE"), help=N_("the lot that was built in, or under which an order was made")
            ),
            argument("--order", metavar=N_("CODE"), help=N_("the work order")),
            argument("--day", metavar=N_("DAY"), help=N_("the day to which the shifts are booked (2026-11-19)")),
            _TRACE_OUT,
            argument("--csv", action="store_true", help=N_("as CSV")),
            _JSON,
        ),
    ),
    Command(
        "before",
        N_("say which pieces a machine made in the 20 minutes before a stop, and what they measured"),
        _of("telling", "before"),
        (
            argument("machine", metavar=N_("MACHINE"), help=N_("code of the machine")),
            argument(
                "--at",
                metavar=N_("MOMENT"),
                help=N_("a moment of the stop, such as 2026-11-19T13:25 (default: the last stop)"),
            ),
            _TRACE_OUT,
            argument("--csv", action="store_true", help=N_("as CSV")),
            _JSON,
        ),
    ),
    Command(
        "export",
        N_("write a view of the database as CSV or JSON (see the manual: open data)"),
        _of("telling", "export"),
        (
            argument("view", metavar=N_("VIEW"), help=N_("its name (see the manual)")),
            argument(
                "--from", dest="since", metavar=N_("DAY"), help=N_("from this day or moment on (2026-11-19T07:50)")
            ),
            argument("--to", dest="until", metavar=N_("DAY"), help=N_("until this day ends, or this moment")),
            argument(
                "--out", type=Path, metavar=N_("FILE"), help=N_("write it into this .csv or .json; else as CSV here")
            ),
            _JSON,
        ),
    ),
    Command(
        "check",
        N_("check the database: pages, references and the chains of hashes"),
        _of("keeping", "check"),
        (
            argument("--repair", action="store_true", help=N_("make the derived tables anew from the facts")),
            argument(
                "--against",
                metavar=N_("CHECK"),
                help=N_("a record check as a report prints it, or a file that holds some (see the manual)"),
            ),
        ),
    ),
    Command(
        "backup",
        N_("write a checked copy of the database"),
        _of("keeping", "backup"),
        (argument("file", type=Path, metavar=N_("FILE"), help=N_("the copy; it must not exist yet")),),
    ),
    Command(
        "restore",
        N_("put a backup in place of the database; the present one is kept aside"),
        _of("keeping", "restore"),
        (argument("file", type=Path, metavar=N_("FILE"), help=N_("the copy that backup wrote")),),
    ),
    Command(
        "people",
        N_("say who works here; unlock a PIN or take a forgotten one away"),
        _of("telling", "people"),
        (
            argument("--unlock", metavar=N_("NAME"), help=N_("let this person's PIN be tried again at once")),
            argument(
                "--forget-pin", metavar=N_("NAME"), help=N_("take this person's PIN away, so that a new one can be set")
            ),
            _WHO,
            _JSON,
        ),
    ),
    Command(
        "trail",
        N_("say who changed what, when, from what, to what and why"),
        _of("telling", "trail"),
        (
            argument(
                "--from", dest="since", metavar=N_("DAY"), help=N_("from this day or moment on (2026-11-19T07:50)")
            ),
            argument("--to", dest="until", metavar=N_("DAY"), help=N_("until this day ends, or this moment")),
            argument(
                "--shift",
                metavar=N_("SHIFT"),
                help=N_("only what was changed in this shift: last, current, DATE or DATE/NAME"),
            ),
            argument("--by", metavar=N_("NAME"), help=N_("only what this person changed")),
            argument(
                "--kind", choices=tuple(GROUPS), metavar="{" + ",".join(GROUPS) + "}", help=N_("only changes of this")
            ),
            argument("--machine", metavar=N_("MACHINE"), help=N_("only changes of this machine (its code)")),
            argument("--search", metavar=N_("WORDS"), help=N_("only changes with these words in them")),
            argument("--most", type=usage.whole, default=1000, metavar="N", help=N_("so many at most (default 1000)")),
            argument("--out", type=Path, metavar=N_("FILE"), help=N_("write them into this .xlsx or .csv")),
            argument("--csv", action="store_true", help=N_("as CSV")),
            _JSON,
        ),
    ),
    Command(
        "explain",
        N_("say what a machine's figures of a shift are made of"),
        _of("telling", "explain"),
        (
            argument("machine", metavar=N_("MACHINE"), help=N_("code of the machine")),
            argument(
                "--shift",
                default="current",
                metavar=N_("SHIFT"),
                help=N_("last, current, DATE or DATE/NAME (default current)"),
            ),
            _JSON,
            _AT,
        ),
    ),
    Command(
        "kpi",
        N_("calculate the figures of one case from a JSON file"),
        _of("telling", "kpi"),
        (argument("file", type=Path, metavar=N_("FILE"), help=N_("the JSON file")), _JSON),
    ),
    Command(
        "screenshots",
        N_("make a picture of every screen"),
        _of("running", "screenshots"),
        (
            argument("--out", type=Path, required=True, metavar=N_("DIR"), help=N_("folder for the pictures")),
            argument("--theme", choices=("light", "dark", "contrast"), default="light", help=N_("colours")),
            argument(
                "--scale",
                type=usage.number,
                choices=(1.0, 1.25, 1.5, 2.0),
                default=1.0,
                help=N_("1, 1.25, 1.5 or 2"),
            ),
            argument("--screen", metavar=N_("LIST"), help=N_("only these screens, with commas")),
            argument(
                "--all",
                action="store_true",
                help=N_("in every language and theme, at 100 and 150 percent, a folder each"),
            ),
            _AT,
        ),
    ),
    Command("bench", N_("measure speed as ratios"), _of("running", "bench")),
    Command(
        "test",
        N_("run every test; other words go to pytest"),
        _TEST,
        (argument("--long", action="store_true", help=N_("the long ones too (hours)")),),
    ),
    Command(
        "doctor",
        N_("say what this computer and the data folder are like"),
        _of("running", "doctor"),
        (argument("--smoke", action="store_true", help=N_("also try window, database and OPC UA")),),
    ),
)
COMMANDS = tuple(command.name for command in _COMMANDS)
