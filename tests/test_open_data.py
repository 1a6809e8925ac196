"""What a shop's own SQL relies on: the page of the manual names every column, its queries run, and exports are safe."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop import trail_words
from desktop.command_line import main
from desktop.configuration.checking import wires as checking
from desktop.domain.entries import OPEN_MS, Labelled, Measured, Said
from desktop.domain.events import (
    Attribute,
    AttributeKey,
    Event,
    EventKind,
    Link,
    LinkEnd,
    LinkKind,
    Move,
    Result,
    State,
    Step,
    Thing,
    ThingKind,
)
from desktop.domain.trail import HELD
from desktop.domain.verdicts import PLACED
from desktop.reports import open_data as exporting
from desktop.store import database, entries, open_data, register
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from tests.store.example import FORCE, T0, open_shop, state

PAGES = {
    lang: (Path(__file__).resolve().parents[1] / f"resources/manual/{lang}/open_data.md").read_text(encoding="utf-8")
    for lang in ("en", "ko")
}
MINUTE, DAY = 60_000, 86_400_000
AWFUL = ("=1+1", "+82", "@SUM(A1)", "x'); drop table t;--\"", "\t탭", "줄\n바꿈", "밸브, 하우징")


def quiet(_view: str, _done: int, _rows: int) -> None:
    pass


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    """A unit with a lot in its part, a box, a measured value, a stop with a reason, and codes that mean no good."""
    store = open_shop(tmp_path / "data")
    with store.transaction() as db:
        register.put_setting(db, "timezone", "Asia/Seoul")
        station = register.upsert(db, "stations", {"code": "ST"}, {"name": "S", "place": 0, "kind": "stock"})
        reason = {"name": "Jam", "kind": "unplanned", "failure": 1, "place": 0}
        jam = register.upsert(db, "reasons", {"code": "JAM"}, reason)
        register.audit(db, T0, "김", "limit", "DIA", "1.0", "1.2", "customer")
    book = Journal(store)
    unit, sub, lot, box = (
        Thing("unit", "SN-000123"), Thing("unit", "SUB-1"), Thing("lot", "L-2291"), Thing("box", "B-1"),
    )  # fmt: skip
    ties = [
        ("consumed", sub, lot),
        ("consumed", unit, sub),
        ("packed", box, unit),
        ("consumed", unit, Thing("lot", "L")),
    ]
    links = [Link(book.next_id(T0), kind, parent, child, 1, T0, 1) for kind, parent, child in ties]
    stop = state(book, T0 + MINUTE, "stop")
    scans = [Event(book.next_id(T0), EventKind.SCAN, T0, 1, word=code, detail="") for code in AWFUL]
    book.commit(
        Batch(
            events=[*scans, stop, state(book, T0 + 3 * MINUTE, "run")],
            links=links,
            link_ends=[LinkEnd(book.next_id(T0), links[-1].id, T0 + MINUTE, 1)],
            steps=[Step(book.next_id(T0), unit, 1, T0, 1)],
            results=[Result(book.next_id(T0), unit, FORCE, 1, T0, 1.25, "", "good")],
            attributes=[Attribute(book.next_id(T0), lot, "expiry", "2027-01-01", T0, 1)],
            moves=[Move(book.next_id(T0), box, station, "stock", T0, 1)],
        )
    )
    told = [Labelled(1, T0 + MINUTE, T0 + MINUTE, stop.id, jam)]
    taken = entries.say(store, told, T0 + 4 * MINUTE, who="박")
    entries.take_back(store, taken, T0 + 5 * MINUTE, "박")
    entries.say(store, [Labelled(1, T0 + MINUTE, OPEN_MS, stop.id, jam)], T0 + 6 * MINUTE, who="이")
    yield store
    store.close()


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_and_the_views_agree(shop: Store, lang: str) -> None:
    told = {
        name: re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
        for name, part in re.findall(r"^## (v_\w+)\n(.*?)(?=^## )", PAGES[lang], re.MULTILINE | re.DOTALL)
    }
    there = {
        name: [row[1] for row in shop.rows(f"PRAGMA table_info({name})")]
        for (name,) in shop.rows("SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE 'v\\_%' ESCAPE '\\'")
    }
    assert told == there == {view: list(open_data.columns_of(view)) for view in open_data.VIEWS}
    for view in there:
        assert shop.row(f"SELECT count(*) FROM {view}")[0] > 0, view


WORDS = {
    ("v_units", "kind"): {*get_args(ThingKind)},
    ("v_attributes", "kind"): {*get_args(ThingKind)},
    ("v_attributes", "key"): {*get_args(AttributeKey)},
    ("v_steps", "kind"): {*get_args(ThingKind)},
    ("v_results", "judgement"): {*checking.JUDGEMENTS},
    ("v_links", "link"): {*get_args(LinkKind)},
    ("v_moves", "kind"): {*get_args(ThingKind)},
    ("v_moves", "move"): {each.value for each in PLACED},
    ("v_events", "kind"): {each.value for each in EventKind},
    ("v_stops", "state"): {each.value for each in State} - {"run", "unknown", "no_signal"},
    ("v_entries", "kind"): {*(each.__struct_config__.tag for each in get_args(Said)), "back"},
    ("v_audit", "action"): ({*trail_words.ACTIONS} - {each.__struct_config__.tag for each in get_args(Said)}) | {HELD},
}


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_names_the_words_that_the_program_writes(lang: str) -> None:
    """Those of the code itself, which mypy holds where they are written: none that is not, and all that are."""
    for (view, column), words in WORDS.items():
        part = PAGES[lang].partition(f"\n## {view}\n")[2].partition("\n## ")[0]
        (cell,) = re.findall(rf"^\| `{column}` \| (.*) \|$", part, re.MULTILINE)
        assert set(re.findall(r"`([a-z_ ]+)`", cell)) == words, (view, column)


def test_values_by_hand_stand_among_the_measured_ones(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what they are of, judged by the limits of their moment; not those that were taken back."""
    with shop.transaction() as db:
        columns = {"name": "Bore", "unit": "mm", "mark": "", "sampling": "each", "per_hour": 0, "subgroup": 1}
        columns |= {"binding": "scan", "window_ms": 0, "retests": 0, "place": 0}
        bore = register.upsert(db, "characteristics", {"code": "ID"}, columns)
        for since_ms, low, high in ((T0, None, 2.0), (T0 + 3 * MINUTE, 2.0, 3.0), (T0 + 4 * MINUTE, None, None)):
            key = {"characteristic_id": bore, "valid_from_ms": since_ms}
            register.upsert(db, "characteristic_limits", key, {"nominal": None, "low": low, "high": high})
    for minute, value in ((1, 2.0), (2, 2.5), (3, 1.5), (4, 9.0), (5, 7.0)):
        said = Measured(1, T0 + minute * MINUTE, T0 + minute * MINUTE, bore, value, "SN-000123" if minute < 5 else "")
        entries.say(shop, [said], T0 + 6 * MINUTE, who="박")
    entries.take_back(shop, entries.say(shop, [Measured(1, T0, T0, bore, 0.0)], T0 + 6 * MINUTE, "박"), T0 + DAY, "박")
    found = shop.rows(
        "SELECT unit_code, machine, signal, signal_name, measured_at, value, measured_in, judgement, characteristic,"
        " who FROM v_results WHERE by_hand = 1 ORDER BY at_ms"
    )
    first = "SN-000123", "PR-01", None, "Bore", "2025-11-19T09:01:00.000+09:00", 2.0, "mm", "good", "ID", "박"
    assert tuple(found[0]) == first
    assert [(row[0], row[5], row[7]) for row in found[1:]] == [
        ("SN-000123", 2.5, "reject"), ("SN-000123", 1.5, "reject"), ("SN-000123", 9.0, ""), ("", 7.0, ""),
    ]  # fmt: skip
    assert shop.rows("SELECT by_hand, value FROM v_results ORDER BY at_ms LIMIT 1") == [(0, 1.25)]
    monkeypatch.setattr(open_data, "_AT_ONCE", 2)
    assert [*open_data.rows(shop, "v_results", 0, T0 + DAY)] == shop.rows("SELECT * FROM v_results ORDER BY id")
    assert open_data.count(shop, "v_results", 0, T0 + DAY) == 6


def test_no_part_of_an_export_ends_between_rows_of_one_number(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result and an entry may have the same."""
    book = Journal(shop)
    ids = [T0 * 1000 + 60_000_000 * minute for minute in range(60, 64)]
    facts = [Result(each, None, FORCE, 1, each // 1000, float(each), "", "") for each in ids]
    book.commit(Batch(results=facts))
    for each in ids:
        entries.say(shop, [Measured(1, each // 1000, each // 1000, 1, 1.0)], each // 1000, who="박")
    numbers = [row[0] for row in shop.rows("SELECT id FROM v_results ORDER BY id")]
    assert len(numbers) - len(set(numbers)) >= 2
    plan = [row[3] for row in shop.rows("EXPLAIN QUERY PLAN SELECT * FROM v_results WHERE id > 1 ORDER BY id LIMIT 2")]
    assert "MERGE (UNION ALL)" in plan, "a part is read without all that follows"
    for most in (2, 3, 4):
        monkeypatch.setattr(open_data, "_AT_ONCE", most)
        assert [row[0] for row in open_data.rows(shop, "v_results", 0, T0 + DAY)] == numbers


def queries(lang: str) -> list[str]:
    return re.findall(r"^```sql\n(.*?)^```", PAGES[lang], re.MULTILINE | re.DOTALL)


def test_the_queries_of_the_page_say_what_they_promise(shop: Store) -> None:
    assert queries("en") == queries("ko")
    affected, measured, stood, changed = (shop.rows(sql) for sql in queries("en"))
    assert sorted(affected) == [("SN-000123", "B-1"), ("SUB-1", None)]
    assert [(row[0], row[3], row[5]) for row in measured] == [("2025-11-19T09:00:00.000+09:00", 1.25, "good")]
    assert [tuple(row) for row in stood] == [("2025-11-19", "PR-01", "JAM", 2.0)]
    assert ("김", "limit", "DIA", "1.0", "1.2", "customer") in [tuple(row[1:]) for row in changed]
    for sql in queries("en")[:2]:  # by a code nothing is read from end to end, however much there is
        plan = [row[3] for row in shop.rows(f"EXPLAIN QUERY PLAN {sql}")]
        assert [step for step in plan if re.match("SCAN (x|c|p|u|l|links|units|results)$", step)] == []


def test_what_views_say_of_stops_and_links(shop: Store) -> None:
    (stop,) = shop.rows("SELECT machine, state, began_at, ended_at, seconds, reason, said_by FROM v_stops")
    assert stop == (
        "PR-01", "stop", "2025-11-19T09:01:00.000+09:00", "2025-11-19T09:03:00.000+09:00", 120.0, "JAM", "이"
    )  # fmt: skip
    ended = shop.rows("SELECT child, ended_at FROM v_links WHERE ended_at IS NOT NULL")
    assert ended == [("L", "2025-11-19T09:01:00.000+09:00")]
    with pytest.raises(database.SqlError):
        shop.connection.execute("DELETE FROM v_links")


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Berlin"]),
    at_ms=st.integers(946_684_800_000, 3_000_000_000_000),
)
def test_local_times_are_those_of_the_zone(tmp_path_factory: pytest.TempPathFactory, zone: str, at_ms: int) -> None:
    store = _zones.setdefault(zone, None) or open_shop(tmp_path_factory.mktemp("zone"))
    if _zones[zone] is None:
        _zones[zone] = store
        with store.transaction() as db:
            register.put_setting(db, "timezone", zone)
    told = store.row(f"SELECT {open_data._local('?1')}", at_ms)[0]
    assert told == datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).isoformat(timespec="milliseconds")


_zones: dict[str, Store | None] = {}


def test_an_export_is_whole_and_harmless(shop: Store, tmp_path: Path) -> None:
    files = {ending: tmp_path / f"events.{ending}" for ending in exporting.FORMATS}
    done = {exporting.export(shop, "v_events", 0, T0 + DAY, file, quiet) for file in files.values()}
    expected = shop.rows("SELECT * FROM v_events ORDER BY id")
    assert done == {len(expected)}
    told = json.loads(files["json"].read_text(encoding="utf-8"))
    assert [tuple(row.values()) for row in told] == expected
    assert {row["word"] for row in told} >= set(AWFUL)
    with files["csv"].open(encoding="utf-8-sig", newline="") as stream:
        titles, *rows = csv.reader(stream)
    assert tuple(titles) == open_data.columns_of("v_events")
    assert len(rows) == len(expected)
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and not _number(cell)]
    assert "'=1+1" in cells
    assert "밸브, 하우징" in cells


def _number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None


def test_an_export_is_cut_by_time_and_tells_how_far_it_is(
    shop: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_SAID_EVERY_S", -1.0)
    monkeypatch.setattr(open_data, "_AT_ONCE", 2)  # read in parts
    said: list[tuple[str, int, int]] = []
    done = exporting.export(
        shop, "v_events", T0 + MINUTE, T0 + 2 * MINUTE, tmp_path / "a.csv", lambda *told: said.append(told)
    )
    assert (done, said) == (1, [("v_events", 1, 1)])
    assert exporting.export(shop, "v_events", 0, T0 + DAY, tmp_path / "b.csv", quiet) == len(AWFUL) + 2
    assert exporting.export(shop, "v_events", 0, 1, tmp_path / "c.json", quiet) == 0
    assert json.loads((tmp_path / "c.json").read_text()) == []


def test_what_cannot_be_exported_is_said_and_leaves_nothing(
    shop: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine")
    for file, words in (
        (there, "already exists"), (tmp_path / "a.xlsx", ".csv or .json"), (tmp_path / "none" / "a.csv", "cannot be"),
    ):  # fmt: skip
        with pytest.raises(KnownError, match=words):
            exporting.export(shop, "v_units", 0, 1, file, quiet)
    assert there.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "there.csv"]
    assert main(["--lang", "en", "--data-dir", str(tmp_path / "data"), "export", "units"]) == 1
    assert "There is no view units. Views: v_units, v_attributes" in capsys.readouterr().err


def test_the_command(shop: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ["--lang", "en", "--data-dir", str(tmp_path / "data"), "export", "v_units"]
    assert main([*run, "--from", "2025-11-19", "--to", "2025-11-19", "--out", str(tmp_path / "units.csv")]) == 0
    assert capsys.readouterr().out == f"5 rows are in {tmp_path / 'units.csv'}.\n"
    assert main([*run, "--json", "--to", "2025-11-18"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(run) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6
