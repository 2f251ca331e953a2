from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.sources import name_of, python_files

LONGEST_FUNCTION = 40
LONGEST_MODULE = 300

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_a_module_can_be_read_in_one_sitting() -> None:
    too_long = {
        name_of(path): length
        for path in written_files()
        if (length := len(path.read_text().splitlines())) > LONGEST_MODULE
    }

    assert not too_long, f"Modules of more than {LONGEST_MODULE} lines: {too_long}"


def test_a_function_fits_on_a_screen() -> None:
    too_long = {
        f"{name_of(path)}:{function.lineno} {function.name}": length
        for path in written_files()
        for function in functions_in(path)
        if (length := body_length(function)) > LONGEST_FUNCTION
    }

    assert not too_long, f"Functions with more than {LONGEST_FUNCTION} lines: {too_long}"


def written_files() -> list[Path]:
    # A migration is the tool's record of one step, long or short, and is never edited again.
    return [path for path in python_files() if path.parent.name != "versions"]


def functions_in(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def body_length(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0
