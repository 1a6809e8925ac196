"""What is wrong with a unit or a lot at a station, rule by rule."""

from __future__ import annotations

import pytest

from desktop.domain.quality import StationKind, WhenWrong
from desktop.domain.verdicts import Fault, Place, Wrong, of_lot, of_parts, of_unit, refuses

HAND, FIRST, SECOND, THIRD = (
    Place(1, "OP10", tells=False), Place(2, "OP20"), Place(3, "OP30"), Place(4, "OP40"),
)  # fmt: skip
ROUTE = (HAND, FIRST, SECOND, THIRD)
MEND = Place(9, "RW", StationKind.REWORK)


@pytest.mark.parametrize(
    ("place", "seen", "more", "found"),
    [
        (FIRST, (), {}, []),  # nobody can know what was done by hand before
        (FIRST, (2,), {}, [Fault(Wrong.DUPLICATE)]),
        (FIRST, (2, 3), {}, [Fault(Wrong.DUPLICATE)]),
        (FIRST, (2,), {"here_last": True}, []),
        (FIRST, (2, 3), {"mended": True}, []),
        (SECOND, (2,), {}, []),
        (SECOND, (), {}, [Fault(Wrong.SKIPPED, "OP20")]),
        (THIRD, (), {}, [Fault(Wrong.SKIPPED, "OP20, OP30")]),
        (THIRD, (2, 3, 4), {}, [Fault(Wrong.AGAIN)]),
        (THIRD, (2, 4), {}, [Fault(Wrong.SKIPPED, "OP30"), Fault(Wrong.AGAIN)]),
        (SECOND, (2,), {"held": "burr"}, [Fault(Wrong.HELD, "burr")]),
        (Place(7, "OP70"), (2,), {}, [Fault(Wrong.OFF_ROUTE)]),
        (MEND, (2,), {}, []),
        (MEND, (2,), {"held": "burr"}, [Fault(Wrong.HELD, "burr")]),
    ],
)
def test_a_unit_on_its_route(place: Place, seen: tuple[int, ...], more: dict[str, object], found: list[Fault]) -> None:
    assert of_unit(place, ROUTE, seen, **more) == found  # type: ignore[arg-type]


def test_without_a_route_only_coming_again_can_be_told() -> None:
    assert of_unit(SECOND, (), ()) == []
    assert of_unit(SECOND, (), (3,)) == [Fault(Wrong.AGAIN)]


@pytest.mark.parametrize(
    ("kind", "when_wrong", "word", "refused"),
    [
        (StationKind.MAKE, WhenWrong.FLAG, Wrong.SKIPPED, False),
        (StationKind.MAKE, WhenWrong.REFUSE, Wrong.SKIPPED, True),
        (StationKind.MAKE, WhenWrong.REFUSE, Wrong.AGAIN, False),
        (StationKind.MAKE, WhenWrong.REFUSE, Wrong.NO_PART, False),
        (StationKind.MAKE, WhenWrong.FLAG, Wrong.DUPLICATE, True),
        (StationKind.MAKE, WhenWrong.FLAG, Wrong.HELD, False),
        (StationKind.SHIP, WhenWrong.FLAG, Wrong.HELD, True),
    ],
)
def test_what_does_not_pass(kind: StationKind, when_wrong: WhenWrong, word: Wrong, refused: bool) -> None:
    assert refuses(Place(1, "S", kind, when_wrong), [Fault(word)]) is refused
    assert not refuses(Place(1, "S", kind, when_wrong), [])


def test_a_lot_at_a_station() -> None:
    assert of_lot("OR", ("OR", "CV"), "2026-11-30", "2026-11-30") == []
    assert of_lot("OR", (), "", "2026-11-30") == []
    assert of_lot("WX", ("OR",), "2026-11-29", "2026-11-30", "returned") == [
        Fault(Wrong.HELD, "returned"), Fault(Wrong.WRONG_PART, "WX"), Fault(Wrong.EXPIRED, "2026-11-29"),
    ]  # fmt: skip
    assert of_parts(("OR", "CV"), {"CV": 1}) == [Fault(Wrong.NO_PART, "OR")]
