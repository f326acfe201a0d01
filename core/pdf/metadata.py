"""Own what a file says of itself: Info, XMP, the colour profile and dates.

Each is a pure function of `Meta`, so that the same report is the same bytes. The sRGB profile is built here
from its published numbers: one taken from an imaging library would carry the date and the library's version.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

PRODUCER = "core.pdf on ReportLab"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:identifier>{identifier}</dc:identifier>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate><xmp:MetadataDate>{at}</xmp:MetadataDate>
<xmp:CreatorTool>{producer}</xmp:CreatorTool><pdf:Producer>{producer}</pdf:Producer>
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of the PDF/UA standard</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True)
class Meta:
    """Say what a document is: title, author, subject, language (BCP 47) and the one moment it bears.

    `identifier` names it in a register; it stands in the file as plain text, so that a program finds it.
    """

    title: str
    author: str
    at: datetime
    subject: str = ""
    language: str = "en-GB"
    identifier: str = ""

    def __post_init__(self) -> None:
        """Refuse a document without a title, or a moment without a time zone.

        Raises:
            ValueError: PDF/UA demands a title, and a naive time would depend on the machine.
        """
        if not self.title.strip():
            raise ValueError("A report needs a title.")
        if self.at.utcoffset() is None:
            raise ValueError("The time of a report needs a time zone.")


def pdf_text(text: str) -> str:
    """Write text as a PDF string in hexadecimal UTF-16, safe inside any dictionary."""
    return f"<feff{text.encode('utf-16-be', 'replace').hex()}>"


def pdf_date(at: datetime) -> str:
    """Write a moment as a PDF date with its offset from UTC."""
    offset = at.strftime("%z")
    return f"(D:{at:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]})"


def info(meta: Meta) -> str:
    """Write the document information dictionary; it says what the XMP packet says."""
    date = pdf_date(meta.at)
    subject = f"/Subject{pdf_text(meta.subject)}" if meta.subject else ""
    return (
        f"<</Title{pdf_text(meta.title)}/Author{pdf_text(meta.author)}{subject}"
        f"/Creator{pdf_text(PRODUCER)}/Producer{pdf_text(PRODUCER)}/CreationDate{date}/ModDate{date}>>"
    )


def xmp(meta: Meta) -> bytes:
    """Write the XMP packet with the PDF/A-3a and PDF/UA-1 marks."""
    at = meta.at.replace(microsecond=0).isoformat()
    packet = _PACKET.format(
        title=escape(meta.title),
        author=escape(meta.author),
        subject=escape(meta.subject),
        language=escape(meta.language),
        identifier=escape(meta.identifier),
        at=at,
        producer=PRODUCER,
    )
    for name, value in (("dc:description", meta.subject), ("dc:identifier", meta.identifier)):
        if not value:
            packet = "\n".join(line for line in packet.split("\n") if name not in line)
    return packet.encode()


def srgb_profile() -> bytes:
    """Build an ICC version 4 profile of sRGB: primaries adapted to D50 and the exact transfer curve.

    Source: DOC-5, IEC 61966-2-1 (sRGB), ICC.1:2010.
    """

    def fixed(*values: float) -> bytes:
        return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))

    def words(text: str) -> bytes:
        raw = text.encode("utf-16-be")
        return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(raw), 28) + raw

    curve = b"para\0\0\0\0\0\x03\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    adapted = (1.047886, 0.022919, -0.050216, 0.029582, 0.990484, -0.017079, -0.009252, 0.015073, 0.751678)
    tags = {
        b"desc": words("sRGB"),
        b"cprt": words("No copyright, use freely"),
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249),
        b"chad": b"sf32\0\0\0\0" + fixed(*adapted),
        b"rXYZ": b"XYZ \0\0\0\0" + fixed(0.43607, 0.22249, 0.01392),
        b"gXYZ": b"XYZ \0\0\0\0" + fixed(0.38515, 0.71687, 0.09708),
        b"bXYZ": b"XYZ \0\0\0\0" + fixed(0.14307, 0.06061, 0.7141),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, data, start = b"", b"", 132 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", start + len(data), len(body))
        data += body + b"\0" * (-len(body) % 4)
    head = struct.pack(
        ">I4sI4s4s4s6H4sI4s4sQI",
        start + len(data),
        b"\0\0\0\0",
        0x04200000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        2022,
        1,
        1,
        0,
        0,
        0,
        b"acsp",
        0,
        b"\0\0\0\0",
        b"\0\0\0\0",
        0,
        0,
    )
    head += fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data
