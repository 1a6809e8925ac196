"""node-opcua as an independent peer: it answers requests of before a renewal under the old token.

With the bare library a subscription to it falls silent for ever at the first renewal of the channel, while reads go on.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from desktop.clock import REAL
from drivers import opc_ua_guards
from drivers.base import Reading, Value
from drivers.opc_ua import OpcUa
from drivers.opc_ua_security import fingerprint
from tests.drivers.opc_ua_peers import bus

pytestmark = pytest.mark.long

VERSION = "2.156.0"  # the last ones want node 22
RENEWALS, LIFE_MS = 4, 4000  # the library renews after 70 % of a channel's life
SERVER = """
const { OPCUAServer } = require("node-opcua-server");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const { DataType } = require("node-opcua-variant");
(async () => {
  const trusting = new OPCUACertificateManager({
    automaticallyAcceptUnknownCertificate: true, rootFolder: process.argv[2],
  });
  await trusting.initialize();
  const server = new OPCUAServer({ port: 0, hostname: "127.0.0.1", serverCertificateManager: trusting });
  await server.initialize();
  const space = server.engine.addressSpace.getOwnNamespace();
  let count = 0;
  const variable = space.addVariable({
    organizedBy: server.engine.addressSpace.rootFolder.objects, browseName: "Good", nodeId: "s=Good",
    dataType: "UInt32", minimumSamplingInterval: 10,
  });
  const put = () => variable.setValueFromSource({ dataType: DataType.UInt32, value: count++ });
  put();
  await server.start();
  console.log(server.endpoints[0].port, variable.nodeId.toString());
  setInterval(put, 50);
})().catch((error) => { console.error(error); process.exit(1); });
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
"""


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of the server and of its counter."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm and node are not installed")
    folder = tmp_path_factory.mktemp("node")
    words = [npm, "install", "--no-audit", "--no-fund", "--silent", f"node-opcua-server@{VERSION}"]
    made = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if made.returncode:
        pytest.skip(f"npm cannot fetch node-opcua-server: {(made.stderr or made.stdout)[-200:]}")
    (folder / "server.js").write_text(SERVER, encoding="utf-8")
    log = (folder / "server.log").open("w", encoding="utf-8")
    with log, subprocess.Popen(
        [node, "server.js", str(folder / "pki")],
        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = ""
            while "Good" not in line:
                line = process.stdout.readline()
                assert line, (folder / "server.log").read_text(encoding="utf-8")[-2000:]
            port, counter = line.split()
            yield f"opc.tcp://127.0.0.1:{port}", counter
        finally:
            process.kill()


@pytest.mark.parametrize("mode", ["None", "Sign", "SignAndEncrypt"])
def test_a_subscription_outlives_the_renewals_of_its_channel(
    peer: tuple[str, str], mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, counter = peer
    monkeypatch.setattr(opc_ua_guards, "CHANNEL_LIFE_MS", LIFE_MS)
    renewed: list[float] = []
    open_channel = opc_ua_guards.GuardedClient.open_secure_channel

    def watched(self: opc_ua_guards.GuardedClient, renew: bool = False) -> None:
        open_channel(self, renew)
        if renew:
            renewed.append(time.monotonic())

    monkeypatch.setattr(opc_ua_guards.GuardedClient, "open_secure_channel", watched)
    settings: dict[str, Value] = {"security": mode, "timeout_s": 4.0, "keepalive_s": 1.0, "watchdog_s": 3.0}
    keys = str(tmp_path / "keys")
    if mode != "None":
        der, _ = OpcUa(bus(url, {}, settings, keys), REAL).shown_certificate()
        settings["trust"] = fingerprint(der)
    driver = OpcUa(bus(url, {"good": counter}, settings, keys), REAL)
    found: list[Reading] = []
    try:
        driver.open()
        end = time.monotonic() + 30
        while len(renewed) < RENEWALS or time.monotonic() < renewed[-1] + 1:
            assert time.monotonic() < end, f"renewed {len(renewed)} times"
            found += driver.poll()
    finally:
        driver.close()
    values = [int(reading.value or 0) for reading in found]
    # Every one, over every renewal. Where the server's timer runs late it counts twice between two of its own samples.
    steps = [after - before for before, after in pairwise(values)]
    assert min(steps) == 1
    assert max(steps) <= 3, "a renewal that fails costs a second, twenty values"
    assert sum(steps) - len(steps) <= len(steps) // 20
    assert len(values) > 150
    assert driver.losses() == {"plc": 0}


def test_it_says_when_its_queue_runs_over(peer: tuple[str, str]) -> None:
    """Ten values in each publishing interval, a queue of three."""
    url, counter = peer
    driver = OpcUa(bus(url, {"good": counter}, {"queue": 3, "publishing_ms": 500, "keepalive_s": 1.0}), REAL)
    found: list[Reading] = []
    try:
        driver.open()
        end = time.monotonic() + 10
        while sum(reading.note == "overflow" for reading in found) < 2:
            assert time.monotonic() < end, found
            found += driver.poll()
    finally:
        driver.close()
    told = [reading.value for reading in found if not reading.signal]
    assert sum(int(value or 0) for value in told) <= driver.losses()["plc"]
    flagged = [reading for reading in found if reading.status == 0x480]
    assert len(flagged) >= 2
