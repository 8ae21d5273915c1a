"""Bytes as letters that stand in a page: 13 bits in two of them, where base64 has 12. widgets/offline/letters.js reads
them.
"""

from __future__ import annotations

import numpy as np

BITS = 13
# All that can be seen in ASCII, but for what might end the element or a text that the file is copied into.
ALPHABET = "".join(chr(code) for code in range(ord("!"), ord("~") + 1) if chr(code) not in '<"\\')
COUNT = len(ALPHABET)


def letters(data: bytes) -> str:
    """The bits of all bytes, the highest of each first, filled up with zeros: the reader has to know how many bytes
    there are.
    """
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    rows = np.pad(bits, (0, -len(bits) % BITS)).reshape(-1, BITS)
    numbers = rows @ (1 << np.arange(BITS - 1, -1, -1, dtype=np.uint16))
    codes = np.frombuffer(ALPHABET.encode(), np.uint8)
    return np.stack([codes[numbers // COUNT], codes[numbers % COUNT]], 1).tobytes().decode()
