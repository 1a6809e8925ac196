"""Changes of the calendar that cannot be meant so are refused with a sentence, none with an error of its own."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from desktop.calendar_words import refused
from desktop.domain.calendar import Calendar, ShiftPattern
from desktop.domain.one_day import Exchange
from desktop.domain.own_shifts import with_turns
from desktop.domain.scheduling import Edit, RefusalError, changed
from desktop.domain.standard_hours import SetCapacity

DAY = ShiftPattern(1, "Day", time(8), time(17), frozenset(range(1, 6)))
SHOP = Calendar(ZoneInfo("Asia/Seoul"), (DAY,))
ON = date(2025, 11, 19)
EVENING = ShiftPattern(2, "Day", time(18), time(20), frozenset(range(1, 6)))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (SetCapacity(date(1, 1, 1), (DAY,)), "The date 0001-01-01 is too far off."),
        (SetCapacity(date(9999, 12, 31), (DAY,)), "The date 9999-12-31 is too far off."),
        (SetCapacity(ON, (DAY, EVENING)), "Two shifts of the standard calendar are named Day."),
        (Exchange(1, ON, ON), "A shift cannot be exchanged for its own day."),
    ],
)
def test_it_is_refused_with_a_sentence(edit: Edit, words: str) -> None:
    with pytest.raises(RefusalError) as told:
        changed(SHOP, edit, 0)
    assert refused(told.value).startswith(words)


def test_crews_take_no_turns_in_the_year_one() -> None:
    turning = with_turns(SHOP, date(1, 1, 1), 7)
    assert turning is not None
    with pytest.raises(RefusalError, match="far_date"):
        changed(SHOP, turning, 0)
