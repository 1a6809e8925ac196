"""Simulated days against their truth log: the rules said once more, plainly, over what the machines really did.

Nothing here comes from `desktop.domain.intervals` or `kpi` but the figures under test. The truth says every state with
its begin and every piece; shifts and breaks are those of the demo line, which has no clock change.
"""

from __future__ import annotations

import json
import tomllib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from msgspec import Struct, field

from desktop import simulation
from desktop.demo import CONFIGURATION
from desktop.domain import intervals, kpi
from desktop.domain.spans import Span
from desktop.store import database, records, register, upkeep
from desktop.store.database import KnownError, Store
from drivers.simulated.machine import SimLine

START_MS = 1_795_042_800_000  # 2026-11-19 08:00 in Seoul
MINUTE_MS = 60_000
SHIFT_MS = 12 * 60 * MINUTE_MS
BREAKS = ((120, 130), (240, 300), (420, 430), (570, 600))  # minutes from the start of either shift
BREAK_MS = sum(end - start for start, end in BREAKS) * MINUTE_MS
THRESHOLD_MS = 120_000
CATEGORY = {"run": "run", "setup": "setup", "stop": "stop", "fault": "stop"} | dict.fromkeys(
    ("starved", "blocked", "idle"), "wait"
)
TOML = tomllib.loads(CONFIGURATION.read_text(encoding="utf-8"))
CODES = [machine["code"] for machine in TOML["machine"]]
STROKE_MS = {each["machine"]: round(each["ideal_cycle_s"] * 1000) for each in TOML["standard"]}
TELLS_STATE = ("PR-01", "MC-01", "WD-01")
ONLY_COUNTS = tuple(code for code in CODES if code not in TELLS_STATE)

Segment = tuple[int, int, str]  # begin, end, word


class Machine(Struct):
    """What one machine really did."""

    states: list[tuple[int, str]] = field(default_factory=list)
    good: array[int] = field(default_factory=lambda: array("q"))
    reject: array[int] = field(default_factory=lambda: array("q"))
    scans: list[tuple[int, str]] = field(default_factory=list)

    def segments(self, end_ms: int) -> list[Segment]:
        """Its states with begin and end; those that took no time are left out."""
        following = [*self.states[1:], (end_ms, "")]
        return [(at, until, word) for (at, word), (until, _) in zip(self.states, following, strict=True) if at < until]


class History(Struct):
    """A simulated history: what was true, and what the figures of every machine and shift say."""

    days: int
    folder: Path
    truth: dict[str, Machine]
    told: dict[tuple[str, int], kpi.Kpis]

    @property
    def end_ms(self) -> int:
        return START_MS + 2 * self.days * SHIFT_MS

    @property
    def shifts(self) -> range:
        return range(2 * self.days)


def simulated(folder: Path, days: float, seed: int = 1) -> bytes:
    simulation.simulate(folder, days=days, seed=seed, say=lambda _words: None)
    return (folder / "truth.jsonl").read_bytes()


def read_truth(file: Path) -> dict[str, Machine]:
    machines = {code: Machine() for code in CODES}
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            at_ms, code, kind, *word = json.loads(line)
            if kind == "state":
                machines[code].states.append((at_ms, word[0]))
            elif kind == "scan":
                machines[code].scans.append((at_ms, word[0]))
            else:
                {"good": machines[code].good, "reject": machines[code].reject}[kind].append(at_ms)
    return machines


def figures(store: Store, days: int) -> dict[tuple[str, int], kpi.Kpis]:
    """The program's own way from the journal to the figures of every machine and shift."""
    plant = register.plant(store)
    pauses = [Span(low, high) for number in range(2 * days) for low, high in breaks_of(number)]
    found = {}
    for machine in plant.machines:
        standard = plant.standard(machine.id, plant.products[0].id, START_MS)
        assert standard is not None
        by_count = not plant.has_state_signal(machine.id)
        for number in range(2 * days):
            window = Span(START_MS + number * SHIFT_MS, START_MS + (number + 1) * SHIFT_MS)
            counts = records.counts(store, machine.id, window)
            parts = intervals.derive(
                machine.id,
                window,
                threshold_ms=intervals.effective_threshold_ms(machine.threshold_ms, standard.ideal_cycle_ms),
                changes=[] if by_count else records.state_changes(store, machine.id, window),
                counts=counts if by_count else (),
                pauses=pauses[max(0, 4 * number - 4) : 4 * number + 8],
                stroke_ms=standard.ideal_cycle_ms,
                by_count=by_count,
            )
            making = kpi.Making(window, standard.product, standard.ideal_cycle_ms)
            found[machine.code, number] = kpi.compute(window, kpi.tally(window, parts, counts, [making]))
    return found


@pytest.fixture(scope="module", params=[7, pytest.param(365, marks=pytest.mark.long)], ids=["week", "year"])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("history")
    days = request.param
    simulation.simulate(folder, days=days, seed=1, say=lambda _words: None)
    with closing(database.open_reader(folder)) as store:
        told = figures(store, days)
    return History(days, folder, read_truth(folder / "truth.jsonl"), told)


# -- the rules, once more --


def breaks_of(number: int) -> list[tuple[int, int]]:
    """The breaks of a shift by its number."""
    start_ms = START_MS + number * SHIFT_MS
    return [(start_ms + low * MINUTE_MS, start_ms + high * MINUTE_MS) for low, high in BREAKS]


def in_breaks(low_ms: int, high_ms: int) -> int:
    """Milliseconds of a span that lie in breaks."""
    numbers = range((low_ms - START_MS) // SHIFT_MS, (high_ms - START_MS) // SHIFT_MS + 1)
    return sum(max(0, min(high_ms, end) - max(low_ms, start)) for n in numbers for start, end in breaks_of(n))


def by_shift(categories: Sequence[Segment], shifts: int) -> list[Counter[str]]:
    """Milliseconds by category of every shift: what is no run is planned in a break."""
    sums: list[Counter[str]] = [Counter() for _ in range(shifts)]
    for low_ms, high_ms, category in categories:
        while low_ms < high_ms:
            number = (low_ms - START_MS) // SHIFT_MS
            until_ms = min(high_ms, START_MS + (number + 1) * SHIFT_MS)
            off_ms = 0 if category == "run" else in_breaks(low_ms, until_ms)
            sums[number]["planned"] += off_ms
            sums[number][category] += until_ms - low_ms - off_ms
            low_ms = until_ms
    return sums


def judged_states(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Unbroken stop and wait is judged as one, by its length outside breaks; set-up and run end it."""
    for standing, group in groupby(segments, key=lambda segment: CATEGORY[segment[2]] in ("stop", "wait")):
        parts = list(group)
        short = standing and sum(b - a - in_breaks(a, b) for a, b, _ in parts) < THRESHOLD_MS
        for low_ms, high_ms, word in parts:
            yield low_ms, high_ms, "short_stop" if short else CATEGORY[word]


def judged_counts(pieces: Sequence[int], stroke_ms: int, end_ms: int) -> Iterator[Segment]:
    """One stroke of run after each piece, then a standstill until the next; less than half a stroke is a slow cycle.

    What was before the first piece of all is not known to have begun, so it is a stop.
    """
    first_ms = pieces[0] - stroke_ms
    yield START_MS, first_ms, "stop"
    yield first_ms, pieces[0], "run"
    for piece_ms, next_ms in pairwise([*pieces, end_ms]):
        quiet_ms = min(piece_ms + stroke_ms, next_ms)
        yield piece_ms, quiet_ms, "run"
        length_ms = next_ms - quiet_ms - in_breaks(quiet_ms, next_ms)
        if length_ms < stroke_ms // 2:
            yield from outside_breaks_as_run(quiet_ms, next_ms)
        else:
            yield quiet_ms, next_ms, "short_stop" if length_ms < THRESHOLD_MS else "stop"


def outside_breaks_as_run(low_ms: int, high_ms: int) -> Iterator[Segment]:
    """A slow cycle; in a break that lies within it nobody worked."""
    for start, end in breaks_of((low_ms - START_MS) // SHIFT_MS):
        if start < high_ms and end > low_ms:
            yield low_ms, max(low_ms, start), "run"
            yield max(low_ms, start), min(high_ms, end), "stop"
            low_ms = min(high_ms, end)
    yield low_ms, high_ms, "run"


# -- the week --


def test_every_piece_is_in_its_shift(history: History) -> None:
    for code, machine in history.truth.items():
        # A piece belongs to the millisecond before the one at which it was counted.
        good, reject = (
            Counter((at_ms - 1 - START_MS) // SHIFT_MS for at_ms in made) for made in (machine.good, machine.reject)
        )
        assert sum(good.values()) > 1500 * history.days
        for number in history.shifts:
            pieces = history.told[code, number].pieces
            assert (pieces.good, pieces.reject, pieces.untimed) == (good[number], reject[number], 0), (code, number)


def test_every_millisecond_of_a_machine_that_tells_its_state(history: History) -> None:
    for code in TELLS_STATE:
        machine = history.truth[code]
        sums = by_shift(list(judged_states(machine.segments(history.end_ms))), len(history.shifts))
        good = Counter((at_ms - 1 - START_MS) // SHIFT_MS for at_ms in machine.good)
        for number in history.shifts:
            true, told = sums[number], history.told[code, number]
            assert sum(true.values()) == SHIFT_MS
            named = {name: getattr(told.times, f"{name}_ms") for name in (*true, "no_data", "unscheduled", "setup")}
            assert named == {name: true[name] for name in named}, (code, number)
            busy_ms = SHIFT_MS - true["planned"]
            assert told.oee == pytest.approx(STROKE_MS[code] * good[number] / busy_ms, abs=1e-12)
            assert told.availability == pytest.approx((true["run"] + true["short_stop"]) / busy_ms, abs=1e-12)
            assert told.coverage == 1


def test_every_millisecond_of_a_machine_that_only_counts(history: History) -> None:
    for code in ONLY_COUNTS:
        machine, stroke_ms = history.truth[code], STROKE_MS[code]
        pieces = sorted([*machine.good, *machine.reject])
        sums = by_shift(list(judged_counts(pieces, stroke_ms, history.end_ms)), len(history.shifts))
        for number in history.shifts:
            true, told = sums[number], history.told[code, number]
            assert sum(true.values()) == SHIFT_MS
            named = {name: getattr(told.times, f"{name}_ms") for name in ("run", "short_stop", "stop", "planned")}
            assert named == {name: true[name] for name in named}, (code, number)
            assert told.coverage == 1


def test_counts_alone_come_near_to_the_true_standstill(history: History) -> None:
    """What can be known without a state: a standstill shorter than half a stroke is taken for a slow cycle, and what
    a cycle took over the ideal stroke is taken for standstill where the machine also stood. Where a shift or a break
    begins or ends the two may lie a cycle apart (two at the leak test, which repeats one)."""
    for code in ONLY_COUNTS:
        machine, stroke_ms = history.truth[code], STROKE_MS[code]
        segments = machine.segments(history.end_ms)
        stood: Counter[int] = Counter()
        for low_ms, high_ms, word in segments:
            if word != "run":
                number = (low_ms - START_MS) // SHIFT_MS
                cut_ms = min(high_ms, START_MS + (number + 1) * SHIFT_MS)
                stood[number] += cut_ms - low_ms - in_breaks(low_ms, cut_ms)
                stood[number + 1] += high_ms - cut_ms - in_breaks(cut_ms, high_ms)
        missed, added = unseen(segments, sorted([*machine.good, *machine.reject]), stroke_ms)
        for number in history.shifts:
            times = history.told[code, number].times
            edges_ms = 2.2 * stroke_ms * (2 * len(BREAKS) + 2)
            derived_ms = times.short_stop_ms + times.stop_ms
            assert stood[number] - missed[number] - edges_ms <= derived_ms, (code, number)
            assert derived_ms <= stood[number] + added[number] + edges_ms, (code, number)


def unseen(segments: Sequence[Segment], pieces: Sequence[int], stroke_ms: int) -> tuple[Counter[int], Counter[int]]:
    """By shift: true standing that a gap between two pieces hides, and slow running that it shows as standing."""
    missed: Counter[int] = Counter()
    added: Counter[int] = Counter()
    place = 0
    for piece_ms, next_ms in pairwise(pieces):
        ran_ms = 0
        while place < len(segments) and segments[place][1] <= piece_ms:
            place += 1
        at = place
        while at < len(segments) and segments[at][0] < next_ms:
            low_ms, high_ms, word = segments[at]
            if word == "run":
                ran_ms += min(high_ms, next_ms) - max(low_ms, piece_ms)
            at += 1
        number = (piece_ms - START_MS) // SHIFT_MS
        if next_ms - piece_ms < stroke_ms + stroke_ms // 2:
            missed[number] += next_ms - piece_ms - ran_ms
        else:
            added[number] += max(0, ran_ms - stroke_ms)
    return missed, added


def test_every_scan_is_stored(history: History) -> None:
    with closing(database.open_reader(history.folder)) as store:
        codes = {machine.id: machine.code for machine in register.plant(store).machines}
        told = [(s.at_ms, codes[s.machine], s.code) for s in records.scans(store, Span(0, history.end_ms + 1))]
    true = [(at_ms, code, word) for code, machine in history.truth.items() for at_ms, word in machine.scans]
    assert sorted(told) == sorted(true)
    assert len(true) > 3000 * history.days


def test_the_days_are_those_of_a_shop(history: History) -> None:
    """Nobody on the floor would laugh at the figures: a week of one line, one breakdown in a day or two."""
    for code, machine in history.truth.items():
        shifts = [history.told[code, number] for number in history.shifts]
        whole = kpi.compute(Span(START_MS, history.end_ms), kpi.add(shift.sums for shift in shifts))
        assert whole.oee is not None
        assert 0.60 <= whole.oee <= 0.83, code
        words = Counter(word for _, word in machine.states)
        assert words["fault"] <= 2 * history.days, code
        segments = list(judged_states(machine.segments(history.end_ms)))
        standing = [category for category, _ in groupby(category for _, _, category in segments)]
        assert Counter(standing)["short_stop"] <= 160 * len(shifts), code
        assert Counter(standing)["stop"] <= 10 * len(shifts), code
        assert Counter(standing)["wait"] <= 16 * len(shifts), code
    faults = sum(word == "fault" for machine in history.truth.values() for _, word in machine.states)
    assert 2 * history.days <= faults <= 8 * history.days
    assert not any(word == "starved" for _, word in history.truth[CODES[0]].states)
    assert not any(word == "blocked" for _, word in history.truth[CODES[-1]].states)


def test_nothing_was_lost_on_the_way_to_the_file(history: History) -> None:
    with closing(database.open_reader(history.folder)) as store:
        assert upkeep.check(store) == []
        assert store.demo
        assert store.clock.now_ms() == history.end_ms


# -- how it is made --


def test_the_same_seed_gives_the_same_days_and_a_longer_history_begins_with_the_shorter(tmp_path: Path) -> None:
    first, again = simulated(tmp_path / "first", 0.2), simulated(tmp_path / "again", 0.2)
    assert first == again
    assert len(first) > 100_000
    assert simulated(tmp_path / "longer", 0.25).startswith(first)
    assert simulated(tmp_path / "other", 0.2, seed=2) != first
    facts = []
    for name in ("first", "again", "longer"):
        with closing(database.open_reader(tmp_path / name)) as store:
            facts.append(store.rows("SELECT id, kind, at_ms, word, pieces, hash FROM events ORDER BY id"))
    assert facts[0] == facts[1] == facts[2][: len(facts[0])]


def test_a_quarter_of_an_hour(tmp_path: Path) -> None:
    simulated(tmp_path, 0.01)
    truth = read_truth(tmp_path / "truth.jsonl")
    assert all(machine.states[0] == (START_MS, "idle") for machine in truth.values())
    with closing(database.open_reader(tmp_path)) as store:
        assert store.clock.now_ms() == START_MS + 864_000
        assert store.row("SELECT sum(pieces) FROM events WHERE word = 'good' AND machine_id = 1")[0] == len(
            truth["PR-01"].good
        )
    assert sorted(file.name for file in tmp_path.iterdir()) == ["gadong.db", "truth.jsonl"]


def test_never_into_a_folder_with_a_database(tmp_path: Path) -> None:
    database.create(tmp_path).close()
    before = (tmp_path / "gadong.db").read_bytes()
    with pytest.raises(KnownError, match="already holds a Gadong database"):
        simulation.simulate(tmp_path, days=0.01, seed=1, say=lambda _words: None)
    assert [file.name for file in tmp_path.iterdir()] == ["gadong.db"]
    assert (tmp_path / "gadong.db").read_bytes() == before


def test_an_interrupted_simulation_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step, steps = SimLine.step, [0]

    def interrupted(self: SimLine, dt_s: float, now_ms: int) -> object:
        steps[0] += 1
        if steps[0] == 30:
            raise KeyboardInterrupt
        return step(self, dt_s, now_ms)

    with monkeypatch.context() as patch:
        patch.setattr(SimLine, "step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            simulation.simulate(tmp_path, days=1, seed=1, say=lambda _words: None)
    assert list(tmp_path.iterdir()) == []
    assert simulated(tmp_path, 0.01)  # and the folder can be used
