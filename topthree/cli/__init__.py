"""The command line: commands parse, call one service and print."""

from __future__ import annotations

from topthree.cli.root import build

__all__ = ["build"]
