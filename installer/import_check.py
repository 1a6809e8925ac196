"""Would every import of a staged program find its file? Read from the sources, nothing is run.

Two questions, both answered without the target's Python, so that a Windows stage can be checked on Linux:

* every import written anywhere in the program, also inside functions (the lazy ones), finds a module in the stage;
* so does every import that those modules make while they load, and so on through the libraries. This is what a prune
  list breaks without a sound: `numpy.typing` looks like dead weight, yet pyqtgraph imports it when it loads.

Left out, because whoever wrote it expected it to fail: imports inside `try ... except ImportError`, and those that only
a type checker sees. In libraries also those inside functions and below an `if` (other systems, optional extras).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BINARY_SUFFIXES = (".pyd", ".so")
PLAIN_IMPORT = re.compile(r"^(?:import [\w., ]+|from [\w.]+ import (?:\([^)]*\)|[\w*, ]+))", re.MULTILINE)
IMPORT_STRING = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)+:[A-Za-z_]\w*")  # "drivers.text_line:TextLine"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One import in a source file: the module, the names taken from it, and the line."""

    module: str
    names: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Missing:
    """An import that would fail, and the file that makes it."""

    file: Path
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.module} is not in the stage"


def is_type_checking(test: ast.expr) -> bool:
    """True for the condition `TYPE_CHECKING` or `typing.TYPE_CHECKING`."""
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def is_guarded(statement: ast.Try) -> bool:
    """True if this `try` is prepared for a module that is not there."""
    caught: list[str] = []
    for handler in statement.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        caught += [getattr(kind, "id", getattr(kind, "attr", "Exception")) for kind in kinds]
    return bool({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"} & set(caught))


def statements(body: Sequence[ast.stmt], everywhere: bool) -> Iterator[ast.stmt]:
    """The statements that count: all of them (`everywhere`), or only those that run whenever the module loads."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.Try):
            if not is_guarded(statement):
                yield from statements(statement.body, everywhere)
            yield from statements([*statement.orelse, *statement.finalbody], everywhere and not is_guarded(statement))
        elif isinstance(statement, ast.If) and is_type_checking(statement.test):
            yield from statements(statement.orelse, everywhere)
        elif isinstance(statement, ast.ClassDef | ast.With):
            yield from statements(statement.body, everywhere)
        elif everywhere and hasattr(statement, "body"):
            yield from statements([*statement.body, *getattr(statement, "orelse", [])], everywhere)


def parse(source: str) -> tuple[ast.Module, bool]:
    """The syntax tree of a source file, and whether it is whole.

    A library for a newer Python (numpy for 3.12 and later) may use forms that this one cannot parse; of such a file the
    tree holds the imports at the left margin only, on their own lines.
    """
    try:
        return ast.parse(source), True
    except SyntaxError:
        lines = [""] * (source.count("\n") + 1)
        for match in PLAIN_IMPORT.finditer(source):
            first = source.count("\n", 0, match.start())
            text = match.group().split("\n")
            lines[first : first + len(text)] = text
        return ast.parse("\n".join(lines)), False


def imports_of(source: str, module: str, is_package: bool, everywhere: bool) -> list[Wanted]:
    """The imports of one source file. `module` is its own name, for relative imports."""
    tree, _whole = parse(source)
    found: list[Wanted] = []
    for statement in statements(tree.body, everywhere):
        if isinstance(statement, ast.Import):
            found += [Wanted(alias.name, (), statement.lineno) for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            origin = statement.module or ""
            if statement.level:
                parts = module.split(".")
                parts = parts[: len(parts) - statement.level + (1 if is_package else 0)]
                origin = ".".join([*parts, origin] if origin else parts)
            found.append(Wanted(origin, tuple(alias.name for alias in statement.names), statement.lineno))
    if everywhere:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and IMPORT_STRING.fullmatch(node.value):
                found.append(Wanted(node.value.partition(":")[0], (), node.lineno))
    return found


def find(module: str, roots: Sequence[Path]) -> Path | None:
    """The file (or the folder of a namespace package) that this module name leads to, None if there is none."""
    tail = Path(*module.split("."))
    namespace: Path | None = None
    for root in roots:
        base = root / tail
        if (base / "__init__.py").is_file():
            return base / "__init__.py"
        plain = base.with_name(base.name + ".py")
        if plain.is_file():
            return plain
        if base.parent.is_dir():
            for file in sorted(base.parent.glob(base.name + ".*")):
                if file.suffix in BINARY_SUFFIXES:
                    return file
        if base.is_dir():
            namespace = namespace or base
    return namespace


def bound_names(source: str, without_line: int = 0) -> set[str]:
    """The names that a module has once it is loaded; "*" if it takes them from elsewhere or makes them on demand.

    An import on line `without_line` does not count: `from . import curves` in a package is no proof that it has curves.
    """
    tree, whole = parse(source)
    names: set[str] = set() if whole else {"*"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            if node.lineno != without_line:
                names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add("*" if node.name == "__getattr__" else node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def submodules(wanted: Wanted, by: Path, target: Path, roots: Sequence[Path]) -> tuple[list[str], list[str], bool]:
    """Of the names in `from package import names`, written in the file `by`: those that are modules of the package,
    those that are nowhere to be seen in it, and whether it may still make these on demand."""
    if target.name != "__init__.py":
        return [], [], True
    here: list[str] = []
    nowhere: list[str] = []
    bound = bound_names(target.read_text(encoding="utf-8"), wanted.line if by == target else 0)
    for name in wanted.names:
        full = f"{wanted.module}.{name}"
        if find(full, roots) is not None:
            here.append(full)
        elif name not in bound and name != "*":
            nowhere.append(full)
    return here, nowhere, "*" in bound


def module_name(file: Path, root: Path) -> str:
    """The name under which a source file is imported."""
    parts = list(file.relative_to(root).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def missing_imports(program: Path, libraries: Path, dropped: frozenset[str] = frozenset()) -> list[Missing]:
    """What would fail in the program (folder `program`) with the libraries in `libraries`; empty if all is well.

    `dropped` are the names of modules that pruning removed. A name that a package does not seem to have is an error if
    it is one of these; in code of the program also otherwise, unless the package makes names on demand.
    """
    roots = (program, libraries)
    missing: list[Missing] = []
    waiting = [file for file in sorted(program.rglob("*.py")) if "__pycache__" not in file.parts]
    seen = set(waiting)
    while waiting:
        file = waiting.pop()
        root = program if file.is_relative_to(program) else libraries
        name = module_name(file, root)
        source = file.read_text(encoding="utf-8")
        for wanted in imports_of(source, name, file.name == "__init__.py", everywhere=root is program):
            if wanted.module.partition(".")[0] in sys.stdlib_module_names:
                continue
            target = find(wanted.module, roots)
            if target is None:
                missing.append(Missing(file, wanted.line, wanted.module))
                continue
            here, nowhere, on_demand = submodules(wanted, file, target, roots)
            strict = root is program and not on_demand
            missing += [Missing(file, wanted.line, full) for full in nowhere if strict or full in dropped]
            for full in (wanted.module, *here):
                # Loading a module loads the packages above it first.
                above = [".".join(full.split(".")[:depth]) for depth in range(1, full.count(".") + 2)]
                for loaded in (find(part, roots) for part in above):
                    if loaded is not None and loaded.suffix == ".py" and loaded not in seen:
                        seen.add(loaded)
                        waiting.append(loaded)
    return sorted(missing, key=lambda found: (str(found.file), found.line))


def modules_to_try(program: Path, libraries: Path) -> list[str]:
    """Every module of the program and every library module that it names: what a real run should be able to load."""
    names: set[str] = set()
    for file in sorted(program.rglob("*.py")):
        name = module_name(file, program)
        names.add(name)
        source = file.read_text(encoding="utf-8")
        for wanted in imports_of(source, name, file.name == "__init__.py", everywhere=True):
            if find(wanted.module, (libraries,)) is not None:
                names.add(wanted.module)
    return sorted(names)
