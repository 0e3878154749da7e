"""Files and folders on this machine, or at an address of another storage (``s3://…``, ``hdfs://…``, ``file://…``).

fsspec reads addresses, and only here; it is needed only for them, and comes with the extra ``dask``.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from os import PathLike
from typing import IO, Any

from .failures import Unreadable

StrPath = str | PathLike[str]


def is_address(path: StrPath) -> bool:
    """Whether a path is an address that fsspec reads.

    >>> is_address("s3://archive/2024"), is_address("corpus/a.txt"), is_address("C:\\\\archive")
    (True, False, False)
    """
    return "://" in os.fspath(path)


def exists(path: StrPath) -> bool:
    """Whether there is a file or a folder."""
    if not is_address(path):
        return os.path.exists(path)
    try:
        system, inner = _system(path)
        return bool(system.exists(inner))
    except Unreadable:
        return True  # what is wrong with it will be said when it is read


def open_binary(path: StrPath) -> IO[bytes]:
    """Open a file for reading; raises ``OSError``, or ``Unreadable`` where an address cannot be reached at all."""
    if not is_address(path):
        return open(path, "rb")
    system, inner = _system(path)
    try:
        found: IO[bytes] = system.open(inner, "rb")
        return found
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  each storage has errors of its own
        raise _unreachable(error) from None


def joined(folder: StrPath, name: str) -> str:
    """The full path of a file that is named relative to a folder.

    >>> joined("s3://archive/2024", "../2023/a.txt")
    's3://archive/2023/a.txt'
    """
    if not is_address(folder):
        return os.path.abspath(os.path.join(folder, name))
    protocol, _, path = os.fspath(folder).partition("://")
    return f"{protocol}://{posixpath.normpath(posixpath.join(path, name))}"


def files_below(address: str) -> Iterator[tuple[str, str, int]]:
    """The files at an address: name relative to it ("" if it is a file itself), full address, size in bytes.

    Raises ``Unreadable`` where nothing is found.
    """
    system, inner = _system(address)
    try:
        found: dict[str, dict[str, Any]] = system.find(inner, detail=True)
    except Exception as error:  # noqa: BLE001  each storage has errors of its own
        raise _unreachable(error) from None
    if not found and not system.exists(inner):
        raise Unreadable("missing", "there is no such file or folder", "check the address")
    root = inner.rstrip("/") + "/"
    named = [(path[len(root) :] if path.startswith(root) else "", path) for path in found]
    for name, path in sorted(named, key=lambda pair: pair[0].split("/")):
        yield name, system.unstrip_protocol(path), int(found[path].get("size") or 0)


def _system(address: StrPath) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        advice = 'install it: pip install "siga-nlp[dask]"'
        raise Unreadable("unsupported", "an address is read by the package fsspec, which is not here", advice) from None
    try:
        system, inner = url_to_fs(os.fspath(address))
        return system, str(inner)
    except Exception as error:  # noqa: BLE001  an unknown protocol, its package or its password missing
        raise _unreachable(error) from None


def _unreachable(error: Exception) -> Unreadable:
    what = f"the storage cannot be reached ({type(error).__name__}: {error})"
    return Unreadable("unreadable", what, "check the address, your access, and that fsspec has the package for it")
