"""What clauses become: the forms of the annotation guideline, a row or a few each, and what holds for every document."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siga_nlp as sg
from siga_nlp.extraction import extract
from siga_nlp.lexicon import load
from siga_nlp.models import Document, Requirement
from siga_nlp.reading import read

ROOT = Path(__file__).parents[1]
MARKS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "approx": "≈", "eq": "=", "range": ""}


def rows(text: str) -> tuple[Requirement, ...]:
    return extract(Document("x", text))


def figures(row: Requirement) -> str:
    """The values of a row in short: ``≥1次/P1Y ≥2个月 per 人 by 2025``."""
    found = []
    if f := row.frequency:
        most = "" if f.max is None else f"-{f.max:g}"
        count = "" if f.op is None or f.count is None else f"{MARKS[f.op]}{f.count:g}{most}次"
        found.append(count + (f"/{f.period}" if f.period else ""))
    if q := row.quantity:
        found.append(f"{MARKS[q.op]}{q.value:g}{'' if q.max is None else f'-{q.max:g}'}{q.unit or ''}")
    found += [f"per {row.basis}"] if row.basis else []
    return " ".join([*found, row.deadline or ""]).strip()


# form: text, (subject, action, figures) of each row
MEASURED: dict[str, tuple[str, list[tuple[str | None, str | None, str]]]] = {
    "subjects with measures of their own": (
        "市级领导干部每季度至少1天、县级领导干部每月至少2天到联系点接访群众。",
        [("市级领导干部", "到联系点接访群众", "/P3M ≥1天"), ("县级领导干部", "到联系点接访群众", "/P1M ≥2天")],
    ),
    "one of two bounds": (
        "干部每年脱产培训不少于12天或者90学时。",
        [("干部", "脱产培训", "/P1Y ≥12天"), ("干部", "脱产培训", "/P1Y ≥90学时")],
    ),
    "for whom, and not who": (
        "学校应当严格管理。每百名学生配备1名保安。",
        [("学校", "严格管理", ""), ("学校", "学生配备保安", "=1名 per 百名")],
    ),
    "a share and a multiple of something": (
        "项目管理费不得超过总投资的3%,村干部补贴不低于当地农民人均收入的1.5倍。",
        [("项目管理费", "项目管理费", "≤3%"), ("村干部", "补贴", "≥1.5倍")],
    ),
    "a ratio": ("护理员与老人的配比不低于1:10。", [("护理员与老人的配比", "护理员与老人的配比", "≥0.1")]),
    "days after something came": ("申请人应于文到三十日内补正。", [("申请人", "补正", "within P30D")]),
    "so much a head and a year": ("补助标准为1000元/人·年。", [(None, "补助标准", "/P1Y =1000元 per 人")]),
    "what must not be smaller": ("疏散通道宽度不应小于1.4米。", [("疏散通道宽度", "疏散通道宽度", "≥1.4米")]),
    "how long a procedure takes": ("审批时限为20个工作日。", [(None, "审批时限", "=20个工作日")]),
    "nights": ("乡镇干部每周住镇不少于4夜。", [("乡镇干部", "住镇", "/P1W ≥4夜")]),
    "a series of rounds with another at its end": (
        "县委建立每月一调度、半年一考核、年终总评制度。",
        [("县委", "调度", "/P1M"), ("县委", "考核", "/P6M")],
    ),
    "deadlines by area, with one 内": (
        "派出所接到报案后,郊区10分钟、农村30分钟内到达现场。",
        [("派出所", "到达现场", "within PT10M"), ("派出所", "到达现场", "within PT30M")],
    ),
    "months of a year with one end": (
        "各乡镇应于每年1月、4月、7月、10月之月底前报送季报。",
        [("各乡镇", "报送季报", "=4次/P1Y by month-end")],
    ),
    "odd months": ("镇党委单月召开例会。", [("镇党委", "召开例会", "/P2M")]),
    "act stated once at the end": (
        "省级领导干部每年至少走访企业1次,市级领导干部每半年至少1次,县级领导干部每季度至少1次。",
        [
            ("省级领导干部", "走访企业", "≥1次/P1Y"),
            ("市级领导干部", "走访企业", "≥1次/P6M"),
            ("县级领导干部", "走访企业", "≥1次/P3M"),
        ],
    ),
    "act and period carried": (
        "市级领导干部到联系点蹲点每年不少于1个月,乡、镇级领导干部不少于2个月。",
        [("市级领导干部", "到联系点蹲点", "/P1Y ≥1个月"), ("乡、镇级领导干部", "到联系点蹲点", "/P1Y ≥2个月")],
    ),
    "coordinated subjects, one measure": (
        "省、市级领导干部每人联系1个县。",
        [("省、市级领导干部", "联系县", "=1个 per 人")],
    ),
    "each person": ("每名班子成员联系3户困难家庭。", [("班子成员", "联系困难家庭", "=3户 per 人")]),
    "each person after the subject": (
        "班子成员每人每年至少撰写2篇调研报告。",
        [("班子成员", "撰写调研报告", "/P1Y ≥2篇 per 人")],
    ),
    "rotation": (
        "网格员要实行轮岗,原则上三年一轮换。",
        [("网格员", "实行轮岗", ""), ("网格员", "轮换", "=1次/P3Y")],
    ),
    "range": ("每名党员干部结对1-2户农户。", [("党员干部", "结对农户", "1-2户 per 人")]),
    "quorum": ("会议须有三分之二以上委员出席。", [("会议", "会议有委员出席", "≥0.666667")]),
    "deadline with an event": (
        "主管部门应当自收到申请之日起15日内作出答复。",
        [("主管部门", "作出答复", "within P15D")],
    ),
    "working days": ("街道办事处要在3个工作日内办结。", [("街道办事处", "办结", "within P3WD")]),
    "ahead": ("村委会应当提前5日公告。", [("村委会", "公告", "P5D before")]),
    "by a date": ("各单位要于2026年6月底前报送总结。", [("各单位", "报送总结", "by 2026-06")]),
    "by a day of every year": ("各镇每年2月底前报送计划。", [("各镇", "报送计划", "/P1Y by --02")]),
    "mechanism": (
        "建立“周调度、月通报、季督查”工作机制。",
        [(None, "调度", "/P1W"), (None, "通报", "/P1M"), (None, "督查", "/P3M")],
    ),
    "opener before a measure": ("镇干部要结合工作实际,每月走访农户5户。", [("镇干部", "走访农户", "/P1M =5户")]),
    "series with count at the end": (
        "市级领导每半年、县级领导每季度至少讲1次党课。",
        [("市级领导", "讲党课", "≥1次/P6M"), ("县级领导", "讲党课", "≥1次/P3M")],
    ),
    "each time": ("班子成员每季度调研1次,每次不少于2天。", [("班子成员", "调研", "=1次/P3M ≥2天")]),
    "approx": ("乡镇干部每年至少进行1次3天左右的蹲点调研。", [("乡镇干部", "进行蹲点调研", "≥1次/P1Y ≈3天")]),
    "at most": ("陪同人员不超过3人。", [(None, "陪同人员", "≤3人")]),
    "script": (
        "縣長每月至少接訪2次,副縣長每季度至少接訪1次。",
        [("縣長", "接訪", "≥2次/P1M"), ("副縣長", "接訪", "≥1次/P3M")],
    ),
    "tw": (
        "雇主對擔任下列職務之勞工,應每三年使其接受三小時之在職教育訓練。",
        [("雇主", "使其接受在職教育訓練", "/P3Y =3小时")],
    ),
    "由": ("联系点工作每半年由县委办公室通报1次。", [("县委办公室", "联系点工作通报", "=1次/P6M")]),
    "comparator over 、": (
        "镇长每年至少走访企业2次、走访学校3次。",
        [("镇长", "走访企业", "≥2次/P1Y"), ("镇长", "走访学校", "≥3次/P1Y")],
    ),
    "length in a later clause": (
        "镇党校每年至少举办培训班1次,学制3—5天。",
        [("镇党校", "举办培训班", "≥1次/P1Y 3-5天")],
    ),
    "range with to": ("调研小组由三至五名干部组成。", [("调研小组", "干部组成", "3-5名")]),
    "share": ("到2026年,村级活动场所达标率要达到95%。", [("村级活动场所达标率", "村级活动场所达标率", "=95% by 2026")]),
    "deadline after an event": (
        "单位负责人应当在事故发生后2小时内报告镇政府。",
        [("单位负责人", "报告镇政府", "within PT2H")],
    ),
    "year in a clause of its own": (
        "到2027年,各县每年至少建成5个示范点。",
        [("各县", "建成示范点", "/P1Y ≥5个 by 2027")],
    ),
    "term of office": ("理事会成员每届任期三年。", [("理事会成员", "任期", "/term =3年")]),
    "at least so many of a thing a period": (
        "镇党委每季度至少召开1次专题会议。",
        [("镇党委", "召开专题会议", "≥1次/P3M")],
    ),
    "each period with a bare number": ("镇干部每月下村5天。", [("镇干部", "下村", "/P1M =5天")]),
    "half": ("党员每年至少参加学习半天。", [("党员", "参加学习", "/P1Y ≥0.5天")]),
    "tens and percent": ("抽查比例每季度不低于百分之五。", [(None, "抽查比例", "/P3M ≥5%")]),
    "full width": ("镇长每月至少下村２次。", [("镇长", "下村", "≥2次/P1M")]),
    "object as subject": (
        "镇长每年至少走访企业2次、学校3次。",
        [("镇长", "走访企业", "≥2次/P1Y"), ("镇长", "走访学校", "≥3次/P1Y")],
    ),
    "and with a period of its own": (
        "网格员每周巡查1次并每月上报1次。",
        [("网格员", "巡查", "=1次/P1W"), ("网格员", "上报", "=1次/P1M")],
    ),
    "deadline before the subject": (
        "事故发生后2小时内,单位负责人应当报告镇政府。",
        [("单位负责人", "报告镇政府", "within PT2H")],
    ),
    "于 before an event": (
        "办公室应当于会议召开3日前通知全体成员。",
        [("办公室", "通知全体成员", "P3D before")],
    ),
    "bare number under a year": ("到2027年,各县建成5个示范点。", [("各县", "建成示范点", "=5个 by 2027")]),
    "会议 after 1次": ("镇长每季度至少召开1次会议。", [("镇长", "召开会议", "≥1次/P3M")]),
    "act that ends in a party": ("1|镇长|走访困难家庭|每月2次", [("镇长", "走访困难家庭", "=2次/P1M")]),
    "end of a recurring period": (
        "仓管员每月末盘点一次。",
        [("仓管员", "盘点", "=1次/P1M by month-end")],
    ),
    "deadline ahead of its clause": (
        "每年12月底前,各乡镇要向县政府报告全年工作。",
        [("各乡镇", "向县政府报告全年工作", "/P1Y by --12")],
    ),
    "actor behind a deadline": (
        "6月30日前,各乡镇完成摸底。",
        [("各乡镇", "完成摸底", "by --06-30")],
    ),
    "series of objects": (
        "县级领导包联1个乡镇、2个贫困村。",
        [("县级领导", "包联乡镇", "=1个"), ("县级领导", "包联贫困村", "=2个")],
    ),
    "one each": (
        "干部要送一封信、填一份表、留一个电话。",
        [("干部", "送信", "=1封"), ("干部", "填表", "=1份"), ("干部", "留电话", "=1个")],
    ),
    "mechanism without quotation marks": (
        "专班实行周调度、月通报、年考核。",
        [("专班", "调度", "/P1W"), ("专班", "通报", "/P1M"), ("专班", "考核", "/P1Y")],
    ),
    "standard before the act": (
        "县财政应当按照每人每年不低于100元的标准安排经费。",
        [("县财政", "安排经费", "/P1Y ≥100元 per 人")],
    ),
    "limit ahead of a permission": (
        "镇政府每年在不超过预算3%范围内,可以列支杂费。",
        [("镇政府", "列支杂费", "/P1Y ≤3%")],
    ),
    "duty before its sanction": (
        "用户要于每月20日前缴费,逾期加收千分之五的滞纳金。",
        [("用户", "缴费", "/P1M by ---20")],
    ),
    "money in parts": (
        "用户每亩交水费二元五角。",
        [("用户", "交水费", "=2.5元 per 亩")],
    ),
    "days of the month": (
        "镇长每月5日、20日接访。",
        [("镇长", "接访", "/P1M")],
    ),
    "papers to hand in": (
        "申请人应当提交下列材料:\n(一)申请书一份。\n(二)身份证明。",
        [("申请人", "提交下列材料", ""), ("申请人", "申请书", "=1份")],
    ),
    "each of several times": (
        "县水利局每年3月、9月各组织一次检查,驾驶员每日出车前及收车后各检查车辆一次。",
        [("县水利局", "组织检查", "=2次/P1Y"), ("驾驶员", "出车前及收车后各检查车辆", "=2次/P1D")],
    ),
    "each of several parties": (
        "市级领导和县级领导每年各讲1次党课。",
        [("市级领导和县级领导", "各讲党课", "=1次/P1Y")],
    ),
    "about and a contract": ("受托人可以续约一次。", [("受托人", "续约", "=1次")]),
    "quorum behind those present": ("村委会决议须经超过到会人数半数同意。", [("村委会", "决议经同意", ">0.5")]),
    "reports of periods": (
        "各乡镇每年12月20日前报送半年、全年工作总结。",
        [("各乡镇", "报送半年、全年工作总结", "/P1Y by --12-20")],
    ),
    "what it holds for": ("凡投资额3万元以上的工程,村委会须每季度公示一次。", [("村委会", "公示", "=1次/P3M")]),
    "table parted by tabs": (
        "任务分工表\n序号\t工作任务\t责任单位\t完成时限\n1\t建立台账\t市水利局\t2024年6月底前\n2\t每季度开展一次巡查\t县水利局\t长期坚持\n",
        [("市水利局", "建立台账", "by 2024-06"), ("县水利局", "开展巡查", "=1次/P3M")],
    ),
}

# text, (modality, modal word, subject, action) of each row
MODAL: dict[str, tuple[str, list[tuple[str, str | None, str | None, str | None]]]] = {
    "prohibition to everybody": ("严禁在检查中走过场。", [("prohibition", "严禁", None, "在检查中走过场")]),
    "ellipsis of the subject": (
        "工作人员不得收受礼品,不得泄露群众信息。",
        [("prohibition", "不得", "工作人员", "收受礼品"), ("prohibition", "不得", "工作人员", "泄露群众信息")],
    ),
    "a bound without a number": (
        "收费不得高于核定的标准。",
        [("prohibition", "不得", "收费", "高于核定的标准")],
    ),
    "a bound without a number, each day": (
        "业者每日营业时间不得逾晚间十时。",
        [("prohibition", "不得", "业者", "营业时间逾晚间十时")],
    ),
    "what must be done first": (
        "村干部必须经审批后方可借款。",
        [("obligation", "必须", "村干部", "经审批后方可借款")],
    ),
    "any party": ("任何单位和个人不得阻挠检查。", [("prohibition", "不得", "任何单位和个人", "阻挠检查")]),
    "object of 鼓励": ("鼓励社会力量参与养老服务。", [("recommendation", "鼓励", "社会力量", "参与养老服务")]),
    "object of 提倡": ("提倡退休教职人员到村任教。", [("recommendation", "提倡", "退休教职人员", "到村任教")]),
    "object of 支持": ("国家支持企业开展技术改造。", [("recommendation", "国家支持", "企业", "开展技术改造")]),
    "permission": ("镇政府可以委托第三方评估。", [("permission", "可以", "镇政府", "委托第三方评估")]),
    "inability is no prohibition": (
        "镇长遇到不能当场解决的,要明确责任人。",
        [("obligation", "要", "镇长", "明确责任人")],
    ),
    "second act without modal word": (
        "信访部门应当公开流程,并说明理由。",
        [("obligation", "应当", "信访部门", "公开流程")],
    ),
    "及 of 及时 is no link word": ("县长要及时化解矛盾。", [("obligation", "要", "县长", "及时化解矛盾")]),
    "act after an opener": ("各单位要根据本地实际,制定实施方案。", [("obligation", "要", "各单位", "制定实施方案")]),
    "把": ("县长要把化解矛盾放在首位。", [("obligation", "要", "县长", "把化解矛盾放在首位")]),
    "threshold of whom it binds": (
        "五十人以上的单位应当设立工会。",
        [("obligation", "应当", "五十人以上的单位", "设立工会")],
    ),
    "subject from the sentence before": (
        "镇长负责信访工作。要定期到联系点接访。",
        [("obligation", "要", "镇长", "定期到联系点接访")],
    ),
    "list of acts": (
        "第三条 乡镇人民政府应当做好下列工作:\n(一)排查矛盾纠纷;\n(二)回访来访群众,每季度不少于1次;\n(三)其他工作。",
        [
            ("obligation", "应当", "乡镇人民政府", "排查矛盾纠纷"),
            ("obligation", "应当", "乡镇人民政府", "回访来访群众"),
            ("obligation", "应当", "乡镇人民政府", "其他工作"),
        ],
    ),
    "list of prohibited acts": (
        "第六条 网格员不得有下列行为:\n(一)泄露住户信息;\n(二)收受礼品。",
        [("prohibition", "不得", "网格员", "泄露住户信息"), ("prohibition", "不得", "网格员", "收受礼品")],
    ),
    "list of things": (
        "第四条 申请人提交的申请书应当包括下列内容:\n(一)姓名;\n(二)住所。",
        [("obligation", "应当", "申请人", "包括下列内容")],
    ),
    "list of conditions": (
        "第五条 工作人员有下列情形之一的,应当回避:\n(一)是当事人近亲属;\n(二)担任过证人。",
        [("obligation", "应当", "工作人员", "回避")],
    ),
    "bracket that speaks": (
        "网格员要核对信息(不得事先通知住户)。",
        [
            ("obligation", "要", "网格员", "核对信息(不得事先通知住户)"),
            ("prohibition", "不得", "网格员", "事先通知住户"),
        ],
    ),
    "tw: 得 and 應": (
        "主管機關得委託專業機構辦理之。業者應於每年六月底前申報之。申請登記者,應檢附證明。",
        [
            ("permission", "得", "主管機關", "委託專業機構辦理之"),
            ("obligation", "應", "業者", "申報之"),
            ("obligation", "應", "申請登記者", "檢附證明"),
        ],
    ),
    "table": ("1|走访困难家庭|村支部书记|每月2次", [("obligation", None, "村支部书记", "走访困难家庭")]),
    "heading with a window": (
        "一、走访调研知民情(4月中旬-4月下旬)",
        [("obligation", None, None, "走访调研知民情")],
    ),
    "grounds and the act in one clause": (
        "镇政府应当按照规定配置消防器材,并保障其正常使用。",
        [("obligation", "应当", "镇政府", "按照规定配置消防器材")],
    ),
    "thing and what is done with it": (
        "公司应将查核结果,报主管机关备查。",
        [("obligation", "应", "公司", "报主管机关备查")],
    ),
    "verb that begins like a compound": (
        "医院应接受监督,可查阅档案。",
        [("obligation", "应", "医院", "接受监督"), ("permission", "可", "医院", "查阅档案")],
    ),
    "case before the modal word": (
        "镇政府对不能马上办的要说明原因。",
        [("obligation", "要", "镇政府", "说明原因")],
    ),
    "list behind an act": (
        "业主应当加强管理,做好下列工作:\n(一)制定制度;\n(二)每月至少检查一次。",
        [
            ("obligation", "应当", "业主", "加强管理"),
            ("obligation", "应当", "业主", "制定制度"),
            ("obligation", "应当", "业主", "检查"),
        ],
    ),
    "nested list": (
        "经理人员及技术人员应当执行下列业务:\n一、经理人员:\n(一)督导饲养。\n二、技术人员:\n(一)签署报表。",
        [("obligation", "应当", "经理人员", "督导饲养"), ("obligation", "应当", "技术人员", "签署报表")],
    ),
    "besides": (
        "雇主除应维持原有措施外,并应采取其他措施。",
        [("obligation", "应", "雇主", "维持原有措施"), ("obligation", "应", "雇主", "采取其他措施")],
    ),
}

NOTHING = {
    "look-alikes": "完善应急预案,落实主要任务,规范行政许可,取得明显成效。",
    "相应": "供应商按相应标准提供服务。",
    "modal word in a condition": "对应当通过诉讼解决的,引导当事人依法办理。",
    "penalty": "逾期不改的,处五百元以上二千元以下罚款。",
    "history": "今年以来共走访群众三百户,先后召开座谈会4次。",
    "last year": "去年全镇走访农户500户。",
    "definition": "本办法所称网格,是指每300户划定的管理单元。",
    "qualification": "第七条 申请人应当具备下列条件:\n(一)年满18周岁;\n(二)有3年以上工作经历。",
    "relative clause": "村委会公开下列事项:\n(一)应当公布的其他事项;\n(二)收支情况。",
    "list of conditions": "申请人应当具备下列条件:\n(一)面积不得少于三十平方米;\n(二)应当配备消防设施。",
    "plain duty": "县委办公室负责日常工作。",
}

# What is read wrong today, and how it should be: strict, so that whoever mends one moves it up.
GAPS: dict[str, tuple[str, list[tuple[str | None, str | None, str]]]] = {
    "two measures of one act over 并": (
        "镇长每年至少走访2次并不少于3天。",
        [("镇长", "走访", "≥2次/P1Y ≥3天")],
    ),
}


@pytest.mark.parametrize("form", MEASURED)
def test_measured(form: str) -> None:
    text, expected = MEASURED[form]
    assert [(r.subject, r.action, figures(r)) for r in rows(text)] == expected


@pytest.mark.parametrize("form", MODAL)
def test_modal(form: str) -> None:
    text, expected = MODAL[form]
    assert [(r.modality, r.modal, r.subject, r.action) for r in rows(text)] == expected


@pytest.mark.parametrize("form", NOTHING)
def test_nothing(form: str) -> None:
    assert rows(NOTHING[form]) == ()


@pytest.mark.xfail(strict=True, reason="known gap")
@pytest.mark.parametrize("form", GAPS)
def test_gap(form: str) -> None:
    text, expected = GAPS[form]
    assert [(r.subject, r.action, figures(r)) for r in rows(text)] == expected


def test_a_measure_of_two_readings_says_so() -> None:
    twice = rows("镇政府要于每年6月底和12月底前报送总结。")[0]
    assert (twice.deadline, twice.issues) == ("by --06", ("two_readings",))
    assert "two_readings" in rows("用户每月交粮票一斤二两。")[0].issues
    assert "two_readings" in rows("镇政府要于每年6月20日、12月20日前报送总结。")[0].issues
    assert rows("镇政府要于每年6月底前报送总结。")[0].issues == ()


def test_the_event_of_a_deadline_is_what_it_runs_from() -> None:
    forms = (
        "记录于会后五日内报局。",
        "管理人应于合同期满前三个月申请。",
        "请假应于前一日提出。",
        "收到通知后3日内答复业主。",
    )
    assert [rows(form)[0].deadline_event for form in forms] == ["会", "合同期", None, "收到通知"]


def test_sources_issues_and_notes() -> None:
    first, second = rows("市级领导干部到联系点蹲点每年不少于1个月,乡、镇级领导干部不少于2个月。")
    assert (first.subject_source, first.subject_level) == ("stated", ("city",))
    assert second.subject_level == ("township",)
    assert {"period-carried", "action-carried"} <= set(second.rules)
    (to_all,) = rows("严禁在检查中走过场。")
    assert (to_all.subject_source, to_all.issues) == ("none", ("no_subject",))
    (row,) = rows("镇长发现隐患的,应当定期到现场检查。")
    assert (row.condition, row.vague) == ("镇长发现隐患的", "定期")


def test_machine_converted_script_gives_the_same_values() -> None:
    plain = rows("县长每月至少接访2次,镇长要认真听取意见。")
    converted = rows("縣長每月至少接訪2次,鎮長要認真聽取意見。")
    assert [(figures(r), r.modality, r.rules, r.start, r.end) for r in plain] == [
        (figures(r), r.modality, r.rules, r.start, r.end) for r in converted
    ]


# ---- what always holds ----


def documents() -> list[Document]:
    shared = Path(os.environ.get("SIGA_SHARED") or ROOT.parent / "shared")
    folders = [ROOT / "tests" / "gold" / "texts", ROOT / "corpus", shared / "seeds", shared / "corpus"]
    return [d for folder in folders if folder.is_dir() for d in read(folder) if isinstance(d, Document)]


def check(document: Document, found: tuple[Requirement, ...]) -> None:
    """A row quotes its document, and says the place of every quote."""
    text = document.text
    for row in found:
        assert row.text == text[row.start : row.end] != ""
        if row.measure is not None:
            assert row.measure == text[row.measure_start : row.measure_end]
        assert (row.subject is None) == (row.subject_source == "none") == ("no_subject" in row.issues)
        for slot in ("subject", "action", "modal", "condition", "deadline_event"):
            words, quoted = getattr(row, slot), "".join(text[a:b] for a, b in row.spans.get(slot, ()))
            assert bool(words) == bool(quoted), slot
            # White space and emphasis marks (**, <u>) of the source are left out of the words.
            rest = iter(quoted)
            assert all(sign in rest for sign in words or ""), slot
        assert all(0 <= a < b <= len(text) for spans in row.spans.values() for a, b in spans)


def test_every_quote_stands_where_it_is_said_to_and_twice_gives_the_same() -> None:
    found = 0
    for document in documents():
        first = extract(document)
        check(document, first)
        assert extract(document) == first
        found += len(first)
    assert found > 500


PIECES = st.sampled_from(
    [*"县镇长要应得者由的每年月季半日内前后次人户,。;:、()“”《》|\n\t 1２三%—", "不得", "至少", "不少于", "每人", "第三条 ", "(一)", "下列"]
    + [text for text, _ in MEASURED.values()]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join)))
def test_any_text_gives_rows_that_verify(text: str) -> None:
    document = Document("x", text)
    check(document, extract(document))


@pytest.mark.parametrize("form", MEASURED)
def test_a_clause_gives_the_same_row_inside_a_long_document(form: str) -> None:
    """Apart from what it inherits: the subject, where it states none."""
    text, _ = MEASURED[form]
    before = "".join(f"{n}.网格员要核对第{n}户的信息。\n" for n in range(1, 40))
    alone = rows(text)
    inside = [r for r in rows(f"{before}{text}\n一、其他事项\n") if r.start >= len(before)]
    assert len(inside) == len(alone)
    for a, b in zip(alone, inside, strict=True):
        assert (a.action, figures(a), a.modality, a.text) == (b.action, figures(b), b.modality, b.text)
        if a.subject_source == "stated" and "thing_as_subject" not in a.issues:
            assert a.subject == b.subject


def test_rules_of_ones_own_are_laid_over_ours(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("terms:\n  heads: [星火突击班]\n", encoding="utf-8")
    (row,) = extract(Document("x", "星火突击班每月至少巡查2次。"), rules=str(tmp_path))
    assert row.subject == "星火突击班"


@pytest.mark.parametrize(
    "kind", ["history", "retold", "penalty", "definition", "defining_verb", "qualification", "people"]
)
def test_rules_of_wording_hold_for_their_examples(kind: str) -> None:
    lexicon = load()
    for rule in lexicon.rules[kind]:
        pattern = lexicon.compile(rule.pattern)
        assert [e["text"] for e in rule.examples if not pattern.search(e["text"])] == []
        assert [text for text in rule.rejects if pattern.search(text)] == []


# Floors a little below the figures of the day: found F1, strict F1, the least slot.
FLOORS: dict[tuple[str, str], dict[str, tuple[float, float, dict[str, float]]]] = {
    ("tests/gold", "tests/gold/texts"): {
        "measured": (0.95, 0.70, {"subject": 0.82, "action": 0.90, "frequency": 0.96, "quantity": 0.97, "deadline": 0.98}),
        "modal": (0.95, 0.72, {"subject": 0.76, "action": 0.97, "modality": 0.97}),
    },
    ("tests/gold/sample", "corpus"): {
        "measured": (0.98, 0.88, {"subject": 0.91, "action": 0.97, "frequency": 0.98, "quantity": 0.98, "deadline": 0.99}),
        "modal": (0.97, 0.89, {"subject": 0.91, "action": 0.98, "modality": 0.99}),
    },
}  # fmt: skip


@pytest.mark.parametrize(("gold", "texts"), FLOORS)
def test_scores_stay_above_their_floors(gold: str, texts: str) -> None:
    result = sg.evaluate(ROOT / gold, text=ROOT / texts)
    for tier, (found, strict, slots) in FLOORS[gold, texts].items():
        score: dict[str, Any] = result.tiers[tier].to_dict()
        assert score["found"]["f1"] >= found
        assert score["strict"]["f1"] >= strict
        assert {slot: share for slot, share in score["slots"].items() if share < slots.get(slot, 0)} == {}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("1 | 走访企业不少于10家 | 县工信局 | 2024年6月底前", ("县工信局", "走访企业", 10, "by 2024-06")),
        ("2\t培训网格员30名\t县司法局\t9月底前", ("县司法局", "培训网格员", 30, "by --09")),
        ("县长 | 走访10户 | 6月底前", ("县长", "走访", 10, "by --06")),
        ("县财政局 | 拨付补助5万元", ("县财政局", "拨付补助", 5, None)),
        ("3 | 县水利局要加强巡查 | 长期", ("县水利局", "加强巡查", None, None)),
    ],
)
def test_cells_of_a_row_keep_their_places(row: str, expected: tuple[object, ...]) -> None:
    """Pasted from a sheet (tabs) or read from a file (bars); the next line is no part of the row."""
    found, *more = rows(f"任务分工表\n序号 | 任务 | 责任单位 | 时限\n{row}\n镇长每周值班。")
    quantity = found.quantity and found.quantity.value
    assert (found.subject, found.action, quantity, found.deadline) == expected
    assert [r.subject for r in more] == ["镇长"]
