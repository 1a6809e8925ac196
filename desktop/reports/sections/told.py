"""Sections of the report about what people told: safety, changes of the 4M, what is handed over."""

from __future__ import annotations

from desktop.domain.entries import SafetyKind
from desktop.domain.figures.report import ShiftReport
from desktop.reports.blocks import Block, Column, Field, Heading, KeyValues, Kind, Run, Sentences, Table
from desktop.text import _
from desktop.wording.people import FOUR_M, four_m_word, remark_word, safety_word


def safety(report: ShiftReport) -> list[Block]:
    """Safety and 4M changes: that nothing happened is said by a person, never assumed."""
    told, changed = report.handover.safety, report.handover.four_m
    if not told and not changed:
        return []
    counts = [(kind, sum(remark.kind == kind for remark in told)) for kind in SafetyKind if kind is not SafetyKind.NONE]
    fields = [Field(safety_word(kind), count if told else None, Kind.PIECES, name=str(kind)) for kind, count in counts]
    words = [f"{four_m_word(what)} {sum(remark.kind == what for remark in changed)}" for what in FOUR_M]
    said = " · ".join(words) if changed else _("none entered")
    fields.append(Field(_("4M changes"), said, name="four_m"))
    columns = (
        Column(_("Time"), Kind.CLOCK, name="time"),
        Column(_("Kind"), name="kind"),
        Column(_("What"), strong=True, name="what"),
        Column(_("Machine"), name="machine"),
        Column(_("Entered by"), name="by"),
    )
    rows = tuple(
        (remark.at_ms, remark_word(remark.kind), remark.text, remark.machine, remark.who)
        for remark in (*told, *changed)
        if remark.kind != SafetyKind.NONE
    )
    return [Heading(_("Safety and 4M")), KeyValues(tuple(fields)), *([Table(columns, rows)] if rows else [])]


def handover(report: ShiftReport) -> list[Block]:
    """What is left open, until somebody closes it, and words to the next shift."""
    told = report.handover
    if not told.open and not told.notes:
        return []
    blocks: list[Block] = [Heading(_("Handover"), _("stays on every report until it is done"))]
    if told.open:
        columns = (
            Column(_("What"), strong=True, name="what"),
            Column(_("Owner"), name="owner"),
            Column(_("Due"), Kind.MOMENT, name="due"),
            Column(_("Since"), Kind.MOMENT, name="since"),
        )
        rows = tuple((_of(item.machine, item.text), item.owner, item.due_ms, item.since_ms) for item in told.open)
        overdue = frozenset(n for n, item in enumerate(told.open) if item.due_ms and item.due_ms < report.made_at_ms)
        blocks.append(Table(columns, rows, overdue))
    if told.notes:
        blocks.append(Sentences(tuple((Run(_of(note.machine, note.text)),) for note in told.notes)))
    return blocks


def _of(machine: str, text: str) -> str:
    return f"{machine}: {text}" if machine else text
