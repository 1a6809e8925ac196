"""The wire face of a label printer on the network: a raw port on 127.0.0.1 that takes jobs and keeps them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable

HOST = "127.0.0.1"
KEPT = 200  # jobs
_END = b"\x00end of the printer\x00"


class PrinterFace:
    """A printer. `url` is what a job is sent to; a job is what one connection brings. `printed(job)` is called in the
    printer's own thread, before it hangs up: whoever waits for that knows that the job is here."""

    def __init__(self, printed: Callable[[bytes], None] = lambda _job: None) -> None:
        self._server = socket.create_server((HOST, 0))
        self._printed = printed
        self.url = f"socket://{HOST}:{self._server.getsockname()[1]}"
        self.jobs: deque[bytes] = deque(maxlen=KEPT)
        self._thread = threading.Thread(target=self._serve, name="label printer", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _peer = self._server.accept()
            with connection, contextlib.suppress(ConnectionError):  # who breaks off sends no job
                job = b""
                while data := connection.recv(65536):
                    job += data
                if job == _END:
                    return
                self.jobs.append(job)
                self._printed(job)

    def close(self) -> None:
        """Let go of the port and end the thread."""
        if self._thread.is_alive():
            with socket.create_connection(self._server.getsockname()) as last:
                last.sendall(_END)
            self._thread.join(5.0)
        self._server.close()
