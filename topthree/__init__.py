"""The service behind Teachers' Top Three: a letter that brings teachers three items every other week."""

from __future__ import annotations

__version__ = "0.1.0"
