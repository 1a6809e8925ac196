"""Whom an OPC UA bus trusts and how it logs in: what is said once by a person and kept."""

from __future__ import annotations

import json

from msgspec import Struct

from desktop import clock
from desktop.domain.plant import Bus
from desktop.store import register
from desktop.store.database import KEYS, KnownError, Store
from desktop.text import _
from desktop.wording.devices import CERTIFICATE_REMARKS, fault_sentence
from drivers.base import BusSpec, DriverError
from drivers.link import Given
from drivers.opc_ua import OpcUa
from drivers.opc_ua_security import fingerprint, security_of
from drivers.opc_ua_security import keep_password as keep


class Shown(Struct, frozen=True):
    """The certificate that a machine shows: fingerprints as `trust` has them ("" for none), and what to tell of it."""

    fingerprint: str
    trusted: str
    sentences: tuple[str, ...]


def opc_ua_bus(store: Store, key: str) -> Bus:
    """The bus of that key. Raises KnownError where there is none or it does not speak OPC UA."""
    buses = [bus for bus in register.plant(store).buses if bus.driver == "opc_ua"]
    for bus in buses:
        if bus.key == key:
            return bus
    names = ", ".join(bus.key for bus in buses) or _("nothing yet")
    raise KnownError(_("There is no OPC UA bus {key}. Buses: {names}.").format(key=key, names=names))


def shown(store: Store, bus: Bus) -> Shown:
    """Ask the machine for its certificate. Raises KnownError where it shows none that could be trusted."""
    try:
        der, remarks = OpcUa(_spec(store, bus), clock.REAL).shown_certificate()
    except DriverError as error:
        raise KnownError(fault_sentence(error.kind, error.detail)) from error
    now = fingerprint(der)
    before = security_of(_given(bus)).trust
    before = f"sha256:{before}" if before else ""
    sentences = [_("{port} shows the certificate {fingerprint}.").format(port=bus.port, fingerprint=now)]
    sentences += [_(words).format_map(remarks) for key, words in CERTIFICATE_REMARKS.items() if key in remarks]
    if before == now:
        sentences.append(_("It is the one that was confirmed."))
    elif before:
        sentences.append(_("Until now {fingerprint} was confirmed.").format(fingerprint=before))
    return Shown(now, before, tuple(sentences))


def trust(store: Store, bus: Bus, confirmed: str, who: str = "") -> None:
    """Write the confirmed fingerprint into the bus's settings, with a line in the audit trail."""
    now_ms = store.clock.now_ms()
    with store.transaction() as db:
        settings = {**bus.settings, "trust": confirmed}
        words = json.dumps(settings, ensure_ascii=False)
        register.upsert(db, "buses", {"key": bus.key}, {"port": bus.port, "driver": bus.driver, "settings": words})
        before = str(bus.settings.get("trust", ""))
        register.audit(db, now_ms, who, "config trust", f"bus {bus.key}", json.dumps(before), json.dumps(confirmed))


def login(bus: Bus) -> dict[str, str]:
    """User and port of a bus. Raises KnownError where no user is set up."""
    user = str(bus.settings.get("user", ""))
    if not user:
        raise KnownError(
            _('Bus {key} logs in without a name: write user = "..." at the bus first.').format(key=bus.key)
        )
    return {"user": user, "port": bus.port}


def keep_password(store: Store, bus: Bus, secret: str) -> None:
    """Store the password of a bus's user where the bus says. Raises KnownError where it cannot be stored."""
    try:
        keep(security_of(_given(bus)), str(store.folder / KEYS), bus.port, bus.key, secret)
    except DriverError as error:
        raise KnownError(fault_sentence(error.kind, error.detail)) from error


def _given(bus: Bus) -> Given:
    return Given(OpcUa.BUS_SETTINGS, bus.settings, bus.key)


def _spec(store: Store, bus: Bus) -> BusSpec:
    return BusSpec(bus.key, bus.port, bus.settings, (), str(store.folder / KEYS))
