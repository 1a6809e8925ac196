"""State machines of OPC UA (part 16): what state a machine is in, in a word that no language changes.

    CurrentState        LocalizedText   "Executing", "실행 중" ...: translated, and so the last resort
      Id                NodeId          the state itself, whose browse name is the word: "Executing"
      Number            UInt32          0 on servers that never set it

A server may leave out or never set any of the three, so all that are there are watched. A machine of OPC UA for
Machinery tells item state and operation mode apart; both together make one word: "NotExecuting+Setup".
Knows no `opcua`: a NodeId is whatever has an `Identifier` and a `NamespaceIndex`.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

MACHINERY = "http://opcfoundation.org/UA/Machinery/"
#: states by namespace and number, for servers that do not show the nodes (OPC 40001-1, nodeset 1.04)
KNOWN: Mapping[tuple[str, int], str] = {
    (MACHINERY, 5004): "OutOfService",
    (MACHINERY, 5005): "NotAvailable",
    (MACHINERY, 5006): "Executing",
    (MACHINERY, 5007): "NotExecuting",
    (MACHINERY, 5024): "None",
    (MACHINERY, 5025): "Maintenance",
    (MACHINERY, 5026): "Processing",
    (MACHINERY, 5027): "Setup",
}
PARTS = ("text", "id", "number")

Node = tuple[int, object]  # index of the namespace and identifier


class StateMachine(Struct):
    """One signal that is a state machine, or two that make a word together: what came of each of its variables.

    `awaited`: the variables, as "text", "mode.id" ..., of which a first value is still to come.
    """

    awaited: set[str] = field(default_factory=set)
    came: dict[str, tuple[object, int, int | None]] = field(default_factory=dict)
    said: tuple[object, int] | None = None  # word and status that were told last
    expanded: set[str] = field(default_factory=set)  # "" and "mode.": whose variables are known

    def take(self, part: str, value: object, status: int, source_us: int | None) -> None:
        """Note what came of one variable."""
        self.came[part] = (value, status, source_us)
        self.awaited.discard(part)

    def word(self, names: Mapping[Node, str]) -> tuple[object, int, int | None] | Node | None:
        """Word, status and source time; a node whose name must be asked for first; None: not all has come."""
        if self.awaited or not self.came:
            return None
        found = self._one("", names)
        mode = self._one("mode.", names)
        for each in (found, mode):
            if isinstance(each, tuple):
                return each
        _, status, at_us = max(
            (value for part, value in self.came.items() if "." not in part), key=lambda value: value[1] >> 30
        )
        if isinstance(found, str) and isinstance(mode, str):
            found = f"{found}+{mode}"
        return found, status, at_us

    def _one(self, prefix: str, names: Mapping[Node, str]) -> str | int | Node | None:
        text, node, number = (self.came.get(prefix + part, (None, 0, None))[0] for part in PARTS)
        key = node_key(node)
        if key is not None:
            if key not in names:
                return key
            if names[key]:
                return names[key]
        words = getattr(text, "Text", text)
        if isinstance(number, int) and number:
            return number
        if isinstance(words, str) and words:
            return words
        return number if isinstance(number, int) else None


def node_key(node: object) -> Node | None:
    """A NodeId as a key; None for no node and for the null one."""
    identifier = getattr(node, "Identifier", None)
    return None if not identifier else (int(getattr(node, "NamespaceIndex", 0) or 0), identifier)
