"""The rule set: every policy of the arithmetic as a named value, stamped on each result.

Where practice knows more than one way to count, the way is a field here and nowhere else. A change makes a new
version; results name the version that they were made with.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import asdict


class RuleSet(Struct, frozen=True):
    """How Gadong counts. Lengths in milliseconds, ratios 0 to 1 (`setup_within_ratio` from 1)."""

    name: str = "TPM"
    version: int = 1
    #: run time inside a break or planned stop belongs to the planned busy time (부하시간 = 조업 - 휴지 + 휴지 중 가동)
    break_run_is_busy: bool = True
    #: a standstill is judged by max(the machine's threshold, this share of its ideal stroke)
    least_stop_ratio: float = 0.5
    #: a changeover ends with the first of so many good pieces in a row ...
    setup_good_pieces: int = 3
    #: ... each within this many ideal strokes, unless the first piece was approved before
    setup_within_ratio: float = 1.2
    #: standstill without an order is planned where that was entered before the shift began, else busy time lost
    no_order_before_shift_is_planned: bool = True
    #: a planned stop counts as planned only where it was approved before it began
    planned_needs_approval: bool = True
    #: below this coverage, and where no counter survived, OEE is not known
    least_coverage_ratio: float = 0.9
    #: a live OEE is hidden until so much busy time has passed
    live_after_ms: int = 600_000
    #: a failure shorter than this does not count for MTBF
    least_failure_ms: int = 0
    #: divide by failures + 1, as one reading of ISO 22400-2 has it
    mtbf_adds_one: bool = False
    #: the tree of losses in use: six or seven
    loss_tree: str = "six"

    @property
    def fingerprint(self) -> str:
        """Eight hex digits over every value: equal fingerprints mean equal arithmetic."""
        return _fingerprint(self)

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.fingerprint})"


@lru_cache(maxsize=16)
def _fingerprint(rules: RuleSet) -> str:
    return hashlib.sha256(repr(sorted(asdict(rules).items())).encode()).hexdigest()[:8]


TPM = RuleSet()
