"""What only those need who work on Gadong itself: pictures of every screen, the tests, the benches."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

from desktop import control, simulation, text
from desktop.tokens import THEMES

ROOT = Path(__file__).resolve().parent.parent
SCALES = (1.0, 1.5)


def contact_sheets(out: Path, screens: str | None, say: Callable[[str], None]) -> int:
    """Every language, theme and scale, each in a folder of its own: Qt takes its scale once in a process's life.

    `screens`: only these, with commas. Returns the exit code of the first process that failed, else 0.
    """
    for lang, theme, scale in product(text.LANGUAGES, THEMES, SCALES):
        folder = out / f"{lang}-{theme}-{scale * 100:.0f}"
        words = [sys.executable, str(control.MAIN), "--lang", lang, "screenshots", "--out", str(folder)]
        words += ["--theme", theme, "--scale", f"{scale:g}"]
        words += ["--screen", screens] if screens else []
        code = subprocess.run(words, stdout=subprocess.DEVNULL, check=False).returncode
        if code:
            return code
        say(str(folder))
    return 0


def screenshots(
    folder: Path | None,
    out: Path,
    theme: str,
    scale: float,
    screens: Sequence[str] | None,
    at_ms: int | None,
    say: Callable[[str], None],
) -> list[Path]:
    """Pictures of screens over a data folder, None: over a line that is simulated for them. Returns the files.

    To be called before there is a Qt application in this process. Raises KnownError.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    from desktop.views import pictures

    with tempfile.TemporaryDirectory(prefix="gadong-") as scratch:
        if folder is None:
            simulation.simulate(Path(scratch), days=simulation.PICTURE_DAYS, seed=1, say=say)
        # What takes many shifts to show anything is shown with many.
        many = folder is None and "losses" in (screens or pictures.NAMES)
        history = simulation.history(say) if many else None
        return pictures.screenshots(folder or Path(scratch), out, theme, screens=screens, at_ms=at_ms, history=history)


def bench() -> int:
    """Measure; returns the exit code of pytest."""
    words = ["-q", "-s", "-p", "no:cacheprovider", "-m", "bench", "tests/bench"]
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, check=False).returncode


def test(rest: Sequence[str], *, long: bool) -> int:
    """Run every test, `long`: the long ones too, with more words for pytest; returns its exit code."""
    mark = "not bench" if long else "not bench and not long"
    # Half of the time is waiting for wires, clocks and processes, hence one more than there are cores; a file stays
    # whole because its tests share what they set up.
    together = ["-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder"]
    words = [sys.executable, "-m", "pytest", "-m", mark, *together, *rest]
    return subprocess.run(words, cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=False).returncode
