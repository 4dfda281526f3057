"""What the application's database holds, read without the application."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

FINAL = ("finished", "stopped", "diverged", "failed", "interrupted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The database of a server's folder, or another one.

    Attributes:
        folder: The folder.
        path: The file, where it is not the folder's.
    """

    folder: Path = Path()
    path: Path | None = None

    def _rows(self, query: str, *values: str) -> list[tuple[str, ...]]:
        path = self.path or self.folder / "data" / "experiments.sqlite"
        if not path.exists() or not path.stat().st_size:  # a server that starts makes it
            return []
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):  # it is being made
                return []
            raise
        finally:
            connection.close()

    def statuses(self) -> dict[str, str]:
        """Return the status of every experiment, by id."""
        return {row[0]: row[1] for row in self._rows("SELECT id, status FROM experiment")}

    def unfinished(self) -> list[str]:
        """Return the ids of experiments or of those with runs that are not final."""
        loose = {identity for identity, status in self.statuses().items() if status not in FINAL}
        runs = self._rows("SELECT experiment, status FROM run")
        return sorted(loose | {identity for identity, status in runs if status not in FINAL})

    def different_bits(self) -> list[str]:
        """Return the keys of finished runs whose weights are not the same bits each time they were trained."""
        rows = self._rows(
            "SELECT run.key, artifact.sha256 FROM run JOIN artifact ON artifact.experiment = run.experiment "
            "AND artifact.architecture = run.architecture WHERE artifact.kind = 'weights' AND run.status = 'finished'"
        )
        found: dict[str, set[str]] = {}
        for key, digest in rows:
            found.setdefault(key, set()).add(digest)
        return [key for key, digests in found.items() if len(digests) > 1]

    def sound(self) -> bool:
        """Say whether SQLite finds the file consistent."""
        return self._rows("PRAGMA quick_check(1)") in ([("ok",)], [])
