"""What an operator can set, by the environment."""

from __future__ import annotations

from topthree.settings.reading import Settings, read_settings
from topthree.settings.values import SettingsError

__all__ = ["Settings", "SettingsError", "read_settings"]
