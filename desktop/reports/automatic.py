"""The report that writes itself, as its own process: the collector starts it, it places the files and says so.

It speaks in lines of JSON, one object each, and nothing is placed before the collector has written down what will be:
whoever is killed, whenever, a file that was placed is known as ours by its SHA-256.

    report                                collector
    {"plan": {"revision": 0, ...,    -->  writes the row: state "writing", with the hashes
              "hashes": ["..."]}}
                                     <--  go        (the end of the stream: give up)
    {"placed": ["...-Day.pdf", ...]} -->
    {"printed": "Office"}            -->  writes the row: state "made" when this process ended with 0

A fault is one sentence on the error stream and exit code 1, as of every command.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from zoneinfo import ZoneInfo

from desktop import summaries
from desktop.domain import automatic
from desktop.reports import write
from desktop.store import reports_made
from desktop.store.database import Store
from desktop.summaries.automatic import folder_of

GO = "go"


def make(store: Store, wanted: str, say: Callable[[str], None], may_place: Callable[[], bool]) -> None:
    """Make the report of a shift as `find_shift` names it, and place it once that may be. Raises KnownError."""
    policy = reports_made.policy(store)
    out, own = folder_of(store, policy), not policy.folder
    write.look_at(out, make_folder=own)  # before the work of making it
    now_ms = store.clock.now_ms()
    shift = summaries.find_shift(store, wanted, now_ms)
    report = summaries.shift_report(store, shift, now_ms)
    events = summaries.shift_events(store, report.window) if "xlsx" in policy.formats else None
    name = automatic.stem(shift, ZoneInfo(report.head.timezone), report.revision)
    files = write.render(report, policy.formats, out, name, events=events)
    earlier = reports_made.of_shift(store, shift.business_on, shift.name)
    hashes = [write.hash_of(content) for _name, _ending, content in files]
    plan = {
        "revision": report.revision,
        "provisional": report.provisional,
        "chain": report.chain,
        "folder": str(out),
        "hashes": hashes,
    }
    say(json.dumps({"plan": plan}))
    if not may_place():
        return
    ours = {*hashes, *(known for row in earlier for known in row.hashes)}
    placed = write.place(files, out, ours, make_folder=own)
    say(json.dumps({"placed": [file.name for file in placed]}, ensure_ascii=False))
    # Paper is not taken back: one printed page for each revision, not for each time that it is made anew.
    done = any(row.printed for row in earlier if row.revision == report.revision)
    if policy.printer is not None and not done:
        from desktop.reports.pdf import printing

        say(json.dumps({"printed": printing.send(report, policy.printer)}, ensure_ascii=False))
