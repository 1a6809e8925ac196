"""Characteristics of the line of `tests.views.example`, one of each state; every value is invented."""

from __future__ import annotations

from msgspec.structs import replace

from desktop.domain import measuring
from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import Calibrated, ChartLimits, Entry, Excluded
from desktop.domain.figures.measuring import CharacteristicNow, MeasuringNow
from desktop.domain.holding import GaugeState, Standing
from desktop.domain.measuring import analyse, judged
from desktop.domain.people import Person, PersonNow, PersonRole
from desktop.domain.quality import Characteristic, Gauge, Limits, Mark, Sampling
from desktop.domain.values import Value
from tests.measuring_example import spread
from tests.views.daily_example import sample_row
from tests.views.example import COLLECTOR, HEAD, MINUTE, NOW, SHIFT, at

GAUGE = Gauge(1, "A-03", "에어마이크로 A-03", 0.0001, 365)
CALIBRATION = Standing(GaugeState.SOON, Entry(700, NOW, Calibrated(0, NOW, NOW + 9 * 24 * 60 * MINUTE, 1, good=True)))
PEOPLE = (
    PersonNow(Person(1, "김정호", "A", PersonRole.SUPERVISOR)),
    PersonNow(Person(2, "이수진", "A")),
)


def row(
    characteristic: Characteristic,
    numbers: list[float],
    limits: Limits | None = None,
    frozen: tuple[float, float, int] | None = None,
    *,
    place: str = "CNC 가공",
    every_ms: int = MINUTE,
    behind_ms: int = 0,
    units: bool = True,
    left_out: tuple[int, ...] = (),
) -> CharacteristicNow:
    """A characteristic with these values, the last one `behind_ms` ago; `frozen`: centre, sigma and behind how many
    values they were frozen."""
    start_ms = NOW - behind_ms - (len(numbers) - 1) * every_ms
    values = [
        Value(n + 1, start_ms + n * every_ms, number, f"VH204-{n:06d}" if units else "", 1)
        for n, number in enumerate(numbers)
    ]
    out = {
        n: Entry(900 + n, NOW, Excluded(1, values[n - 1].at_ms, values[n - 1].at_ms, 1, n), "김정호", "칩·이물")
        for n in left_out
    }
    versions = ()
    if frozen is not None:
        centre, sigma, count = frozen
        at_ms = start_ms + count * every_ms
        kind = "i_mr" if characteristic.subgroup == 1 else "xbar_r"
        said = ChartLimits(
            1, at_ms, at_ms, characteristic.id, 4, kind, centre, sigma, characteristic.subgroup, count, start_ms, at_ms
        )  # type: ignore[arg-type]
        versions = (Entry(800, at_ms, said, "김정호", "공정 개선"),)
    specified = () if limits is None else (limits,)
    analysis = analyse(judged(values, specified, out, {}), characteristic, versions, limits)
    told = [(each, analysis.points[each.met].at_ms) for each in analysis.findings if versions]
    found = tuple(measuring.Signal(each.rule, each.side, at_ms, each.of_spread) for each, at_ms in told)
    return CharacteristicNow(
        characteristic, place, "", measuring.state(analysis, characteristic, len(found), NOW), analysis, limits,
        GAUGE if characteristic.gauge else None, found, measuring.silent_ms(analysis, characteristic, NOW),
        CALIBRATION if characteristic.gauge else None,
    )  # fmt: skip


def drifting() -> CharacteristicNow:
    """A bore in subgroups of five whose mean rises behind the freezing; one value is left out."""
    of = Characteristic(1, "ID24", "내경 Ø24", machine=1, signal=1, unit="mm", mark=Mark.CC, gauge=1, subgroup=5)
    fresh = [round(x + max(0, n - 40) * 0.00012, 4) for n, x in enumerate(spread(105, 24.0114, 0.0042, seed=9))]
    numbers = [*spread(125, 24.0114, 0.0042), *fresh]
    drifts = row(of, numbers, Limits(1, 0, 24.01, 23.99, 24.03), (24.0114, 0.0042, 125), left_out=(30,))
    told = (("good", 12, 5, False), ("missed", 13, 2, True), ("due", 14, 0, False))
    rows = (sample_row(1, 2, "내경 Ø24", how, hour, taken=n, asks=asks, code="ID24") for how, hour, n, asks in told)
    return sampled(drifts, Sampling.HOURLY, *rows)


def sampled(found: CharacteristicNow, sampling: Sampling, *rows: CheckRow) -> CharacteristicNow:
    """A characteristic of which samples are taken."""
    return replace(found, characteristic=replace(found.characteristic, sampling=sampling), samples=rows)


def measured(chosen: int = 1) -> MeasuringNow:
    """One characteristic of each state, and the one that is looked at."""

    def of(number: int, name: str, unit: str = "mm", **more: object) -> Characteristic:
        return Characteristic(number, f"C{number}", name, machine=1, signal=number, unit=unit, **more)  # type: ignore[arg-type]

    rows = (
        drifting(),
        row(of(2, "전장 86"), spread(90, 86.0, 0.02, 1), Limits(2, 0, 86.0, 85.9, 86.1), (86.0, 0.02, 40)),
        row(of(3, "용입 깊이"), spread(90, 2.0, 0.1, 1), Limits(3, 0, 2.0, 1.7, 2.3), (2.0, 0.1, 30), place="용접"),
        row(of(4, "누설량", "mL/min"), [*spread(40, 1.2, 0.3), 3.4], Limits(4, 0, high=3.0), place="기밀시험"),
        row(of(5, "버 높이"), spread(60, 0.1, 0.02, 1), Limits(5, 0, high=0.2), (0.1, 0.02, 30), behind_ms=15 * MINUTE),
        row(of(6, "세척액 농도", "%"), spread(18, 3.0, 0.1), Limits(6, 0, low=2.5), place="세척"),
        row(of(7, "포장 중량", "g"), [500.0, 501.0] * 40, Limits(7, 0, low=490, high=510), place="포장"),
        row(of(8, "체결 토크", "N·m"), spread(90, 12.0, 0.2), Limits(8, 0, 12.0, 11.0, 13.0), place="조립"),
        row(replace(of(9, "외관 점수", ""), signal=None), [], None, place="비전검사"),
    )
    piece = replace(sample_row(9, 2, "외관 점수", "late"), every="first", wanted=1)
    rows = (
        rows[0],
        sampled(rows[1], Sampling.HOURLY, sample_row(2, 2, "전장 86", "good", 14, taken=5, done_ms=at(14, 28))),
        *rows[2:7],
        sampled(rows[7], Sampling.PIECES),
        sampled(rows[8], Sampling.PIECES, piece),
    )
    looked_at = next(each for each in rows if each.characteristic.id == chosen)
    return MeasuringNow(HEAD, NOW, SHIFT, COLLECTOR, rows, looked_at, ("VH204-000229", "VH204-000228"), PEOPLE)


def nothing() -> MeasuringNow:
    """A line without characteristics."""
    return MeasuringNow(HEAD, NOW, SHIFT, COLLECTOR, (), None, (), ())
