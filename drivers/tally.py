"""What became of the answers or messages of one device, counted: whoever looks for a bad cable reads it here."""

from __future__ import annotations

from collections import deque

from drivers.base import DriverError, Tally

WINDOW = 300  # newest answers that are judged
LEAST_FAILURES = 3
NOISY, QUIET = 0.01, 0.005  # share of failures from which on, and down to which, a connection is called disturbed
DAMAGED_NOTES = frozenset({"unparsed", "incomplete", "overlong"})


class Record:
    """Counts what came of each answer; knows whether so many fail that somebody should look after the cable.

    Only answers that fail among others that do not are a disturbance: a device that is silent or unreadable is that,
    and what is judged begins anew (`begin`) when it is back.
    """

    def __init__(self) -> None:
        self.counted = Tally()
        self._failed: deque[bool] = deque(maxlen=WINDOW)
        self._failures = 0
        self._noisy = False

    def well(self) -> None:
        """Count a good answer."""
        self._judge(failed=False)

    def damaged(self) -> None:
        """Count one that cannot be read."""
        self.counted.damaged += 1
        self._judge(failed=True)

    def missing(self) -> None:
        """Count one that did not come."""
        self.counted.missing += 1
        self._judge(failed=True)

    def refused(self) -> None:
        """Count one that says no: the connection is well."""
        self.counted.refused += 1
        self._judge(failed=False)

    def begin(self) -> None:
        """Judge only what comes from now on; the counts go on."""
        self._failed.clear()
        self._failures, self._noisy = 0, False

    def fault(self) -> DriverError | None:
        """The disturbance, None where there is none."""
        if not self._noisy:
            return None
        percent = max(1, round(100 * self._failures / len(self._failed)))
        return DriverError("noisy", partial=True, percent=percent)

    def _judge(self, *, failed: bool) -> None:
        if len(self._failed) == self._failed.maxlen:
            self._failures -= self._failed[0]
        self._failed.append(failed)
        self._failures += failed
        share = self._failures / len(self._failed)
        if self._noisy:
            self._noisy = share > QUIET
        else:
            self._noisy = self._failures >= LEAST_FAILURES and share >= NOISY
