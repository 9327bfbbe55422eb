"""A dossier: one ZIP with the history in every format and the program that proves it without planflow."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from engine.clock import TAIPEI
from engine.documents.exported import InstanceHistory
from engine.documents.history_files import FORMATS

VERIFIER = Path(__file__).with_name("verify_chain.py")
README = """本檔為流程案件的完整歷程。

history.json   每一事件的原始內容與摘要（SHA-256）
history.csv、history.ods  同一歷程，供試算表開啟
history.xes、history.ocel.json  同一歷程，供流程探勘工具使用
verify_chain.py 獨立驗證程式，僅需 Python 3.8 以上，不需安裝 planflow：

    python3 verify_chain.py history.json

驗證結果會指出第一個與紀錄不符的事件。封存根值（anchor）請與另行保存者比對。
"""
SUFFIXES = {"ocel": "ocel.json"}


def dossier_file(histories: Sequence[InstanceHistory]) -> bytes:
    """A zip with the history in every format and the program that proves it without planflow."""
    body = io.BytesIO()
    stamp = histories[0].exported_at.astimezone(TAIPEI).timetuple()[:6]
    files = {
        "README.txt": README.encode("utf-8-sig"),
        **{f"history.{SUFFIXES.get(name, name)}": write(histories) for name, write in FORMATS.items()},
        "verify_chain.py": VERIFIER.read_bytes(),
    }
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
    return body.getvalue()
