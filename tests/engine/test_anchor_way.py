from hashlib import sha256

import pytest

from engine.documents.verify_dossier import root_by
from engine.domain.anchor import root_of, way_to_root


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 13])
def test_the_root_follows_from_each_head_by_its_way(count: int) -> None:
    heads = [(number, number + 3, sha256(bytes([number])).digest()) for number in range(count)]
    for stream, seq, digest in heads:
        seen = {"stream": stream, "seq": seq, "digest": digest.hex(), "way": way_to_root(heads, stream)}
        assert root_by(seen) == root_of(heads).hex()
