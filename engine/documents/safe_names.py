"""Names of files that any system can unpack: no way out of the folder, nothing reserved, none twice."""

import re
import unicodedata

LONGEST = 80
_NOT_IN_NAMES = re.compile(
    r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+'
)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def safe_name(text: str) -> str:
    """A name as near to the text as every file system takes it; never empty, never a way elsewhere."""
    name = _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFC", text)).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if dot and stem and len(suffix) <= LONGEST // 4:
        name = f"{stem[: LONGEST - len(suffix) - 1].rstrip(' .')}.{suffix}"
    else:
        name = name[:LONGEST].rstrip(" .")
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


class Names:
    """Gives each file a name of its own, also where a file system knows no capital letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, folder: str, text: str) -> str:
        """The path of a file in a folder that is named so; the second of a name gets a number."""
        name = safe_name(text)
        stem, dot, suffix = name.rpartition(".")
        if not stem:
            stem, dot, suffix = name, "", ""
        path, number = f"{folder}/{name}", 1
        while path.casefold() in self._taken:
            number += 1
            path = f"{folder}/{stem} ({number}){dot}{suffix}"
        self._taken.add(path.casefold())
        return path
