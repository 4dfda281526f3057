"""Functions and files stay short."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAX_FUNCTION_LINES = 40  # from `def` to the end, docstring left out
MAX_FILE_LINES = 330


def source_files() -> list[Path]:
    """Return every file of the product's own code."""
    folders = (path for top in ("data", "models", "dashboard") for path in sorted((ROOT / top).rglob("*.py")))
    return [*folders, ROOT / "streamlit_app.py"]


def function_lines(source: str) -> dict[str, int]:
    """Return the lines of every function, methods and inner functions included, by name and first line."""
    functions = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {f"{node.name}, line {node.lineno}": _lines(node) - _docstring_lines(node) for node in functions}


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _docstring_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return _lines(function.body[0]) if ast.get_docstring(function, clean=False) is not None else 0


def test_function_lines_leave_only_the_docstring_out() -> None:
    """Signature, body, comments and inner functions count."""
    source = 'class A:\n    def f(\n        self,\n    ):\n        """One.\n\n        Two.\n        """\n\n        # why\n        def g():\n            return 1\n        return g\n'
    assert function_lines(source) == {"f, line 2": 8, "g, line 11": 2}


def test_functions_are_short() -> None:
    """No function has more than 40 lines without its docstring."""
    found = {path: function_lines(path.read_text(encoding="utf-8")) for path in source_files()}
    assert sum(map(len, found.values())) > 1_000
    long = [
        f"{path.relative_to(ROOT)}: {name}: {lines} lines"
        for path, functions in found.items()
        for name, lines in functions.items()
        if lines > MAX_FUNCTION_LINES
    ]
    assert not long


def test_files_are_short() -> None:
    """No file has more than 330 lines."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in source_files()}
    assert len(lengths) > 300
    assert not [f"{path.relative_to(ROOT)}: {lines} lines" for path, lines in lengths.items() if lines > MAX_FILE_LINES]
