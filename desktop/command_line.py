"""The command line: every command, its options and what its exit code means.

    0  done                       2  the command line itself was wrong
    1  a fault, said in one       3  this computer cannot be set up (said by main.py)
       sentence                   4  evidence or a file that was asked for is missing

A fault of the world is one sentence on the error stream, never a traceback.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop import VERSION, text
from desktop.text import _

COMMANDS = (
    "window",
    "demo",
    "collect",
    "simulate",
    "config",
    "status",
    "report",
    "trace",
    "check",
    "backup",
    "restore",
    "explain",
    "kpi",
    "screenshots",
    "bench",
    "test",
    "doctor",
)
EXIT_FAULT, EXIT_USAGE, EXIT_MISSING = 1, 2, 4
Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str]) -> int:
    """Carry out one command line; returns the exit code."""
    _use_utf8()
    text.use(_language_of(arguments))
    parser = _parser()
    options, rest = parser.parse_known_args(_globals_first(arguments))
    options.rest = rest
    if options.rest and options.run is not _test:
        parser.error(_("unknown: {words}").format(words=" ".join(options.rest)))
    from desktop.store.database import KnownError

    run: Run = options.run
    try:
        return run(options)
    except KnownError as error:
        print(error, file=sys.stderr)
        return EXIT_FAULT
    except BrokenPipeError:
        return EXIT_FAULT
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="main.py",
        description=_("Gadong watches a small line: machines, counts, traceability and shift reports on one PC."),
        epilog=_(
            "Exit codes: 0 done, 1 a fault (one sentence says which), 2 wrong command line, "
            "3 this computer cannot be set up, 4 something asked for is missing."
        ),
    )
    parser.add_argument(
        "--data-dir", type=Path, metavar="DIR", help=_("folder of the database (default: this user's own)")
    )
    parser.add_argument("--lang", choices=text.LANGUAGES, help=_("language of screens, reports and messages"))
    parser.add_argument("--version", action="version", version=f"Gadong {VERSION}")
    parser.set_defaults(run=_window)
    commands = parser.add_subparsers(
        metavar=_("COMMAND"), title=_("commands"), description=_("without one, the window opens")
    )

    def command(name: str, words: str, run: Run) -> argparse.ArgumentParser:
        assert name in COMMANDS
        sub = commands.add_parser(name, help=words, description=words)
        sub.set_defaults(run=run)
        return sub

    command("window", _("open the window"), _window)
    demo = command("demo", _("run the demo line: simulated machines on real wires"), _demo)
    demo.add_argument("--headless", action="store_true", help=_("no window; write evidence files instead"))
    demo.add_argument("--for", dest="for_s", type=_positive, metavar="S", help=_("end after S real seconds"))
    demo.add_argument(
        "--speed",
        type=_speed,
        metavar="N",
        default=10.0,
        help=_("run N times as fast as a real line (0.1 to 60; default 10)"),
    )
    demo.add_argument("--seed", type=int, default=1, help=_("the same seed gives the same line"))
    demo.add_argument("--out", type=Path, metavar="DIR", help=_("where the evidence goes"))
    collect = command("collect", _("collect from the devices, without a window"), _collect)
    collect.add_argument("--for", dest="for_s", type=_positive, metavar="S", help=_("end after S real seconds"))
    collect.add_argument("--stop", action="store_true", help=_("ask the running collector to end"))
    simulate = command("simulate", _("make a demo database with N days of history, without wires"), _simulate)
    simulate.add_argument(
        "--days", type=_days, default=1.0, metavar="N", help=_("how many days (parts of a day are allowed)")
    )
    simulate.add_argument("--seed", type=int, default=1, help=_("the same seed gives the same history"))
    config = command("config", _("check, import or export the configuration as a TOML file"), _config)
    config.add_argument("what", choices=("check", "import", "export"))
    config.add_argument("file", type=Path, metavar="FILE")
    status = command("status", _("say how the line and its devices are"), _status)
    status.add_argument("--json", action="store_true", help=_("as JSON"))
    _at(status)
    report = command("report", _("write the report of a shift"), _report)
    report.add_argument(
        "--shift",
        default="last",
        metavar="SHIFT",
        help=_("last, current or DATE/NAME such as 2026-11-19/Day (default last)"),
    )
    report.add_argument(
        "--format", default="pdf", metavar="LIST", help=_("pdf, xlsx, csv, json or several with commas (default pdf)")
    )
    report.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR", help=_("folder for the files (default: here)")
    )
    report.add_argument("--name", metavar="NAME", help=_("name of the files without ending"))
    _at(report)
    trace = command("trace", _("say everything that is known of a scanned code"), _trace)
    trace.add_argument("code", metavar="CODE")
    trace.add_argument("--json", action="store_true", help=_("as JSON"))
    check = command("check", _("check the database: pages, references and the chains of hashes"), _check)
    check.add_argument("--repair", action="store_true", help=_("make the derived tables anew from the facts"))
    backup = command("backup", _("write a checked copy of the database"), _backup)
    backup.add_argument("file", type=Path, metavar="FILE")
    restore = command("restore", _("put a backup in place of the database; the present one is kept aside"), _restore)
    restore.add_argument("file", type=Path, metavar="FILE")
    explain = command("explain", _("say what a machine's figures of a shift are made of"), _explain)
    explain.add_argument("machine", metavar="MACHINE", help=_("code of the machine"))
    explain.add_argument(
        "--shift", default="current", metavar="SHIFT", help=_("last, current or DATE/NAME (default current)")
    )
    explain.add_argument("--json", action="store_true", help=_("as JSON"))
    _at(explain)
    kpi = command("kpi", _("calculate the figures of one case from a JSON file"), _kpi)
    kpi.add_argument("file", type=Path, metavar="FILE")
    kpi.add_argument("--json", action="store_true", help=_("as JSON"))
    pictures = command("screenshots", _("make a picture of every screen"), _screenshots)
    pictures.add_argument("--out", type=Path, required=True, metavar="DIR", help=_("folder for the pictures"))
    pictures.add_argument("--theme", choices=("light", "dark", "contrast"), default="light", help=_("colours"))
    pictures.add_argument(
        "--scale", type=float, choices=(1.0, 1.25, 1.5, 2.0), default=1.0, help=_("1, 1.25, 1.5 or 2")
    )
    pictures.add_argument("--screen", metavar="LIST", help=_("only these screens, with commas"))
    _at(pictures)
    command("bench", _("measure speed as ratios"), _bench)
    test = command("test", _("run every test; other words go to pytest"), _test)
    test.add_argument("--long", action="store_true", help=_("the long ones too (hours)"))
    doctor = command("doctor", _("say what this computer and the data folder are like"), _doctor)
    doctor.add_argument("--smoke", action="store_true", help=_("also try window, database and OPC UA"))
    return parser


def _at(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", type=_moment, metavar="MS", help=_("as it was at this moment (UTC milliseconds)"))


def _globals_first(arguments: Sequence[str]) -> list[str]:
    """--data-dir and --lang may stand anywhere: moved to the front, where argparse wants them."""
    front: list[str] = []
    rest: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word in ("--data-dir", "--lang") and words:
            front += [word, words.pop(0)]
        elif word.startswith(("--data-dir=", "--lang=")):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def _language_of(arguments: Sequence[str]) -> str:
    words = list(arguments)
    for place, word in enumerate(words):
        named = (
            word.partition("=")[2]
            if word.startswith("--lang=")
            else (words[place + 1] if word == "--lang" and place + 1 < len(words) else "")
        )
        if named in text.LANGUAGES:
            return named
    return text.system_language()


def _use_utf8() -> None:
    """A Korean console may speak CP949: what it cannot show is replaced, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _positive(word: str) -> float:
    value = float(word)
    if not value > 0:
        raise argparse.ArgumentTypeError(_("must be more than 0"))
    return value


def _moment(word: str) -> int:
    """A moment as UTC milliseconds, from 1971 to 2100."""
    value = int(word)
    if not 31_536_000_000 <= value <= 4_102_444_800_000:
        raise argparse.ArgumentTypeError(_("must be UTC milliseconds between 1971 and 2100"))
    return value


def _days(word: str) -> float:
    value = _positive(word)
    if value > 3660:
        raise argparse.ArgumentTypeError(_("must be ten years at most"))
    return value


def _speed(word: str) -> float:
    value = float(word)
    if not 0.1 <= value <= 60:
        raise argparse.ArgumentTypeError(_("must lie between 0.1 and 60"))
    return value


def _folder(options: argparse.Namespace) -> Path:
    from desktop import control

    return (options.data_dir or control.default_folder()).absolute()


def _say(words: str) -> None:
    print(words, flush=True)


# -- the commands --


def _window(options: argparse.Namespace) -> int:
    from desktop.demo import has_display

    if not has_display() and os.environ.get("QT_QPA_PLATFORM") is None:
        print(
            _(
                "This computer has no display. Collect with: main.py collect. Try the demo line with: "
                "main.py demo --headless. Or start the window under: xvfb-run python3 main.py"
            ),
            file=sys.stderr,
        )
        return EXIT_FAULT
    from desktop.views import application

    return application.run(_folder(options))


def _demo(options: argparse.Namespace) -> int:
    from desktop import control, demo

    folder = (options.data_dir or control.demo_folder(control.default_folder())).absolute()
    headless = options.headless
    if not headless and not demo.has_display() and os.environ.get("QT_QPA_PLATFORM") is None:
        _say(_("This computer has no display: the demo line runs headless and writes its evidence."))
        headless = True
    for_s = options.for_s or (60.0 if headless else None)
    speed = 30.0 if headless and not options.headless else options.speed
    out = options.out or (Path("gadong-demo").absolute() if headless else None)
    return demo.run(folder, demo.DemoOptions(headless, for_s, speed, options.seed, out), _say)


def _collect(options: argparse.Namespace) -> int:
    folder = _folder(options)
    if options.stop:
        from desktop import control

        ended = control.stop_collector(folder)
        _say(_("The collector has ended; everything it had is stored.") if ended else _("No collector runs here."))
        return 0
    from desktop.collect import collector

    collector.collect(folder, options.for_s, begun=lambda: _log_to(folder, "collector"))
    # The OPC UA library leaves threads that would keep the process alive; everything is committed by now.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def _log_to(folder: Path, name: str) -> None:
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


def _simulate(options: argparse.Namespace) -> int:
    from desktop import simulation

    folder = _folder(options)
    if options.data_dir is None:
        raise _fault(_("Say with --data-dir where the simulated history goes; it never goes into a real database."))
    made = simulation.simulate(folder, days=options.days, seed=options.seed, say=_say)
    _say(
        _("{days} days, {pieces} good pieces, in {folder}").format(days=f"{options.days:g}", pieces=made, folder=folder)
    )
    return 0


def _fault(sentence: str) -> Exception:
    from desktop.store.database import KnownError

    return KnownError(sentence)


def _config(options: argparse.Namespace) -> int:
    from desktop import configuration, control
    from desktop.store import database

    if options.what == "check":
        wanted = configuration.read(options.file)
        _say(
            _("{file} is in order: {machines} machines, {buses} buses.").format(
                file=options.file, machines=len(wanted.machines), buses=len(wanted.buses)
            )
        )
        return 0
    folder = _folder(options)
    if options.what == "export":
        store = database.open_reader(folder)
        try:
            if options.file.exists():
                raise _fault(_("{file} already exists. Choose another name.").format(file=options.file))
            try:
                options.file.write_text(configuration.export(store), encoding="utf-8")
            except OSError as error:
                raise _fault(
                    _("{file} cannot be written: {reason}.").format(file=options.file, reason=error.strerror or error)
                ) from error
        finally:
            store.close()
        return 0
    wanted = configuration.read(options.file)
    store = database.open_writer(folder) if database.path_of(folder).exists() else database.create(folder)
    try:
        control.patiently(lambda: configuration.apply(store, wanted))
    finally:
        store.close()
    control.tell_collector(folder)
    _say(
        _("{file} is imported: {machines} machines, {buses} buses.").format(
            file=options.file, machines=len(wanted.machines), buses=len(wanted.buses)
        )
    )
    return 0


def _status(options: argparse.Namespace) -> int:
    from desktop import summaries, words
    from desktop.store import database

    store = database.open_reader(_folder(options))
    try:
        line = summaries.line_now(store, options.at or store.clock.now_ms())
    finally:
        store.close()
    _say(words.status_json(line) if options.json else words.status(line))
    return 0


def _report(options: argparse.Namespace) -> int:
    from desktop import summaries
    from desktop.reports import write
    from desktop.store import database

    formats = [name.strip() for name in options.format.split(",") if name.strip()]
    unknown = [name for name in formats if name not in write.FORMATS]
    if unknown or not formats:
        print(
            _("{names} is no format. Choose from: {known}.").format(
                names=", ".join(unknown) or '""', known=", ".join(write.FORMATS)
            ),
            file=sys.stderr,
        )
        return EXIT_USAGE
    store = database.open_reader(_folder(options))
    try:
        now_ms = options.at or store.clock.now_ms()
        report = summaries.shift_report(store, summaries.find_shift(store, options.shift, now_ms), now_ms)
    finally:
        store.close()
    try:
        files = write.write(report, formats, options.out, options.name or write.stem(report))
    except write.ReportError as error:
        raise _fault(str(error)) from error
    for file in files:
        _say(str(file))
    return 0


def _trace(options: argparse.Namespace) -> int:
    from desktop import summaries, words
    from desktop.store import database

    store = database.open_reader(_folder(options))
    try:
        found = summaries.trace_code(store, options.code)
    finally:
        store.close()
    _say(words.trace_json(found) if options.json else words.trace(found))
    return 0


def _check(options: argparse.Namespace) -> int:
    from desktop import control
    from desktop.store import database, upkeep

    folder = _folder(options)
    if options.repair:
        with control.collector_away(folder):
            store = database.open_writer(folder)
            try:
                upkeep.rebuild_caches(store)
            finally:
                store.close()
        _say(_("The derived tables were made anew."))
    store = database.open_reader(folder)
    try:
        findings = upkeep.check(store, lambda table, done, rows: _say(f"{table}: {done} / {rows}"))
    finally:
        store.close()
    for finding in findings:
        print(finding.sentence, file=sys.stderr)
    if not findings:
        _say(_("The database is sound: pages, references and every chain of hashes."))
    return EXIT_FAULT if findings else 0


def _backup(options: argparse.Namespace) -> int:
    from desktop import control

    file = control.backup(_folder(options), options.file)
    _say(_("The copy is in {file}.").format(file=file))
    return 0


def _restore(options: argparse.Namespace) -> int:
    from desktop import control

    kept = control.restore(_folder(options), options.file)
    _say(_("{file} is restored.").format(file=options.file))
    if kept is not None:
        _say(_("The database that was there is kept as {file}.").format(file=kept))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from desktop import summaries, words
    from desktop.store import database

    store = database.open_reader(_folder(options))
    try:
        now_ms = options.at or store.clock.now_ms()
        report = summaries.shift_report(store, summaries.find_shift(store, options.shift, now_ms), now_ms)
    finally:
        store.close()
    row = next((m for m in report.machines if m.code == options.machine), None)
    if row is None:
        raise _fault(
            _("There is no machine {code}. Machines: {codes}.").format(
                code=options.machine, codes=", ".join(m.code for m in report.machines)
            )
        )
    _say(words.explain_json(report, row) if options.json else words.explain(report, row))
    return 0


def _kpi(options: argparse.Namespace) -> int:
    from desktop import words
    from desktop.domain import case

    try:
        data = json.loads(options.file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise _fault(_("{path} cannot be read: {reason}.").format(path=options.file, reason=error)) from error
    try:
        answer = case.calculate(data)
    except case.CaseError as error:
        raise _fault(_("{path}: {problem}").format(path=options.file, problem=words.case_problem(error))) from error
    _say(json.dumps(answer, ensure_ascii=False, indent=1) if options.json else words.case(answer))
    return 0


def _screenshots(options: argparse.Namespace) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = f"{options.scale:g}"
    import tempfile

    from desktop import simulation
    from desktop.views import pictures

    wanted = [name.strip() for name in options.screen.split(",")] if options.screen else None
    with tempfile.TemporaryDirectory(prefix="gadong-") as scratch:
        folder = _folder(options)
        if options.data_dir is None:
            folder = Path(scratch)
            simulation.simulate(folder, days=0.2396, seed=1, say=_say)
        files = pictures.screenshots(folder, options.out, options.theme, screens=wanted, at_ms=options.at)
    for file in files:
        _say(str(file))
    return 0


def _bench(_options: argparse.Namespace) -> int:
    import subprocess

    root = Path(__file__).resolve().parent.parent
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "-m", "bench", "tests/bench"],
        cwd=root,
        check=False,
    ).returncode


def _test(options: argparse.Namespace) -> int:
    import subprocess

    root = Path(__file__).resolve().parent.parent
    mark = "not bench" if options.long else "not bench and not long"
    words = [sys.executable, "-m", "pytest", "-m", mark, *options.rest]
    return subprocess.run(words, cwd=root, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=False).returncode


def _doctor(options: argparse.Namespace) -> int:
    from desktop import doctor

    findings = doctor.examine(_folder(options), smoke=options.smoke)
    for finding in findings:
        _say(f"{'+' if finding.well else '!'} {finding.sentence}")
    return 0 if all(finding.well for finding in findings) else EXIT_FAULT
