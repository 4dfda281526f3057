"""`python -m tests.mechanisms`: eight tasks with a planted cause and eight without, by training. Takes some minutes."""

import argparse
import time

from tests.mechanisms.tasks import NULL, PLANTED
from tests.mechanisms.trained import answer


def main() -> None:
    """Train and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.mechanisms", description=__doc__)
    parser.add_argument("--repeats", type=int, default=8)
    parser.add_argument("--only", help="tasks whose name begins like this")
    parser.add_argument("--details", action="store_true", help="every mechanism that was tested")
    arguments = parser.parse_args()
    print("| task | compared | better | named | right | s |\n|---|---|---|---|---|---|")
    right = 0
    tasks = [task for task in (*PLANTED, *NULL) if task.name.startswith(arguments.only or "")]
    for task in tasks:
        begun = time.perf_counter()
        found = answer(task, repeats=arguments.repeats)
        right += found.right(task)
        cells = [task.name, " and ".join(task.pair), found.winner or "none", ", ".join(found.named) or "nothing"]
        took = time.perf_counter() - begun
        print(f"| {' | '.join(cells)} | {'yes' if found.right(task) else '**no**'} | {took:.0f} |", flush=True)
        for one in found.tested if arguments.details else ():
            p = one.tested.corrected_p
            print(
                f"    {one.mechanism.name}: {one.before:.4g} -> {one.after:.4g}, p {p}, found {one.found}", flush=True
            )
    print(f"\n{right} of {len(tasks)} right")


if __name__ == "__main__":
    main()
