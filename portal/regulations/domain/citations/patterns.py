"""The patterns of the grammar of references: what a place, a list of places, a title and a document number look like."""

from __future__ import annotations

import re

NUMERAL = r"[〇零一二三四五六七八九十百千两]{1,9}|[0-9０-９]{1,4}"
KIND_OF_RULE = "法|条例|规定|办法|细则|准则|解释|决定|章程|规则|通则|规程|规范|制度|意见|批复|通知|公约|议定书|协定|法典|决议|守则|公告|方案|标准|条令"
_N = NUMERAL
_SUB = "[一二三四五六七八九十]{1,3}"
_ARTICLE = (  # 第二百三十六第三款 happens
    rf"第\s?(?P<art>{_N})\s?(?:条(?:\s?之(?P<sub>{_SUB})(?![款项审次]))?|(?=第(?:{_N})款))"
)
_PARAGRAPH = rf"第\s?(?P<par>{_N})\s?款"
_ITEM = rf"第?\s?[（(]?\s?(?P<item>{_N})\s?[）)]?\s?项"

# --- places -----------------------------------------------------------------------------------------------------------
STEP = re.compile(
    rf"(?:{_ARTICLE}(?:的?\s?{_PARAGRAPH})?(?:的?\s?{_ITEM})?"
    rf"|第\s?(?P<par2>{_N})\s?款(?:的?\s?第?\s?[（(]?\s?(?P<item2>{_N})\s?[）)]?\s?项)?"
    rf"|第\s?[（(]?\s?(?P<item3>{_N})\s?[）)]?\s?项|[（(]\s?(?P<item4>{_N})\s?[）)]\s?项)"
)
_PART = rf"(?:(?:总则|分则|附则|物权|合同|人格权|婚姻家庭|继承|侵权责任)编?(?:部分)?)?(?:第(?:{_N})[编章节])*"
JOIN = re.compile(rf"\s?(?:、|,|，(?=第)|和|及|与|或者|或|以及|并|、以及|，以及|，或者)\s?(?:{_PART})(?=[第（(])")
SHORT_JOIN = re.compile(rf"、(?P<art>{_N})条")  # 第三十七条、三十八条
RANGE = re.compile(r"\s?(?:至|到|—|－|-|～)\s?(?=[第（(])")
LEADS_ON = re.compile(rf"\s?(?:的|原|中的?)?\s?{_PART}的?(?=第)")  # 民法典总则编第一百四十三条
_BETWEEN = r"(?:、|和|或者|或|及|与|以及|至|到|—|－|-|～)"
ELIDED = re.compile(  # 第一、二项; 第（一）至（三）项; 第（一）、（二）两项; 第三十七至四十条; （一）（二）项
    rf"(?P<numbers>(?:第\s?(?:[（(]\s?(?:{_N})\s?[）)]|(?:{_N}))|[（(](?:{_N})[）)])"
    rf"(?:{_BETWEEN}第?\s?(?:[（(]\s?(?:{_N})\s?[）)]|(?:{_N}))|[（(](?:{_N})[）)])+)"
    r"(?:(?<=[）)])[两三四五六七八九])?\s?(?P<unit>[条款项])"
)
ELIDED_NUMBER = re.compile(rf"(?P<before>{_BETWEEN})?第?\s?[（(]?\s?(?P<number>{_N})\s?[）)]?")
IS_RANGE = re.compile(r"[至到—－～-]")
SUBS = re.compile(rf"(?P<before>、|和|或者|或|及|与|至|到)之(?P<sub>{_SUB})(?![款项审次])")  # 第一百二十条之一、之二
NEAR = re.compile(
    r"(?P<what>(?:(?<![此之目])前(?P<many>[一二两三四五六七八九十]{0,2})|(?<![以如网线例])上一?(?=条|款(?!项)|项))(?P<unit>[条款项])"
    r"|本(?P<own>[条款项]))(?![件目数例])"
)
THAT_ARTICLE = re.compile(r"(?:该|(?<!合)同|上述)条(?=第)")  # 刑法第三百条……该条第二款
_BEFORE_A_PART = r"(?<![条款项章节编第])(?<![条款项章节编）)][、和及与或至到])"
ALONE = re.compile(rf"{_BEFORE_A_PART}(?:第\s?(?:{_N})\s?款|第\s?[（(]?\s?(?:{_N})\s?[）)]?\s?项)")
ALONE_ELIDED = re.compile(rf"{_BEFORE_A_PART}(?={re.sub('[?]P<[a-z]+>', '', ELIDED.pattern)})第")
SPOKEN_OF = re.compile(r"(?:规定|所列|所称|的|中|、|和|至|第|罪|情形|行为|以外)")  # 第一款罪 at the beginning of a line
QUOTED_WORDS = re.compile(r"“[^“”]{1,300}”(?:中的?|的)?(?=第)")
IN_AN_ANNEX = re.compile(rf"(?:附件|附录|附表)(?:{_N})?$")

# --- works ------------------------------------------------------------------------------------------------------------
TITLE = re.compile(r"《(?P<title>[^《》]*(?:《[^《》]*》[^《》]*)*)》")
NOTE = re.compile(  # a number or 以下简称 behind a title
    r"\s?[（(][^（）()]{0,60}(?:[（(][^（）()]{0,30}[）)][^（）()]{0,30})?[）)]"
)
_SORT_OF_RULE = "(?:实施|施行|暂行|试行|工作|具体|管理|补充|组织|登记|若干|司法|特别|有关){0,2}"
SELF = re.compile(rf"本{_SORT_OF_RULE}(?:{KIND_OF_RULE})(?=\s?的?\s?第)")
THAT = re.compile(rf"(?:该|(?<!合)同|上述|前述){_SORT_OF_RULE}(?:{KIND_OF_RULE})(?=\s?的?\s?第)")
NO_NAME = re.compile(
    rf"(?:本|该|(?<!合)同|前款|前条|上述|有关|下列|其他|以下|所列)(?:{KIND_OF_RULE})$"
)  # 本法, 有关规定: speaks of a work without naming it
RULE_END = re.compile(
    r"(?:法典|法|条例|规定|办法|细则|准则|解释|决定|章程|规则|通则|规程|公约|议定书|典|条约|意见|总则|条令|(?<=党)章)"
)
NOT_A_LAW_BEHIND = re.compile(
    r"(?:律|规(?!定)|人|定(?!的)|院|制|庭|官|学|治|理|警|医|案|文(?!件)|务|条(?!例)|宝|实施(?:条例|细则|办法)|修正案|草案|解释(?!第))"
)
BEFORE_A_NAME = re.compile(
    r"(?:^|[彻\s，。、；：:（(《》〉“”‘’）)的和与及或照据反用在对由按依于以即如除见同向为因指合违犯等其有将受至到守背被使经就]"
    r"|中华人民共和国|我国|现行|原|国家|执行|施行|修[改正订][前后]|抵触|涉及|构成|存在|属于|具有|引)$"
)
CONSTITUTION_ALONE = re.compile(r"(?:和法律委员会|宣誓|日(?!起|益|前|后))")  # 宪法宣誓 is no reference to the 宪法
NEVER_PART_OF_ANOTHER = frozenset(
    {"民法典", "宪法", "刑法", "民事诉讼法", "刑事诉讼法", "行政诉讼法", "劳动合同法", "公司法"}
)
GENERIC = re.compile(rf"(?P<name>[\u4e00-\u9fff]{{2,40}}?(?:{KIND_OF_RULE}))(?:的)?\s?$")
LEADING_WORDS = re.compile(
    r"^.*(?:对于|关于|由于|至于|依照|按照|根据|违反|适用|符合|依据|参照|以及|或者|触犯|擅自使用|使用|实施|构成|除|和|与|及|或|按|的|是|在|对|由|有|即|以|受|为|犯)(?=[\u4e00-\u9fff]{2})"
)
ONLY_A_KIND = re.compile(r"(?:^|[，。；、：（(和与及或按照据反合用])(?P<kind>条例|办法|规定|法)(?:的)?\s?$")
IMPLEMENTED = re.compile(
    r"(?P<title>.+?(?P<kind>条例|办法|规定|法))(?:贯彻)?(?:实施|施行)?(?:细则|条例|办法|规定|意见)$"
)
ISSUER = re.compile(r"[\u4e00-\u9fff、]{2,40}$")
_YEAR = r"[〔［\[（(【]\s?\d{4}\s?年?[〕］\]）)】]"
_OFFICE = r"(?:国务院|主席|[\u4e00-\u9fff]{2,16}?(?:部|委员会|总局|署|局|银行|院|主席|会))"
_COUNT = r"(?:\d{1,4}|[〇零一二三四五六七八九十百]{1,7})"
NUMBER = re.compile(
    rf"(?:[\u4e00-\u9fff]{{1,12}}{_YEAR}\s?第?\s?\d{{1,4}}\s?号"
    rf"|{_OFFICE}令\s?(?:[〔［\[（(]?\d{{4}}年?[〕］\]）)]?)?\s?(?:第\s?{_COUNT}\s?号|[（(]\s?第\s?{_COUNT}\s?号\s?[）)])"
    rf"|{_OFFICE}第\s?{_COUNT}\s?号令)"
)
BEFORE_A_NUMBER = re.compile(
    r"(?:.*[年月日])?(?:依照|按照|根据|依据|参照|执行|适用|经|由|和|与|见|的|以|原|公布|发布|印发|废止|颁布)*"
)
FALSE_TITLE = re.compile(
    r"(?:证|证书|执照|许可证|通知书|决定书|意见书|裁定书|判决书|申请书|申请表|登记表|报告|报告书|目录|清单|名录|标准|册|簿|表|(?<!议定)书|单|合同|协议|号|报|杂志|告知书|凭证|批准书|资格证|证明|证明书|说明|图|纲要|规划|计划|手册|指南|公报|日报|大纲|名单|字典|词典|全书|档案)$"
)
LAW_TITLE = re.compile(
    rf"(?:{KIND_OF_RULE}|修正案|规章|大纲|纪要|安排|宪法|总则|通告|命令|声明|换文|宣言|方法|条约|宪章|纲领|规约)(?:[（(][^（）()]*[）)])?$"
)
TREATY = re.compile(r"(?:两岸|国际|政府|共和国|国家).*协议$")  # 《仲裁协议》 is a paper, 《海峡两岸……互助协议》 is none
