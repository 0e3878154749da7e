"""spaCy gives what the plain functions give, on exact spans."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import types
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy import displacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from siga_nlp.models import Document, Frequency, Header, Quantity, Requirement
from siga_nlp.spacy_pipeline import displacy_options, get_requirements, load, to_doc

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("SIGA_SHARED", ROOT.parent / "shared"))
ENTRY_POINTS = {
    "spacy_factories": {
        "siga_structure": "siga_nlp.spacy_pipeline:create_structure",
        "siga_requirements": "siga_nlp.spacy_pipeline:create_requirements",
    },
    "spacy_tokenizers": {"siga_nlp.JiebaTokenizer.v1": "siga_nlp.spacy_pipeline:create_tokenizer"},
}
TEXT = (
    "一、工作要求\r\n　　市教育局应当自收到申请之日起10日前办结，学校每学期至少开展１次检查。\r\n\r\n"
    "縣級 領導幹部每月不少于2天到基層接訪群眾，各乡镇每半年向县委报告1次。"
)
MEASURE = re.compile(
    r"(?P<subject>[^，。\s]{2}(?:\s?[^，。\s]{1,5})?)(?P<measure>每(?:学期|月|半年)[^，。]*?(?:次|天))(?P<action>[^，。]*)"
)


def fake_extract(document: Document, *, rules: str | None = None) -> tuple[Requirement, ...]:
    """Requirements whose edges fall where no dictionary would cut; the rules' work is tested elsewhere."""
    rows = []
    for m in MEASURE.finditer(document.text):
        spans = {slot: (m.span(slot),) for slot in ("subject", "measure", "action") if m[slot]}
        spans["frequency"] = ((m.start("measure"), m.start("measure") + 1),)
        rows.append(
            Requirement(
                start=m.start(),
                end=m.end(),
                text=m[0],
                subject=m["subject"],
                subject_source="stated",
                frequency=Frequency("ge", 1, None, "P1M"),
                quantity=Quantity("ge", 2, None, "天"),
                lead_units=(document.header.issuer or "", "乙"),
                rules=("fake/one", str(rules)),
                spans=spans,
            )
        )
    return tuple(rows)


def fake_parse(view: Any) -> tuple[Any, ...]:
    from siga_nlp.models import Node

    return tuple(Node("paragraph", m.start(), m.end(), m.start(), path="一") for m in re.finditer("[^\n]+", view.text))


@pytest.fixture(autouse=True)
def core(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if request.node.name.startswith("test_real"):
        return
    for name, function in {"extraction": ("extract", fake_extract), "structure": ("parse", fake_parse)}.items():
        module = types.ModuleType(f"siga_nlp.{name}")
        setattr(module, *function)
        monkeypatch.setitem(sys.modules, f"siga_nlp.{name}", module)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load()


def check(doc: Doc, document: Document) -> None:
    """Every span of every record is a Span with the document's very words."""
    text = document.text
    assert doc.text == text
    rows = fake_extract(document)
    assert [(s.start_char, s.end_char, s.label_, s.id_) for s in doc.spans["requirements"]] == [
        (*narrowed(text, r.start, r.end), r.modality, str(n)) for n, r in enumerate(rows)
    ]
    wanted = {(*narrowed(text, *span), slot) for row in rows for slot, spans in row.spans.items() for span in spans}
    assert {(s.start_char, s.end_char, s.label_) for s in doc.spans["slots"]} == {w for w in wanted if w[0] < w[1]}
    assert all(span.text == text[span.start_char : span.end_char] for span in doc.spans["slots"])


def narrowed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return end - len(part.lstrip()), start + len(part.rstrip())


def test_same_records_as_the_plain_function(nlp: Language) -> None:
    document = Document("", TEXT)
    doc = nlp(TEXT)
    assert len(doc._.requirements) == 3
    assert doc._.requirements == fake_extract(document)
    assert isinstance(doc._.requirements, tuple)
    assert isinstance(doc._.requirements[0].frequency, Frequency)
    check(doc, document)
    assert next(span.text for span in doc.spans["structure"]) == "一、工作要求"
    assert {span.id_ for span in doc.spans["structure"]} == {"一"}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.one_of(
            st.sampled_from("县委市教育局乡镇每学期半年月次天１2，。 \r\n\t　"),
            st.characters(exclude_categories=["Cs"]),
        ),
        max_size=60,
    )
)
def test_any_text_keeps_its_offsets(nlp: Language, text: str) -> None:
    text += "各乡镇每月不少于2天下访"
    for pipeline in (nlp, _by_character()):
        check(pipeline(text), Document("", text))


def _by_character() -> Language:
    pipeline = spacy.blank("zh")
    pipeline.add_pipe("siga_requirements")
    return pipeline


def test_a_document_hands_on_its_header_and_furniture(nlp: Language) -> None:
    header = Header(issuer="岚江省委办公厅", spans={"issuer": (0, 2)}, issues=("x",))
    document = Document("a", TEXT, furniture=((0, 4),), metadata={"k": "v"}, header=header)
    doc = nlp(to_doc(nlp, document))
    assert doc._.requirements == fake_extract(document)
    assert doc._.requirements[0].lead_units[0] == "岚江省委办公厅"
    other = nlp.make_doc("别的")
    other.user_data = dict(to_doc(nlp, document).user_data)
    with pytest.raises(ValueError, match="to_doc"):
        nlp(other)


def test_pipe_with_contexts_and_processes(nlp: Language) -> None:
    texts = [TEXT, "", "乡镇每月2次巡河"]
    plain = [fake_extract(Document("", text)) for text in texts]
    assert [doc._.requirements for doc in nlp.pipe(texts)] == plain
    pairs = list(nlp.pipe(zip(texts, "abc", strict=True), as_tuples=True))
    assert [(doc._.requirements, context) for doc, context in pairs] == list(zip(plain, "abc", strict=True))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the fake core reaches worker processes only by fork")
def test_two_processes(nlp: Language) -> None:
    document = Document("a", TEXT, header=Header(issuer="岚江省"))
    docs = list(nlp.pipe([TEXT, to_doc(nlp, document)], n_process=2, batch_size=1))
    assert [doc._.requirements for doc in docs] == [fake_extract(Document("", TEXT)), fake_extract(document)]
    check(docs[1], document)


def test_docs_are_written_and_read(nlp: Language, tmp_path: Path) -> None:
    doc = nlp(TEXT)
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert again._.requirements == doc._.requirements
    check(again, Document("", TEXT))
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "docs.spacy")
    (stored,) = DocBin().from_disk(tmp_path / "docs.spacy").get_docs(nlp.vocab)
    check(stored, Document("", TEXT))


def test_pipelines_are_written_and_read(tmp_path: Path) -> None:
    pipeline = load(rules=Path("my_rules"), terms=["杏花川镇"])
    pipeline.to_disk(tmp_path / "pipeline")
    again = spacy.load(tmp_path / "pipeline")
    same = load().from_bytes(pipeline.to_bytes())
    text = "杏花川镇每月2次巡河"
    for other in (again, same):
        assert [token.text for token in other(text)] == [token.text for token in pipeline(text)]
        assert other.make_doc(text)[0].text == "杏花川镇"
    assert again(text)._.requirements == fake_extract(Document("", text), rules="my_rules")
    assert again.config["nlp"]["tokenizer"]["@tokenizers"] == "siga_nlp.JiebaTokenizer.v1"


@pytest.mark.parametrize("tagged", [False, True])
def test_other_components_keep_their_spans_and_entities(tagged: bool) -> None:
    pipeline = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "siga_nlp.JiebaTokenizer.v1"}}})

    @Language.component("before")
    def before(doc: Doc) -> Doc:
        doc.spans["mine"] = [Span(doc, 0, 3, label="A"), Span(doc, len(doc) - 2, len(doc), label="B", span_id="7")]
        doc.spans["mine"].attrs["who"] = "me"
        doc.ents = [Span(doc, len(doc) - 3, len(doc) - 1, label="ORG", kb_id="Q1")]
        doc[0].is_sent_start, doc[4].is_sent_start = True, True
        doc.cats = {"notice": 1.0}
        if tagged:
            doc[0].tag_ = "NN"
        return doc

    text = "市教育局和各乡镇每月不少于2天下访，县委每半年报告1次工作"
    pipeline.add_pipe("before")
    alone = pipeline(text)
    pipeline.add_pipe("siga_structure")
    pipeline.add_pipe("siga_requirements")
    doc = pipeline(text)
    assert len(doc) > len(alone), "no token was split: the test shows nothing"
    assert [(s.text, s.label_, s.id_) for s in doc.spans["mine"]] == [
        (s.text, s.label_, s.id_) for s in alone.spans["mine"]
    ]
    assert doc.spans["mine"].attrs == {"who": "me"}
    assert [(e.text, e.label_, e.kb_id_) for e in doc.ents] == [(e.text, e.label_, e.kb_id_) for e in alone.ents]
    assert [sentence.text for sentence in doc.sents] == [sentence.text for sentence in alone.sents]
    assert (doc.cats, doc[0].tag_) == (alone.cats, alone[0].tag_)


def test_pipes_are_declared_and_configuration_is_checked(nlp: Language) -> None:
    analysis = nlp.analyze_pipes()
    assert not any(analysis["problems"].values())
    assert analysis["summary"]["siga_requirements"]["assigns"] == ["doc._.requirements", "doc.spans"]
    with pytest.raises(Exception, match="rulez"):
        spacy.blank("zh").add_pipe("siga_requirements", config={"rulez": "x"})
    with pytest.raises(Exception, match="(?s)rules.*str"):
        spacy.blank("zh").add_pipe("siga_requirements", config={"rules": 3})


def test_displacy_draws_the_slots(nlp: Language) -> None:
    html = displacy.render(nlp("各乡镇每月不少于2天下访"), style="span", options=displacy_options(), jupyter=False)
    assert "measure" in html and "subject" in html
    displacy.render(nlp(TEXT), style="span", options={"spans_key": "requirements"}, jupyter=False)


def test_empty_before_the_component_ran_and_half_characters_are_refused(nlp: Language) -> None:
    assert nlp.make_doc("县委")._.requirements == ()
    with pytest.raises(ValueError, match=r"character 1 .*U\+D800.*encoding"):
        nlp("县\ud800委")


def test_somebody_elses_extension_is_not_overwritten() -> None:
    from siga_nlp.spacy_pipeline import _set_extension

    Doc.remove_extension("requirements")
    try:
        Doc.set_extension("requirements", default=1)
        with pytest.raises(ValueError, match="another package"):
            _set_extension()
    finally:
        Doc.remove_extension("requirements")
        _set_extension()
    assert Doc.get_extension("requirements")[2] is get_requirements


def test_entry_points_work_unimported(tmp_path: Path) -> None:
    """As after ``pip install``: the names are found with no import of ours."""
    info = tmp_path / "siga_entry_points-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: siga-entry-points\nVersion: 0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items()) for group, names in ENTRY_POINTS.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    code = (
        "import spacy\n"
        "nlp = spacy.blank('zh', config={'nlp': {'tokenizer': {'@tokenizers': 'siga_nlp.JiebaTokenizer.v1'}}})\n"
        "nlp.add_pipe('siga_structure'); nlp.add_pipe('siga_requirements')\n"
        "print(nlp.make_doc('县委每月下访')[0].text, *nlp.pipe_names)\n"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    env = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["县委", "siga_structure", "siga_requirements"]


@pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="no pyproject.toml yet")
def test_entry_points_are_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    assert {group: declared.get(group) for group in ENTRY_POINTS} == ENTRY_POINTS


@pytest.mark.parametrize("n_process", [1, 2])
def test_real_documents_give_the_plain_rows(nlp: Language, n_process: int) -> None:
    requirements = pytest.importorskip("siga_nlp.extraction")
    pytest.importorskip("siga_nlp.structure")
    paths = sorted((SHARED / "corpus").glob("[56]*.txt"))[:4]
    if not paths:
        pytest.skip(f"no documents in {SHARED / 'corpus'}")
    documents = [Document(path.stem, path.read_bytes().decode("utf-8")) for path in paths]
    docs = nlp.pipe([to_doc(nlp, document) for document in documents], n_process=n_process)
    for doc, document in zip(docs, documents, strict=True):
        rows = requirements.extract(document)
        assert rows, "no requirement found: the test shows nothing"
        assert [asdict(row) for row in doc._.requirements] == [asdict(row) for row in rows]
        assert [span.text for span in doc.spans["requirements"]] == [row.text.strip() for row in rows]
