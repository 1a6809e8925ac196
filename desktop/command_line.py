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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop import VERSION, text, usage
from desktop.domain.trail import Group
from desktop.text import N_, _, os_reason
from desktop.usage import Command, argument

if TYPE_CHECKING:
    from desktop.configuration import Configuration

EXIT_FAULT, EXIT_USAGE, EXIT_MISSING = 1, 2, 4
GROUPS = tuple(group.value for group in Group)


def main(arguments: Sequence[str]) -> int:
    """Carry out one command line; returns the exit code."""
    _use_utf8()
    front, words = _globals_first(arguments)
    text.use(_language_of(front))
    parser = _parser()
    options, rest = parser.parse_known_args([*front, *words])
    options.rest = rest
    if options.rest and options.run is not _test:
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
    parser.set_defaults(run=_window)
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


def _folder(options: argparse.Namespace) -> Path:
    from desktop import control

    return (options.data_dir or control.default_folder()).absolute()


def _who(options: argparse.Namespace) -> str:
    """Who stands in the audit trail for what this command changes."""
    from desktop.domain.trail import COMMAND_LINE

    return str(options.who or "").strip() or COMMAND_LINE


def _say(words: str) -> None:
    print(words, flush=True)


_MOST_GONE = 12  # so many of what an import took away are named
_READING = 0.3  # the part of a report's time in which its figures are put together


def _say_percent(done: float) -> None:
    _say(f"{done:.0%}")


def _say_nothing(_done: float) -> None:
    pass


def _say_progress(table: str, done: int, rows: int) -> None:
    _say(f"{table}: {done} / {rows}")


# -- the commands --


def _window(options: argparse.Namespace) -> int:
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

    return application.run(_folder(options))


def _demo(options: argparse.Namespace) -> int:
    from desktop import control, demo

    folder = (options.data_dir or control.demo_folder(control.default_folder())).absolute()
    headless = options.headless
    if not headless and not control.has_display() and os.environ.get("QT_QPA_PLATFORM") is None:
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

    heard = collector.collect(folder, options.for_s, begun=lambda: _log_to(folder, "collector"))
    if options.for_s is not None:
        _say(_heard(heard))
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


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        print(_("Note: {warning}").format(warning=warning), file=sys.stderr)


def _config(options: argparse.Namespace) -> int:
    from desktop import configuration, control
    from desktop.store import database

    if options.only is not None and options.what != "try":
        print(_("unknown: {words}").format(words=options.only), file=sys.stderr)
        return EXIT_USAGE
    if options.what == "table":
        return _table(options)
    if options.what == "check":
        wanted = configuration.read(options.file)
        _warn(wanted.warnings)
        _say(_("{file} is in order: {machines}, {buses}.").format(file=options.file, **_how_many(wanted)))
        _say_hints(wanted)
        return 0
    folder = _folder(options)
    if options.what == "try":
        return _try(folder, options.file, options.only or "", options.seconds)
    if options.what in ("trust", "password"):
        return _device_secret(folder, options.what, str(options.file), _who(options))
    if options.what == "export":
        store = database.open_reader(folder)
        try:
            if options.file.exists():
                raise _fault(_("{file} already exists. Choose another name.").format(file=options.file))
            try:
                options.file.write_text(configuration.export(store), encoding="utf-8")
            except OSError as error:
                raise _fault(
                    _("{file} cannot be written: {reason}.").format(file=options.file, reason=os_reason(error))
                ) from error
        finally:
            store.close()
        return 0
    wanted = configuration.read(options.file)
    _warn(wanted.warnings)
    store = database.open_writer(folder) if database.path_of(folder).exists() else database.create(folder)
    try:
        gone = control.patiently(lambda: configuration.apply(store, wanted, who=_who(options), why=options.why or ""))
    finally:
        store.close()
    control.tell_collector(folder)
    _say(_("{file} is imported: {machines}, {buses}.").format(file=options.file, **_how_many(wanted)))
    if gone:
        words = _("Not in the file and so no longer in force: {names}. The change history has it as it was.")
        shown = ", ".join(gone[:_MOST_GONE]) + (" ..." if len(gone) > _MOST_GONE else "")
        _say(words.format(names=shown))
    _say_hints(wanted)
    return 0


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
    desk = Desk(_folder(options))
    if options.template is not None:
        desk.template(kind, options.template)
        return 0
    if options.export_to is not None:
        desk.export(kind, options.export_to)
        return 0
    shown = desk.preview(kind, options.import_from)
    _warn(shown.notes)
    if shown.faults:
        more = [_("... and {count} more").format(count=shown.beyond)] if shown.beyond else []
        raise _fault("\n".join([*shown.faults, *more]))
    if not options.dry_run:
        done = desk.apply(shown, retire=options.retire, who=_who(options), why=options.why or "")
        _say(said(done))
        return 0
    for line in desk.lines(shown, retire=options.retire):
        _say(line)
    _say(said(shown.difference, len(shown.difference.missing) if options.retire else 0))
    return 0


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
    _warn(wanted.warnings)
    plant = trying.plant_of(wanted, only)
    held = trying.held(plant, control.ports_in_use(folder))
    run = trying.Try(plant, clock.REAL, keys=str(folder / database.KEYS), held=held)
    silent = logging.NullHandler()  # what goes wrong is told below, in words
    logging.getLogger().addHandler(silent)
    try:
        _say(_("Listening for {seconds} s at most. Ctrl-C ends it.").format(seconds=f"{seconds:g}"))
        if run.pushing:
            _say(
                _("Make {devices} send something: pull the trigger, press Print.").format(
                    devices=", ".join(run.pushing)
                )
            )
        run.wait(seconds)
    except KeyboardInterrupt:
        _say("")
    finally:
        run.end()
        logging.getLogger().removeHandler(silent)
    found = run.result()
    _say(trial_words.trial(found, plant.timezone))
    return 0 if found.complete else EXIT_FAULT


def _say_hints(wanted: Configuration) -> None:
    """What the presets of the file have to say to the person who connects the devices, each once."""
    told = set()
    for device, preset in wanted.presets:
        if preset.key in told:
            continue
        told.add(preset.key)
        for hint in preset.hints():
            _say(f"{device} ({preset.title}): {hint}")


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
            _say(_("The password is stored. It is used within half a minute."))
            return 0
        shown = trusting.shown(store, named)
        for sentence in shown.sentences:
            _say(text.visible(sentence))
        if shown.fingerprint == shown.trusted:
            return 0
        try:
            answer = input(_("Does the machine itself show this fingerprint? Write yes to trust it: "))
        except EOFError:
            answer = ""
        if answer.strip().casefold() not in ("yes", "y", "예", "네"):
            _say(_("Nothing was changed."))
            return EXIT_FAULT
        control.patiently(lambda: trusting.trust(store, named, shown.fingerprint, who))
    finally:
        store.close()
    control.tell_collector(folder)
    _say(_("The certificate is confirmed."))
    return 0


def _listen(options: argparse.Namespace) -> int:
    """Find baud rate and frame of a device by listening; nothing is sent to it."""
    from msgspec.structs import replace

    from desktop import control, wording
    from desktop.domain.figures import Listened

    told: list[str] = []

    def say(now: Listened) -> None:
        head, words = wording.listening_words(replace(now, heard_bytes=0))
        if now.place and head not in told:
            _say(f"{head}. {words}" if not told else head)
            told.append(head)

    found = control.listen_here(_folder(options), options.port, say)
    head, words = wording.listening_words(found)
    if found.status != "fits":
        raise _fault(f"{head}. {words}")
    _say(f"{head}: '{text.visible(found.sample)}'")
    _say(_("Write this at its bus: {settings}").format(settings=f'baud = {found.baud}, frame = "{found.frame}"'))
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


def _people(options: argparse.Namespace) -> int:
    from desktop import words
    from desktop.configuration.staff import Staff

    staff = Staff(_folder(options))
    found = staff.people_now()
    if options.unlock is None and options.forget_pin is None:
        _say(words.people_json(found) if options.json else words.people(found))
        return 0
    for name, change in ((options.unlock, staff.unlock), (options.forget_pin, staff.forget_pin)):
        if name is not None:
            change(staff.named(name).id, _who(options))
            _say(_("Done: {name}.").format(name=name))
    return 0


def _trail(options: argparse.Namespace) -> int:
    from desktop import trail_command

    return trail_command.run(_folder(options), options, _say)


def _report(options: argparse.Namespace) -> int:
    from desktop import summaries
    from desktop.reports import write
    from desktop.store import database

    alone = options.form is None and options.printer is None and not options.picture
    wanted = options.format if options.format is not None else "pdf" if alone else ""
    formats = [name.strip() for name in wanted.split(",") if name.strip()]
    formats += ["png"] if options.picture and "png" not in formats else []
    unknown = [name for name in formats if name not in write.FORMATS]
    if unknown or not (formats or not alone):
        print(
            _("{names} is no format. Choose from: {known}.").format(
                names=", ".join(unknown) or '""', known=", ".join(write.FORMATS)
            ),
            file=sys.stderr,
        )
        return EXIT_USAGE
    if options.week is not None:
        return _report_week(options, formats)
    if options.automatic:
        return _report_itself(_folder(options), options.shift)
    tell = _say_percent if options.progress else _say_nothing
    store = database.open_reader(_folder(options))
    try:
        now_ms = options.at or store.clock.now_ms()
        shift = summaries.find_shift(store, options.shift, now_ms)
        report = summaries.shift_report(store, shift, now_ms, lambda done: tell(done * _READING))
        events = summaries.shift_events(store, report.window) if "xlsx" in formats else None
        files = write.write(
            report,
            formats,
            options.out,
            options.name or write.stem(report),
            form=_form(options.form),
            events=events,
            progress=lambda done: tell(_READING + done * (1 - _READING)),
        )
    finally:
        store.close()
    for file in files:
        _say(str(file))
    if options.printer is not None:
        from desktop.reports.pdf import printing

        _say(_("Sent to the printer {name}.").format(name=printing.send(report, options.printer)))
    return 0


def _report_week(options: argparse.Namespace, formats: Sequence[str]) -> int:
    """The page of a week."""
    from desktop import summaries
    from desktop.reports import week
    from desktop.store import database

    store = database.open_reader(_folder(options))
    try:
        report = summaries.week_report(store, options.week, options.at or store.clock.now_ms())
    finally:
        store.close()
    for file in week.write_week(report, formats, options.out, options.name or report.week):
        _say(str(file))
    return 0


def _report_itself(folder: Path, shift: str) -> int:
    """The report of a shift as the shop wants it to be made by itself; see `desktop.reports.automatic`."""
    from desktop.reports import automatic
    from desktop.store import database

    if hasattr(os, "nice"):
        os.nice(10)  # collecting goes first
    store = database.open_reader(folder)
    try:
        automatic.make(store, shift, _say, lambda: sys.stdin.readline().strip() == automatic.GO)
    finally:
        store.close()
    return 0


def _sheet(options: argparse.Namespace) -> int:
    """Bar code sheets of machines, badges or the paper form, as a PDF file."""
    from desktop.reports import cells, code_sheets, write
    from desktop.store import database, orders, people, register

    if sum((options.machine is not None, bool(options.badge) or options.people, options.paper)) > 1:
        print(_("Choose one: a machine, badges or the paper form."), file=sys.stderr)
        return EXIT_USAGE
    store = database.open_reader(_folder(options))
    try:
        plant = register.plant(store)
        today = cells.local(store.clock.now_ms(), plant.timezone).date()
        plan = orders.orders(store)
        badges = [*(options.badge or ())]
        if options.people:
            badges += [(person.name, person.badge) for person in people.people(store) if person.badge]
            if not badges:
                raise _fault(_("Nobody has a badge yet. Give people badges in the settings, or name one: --badge."))
    finally:
        store.close()
    from desktop.reports.pdf import leaves  # needs Qt

    scrap = code_sheets.scrap_choices(plant)
    if badges:
        pages, name = leaves.badge_sheets(code_sheets.badges(plant.name, badges), today, VERSION), _("badges")
    elif options.paper:
        pages, name = leaves.paper_form(code_sheets.paper_form(plant, today, VERSION, scrap)), _("paper form")
    else:
        wanted = [machine for machine in plant.machines if options.machine in (None, machine.code)]
        if not wanted:
            known = ", ".join(machine.code for machine in plant.machines) or "—"
            raise _fault(
                _("There is no machine {code}. Machines: {codes}.").format(code=options.machine or "", codes=known)
            )
        made = [
            code_sheets.code_sheet(
                plant, machine, today, VERSION, scrap_reasons=scrap,
                orders=code_sheets.order_choices(plant, plan, machine.id, today),
            )
            for machine in wanted
        ]  # fmt: skip
        pages = leaves.code_sheets(made)
        name = " ".join((_("bar codes"), *(wanted[0].code,) * (options.machine is not None)))
    if options.out is not None or options.printer is None:
        file = options.out or Path(f"{write.safe_stem(name)}.pdf")
        _say(str(write.write_file(leaves.render(pages), file)))
    if options.printer is not None:
        from desktop.reports.pdf import printing

        _say(_("Sent to the printer {name}.").format(name=printing.send_leaves(pages, options.printer)))
    return 0


def _form(wanted: Path | None) -> Path | None:
    """The form that is meant; "sample" is the one that comes with the program."""
    if wanted is None or str(wanted) != "sample":
        return wanted
    from desktop.reports import form

    return form.sample()


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
        findings = upkeep.check(store, _say_progress)
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

    kept = control.restore(_folder(options), options.file, _say_progress)
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
    from desktop.store import database

    try:
        data = json.loads(options.file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        sentence = _("{path} cannot be read: {reason}.").format(path=options.file, reason=os_reason(error))
        raise database.unreadable(error, sentence) from error
    except json.JSONDecodeError as error:
        raise _fault(
            _("{path} is no valid JSON: see line {line}, column {column} ({reason}).").format(
                path=options.file, line=error.lineno, column=error.colno, reason=error.msg
            )
        ) from error
    except ValueError as error:  # bytes that are no UTF-8, thousands of digits
        raise _fault(_("{path} cannot be read: {reason}.").format(path=options.file, reason=error)) from error
    except RecursionError:  # thousands of lists in lists
        data = None
    try:
        answer = case.calculate(data)
    except case.CaseError as error:
        raise _fault(_("{path}: {problem}").format(path=options.file, problem=words.case_problem(error))) from error
    _say(json.dumps(answer, ensure_ascii=False, indent=1) if options.json else words.case(answer))
    return 0


def _screenshots(options: argparse.Namespace) -> int:
    from desktop import workshop

    if options.all:
        return workshop.contact_sheets(options.out, options.screen, _say)
    wanted = [name.strip() for name in options.screen.split(",")] if options.screen else None
    # What is already stored is shown as it is; without a data folder a line is simulated.
    folder = None if options.data_dir is None else _folder(options)
    for file in workshop.screenshots(folder, options.out, options.theme, options.scale, wanted, options.at, _say):
        _say(str(file))
    return 0


def _bench(_options: argparse.Namespace) -> int:
    from desktop import workshop

    return workshop.bench()


def _test(options: argparse.Namespace) -> int:
    from desktop import workshop

    return workshop.test(options.rest, long=options.long)


def _doctor(options: argparse.Namespace) -> int:
    from desktop import doctor

    findings = doctor.examine(_folder(options), smoke=options.smoke)
    for finding in findings:
        _say(f"{'+' if finding.well else '!'} {finding.sentence}")
    return 0 if all(finding.well for finding in findings) else EXIT_FAULT


# -- the table of the commands --

_OPTIONS = (
    argument("--data-dir", type=Path, metavar=N_("DIR"), help=N_("folder of the database (default: this user's own)")),
    argument("--lang", choices=text.LANGUAGES, help=N_("language of screens, reports and messages")),
    argument("--version", action="version", version=f"Gadong {VERSION}", help=N_("say the version and end")),
)
_JSON = argument("--json", action="store_true", help=N_("as JSON"))
_AT = argument("--at", type=usage.moment, metavar="MS", help=N_("as it was at this moment (UTC milliseconds)"))
_FOR = argument("--for", dest="for_s", type=usage.positive, metavar="S", help=N_("end after S real seconds"))

_WHO = argument("--who", metavar=N_("NAME"), help=N_("who changes it, for the audit trail"))
_WHY = argument("--why", metavar=N_("WORDS"), help=N_("why, for the audit trail"))

_COMMANDS = (
    Command("window", N_("open the window"), _window),
    Command(
        "demo",
        N_("run the demo line: simulated machines on real wires"),
        _demo,
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
        _collect,
        (_FOR, argument("--stop", action="store_true", help=N_("ask the running collector to end"))),
    ),
    Command(
        "simulate",
        N_("make a demo database with N days of history, without wires"),
        _simulate,
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
        _config,
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
        _listen,
        (
            argument(
                "port", metavar=N_("PORT"), help=N_("the port, or the key of a bus; let the device send meanwhile")
            ),
        ),
    ),
    Command("status", N_("say how the line and its devices are"), _status, (_JSON, _AT)),
    Command(
        "report",
        N_("write the report of a shift"),
        _report,
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
        _sheet,
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
        _trace,
        (argument("code", metavar=N_("CODE"), help=N_("the code as it was scanned")), _JSON),
    ),
    Command(
        "check",
        N_("check the database: pages, references and the chains of hashes"),
        _check,
        (argument("--repair", action="store_true", help=N_("make the derived tables anew from the facts")),),
    ),
    Command(
        "backup",
        N_("write a checked copy of the database"),
        _backup,
        (argument("file", type=Path, metavar=N_("FILE"), help=N_("the copy; it must not exist yet")),),
    ),
    Command(
        "restore",
        N_("put a backup in place of the database; the present one is kept aside"),
        _restore,
        (argument("file", type=Path, metavar=N_("FILE"), help=N_("the copy that backup wrote")),),
    ),
    Command(
        "people",
        N_("say who works here; unlock a PIN or take a forgotten one away"),
        _people,
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
        _trail,
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
        _explain,
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
        _kpi,
        (argument("file", type=Path, metavar=N_("FILE"), help=N_("the JSON file")), _JSON),
    ),
    Command(
        "screenshots",
        N_("make a picture of every screen"),
        _screenshots,
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
    Command("bench", N_("measure speed as ratios"), _bench),
    Command(
        "test",
        N_("run every test; other words go to pytest"),
        _test,
        (argument("--long", action="store_true", help=N_("the long ones too (hours)")),),
    ),
    Command(
        "doctor",
        N_("say what this computer and the data folder are like"),
        _doctor,
        (argument("--smoke", action="store_true", help=N_("also try window, database and OPC UA")),),
    ),
)
COMMANDS = tuple(command.name for command in _COMMANDS)
