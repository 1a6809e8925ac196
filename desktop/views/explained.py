"""A screen whose figures say what they are made of, in a panel over its right column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.views.screen import TOP, Screen

if TYPE_CHECKING:
    from desktop.views.widgets.evidence import Evidence, EvidenceFace


class ExplainedScreen(Screen):
    """Figures ask (`explain`), the panel opens with what the answers say of them, Esc or its button closes it.

    It is no modal box: everything beside it goes on and can be pressed; what it covers rests.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.figure = ""  # the key of the figure that is explained, "" for none
        self._asker: QWidget | None = None
        self._covered: list[QWidget] = []
        self._evidence: Evidence | None = None

    @property
    def evidence(self) -> Evidence:
        """The panel; made when it is first needed."""
        if self._evidence is None:
            from desktop.views.widgets.evidence import Evidence

            self._evidence = Evidence(f"{self.objectName()}-evidence", self)
            self._evidence.hide()
            self._evidence.closed.connect(self.step_back)
        return self._evidence

    @property
    def explaining(self) -> bool:
        """Whether the panel is open."""
        return self._evidence is not None and self._evidence.isVisibleTo(self)

    def explained(self, key: str) -> EvidenceFace | None:
        """What the last answer says of a figure; None where it says nothing (yet)."""
        raise NotImplementedError

    def column(self) -> QWidget:
        """The widget whose place and width the panel takes, over the whole height."""
        raise NotImplementedError

    def explain(self, key: str) -> None:
        """Show what a figure is made of."""
        self._asker = self.window().focusWidget()
        self.figure = key
        self.question_changed.emit()
        self.show_explained()

    def show_explained(self) -> None:
        """Bring the panel up to the last answer; a figure that is gone closes it."""
        shown = self.explained(self.figure) if self.figure else None
        if shown is None:
            self._cover(False)
            return
        self.evidence.show_evidence(shown)
        self._cover(True)

    def step_back(self) -> bool:
        """Close the panel; what had asked for it has the keyboard again."""
        if not self.figure:
            return False
        self.figure = ""
        self._cover(False)
        if self._asker is not None and self._asker.isVisible():
            self._asker.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.question_changed.emit()
        return True

    def _cover(self, covered: bool) -> None:
        """What lies below the panel cannot be reached by keyboard."""
        if covered == self.explaining:
            return
        self.evidence.setVisible(covered)
        for widget in self._covered:
            widget.setEnabled(True)
        left = self.column().x()
        children = self.page.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        self._covered = [w for w in children if w.x() >= left] if covered else []
        for widget in self._covered:
            widget.setEnabled(False)
        self.arranged()
        if covered:
            self.evidence.rows.setFocus(Qt.FocusReason.OtherFocusReason)

    def place_evidence(self) -> None:
        """Over the right column, however far the page is scrolled: then nothing of it shows above or below."""
        column, height = self.column(), self.viewport().height()
        top = 0 if self.page.height() > height else TOP
        self.evidence.setGeometry(column.x(), top, column.width(), height - 2 * top)
        self.evidence.raise_()

    def arranged(self) -> None:
        """Place everything again."""
        super().arranged()
        if self.explaining:
            self.place_evidence()
