"""How statutes and ordinances put their duties: quorums, deadlines that open a sentence, lasting bans, those who act."""

from __future__ import annotations

import pytest

from siga_nlp.extraction import extract
from siga_nlp.models import Document, Requirement

MARKS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "=", "range": ""}

# form: text, (subject, action, figures) of each row
CASES: dict[str, tuple[str, list[tuple[str | None, str | None, str]]]] = {
    "an event that counts something": (
        "理事会应当自收到十名以上会员书面要求、理由说明之日起二十日内,召开临时会员大会。",
        [("理事会", "召开临时会员大会", "within P20D")],
    ),
    "a deadline that opens a sentence": (
        "租赁合同期限届满三十日前,出租人应当书面告知承租人是否续租。",
        [("出租人", "书面告知承租人是否续租", "P30D before")],
    ),
    "a deadline that opens a sentence, after who acts": (
        "理事会任期届满两个月前,应当组织换届选举。",
        [("理事会", "组织换届选举", "P2M before")],
    ),
    "as Hong Kong and Macau draft": (
        "营办者须在意外发生后三个历日内向署长呈报,并须每年接受检查一次。承批人须自判给通知日起计十日内缴付担保金。",
        [
            ("营办者", "向署长呈报", "within P3D"),
            ("营办者", "接受检查", "=1次/P1Y"),
            ("承批人", "缴付担保金", "within P10D"),
        ],
    ),
    "how long a ban lasts": (
        "申请人在三年内不得再次申请。",
        [("申请人", "再次申请", "=3年")],
    ),
    "a round that is none": (
        "驾驶员应当在本记分周期结束后三十日内接受审验。",
        [("驾驶员", "接受审验", "within P30D")],
    ),
    "from when on is no amount": (
        "申请人应当在十日后重新预约。",
        [("申请人", "在十日后重新预约", "")],
    ),
    "years that only describe who acts": (
        "新手上路应当由持证三年以上的驾驶人陪同。",
        [("持证三年以上的驾驶人", "陪同", "")],
    ),
    "seconds": (
        "调度员应当在十秒内接听电话,一分钟内向救护站发出指令,并记录。",
        [("调度员", "接听电话", "within PT10S"), ("调度员", "向救护站发出指令", "within PT1M")],
    ),
    "months before an event of any name": (
        "主管部门应当于评鉴六个月前公告指标。",
        [("主管部门", "公告指标", "P6M before")],
    ),
    "those who may demand something": (
        "本社五分之一以上的社员联名,可以要求罢免理事。",
        [("本社五分之一以上的社员", "要求罢免理事", "")],
    ),
    "a share that is a condition": (
        "经百分之二十以上的业主申请,街道办事处应当指导召开业主大会。",
        [("街道办事处", "指导召开业主大会", "")],
    ),
    "a quorum and what it allows": (
        "会员大会须有三分之二以上会员出席,方可召开。",
        [("会员大会", "有会员出席", "≥0.666667")],
    ),
    "a share each": (
        "合同草案应当经代表过半数或者全体职工过半数同意。",
        [("合同草案", "合同草案经代表", ">0.5"), ("合同草案", "全体职工同意", ">0.5")],
    ),
    "向 with its verb": (
        "管理处应当向社会公布收费标准,接受监督。",
        [("管理处", "向社会公布收费标准", "")],
    ),
    "以书面形式": (
        "任何一方均可以书面形式提出变更要求。",
        [("任何一方", "以书面形式提出变更要求", "")],
    ),
    "方 and 可以": (
        "利润增长的,职工方可以提出协商要求。",
        [("职工方", "提出协商要求", "")],
    ),
    "what a rule elsewhere demands": (
        "公司应当执行前款规定。法律法规规定应当提交会议审议的事项,公司不得自行决定。",
        [("公司", "执行前款规定", ""), ("公司", "自行决定", "")],
    ),
    "encouraging as a duty of media": (
        "新闻媒体应当开展公益宣传,倡导自救互救理念。",
        [("新闻媒体", "开展公益宣传", "")],
    ),
    "who acts in the condition before": (
        "除不可抗力外,运行单位接到乘客被困的报警后,应当在三十分钟内到达现场。",
        [("运行单位", "到达现场", "within PT30M")],
    ),
    "whoever acts stands after 由": (
        "合同签订后,应当自签字之日起十日内,由企业方将合同报送主管部门。",
        [("企业方", "将合同报送主管部门", "within P10D")],
    ),
    "a number of people is no party": (
        "职工人数不足一百人的,代表名额不得少于三十名。",
        [("代表名额", "代表名额", "≥30名")],
    ),
    "an organ's verb 组织": (
        "车辆管理所组织考试前应当公布考场。",
        [("车辆管理所", "公布考场", "")],
    ),
    "what opens the sentence is measured": (
        "走廊宽度,单侧设有教室的,不得小于二米。",
        [("走廊宽度", "走廊宽度", "≥2米")],
    ),
    "below zero": (
        "冷冻食品应当保持在摄氏零下十八度以下。",
        [("冷冻食品", "冷冻食品保持", "≤-18度")],
    ),
    "degrees by their sign": (
        "供水单位应当保证出水温度不低于45℃。",
        [("供水单位", "保证出水温度", "≥45℃")],
    ),
    "a limit after 应": (
        "设备噪声应低于六十分贝。",
        [("设备噪声", "设备噪声", "<60分贝")],
    ),
    "how hot and how long": (
        "餐馆应当以摄氏八十度以上之热水冲洗二分钟以上。",
        [("餐馆", "热水冲洗", "≥80度"), ("餐馆", "热水冲洗", "≥2分钟")],
    ),
    "when a season is": ("供水旺季为每年5月1日至9月30日。", []),
    "cases of several clauses": (
        "面积在三百平方米以上,或者人数在五十人以上的,应当配备医务人员二名。",
        [(None, "配备医务人员", "=2名")],
    ),
    "what kind of thing": (
        "供水企业应当备案。四层以下建筑物,由供水企业每年检修一次。",
        [("供水企业", "备案", ""), ("供水企业", "检修", "=1次/P1Y")],
    ),
    "what counts as something": ("供水企业应当测温,连续测量合格的,视为当日合格。", [("供水企业", "测温", "")]),
    "kept until": ("记录应当保存至合同终止后五年。", [("记录", "记录保存", "=5年")]),
    "counted as": ("工期未满一年的,以一年计。", [(None, "计", "=1年")]),
    "those for whom things are done": (
        "供水企业应当抄表。用户认为水压不达标的,可以向供水企业提出检测要求。",
        [("供水企业", "抄表", ""), ("用户", "向供水企业提出检测要求", "")],
    ),
    "whom one is forbidden to employ": (
        "禁止聘用未取得资格的驾驶人驾驶客车。",
        [(None, "聘用未取得资格的驾驶人驾驶客车", "")],
    ),
    "whence somebody comes": (
        "业主代表由业主大会选举产生,任期五年。",
        [("业主代表", "任期", "=5年")],
    ),
    "a list behind a measure": (
        "供水企业应当在五日内完成下列工作:\n(一)公布电话;\n(二)检查管网。",
        [("供水企业", "完成下列工作", "within P5D"), ("供水企业", "公布电话", ""), ("供水企业", "检查管网", "")],
    ),
    "a list behind 应当": (
        "企业向用户供水,应当:\n(一)与用户签订合同;\n(二)保证水质。",
        [("企业", "与用户签订合同", ""), ("企业", "保证水质", "")],
    ),
    "a place with a list of forbidden acts": (
        "在水源周围五十米范围内,禁止下列行为:\n(一)养殖畜禽;\n(二)堆放垃圾。",
        [(None, "下列行为", "≤50米"), (None, "养殖畜禽", ""), (None, "堆放垃圾", "")],
    ),
    "an act and a ban in one item": (
        "企业应当遵守下列规定:\n(一)按时供水,不得停水;\n(二)公示水价。",
        [("企业", "按时供水", ""), ("企业", "停水", ""), ("企业", "公示水价", "")],
    ),
    "what somebody gets in a case": (
        "职工工作满十年不满二十年的,年休假十天;满二十年的,年休假十五天。",
        [("年休假", "年休假", "=10天"), ("年休假", "年休假", "=15天")],
    ),
    "so long at most": ("失业人员领取期限最长为十二个月。", [("失业人员", "领取期限", "≤12个月")]),
    "within any such time": (
        "驾驶员二十四小时内累计驾驶不得超过八小时。",
        [("驾驶员", "累计驾驶", "/PT24H ≤8小时")],
    ),
    "shares of two kinds": (
        "保修期不得低于2年或者行驶里程50,000公里。",
        [("保修期", "保修期", "≥2年"), ("保修期", "行驶里程", "≥50000公里")],
    ),
    "within a term, who acts": (
        "保修期内销售者收到退货要求的,应当自收到要求之日起10日内答复。",
        [("销售者", "答复", "within P10D")],
    ),
    "a deadline that belongs to a case": (
        "汽车自售出之日起7日内,因质量问题需要更换发动机的,消费者可以选择更换。",
        [("消费者", "选择更换", "")],
    ),
    "who cannot": (
        "对不能诊治的病人,医师应当及时转诊。",
        [("医师", "及时转诊", "")],
    ),
    "a committee named after what it does": (
        "选民有意见的,可以提出申诉。选举委员会对申诉意见,应当在三日内作出决定。",
        [("选民", "提出申诉", ""), ("选举委员会", "作出决定", "within P3D")],
    ),
    "what one must be told is told": (
        "保险公司应当自收到申请之日起一日内,书面告知投保人需要提供的证明。",
        [("保险公司", "书面告知投保人需要提供的证明", "within P1D")],
    ),
    "a body named after a place and what it does": (
        "区、县选举委员会由十五人至二十九人组成。",
        [("区、县选举委员会", "组成", "15-29人")],
    ),
    "so many of those who act": (
        "辨认由二名以上办案民警主持。",
        [("办案民警", "辨认主持", "≥2名")],
    ),
    "to whom a thing was done": (
        "复议机关应当受理。被处罚的单位对决定不服的,可以在十五日内申请复议。",
        [("复议机关", "受理", ""), ("被处罚的单位", "申请复议", "within P15D")],
    ),
    "who acts, and how many at least": (
        "公安机关进行检查时,人民警察不得少于二人。",
        [("公安机关", "人民警察", "≥2人")],
    ),
    "of whom a body is made": (
        "单位应当设立安全委员会,由负责人和职工代表组成,其中职工代表不得少于五分之一。",
        [("单位", "设立安全委员会", ""), ("单位", "职工代表", "≥0.2")],
    ),
    "a refusal is no ban": (
        "公安机关应当作出决定。不符合规定的,作出不准予鉴定的决定,并在三日内书面通知申请人。",
        [("公安机关", "作出决定", ""), ("公安机关", "书面通知申请人", "within P3D")],
    ),
    "the last time is no count": (
        "雇主应当将最近一次检测记录交予医师。",
        [("雇主", "将最近一次检测记录交予医师", "")],
    ),
    "a round between two lengths": (
        "供水单位应当每六至十年进行一次安全鉴定,每隔三年更换一次水表。",
        [("供水单位", "进行安全鉴定", "=1次/P10Y"), ("供水单位", "更换水表", "=1次/P3Y")],
    ),
    "months that are named": (
        "供水单位于每年三月、九月各检测一次。",
        [("供水单位", "检测", "=2次/P1Y")],
    ),
    "a date before the last one": (
        "供水单位应当于每年6月20日、12月20日前报送报告。",
        [("供水单位", "报送报告", "/P1Y by --12-20")],
    ),
    "at what rate": (
        "矿山企业应当按照不低于从业人员百分之一的比例配备安全员。",
        [("矿山企业", "配备安全员", "≥1%")],
    ),
    "how long a ban lasts, behind its word": (
        "申请人不得在三个月内再次申请。",
        [("申请人", "再次申请", "=3个月")],
    ),
    "how long a ban lasts, from when": (
        "申请人自收到通知之日起5年内不得担任负责人。",
        [("申请人", "担任负责人", "=5年")],
    ),
    "a name that holds a numeral": (
        "医疗机构应当通知所在地红十字会。",
        [("医疗机构", "通知所在地红十字会", "")],
    ),
    "composed of experts": (
        "伦理委员会由医学、法学方面专家组成,成员不超过九人。",
        [("伦理委员会", "成员", "≤9人")],
    ),
    "those who hold something": (
        "旅客持有有效护照的,可以直接办理手续。",
        [("旅客", "直接办理手续", "")],
    ),
    "who is fined besides": (
        "有前款情形的,由旅游局责令改正,并处五千元罚款,可以暂停其资格。",
        [("旅游局", "暂停其资格", "")],
    ),
    "an event that names a paragraph": (
        "登记机关应当自收到前款规定的材料之日起十日内作出决定。",
        [("登记机关", "作出决定", "within P10D")],
    ),
    "an event that is numbered": (
        "业主委员会应当在第一次业主大会会议召开后三十日内备案。",
        [("业主委员会", "备案", "within P30D")],
    ),
    "from when the rules hold": (
        "培训机构应当自本条例施行之日起1年内办理登记。",
        [("培训机构", "办理登记", "within P1Y")],
    ),
    "those who were set up before": (
        "本条例实行前已经成立的事业单位,应当办理登记。",
        [("本条例实行前已经成立的事业单位", "办理登记", "")],
    ),
    "a relative name before a preposition": (
        "接到举报的部门对属于职责范围内的事项,应当及时处理。",
        [("接到举报的部门", "及时处理", "")],
    ),
    "a share of ten thousand": (
        "平台企业应当按照不高于交易额万分之五的比例收取费用。",
        [("平台企业", "收取费用", "≤0.0005")],
    ),
    "shares of two kinds": (
        "企业应当按照千分之五至百分之一提取费用。",
        [("企业", "提取费用", "0.5-1%")],
    ),
    "how many terms": (
        "会长任期四年,连任不得超过两届。",
        [("会长", "任期", "=4年"), ("会长", "连任", "≤2届")],
    ),
    "told all at once": (
        "登记机关应当在五日内一次告知申请人。",
        [("登记机关", "一次告知申请人", "within P5D")],
    ),
    "what one knows or ought to know": (
        "企业应当在知道或者应当知道事故发生之日起24小时内报告。",
        [("企业", "报告", "within PT24H")],
    ),
}

NATIVE: dict[str, tuple[str, list[tuple[str | None, str | None, str]]]] = {
    "staff of a list": (
        "長照機構除主任外,應依下列規定配置工作人員:\n一、護理人員:隨時保持至少有一人值班;每照顧二十人應置一人;未滿二十人者,以二十人計。\n"
        "二、社工人員:照顧未滿八十人者,至少置一人。\n三、照顧服務員:夜間每照顧二十五人應置一人。",
        [
            ("長照機構", "依下列規定配置工作人員", ""),
            ("長照機構", "隨時保持有值班", "≥1人"),
            ("長照機構", "置護理人員", "=1人"),
            ("長照機構", "置社工人員", "≥1人"),
            ("長照機構", "夜間置照顧服務員", "=1人"),
        ],
    ),
    "a thing that each is to have so much of": (
        "第二條 安養機構樓地板面積,按人數計算,平均每人應有二十平方公尺以上。",
        [("安養機構", "有樓地板面積", "≥20平方公尺")],
    ),
    "things under an item": (
        "養護機構應符合下列規定:\n一、走道應設扶手。\n二、護理站應具下列設備:\n(一)準備室。\n(二)輪椅。",
        [("養護機構", "設扶手", ""), ("護理站", "具下列設備", "")],
    ),
    "a case in several parts": (
        "起造人應申請勘驗。竣工尺寸,高度誤差在百分之一以下;面積誤差在百分之三以下者,視為符合核定計畫。",
        [("起造人", "申請勘驗", "")],
    ),
    "a body with a short name": (
        "臺東縣樂齡學習審議會(以下簡稱審議會)置委員九人至十三人,主任委員由處長兼任,副主任委員一人。",
        [
            ("臺東縣樂齡學習審議會(以下簡稱審議會)", "置委員", "9-13人"),
            ("臺東縣樂齡學習審議會(以下簡稱審議會)", "置副主任委員", "=1人"),
        ],
    ),
    "who appoints the members of a list": (
        "審議會置委員九人,其餘委員由處長就下列有關人員聘(派)兼之:\n(一)本府主計處代表一人。",
        [("審議會", "置委員", "=9人"), ("處長", "本府主計處代表", "=1人")],
    ),
    "a body and those it is made of": (
        "館藏委員會由委員五人至七人組成。",
        [("館藏委員會", "由委員組成", "5-7人")],
    ),
    "those who vote": (
        "本會會議應有二分之一以上委員出席始得開會;經出席委員過半數同意,始得作成決議。",
        [("委員", "出席", "≥0.5"), ("出席委員", "同意", ">0.5")],
    ),
    "several deadlines in a row": (
        "受補助單位應於活動結束後一個月內,最遲於當年度十二月十日前,檢附成果報告送本府核銷。",
        [
            ("受補助單位", "檢附成果報告送本府核銷", "within P1M"),
            ("受補助單位", "檢附成果報告送本府核銷", "by --12-10"),
        ],
    ),
    "those who apply, after the authority that agrees": (
        "申請人應繳納保證金。保證金經當地主管機關同意者,得分期繳納。",
        [("申請人", "繳納保證金", ""), ("申請人", "分期繳納", "")],
    ),
    "a short name that acts": (
        "受委託處理廢水之公司(以下簡稱受託者)應取得許可。主管機關得派員檢查。受託者收受廢水後,應於二十四小時內處理。",
        [
            ("受委託處理廢水之公司(以下簡稱受託者)", "取得許可", ""),
            ("主管機關", "派員檢查", ""),
            ("受託者", "處理", "within PT24H"),
        ],
    ),
    "whose size is told": (
        "主管機關應輔導。事業單位勞工人數在三十人以上者,應置管理人員一人。",
        [("主管機關", "輔導", ""), ("事業單位", "置管理人員", "=1人")],
    ),
    "a trade named in Taiwan only": (
        "主管機關應公告格式。事業應於每月十日前,以網路傳輸方式申報。",
        [("主管機關", "公告格式", ""), ("事業", "以網路傳輸方式申報", "/P1M by ---10")],
    ),
    "from before an end on": (
        "期滿仍繼續使用者,應自期滿六個月前起五個月之期間內,向核發機關申請展延。",
        [("期滿仍繼續使用者", "向核發機關申請展延", "P6M before")],
    ),
    "how long at most": (
        "主管機關應於三十日內完成審查;必要時,得延長一次,最長以三十日為限。",
        [
            ("主管機關", "完成審查", "within P30D"),
            ("主管機關", "延長", "=1次"),
            ("主管機關", "延長", "≤30日"),
        ],
    ),
    "in which case, and not who": (
        "事業單位應置管理人員。勞工人數在三百人以上者,應另置護理人員二人。",
        [("事業單位", "置管理人員", ""), ("事業單位", "另置護理人員", "=2人")],
    ),
    "what only an authority can do": (
        "主管機關應通知業者限期改善。屆期未改善者,得廢止其許可。",
        [("主管機關", "通知業者限期改善", ""), ("主管機關", "廢止其許可", "")],
    ),
    "whom a share is for, and of what": (
        "主管機關應訂定辦法。經營餐飲之業者,其從業人員持證比率規定如下:\n一、觀光旅館之餐廳:百分之八十。\n二、外燴飲食業:百分之七十。",
        [
            ("主管機關", "訂定辦法", ""),
            ("觀光旅館之餐廳", "其從業人員持證比率", "=80%"),
            ("外燴飲食業", "其從業人員持證比率", "=70%"),
        ],
    ),
    "what is measured, and for whom": (
        "活動室面積,每名幼兒不得小於二平方公尺。",
        [(None, "活動室面積", "≥2平方公尺")],
    ),
    "the next day before which": (
        "承造人於送達之次日方得繼續施工。",
        [("承造人", "繼續施工", "")],
    ),
    "staff under a label": (
        "安置機構應設院長,並應依下列規定配置人員:\n一、護理人員:每照顧十五人應置一人;未滿十五人者,以十五人計。",
        [
            ("安置機構", "設院長", ""),
            ("安置機構", "依下列規定配置人員", ""),
            ("安置機構", "置護理人員", "=1人"),
        ],
    ),
    "whose term": (
        "委員會置委員九人,其中一人為主任委員,由秘書長兼任。委員任期二年。",
        [("委員會", "置委員", "=9人"), ("委員會", "為主任委員", "=1人"), ("委員", "任期", "=2年")],
    ),
    "an annex's number": (
        "雇主應依附表三所定項目,辦理健康檢查。",
        [("雇主", "辦理健康檢查", "")],
    ),
    "several openers": (
        "雇主應視工作場所之規模,分別依附表二所定之人力配置,僱用護理人員。",
        [("雇主", "僱用護理人員", "")],
    ),
}


def figures(row: Requirement) -> str:
    """The values of a row in short: ``≥1次/P1Y ≥2个月 by 2025``."""
    found = []
    if f := row.frequency:
        found.append("" if f.op is None or f.count is None else f"{MARKS[f.op]}{f.count:g}次")
        found[-1] += f"/{f.period}" if f.period else ""
    if q := row.quantity:
        most = "" if q.max is None else f"-{q.max:g}"
        found.append(f"{MARKS[q.op]}{q.value:g}{most}{q.unit or ''}")
    return " ".join([*found, row.deadline or ""]).strip()


def said(row: Requirement) -> tuple[str | None, str | None, str]:
    return row.subject, row.action, figures(row)


@pytest.mark.parametrize("form", CASES)
def test_forms(form: str) -> None:
    text, expected = CASES[form]
    assert [said(row) for row in extract(Document("x", text))] == expected


@pytest.mark.parametrize("form", NATIVE)
def test_native_forms(form: str) -> None:
    text, expected = NATIVE[form]
    # Words of a text in the Taiwanese manner, so that it is read as one.
    rows = extract(Document("x", "本辦法所稱主管機關,為之者,於該管機關之權責得委託他機關辦理之。\n" + text))
    assert [said(row) for row in rows if row.start > 30] == expected


def test_whom_a_paragraph_points_back_to() -> None:
    """前項人員 act in their paragraph; in the next it is the one who is charged with the article."""
    text = "第一條 事業單位應設急救站。\n前項急救人員不得離開崗位。\n第一項急救藥品,應置於適當處所。\n"
    rows = extract(Document("x", "規則\n" + text + "第二條 主管機關得委託辦理之者,應於期限內為之。\n"))
    assert [row.subject for row in rows][:3] == ["事業單位", "前項急救人員", "事業單位"]


def test_a_deadline_before_its_clause_is_quoted_whole() -> None:
    row = extract(Document("x", "租赁合同期限届满三十日前,出租人应当书面告知承租人。"))[0]
    assert row.text == "租赁合同期限届满三十日前,出租人应当书面告知承租人"
    assert row.measure == "三十日前"
