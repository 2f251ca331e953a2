from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tests.support.sources import (
    PAGE_TEMPLATES,
    message_folders,
    name_of,
    python_files,
    template_files,
)

PARTS_OF_A_MESSAGE = {"subject.txt", "body.txt", "body.html"}
TEMPLATES_FROM_TEXT = {"from_string", "render_template_string", "stream_template_string"}

# What the environments of the project are made with, as far as parsing goes.
JINJA = Environment(extensions=["jinja2.ext.do"], autoescape=True)


def test_there_are_messages() -> None:
    assert "issue" in {folder.name for folder in message_folders()}


@pytest.mark.parametrize("folder", message_folders(), ids=lambda folder: folder.name)
def test_a_message_has_a_subject_and_a_body_in_text_and_html(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} >= PARTS_OF_A_MESSAGE


@pytest.mark.parametrize("path", template_files(), ids=name_of)
def test_a_template_uses_everything_it_imports(path: Path) -> None:
    tree = JINJA.parse(path.read_text())
    used = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"}

    assert set(imported_names(tree)) <= used


def imported_names(tree: nodes.Template) -> Iterator[str]:
    for whole in tree.find_all(nodes.Import):
        yield whole.target
    for parts in tree.find_all(nodes.FromImport):
        for name in parts.names:
            yield name if isinstance(name, str) else name[1]


def test_every_page_template_is_named_whole_somewhere_and_every_name_is_a_template() -> None:
    there = {path.relative_to(PAGE_TEMPLATES).as_posix() for path in page_templates()}
    in_modules = {text for path in python_files() for text in texts_in(path)}
    in_templates = {
        const.value
        for path in page_templates()
        for const in JINJA.parse(path.read_text()).find_all(nodes.Const)
    }

    assert set(filter(is_template_name, in_modules | in_templates)) == set(
        filter(is_template_name, there)
    )


def page_templates() -> list[Path]:
    return [path for path in PAGE_TEMPLATES.rglob("*") if path.is_file()]


def texts_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def is_template_name(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(desk|public)/[\w/]+\.\w+", value) is not None


def test_no_text_becomes_a_template() -> None:
    found = [
        f"{name_of(path)}:{line}"
        for path in python_files()
        for line, name in names_in(path)
        if name in TEMPLATES_FROM_TEXT
    ]

    assert not found, f"A template is a file; text that becomes one can be injected: {found}"


def names_in(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.alias):
            yield node.lineno, node.name
