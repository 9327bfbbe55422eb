"""Everything is written in the script and the words of Taiwan."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
SPOKEN = [
    path
    for folder in ("engine", "webapp", "workflows")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".html", ".po", ".json", ".bpmn", ".dmn", ".js", ".yaml"}
    and "vendor" not in path.parts
]
# Characters that only the simplified script has, among those that pages of this kind would use.
SIMPLIFIED = frozenset(
    "签办说请问题过还这们对时间单实应该页关开门队报经济标检验证书写认识议订让记录为与动进选运达远连递邮错误输边务处点将"
    "来从产业构权总条发会总变众优债历厂县参双启响国图场块坏坚备复头奖妇学宁宝审宪层岁岛币师带帮库应废录彻征态恶战户执扩扫扬担择拥"
) - frozenset("來")


def test_no_character_of_the_simplified_script_anywhere() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): sorted(SIMPLIFIED & set(path.read_text(encoding="utf-8")))
        for path in SPOKEN
    }
    assert {path: letters for path, letters in found.items() if letters} == {}
