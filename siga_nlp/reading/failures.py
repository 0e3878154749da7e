"""The exception that carries a refusal from a format's reader to ``read_source``, which makes a ReadFailure of it."""

from __future__ import annotations


class Unreadable(Exception):
    """A file that cannot be read right; ``reason`` is a short stable code, ``advice`` what the user can do.

    Codes: ``missing`` ``permission`` ``unsupported`` ``empty`` ``encoding`` ``garbled`` ``binary`` ``encrypted``
    ``scan`` ``corrupt`` ``too_large`` ``no_text`` ``no_documents`` ``nested_zip`` ``internal``.
    """

    def __init__(self, reason: str, message: str, advice: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.advice = advice
