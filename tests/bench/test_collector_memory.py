"""What a collector holds in memory: of a process of its own, fed with two hundred signals ten times a second."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.test_flood import line

pytestmark = pytest.mark.bench

ROOT = Path(__file__).resolve().parents[2]
VALUES = 200_000
_FED = f"""
import re, sys, time
from pathlib import Path
from desktop.collect.collector import Collector
from desktop.collect.interpret import Health
from desktop.collect.supervise import Polled
from desktop.store import database
from drivers.base import Quality, Reading

def rss_mb():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

store = database.open_writer(Path(sys.argv[1]))
collector = Collector(store)
collector._start_buses = lambda: None
collector._resume()
now_ms = store.clock.now_ms()
for bus in range(8):
    collector.inbox.put(Health(f"d{{bus}}", "online", now_ms))

def feed(values, first):
    for turn in range(values // 200):
        at_ms = now_ms + (first + turn) * 100
        for bus in range(8):
            readings = [
                Reading(f"d{{bus}}", f"s{{n}}", (turn * 7919 + n) % 1000 / 10, Quality.GOOD, at_ms, 0, first + turn + 1)
                for n in range(25)
            ]
            collector.inbox.put(Polled(tuple(readings)))
        while collector.inbox.waiting():
            collector._gather(0)
        if turn % 3 == 2:
            assert not collector._commit()
        if turn % 50 == 49:
            collector._checkpoint()
    while len(collector._pending):
        assert not collector._commit()

feed(40_000, 0)  # what is made once, at the first of each
begun = rss_mb()
feed({VALUES}, 200)
print(begun, rss_mb(), store.row("SELECT count(*) FROM measurements")[0])
store.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_the_collector_stays_small(tmp_path: Path) -> None:
    """RSS <= 80 MB, and it grows by <= 5 MB in 200,000 values."""
    line(tmp_path / "data").close()
    ran = subprocess.run(
        [sys.executable, "-c", _FED, str(tmp_path / "data")], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    begun, ended, stored = (float(number) for number in ran.stdout.split())
    print(f"\ncollector: {ended:.0f} MB (<= 80), growth {ended - begun:.1f} MB in {VALUES:,} values (<= 5)")
    assert stored == VALUES + 40_000
    assert ended <= 80
    assert ended - begun <= 5
