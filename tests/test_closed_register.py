"""What is imported changes a closed shift only with a name and a reason, and makes one revision of each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import tomli_w

from desktop import configuration
from desktop.clock import PlantClock
from desktop.command_line import main
from desktop.configuration import sheets
from desktop.domain.entries import Closed
from desktop.domain.spans import Span
from desktop.domain.trail import COMMAND_LINE
from desktop.store import closed, entries, register
from desktop.store.closed import ClosedError
from desktop.store.database import Store
from tests.store.example import HOUR, MINUTE
from tests.test_live import START, open_counting

DAY, LATE = Span(START, START + 2 * HOUR), Span(START + 2 * HOUR, START + 4 * HOUR)
NOW = LATE.end_ms + 10 * MINUTE
MACHINES = "Machine code,Machine name,Stop after (s)\nPR-01,PR-01,600\nWS-01,WS-01,600\n"
CYCLE = "Item no.,Item name,Machine code,Ideal cycle (s)\nP,P,WS-01,20\n"
ORDER = "Work order,Item no.,Quantity,Date,Shift,Machine code\nWO-19,P,77,{},Day,PR-01\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path)
    store.clock = PlantClock(NOW, 0, 0.0)
    yield store
    store.close()


def shut(store: Store, *spans: Span) -> None:
    entries.say(store, [Closed(0, span.end_ms - 1, span.end_ms - 1) for span in spans], NOW - MINUTE, "김정호")


def take(store: Store, kind: str, words: str, who: str = "", why: str = "") -> sheets.Difference:
    found = sheets.KINDS[kind]
    shown = sheets.preview(store, sheets.read_text(words, "table.csv", sheets.Titles(found).score), found)
    assert not shown.faults
    return sheets.apply(store, shown, who=who, why=why)


def counted(store: Store) -> list[int]:
    return [closed.revisions(store, span)[0] for span in (DAY, LATE)]


@pytest.mark.parametrize(
    ("kind", "words", "told"),
    [
        ("machines", MACHINES, [1, 1]),
        ("products", CYCLE, [1, 1]),
        ("orders", ORDER.format("2025-11-19"), [1, 0]),
    ],
)
def test_a_table_changes_closed_shifts_with_who_and_why_only(
    shop: Store, kind: str, words: str, told: list[int]
) -> None:
    shut(shop, DAY, LATE)
    before = register.newest_change(shop)
    for who, why in (("", ""), ("김정호", " "), ("", "착오"), (COMMAND_LINE, "착오")):
        with pytest.raises(ClosedError):
            take(shop, kind, words, who, why)
    assert (register.newest_change(shop), counted(shop)) == (before, [0, 0])
    done = take(shop, kind, words, "김정호", "착오")
    assert counted(shop) == told
    with pytest.raises(ClosedError):
        sheets.undo(shop, done, who="김정호")
    sheets.undo(shop, done, who="김정호", why="그대로였음")
    assert counted(shop) == [2 * each for each in told]


def test_what_speaks_of_no_closed_shift_is_taken_as_before(shop: Store) -> None:
    """A new product, a cycle or an order of what is to come, a name; and everything where nothing is closed."""
    assert take(shop, "machines", MACHINES).changes
    shut(shop, DAY, LATE)
    for kind, words in (
        ("products", "Item no.,Item name,Machine code,Ideal cycle (s)\nNEW,New,WS-01,20\n"),
        ("products", "Item no.,Item name,Machine code,Ideal cycle (s),Valid from\nP,P,WS-01,15,2025-12-01\n"),
        ("machines", MACHINES.replace("PR-01,PR-01", "PR-01,Press")),
        ("orders", ORDER.format("2025-11-20")),
    ):
        assert take(shop, kind, words).changes, words
    assert counted(shop) == [0, 0]


def _holiday(data: dict) -> None:  # type: ignore[type-arg]
    data.setdefault("exception", []).append({"on": date(2025, 11, 19), "kind": "holiday", "name": "휴무"})


def _planned(data: dict) -> None:  # type: ignore[type-arg]
    times = {"from": "2025-11-19T08:10", "to": "2025-11-19T08:40", "approved_at": "2025-11-18T08:40"}
    row = {name: datetime.fromisoformat(moment) for name, moment in times.items()}
    data.setdefault("planned_stop", []).append(row)


def _constraint(data: dict) -> None:  # type: ignore[type-arg]
    data["constraint"] = [{"machine": "WS-01", "valid_from": date(2025, 11, 1)}]


def _standard(data: dict) -> None:  # type: ignore[type-arg]
    for row in data["standard"]:
        row["ideal_cycle_s"] = 15.0


@pytest.mark.parametrize(
    ("change", "told"),
    [(_holiday, 1), (_planned, 1), (_constraint, 1), (_standard, 1)],
    ids=lambda each: str(each)[:22],
)
def test_a_configuration_changes_closed_shifts_with_who_and_why_only(shop: Store, change, told: int) -> None:  # type: ignore[no-untyped-def]
    with shop.transaction() as db:
        db.execute("UPDATE shift_patterns SET breaks = '[]'")  # as a file may have them
    data = tomllib.loads(configuration.export(shop))
    data["plant"] |= {"name": "p", "line": "l"}
    data["bus"] = []
    shop.clock = PlantClock(START - 480 * HOUR, 0, 0.0)
    configuration.apply(shop, configuration.parse(tomli_w.dumps(data)))
    shop.clock = PlantClock(NOW, 0, 0.0)
    shut(shop, DAY)
    same = configuration.export(shop)
    configuration.apply(shop, configuration.parse(same))  # says nothing new
    data = tomllib.loads(same)
    change(data)
    wanted = configuration.parse(tomli_w.dumps(data))
    with pytest.raises(ClosedError):
        configuration.apply(shop, wanted, who=COMMAND_LINE, why="착오")
    assert configuration.export(shop) == same
    configuration.apply(shop, wanted, who="김정호", why="착오")
    assert closed.revisions(shop, DAY)[0] == told


def test_the_command_line_says_how_who_and_why_are_given(
    shop: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shut(shop, DAY)
    file = tmp_path / "machines.csv"
    file.write_text(MACHINES, encoding="utf-8-sig")
    command = ["--data-dir", str(shop.folder), "--lang", "en", "config", "table", "machines", "--import", str(file)]
    assert main(command) == 1
    assert "--who NAME --why WORDS" in capsys.readouterr().err
    assert main([*command, "--who", "김정호", "--why", "착오"]) == 0
    assert counted(shop) == [1, 0]
