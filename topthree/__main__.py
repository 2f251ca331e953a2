"""The console script ``topthree``, also ``python -m topthree``."""

from __future__ import annotations

from topthree.app.launcher import EnvironmentLauncher, keep_files_private
from topthree.cli import build


def main() -> None:
    """Run the command line."""
    keep_files_private()
    build(EnvironmentLauncher())()


if __name__ == "__main__":
    main()
