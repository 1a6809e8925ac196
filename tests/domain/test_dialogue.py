"""What people say by scanning: conversations, each with what is answered and what is entered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.commands import BARE, SUBJECTS, Book, Command, Kind, Named, index, write
from desktop.domain.dialogue import MOST_PIECES, PATIENCE_MS, Dialogue, Outcome, Said, Say, Wish

T0 = 1_764_500_000_000
PRESS, CNC = 1, 2
BOOK = Book(
    machines=index([Named(PRESS, "PR-01", "Press 1"), Named(CNC, "CN-01", "CNC 1")]),
    reasons=index([Named(11, "B01", "Breakdown"), Named(12, "S02", "Tool change")]),
    scrap_reasons=index([Named(21, "D01", "Burr"), Named(22, "D02", "Crack")]),
    products=index([Named(31, "vh204", "Valve housing"), Named(32, "x1", "One"), Named(33, "X1", "Other one")]),
    orders=index([Named(41, "2611-017", "2611-017")]),
    people=index([Named(51, "0412", "Kim Minsu"), Named(52, "EMP7", "Lee Jiwon")]),
)


def code(kind: Kind, subject: str = "") -> str:
    return write(Command(kind, subject))


PRESS_CODE, CNC_CODE = code(Kind.MACHINE, "PR-01"), code(Kind.MACHINE, "CN-01")
TOOL, BURR, ENTER, UNDO = code(Kind.REASON, "S02"), code(Kind.SCRAP, "D01"), code(Kind.ENTER), code(Kind.UNDO)
ONE, TWO, ZERO = code(Kind.DIGIT, "1"), code(Kind.DIGIT, "2"), code(Kind.DIGIT, "0")


class Talk:
    """A scanner in somebody's hand: a scan each second unless told otherwise."""

    def __init__(self, home: int | None = None) -> None:
        self.dialogue = Dialogue(home)
        self.at_ms, self.ref = T0, 100
        self.said: list[Said] = []
        self.wishes: list[Wish] = []

    def scan(self, *codes: str, after_ms: int = 1000) -> Outcome:
        outcome = Outcome()
        for each in codes:
            self.at_ms, self.ref = self.at_ms + after_ms, self.ref + 1
            self.dialogue, outcome = self.dialogue.heard(each, self.at_ms, self.ref, BOOK)
            self.said += [say.said for say in outcome.says]
            self.wishes += [outcome.wish] if outcome.wish else []
        return outcome


def test_a_scanner_of_a_machine_needs_the_reason_alone() -> None:
    talk = Talk(PRESS)
    assert talk.scan(TOOL) == Outcome(
        (Say(Said.ENTERED, Kind.REASON, "Tool change", "Press 1"),),
        Wish(Kind.REASON, 101, T0 + 1000, PRESS, 12, "S02"),
    )


def test_a_scanner_that_is_carried_about_is_told_the_machine_first_or_behind() -> None:
    talk = Talk()
    assert talk.scan(CNC_CODE).says == (Say(Said.MACHINE, Kind.MACHINE, "CNC 1", "CNC 1"),)
    talk.scan(TOOL)
    other = Talk()
    assert other.scan(TOOL).says == (Say(Said.WHICH_MACHINE, Kind.REASON, "Tool change"),)
    assert other.scan(CNC_CODE).says == (Say(Said.ENTERED, Kind.REASON, "Tool change", "CNC 1"),)
    assert [(w.machine, w.subject) for w in talk.wishes + other.wishes] == [(CNC, 12)] * 2
    assert other.wishes[0].at_ms == T0 + 1000  # when the reason was said, not when the sentence was whole


def test_another_machine_may_be_named_at_a_machines_own_scanner() -> None:
    talk = Talk(PRESS)
    talk.scan(CNC_CODE, TOOL)
    talk.scan(TOOL, after_ms=PATIENCE_MS + 1)
    assert [w.machine for w in talk.wishes] == [CNC, PRESS]


def test_scrap_is_counted() -> None:
    talk = Talk(PRESS)
    assert talk.scan(BURR).says == (Say(Said.HOW_MANY, Kind.SCRAP, "Burr", "Press 1"),)
    assert talk.scan(ONE, TWO).says == (Say(Said.SO_FAR, Kind.SCRAP, "Burr", "Press 1", 12),)
    outcome = talk.scan(ENTER)
    assert outcome.says == (Say(Said.ENTERED, Kind.SCRAP, "Burr", "Press 1", 12),)
    assert outcome.wish == Wish(Kind.SCRAP, 101, T0 + 1000, PRESS, 21, "D01", 12)


def test_enter_alone_is_one_piece_and_rework_is_counted_as_scrap_is() -> None:
    talk = Talk(PRESS)
    talk.scan(code(Kind.REWORK, "D02"), ENTER)
    assert [(w.kind, w.subject, w.pieces) for w in talk.wishes] == [(Kind.REWORK, 22, 1)]


def test_absurd_quantities() -> None:
    talk = Talk(PRESS)
    talk.scan(BURR, *[code(Kind.DIGIT, "9")] * 4)
    assert talk.scan(ONE).says == (Say(Said.TOO_MANY, Kind.SCRAP, "Burr", "Press 1", MOST_PIECES),)
    talk.scan(TWO, ENTER)
    talk.scan(BURR, ZERO, ZERO)
    assert talk.scan(ENTER).says == (Say(Said.NO_PIECES, Kind.SCRAP, "Burr", "Press 1"),)
    assert [w.pieces for w in talk.wishes] == [2]
    assert talk.scan(ENTER).says == (Say(Said.NOT_ASKED, Kind.ENTER),)


def test_digits_wait_for_the_machine() -> None:
    talk = Talk()
    talk.scan(BURR, TWO)
    assert talk.said == [Said.WHICH_MACHINE, Said.WHICH_MACHINE]
    talk.scan(PRESS_CODE, TWO, ENTER)
    assert [(w.machine, w.pieces) for w in talk.wishes] == [(PRESS, 2)]


def test_what_is_half_said_for_too_long_is_told_and_not_entered() -> None:
    talk = Talk(PRESS)
    talk.scan(BURR, TWO)
    outcome = talk.scan(ENTER, after_ms=PATIENCE_MS + 1)
    assert [s.said for s in outcome.says] == [Said.TOO_LATE, Said.NOT_ASKED]
    assert outcome.says[0].name == "Burr"
    assert talk.wishes == []


def test_the_patience_is_told_while_nobody_scans() -> None:
    talk = Talk(PRESS)
    talk.scan(BURR)
    assert talk.dialogue.waited(talk.at_ms + PATIENCE_MS) == (talk.dialogue, Outcome())
    later, outcome = talk.dialogue.waited(talk.at_ms + PATIENCE_MS + 1)
    assert outcome.says == (Say(Said.TOO_LATE, Kind.SCRAP, "Burr", "Press 1"),)
    assert later.waited(talk.at_ms + 10 * PATIENCE_MS) == (later, Outcome())


def test_a_clock_that_was_set_back_ends_a_sentence_too() -> None:
    talk = Talk(PRESS)
    talk.scan(BURR)
    assert [s.said for s in talk.scan(ENTER, after_ms=-3_600_000).says] == [Said.TOO_LATE, Said.NOT_ASKED]


def test_something_else_said_in_between_drops_what_waits_and_says_so() -> None:
    talk = Talk(PRESS)
    talk.scan(BURR)
    outcome = talk.scan(TOOL)
    assert outcome.says == (
        Say(Said.DROPPED, Kind.SCRAP, "Burr", "Press 1"),
        Say(Said.ENTERED, Kind.REASON, "Tool change", "Press 1"),
    )
    talk.scan(BURR)
    assert [s.said for s in talk.scan(CNC_CODE).says] == [Said.DROPPED, Said.MACHINE]
    assert [w.kind for w in talk.wishes] == [Kind.REASON]


def test_undo_drops_what_waits_then_takes_the_last_entries_back() -> None:
    talk = Talk(PRESS)
    talk.scan(TOOL, BURR, TWO, ENTER)
    talk.scan(BURR)
    assert talk.scan(UNDO) == Outcome((Say(Said.DROPPED, Kind.SCRAP, "Burr", "Press 1"),))
    assert talk.scan(UNDO) == Outcome((Say(Said.TAKEN_BACK, Kind.SCRAP, "Burr", "Press 1", 2),), takes_back=102)
    assert talk.scan(UNDO) == Outcome((Say(Said.TAKEN_BACK, Kind.REASON, "Tool change", "Press 1"),), takes_back=101)
    assert talk.scan(UNDO) == Outcome((Say(Said.NOTHING_TO_UNDO),))


def test_a_badge_says_who_scans_from_then_on() -> None:
    talk = Talk(PRESS)
    assert talk.scan(code(Kind.PERSON, "0412")).says == (Say(Said.PERSON, Kind.PERSON, "Kim Minsu"),)
    talk.scan(TOOL)
    talk.scan("EMP7")  # the shop's own badge, which is no command
    talk.scan(TOOL, after_ms=3_600_000)
    assert [(w.kind, w.person) for w in talk.wishes] == [
        (Kind.PERSON, 51), (Kind.REASON, 51), (Kind.PERSON, 52), (Kind.REASON, 52),
    ]  # fmt: skip
    assert talk.wishes[0].machine == PRESS


def test_product_and_order_hold_for_the_line_where_no_machine_was_named() -> None:
    talk = Talk()
    talk.scan(code(Kind.PRODUCT, "VH204"), code(Kind.ORDER_START, "2611-017"))
    talk.scan(CNC_CODE, code(Kind.ORDER_FINISH, "2611-017"))
    assert [(w.kind, w.machine, w.word) for w in talk.wishes] == [
        (Kind.PRODUCT, None, "vh204"), (Kind.ORDER_START, None, "2611-017"), (Kind.ORDER_FINISH, CNC, "2611-017"),
    ]  # fmt: skip


def test_commands_without_a_name_of_the_register() -> None:
    talk = Talk(PRESS)
    talk.scan(code(Kind.CALL, "MNT"), code(Kind.ARRIVED), code(Kind.REPAIR, "BEGUN"), code(Kind.REPAIR, "FIXED"))
    talk.scan(code(Kind.FIRST_PIECE), code(Kind.CHANGEOVER))
    assert [(w.kind, w.word) for w in talk.wishes] == [
        (Kind.CALL, "MNT"), (Kind.ARRIVED, ""), (Kind.REPAIR, "BEGUN"), (Kind.REPAIR, "FIXED"),
        (Kind.FIRST_PIECE, ""), (Kind.CHANGEOVER, ""),
    ]  # fmt: skip
    assert {w.machine for w in talk.wishes} == {PRESS}


@pytest.mark.parametrize(
    ("scanned", "answer"),
    [
        (code(Kind.REASON, "B99"), Say(Said.NOT_KNOWN, Kind.REASON, "B99")),
        (code(Kind.MACHINE, "ZZ"), Say(Said.NOT_KNOWN, Kind.MACHINE, "ZZ")),
        (code(Kind.PERSON, "1"), Say(Said.NOT_KNOWN, Kind.PERSON, "1")),
        (code(Kind.PRODUCT, "X1"), Say(Said.TWO_OF_THEM, Kind.PRODUCT, "X1")),
        ("G.RB01U7", Say(Said.DAMAGED, name="G.RB01U7")),
        ("G.ZB01V4", Say(Said.NEWER, name="G.ZB01V4")),
    ],
)
def test_a_code_that_means_nothing_is_answered_and_disturbs_nothing(scanned: str, answer: Say) -> None:
    talk = Talk(PRESS)
    talk.scan(BURR)
    assert talk.scan(scanned) == Outcome((answer,))
    talk.scan(TWO, ENTER)
    assert [w.pieces for w in talk.wishes] == [2]


def test_other_codes_are_no_concern_of_the_dialogue() -> None:
    talk = Talk(PRESS)
    talk.scan(BURR)
    before = talk.dialogue
    assert talk.scan("SN1", "0107032069804988") == Outcome()
    assert talk.dialogue == before


def test_a_machine_that_is_no_more_is_asked_for() -> None:
    """The scanner's machine was retired: the register gives it no name."""
    assert Talk(99).scan(TOOL).says == (Say(Said.WHICH_MACHINE, Kind.REASON, "Tool change"),)


_ALL = st.sampled_from(
    [code(kind) for kind in sorted(BARE)]
    + [code(kind, subject) for kind, those in SUBJECTS.items() for subject in sorted(those)]
    + [PRESS_CODE, CNC_CODE, TOOL, BURR, code(Kind.PRODUCT, "VH204"), code(Kind.REASON, "B99"), "SN1", "EMP7", "G.XXXX"]
)


@given(st.lists(st.tuples(_ALL, st.integers(-40_000, 40_000)), max_size=40), st.sampled_from([None, PRESS]))
def test_whatever_is_scanned_every_entry_is_whole_and_taken_back_at_most_once(
    scans: list[tuple[str, int]], home: int | None
) -> None:
    talk, back = Talk(home), []
    for each, after_ms in scans:
        outcome = talk.scan(each, after_ms=after_ms)
        if outcome.takes_back is not None:
            back.append(outcome.takes_back)
        assert bool(outcome.says) == (each != "SN1")  # every command is answered, whatever it was
        assert not (outcome.wish and outcome.takes_back)
    refs = [w.ref for w in talk.wishes]
    assert len(set(refs)) == len(refs)
    assert len(set(back)) == len(back)
    assert set(back) <= set(refs)
    for wish in talk.wishes:
        assert (wish.machine is None) <= (wish.kind in (Kind.PRODUCT, Kind.PERSON))
        assert (wish.pieces is not None) == (wish.kind is Kind.SCRAP)
        assert wish.pieces is None or 1 <= wish.pieces <= MOST_PIECES


@given(st.lists(_ALL, max_size=20))
def test_the_same_scans_give_the_same_entries(scans: list[str]) -> None:
    first, again = Talk(PRESS), Talk(PRESS)
    first.scan(*scans)
    again.scan(*scans)
    assert (first.dialogue, first.wishes, first.said) == (again.dialogue, again.wishes, again.said)
