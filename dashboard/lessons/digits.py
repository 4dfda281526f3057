"""Lesson: an easy task at different cost."""

from dashboard.lessons.lesson import Lesson, which_is_better

LESSON = Lesson(
    title="Digits",
    preset="Digits",
    shown="Handwritten digits, read row by row. The GRU has a quarter fewer parameters than the LSTM.",
    question=which_is_better("Which one will read them more accurately?", "lstm", "gru"),
    then="Compare the cards: what does each network cost in parameters and time?",
    order=30,
)
