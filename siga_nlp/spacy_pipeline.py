"""The same requirements for those who work with spaCy: a tokenizer, two components, spans. The only module that
imports spaCy.

The components call the plain functions (text → records) and put what they return on the ``Doc``; nothing is matched
on tokens. Tokens are split where a span begins or ends inside one, so that every span of the text is a ``Span``.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache, partial
from itertools import pairwise
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import registry
from spacy.vocab import Vocab

from .models import Document, Frequency, Header, Quantity, Requirement
from .words import words

_REQUIREMENTS = "siga_nlp.requirements"
_DOCUMENT = "siga_nlp.document"


class JiebaTokenizer:
    """Words by ``siga_nlp.words``: jieba with a dictionary of our own, white space as tokens, text kept exactly.

    >>> import spacy
    >>> tokenizer = JiebaTokenizer(spacy.blank("zh").vocab, terms=["杏花川镇"])
    >>> [token.text for token in tokenizer("杏花川镇干部 每月下访")]
    ['杏花川镇', '干部', ' ', '每月', '下访']
    """

    def __init__(self, vocab: Vocab, *, terms: Iterable[str] = ()) -> None:
        self.vocab = vocab
        self.terms = list(terms)

    def __call__(self, text: str) -> Doc:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueError(
                f"spaCy cannot hold the text: character {error.start} is half a character (U+{ord(text[error.start]):04X}). "
                "Read the file with the right encoding, or replace such characters with U+FFFD."
            ) from None
        cut = [word for word, _, _ in words(text, terms=self.terms)]
        # White space is never hidden in the space after a token: a span may begin or end with it.
        return Doc(self.vocab, words=cut, spaces=[False] * len(cut))

    def pipe(self, texts: Iterable[str], **_: Any) -> Iterator[Doc]:
        yield from map(self, texts)

    def to_bytes(self, **_: Any) -> bytes:
        return bytes(srsly.msgpack_dumps({"terms": self.terms}))

    def from_bytes(self, data: bytes, **_: Any) -> JiebaTokenizer:
        self.terms = list(srsly.msgpack_loads(data)["terms"])
        return self

    def to_disk(self, path: str | PathLike[str], **_: Any) -> None:
        Path(path).write_text(json.dumps({"terms": self.terms}, ensure_ascii=False), encoding="utf-8")

    def from_disk(self, path: str | PathLike[str], **_: Any) -> JiebaTokenizer:
        self.terms = list(json.loads(Path(path).read_text(encoding="utf-8"))["terms"])
        return self


@registry.tokenizers("siga_nlp.JiebaTokenizer.v1")  # type: ignore[untyped-decorator]
def create_tokenizer(terms: list[str] = []) -> Callable[[Language], JiebaTokenizer]:  # noqa: B006 (spaCy reads it)
    """The tokenizer of a spaCy config: ``[nlp.tokenizer] @tokenizers = "siga_nlp.JiebaTokenizer.v1"``."""
    return partial(_tokenizer, terms=list(terms))


def _tokenizer(nlp: Language, *, terms: list[str]) -> JiebaTokenizer:
    return JiebaTokenizer(nlp.vocab, terms=terms)


def load(*, rules: str | PathLike[str] | None = None, terms: Iterable[str] = ()) -> Language:
    """A spaCy pipeline that reads structure and requirements.

    Args:
        rules: A folder of rules of your own, read besides the package's.
        terms: Words that the tokenizer keeps whole.

    Returns:
        ``spacy.blank("zh")`` with our tokenizer and the components ``siga_structure`` and ``siga_requirements``:
        ``doc.spans["structure"]``, ``doc.spans["requirements"]`` (label: the modality, id: the number of the row),
        ``doc.spans["slots"]`` (label: the slot) and ``doc._.requirements``, a tuple of plain records, the same that
        ``siga_nlp.extraction.extract`` gives.

    >>> nlp = load()
    >>> nlp.pipe_names
    ['siga_structure', 'siga_requirements']
    """
    tokenizer = {"@tokenizers": "siga_nlp.JiebaTokenizer.v1", "terms": list(terms)}
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": tokenizer}})
    # spaCy's limit of a million characters is for its parser and tagger, which are not here.
    nlp.max_length = 1_000_000_000
    nlp.add_pipe("siga_structure")
    nlp.add_pipe("siga_requirements", config={"rules": None if rules is None else fspath(rules)})
    return nlp


def to_doc(nlp: Language, document: Document) -> Doc:
    """A ``Doc`` of a document that was read, for ``nlp(doc)`` and ``nlp.pipe(docs)``.

    A text alone works too (``nlp(text)``); this hands on what a text does not hold: name, header, page furniture.

    >>> nlp = load()
    >>> to_doc(nlp, Document("a", "各乡镇应当每月调度一次。")).text
    '各乡镇应当每月调度一次。'
    """
    doc = nlp.make_doc(document.text)
    doc.user_data[_DOCUMENT] = _packed(document)
    return doc


def _document(doc: Doc) -> Document:
    packed = doc.user_data.get(_DOCUMENT)
    if packed is None:
        return Document(doc_id="", text=doc.text)
    fields = _unpacked(packed)
    document = Document(**{**fields, "header": Header(**fields["header"])})
    if document.text != doc.text:
        raise ValueError(f"{document.doc_id}: the Doc's text is not the document's; make it with to_doc(nlp, document)")
    return document


def add_structure(doc: Doc) -> Doc:
    """Set ``doc.spans["structure"]``: a span for each part (label: its kind, id: its path as ``二/（三）``)."""
    from .structure import parse
    from .view import view

    document = _document(doc)
    seen = view(document.text, furniture=document.furniture)
    return _with_spans(doc, structure=[(*seen.span(n.start, n.end), n.kind, n.path) for n in parse(seen)])


def add_requirements(doc: Doc, *, rules: str | None = None) -> Doc:
    """Set ``doc._.requirements``, ``doc.spans["requirements"]`` and ``doc.spans["slots"]``."""
    from .extraction import extract

    found = extract(_document(doc), rules=rules)
    slots = {(start, end, slot): "" for row in found for slot, spans in row.spans.items() for start, end in spans}
    doc = _with_spans(
        doc,
        requirements=[(row.start, row.end, row.modality, str(n)) for n, row in enumerate(found)],
        slots=[(*slot, "") for slot in sorted(slots)],
    )
    doc._.requirements = found
    return doc


@Language.factory("siga_structure", assigns=["doc.spans"], retokenizes=True)
def create_structure(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component ``siga_structure``."""
    return add_structure


@Language.factory(
    "siga_requirements",
    assigns=["doc._.requirements", "doc.spans"],
    retokenizes=True,
    default_config={"rules": None},
)
def create_requirements(nlp: Language, name: str, rules: str | None) -> Callable[[Doc], Doc]:
    """The component ``siga_requirements``; ``rules`` is a folder of rules of your own."""
    return partial(add_requirements, rules=rules)


def displacy_options(spans_key: str = "slots") -> dict[str, Any]:
    """Options for ``displacy.render(doc, style="span", options=…)``: the colours that ``show`` has.

    >>> displacy_options()["spans_key"]
    'slots'
    """
    from .marking import COLORS

    return {"spans_key": spans_key, "colors": dict(COLORS)}


Place = tuple[int, int, Any, Any, Any]


def _with_spans(doc: Doc, **groups: list[tuple[int, int, str, str]]) -> Doc:
    """The doc with span groups of ``(start, end, label, id)`` by characters, tokens split at their edges.

    White space at the edges of a span is left out (other tokenizers hide it in the token before).
    """
    text = doc.text
    places: dict[str, list[Place]] = {}
    for key, spans in groups.items():
        places[key] = []
        for start, end, label, ident in spans:
            part = text[start:end]
            start, end = end - len(part.lstrip()), start + len(part.rstrip())
            if start < end:
                places[key].append((start, end, label, 0, ident))
    doc = _split(doc, {edge for group in places.values() for place in group for edge in place[:2]})
    for key, group in places.items():
        doc.spans[key] = SpanGroup(doc, name=key, spans=_spans(doc, group))
    return doc


def _spans(doc: Doc, places: Iterable[Place]) -> list[Span]:
    starts = [token.idx for token in doc]
    return [
        Span(doc, bisect_right(starts, start) - 1, bisect_left(starts, end), label=label, kb_id=kb_id, span_id=ident)
        for start, end, label, kb_id, ident in places
    ]


def _places(spans: Iterable[Span]) -> list[Place]:
    return [(span.start_char, span.end_char, span.label, span.kb_id, span.id) for span in spans]


def _split(doc: Doc, edges: set[int]) -> Doc:
    """The doc with the tokens split that an edge falls into."""
    ordered = sorted(edges)
    parts: dict[int, list[str]] = {}
    for token in doc:
        start, end = token.idx, token.idx + len(token)
        inner = ordered[bisect_right(ordered, start) : bisect_left(ordered, end)]
        if inner:
            cuts = [0, *(edge - start for edge in inner), len(token)]
            parts[token.i] = [token.text[a:b] for a, b in pairwise(cuts)]
    if not parts:
        return doc
    # spaCy leaves the token numbers in doc.spans as they were before a split: everybody's groups are set anew.
    kept = {key: (_places(group), dict(group.attrs)) for key, group in doc.spans.items()}
    if any(map(doc.has_annotation, ("TAG", "POS", "MORPH", "LEMMA", "DEP"))):
        with doc.retokenize() as retokenizer:
            for n, orths in parts.items():
                retokenizer.split(doc[n], orths, heads=[(doc[n], 0)] * len(orths))
    else:
        doc = _rebuilt(doc, parts)
    for key, (group, attributes) in kept.items():
        doc.spans[key] = SpanGroup(doc, name=key, attrs=attributes, spans=_spans(doc, group))
    return doc


def _rebuilt(doc: Doc, parts: Mapping[int, list[str]]) -> Doc:
    """A doc with the split tokens and all else as in ``doc``, which holds no tags and no parse.

    ``Retokenizer.split`` takes time by splits × tokens: five minutes for a statute book of 200,000 characters.
    """
    cut: list[str] = []
    spaces: list[bool] = []
    starts: list[bool | int | None] = []
    for token in doc:
        orths = parts.get(token.i, [token.text])
        cut += orths
        spaces += [False] * (len(orths) - 1) + [bool(token.whitespace_)]
        starts += [token.is_sent_start] + [None if token.is_sent_start is None else False] * (len(orths) - 1)
    sentences = starts if doc.has_annotation("SENT_START") else None
    new = Doc(doc.vocab, words=cut, spaces=spaces, user_data=doc.user_data, sent_starts=sentences)
    if doc.has_annotation("ENT_IOB"):
        new.set_ents(_spans(new, _places(doc.ents)))
    new.cats = doc.cats
    new._context = doc._context
    new.user_hooks, new.user_token_hooks, new.user_span_hooks = (
        doc.user_hooks,
        doc.user_token_hooks,
        doc.user_span_hooks,
    )
    return new


# A Doc's user data must be plain for spaCy to write it or send it to another process, so the records lie there as JSON.


def _packed(record: Any) -> str:
    return json.dumps(asdict(record), ensure_ascii=False)


def _tuples(value: Any) -> Any:
    """JSON's lists back as the tuples they were; the records hold no lists."""
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value


def _unpacked(packed: str) -> dict[str, Any]:
    return dict(_tuples(json.loads(packed)))


def _requirement(fields: Mapping[str, Any]) -> Requirement:
    frequency, quantity = fields["frequency"], fields["quantity"]
    return Requirement(
        **{
            **fields,
            "frequency": frequency and Frequency(**frequency),
            "quantity": quantity and Quantity(**quantity),
        }
    )


@lru_cache(maxsize=256)
def _rows(packed: str) -> tuple[Requirement, ...]:
    return tuple(map(_requirement, _tuples(json.loads(packed))))


def get_requirements(doc: Doc) -> tuple[Requirement, ...]:
    """What ``doc._.requirements`` gives; empty before ``siga_requirements`` has run."""
    packed = doc.user_data.get(_REQUIREMENTS)
    return () if packed is None else _rows(packed)


def set_requirements(doc: Doc, rows: Iterable[Requirement]) -> None:
    """What setting ``doc._.requirements`` does."""
    doc.user_data[_REQUIREMENTS] = json.dumps([asdict(row) for row in rows], ensure_ascii=False)


def _set_extension() -> None:
    if Doc.has_extension("requirements"):
        getter = Doc.get_extension("requirements")[2]
        if getattr(getter, "__module__", None) != __name__:
            raise ValueError(
                "Doc._.requirements is set already, by another package than siga_nlp; remove it before this import: "
                'Doc.remove_extension("requirements")'
            )
        Doc.remove_extension("requirements")
    Doc.set_extension("requirements", getter=get_requirements, setter=set_requirements)


_set_extension()
