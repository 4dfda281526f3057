"""What a script or notebook may import; everything else in this project may change without notice.

Example:
    >>> from models.api import compare
    >>> found = compare("adding", options={"length": 10}, hidden_size=4, seeds=2, updates=10, evaluations=2)
    >>> found.status
    'finished'
    >>> found.table["name"].tolist()[:2]
    ['lstm', 'gru']
    >>> len(found.verdict.headline.split()) <= 15
    True
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from data.catalog import catalogue
from data.fields import Value
from models.analysis.inspect_network import NetworkView
from models.analysis.verdict import Verdict
from models.cells import architectures as registered_architectures
from models.comparison import Comparison
from models.errors import GatescopeError
from models.records.results import ProgressRecord
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec

__all__ = [
    "Comparison",
    "GatescopeError",
    "NetworkView",
    "Verdict",
    "compare",
    "inspect",
    "list_architectures",
    "list_datasets",
]

OnProgress = Callable[[str, int, int], None]


def compare(
    dataset: str | Path | pd.DataFrame,
    architectures: Sequence[str] = ("lstm", "gru"),
    *,
    target: str | Sequence[str] | None = None,
    time: str | None = None,
    horizon: int | None = None,
    options: Mapping[str, object] | None = None,
    on_progress: OnProgress | None = None,
    **settings: Value,
) -> Comparison:
    """Train architectures on a dataset in this process and compare them.

    A keyboard interrupt stops the training and keeps the results so far. In a script, call it under
    `if __name__ == "__main__":`.

    Args:
        dataset: A name from `list_datasets`, the path of a CSV file with a time series of yours, or a pandas frame with one.
        architectures: Names from `list_architectures`.
        target: Column to forecast, or several; the same as `options={"target": ...}`.
        time: Column of the time; the same as `options={"time": ...}`. The index of a frame may hold it.
        horizon: Steps ahead that are predicted; the same as `options={"horizon": ...}`.
        options: Options of the dataset, such as `{"length": 50}`.
        on_progress: Called with architecture, update and number of updates.
        settings: Fields of `ExperimentSpec`, such as `hidden_size`, `seeds`, `updates`, `learning_rate`.

    Raises:
        GatescopeError: With one sentence per problem: an unknown name, a value out of bounds, a file that cannot be used.
    """
    from models.engine.run_here import run_experiment  # imports the training code only when needed

    joined = target if target is None or isinstance(target, str) else ",".join(target)
    named = {"target": joined, "time": time, "horizon": horizon}
    given = {**(options or {}), **{name: value for name, value in named.items() if value is not None}}
    name, complete, content = _source(dataset, given)
    raw: dict[str, Any] = {"dataset": name, "options": complete, "architectures": list(architectures), **settings}
    raw.setdefault("resampling", "data")
    spec = ExperimentSpec.from_dict(raw)

    def report(run: RunSpec, record: ProgressRecord) -> None:
        if on_progress is not None:
            on_progress(run.architecture, record.update, record.updates)

    return Comparison(result=run_experiment(spec, content=content, on_progress=report), content=content)


def _source(
    dataset: str | Path | pd.DataFrame, options: Mapping[str, object]
) -> tuple[str, dict[str, object], bytes | None]:
    """Return name, options and content of a dataset, a file or a frame: a name never ends like a file's."""
    if isinstance(dataset, pd.DataFrame):
        from data.uploads.command_line import content_of_frame, own_content

        own = own_content(content_of_frame(dataset), options, "series")
        return own.dataset, {**own.options}, own.content
    if isinstance(dataset, Path) or "." in dataset or "/" in dataset:
        from data.uploads.command_line import spec_from_csv

        name, complete, content = spec_from_csv(str(dataset), options)
        return name, {**complete}, content
    return dataset, dict(options), None


def inspect(
    module_or_path: Any,
    data: Any,
    *,
    columns: Sequence[str] = (),
    targets: Sequence[str] = (),
    window: int = 0,
    horizon: int = 1,
    scaling: str = "fit",
    mean: Sequence[float] = (),
    deviation: Sequence[float] = (),
    sample: int = 0,
) -> NetworkView:
    """Look into a network that was trained elsewhere: gates, saturation, half-lives, gradient horizon, score.

    Args:
        module_or_path: A `torch.nn.Module`, or the path of a safetensors, PyTorch, ONNX or Keras 3 file.
        data: A pandas frame or the path of a CSV file, one row per step.
        columns: Input columns in the network's order; the first columns of numbers by default.
        targets: Columns that the network predicts, for a score.
        window: Rows of one input; 0 for up to 200.
        horizon: Rows from the end of a window to its target.
        scaling: `fit`, `none` or `given`.
        mean: Given means.
        deviation: Given standard deviations.
        sample: The sample whose gates `panels` holds.

    Raises:
        GatescopeError: One sentence, if file, module or data cannot be used.
    """
    from data.uploads.command_line import content_of_frame, read_file
    from models.analysis.inspect_network import inspect_network
    from models.checkpoints.live_module import recognise_module
    from models.checkpoints.open_file import open_checkpoint
    from models.checkpoints.own_data import DataChoice, task_of_file
    from models.checkpoints.own_network import assemble, propose

    if isinstance(module_or_path, (str, Path)):
        path = Path(module_or_path)
        found, name = open_checkpoint(read_file(str(path)), path.name), path.stem
    else:
        found, name = recognise_module(module_or_path), type(module_or_path).__name__
    choice = DataChoice(
        columns=tuple(columns),
        targets=tuple(targets),
        window=window,
        horizon=horizon,
        scaling=scaling,
        mean=tuple(mean),
        deviation=tuple(deviation),
    )
    network = assemble(found, propose(found), name=name)
    content = content_of_frame(data) if isinstance(data, pd.DataFrame) else read_file(str(data))
    return inspect_network(network, task_of_file(network, content, "data.csv", choice), sample=sample)


def list_datasets() -> pd.DataFrame:
    """Return one row per dataset: `name`, `title`, `family`, `kind`, `description`.

    Example:
        >>> list_datasets().set_index("name").loc["sunspots", "kind"]
        'regression'
    """
    rows = [(entry.name, entry.title, entry.family, entry.kind, entry.description) for entry in catalogue().values()]
    return pd.DataFrame(rows, columns=["name", "title", "family", "kind", "description"])


def list_architectures() -> pd.DataFrame:
    """Return one row per architecture: `name`, `title`, `year`, `summary`, `paper`.

    Example:
        >>> list_architectures()["name"].tolist()[:3]
        ['lstm', 'gru', 'rnn']
    """
    rows = [
        (cell.name, cell.title, cell.year, cell.summary, cell.paper) for cell in registered_architectures().values()
    ]
    return pd.DataFrame(rows, columns=["name", "title", "year", "summary", "paper"])
