"""Every way in which the source prints a unit, copied out of it section by section, finds that unit."""

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.plans.load import read

PLAN = read("daxinganling-2022").plan

# The unit's id, and its spellings: headings of 四, lists of 五, the text of 三 to 六, annex 2.
PRINTED = """
jiwei            地区纪委监委 地纪委
zuzhibu          地委组织部
xuanchuanbu      地委宣传部
diweiban         地委办公室 地委办
ducha            地委督查室
zhengyanshi      地委政策研究室
xingshuban       行署办公室 行署办 地区行署办
shengtaiju       地区生态环境局 生态环境局 行署生态环境局
fagaiwei         地区发展改革委 发展改革委 地区发改委
caizhengju       地区财政局
gongxinju        地区工业和信息化局 工业和信息化局
jiaoyuju         地区教育局
zhujianju        地区住房和城乡建设局 地区住房城乡建设局 住房城乡建设局
nongyeju         地区农业农村局 农业农村局
jiaotongju       地区交通运输局 交通运输局
shangwuju        地区商务局
shuiwuju         地区水务局 水务局
weijianwei       地区卫生健康委
shenjiju         地区审计局
yingjiju         地区应急管理局 应急管理局
tongjiju         地区统计局 统计局
linyejituan      大兴安岭林业集团公司 林业集团公司
gonganju         地区公安局 公安局
ziranju          地区自然资源局 自然资源局
qixiangju        地区气象局
yuanqu           对俄经济贸易合作园区管理委员会办公室
diaochadui       国家统计局大兴安岭调查队
chuangjianban    地区创建办 领导小组办公室
lincaoju         地区林业和草原局 地区林草局 林草局
zhongyuan        地区中级人民法院
shengtaiban      地区生态文明建设办公室
xunchaban        地委巡查工作领导小组办公室
shijianju        地区市场监督管理局
jiguanju         地区机关事务管理局
zhengwuban       地区政务公开办
jianchayuan      黑龙江省人民检察院大兴安岭分院 地区检察院
shuiwen          黑龙江省水文水资源中心大兴安岭分中心
xingshuducha     行署督查室
bianban          地委编办
ribaoshe         大兴安岭日报社
dianshitai       大兴安岭电视台
lvchanju         地区绿色产品产业发展局
wenlvju          地区文体广电和旅游局
sifaju           地区司法局
wangxinban       地委网信办
shengtaibu       生态环境部
shengting        黑龙江省生态环境厅 省生态环境厅
shengfagai       省发改委
shengshuili      省水利厅
lingdaoxiaozu    地区生态文明建设工作领导小组成员单位 领导小组各成员单位 各成员单位
hezhangzhi       地区河长制工作领导小组成员单位
mubiaokaoping    地区目标综合考评有关部门
"""
LINES = [line.split() for line in PRINTED.strip().splitlines()]


@pytest.mark.parametrize(("code", "spellings"), [(line[0], line[1:]) for line in LINES])
def test_a_printed_spelling_is_one_of_the_unit_s_own(code: str, spellings: list[str]) -> None:
    """Not only found without its level: the table of aliases has it."""
    assert [PLAN.find_unit(spelling).id for spelling in spellings] == [code] * len(spellings)
    assert set(spellings) <= set(PLAN.unit(code).spellings)


def test_every_unit_is_printed_somewhere() -> None:
    assert [line[0] for line in LINES] == [unit.id for unit in PLAN.units]


@pytest.mark.parametrize("printed", ["行署", "地区行署", "住建城管部门", "地区住建城管部门"])
def test_what_is_printed_like_a_unit_is_none(printed: str) -> None:
    """D22.4's 住建城管部门 is a generic word, which nobody is asked by."""
    with pytest.raises(WrongInput, match="is no unit"):
        PLAN.find_unit(printed)
