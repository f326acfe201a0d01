"""Own the bytes of the file: objects, streams, cross-reference, structure tree and attachments.

reportlab keeps every page until the end and writes one plain object after another. `StreamDoc` writes a page
as soon as it is full and puts the small objects (structure elements, page dictionaries) into compressed object
streams, so memory stays flat however long a listing is. Nothing here asks the clock, and nothing is ordered
by hash, so the same calls give the same bytes.
"""

from __future__ import annotations

import hashlib
import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from reportlab.pdfbase import pdfdoc

from core.pdf import fonts, metadata
from core.pdf.metadata import Meta, pdf_date, pdf_text
from core.pdf.scripts import Glyphs

_PER_OBJECT_STREAM = 200
_SKIPPED = "BasicFonts"


@dataclass(frozen=True)
class Attachment:
    """Hold a file to embed: its name, bytes, what it is, and how it relates to the report."""

    name: str
    data: bytes
    description: str
    media_type: str = "text/csv"
    relationship: str = "Data"


class Element:
    """Stand for one structure element: its tag, its parent's number, its attributes and its kids."""

    __slots__ = ("attributes", "kids", "number", "parent", "tag")

    def __init__(self, number: int, tag: str, parent: int, attributes: str = "") -> None:
        """Begin an element without kids; `attributes` is PDF text such as `/Alt(...)`."""
        self.number, self.tag, self.parent, self.attributes = number, tag, parent, attributes
        self.kids: list[str] = []

    def body(self) -> str:
        """Write the element as a PDF dictionary."""
        return (
            f"<</Type/StructElem/S/{self.tag}/P {self.parent} 0 R{self.attributes}/K[{' '.join(self.kids)}]>>"
        )


class StreamDoc(pdfdoc.PDFDocument):
    """Write a tagged PDF 1.7 file to `out` page by page.

    Tails are what a page cannot know while it is painted (the number of pages): each page gets a second
    content stream, painted by `tail(page, pages)` when the document closes.
    """

    def __init__(self, out: BinaryIO, meta: Meta, attachments: tuple[Attachment, ...] = ()) -> None:
        """Begin a file; the header is written at once."""
        super().__init__(compression=1, invariant=1, lang=meta.language)
        self.meta, self.attachments, self._out = meta, attachments, out
        self._offset, self._digest, self._bookmarks = 0, hashlib.sha256(), 0
        self._entries = array("Q", [65535])
        self._pending: list[tuple[int, str]] = []
        self._written = {_SKIPPED}
        self.elements: list[Element] = []
        self.mcids: list[int] = []
        self.annotations: list[str] = []
        self._parents: list[str] = []
        self._pages: list[tuple[int, int | None, tuple[float, float]]] = []
        self._page: int | None = None
        self._texts: dict[int, dict[int, str]] = {}
        self._faces: dict[int, fonts.Face] = {}
        self.tail: Callable[[int, int, tuple[float, float]], str] | None = None
        self.pages_number, self.resources, self.root = (self.new_number() for _ in range(3))
        self._emit(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self.document = self.element("Document", self.root)

    # Objects

    def new_number(self) -> int:
        """Take the next object number."""
        self.objectcounter += 1
        return int(self.objectcounter)

    def new_bookmark(self) -> int:
        """Take the next bookmark number."""
        self._bookmarks += 1
        return self._bookmarks

    def new_numbers(self, count: int) -> int:
        """Take `count` object numbers in a row; give the first."""
        first = int(self.objectcounter) + 1
        self.objectcounter += count
        return first

    def _emit(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._offset += len(data)

    def _entry(self, number: int, kind: int, place: int, index: int) -> None:
        while len(self._entries) <= number:
            self._entries.append(0)
        self._entries[number] = kind << 48 | place << 16 | index

    def stream(self, data: bytes, extra: str = "", number: int | None = None, packed: bool = True) -> int:
        """Write a stream now, compressed unless `packed` is off; give its object number."""
        number = number or self.new_number()
        self._entry(number, 1, self._offset, 0)
        if packed:
            data, extra = zlib.compress(data, 6), extra + "/Filter/FlateDecode"
        self._emit(
            f"{number} 0 obj\n<</Length {len(data)}{extra}>>\nstream\r\n".encode()
            + data
            + b"\r\nendstream\nendobj\n"
        )
        return number

    def small(self, body: str, number: int | None = None) -> int:
        """Put an object that is not a stream into the next object stream; give its number."""
        number = number or self.new_number()
        self._pending.append((number, body))
        if len(self._pending) >= _PER_OBJECT_STREAM:
            self._flush()
        return number

    def _flush(self) -> None:
        if self._pending:
            pending, self._pending = self._pending, []
            self.pack([number for number, _ in pending], [body for _, body in pending])

    def pack(self, numbers: list[int], bodies: list[str]) -> None:
        """Write many small objects as object streams at once; the fast road for long listings."""
        for start in range(0, len(numbers), 60_000):
            part, texts = numbers[start : start + 60_000], bodies[start : start + 60_000]
            holder = self.new_number()
            heads, offset = [], 0
            for index, (number, text) in enumerate(zip(part, texts, strict=True)):
                heads.append(f"{number} {offset}")
                offset += len(text) + 1
                self._entry(number, 2, holder, index)
            head = " ".join(heads) + "\n"
            self.stream(
                (head + "\n".join(texts)).encode("latin-1"),
                f"/Type/ObjStm/N {len(part)}/First {len(head)}",
                holder,
            )

    # Structure

    def element(self, tag: str, parent: int, attributes: str = "") -> Element:
        """Begin a structure element under the object `parent`; it is written when the document closes."""
        new = Element(self.new_number(), tag, parent, attributes)
        self.elements.append(new)
        return new

    def page_number(self) -> int:
        """Give the object number of the page now being painted."""
        if self._page is None:
            self._page = self.new_number()
            self.idToObjectNumberAndVersion[self.thisPageName()] = (self._page, 0)
        return self._page

    def mark(self, element: Element) -> int:
        """Number a new piece of marked content of `element` on this page."""
        number = len(self.mcids)
        self.mcids.append(element.number)
        element.kids.append(f"<</Type/MCR/Pg {self.page_number()} 0 R/MCID {number}>>")
        return number

    def struct_parent(self, element: Element) -> int:
        """Give an annotation its key in the parent tree."""
        self._parents.append(f"{element.number} 0 R")
        return len(self._parents) - 1

    def annotate(self, body: str, element: Element) -> None:
        """Put an annotation on this page and hang it on `element`; `body` is its dictionary, still open."""
        number = self.small(f"{body}/P {self.page_number()} 0 R/StructParent {self.struct_parent(element)}>>")
        self.annotations.append(f"{number} 0 R")
        element.kids.append(f"<</Type/OBJR/Pg {self.page_number()} 0 R/Obj {number} 0 R>>")

    def use(self, run: Glyphs) -> bool:
        """Note the glyphs of a run for embedding; tell whether the run needs its text spoken.

        A glyph has one text in the file. Where another run gave it a different text, this run says its own.
        """
        self._faces[run.face.index] = run.face
        known = self._texts.setdefault(run.face.index, {})
        clash = False
        for glyph, text in run.texts:
            clash |= known.setdefault(glyph, text) != text
        return clash or bool(run.spoken)

    def use_face(self, face: fonts.Face) -> None:
        """Note that a face is painted with."""
        self._faces[face.index] = face
        self._texts.setdefault(face.index, {})

    def use_latin(self, face: fonts.Face, text: str) -> None:
        """Note text painted glyph by glyph, one for each character."""
        known = self._texts[face.index]
        for char in text:
            known.setdefault(face.glyph(ord(char)), char)

    # Pages

    def addPage(self, page: Any) -> None:
        """Write a finished page and forget it."""
        number = self.page_number()
        content = page.stream if isinstance(page.stream, bytes) else page.stream.encode("latin-1")
        contents = [self.stream(content)]
        size = (float(page.pagewidth), float(page.pageheight))
        tail = self.new_number() if self.tail else None
        if tail:
            contents.append(tail)
        self._parents.append(str(self.small(f"[{' '.join(f'{mcid} 0 R' for mcid in self.mcids)}]")) + " 0 R")
        images = page.XObjects.format(self).decode("latin-1") if page.XObjects else ""
        resources = (
            f"<</Font {self.resources} 0 R/XObject{images}>>" if images else f"<</Font {self.resources} 0 R>>"
        )
        annotations = f"/Annots[{' '.join(self.annotations)}]" if self.annotations else ""
        self.small(
            f"<</Type/Page/Parent {self.pages_number} 0 R/MediaBox[0 0 {size[0]:g} {size[1]:g}]"
            f"/Resources{resources}/Contents[{' '.join(f'{part} 0 R' for part in contents)}]"
            f"/StructParents {len(self._parents) - 1}/Tabs/S{annotations}>>",
            number,
        )
        self._pages.append((number, tail, size))
        self.mcids, self.annotations, self._page, self.inObject = [], [], None, None
        self.pageCounter += 1

    # Closing

    def SaveToFile(self, filename: Any, canvas: Any) -> None:
        """Close the file: tails, fonts, structure, outline, catalogue, cross-reference.

        Everything goes to the stream given at the beginning; `filename` is reportlab's and not used.
        """
        for order, (_, tail, size) in enumerate(self._pages, 1):
            if tail and self.tail:
                self.stream(self.tail(order, len(self._pages), size).encode("latin-1"), number=tail)
        embedded = {
            index: fonts.embed(self, self._faces[index], self._texts[index]) for index in sorted(self._faces)
        }
        self.small(
            "<<" + "".join(f"/F{index} {number} 0 R" for index, number in embedded.items()) + ">>",
            self.resources,
        )
        kids = " ".join(f"{number} 0 R" for number, _, _ in self._pages)
        self.small(f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>", self.pages_number)
        self._close_structure()
        outline = self._close_registered(canvas)
        catalog = self.small(self._write_catalogue(outline))
        self._flush()
        self._close_xref(catalog, self.small_info())

    def small_info(self) -> int:
        """Write the information dictionary; give its number."""
        number = self.small(metadata.info(self.meta))
        self._flush()
        return number

    def _close_structure(self) -> None:
        nums = " ".join(f"{key} {value}" for key, value in enumerate(self._parents))
        tree = self.small(f"<</Nums[{nums}]>>")
        for element in self.elements:
            self.small(element.body(), element.number)
        self.small(
            f"<</Type/StructTreeRoot/K {self.document.number} 0 R/ParentTree {tree} 0 R"
            f"/ParentTreeNextKey {len(self._parents)}>>",
            self.root,
        )

    def _close_registered(self, canvas: Any) -> str:
        """Write what reportlab itself registered (outline, destinations, images); give the outline entry."""
        self.Outlines.prepare(self, canvas)
        entry = ""
        if self.Outlines.ready > 0:
            entry = f"/Outlines {self.Reference(self.Outlines).format(self).decode()}/PageMode/UseOutlines"
        number = 0
        while number < self.objectcounter:
            number += 1
            name = self.numberToId.get(number)
            if name is None or name in self._written:
                continue
            self._written.add(name)
            body = pdfdoc.format(self.idToObject[name], self, toplevel=1)
            if b"stream" in body[-12:]:
                self._entry(number, 1, self._offset, 0)
                body = body.rstrip()[:-9].rstrip(b"\r\n") + b"\r\nendstream"
                self._emit(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
            else:
                self.small(body.decode("latin-1"), number)
        return entry

    def _write_catalogue(self, outline: str) -> str:
        xmp = self.stream(metadata.xmp(self.meta), "/Type/Metadata/Subtype/XML", packed=False)
        profile = self.stream(metadata.srgb_profile(), "/N 3")
        files = [(item, self._embed_file(item)) for item in self.attachments]
        names = "".join(
            f"{pdf_text(item.name)} {number} 0 R" for item, number in sorted(files, key=lambda f: f[0].name)
        )
        attached = (
            (
                f"/AF[{' '.join(f'{number} 0 R' for _, number in files)}]"
                f"/Names<</EmbeddedFiles<</Names[{names}]>>>>"
            )
            if files
            else ""
        )
        return (
            f"<</Type/Catalog/Pages {self.pages_number} 0 R/Lang{pdf_text(self.meta.language)}"
            f"/MarkInfo<</Marked true>>/StructTreeRoot {self.root} 0 R/Metadata {xmp} 0 R"
            f"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)"
            f"/DestOutputProfile {profile} 0 R>>]/ViewerPreferences<</DisplayDocTitle true>>{outline}{attached}>>"
        )

    def _embed_file(self, item: Attachment) -> int:
        check = hashlib.md5(item.data, usedforsecurity=False).hexdigest()
        subtype = item.media_type.replace("/", "#2f")
        date = pdf_date(self.meta.at)
        stream = self.stream(
            item.data,
            f"/Type/EmbeddedFile/Subtype/{subtype}/Params<</Size {len(item.data)}"
            f"/CreationDate{date}/ModDate{date}/CheckSum<{check}>>>",
        )
        return self.small(
            f"<</Type/Filespec/F{pdf_text(item.name)}/UF{pdf_text(item.name)}"
            f"/Desc{pdf_text(item.description)}/AFRelationship/{item.relationship}"
            f"/EF<</F {stream} 0 R/UF {stream} 0 R>>>>"
        )

    def _close_xref(self, catalog: int, info: int) -> None:
        """Write the cross-reference stream: 7 bytes an object, each row as the difference to the row above."""
        number, start = self.new_number(), self._offset
        self._entry(number, 1, start, 0)
        entries = array("Q", self._entries)
        if array("H", [1]).tobytes()[0]:
            entries.byteswap()
        rows = entries.tobytes()
        count = len(entries)
        mask = int.from_bytes(b"\x80" * len(rows), "big")
        now = int.from_bytes(rows, "big")
        above = now >> 64
        difference = ((now | mask) - (above & ~mask)) ^ ((now ^ ~above) & mask)
        up = int.from_bytes(b"\x02\0\0\0\0\0\0\0" * count, "big")
        data = zlib.compress((difference | up).to_bytes(len(rows), "big"), 6)
        mark = self._digest.hexdigest()[:32]
        self._emit(
            f"{number} 0 obj\n<</Type/XRef/Size {count}/W[1 4 2]/Root {catalog} 0 R/Info {info} 0 R"
            f"/ID[<{mark}><{mark}>]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 7>>"
            f"/Length {len(data)}>>\nstream\r\n".encode()
            + data
            + f"\r\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n".encode()
        )
