"""What there is: read as it was written, retired and never deleted; questions to the collector and its answers."""

from __future__ import annotations

from datetime import time

import pytest

from desktop.domain.calendar import Break, ShiftPattern
from desktop.domain.events import Role
from desktop.store import register
from desktop.store.database import Store
from tests.store.example import MACHINE, T0


def test_the_plant_as_one_value(store: Store) -> None:
    with store.transaction() as db:
        for key, words in {"plant": "공장", "line": "2", "timezone": "Asia/Seoul"}.items():
            db.execute("INSERT INTO settings VALUES (?, ?)", (key, words))
        register.upsert(db, "line_constraints", {"valid_from_ms": 0}, {"machine_id": 2, "parallel": 1})
        register.upsert(db, "reasons", {"code": "R1"}, {"name": "고장", "kind": "unplanned", "failure": 1, "place": 0})
    plant = register.plant(store)
    assert (plant.name, plant.line, plant.timezone) == ("공장", "2", "Asia/Seoul")
    assert [m.code for m in plant.machines] == ["PR-01", "WS-01"]
    assert plant.constraint == plant.machines[1].id
    assert [(s.key, s.role) for s in plant.signals_of(MACHINE)] == [
        ("good", Role.GOOD), ("reject", Role.REJECT), ("state", Role.STATE), ("force", Role.MEASURE),
    ]  # fmt: skip
    assert plant.reasons[0].failure is True
    assert str(register.zone(store)) == "Asia/Seoul"


def test_what_is_not_named_any_more_is_retired_and_comes_back_with_its_id(store: Store) -> None:
    with store.transaction() as db:
        register.retire_others(db, "machines", {1}, T0)
    assert [m.code for m in register.plant(store).machines] == ["PR-01"]
    assert store.row("SELECT retired_at_ms FROM machines WHERE id = 2")[0] == T0
    with store.transaction() as db:
        again = register.upsert(
            db, "machines", {"code": "WS-01"}, {"name": "Wash", "place": 1, "threshold_ms": 1, "retired_at_ms": None}
        )
    assert again == 2
    assert [m.name for m in register.plant(store).machines] == ["PR-01", "Wash"]


def test_shifts_as_written(store: Store) -> None:
    with store.transaction() as db:
        register.upsert(
            db,
            "shift_patterns",
            {"name": "야간", "valid_from": "1970-01-01"},
            {
                "start": "20:00",
                "end": "08:00",
                "weekdays": "[1, 5]",
                "breaks": '[{"name": "휴식", "start": "00:00", "end": "00:10"}]',
                "crew": "B",
            },
        )
    assert register.shift_patterns(store) == (
        ShiftPattern(1, "야간", time(20), time(8), frozenset({1, 5}), (Break("휴식", time(0), time(0, 10)),), "B"),
    )


def test_the_audit_trail_is_a_chain(store: Store) -> None:
    with store.transaction() as db:
        register.audit(db, T0, "kim", "edit", "limit", "1", "2", "new tool")
        register.audit(db, T0, "kim", "edit", "limit", "2", "3")
        register.audit(db, T0 - 5000, "lee", "edit", "limit", "3", "4")  # a clock that was set back
    rows = store.rows("SELECT id, who, new FROM audit ORDER BY id")
    assert [row[1:] for row in rows] == [("kim", "2"), ("kim", "3"), ("lee", "4")]


def test_a_request_is_open_until_answered_cancelled_or_expired(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now_ns = [T0 * 1_000_000]
    monkeypatch.setattr(register.time, "time_ns", lambda: now_ns[0])
    stop = register.ask(store, "stop")
    raw = register.ask(store, "raw", {"bus": "one", "most": 5, "deep": None}, expires_s=5)
    gone = register.ask(store, "reload")
    register.cancel(store, gone)
    assert [(r.id, r.kind, r.params) for r in register.open_requests(store)] == [
        (stop, "stop", {}),
        (raw, "raw", {"bus": "one", "most": 5, "deep": None}),
    ]
    assert register.answer_to(store, stop) is None
    register.answer(store, stop, "working")
    register.answer(store, stop, "done", {"pid": 7})
    answer = register.answer_to(store, stop)
    assert answer == register.Answer(stop, "done", {"pid": 7})
    now_ns[0] += 5_000_000_000
    assert register.open_requests(store) == []
