"""A visitor's own text: predict its next character."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from data.catalog import Baseline, Dataset, dataset
from data.errors import DataError
from data.fields import Value, choice, integer
from data.task import TaskData
from data.text.characters import (
    contiguous_parts,
    encode,
    next_token_baselines,
    next_token_task,
    text_repeat,
    text_stretches,
    vocabulary_of,
)
from data.uploads.containers import plain_content
from data.uploads.decode import Decoded, decode, place
from data.uploads.report import Report
from data.uploads.shared_options import asked_field, content_field, file_field, table_choices, table_field, verified

MAX_CHARACTERS = 256
MAX_SCORES = 100_000_000  # length times distinct characters: keeps the test part's scores under 60 MB
_FEW = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTextOptions:
    """Options of an own text."""

    content: str = content_field()
    file: str = file_field()
    window: int = integer(
        64,
        8,
        256,
        label="Window",
        unit="characters",
        help="Characters per sample. The state starts empty at its beginning, so longer windows give more context.",
    )
    characters: str = choice(
        "written",
        {"written": "As written", "lower": "Lower case"},
        label="Characters",
        help="Lower case leaves fewer characters to choose from, and the task is easier.",
    )
    asked: str = asked_field()
    table: str = table_field()


@dataset
class OwnText(Dataset):
    """A plain text: predict each next character, in file order."""

    name = "own_text"
    title = "Your text"
    description = "A plain text file of yours, character by character; the answer is the next character."
    lesson = "Whether LSTM or GRU predicts your text better than counting characters and pairs does."
    source = "your own file"
    licence = "yours; the file stays with its experiment"
    family = "own"
    kind = "next_token"
    picture = "symbols"
    Options = OwnTextOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 64,
        "updates": 600,
        "learning_rate": 0.005,
        "batch_size": 32,
        "evaluations": 30,
    }

    def load(self, options: OwnTextOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Read the text and cut it into windows, in its order; nothing is random.

        Args:
            options: The options; `content` names the file.
            seed: Not used.
            content: The bytes of the file.

        Raises:
            DataError: If the bytes do not match the options, are not text, or have too many or too few characters.
        """
        return _task(_decoded(options, content), options)

    def stretches(self, options: OwnTextOptions, content: bytes | None = None) -> int:
        """Return how many stretches the text holds."""
        return text_stretches(len(_decoded(options, content).text), options.window)

    def load_repeat(self, options: OwnTextOptions, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Test on one stretch of the text and train on what precedes it; same errors as `load`."""
        decoded = _decoded(options, content)
        text, vocabulary, notes = _characters(decoded, options)
        return text_repeat(encode(text, vocabulary), options.window, number, vocabulary, notes=notes)

    def report(self, options: OwnTextOptions, seed: int, content: bytes | None) -> Report:
        """Report how `load` uses the file; raises the same errors."""
        decoded = _decoded(options, content)
        data = _task(decoded, options)
        few = len(decoded.text) < _FEW
        said = f"{len(decoded.text):,} characters are few: a network can learn them by heart and little else."
        return Report(
            rows=len(decoded.text),
            encoding=decoded.encoding,
            notes=data.notes,
            warnings=(said,) if few else (),
            samples=(("training", len(data.train)), ("validation", len(data.validation)), ("test", len(data.test))),
        )

    def baselines(self, options: OwnTextOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score unigram and bigram."""
        return next_token_baselines(data)

    def metric(self, options: OwnTextOptions) -> str:
        """Return the bits per character."""
        return "bits_per_character"


def _decoded(options: OwnTextOptions, content: bytes | None) -> Decoded:
    choices = table_choices(options.table)
    return decode(plain_content(verified(content, options.content), choices), choices.encoding)


def _task(decoded: Decoded, options: OwnTextOptions) -> TaskData:
    text, vocabulary, notes = _characters(decoded, options)
    said = "Split in the order of the text: 70 % training, 15 % validation, 15 % test; no window reaches into another part."
    parts = contiguous_parts(encode(text, vocabulary), options.window)
    return next_token_task(parts, vocabulary, notes=(*notes, said))


def _characters(decoded: Decoded, options: OwnTextOptions) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the text, its characters, and notes on what was changed."""
    text = decoded.text.lower() if options.characters == "lower" else decoded.text
    vocabulary = vocabulary_of(text)
    _refuse_size(text, vocabulary)
    notes = (
        *decoded.notes,
        f"{len(text):,} characters, {len(vocabulary)} different ones; every line end counts as one character.",
    )
    return text, vocabulary, notes


def _refuse_size(text: str, vocabulary: tuple[str, ...]) -> None:
    if len(vocabulary) < 2:
        raise DataError(
            "From line 1 on the text repeats one character, so there is nothing to predict; choose another."
        )
    if len(vocabulary) > MAX_CHARACTERS:
        seen: set[str] = set()
        index = next(i for i, letter in enumerate(text) if seen.add(letter) or len(seen) > MAX_CHARACTERS)  # type: ignore[func-returns-value]
        raise DataError(
            f"The text has {len(vocabulary):,} different characters, at most {MAX_CHARACTERS} are read (one more begins at "
            f"{place(text[:index])}); choose a text in an alphabet, or lower case."
        )
    if len(text) * len(vocabulary) > MAX_SCORES:
        raise DataError(
            f"The text has {len(text):,} characters, with {len(vocabulary)} different ones at most "
            f"{MAX_SCORES // len(vocabulary):,} are read; shorten it."
        )
