"""What is answered at a scanner: a sentence for everything, in both languages."""

from __future__ import annotations

import pytest

from desktop import scan_words, text
from desktop.domain.commands import Call, Kind, Repair
from desktop.domain.dialogue import Said, Say


@pytest.mark.parametrize(
    ("say", "english", "korean"),
    [
        (
            Say(Said.ENTERED, Kind.REASON, "공구교환", "프레스"),
            "Entered: 프레스 · Stop reason 공구교환",
            "입력했습니다: 프레스 · 비가동 사유 공구교환",
        ),
        (
            Say(Said.SO_FAR, Kind.SCRAP, "버", "프레스", 12),
            "프레스 · Scrap 버, 12 pieces: Enter ends it.",
            "프레스 · 불량 버, 12개: 확인을 스캔하면 끝납니다.",
        ),
        (
            Say(Said.TAKEN_BACK, Kind.REWORK, "버", "프레스", 1),
            "Taken back: 프레스 · Rework 버, 1 piece",
            "되돌렸습니다: 프레스 · 재작업 버, 1개",
        ),
        (
            Say(Said.ENTERED, Kind.CALL, "MNT", "프레스"),
            "Entered: 프레스 · Call maintenance",
            "입력했습니다: 프레스 · 보전 호출",
        ),
        (
            Say(Said.NOT_KNOWN, Kind.REASON, "B99"),
            "Stop reason B99 is not set up here. The scan is kept. Is the sheet an old one?",
            "비가동 사유 B99: 등록되어 있지 않습니다. 스캔 기록은 남겼습니다. 옛 바코드표가 아닌지 확인하십시오.",
        ),
        (
            Say(Said.TOO_LATE, Kind.CHANGEOVER, "", "프레스"),
            "Not entered, because nothing followed for 30 s: 프레스 · Changeover begins",
            "30초 동안 다음 스캔이 없어 입력하지 않았습니다: 프레스 · 준비교체 시작",
        ),
        (
            Say(Said.NOT_MADE, Kind.SCRAP, "버", "프레스", 3),
            "Not entered, because only 3 were counted in this shift: 프레스 · Scrap 버",
            "이 근무의 생산 수가 3개뿐이어서 입력하지 않았습니다: 프레스 · 불량 버",
        ),
        (
            Say(Said.HAS_REASON, Kind.REASON, "금형교체", "프레스", who="이수민"),
            "Not entered: the stop of 프레스 has its reason already, 금형교체 (이수민). Change it on the screen.",
            "입력하지 않았습니다. 프레스의 정지에는 이미 사유가 있습니다: 금형교체 (이수민). 화면에서 바꾸십시오.",
        ),
        (
            Say(Said.MACHINE, Kind.MACHINE, "프레스", "프레스"),
            "Machine 프레스: now scan what you want to say.",
            "설비 프레스: 이제 입력할 바코드를 스캔하십시오.",
        ),
    ],
)
def test_answers(say: Say, english: str, korean: str) -> None:
    assert scan_words.answer(say) == english
    text.use("ko")
    assert scan_words.answer(say) == korean


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_there_is_an_answer_for_everything(language: str) -> None:
    text.use(language)
    for said in Said:
        for kind in (None, *Kind):
            words = scan_words.answer(Say(said, kind, "{name}", "{machine}", 3))
            assert words.strip(" :,")
            assert "{what}" not in words
    assert len({scan_words.answer(Say(said, Kind.SCRAP, "N", "M", 3)) for said in Said}) == len(Said)


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.UNDO, Kind.DIGIT, Kind.ENTER}))
def test_every_command_that_can_be_entered_is_named(kind: Kind) -> None:
    name = {Kind.CALL: Call.QUALITY, Kind.REPAIR: Repair.FIXED}.get(kind, "N")
    assert scan_words.what(Say(Said.ENTERED, kind, name)) != ""


def test_a_word_of_another_version_is_shown_as_it_is() -> None:
    assert (scan_words.call_words("XYZ"), scan_words.repair_words("XYZ")) == ("XYZ", "XYZ")
