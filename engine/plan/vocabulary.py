"""Chinese words that are facts of the plan: section labels, units of measure, vague adverbs, field names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# 伍.二: the required contents in their order; the supplement (捌) is optional.
REQUIRED_SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "basis": "計畫依據",
        "goal": "目標",
        "scope": "實施對象",
        "strategies": "執行策略及具體推動作法",
        "steps": "實施步驟",
        "assessment": "考核作業",
        "rewards": "獎勵方式",
    }
)
SECTION_LABELS: Mapping[str, str] = MappingProxyType({**REQUIRED_SECTIONS, "supplement": "未盡事宜"})

GOAL_PHRASES = ("便捷服務遞送", "擴大社會參與", "開放政府治理")
BUREAU = "經濟部標準檢驗局"
OWN_METHOD = "分局自訂"
ALL_UNITS = "各單位"
LINE_UNITS = "各業務單位"

MEASURE_UNITS = ("次", "件", "具", "站", "場", "家", "案", "項", "份", "則", "%", "人次", "日", "其他")
VAGUE_ADVERBS = ("適時", "不定期", "持續", "定期")
LETTER_KINDS = ("函", "書函", "令", "公告", "開會通知單", "電子郵件", "電話紀錄")

PERIOD_LABELS: Mapping[str, str] = MappingProxyType(
    {"year": "年", "half_year": "半年", "quarter": "季", "2years": "2年"}
)
COMPARATOR_LABELS: Mapping[str, str] = MappingProxyType({">=": "≥", "=": "=", "<=": "≤"})
KIND_LABELS: Mapping[str, str] = MappingProxyType(
    {"quantified": "量化", "milestone": "里程碑", "narrative": "敘述"}
)
STATUS_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "achieved": "達成",
        "partly_achieved": "部分達成",
        "not_achieved": "未達成",
        "done": "已辦理",
        "partly_done": "部分辦理",
        "not_done": "未辦理",
        "not_applicable": "不適用",
    }
)
CARRIED_OVER = "沿用前次"

FIELD_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "title": "計畫名稱",
        "agency": "機關",
        "roc_year": "年度",
        "text": "內容",
        "issuer": "發文機關",
        "issued_on": "發文日期",
        "number": "發文字號",
        "subject": "主旨",
        "also": "併列依據",
        "bureau_plan_year": "總局計畫年度",
        "units": "主辦單位",
        "reporting": "報核步驟",
        "publication": "公開步驟",
        "k2_on": "自行考核日期",
        "k3_on": "績效成果資料日期",
        "k4_on": "成果報告日期",
        "rule_version": "獎勵規則版本",
        "bureau_ref": "對應總局項目",
        "needs_review": "需重新檢視",
        "summary": "具體推動作法",
        "owner_units": "權責單位",
        "handler": "聯絡人",
        "milestone": "里程碑成果",
        "milestone_on": "里程碑日期",
        "narrative_reason": "無法量化原因",
        "evidence_kinds": "佐證類型",
        "creative": "創新作為",
        "inclusive": "社會共融",
        "tags": "標記",
        "filled_by": "代填人",
        "filled_for": "代填單位",
        "indicator": "指標名稱",
        "comparator": "比較方式",
        "value": "目標值",
        "unit": "計量單位",
        "period": "計算期間",
        "counting_rule": "計數規則",
        "baseline": "前一年實績",
        "aggregation": "彙總方式",
        "owner": "主辦",
        "demand_driven": "需求導向",
        "not_applicable": "不適用原因",
    }
)
