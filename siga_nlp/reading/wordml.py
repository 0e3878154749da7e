"""WordprocessingML elements by their local names: Word, WPS and strict OOXML differ in namespaces only."""

from __future__ import annotations

from typing import Any


def local_name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Any | None, name: str) -> Any | None:
    return None if element is None else next((e for e in element if local_name(e) == name), None)


def attribute(element: Any | None, name: str) -> str | None:
    """An attribute by its local name."""
    if element is None:
        return None
    return next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == name), None)


def value_of(element: Any | None, *path: str) -> str | None:
    """``w:val`` of a descendant by path of local names."""
    for name in path:
        element = child(element, name)
    return attribute(element, "val")


def is_on(properties: Any | None, name: str) -> bool:
    element = child(properties, name)
    return element is not None and (attribute(element, "val") or "true") not in ("0", "false", "off")
