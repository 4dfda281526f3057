"""Lesson: how a network begins."""

from dashboard.lessons.lesson import Lesson, which_is_better

LESSON = Lesson(
    title="How to begin",
    preset="Delayed recall: how to begin",
    shown="One symbol must be kept while many others pass. The forget gate of this LSTM begins half shut.",
    question=which_is_better("Which one will recall the symbol better?", "lstm", "gru"),
    then="Set the forget-gate bias to 1 and train again: does the answer change?",
    changes={"forget_bias": 0.0},
    order=60,
)
