"""Own the outer shape of a PDF file: numbered objects, streams, object streams and the cross-reference.

What is written is gone from memory: a stream goes out at once, and objects that are not streams wait in
batches for a compressed object stream. Seven bytes an object are kept for the cross-reference. The file's
identity is the hash of its own bytes, so the same calls give the same file.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Protocol

_BATCH = 200
_BLOCK = 4_096
"""Rows of the cross-reference that are subtracted at once."""
_PLAIN, _PACKED = 1, 2


class Sink(Protocol):
    """Take bytes in order, as a file or whatever stands before one does."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""


class ObjectFile:
    """Write PDF objects to `out` in the order they are finished."""

    def __init__(self, out: Sink) -> None:
        """Begin the file with its header."""
        self._out, self._offset, self._digest = out, 0, hashlib.sha256()
        self.count = 0
        # One entry an object: kind, place and index in one number. Object 0 heads the list of free ones.
        self._entries = array("Q", [65535])
        self._waiting: list[tuple[int, str]] = []
        # The four bytes above 127 tell transports that this is not text.
        self._emit(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def new(self, many: int = 1) -> int:
        """Take `many` object numbers in a row; give the first."""
        first = self.count + 1
        self.count += many
        return first

    def stream(self, data: bytes, extra: str = "", number: int = 0, *, packed: bool = True) -> int:
        """Write a stream now, compressed unless `packed` is off; give its object number.

        `extra` is further PDF text for its dictionary.
        """
        if packed:
            data, extra = zlib.compress(data, 6), extra + "/Filter/FlateDecode"
        # CR LF before `endstream`: some readers take a lone LF after a compressed CR for one line end.
        return self.plain(f"<</Length {len(data)}{extra}>>\nstream\r\n".encode(), data, b"\r\nendstream", number=number)

    def plain(self, *parts: bytes, number: int = 0) -> int:
        """Write an object now, as it is, in parts that are not copied together; give its number."""
        number = number or self.new()
        self._enter(range(number, number + 1), _PLAIN, self._offset)
        for part in (f"{number} 0 obj\n".encode(), *parts, b"\nendobj\n"):
            self._emit(part)
        return number

    def small(self, body: str, number: int = 0) -> int:
        """Put an object that is not a stream into the next batch; give its number."""
        number = number or self.new()
        self._waiting.append((number, body))
        if len(self._waiting) >= _BATCH:
            self.flush()
        return number

    def flush(self) -> None:
        """Write the waiting batch."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._pack([number for number, _ in waiting], [body for _, body in waiting])

    def many(self, first: int, bodies: Sequence[str]) -> None:
        """Write finished objects numbered in a row from `first`; the fast road for long listings."""
        self._pack(range(first, first + len(bodies)), bodies)

    def _pack(self, numbers: Sequence[int], bodies: Sequence[str]) -> None:
        holder = self.new()
        offsets = accumulate((len(body) + 1 for body in bodies), initial=0)
        head = " ".join([f"{number} {offset}" for number, offset in zip(numbers, offsets, strict=False)]) + "\n"
        if isinstance(numbers, range):
            self._enter(numbers, _PACKED, holder)
        else:
            for index, number in enumerate(numbers):
                self._enter(range(number, number + 1), _PACKED, holder, index)
        extra = f"/Type/ObjStm/N {len(bodies)}/First {len(head)}"
        self.stream((head + "\n".join(bodies)).encode("latin-1"), extra, holder)

    def _enter(self, numbers: range, kind: int, place: int, index: int = 0) -> None:
        """Note where a row of objects is: the offset of a plain one, or its holder and index."""
        missing = numbers.stop - len(self._entries)
        if missing > 0:
            self._entries.frombytes(bytes(8 * missing))
        first = kind << 48 | place << 16 | index
        self._entries[numbers.start : numbers.stop] = array("Q", range(first, first + len(numbers)))

    def _emit(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._offset += len(data)

    def close(self, catalogue: int, info: int) -> None:
        """Write the cross-reference stream and the trailer."""
        self.flush()
        number, start = self.new(), self._offset
        self._enter(range(number, number + 1), _PLAIN, start)
        mark = self._digest.hexdigest()[:32]
        data = deflated(self._differences())
        head = (
            f"{number} 0 obj\n<</Type/XRef/Size {len(self._entries)}/W[1 4 2]/Root {catalogue} 0 R"
            f"/Info {info} 0 R/ID[<{mark}><{mark}>]/Filter/FlateDecode"
            f"/DecodeParms<</Predictor 12/Columns 7>>/Length {len(data)}>>\nstream\r\n"
        )
        self._emit(head.encode() + data + f"\r\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n".encode())

    def _differences(self) -> Iterator[bytes]:
        """Give the entries as bytes, each row as its difference to the row above (PNG predictor "up"), in blocks.

        All rows of a block are one big number, subtracted byte by byte at once: a loop over millions of rows is slow.
        """
        above_all = 0
        for start in range(0, len(self._entries), _BLOCK):
            block = self._entries[start : start + _BLOCK]
            if sys.byteorder == "little":
                block.byteswap()
            size = len(block) * 8
            now = int.from_bytes(block.tobytes(), "big")
            above, high = now >> 64 | above_all << (size - 8) * 8, int.from_bytes(b"\x80" * size, "big")
            difference = ((now | high) - (above & ~high)) ^ ((now ^ ~above) & high)
            up = int.from_bytes(b"\x02\0\0\0\0\0\0\0" * len(block), "big")
            yield (difference | up).to_bytes(size, "big")
            above_all = now & 0xFFFF_FFFF_FFFF_FFFF


def deflated(parts: Iterable[bytes]) -> bytes:
    """Compress bytes as they come, so that they are never held whole."""
    packer = zlib.compressobj(6)
    return b"".join([*map(packer.compress, parts), packer.flush()])
