"""The founding documents of the United States, character by character."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from data.catalog import Baseline, Claim, Dataset, dataset
from data.embedded import embedded
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundingDocumentsOptions:
    """Options of the documents."""

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


@dataset
class FoundingDocuments(Dataset):
    """54,674 characters: the Declaration of Independence and the Constitution, in the order of the text."""

    name = "founding_documents"
    title = "US founding documents"
    description = "The Declaration of Independence and the Constitution, 55 thousand characters; the answer is the next character."
    lesson = (
        "A small network soon learns words and line breaks and never the sense; "
        "the text is too short for more, and longer training only learns it by heart."
    )
    source = "Declaration of Independence and Constitution of the United States, as packaged in Debian miscfiles 1.5"
    licence = "public domain"
    family = "real"
    kind = "next_token"
    picture = "symbols"
    Options = FoundingDocumentsOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 64,
        "updates": 600,
        "learning_rate": 0.005,
        "batch_size": 32,
        "evaluations": 30,
    }

    claims = (
        Claim(
            statement="Printed English carries 0.6 to 1.3 bits per letter for a human reader who knows what came before.",
            source="Shannon 1951, Prediction and Entropy of Printed English",
        ),
    )

    def load(self, options: FoundingDocumentsOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Cut the text into windows, in its order; nothing is random."""
        text = _text(options)
        vocabulary = vocabulary_of(text)
        notes = (
            "Split in the order of the text: 70 % training, 15 % validation, 15 % test; no window reaches into another part.",
            f"{len(text):,} characters, {len(vocabulary)} different ones.",
        )
        return next_token_task(contiguous_parts(encode(text, vocabulary), options.window), vocabulary, notes=notes)

    def stretches(self, options: FoundingDocumentsOptions, content: bytes | None = None) -> int:
        """Return how many stretches the text holds."""
        return text_stretches(len(_text(options)), options.window)

    def load_repeat(
        self, options: FoundingDocumentsOptions, seed: int, number: int, content: bytes | None = None
    ) -> TaskData:
        """Test on one stretch of the text and train on what precedes it."""
        text = _text(options)
        vocabulary = vocabulary_of(text)
        notes = (f"{len(text):,} characters, {len(vocabulary)} different ones.",)
        return text_repeat(encode(text, vocabulary), options.window, number, vocabulary, notes=notes)

    def baselines(self, options: FoundingDocumentsOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score unigram and bigram."""
        return next_token_baselines(data)

    def metric(self, options: Any) -> str:
        """Return the bits per character."""
        return "bits_per_character"


def _text(options: FoundingDocumentsOptions) -> str:
    text = embedded("us_founding_documents.txt").read_text(encoding="ascii")
    return text.lower() if options.characters == "lower" else text
