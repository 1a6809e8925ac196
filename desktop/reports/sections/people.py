"""Sections of the report about the day's round: who worked, what was checked."""

from __future__ import annotations

from desktop import daily_words
from desktop.domain.daily_rows import CheckRow
from desktop.domain.figures.report import ShiftReport
from desktop.reports.blocks import Block, Column, Field, Heading, KeyValues, Kind, Table
from desktop.text import _
from desktop.wording.moments import crew_word
from desktop.wording.numbers import pieces

_HOUR_MS = 3_600_000


def _hours(length_ms: float) -> float:
    """Hours with two digits, as working time is written."""
    return round(length_ms / _HOUR_MS, 2)


def crew(report: ShiftReport) -> list[Block]:
    """Everybody who worked, from when to when and where; man-hours, and how much of them one good piece took."""
    told = report.crew
    if not told.people:
        return []
    columns = (
        Column(_("Name"), strong=True, name="name"),
        Column(_("Crew"), name="crew"),
        Column(_("From"), Kind.CLOCK, name="from"),
        Column(_("To"), Kind.CLOCK, name="to"),
        Column(_("Worked, h"), Kind.INDEX, strong=True, name="worked_h"),
        Column(_("Machines"), name="machines"),
    )
    rows = tuple(
        (row.name, crew_word(row.crew), row.from_ms, row.to_ms, _hours(row.worked_ms), ", ".join(row.machines))
        for row in told.people
    )
    fields = (
        Field(_("People"), len(told.people), Kind.PIECES, name="people"),
        Field(_("Man-hours"), _hours(told.total_ms), Kind.INDEX, name="man_hours"),
        Field(
            _("Work for a good piece, min"), None if told.each_ms is None else round(told.each_ms / 60_000, 3),
            Kind.VALUE, name="man_minutes_each",
        ),
        Field(_("Not there"), ", ".join(told.absent), name="absent"),
    )  # fmt: skip
    note = _("{count} people · {hours} man-hours").format(
        count=len(told.people), hours=f"{told.total_ms / _HOUR_MS:,.1f}"
    )
    shown = KeyValues(tuple(field for field in fields if field.value not in (None, "")))
    return [Heading(_("People"), note), Table(columns, rows), shown]


def posts(report: ShiftReport) -> list[Block]:
    """Man-hours at each machine, and for how long nobody was there."""
    told = report.crew
    if not told.people:
        return []
    columns = (
        Column(_("Machine"), strong=True, name="machine"),
        Column(_("Code"), name="code"),
        Column(_("Man-hours"), Kind.INDEX, strong=True, name="manned_h"),
        Column(_("Without anybody"), Kind.MINUTES, name="vacant_min"),
    )
    rows = tuple((row.name, row.code, _hours(row.manned_ms), row.unmanned_ms or None) for row in told.posts)
    return [Heading(_("People at machines")), Table(columns, rows)]


def checks(report: ShiftReport) -> list[Block]:
    """How much of what was to be checked was; what was not right and what nobody checked comes first."""
    told = report.checks
    if not told:
        return []
    columns = (
        Column(_("Machine"), strong=True, name="machine"),
        Column(_("Code"), name="code"),
        Column(_("What is checked"), name="what"),
        Column(_("How often"), name="every"),
        Column(_("Result"), strong=True, name="result"),
        Column(_("Value"), name="value"),
        Column(_("Note"), name="note"),
        Column(_("Time"), Kind.CLOCK, name="time"),
        Column(_("Who"), name="who"),
    )
    ordered = sorted(told, key=lambda row: _RANK[row.state])
    rows = tuple(
        (
            row.machine_name, row.machine_code, row.name, daily_words.every_word(row), daily_words.state_word(row),
            daily_words.value_words(row), daily_words.note_words(row), row.done_ms, row.who,
        )
        for row in ordered
    )  # fmt: skip
    marked = frozenset(n for n, row in enumerate(ordered) if row.state in ("bad", "missed"))
    return [Heading(_("Checks"), checked_words(told)), Table(columns, rows, marked)]


_RANK = {"bad": 0, "missed": 1, "late": 2, "due": 3, "good": 4}


def checked_words(told: tuple[CheckRow, ...]) -> str:
    """How many of the checks were done, and how many were not right: "12 of 14 done · 1 not OK"."""
    done, bad = sum(row.done for row in told), sum(row.state == "bad" for row in told)
    words = [_("{done} of {all} done").format(done=pieces(done), all=pieces(len(told)))]
    if bad:
        words.append(_("{count} not OK").format(count=bad))
    return " · ".join(words)
