"""Waiting times, memory and idle load of the application: `python -m tests.speed`."""
