"""What the code must not contain: formats that run code, unescaped HTML, SQL built from text, unbounded caches."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("data", "models", "dashboard")
FILES = [*sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")), ROOT / "streamlit_app.py"]

MODULES = {"pickle", "cloudpickle", "dill", "shelve", "marshal", "joblib"}
CALLS = {
    "eval",
    "exec",
    "torch.load",
    "torch.jit.load",
    "torch.export.load",
    "np.load",
    "numpy.load",
    "pd.read_pickle",
    "os.system",
    "yaml.load",
}
UNSAFE = {"unsafe_allow_html", "unsafe_allow_javascript", "allow_pickle", "include_mathjax"}
RAW = {"str", "in_form_words"}  # their answers hold names as they came
MESSAGES = {"st.error", "st.warning", "st.info", "st.caption", "st.markdown"}
CACHES = {"st.cache_data", "st.cache_resource"}
BOUNDS = {"max_entries", "ttl"}
SQL = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "DROP ", "CREATE ", "ALTER ", "PRAGMA ")


def name_of(node: ast.AST) -> str:
    """Return a dotted name: `np.load`."""
    return ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""


def offences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Return line and kind of everything that is banned."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from ((node.lineno, f"imports {name}") for name in names if name.split(".")[0] in MODULES)
        if isinstance(node, ast.Call):
            yield from _call(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _cache(node)
        if isinstance(node, ast.JoinedStr):
            yield from _sql(node)


def _call(node: ast.Call) -> Iterator[tuple[int, str]]:
    called = name_of(node.func)
    safe_load = called in {"np.load", "numpy.load"} and _has_constant(node, "allow_pickle", False)
    safe_load |= called == "torch.load" and _has_constant(node, "weights_only", True)
    if called in CALLS and not safe_load:
        yield node.lineno, f"calls {called}"
    if called in MESSAGES and node.args and isinstance(node.args[0], ast.Call) and name_of(node.args[0].func) in RAW:
        yield node.lineno, f"gives {called} a text that is not escaped"
    for word in node.keywords:
        if word.arg in UNSAFE and not (isinstance(word.value, ast.Constant) and not word.value.value):
            yield node.lineno, f"sets {word.arg}"
        if word.arg == "persist" and called in CACHES:
            yield node.lineno, "keeps a cache on disk, pickled"


def _has_constant(node: ast.Call, name: str, value: object) -> bool:
    return any(
        word.arg == name and isinstance(word.value, ast.Constant) and word.value.value is value
        for word in node.keywords
    )


def _cache(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[int, str]]:
    """Find caches that can grow: those of functions with arguments, or of a session, need a bound."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        given = {word.arg for word in decorator.keywords} if isinstance(decorator, ast.Call) else set()
        grows = bool(node.args.args or node.args.kwonlyargs)
        if name_of(called) in CACHES and grows and not given & BOUNDS:
            yield node.lineno, f"caches {node.name} without a bound"
        if name_of(called) in {"cache", "functools.cache"} and grows:
            yield node.lineno, f"caches {node.name} without a bound"
        unbounded = isinstance(decorator, ast.Call) and _has_constant(decorator, "maxsize", None)
        if name_of(called) in {"lru_cache", "functools.lru_cache"} and grows and unbounded:
            yield node.lineno, f"caches {node.name} without a bound"


def _sql(node: ast.JoinedStr) -> Iterator[tuple[int, str]]:
    """Find statements into which values are formatted; a pragma with a number of our own has no other form."""
    first = node.values[0]
    text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    if text.startswith(SQL) and not text.startswith("PRAGMA "):
        yield node.lineno, "formats SQL"


def test_code_holds_nothing_that_is_banned() -> None:
    """Every file of the application, whatever it is for."""
    assert len(FILES) > 100
    found = {file: list(offences(ast.parse(file.read_text(encoding="utf-8")))) for file in FILES}
    assert {file.relative_to(ROOT): what for file, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "pd.read_pickle(path)",
        "eval(text)",
        "st.error(str(error))",
        "st.markdown(text, unsafe_allow_html=True)",
        "st.html(text, unsafe_allow_javascript=flag)",
        "figure.to_html(include_mathjax='cdn')",
        "connection.execute(f'SELECT * FROM run WHERE id = {x}')",
        "@st.cache_data(show_spinner=False)\ndef f(x): pass",
        "@st.cache_resource\ndef f(x): pass",
        "@functools.cache\ndef f(x): pass",
        "@lru_cache(maxsize=None)\ndef f(x): pass",
        "@st.cache_data(persist='disk', ttl=1)\ndef f(x): pass",
    ],
)
def test_ban_finds_what_it_bans(code: str) -> None:
    """Each ban finds its own example."""
    assert list(offences(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "np.load(path, allow_pickle=False)",
        "st.markdown(text)",
        "st.error(sentence_of(error))",
        "figure.to_html(include_mathjax=False)",
        "select(table).where(table.c.id == x)",
        "@st.cache_resource(max_entries=3)\ndef f(x): pass",
        "@st.cache_resource\ndef f(): pass",
        "@lru_cache(maxsize=8)\ndef f(x): pass",
    ],
)
def test_ban_leaves_the_safe_form_alone(code: str) -> None:
    """What is meant to be used is not found."""
    assert list(offences(ast.parse(code))) == []
