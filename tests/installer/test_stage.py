"""Staging: what of the lock counts for a target, what is pruned, and that a stage with a hole in it is found out."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import import_check
import pytest
import stage

ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A small stage in which every import finds its file."""
    write(
        tmp_path,
        {
            "app/main.py": "import sys\nfrom desktop.start import begin\n",
            "app/desktop/__init__.py": "",
            "app/desktop/start.py": (
                "import os.path\n"
                "from typing import TYPE_CHECKING\n"
                "from desktop import words\n"
                "from plot import curves\n"
                "if TYPE_CHECKING:\n"
                "    import only_for_the_type_checker\n"
                "try:\n"
                "    import faster_but_optional\n"
                "except ImportError:\n"
                "    faster_but_optional = None\n"
                'DRIVERS = {"scale": "desktop.scale:Scale"}\n'
                "def begin():\n"
                "    import numbers_of_the_shop\n"
                "    from plot.deep import inner\n"
            ),
            "app/desktop/words.py": "",
            "app/desktop/scale.py": "class Scale: pass\n",
            "lib/plot/__init__.py": "from . import curves\nfrom .curves import draw\n",
            "lib/plot/curves.py": "import numeric.typing\ndef draw():\n    import an_optional_extra\n",
            "lib/plot/deep/__init__.py": "",
            "lib/plot/deep/inner.cp313-win_amd64.pyd": "",
            "lib/numeric/__init__.py": "import sys\nif sys.platform == 'plan9':\n    import plan9_only\n",
            "lib/numeric/typing/__init__.py": "",
            "lib/numbers_of_the_shop.abi3.so": "",
        },
    )
    return tmp_path


def missing(folder: Path, *dropped: str) -> list[str]:
    return [found.module for found in import_check.missing_imports(folder / "app", folder / "lib", frozenset(dropped))]


def test_whole_stage_passes(whole: Path) -> None:
    assert missing(whole) == []


@pytest.mark.parametrize(
    ("gone", "module"),
    [
        ("app/desktop/words.py", "desktop.words"),
        ("app/desktop/scale.py", "desktop.scale"),  # named by a string in a catalogue
        ("lib/numbers_of_the_shop.abi3.so", "numbers_of_the_shop"),  # imported inside a function
        ("lib/plot/deep/inner.cp313-win_amd64.pyd", "plot.deep.inner"),
        ("lib/numeric/typing/__init__.py", "numeric.typing"),  # wanted by a library only
        ("lib/plot/curves.py", "plot.curves"),
    ],
)
def test_hole_is_found(whole: Path, gone: str, module: str) -> None:
    (whole / gone).unlink()
    if not any((whole / gone).parent.iterdir()):
        (whole / gone).parent.rmdir()
    assert module in missing(whole)


def test_dropped_module_of_a_package_that_makes_names_on_demand(whole: Path) -> None:
    write(
        whole,
        {
            "lib/Qt/__init__.py": "def __getattr__(name): ...\n",
            "lib/Qt/Core.abi3.so": "",
            "app/desktop/words.py": "from Qt import Core, Charts, version\n",
        },
    )
    assert missing(whole, "Qt.Charts") == ["Qt.Charts"]


def test_library_for_a_newer_python_is_read_as_well(whole: Path) -> None:
    """numpy for 3.13 is written in forms that Python 3.11 cannot parse."""
    newer = "import numeric.core\nfrom . import (\n    shapes,\n)\ntype Shape = tuple[int, ...]\n"
    write(whole, {"lib/numeric/__init__.py": newer, "lib/numeric/shapes.py": "type Side[T] = list[T]\nimport sides\n"})
    assert missing(whole) == ["numeric.core", "sides"]
    write(whole, {"lib/numeric/core.py": "", "lib/sides.py": ""})
    assert missing(whole) == []


def test_package_that_imports_a_dropped_part_of_itself(whole: Path) -> None:
    write(whole, {"lib/numeric/__init__.py": "from . import core\n"})
    assert missing(whole, "numeric.core") == ["numeric.core"]


def test_message_names_file_and_line(whole: Path) -> None:
    (whole / "app/desktop/words.py").unlink()
    (found,) = import_check.missing_imports(whole / "app", whole / "lib")
    assert str(found) == f"{whole / 'app/desktop/start.py'}:3: desktop.words is not in the stage"


def test_real_run_finds_an_import_whose_name_is_put_together(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "app/main.py": "import plot\n",
            "lib/plot/__init__.py": "import importlib\nimportlib.import_module(f'{__name__}.gone')\n",
        },
    )
    assert missing(tmp_path) == []
    assert [line.partition(":")[0] for line in stage.unloadable(tmp_path)] == [
        "main does not load",
        "plot does not load",
    ]
    write(tmp_path, {"lib/plot/gone.py": ""})
    assert stage.unloadable(tmp_path) == []


def test_keep_wins_over_drop(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(["Qt/Core.pyd", "Qt/Charts.pyd", "Qt/qml/a/b.dll", "plot/a.py", "plot/a.pyi"], ""))
    gone = stage.prune(tmp_path, ["Qt/*", "*.pyi"], ["Qt/Core.pyd"])
    assert gone == ["Qt/Charts.pyd", "Qt/qml/a/b.dll", "plot/a.pyi"]
    assert sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")) == [
        "Qt",
        "Qt/Core.pyd",
        "plot",
        "plot/a.py",
    ]
    assert stage.modules_of(gone) == {"Qt.Charts"}


def test_licences_of_a_package_are_never_pruned(tmp_path: Path) -> None:
    write(tmp_path, {"thing-1.0.dist-info/licenses/tests/LICENSE.h": ""})
    assert stage.prune(tmp_path, ["*"], []) == []


def test_library_that_names_a_dropped_one_is_found(tmp_path: Path) -> None:
    (tmp_path / "Qt6Gui.dll").write_bytes(b"MZ\0\0Qt6Core.dll\0KERNEL32.dll\0opengl32sw.dll\0xQt6Svg.dll\0")
    (tmp_path / "libQt6Gui.so.6").write_bytes(b"\x7fELF\0libQt6Core.so.6\0")
    gone = ["bin/Qt6Core.dll", "Qt6Svg.dll", "opengl32sw.dll", "libQt6Core.so.6", "uic"]
    assert stage.broken_libraries(tmp_path, gone, ["opengl32sw.dll"]) == [
        "Qt6Gui.dll needs Qt6Core.dll, which was dropped",
        "libQt6Gui.so.6 needs libQt6Core.so.6, which was dropped",
    ]


LOCK = """\
# made by a tool
both==1.0 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via gadong
numbers==2.4 ; python_full_version < '3.12' \\
    --hash=sha256:{a}
numbers==2.5 ; python_full_version >= '3.12' \\
    --hash=sha256:{b}
zones==2026.1 ; sys_platform == 'win32' \\
    --hash=sha256:{a}
""".format(a="a" * 64, b="b" * 64)


@pytest.mark.parametrize(
    ("target", "python", "expected"),
    [
        ("linux", "3.11", ["both 1.0", "numbers 2.4"]),
        ("win64", "3.13", ["both 1.0", "numbers 2.5", "zones 2026.1"]),
    ],
)
def test_lock_is_read_for_the_target_and_not_for_this_computer(target: str, python: str, expected: list[str]) -> None:
    pins = stage.pins_for(LOCK, stage.TARGETS[target], python)
    assert [f"{pin.name} {pin.version}" for pin in pins] == expected
    assert pins[0].hashes == {"a" * 64, "b" * 64}
    assert pins[0].line == f"both==1.0 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}"


def wheel(folder: Path, name: str, files: dict[str, str]) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
    return path


def test_wheel_that_the_lock_does_not_name_is_refused(tmp_path: Path) -> None:
    file = wheel(tmp_path, "both-1.0-py3-none-any.whl", {"both.py": ""})
    good = stage.Pin("both", "1.0", frozenset({hashlib.sha256(file.read_bytes()).hexdigest()}))
    assert stage.check_hashes([good], tmp_path) == [file]
    with pytest.raises(stage.StageError, match="SHA-256 differs"):
        stage.check_hashes([stage.Pin("both", "1.0", frozenset({"0" * 64}))], tmp_path)
    with pytest.raises(stage.StageError, match="no wheel"):
        stage.check_hashes([stage.Pin("both", "1.1", good.hashes)], tmp_path)


def test_unpack_keeps_packages_and_leaves_scripts(tmp_path: Path) -> None:
    inside = {"both/a.py": "", "both-1.0.data/purelib/extra.py": "", "both-1.0.data/scripts/both": ""}
    file = wheel(tmp_path, "both-1.0-py3-none-any.whl", inside)
    stage.unpack([file], tmp_path / "lib")
    found = [path.relative_to(tmp_path / "lib").as_posix() for path in (tmp_path / "lib").rglob("*") if path.is_file()]
    assert sorted(found) == ["both/a.py", "extra.py"]


def test_wheel_that_leads_outside_is_refused(tmp_path: Path) -> None:
    file = wheel(tmp_path, "both-1.0-py3-none-any.whl", {"../../evil.py": ""})
    with pytest.raises(stage.StageError, match="outside"):
        stage.unpack([file], tmp_path / "lib")


@pytest.mark.parametrize(
    ("expression", "passes"),
    [
        ("MIT", True),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("BSD-3-Clause AND MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT AND GPL-3.0-only) OR GPL-2.0-only", False),
        ("", False),
    ],
)
def test_licence_expression(expression: str, passes: bool) -> None:
    assert stage.is_allowed(expression, ["MIT", "BSD-3-Clause", "LGPL-3.0-only"]) is passes


def test_package_under_gpl_only_is_found(tmp_path: Path) -> None:
    rules = {"allowed": ["MIT"], "names": {"License :: OSI Approved :: MIT License": "MIT"}, "read": {"quiet": "MIT"}}
    head = "Metadata-Version: 2.1\nName: {}\n{}\n"
    write(
        tmp_path,
        {
            "good-1.dist-info/METADATA": head.format("good", "Classifier: License :: OSI Approved :: MIT License"),
            "quiet-1.dist-info/METADATA": head.format("quiet", "Summary: says nothing"),
            "fluent-1.dist-info/METADATA": head.format("fluent", "License: GPL-3.0-only"),
            "mute-1.dist-info/METADATA": head.format("mute", "Summary: says nothing"),
        },
    )
    wrong = stage.wrong_licences(tmp_path, rules)
    assert [line.partition(" is not")[0] for line in wrong] == [
        "fluent: licence GPL-3.0-only",
        "mute: licence not stated",
    ]


def test_folder_that_is_no_stage_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"holiday.txt": "keep me"})
    with pytest.raises(stage.StageError, match="something else"):
        stage.stage(stage.TARGETS["linux"], "3.11", tmp_path, tmp_path / "wheels", None)
    assert (tmp_path / "holiday.txt").read_text(encoding="utf-8") == "keep me"


def test_windows_runtime_looks_for_modules_in_the_stage_only(tmp_path: Path) -> None:
    write(tmp_path / "python", dict.fromkeys(["python313.dll", "pythonw.exe", "python313.zip"], ""))
    stage.add_runtime(tmp_path / "python", tmp_path / "out", "3.13")
    paths = (tmp_path / "out" / "runtime" / "python313._pth").read_bytes()
    assert paths == b"python313.zip\r\n.\r\n..\\lib\r\n..\\app\r\n"
    with pytest.raises(stage.StageError, match=r"is not the embeddable CPython 3\.12"):
        stage.add_runtime(tmp_path / "python", tmp_path / "other", "3.12")


def test_the_program_is_staged_with_its_manual_and_what_it_draws_with(tmp_path: Path) -> None:
    stage.copy_program(tmp_path / "app", stage.TARGETS["linux"], "3.11")
    resources = tmp_path / "app" / "resources"
    for name in ("manual/ko/counting.md", "manual/en/counting.md", "icons/info.svg", "locale/ko/LC_MESSAGES/gadong.mo"):
        assert (resources / name).is_file(), name


def test_the_byte_code_is_taken_without_a_look_at_the_source(tmp_path: Path) -> None:
    """As in a folder that nobody may write, where a file of another time would be compiled at every start."""
    write(tmp_path, {"made.py": "print('as staged')", "torn.py": "print("})
    assert stage.add_byte_code([tmp_path], stage.OWN_PYTHON)
    write(tmp_path, {"made.py": "print('compiled anew')"})
    words = [sys.executable, "-B", "-c", "import made"]
    said = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "as staged"
    assert not stage.add_byte_code([tmp_path], "3.99")


def test_notices_name_everything_that_is_shipped() -> None:
    notices = (ROOT / "THIRD-PARTY-NOTICES").read_text(encoding="utf-8").lower()
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = {pin.name for target in stage.TARGETS.values() for pin in stage.pins_for(lock, target, "3.13")}
    assert sorted(name for name in names if name not in notices) == []
    assert "gadong sans" in notices


@pytest.mark.long
@pytest.mark.parametrize("target", ["linux", "win64"])
def test_real_stage_is_fit_to_ship(target: str, tmp_path: Path) -> None:
    out = tmp_path / "stage"
    wheels = ROOT / "build" / "wheels" / f"{target}-test"
    made = subprocess.run(
        [sys.executable, ROOT / "installer/stage.py", target, "--out", out, "--wheels", wheels],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    if "byte code" not in made.stdout:
        modules = {file for file in (out / "app").rglob("*.py") if "__pycache__" not in file.parts}
        compiled = {file.parent.parent / (file.name.split(".")[0] + ".py") for file in out.rglob("app/**/*.pyc")}
        assert compiled == modules
    if target == "linux":
        started = subprocess.run(
            [sys.executable, "-E", "-s", out / "app/main.py", "--lang", "en", "--help"],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            check=False,
        )
        assert started.returncode == 0, started.stderr
        assert "demo" in started.stdout


def test_the_program_comes_with_what_it_reads(tmp_path: Path) -> None:
    stage.copy_program(tmp_path / "app", stage.TARGETS["win64"], "3.13")
    resources = tmp_path / "app" / "resources"
    for folder in ("states", "devices", "locale/ko/LC_MESSAGES", "fonts"):
        wanted = {file.name for file in (ROOT / "resources" / folder).iterdir() if file.suffix != ".po"}
        assert wanted
        assert {file.name for file in (resources / folder).iterdir()} == wanted, folder
