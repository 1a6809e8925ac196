"""What the wire faces of devices that answer have in common: a thread that hears and answers until it is closed."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Self

from drivers.simulated.port import WirePort


class AnsweringFace(ABC):
    """Answers from a thread of its own, from construction to `close`. The wire is the caller's to close.

    Whoever inherits calls this constructor last, since the thread begins in it, and answers in `_turn`.
    """

    def __init__(self, port: WirePort) -> None:
        self.port = port
        self._heard = b""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"{type(self).__name__} {port.url}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._stop.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            self._turn()

    @abstractmethod
    def _turn(self) -> None:
        """Wait for at most a moment, and answer what was heard."""
