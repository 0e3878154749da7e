"""Directives of party and government offices: working rules, plans, assessments, as they are drafted. Sentences of our own."""

from __future__ import annotations

import pytest

from siga_nlp.extraction import extract
from siga_nlp.models import Document, Requirement


def rows(text: str) -> tuple[Requirement, ...]:
    return extract(Document("x", text))


def said(row: Requirement) -> tuple[str | None, str | None, str]:
    """Who, what, and the figures in short."""
    found = []
    if f := row.frequency:
        found.append("".join([f"{f.op}{f.count:g}" if f.op and f.count is not None else "", "/", f.period or ""]))
    if q := row.quantity:
        found.append(f"{q.op}{q.value:g}{'' if q.max is None else f'-{q.max:g}'}{q.unit or ''}")
    found += [f"per {row.basis}"] if row.basis else []
    return row.subject, row.action, " ".join([*found, row.deadline or ""]).strip()


FORMS: dict[str, tuple[str, list[tuple[str | None, str | None, str]]]] = {
    "of two periods the next counts": (
        "片区河长每年的4月至10月每旬巡河不少于1次。",
        [("片区河长", "巡河", "ge1/P10D in --04/--10")],
    ),
    "per person of a village": ("每个村干部要记好一本走访日记。", [("村干部", "记好走访日记", "eq1本 per 人")]),
    "what is done each time is no next day": ("护林员每次日常巡护要填写记录。", [("护林员", "填写记录", "")]),
    "leftovers of the day": ("窗口人员负责处理当日遗留事项。", []),
    "marks": ("包片干部每月走访农户不少于8户,每少1户扣2分。", [("包片干部", "走访农户", "/P1M ge8户")]),
    "one or two": ("各支部每次讨论一两个议题。", [("各支部", "讨论议题", "range1-2个 per 次")]),
    "first days of a month": ("每月前8日,统计员报送月报。", [("统计员", "报送月报", "/P1M by ---08")]),
    "days for something": ("每季首月的前5日为对账日,每季的首月20日为公开日。", [(None, "首月的前5日为对账日", "/P3M")]),
    "every second month": (
        "实行双月报制度,各镇于单月8日前报送进度。",
        [("各镇", "报送进度", "/P2M by ---08")],
    ),
    "the first month of a quarter": (
        "每季度首月8日前,档案室移交目录。",
        [("档案室", "移交目录", "/P3M by ---08")],
    ),
    "a regime is no January": ("实现一村一月放一场电影的目标。", [(None, "实现一村放电影的目标", "/P1M eq1场")]),
    "who acts before the act that is due": (
        "每季度首月5日前,镇农技站报送季报。2025年9月底前县林业局完成普查。",
        [("镇农技站", "报送季报", "/P3M by ---05"), ("县林业局", "完成普查", "by 2025-09")],
    ),
    "to whom something goes": (
        "包村领导撰写报告,在次年2月底前交县委办公室存档。",
        [("包村领导", "交县委办公室存档", "by --02")],
    ),
    "whose share is to be reached": (
        "犬只登记覆盖面达到80%,应免犬只接种密度应达到100%。",
        [("犬只登记覆盖面", "犬只登记覆盖面达到", "eq80%"), ("应免犬只接种密度", "应免犬只接种密度", "eq100%")],
    ),
    "a lesson each week, and no Monday": (
        "辅导员每周一节法治课。每月最后一个星期三开放展厅。",
        [("辅导员", "法治课", "/P1W eq1节"), ("辅导员", "开放展厅", "/P1M")],
    ),
    "nights": (
        "包村干部每周至少有3个晚上住村。保安每晚巡逻2次。",
        [("包村干部", "有住村", "/P1W ge3个晚上"), ("保安", "巡逻", "eq2/P1D")],
    ),
    "who leads a group": (
        "各学校要成立工作组,校长任组长,每月召开一次会议。",
        [("各学校", "成立工作组", ""), ("各学校", "召开会议", "eq1/P1M")],
    ),
    "at what rate": ("学校按不低于30元的标准安排活动经费。", [("学校", "安排活动经费", "ge30元")]),
    "within how many days who leaves": ("离职人员限3日内交还工具。", [("离职人员", "交还工具", "within P3D")]),
    "opening hours in words": (
        "本馆每日开放时间为九时三十分至十七时四十分。",
        [("本馆", "开放时间为九时三十分至十七时四十分", "/P1D")],
    ),
    "minutes before an event": ("值机人员应于开播前十五分钟到岗。", [("值机人员", "到岗", "PT15M before")]),
    "at least once in days": ("管护员至少3天巡查一次。", [("管护员", "巡查", "ge1/P3D")]),
    "topics and how often": (
        "日常联系,电话联系每月3次,上门走访每月1次;义务劳动,每月2次。",
        [
            ("电话联系", "电话联系", "eq3/P1M"),
            (None, "上门走访", "eq1/P1M"),
            ("义务劳动", "义务劳动", "eq2/P1M"),
        ],
    ),
    "how long what is asked lasts": (
        "帮教对象应当参加学习,时间为每月不得少于6小时。",
        [("帮教对象", "参加学习", ""), ("帮教对象", "参加学习", "/P1M ge6小时")],
    ),
    "marks from and to": ("违规摆放的会被扣除2至10分。", []),
    "those who are inspected": (
        "被督查单位3日内报送整改清单。",
        [("被督查单位", "报送整改清单", "within P3D")],
    ),
    "a season is no duty": (
        "禁牧期为每年4月1日至6月30日,其间管护员每天巡查2次。",
        [("管护员", "其间巡查", "eq2/P1D")],
    ),
    "patients end no case": ("护士每天探视1次患者。", [("护士", "探视患者", "eq1/P1D")]),
    "all of them": (
        "各村签订承诺书,签订率100%。去年全县满意率100%。",
        [("各村", "签订率", "eq100%")],
    ),
    "a period that a stem names for its list": (
        "县直单位每月报送简报任务如下:\n1.民政局、水利局各4条;\n2.气象局2条。",
        [("民政局、水利局", "报送简报", "/P1M eq4条"), ("气象局", "报送简报", "/P1M eq2条")],
    ),
    "an act behind a measure is no name": (
        "值守人员必须在10分钟内电话报告、20分钟内书面报告县委值班室。",
        [
            ("值守人员", "电话报告", "within PT10M"),
            ("值守人员", "书面报告县委值班室", "within PT20M"),
        ],
    ),
    "two kinds of meetings": ("代表會議分常年會議及特別會議兩種,由會長召集之。", []),
    "headlines are nobody": (
        "五、要求\n(一)加强领导。明确1名专干,每月调度一次。",
        [(None, "明确专干", "eq1名"), (None, "调度", "eq1/P1M")],
    ),
    "who heads each unit": (
        "各单位“一把手”负总责,每月听取1次汇报。",
        [("各单位“一把手”", "听取汇报", "eq1/P1M")],
    ),
    "what is built or held by nobody named": (
        "2028年底前,垃圾分类覆盖率达到90%以上,新建中转站2座;12月底前迎接市级验收。",
        [
            ("垃圾分类覆盖率", "垃圾分类覆盖率达到", "ge90% by 2028-12"),
            (None, "新建中转站", "eq2座 by 2028-12"),
            (None, "迎接市级验收", "by --12"),
        ],
    ),
    "while it is open": (
        "人员密集场所每日进行防火巡查,营业期间每3小时一次。",
        [
            ("人员密集场所", "进行防火巡查", "/P1D"),
            ("人员密集场所", "进行防火巡查", "eq1/PT3H"),
        ],
    ),
    "a number before a month": (
        "三、措施\n1.各校每月演练1次。\n2.各校每周检查1次。\n3.10月底前完成评估。",
        [("各校", "演练", "eq1/P1M"), ("各校", "检查", "eq1/P1W"), ("各校", "完成评估", "by --10")],
    ),
    "marks within an assessment": ("考核结果占单位年度综合考核5分。", []),
    "at what hour of the week": ("各站每周五16时前报送台账。", [("各站", "报送台账", "/P1W")]),
    "names in quotes behind a number": (
        "每个街道至少建成1个“睦邻之家”,各社区每年开展一次“三清”行动。",
        [("街道", "建成“睦邻之家”", "ge1个 per 街道"), ("各社区", "开展“三清”行动", "eq1/P1Y")],
    ),
    "length of leave": ("职工请假,两天内由科长审批;五天内由副局长批准。", []),
    "when leave is decided on": (
        "职工外出应先请假,2日内由科长批准。",
        [("职工", "先请假", ""), ("科长", "批准", "within P2D")],
    ),
    "a share of those who act": (
        "40%的乡镇应当设立书屋。",
        [("乡镇", "设立书屋", "eq40%")],
    ),
    "of whom an object is": (
        "各社区每年举办2次以上由居民共同参与的书画、棋类、合唱活动。",
        [("各社区", "举办由居民共同参与的书画、棋类、合唱活动", "ge2/P1Y")],
    ),
    "marks in a sum": ("基础工作占40分,信息报送20分,累计得分在90分以上的评为先进。", []),
    "pay that is cut": ("保安员迟到一次扣发当月奖金,旷工一天扣50元。", []),
    "kinds": ("窗口服务分为现场办理和网上办理两种。", []),
    "the other days": ("镇领导接待每周二以外的来访群众。", []),
    "what was done, in round numbers": ("该镇累计走访农户3万户,举办讲座500多场。", []),
    "grades of a school": (
        "三至六年级每天书面作业不超过40分钟。",
        [("三至六年级", "三至六年级书面作业", "/P1D le40分钟")],
    ),
    "a week of something": ("乡村医生孕12周前为孕妇建立手册。", []),
    "several of whom each owes one": (
        "县委组织部从县直单位和5个乡镇各选派2名年轻干部。",
        [("县委组织部", "从县直单位和5个乡镇各选派年轻干部", "eq2名")],
    ),
    "ground before a comma": (
        "县督查室要结合任务清单,建立督查台账。",
        [("县督查室", "建立督查台账", "")],
    ),
    "beginning of each year": (
        "党支部每年年初按照上级部署,结合实际,制定学习计划。",
        [("党支部", "制定学习计划", "/P1Y")],
    ),
    "examples are no act": (
        "值班员不得在岗位上从事无关活动,如打牌、看剧等。",
        [("值班员", "在岗位上从事无关活动", "")],
    ),
    "condition": ("如有紧急事项需要研究,可以随时召集。", [(None, "随时召集", "")]),
    "act of its own behind the measure": (
        "总值班室实行轮班,每班不少于2人,值班员每2小时巡查一次并做好登记。",
        [("总值班室", "实行轮班", "ge2人 per 班"), ("值班员", "巡查并做好登记", "eq1/PT2H")],
    ),
    "in person": (
        "由分管副局长亲自带队,每月至少检查一次。",
        [("分管副局长", "检查", "ge1/P1M")],
    ),
    "names with a relative clause": (
        "各镇设置的专职(兼职)巡河员、保洁员等每周巡查不少于2次。",
        [("各镇设置的专职(兼职)巡河员、保洁员等", "巡查", "ge2/P1W")],
    ),
    "who cannot come": (
        "参加接访的局领导因故不能参加的,应提前2日告知信访办。",
        [("参加接访的局领导", "告知信访办", "P2D before")],
    ),
    "the day of something": (
        "县信访局在接待日的3日前通知参加接待的领导。",
        [("县信访局", "通知参加接待的领导", "P3D before")],
    ),
    "a body that is made": (
        "由县督查办牵头,县财政局、县审计局等部门组成检查组,每季度检查1次。",
        [("检查组", "检查", "eq1/P3M")],
    ),
    "rounds of two acts": ("对重点项目实行一月一督查一通报。", [(None, "对重点项目实行督查一通报", "eq1/P1M")]),
    "a regime by its period": ("各镇实行月通报制度。", [("各镇", "实行通报制度", "/P1M")]),
    "behind a deadline": ("10月底前各镇完成自查。", [("各镇", "完成自查", "by --10")]),
    "each of them behind a period": (
        "每学期每位教师至少上两节公开课。",
        [("教师", "上公开课", "/semester ge2节 per 人")],
    ),
    "comparator over a list": (
        "镇党委每年对党员集中培训不少于24学时、3天。",
        [("镇党委", "对党员集中培训", "/P1Y ge24学时"), ("镇党委", "对党员集中培训", "/P1Y ge3天")],
    ),
    "two deadlines, one act": (
        "卫生院发现甲类病例2小时内、乙类病例24小时内完成网络报告。",
        [("卫生院", "完成网络报告", "within PT2H"), ("卫生院", "完成网络报告", "within PT24H")],
    ),
    "one person for a task": ("各单位确定1名联络员,负责日常联系。", [("各单位", "确定联络员", "eq1名")]),
    "trial": ("新聘网格员实行两个月的试用期。", [("新聘网格员", "实行试用期", "eq2个月")]),
    "grants are not owed once more in each period": (
        "县财政每年安排专项资金300万元,对达标的村给予5万元奖补。",
        [("县财政", "安排专项资金", "/P1Y eq300万元"), ("县财政", "对达标的村给予奖补", "eq5万元")],
    ),
    "a season of days": ("汛期每年自5月1日至9月30日止,必须坚持昼夜值守。", [(None, "坚持昼夜值守", "")]),
    "leave": (
        "工作队员请假2天以内由队长批准,2天以上5天以内由镇党委批准。",
        [],
    ),
    "things that a modal word describes": ("局务会议研究需提交县政府会议讨论的事项。", []),
    "first this, then that": (
        "值班员每天早上8时完成日报后,填写值班记录。",
        [("值班员", "填写值班记录", "/P1D")],
    ),
    "figures that are background": (
        "各派出所要针对纠纷警情上升8.5%的态势,加大排查力度。",
        [("各派出所", "加大排查力度", "")],
    ),
    "for which case": ("对连续3个月排名末位的镇,由县领导约谈。", []),
    "goals over a list": (
        "到2027年,全县建成养老中心3处、日间照料站20处。",
        [("全县", "建成养老中心", "eq3处 by 2027"), ("全县", "建成日间照料站", "eq20处 by 2027")],
    ),
    "a goal of a number": (
        "到2027年,每个街道建成1处综合中心,社区食堂达到60处。",
        [("街道", "建成综合中心", "eq1处 per 街道 by 2027"), ("街道", "社区食堂", "eq60处 by 2027")],
    ),
    "numbers in one sign": (
        "⑴代表每年联系选民不少于10人次。\n⑵代表一年中至少向选民述职一次。",
        [("代表", "联系选民", "/P1Y ge10人次"), ("代表", "向选民述职", "ge1/P1Y")],
    ),
    "by the clock": (
        "各县于6月20日18:00前报送自查报告。",
        [("各县", "报送自查报告", "by --06-20")],
    ),
    "tasks in numbers": (
        "一般干部走访30户,联系5户。",
        [("一般干部", "走访", "eq30户"), ("一般干部", "联系", "eq5户")],
    ),
    "in all": (
        "帮扶单位原则上一年进村不少于8次,累计时间不少于35天。",
        [("帮扶单位", "进村", "ge8/P1Y"), ("帮扶单位", "进村", "/P1Y ge35天")],
    ),
    "who is named behind a period at once": (
        "教研组长每学期听课不少于8节,每学期校长不少于6节。",
        [("教研组长", "听课", "/semester ge8节"), ("校长", "听课", "/semester ge6节")],
    ),
    "items with actors of their own": (
        "预备党员转正,必须履行下列程序:\n1.党小组讨论意见;\n2.党支部审查材料。",
        [("党小组", "讨论意见", ""), ("党支部", "审查材料", "")],
    ),
    "one person": (
        "第二责任人可以联系多户,但1人帮扶最多不超过4户。",
        [("第二责任人", "联系多户", ""), ("第二责任人", "帮扶", "le4户 per 人")],
    ),
    "per person behind a bar": ("体检费用不超过600元/人。", [("体检费用", "体检费用", "le600元 per 人")]),
    "around a place": ("施工单位必须沿场地四周连续设置围挡。", [("施工单位", "沿场地四周连续设置围挡", "")]),
    "who must do it after 由": ("查房记录应由住院医师书写。", [("住院医师", "书写", "")]),
    "rounds": ("主治医师查房每周不少于3次。", [("主治医师", "查房", "ge3/P1W")]),
    "sums in words": ("突出产业、建设、治理三项重点。", []),
    "a size is no number": (
        "到2026年,全市新增亿元以上企业12家。",
        [("全市", "新增亿元以上企业", "eq12家 by 2026")],
    ),
    "how many there are, and what they do": (
        "全县5个产业园实现产值80亿元以上。",
        [("全县", "5个产业园实现产值", "ge80亿元")],
    ),
    "days of a month": (
        "请于做好6月25日-26日接种工作,各接种点每两小时报一次进度。",
        [("各接种点", "报进度", "eq1/PT2H")],
    ),
    "whom it is about": ("各地要通知满21天的人员接种。", [("各地", "通知满21天的人员接种", "")]),
    "members in a later sentence": (
        "指挥部设指挥官一人;副指挥官二人,由主任指派。",
        [("指挥部", "设指挥官", "eq1人"), ("指挥部", "设副指挥官", "eq2人")],
    ),
    "amounts under a stem": (
        "同一单位最高补助金额如下:\n1.塑料产业为二百万元。\n2.机械产业为一百万元。",
        [("塑料产业", "塑料产业", "le2e+06元"), ("机械产业", "机械产业", "le1e+06元")],
    ),
    "names joined by 和, the second like a verb": (
        "驻村工作队队长和协助驻村乡干部要坚持每月到村督促6次以上,每次停留时间不得低于1天。",
        [
            ("驻村工作队队长和协助驻村乡干部", "坚持到村督促", "ge6/P1M"),
            ("驻村工作队队长和协助驻村乡干部", "停留时间", "ge1天 per 次"),
        ],
    ),
    "a goal with its date in front": (
        "力争到2028年底,全区建成驿站40个,厕所改造率达到70%以上。",
        [("全区", "建成驿站", "eq40个 by 2028-12"), ("全区", "厕所改造率达到", "ge70% by 2028-12")],
    ),
    "a goal whose act comes behind its date": (
        "确保到2028年6月底,各镇完成清淤。",
        [("各镇", "完成清淤", "by 2028-06")],
    ),
    "what is to be built within years": ("各镇三年内建成40个驿站。", [("各镇", "建成驿站", "eq40个 within P3Y")]),
    "the last month of a quarter": (
        "每季度最后一个月20日前,各站所报送清单。",
        [("各站所", "报送清单", "/P3M by ---20")],
    ),
    "a system of leaders on duty": (
        "节庆期间实行领导带班,每班不少于3人。",
        [(None, "节庆期间实行领导带班", "ge3人 per 班")],
    ),
    "a quorum of members": (
        "代表会议有五分之三以上的成员参加方可召开。",
        [("代表会议", "代表会议有成员参加召开", "ge0.6")],
    ),
    "who may demand it": ("有五分之一以上代表提议应当召开会议。", [(None, "召开会议", "")]),
    "so many of a list": (
        "民警应围绕信息采集、人口管理等5项职责开展社区警务。",
        [("民警", "围绕信息采集、人口管理等5项职责开展社区警务", "")],
    ),
    "after something was received": (
        "各单位要在收到交办件15天内,书面告知信访人。",
        [("各单位", "书面告知信访人", "within P15D")],
    ),
    "each case of a list is answered": (
        "公开义务人根据下列情况进行处理:\n(一)属于公开范围的,应当书面告知申请人;",
        [("公开义务人", "书面告知申请人", "")],
    ),
    "on the same day": ("值班人员应当日报送情况,应采尽采。", [("值班人员", "报送情况", "within P0D")]),
    "bounds that exclude each other": (
        "同一事项推选的代表不得超过5人以上。",
        [(None, "同一事项推选的代表", "le5人")],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_directive(form: str) -> None:
    text, wanted = FORMS[form]
    assert [said(row) for row in rows(text)] == wanted


def test_bounds_that_exclude_each_other_are_told() -> None:
    assert "two_readings" in rows("上访代表不得超过5人以上。")[0].issues


def test_plans_of_a_year_are_owed_and_history_is_not() -> None:
    plan = "某县2024年水利工作要点\n一、水库\n2024年新建水库3座,加固堤防20公里。2023年新建水库2座。"
    assert [said(row)[1:] for row in rows(plan)] == [("新建水库", "eq3座"), ("加固堤防", "eq20公里")]


def test_a_plan_of_a_year_owes_what_it_counts() -> None:
    plan = "某市2025年农业农村工作要点\n一、目标\n全年农业总产值同比增长5%。推广新品种3万亩,小麦种植面积20万亩。"
    assert [said(row)[2] for row in rows(plan)] == ["eq5%", "eq30000亩", "eq200000亩"]


def test_units_named_in_the_last_sentence_act_and_their_label_does_not() -> None:
    text = "二、任务\n(一)水质。水样检测每季度不少于1次。责任单位:县水务站。\n(二)保洁。每周清扫1次。"
    first, second = rows(text)
    assert first.responsible_units == ("县水务站",)
    assert second.subject is None


def test_a_table_of_marks_gives_what_its_sentences_say() -> None:
    text = (
        "序号 | 项目 | 分值 | 指标 | 考核部门\n1 | 平台 | 8 | 1.推进平台建设,得2分。2.实行月通报制度,得6分。 | 县河长办"
    )
    assert [said(row)[1:] for row in rows(text)] == [("实行通报制度", "/P1M")]
