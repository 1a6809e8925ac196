"""The Qt wheel keeps the reference counts straight.

PySide6 6.12.0 takes one reference from None in nearly every call that returns nothing; on Python 3.11 the process dies
after some seconds of a live screen ("deallocating None"). A child process shows it at once.
"""

from __future__ import annotations

import subprocess
import sys

CALLS = """
import sys
from PySide6.QtCore import QObject

before = sys.getrefcount(None)
thing = QObject()
for _ in range(20_000):
    thing.setObjectName("x")
print(sys.getrefcount(None) - before)
"""


def test_calls_that_return_nothing_leave_none_alone() -> None:
    child = subprocess.run([sys.executable, "-c", CALLS], capture_output=True, text=True, timeout=60, check=False)
    assert child.returncode == 0, child.stderr
    assert abs(int(child.stdout)) < 1_000, "references of None go missing or pile up"
