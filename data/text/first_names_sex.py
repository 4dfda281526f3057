"""First names of the United States: is a name given to women or to men?"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from data.baselines import class_baseline, majority_baseline
from data.catalog import Baseline, Claim, Dataset, NoOptions, dataset
from data.fields import Value
from data.splits import Split, class_indices, split_at_random, split_by_class
from data.task import Array, Part, TaskData
from data.text.characters import encode
from data.text.names_table import LETTERS, LICENCE, SOURCE, first_names

_SPLIT = "Each name once, split at random by the seed: 70 % training, 15 % validation, 15 % test."
_REPEATED = f"{_SPLIT[:-1]}; both sexes have the same share in each part."


@dataset
class FirstNamesSex(Dataset):
    """5,163 different names, padded at the end; a name used for both sexes counts for the more frequent one."""

    name = "first_names_sex"
    title = "First names, female or male"
    description = "5,163 first names of the US census of 1990, letter by letter; the answer is the sex that has the name more often."
    lesson = "The last letter tells most of it, so a network needs little memory, and it has to beat that simple rule to be useful."
    source = SOURCE
    licence = LICENCE
    family = "real"
    kind = "classification"
    picture = "symbols"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 600,
        "learning_rate": 0.003,
        "batch_size": 64,
        "evaluations": 40,
    }

    claims = (
        Claim(
            statement="The last letter alone tells the sex of 81 % of the names, against 76 % that are female.",
            source="computed here from the test part of seed 0",
        ),
    )

    def load(self, options: NoOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Split the names at random by the seed; no name is in two parts."""
        return self._task(lambda sexes: split_at_random(len(sexes), seed, "first_names_sex.split"), _SPLIT, longest=0)

    def load_repeat(self, options: NoOptions, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Split the names by the repeat's seed, with the same shares of women's and men's names in each part."""
        longest = int(first_names()["name"].str.len().max())
        split = lambda sexes: split_by_class(sexes, seed + number, "first_names_sex.repeats")  # noqa: E731
        return self._task(split, _REPEATED, longest=longest)

    def _task(self, split: Split, note: str, *, longest: int) -> TaskData:
        table = first_names()
        sexes, classes = class_indices(table["sex"].to_numpy(dtype=str))
        names = table["name"].to_list()
        train, validation, test = (
            _part([names[index] for index in chosen], sexes[chosen], longest) for chosen in split(sexes)
        )
        return TaskData(
            kind="classification",
            train=train,
            validation=validation,
            test=test,
            input_size=len(LETTERS),
            output_size=len(classes),
            vocabulary=LETTERS,
            class_names=classes,
            notes=(
                note,
                f"{int(table['both'].sum())} names are borne by both sexes and count for the one that bears them more often.",
            ),
        )

    def baselines(self, options: NoOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score the more frequent sex, and the more frequent sex of names with the same last letter."""
        last, guess = _last_letters(data.train), np.zeros(len(LETTERS), dtype=np.int64)
        overall = np.bincount(data.train.targets).argmax()
        for letter in range(len(LETTERS)):
            answers = data.train.targets[last == letter]
            guess[letter] = np.bincount(answers).argmax() if len(answers) else overall
        by_letter = guess[_last_letters(data.test)]
        title = "Last letter: the more frequent sex of names that end alike"
        return (majority_baseline(data), class_baseline(data, by_letter, name="last_letter", title=title))

    def metric(self, options: Any) -> str:
        """Return the accuracy."""
        return "accuracy"


def _last_letters(part: Part) -> Array:
    result: Array = part.inputs[np.arange(len(part)), part.lengths - 1]
    return result


def _part(names: list[str], sexes: Array, longest: int) -> Part:
    lengths = np.array([len(name) for name in names], dtype=np.int64)
    inputs = np.zeros((len(names), max(int(lengths.max()), longest)), dtype=np.int64)
    for index, name in enumerate(names):
        inputs[index, : len(name)] = encode(name, LETTERS)
    return Part(inputs=inputs, targets=sexes, lengths=lengths)
