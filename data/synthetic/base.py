"""What generated tasks have in common."""

from typing import Any, ClassVar

import numpy as np

from data.catalog import Baseline, Dataset, Solved
from data.metrics import task_metrics
from data.synthetic.parts import Parts
from data.task import IGNORED, Array, Part, TaskData, TaskKind

SOLVED_SHARE = 0.99


class SyntheticTask(Dataset):
    """A task whose sequences are drawn by a rule."""

    family = "synthetic"
    licence = "generated"


class SymbolTask(SyntheticTask):
    """A generated task whose inputs are symbols and whose answers are classes.

    Class attributes:
        criterion: Where the solved criterion comes from.
        deciding: Name of the metric that decides a comparison.
    """

    picture = "symbols"
    criterion: ClassVar[str]
    deciding: ClassVar[str] = "accuracy"

    def metric(self, options: Any) -> str:
        """Return the name of the deciding metric."""
        return self.deciding

    def solved(self, options: Any) -> Solved | None:
        """Ask for 99 % right answers."""
        return Solved(metric=self.deciding, threshold=SOLVED_SHARE, source=self.criterion, higher_is_better=True)

    def metrics(self, data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
        """Score by kind; where every step is answered, add the share of sequences without any mistake."""
        scores = task_metrics(data, part, outputs)
        if data.kind == "labelling":
            scores["sequence_accuracy"] = sequence_accuracy(outputs, part)
        return scores

    def baselines(self, options: Any, data: TaskData) -> tuple[Baseline, ...]:
        """Score the training part's most frequent answer."""
        answers = data.train.targets[counted(data.train)]
        most = int(np.bincount(answers, minlength=data.output_size).argmax())
        scores = constant_scores(data, data.test, most)
        title = f"Always the most frequent answer ({data.class_names[most]})"
        return (Baseline(name="majority", title=title, metrics=self.metrics(data, data.test, scores)),)


def symbol_data(
    parts: Parts,
    *,
    kind: TaskKind,
    vocabulary: tuple[str, ...],
    class_names: tuple[str, ...],
    notes: tuple[str, ...] = (),
) -> TaskData:
    """Return a task whose inputs are tokens of `vocabulary` and whose answers are `class_names`."""
    return TaskData(
        kind=kind,
        train=parts.train,
        validation=parts.validation,
        test=parts.test,
        input_size=len(vocabulary),
        output_size=len(class_names),
        vocabulary=vocabulary,
        class_names=class_names,
        notes=notes,
    )


def full_length(inputs: Array) -> Array:
    """Return lengths `(N,)` of sequences that all fill their row."""
    return np.full(len(inputs), inputs.shape[1], dtype=np.int64)


def counted(part: Part) -> Array:
    """Return which targets accuracy is measured on, in the shape of the targets."""
    answered: Array = part.targets != IGNORED
    return answered if part.scored is None else answered & part.scored


def sequence_accuracy(outputs: Array, part: Part) -> float:
    """Return the share of sequences whose counted steps are all answered rightly.

    Args:
        outputs: `(N, T, C)` scores.
        part: A part with targets `(N, T)`.
    """
    right = (outputs.argmax(-1) == part.targets) | ~counted(part)
    return float(np.mean(right.all(1)))


def constant_scores(data: TaskData, part: Part, answer: int) -> Array:
    """Return scores that always choose the same class, `(N, C)` or `(N, T, C)`."""
    scores = np.zeros((*part.targets.shape, data.output_size), dtype=np.float32)
    scores[..., answer] = 1.0
    return scores


def bigram_scores(data: TaskData, part: Part) -> Array:
    """Return log probabilities of the next token given the current one alone, `(N, T, C)`, counted in training."""
    seen = data.train.targets != IGNORED
    counts = np.ones((data.input_size, data.output_size))  # one of each, so that nothing is impossible
    np.add.at(counts, (data.train.inputs[seen], data.train.targets[seen]), 1)
    scores: Array = np.log(counts / counts.sum(1, keepdims=True))[part.inputs]
    return scores
