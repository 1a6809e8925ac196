"""Who a server is and who we are: certificates, pins and passwords of OPC UA. Knows files, no server.

A machine proves itself by its certificate, of which a person has confirmed the fingerprint once (`trust`). We prove
ourselves by a certificate of our own, made when it is first needed. Both keys and, where somebody chose it,
passwords lie in the folder `BusSpec.keys`, which only this user can read.

    keys/gadong.der       our certificate, to be trusted on the machine
    keys/gadong-key.pem   its private key
    keys/passwords.json   {"USER@ADDRESS": "..."}, only with password_from = "file"

Nothing here ever puts a password into an error, a log or a settings table. Imports `cryptography` and `keyring` on
demand only, and never `opcua`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import hmac
import json
import logging
import os
import re
import socket
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from drivers.base import DriverError, Setting, Value
from drivers.link import Given

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

logger = logging.getLogger(__name__)

NO_SECURITY = "None"
MODES = (NO_SECURITY, "Sign", "SignAndEncrypt")  # part 4, 7.20: MessageSecurityMode
SETTINGS: tuple[Setting, ...] = (
    Setting("security", str, NO_SECURITY, choices=MODES),
    # "sha256:" and 64 hexadecimal digits: the fingerprint of the machine's certificate, confirmed by a person
    Setting("trust", str, ""),
    Setting("user", str, ""),
    Setting("password_from", str, "keyring", choices=("keyring", "file")),
    # a password that everybody on the network can read
    Setting("clear_password", bool, False),
)
SERVICE = "Gadong OPC UA"  # the name in the system's store of passwords
CERTIFICATE, KEY, PASSWORDS = "gadong.der", "gadong-key.pem", "passwords.json"
VALID_YEARS, BEFORE_YEARS = 20, 5  # a controller's clock may stand years back, and nobody renews a certificate in time
KEY_BITS = 2048  # Basic256Sha256 takes 2048 to 4096 (part 7)
_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700

_making = threading.Lock()


class Security(Struct, frozen=True):
    """What a bus asks for. `trust` is 64 hexadecimal digits, "" where nobody has confirmed a certificate."""

    mode: str
    trust: str
    user: str
    password_from: str
    clear_password: bool

    @property
    def secured(self) -> bool:
        """Whether messages are signed."""
        return self.mode != NO_SECURITY


class Own(Struct, frozen=True):
    """Our own certificate (DER), the URI in it, its key and where it lies."""

    der: bytes
    uri: str
    key: Any
    file: str


def security_of(given: Given) -> Security:
    """The settings of a bus. Raises DriverError bad_address for a `trust` that is no fingerprint."""
    trust = given.text("trust")
    digits = normal(trust)
    if trust and not digits:
        raise given.wrong("trust", "expected sha256: and 64 hexadecimal digits")
    return Security(
        given.text("security"), digits, given.text("user"), given.text("password_from"), given.flag("clear_password")
    )


def normal(fingerprint: str) -> str:
    """The 64 digits of a fingerprint in any usual writing (AB:CD, blanks, sha256: before it); "" where it is none."""
    digits = re.sub(r"[\s:-]", "", fingerprint.strip().lower().removeprefix("sha256:"))
    return digits if re.fullmatch(r"[0-9a-f]{64}", digits) else ""


def fingerprint(der: bytes) -> str:
    """The SHA-256 fingerprint of a certificate, as `trust` wants it."""
    return "sha256:" + hashlib.sha256(leaf(der)).hexdigest()


def leaf(der: bytes) -> bytes:
    """The first certificate of a chain (part 6, 6.2.6: they follow one another without a separator).

    30 82 | length u16 big endian | that many bytes | 30 82 | ...
    """
    if len(der) > 4 and der[:2] == b"\x30\x82":
        return der[: 4 + int.from_bytes(der[2:4], "big")]
    return der


# the machine's certificate


def judge(der: bytes | None, uri: str, wanted: Security, bus: str, now_ms: int) -> Certificate:
    """The machine's certificate, if it is the one that a person has confirmed.

    `uri` is what the machine calls itself. Dates and names that do not fit are said with the question; a person who
    confirmed the certificate has confirmed them, too: a controller whose certificate ran out or whose clock is wrong
    goes on being read. Raises DriverError untrusted, with `problem` none, unreadable, weak, unknown or changed.
    """
    if not der:
        raise _untrusted("none", bus)
    try:
        certificate = _parsed(leaf(der))
        bits = _bits(certificate)
        remarks = remarks_on(certificate, uri, now_ms)
    except ValueError as error:
        raise _untrusted("unreadable", bus, reason=str(error)) from error
    if bits < KEY_BITS:
        raise _untrusted("weak", bus, bits=bits)
    shown = fingerprint(der)
    if not wanted.trust:
        raise _untrusted("unknown", bus, fingerprint=shown, **remarks)
    if not hmac.compare_digest(shown, f"sha256:{wanted.trust}"):
        raise _untrusted("changed", bus, fingerprint=shown, trusted=f"sha256:{wanted.trust}", **remarks)
    if remarks:
        logger.warning("%s: the certificate that was confirmed does not fit: %s", bus, remarks)
    return certificate


def remarks_on(certificate: Certificate, uri: str, now_ms: int) -> dict[str, str]:
    """What does not fit in a certificate: `until` (it ran out), `since` (not valid yet), `made_for` (another URI)."""
    now = dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC)
    found = {}
    if now > certificate.not_valid_after_utc:
        found["until"] = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
    if now < certificate.not_valid_before_utc:
        found["since"] = f"{certificate.not_valid_before_utc:%Y-%m-%d}"
    named = _uri_of(certificate)
    if uri and named != uri:
        found["made_for"] = named or "-"
    return found


def _untrusted(problem: str, bus: str, **detail: Value) -> DriverError:
    error = DriverError("untrusted", needs_person=True, problem=problem, reason=problem, bus=bus)
    error.detail |= detail
    return error


def _parsed(der: bytes) -> Certificate:
    from cryptography import x509

    return x509.load_der_x509_certificate(der)


def _bits(certificate: Certificate) -> int:
    return int(getattr(certificate.public_key(), "key_size", 0))


def _uri_of(certificate: Certificate) -> str:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    return uris[0] if uris else ""


# our own certificate


def own(keys: str, bus: str) -> Own:
    """Our certificate; the first who asks makes it. Raises DriverError untrusted, `problem` own, when there is none."""
    from cryptography.hazmat.primitives import serialization

    if not keys:
        raise _untrusted("own", bus, folder="-", why="no folder for keys was given")
    folder = Path(keys)
    try:
        with _making:
            _private_folder(folder)
            if not (folder / CERTIFICATE).exists():
                der, pem = make_certificate(socket.gethostname(), dt.datetime.now(dt.UTC))
                _keep(folder / KEY, pem)
                _keep(folder / CERTIFICATE, der)
                logger.info("a certificate of our own was made: %s, %s", folder / CERTIFICATE, fingerprint(der))
        der = (folder / CERTIFICATE).read_bytes()
        certificate = _parsed(der)
        key = serialization.load_pem_private_key((folder / KEY).read_bytes(), password=None)
        if key.public_key() != certificate.public_key():
            raise ValueError(f"{KEY} does not belong to {CERTIFICATE}")
    except (OSError, ValueError, TypeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _untrusted("own", bus, folder=str(folder), why=why) from error
    return Own(der, _uri_of(certificate), key, str(folder / CERTIFICATE))


def make_certificate(host: str, now: dt.datetime) -> tuple[bytes, bytes]:
    """A new certificate (DER) with its private key (PEM): RSA 2048, SHA-256, made out to this computer.

    Fields as OPC UA part 6, 6.2.2 wants them of an application: its URI and host name as subject alternative names,
    key usages digitalSignature, nonRepudiation, keyEncipherment and dataEncipherment, for a client.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID

    name = re.sub(r"[^A-Za-z0-9-]+", "-", host).strip("-")[:60] or "pc"  # names of PCs are Korean, too
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Gadong@{name}"[:64]),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Gadong"),
        ]
    )
    names = [x509.UniformResourceIdentifier(f"urn:{name}:gadong:client"), x509.DNSName(name)]
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = dict.fromkeys(
        ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False
    ) | dict.fromkeys(("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"), True)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=365 * BEFORE_YEARS))
        .not_valid_after(now + dt.timedelta(days=365 * VALID_YEARS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.DER), pem


def _private_folder(folder: Path) -> None:
    """Make the folder, for this user only. On Windows it inherits the rights of the user's own data folder."""
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) != _PRIVATE_FOLDER:
        folder.chmod(_PRIVATE_FOLDER)


def _keep(file: Path, data: bytes) -> None:
    """Put a file in place whole, readable by this user only from its first byte on."""
    new = file.with_name(file.name + ".new")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)


# passwords


def account(user: str, port: str) -> str:
    """The name under which a password is kept: it belongs to one user at one address and is sent nowhere else."""
    return f"{user}@{port}"


def password(wanted: Security, keys: str, port: str, bus: str) -> str:
    """The password of the bus's user.

    Raises DriverError refused_login with `problem` no_keyring, keyring, no_password or password_file.
    """
    name = account(wanted.user, port)
    if wanted.password_from == "file":
        found = _from_file(keys, bus).get(name)
    else:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError

        try:
            found = keyring.get_password(SERVICE, name)
        except NoKeyringError as error:
            raise _refused("no_keyring", bus) from error
        except KeyringError as error:
            raise _refused("keyring", bus, why=type(error).__name__) from error
    if found is None:
        raise _refused("no_password", bus, user=wanted.user)
    return found


def keep_password(wanted: Security, keys: str, port: str, bus: str, secret: str) -> None:
    """Store the password of the bus's user. Raises DriverError refused_login as `password` does."""
    name = account(wanted.user, port)
    if wanted.password_from == "file":
        known = _from_file(keys, bus) | {name: secret}
        try:
            _private_folder(Path(keys))
            _keep(Path(keys) / PASSWORDS, json.dumps(known, ensure_ascii=False).encode())
        except OSError as error:
            raise _refused("password_file", bus, file=PASSWORDS, why=error.strerror or "") from error
        return
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        keyring.set_password(SERVICE, name, secret)
    except NoKeyringError as error:
        raise _refused("no_keyring", bus) from error
    except KeyringError as error:
        raise _refused("keyring", bus, why=type(error).__name__) from error


def _from_file(keys: str, bus: str) -> dict[str, str]:
    file = Path(keys) / PASSWORDS
    if not keys:
        raise _refused("password_file", bus, file=PASSWORDS, why="no folder for keys was given")
    try:
        if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            file.chmod(_PRIVATE)
            logger.warning("%s could be read by others; now only by this user", file)
        known = json.loads(file.read_bytes())
        return {str(name): str(secret) for name, secret in known.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _refused("password_file", bus, file=PASSWORDS, why=error.strerror or "") from error
    except (ValueError, AttributeError):  # `from None`: what cannot be read may still hold a password
        raise _refused("password_file", bus, file=PASSWORDS, why="no JSON") from None


def _refused(problem: str, bus: str, **detail: str) -> DriverError:
    return DriverError(
        "refused_login", needs_person=True, partial=False, problem=problem, reason=problem, bus=bus, **detail
    )
