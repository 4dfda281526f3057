"""Lesson: a network against a simple predictor."""

from dashboard.lessons.lesson import Lesson, which_beat_the_baseline

LESSON = Lesson(
    title="Networks and a straight line",
    preset="A linear model on the same window",
    shown="CO2 in the air, week by week. A ridge regression sees the same window as the networks.",
    question=which_beat_the_baseline("Which of them will beat the best simple predictor?", "lstm", "gru"),
    then="Open the tab Table: which simple predictor is the best one?",
    order=50,
)
