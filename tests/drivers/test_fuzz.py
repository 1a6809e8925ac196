"""Coverage-guided fuzzing of everything that takes bytes from a wire: nothing but DriverError comes out."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 600  # for all targets together

#: what a parser is given and what is asked of it; `data` is the fuzzer's, DriverError is the only way to refuse it
TARGETS = {
    "lines": """
from drivers.text_line import Decoder, Framer
DECODERS = [
    Decoder("(?P<code>.+)", "auto", aim=True),
    Decoder(r"(?P<head>ST|US|OL),(?P<weight>[+-][0-9. ]+) *(?P<unit>\\\\S+)", "cp949"),
    Decoder("", "ascii", "a=1-2,b=3-9"),
]
def target(data):
    mode, split = (data[0] % 3, data[1]) if len(data) > 1 else (0, 0)
    body = data[2:]
    framer = Framer(("line", "stx-etx", "silence")[mode], 64, 50)
    frames = framer.feed(body[:split], 1, 1) + framer.feed(body[split:], 2, 2)
    frames += framer.tick(10**12) + framer.flush()
    for frame in frames:
        for decoder in DECODERS:
            decoder.fields_of(frame.body)
""",
    "modbus": """
from drivers.modbus_rtu import examine, read_request
def target(data):
    if len(data) < 3:
        return
    request = read_request(data[0] % 247 + 1, data[1] % 4 + 1, 100, data[2] % 125 + 1)
    answer = examine(data[3:], request)
    if answer is not None and not answer.wrong and not answer.code:
        assert len(answer.data) == (2 * (data[2] % 125 + 1) if data[1] % 4 > 1 else (data[2] % 125 + 8) // 8)
""",
    "cnet": """
from drivers.xgt_cnet import examine, locate
def target(data):
    if len(data) < 2:
        return
    sizes = [2 * (data[0] % 60 + 1)] if data[1] % 2 else [2] * (data[0] % 16 + 1)
    answer = examine(data[2:], 1, sizes, bool(data[1] % 2))
    if answer is not None and not answer.wrong and not answer.code:
        assert len(answer.data) == sum(sizes)
    try:
        locate(data.decode("latin-1"))
    except ValueError:
        pass
""",
    "codes": """
from desktop.domain.barcode import classify, clean_code
def target(data):
    clean_code(data.decode("latin-1"))
    classify(data.decode("utf-8", "backslashreplace"), {"unit": "S[0-9]+", "lot": "L.*"})
""",
}
FUZZ = """
import sys
import atheris
with atheris.instrument_imports(include=["drivers", "desktop"]):
    from drivers.base import DriverError
    {target}
def one(data):
    try:
        target(data)
    except DriverError:
        pass
atheris.Setup(sys.argv, one)
atheris.Fuzz()
"""


@pytest.mark.long
@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_read_or_refused(name: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris has no wheel for this system")
    code = FUZZ.format(target=TARGETS[name].strip().replace("\n", "\n    "))
    words = [sys.executable, "-c", code, f"-max_total_time={SECONDS // len(TARGETS)}", "-timeout=5", "-max_len=512"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    said = done.stderr
    assert done.returncode == 0, said[-3000:]
    assert re.search(r"Done \d+ runs in", said), said[-3000:]
