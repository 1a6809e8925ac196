"""The pictures of a form: logos, stamps. openpyxl drops them without an imaging library, which only tells their size.

Here they are carried over as they are, at their places. Drawn shapes and text boxes are not pictures: openpyxl knows
none, and they do not come along.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath
from typing import Any

from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.packaging.relationship import get_dependents, get_rels_path
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import IMAGE_NS
from openpyxl.xml.functions import fromstring

_KNOWN = {"png", "jpeg", "jpg", "gif", "bmp"}


class Picture(Image):  # type: ignore[misc]
    """A picture as openpyxl writes one: its bytes, its name in the file, its place on the sheet."""

    def __init__(self, content: bytes, ending: str, anchor: Any) -> None:
        self._content = content
        self._id = 1
        self.format = ending
        self.anchor = anchor

    def _data(self) -> bytes:
        return self._content

    @property
    def path(self) -> str:
        """Its name in the file; the writer gives the number."""
        return f"/xl/media/image{self._id}.{self.format}"


def restore(reader: ExcelReader, content: bytes) -> None:
    """Give the sheets of a workbook that was read the pictures of its file, in place of those that openpyxl found."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        there = set(archive.namelist())
        for sheet, relation in reader.parser.find_sheets():
            name = str(relation.target)
            if get_rels_path(name) not in there or sheet.name not in reader.wb.sheetnames:
                continue
            found = [
                picture
                for drawing in get_dependents(archive, get_rels_path(name)).find(SpreadsheetDrawing._rel_type)
                for picture in _pictures(archive, str(drawing.target), there)
            ]
            reader.wb[sheet.name]._images = found


def _pictures(archive: zipfile.ZipFile, path: str, there: set[str]) -> list[Picture]:
    """The pictures of one drawing."""
    if get_rels_path(path) not in there:
        return []
    try:
        drawing = SpreadsheetDrawing.from_tree(fromstring(archive.read(path)))
    except TypeError:  # so it says that the drawing holds what it does not know
        return []
    parts = {relation.Id: relation for relation in get_dependents(archive, get_rels_path(path))}
    found = []
    for blip in drawing._blip_rels:
        part = parts.get(blip.embed)
        ending = PurePosixPath(part.target).suffix.lstrip(".").lower() if part is not None else ""
        if part is not None and part.Type == IMAGE_NS and ending in _KNOWN:
            found.append(Picture(archive.read(part.target), ending, blip.anchor))
    return found
