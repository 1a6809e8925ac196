"""What a configuration file says of whole buses: wire without time, double numbers, addresses that cannot be."""

from __future__ import annotations

from typing import Any

import pytest
import tomli_w

from desktop import configuration
from desktop.configuration import Configuration, ConfigurationError


def read(*devices: dict[str, Any], **bus: Any) -> Configuration:
    tables = [{"key": f"d{at}", **device} for at, device in enumerate(devices, 1)]
    return configuration.parse(
        tomli_w.dumps(
            {
                "format": 1,
                "plant": {"name": "P", "line": "L"},
                "bus": [{"key": "rs485", "port": "COM3", "driver": "modbus_rtu", "device": tables, **bus}],
            }
        ),
        "line.toml",
    )


def faults(*devices: dict[str, Any], **bus: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as error:
        read(*devices, **bus)
    return error.value.faults


def unit(number: int, count: int = 1, **more: Any) -> dict[str, Any]:
    signals = [{"key": f"s{at}", "role": "measure", "address": str(at)} for at in range(count)]
    return {"unit": number, "signal": signals, **more}


def test_a_wire_without_time_is_refused_in_one_sentence_that_names_the_bus_and_what_to_do() -> None:
    assert read(unit(1, 40, period_ms=200), baud=9600).warnings == ()
    (warning,) = read(unit(1, 40, period_ms=140), baud=9600).warnings
    assert ": bus[rs485]: uses 74 % of the time of its wire at 9600 Bd" in warning
    (fault,) = faults(unit(1, 40, period_ms=200), unit(2, 40, period_ms=200), baud=9600)
    assert ": bus[rs485]: needs 104 % of the time of its wire at 9600 Bd" in fault
    assert "set a longer period_ms or a higher baud" in fault
    assert read(unit(1, 40, period_ms=200), unit(2, 40, period_ms=200), baud=19200).warnings == ()


def test_a_number_that_stands_twice_names_the_other_device() -> None:
    (fault,) = faults(unit(1), unit(1))
    assert ": bus[rs485].device[d2].unit = 1: stands already at device d1" in fault
    station = {"driver": "xgt_cnet"}
    devices = [{"station": 1, "signal": [{"key": "s", "role": "measure", "address": "D0"}]}] * 2
    (fault,) = faults(*devices, **station)
    assert "device[d2].station = 1: stands already at device d1" in fault


def test_an_address_that_cannot_be_is_named_where_it_stands() -> None:
    wrong = unit(1)
    wrong["signal"] += [
        {"key": "a", "role": "measure", "address": "70000"},
        {"key": "b", "role": "measure", "address": "x"},
    ]
    first, second = faults(wrong)
    assert ': bus[rs485].device[d1].signal[a].address = "70000": does not fit: ' in first
    assert "outside 0-65535" in first
    assert 'signal[b].address = "x"' in second
    (fault,) = faults(unit(1) | {"signal": [{"key": "a", "role": "measure", "address": "0", "bad_values": "open"}]})
    assert "signal[a].bad_values" in fault


def test_answers_that_look_alike_are_a_warning() -> None:
    far = unit(1) | {"max_gap": 0}
    far["signal"].append({"key": "far", "role": "measure", "address": "500"})
    (warning,) = read(far).warnings
    assert "bus[rs485].device[d1].max_gap = 0: leaves holding:0 and holding:500 answers of equal length" in warning
