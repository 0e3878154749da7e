"""The parser of structure: small documents for each point, properties on any text, the real documents."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siga_nlp.lines import number
from siga_nlp.models import Node
from siga_nlp.structure import parse
from siga_nlp.view import View, view

SHARED = Path(os.environ.get("SIGA_SHARED", Path(__file__).resolve().parents[1].parent / "shared"))


class Tree:
    """A parsed text with short ways to ask it."""

    def __init__(self, text: str) -> None:
        self.view = view(text)
        self.nodes = parse(self.view)
        check(self.view, self.nodes)

    def said(self, node: Node) -> str:
        return self.view.text[node.start : node.end]

    def find(self, words: str) -> Node:
        found = [n for n in self.nodes if words in self.said(n)]
        assert found, f"no node holds {words!r}: {[self.said(n) for n in self.nodes]}"
        return found[0]

    def paths(self, *kinds: str) -> list[str]:
        return [n.path for n in self.nodes if not kinds or n.kind in kinds]

    def kinds(self) -> list[str]:
        return [n.kind for n in self.nodes]

    def heading(self, words: str) -> str | None:
        node = self.find(words)
        return node.heading and self.view.text[slice(*node.heading)]

    def body(self, words: str) -> str:
        node = self.find(words)
        return self.view.text[node.body : node.end]

    def units(self, words: str) -> dict[str, list[str]]:
        return {role: [self.view.text[a:b] for a, b in spans] for role, spans in self.find(words).units.items()}


def check(seen: View, nodes: tuple[Node, ...]) -> None:
    """What holds for any text: each character that is not blank is in one node; nesting is consistent."""
    at = 0
    for i, node in enumerate(nodes):
        assert at <= node.start < node.end
        assert not seen.text[at : node.start].strip()
        assert node.start <= node.body <= node.end
        assert -1 <= node.parent < i and -1 <= node.stem < i
        if node.parent >= 0:
            assert nodes[node.parent].rank < node.rank
        for spans in node.units.values():
            assert all(0 <= a < b <= len(seen.text) for a, b in spans)
        if node.heading:
            assert node.start <= node.heading[0] < node.heading[1] <= node.end
        at = node.end
    assert not seen.text[at:].strip()


# ---- labels and nesting


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("第十二条　县长每月接访一次。", "第十二条"),
        ("第12条 县长每月接访一次。", "第12条"),
        ("第 12 条 县长每月接访一次。", "第12条"),
        ("第１条之２　縣長每月接訪一次。", "第1条之2"),
        ("第九條之一　縣長每月接訪一次。", "第九条之一"),
        ("第 20-1 條\n縣長每月接訪一次。", "第20-1条"),
        ("一、县长每月接访一次。", "一"),
        ("（一）县长每月接访一次。", "（一）"),
        ("1.县长每月接访一次。", "1"),
        ("1、县长每月接访一次。", "1"),
        ("（1）县长每月接访一次。", "（1）"),
        ("3.1　營辦人每年演習一次。", "3.1"),
        ("4.10 人力资源部每月接访一次。", "4.10"),
        ("## 第三条 县长每月接访一次。", "第三条"),
    ],
)
def test_labels(label: str, path: str) -> None:
    tree = Tree(f"接访办法\n{label}\n")
    node = next(n for n in tree.nodes if n.label)
    assert node.path == path
    assert tree.view.text[node.start : node.body].strip("# ").startswith(node.label)


@pytest.mark.parametrize(
    "line",
    [
        "第五条规定的情形由县政府认定。",
        "第二款所列人员每年轮训一次。",
        "3.5万元以下的项目由乡镇审批。",
        "3.5公里以上的河段设两名河长。",
        "1.5人以上的班组设组长。",
        "2024年起每年走访一次。",
        "一是每月走访，二是每季总结。",
        "附近居民可以参加。",
        "一百二十户以上的村设网格长。",
    ],
)
def test_what_only_begins_like_a_label(line: str) -> None:
    assert not any(n.label for n in Tree(f"走访办法\n为了走访群众，制定本办法。\n{line}\n").nodes)


def test_party_document() -> None:
    tree = Tree(
        "关于走访的意见\n一、总体要求\n坚持常态长效。\n二、重点任务\n（一）抓好走访\n1.定期走访。每月走访2户。\n"
        "2.建立台账。每季度更新一次。\n（二）抓好接访\n3.定点接访。每月接访一次。\n（1）公示。提前3天公示。\n"
        "（2）登记。当日登记。\n"
        "三、工作要求\n（一）加强领导。党委要每年研究一次。\n"
    )
    assert tree.paths("heading", "item") == [
        "一",
        "二",
        "二/（一）",
        "二/（一）/1",
        "二/（一）/2",
        "二/（二）",
        "二/（二）/3",
        "二/（二）/3/（1）",
        "二/（二）/3/（2）",
        "三",
        "三/（一）",
    ]
    assert tree.find("坚持常态").path == "一"
    assert tree.find("2.建立").stem == -1


def test_decimal_labels_are_siblings() -> None:
    tree = Tree("采购制度\n4 管理要求\n4.8 合同要存档。\n4.9 公司自行采购。\n4.10 年度计划要公示。\n")
    assert [(n.kind, n.path) for n in tree.nodes if n.label] == [("item", "4.8"), ("item", "4.9"), ("item", "4.10")]


def test_level_order_is_that_of_the_document() -> None:
    tree = Tree(
        "走访要点\n1.走访方式\n一、入户走访。每月一次。\n二、电话走访。每周一次。\n2.走访记录\n一、及时记录。\n"
    )
    assert tree.paths("heading", "item") == ["1", "1/一", "1/二", "2", "2/一"]


def test_a_list_that_begins_again_is_a_new_one() -> None:
    tree = Tree(
        "工作方案\n（一）走访。每月一次。\n（二）接访。每月一次。\n接访时做到以下几点:\n（一）提前公示。\n"
        "（二）当场答复。\n"
    )
    assert [n.stem >= 0 for n in tree.nodes if n.kind == "item"] == [False, False, True, True]


def test_chapters_are_left_out_of_an_articles_path() -> None:
    tree = Tree("接访条例\n第一章　总则\n第一条　为了接访，制定本条例。\n第二章　职责\n第二条　县长每月接访一次。\n")
    assert tree.paths("chapter", "article") == ["第一章", "第一条", "第二章", "第二条"]
    assert tree.heading("第二章") == "职责"
    assert tree.nodes[tree.find("第二条").parent].label == "第二章"


def test_clauses_of_an_article() -> None:
    tree = Tree(
        "接访条例\n第四条　县长每月接访一次。\n第五条　乡长每周接访一次。\n接访前应当公示。\n"
        "有下列情形之一的，应当延期:\n"
        "（一）遇到灾害；\n（二）场地停用。\n延期不超过五日。\n第六条　本条例自公布之日起施行。\n"
    )
    assert tree.paths("article", "paragraph", "item") == [
        "第四条",
        "第五条",
        "第五条/第二款",
        "第五条/第三款",
        "第五条/第三款/（一）",
        "第五条/第三款/（二）",
        "第五条/第四款",
        "第六条",
    ]
    item = tree.find("(二)")
    assert tree.said(tree.nodes[item.stem]).endswith("延期:") and item.parent == item.stem


def test_taiwanese_statute() -> None:
    tree = Tree(
        "訪視辦法\n\n第 1 條\n本辦法依社會救助法訂定之。\n第 2 條\n訪視人員應遵守下列規定：\n一、每月至少訪視一次。\n"
        "二、應備下列文件：\n（一）訪視表。\n（二）識別證。\n前項文件應保存三年。\n第 3 條\n本辦法自發布日施行。\n"
    )
    assert tree.paths("article", "paragraph", "item") == [
        "第1条",
        "第1条",
        "第2条",
        "第2条",
        "第2条/一",
        "第2条/二",
        "第2条/二/（一）",
        "第2条/二/（二）",
        # What follows the list is the article's second paragraph: 項, since 款 are the numbered items there.
        "第2条/第二项",
        "第3条",
        "第3条",
    ]
    assert tree.said(tree.nodes[tree.find("一、每月").stem]).startswith("访视人员")
    assert tree.said(tree.nodes[tree.find("(二)").stem]).startswith("二、")


def test_an_article_run_into_the_one_before() -> None:
    tree = Tree(
        "管理办法\n第三条　单建工程由县政府审批。第四条 县政府每年检查一次。按照第五条规定办理。\n"
        "第五条　本办法公布后施行。\n"
    )
    assert tree.paths("article") == ["第三条", "第四条", "第五条"]
    tree = Tree(
        "管理办法\n第三条　工程由县政府审批。\n第二章 法律责任第四条 县政府每年检查一次，第五条另有规定的除外。\n"
    )
    assert tree.paths("article", "chapter") == ["第三条", "第二章", "第四条"]


def test_circled_numbers() -> None:
    text = "1.走访时带齐:①证件;②表格。"
    nodes = parse(View(text, (0,), (0,), text))
    assert [n.path for n in nodes] == ["1", "1/①", "1/②"]


# ---- lists inside a line


def test_inline_list() -> None:
    tree = Tree(
        "接访条例\n第五条　县长应当履行下列职责：（一）每月接访一次；（二）每季度巡河：1.主河段；2.支流；（三）其他。\n"
    )
    assert tree.paths("article", "item") == [
        "第五条",
        "第五条/（一）",
        "第五条/（二）",
        "第五条/（二）/1",
        "第五条/（二）/2",
        "第五条/（三）",
    ]
    stem = tree.nodes[tree.find("(三)").stem]
    assert stem.kind == "article" and tree.said(tree.nodes[tree.find("2.支流").stem]).startswith("(二)")


@pytest.mark.parametrize(
    "line",
    [
        "依照第十条第（一）项办理，参照（二）执行。",
        "评分:(一)档不少于3分。",
        "面积为1.5亩，长度2.5米。",
        "要做到:一是每月走访；二是每季总结。",
    ],
)
def test_no_inline_list(line: str) -> None:
    tree = Tree(f"走访办法\n为了走访，制定本办法。\n{line}\n")
    assert tree.said(tree.nodes[-1]) == view(line).text


# ---- headlines


@pytest.mark.parametrize(
    ("line", "heading", "body"),
    [
        ("10.组织开展下访。组织干部每月下访一次。", "组织开展下访。", "组织干部每月下访一次。"),
        ("（三）健全机制，压实责任。县委每年听取一次汇报。", "健全机制,压实责任。", "县委每年听取一次汇报。"),
        ("10.每月至少下访一次。不得以会议代替。", None, "每月至少下访一次。不得以会议代替。"),
        ("10.干部要带头下访。不得以会议代替。", None, "干部要带头下访。不得以会议代替。"),
        ("10.原申请书正本。但申请补发者免附。", None, "原申请书正本。但申请补发者免附。"),
        ("10.县长带头下访，每月一次。", None, "县长带头下访,每月一次。"),
    ],
)
def test_run_in_headline(line: str, heading: str | None, body: str) -> None:
    tree = Tree(f"走访办法\n{line}\n")
    words = re.sub(r"\W.*", "", line[3:])
    assert (tree.heading(words), tree.body(words)) == (heading, body)


def test_headline_alone() -> None:
    tree = Tree(
        "走访意见\n一、信访接待下基层\n县长每月接访一次。\n二、走访时间。\n县长每月走访一次。\n"
        "三、每年至少开展一次应急演练。\n"
    )
    assert [(n.kind, n.path) for n in tree.nodes if n.label] == [("heading", "一"), ("heading", "二"), ("item", "三")]
    assert tree.heading("一、") == "信访接待下基层" and tree.body("一、") == ""


def test_headline_of_an_article() -> None:
    tree = Tree("走访规定\n第一条 【目的】为了走访，制定本规定。\n第二条（县、乡）两级每月走访一次。\n")
    assert tree.heading("第一条") == "[目的]"


def test_headline_without_a_label() -> None:
    tree = Tree(
        "走访须知\n为了走访群众，制定本须知。\n走访前的准备\n走访前应当了解情况。\n走访后的整理\n走访后应当登记。\n"
    )
    assert tree.find("准备").kind == "heading" and tree.heading("准备") == "走访前的准备"
    assert tree.nodes[tree.find("应当登记").parent].heading is not None


def test_headlines_under_a_line_that_introduces_the_whole_text() -> None:
    tree = Tree(
        "走访通知\n各县政府：\n现将有关事项通知如下：\n一、走访时间\n1.县长每月走访一次。\n"
        "2.乡长每周走访一次。\n二、走访对象\n1.老人。\n"
    )
    assert [(n.kind, n.path, n.stem) for n in tree.nodes if n.label][:2] == [
        ("heading", "一", -1),
        ("item", "一/1", -1),
    ]


def test_continuation_paragraphs() -> None:
    tree = Tree(
        "走访办法\n（一）入户走访。每月一次。\n走访后当日登记。\n（二）检查。按下列要求：\n1.每季检查一次；\n"
        "2.两人同行。\n检查结果应当公示。\n"
    )
    assert tree.find("当日登记").path == "（一）"
    assert tree.find("应当公示").path == "（二）"


def test_the_closing_paragraph_belongs_to_the_whole_text() -> None:
    tree = Tree(
        "走访意见\n（一）入户走访。每月一次。\n（二）集中走访。每季一次。\n（三）电话走访。每周一次。\n"
        "各县要于年底前报送情况。\n某县政府办公室\n2024年1月8日\n"
    )
    assert tree.find("报送情况").path == "" and tree.find("报送情况").parent == -1


def test_a_line_that_stops_in_mid_sentence_goes_on() -> None:
    tree = Tree(
        "訪視辦法\n第 1 條\n訪視人員：\n一、指經本府核准並領有證書之人員及其主管\n    機關所派之人。\n二、其他人員。\n"
    )
    assert tree.find("所派").path == "第1条/一"


# ---- units


UNITS = "走访意见\n（一）抓好走访\n1.定期走访。每月走访2户。\n走访后当日登记。\n{}\n2.建立台账。每季度更新一次。\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "牵头单位：县委办公室、县农业农村局（县乡村振兴局）党组\n责任单位：各乡镇党委，县直各部门",
            {"lead": ["县委办公室", "县农业农村局(县乡村振兴局)党组"], "responsible": ["各乡镇党委", "县直各部门"]},
        ),
        ("牵头单位：县委办公室；配合单位：县民政局", {"lead": ["县委办公室"], "cooperating": ["县民政局"]}),
        ("（责任单位：县民政局、各乡镇；完成时限：2024年底）", {"responsible": ["县民政局", "各乡镇"]}),
        ("主办单位:县民政局 协办单位:县财政局", {"lead": ["县民政局"], "cooperating": ["县财政局"]}),
        ("責任部門：縣民政局", {"responsible": ["县民政局"]}),
        ("责任人：各村书记", {"responsible": ["各村书记"]}),
    ],
)
def test_unit_lines(lines: str, expected: dict[str, list[str]]) -> None:
    tree = Tree(UNITS.format(lines))
    assert tree.units("1.定期走访") == expected
    assert tree.units("当日登记") == expected
    assert tree.units("2.建立台账") == {} and tree.units("(一)抓好") == {}
    assert "units" in tree.kinds()


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("（牵头单位：县发改局；责任单位：各乡镇）", {"lead": ["县发改局"], "responsible": ["各乡镇"]}),
        ("（县发改局牵头，县财政局、县人社局配合）", {"lead": ["县发改局"], "cooperating": ["县财政局", "县人社局"]}),
        ("（县民政局、县财政局按职责分工负责）。", {"responsible": ["县民政局", "县财政局"]}),
        ("（县发改局，县农业农村局（县乡村振兴局）负责）", {"responsible": ["县发改局", "县农业农村局(县乡村振兴局)"]}),
        ("（每年2次）", {}),
        ("（含主要负责人）", {}),
    ],
)
def test_units_at_the_end_of_an_item(tail: str, expected: dict[str, list[str]]) -> None:
    tree = Tree(f"走访意见\n1.定期走访。每月走访2户。{tail}\n2.建立台账。每季度更新一次。\n")
    assert tree.units("1.定期走访") == expected


# ---- the frame of a document


NOTICE = """某某县人民政府办公室文件
某政办发〔2024〕5号
关于印发《某某县走访办法》的通知
各乡镇人民政府，县政府各部门：
《某某县走访办法》已经县政府同意，现印发给你们。
某某县人民政府办公室
2024年1月8日
某某县走访办法
第一条　县长每月走访一次。
第二条　乡长每周走访一次。
附件：1.走访表
2.走访名单
附件1
走访表（式样）
1.走访对象不少于3户。
抄送：县委办公室。
"""


def test_frame() -> None:
    tree = Tree(NOTICE)
    assert tree.kinds() == [
        "title",
        "title",
        "title",
        "salutation",
        "paragraph",
        "signature",
        "signature",
        "title",
        "article",
        "article",
        "annex",
        "annex",
        "annex",
        "title",
        "item",
        "signature",
    ]
    assert tree.find("不少于3户").path == "附件1/1"


def test_speech() -> None:
    assert Tree("在走访工作会议上的讲话\n同志们：\n今天开会，讲两点。\n").kinds() == [
        "title",
        "salutation",
        "paragraph",
    ]


def test_a_short_text_without_a_title_is_not_lost() -> None:
    assert Tree("县长每月接访不少于1次").kinds() == ["paragraph"]
    assert Tree("县长应当每月接访不少于1次\n乡长应当每周接访不少于1次").kinds() == ["paragraph", "paragraph"]


def test_site_furniture() -> None:
    page = """您现在的位置：首页 > 政务公开
索引号 | 123/2024 | 主题分类 | 综合 |
发布时间：2024-01-08 来源：县政府办 打印
关于走访的通知
各乡镇人民政府：
乡长每周走访一次。
乡镇干部应当参加。
上一篇：县里开会
相关链接
一图读懂：县长每月走访一次
版权所有：某某县人民政府
地址：某某路1号
"""
    assert Tree(page).kinds() == ["boilerplate"] * 3 + ["title", "salutation"] + ["paragraph"] * 2 + ["boilerplate"] * 5


def test_front_matter_and_contents() -> None:
    tree = Tree(
        "---\ntitle: 走访条例\n---\n# 走访条例\n目录\n第一章 总则\n第二章 走访\n第一章 总则\n"
        "第一条 为了走访，制定本条例。\n第二章 走访\n"
        "第二条 县长每月走访一次。\n"
    )
    assert tree.kinds() == ["boilerplate"] * 3 + ["title"] + ["boilerplate"] * 3 + ["chapter", "article"] * 2
    assert Tree("走访条例\n第一章　总则…………1\n第二章　走访…………3\n第一章　总则\n").kinds()[1:3] == ["boilerplate"] * 2


def test_table_rows() -> None:
    tree = Tree("走访办法\n一、任务表\n对象 | 频次 | 时限\n老人 | 每月1次 | 月底前\n")
    assert [n.kind for n in tree.nodes][-2:] == ["table_row", "table_row"]
    assert tree.nodes[-1].path == "一"


def test_a_table_copied_cell_by_cell() -> None:
    tree = Tree(
        "走访办法\n为了走访，制定本办法。\n责任人\n工作事项\n完成时限\n县长\n走访老人2户\n月底前\n乡长\n"
        "走访老人5户\n季末前\n"
    )
    rows = [tree.said(n) for n in tree.nodes if n.kind == "table_row"]
    assert rows == ["责任人\n工作事项\n完成时限", "县长\n走访老人2户\n月底前", "乡长\n走访老人5户\n季末前"]


RULE = "某某县走访制度\n某委发〔2024〕2号\n一、走访频次\n县长每月走访一次。\n二、走访对象\n走访老人。\n"


def test_retelling() -> None:
    news = (
        "近日，县里下发了两项制度。\n《走访制度》提出了两项要求，县长每月走访一次。\n"
        "《接访制度》共8条，对接访作出规定，县长每周接访一次。\n《走访制度》已经县委同意，现予印发。\n"
    )
    tree = Tree(news + RULE)
    assert [n.kind for n in tree.nodes][:4] == ["paragraph", "retelling", "paragraph", "paragraph"]
    alone = Tree(news)
    assert "retelling" not in alone.kinds()


def test_editors_note_is_a_retelling_only_if_the_text_follows() -> None:
    note = "导读：日前，县里发文，乡长每周走访一次。\n"
    assert Tree(f"{note}关于走访的通知\n各乡镇人民政府：\n1.乡长每周走访一次。\n").kinds()[0] == "retelling"
    assert Tree(f"县里要求走访\n{note}走访效果很好。\n").kinds()[1] == "paragraph"


# ---- numbers of labels


@pytest.mark.parametrize(
    ("text", "value"),
    [("十", 10), ("二十", 20), ("一百零五", 105), ("廿三", 23), ("二〇", 20), ("⑫", 12), ("007", 7), ("十2", 12)],
)
def test_numbers(text: str, value: int) -> None:
    assert number(text) == value


# ---- any text

PIECES = st.sampled_from(
    [
        "第一章",
        "第五条",
        "第5条 ",
        "第 5 條\n",
        "第二款 ",
        "一、",
        "二、",
        "（一）",
        "（二）",
        "(1)",
        "1.",
        "2.",
        "3.1",
        "①",
        "附件1",
        "附件：",
        "# ",
        "\n",
        "\n",
        "\n\n",
        " ",
        "　",
        "\t",
        "：",
        "；",
        "。",
        "，",
        "、",
        "（",
        "）",
        "|",
        "《",
        "》",
        "“",
        "”",
        "…",
        "---",
        "......3",
        "牵头单位：",
        "责任单位：",
        "县委办公室",
        "县长",
        "每月",
        "走访2户",
        "应当",
        "下列",
        "之一",
        "如下",
        "目录",
        "走访办法",
        "关于",
        "通知",
        "2024年1月8日",
        "同志们",
        "首页",
        "相关链接",
        "版权所有",
        "责任人",
        "序号",
        "备注",
        "x",
        "１",
        "\r",
        "\x00",
        "\ud800",
        "零",
        "第百条",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_yields_a_tree(text: str) -> None:
    Tree(text.replace("\ud800", ""))
    raw = View(text, (0,), (0,), text)
    check(raw, parse(raw))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_characters_yield_a_tree(text: str) -> None:
    raw = View(text, (0,), (0,), text)
    check(raw, parse(raw))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "\n" * 5000,
        "(" * 10000 + "甲" + ")" * 10000,
        "\n".join(["(一)下列:"] * 10000),
        "(一)下列:" * 10000,
        "".join(f"{n}." for n in range(1, 10000)),
        "甲" * 3_000_000,
        "一、甲;" * 200_000,
        "县长每月走访一次，" * 100_000,
        "牵头单位:" * 20_000,
        "1.甲(牵头单位:" * 20_000 + "乙)",
        "《" * 50_000,
        "责任人\n" * 20_000,
        "|" * 100_000,
        "1.甲" + "(牵头" * 50_000 + ")" * 50_000,
        "附件:1.甲\n" * 20_000,
        "第一条 " * 50_000,
        "目录\n" * 20_000,
    ],
    ids=range(19),
)
def test_bad_texts(text: str) -> None:
    seen = View(text, (0,), (0,), text)
    nodes = parse(seen)
    check(seen, nodes)
    assert sum(len(n.path) for n in nodes) <= 200 * len(nodes)


# ---- the real documents

needs_shared = pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the folder of real documents is not there")


def shared(name: str) -> Tree:
    return Tree(next((SHARED / "seeds").glob(f"{name}*.txt")).read_bytes().decode("utf-8"))


@needs_shared
def test_all_sixteen_pairs_of_units_are_attached() -> None:
    tree = shared("001")
    with_units = [n for n in tree.nodes if n.kind == "item" and n.units]
    assert [n.label for n in with_units] == [f"{i}." for i in range(1, 17)]
    for node in with_units:
        at = tree.nodes.index(node)
        lead, responsible = tree.nodes[at + 1 : at + 3]
        assert lead.kind == responsible.kind == "units"
        for role, line in (("lead", lead), ("responsible", responsible)):
            words = [tree.view.text[a:b] for a, b in node.units[role]]
            assert re.split("[:、,]", tree.said(line))[1:] == words
    assert with_units[9].path == "二/（三）/10"


@needs_shared
def test_retellings_of_the_seeds() -> None:
    kinds = shared("003").kinds()
    assert kinds[2] == "retelling" and kinds.count("retelling") == 1
    for name in ("001", "002", "004"):
        assert "retelling" not in shared(name).kinds()


@needs_shared
@pytest.mark.parametrize("folder", ["seeds", "corpus"])
def test_every_real_document_yields_a_tree(folder: str) -> None:
    for path in sorted((SHARED / folder).glob("*.txt")):
        tree = Tree(path.read_bytes().decode("utf-8"))
        articles = [
            number(m[1]) for n in tree.nodes if n.kind == "article" and (m := re.match(r"第([^条-]+)条$", n.label))
        ]
        assert articles == list(range(1, len(articles) + 1)), path.name


@pytest.mark.parametrize("bullet", ["● ", "•", "■", "◆", "※", "→", "☐ ", "- ", "＊ ", "> ", "A.", "a) ", "○"])
def test_a_bullet_is_no_part_of_the_words_behind_it(bullet: str) -> None:
    text = f"走访办法\n现通知如下。\n{bullet}县长要带头走访。\n——在会议上的讲话\n○○九年\n-3-\n■3月底前报送。"
    lines = view(text).text.split("\n")
    assert lines[2:] == ["县长要带头走访。", "--在会议上的讲话", "○○九年", "-3-", "3月底前报送。"]


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_line_breaks_of_all_systems(sign: str) -> None:
    assert Tree(f"走访办法{sign}第一条 县长要走访。{sign}第二条 镇长要走访。").kinds() == [
        "title",
        "article",
        "article",
    ]


def test_rows_of_a_table_are_no_wrapped_lines() -> None:
    rows = [f"{n} | 走访辖区内各类企业{n}家 | 县工业和信息化局 | 2024年{n}月底前" for n in range(1, 7)]
    assert view("\n".join(["任务分工表", *rows])).text.count("\n") == 6


@pytest.mark.parametrize("head", ["", "走访安排\n", "# 走访办法\n\n"])
def test_lines_that_demand_something_are_no_titles(head: str) -> None:
    """However short they are, and without a full stop."""
    tree = Tree(head + "县长每月走访2次\n副县长要经常走访\n镇长每周值班\n村长至少走访5户")
    said = [tree.said(node) for node in tree.nodes if node.kind != "title"]
    assert said == ["县长每月走访2次", "副县长要经常走访", "镇长每周值班", "村长至少走访5户"]


@pytest.mark.parametrize("title", ["领导干部要带头学习", "关于印发2023年第2批任务的通知", "县委办公室2023年第31号"])
def test_titles_with_numbers_and_modal_words_stay_titles(title: str) -> None:
    assert Tree(f"{title}\n一、学习。县长要走访。").nodes[0].kind == "title"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("走访1,200户", "走访1200户"),
        ("12,345,678元", "12345678元"),
        ("2021,100人", "2021,100人"),
        ("1,2,3号楼", "1,2,3号楼"),
    ],
)
def test_digits_in_groups_are_one_number(text: str, seen: str) -> None:
    assert view(text).text == seen
