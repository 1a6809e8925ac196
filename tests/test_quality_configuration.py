"""Characteristics, gauges, limits and what stations take in a file: out and in again the same, faults named at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import configuration
from desktop.clock import PlantClock
from desktop.configuration import ConfigurationError, sheets
from desktop.domain.quality import Binding, Mark, Quality, Sampling, StationKind, WhenWrong
from desktop.store import database, register
from desktop.store.database import Store
from desktop.store.quality import quality

LINE = """
format = 1
[plant]
name = "공장"
line = "1"
[[machine]]
code = "MC-01"
name = "CNC"
[[product]]
code = "P-100"
name = "Housing"
unit_pattern = '^VH204-\\d{6}-\\d{4}$'
gtin = "08801234567893"
[[station]]
code = "OP10"
name = "CNC"
machine = "MC-01"
when_wrong = "refuse"
[[station]]
code = "SHIP"
name = "출하"
kind = "ship"
[[station_part]]
station = "OP10"
material = "OR"
around = 20
[[station_part]]
station = "OP10"
material = "WIRE"
product = "P-100"
required = false
[[station_part]]
station = "OP10"
material = "BOARD"
serial = true
scanned = "after"
[[gauge]]
code = "A-03"
name = "에어마이크로"
resolution = 0.001
interval_days = 365
when_due = "refuse"
[[characteristic]]
code = "ID24"
name = "내경"
product = "P-100"
machine = "MC-01"
signal = "cnc/diameter"
unit = "mm"
mark = "cc"
gauge = "A-03"
sampling = "hourly"
per_hour = 5
subgroup = 5
binding = "window"
window_s = 60.0
retests = 2
[[characteristic]]
code = "BURR"
name = "버"
[[limit]]
characteristic = "ID24"
nominal = 24.01
low = 23.99
high = 24.03
[[limit]]
characteristic = "ID24"
high = 24.02
valid_from = 2026-01-31T14:30:00
[[bus]]
key = "cnc"
port = "socket://127.0.0.1:1"
driver = "modbus_rtu"
[[bus.device]]
key = "cnc"
unit = 1
[[bus.device.signal]]
key = "diameter"
role = "measure"
machine = "MC-01"
address = "holding:1"
per_piece = true
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = database.create(tmp_path / "shop", clock=PlantClock(1_763_510_400_000, 0, 0.0))
    configuration.apply(store, configuration.parse(LINE))
    yield store
    store.close()


def test_it_goes_out_and_in_again_the_same(shop: Store) -> None:
    first = configuration.export(shop)
    found, plant = quality(shop), register.plant(shop)
    wanted, told = tomllib.loads(LINE), tomllib.loads(first)
    for table in ("product", "station", "station_part", "gauge", "characteristic", "limit"):
        assert told[table] == wanted[table], table
    configuration.apply(shop, configuration.parse(first))
    assert configuration.export(shop) == first
    assert (quality(shop), register.plant(shop)) == (found, plant)


def test_the_register_reads_them(shop: Store) -> None:
    found, plant = quality(shop), register.plant(shop)
    diameter, burr = found.characteristics
    assert (diameter.mark, diameter.sampling, diameter.binding, diameter.window_ms) == (
        Mark.CC, Sampling.HOURLY, Binding.WINDOW, 60_000,
    )  # fmt: skip
    assert diameter.signal == plant.signals[0].id
    assert (burr.product, burr.machine, burr.signal, burr.gauge) == (None, None, None, None)
    assert found.gauges[0].when_due is WhenWrong.REFUSE
    assert [(part.product, part.required, part.around, part.serial) for part in found.parts] == [
        (None, True, 20, False), (plant.products[0].id, False, 0, False), (None, True, 0, True),
    ]  # fmt: skip
    assert [(s.kind, s.when_wrong) for s in plant.stations] == [
        (StationKind.MAKE, WhenWrong.REFUSE), (StationKind.SHIP, WhenWrong.FLAG),
    ]  # fmt: skip
    assert found.of_signal(diameter.signal or 0, plant.products[0].id, 0) == diameter
    assert found.of_signal(diameter.signal or 0, None, 0) is None


def test_a_value_is_of_the_characteristic_of_its_moment(shop: Store) -> None:
    """Also where another one of the same signal took its place, listed before it or behind."""
    now_ms = shop.clock.now_ms()
    was = quality(shop).characteristics[0]
    again = LINE.replace(f"'{was.code}'", "'NEW'").replace(f'"{was.code}"', '"NEW"')
    configuration.apply(shop, configuration.parse(again))
    found = quality(shop, since_ms=0)
    signal, product = was.signal or 0, was.product
    before, after = found.of_signal(signal, product, now_ms - 1), found.of_signal(signal, product, now_ms)
    assert before is not None
    assert (before.code, before.retired_at_ms) == (was.code, now_ms)
    assert after is not None
    assert (after.code, after.retired_at_ms) == ("NEW", None)
    turned = Quality(characteristics=found.characteristics[::-1])
    assert (turned.of_signal(signal, product, now_ms - 1), turned.of_signal(signal, product, now_ms)) == (before, after)


def test_a_characteristic_that_lost_its_signal_keeps_what_it_measured(shop: Store) -> None:
    """It is measured by hand from then on; who has the signal now has the values from its own time on, and also where
    both changed places again."""
    first_ms = shop.clock.now_ms()
    was = quality(shop).characteristics[0]
    signal, product = was.signal or 0, was.product

    def owner(at_ms: int) -> str:
        found = quality(shop, since_ms=0).of_signal(signal, product, at_ms)
        return found.code if found is not None else ""

    one = LINE[LINE.index('[[characteristic]]\ncode = "ID24"') : LINE.index('[[characteristic]]\ncode = "BURR"')]
    other = one.replace('"ID24"', '"NEW"')
    by_hand = one.replace('signal = "cnc/diameter"\n', "").replace('binding = "window"\nwindow_s = 60.0\n', "")
    for hour, both in ((1, by_hand + other), (2, other.replace("NEW", "ID24")), (3, by_hand + other)):
        shop.clock = PlantClock(first_ms + hour * 3_600_000, 0, 0.0)
        configuration.apply(shop, configuration.parse(LINE.replace(one, both)))
    changes = [first_ms + hour * 3_600_000 for hour in (1, 2, 3)]
    assert [owner(at_ms - 1) for at_ms in changes] == ["ID24", "NEW", "ID24"]
    assert [owner(at_ms) for at_ms in changes] == ["NEW", "ID24", "NEW"]
    assert owner(0) == "ID24", "before anybody was told to be the first one is"
    found = quality(shop, since_ms=0)
    assert found.signals_of(found.characteristics[0]) == {signal}
    sheet = sheets.KINDS["characteristics"]
    words = "특성코드\t특성명\t신호\nNEW\tx\t\nID24\tx\tcnc/diameter\n"
    shop.clock = PlantClock(first_ms + 4 * 3_600_000, 0, 0.0)
    shown = sheets.preview(shop, sheets.read_text(words, "Clipboard", sheets.Titles(sheet).score), sheet)
    assert shown.faults == ()
    done = sheets.apply(shop, shown, who="Kim")
    shop.clock = PlantClock(first_ms + 5 * 3_600_000, 0, 0.0)
    sheets.undo(shop, done, who="Kim")
    assert [owner(first_ms + hour * 3_600_000) for hour in (3, 4, 5)] == ["NEW", "ID24", "NEW"]


def test_limits_hold_from_their_moment_on(shop: Store) -> None:
    found = quality(shop)
    number, changed_ms = found.characteristics[0].id, 1_769_837_400_000  # 14:30 in Seoul
    before, after = found.limits_at(number, changed_ms - 1), found.limits_at(number, changed_ms)
    assert before is not None
    assert after is not None
    assert [before.judge(value) for value in (23.98, 23.99, 24.03, 24.04)] == [False, True, True, False]
    assert [after.judge(value) for value in (0.0, 24.02, 24.03)] == [True, True, False]
    assert found.limits_at(found.characteristics[1].id, changed_ms) is None


DATED = "valid_from = 2026-01-31T14:30:00"
HOUR = 3_600_000


def later(shop: Store, at_ms: int, words: str) -> None:
    shop.clock = PlantClock(at_ms, 0, 0.0)
    configuration.apply(shop, configuration.parse(words), who="Kim", why="letter")


def uppers(shop: Store, *at_ms: int) -> list[float | None]:
    found = quality(shop)
    held = [found.limits_at(found.characteristics[0].id, moment) for moment in at_ms]
    return [None if limits is None else limits.high for limits in held]


def test_an_import_leaves_the_limits_of_what_was_measured(shop: Store) -> None:
    """Another limit without a date holds from the import on, one that is gone holds no more from then on; the same file
    once more changes nothing, and neither does what is exported."""
    begun_ms = shop.clock.now_ms()
    first, second, third = (begun_ms + hour * HOUR for hour in (1, 2, 3))
    moments = (begun_ms, first - 1, first, second - 1, second, third)
    tighter = LINE.replace("high = 24.03", "high = 24.025")
    later(shop, first, tighter)
    assert uppers(shop, *moments) == [24.03, 24.03, *[24.025] * 4]
    held = quality(shop).limits
    later(shop, second, tighter)
    assert quality(shop).limits == held
    bare = tighter[: tighter.index("[[limit]]")] + tighter[tighter.index("[[bus]]") :]
    later(shop, second, bare)
    assert quality(shop).limits == held, "a file that does not speak of limits"
    later(shop, second, bare + '[[limit]]\ncharacteristic = "BURR"\nhigh = 1.0\n')
    assert uppers(shop, *moments) == [24.03, 24.03, 24.025, 24.025, None, None]
    told, held = configuration.export(shop), quality(shop).limits
    later(shop, third, told)
    assert quality(shop).limits == held
    assert configuration.export(shop) == told
    burr = quality(shop).characteristics[1].id
    assert quality(shop).limits_at(burr, second - 1) is None, "a first limit of a shop that runs judges nothing older"
    audit = shop.rows("SELECT who, why, subject FROM audit WHERE action = 'limit' ORDER BY id")
    assert audit[0] == ("Kim", "letter", "ID24")
    other = database.create(shop.folder / "other", clock=shop.clock)
    configuration.apply(other, configuration.parse(told))
    assert quality(other).limits == held, "a new PC has the same past"
    other.close()


def test_limits_to_come_leave_those_of_now(shop: Store) -> None:
    begun_ms = shop.clock.now_ms()
    first, come = begun_ms + HOUR, 1_769_837_400_000  # 14:30 in Seoul
    undated = LINE[LINE.index("[[limit]]") : LINE.index('[[limit]]\ncharacteristic = "ID24"\nhigh')]
    later(shop, first, LINE.replace(undated, "").replace("high = 24.02", "high = 24.0"))
    assert uppers(shop, begun_ms, first, come - 1, come) == [24.03, 24.03, 24.03, 24.0]
    later(shop, first, LINE[: LINE.index('[[limit]]\ncharacteristic = "ID24"\nhigh')] + LINE[LINE.index("[[bus]]") :])
    assert uppers(shop, begun_ms, first, come) == [24.03] * 3, "what was to come was taken out of the file"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("high = 24.02", "high = 24.01", "limit[2]: high = 24.01 of ID24 in the past, but high = 24.02 held then"),
        ("low = 23.99", "low = 23.98", "limit[1]: nominal = 24.01, low = 23.98, high = 24.03 of ID24 in the past, but"),
        (DATED, "valid_from = 2026-01-30T14:30:00", "limit[2]"),
        ('"ID24"\nhigh', '"BURR"\nhigh', "limit[2]: high = 24.02 of BURR in the past, but no limits held then"),
    ],
)
def test_a_past_that_never_was_is_refused(shop: Store, old: str, new: str, says: str) -> None:
    was = quality(shop).limits
    with pytest.raises(ConfigurationError) as error:
        later(shop, 1_769_837_400_000 + HOUR, LINE.replace(old, new))
    assert says in str(error.value)
    assert quality(shop).limits == was


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('gtin = "08801234567893"', 'gtin = "08801234567894"', "check digit"),
        ("'^VH204-\\d{6}-\\d{4}$'", "'^VH204-('", "regular expression"),
        ('gauge = "A-03"', 'gauge = "A-04"', "A-03"),
        ('signal = "cnc/diameter"', 'signal = "cnc/diametre"', "cnc/diameter"),
        ("per_hour = 5\n", "", "per_hour"),
        ("window_s = 60.0\n", "", "window_s"),
        ("low = 23.99", "low = 24.04", "must be below high = 24.03"),
        ("nominal = 24.01", "nominal = 25.0", "between low and high"),
        ("high = 24.02\n", "", "needs low, high or both"),
        ("high = 24.02\n", "high = 24.02\nends = true\n", "no limits any more"),
        ("valid_from = 2026-01-31T14:30:00\n", "", "stands already"),
        ('material = "WIRE"\nproduct = "P-100"', 'material = "OR"', "stands already"),
        ('[[station_part]]\nstation = "OP10"', '[[station_part]]\nstation = "OP11"', "OP10"),
        ("serial = true", "serial = true\naround = 2", "is for lots"),
        ("serial = true", "serial = false", "is for parts with a serial"),
        ('kind = "ship"', 'machine = "MC-01"', "stands already at station[OP10]: each needs a machine of its own"),
        ('mark = "cc"', 'mark = "xx"', "mark"),
    ],
)
def test_a_fault_is_one_sentence_that_names_the_place(old: str, new: str, says: str) -> None:
    assert old in LINE
    with pytest.raises(ConfigurationError) as error:
        configuration.parse(LINE.replace(old, new, 1))
    assert len(error.value.faults) == 1
    assert says in error.value.faults[0]


def test_values_by_time_are_warned_of() -> None:
    assert configuration.parse(LINE).warnings == ()
    [warning] = configuration.parse(LINE.replace("per_piece = true\n", "")).warnings
    assert "per_piece" in warning


def test_what_a_file_does_not_speak_of_stays(shop: Store) -> None:
    was = quality(shop)
    bare = LINE[: LINE.index("[[station_part]]")] + LINE[LINE.index("[[bus]]") :]
    configuration.apply(shop, configuration.parse(bare))
    assert quality(shop) == was
