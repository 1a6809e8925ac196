"""Programs that the set-up runs to their end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from desktop.bootstrap.voice import Voice


def run(command: Sequence[str], voice: Voice, log: Path, settings: dict[str, str] | None = None) -> int:
    """Runs a program to its end; its output goes to the log, and what it says about itself to the person."""
    import queue
    import subprocess
    import threading

    with open(log, "ab") as keep:
        keep.write(("\n$ " + " ".join(command) + "\n").encode("utf-8", "replace"))
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(settings or {})},
        )
        lines: queue.Queue[bytes | None] = queue.Queue()

        def listen() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                lines.put(line)
            lines.put(None)

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            while True:
                try:
                    line = lines.get(timeout=0.5)
                except queue.Empty:
                    voice.tick()
                    continue
                if line is None:
                    break
                keep.write(line)
                report(line.decode("utf-8", "replace").strip(), voice)
            return process.wait()
        finally:
            if process.poll() is None and command[0] != "apt-get":  # a killed apt-get leaves half a package behind
                process.kill()
            process.wait()
            listener.join()


def report(line: str, voice: Voice) -> None:
    """A line of pip's or apt's output, as far as it tells a person something."""
    if line.startswith("Collecting "):
        voice.step(voice.text("collect", name=line.split()[1].replace("==", " ")))
    elif line.startswith("Processing ") and os.sep in line:  # a file that lies on this computer already
        voice.step(voice.text("collect", name=" ".join(os.path.basename(line.split(" (")[0]).split("-")[:2])))
    elif line.startswith("Downloading ") and line.endswith("MB)"):
        words = line.split()
        name = words[1].rsplit("/", 1)[-1].split("-")[0]
        voice.step(voice.text("collect", name=f"{name} {' '.join(words[-2:])}"))
    elif line.startswith("Get:") and len(line.split()) >= 9:  # a package; the lines of package lists are shorter
        voice.step(voice.text("collect", name=line.split()[4]))
    elif line.startswith(("Installing collected", "Unpacking ", "Setting up ")):
        voice.step(voice.text("install"))
