"""What the states of a device mean, ready made: resources/states, one file a preset.

An import writes them out as the codes of the device, so that each device may differ and an export says what holds.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "states"


def names() -> list[str]:
    """The presets that there are."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


@lru_cache(maxsize=16)
def codes(name: str) -> dict[str, str]:
    """The device's words of a preset -> State. Raises OSError where there is none of that name."""
    with (_FOLDER / f"{name}.toml").open("rb") as stream:
        table: dict[str, str] = tomllib.load(stream)["codes"]
    return table
