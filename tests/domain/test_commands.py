"""Bar codes that command: none is another misread, and nothing that a shop reads otherwise is one."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desktop.domain.commands import (
    BARE,
    LONGEST_SUBJECT,
    PREFIX,
    SIGNS,
    SUBJECTS,
    BadCommand,
    Book,
    Command,
    Kind,
    Named,
    UnspeakableError,
    Why,
    _check,
    badge_of,
    book,
    index,
    key,
    parse,
    spell,
    unspell,
    write,
)
from desktop.domain.plant import Machine, Plant, Product, Reason

_FREE = sorted(set(Kind) - BARE - SUBJECTS.keys())
SUBJECT = st.text(SIGNS, min_size=1, max_size=12) | st.text("AB1-./ _#가나각", min_size=1, max_size=6)
COMMANDS = (
    st.builds(Command, st.sampled_from(sorted(BARE)))
    | st.sampled_from([Command(kind, subject) for kind, those in SUBJECTS.items() for subject in sorted(those)])
    | st.builds(Command, st.sampled_from(_FREE), SUBJECT)
)


def test_the_codes_on_the_walls_stay_what_they_are() -> None:
    """Sheets hang there for years: these are never to change."""
    printed = {
        "G.MPR-01F0": Command(Kind.MACHINE, "PR-01"),
        "G.RB01U6": Command(Kind.REASON, "B01"),
        "G.SD03U0": Command(Kind.SCRAP, "D03"),
        "G.WD03U4": Command(Kind.REWORK, "D03"),
        "G.PVH.S204.L.C0C1C4": Command(Kind.PRODUCT, "VH 204/상"),
        "G.O2611-017T0": Command(Kind.ORDER_START, "2611-017"),
        "G.F2611-017W2": Command(Kind.ORDER_FINISH, "2611-017"),
        "G.CF3": Command(Kind.CHANGEOVER),
        "G.QG7": Command(Kind.FIRST_PIECE),
        "G.HMNTU9": Command(Kind.CALL, "MNT"),
        "G.AF1": Command(Kind.ARRIVED),
        "G.KBEGUNE6": Command(Kind.REPAIR, "BEGUN"),
        "G.B0412B1": Command(Kind.PERSON, "0412"),
        "G.UH1": Command(Kind.UNDO),
        "G.N7L6": Command(Kind.DIGIT, "7"),
        "G.EF5": Command(Kind.ENTER),
    }
    assert {write(command): command for command in printed.values()} == printed
    assert {text: parse(text) for text in printed} == printed
    assert {command.kind for command in printed.values()} == set(Kind)


@given(COMMANDS)
def test_what_is_written_is_read(command: Command) -> None:
    try:
        text = write(command)
    except UnspeakableError:
        assert len(spell(command.subject)) > LONGEST_SUBJECT
        return
    assert parse(text) == Command(command.kind, key(command.subject))
    assert parse(text.lower()) == parse(text)  # behind a locked Caps key
    assert set(text) <= set(string.digits + string.ascii_uppercase + "-.")
    assert text[-1].isdecimal()


@given(COMMANDS, st.data())
def test_one_misread_character_is_never_another_command(command: Command, data: st.DataObject) -> None:
    assume(len(spell(command.subject)) <= LONGEST_SUBJECT)
    text = write(command)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([sign for sign in SIGNS if sign != text[at]]))
    assert not isinstance(parse(text[:at] + other + text[at + 1 :]), Command)


def test_every_single_misreading_of_a_long_code() -> None:
    text = write(Command(Kind.PRODUCT, "VH204-A/7 REV.B#12"))
    for at, sign in enumerate(text):
        for other in SIGNS:
            assert other == sign or not isinstance(parse(text[:at] + other + text[at + 1 :]), Command)


@given(COMMANDS, st.data())
def test_a_key_that_was_lost_or_came_twice_is_never_another_command(command: Command, data: st.DataObject) -> None:
    """As a keyboard scanner does on a busy PC; a lost check letter alone may slip through, 1 in 205 at worst."""
    assume(len(spell(command.subject)) <= LONGEST_SUBJECT - 1)
    text = write(command)
    at = data.draw(st.integers(0, len(text) - 1))
    assert not isinstance(parse(text[:at] + text[at] + text[at:]), Command)
    if at != len(text) - 2:
        assert not isinstance(parse(text[:at] + text[at + 1 :]), Command)


@given(COMMANDS, st.data())
def test_swapped_neighbours_are_never_another_command(command: Command, data: st.DataObject) -> None:
    assume(1 <= len(spell(command.subject)) <= LONGEST_SUBJECT)
    text = write(command)
    at = data.draw(st.integers(0, len(text) - 4))
    assume(text[at] != text[at + 1])
    assert not isinstance(parse(text[:at] + text[at + 1] + text[at] + text[at + 2 :]), Command)


@given(COMMANDS, COMMANDS)
def test_two_scans_that_ran_into_one_are_no_command(one: Command, other: Command) -> None:
    assume(max(len(spell(each.subject)) for each in (one, other)) <= LONGEST_SUBJECT)
    read = parse(write(one) + write(other))
    assert read is not None
    if isinstance(read, Command):  # 1 in 205 at worst: then what it names is no code of any shop
        assert PREFIX in spell(read.subject)


@pytest.mark.parametrize(
    "code",
    [
        # GS1 element strings, GTINs and SSCCs as in biip's documentation and tests, with and without the separator
        "0107032069804988100123456789", "010703206980498815210526100329", "00376130321109103420", "7032069804988",
        "96385074", "123601057072", "]C10107032069804988", "]d201095011010209171719050810ABCD1234\x1d2110",
        "0195012345678903102001.9\x1d3103000300", "5901234123457", "(01)07032069804988(15)210526(10)0329",
        # serials, lots and boxes of shops
        "VH204-261130-0412", "OR5521-77", "CV110-3", "SN1", "G1234567", "GD-2026-11-30", "LOT-SEAL-1", "BX1",
        "A1B221S99", "G.1", "G.", "G", "", "G.LASS/7", "g.m. 12", "GX.RB01U6", " G.RB01U6", "G_RB01U6", "가.RB01U6",
    ],
)  # fmt: skip
def test_other_codes_stay_what_they_are(code: str) -> None:
    assert parse(code) is None


@given(st.from_regex(r"\A(01\d{14})?(17\d{6})?(10[0-9A-Z./-]{1,20}\x1d)?(21[0-9A-Z.-]{1,20})?\Z"))
def test_no_gs1_element_string_is_a_command(code: str) -> None:
    assert parse(code) is None


@given(st.text() | st.text(SIGNS).map(PREFIX.__add__))
def test_any_text_gives_a_command_that_is_written_so_or_none(code: str) -> None:
    read = parse(code)
    if isinstance(read, Command):
        assert write(read) == key(code)
    elif isinstance(read, BadCommand):
        assert read.code == code


@given(st.text())
def test_spelling_loses_nothing_but_small_letters(subject: str) -> None:
    assume(not any("\ud800" <= sign <= "\udfff" for sign in subject))
    assert unspell(spell(subject)) == key(subject)
    assert set(spell(subject)) <= set(SIGNS)


def test_why_a_code_is_bad() -> None:
    assert parse("G.RB01U7") == BadCommand(Why.DAMAGED, "G.RB01U7")
    for said in ("ZB01", "N77", "R", "UB01", "R.0041", "R.Z", "HXYZ"):  # sound, and nothing of this version
        text = PREFIX + said + _check(said)
        assert parse(text) == BadCommand(Why.UNKNOWN, text)


@pytest.mark.parametrize(
    "command",
    [
        Command(Kind.REASON), Command(Kind.UNDO, "1"), Command(Kind.DIGIT, "10"), Command(Kind.DIGIT, "١"),
        Command(Kind.PRODUCT, "A" * 40), Command(Kind.PRODUCT, "가" * 8), Command(Kind.CALL, "mnt"),
    ],
)  # fmt: skip
def test_what_cannot_be_said(command: Command) -> None:
    with pytest.raises(UnspeakableError):
        write(command)


def test_a_badge_is_one_however_it_was_printed() -> None:
    assert badge_of(write(Command(Kind.PERSON, "0412"))) == badge_of("0412") == "0412"
    assert badge_of(write(Command(Kind.REASON, "0412"))) != "0412"


def test_two_codes_that_a_scanner_cannot_tell_apart() -> None:
    known = Book(index([Named(1, "a1", "one"), Named(2, "A1", "two"), Named(3, "b2", "three")]))
    assert known.find(Kind.MACHINE, "A1") == (True, None)
    assert known.find(Kind.MACHINE, "B2") == (True, Named(3, "b2", "three"))
    assert known.find(Kind.MACHINE, "C3") == (False, None)
    assert known.machine(3) == Named(3, "b2", "three")
    assert known.machine(None) is None


def test_the_book_of_a_plant() -> None:
    plant = Plant(
        "Shop", "Line", "Asia/Seoul", None, machines=(Machine(1, "PR-01", "Press", 0),),
        reasons=(Reason(2, "B01", "Breakdown", "unplanned", True),), products=(Product(3, "vh", "Valve"),),
    )  # fmt: skip
    made = book(plant, people=[Named(4, "0412", "Kim"), Named(5, "", "Lee")])
    found = [
        made.find(kind, code)[1] for kind, code in ((Kind.MACHINE, "PR-01"), (Kind.REASON, "B01"), (Kind.PRODUCT, "VH"))
    ]
    assert [named and named.id for named in found] == [1, 2, 3]
    assert made.find(Kind.PERSON, "0412") == (True, Named(4, "0412", "Kim"))
    assert made.find(Kind.PERSON, "") == (False, None)
    assert made.find(Kind.SCRAP, "D01") == (False, None)
