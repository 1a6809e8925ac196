"""A history of a code, lists of units, mock recalls and what was made before a stop: as blocks, files and lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop import trace_words as words
from desktop.domain.figures.trace import Found, MadeBefore, Node, Recall, Trace, UnitList
from desktop.reports import csv_file, json_file, write
from desktop.reports.blocks import (
    Block,
    Cell,
    Column,
    Field,
    Heading,
    KeyValues,
    Kind,
    Run,
    Section,
    Sentences,
    Table,
)
from desktop.reports.cells import shown
from desktop.text import _, visible

FORMATS = ("pdf", "xlsx", "csv", "json")


def sections(found: Found) -> list[Section]:
    """Whatever was found, as sections."""
    if isinstance(found, Trace):
        return _history(found)
    if isinstance(found, UnitList):
        return [Section("units", (Heading(units_title(found), words.counted_words(found)), units_table(found)))]
    if isinstance(found, Recall):
        return _recall(found)
    return [Section("before", (Heading(words.before_title(found), words.before_note(found)), before_table(found)))]


def stem(found: Found) -> str:
    """What a file of it is called."""
    if isinstance(found, Trace):
        return write.safe_stem(f"{_('History')} {found.code}")
    if isinstance(found, UnitList):
        return write.safe_stem(f"{_('Units')} {found.code}")
    if isinstance(found, Recall):
        return write.safe_stem(f"{_('Recall')} {found.subject}")
    at = shown(found.stop_ms, Kind.MOMENT, found.timezone)
    return write.safe_stem(f"{found.machine_code} {at.replace(':', '')}")


def zone(found: Found) -> str:
    """Its time zone."""
    return found.units.timezone if isinstance(found, Recall) else found.timezone


def export(found: Found, ending: str, out: Path) -> Path:
    """Write it into a new file of a folder, "pdf" (of a history), "xlsx", "csv" or "json". Raises ReportError."""
    return write.put_all([(stem(found), ending, content(found, ending))], out, stays=Path.exists)[0]


def content(found: Found, ending: str) -> bytes:
    """The bytes of that file. Raises ReportError: there is no such file of it."""
    if ending == "json":
        return json_file.of(found).encode()
    if ending == "csv":
        return csv_file.tables(sections(found), zone(found))
    if ending == "xlsx":
        from desktop.reports import xlsx  # brings the workbook writer

        return xlsx.tables(sections(found), zone(found))
    if ending == "pdf" and isinstance(found, Trace):
        from desktop.reports.pdf import history  # needs Qt, which the other formats do without

        return history.render(found)
    known = ", ".join(FORMATS if isinstance(found, Trace) else FORMATS[1:])
    raise write.ReportError(_("{name} is not a report format. Choose from {known}.").format(name=ending, known=known))


def lines(found: Found) -> list[str]:
    """The same for a terminal."""
    told: list[str] = []
    for section in sections(found):
        if told:
            told.append("")
        for block in section.blocks:
            told += _lines(block, zone(found))
    return told


def _lines(block: Block, timezone: str) -> list[str]:
    if isinstance(block, Heading):
        return [visible(block.text), *([visible(block.note)] if block.note else [])]
    if isinstance(block, KeyValues):
        return [f"  {visible(each.label)}: {_said(each.value, each.kind, timezone)}" for each in block.fields]
    if isinstance(block, Sentences):
        return [f"  {visible(sentence)}" for sentence in block.plain()]
    if isinstance(block, Table):
        rows = []
        for row in block.rows:
            cells = [_said(value, col.kind, timezone) for col, value in zip(block.columns, row, strict=True)]
            rows.append("  " + " · ".join(cell for cell in cells if cell not in ("", "—")))
        return rows
    return []


def _said(value: Cell, kind: Kind, timezone: str) -> str:
    return visible(value) if isinstance(value, str) else shown(value, kind, timezone)


# -- the history of one code --


def title(found: Trace) -> str:
    """What it is and its code."""
    return f"{words.kind_word(found.kind)} {visible(found.code)}"


def facts(found: Trace) -> tuple[Field, ...]:
    """What is known of the thing itself."""
    product = " ".join(part for part in (found.product_name, found.product_code) if part)
    told = [
        Field(_("First seen"), found.at_ms, Kind.MOMENT),
        Field(_("Times scanned"), found.scans, Kind.PIECES),
    ]
    if product:
        told.append(Field(_("Product"), product))
    if found.orders:
        told.append(Field(_("Work order"), ", ".join(found.orders)))
    if found.lot:
        told.append(Field(_("Lot"), found.lot))
    if found.stage is not None:
        told.append(Field(_("Where it is now"), words.place_words(found.stage, found.stage_at)))
    if found.kind == "unit":
        told.append(Field(_("Judgement"), words.judgement_word(found.judgement) or "—"))
        told.append(Field(_("Records"), words.verdict_words(found) or "—"))
        told.append(Field(_("Retests and rework"), words.summary_words(found)))
    seen = {"product", "lot"}
    told += [Field(words.attribute_word(key), value) for key, value in found.attributes if key not in seen]
    return tuple(told)


def notes(found: Trace) -> tuple[str, ...]:
    """What is missing, what was wrong at a scan, what was taken out again, where it was put."""
    told = [words.gap_words(row, found.timezone) for row in found.gaps]
    told += [words.doubt_words(row) for row in found.doubts]
    told += [words.hold_words(each, found.timezone) for each in found.holds]
    told += [words.finding_words(each, found.timezone) for each in found.findings]
    told += [words.off_words(node, found.timezone) for node in found.now.off]
    told += [words.move_words(move, found.timezone) for move in found.moves]
    return tuple(told)


def _history(found: Trace) -> list[Section]:
    made = [
        Section(
            "history",
            (
                Heading(title(found), " · ".join(p for p in (found.plant, found.line) if p)),
                KeyValues((*facts(found), Field(_("Record check"), found.chain))),
            ),
        )
    ]
    if told := notes(found):
        items = tuple((Run(sentence),) for sentence in told)
        made.append(Section("notes", (Heading(_("Gaps, holds, findings and moves")), Sentences(items))))
    made.append(
        Section("stations", (Heading(_("Stations"), _("Limits as they were valid then")), stations_table(found)))
    )
    for key, head, now, built in (
        ("made_of", _("Made of"), found.now.back, found.built.back),
        ("went_into", _("Went into"), found.now.ahead, found.built.ahead),
    ):
        if now or built:
            made.append(Section(key, (Heading(head), _nodes(now, built))))
    return made


def stations_table(found: Trace) -> Table:
    """A row for each value of each station, a station without values has one row."""
    columns = (
        Column(_("Station"), strong=True), Column(_("Machine")), Column(_("At"), Kind.MOMENT),
        Column(_("Operator")), Column(_("How")), Column(_("Characteristic")), Column(_("Measured values")),
        Column(_("Unit of measure")),
        Column(_("Limits")), Column(_("Mark")), Column(_("Gauge")), Column(_("Judgement")), Column(_("Machine then")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    marked = set()
    for row in found.passages:
        machine = " ".join(part for part in (row.machine_name, row.machine_code) if part)
        for place, value in enumerate(row.values or (None,)):
            if row.missing is not None or (value is not None and value.judgement == "reject"):
                marked.add(len(rows))
            own = words.judged_words(row) if value is None else words.judgement_word(value.judgement)
            if value is not None and value.first_rejected:
                own = f"{own} · {words.first_rejected()}"
            rows.append(
                (
                    words.station_words(row), machine, row.at_ms, words.operators_words(row), words.way_words(row),
                    value.name if value is not None else "",
                    words.values_only(value) if value is not None else "",
                    value.unit if value is not None else "",
                    words.limits_words(value.limits) if value is not None else "",
                    words.mark_word(value.mark) if value is not None else "",
                    words.gauge_words(value, found.timezone) if value is not None else "", own,
                    words.neighbour_words(row.neighbour) if not place else "",
                )
            )  # fmt: skip
    rows += [
        (
            "", "", value.at_ms[0], "", "", value.name, words.values_only(value), value.unit,
            words.limits_words(value.limits), words.mark_word(value.mark), words.gauge_words(value, found.timezone),
            words.judgement_word(value.judgement), "",
        )
        for value in found.unplaced
    ]  # fmt: skip
    return Table(columns, tuple(rows), frozenset(marked))


def _nodes(now: Sequence[Node], built: Sequence[Node]) -> Table:
    """Things on the path, as it left and as it is now."""
    columns = (
        Column(_("Code"), strong=True), Column(_("Kind")), Column(_("What")), Column(_("Level"), Kind.PIECES),
        Column(_("How")), Column(_("Machine")), Column(_("At"), Kind.MOMENT), Column(_("Taken out"), Kind.MOMENT),
        Column(_("As built")), Column(_("Now")),
    )  # fmt: skip
    there = {node.id for node in now}
    first = {node.id for node in built}
    rows = [
        (
            node.code, words.kind_word(node.kind), node.what, node.depth, words.link_word(node.link),
            " ".join(part for part in (node.machine_name, node.machine_code) if part), node.at_ms, node.ended_ms,
            _("yes") if node.id in first else _("no"), _("yes") if node.id in there else _("no"),
        )
        for node in (*built, *(each for each in now if each.id not in first))
    ]  # fmt: skip
    return Table(columns, tuple(rows))


# -- lists --


def units_title(found: UnitList) -> str:
    """Of what the units are."""
    what = f"{words.kind_word(found.kind)} {visible(found.code)}"
    if found.kind in ("box", "pallet"):
        return _("Units in {what}").format(what=what)
    return _("Units with {what}").format(what=what)


def units_table(found: UnitList) -> Table:
    """Units with their place."""
    columns = (
        Column(_("Code"), strong=True), Column(_("Where it is now")), Column(_("Place")), Column(_("Box")),
        Column(_("Pallet")), Column(_("Product")), Column(_("Work order")), Column(_("Begun"), Kind.MOMENT),
        Column(_("Last seen"), Kind.MOMENT),
    )  # fmt: skip
    rows = tuple(
        (
            unit.code, words.stage_word(unit.stage), unit.at, unit.box, unit.pallet, unit.product, unit.order,
            unit.first_ms, unit.last_ms,
        )
        for unit in found.units
    )  # fmt: skip
    return Table(columns, rows)


def _recall(found: Recall) -> list[Section]:
    sentences = [words.balance_words(found)]
    sentences += [words.doubt_words(row) for row in found.doubts] or [_("Nothing is left open.")]
    items = tuple((Run(sentence, strong=not place),) for place, sentence in enumerate(sentences))
    heading = Heading(words.recall_title(found), shown(found.units.now_ms, Kind.MOMENT, found.units.timezone))
    return [
        Section("recall", (heading, Sentences(items))),
        Section("units", (Heading(_("Units")), units_table(found.units))),
    ]


def before_table(found: MadeBefore) -> Table:
    """Pieces before a stop, a column for each characteristic."""
    names = list(dict.fromkeys((value.name, value.unit) for row in found.rows for value in row.values))
    columns = (
        Column(_("Code"), strong=True), Column(_("At"), Kind.MOMENT), Column(_("Before the stop"), Kind.DURATION),
        *(Column(f"{name} ({unit})" if unit else name, figures=True) for name, unit in names),
        Column(_("Judgement")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    marked = set()
    for place, row in enumerate(found.rows):
        own = {(value.name, value.unit): value for value in row.values}
        told = [words.values_only(own[name]) if name in own else "" for name in names]
        rows.append((row.code, row.at_ms, row.before_ms, *told, words.judgement_word(row.judgement)))
        if row.judgement == "reject":
            marked.add(place)
    return Table(columns, tuple(rows), frozenset(marked))
