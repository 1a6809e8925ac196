"""What this computer and the data folder are like: the first page of every call for help."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from msgspec import Struct

from desktop import VERSION, summaries
from desktop.domain.figures.head import CollectorNow
from desktop.store import database
from desktop.store.database import KnownError, Store
from desktop.text import _, visible
from desktop.wording.devices import collector_note, fault_sentence, status_word


class Finding(Struct, frozen=True):
    """One thing looked at, and whether it is well."""

    well: bool
    sentence: str


def examine(folder: Path, *, smoke: bool = False) -> list[Finding]:
    """Look at versions, folder, database and collector; with `smoke` also open a window and an OPC UA connection."""
    findings = [
        Finding(
            True, f"Gadong {VERSION}, Python {platform.python_version()} ({platform.machine()}), {platform.platform()}"
        ),
        Finding(
            database.sqlite3.sqlite_version_info >= database.SAFE_SQLITE,
            f"SQLite {database.SQLITE_VERSION} ({database.sqlite3.__name__.partition('.')[0]})",
        ),
        _place(folder),
    ]
    if database.path_of(folder).exists():
        findings += _database(folder)
    else:
        findings.append(Finding(True, str(database.no_database(folder))))
    if smoke:
        findings += [_window(), _opc_ua()]
    return findings


def _place(folder: Path) -> Finding:
    if database.is_share(folder):
        return Finding(
            False,
            _(
                "The folder {folder} lies on a network share. A database there would be damaged: "
                "choose a folder on this PC."
            ).format(folder=folder),
        )
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free_mb = shutil.disk_usage(there).free // 1_000_000
    writable = os.access(there, os.W_OK)
    return Finding(
        writable and free_mb > 1000,
        _("{folder}: {free} MB free, {writable}").format(
            folder=folder, free=free_mb, writable=_("writable") if writable else _("not writable")
        ),
    )


def _database(folder: Path) -> list[Finding]:
    try:
        store = database.open_reader(folder)
    except KnownError as error:
        return [Finding(False, str(error))]
    try:
        collector = summaries.collector_now(store)
        size_mb = database.path_of(folder).stat().st_size / 1_000_000
        return [
            Finding(
                True, _("Database {size} MB, site {site}").format(size=f"{size_mb:.1f}", site=store.meta("site_uuid"))
            ),
            Finding(not collector.held, _collector(collector)),
            *(_devices(store) if collector.running else ()),
        ]
    finally:
        store.close()


def _collector(collector: CollectorNow) -> str:
    if collector.held:
        return collector_note("held")
    return _("The collector runs.") if collector.running else _("Nobody collects: start it with main.py collect.")


def _devices(store: Store) -> list[Finding]:
    """Devices that do not work, and those of which nothing has come yet."""
    found = []
    for device in summaries.line_now(store, store.clock.now_ms()).devices:
        if device.fault_kind or device.status != "online":
            fault = fault_sentence(device.fault_kind, device.fault_detail) or status_word(device.status)
            found.append(Finding(False, visible(f"{device.name}: {fault}")))
        elif device.last_value_at_ms is None:
            words = _("connected, but nothing has come from it yet. Make it send something.")
            found.append(Finding(True, visible(f"{device.name}: {words}")))
    return found


def _window() -> Finding:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from desktop.views import application

    words = application.smoke()
    return Finding(not words.startswith("!"), words.lstrip("!"))


def _opc_ua() -> Finding:
    """A server and our driver on loopback: one value must come across."""
    from desktop.clock import REAL
    from drivers.base import BusSpec, DeviceSpec, SignalSpec
    from drivers.opc_ua import OpcUa
    from drivers.simulated.wire_opc_ua import OpcUaFace

    face = OpcUaFace({"Value": 42.0})
    driver = OpcUa(
        BusSpec(
            "smoke",
            face.url,
            {},
            (DeviceSpec("smoke", {}, (SignalSpec("value", {"node": "nsu=urn:gadong:demo;s=Value"}),)),),
        ),
        REAL,
    )
    try:
        driver.open()
        values = [reading.value for _turn in range(20) for reading in driver.poll()]
    finally:
        driver.close()
        face.close()
    return Finding(
        42.0 in values,
        _("OPC UA on this computer: {answer}").format(
            answer=_("a value came across") if 42.0 in values else _("no value came across")
        ),
    )
