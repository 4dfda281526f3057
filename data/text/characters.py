"""Texts as tokens: one token per character, and naive predictors of the next one. Used by every text and by uploads.

Use:

    vocabulary = vocabulary_of(text)
    parts = contiguous_parts(encode(text, vocabulary), window=64)
    data = next_token_task(parts, vocabulary)
    baselines = next_token_baselines(data)

Token 0 is what a text starts with when a model writes one: for names the sign that begins and ends them, for running text
the first character of the sorted vocabulary (the line break, where there is one).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from data.catalog import Baseline
from data.errors import DataError
from data.metrics import task_metrics
from data.repeat_splits import MIN_WINDOWS, TimeSplit, count_stretches, rolling_split, stretch_note
from data.splits import split_in_time
from data.task import IGNORED, Array, Part, TaskData

_OVERLAP = 4  # training windows start every quarter window, so that characters occur in different contexts


def vocabulary_of(text: str) -> tuple[str, ...]:
    """Return the characters that occur, sorted."""
    return tuple(sorted(set(text)))


def encode(text: str, vocabulary: Sequence[str]) -> Array:
    """Return `(len(text),)` int64 tokens."""
    tokens = {character: index for index, character in enumerate(vocabulary)}
    return np.array([tokens[character] for character in text], dtype=np.int64)


def contiguous_parts(tokens: Array, window: int, split: TimeSplit | None = None) -> tuple[Part, Part, Part]:
    """Cut a running text into windows: the first 70 % train, the next 15 % validate, the last 15 % test.

    Args:
        tokens: `(L,)` tokens of the whole text.
        window: Characters per sample; each is answered with the character that follows.
        split: Characters of the parts, in place of these shares.

    Raises:
        DataError: If a part is shorter than a window and the character after it.
    """
    train, validation, test = (tokens[rows] for rows in split or split_in_time(len(tokens)))
    if min(len(validation), len(test)) <= window:
        raise DataError(
            f"A window of {window} characters is longer than a part of the text, which has {len(tokens):,} characters; "
            f"choose a window of at most {max(1, min(len(validation), len(test)) - 1)}, or a longer text."
        )
    stride = max(1, window // _OVERLAP)
    return _cut(train, window, stride), _cut(validation, window, window), _cut(test, window, window)


def text_stretches(count: int, window: int) -> int:
    """Return on how many stretches of a text repeats are tested; see `data.repeat_splits`."""

    def enough(split: TimeSplit) -> bool:
        return all(part.stop - part.start > MIN_WINDOWS * window for part in split)

    return count_stretches(count, enough)


def text_repeat(
    tokens: Array, window: int, number: int, vocabulary: tuple[str, ...], *, notes: tuple[str, ...] = ()
) -> TaskData:
    """Return the task of one stretch of a text, 0 its end; positions are numbers of characters."""
    stretches = text_stretches(len(tokens), window)
    split = rolling_split(len(tokens), number, stretches)
    data = next_token_task(contiguous_parts(tokens, window, split), vocabulary, notes=notes)
    data = replace(data, stretch=(split.test.start, split.test.stop - 1))
    return replace(data, notes=(*notes, stretch_note(data, number, stretches)))


def _cut(tokens: Array, window: int, stride: int) -> Part:
    starts = np.arange(0, len(tokens) - window, stride)
    inputs = tokens[starts[:, None] + np.arange(window)]
    targets = tokens[starts[:, None] + np.arange(1, window + 1)]
    return Part(inputs=inputs, targets=targets, lengths=np.full(len(starts), window, dtype=np.int64))


def separate_part(texts: Sequence[str], vocabulary: Sequence[str], longest: int = 0) -> Part:
    """Turn short texts into samples that begin and end with token 0; padding after the end is ignored.

    Args:
        texts: The texts.
        vocabulary: Characters, token 0 first.
        longest: Minimum number of characters for which to leave space.
    """
    lengths = np.array([len(text) + 1 for text in texts], dtype=np.int64)
    inputs = np.zeros((len(texts), max(int(lengths.max()), longest + 1)), dtype=np.int64)
    targets = np.full_like(inputs, IGNORED)
    for index, text in enumerate(texts):
        tokens = encode(text, vocabulary)
        inputs[index, 1 : len(text) + 1] = tokens
        targets[index, : len(text)] = tokens
        targets[index, len(text)] = 0
    return Part(inputs=inputs, targets=targets, lengths=lengths)


def next_token_task(
    parts: tuple[Part, Part, Part], vocabulary: tuple[str, ...], *, notes: tuple[str, ...] = ()
) -> TaskData:
    """Make a task of three parts whose inputs and targets are tokens."""
    return TaskData(
        kind="next_token",
        train=parts[0],
        validation=parts[1],
        test=parts[2],
        input_size=len(vocabulary),
        output_size=len(vocabulary),
        vocabulary=vocabulary,
        class_names=vocabulary,
        notes=notes,
    )


def next_token_baselines(data: TaskData) -> tuple[Baseline, ...]:
    """Score characters by how often they occur (unigram) and by what precedes them (bigram) on the test part.

    Character counts have add-one smoothing, so that none is impossible; a pair's probability is smoothed with the unigram as
    if one more pair had been seen.
    """
    shares, following = character_shares(data)
    inputs = data.test.inputs
    scores = {
        ("unigram", "Unigram: how often each character occurs"): np.broadcast_to(
            np.log(shares), (*inputs.shape, len(shares))
        ),
        ("bigram", "Bigram: which character follows the last one"): np.log(following)[inputs],
    }
    return tuple(
        Baseline(name=name, title=title, metrics=task_metrics(data, data.test, logits))
        for (name, title), logits in scores.items()
    )


def character_shares(data: TaskData) -> tuple[Array, Array]:
    """Count characters and pairs in the training part.

    Returns:
        `(V,)` probability of each next token, and `(V, V)` probability of the next token (column) after each (row).
    """
    counted = data.train.targets != IGNORED
    pairs = np.zeros((data.output_size, data.output_size))
    np.add.at(pairs, (data.train.inputs[counted], data.train.targets[counted]), 1.0)
    shares = pairs.sum(axis=0) + 1.0
    shares /= shares.sum()
    following = (pairs + shares) / (pairs.sum(axis=1, keepdims=True) + 1.0)
    return shares, following
