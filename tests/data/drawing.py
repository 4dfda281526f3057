"""Load generated datasets with few sequences, so that properties are checked in milliseconds."""

from unittest import mock

from data.catalog import get_dataset
from data.fields import Value
from data.synthetic import parts
from data.task import IGNORED, Part, TaskData


def load_few(name: str, seed: int = 0, **options: Value) -> TaskData:
    """Load a dataset with 400 training, 50 validation and 100 test sequences."""
    entry = get_dataset(name)
    with mock.patch.multiple(parts, TRAIN_SEQUENCES=400, VALIDATION_SEQUENCES=50, TEST_SEQUENCES=100):
        return entry.load(entry.parse(options), seed)


def words(data: TaskData, part: Part) -> list[list[str]]:
    """Return a part's sequences as symbols, each as long as it is."""
    return [
        [data.vocabulary[token] for token in row[:length]]
        for row, length in zip(part.inputs, part.lengths, strict=True)
    ]


def answers(data: TaskData, part: Part) -> list[list[str | None]]:
    """Return a part's answers by name, None where no answer counts."""
    rows = part.targets[:, None] if part.targets.ndim == 1 else part.targets
    return [[None if t == IGNORED else data.class_names[t] for t in row] for row in rows]
