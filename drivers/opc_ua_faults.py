"""What a failure to connect means, in the words of `DriverError`."""

from __future__ import annotations

import socket
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from drivers.base import DriverError

if TYPE_CHECKING:
    from drivers.opc_ua_security import Own

LOGIN_REFUSED = ("BadUserAccessDenied", "BadIdentityTokenRejected", "BadIdentityTokenInvalid")
BUSY = (
    "BadTooManySessions",
    "BadTooManySubscriptions",
    "BadTooManyOperations",
    "BadServerTooBusy",
    "BadTcpServerTooBusy",
)

Ended = tuple[str, str]  # why a link is at its end: kind of fault and reason


def as_fault(error: Exception, port: str, timeout_s: float, ended: Ended | None) -> DriverError | None:
    """Say a failure to connect as a DriverError; None when it is our own fault and shall be loud."""
    from opcua.ua.uaerrors import UaError, UaStatusCodeError

    from drivers.opc_ua_library import status_name

    if isinstance(error, DriverError):
        return error
    if isinstance(error, UaStatusCodeError):
        return _as_status_fault(status_name(error.code), port)
    if ended is not None and isinstance(error, OSError | UaError | CancelledError):  # the cause of what came after
        kind, reason = ended
        return (
            _as_status_fault(reason, port) if reason.startswith("Bad") else DriverError(kind, port=port, reason=reason)
        )
    if isinstance(error, socket.gaierror):
        return DriverError("port_missing", port=port)
    if isinstance(error, TimeoutError):
        return DriverError("no_answer", seconds=timeout_s, port=port, problem="server")
    if isinstance(error, OSError):
        return DriverError("port_refused", port=port, reason=error.strerror or str(error))
    if isinstance(error, UaError | CancelledError):
        return DriverError("protocol", port=port, reason=str(error) or type(error).__name__)
    return None


def _as_status_fault(name: str, port: str) -> DriverError:
    if name in LOGIN_REFUSED:
        return DriverError("refused_login", port=port, reason=name, needs_person=True)
    if name.startswith(("BadSecurity", "BadCertificate")):
        return DriverError("untrusted", port=port, reason=name, needs_person=True)
    if name.startswith("BadTcpEndpointUrl"):
        return DriverError("bad_address", address=port, reason=name, needs_person=True)
    if name in BUSY:
        return DriverError("port_busy", port=port, reason=name)
    return DriverError("protocol", port=port, reason=name)


def as_login_fault(error: Exception, bus: str, opened: bool, ours: Own | None, ended: Ended | None) -> Exception:
    """What a failed connection means under security: a machine that does not know us often just hangs up."""
    from drivers.opc_ua_guards import ClearPasswordError, UserNameRefusedError

    if isinstance(error, ClearPasswordError | UserNameRefusedError):
        problem = "clear" if isinstance(error, ClearPasswordError) else "no_names"
        return DriverError("refused_login", needs_person=True, problem=problem, reason=problem, bus=bus)
    if ours is None or opened or isinstance(error, DriverError):
        return error
    if isinstance(error, TimeoutError):
        # it has shown the right certificate a moment ago, and now cannot use it, or does not answer whom it
        # does not know
        problem = "no_proof"
    elif type(error).__name__ in ("InvalidSignature", "UaError", "CancelledError", "ConnectionResetError") or (
        type(error).__name__.startswith(("BadSecurity", "BadCertificate", "BadTcpInternal", "BadUnexpected"))
    ):
        problem = "ours"
    else:
        return error
    return DriverError(
        "untrusted", needs_person=True, problem=problem, bus=bus, file=ours.file,
        reason=ended[1] if ended else type(error).__name__,
    )  # fmt: skip
