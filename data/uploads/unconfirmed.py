"""Describe guesses about a visitor's file that nobody confirmed, for a verdict's limits."""

from collections.abc import Mapping

WORDS = {
    "form": "what kind of file it is",
    "turn": "that columns are times",
    "time": "which column is the time",
    "date_format": "whether the day or the month comes first",
    "series": "which column names the series",
    "only": "which series is used",
    "duplicates": "what becomes of rows of the same time",
    "order": "the order of the rows",
    "target": "which column is forecast",
    "inputs": "which columns are seen",
    "predict": "whether a class or a number is predicted",
    "no_value": "which number stands for a missing value",
    "missing": "what becomes of missing values",
    "resample": "whether the steps are made even",
    "differencing": "whether the change is predicted",
    "label": "which column is the class",
    "layout": "what a row is",
    "decimal": "how decimals are written",
    "thousands": "how thousands are written",
    "separator": "what separates the columns",
    "header": "which lines hold the names",
    "encoding": "the file's encoding",
    "skip_first": "which lines at the top are left out",
    "skip_last": "which lines at the end are left out",
    "not_numbers": "what becomes of values that are not numbers",
    "not_times": "what becomes of values that are no dates",
    "rows": "which rows are read",
    "sheet": "which sheet is read",
    "member": "which file of the archive is read",
}


def unconfirmed(options: Mapping[str, object]) -> tuple[str, ...]:
    """Return unconfirmed guesses about a file, each as the end of a sentence.

    Args:
        options: Options of a dataset of the family `own`; those of others give nothing.

    Example:
        >>> unconfirmed({"asked": "date_format,target"})
        ('whether the day or the month comes first', 'which column is forecast')
    """
    asked = [name for name in str(options.get("asked", "")).split(",") if name]
    return tuple(WORDS.get(name, name.replace("_", " ")) for name in asked)


def unconfirmed_sentence(options: Mapping[str, object]) -> str:
    """Return one sentence that lists all unconfirmed guesses; empty if there are none."""
    words = unconfirmed(options)
    if not words:
        return ""
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"Taken from the file and not confirmed: {listed}."
