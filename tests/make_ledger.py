"""Writes the sample ledger ``corpus/ledgers/qingxiu-2024.csv``: what several hands recorded of an invented city's year.

The records below are written by hand; the script only writes their dates in the forms that each hand uses. What a
careful person finds in them is in ``tests/gold/findings/qingxiu-2024.csv``, written from the text and these records.

    python tests/make_ledger.py
"""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

TARGET = Path(__file__).parents[1] / "corpus" / "ledgers" / "qingxiu-2024.csv"
TITLE = "青岫市2024年“四下基层”活动台账（汇总稿）"
HEADING = ["序号", "活动时间", "参加人员", "所在单位", "职务/\n级别", "活动内容", "天数", "备 注"]
YEAR = 2024
_CHINESE = "〇一二三四五六七八九"


def _numeral(n: int) -> str:
    tens, ones = divmod(n, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _CHINESE[tens] + "十") + (_CHINESE[ones] if ones else "")


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)


# The forms of each hand, used in turn.
FORMS = {
    "iso": lambda d: f"{d.year}-{d.month}-{d.day}",
    "slash": lambda d: f"{d.year}/{d.month:02d}/{d.day:02d}",
    "dot": lambda d: f"{d.year}.{d.month}.{d.day}",
    "zh": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "short": lambda d: f"{d.month}月{d.day}日",
    "wide": lambda d: _wide(f"{d.year}年{d.month}月{d.day}日"),
    "numeral": lambda d: f"二〇二四年{_numeral(d.month)}月{_numeral(d.day)}日",
    "serial": lambda d: str((d - date(1899, 12, 30)).days),
    "roc": lambda d: f"民國{d.year - 1911}年{d.month}月{d.day}日",
    "clock": lambda d: f"{d.year}-{d.month:02d}-{d.day:02d} 09:30",
}
HANDS = {"市委办": ["iso", "dot"], "市府办": ["slash", "clock"], "石棠": ["short", "zh"], "云溪": ["zh", "wide", "serial"],
         "村": ["short"], "督查": ["numeral", "iso"], "其他": ["iso", "roc"]}  # fmt: skip

# hand; who, unit, level; what was done (in turn); days: M/D, or M/D-M/D with 天数 after *
# A text in 「」 instead of days is written as it stands.
RECORDS = """
市委办|陈某|市委|市级领导|接待来访群众3批7人;信访接待日接访群众2批5人;到市信访局接访，化解积案1件;下访接待群众4批|2/20 5/16 8/8 11/14
市委办|陈某|市委|市级领导|到棉湖镇现场办公，陪同1人;到开发区现场办公，陪同2人|3/12 6/4 9/10 12/3
市委办|陈某|市委|市级领导|到社区宣讲，40分钟;在市委党校宣讲1场|1/18 4/11 10/24
市委办|陈某|市委|市级领导|到基层调研;赴石棠县调研产业发展|2/26-3/1 4/15-4/19 7/8-7/12 9/2-9/6 10/14-10/18
市委办|陈某|市委|市级领导|到河口镇柳湾村蹲点调研|5/27-5/29*3
市委办|陈某|市委|市级领导|到联系点为党员讲党课1次|6/28
市委办|陈某|市委|市级领导|到联系点河口镇走访|10/30
市委办|陈某|市委|市级领导|包案2件，已明确化解责任人|3/18
市委办|陈某|市委|市级领导|参加全市植树;出席企业开工仪式;赴外地招商|3/14 5/8 11/20-11/22
市府办|林某|市政府|市级领导|接访群众3批9人;接待来访群众2批|1/25 4/9 7/23
市府办|林某|市政府|市级领导|接待来访群众2批|4/9
市府办|林某|市政府|市级领导|接访群众1批2人|「2014/10/15」
市府办|林某|市政府|市级领导|现场办公，研究水渠修复，陪同2人;现场办公1次，陪同2人|2/27 5/21 5/28 8/13
市府办|林某|市政府|市级领导|政策宣讲，50分钟;到企业宣讲惠企政策，1小时|3/15 6/20 9/12 12/12
市府办|林某|市政府|市级领导|驻棉湖镇调研;到云溪区调研防汛|1/8-1/26 3/4-3/22 5/6-5/24 7/1-7/19 9/16-9/30 11/4-11/15 11/11-11/20
市府办|林某|市政府|市级领导|到青龙村蹲点调研|8/20*1
市府办|林某|市政府|市级领导|赴联系点棉湖镇检查备耕|4/25
市府办|林某|市政府|市级领导|包案1件|4/12
市府办|赵某|市政府|市级领导|接访群众2批;下访接待群众3批8人|7/30 10/10
市府办|赵某|市政府|市级领导|到医院现场办公，陪同2人;到学校现场办公，陪同1人|9/5 11/7
市府办|赵某|市政府|市级领导|到高校宣讲，45分钟|8/22
市府办|赵某|市政府|市级领导|到基层调研医改|10/8-10/12
市府办|赵某|市政府|市级领导|到云溪区竹山镇蹲点调研|11/19-11/21*3
市府办|赵某|市政府|市级领导|到联系点竹山镇走访|12/5
石棠|王某|石棠县委|县级领导|接访群众2批;在县信访局接访，3批6人;下访接待群众1批|1/10 1/24 3/6 3/20 4/10 4/24 5/8 6/12 6/26 7/10 7/24 9/11 9/25 10/9 10/23 11/13 11/27 12/11 12/25
石棠|王某|石棠县委|县级领导|接访2次，接待群众5批12人|2/21
石棠|王某|石棠县委|县级领导|到乡镇现场办公，陪同2人|3/20 6/19 12/18
石棠|王某|石棠县委|县级领导|到水库现场办公，陪同4人|9/18
石棠|王某|石棠县委|县级领导|下乡镇调研|3/11-3/15 6/3-6/7
石棠|王某|石棠县委|县级领导|蹲点调研|9/23-9/24*2
石棠|王某|石棠县委|县级领导|到企业宣讲，30分钟;到村宣讲，50分钟|5/9 11/6
石棠|王某|石棠县委|县级领导|讲党课1次|7/1
石棠|王某|石棠县委|县级领导|到联系点走访群众|3/29 10/11
石棠|王某|石棠县委|县级领导|主持防汛调度;慰问老党员|6/21 7/1
石棠|李某|石棠县政府|县级领导|接访群众2批4人;下访，接待群众若干人|1/9 1/23 2/6 2/27 3/5 3/19 4/2 4/16 5/14 5/28 6/4 6/18 7/2 7/16 8/6 8/20 9/3 9/17 10/8 10/15 10/29 11/5 12/3 12/17
石棠|李某|石棠县政府|县级领导|接访群众1批|「十一月上旬」
石棠|李某|石棠县政府|县级领导|到园区现场办公，陪同2人;到集镇现场办公，陪同1人|3/6 3/13 3/20 3/27
石棠|李某|石棠县政府|县级领导|驻乡镇调研春耕和产业|4/1-5/20
石棠|李某|石棠县政府|县级领导|到石桥乡调研|5/13-5/17*3
石棠|李某|石棠县政府|县级领导|解剖麻雀式调研|10/21-10/23*3
石棠|李某|石棠县政府|县级领导|宣讲1场|3/28
石棠|李某|石棠县政府|县级领导|到联系点石桥乡走访|2/28
石棠|李某|石棠县政府|县级领导|=HYPERLINK("http://example.invalid/","现场照片")|10/30
石棠|李某|石棠县政府|县级领导|参加县委常委会;检查安全生产|4/18 8/15 12/26
云溪|王某|云溪区政府|县级领导|接访群众3批;信访接待日接访2批5人;约访信访人1批|1/5 1/19 2/2 2/23 3/1 3/15 4/12 4/26 5/10 5/24 6/7 6/21 7/5 7/19 8/2 8/16 9/6 9/20 10/11 10/25 11/8 11/22 12/6
云溪|王某||县级领导|接访群众1批3人|12/18
云溪|王某|云溪区政府|县级领导|现场办公，陪同2人|2/6 5/15 8/14
云溪|王某|云溪区政府|县级领导|原定到竹山镇现场办公，因天气取消|11/13
云溪|王某|云溪区政府|县级领导|宣讲，50分钟|2/2 6/14
云溪|王某|云溪区政府|县级领导|到工地宣讲1.5小时|10/25
云溪|王某|云溪区政府|县级领导|赴联系点走访;联系点走访2户|6/30 7/5
云溪|周某|云溪区委|县级领导|接访群众2批;接待来访群众1批2人|1/11 1/25 2/8 2/22 3/7 3/21 4/11 4/25 5/9 5/23 6/6 6/20 7/11 7/25 9/5 9/19
云溪|周某|云溪区委|县级领导|多次接访，处理重点信访件|8/14
云溪|周某|云溪区委|县级领导|现场办公，陪同1人|1/16 4/17 7/10
云溪|周某|云溪区委|县级领导|到镇街调研|2/19-2/23
云溪|周某|云溪区委|县级领导|宣讲1场|4/2
云溪|周某|云溪区委|县级领导|到联系点走访|5/23
村|孙某|河口镇柳湾村|驻村干部|驻村;在村工作|1/2-1/12 1/15-1/24 2/1-2/8 2/19-2/28 3/1-3/11 3/14-3/23 4/1-4/11 4/22-5/6 5/13-5/27 6/3-6/13 6/17-6/26 7/1-7/12 7/8-7/20 8/1-8/11 8/15-8/24 9/2-9/12 9/16-9/25 10/8-10/18 10/21-10/30 11/1-11/11 11/14-11/23 12/2-12/13 12/16-12/22
村|吴某|竹山镇青竹村|驻村干部|驻村|「1月*22」 「2月*20」 「3月份*22」 「4月*21」 「5月*20」 「6月*20」 「7月*若干」 「8月*20」 「9月*22」 「10月*20」 「11月*20天半」 「12月*15」
村|吴某|竹山镇青竹村|驻村干部|回市直单位承担原单位工作|11/26
督查||市政府督查室||通报现场办公议定事项进度|1/31 2/29 4/30 5/31 6/14 6/28 7/31 8/30 10/31 11/29 12/31
督查||市委督查室||开展暗访，发现问题6个|5/22
督查||市委督查室||暗访结果向全市通报|6/5
其他||市信访局||公布2月领导干部接访安排;公布5月领导干部接访安排|1/25 4/26
其他||市委组织部||选派驻村干部48名|3/1
其他||石棠县委办公室||向市委办公室报送工作情况|10/28
其他||云溪区委办公室||向市委办公室报送全年工作情况|11/6
其他|何某|临峪市信访局|县级领导|接访群众4批|6/18
其他|王某|临峪市委|县级领导|接访群众2批|12/20
其他|冯某|竹山镇|乡级领导|接待来访群众2批;下访接待群众1批;接访3批|1/4 1/18 2/1 2/21 3/7 3/21 4/3 4/18 5/9 5/23 6/6 6/20 7/4 7/18 8/1 8/15 9/5 9/19 10/10 10/24 11/7 11/21 12/5 12/19
其他|冯某|竹山镇|乡级领导|组织防火巡查;参加镇人大会议|2/14 4/4 10/1 12/28
其他||市信访局||公布领导干部接访安排|2/26 3/27 5/28 6/26 7/29 8/28 9/26 10/29 11/27 12/27
其他|郑某|市档案局|科级|接访群众1批|9/9
"""


def rows() -> list[list[str]]:
    """The lines of the sheet, heading and all."""
    out = [[TITLE], ["汇总单位：市委办公室", "", "", "", "", "", "计量：天"], HEADING]
    number = 0
    for line in RECORDS.strip().splitlines():
        hand, person, unit, level, texts, days = line.split("|")
        choices = texts.split(";")
        for n, day in enumerate(days.split()):
            number += 1
            shown, length = _days(day, HANDS[hand], n)
            out.append([str(number), shown, person, unit, level, choices[n % len(choices)], length, ""])
            if number == 150:
                out.append(HEADING)  # a printed page was typed in, heading and all
    out.append(["合计", "", "", "", "", f"{number}条", "", ""])
    return out


def _days(day: str, forms: list[str], n: int) -> tuple[str, str]:
    day, _, length = day.strip("「」").partition("*")
    if not day[:1].isdigit() or "月" in day or len(day) > 6 and "/" in day and "-" not in day:
        return day, length
    ends = [date(YEAR, *map(int, part.split("/"))) for part in day.split("-")]
    if len(ends) == 1:
        return FORMS[forms[n % len(forms)]](ends[0]), length
    first, last = ends
    if n % 2 == 0 and first.month == last.month:
        return f"{first.month}月{first.day}日—{last.day}日", length
    return (f"{YEAR}.{first.month}.{first.day}-{last.month}.{last.day}" if n % 3 == 1
            else f"{first.month}月{first.day}日至{last.month}月{last.day}日"), length  # fmt: skip


def text() -> str:
    """The file's content."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(rows())
    return file.getvalue()


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8-sig", newline="")
