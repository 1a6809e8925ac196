"""The weekly page: its figures are those that the shifts add up to, in every format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pypdf
import pytest
from msgspec.structs import replace

from desktop import summaries, text
from desktop.collect.closing import Closing
from desktop.configuration.policy import put_policy
from desktop.domain.automatic import Policy
from desktop.domain.entries import Action, ActionClosed
from desktop.domain.figures.losses import ShiftFigures
from desktop.domain.weekly import WeekReport
from desktop.reports import week, write
from desktop.store import entries
from desktop.store.database import KnownError, Store
from tests.store.example import HOUR
from tests.test_live import START, Shop, open_counting

pytestmark = pytest.mark.usefixtures("qapp")
DAY = 24 * HOUR
NOW = START + 7 * DAY


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Five hours of the Wednesday before and of this one."""
    store = open_counting(tmp_path_factory.mktemp("week"))
    shop = Shop(store, 1)
    for begin_ms in (START, START + 7 * DAY):
        shop.at_ms = begin_ms
        while shop.at_ms < begin_ms + 5 * HOUR:
            shop.go_on()
    closing = Closing(store)
    while closing.step(NOW + 5 * HOUR):
        pass
    yield store
    store.close()


@pytest.fixture(scope="module")
def report(store: Store) -> WeekReport:
    return summaries.week_report(store, "2025-W48", NOW + 5 * HOUR)


def test_it_adds_up_what_the_shifts_are(store: Store, report: WeekReport) -> None:
    assert (report.week, len(report.shifts), report.known, report.before) == ("2025-W48", 6, 6, 10)
    alone: list[ShiftFigures] = [row for row in report.shifts if row.good is not None]
    assert report.good == sum(row.good or 0 for row in alone) > 0
    assert report.kpis is not None
    pieces = [row.kpis.pieces for row in report.shifts if row.kpis is not None]
    assert report.kpis.pieces.total == sum(each.total for each in pieces)
    assert report.recovered_ms == sum(loss.recovered_ms or 0 for loss in report.losses)
    before = summaries.week_report(store, "last", NOW + 5 * HOUR)
    assert before.week == "2025-W47"
    shifts = {loss.state: loss for loss in before.losses if loss.labelled}
    for loss in report.losses:
        if loss.labelled and loss.state in shifts:
            assert loss.before_ms == round(shifts[loss.state].length_ms * 6 / 10)


@pytest.mark.parametrize("wanted", ["2025-W60", "nonsense", "2020-W01", "2025-W49"])
def test_a_week_of_which_nothing_is_known_is_a_sentence(store: Store, wanted: str) -> None:
    with pytest.raises(KnownError, match=r"is no week|Nothing is known"):
        summaries.week_report(store, wanted, NOW + 5 * HOUR)


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_every_format_says_the_same(report: WeekReport, tmp_path: Path, language: str) -> None:
    text.use(language)
    priced = replace(report, hour_cost=36_000.0)
    files = week.write_week(priced, week.FORMATS, tmp_path, "week")
    assert [file.name for file in files] == ["week.pdf", "week.xlsx", "week.csv"]
    rows = list(csv.reader(io.StringIO(files[2].read_text(encoding="utf-8-sig"))))
    assert any(row[1:2] == [str(report.good)] for row in rows)
    page = pypdf.PdfReader(files[0])
    assert len(page.pages) == 1
    said = page.pages[0].extract_text()
    assert f"{report.good:,}" in said
    book = openpyxl.load_workbook(files[1])
    assert len(book.sheetnames) == 4
    losses = book[book.sheetnames[1]]
    money = [row[-1] for row in losses.iter_rows(values_only=True) if isinstance(row[-1], int | float)]
    assert money == [round(priced.money(loss.recovered_ms) or 0) for loss in priced.losses]
    (day,) = {loss.recovered_ms for loss in report.losses if not loss.labelled}
    assert day is not None
    assert priced.money(3_600_000) == 36_000
    assert report.money(3_600_000) is None


def test_what_was_left_open_and_what_was_done(store: Store, tmp_path: Path) -> None:
    """Items of the week and of before it: done in it, or open at its end; what was done before is none of it."""
    begun = summaries.week_report(store, "2025-W48", NOW + 5 * HOUR).shifts[0].shift.span.start_ms
    early = begun - 3 * 24 * HOUR
    told = [Action(1, at, at, words, "kim", due) for at, words, due in (
        (early, "old and done", None), (early, "old", begun), (begun + HOUR, "new", begun + 200 * HOUR),
        (early, "done before", None),
    )]  # fmt: skip
    ids = entries.say(store, told, NOW)
    try:
        done = [ActionClosed(0, begun + 2 * HOUR, begun + 2 * HOUR, ids[0]), ActionClosed(0, early, early, ids[3])]
        ids += entries.say(store, done, NOW)
        report = summaries.week_report(store, "2025-W48", NOW + 5 * HOUR)
        found = [(each.text, each.done_ms) for each in report.actions]
        assert found == [("old", None), ("new", None), ("old and done", begun + 2 * HOUR)]
        [paper] = week.write_week(report, ["pdf"], tmp_path, "week")
        said = " ".join(pypdf.PdfReader(paper).pages[0].extract_text().split())
        assert "old and done" in said
        assert "1 of 3 done" in said
    finally:
        entries.take_back(store, ids, NOW)
    assert summaries.week_report(store, "2025-W48", NOW + 5 * HOUR).actions == ()


def test_sentences_without_weeks_before(report: WeekReport) -> None:
    bare = replace(report, before=0, losses=tuple(replace(loss, before_ms=None) for loss in report.losses))
    assert "nothing to compare with" in week.sentences(bare)[-1]
    assert bare.recovered_ms is None


def test_an_unknown_format_is_a_sentence(report: WeekReport, tmp_path: Path) -> None:
    with pytest.raises(write.ReportError, match="json is not a report format"):
        week.write_week(report, ["pdf", "json"], tmp_path, "w")
    assert list(tmp_path.iterdir()) == []


def test_what_an_hour_costs_is_set_up(store: Store) -> None:
    put_policy(store, Policy(hour_cost=25_000.5))
    assert summaries.week_report(store, "2025-W48", NOW + 5 * HOUR).hour_cost == 25_000.5
    put_policy(store, Policy())
