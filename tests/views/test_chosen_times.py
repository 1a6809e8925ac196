"""What was chosen on the pads stays chosen while a number is typed: no new silence or hour takes its place."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop.domain.spans import Span
from desktop.views.work import Work
from tests.views import example, test_work
from tests.views.test_work import BLIND

work, told = test_work.work, test_work.told
MINUTE, HOUR = 60_000, 3_600_000


@pytest.mark.parametrize("tapped", [True, False])
def test_a_new_silence_does_not_take_the_number(window, work: Work, told, tapped: bool) -> None:  # type: ignore[no-untyped-def]
    window.show_answer(replace(example.work(), blind=BLIND))
    work.papers.click()
    panel = work.paper
    if tapped:
        panel.spans[0].click()
    panel.kinds[1].click()
    panel.press_key("2")
    newer = Span(BLIND[0].end_ms + 10 * MINUTE, BLIND[0].end_ms + 20 * MINUTE)
    window.show_answer(replace(example.work(), blind=(newer, *BLIND)))
    panel.choices[0].click()
    (said,) = told[0].told
    assert (said.start_ms, said.end_ms) == (BLIND[0].start_ms, BLIND[0].end_ms)


def test_a_silence_that_is_gone_is_said_and_nothing_is_saved(window, work: Work, told) -> None:  # type: ignore[no-untyped-def]
    window.show_answer(replace(example.work(), blind=BLIND))
    work.papers.click()
    panel = work.paper
    panel.kinds[1].click()
    panel.press_key("2")
    window.show_answer(replace(example.work(), blind=BLIND[1:]))
    assert "not there any more" in panel.display.accessibleDescription()
    assert not any(each.isChecked() for each in panel.spans)
    panel.choices[0].click()
    assert not told
    panel.spans[0].click()
    panel.press_key("3")
    panel.choices[0].click()
    assert told[0].told[0].start_ms == BLIND[1].start_ms


def test_an_hour_stays_chosen_when_the_next_begins(window, work: Work, told) -> None:  # type: ignore[no-untyped-def]
    now = example.work()
    window.show_answer(now)
    work.scraps.click()
    pad = work.scrap
    pad.moments[2].click()
    newest = now.hours[0]
    later = (Span(newest.end_ms, newest.end_ms + HOUR), *now.hours)
    window.show_answer(replace(now, now_ms=now.now_ms + HOUR, hours=later))
    pad.reasons[0].click()
    assert told[0].told[0].start_ms == now.hours[2].end_ms - 1


def test_an_hour_of_a_shift_that_is_over_is_said_and_nothing_is_saved(window, work: Work, told) -> None:  # type: ignore[no-untyped-def]
    now = example.work()
    window.show_answer(now)
    work.scraps.click()
    pad = work.scrap
    pad.moments[2].click()
    newest = now.hours[0]
    window.show_answer(replace(now, now_ms=newest.end_ms + 1, hours=(Span(newest.end_ms, newest.end_ms + HOUR),)))
    assert "not of this shift any more" in pad.display.accessibleDescription()
    pad.reasons[0].click()
    assert not told
