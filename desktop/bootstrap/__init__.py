"""How Gadong gets onto a computer from source: up to a whole `.venv` beside main.py. No part of it needs that folder.

Only the standard library is used, and every file must stay readable for Python 3.7, so that an old Python gets a
sentence and not a syntax error. What the application may use is not for here: nothing else of `desktop` is imported.
"""
