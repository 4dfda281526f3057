"""Lesson: counting beyond the lengths of training."""

from dashboard.lessons.lesson import Lesson, which_is_better

LESSON = Lesson(
    title="Counting",
    preset="Counting: who really counts?",
    shown="Strings that must be counted. Those of the test are longer than any in training.",
    question=which_is_better("Which one will still count where strings are longer?", "lstm", "gru"),
    then="Open Gates: does a cell state of the LSTM grow with each symbol?",
    order=40,
)
