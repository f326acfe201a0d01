"""Own the tagged document: pages, structure tree, fonts, attachments and the catalogue.

reportlab keeps every page until the end. `StreamDoc` is its document class with another ending: a page is
written as soon as it is full, and structure, fonts and outline follow when the document closes. Memory
stays flat however long a listing is. Nothing here asks the clock or depends on what was painted before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from reportlab.pdfbase import pdfdoc

from core.pdf import fonts, metadata
from core.pdf.metadata import Meta, pdf_date, pdf_text
from core.pdf.objects import ObjectFile, Sink, deflated
from core.pdf.scripts import Glyphs, clean

Size = tuple[float, float]


class Packed:
    """Hold the content of a file, packed as it comes: what is large is never held whole."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        """Read `parts` to their end."""
        self._check, self.size = hashlib.md5(usedforsecurity=False), 0
        self.deflated = deflated(map(self._noted, parts))

    def _noted(self, part: bytes) -> bytes:
        self._check.update(part)
        self.size += len(part)
        return part

    @property
    def check(self) -> str:
        """Give the MD5 of the content, which readers of the file compare."""
        return self._check.hexdigest()


@dataclass(frozen=True)
class Attachment:
    """Hold a file to embed: its name, content, what it is, and how it relates to the report."""

    name: str
    data: bytes | Packed
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
        kids = " ".join(self.kids)
        return f"<</Type/StructElem/S/{self.tag}/P {self.parent} 0 R{self.attributes}/K[{kids}]>>"


class StreamDoc(pdfdoc.PDFDocument):
    """Write a tagged PDF 1.7 document page by page.

    `tail(page, pages, size)` gives what a page cannot know while it is painted, such as the number of pages:
    each page has a second content stream for it, written when the document closes.
    """

    def __init__(self, out: Sink, meta: Meta, attachments: tuple[Attachment, ...] = ()) -> None:
        """Begin a document written to `out`."""
        self.file = ObjectFile(out)
        base: Any = super()
        base.__init__(compression=1, invariant=1, lang=meta.language)
        self.meta, self.attachments = meta, attachments
        self.tail: Callable[[int, int, Size], str] | None = None
        self.elements: list[Element] = []
        self.mcids: list[int] = []
        self.annotations: list[str] = []
        self.bookmarks = 0
        self.fields: list[int] = []
        self._parents: list[str] = []
        self._pages: list[tuple[int, int, Size]] = []
        self._page = 0
        self._texts: dict[int, dict[int, str]] = {}
        self._faces: dict[int, fonts.Face] = {}
        self._kids_of_root = self.file.new()
        self.fonts_number, self.root = self.file.new(), self.file.new()
        self.scope_row = self.file.small("<</O/Table/Scope/Row>>")
        self.scope_column = self.file.small("<</O/Table/Scope/Column>>")
        self.document = self.element("Document", self.root)

    # reportlab numbers its own objects with this counter; both number from one.
    @property
    def objectcounter(self) -> int:
        """Give the last object number taken."""
        return self.file.count

    @objectcounter.setter
    def objectcounter(self, value: int) -> None:
        self.file.count = max(value, self.file.count)

    # Structure

    def element(self, tag: str, parent: int, attributes: str = "") -> Element:
        """Begin a structure element under the object `parent`; it is written when the document closes."""
        new = Element(self.file.new(), tag, parent, attributes)
        self.elements.append(new)
        return new

    def page_number(self) -> int:
        """Give the object number of the page now being painted."""
        if not self._page:
            self._page = self.file.new()
            self.idToObjectNumberAndVersion[f"Page{self.pageCounter}"] = (self._page, 0)
        return self._page

    def mark(self, element: Element) -> int:
        """Number a new piece of marked content of `element` on this page."""
        number = len(self.mcids)
        self.mcids.append(element.number)
        element.kids.append(f"<</Type/MCR/Pg {self.page_number()} 0 R/MCID {number}>>")
        return number

    def annotate(self, body: str, element: Element) -> int:
        """Put an annotation on this page and hang it on `element`; give its number.

        `body` is its dictionary, still open.
        """
        self._parents.append(f"{element.number} 0 R")
        page = self.page_number()
        number = self.file.small(f"{body}/P {page} 0 R/StructParent {len(self._parents) - 1}>>")
        self.annotations.append(f"{number} 0 R")
        element.kids.append(f"<</Type/OBJR/Pg {page} 0 R/Obj {number} 0 R>>")
        return number

    # Glyphs

    def texts_of(self, face: fonts.Face) -> dict[int, str]:
        """Give the texts of a face's glyphs in this document (glyph → text), to read and to add to."""
        self._faces[face.index] = face
        return self._texts.setdefault(face.index, {})

    def use(self, run: Glyphs) -> bool:
        """Note the glyphs of a run for embedding; tell whether the run needs its text spoken.

        A glyph has one text in the file. Where another run gave it a different text, this run says its own.
        """
        known = self.texts_of(run.face)
        clash = [text for glyph, text in run.texts if known.setdefault(glyph, text) != text]
        return bool(clash) or bool(run.spoken)

    # Pages

    def addPage(self, page: Any) -> None:  # noqa: N802 (reportlab's name)
        """Write a finished page and forget it."""
        number, size = self.page_number(), (float(page.pagewidth), float(page.pageheight))
        contents = f"{self.file.stream(page.stream.encode('latin-1'))} 0 R"
        tail = self.file.new() if self.tail else 0
        contents += f" {tail} 0 R" if tail else ""
        marks = self.file.small(f"[{' '.join([f'{element} 0 R' for element in self.mcids])}]")
        self._parents.append(f"{marks} 0 R")
        images = "/XObject" + page.XObjects.format(self).decode("latin-1") if page.XObjects else ""
        annotations = f"/Annots[{' '.join(self.annotations)}]" if self.annotations else ""
        self.file.small(
            f"<</Type/Page/Parent {self._kids_of_root} 0 R/MediaBox[0 0 {size[0]:g} {size[1]:g}]"
            f"/Resources<</Font {self.fonts_number} 0 R{images}>>/Contents[{contents}]"
            f"/StructParents {len(self._parents) - 1}/Tabs/S{annotations}>>",
            number,
        )
        self._pages.append((number, tail, size))
        self.mcids, self.annotations, self._page, self.inObject = [], [], 0, None
        self.pageCounter += 1

    # Closing

    def SaveToFile(self, filename: Any, canvas: Any) -> None:  # noqa: ARG002, N802 (reportlab's name and arguments)
        """Close the document: tails, fonts, structure, outline, catalogue, cross-reference.

        Everything goes to the stream given at the beginning; `filename` is reportlab's and is not used.
        """
        for order, (_, tail, size) in enumerate(self._pages, 1):
            if tail and self.tail:
                self.file.stream(self.tail(order, len(self._pages), size).encode("latin-1"), number=tail)
        self._close_fonts()
        kids = " ".join([f"{number} 0 R" for number, _, _ in self._pages])
        self.file.small(f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>", self._kids_of_root)
        self._close_structure()
        outline = self._close_outline(canvas)
        self._close_registered()
        catalogue = self.file.small(self._catalogue(outline))
        self.file.close(catalogue, self.file.small(metadata.info(self.meta)))

    def _close_fonts(self) -> None:
        found = {index: fonts.embed(self.file, self._faces[index], self._texts[index]) for index in sorted(self._faces)}
        entries = "".join([f"/F{index} {number} 0 R" for index, number in found.items()])
        self.file.small(f"<<{entries}>>", self.fonts_number)

    def _close_structure(self) -> None:
        pairs = " ".join([f"{key} {value}" for key, value in enumerate(self._parents)])
        tree = self.file.small(f"<</Nums[{pairs}]>>")
        for element in self.elements:
            self.file.small(element.body(), element.number)
        self.file.small(
            f"<</Type/StructTreeRoot/K {self.document.number} 0 R/ParentTree {tree} 0 R"
            f"/ParentTreeNextKey {len(self._parents)}>>",
            self.root,
        )

    def _close_outline(self, canvas: Any) -> str:
        """Let reportlab register the outline; give its entry in the catalogue."""
        outlines: Any = self.Outlines
        outlines.prepare(self, canvas)
        if outlines.ready < 0:
            return ""
        base: Any = super()
        reference = base.Reference(outlines).format(self).decode()
        return f"/Outlines {reference}/PageMode/UseOutlines"

    def _close_registered(self) -> None:
        """Write what reportlab registered: outline entries, destinations, images; writing may add more."""
        written = {"BasicFonts"}  # reportlab's own list of fonts; ours stands elsewhere
        while waiting := [(number, name) for number, name in self.numberToId.items() if name not in written]:
            for number, name in sorted(waiting):
                written.add(name)
                self._write_registered(number, name)

    def _write_registered(self, number: int, name: str) -> None:
        body = pdfdoc.format(self.idToObject[name], self, toplevel=1).strip()
        if body.endswith(b"endstream"):
            body = body.removesuffix(b"endstream").rstrip(b"\r\n") + b"\r\nendstream"
            self.file.plain(body, number=number)
        else:
            self.file.small(body.decode("latin-1"), number)

    def _catalogue(self, outline: str) -> str:
        xmp = self.file.stream(metadata.xmp(self.meta), "/Type/Metadata/Subtype/XML", packed=False)
        profile = self.file.stream(metadata.srgb_profile(), "/N 3")
        return (
            f"<</Type/Catalog/Pages {self._kids_of_root} 0 R/Lang{pdf_text(self.meta.language)}"
            f"/MarkInfo<</Marked true>>/StructTreeRoot {self.root} 0 R/Metadata {xmp} 0 R"
            "/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)"
            f"/DestOutputProfile {profile} 0 R>>]/ViewerPreferences<</DisplayDocTitle true>>"
            f"{outline}{self._attached()}{self._form()}>>"
        )

    def _attached(self) -> str:
        if not self.attachments:
            return ""
        files = [(item, self._embed_file(item)) for item in self.attachments]
        names = "".join([f"{pdf_text(item.name)} {number} 0 R" for item, number in sorted(files, key=_by_name)])
        references = " ".join([f"{number} 0 R" for _, number in files])
        return f"/AF[{references}]/Names<</EmbeddedFiles<</Names[{names}]>>>>"

    def _form(self) -> str:
        fields = " ".join([f"{number} 0 R" for number in self.fields])
        return f"/AcroForm<</Fields[{fields}]>>" if fields else ""

    def _embed_file(self, item: Attachment) -> int:
        content = item.data if isinstance(item.data, Packed) else Packed([item.data])
        date, kind = pdf_date(self.meta.at), item.media_type.replace("/", "#2f")
        stream = self.file.stream(
            content.deflated,
            f"/Type/EmbeddedFile/Subtype/{kind}/Params<</Size {content.size}"
            f"/CreationDate{date}/ModDate{date}/CheckSum<{content.check}>>>/Filter/FlateDecode",
            packed=False,
        )
        return self.file.small(
            f"<</Type/Filespec/F{pdf_text(item.name)}/UF{pdf_text(item.name)}"
            f"/Desc{pdf_text(clean(item.description))}/AFRelationship/{item.relationship}"
            f"/EF<</F {stream} 0 R/UF {stream} 0 R>>>>"
        )


def _by_name(pair: tuple[Attachment, int]) -> bytes:
    """Order names as the name tree demands: by their UTF-16 bytes."""
    return pair[0].name.encode("utf-16-be", "replace")
