"""Gauges, characteristics, limits and parts of stations as tables: in, out, and what a change of a limit takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import configuration, text
from desktop.clock import PlantClock
from desktop.configuration import sheets
from desktop.configuration.sheets import writing
from desktop.configuration.sheets.desk import Desk, in_words
from desktop.domain.quality import Limits, Quality
from desktop.store import database, register, upkeep
from desktop.store.database import KnownError, Store
from desktop.store.quality import quality

ROOT = Path(__file__).resolve().parents[1]
T0 = 1_763_510_400_000
HOUR = 3_600_000
WHY = "drawing changed"

GAUGES = (
    "게이지코드\t게이지명\t분해능\t교정주기\t기한초과시\n"
    "A-03\t에어 마이크로미터\t0.001\t365\t차단\nCP-11\t캘리퍼스\t\t\t\n"
)
CHARACTERISTICS = (
    "특성코드\t특성명\t품번\t설비\t단위\tCC/SC\t게이지\t측정주기\t시간당\n"
    "ID24\t내경\tVH-204\tMC-01\tmm\tcc\tA-03\t시간당\t5\nLEAK\t누설\tVH-204\t\tmL\t\t\t전수\t\n"
)
LIMITS = "특성\t하한\t기준값\t상한\nID24\t23.99\t24.01\t24.03\nLEAK\t\t\t0.1\n"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = text.language()
    text.use("en")
    yield
    text.use(before)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = database.create(tmp_path, clock=PlantClock(T0, 0, 0.0))
    demo = configuration.read(ROOT / "resources" / "demo_line.toml")
    configuration.apply(made, replace(demo, gauges=[], characteristics=[], limits=[], parts=[]))
    yield made
    made.close()


def look(store: Store, words: str, kind: str) -> sheets.Preview:
    sheet = sheets.read_text(words, "Clipboard", sheets.Titles(sheets.KINDS[kind]).score)
    return sheets.preview(store, sheet, sheets.KINDS[kind])


def take(store: Store, words: str, kind: str, *, why: str = "", retire: bool = False) -> sheets.Difference:
    shown = look(store, words, kind)
    assert shown.faults == ()
    return sheets.apply(store, shown, who="Kim", why=why, retire=retire)


def set_up(store: Store) -> Quality:
    take(store, GAUGES, "gauges")
    take(store, CHARACTERISTICS, "characteristics")
    take(store, LIMITS, "limits", why=WHY)
    return quality(store)


def later(store: Store, at_ms: int) -> None:
    store.clock = PlantClock(at_ms, 0, 0.0)


def test_what_a_shop_writes_in_excel_is_what_the_register_holds(store: Store) -> None:
    found = set_up(store)
    assert [(g.code, g.name, g.resolution, g.interval_days, g.when_due.value) for g in found.gauges] == [
        ("A-03", "에어 마이크로미터", 0.001, 365, "refuse"), ("CP-11", "캘리퍼스", None, 0, "flag"),
    ]  # fmt: skip
    inner, leak = found.characteristics
    plant = register.plant(store)
    assert (inner.code, inner.unit, inner.mark.value, inner.sampling.value, inner.per_hour) == (
        "ID24", "mm", "cc", "hourly", 5,
    )  # fmt: skip
    assert plant.machine(inner.machine or 0).code == "MC-01"
    assert inner.gauge == found.gauges[0].id
    assert (leak.machine, leak.gauge, leak.signal) == (None, None, None)
    assert found.limits_at(inner.id, T0) == Limits(inner.id, T0, 24.01, 23.99, 24.03)
    assert found.limits_at(leak.id, T0) == Limits(leak.id, T0, None, None, 0.1)
    assert upkeep.check(store) == []


def test_a_changed_limit_holds_from_its_moment_on_and_takes_a_why(store: Store) -> None:
    inner = set_up(store).characteristics[0].id
    later(store, T0 + HOUR)
    shown = look(store, "특성\t상한\nID24\t24.02\n", "limits")
    kind = sheets.KINDS["limits"]
    assert [in_words(kind, change) for change in shown.difference.changes] == [
        ("Changed", "ID24", "Upper limit 24.03 → 24.02")
    ]
    assert shown.difference.missing == (), "a limit that is not named stays"
    with pytest.raises(KnownError, match="Limits: who changes them says why"):
        sheets.apply(store, shown, who="Kim", why="  ")
    assert len(quality(store).limits) == 2
    done = sheets.apply(store, shown, who="Kim", why=WHY)
    found = quality(store)
    assert found.limits_at(inner, T0 + HOUR - 1) == Limits(inner, T0, 24.01, 23.99, 24.03), "what was measured before"
    assert found.limits_at(inner, T0 + HOUR) == Limits(inner, T0 + HOUR, 24.01, 23.99, 24.02)
    who, why, old, new = store.row("SELECT who, why, old, new FROM audit ORDER BY id DESC LIMIT 1")
    assert (who, why, json.loads(old), json.loads(new)) == (
        "Kim", WHY, {"ID24": {"high": 24.03}}, {"ID24": {"high": 24.02}},
    )  # fmt: skip
    later(store, T0 + 2 * HOUR)
    with pytest.raises(KnownError, match="says why"):
        sheets.undo(store, done, who="Kim")
    sheets.undo(store, done, who="Kim", why="mistaken")
    found = quality(store)
    assert [found.limits_at(inner, T0 + n * HOUR) for n in (0, 1, 2)] == [
        Limits(inner, T0, 24.01, 23.99, 24.03),
        Limits(inner, T0 + HOUR, 24.01, 23.99, 24.02),
        Limits(inner, T0 + 2 * HOUR, 24.01, 23.99, 24.03),
    ], "an hour of them was in force"


def test_first_limits_that_are_taken_back_never_were(store: Store) -> None:
    take(store, GAUGES, "gauges")
    take(store, CHARACTERISTICS, "characteristics")
    done = take(store, LIMITS, "limits", why=WHY)
    sheets.undo(store, done, who="Kim", why="mistaken")
    assert quality(store).limits == ()


def test_limits_of_what_is_retired_stay_for_the_past(store: Store) -> None:
    inner = set_up(store).characteristics[0].id
    take(store, "특성코드\t특성명\nLEAK\t누설\n", "characteristics", retire=True)
    take(store, "특성\t상한\nLEAK\t0.2\n", "limits", why=WHY)
    assert [each.code for each in quality(store).characteristics] == ["LEAK"]
    assert quality(store).limits_at(inner, T0) is not None


@pytest.mark.parametrize(
    ("words", "kind", "fault"),
    [
        (
            "특성코드\t특성명\t품번\t설비\t게이지\nX\tx\tNO\tMC-99\tA-04\n", "characteristics",
            (
                'line 2, column C (Item no.): "NO" is no product of this line: there are VH-204.',
                'line 2, column D (Machine code): "MC-99" is no machine of this line: did you mean MC-01?',
                'line 2, column E (Gauge code): "A-04" is no gauge of this line: did you mean A-03?',
            ),
        ),
        (
            "특성코드\t특성명\t신호\t측정주기\nX\tx\tplc/nothing\t시간당\n", "characteristics",
            ("is no signal of this line", "says how many pieces an hour: at least 1"),
        ),
        (
            "특성\t하한\t기준값\t상한\nID24\t24.05\t\t24.03\nLEAK\t\t\t\nNO\t1\t\t\n", "limits",
            (
                'line 2, column B (Lower limit): "24.05" must be below high = 24.03.',
                "line 3, column B (Lower limit): needs low, high or both.",
                'line 4, column A (Characteristic): "NO" is no characteristic of this line: there are ID24, LEAK.',
            ),
        ),
        ("특성\t하한\t기준값\t상한\nID24\t23\t25\t24\n", "limits", ("must lie between low and high",)),
        ("공정\t자재\t품번\nOP99\tOR\tNO\n", "station_parts", ("is no station of this line", "is no product of")),
        ("공정\t자재\t개별 일련번호\t로트 교체 전후\nOP10\tSB\t예\t20\n", "station_parts", ("is for lots",)),
        ("게이지코드\t게이지명\t교정주기\nA-03\tx\t-3\n", "gauges", ("must be a whole number from 0 to 36,500",)),
    ],
)  # fmt: skip
def test_every_fault_is_said_with_its_line_and_nothing_is_written(
    store: Store, words: str, kind: str, fault: tuple[str, ...]
) -> None:
    set_up(store)
    shown = look(store, words, kind)
    assert len(shown.faults) == len(fault)
    assert all(said in whole for said, whole in zip(fault, shown.faults, strict=True)), shown.faults
    with pytest.raises(KnownError):
        sheets.apply(store, shown, why=WHY)


def test_parts_of_stations(store: Store) -> None:
    stations = {s.code: s.id for s in register.plant(store).stations}
    code = next(iter(stations))
    head = "공정\t자재\t품번\t필수\t로트 교체 전후\n"
    take(store, f"{head}{code}\tOR\tVH-204\t예\t20\n{code}\tGR\t\t아니오\t\n", "station_parts")
    found = quality(store).parts
    assert [(p.station, p.material, p.product is None, p.required, p.around) for p in found] == [
        (stations[code], "OR", False, True, 20), (stations[code], "GR", True, False, 0),
    ]  # fmt: skip
    take(store, f"공정\t자재\t일련번호 부품\t스캔 순서\n{code}\tSB\t예\t나중\n", "station_parts")
    assert [(p.material, p.serial, p.scanned.value) for p in quality(store).parts] == [
        ("OR", False, "before"), ("GR", False, "before"), ("SB", True, "after"),
    ]  # fmt: skip
    take(store, f"공정\t자재\t품번\n{code}\tOR\tVH-204\n", "station_parts", retire=True)
    left = [(p.material, p.around) for p in quality(store).parts]
    assert left == [("OR", 20)], "a column that is not there changes nothing"


def test_serials_and_numbers_of_products(store: Store) -> None:
    head = "품번\t품명\t설비코드\t이론 C/T (초)\t일련번호 형식\tGTIN\n"
    take(store, head + r"NEW-1" + "\tNew\tPR-01\t10\t^N\\d+$\t08801234567893\nNEW-1\tNew\tMC-01\t12\t\t\n", "products")
    made = next(p for p in register.plant(store).products if p.code == "NEW-1")
    assert (made.unit_pattern, made.gtin) == (r"^N\d+$", "08801234567893")
    faults = look(
        store,
        head + "NEW-1\tNew\tPR-01\t10\t^N(\t08801234567894\nNEW-2\tOther\tPR-01\t10\t\t08801234567893\n"
        "NEW-3\tThird\tPR-01\t10\t^A$\t\nNEW-3\tThird\tMC-01\t10\t^B$\t\n",
        "products",
    ).faults
    assert [fault.partition(":")[0] for fault in faults] == [
        "line 2, column E (Pattern of serials)", "line 2, column F (GTIN)", "line 3, column F (GTIN)",
        "line 5, column E (Pattern of serials)",
    ]  # fmt: skip
    take(store, "품번\t품명\t설비코드\t이론 C/T (초)\nNEW-1\tRenamed\tPR-01\t10\n", "products")
    made = next(p for p in register.plant(store).products if p.code == "NEW-1")
    assert (made.name, made.unit_pattern) == ("Renamed", r"^N\d+$"), "a sheet without the column leaves it alone"


def test_kinds_of_stations(store: Store) -> None:
    take(store, "공정코드\t공정명\t설비\t공정구분\t이상시\nQC\t출하 검사\t\t검사\t차단\n", "stations")
    made = next(s for s in register.plant(store).stations if s.code == "QC")
    assert (made.kind.value, made.when_wrong.value) == ("inspect", "refuse")
    take(store, "공정코드\t공정명\nQC\t최종 검사\n", "stations")
    made = next(s for s in register.plant(store).stations if s.code == "QC")
    assert (made.name, made.kind.value) == ("최종 검사", "inspect")


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("ending", writing.ENDINGS)
def test_what_was_written_is_read_as_the_same(store: Store, tmp_path: Path, ending: str, lang: str) -> None:
    set_up(store)
    code = register.plant(store).stations[0].code
    take(store, f"공정\t자재\n{code}\t=OR+1\n", "station_parts")
    desk = Desk(tmp_path)
    for kind in ("gauges", "characteristics", "limits", "station_parts", "stations", "products"):
        text.use(lang)
        file, blank = tmp_path / f"{kind}{ending}", tmp_path / f"{kind}-blank{ending}"
        desk.export(kind, file)
        text.use("ko" if lang == "en" else "en")
        shown = desk.preview(kind, file)
        assert shown.faults == ()
        assert shown.difference.changes == shown.difference.missing == ()
        assert shown.difference.unchanged == len(sheets.KINDS[kind].rows_of(sheets.stock_of(store)))
        desk.template(kind, blank)
        assert desk.preview(kind, blank).difference.changes == ()


def test_a_file_keeps_what_a_sheet_brought(store: Store, tmp_path: Path) -> None:
    set_up(store)
    written = configuration.export(store)
    other = database.create(tmp_path / "other", clock=PlantClock(T0, 0, 0.0))
    configuration.apply(other, configuration.parse(written))
    assert configuration.export(other) == written
    other.close()
