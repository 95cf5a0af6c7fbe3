"""Files and functions stay short enough to be read in one go."""

from __future__ import annotations

import ast

from tests.architecture.sources import named, sources, trees

MOST_LINES_OF_A_FILE = 500
MOST_LINES_OF_A_FUNCTION = 70


def test_no_file_is_longer_than_500_lines() -> None:
    lines = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES_OF_A_FILE} == {}


def test_no_function_is_longer_than_70_lines() -> None:
    """From `def` to its last line, docstring and inner functions included."""
    lengths = {
        f"{name}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(lengths) > 200
    assert {name: count for name, count in lengths.items() if count > MOST_LINES_OF_A_FUNCTION} == {}
