"""A backlog of readings, as after a stall or from a scanner that went mad: taken in near the storage path's speed."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from desktop.collect import collector as module
from desktop.collect.collector import Collector
from desktop.collect.interpret import Health
from desktop.collect.supervise import Polled
from desktop.domain.events import Measurement
from desktop.store import database, register
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat, LiveValue
from drivers.base import Quality, Reading

pytestmark = pytest.mark.bench

BUSES, SIGNALS, READINGS = 8, 25, 50_000  # the inbox holds no more


def line(folder: Path) -> Store:
    """Eight devices with 25 measured values each."""
    store = database.create(folder)
    with store.transaction() as db:
        for place in range(BUSES):
            words = {"port": f"test:{place}", "driver": "text_line", "settings": "{}"}
            bus = register.upsert(db, "buses", {"key": f"b{place}"}, words)
            device = register.upsert(
                db, "devices", {"key": f"d{place}"}, {"bus_id": bus, "name": "d", "settings": "{}"}
            )
            for signal in range(SIGNALS):
                row = {
                    "name": "s", "machine_id": None, "role": "measure", "unit": "", "factor": 1.0, "offset_value": 0.0,
                    "dead_band": 0.0, "modulus": None, "pieces_per_step": 1, "limit_low": None, "limit_high": None,
                    "per_piece": 0, "codes": "{}", "classes": "{}", "settings": "{}",
                }  # fmt: skip
                register.upsert(db, "signals", {"device_id": device, "key": f"s{signal}"}, row)
    return store


def test_a_backlog_against_the_storage_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings per CPU second of the whole collector, one reading a message, >= 0.3 of commits of ready facts."""
    now_ms = time.time_ns() // 1_000_000
    bare = line(tmp_path / "bare")
    journal, beat = Journal(bare), Beat(1, "", 0, 0, 0, "", 0, 0)
    began = time.process_time()
    for first in range(0, READINGS, module.COMMIT_ROWS):
        batch = Batch()
        for n in range(first, first + module.COMMIT_ROWS):
            batch.measurements.append(Measurement(journal.next_id(now_ms), n % 200 + 1, n / 3))
            batch.live[n % 200 + 1] = LiveValue(now_ms, n / 3, None, 0)
        journal.commit(batch, beat)
    bare_s = time.process_time() - began
    bare.close()

    store = line(tmp_path / "whole")
    collector = Collector(store)
    monkeypatch.setattr(collector, "_start_buses", lambda: None)
    for place in range(BUSES):
        collector.inbox.put(Health(f"d{place}", "online", now_ms))
    for n in range(READINGS - BUSES):
        reading = Reading(f"d{n % BUSES}", f"s{n % SIGNALS}", n / 3, Quality.GOOD, now_ms + n // 50, 0, n // BUSES)
        collector.inbox.put(Polled((reading,)))
    asked = register.ask(store, "raw", {"bus": "none"})
    answered_with, beats = [], []
    answer, commit = register.answer, Journal.commit

    def answering(*words: object) -> None:
        answered_with.append(collector.inbox.waiting())
        answer(*words)  # type: ignore[arg-type]

    def committing(self: Journal, batch: Batch, beat: Beat | None = None) -> None:
        commit(self, batch, beat)
        beats.append(time.process_time())
        if not beat or not beat.backlog - len(batch):
            collector.stop()

    monkeypatch.setattr(register, "answer", answering)
    monkeypatch.setattr(Journal, "commit", committing)
    began = time.process_time()
    collector.run()
    whole_s = time.process_time() - began
    longest_s = max(later - earlier for earlier, later in pairwise(beats))
    print(
        f"\nbacklog: {bare_s / whole_s:.2f} of bare commits per CPU second (>= 0.3), longest time between two"
        f" heartbeats {longest_s / whole_s:.3f} of the whole (<= 0.2), request answered with {answered_with} waiting"
    )
    assert store.row("SELECT count(*) FROM measurements") == (READINGS - BUSES,)
    assert register.answer_to(store, asked) is not None
    store.close()
    assert bare_s / whole_s >= 0.3
    assert longest_s / whole_s <= 0.2
    assert answered_with[0] > READINGS / 2
