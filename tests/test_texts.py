"""The Korean catalogue is complete, compiled, and says the figures by their full names."""

from __future__ import annotations

import re
import string

import pytest
from babel.messages.mofile import read_mo

from desktop import text
from installer import texts

CATALOGUE = {str(m.id): str(m.string) for m in texts.read_catalogue(texts.KOREAN) if m.id}


def fields(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(sentence) if name is not None}


def test_every_source_string_has_korean() -> None:
    missing = [source for source in texts.source_strings() if not CATALOGUE.get(source)]
    assert missing == []


def test_nothing_is_left_over() -> None:
    assert set(CATALOGUE) - set(texts.source_strings()) == set()


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with texts.KOREAN.with_suffix(".mo").open("rb") as stream:
        compiled = {str(m.id): str(m.string) for m in read_mo(stream) if m.id}
    assert compiled == CATALOGUE


@pytest.mark.parametrize("source", sorted(CATALOGUE))
def test_a_translation_fills_the_same_fields(source: str) -> None:
    assert fields(CATALOGUE[source]) == fields(source)


def test_the_bare_word_never_appears() -> None:
    """가동률 alone is ambiguous: availability, performance and capacity use carry their full names."""
    bare = re.compile(r"(?<!시간)(?<!성능)(?<!정미)(?<!속도)(?<!생산능력 )가동률")
    assert [korean for korean in CATALOGUE.values() if bare.search(korean)] == []


def test_korean_speaks_when_asked() -> None:
    before = text.language()
    try:
        text.use("ko")
        assert text._("Lot") == "로트"
        text.use("en")
        assert text._("Lot") == "Lot"
        with pytest.raises(ValueError, match="fr"):
            text.use("fr")
    finally:
        text.use(before)
