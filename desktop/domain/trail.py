"""The trail of changes: who changed what, when, from what, to what and why, whatever kind of change it was."""

from __future__ import annotations

#: who stands in the file for a change by the command line where no name was given; shown in the language in use
COMMAND_LINE = "command line"
