"""The tables after the newest migration. Every value is text, a number or bytes; nothing is pickled."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()
_Counter = BigInteger().with_variant(Integer, "sqlite")

version = Table("schema_version", metadata, Column("version", Integer, nullable=False))

lease = Table(
    "lease",
    metadata,
    Column("id", Text, primary_key=True),
    Column("machine", Text, nullable=False),  # boot id, process namespace, host name
    Column("pid", Integer, nullable=False),
    Column("started", Text, nullable=False),  # start time of that process, so that a reused pid is not mistaken for it
    Column("beat", BigInteger, nullable=False),
)

experiment = Table(
    "experiment",
    metadata,
    Column("number", _Counter, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("lease", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("architectures", Text, nullable=False),
    Column("control", Text, nullable=False),
    Column("baselines", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("has_content", Integer, nullable=False),
    Column("imported", Integer, nullable=False),
    Column("folded", Text, nullable=False),  # case-folded words for searching
    Column("purge_after", Float, nullable=True),  # seconds since 1970 if deleted
    Column("written_by", Text, nullable=False),  # token of the write that set the final status
    Column("sweep", Text, nullable=False),  # key of its sweep, or empty
    Column("closed", Integer, nullable=False, server_default="0"),  # 1 if closed to writing
)

_OF_EXPERIMENT = "experiment.id"


def _experiment(*, primary: bool = False) -> Column[str]:
    return Column(
        "experiment", Text, ForeignKey(_OF_EXPERIMENT, ondelete="CASCADE"), primary_key=primary, nullable=False
    )


run = Table(
    "run",
    metadata,
    _experiment(primary=True),
    Column("architecture", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("result", Text, nullable=True),
    Column("losses", Text, nullable=False),
    Column("written_by", Text, nullable=False),
)

curve = Table(
    "curve",
    metadata,
    Column("id", Text, primary_key=True),  # chosen before the write, so that a repeated write is recognised
    _experiment(),
    Column("architecture", Text, nullable=False),
    Column("chunk", Integer, nullable=False),
    Column("points", LargeBinary, nullable=False),
)

artifact = Table(
    "artifact",
    metadata,
    _experiment(primary=True),
    Column("architecture", Text, primary_key=True),  # empty for what belongs to the experiment
    Column("kind", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)

note = Table(
    "note",
    metadata,
    Column("number", _Counter, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    _experiment(),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("folded", Text, nullable=False),
)

decision = Table(
    "decision",
    metadata,
    _experiment(primary=True),
    Column("record", Text, nullable=False),
    Column("folded", Text, nullable=False),
)

earlier_decision = Table(
    "earlier_decision",
    metadata,
    Column("number", _Counter, primary_key=True, autoincrement=True),
    _experiment(),
    Column("record", Text, nullable=False),
)

tag = Table("tag", metadata, _experiment(primary=True), Column("name", Text, primary_key=True))

sweep = Table(
    "sweep",
    metadata,
    Column("key", Text, primary_key=True),
    Column("spec", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("control", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("lease", Text, nullable=False),  # of the server that runs it
)
