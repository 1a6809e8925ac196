"""People in a configuration file: out and in again the same, faults named at once, PINs in no file."""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from desktop import configuration
from desktop.clock import PlantClock
from desktop.command_line import main
from desktop.configuration import ConfigurationError
from desktop.domain.people import Person, PersonRole
from desktop.store import database, people
from desktop.store.database import Store

LINE = """
format = 1
[plant]
name = "공장"
line = "1"
[[machine]]
code = "PR-01"
name = "Press"
[[product]]
code = "P-100"
name = "Housing"
[[reason]]
code = "R1"
name = "고장"
"""
PEOPLE = """
[[person]]
name = "김민수"
crew = "A조"
role = "admin"
badge = "GD-0001"
[[person]]
name = "이영희"
badge = "GD-0002"
[[person]]
name = "Park"
role = "supervisor"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = database.create(tmp_path / "shop", clock=PlantClock(1_763_510_400_000, 0, 0.0))
    configuration.apply(store, configuration.parse(LINE + PEOPLE))
    yield store
    store.close()


def test_people_go_out_and_in_again_the_same(shop: Store) -> None:
    kim, lee, park = people.people(shop)
    assert kim == Person(kim.id, "김민수", "A조", PersonRole.ADMIN, "GD-0001")
    assert (lee.role, park.badge) == (PersonRole.OPERATOR, "")
    written = configuration.export(shop)
    assert tomllib.loads(written)["person"] == [
        {"name": "김민수", "crew": "A조", "role": "admin", "badge": "GD-0001"},
        {"name": "이영희", "badge": "GD-0002"},
        {"name": "Park", "role": "supervisor"},
    ]
    configuration.apply(shop, configuration.parse(written))
    assert people.people(shop) == (kim, lee, park)
    assert configuration.export(shop) == written


def test_a_pin_is_in_no_file_and_survives_an_import(shop: Store) -> None:
    kim, lee, _park = (each.id for each in people.people(shop))
    people.set_pin(shop, kim, "482917", 0)
    people.set_pin(shop, lee, "4829", 0)
    written = configuration.export(shop)
    assert "pin" not in written.lower()
    assert "argon2" not in written
    risen = written.replace('name = "이영희"', 'name = "이영희", role = "admin"')
    configuration.apply(shop, configuration.parse(risen))
    assert [each.has_pin for each in people.people_now(shop, 0)] == [True, False, False]  # 4 digits are too few now
    configuration.apply(shop, configuration.parse(LINE))  # a file that does not speak of people
    assert [each.has_pin for each in people.people_now(shop, 0)] == [True, False, False]
    told = "".join(str(row) for row in shop.rows("SELECT old, new FROM audit"))
    assert "argon2" not in told
    configuration.apply(shop, configuration.parse(LINE + "[[person]]\nname = 'Park'\n"))
    assert [each.person.name for each in people.people_now(shop, 0)] == ["Park"]
    assert shop.row("SELECT count(*) FROM pins")[0] == 0


def test_badges_may_change_hands_and_who_comes_back_is_the_same(shop: Store) -> None:
    kim, lee, park = (each.id for each in people.people(shop))
    swapped = PEOPLE.replace("0001", "x").replace("0002", "0001").replace("GD-x", "GD-0002")
    configuration.apply(shop, configuration.parse(LINE + swapped))
    assert [each.badge for each in people.people(shop)] == ["GD-0002", "GD-0001", ""]
    only_lee = '[[person]]\nname = "이영희"\nbadge = "gd-0002"\n'
    configuration.apply(shop, configuration.parse(LINE + only_lee))
    assert [(each.id, each.badge) for each in people.people(shop)] == [(lee, "gd-0002")]
    assert people.retired_names(shop) == ("Park", "김민수")
    configuration.apply(shop, configuration.parse(LINE + PEOPLE))
    assert [(each.id, each.badge) for each in people.people(shop)] == [(kim, "GD-0001"), (lee, "GD-0002"), (park, "")]


@pytest.mark.parametrize(
    ("before", "after", "path", "words"),
    [
        ('role = "admin"', 'role = "boss"', 'person[김민수].role = "boss"', "allowed: operator, supervisor, admin"),
        ('role = "admin"', 'role = "Supervizor"', "person[김민수].role", "did you mean supervisor?"),
        ("GD-0002", "gd-0001", 'person[이영희].badge = "gd-0001"', "stands already at person[김민수]"),
        ('"이영희"', '"김민수"', 'person[김민수 #2].name = "김민수"', "stands already at person[김민수]"),
        ("GD-0002", "p-100", "person[이영희].badge", "is the code of product[P-100] already"),
        ("GD-0002", "R1", "person[이영희].badge", "is the code of reason[R1] already"),
        ("GD-0002", "PR-01", "person[이영희].badge", "is the code of machine[PR-01] already"),
        ("GD-0002", "사번1", "person[이영희].badge", "at most 40 letters"),
        ('"Park"', '" Park"', "person[ Park].name", "without blanks"),
        ('"Park"', '""', "person[3].name", "must not be empty"),
        ('"A조"', "1", "person[김민수].crew = 1", "text in quotes"),
        ('badge = "GD-0002"', 'pin = "1234"', "person[이영희].pin", "is no key that Gadong knows"),
    ],
)
def test_each_fault_is_named(before: str, after: str, path: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        configuration.parse(LINE + PEOPLE.replace(before, after))
    (fault,) = error.value.faults
    assert path in fault
    assert words in fault


def test_the_command_line_lists_people_and_helps_out_of_a_lock(shop: Store, capsys: pytest.CaptureFixture[str]) -> None:
    kim = people.people(shop)[0].id
    people.set_pin(shop, kim, "482917", 0)
    for _n in range(5):
        people.check_pin(shop, kim, "000000", time.time_ns() // 1_000_000, 0)
    place = f"--data-dir={shop.folder}"
    assert main([place, "--lang=ko", "people"]) == 0
    said = capsys.readouterr().out
    assert "김민수 · 관리자 · A조 · GD-0001 · PIN 잠김, 1분 남음" in said
    assert "Park · 조장·반장 · — · — · PIN —" in said
    assert main([place, "people", "--unlock", "김민수"]) == 0
    assert people.check_pin(shop, kim, "482917", time.time_ns() // 1_000_000, 0).right
    assert main([place, "people", "--forget-pin", "김민수"]) == 0
    capsys.readouterr()
    assert main([place, "people", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)[0]
    assert (first["name"], first["role"], first["has_pin"]) == ("김민수", "admin", False)
    assert main([place, "--lang=en", "people", "--unlock", "Kim"]) == 1
    assert "nobody called Kim. There are: 김민수, 이영희, Park." in capsys.readouterr().err
    told = [tuple(row) for row in shop.rows("SELECT action, old, new FROM audit WHERE action = 'pin' ORDER BY id")]
    assert told[-2:] == [("pin", "locked", "unlocked"), ("pin", "set", "")]


def test_badges_of_the_register_go_onto_paper(
    qapp: object, shop: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, file = f"--data-dir={shop.folder}", tmp_path / "badges.pdf"
    assert main([place, "--lang=ko", "sheet", "--people", f"--out={file}"]) == 0
    text = "".join(page.extract_text() for page in PdfReader(file).pages)
    assert "김민수" in text
    assert "이영희" in text
    assert "Park" not in text  # without a badge
    assert main([place, "--lang=en", "sheet", "PR-01", "--people"]) == 2
    configuration.apply(shop, configuration.parse(LINE + "[[person]]\nname = 'Park'\n"))
    capsys.readouterr()
    assert main([place, "--lang=en", "sheet", "--people", f"--out={file}"]) == 1
    assert "Nobody has a badge yet" in capsys.readouterr().err
