"""Read a file: its bytes, its table, its form, and what the form needs."""

from data.errors import DataError
from data.uploads.containers import plain_content
from data.uploads.decode import decode
from data.uploads.draft import Draft
from data.uploads.findings import Question
from data.uploads.forms import guess_form, prose
from data.uploads.reading import FORM_WORDS, NOTHING_CHOSEN, Reading, ReadingChoices
from data.uploads.sequences_reading import read_sequences
from data.uploads.series_reading import read_series
from data.uploads.shared_options import digest
from data.uploads.table import Table, read_table, shown_name


def read_file(content: bytes, choices: ReadingChoices = NOTHING_CHOSEN, filename: str = "") -> Reading:
    """Read a file and decide what it is.

    Args:
        content: The bytes of the file.
        choices: How the visitor wants it read; empty values are detected.
        filename: Its name: shown, and a hint for what it is; it is never opened.

    Raises:
        DataError: If it cannot be read; one sentence with the place and the fix.
    """
    draft = Draft(choices, shown_name(filename))
    draft.options |= {"content": digest(content), "file": draft.filename}
    if choices.form == "text":
        draft.settle("form", "text", "")
        return _text(content, draft)
    try:
        table = read_table(content, choices.table, filename)
    except DataError:
        if choices.form or not prose(content, filename):
            raise
        draft.settle("form", "text", "The file is not a table, and most of its characters are letters.", guessed=True)
        return _text(content, draft)
    guess = guess_form(table, filename, choices)
    form = draft.settle("form", guess.form, guess.reason, guessed=guess.unsure)
    if guess.unsure:
        _ask_form(guess.form, guess.reason, draft)
    if form == "text":
        return _text(content, draft)
    for question in table.questions:
        draft.ask(question, rank=25)
    prepared = read_series(table, draft) if form == "series" else read_sequences(table, draft)
    return draft.finish(rows=table.rows, table=table, prepared=prepared)


def _ask_form(form: str, reason: str, draft: Draft) -> None:
    rest = [(name, words) for name, words in FORM_WORDS.items() if name != form]
    choices = ((form, FORM_WORDS[form]), *rest)
    draft.ask(Question("form", "What is this file?", choices, form, reason), rank=0)


def _text(content: bytes, draft: Draft) -> Reading:
    choices = draft.choices.table
    decoded = decode(plain_content(content, choices, draft.filename), choices.encoding)
    draft.found["encoding"] = decoded.found
    draft.options["table"] = choices.to_text()
    draft.notes += decoded.notes
    different = len(set(decoded.text))
    draft.notes.append(f"{len(decoded.text):,} characters, {different:,} different ones.")
    return draft.finish(rows=len(decoded.text))


__all__ = ["Table", "read_file"]
