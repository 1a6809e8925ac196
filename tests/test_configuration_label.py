"""What a configuration file says of labels: their lines, the company prefix, customers' part numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import configuration
from desktop.configuration import ConfigurationError
from desktop.domain.labels import Contents, Line
from desktop.store import database, labels
from desktop.store.database import Store
from tests.example import one_scanner

SAID = """
[[product]]
code = "P-100"
name = "Housing"

[label]
company_prefix = "8801234"
customer_parts = { "P-100" = "55311-AB" }

[[label.unit]]
words = "LOT"
fields = ["lot", "date"]
large = true

[[label.unit]]
words = "대한정밀"
"""
WANTED = Contents((Line(("lot", "date"), "LOT", True), Line((), "대한정밀")), (), "8801234", {"P-100": "55311-AB"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = database.create(tmp_path)
    yield store
    store.close()


def take(store: Store, text: str) -> Contents:
    configuration.apply(store, configuration.parse(text))
    return labels.contents(store)


def test_what_is_said_holds_and_comes_back_by_an_export(store: Store, tmp_path: Path) -> None:
    assert labels.contents(store) == Contents()
    assert "label" not in configuration.export(store)
    assert take(store, one_scanner() + SAID) == WANTED
    other = database.create(tmp_path / "other")
    try:
        assert take(other, configuration.export(store)) == WANTED
    finally:
        other.close()
    assert take(store, one_scanner()) == WANTED, "a file that does not speak of it leaves it as it is"
    assert "customer_parts" not in configuration.export(store), "the product is retired"
    assert take(store, one_scanner() + "[label]\n") == Contents()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[label]\ncompany_prefix = "88A"', "4 to 12 digits"),
        ("[label]\ncustomer_parts = { P-100 = 5 }", "must be text"),
        ('[label]\ncustomer_parts = { X = "5" }', "customer_parts"),
        ('[[label.unit]]\nfields = ["lots"]', "did you mean lot"),
        ("[[label.box]]\nsize = 3", "no key that Gadong knows"),
        ("[label]\nunit = 5", "list"),
        ("[[label.unit]]\n" * 7, "more than 6 lines"),
        (f'[[label.unit]]\nwords = "{"A" * 61}"', "more than 60 characters"),
    ],
)
def test_what_cannot_be_is_said(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        configuration.parse(one_scanner() + text)
