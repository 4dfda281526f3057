"""The root of the error hierarchy; `models.errors` extends and re-exports it.

It lives here because `data` is the lowest layer and may not import `models`.
"""

from collections.abc import Sequence


class GatescopeError(Exception):
    """A problem the reader can act on: its message is one sentence that names the fix."""


class InvalidSpecError(GatescopeError):
    """One or several field values are invalid.

    Args:
        problems: One sentence per problem; all problems are reported together.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


class UnknownNameError(GatescopeError):
    """A name is in no registry; the message names the nearest valid one."""


class DataError(GatescopeError):
    """Data cannot be used with these settings; the message says where the problem is and how to fix it."""


class NothingToLearnError(DataError):
    """A series holds no values, or the same one in every row; of several series it may be left out."""
