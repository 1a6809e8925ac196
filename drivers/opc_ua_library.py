"""The library `opcua` as it is used here: without its server, quiet, and with names for what it does not know.

Importing this module imports `opcua` (0.4 s, 25 MB): only `OpcUa.open` does it.
"""

from __future__ import annotations

import importlib
import logging
import sys
import threading
import time
from types import ModuleType

LOG_LIMIT = 5
LOG_PERIOD_NS = 60 * 1_000_000_000


def load() -> None:
    """Import `opcua` without its server, which nobody needs here and which takes 7 MB and a third of the time.

    Whoever wants the server imports `opcua.server.server` itself, after this module.
    """
    server = "opcua.server.server"
    if "opcua" in sys.modules:
        return
    sys.modules[server] = ModuleType(server)
    vars(sys.modules[server])["Server"] = None
    try:
        library = importlib.import_module("opcua")
        del library.Server
    finally:
        del sys.modules[server]


load()

from opcua import ua  # noqa: E402

logger = logging.getLogger(__name__)

#: status codes of OPC UA 1.04 and 1.05 (part 6, annex A.2) that the library, which is older, calls just "Bad"
_NEWER = {0x80E90000: "BadLocked", 0x80EE0000: "BadServerTooBusy", 0x80F00000: "BadNoValue"}


def status_name(code: int) -> str:
    """The name of a status code without its info bits, its number in hexadecimal where nobody knows one."""
    kind = code & 0xFFFF0000
    name: str = _NEWER.get(kind) or ua.StatusCode(kind).name
    return f"0x{code:08X}" if name == "Bad" and kind != 0x80000000 else name


class LimitedLog(logging.Filter):
    """Lets a few records of one kind through each minute and says how many it held back.

    The library logs a traceback for every bad message, thousands a minute on a bad link.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str], tuple[int, int]] = {}
        self._seen_lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        kind, now_ns = (record.name, str(record.msg)), time.monotonic_ns()
        with self._seen_lock:
            since_ns, count = self._seen.get(kind, (now_ns, 0))
            if now_ns - since_ns >= LOG_PERIOD_NS:
                since_ns, held, count = now_ns, max(0, count - LOG_LIMIT), 0
                if held:
                    record.msg = f"{record.msg} ({held} more in the last minute)"
            self._seen[kind] = (since_ns, count + 1)
        return count < LOG_LIMIT


class _PassOn(logging.Handler):
    """Hands the library's records to this module's logger, shortened and limited."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.addFilter(LimitedLog())

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        text = record.getMessage() if error is None else f"{record.getMessage()}: {type(error).__name__}: {error}"
        logger.log(logging.INFO, "%s: %s", record.name, text)


def quieten() -> None:
    """Limit what the library writes into the log. Done once, when this module is imported."""
    library = logging.getLogger("opcua")
    library.setLevel(logging.WARNING)  # below that every message is formatted, 40 us each
    library.propagate = False
    library.addHandler(_PassOn())
    logging.getLogger("concurrent.futures").addFilter(LimitedLog())


quieten()
