"""Everything that is known of a scanned code."""

from __future__ import annotations

from desktop.domain.barcode import clean_code
from desktop.domain.figures.trace import TraceLink, TraceResult, TraceStep
from desktop.store import register, trace
from desktop.store.database import KnownError, Store
from desktop.text import _


def trace_code(store: Store, code: str) -> TraceResult:
    """Everything known of a scanned code, both directions. Raises KnownError where nothing carries it."""
    code = clean_code(code)
    known = trace.find(store, code)
    if not known:
        near = trace.similar(store, code) if code else []
        hint = _(" Similar: {codes}.").format(codes=", ".join(near)) if near else ""
        raise KnownError(_('Nothing with the code "{code}" was ever scanned.').format(code=code) + hint)
    thing = known[0]
    plant = register.plant(store)
    machines = {m.id: m for m in plant.machines}
    signals = {s.id: s for s in plant.signals}
    steps: list[TraceStep] = []
    values = trace.values(store, thing.id)
    for visit in trace.visits(store, thing.id):
        machine = machines.get(visit.machine)
        own = tuple(
            (
                signals[v.signal].name if v.signal in signals else "",
                v.value,
                signals[v.signal].unit if v.signal in signals else "",
                v.judgement,
            )
            for v in values
            if v.machine == visit.machine
        )
        steps.append(
            TraceStep(machine.code if machine else "", machine.name if machine else "", visit.at_ms, visit.result, own)
        )

    def links(edges: list[trace.Edge]) -> tuple[TraceLink, ...]:
        return tuple(
            TraceLink(
                e.kind, e.code, e.what, machines[e.machine].code if e.machine in machines else "", e.at_ms, e.depth
            )
            for e in edges
        )

    return TraceResult(
        thing.code,
        thing.kind,
        thing.at_ms,
        tuple(steps),
        links(trace.made_of(store, thing.id)),
        links(trace.went_into(store, thing.id)),
        trace.scans(store, code),
        plant.timezone,
    )
