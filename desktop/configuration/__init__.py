"""The register as a TOML file: for support and for copying a line to another PC.

The configuration lives in the register tables only. An import checks everything first and names every
error at once, with its path, value, what is allowed and the nearest known name; nothing is applied by half.
"""

from desktop.configuration.applying import apply
from desktop.configuration.exporting import export
from desktop.configuration.reading import parse, read
from desktop.configuration.tables import Configuration, ConfigurationError

__all__ = ["Configuration", "ConfigurationError", "apply", "export", "parse", "read"]
