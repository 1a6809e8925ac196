"""The list of drivers: complete, cheap to load, and its forms hold together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drivers.base import Driver, Setting
from drivers.catalog import DRIVERS, load, settings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", DRIVERS)
def test_every_driver_loads(name: str) -> None:
    driver = load(name)
    assert issubclass(driver, Driver)
    assert not getattr(driver, "__abstractmethods__", None)


def test_an_unknown_driver_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load("telepathy")
    with pytest.raises(KeyError):
        settings("telepathy")


FORMS = [
    pytest.param(getattr(settings(name), part), id=f"{name}-{part}")
    for name in DRIVERS
    for part in ("bus", "device", "signal")
]


@pytest.mark.parametrize("fields", FORMS)
def test_the_fields_of_a_form_hold_together(fields: tuple[Setting, ...]) -> None:
    assert len({field.key for field in fields}) == len(fields)
    for field in fields:
        assert field.key.isidentifier()
        assert field.kind in (bool, int, float, str)
        assert field.default is None or isinstance(field.default, field.kind), field.key
        assert not field.choices or field.default in field.choices, field.key
        if field.kind in (int, float) and field.default is not None and not field.choices:
            low = field.low if field.low is not None else field.default
            high = field.high if field.high is not None else field.default
            assert isinstance(low, (int, float))
            assert isinstance(high, (int, float))
            assert low <= field.default <= high, field.key  # type: ignore[operator]


LOADED = """
import sys
before = set(sys.modules)
from drivers.catalog import DRIVERS, load, settings
early = {"drivers.text_line", "drivers.modbus_rtu", "drivers.xgt_cnet", "drivers.opc_ua"} & set(sys.modules)
assert not early, "imported too early"
for name in DRIVERS:
    settings(name)
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


def test_forms_need_neither_pyserial_nor_opcua() -> None:
    """In a process of its own, because others here have imported both."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert "drivers" in loaded
    assert not {"serial", "opcua", "cryptography", "PySide6", "sqlite_utils", "desktop"} & set(loaded)
