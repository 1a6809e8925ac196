"""Which drivers there are. Loads without pyserial and without opcua, so that a settings form may use it."""

from __future__ import annotations

from importlib import import_module

from msgspec import Struct

from drivers.base import Driver, Setting


class Entry(Struct, frozen=True):
    """A driver: where its class is ("module:Class"), and whether a bus holds several devices."""

    driver: str
    shared: bool


class Form(Struct, frozen=True):
    """The settings of a driver, as the fields of its form: for the bus, each device and each signal."""

    bus: tuple[Setting, ...]
    device: tuple[Setting, ...]
    signal: tuple[Setting, ...]


DRIVERS: dict[str, Entry] = {
    "text_line": Entry("drivers.text_line:TextLine", shared=False),
    "mt_sics": Entry("drivers.mt_sics:MtSics", shared=False),
    "modbus_rtu": Entry("drivers.modbus_rtu:ModbusRtu", shared=True),
    "xgt_cnet": Entry("drivers.xgt_cnet:XgtCnet", shared=True),
    "opc_ua": Entry("drivers.opc_ua:OpcUa", shared=True),
}


def load(name: str) -> type[Driver]:
    """Return the driver's class. Raises KeyError for a name that is not in DRIVERS.

    Importing a driver imports neither pyserial nor opcua: drivers do that when they open.
    """
    module, _, cls = DRIVERS[name].driver.partition(":")
    found: object = getattr(import_module(module), cls)
    if not (isinstance(found, type) and issubclass(found, Driver)):
        raise TypeError(f"{DRIVERS[name].driver} is no Driver")
    return found


def settings(name: str) -> Form:
    """Return the settings that a driver's bus, devices and signals have. Raises KeyError for an unknown name."""
    driver = load(name)
    return Form(driver.BUS_SETTINGS, driver.DEVICE_SETTINGS, driver.SIGNAL_SETTINGS)
