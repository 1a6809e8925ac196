"""What is asked about a closed shift is read whole, however long shift, machine, reason and name are."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from desktop.views.widgets.closed_bar import ClosedBar
from desktop.views.window import Window
from tests.views.test_fit import faults, long_name, wide  # noqa: F401 its window of each language


@pytest.mark.parametrize("who", ["", "Christopher Montgomery-Featherstonehaugh"])
def test_long_names_leave_room_for_who_and_what_comes_of_it(wide: Window, who: str) -> None:  # noqa: F811
    wide.resize(1366, 768)
    bar = ClosedBar(wide)
    what = f"{long_name(3)} 09:36 · saved as Waiting for material from the warehouse"
    bar.ask("11-18 Second shift (overtime, rotating crew B)", what, "", who)
    QApplication.processEvents()
    assert not faults(bar)
    bar._save()
    QApplication.processEvents()
    assert not faults(bar)
