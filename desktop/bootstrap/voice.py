"""What the set-up says, in both languages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

TEXTS = {
    "python": (
        "Gadong needs a 64-bit Python 3.11, 3.12 or 3.13; this is Python {version}. Start it with one of those: {try_}",
        "가동은 64비트 Python 3.11, 3.12, 3.13에서 실행됩니다. 지금은 Python {version}입니다. 이렇게 시작하세요: "
        "{try_}",
    ),
    "glibc": (
        "Gadong needs a Linux with glibc 2.34 or newer (Debian 12, Ubuntu 22.04); this one has {found}.",
        "가동은 glibc 2.34 이상인 리눅스(Debian 12, Ubuntu 22.04)에서 실행됩니다. 지금은 {found}입니다.",
    ),
    "windows": (
        "Gadong needs Windows 10 (version 1809) or newer; this is Windows {found}.",
        "가동은 Windows 10(버전 1809) 이상에서 실행됩니다. 지금은 Windows {found}입니다.",
    ),
    "venv": (
        "This Python has no venv module. Install the complete Python of your system, then start again.",
        "이 Python에는 venv 모듈이 없습니다. 운영체제의 Python 전체 패키지를 설치한 뒤 다시 시작하세요.",
    ),
    "begin": (
        "Gadong sets itself up in {folder}. This happens once and takes about half a minute on a fast line.",
        "{folder}에 가동을 준비합니다. 처음 한 번만 하며, 빠른 회선에서 30초쯤 걸립니다.",
    ),
    "begin_tests": (
        "Installing what the tests need.",
        "테스트에 필요한 것을 설치합니다.",
    ),
    "environment": ("Making the Python environment", "Python 환경을 만드는 중"),
    "collect": ("Fetching {name}", "받는 중: {name}"),
    "install": ("Installing", "설치하는 중"),
    "done": ("Ready after {seconds:.0f} s.", "{seconds:.0f}초 만에 준비했습니다."),
    "waiting": (
        "Another start of Gadong is setting this folder up; waiting for it.",
        "다른 가동이 이 폴더를 준비하고 있습니다. 끝날 때까지 기다립니다.",
    ),
    "lists": ("Fetching the package lists of the system", "시스템의 패키지 목록을 받는 중"),
    "packages": (
        "Installing system packages that are missing: {packages}",
        "없는 시스템 패키지를 설치합니다: {packages}",
    ),
    "missing": (
        "Missing on this computer: {names}. Install it with this line, then start again:\n  {line}",
        "이 컴퓨터에 없는 것: {names}. 아래 명령으로 설치한 뒤 다시 시작하세요.\n  {line}",
    ),
    "missing_other": (
        "Missing on this computer: {names}. Install it with your system's package manager, then start again.",
        "이 컴퓨터에 없는 것: {names}. 운영체제의 패키지 관리자로 설치한 뒤 다시 시작하세요.",
    ),
    "apt": (
        "The system packages could not be installed (details in {log}). Run this line, then start again:\n  {line}",
        "시스템 패키지를 설치하지 못했습니다(자세한 내용: {log}). 아래 명령을 실행한 뒤 다시 시작하세요.\n  {line}",
    ),
    "network": (
        "The parts of Gadong could not be fetched: the package index does not answer. Connect this computer to the "
        "network (needed for the set-up only), then start again. Details: {log}",
        "가동에 필요한 파일을 받지 못했습니다. 패키지 저장소가 응답하지 않습니다. 이 컴퓨터를 네트워크에 연결하고"
        "(처음 준비할 때만 필요) 다시 시작하세요. 자세한 내용: {log}",
    ),
    "hashes": (
        "A fetched file is not the one that this version of Gadong names (its checksum differs), so nothing was "
        "installed. Details: {log}",
        "받은 파일이 이 버전의 가동이 지정한 파일과 다릅니다(체크섬 불일치). 아무것도 설치하지 않았습니다. "
        "자세한 내용: {log}",
    ),
    "disk": (
        "The disk that holds {folder} has too little room: {free} MB are free, {need} MB are needed.",
        "{folder} 디스크에 공간이 모자랍니다. 남은 공간 {free}MB, 필요한 공간 {need}MB.",
    ),
    "folder": (
        "Gadong cannot write to its folder {folder}: {fault}",
        "가동 폴더 {folder}에 쓸 수 없습니다: {fault}",
    ),
    "busy": (
        "Gadong is still running out of {folder}. Stop it, then start again.",
        "{folder}에서 가동이 아직 실행 중입니다. 종료한 뒤 다시 시작하세요.",
    ),
    "failed": (
        "The set-up of Gadong failed: {fault} Details: {log}",
        "가동을 준비하지 못했습니다: {fault} 자세한 내용: {log}",
    ),
    "source": (
        "This folder is not a whole copy of Gadong: {name} is missing.",
        "이 폴더에는 가동의 파일이 모두 있지 않습니다. 없는 파일: {name}",
    ),
    "staged_python": (
        "This installation of Gadong is made for Python {wanted}; this is Python {version}.",
        "설치된 가동은 Python {wanted}용입니다. 지금은 Python {version}입니다.",
    ),
    "stopped": (
        "Stopped. Nothing is half installed; the next start begins anew.",
        "중단했습니다. 설치하다 만 것은 남지 않으며, 다음에 시작하면 처음부터 다시 합니다.",
    ),
}


class SetupError(Exception):
    """This computer cannot be set up; the text is the sentence for the person in front of it."""


class Voice:
    """Says what goes on: one line that changes on a terminal, plain lines elsewhere. Always on the error stream, so
    that the output of a command (`status --json`) stays clean."""

    def __init__(self, language: str, stream: Any = None) -> None:
        import time

        self.clock: Callable[[], float] = time.monotonic
        self.began = self.clock()
        self.language = language
        self.stream: Any = sys.stderr if stream is None else stream
        if hasattr(self.stream, "reconfigure"):
            self.stream.reconfigure(errors="replace")  # a console that cannot show Hangul must not stop the set-up
        self.changes = bool(self.stream.isatty())
        self.now = ""

    def text(self, key: str, **values: object) -> str:
        """The sentence `key` in the language in use."""
        return TEXTS[key][1 if self.language == "ko" else 0].format(**values)

    def error(self, key: str, **values: object) -> SetupError:
        return SetupError(self.text(key, **values))

    def say(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        self.stream.write(text + "\n")
        self.stream.flush()

    def step(self, text: str) -> None:
        """What is being done now."""
        if text != self.now:
            self.now = text
            if not self.changes:
                self.stream.write(f"  {text}\n")
                self.stream.flush()
        self.tick()

    def tick(self) -> None:
        """On a terminal: the line again, with the seconds so far (a long download must not look dead)."""
        if self.changes and self.now:
            self.stream.write(f"\r\x1b[K  {self.now} ... {self.clock() - self.began:.0f} s")
            self.stream.flush()

    def clear(self) -> None:
        if self.changes and self.now:
            self.stream.write("\r\x1b[K")
        self.now = ""
