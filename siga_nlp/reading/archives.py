"""Documents inside zip files, read in memory one at a time. Nothing is written to disk, so no name can lead astray."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from .addresses import open_binary
from .failures import Unreadable
from .listing import MAX_FILE, Member, Source, classify, failed, harmless_name, is_listed, too_large

MAX_MEMBERS = 50_000
MAX_TOTAL = 4 * 1024**3
"""Bytes that all members together may unpack to."""
MAX_RATIO = 300
"""Unpacked to packed size beyond which a large member is taken for a bomb (text packs 3 to 20 times)."""
RATIO_FROM = 64 * 1024 * 1024

_UNSAFE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")
_BOMB = "make sure that you trust it; unpack it yourself and give the folder"
_CORRUPT = "download or copy it again, or unpack it with another program and give the folder"


def in_zip(path: str, shown: str) -> Iterator[Source]:
    """The documents in a zip file, in the order of their names."""
    try:
        with open_binary(path) as file, zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except Unreadable as refusal:
        yield failed(shown, path, refusal.reason, refusal.message, refusal.advice)
        return
    except PermissionError:
        yield failed(shown, path, "permission", "you have no permission to read it", "change its permissions")
        return
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        yield failed(shown, path, "corrupt", f"it is no readable zip file ({error})", _CORRUPT)
        return
    if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_TOTAL:
        what = f"it holds {len(infos)} files that unpack to {sum(i.file_size for i in infos) / 1e6:.0f} MB"
        yield failed(shown, path, "too_large", what, _BOMB)
        return
    found = False
    for name, info in sorted(zip(_names(infos), infos, strict=True), key=lambda pair: pair[0]):
        inner = harmless_name(name)
        if info.is_dir() or not inner or not is_listed(tuple(inner.split("/"))):
            continue
        source = _member(f"{shown}/{inner}", path, info)
        if source is None:
            continue
        if _UNSAFE.search(name):
            note = f"unsafe_name: the archive calls it {name!r}; it was read without leaving the archive"
            source = Source(source.name, source.doc_id, source.format, source.path, source.size, source.member,
                            source.failure, (*source.notes, note))  # fmt: skip
        found = True
        yield source
    if not found:
        yield failed(
            shown, path, "no_documents", "the zip file holds no documents",
            "pack .txt, .md, .html, .docx or .pdf files into it",
        )  # fmt: skip


def member_bytes(path: str, member: Member) -> bytes:
    """One member's bytes, checked by size and CRC; raises :class:`Unreadable`."""
    if member.size > MAX_FILE or member.packed > MAX_FILE:
        raise too_large(max(member.size, member.packed))
    with open_binary(path) as file:
        file.seek(max(member.offset, 0))
        head = file.read(30)
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise Unreadable("corrupt", "its place in the zip file is damaged", _CORRUPT)
        name_length, extra_length = struct.unpack("<HH", head[26:30])
        file.seek(name_length + extra_length, 1)
        packed = file.read(member.packed)
    if member.method == zipfile.ZIP_STORED:
        data = packed
    else:
        unpacker = zlib.decompressobj(-15)
        try:
            data = unpacker.decompress(packed, member.size + 1)
        except zlib.error as error:
            raise Unreadable("corrupt", f"its packed data is damaged ({error})", _CORRUPT) from None
    if len(data) > member.size:
        raise Unreadable("too_large", "it unpacks to more than the zip file says", _BOMB)
    if len(data) < member.size or zlib.crc32(data) != member.crc:
        raise Unreadable("corrupt", "its packed data is damaged (wrong length or check sum)", _CORRUPT)
    return data


def _member(name: str, path: str, info: zipfile.ZipInfo) -> Source | None:
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".zip":
        return failed(name, path, "nested_zip", "a zip file inside a zip file is not opened", "unpack it first")
    member = Member(info.header_offset, info.compress_type, info.compress_size, info.file_size, info.CRC)
    source = classify(name, path, asked=False, size=info.file_size, member=member)
    if source is None or source.failure is not None:
        return source
    if info.flag_bits & 0x1:
        return failed(name, path, "encrypted", "it is encrypted in the zip file", "unpack it with the password first")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return failed(
            name, path, "unsupported", "it is packed by a method that is not supported", "pack it again as .zip"
        )
    if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(1, info.compress_size):
        what = f"it unpacks from {info.compress_size / 1e6:.1f} to {info.file_size / 1e6:.0f} MB"
        return failed(name, path, "too_large", what, _BOMB)
    return source


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Member names. Without the UTF-8 flag the bytes are in the packer's system encoding, mostly GBK.

    One name is too short to tell; all names together do.
    """
    raw = [None if info.flag_bits & 0x800 else _raw_name(info) for info in infos]
    joined = b"\n".join(name for name in raw if name and not _is_utf8(name))
    encoding = "cp437"
    if joined:
        from .encodings import decode, plausibility

        try:
            best = decode(joined)
            if not best.encoding.startswith("utf-16") and plausibility(best.text) > 0.2:
                encoding = best.encoding
        except Unreadable:
            pass
    return [
        info.orig_filename if name is None else name.decode("utf-8" if _is_utf8(name) else encoding, "replace")
        for info, name in zip(infos, raw, strict=True)
    ]


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _raw_name(info: zipfile.ZipInfo) -> bytes | None:
    extra, pos = info.extra, 0
    while pos + 4 <= len(extra):  # Info-ZIP's Unicode path says the name itself
        kind, size = struct.unpack_from("<HH", extra, pos)
        if kind == 0x7075 and size > 5:
            return extra[pos + 9 : pos + 4 + size]
        pos += 4 + size
    try:
        return info.orig_filename.encode("cp437")
    except UnicodeEncodeError:  # already decoded as something else by the zipfile module
        return None
