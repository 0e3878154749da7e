"""Documents in a Parquet file, a row each: the columns ``doc_id`` and ``text``. One row group is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from .addresses import open_binary
from .failures import Unreadable
from .listing import Record, Source, failed, harmless_name

_ADVICE = "give a Parquet file with the columns doc_id and text, one row a document"


def in_parquet(path: str, shown: str, *, asked: bool) -> Iterator[Source]:
    """The documents of a Parquet file in their order; nothing for a table of another kind, unless it was ``asked`` for."""
    from pyarrow import ArrowException, parquet

    try:
        with open_binary(path) as opened, parquet.ParquetFile(opened) as file:
            names = set(file.schema_arrow.names)
            if not {"doc_id", "text"} <= names or "requirement_id" in names:
                if asked:
                    what = "it is a table of requirements" if "requirement_id" in names else "it lacks doc_id or text"
                    yield failed(shown, path, "unsupported", what, _ADVICE)
                return
            for group in range(file.num_row_groups):
                about = file.metadata.row_group(group)
                size = about.total_byte_size // max(1, about.num_rows)
                ids = file.read_row_group(group, columns=["doc_id"])["doc_id"].to_pylist()
                for row, doc_id in enumerate(ids):
                    doc_id = harmless_name(str(doc_id or "")) or f"{group}-{row}"
                    yield Source(f"{shown}/{doc_id}", doc_id, "txt", path, size, Record(group, row))
    except Unreadable as refusal:
        yield failed(shown, path, refusal.reason, refusal.message, refusal.advice)
    except (ArrowException, OSError, ValueError) as error:
        yield failed(shown, path, "corrupt", f"it is no readable Parquet file ({error})", _ADVICE)


def record_bytes(path: str, record: Record) -> bytes:
    """The text of one document, as UTF-8; raises :class:`Unreadable`."""
    from pyarrow import ArrowException

    try:
        text = _texts(path, record.group)[record.row].as_py()
    except (ArrowException, ValueError, IndexError) as error:
        raise Unreadable("corrupt", f"its row cannot be read ({error})", "copy the file again") from None
    return text if isinstance(text, bytes) else str(text or "").encode("utf-8", "surrogatepass")


@lru_cache(maxsize=1)
def _texts(path: str, group: int) -> Any:
    from pyarrow import parquet

    with open_binary(path) as opened, parquet.ParquetFile(opened) as file:
        return file.read_row_group(group, columns=["text"])["text"]
