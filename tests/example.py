"""The smallest line that collects: one press, and one scanner on one bus."""

from __future__ import annotations

ONE_SCANNER = """
format = 1
[plant]
name = "P"
line = "L"
[[machine]]
code = "M-1"
name = "Press"
[[bus]]
key = "scanner"
port = "{port}"
driver = "text_line"
[[bus.device]]
key = "scanner-1"
[[bus.device.signal]]
key = "code"
machine = "M-1"
role = "scan"
"""


def one_scanner(port: str = "socket://127.0.0.1:9") -> str:
    """Its configuration; at the default port nobody answers."""
    return ONE_SCANNER.format(port=port)
