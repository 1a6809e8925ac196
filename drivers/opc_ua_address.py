"""Where a server is and which node of it is meant: how people write both, and what cannot be meant.

Knows no `opcua`: both are checked long before anybody connects.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from drivers.base import UnfitError
from drivers.link import HOST_AND_NUMBER, bare_host, port_number

DEFAULT_PORT = 4840
NODE = re.compile(r"(?:nsu=(?P<uri>.+?);|ns=(?P<index>\d+);)?(?P<kind>[isgb])=(?P<identifier>.+)", re.DOTALL)


def endpoint_url(text: str) -> str:
    """The endpoint with its port. Raises UnfitError for anything that is no endpoint."""
    if HOST_AND_NUMBER.fullmatch(text):
        raise bare_host(f"opc.tcp://{text}")
    scheme, found, rest = text.partition("://")
    if not found or scheme.lower() != "opc.tcp":
        meant = f"opc.tcp://{rest}" if rest else "opc.tcp://192.168.0.20:4840"

        raise UnfitError(
            "is no address of an OPC UA server, which begins with {scheme} (for example {example})",
            scheme="opc.tcp://", example=meant,
        )  # fmt: skip
    port = port_number(text) or DEFAULT_PORT
    parts = urlsplit(text)
    if parts.username or parts.password:
        raise UnfitError("a name and password do not belong into the address")
    if not parts.hostname:
        raise UnfitError("the host is missing; written {form}", form="opc.tcp://192.168.0.20:4840")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"opc.tcp://{host}:{port}{parts.path}"


def node_parts(text: str) -> tuple[str, int, int | str | bytes | uuid.UUID]:
    """Namespace URI ("" where none is given), index and identifier of "nsu=urn:x;s=Name" or "ns=2;i=7".

    (Part 6, 5.3.1.10.) Raises UnfitError with the reason.
    """
    found = NODE.fullmatch(text)
    if found is None:
        raise UnfitError(
            "{text!r} is no node; expected {forms}", text=text, forms="nsu=urn:plc;s=Counter, ns=2;s=Counter"
        )
    kind, identifier, index = found["kind"], found["identifier"], int(found["index"] or 0)
    if index > 0xFFFF:
        raise UnfitError("{text!r}: the number of a namespace must be from 0 to 65535", text=text)
    uri = (found["uri"] or "").replace("%3B", ";").replace("%25", "%")
    try:
        if kind == "i" and not 0 <= int(identifier) <= 0xFFFFFFFF:
            raise ValueError
        read: dict[str, Callable[[str], int | str | bytes | uuid.UUID]] = {
            "i": int, "g": uuid.UUID, "b": lambda digits: base64.b64decode(digits, validate=True), "s": str,
        }  # fmt: skip
        return uri, index, read[kind](identifier)
    except ValueError as error:  # binascii.Error is one
        kinds = {"i": "i=1234", "g": "g=09087e75-8e5e-499b-954f-f2a9603db28a", "b": "b=M/RbKBsRVkePCePcx24oRA=="}
        raise UnfitError(
            "{name!r} is no identifier of a node of this kind (for example {example})",
            name=identifier,
            example=kinds[kind],
        ) from error
