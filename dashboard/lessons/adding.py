"""Lesson: what gates are for."""

from dashboard.lessons.lesson import Lesson, which_is_better

LESSON = Lesson(
    title="Adding problem",
    preset="Adding problem: gates matter",
    shown="Two marked numbers must be kept over 50 steps and added. The tanh RNN has no gates.",
    question=which_is_better("GRU or tanh RNN: which one will learn this better?", "gru", "rnn"),
    then="Open Memory: how far back does the gradient of each network reach?",
    order=20,
)
