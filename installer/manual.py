"""Makes the pictures of the manual anew: `python installer/manual.py`. The same pictures come out of the same program.

Simulated histories in each language: one up to a moment when something has happened, and a longer one for the losses.
Small windows, so that what is written in them can be read when the page shows them smaller.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PICTURES = ROOT / "resources" / "manual" / "pictures"
SIZE = (1366, 768)
DAYS, SEED = 5.2396, 1  # another length is another history
AT_MS = 1_795_418_520_000  # one machine stands, another waits for it, the others run
DARK = ("andon",)  # as it hangs in most halls


def label_stops(folder: Path) -> None:
    """Give reasons to all stops but the last three, as somebody would have by then."""
    from contextlib import closing

    from desktop import summaries
    from desktop.domain.entries import OPEN_MS, Labelled
    from desktop.store import database, entries

    with closing(database.open_writer(folder)) as store:
        found = summaries.stops_now(summaries.Live(), store, AT_MS)
        waiting = sorted(found.open, key=lambda row: row.start_ms)[:-3]
        for n, row in enumerate(waiting):
            end_ms = OPEN_MS if row.end_ms is None else row.end_ms
            reason = found.reasons[n * 5 % len(found.reasons)].id
            entries.say(store, [Labelled(row.machine, row.start_ms, end_ms, row.id, reason, row.word)], AT_MS)


def main() -> None:
    """Every screen in every language."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from desktop import simulation, text
    from desktop.views import pictures

    with tempfile.TemporaryDirectory(prefix="gadong-") as scratch:
        for lang in text.LANGUAGES:
            text.use(lang)
            folder = Path(scratch) / lang
            folder.mkdir()
            simulation.simulate(folder, days=DAYS, seed=SEED, say=print)
            past = simulation.history(print)
            out = folder / "pictures"
            for theme_name, names in (("light", [n for n in pictures.NAMES if n not in DARK]), ("dark", DARK)):
                pictures.screenshots(
                    folder, out, theme_name, screens=names, at_ms=AT_MS, lang=lang, size=SIZE, history=past
                )
            label_stops(folder)
            pictures.screenshots(folder, out, screens=["stops"], at_ms=AT_MS, lang=lang, size=SIZE)
            for name in pictures.NAMES:
                file = (out / f"{name}.png").replace(PICTURES / f"{name}-{lang}.png")
                print(file.name, file.stat().st_size)


if __name__ == "__main__":
    main()
