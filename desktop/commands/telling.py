"""Commands that tell: status, reports, sheets of bar codes, changes, and how figures came about."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop import VERSION
from desktop.commands.common import (
    EXIT_USAGE,
    READING,
    fault,
    folder_of,
    say,
    say_nothing,
    say_percent,
    say_progress,
    who_of,
)
from desktop.text import _, os_reason


def status(options: argparse.Namespace) -> int:
    """The command `status`."""
    from desktop import summaries, words
    from desktop.store import database

    store = database.open_reader(folder_of(options))
    try:
        line = summaries.line_now(store, options.at or store.clock.now_ms())
    finally:
        store.close()
    say(words.status_json(line) if options.json else words.status(line))
    return 0


def people(options: argparse.Namespace) -> int:
    """The command `people`."""
    from desktop import words
    from desktop.configuration.staff import Staff

    staff = Staff(folder_of(options))
    found = staff.people_now()
    if options.unlock is None and options.forget_pin is None:
        say(words.people_json(found) if options.json else words.people(found))
        return 0
    for name, change in ((options.unlock, staff.unlock), (options.forget_pin, staff.forget_pin)):
        if name is not None:
            change(staff.named(name).id, who_of(options))
            say(_("Done: {name}.").format(name=name))
    return 0


def trail(options: argparse.Namespace) -> int:
    """The command `trail`."""
    from desktop.commands import trail as changes

    return changes.run(folder_of(options), options, say)


def export(options: argparse.Namespace) -> int:
    """The command `export`."""
    from desktop.commands.trail import moment_of
    from desktop.reports import open_data
    from desktop.store import database, register
    from desktop.store.open_data import VIEWS

    if options.view not in VIEWS:
        raise fault(_("There is no view {name}. Views: {known}.").format(name=options.view, known=", ".join(VIEWS)))
    store = database.open_reader(folder_of(options))
    try:
        zone = register.zone(store)
        since_ms, until_ms = moment_of(options.since, zone, end=False), moment_of(options.until, zone, end=True)
        span = (-(1 << 62) if since_ms is None else since_ms, 1 << 62 if until_ms is None else until_ms)
        if options.out is None:
            ending = "json" if options.json else "csv"
            open_data.write(store, options.view, *span, sys.stdout, ending, lambda _view, _done, _rows: None)
            return 0
        done = open_data.export(store, options.view, *span, options.out, say_progress)
    finally:
        store.close()
    say(_("{count} rows are in {file}.").format(count=f"{done:,}", file=options.out))
    return 0


def report(options: argparse.Namespace) -> int:
    """The command `report`."""
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
        return _report_itself(folder_of(options), options.shift)
    tell = say_percent if options.progress else say_nothing
    store = database.open_reader(folder_of(options))
    try:
        now_ms = options.at or store.clock.now_ms()
        shift = summaries.find_shift(store, options.shift, now_ms)
        report = summaries.shift_report(store, shift, now_ms, lambda done: tell(done * READING))
        events = summaries.shift_events(store, report.window) if "xlsx" in formats else None
        files = write.write(
            report,
            formats,
            options.out,
            options.name or write.stem(report),
            form=_form(options.form),
            events=events,
            progress=lambda done: tell(READING + done * (1 - READING)),
        )
    finally:
        store.close()
    for file in files:
        say(str(file))
    if options.printer is not None:
        from desktop.reports.pdf import printing

        say(_("Sent to the printer {name}.").format(name=printing.send(report, options.printer)))
    return 0


def _report_week(options: argparse.Namespace, formats: Sequence[str]) -> int:
    """The page of a week."""
    from desktop import summaries
    from desktop.reports import week
    from desktop.store import database

    store = database.open_reader(folder_of(options))
    try:
        report = summaries.week_report(store, options.week, options.at or store.clock.now_ms())
    finally:
        store.close()
    for file in week.write_week(report, formats, options.out, options.name or report.week):
        say(str(file))
    return 0


def _report_itself(folder: Path, shift: str) -> int:
    """The report of a shift as the shop wants it to be made by itself; see `desktop.reports.automatic`."""
    from desktop.reports import automatic
    from desktop.store import database

    if hasattr(os, "nice"):
        os.nice(10)  # collecting goes first
    store = database.open_reader(folder)
    try:
        automatic.make(store, shift, say, lambda: sys.stdin.readline().strip() == automatic.GO)
    finally:
        store.close()
    return 0


def sheet(options: argparse.Namespace) -> int:
    """Bar code sheets of machines, badges or the paper form, as a PDF file."""
    from desktop.reports import cells, code_sheets, write
    from desktop.store import database, orders, people, register

    if sum((options.machine is not None, bool(options.badge) or options.people, options.paper)) > 1:
        print(_("Choose one: a machine, badges or the paper form."), file=sys.stderr)
        return EXIT_USAGE
    store = database.open_reader(folder_of(options))
    try:
        plant = register.plant(store)
        today = cells.local(store.clock.now_ms(), plant.timezone).date()
        plan = orders.orders(store)
        badges = [*(options.badge or ())]
        if options.people:
            badges += [(person.name, person.badge) for person in people.people(store) if person.badge]
            if not badges:
                raise fault(_("Nobody has a badge yet. Give people badges in the settings, or name one: --badge."))
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
            raise fault(
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
        say(str(write.write_file(leaves.render(pages), file)))
    if options.printer is not None:
        from desktop.reports.pdf import printing

        say(_("Sent to the printer {name}.").format(name=printing.send_leaves(pages, options.printer)))
    return 0


def _form(wanted: Path | None) -> Path | None:
    """The form that is meant; "sample" is the one that comes with the program."""
    if wanted is None or str(wanted) != "sample":
        return wanted
    from desktop.reports import form

    return form.sample()


def trace(options: argparse.Namespace) -> int:
    """The command `trace`."""
    from desktop.commands import tracing

    return tracing.trace(folder_of(options), options, say)


def recall(options: argparse.Namespace) -> int:
    """The command `recall`."""
    from desktop.commands import tracing

    return tracing.recall(folder_of(options), options, say)


def before(options: argparse.Namespace) -> int:
    """The command `before`."""
    from desktop.commands import tracing

    return tracing.before(folder_of(options), options, say)


def explain(options: argparse.Namespace) -> int:
    """The command `explain`."""
    from desktop import summaries, words
    from desktop.store import database

    store = database.open_reader(folder_of(options))
    try:
        now_ms = options.at or store.clock.now_ms()
        report = summaries.shift_report(store, summaries.find_shift(store, options.shift, now_ms), now_ms)
    finally:
        store.close()
    row = next((m for m in report.machines if m.code == options.machine), None)
    if row is None:
        raise fault(
            _("There is no machine {code}. Machines: {codes}.").format(
                code=options.machine, codes=", ".join(m.code for m in report.machines)
            )
        )
    say(words.explain_json(report, row) if options.json else words.explain(report, row))
    return 0


def kpi(options: argparse.Namespace) -> int:
    """The command `kpi`."""
    from desktop import words
    from desktop.domain import case
    from desktop.store import database

    try:
        data = json.loads(options.file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        sentence = _("{path} cannot be read: {reason}.").format(path=options.file, reason=os_reason(error))
        raise database.unreadable(error, sentence) from error
    except json.JSONDecodeError as error:
        raise fault(
            _("{path} is no valid JSON: see line {line}, column {column} ({reason}).").format(
                path=options.file, line=error.lineno, column=error.colno, reason=error.msg
            )
        ) from error
    except ValueError as error:  # bytes that are no UTF-8, thousands of digits
        raise fault(_("{path} cannot be read: {reason}.").format(path=options.file, reason=error)) from error
    except RecursionError:  # thousands of lists in lists
        data = None
    try:
        answer = case.calculate(data)
    except case.CaseError as error:
        raise fault(_("{path}: {problem}").format(path=options.file, problem=words.case_problem(error))) from error
    say(json.dumps(answer, ensure_ascii=False, indent=1) if options.json else words.case(answer))
    return 0
