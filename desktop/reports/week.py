"""The weekly page as format-free blocks, and its files: what each reason cost against the four weeks before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from desktop.domain.differences import difference
from desktop.domain.weekly import WeekLoss, WeekReport
from desktop.reports import csv_file, write, xlsx
from desktop.reports.blocks import Block, Column, Field, Heading, KeyValues, Kind, Run, Section, Sentences, Table
from desktop.reports.derived import share, what
from desktop.text import _
from desktop.wording.moments import day_words, shift_words
from desktop.wording.numbers import lasted, percent, pieces, signed

FORMATS = ("pdf", "xlsx", "csv")


def build(report: WeekReport) -> tuple[Section, ...]:
    """The sections of the page, in their order."""
    made = (
        ("head", head(report)), ("losses", losses(report)), ("shifts", shifts(report)), ("actions", actions(report)),
    )  # fmt: skip
    return tuple(Section(key, tuple(blocks)) for key, blocks in made)


def head(report: WeekReport) -> list[Block]:
    """Which week of which line, what was made, and the three sentences to begin a meeting with."""
    sunday = report.monday + timedelta(days=6)
    where = (report.head.plant, report.head.line, f"{report.week} ({report.monday} – {sunday})")
    oee = report.kpis.oee if report.kpis else None
    was = report.before_kpis.oee if report.before_kpis else None
    apart = oee - was if oee is not None and was is not None else None
    fields = [
        Field(_("Good"), report.good, Kind.PIECES),
        Field(_("Target"), report.target, Kind.PIECES),
        Field(_("Difference"), difference(report.good, report.target), Kind.SIGNED),
        *((Field(_("Plan"), report.plan, Kind.PIECES),) if report.plan is not None else ()),
        Field(_("Achievement"), share(report.good, report.target if report.plan is None else report.plan), Kind.RATIO),
        Field(_("OEE"), oee, Kind.RATIO),
        Field(_("OEE against the weeks before"), apart, Kind.POINTS),
        Field(_("Time won back"), report.recovered_ms, Kind.MINUTES),
        Field(_("Shifts added up"), report.known, Kind.PIECES),
        Field(_("Shifts before"), report.before, Kind.PIECES),
    ]
    if report.hour_cost:
        fields.insert(6, Field(_("Won back, in money"), _whole(report.money(report.recovered_ms)), Kind.SIGNED))
    return [
        Heading(_("Weekly report"), " · ".join(part for part in where if part)),
        KeyValues(tuple(fields)),
        Sentences(tuple((Run(words),) for words in sentences(report))),
    ]


def sentences(report: WeekReport) -> list[str]:
    """Result, the biggest loss, and what was won back or lost most."""
    by = difference(report.good, report.target)
    oee = percent(report.kpis.oee if report.kpis else None)
    found = [
        _("{good} good pieces of {target} ({difference}), OEE {oee}.").format(
            good=pieces(report.good), target=pieces(report.target), difference=signed(by), oee=oee
        )
    ]
    told = [loss for loss in report.losses if loss.length_ms]
    if told:
        top = max(told, key=lambda loss: loss.length_ms)
        words = _("The biggest loss: {reason}, {length} ({count} times).")
        found.append(words.format(reason=label(top), length=lasted(top.length_ms), count=top.count))
    changes = [(loss.recovered_ms, loss) for loss in report.losses if loss.recovered_ms]
    if changes:
        best, worst = max(changes, key=lambda each: each[0]), min(changes, key=lambda each: each[0])
        if best[0] > 0:
            words = _("Most was won back at {reason}: {length} less than before.")
            found.append(words.format(reason=label(best[1]), length=lasted(best[0])))
        if worst[0] < 0:
            words = _("Most more than before was lost to {reason}: {length}.")
            found.append(words.format(reason=label(worst[1]), length=lasted(-worst[0])))
    elif not report.before:
        found.append(_("Of the four weeks before nothing is added up yet: there is nothing to compare with."))
    return found


def label(loss: WeekLoss) -> str:
    """The reason as it is called everywhere."""
    return what(loss.word, loss.category, loss.state, loss.labelled)


def losses(report: WeekReport) -> list[Block]:
    """Standstill of all machines by reason: this week, before in as many shifts, what was won back."""
    columns = [
        Column(_("Reason"), strong=True),
        Column(_("This week"), Kind.MINUTES, strong=True),
        Column(_("Times"), Kind.PIECES),
        Column(_("Before"), Kind.MINUTES),
        Column(_("Won back"), Kind.MINUTES),
    ]
    if report.hour_cost:
        columns.append(Column(_("In money"), Kind.SIGNED))
    rows = tuple(
        (
            label(loss), loss.length_ms, loss.count, loss.before_ms, loss.recovered_ms,
            *((_whole(report.money(loss.recovered_ms)),) if report.hour_cost else ()),
        )
        for loss in report.losses
    )  # fmt: skip
    note = _("all machines · before: the mean of the four weeks before, for as many shifts")
    return [Heading(_("Losses by reason"), note), Table(tuple(columns), rows)]


def shifts(report: WeekReport) -> list[Block]:
    """One row a shift."""
    columns = (
        Column(_("Date"), strong=True),
        Column(_("Shift"), strong=True),
        Column(_("Target"), Kind.PIECES),
        Column(_("Good"), Kind.PIECES, strong=True),
        Column(_("Difference"), Kind.SIGNED),
        Column(_("OEE"), Kind.RATIO, strong=True),
    )
    rows = tuple(
        (
            day_words(row.shift.business_on), shift_words(row.shift), row.target, row.good,
            difference(row.good, row.target), row.kpis.oee if row.kpis else None,
        )
        for row in report.shifts
    )  # fmt: skip
    note = _("{known} of {count} shifts added up").format(known=report.known, count=len(report.shifts))
    return [Heading(_("Shifts"), note), Table(columns, rows)]


def actions(report: WeekReport) -> list[Block]:
    """What was left open, who does it until when, and what was done of it."""
    columns = (
        Column(_("What"), strong=True),
        Column(_("Owner")),
        Column(_("Due"), Kind.MOMENT),
        Column(_("Done"), Kind.MOMENT),
    )
    rows = tuple(
        (f"{each.machine}: {each.text}" if each.machine else each.text, each.owner, each.due_ms, each.done_ms)
        for each in report.actions
    )
    late = frozenset(
        n for n, each in enumerate(report.actions)
        if each.done_ms is None and each.due_ms is not None and each.due_ms < report.made_at_ms
    )  # fmt: skip
    done = sum(each.done_ms is not None for each in report.actions)
    note = _("{done} of {count} done").format(done=done, count=len(rows)) if rows else _("none entered")
    return [Heading(_("Actions"), note), Table(columns, rows, late)]


def _whole(money: float | None) -> int | None:
    return None if money is None else round(money)


def _pdf(report: WeekReport, sections: Sequence[Section]) -> bytes:
    from desktop.reports.pdf import week  # needs Qt, which the other formats do without

    return week.render(report, sections)


_MAKES: dict[str, Callable[[WeekReport, Sequence[Section]], bytes]] = {
    "pdf": _pdf,
    "xlsx": lambda report, sections: xlsx.tables(sections, report.head.timezone),
    "csv": lambda report, sections: csv_file.tables(sections, report.head.timezone),
}


def write_week(report: WeekReport, formats: Sequence[str], out: Path, name: str) -> list[Path]:
    """Write the weekly page in every format named (pdf, xlsx, csv); the files written. Raises ReportError."""
    for wanted in formats:
        if wanted not in FORMATS:
            words = _("{name} is not a report format. Choose from {known}.")
            raise write.ReportError(words.format(name=wanted, known=", ".join(FORMATS)))
    sections = build(report)
    return write.put_all([(name, wanted, _MAKES[wanted](report, sections)) for wanted in formats], out)
