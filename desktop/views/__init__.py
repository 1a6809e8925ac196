"""What is on the screen.

PySide6 hangs itself into `import` and searches the source of every module that is imported after it for `__feature__`,
which is not used here. That is taken out again before anything else is read: it keeps all that source in memory.
"""

import builtins

import PySide6.QtCore  # noqa: F401 (what hangs itself in)

builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
