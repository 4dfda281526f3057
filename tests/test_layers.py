"""Imports point one way: data <- models <- dashboard <- streamlit_app, and one way inside each of them."""

import ast
import subprocess
import sys
from collections.abc import Collection, Mapping
from functools import lru_cache
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


# Whoever stands later may import who stands before; entries of one row import nothing of each other. Why: docs/architecture.md.
ORDER = (
    ("data.quantiles",),
    ("data.errors", "data.escape_output", "data.embedded", "data.task"),
    ("data.fields", "data.metrics", "data.splits", "data.gaps", "data.calendar_steps", "data.calendar_waves"),
    ("data.repeat_splits", "data.future_positions", "data.scaling", "data.time_series", "data.window_options"),
    ("data.forecast_answers",),
    ("data.forecast_windows", "data.panel"),
    ("data.forecast_recipe", "data.panel_scales"),
    ("data.panel_windows", "data.window_recipe"),
    ("data.panel_recipe",),
    ("data.catalog",),
    ("data.baselines",),
    ("data.panel_baselines",),
    ("data.series", "data.sequences", "data.synthetic", "data.text"),
    ("data.uploads",),
    ("models.errors", "models.bounded_cache", "models.logs", "models.malloc", "models.platform", "models.version"),
    ("models.cells",),
    ("models.spec",),
    ("models.checkpoints",),
    ("models.records",),
    ("models.kernels",),
    ("models.networks",),
    ("models.training", "models.store"),
    ("models.store.sql",),
    ("models.worker",),
    ("models.experiments", "models.engine", "models.analysis"),
    ("models.findings",),
    ("models.export",),
    ("models.health",),
    ("models.cli",),
    ("models.__main__",),
    (
        "dashboard.theme",
        "dashboard.formatting",
        "dashboard.form_words",
        "dashboard.error_boundary",
        "dashboard.navigation",
        "dashboard.held_uploads",
        "dashboard.kept_downloads",
        "dashboard.streamlit_uploads",
    ),
    ("dashboard.state",),
    ("dashboard.wait_estimate",),
    ("dashboard.charts", "dashboard.components"),
    ("dashboard.services",),
    (
        "dashboard.presets",
        "dashboard.report",
        "dashboard.saved_experiments",
        "dashboard.session_limit",
        "dashboard.changed_settings",
    ),
    ("models.comparison",),
    ("models.api",),
    ("dashboard.held_file_card", "dashboard.page_setup", "dashboard.lessons"),
    ("dashboard.uploads",),
    ("dashboard.column_choices",),
    ("dashboard.forms",),
    ("dashboard.sections",),
    ("dashboard.pages",),
    ("streamlit_app",),
)
# Not before one another, but apart all the same: what keeps records knows nothing of what trains.
APART = (
    ("models.store", "models.networks"),
    ("models.store", "models.kernels"),
    ("models.store.sql", "models.training"),
)
RANKS = {entry: rank for rank, row in enumerate(ORDER) for entry in row}


def module_of(path: Path) -> str:
    """Return the dotted name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def entry_of(module: str) -> str | None:
    """Return the entry of `ORDER` that a module belongs to: the longest that begins its name."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in RANKS), None)


@lru_cache(maxsize=1)
def import_graph() -> dict[str, frozenset[str]]:
    """Return every file of ours with those that it imports, inside functions and for type checking, too."""
    files = [
        ROOT / "streamlit_app.py",
        *(file for top in ("data", "models", "dashboard") for file in python_files(top)),
    ]
    modules = {module_of(path): path for path in files}
    return {name: frozenset(_ours(path, modules) - {name}) for name, path in modules.items()}


def _ours(path: Path, modules: dict[str, Path]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} has a relative import"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (whole & modules.keys()) or {str(node.module)}
    return found & modules.keys()


def circles(graph: Mapping[str, Collection[str]]) -> set[str]:
    """Return what imports itself over others: what is left when everything without open imports was taken away."""
    left = {name: set(imported) & graph.keys() for name, imported in graph.items()}
    while ready := {name for name, imported in left.items() if not imported & left.keys()}:
        for name in ready:
            del left[name]
    return set(left)


def test_every_file_has_its_place_in_the_order() -> None:
    """A new folder, or a new file beside the folders, is put into `ORDER` before it is used."""
    homeless = [
        name for name in import_graph() if entry_of(name) is None and name not in ("data", "models", "dashboard")
    ]
    assert not homeless


def test_imports_follow_the_order() -> None:
    """Each import leads to the same folder or to an earlier row; imports inside functions count."""
    wrong = []
    for name, imported in import_graph().items():
        for other in imported:
            mine, theirs = entry_of(name), entry_of(other)
            if mine is None or theirs is None or mine == theirs:
                continue
            if RANKS[theirs] >= RANKS[mine] or (mine, theirs) in APART:
                wrong.append(f"{name} imports {other}")
    assert not wrong, wrong


def test_no_files_import_each_other_in_a_circle() -> None:
    """However many files lie between."""
    assert not circles(import_graph())


def test_no_two_folders_import_each_other() -> None:
    """Folders inside folders count by themselves; the files beside the folders have their own rows in `ORDER`."""
    pairs = {(str(entry_of(name)), str(entry_of(other))) for name, found in import_graph().items() for other in found}
    assert not {(one, other) for one, other in pairs if one != other and (other, one) in pairs}


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("data", {"streamlit", "torch", "plotly", "dask", "distributed"}),
        ("models", {"streamlit", "plotly"}),
        ("dashboard", {"torch"}),
    ],
)
def test_layer_imports_no_library_of_another(folder: str, forbidden: set[str]) -> None:
    """Streamlit and Plotly belong to the dashboard, torch and Dask to models."""
    for path in python_files(folder):
        assert not tops(imported(path)) & forbidden, path


def test_models_import_torch_only_where_models_train() -> None:
    """Outside networks and training, torch and what imports it are imported inside functions only."""
    for path in python_files("models"):
        relative = path.relative_to(ROOT).as_posix()
        if relative.startswith(TORCH_ALLOWED):
            continue
        names = imported(path, only_at_import=True)
        heavy = {n for n in names if n.split(".")[0] == "torch" or n.startswith(("models.networks", "models.training"))}
        assert not heavy, (relative, heavy)


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


def test_server_modules_do_not_load_heavy_packages() -> None:
    """Importing everything that a page may import loads no package that only some visits need: each costs 10 to 120 MB."""
    code = (
        "import sys, pkgutil, importlib\n"
        "import models.spec, models.records, models.store, models.engine, models.export, models.analysis, models.cells, data.catalog\n"
        "data.catalog.catalogue(); models.cells.architectures()\n"
        "for package in (models.spec, models.records, models.store, models.engine, models.export, models.analysis):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if not any(part in module.name for part in ('worker', 'preload')):\n"
        "            importlib.import_module(module.name)\n"
        "heavy = {'torch', 'scipy', 'numba', 'onnx', 'h5py', 'openpyxl', 'distributed'} & set(sys.modules)\n"
        "assert not heavy, f'{heavy} was loaded'\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=240)
