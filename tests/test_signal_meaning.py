"""What a configuration says of signals reaches the register and comes out again, and the figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop import configuration, summaries, text
from desktop.clock import PlantClock
from desktop.collect.collector import Collector
from desktop.domain.calendar import shift_at
from desktop.domain.events import Counter, Event, EventKind, Role, State
from desktop.domain.kpi import Kpis
from desktop.store import database, register
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat
from desktop.wording.kpis import FLAGS
from tests.test_configuration import changed, faults

MEANT = """
format = 1
plant = { name = "P", line = "L", timezone = "UTC", constraint = "M" }
machine = [{ code = "M", name = "Mill" }, { code = "N", name = "Next" }]
product = [{ code = "A", name = "A" }, { code = "B", name = "B" }]
standard = [
  { product = "A", machine = "M", ideal_cycle_s = 60 },
  { product = "B", machine = "M", ideal_cycle_s = 30, cavities = 2 },
]
shift = [{ name = "Day", start = "08:00", end = "16:00", weekdays = [1, 2, 3, 4, 5, 6, 7] }]

[[bus]]
key = "io"
port = "COM3"
driver = "modbus_rtu"

[[bus.device]]
unit = 1
key = "io"

[[bus.device.signal]]
key = "pulse"
machine = "M"
role = "good"
counter = "pulse"
inverted = true
address = "di:0"

[[bus.device.signal]]
key = "current"
machine = "M"
role = "state"
run_above = 4.5
stop_below = 2.25
settle_ms = 1500
address = "ir:0"

[[bus.device.signal]]
key = "contact"
machine = "N"
role = "state"
codes = "contact"
inverted = true
address = "di:2"

[[bus.device.signal]]
key = "alarm"
machine = "M"
role = "alarm"
texts = { "12" = "문 열림", "13" = "Door" }
address = "hr:0"

[[bus.device.signal]]
key = "words"
machine = "M"
role = "alarm_text"
address = "hr:10"

[[bus.device.signal]]
key = "item"
role = "product"
codes = { "1" = "A", "2" = "B" }
address = "hr:1"

[[bus.device.signal]]
key = "code"
machine = "M"
role = "scan"
separator = "~"
address = "hr:2"
"""


def test_what_signals_mean_goes_in_and_out_without_loss(tmp_path: Path) -> None:
    stores = [database.create(tmp_path / name) for name in "ab"]
    try:
        configuration.apply(stores[0], configuration.parse(MEANT))
        out = configuration.export(stores[0])
        configuration.apply(stores[1], configuration.parse(out))
        assert configuration.export(stores[1]) == out
        plant = register.plant(stores[1])
        assert plant == register.plant(stores[0])
        pulse, current, contact, alarm, words, item, code = plant.signals
        assert (pulse.counter, pulse.inverted) == (Counter.PULSE, True)
        assert (current.run_above, current.stop_below, current.settle_ms, current.codes) == (4.5, 2.25, 1500, {})
        assert (contact.codes, contact.inverted) == ({"0": "stop", "1": "run"}, True)
        assert alarm.texts == {"12": "문 열림", "13": "Door"}
        assert words.role is Role.ALARM_TEXT
        assert item.codes == {"1": "A", "2": "B"}
        assert code.separator == "~"
        assert plant.product_signals(1) == plant.product_signals(2) == (item,)
    finally:
        for store in stores:
            store.close()


GOOD, STATE, FORCE = (f"bus__0__device__0__signal__{place}" for place in range(3))
AT = "bus[press].device[press].signal"


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({f"{GOOD}__counter": "puls"}, f'{AT}[good].counter = "puls', "did you mean pulse?"),
        ({f"{GOOD}__counter": "pulse"}, f"{AT}[good].modulus = 65536", "goes only with counter = cumulative"),
        ({f"{GOOD}__inverted": True}, f"{AT}[good].inverted = true", "goes only with state, counter = pulse"),
        ({f"{GOOD}__settle_ms": 5}, f"{AT}[good].settle_ms = 5", "goes only with state"),
        ({f"{GOOD}__texts": {"1": "x"}}, f"{AT}[good].texts", "goes only with alarm"),
        ({f"{STATE}__counter": "pulse"}, f"{AT}[state].counter", "goes only with good, reject, total"),
        ({f"{STATE}__run_above": 5}, f"{AT}[state].stop_below", "is missing (for example stop_below = 5)"),
        ({f"{STATE}__stop_below": 5}, f"{AT}[state].run_above", "is missing (for example run_above = 5)"),
        (
            {f"{STATE}__run_above": 5, f"{STATE}__stop_below": 6},
            f"{AT}[state].stop_below = 6",
            "must not be more than run_above = 5",
        ),
        ({f"{STATE}__run_above": 5, f"{STATE}__stop_below": 3}, f"{AT}[state].codes", "the number tells the state"),
        ({f"{STATE}__settle_ms": -1}, f"{AT}[state].settle_ms = -1", "0 to 600000"),
        ({f"{FORCE}__separator": "~"}, f'{AT}[force].separator = "~"', "goes only with scan"),
        ({f"{FORCE}__role": "scan", f"{FORCE}__separator": "9"}, f"{AT}[force].separator", "a sign that is in no code"),
        ({f"{FORCE}__role": "scan", f"{FORCE}__separator": " "}, f"{AT}[force].separator", "a sign that is in no code"),
        ({f"{FORCE}__run_above": 5}, f"{AT}[force].run_above = 5", "goes only with state"),
        ({f"{FORCE}__role": "alarm", f"{FORCE}__texts": {"1": 5}}, f"{AT}[force].texts.1 = 5", "must be text"),
        (
            {f"{FORCE}__role": "product", f"{FORCE}__codes": {"1": "P-2"}},
            f'{AT}[force].codes.1 = "P-2',
            "did you mean P-1?",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(change: dict[str, Any], path: str, words: str) -> None:
    found = faults(changed(**change))
    assert any(path in fault and words in fault for fault in found), found


# -- products in the figures --

DAY_MS, MINUTE = 1_763_510_400_000, 60_000  # 2025-11-19 00:00 UTC
BEGUN = DAY_MS + 8 * 60 * MINUTE


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Store]:
    store = database.create(tmp_path / "data", clock=PlantClock(BEGUN + 600 * MINUTE, 0, 0.0))
    configuration.apply(store, configuration.parse(MEANT))
    yield store
    store.close()


class Teller:
    """Commits facts at minutes of the shift."""

    def __init__(self, store: Store) -> None:
        self.store, self.book = store, Journal(store)
        plant = register.plant(store)
        self.signals = {signal.key: signal.id for signal in plant.signals}

    def __call__(self, minute: int, kind: EventKind, word: str, signal: str = "", **more: Any) -> None:
        at_ms = BEGUN + minute * MINUTE
        machine = None if signal == "item" or kind is EventKind.DEVICE else 1
        event = Event(self.book.next_id(at_ms), kind, at_ms, machine, 1, self.signals.get(signal), word, **more)
        beat = Beat(1, "1", 0, self.store.clock.real_ms(), at_ms, "", 0, 0)
        self.book.commit(Batch(events=[event]), beat)

    def strokes(self, *minutes: int) -> None:
        for minute in minutes:
            self(minute, EventKind.COUNT, "good", "pulse", pieces=1, from_ms=BEGUN + minute * MINUTE - 1000)


def kpis(store: Store, live: summaries.Live | None = None, minute: int = 60) -> Kpis:
    return (live or summaries.Live()).machine_day(store, 1, BEGUN + minute * MINUTE).machine.kpis


def test_each_product_is_counted_by_its_own_cycle_and_its_own_tool(line: Store) -> None:
    tell, live = Teller(line), summaries.Live()
    tell(0, EventKind.DEVICE, "online", detail="{}")
    tell(0, EventKind.STATE, "run", "current")
    tell(0, EventKind.PRODUCT, "A", "item")
    tell.strokes(*range(1, 30))
    assert kpis(line, live, 29).pieces.good == 29
    tell(30, EventKind.PRODUCT, "B", "item")
    tell.strokes(*range(31, 60))
    found = kpis(line, live)
    plant = register.plant(line)
    made = {output.product: (output.good, output.ideal_cycle_ms) for output in found.sums.outputs}
    assert made == {plant.products[0].id: (29, 60_000.0), plant.products[1].id: (58, 30_000.0)}
    assert found == kpis(line), "heard as it came, or read at once: the same"
    tell(70, EventKind.PRODUCT, "C", "item", flag="unknown")
    tell.strokes(*range(71, 80))
    strange = kpis(line, live, 80)
    assert strange.performance == (29 * 60 + 58 * 30) / (70 * 60), "another product's cycle is never borrowed"
    assert strange.flags == ("no_standard",)
    assert (None, 9) in [(output.product, output.good) for output in strange.sums.outputs]
    shift = shift_at(register.calendar(line), BEGUN)
    assert shift is not None
    flags = summaries.shift_report(line, shift, BEGUN + 600 * MINUTE).flags
    assert ("unregistered_product", "C") in flags
    assert ("no_product", "Mill") in flags
    text.use("ko")
    assert FLAGS["unregistered_product"] != text._(FLAGS["unregistered_product"])


def test_an_alarm_is_shown_with_its_text(line: Store) -> None:
    tell, live = Teller(line), summaries.Live()
    tell(0, EventKind.DEVICE, "online", detail="{}")
    tell(0, EventKind.STATE, "run", "current")
    tell(10, EventKind.STATE, "stop", "current")
    tell(10, EventKind.ALARM, "16", "alarm")
    assert live.machine_day(line, 1, BEGUN + 12 * MINUTE).machine.alarm == "16"
    tell(11, EventKind.ALARM, "16", "alarm", detail="No air")
    tell(12, EventKind.ALARM, "17", "alarm", detail="follows from it")
    day = live.machine_day(line, 1, BEGUN + 15 * MINUTE)
    assert day.machine.alarm == "17 follows from it"
    assert [part.code for part in day.intervals if part.state is State.STOP] == ["16 No air"]


def test_the_collector_lets_time_settle_a_state(tmp_path: Path) -> None:
    line = database.create(tmp_path / "data")
    configuration.apply(line, configuration.parse(MEANT))
    collector = Collector(line)
    now_ms, signal = line.clock.now_ms(), Teller(line).signals["current"]
    memory = collector.interpreter.memory
    memory.states[1] = (State.RUN, "")
    memory.pending[signal] = (State.STOP, "", now_ms - 2000)
    collector._settle()
    assert memory.pending, "what was sent a moment ago may still be on its way"
    memory.pending[signal] = (State.STOP, "", now_ms - 3000)
    collector._settle()
    assert memory.states[1] == (State.STOP, "")
    assert [(e.word, e.at_ms) for e in collector._pending.events] == [("stop", now_ms - 3000)]
    line.close()
