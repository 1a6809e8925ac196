"""What a thing was made of and what it went into: as it left the line, and as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from desktop.domain import identity
from desktop.domain.figures.trace import Node, Path
from desktop.domain.plant import Plant
from desktop.store import trace, tracks
from desktop.store.database import Store
from desktop.store.trace import Edge, Holds, Known

MOST = 60  # a thing that went into more is shown with the first of them; the list of units has all


def paths(store: Store, plant: Plant, thing: Known) -> tuple[Path, Path]:
    """The path as it was when the thing left the line, and as it is now."""
    uses = tracks.link_counts(store, [thing.id], ahead=True).get(thing.id, 0)
    found = []
    for holds in (Holds.BUILT, Holds.NOW):
        back = trace.made_of(store, thing.id, holds)
        if uses > MOST:
            ahead, more = tracks.first_uses(store, thing.id, MOST), uses - MOST
        else:
            ahead, more = trace.went_into(store, thing.id, holds), 0
        direct = trace.parts(store, thing.id)
        near = {edge.id for edge in back if edge.depth == 1}
        off = [edge for edge in direct if edge.ended_ms is not None and edge.id not in near]
        named = _Named(store, plant, [*back, *ahead, *off])
        found.append(Path(named.nodes(back), named.nodes(ahead), 0, more, named.nodes(off)))
    return found[0], found[1]


class _Named:
    """Edges with what is known of the things at their ends."""

    def __init__(self, store: Store, plant: Plant, edges: Sequence[Edge]) -> None:
        self._machines = {machine.id: machine for machine in plant.machines}
        told = tracks.attributes(store, (edge.thing for edge in edges))
        self._what = {thing: what_of(words, plant) for thing, words in told.items()}
        self._counts = {
            **tracks.link_counts(store, _of(edges, "lot"), ahead=True),
            **tracks.link_counts(store, _of(edges, "box", "pallet"), ahead=False),
        }

    def nodes(self, edges: Iterable[Edge]) -> tuple[Node, ...]:
        """The things at the far ends."""
        return tuple(self._node(edge) for edge in edges)

    def _node(self, edge: Edge) -> Node:
        machine = self._machines.get(edge.machine or 0)
        return Node(
            edge.thing, edge.what, edge.code, edge.near, edge.kind, edge.depth, machine.code if machine else "",
            machine.name if machine else "", edge.at_ms, edge.ended_ms, self._what.get(edge.thing, ""),
            self._counts.get(edge.thing, 0),
        )  # fmt: skip


def _of(edges: Iterable[Edge], *kinds: str) -> list[int]:
    return [edge.thing for edge in edges if edge.what in kinds]


def what_of(told: Mapping[str, str], plant: Plant) -> str:
    """What a label says that something is: the name of a product of the register, else its material."""
    product = identity.product_of(told["gtin"], plant) if told.get("gtin") else None
    product = product or next((each for each in plant.products if each.code == told.get("product")), None)
    if product is not None:
        return product.name
    return told.get("material") or told.get("product") or ""
