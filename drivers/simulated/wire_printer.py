"""The wire face of a label printer on the network: a raw port on 127.0.0.1 that takes jobs and keeps them."""

from __future__ import annotations

import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable

HOST = "127.0.0.1"
KEPT = 200  # jobs


class PrinterFace:
    """A printer. `url` is what a job is sent to; a job is what one connection brings, where it brings anything and does
    not break off. Whoever holds a connection keeps nobody else from printing. `printed(job)` is called in the printer's
    own thread, before it hangs up: whoever waits for that knows that the job is here."""

    def __init__(self, printed: Callable[[bytes], None] = lambda _job: None) -> None:
        self._server = socket.create_server((HOST, 0))
        self._printed = printed
        self.url = f"socket://{HOST}:{self._server.getsockname()[1]}"
        self.jobs: deque[bytes] = deque(maxlen=KEPT)
        self._bell, self._door = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="label printer", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as ready:
            for each in (self._door, self._server):
                ready.register(each, selectors.EVENT_READ)
            while True:
                for key, _events in ready.select():
                    if key.fileobj is self._door:
                        for other in ready.get_map().values():
                            if other.data is not None:
                                other.data[0].close()
                        return
                    if key.fileobj is self._server:
                        connection, _peer = self._server.accept()
                        ready.register(connection, selectors.EVENT_READ, (connection, bytearray()))
                    elif not self._goes_on(*key.data):
                        ready.unregister(key.fileobj)
                        key.data[0].close()

    def _goes_on(self, connection: socket.socket, job: bytearray) -> bool:
        """Take what a connection brings; whether more may come. A whole job is printed."""
        try:
            data = connection.recv(65536)
        except ConnectionError:  # who breaks off sends no job
            return False
        job += data
        if not data and job:
            self.jobs.append(bytes(job))
            self._printed(bytes(job))
        return bool(data)

    def close(self) -> None:
        """Let go of the port and end the thread."""
        self._bell.close()
        self._thread.join(5.0)
        for each in (self._door, self._server):
            each.close()
