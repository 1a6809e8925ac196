"""The KPIs of ISO 22400-2, over the same sums as the TPM set: a second page, for those who report by the standard.

    POT = PBT + planned downtime      AUBT = AUPT + ADET      PBT = AUBT + ADOT      AUPT = APT + AUST

Here minor stops and set-up are no production time: availability absorbs what the TPM model books as speed loss.
Formula text from the public ontology of ISO 22400-2 and the OPC UA Machinery annex, not from the printed standard.
"""

from __future__ import annotations

from msgspec import Struct

from desktop.domain.kpi import Sums


class Elements(Struct, frozen=True):
    """The time elements in milliseconds. `aoet_ms` is the order execution time with transport and queue, None where
    orders are not kept."""

    pbt_ms: int  # planned busy time, as far as it was observed
    adot_ms: int  # available, no order
    adet_ms: int  # delays while an order executes: stops, short stops, waiting
    aust_ms: int  # set-up
    apt_ms: int  # production
    planned_ms: int = 0  # planned downtime
    aoet_ms: int | None = None

    @property
    def aupt_ms(self) -> int:
        """Actual unit processing time."""
        return self.apt_ms + self.aust_ms

    @property
    def aubt_ms(self) -> int:
        """Actual unit busy time."""
        return self.aupt_ms + self.adet_ms

    @property
    def pot_ms(self) -> int:
        """Planned operation time."""
        return self.pbt_ms + self.planned_ms


class Quantities(Struct, frozen=True):
    """Pieces: good (GQ), to be reworked (RQ), scrap (SQ); `ideal_ms` is the planned run time of all of them."""

    good: int
    rework: int
    scrap: int
    ideal_ms: float | None
    ideal_good_ms: float | None

    @property
    def produced(self) -> int:
        """PQ."""
        return self.good + self.rework + self.scrap


class IsoKpis(Struct, frozen=True):
    """Ratios 0 to 1 (effectiveness may pass 1), `throughput_per_h` in pieces; None: not known."""

    elements: Elements
    quantities: Quantities
    availability: float | None
    effectiveness: float | None
    quality: float | None
    oee: float | None
    nee: float | None
    utilisation_efficiency: float | None
    allocation_efficiency: float | None
    allocation_ratio: float | None
    technical_efficiency: float | None
    production_process_ratio: float | None
    setup_ratio: float | None
    throughput_per_h: float | None
    scrap_ratio: float | None
    rework_ratio: float | None


def elements_of(sums: Sums, aoet_ms: int | None = None) -> Elements:
    """The time elements of a window, on observed time."""
    times = sums.times
    return Elements(
        pbt_ms=times.busy_ms - times.no_data_ms,
        adot_ms=times.no_order_ms,
        adet_ms=times.stop_ms + times.wait_ms + times.short_stop_ms,
        aust_ms=times.setup_ms,
        apt_ms=times.run_ms + times.rework_ms,
        planned_ms=times.planned_ms,
        aoet_ms=aoet_ms,
    )


def quantities_of(sums: Sums, rework: int = 0) -> Quantities:
    """The pieces of a window; `rework` of the rejects are worked on again instead of scrapped."""
    good, total = (
        None if sums.unrated else sum((output.ideal_cycle_ms or 0.0) * pieces for output, pieces in made)
        for made in (
            [(output, output.good) for output in sums.outputs],
            [(output, output.total) for output in sums.outputs],
        )
    )
    return Quantities(sums.good, rework, sums.reject - rework, total, good)


def compute(elements: Elements, quantities: Quantities) -> IsoKpis:
    """All of them. A ratio over nothing is not known."""
    e, q = elements, quantities
    effectiveness = None if q.ideal_ms is None else _ratio(q.ideal_ms, e.apt_ms)
    quality = _ratio(q.good, q.produced)
    nee = None
    if effectiveness is not None and quality is not None and e.pbt_ms:
        nee = e.aupt_ms / e.pbt_ms * effectiveness * quality
    aoet_ms = e.aoet_ms or 0
    throughput = _ratio(q.produced, aoet_ms)
    return IsoKpis(
        e,
        q,
        availability=_ratio(e.apt_ms, e.pbt_ms),
        effectiveness=effectiveness,
        quality=quality,
        oee=None if q.ideal_good_ms is None else _ratio(q.ideal_good_ms, e.pbt_ms),
        nee=nee,
        utilisation_efficiency=_ratio(e.apt_ms, e.aubt_ms),
        allocation_efficiency=_ratio(e.aubt_ms, e.pbt_ms),
        allocation_ratio=_ratio(e.aubt_ms, aoet_ms),
        technical_efficiency=_ratio(e.apt_ms, e.apt_ms + e.adet_ms),
        production_process_ratio=_ratio(e.apt_ms, aoet_ms),
        setup_ratio=_ratio(e.aust_ms, e.aupt_ms),
        throughput_per_h=None if throughput is None else throughput * 3_600_000,
        scrap_ratio=_ratio(q.scrap, q.produced),
        rework_ratio=_ratio(q.rework, q.produced),
    )


def actual_to_planned_scrap(scrap: int, planned_scrap: int) -> float | None:
    """SQ / PSQ."""
    return _ratio(scrap, planned_scrap)


def fall_off_ratio(scrap: int, produced_first_operation: int) -> float | None:
    """SQ / PQ of the first operation of the line."""
    return _ratio(scrap, produced_first_operation)


def first_pass_yield(good_first_run: int, inspected: int) -> float | None:
    """직행률: GP / IP, good in the first run without rework / inspected; needs pieces with an identity."""
    return _ratio(good_first_run, inspected)


def worker_efficiency(work_ms: float, attendance_ms: float) -> float | None:
    """APWT / APAT: time at work on orders / time present; split where one worker serves several machines."""
    return _ratio(work_ms, attendance_ms)


def corrective_maintenance_ratio(corrective_ms: float, preventive_ms: float) -> float | None:
    """CMT / (CMT + PMT)."""
    return _ratio(corrective_ms, corrective_ms + preventive_ms)


def pieces_per_hour(good: int, ms: float) -> float | None:
    """시간당 생산량 (UPH): good pieces / hours; by which time, the caller prints (busy time for the government)."""
    return _ratio(good * 3_600_000, ms)


def process_defect_rate(rejects: int, entered: int) -> float | None:
    """공정불량률: pieces rejected anywhere in the line / pieces that entered it; never the mean of stations."""
    return _ratio(rejects, entered)


class Capability(Struct, frozen=True):
    """How well a tolerance is kept. Of a whole process these are Cp and Cpk; of one machine in a short run under equal
    conditions Cm and Cmk (usually wanted above 1.66). `spread` needs both limits, `centred` the nearer one."""

    spread: float | None
    centred: float | None


def capability(mean: float, sigma: float, low: float | None, high: float | None) -> Capability:
    """(USL - LSL) / 6 sigma, and min(USL - mean, mean - LSL) / 3 sigma; None without limits or without any spread."""
    if sigma <= 0:
        return Capability(None, None)
    sides = [high - mean] if high is not None else []
    sides += [mean - low] if low is not None else []
    return Capability(
        None if low is None or high is None else (high - low) / (6 * sigma),
        min(sides) / (3 * sigma) if sides else None,
    )


def change(before: float, after: float) -> tuple[float, float | None]:
    """An improvement both ways: (difference, relative difference; None from nothing)."""
    return after - before, _ratio(after - before, before)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
