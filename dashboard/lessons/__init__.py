"""Lessons for a class, one file each: what is shown, one question, and what the verdict answers."""

from dashboard.lessons.lesson import Found, Lesson, lessons

__all__ = ["Found", "Lesson", "lessons"]
