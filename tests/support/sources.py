"""The files of the repository, for the tests that look at how it is built."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "topthree"
MAIL_TEMPLATES = ROOT / "templates" / "emails"
PAGE_TEMPLATES = PACKAGE / "web" / "templates"


def python_files() -> list[Path]:
    """Return every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def template_files() -> list[Path]:
    """Return every Jinja template, of pages and of mail."""
    folders = (MAIL_TEMPLATES, PAGE_TEMPLATES)
    kinds = ("*.html", "*.txt", "*.xml")
    return sorted(path for folder in folders for kind in kinds for path in folder.rglob(kind))


def style_sheets() -> list[Path]:
    """Return every style sheet of the pages."""
    return sorted(PACKAGE.rglob("*.css"))


def message_folders() -> list[Path]:
    """Return the folder of each message; what they share stands in folders with an underscore."""
    folders = sorted(path for path in MAIL_TEMPLATES.iterdir() if path.is_dir())
    return [folder for folder in folders if not folder.name.startswith("_")]


def name_of(path: Path) -> str:
    """Return the path as a reader of the repository knows it."""
    return path.relative_to(ROOT).as_posix()
