"""The page of people at machines: every tap says the right thing."""

from __future__ import annotations

from typing import cast

import pytest

from desktop.domain.crew import CrewNow
from desktop.domain.entries import OPEN_MS, Attended, Left, Placed
from desktop.views.crew import Crew
from desktop.views.entering import TakingBack, Telling
from desktop.views.window import Window
from tests.views import daily_example, example
from tests.views.test_fit import faults, speaks, wide  # noqa: F401 its window of each language

NOW, START = example.NOW, example.START


@pytest.fixture
def page(window: Window) -> Crew:
    window.go("crew")
    found = cast(Crew, window.screens["crew"])
    found.told.disconnect()
    found.taken_back.disconnect()
    window.show_answer(daily_example.crew())
    return found


@pytest.fixture
def told(page: Crew) -> list[Telling]:
    found: list[Telling] = []
    page.told.connect(found.append)
    return found


def person(page: Crew, number: int) -> None:
    next(t for t in page.people.tiles if t.shown and t.shown.id == number and not t.isHidden()).click()


def machine(page: Crew, number: int) -> None:
    next(t for t in page.machines.tiles if t.shown and t.shown.id == number).click()


def test_a_tap_says_that_somebody_is_here_and_the_next_one_where(page: Crew, told: list[Telling]) -> None:
    person(page, 8)
    machine(page, 7)
    assert [each.told for each in told] == [
        (Attended(0, NOW, OPEN_MS, 8),),
        (Attended(0, NOW, OPEN_MS, 8), Placed(7, NOW, OPEN_MS, 8)),
    ], "the second tap may come before the first is in the file"
    assert [each.words for each in told] == ["오세훈 · here since 14:32", "오세훈 · at 비전검사"]


def test_who_is_chosen_goes_to_a_machine_and_away_again(page: Crew, told: list[Telling]) -> None:
    person(page, 2)
    assert len(told) == 0, "who is here is only chosen"
    machine(page, 7)
    machine(page, 3)
    assert [each.told for each in told] == [(Placed(7, NOW, OPEN_MS, 2),), (Left(3, NOW, NOW, 2),)]
    person(page, 6)  # here since the morning, without a machine until now
    machine(page, 7)
    assert told[-1].told == (Placed(7, START, OPEN_MS, 6),)


def test_a_machine_first_takes_several_people(page: Crew, told: list[Telling]) -> None:
    machine(page, 7)
    assert "Tap who is at this machine" in page.people.accessibleDescription()
    person(page, 1)
    person(page, 6)
    assert [each.told[-1] for each in told] == [Placed(7, NOW, OPEN_MS, 1), Placed(7, START, OPEN_MS, 6)]
    assert page.step_back()
    assert not page.step_back()


def test_coming_late_and_leaving_early_are_chosen_times(page: Crew, told: list[Telling]) -> None:
    assert not page.person.isVisible()
    person(page, 2)
    assert page.person.isVisible()
    page.person.leaves.click()
    page.person.until.choose(example.at(13))
    page.person.until.activated.emit(page.person.until.currentIndex())
    page.person.since.choose(example.at(9))
    page.person.since.activated.emit(page.person.since.currentIndex())
    assert [each.told for each in told] == [
        (Left(0, NOW, NOW, 2),),
        (Left(0, example.at(13), example.at(13), 2),),
        (
            Left(0, START, START, 2), Attended(0, example.at(9), OPEN_MS, 2),
            Placed(2, example.at(9), OPEN_MS, 2), Placed(3, example.at(9), OPEN_MS, 2),
        ),
    ]  # fmt: skip


def test_who_did_not_leave_or_was_never_here_is_taken_back(page: Crew) -> None:
    back: list[TakingBack] = []
    page.taken_back.connect(back.append)
    person(page, 7)
    page.person.again.click()
    page.person.never.click()
    known = daily_example.crew().people[6]
    assert [each.numbers for each in back] == [(known.left,), known.entries]
    assert back[1].again == known.said


def test_yesterday_is_one_tap(window: Window, page: Crew, told: list[Telling]) -> None:
    assert not page.before.isVisible()
    window.show_answer(daily_example.crew_before())
    page.before.click()
    assert told[0].told == daily_example.crew_before().as_before
    assert told[0].words == "7 people are where they were the last time"


def test_people_of_other_crews_are_a_tap_away(page: Crew) -> None:
    def names() -> list[str]:
        return [tile.accessibleName() for tile in page.people.tiles if tile.isVisible()]

    assert "한지민 B조" not in names()
    page.all_people.click()
    assert "한지민 B조" in names()
    assert not page.all_people.isVisible()


def test_a_vacant_machine_says_so_and_an_unattended_one_does_not(page: Crew) -> None:
    said = {tile.accessibleName(): tile.accessibleDescription() for tile in page.machines.tiles}
    assert said["비전검사 VI-01"] == "Vacant"
    assert said["포장 PK-01"] == "unattended"
    assert "Here 6 of 8 people, Machines without anybody 1" in page.counts.accessibleDescription()


def test_the_pages_of_work_lead_to_each_other(window: Window, page: Crew) -> None:
    page.pages.pages[0].click()
    assert window.screens.current == "work"
    work = window.screens["work"]
    work.pages.pages[1].click()  # type: ignore[attr-defined]
    assert window.screens.current == "crew"


def answers() -> dict[str, CrewNow]:
    return {"now": daily_example.crew(), "begun": daily_example.crew_before()}


@pytest.mark.parametrize("size", [(1366, 768), (1600, 900), (1920, 1080)])
@pytest.mark.parametrize("which", ["now", "begun", "chosen", "left"])
def test_every_word_has_room(wide: Window, which: str, size: tuple[int, int]) -> None:  # noqa: F811
    wide.resize(*size)
    wide.go("crew")
    wide.show_answer(answers().get(which, daily_example.crew()))
    page = cast(Crew, wide.screens["crew"])
    page._choose({"chosen": 2, "left": 7}.get(which), None)
    assert faults(wide) == []
    assert all(tile.height() >= 72 for tile in page.people.tiles[:8])
    if which in ("chosen", "left"):
        card = page.person
        shown = [w for w in (card.leaves, card.again, card.since, card.until, card.never) if w.isVisible()]
        assert len(shown) == 4
        assert all(card.rect().contains(widget.geometry()) for widget in shown)
        places = [widget.geometry() for widget in shown]
        assert not any(one.intersects(two) for n, one in enumerate(places) for two in places[n + 1 :])
    page._choose(None, None)
