"""The service behind Teachers' Top Three, three items for teachers every other week."""

from __future__ import annotations

__version__ = "0.1.0"
