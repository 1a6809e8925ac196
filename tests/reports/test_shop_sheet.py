"""The sheet of a shop's own machine, made as a button makes it: scrap reasons, orders, icons, badges."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest

from desktop import configuration, control
from desktop.configuration import orders
from desktop.domain.people import Person
from desktop.domain.plant import Reason
from desktop.reports import cells, code_sheets
from desktop.store import database, people, register
from desktop.store import orders as plan
from desktop.store.database import KnownError

LINE = """
format = 1
plant = { name = "P", line = "L", timezone = "Asia/Seoul" }
machine = [{ code = "PR-01", name = "Press" }, { code = "CN-01", name = "CNC" }]
reason = [
  { code = "S02", name = "Tool change", kind = "unplanned", icon = "die" },
  { code = "B01", name = "Breakdown", kind = "unplanned", failure = true },
]
scrap_reason = [{ code = "D01", name = "Burr" }]
product = [{ code = "VH", name = "Valve housing" }]
"""


def text(file: Path) -> str:
    return " ".join("".join(page.extract_text() for page in pypdf.PdfReader(file).pages).split())


def test_the_sheet_of_a_machine_holds_what_the_shop_set_up(tmp_path: Path) -> None:
    (tmp_path / "line.toml").write_text(LINE, encoding="utf-8")
    folder = tmp_path / "data"
    store = database.create(folder)
    configuration.apply(store, configuration.read(tmp_path / "line.toml"))
    rows = [
        {"code": "2611-017", "product": "VH", "quantity": 100},
        {"code": "2611-018", "product": "VH", "quantity": 50, "machine": "CN-01"},
        {"code": "2611-019", "product": "VH", "quantity": 50, "status": "done"},
    ]
    orders.enter(store, rows)
    plant = register.plant(store)
    today = cells.local(store.clock.now_ms(), "Asia/Seoul").date()
    own = [choice.code for choice in code_sheets.order_choices(plant, plan.orders(store), 1, today)]
    assert own == ["2611-017"], "neither another machine's nor one that is done"
    file = control.make_sheet(folder, "PR-01")
    said = text(file)
    assert (file.parent, file.suffix) == (folder / "reports", ".pdf")
    for words in ("Press", "Tool change", "Burr", "D01", "2611-017", "Valve housing 100"):
        assert words in said, words
    assert "2611-018" not in said
    many = [{"code": f"2612-{n:03}", "product": "VH", "quantity": 9, "place": n} for n in range(400)]
    orders.enter(store, many)
    choices = code_sheets.order_choices(plant, plan.orders(store), 1, today)
    assert len(choices) == 401
    said = text(control.make_sheet(folder, "PR-01"))
    assert "24 of 401, the first in sequence. Print again when they are done; others start on the screen." in said
    assert "2612-022" in said
    assert "2612-023" not in said
    with pytest.raises(KnownError, match="Nobody has a badge yet"):
        control.make_sheet(folder, None)
    people.put(store, Person(0, "Kim Minsu", badge="0412"), store.clock.now_ms())
    store.close()
    assert "Kim Minsu" in text(control.make_sheet(folder, None))


def test_a_reason_has_the_icon_that_the_shop_gave_it() -> None:
    own = code_sheets._choice(Reason(1, "S02", "Tool change", "unplanned", False, icon="die"))
    assert (own.icon, own.look) == ("die", None)
    assert code_sheets._choice(Reason(1, "B01", "Breakdown", "unplanned", True)).icon == "tool"
