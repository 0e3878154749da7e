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
实行领导干部带班、24小时值班制度。严格执行领导干部每周带班不少于1次制度。|无;无
联系领导每月走访一次,执行机构每季度检查一次。|联系领导;执行机构
校长每学期听课不少于20节,教师相互听课不少于10节。|校长;教师
每年3月底前各县应当报送总结。|各县
每周三下午县长接待群众。|县长
每年组织河长培训不少于2次。次年1月底前交县委办公室存档。|无;无
会勘时申请人应到场。|申请人
营业执照由登记机关在3日内发给。|登记机关
应当说明理由和依据,并在3日内答复。|无;无
检验报告保存期限不得少于6年。|检验报告保存期限
居民家庭走访率应达到85%以上。|居民家庭走访率
教研机构收齐后15日内组织评审。|教研机构
护士每2小时巡房1次,危重患者每30分钟巡视1次。|护士;护士
4.8采购部每月盘点一次。\n4.9公司每年审计一次。\n4.10人力资源部每年组织培训2次。|采购部;公司;人力资源部
街道要加强管理,思想上要重视,行动上要落实。|街道;街道;街道
"""
CARRIED = r"""
副院长每月深入实验室不少于2次,每次检查实验室不少于3间。|副院长;副院长
关于走访的通知\n各乡镇人民政府：\n县级领导每月下访1次。走访中的问题,请于2022年7月底前反馈县委办。|县级领导;各乡镇人民政府
县委办每月通报1次。陪同人员不超过2人。每季度应当列出清单。|县委办;县委办;县委办
任何单位和个人不得占用消防通道,不得埋压消火栓。办公室每月检查一次。|任何单位和个人;任何单位和个人;办公室
发展改革、市场监管等部门按照职责,每半年联合检查一次。|发展改革、市场监管等部门
采购员要货比三家。审批单由采购部填写,3日内归档。|采购员;采购部
一、压实学校主体责任。要建立台账。\n二、强化部门监管责任。每季度抽查不少于2次。|学校;部门
县级领导每季度调研1次。不得由他人代替。|县级领导;县级领导
第一条 村长要巡查,镇长要督查。\n第二条 宣传栏应当每月更新一次。|村长;镇长;宣传栏
第一条 镇长要督查。镇长要检查。镇长要走访。\n第二条 应当每月更新一次台账。|镇长;镇长;镇长;镇长
第一条 村长要巡查,镇长要督查,县长要检查。\n第二条 应当每月更新一次台账。|村长;镇长;县长;无
"""

# Names of every kind, and where a subject stands: before a modal word, a measure, a verb; after 由.
NAMES = """
专(兼)职食品安全员 校长(园长) 学校食品安全总监 食堂承包经营者 校外供餐企业 各班班主任 值周教师 年级主任 中层以上干部 分管副校长 分管安全的副总经理 采购部经理 部门经理以上人员 需求部门负责人 项目经理部
监理工程师 现场安全管理人员 特种作业人员 电动自行车所有人 充电设施运营企业 小区物业服务企业 楼道长 村民小组长 红白理事会 村民议事会 道德评议会 村务监督委员会主任 党员代表 户主 各家各户 沿街商户 养殖大户
外出务工人员 水利管理站 灌区管理局 渠道管理所 用水户协会 支渠长 放水员 夜市经营者 夜市管理机构 摊位经营者 自治县市场监督管理部门 图书管理员 流通图书馆 各参与馆 借阅人 读者 合作馆 巡回车驾驶员 志工队
借阅单位 行署水利处 各县(市)水利局 人民公社 生产大队 水库管理单位 防汛指挥部办公室 危险化学品生产经营单位 县级以上地方人民政府应急管理部门 消防救援支队 安全总监 企业法定代表人 有限空间作业单位
承包单位现场负责人 规模以上企业 注册安全工程师 第三方服务机构 高层建筑管理单位 公安派出所 教育部门和学校 学校和幼儿园 各地教育行政部门 省级教育、市场监管、卫生健康部门 有条件的学校 寄宿制学校 农村义务教育学校
学生及其家长 膳食委员会成员 一线操作人员 新入职员工 离职员工 供应商和承包商 三人以上的评审小组 招标代理机构 财务人员 出纳员 合同管理员 公司领导班子成员 总公司及各分公司 子公司 集团各部室 股份公司董事会秘书
院感科 医务科科长 临床科室 主治医师及以上人员 药学部门 急诊科护士 实习生 规培医师 公交驾驶员 客运企业 网约车驾驶员 船舶经营人 渔船船东 景区管理委员会 导游 旅行社领队 民宿业主 房屋出租人 用工单位
劳务派遣单位 灵活就业人员 失业人员 退役军人 残疾人专职委员 儿童主任 低保经办人员 乡镇民政办 救助管理站 敬老院院长 县档案馆 各立档单位 信息系统运营者 数据处理者 网络平台提供者 个人信息处理者
"""
FRAMES = (
    "{}应当每月检查一次台账。",
    "{}每月检查一次台账。",
    "{}发现隐患后,应当在2小时内报告。",
    "凡有隐患的,由{}在3日内处理。",
    "{}要做好记录,不得隐瞒。",
)


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


@pytest.mark.parametrize(
    ("who", "levels"),
    [("县（市）级河长", ("county",)), ("各区（市、县）政府", ("county",)), ("不设区的市政府", ("county",)), ("县级市政府", ("county",)),
     ("市、县（区）政府", ("city", "county")), ("市（地）、县（市）政府", ("city", "county"))],
)  # fmt: skip
def test_a_bracket_after_a_county_names_what_ranks_with_it(who: str, levels: tuple[str, ...]) -> None:
    assert [row.subject_level for row in rows(f"{who}应当每年检查一次。")] == [levels]


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


@pytest.mark.parametrize("frame", FRAMES)
def test_names_are_whole(frame: str) -> None:
    wrong = {name: rows(frame.format(name))[0].subject for name in NAMES.split()}
    assert {name: found for name, found in wrong.items() if found != name} == {}
