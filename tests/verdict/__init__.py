"""What the verdict may say, measured: `python -m tests.verdict` prints the tables of `docs/verdict.md`."""
