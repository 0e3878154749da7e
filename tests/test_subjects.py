"""Who acts: how administration, companies and daily life name them, and whom a clause that names nobody takes."""

from __future__ import annotations

import pytest

from siga_nlp.extraction import extract
from siga_nlp.models import Document, Requirement

# A text, and the subject of each of its rows; 无 where there is none.
NAMED = r"""
审计部应当每季度开展一次内部审计。|审计部
仓管员凭送货单验收入库,不得无单收货。|仓管员
采购部负责编制采购计划,每月25日前报分管副总经理审批。|采购部
食堂管理员每天检查食材,做好记录。|食堂管理员
护士长每周组织一次业务查房。|护士长
网约车平台公司应当每半年公布一次计价规则。|网约车平台公司
监护人发现学生异常的,应当及时报告学校。|监护人
领导因故不能到场的,应提前1天报告。|领导
有条件的乡镇可以建立老年学校。|有条件的乡镇
居住分散的村,可以设立分站。|居住分散的村
从事食品经营的单位和个人应当依法取得许可。|从事食品经营的单位和个人
采购人和采购代理机构应当在30日内签订合同。|采购人和采购代理机构
经营者、管理者应当在入口处设置标志。|经营者、管理者
各村(社区)党组织书记每月5日前向镇党委报告工作,镇党委每季度研究一次。|各村(社区)党组织书记;镇党委
小区保安要24小时值守,每两小时巡逻一次。|小区保安;小区保安
飼主應每年攜帶犬貓施打疫苗一次。|飼主
主管機關得派員檢查,業者不得規避、妨礙或拒絕。|主管機關;業者
本府各機關應於每月十日前送研考會彙整,研考會應每季提報市政會議。|本府各機關;研考會
自2025年起,各学校应当每学期组织两次演练。|各学校
会勘时申请人应到场。|申请人
营业执照由登记机关在3日内发给。|登记机关
应当说明理由和依据,并在3日内答复。|无;无
检验报告保存期限不得少于6年。|检验报告保存期限
"""
CARRIED = r"""
任何单位和个人不得占用消防通道,不得埋压消火栓。办公室每月检查一次。|任何单位和个人;任何单位和个人;办公室
发展改革、市场监管等部门按照职责,每半年联合检查一次。|发展改革、市场监管等部门
采购员要货比三家。审批单由采购部填写,3日内归档。|采购员;采购部
一、压实学校主体责任。要建立台账。\n二、强化部门监管责任。每季度抽查不少于2次。|学校;部门
县级领导每季度调研1次。不得由他人代替。|县级领导;县级领导
第一条 村长要巡查,镇长要督查。\n第二条 宣传栏应当每月更新一次。|村长;镇长;宣传栏
第一条 镇长要督查。镇长要检查。镇长要走访。\n第二条 应当每月更新一次台账。|镇长;镇长;镇长;镇长
第一条 村长要巡查,镇长要督查,县长要检查。\n第二条 应当每月更新一次台账。|村长;镇长;县长;无
"""


def rows(text: str) -> tuple[Requirement, ...]:
    return extract(Document("x", text.replace("\\n", "\n")))


@pytest.mark.parametrize("form", [*NAMED.strip().splitlines(), *CARRIED.strip().splitlines()])
def test_subject(form: str) -> None:
    text, expected = form.split("|")
    assert ";".join(row.subject or "无" for row in rows(text)) == expected


def test_doubt_is_told() -> None:
    """Taken from the paragraph before: said so. A thing stands as the subject: named, rather than somebody from there."""
    _, plain, thing = rows("护理员要查房。\n每两小时记录一次。\n检查结果须在三日内公布。")
    assert (plain.subject, plain.issues) == ("护理员", ("subject_from_above",))
    assert (thing.subject, thing.subject_source, thing.issues) == ("检查结果", "stated", ("thing_as_subject",))
    stem, item = rows("护理员应当遵守下列规定:\n(一)不得吸烟;\n(二)每两小时巡视一次。")
    assert (stem.issues, item.issues) == ((), ())  # introduced by the stem: no doubt


def test_one_who_is_an_exception_acts_in_that_sentence_only() -> None:
    found = rows("第一條 主管機關應受理申請;逾期未補正者,不得補件。必要時得派員查核。")
    assert [row.subject for row in found][-1] == "主管機關"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二、分工\n1.县级领导。每月接访2次。\n2.包村干部。每月走访4户,要记好日志。", ["县级领导", "包村干部", "包村干部"]),
        ("(一)党委书记职责\n1.每月讲党课1次。\n2.每季度走访党员5户。\n(二)副书记职责\n1.每月检查1次。", ["党委书记", "党委书记", "副书记"]),
        ("保洁员岗位职责\n1.每天清扫2次。\n2.不得焚烧垃圾。", ["保洁员", "保洁员"]),
        ("(三)项目专员\n每周到现场不少于2次,每月报送进度。", ["项目专员", "项目专员"]),
        ("镇长要督查。\n县财政局:每季度拨付资金,年底前完成评价。", ["镇长", "县财政局", "县财政局"]),
        ("| 责任主体 | 任务 | 频次 |\n| 镇长 | 巡查河道 | 每月2次 |\n| 驻村干部 | 入户走访 | 每周1次 |", ["镇长", "驻村干部"]),
    ],
)  # fmt: skip
def test_headlines_labels_and_first_columns_say_who(text: str, expected: list[str]) -> None:
    found = rows(text)
    assert [row.subject for row in found] == expected
    assert not any(row.issues for row in found)
