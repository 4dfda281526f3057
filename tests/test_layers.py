"""Imports point one way: data <- models <- dashboard <- streamlit_app."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TORCH_ALLOWED = ("models/networks", "models/training")


def python_files(folder: str) -> list[Path]:
    """Return every Python file of a top-level folder."""
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path, *, only_at_import: bool = False) -> set[str]:
    """Return the modules a file imports; with `only_at_import`, those outside functions and type checking alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = _outside_functions(tree) if only_at_import else list(ast.walk(tree))
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def _outside_functions(tree: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        found.append(child)
        found += _outside_functions(child)
    return found


def tops(names: set[str]) -> set[str]:
    """Return the top-level package of each name."""
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("data", {"models", "dashboard", "streamlit", "torch", "plotly", "dask", "distributed"}),
        ("models", {"dashboard", "streamlit", "plotly"}),
        ("dashboard", {"torch", "streamlit_app"}),
    ],
)
def test_layer_imports_nothing_above_it(folder: str, forbidden: set[str]) -> None:
    """No file of a layer imports a higher layer or what belongs to one."""
    for path in python_files(folder):
        assert not tops(imported(path)) & forbidden, path


def test_only_dashboard_imports_streamlit() -> None:
    """Streamlit is imported by the dashboard and the entry file alone."""
    for folder in ("data", "models"):
        for path in python_files(folder):
            assert "streamlit" not in tops(imported(path)), path


def test_models_import_torch_only_where_models_train() -> None:
    """Outside networks and training, torch and what imports it are imported inside functions only."""
    for path in python_files("models"):
        relative = path.relative_to(ROOT).as_posix()
        if relative.startswith(TORCH_ALLOWED):
            continue
        names = imported(path, only_at_import=True)
        heavy = {n for n in names if n.split(".")[0] == "torch" or n.startswith(("models.networks", "models.training"))}
        assert not heavy, (relative, heavy)


def test_cells_do_not_import_what_lies_above_them() -> None:
    """Inside models, cells import neither networks, training nor experiments."""
    for path in python_files("models/cells"):
        above = {n for n in imported(path) if n.startswith(("models.networks", "models.training", "models.engine"))}
        assert not above, (path, above)


def test_networks_and_training_do_not_import_the_engine() -> None:
    """Networks and training know specs and results, not engine, store or command line."""
    allowed = {"models.spec.experiment", "models.records.results", "models.spec.fairness"}
    for folder in ("models/networks", "models/training"):
        for path in python_files(folder):
            names = {n for n in imported(path) if n.startswith(("models.engine", "models.cli"))}
            above = {n for n in names if any(part in n for part in ("engine", "store", "sql", "cli", "worker"))}
            assert not above, (path, above, allowed)


def test_charts_import_neither_streamlit_nor_torch() -> None:
    """Charts are pure: frame in, figure out."""
    for path in python_files("dashboard/charts"):
        assert not tops(imported(path)) & {"streamlit", "torch"}, path


def test_session_state_and_caches_have_one_user_each() -> None:
    """Session state and query parameters are touched in state.py alone, caches in services alone."""
    for path in python_files("dashboard"):
        text = path.read_text(encoding="utf-8")
        if path.name != "state.py":
            assert "session_state" not in text, path
            assert "st.query_params" not in text, path
        if path.parent.name != "services":
            assert "st.cache_" not in text, path


def test_server_modules_do_not_load_torch() -> None:
    """Importing everything that a page may import leaves torch unloaded."""
    code = (
        "import sys, pkgutil, importlib\n"
        "import models.spec, models.records, models.store, models.engine, models.export, models.analysis, models.cells, data.catalog\n"
        "data.catalog.catalogue(); models.cells.architectures()\n"
        "for package in (models.spec, models.records, models.store, models.engine, models.export, models.analysis):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if not any(part in module.name for part in ('worker', 'preload')):\n"
        "            importlib.import_module(module.name)\n"
        "assert 'torch' not in sys.modules, 'torch was loaded'\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=240)
