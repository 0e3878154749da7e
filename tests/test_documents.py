"""Documents with headers: read_document, read_corpus, iter_documents and documents.csv."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from siga_nlp.corpus import DocumentError, ListingError, iter_documents, read_corpus, read_document
from siga_nlp.models import Document, ReadFailure

A = "福州市人民政府关于接访的通知\n榕政〔2024〕3号\n各县（市）区人民政府：\n请执行。\n福州市人民政府\n2024年1月8日\n"
B = "青溪县干部驻村办法\n第一条 为了规范，制定本办法。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text(A, encoding="utf-8")
    (tmp_path / "sub" / "b.txt").write_text(B, encoding="gb18030")
    (tmp_path / "empty.txt").write_bytes(b"")
    return tmp_path


def _list(folder: Path, text: str, encoding: str = "utf-8") -> None:
    (folder / "documents.csv").write_bytes(text.encode(encoding))


def test_read_document_has_its_header(folder: Path) -> None:
    header = read_document(folder / "a.txt").header
    assert (header.doc_number, header.date, header.region_code) == ("榕政〔2024〕3号", "2024-01-08", "350100")


@pytest.mark.parametrize("name", ["none.txt", "empty.txt", "sub", "x.doc"])
def test_read_document_says_what_is_wrong(folder: Path, name: str) -> None:
    if name == "sub":
        (folder / "sub" / "c.txt").write_text(B, encoding="utf-8")
    with pytest.raises(DocumentError, match=name) as caught:
        read_document(folder / name)
    assert isinstance(caught.value, OSError) and isinstance(caught.value, ValueError)
    assert caught.value.failure.advice


def test_corpus(folder: Path) -> None:
    corpus = read_corpus(folder)
    assert repr(corpus) == "Corpus(2 documents, 1 region, 1 failure)"
    assert [d.doc_id for d in corpus] == ["a", "b"] and len(corpus) == 2
    assert corpus["b"].encoding == "gb18030" and corpus[0] is corpus["a"]
    assert "a" in corpus and "z" not in corpus
    assert corpus.failures[0].reason == "empty"
    with pytest.raises(KeyError, match="near: "):
        corpus["aa"]


def test_corpus_filters(folder: Path) -> None:
    assert [d.doc_id for d in read_corpus(folder, region="福建")] == ["a"]
    assert [d.doc_id for d in read_corpus(folder, region=["350100"])] == ["a"]
    assert [d.doc_id for d in read_corpus(folder, level="city")] == ["a"]
    assert len(read_corpus(folder, region="浙江省")) == 0
    with pytest.raises(ValueError, match="prefecture"):
        read_corpus(folder, level="prefecture")


def test_iteration_is_lazy_and_keeps_failures_in_place(folder: Path) -> None:
    found = iter_documents([folder / "a.txt", folder / "none.txt", folder / "empty.txt"])
    assert isinstance(next(found), Document)
    assert [f.reason for f in found if isinstance(f, ReadFailure)] == ["missing", "empty"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_list_overrides_and_completes(folder: Path, encoding: str) -> None:
    _list(folder, "level,file,region,date,doc_id\n县级,sub/b.txt,福建省闽侯县,2020年5月1日,minhou\n", encoding)
    document = read_corpus(folder)["minhou"]
    header = document.header
    assert (header.region, header.region_code, header.level, header.date) == (
        "福建省闽侯县",
        "350121",
        "county",
        "2020-05-01",
    )
    assert header.title == "青溪县干部驻村办法"
    assert not any(issue.startswith(("region_", "level_", "date_")) for issue in header.issues)
    assert read_document(folder / "sub" / "b.txt").doc_id == "minhou", "the list of the folder above counts"


def test_a_region_of_the_list_never_keeps_the_texts_code(folder: Path) -> None:
    _list(folder, "file,region\na.txt,云岭省\n")
    header = read_document(folder / "a.txt").header
    assert (header.region, header.region_code) == ("云岭省", None)
    assert "region" not in header.spans


def test_match_by_id(folder: Path) -> None:
    _list(folder, "doc_id,title,region_code\nb,另一个题目,350000.0\n")
    header = read_corpus(folder)["b"].header
    assert (header.title, header.region_code) == ("另一个题目", "350000")


def test_a_file_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("x/a.txt", A)
    _list(tmp_path, "file,title\nz.zip/x/a.txt,题目\n")
    assert read_corpus(tmp_path)[0].header.title == "题目"


def test_all_mistakes_of_a_list_are_named_at_once(folder: Path) -> None:
    _list(
        folder,
        "file,doc_id,date,level,region_code,colour\na.txt,,2024-13-02,,,\nnone.txt,,,,,\na.txt,,,,,\n"
        "sub/b.txt,q,,village hall,35,\n,zzz,,,,\n,,2024,,,\n",
    )
    with pytest.raises(ListingError) as caught:
        read_corpus(folder)
    message = str(caught.value)
    for part in (
        "row 1: unknown column 'colour'",
        "row 2, column date: '2024-13-02' is not a date; use YYYY-MM-DD or 2024年3月2日",
        "row 3, column file: 'none.txt' is not there",
        "row 4, column file: 'a.txt' stands in row 2 already",
        "row 5, column level: 'village hall' is no level",
        "row 5, column region_code: '35'",
        "row 6, column doc_id: no document 'zzz'",
        "row 7: neither file nor doc_id",
    ):
        assert part in message, part
    assert len(message.splitlines()) == 8


def test_other_peoples_lists_above_are_left_alone(folder: Path) -> None:
    _list(folder, "id;name\n1;x\n")
    assert read_document(folder / "sub" / "b.txt").doc_id == "b"
    with pytest.raises(ListingError):
        read_document(folder / "a.txt")


def test_shipped_corpus_reads_whole() -> None:
    folder = Path(__file__).parents[1] / "corpus"
    if not folder.is_dir():
        pytest.skip("the sample corpus is not there")
    corpus = read_corpus(folder)
    assert not corpus.failures and len(corpus) >= 12
    for document in corpus:
        header = document.header
        assert header.title and header.genre and header.level and header.region, document.doc_id
        assert header.region_code is None, "no invented place has a code"
