"""The README is true: its configuration is valid, its commands exist, its pictures are there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import tomli_w

from desktop import configuration
from desktop.command_line import COMMANDS
from desktop.store import database, register

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_configuration_is_valid() -> None:
    block = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert block is not None
    wanted = configuration.parse(block.group(1))
    assert [bus["driver"] for bus in wanted.buses] == ["text_line", "modbus_rtu"]
    without_plc = configuration.parse(block.group(1).partition("# The PLC that counts.")[0])
    assert [bus["driver"] for bus in without_plc.buses] == ["text_line"]


def test_what_else_a_configuration_may_say_goes_with_it(tmp_path: Path) -> None:
    """The second block on top of the first, with the shift and the reason that it speaks of."""
    blocks = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    data, more = (tomllib.loads(block) for block in blocks)
    night = {"name": "Night", "start": "20:00", "end": "05:00"}
    more["shift"].append(night)
    more["reason"] = [{"code": "P01", "name": "Maintenance", "kind": "planned"}]
    for key, value in more.items():
        data[key] = data.get(key, []) + value if isinstance(value, list) else {**data.get(key, {}), **value}
    data["standard"][0]["cavities"] = 4
    wanted = configuration.parse(tomli_w.dumps(data))
    store = database.create(tmp_path / "data")
    try:
        configuration.apply(store, wanted)
        first = configuration.export(store)
        configuration.apply(store, configuration.parse(first))
        assert configuration.export(store) == first
        assert register.rules(store)[-1][1].loss_tree == "seven"
    finally:
        store.close()


def test_every_named_command_exists() -> None:
    named = set(re.findall(r"main\.py ([a-z]+)", README))
    assert named
    assert named <= set(COMMANDS)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert len(links) >= 6
    assert [link for link in links if not (ROOT / link).is_file()] == []
