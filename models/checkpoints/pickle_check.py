"""Check the pickle inside a PyTorch file without running it: which names would it call?

The opcodes are listed, never executed. A file that names anything but tensors and layers is refused here, before a process
is started for it; that process still loads with `weights_only`.
"""

import io
import pickletools
import re
import zipfile
from collections.abc import Iterator

from models.checkpoints.raw import shown
from models.errors import CheckpointError

MAX_PICKLE = 20_000_000  # bytes of structure; numbers are stored separately
MAX_UNPACKED = 400_000_000  # bytes
MAX_MEMBERS = 5_000
HOW_TO_SAVE = 'save `torch.save(model.state_dict(), "weights.pt")` and open that file'
LAYERS = frozenset(
    {"LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell", "Linear", "Embedding", "Sequential", "ModuleList"}
    | {"ModuleDict", "Dropout", "Flatten", "Identity", "ReLU", "Tanh", "Sigmoid", "Softmax", "LogSoftmax"}
)
_PLAIN = frozenset(
    {"collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter", "torch Size"}
    | {
        "torch.serialization _get_layout",
        "torch device",
        "builtins set",
        "__builtin__ set",
        "torch.storage _load_from_bytes",
    }
    | {"torch.nn.parameter Parameter", "torch Tensor", "torch._utils _rebuild_tensor"}
)
_STORAGE = re.compile(r"torch (\w+Storage|float16|float32|float64|bfloat16|int64|int32|int8|uint8|bool)")
_LAYER = re.compile(r"torch\.nn\.modules\.(rnn|linear|sparse|container|dropout|flatten|activation) (\w+)")
_TEXTS = ("SHORT_BINUNICODE", "BINUNICODE", "UNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING")


def is_zip(content: bytes) -> bool:
    """Return whether bytes begin like a zip archive."""
    return content[:4] == b"PK\x03\x04"


def open_zip(content: bytes) -> zipfile.ZipFile:
    """Open an archive whose unpacked size is bounded.

    Raises:
        CheckpointError: If it is damaged, or unpacks to more than is read.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise CheckpointError("The archive is damaged or cut off; copy the file again.") from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise CheckpointError(f"The archive would unpack to more than {MAX_UNPACKED // 10**6} MB, the limit.")
    if any(member.file_size > 1_000 + 200 * member.compress_size for member in members):
        raise CheckpointError("The archive is packed far more tightly than weights can be, so it is not unpacked.")
    return archive


def read_member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return one file of an archive.

    Raises:
        CheckpointError: If it is larger than `most`, or damaged.
    """
    try:
        with archive.open(name) as member:
            found = member.read(most + 1)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, RuntimeError, KeyError) as error:
        raise CheckpointError("The archive is damaged or cut off; copy the file again.") from error
    except Exception as error:  # zlib.error has no base class in common with the others
        raise CheckpointError("The archive is damaged or cut off; copy the file again.") from error
    if len(found) > most:
        raise CheckpointError(f"A part of the archive is larger than {most // 10**6} MB, the limit.")
    return found


def check_torch_file(content: bytes) -> None:
    """Refuse a PyTorch file whose pickles name anything but tensors and known layers. Nothing is executed.

    Raises:
        CheckpointError: One sentence that says how to save the weights instead.
    """
    if not is_zip(content):
        _check_pickles(content)
        return
    archive = open_zip(content)
    names = archive.namelist()
    if any(name.endswith(("/constants.pkl", ".py")) for name in names):
        raise CheckpointError(f"This is a TorchScript file, which holds code; {HOW_TO_SAVE}.")
    structures = [name for name in names if name.endswith("data.pkl")]
    if len(structures) != 1:
        raise CheckpointError(f"The archive is not a PyTorch file: it has no `data.pkl`; {HOW_TO_SAVE}.")
    _check_pickles(read_member(archive, structures[0], MAX_PICKLE))


def _check_pickles(content: bytes) -> None:
    """Check one pickle, or the row of pickles that PyTorch wrote before version 1.6."""
    stream = io.BytesIO(content)
    for _ in range(5):
        if stream.tell() >= min(len(content), MAX_PICKLE):
            break
        for name in _called(stream):
            _check_name(name)


def _called(stream: io.BytesIO) -> Iterator[str]:
    """Yield `module name` of everything that a pickle would look up."""
    texts: list[str] = []
    try:
        for opcode, argument, place in pickletools.genops(stream):
            if place is not None and place > MAX_PICKLE:
                raise CheckpointError(f"The structure of the file is larger than {MAX_PICKLE // 10**6} MB.")
            if opcode.name in _TEXTS:
                texts = [*texts[-1:], str(argument)]
            elif opcode.name in ("GLOBAL", "INST"):
                yield str(argument)
            elif opcode.name == "STACK_GLOBAL":
                yield " ".join(texts[-2:])
            elif opcode.name in ("EXT1", "EXT2", "EXT4"):
                yield "copyreg extension"
    except CheckpointError:
        raise
    except Exception as error:  # pickletools raises whatever its readers raise
        raise CheckpointError("The file is damaged, cut off, or no network at all; copy it again.") from error


def _check_name(name: str) -> None:
    layer = _LAYER.fullmatch(name)
    if name in _PLAIN or _STORAGE.fullmatch(name) or (layer and layer[2] in LAYERS):
        return
    module, _, last = name.partition(" ")
    raise CheckpointError(
        f"The file would load {shown(f'{module}.{last}')}, and nothing that could run code is loaded; {HOW_TO_SAVE}."
    )
