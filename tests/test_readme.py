"""The README is true: its configuration is valid, its commands exist, its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

from desktop import configuration
from desktop.command_line import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_configuration_is_valid() -> None:
    block = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert block is not None
    wanted = configuration.parse(block.group(1))
    assert [bus["driver"] for bus in wanted.buses] == ["text_line", "modbus_rtu"]
    without_plc = configuration.parse(block.group(1).partition("# The PLC that counts.")[0])
    assert [bus["driver"] for bus in without_plc.buses] == ["text_line"]


def test_every_named_command_exists() -> None:
    named = set(re.findall(r"main\.py ([a-z]+)", README))
    assert named
    assert named <= set(COMMANDS)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert len(links) >= 6
    assert [link for link in links if not (ROOT / link).is_file()] == []
