"""Lint, layout and types are part of the tests: what is not clean does not land."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("words", ["ruff check .", "ruff format --check .", "mypy"])
def test_clean(words: str) -> None:
    """mypy is strict over main.py, installer, drivers and desktop: see pyproject.toml."""
    answer = subprocess.run(
        [sys.executable, "-m", *words.split()], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert answer.returncode == 0, answer.stdout[-4000:] + answer.stderr[-2000:]
