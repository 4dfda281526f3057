"""First names of the United States: write new ones letter by letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from data.catalog import Baseline, Claim, Dataset, dataset
from data.fields import Value, choice
from data.splits import split_at_random
from data.task import TaskData
from data.text.characters import next_token_baselines, next_token_task, separate_part
from data.text.names_table import LETTERS, LICENCE, SOURCE, first_names

END = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstNamesOptions:
    """Options of the names."""

    names: str = choice(
        "all",
        {"all": "All", "female": "Female", "male": "Male"},
        label="Names",
        help="Which names to learn. A name used for both sexes counts for the more frequent one.",
    )


@dataset
class FirstNames(Dataset):
    """5,163 different names; token 0, the full stop, begins and ends each."""

    name = "first_names"
    title = "First names, written"
    description = (
        "5,163 first names of the US census of 1990, letter by letter; the answer is the next letter or the end."
    )
    lesson = "A few hundred updates suffice to write names that sound right and are on no list; the architecture hardly matters."
    source = SOURCE
    licence = LICENCE
    family = "real"
    kind = "next_token"
    picture = "symbols"
    Options = FirstNamesOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 64,
        "updates": 800,
        "learning_rate": 0.003,
        "batch_size": 64,
        "evaluations": 40,
    }

    claims = (
        Claim(
            statement="The common recurrent cells store nearly the same per parameter; what differs is how easily they train.",
            source="Collins, Sohl-Dickstein and Sussillo 2017, arXiv 1611.09913",
        ),
    )

    def load(self, options: FirstNamesOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Split the names at random by the seed; no name is in two parts."""
        return self._task(options, seed, longest=0)

    def load_repeat(self, options: FirstNamesOptions, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Split the names by the repeat's seed; all parts of all repeats have space for the longest name."""
        return self._task(options, seed + number, longest=int(first_names()["name"].str.len().max()))

    def _task(self, options: FirstNamesOptions, seed: int, *, longest: int) -> TaskData:
        table = first_names()
        names = table["name"] if options.names == "all" else table["name"][table["sex"] == options.names]
        listed, vocabulary = names.to_list(), (END, *LETTERS)
        train, validation, test = (
            separate_part([listed[index] for index in chosen], vocabulary, longest)
            for chosen in split_at_random(len(listed), seed, "first_names.split")
        )
        notes = (
            f"{len(listed):,} names, split at random by the seed: 70 % training, 15 % validation, 15 % test; none is in two.",
            "The full stop begins and ends a name.",
        )
        return next_token_task((train, validation, test), vocabulary, notes=notes)

    def baselines(self, options: FirstNamesOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score unigram and bigram."""
        return next_token_baselines(data)

    def metric(self, options: Any) -> str:
        """Return the bits per character."""
        return "bits_per_character"
