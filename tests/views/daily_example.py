"""Examples of the pages of people at machines and of checks, of the shift of `tests.views.example`."""

from __future__ import annotations

from msgspec.structs import replace

from desktop.domain.crew import CrewMachine, CrewNow, CrewPerson
from desktop.domain.daily_rows import CheckRow, CrewReport, CrewRow, PostRow
from desktop.domain.differences import hour_difference
from desktop.domain.entries import OPEN_MS, Attended, Left, Placed, Said
from desktop.domain.rounds import ChecksNow, HourDue
from tests.views.example import COLLECTOR, HEAD, HOUR, MACHINES, MINUTE, NOW, SHIFT, START, at, hours

_NAMES = ("김정호", "박서연", "이영희", "최민수", "Nguyen Van Minh", "강하늘", "정우진", "오세훈", "한지민")


def crew() -> CrewNow:
    """Nine people: six are here, one has left, one is on the way, one of another crew; two machines are vacant."""
    where = {1: (1,), 2: (2, 3), 3: (4,), 4: (5,), 5: (6,), 6: ()}
    people = []
    for number, name in enumerate(_NAMES, 1):
        said: tuple[Said, ...] = ()
        if number <= 7:
            placed = tuple(Placed(machine, START, OPEN_MS, number) for machine in where.get(number, (7,)))
            said = (Attended(0, START, OPEN_MS, number), *placed)
        gone = at(13, 30) if number == 7 else None
        said = (*said, Left(0, at(13, 30), at(13, 30), 7)) if gone else said
        people.append(
            CrewPerson(
                number, name, "B조" if number == 9 else "A조", number != 9, START if said else None, gone,
                where.get(number, ()), 5 * HOUR + 32 * MINUTE if said else 0,
                tuple(range(number * 10, number * 10 + len(said))), said, number * 10 + len(said) - 1 if gone else 0,
            )
        )  # fmt: skip
    machines = tuple(
        CrewMachine(
            m.id, m.code, m.name, m.category, tuple(n for n, there in where.items() if m.id in there), m.id == 8
        )
        for m in MACHINES
    )
    return CrewNow(HEAD, NOW, SHIFT, COLLECTOR, tuple(people), machines, NOW, 38 * HOUR + 44 * MINUTE, 451)


def crew_before() -> CrewNow:
    """The same crew when the shift has just begun: nobody has said anything, yesterday is known."""
    now = crew()
    people = tuple(CrewPerson(p.id, p.name, p.crew, p.expected) for p in now.people)
    machines = tuple(CrewMachine(m.id, m.code, m.name, m.category, (), m.unattended) for m in now.machines)
    before: list[Said] = [Attended(0, START, OPEN_MS, n) for n in range(1, 8)]
    before += [Placed(m.id, START, OPEN_MS, m.id) for m in machines[:6]]
    return CrewNow(HEAD, START + 5 * MINUTE, SHIFT, COLLECTOR, people, machines, START, 0, None, tuple(before))


def check_row(number: int, machine: int, name: str, kind: str = "ok", state: str = "due", **more: object) -> CheckRow:
    """A check of the shift."""
    found = next(m for m in MACHINES if m.id == machine)
    last = {"entry": 1000 + 2 * number, "done_ms": at(8, 20) + number * MINUTE, "who": "김정호"}
    done = last if state in ("good", "bad") else {}
    every = str(more.pop("every", "shift"))
    return CheckRow(
        number, machine, found.code, found.name, name, kind, every, state, START, START + HOUR, SHIFT.span.end_ms,
        **{**done, **more},  # type: ignore[arg-type]
    )  # fmt: skip


def sample_row(number: int, machine: int, name: str, state: str, hour: int = 13, **more: object) -> CheckRow:
    """The sample of an hour, of five pieces."""
    row = check_row(number, machine, name, "sample", state, every="hour", start_ms=at(hour), wanted=5, **more)
    return replace(row, due_ms=at(hour, 15), late_ms=at(hour, 45), end_ms=at(hour + 1))


def check_rows() -> tuple[CheckRow, ...]:
    """Late, due, done, not right and missed ones."""
    return (
        check_row(1, 1, "안전커버·비상정지 작동", state="good"),
        check_row(3, 1, "공압(에어) 압력", "value", "good", unit="MPa", low=0.4, high=0.6, value=0.52),
        check_row(1, 2, "안전커버·비상정지 작동", state="late"),
        check_row(2, 2, "윤활유·그리스 양", state="bad", note="기준량 미달", also=1005),
        check_row(3, 2, "공압(에어) 압력", "value", "late", unit="MPa", low=0.4, high=0.6),
        check_row(9, 3, "칩·오물 제거, 바닥 청소", every="day"),
        check_row(10, 3, "필터·냉각부 청소", every="week"),
        check_row(12, 3, "초물", "first"),
        check_row(13, 4, "중물", "middle", "missed"),
    )


def checks() -> ChecksNow:
    """Checks of four machines, and the hours of the shift: two of them missed their target, one has its reason."""
    rows = [row for row in hours() if row.span.end_ms <= NOW and not row.paused and row.target]
    found = []
    for number, row in enumerate(rows):
        entry, reason = (500, "자재 부족") if number == 2 else (501, "") if number == 0 else (0, "")
        found.append(
            HourDue(
                row, hour_difference(row, NOW), ("금형 교체", "자재 부족"), entry, reason, "김정호" if entry else ""
            )
        )
    machines = tuple((m.id, m.name, m.code) for m in MACHINES)
    return ChecksNow(HEAD, NOW, SHIFT, COLLECTOR, check_rows(), machines, tuple(reversed(found)), True)


def crew_report() -> CrewReport:
    """What the report says of the crew."""
    people = tuple(
        CrewRow(p.name, p.crew, p.from_ms, p.to_ms, p.worked_ms, tuple(MACHINES[n - 1].name for n in p.machines))
        for p in crew().people
        if p.from_ms is not None
    )
    posts = tuple(PostRow(m.name, m.code, 5.5 * HOUR, 20 * MINUTE if m.id == 7 else 0) for m in MACHINES)
    return CrewReport(people, posts, 38 * HOUR, 38 * HOUR / 451, ("오세훈",))
