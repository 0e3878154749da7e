"""Reading: every hostile input gives a right document or a named failure, never an exception."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siga_nlp.models import Document, ReadFailure
from siga_nlp.reading import Source, digest, read, read_source, source_bytes, sources

SHARED = Path(os.environ.get("SIGA_SHARED", Path(__file__).parents[1].parent / "shared"))
RULE = "各级领导干部每年至少到基层联系点调研2次，每次不少于3天，不得由他人代替。"
RULE_TW = "各級領導幹部每年至少到基層聯繫點調研2次，每次不少於3天，不得由他人代替。"


def one(path: Path) -> Document | ReadFailure:
    results = list(read(path))
    assert len(results) == 1, results
    return results[0]


def document(path: Path) -> Document:
    result = one(path)
    assert isinstance(result, Document), result
    return result


def failure(path: Path) -> ReadFailure:
    result = one(path)
    assert isinstance(result, ReadFailure), result
    assert path.name in result.message
    assert result.advice
    return result


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def body(doc: Document) -> str:
    """The text without its furniture."""
    text = doc.text
    for start, end in reversed(doc.furniture):
        text = text[:start] + text[end:]
    return text


# ---- encodings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    "text", [RULE, RULE_TW, f"第一条\r\n\u3000\u3000{RULE}\r\n"], ids=["zh-Hans", "zh-Hant", "crlf"]
)
def test_text_is_exactly_the_decoded_file(tmp_path: Path, encoding: str, text: str) -> None:
    doc = document(write(tmp_path, "a.txt", text.encode(encoding)))
    assert doc.text == text
    assert doc.encoding is not None
    assert doc.encoding_reason


@pytest.mark.parametrize("encoding", ["big5", "big5hkscs", "cp950"])
def test_big5(tmp_path: Path, encoding: str) -> None:
    doc = document(write(tmp_path, "a.txt", RULE_TW.encode(encoding)))
    assert doc.text == RULE_TW
    assert doc.encoding == "big5hkscs"


@pytest.mark.parametrize(("written", "says"), [("gb18030", "gb2312"), ("utf-8", "gbk"), ("big5", "utf-8")])
def test_charset_of_a_page_is_only_a_hint(tmp_path: Path, written: str, says: str) -> None:
    rule = RULE_TW if written == "big5" else RULE + "镕㐂"
    page = (
        f'<html><head><meta charset="{says}"><title>办法</title></head><body><p>{rule}</p><p>{rule}</p></body></html>'
    )
    doc = document(write(tmp_path, "a.html", page.encode(written, "ignore")))
    assert doc.text == f"{rule}\n{rule}"
    assert doc.encoding == {"big5": "big5hkscs"}.get(written, written)
    assert says in (doc.encoding_reason or "")


@pytest.mark.parametrize("raw", ["中".encode("gb18030"), "模".encode("gb18030")], ids=["invalid-utf8", "valid-utf8"])
def test_two_bytes_are_gb18030_with_low_confidence(tmp_path: Path, raw: bytes) -> None:
    doc = document(write(tmp_path, "a.txt", raw))
    assert doc.text == raw.decode("gb18030")
    assert "low confidence" in (doc.encoding_reason or "")
    assert any(note.startswith("encoding_uncertain") for note in doc.notes)


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16-le", "utf-16-be", "utf-8"])
@pytest.mark.parametrize("before", ["", "x"], ids=["even", "odd"])
def test_three_megabytes_in_a_single_line(tmp_path: Path, encoding: str, before: str) -> None:
    text = before + (RULE_TW if encoding == "big5" else RULE) * (3_000_000 // len(RULE.encode("gb18030")))
    assert document(write(tmp_path, "a.txt", text.encode(encoding))).text == text


@pytest.mark.parametrize("raw", [b"a", "一".encode(), "一".encode("gb18030")], ids=["ascii", "utf-8", "gb18030"])
def test_fifty_megabytes_of_one_character(tmp_path: Path, raw: bytes) -> None:
    count = 50_000_000 // len(raw)
    doc = document(write(tmp_path, "a.txt", raw * count))
    assert len(doc.text) == count
    assert set(doc.text) == {"a" if raw == b"a" else "一"}


def test_nul_bytes_stay_in_the_text_and_are_noted(tmp_path: Path) -> None:
    text = RULE + "\x00" + RULE
    doc = document(write(tmp_path, "a.txt", text))
    assert doc.text == text
    assert any(note.startswith("nul_characters: 1") for note in doc.notes)


@pytest.mark.parametrize(
    "raw",
    [
        RULE.encode() * 40 + b"\xed\xa0\x80" + RULE.encode(),
        (RULE * 40).encode("utf-16") + b"\x00\xd8" + RULE.encode("utf-16-le"),
    ],
    ids=["utf-8", "utf-16"],
)
def test_lone_surrogates_are_replaced_and_noted(tmp_path: Path, raw: bytes) -> None:
    doc = document(write(tmp_path, "a.txt", raw))
    doc.text.encode("utf-8")
    assert doc.text.replace("\ufffd", "") == RULE * 41
    assert any(note.startswith("encoding_damage") for note in doc.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_file_cut_inside_a_character(tmp_path: Path, encoding: str) -> None:
    doc = document(write(tmp_path, "a.txt", (RULE * 20 + "次").encode(encoding)[:-1]))
    assert doc.text == RULE * 20 + "\ufffd"
    assert any(note.startswith("encoding_damage: 1") for note in doc.notes)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b"\x00", "binary"),
        (b"\x00" * 1000, "binary"),
        (b"\xd6", "binary"),
        (b"\xff" * 1000, "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "binary"),
        (b"PK\x03\x04" + bytes(100), "binary"),
        (b"%PDF-1.4 ...", "binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), "binary"),
        (bytes(range(1, 32)) * 50, "binary"),
        ((RULE * 20).encode().decode("gb18030", "replace").encode(), "garbled"),
        ((RULE * 20).encode("gb18030").decode("latin-1").encode(), "garbled"),
        (("\ufffd" * 9 + "办法") * 20, "garbled"),
        ("日本語の文章です。これは読めません。".encode("shift-jis") * 20, "encoding"),
    ],
)
def test_what_is_no_readable_text(tmp_path: Path, raw: bytes | str, reason: str) -> None:
    assert failure(write(tmp_path, "a.txt", raw)).reason == reason


def test_one_byte_is_a_document(tmp_path: Path) -> None:
    assert document(write(tmp_path, "a.txt", b"a")).text == "a"


def test_random_bytes_are_refused(tmp_path: Path) -> None:
    noise = bytes((i * i * 7919 + i * 104729) // 13 % 256 for i in range(20_000))
    assert failure(write(tmp_path, "a.txt", noise)).reason in ("encoding", "binary")


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_front_matter_stays_in_the_text(tmp_path: Path, name: str) -> None:
    text = f"---\ntitle: 办法\nissuer: '某市人民政府'\n---\n\n{RULE}\n"
    doc = document(write(tmp_path, name, text))
    assert doc.text == text
    assert doc.metadata == ({"title": "办法", "issuer": "某市人民政府"} if name == "a.md" else {})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), ending=st.sampled_from(["txt", "md", "html", "docx", "pdf"]))
def test_any_bytes_give_a_document_or_a_failure(data: bytes, ending: str) -> None:
    result = read_source(Source("x", "x", ending, "nowhere"), data=data)
    if isinstance(result, Document):
        assert result.text.strip()
        assert result.sha256 == digest(data)
        result.text.encode("utf-8")
    else:
        assert result.reason != "internal", result


@settings(max_examples=100, deadline=None)
@given(text=st.text(min_size=1, alphabet=st.sampled_from(list("各级领导干部每年至少2次，。<>/&;pdivtablr =\"'x\n"))))
def test_any_markup_gives_a_document_or_a_failure(text: str) -> None:
    result = read_source(Source("x", "x", "html", "nowhere"), data=text.encode())
    assert isinstance(result, Document) or result.reason != "internal", result


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.sampled_from(list(RULE + RULE_TW + "\r\n，。0123456789abc")), min_size=30))
def test_text_survives_every_encoding(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        result = read_source(Source("x", "x", "txt", "nowhere"), data=text.encode(encoding))
        if isinstance(result, Document):
            assert result.text == text
        else:
            assert not text.strip()


# ---- web pages ------------------------------------------------------------------------------------------------------

PAGE = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>关于下基层的办法_岚江门户</title>
<meta name="ArticleTitle" content="关于下基层的办法"><meta name="PubDate" content="2024-03-01">
<style>p{{}}</style></head><body>
<div class="top"><a href="/">首页</a> <a href="/a">信息公开</a> <a href="/b">办事服务</a></div>
<div class="mbx">当前位置：<a href="/">首页</a> &gt; <a href="/x">信息公开</a> &gt; 正文</div>
<table><tr><td>索 引 号</td><td>LJ/2024-1</td><td>成文日期</td><td>2024-02-26</td></tr>
<tr><td>标　　题</td><td colspan="3">关于下基层的办法</td></tr></table>
<h1>关于下基层的办法</h1>
<div class="info">发布时间：2024-03-01　来源：办公室　浏览次数：<span>20</span>　【字号：
<a href="javascript:z(1)">大</a>
<a href="javascript:z(2)">小</a>】</div>
<div class="share">分享到：<a>微信</a> <a>微博</a></div>
<div id="zoom"><p>　　第一条　{RULE}</p><p>第二条&nbsp;办法<b>由</b>某局<span
>负责</span>解释，自印发之日起施行。</p>
<table><tr><th>事项</th><th>次数</th></tr><tr><td>调研</td><td>每年2次</td></tr></table>
<ol><li>建立台账</li><li>按月<br>报送</li></ol><ul><li>（一）公开结果</li></ul>
<p style="display:none">看不见的字</p><script>var x = "脚本";</script>
<div class="qrcode">扫一扫在手机打开当前页</div></div>
<div class="xglj"><h3>相关链接</h3><ul><li><a href="/1">领导干部每月至少下访1天</a></li></ul></div>
<div class="foot">主办：某市人民政府办公室　备案号：ICP备0号</div></body></html>"""


def test_article_without_what_surrounds_it(tmp_path: Path) -> None:
    doc = document(write(tmp_path, "a.html", PAGE))
    assert doc.text.split("\n") == [
        "索 引 号 | LJ/2024-1 | 成文日期 | 2024-02-26",
        "标　　题 | 关于下基层的办法",
        "关于下基层的办法",
        "发布时间：2024-03-01　来源：办公室",
        f"第一条　{RULE}",
        "第二条\xa0办法由某局负责解释，自印发之日起施行。",
        "事项 | 次数",
        "调研 | 每年2次",
        "1. 建立台账",
        "2. 按月",
        "报送",
        "（一）公开结果",
    ]
    assert doc.metadata["ArticleTitle"] == "关于下基层的办法"
    assert doc.metadata["PubDate"] == "2024-03-01"
    assert doc.metadata["title"] == "关于下基层的办法_岚江门户"
    assert doc.metadata["charset"] == "utf-8"


def test_related_links_without_links_or_telling_names(tmp_path: Path) -> None:
    related = "<div><p>相关文章</p><ul><li>·某市每月巡查一次 2024-05-20</ul></div>"
    page = f"<div><div><p>{RULE}</p><p>{RULE}</p></div>{related}</div>"
    assert document(write(tmp_path, "a.html", page)).text == f"{RULE}\n{RULE}"


def test_page_framed_by_layout_tables(tmp_path: Path) -> None:
    page = (
        "<table><tr><td><table><tr><td><a href=1>首页</a></td><td><a href=2>公开</a></td></tr></table></td></tr>"
        f"<tr><td><p>第一条　{RULE}</p><p>第二条　{RULE}</p></td><td><a href=3>热点</a></td></tr></table>"
    )
    assert document(write(tmp_path, "a.htm", page)).text == f"第一条　{RULE}\n第二条　{RULE}"


def test_headings_tables_and_chapters_beside_the_prose_are_kept(tmp_path: Path) -> None:
    head = '<div class="nav"><a href="/">首页</a></div>'
    table = "<table><tr><th>序号</th><th>任务</th></tr><tr><td>1</td><td>每年2次</td></tr></table>"
    rows = ["序号 | 任务", "1 | 每年2次"]
    anchor = '<p><a name="_Toc1">一、要求</a></p><p><a href="/f">附件：名单</a></p><p><a href="/g">更多</a></p>'
    page = f"<body>{head}<div>{anchor}<p>{RULE * 5}</p></div></body>"
    assert document(write(tmp_path, "d.html", page)).text.split("\n") == ["一、要求", "附件：名单", RULE * 5]
    page = f"<body>{head}<div><p>一、要求</p><p>{RULE * 5}</p>{table}<p>二、其他</p></div></body>"
    assert document(write(tmp_path, "a.html", page)).text.split("\n") == ["一、要求", RULE * 5, *rows, "二、其他"]
    page = f"<body>{head}<div><div><p>一、要求</p><p>{RULE * 9}</p></div><div><p>二、其他</p><p>{RULE}</p></div></div>"
    assert document(write(tmp_path, "b.html", page)).text.split("\n") == ["一、要求", RULE * 9, "二、其他", RULE]
    page = f"<body>{head}<div><div><p>{RULE * 9}</p></div></div><div>{table}</div></body>"
    assert document(write(tmp_path, "c.html", page)).text.split("\n") == [RULE * 9, *rows]


@pytest.mark.parametrize(
    "page",
    [
        f"<p>{RULE}<p>{RULE}",  # no body
        f"<html><head><title>x</title></head><p>{RULE}</p><p>{RULE}</html>",
        f"<div><p><b>{RULE}</p></b><p>{RULE}</span></div></p></table>",  # broken nesting
        f"<?xml version='1.0' encoding='gb2312'?><html><body><p>{RULE}</p><p>{RULE}</p></body></html>",
    ],
)
def test_pages_that_are_not_well_made(tmp_path: Path, page: str) -> None:
    assert document(write(tmp_path, "a.html", page)).text == f"{RULE}\n{RULE}"


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "table><tr><td", "blockquote", "p"])
def test_ten_thousand_nested_tags(tmp_path: Path, tag: str) -> None:
    names = re.findall(r"[a-z]+", tag)
    closing = "".join(f"</{name}>" for name in reversed(names))
    page = f"<body><p>{RULE}</p>" + f"<{tag}>" * 10_000 + RULE + closing * 10_000 + f"<p>{RULE}</p></body>"
    doc = document(write(tmp_path, "a.html", page))
    assert doc.text.count(RULE) == 3


def test_ten_thousand_nested_brackets(tmp_path: Path) -> None:
    text = "（" * 10_000 + RULE + "）" * 10_000
    assert document(write(tmp_path, "a.txt", text)).text == text
    assert document(write(tmp_path, "a.html", f"<p>{text}</p>")).text == text


def test_page_without_article_gives_all_its_text_and_says_so(tmp_path: Path) -> None:
    doc = document(write(tmp_path, "a.html", "<body><div>值班表</div><div>周一 张某</div></body>"))
    assert doc.text == "值班表\n周一 张某"
    assert any(note.startswith("no_article") for note in doc.notes)


@pytest.mark.parametrize(
    "page", ["<html></html>", "<script>load()</script>", "<frameset><frame src=a.htm></frameset>", "<!-- x -->"]
)
def test_page_without_text(tmp_path: Path, page: str) -> None:
    assert failure(write(tmp_path, "a.html", page)).reason == "no_text"


def test_bad_character_references(tmp_path: Path) -> None:
    doc = document(write(tmp_path, "a.html", f"<p>{RULE}&#xD800;&#0;&nosuch;&amp;&#19968;</p>"))
    assert doc.text.startswith(RULE)
    assert doc.text.endswith("&nosuch;&一")
    doc.text.encode("utf-8")


# ---- PDF ------------------------------------------------------------------------------------------------------------


def make_pdf(
    pages: list[list[str] | None], *, header: str | list[str] = "", number: str = "", password: str | None = None
) -> bytes:
    """A PDF of lines; a page that is ``None`` is a picture."""
    canvas_module = pytest.importorskip("reportlab.pdfgen.canvas")
    from PIL import Image
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    encrypt = StandardEncryption(password, ownerPassword="owner", strength=128) if password is not None else None
    canvas = canvas_module.Canvas(out, pagesize=A4, encrypt=encrypt)
    for index, lines in enumerate(pages, 1):
        canvas.setFont("STSong-Light", 14)
        if lines is None:
            canvas.drawImage(ImageReader(Image.new("RGB", (40, 60), (200, 20, 20))), 60, 60, 400, 600)
        else:
            canvas.drawString(72, A4[1] - 40, header if isinstance(header, str) else header[index - 1])
            for row, line in enumerate(lines):
                canvas.drawString(72, A4[1] - 110 - 24 * row, line)
            canvas.drawCentredString(A4[0] / 2, 40, number.format(index))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


PAGES: list[list[str] | None] = [
    ["第一条　市级领导干部每年至少", "下基层1次，县级领导干部每月不少于"],
    ["2次，每次不少于3天。", "第二条　本办法自印发之日起施行。"],
    ["附　则"],
]
PDF_LINES = [line for page in PAGES for line in page or []]


@pytest.mark.parametrize("number", ["— {} —", "{}", "第{}页", "第 {} 页 共 3 页", "- {} -", "{}/3"])
def test_pdf_headers_and_page_numbers_are_furniture(tmp_path: Path, number: str) -> None:
    doc = document(write(tmp_path, "a.pdf", make_pdf(PAGES, header="岚江省人民政府公报", number=number)))
    assert body(doc).split("\n") == PDF_LINES
    assert doc.text.count("岚江省人民政府公报") == 3
    assert len(doc.text) > len(body(doc))


def test_pdf_lines_as_laid_out(tmp_path: Path) -> None:
    doc = document(write(tmp_path, "a.pdf", make_pdf(PAGES)))
    assert doc.text.split("\n") == PDF_LINES
    assert doc.furniture == ()


def test_numbers_in_the_margin_that_do_not_run_with_the_pages_are_text(tmp_path: Path) -> None:
    doc = document(write(tmp_path, "a.pdf", make_pdf([["甲项"], ["乙项"]], header=["每年不少于 5", "每年不少于 2"])))
    assert doc.furniture == ()
    doc = document(write(tmp_path, "b.pdf", make_pdf([["甲项"], ["乙项"]], header=["12", "30"])))
    assert doc.furniture == ()


def test_pdf_page_of_pictures_is_named(tmp_path: Path) -> None:
    doc = document(write(tmp_path, "a.pdf", make_pdf([PAGES[0], None, PAGES[1]])))
    assert any("page 2 of 3" in note for note in doc.notes)


def test_pdf_that_cannot_be_read(tmp_path: Path) -> None:
    assert failure(write(tmp_path, "scan.pdf", make_pdf([None, None]))).reason == "scan"
    assert "OCR" in failure(tmp_path / "scan.pdf").advice
    assert failure(write(tmp_path, "locked.pdf", make_pdf(PAGES, password="user"))).reason == "encrypted"
    assert failure(write(tmp_path, "cut.pdf", make_pdf(PAGES)[:700])).reason == "corrupt"
    assert failure(write(tmp_path, "text.pdf", RULE)).reason == "corrupt"
    assert failure(write(tmp_path, "blank.pdf", make_pdf([[]]))).reason == "no_text"


def test_pdf_scan_with_a_printed_page_number_is_a_scan(tmp_path: Path) -> None:
    pages: list[list[str] | None] = [None, None, ["1"]]
    assert failure(write(tmp_path, "a.pdf", make_pdf(pages))).reason == "scan"


def test_pdf_protected_against_printing_only_is_read(tmp_path: Path) -> None:
    assert document(write(tmp_path, "a.pdf", make_pdf(PAGES, password=""))).text.split("\n") == PDF_LINES


# ---- DOCX -----------------------------------------------------------------------------------------------------------

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def level(index: int, form: str, text: str, *, start: int = 1, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def par(text: str, number: int | None = None, at: int = 0, *, style: str = "", runs: str = "") -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{number}"/></w:numPr>' if number is not None else ""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{numbered}</w:pPr><w:r><w:t>{text}</w:t></w:r>{runs}</w:p>"


def make_docx(content: str, *, levels: str = "", lists: str = "", styles: str = "", **parts: str | bytes) -> bytes:
    """A DOCX from XML: python-docx cannot make lists."""
    numbering = f'<w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>' + (
        lists or '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    )
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{content}</w:body></w:document>',
        "word/numbering.xml": f'<w:numbering xmlns:w="{W}">{numbering}</w:numbering>',
        "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>',
        **{f"word/{name}.xml": part for name, part in parts.items()},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in files.items():
            package.writestr(name, part)
    return out.getvalue()


def docx_lines(folder: Path, data: bytes) -> list[str]:
    return document(write(folder, "a.docx", data)).text.split("\n")


def test_docx_automatic_numbers(tmp_path: Path) -> None:
    levels = (
        level(0, "chineseCountingThousand", "%1、")
        + level(1, "chineseCounting", "（%2）")
        + level(2, "decimal", "%3.")
        + level(3, "decimalEnclosedCircle", "%4")
        + level(4, "decimal", "%1.%5", more="<w:isLgl/>")
    )
    content = (
        par("总体要求", 1) + par("目标", 1, 1) + par("原则", 1, 1) + par("甲", 1, 2) + par("乙", 1, 2) + par("丙", 1, 3)
        + par("重点", 1) + par("任务", 1, 1) + par("丁", 1, 2) + par("戊", 1, 4) + par("落款")
    )  # fmt: skip
    assert docx_lines(tmp_path, make_docx(content, levels=levels)) == [
        "一、总体要求", "（一）目标", "（二）原则", "1. 甲", "2. 乙", "①丙",
        "二、重点", "（一）任务", "1. 丁", "2.1 戊", "落款",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "start", "written"),
    [
        ("chineseCounting", 9, ["九", "十", "十一"]),
        ("chineseCountingThousand", 99, ["九十九", "一百", "一百零一"]),
        ("chineseCountingThousand", 19, ["十九", "二十", "二十一"]),
        ("chineseLegalSimplified", 10, ["壹拾", "壹拾壹", "壹拾贰"]),
        ("decimalFullWidth", 9, ["９", "１０", "１１"]),
        ("ideographTraditional", 1, ["甲", "乙", "丙"]),
        ("ideographZodiac", 1, ["子", "丑", "寅"]),
        ("decimalEnclosedCircle", 19, ["⑲", "⑳", "㉑"]),
        ("lowerLetter", 25, ["y", "z", "aa"]),
        ("upperRoman", 3, ["III", "IV", "V"]),
        ("taiwaneseCountingThousand", 1, ["一", "二", "三"]),
    ],
)
def test_docx_number_formats(tmp_path: Path, form: str, start: int, written: list[str]) -> None:
    data = make_docx(par("甲", 1) * 3, levels=level(0, form, "第%1条", start=start))
    assert docx_lines(tmp_path, data) == [f"第{number}条甲" for number in written]


def test_docx_lists_that_start_anew_and_count_on(tmp_path: Path) -> None:
    lists = (
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="7"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        '<w:num w:numId="4"><w:abstractNumId w:val="7"/>'
        f'<w:lvlOverride w:ilvl="0">{level(0, "lowerLetter", "(%1)")}</w:lvlOverride></w:num>'
    )
    levels = level(0, "decimal", "%1、") + level(1, "decimal", "%2)", more='<w:lvlRestart w:val="0"/>')
    content = (
        par("a", 1) + par("x", 1, 1) + par("b", 2) + par("y", 1, 1) + par("c", 3) + par("d", 3) + par("e", 0)
        + par("f", 9) + par("g", 4)
    )  # fmt: skip
    assert docx_lines(tmp_path, make_docx(content, levels=levels, lists=lists)) == [
        "1、a", "1)x", "2、b", "2)y", "1、c", "2、d", "e", "f", "(c)g",
    ]  # fmt: skip


def test_docx_numbers_that_a_style_brings(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="Base"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Article"><w:basedOn w:val="Base"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Item"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>'
    )
    levels = level(0, "chineseCountingThousand", "第%1条") + level(
        1, "chineseCounting", "（%2）", more='<w:pStyle w:val="Item"/>'
    )
    content = par("甲", style="Article") + par("乙", style="Item") + par("丙", style="Base") + par("丁", style="Loop")
    assert docx_lines(tmp_path, make_docx(content, levels=levels, styles=styles)) == [
        "第一条甲",
        "（一）乙",
        "第二条丙",
        "丁",
    ]


def test_docx_tables_changes_notes_and_boxes(tmp_path: Path) -> None:
    def cell(text: str, more: str = "", inner: str = "") -> str:
        return f"<w:tc><w:tcPr>{more}</w:tcPr>{inner}{par(text)}</w:tc>"

    begin, across = '<w:vMerge w:val="restart"/>', '<w:gridSpan w:val="3"/>'
    nested = f"<w:tbl><w:tr>{cell('内')}{cell('表')}</w:tr></w:tbl>"
    table = (
        f"<w:tbl><w:tr>{cell('事项', begin)}{cell('次数')}{cell('单位')}</w:tr>"
        f"<w:tr>{cell('事项', '<w:vMerge/>')}{cell('每年2次')}{cell('', '', nested)}</w:tr>"
        f"<w:tr>{cell('合并的一行', across)}</w:tr></w:tbl>"
    )
    changes = (
        "<w:ins><w:r><w:t>新增</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText><w:t>删去</w:t></w:r></w:del>"
    )
    inner = f"<w:txbxContent>{par('框内')}</w:txbxContent>"
    both = f"<mc:Choice>{inner}</mc:Choice><mc:Fallback>{inner}</mc:Fallback>"
    box = f'<w:r><mc:AlternateContent xmlns:mc="m">{both}</mc:AlternateContent></w:r>'
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
    footnotes = (
        f'<w:footnotes xmlns:w="{W}"><w:footnote w:type="separator">{par("-")}</w:footnote>'
        f'<w:footnote w:id="2">{par("脚注")}</w:footnote></w:footnotes>'
    )
    data = make_docx(
        par("正文", runs=changes + box + hidden) + table,
        footnotes=footnotes,
        header1=f'<w:hdr xmlns:w="{W}">页眉</w:hdr>',
    )
    assert docx_lines(tmp_path, data) == [
        "正文新增", "框内", "事项 | 次数 | 单位", " | 每年2次 | 内 | 表", "合并的一行", "注：脚注",
    ]  # fmt: skip


def test_docx_made_by_python_docx(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    made = docx.Document()
    made.core_properties.title = "办法"
    made.sections[0].header.paragraphs[0].text = "页眉"
    made.add_heading("总则", 1)
    made.add_paragraph(RULE)
    made.add_table(1, 2).rows[0].cells[1].text = "表中"
    made.save(tmp_path / "a.docx")
    doc = document(tmp_path / "a.docx")
    assert doc.text == f"总则\n{RULE}\n表中"
    assert doc.metadata["title"] == "办法"


def test_docx_that_cannot_be_read(tmp_path: Path) -> None:
    good = make_docx(par(RULE))
    for cut in (30, len(good) // 2, len(good) - 10):
        assert failure(write(tmp_path, "cut.docx", good[:cut])).reason == "corrupt"
    assert failure(write(tmp_path, "text.docx", RULE)).reason == "corrupt"
    assert failure(write(tmp_path, "nothing.docx", make_docx(par("")))).reason == "no_text"
    assert failure(write(tmp_path, "empty.docx", b"")).reason == "empty"
    assert (
        failure(write(tmp_path, "old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))).reason == "unsupported"
    )
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert failure(write(tmp_path, "locked.docx", locked)).reason == "encrypted"
    broken = make_docx("<w:p><w:r>")
    assert failure(write(tmp_path, "broken.docx", broken)).reason == "corrupt"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as package:
        package.writestr("a.txt", RULE)
    assert failure(write(tmp_path, "zip.docx", other.getvalue())).reason == "corrupt"


def claim_size(data: bytes, name: str, size: int) -> bytes:
    """Let the zip directory say that a member unpacks to ``size`` bytes."""
    at = data.rindex(name.encode()) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    return data[: at + 24] + size.to_bytes(4, "little") + data[at + 28 :]


def test_docx_that_unpacks_to_two_gigabytes(tmp_path: Path) -> None:
    bomb = claim_size(make_docx(par(RULE)), "word/styles.xml", 2_000_000_000)
    assert failure(write(tmp_path, "a.docx", bomb)).reason == "too_large"
    packed = make_docx(par(RULE), theme=bytes(60_000_000))
    assert failure(write(tmp_path, "b.docx", packed)).reason == "too_large"


def test_docx_entities_are_not_expanded(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    content = f'<w:document xmlns:w="{W}"><w:body>{par(RULE + "&e11;")}</w:body></w:document>'
    xml = f'<!DOCTYPE d [<!ENTITY e0 "哈">{entities}]>{content}'
    result = one(write(tmp_path, "a.docx", make_docx("", document=xml)))
    assert isinstance(result, ReadFailure) or len(result.text) < 1000


def test_docx_ten_thousand_paragraphs_and_deep_tables(tmp_path: Path) -> None:
    assert len(docx_lines(tmp_path, make_docx(par("甲", 1) * 10_000, levels=level(0, "decimal", "%1.")))) == 10_000
    deep = par("底")
    for _ in range(300):
        deep = f"<w:tbl><w:tr><w:tc>{deep}</w:tc></w:tr></w:tbl>"
    assert docx_lines(tmp_path, make_docx(deep)) == ["底"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_files_are_never_a_fault_of_ours(data: st.DataObject) -> None:
    ending = data.draw(st.sampled_from(["docx", "pdf", "html"]))
    good = {"docx": make_docx(par(RULE)), "pdf": make_pdf(PAGES), "html": PAGE.encode()}[ending]
    begin = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(begin, min(len(good), begin + 60)))
    damaged = good[:begin] + data.draw(st.binary(max_size=20)) + good[end:]
    result = read_source(Source("x", "x", ending, "nowhere"), data=damaged)
    assert isinstance(result, Document) or result.reason != "internal", result


# ---- files, folders, archives ---------------------------------------------------------------------------------------


def test_folder_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/y.html", "c.htm"):
        write(tmp_path, name, f"<p>{RULE}</p>" if "htm" in name else RULE)
    for name in (
        "README.md",
        "readme.zh-CN.md",
        "documents.csv",
        ".hidden.txt",
        ".git/x.txt",
        "~$c.docx",
        "data.json",
        "notes",
    ):
        write(tmp_path, name, RULE)
    write(tmp_path, "c_files/logo.png", b"x")
    results = list(read(tmp_path))
    assert [(r.source, r.doc_id) for r in results if isinstance(r, Document)] == [
        ("a/y.html", "y"), ("a/z.md", "z"), ("b.txt", "b"), ("c.htm", "c"),
    ]  # fmt: skip
    assert len(results) == 4


@pytest.mark.parametrize("name", ["a.doc", "a.wps", "a.rtf", "a.ofd", "a.xls", "a.xlsx", "a.png", "a.JPG", "a.rar"])
def test_types_that_one_would_expect_to_be_read(tmp_path: Path, name: str) -> None:
    write(tmp_path, "x/" + name, b"content")
    result = one(tmp_path / "x")
    assert isinstance(result, ReadFailure)
    assert result.reason == "unsupported"
    assert result.source == name
    assert result.advice


def test_asked_for_by_name(tmp_path: Path) -> None:
    assert document(write(tmp_path, "README.md", RULE)).text == RULE
    assert failure(write(tmp_path, "a.json", "{}")).reason == "unsupported"
    assert failure(write(tmp_path, "notes", RULE)).reason == "unsupported"
    assert failure(tmp_path / "missing.txt").reason == "missing"
    assert next(iter(read("a\x00b.txt"))).reason == "unreadable"  # type: ignore[union-attr]


def test_folder_without_documents(tmp_path: Path) -> None:
    write(tmp_path, "x/data.json", "{}")
    assert failure(tmp_path / "x").reason == "no_documents"
    (tmp_path / "empty").mkdir()
    assert failure(tmp_path / "empty").reason == "no_documents"


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="POSIX permissions")
def test_file_without_read_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.txt", RULE)
    path.chmod(0)
    if os.geteuid() == 0:  # root may read everything: let the system refuse
        real_open = open

        def refusing(file: object, *args: object, **kwargs: object) -> object:
            if str(file) == str(path):
                raise PermissionError(13, "Permission denied", str(path))
            return real_open(file, *args, **kwargs)  # type: ignore[call-overload]

        monkeypatch.setattr("builtins.open", refusing)
    assert failure(path).reason == "permission"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_and_circular_links_do_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    write(tmp_path, "a.txt", RULE)
    results = {r.source: r for r in read(tmp_path)}
    assert isinstance(results["a.txt"], Document)
    assert {k: r.reason for k, r in results.items() if isinstance(r, ReadFailure)} == {
        "pipe.txt": "unsupported",
        "gone.txt": "missing",
    }


def test_two_documents_with_one_id(tmp_path: Path) -> None:
    for name in ("办法.txt", "甲县/办法.txt", "乙县/办法.txt", "办法.md"):
        write(tmp_path, name, RULE + name)
    documents = [d for d in read(tmp_path) if isinstance(d, Document)]
    assert len({d.doc_id for d in documents}) == 4
    ids = {d.source: d.doc_id for d in documents}
    assert ids == {
        "乙县/办法.txt": "办法", "办法.md": "办法-md", "办法.txt": "办法-txt", "甲县/办法.txt": "甲县-办法",
    }  # fmt: skip
    assert all(any(n.startswith("duplicate_id") for n in d.notes) == (d.doc_id != "办法") for d in documents)


def test_one_file_given_twice(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", RULE)
    ids = [s.doc_id for s in sources([path, path, path])]
    assert len(set(ids)) == 3


def make_zip(members: dict[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name) if "\\" in name else name, content, compress_type=method)
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip_of_documents(tmp_path: Path, method: int) -> None:
    members: dict[str, str | bytes] = {
        "市/办法.txt": RULE,
        "县.html": f"<p>{RULE}</p>",
        "a.docx": make_docx(par(RULE)),
        "__MACOSX/x.txt": RULE,
        ".DS_Store": b"x",
        "inner.zip": make_zip({"a.txt": RULE}),
        "old.doc": b"x",
        "documents.csv": "a,b",
    }
    results = list(read(write(tmp_path, "pack.zip", make_zip(members, method=method))))
    documents = [r for r in results if isinstance(r, Document)]
    assert [d.doc_id for d in documents] == ["a", "县", "办法"]
    assert all(d.text == RULE and str(d.source).split("pack.zip/")[1] in members for d in documents)
    assert {f.reason for f in results if isinstance(f, ReadFailure)} == {"nested_zip", "unsupported"}


@pytest.mark.parametrize("name", ["../../evil.txt", "/etc/evil.txt", "C:\\Windows\\evil.txt", "a/../../evil.txt"])
def test_zip_with_unsafe_names_is_read_without_leaving_it(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "er"
    doc = document(write(folder, "a.zip", make_zip({name: RULE})))
    assert doc.text == RULE
    assert doc.doc_id == "evil"
    assert ".." not in doc.source.split("a.zip/")[1]
    assert any(note.startswith("unsafe_name") for note in doc.notes)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["a.zip"]


def test_zip_names_in_gbk(tmp_path: Path) -> None:
    names = ["关于联系群众的办法.txt", "领导干部下基层制度.txt"]
    stand_ins = {name.encode("gbk"): f"{i}" * (len(name.encode("gbk")) - 4) + ".txt" for i, name in enumerate(names)}
    data = make_zip(dict.fromkeys(stand_ins.values(), RULE))
    for raw, stand_in in stand_ins.items():
        data = data.replace(stand_in.encode(), raw)
    assert {d.doc_id for d in read(write(tmp_path, "a.zip", data)) if isinstance(d, Document)} == {
        name.removesuffix(".txt") for name in names
    }


def test_zip_that_cannot_be_read(tmp_path: Path) -> None:
    good = make_zip({"a.txt": RULE})
    assert failure(write(tmp_path, "cut.zip", good[: len(good) // 2])).reason == "corrupt"
    assert failure(write(tmp_path, "text.zip", RULE)).reason == "corrupt"
    assert failure(write(tmp_path, "none.zip", make_zip({"a.json": "{}"}))).reason == "no_documents"
    bomb = make_zip({"a.txt": bytes(80_000_000)})
    assert [r.reason for r in read(write(tmp_path, "bomb.zip", bomb)) if isinstance(r, ReadFailure)] == ["too_large"]
    claimed = claim_size(good, "a.txt", 4_200_000_000)
    assert [r.reason for r in read(write(tmp_path, "claim.zip", claimed)) if isinstance(r, ReadFailure)] == [
        "too_large"
    ]
    liar = claim_size(make_zip({"a.txt": RULE * 1000}), "a.txt", 10)
    assert [r.reason for r in read(write(tmp_path, "liar.zip", liar)) if isinstance(r, ReadFailure)] == ["too_large"]
    at = good.rindex(b"a.txt") - 46
    locked = good[: at + 8] + b"\x01\x00" + good[at + 10 :]
    assert [r.reason for r in read(write(tmp_path, "locked.zip", locked)) if isinstance(r, ReadFailure)] == [
        "encrypted"
    ]
    damaged = good.replace(good[40:50], bytes(10), 1)
    assert [r.reason for r in read(write(tmp_path, "bad.zip", damaged)) if isinstance(r, ReadFailure)] == ["corrupt"]


def test_reading_is_lazy(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", RULE)
    later = write(tmp_path, "b.txt", RULE)
    results = read(tmp_path)
    assert isinstance(next(results), Document)
    later.write_bytes((RULE + "改").encode())
    second = next(results)
    assert isinstance(second, Document)
    assert second.text == RULE + "改"


def test_bytes_are_known_without_parsing(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", RULE)
    write(tmp_path, "b.zip", make_zip({"c.txt": RULE}))
    for source in sources([tmp_path]):
        data = source_bytes(pickle.loads(pickle.dumps(source)))
        result = read_source(source, data=data)
        assert isinstance(result, Document)
        assert result.sha256 == digest(data) == digest(RULE.encode())
        assert source.size == len(data)


def test_doc_id(tmp_path: Path) -> None:
    path = write(tmp_path, "2024年.关于下基层的办法.txt", RULE)
    assert document(path).doc_id == "2024年.关于下基层的办法"
    assert [d.doc_id for d in read(path, doc_id="x") if isinstance(d, Document)] == ["x"]
    with pytest.raises(ValueError, match="several"):
        read(tmp_path, doc_id="x")


def test_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siga_nlp.reading.listing.MAX_FILE", 100)
    assert failure(write(tmp_path, "a.txt", RULE * 10)).reason == "too_large"


# ---- real documents -------------------------------------------------------------------------------------------------

needs_shared = pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason=f"no real documents at {SHARED}")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@needs_shared
def test_every_real_document_is_read() -> None:
    for folder in ("seeds", "corpus"):
        for result in read(SHARED / folder):
            assert isinstance(result, Document), result
            if result.format == "txt":
                assert result.text == (SHARED / folder / result.source).read_bytes().decode("utf-8")


@needs_shared
def test_every_annotated_clause_stands_in_the_article() -> None:
    pages = [d for d in read(SHARED / "corpus") if isinstance(d, Document) and d.format == "html"]
    assert pages
    for doc in pages:
        text = squeezed(doc.text)
        for line in (SHARED / "gold" / f"{doc.doc_id}.jsonl").read_text(encoding="utf-8").splitlines():
            for part in json.loads(line)["clause"].split("*"):
                assert squeezed(part) in text, (doc.doc_id, part)
        for word in ("首页", "分享到", "打印本页", "扫一扫", "相关链接", "相关文章", "版权所有", "备案号", "字号：大"):
            assert squeezed(word) not in text.replace("发文字号", ""), (doc.doc_id, word)
