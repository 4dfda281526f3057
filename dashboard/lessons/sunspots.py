"""Lesson: a short memory, a long cycle."""

from dashboard.lessons.lesson import Lesson, which_is_better

LESSON = Lesson(
    title="Sunspots",
    preset="Sunspots forecast",
    shown="Yearly sunspot numbers. Each network sees 24 years and forecasts the next one.",
    question=which_is_better("Which one will forecast better?", "lstm", "gru"),
    then="Open the tab Why this verdict: what would it take to decide more?",
    order=10,
)
