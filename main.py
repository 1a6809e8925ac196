"""Gadong's one door: `python3 main.py` opens the window, `python3 main.py --help` names everything else.

Started from source it first makes the folder `.venv` beside it (from the hashed lock files, once), then starts itself
again inside it; from there on `desktop.command_line` decides. Up to that point only the standard library is used, by
this file and `desktop/bootstrap`.

    requirements-build.lock   first: what is needed to build opcua, which comes as source only
    requirements.lock         then: what the program runs on
    requirements-test.lock    besides, for `test` and `bench`

Exit code 3: this computer cannot be set up; one sentence on the error stream says why and what to do.

Both must stay readable for Python 3.7, so that an old Python gets a sentence and not a syntax error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

try:
    from desktop.bootstrap.arguments import LONG_TEST, language_of, options_of
    from desktop.bootstrap.environment import read, venv_python
    from desktop.bootstrap.installing import is_set_up, set_up
    from desktop.bootstrap.system import SUPPORTED, check_python, supported_python
    from desktop.bootstrap.voice import SetupError, Voice
except ModuleNotFoundError as fault:  # before this none of our words are there
    print(f"This folder is not a whole copy of Gadong: {fault.name} is missing.", file=sys.stderr)
    print(f"이 폴더에는 가동의 파일이 모두 있지 않습니다. 없는 파일: {fault.name}", file=sys.stderr)
    sys.exit(3)

EXIT_SETUP = 3
STAGED = "STAGED"  # lies beside this file where an installer put the program: nothing to set up there


def start(python: str, root: Path, arguments: Sequence[str]) -> int:
    """Goes on as another interpreter running this same file."""
    command = [python, str(root / "main.py"), *arguments]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(python, command)
    import subprocess

    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the child got it as well and ends in its own way
            continue


def hand_over(command: str | None, arguments: Sequence[str]) -> int:
    """The application itself, in this process."""
    if command in ("test", LONG_TEST):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from desktop.command_line import main as command_line

    return int(command_line(list(arguments)))


def run_installed(root: Path, command: str | None, language: str | None, arguments: Sequence[str]) -> int:
    """Where an installer put the program: the libraries lie in `../lib`, and nothing is ever fetched."""
    wanted = dict(line.split("=", 1) for line in read(root / STAGED).split("\n") if "=" in line).get("python", "")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if wanted and wanted != version:
        voice = Voice(language_of(language))
        voice.say(voice.text("staged_python", wanted=wanted, version=version))
        return EXIT_SETUP
    library = str(root.parent / "lib")
    if library not in sys.path:
        sys.path.insert(1, library)
    return hand_over(command, arguments)


def main(arguments: Sequence[str]) -> int:
    """Sets up what is missing and goes on inside `.venv`; the exit code of the command."""
    root = Path(__file__).resolve().parent
    command, language = options_of(arguments)
    if (root / STAGED).is_file():
        return run_installed(root, command, language, arguments)
    voice = Voice(language_of(language))
    inside = os.path.realpath(sys.prefix) == os.path.realpath(str(root / ".venv"))
    try:
        if sys.version_info[:2] not in SUPPORTED:
            other = supported_python()
            if other is not None:
                return start(other, root, arguments)
        check_python(voice)
        if not is_set_up(root, command):
            if inside:  # an environment cannot be exchanged from within
                return start(str(getattr(sys, "_base_executable", sys.executable)), root, arguments)
            set_up(root, command, voice)
    except SetupError as problem:
        voice.say(str(problem))
        return EXIT_SETUP
    except OSError as fault:
        voice.say(voice.text("folder", folder=root, fault=fault))
        return EXIT_SETUP
    except KeyboardInterrupt:
        voice.say(voice.text("stopped"))
        return 130
    if inside:
        return hand_over(command, arguments)
    return start(str(venv_python(root / ".venv")), root, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
