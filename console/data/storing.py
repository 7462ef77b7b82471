"""An uploaded file from the browser into Postgres, and from there into a private folder for as long as it is read."""

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from catalog.imports import ImportFileError
from console.models import ImportPiece, ImportRun

ENDINGS = (".jsonl", ".ndjson", ".csv", ".jsonl.gz", ".ndjson.gz", ".csv.gz", ".parquet", ".npz")
_PIECE_BYTES = 1024 * 1024
# Of what is read whole: an archive's arrays, a row group of Parquet.
_UNPACKED_BYTES = 1024**3


def ending_of(name: str) -> str:
    """One of ENDINGS. Nothing else of the name is ever used. Raises ImportFileError."""
    lower = name.lower()
    found = [ending for ending in ENDINGS if lower.endswith(ending)]
    if not found:
        raise ImportFileError(f"The name must end in one of {', '.join(ENDINGS)}.")
    return max(found, key=len)


def shown_name(name: str) -> str:
    """What people see of it: no folders, no control characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(sign for sign in last if sign.isprintable())[-200:] or "file"


@contextmanager
def laid_out(pieces: Iterator[bytes], ending: str) -> Iterator[Path]:
    """The file in a folder of its own that only this account can read; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="headwater-import-") as folder:
        path = Path(folder) / f"upload{ending}"
        with path.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        refuse_bomb(path)
        yield path


def keep(run: ImportRun, upload: UploadedFile) -> None:
    """Stores the run with the file and its checksum."""
    digest = hashlib.sha256()
    with transaction.atomic():
        run.save()
        for number, piece in enumerate(pieces_of(upload)):
            digest.update(piece)
            ImportPiece.objects.create(run=run, number=number, body=piece)
        run.sha256 = digest.hexdigest()
        run.save(update_fields=["sha256"])


def kept(run: ImportRun) -> Iterator[bytes]:
    """The pieces, in order. Raises ImportFileError at the end where they are not what was uploaded."""
    digest = hashlib.sha256()
    for (body,) in run.pieces.order_by("number").values_list("body").iterator(4):
        digest.update(body)
        yield bytes(body)
    if digest.hexdigest() != run.sha256:
        raise ImportFileError("The stored file is not whole any more: upload it again.")


def pieces_of(upload: UploadedFile) -> Iterator[bytes]:
    upload.seek(0)
    yield from upload.chunks(_PIECE_BYTES)


def refuse_bomb(path: Path) -> None:
    """Raises ImportFileError for a file that says it unpacks to more than memory should hold."""
    if path.suffix == ".npz":
        try:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise ImportFileError("The file is no NPZ archive.") from error
    elif path.suffix == ".parquet":
        try:
            facts = pq.read_metadata(path)
        except (pa.ArrowException, OSError) as error:
            raise ImportFileError(f"The file is not Parquet: {error}.") from error
        groups = range(facts.num_row_groups)
        unpacked = max((facts.row_group(group).total_byte_size for group in groups), default=0)
    else:
        return  # read a line at a time
    if unpacked > _UNPACKED_BYTES:
        raise ImportFileError(f"Unpacked it would take {unpacked // 1024**2} MB at once; split it.")
