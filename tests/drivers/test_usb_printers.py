"""USB printers by name: what the kernel tells of their IEEE 1284 identity."""

from __future__ import annotations

from pathlib import Path

from drivers.printer import usb_printers


def test_usb_printers_are_named_by_maker_and_model(tmp_path: Path) -> None:
    devices, told = tmp_path / "usb", tmp_path / "usbmisc"
    devices.mkdir()
    for name, identity in (
        ("lp0", "MFG:Zebra Technologies ;CMD:ZPL;MDL:ZTC ZD421-203dpi ZPL;CLS:PRINTER;\n"),
        ("lp1", "MANUFACTURER:TSC;MODEL:TE200;"),
        ("lp2", None),
        ("hiddev0", "MDL:mouse;"),
    ):
        (devices / name).touch()
        (told / name / "device").mkdir(parents=True)
        if identity is not None:
            (told / name / "device" / "ieee1284_id").write_text(identity)
    found = [(Path(each.name).name, each.manufacturer, each.description) for each in usb_printers(devices, told)]
    assert found == [("lp0", "Zebra Technologies", "ZTC ZD421-203dpi ZPL"), ("lp1", "TSC", "TE200"), ("lp2", "", "")]
    assert usb_printers(tmp_path / "none") == []
