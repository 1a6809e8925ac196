"""The rule set: every policy of the arithmetic as a named value, stamped on each result."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class RuleSet:
    """How Gadong counts. A change makes a new version; results name the version they were made with."""

    name: str = "TPM"
    version: int = 1
    live_after_ms: int = 600_000  # a live OEE is hidden until this much of the shift has passed
    least_coverage_ratio: float = 0.9  # below it, and without a surviving counter, OEE is not known

    @property
    def fingerprint(self) -> str:
        """Eight hex digits over every value: equal fingerprints mean equal arithmetic."""
        return hashlib.sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:8]

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.fingerprint})"


TPM = RuleSet()
