"""The floors of the house: imports point downward only, and each library stays in its room (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: module or package -> floor; the longest name that fits decides
FLOORS = {
    "main": 6,
    "desktop.command_line": 6,
    "desktop.commands": 6,
    "desktop.demo": 6,
    "desktop.simulation": 6,
    "desktop.doctor": 6,
    "desktop.words": 6,
    "desktop.trial_words": 6,
    "desktop.truth": 6,
    "desktop.workshop": 6,
    "desktop.views": 5,
    "desktop.reports": 4,
    "desktop.labelling": 4,
    "desktop.control": 3,
    "desktop.summaries": 3,
    "desktop.collect": 3,
    "desktop.configuration": 3,
    "desktop.paint": 3,
    "desktop.wording": 3,
    "desktop.scan_words": 3,
    "desktop.scanning": 3,
    "desktop.calendar_words": 3,
    "desktop.daily_words": 3,
    "desktop.trace_words": 3,
    "desktop.trail_words": 3,
    "desktop.tokens": 3,
    "desktop.store": 2,
    "desktop.domain": 1,
    "desktop.text": 1,
    "desktop.clock": 1,
    "desktop.bootstrap": 1,
    "desktop": 1,
    "drivers": 1,
}
#: library -> who may import it
ROOMS = {
    "PySide6": ("desktop.views", "desktop.paint", "desktop.reports.pdf"),
    "pyqtgraph": ("desktop.views",),
    "numpy": ("desktop.views", "desktop.domain.spc"),
    "pysqlite3": ("desktop.store.database",),
    "sqlite3": ("desktop.store.database",),
    "sqlite_utils": ("desktop.store.migrations",),
    "opcua": (
        "drivers.opc_ua",
        "drivers.opc_ua_faults",
        "drivers.opc_ua_guards",
        "drivers.opc_ua_items",
        "drivers.opc_ua_library",
        "drivers.opc_ua_requests",
        "drivers.simulated",
    ),
    "serial": ("drivers.link", "drivers.simulated"),
    "xlsxwriter": ("desktop.reports", "desktop.configuration.sheets"),
    "openpyxl": ("desktop.reports.form", "desktop.configuration.sheets"),
    "tomli_w": ("desktop.configuration",),
    "argon2": ("desktop.store.people",),
    "platformdirs": ("desktop.control",),
    "zxingcpp": ("desktop.paint.label",),
}
#: package -> what it must not import, besides what lies above it
CLOSED = {
    "desktop.domain": ("drivers", "desktop.text", "desktop.clock"),
    "drivers": ("desktop",),
    "desktop.collect": ("desktop.views", "desktop.reports", "desktop.paint"),
    "desktop.views": ("drivers", "desktop.store"),
    "desktop.reports": ("drivers", "desktop.collect"),
    "desktop.bootstrap": ("drivers", "desktop"),
    "desktop.summaries": ("drivers", "desktop.collect"),
}
ALLOWED = {
    ("desktop.views", "drivers.catalog"),  # for the form of a driver's settings
    ("desktop.views", "desktop.store.database"),  # to open a reader and to show its faults; summaries ask it
    ("desktop.views", "desktop.store.locks"),
}
#: what the domain may import: values are msgspec's structs
DOMAIN_LIBRARIES = sys.stdlib_module_names | {"msgspec"}
#: who speaks SQL; the demo stops its file's clock
SQL_ROOMS = ("desktop.store",)
SQL = re.compile(r"(?s)\s*(SELECT .* FROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE|PRAGMA) ?\b")
#: calls by which a pure module would look at the world
IMPURE = {"time", "time_ns", "monotonic", "monotonic_ns", "now", "today", "utcnow", "open", "print", "input", "getenv"}

Import = tuple[str, str, int]  # importing module, imported module, line


def modules(root: Path) -> dict[str, Path]:
    """Every module of the program by its dotted name."""
    found = {"main": root / "main.py"} if (root / "main.py").exists() else {}
    for package in ("desktop", "drivers"):
        for file in sorted((root / package).rglob("*.py")):
            parts = file.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports(name: str, file: Path, known: dict[str, Path]) -> Iterator[Import]:
    """Every import of a module, lazy ones too; `from a import b` names a.b where that is a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield name, alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield name, "." * node.level + (node.module or ""), node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield name, whole if whole in known else node.module, node.lineno


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def floor(name: str) -> int | None:
    fitting = [package for package in FLOORS if within(name, package)]
    return FLOORS[max(fitting, key=len)] if fitting else None


def faults(root: Path) -> list[str]:
    """Everything that breaks a rule of the house, a line each."""
    known = modules(root)
    found = []
    for name, file in known.items():
        for _name, target, line in imports(name, file, known):
            where = f"{name}:{line} imports {target}"
            mine, theirs = floor(name), floor(target)
            if mine is not None and theirs is not None and theirs > mine:
                found.append(f"{where}: upward, from floor {mine} to {theirs}")
            if target.startswith("."):
                found.append(f"{where}: names are written whole")
            library = target.partition(".")[0]
            if library in ROOMS and not any(within(name, room) for room in ROOMS[library]):
                found.append(f"{where}: {library} stays in {ROOMS[library]}")
            excused = any(within(name, here) and within(target, there) for here, there in ALLOWED)
            for package, closed in CLOSED.items():
                foreign = any(within(target, other) for other in closed) and not within(target, package)
                if within(name, package) and foreign and not excused:
                    found.append(f"{where}: {package} does not know {closed}")
            counts = (name, library) == ("desktop.domain.spc", "numpy")  # figures of many thousand values
            if within(name, "desktop.domain") and theirs is None and library not in DOMAIN_LIBRARIES and not counts:
                found.append(f"{where}: the domain is standard library and msgspec only")
        if within(name, "desktop.domain"):
            found += impure_calls(name, file)
        if not any(within(name, room) for room in SQL_ROOMS):
            found += sql(name, file)
    found += [f"circle: {' > '.join(circle)}" for circle in circles(root)]
    return found


def impure_calls(name: str, file: Path) -> list[str]:
    """Looks at the clock, a file or the screen in a module that must be pure."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in IMPURE:
                found.append(f"{name}:{node.lineno} calls {called}(): the domain is pure")
    return found


def sql(name: str, file: Path) -> list[str]:
    """Text that speaks to the database."""
    return [
        f"{name}:{node.lineno} speaks SQL: only the store does"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]


def circles(root: Path) -> list[list[str]]:
    """Circles among the imports at the top of modules."""
    known = modules(root)
    graph: dict[str, set[str]] = {}
    for name, file in known.items():
        top = [
            n for n in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        lines = {n.lineno for n in top}
        graph[name] = {t for _n, t, line in imports(name, file, known) if line in lines and t in known and t != name}
    found: list[list[str]] = []
    state: dict[str, int] = {}

    def walk(name: str, path: list[str]) -> None:
        state[name] = 1
        for other in sorted(graph[name]):
            if state.get(other) == 1:
                found.append([*path[path.index(other) :], other])
            elif other not in state:
                walk(other, [*path, other])
        state[name] = 2

    for name in graph:
        if name not in state:
            walk(name, [name])
    return found


def test_the_house_is_in_order() -> None:
    assert faults(ROOT) == []


def test_every_module_has_a_floor() -> None:
    assert [name for name in modules(ROOT) if floor(name) is None] == []


def test_nothing_in_the_tree_reads_outside_it() -> None:
    """No code or test looks for material beside the project."""
    beside = "/".join(("..", "shared"))
    files = [
        *modules(ROOT).values(),
        *sorted((ROOT / "tests").rglob("*.py")),
        *sorted((ROOT / "installer").rglob("*.py")),
    ]
    assert [str(file) for file in files if beside in file.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("desktop/domain/a.py", "from desktop.store import database", "upward"),
        ("desktop/store/a.py", "import desktop.summaries", "upward"),
        ("desktop/collect/a.py", "from desktop.views import window", "upward"),
        ("desktop/summaries.py", "def f():\n    from PySide6 import QtCore", "PySide6 stays in"),
        ("desktop/views/a.py", "import sqlite3", "sqlite3 stays in"),
        ("desktop/store/journal.py", "import sqlite3", "sqlite3 stays in"),
        ("desktop/views/a.py", "import drivers.modbus_rtu", "does not know"),
        ("desktop/collect/a.py", "import opcua", "opcua stays in"),
        ("drivers/modbus_rtu.py", "import serial", "serial stays in"),
        ("drivers/a.py", "from desktop.clock import REAL", "does not know"),
        ("desktop/domain/a.py", "from drivers.base import Reading", "does not know"),
        ("desktop/domain/a.py", "import numpy", "standard library and msgspec only"),
        ("desktop/domain/a.py", "import time\nx = time.time()", "pure"),
        ("desktop/domain/a.py", "from datetime import datetime\nx = datetime.now()", "pure"),
        ("desktop/domain/a.py", "import desktop.domain.b\n", "circle"),
        ("desktop/domain/a.py", "from . import b", "written whole"),
        ("desktop/views/a.py", "from desktop.store import journal", "does not know"),
        ("desktop/views/a.py", 'x = "SELECT id FROM events"', "speaks SQL"),
        ("desktop/collect/a.py", 'x = f"INSERT OR REPLACE INTO {1}"', "speaks SQL"),
        ("desktop/collect/a.py", "import desktop.control\nimport desktop.reports.pdf", "upward"),
        ("desktop/reports/a.py", "import desktop.collect", "does not know"),
        ("desktop/bootstrap/a.py", "import desktop.clock", "does not know"),
        ("drivers/catalog.py", "import opcua", "opcua stays in"),
        ("drivers/opc_ua_publish.py", "import opcua", "opcua stays in"),
        ("desktop/store/a.py", "import sqlite_utils", "sqlite_utils stays in"),
    ],
)
def test_each_rule_can_fail(name: str, code: str, words: str, tmp_path: Path) -> None:
    for file, text in (
        ("desktop/__init__.py", ""),
        ("desktop/domain/__init__.py", ""),
        ("desktop/domain/b.py", "import desktop.domain.a\n"),
        ("desktop/domain/a.py", ""),
        ("desktop/clock.py", ""),
        ("desktop/bootstrap/__init__.py", ""),
        ("desktop/summaries.py", ""),
        ("desktop/store/__init__.py", ""),
        ("desktop/store/database.py", ""),
        ("desktop/store/journal.py", ""),
        ("desktop/reports/__init__.py", ""),
        ("desktop/reports/pdf.py", ""),
        ("desktop/views/__init__.py", ""),
        ("desktop/views/window.py", ""),
        ("desktop/collect/__init__.py", ""),
        ("drivers/__init__.py", ""),
        ("drivers/base.py", ""),
        ("drivers/catalog.py", ""),
        ("drivers/modbus_rtu.py", ""),
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    assert faults(tmp_path) == []
    (tmp_path / name).write_text(code)
    assert any(words in fault for fault in faults(tmp_path))


def test_views_may_know_the_catalogue(tmp_path: Path) -> None:
    (tmp_path / "desktop" / "views").mkdir(parents=True)
    (tmp_path / "drivers").mkdir()
    (tmp_path / "drivers" / "catalog.py").write_text("")
    (tmp_path / "desktop" / "views" / "a.py").write_text("from drivers import catalog")
    assert faults(tmp_path) == []


def test_the_collector_runs_without_numpy() -> None:
    """It would take 0.1 s more at its start and 20 MB for as long as it runs."""
    code = "import sys, desktop.collect.collector; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
