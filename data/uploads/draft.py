"""A reading under construction: see `data.uploads.reading`."""

from data.fields import Value
from data.uploads.findings import Found, Question
from data.uploads.reading import MAX_QUESTIONS, Reading, ReadingChoices
from data.uploads.table import Table


class Draft:
    """A reading under construction: lines, questions and options, in the order in which they are found."""

    def __init__(self, choices: ReadingChoices, filename: str) -> None:
        self.choices, self.filename = choices, filename
        self.found: dict[str, Found] = {}
        self.questions: list[tuple[int, Question]] = []
        self.guesses: list[str] = []
        self.warnings: list[str] = []
        self.notes: list[str] = []
        self.left_out: list[Found] = []
        self.options: dict[str, Value] = {}
        self.series_names: tuple[str, ...] = ()

    def settle(self, name: str, guess: str, reason: str, *, guessed: bool = False) -> str:
        """Set a line: the visitor's choice if there is one, else the guess; return its value."""
        chosen = str(getattr(self.choices, name))
        self.found[name] = Found(chosen, "You chose it.") if chosen else Found(guess, reason, guessed)
        if guessed and not chosen:
            self.guesses.append(name)
        return chosen or guess

    def ask(self, question: Question, *, rank: int) -> None:
        """Ask something, unless the visitor has chosen; smaller ranks come first."""
        if question.name not in self.choices.chosen():
            self.questions.append((rank, question))

    def finish(self, *, rows: int, table: Table | None = None, prepared: Table | None = None) -> Reading:
        """Return the reading."""
        asked = [question for _, question in sorted(self.questions, key=lambda entry: entry[0])]
        open_names = dict.fromkeys([*(question.name for question in asked), *self.guesses])
        self.options["asked"] = ",".join(open_names)
        return Reading(
            filename=self.filename,
            **self.found,
            left_out=tuple(self.left_out),
            questions=tuple(asked[:MAX_QUESTIONS]),
            open_questions=tuple(open_names),
            warnings=tuple(dict.fromkeys(self.warnings)),
            rows=rows,
            options=self.options,
            choices=self.choices,
            table=table,
            prepared=prepared,
            notes=tuple(dict.fromkeys(self.notes)),
            series_names=self.series_names,
        )
