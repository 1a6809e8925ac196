"""Master data as tables of Excel: read, compared with the register, applied as a whole or not at all, written out.

What a shop edits itself lies in the register only; a sheet is a way in and out. Every fault of a sheet is named at
once, by line and column. What writes the register is `configuration.applying`, as for a configuration file.
"""

from desktop.configuration.sheets.columns import Stock, TableKind, stock_of
from desktop.configuration.sheets.difference import Change, Difference, Preview, apply, preview, undo
from desktop.configuration.sheets.kinds import KINDS
from desktop.configuration.sheets.matching import Titles
from desktop.configuration.sheets.reading import Sheet, read_bytes, read_file, read_text
from desktop.configuration.sheets.writing import write

__all__ = [
    "KINDS",
    "Change",
    "Difference",
    "Preview",
    "Sheet",
    "Stock",
    "TableKind",
    "Titles",
    "apply",
    "preview",
    "read_bytes",
    "read_file",
    "read_text",
    "stock_of",
    "undo",
    "write",
]
