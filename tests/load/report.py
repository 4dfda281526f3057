"""What a scenario measured."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Numbers of one scenario, and what went wrong.

    Attributes:
        name: The scenario.
        numbers: What was measured, in words and values.
        problems: One sentence each; empty if all went well.
    """

    name: str
    numbers: dict[str, float | int | str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def expect(self, holds: bool, problem: str) -> None:
        """Note a problem unless something holds."""
        if not holds:
            self.problems.append(problem)

    def lines(self) -> list[str]:
        """Return the report of this scenario."""
        told = [f"{self.name}: {'ok' if not self.problems else 'PROBLEM'}"]
        told += [f"  {what}: {_text(value)}" for what, value in self.numbers.items()]
        return told + [f"  ! {problem}" for problem in self.problems]


def _text(value: float | int | str) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of all values lies; NaN of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
