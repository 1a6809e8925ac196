"""What one shift tells the next: notes, open items, safety, 4M changes, signatures."""

from __future__ import annotations

from desktop.domain.entries import Action, Entry, FourM, Note, Safety, Signed
from desktop.domain.figures import Handover, OpenItem, Remark, Signature
from desktop.domain.plant import Plant
from desktop.domain.spans import Span
from desktop.store import entries
from desktop.store.database import Store
from desktop.summaries.automatic import closed_at_ms


def handover(store: Store, plant: Plant, shift: Span) -> Handover:
    """The handover of a shift: what was said of it, and everything that was open when it ended."""
    names = {machine.id: machine.name for machine in plant.machines}
    said = entries.standing(store, shift)
    items = [_item(entry, names) for entry in entries.actions(store, shift.end_ms)]
    signed: dict[str, Signature] = {}
    for entry in said:
        if isinstance(entry.said, Signed):  # who signs again, signs what is there now
            signed[entry.said.role] = Signature(entry.said.role, entry.who, entry.at_ms)
    return Handover(
        tuple(_remark(e, "", e.said.text, names) for e in said if isinstance(e.said, Note)),
        tuple(sorted(items, key=lambda item: (item.due_ms is None, item.due_ms or 0, item.entry))),
        tuple(_remark(e, e.said.kind.value, e.said.text, names) for e in said if isinstance(e.said, Safety)),
        tuple(_remark(e, e.said.what, e.said.text, names) for e in said if isinstance(e.said, FourM)),
        tuple(signed.values()),
        closed_at_ms(store, shift),
    )


def _remark(entry: Entry, kind: str, text: str, names: dict[int, str]) -> Remark:
    return Remark(entry.id, kind, text, names.get(entry.said.machine, ""), entry.who, entry.at_ms)


def _item(entry: Entry, names: dict[int, str]) -> OpenItem:
    said = entry.said
    assert isinstance(said, Action)
    machine = names.get(said.machine, "")
    return OpenItem(entry.id, said.text, machine, said.owner, said.due_ms, entry.at_ms, entry.who)
