"""What the application costs whoever waits for it: `python -m tests.speed`."""
