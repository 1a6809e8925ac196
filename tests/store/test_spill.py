"""Facts that wait beside the database: whole, in order, found again, and never another database's."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from desktop.domain.events import Measurement
from desktop.store import spill as module
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat
from desktop.store.spill import Spill, Waiting
from tests.store.example import FORCE, T0
from tests.store.test_journal import everything

BEAT = Beat(7, "1", 1, 2, T0, "not_storing", 3, 4)


@pytest.fixture
def elsewhere(tmp_path: Path) -> list[Path]:
    return [tmp_path / "user", tmp_path / "temporary"]


def number(key: int) -> Waiting:
    """A record of one fact."""
    return Waiting(Batch(measurements=[Measurement(key, FORCE, key / 3)]), [], "{}", BEAT)


def waiting(store: Store, elsewhere: Sequence[Path] = ()) -> list[int]:
    """The facts that a new process finds."""
    found, ids = Spill(store, elsewhere), []
    while len(found):
        first = found.first()
        ids.append(-1 if first is None else first.batch.last_id)
        found._marks.popleft()
    return ids


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("waiting-*"))


def test_every_kind_of_fact_comes_back_as_it_was(store: Store) -> None:
    batch = everything(Journal(store))
    one = Waiting(batch, [(5, -7)], '{"a":"\\ud800"}', BEAT)
    spill = Spill(store)
    spill.put(one)
    spill.put(number(batch.last_id + 1))
    again = Spill(store)
    assert (len(again), again.facts) == (2, len(batch) + 1)
    assert again.first() == one
    assert again.newest() == number(batch.last_id + 1)
    assert repr(again.first()) == repr(one), "also where == is lenient: kinds, -0.0"
    again.drop_first()
    assert files(store.folder)
    again.drop_first()
    assert (len(again), again.facts, files(store.folder)) == (0, 0, [])


def test_a_torn_tail_is_cut_off_and_nothing_else(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    spill = Spill(store)
    sizes = [spill.put(number(key)).stat().st_size for key in (1, 2, 3)]
    (path,) = files(store.folder)
    whole = path.read_bytes()
    for cut in [*range(sizes[1] + 1, sizes[2], 7), sizes[2] - 1]:
        path.write_bytes(whole[:cut])
        assert waiting(store) == [1, 2]
        assert f"the last {cut - sizes[1]} bytes" in caplog.messages[-1]
    for bad in range(sizes[1], sizes[2], 11):
        path.write_bytes(whole[:bad] + bytes([whole[bad] ^ 1]) + whole[bad + 1 :])
        assert waiting(store) == [1, 2]
    Spill(store).put(number(4))
    assert waiting(store) == [1, 2, 4]
    for cut in range(len(module._TITLE) + 5):
        path.write_bytes(whole[:cut])  # killed while the file was made
        assert waiting(store) == []
    Spill(store).put(number(5))
    assert waiting(store) == [5]


def test_another_databases_file_is_left_alone(
    store: Store, elsewhere: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    other = store.folder / "waiting-00000000-0000-0000-0000-000000000000.spill"
    other.write_bytes(b"Gadong spill 1 00000000-0000-0000-0000-000000000000\n" + b"x" * 50)
    spill = Spill(store, elsewhere)
    assert len(spill) == 0
    mine = spill.put(number(1))
    assert mine != other
    spill.drop_first()
    # And under our own name, as a file that was copied and renamed.
    os.replace(other, mine)
    content = mine.read_bytes()
    spill = Spill(store, elsewhere)
    assert (len(spill), len(caplog.messages)) == (0, 1)
    assert "left alone" in caplog.text
    assert spill.put(number(1)).parent == elsewhere[0]
    spill.drop_first()
    assert mine.read_bytes() == content


def test_where_the_data_folder_refuses_the_users_own_takes_it_and_the_order_stays(
    store: Store, elsewhere: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    spill, really, refused = Spill(store, elsewhere), os.open, [store.folder]

    def opened(path: Path, *more: int) -> int:
        if Path(path).parent in refused:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return really(path, *more)

    monkeypatch.setattr(os, "open", opened)
    assert spill.put(number(1)).parent == elsewhere[0]
    refused[:] = [elsewhere[0]]
    assert spill.put(number(2)).parent == store.folder
    refused.clear()
    refused.append(store.folder)
    spill.put(number(3))
    assert waiting(store, elsewhere) == [1, 2, 3]
    refused += elsewhere
    with pytest.raises(KnownError, match="the disk is full"):
        spill.put(number(4))
    assert waiting(store, elsewhere) == [1, 2, 3]


def test_a_disk_that_fills_up_in_the_middle_of_a_record(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    spill, really, room = Spill(store), os.write, [10_000]
    spill.put(number(1))

    def wrote(file: int, content: memoryview) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = really(file, content[: min(room[0], 20)])
        room[0] -= done
        return done

    monkeypatch.setattr(os, "write", wrote)
    spill.put(number(2))
    room[0] = 50
    with pytest.raises(KnownError):
        spill.put(number(3))
    assert waiting(store) == [1, 2]
    room[0] = 10_000
    spill.put(number(4))
    assert waiting(store) == [1, 2, 4]


def test_two_copies_of_a_database_do_not_take_each_others(
    store: Store,
    tmp_path: Path,
    elsewhere: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    next(iter(Spill(store, elsewhere)._ends)).mkdir()  # in the way
    assert Spill(store, elsewhere).put(number(2)).parent == elsewhere[0]
    assert waiting(store, elsewhere) == [2]
    assert "cannot be read" in caplog.text
    monkeypatch.setattr(store, "folder", tmp_path / "copy")
    assert waiting(store, elsewhere) == []


def test_what_the_database_holds_is_forgotten_and_what_comes_too_late_set_aside(store: Store) -> None:
    for late in (0, 1):
        spill = Spill(store)
        for key in (1, 2, 3):
            spill.put(number(key))
        spill = Spill(store)
        assert spill.drop_until(2, lambda key, late=late: key > late) == late  # type: ignore[misc]
        assert (len(spill), spill.first()) == (1, number(3))
        assert len(list(store.folder.glob("*.refused"))) == late
        assert Spill(store).drop_until(3, lambda _key: True) == 0
        assert list(store.folder.glob("*.spill")) == []
