"""Copies the design system's built styles, scripts and fonts into ``static/dist``.

Nothing foreign is kept in the repository: npm brings the files (``package-lock.json`` pins them by
digest), and this program rewrites what a service outside GOV.UK must not carry. GDS Transport and the
crown are licensed to GOV.UK alone, so their rules are taken out, and the program stops when any trace
is left. Each file is named by its digest, so a browser may keep it for ever, and lies beside its
gzipped self, because waitress does not compress. ``manifest.json`` maps the name a template uses
(``app.css``) to the path below ``static/`` (``dist/app.0123456789ab.css``).

It needs Python's standard library alone, so that it can run before anything is installed.
"""

import gzip
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
OURS = ROOT / "static" / "src"
DIST = ROOT / "static" / "dist"
BUILD = ROOT / "build"

GOVUK = MODULES / "govuk-frontend" / "dist" / "govuk"
MOJ = MODULES / "@ministryofjustice" / "frontend" / "moj"
QR = MODULES / "qr"
EXPO_FONTS = MODULES / "@expo-google-fonts"

# The name a template (or an import in our own scripts) uses, and the file behind it.
VENDORED = {
    "govuk-frontend.css": GOVUK / "govuk-frontend.min.css",
    "govuk-frontend.js": GOVUK / "govuk-frontend.min.js",
    "moj-frontend.css": MOJ / "moj-frontend.min.css",
    "moj-frontend.js": MOJ / "moj-frontend.min.js",
    "qr.js": QR / "index.js",
    "qr-decode.js": QR / "decode.js",
}
# What our scripts may write after ``from``, besides ``./file.js``.
PACKAGES = {
    "govuk-frontend": "govuk-frontend.js",
    "@ministryofjustice/frontend": "moj-frontend.js",
    "qr/decode.js": "qr-decode.js",
}

# Family → the faces a PDF may embed, each a static TrueType file (reportlab reads no CFF outlines).
FACES = {
    "NotoSans": ("noto-sans", ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic")),
    "NotoSansArabic": ("noto-sans-arabic", ("400Regular", "700Bold")),
    "NotoSansBengali": ("noto-sans-bengali", ("400Regular", "700Bold")),
    "NotoSansDevanagari": ("noto-sans-devanagari", ("400Regular", "700Bold")),
    "NotoSansEthiopic": ("noto-sans-ethiopic", ("400Regular", "700Bold")),
    "NotoSansGurmukhi": ("noto-sans-gurmukhi", ("400Regular", "700Bold")),
    "NotoSansHebrew": ("noto-sans-hebrew", ("400Regular", "700Bold")),
    # A Chinese face weighs 10 MB, and bold Chinese is not worth another.
    "NotoSansSC": ("noto-sans-sc", ("400Regular",)),
    "NotoSansTamil": ("noto-sans-tamil", ("400Regular", "700Bold")),
}
STYLES = {
    "400Regular": "Regular",
    "400Regular_Italic": "Italic",
    "700Bold": "Bold",
    "700Bold_Italic": "BoldItalic",
}

FONT = "GDS Transport"
SYSTEM_FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial'
COMPRESSED = {".css", ".js", ".svg"}
COPIED = {".svg", ".png", ".ico", ".webp", ".json", ".webmanifest"}


class AssetsError(Exception):
    """The files cannot be built; the message says why and what to do."""


def main() -> int:
    """Build everything in a folder aside, then put it in place of the last.

    Returns:
        0 when the files are in place, 1 when they could not be built.
    """
    fresh = BUILD / "dist.new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        names = Names(fresh)
        names.add_vendored()
        names.add_ours()
        copy_fonts(fresh / "fonts")
        refuse_traces(fresh)
    except (AssetsError, FileNotFoundError) as problem:
        print(f"The styles and scripts could not be built: {problem}", file=sys.stderr)
        return 1
    (fresh / "manifest.json").write_text(json.dumps(names.manifest, indent=2, sort_keys=True) + "\n")
    swap(fresh)
    return 0


class Names:
    """The files of one build, by the name a template uses.

    Attributes:
        manifest: logical name → path below ``static/``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, str] = {}
        self._building: list[str] = []
        folder.mkdir(parents=True)

    def add_vendored(self) -> None:
        """Add the design system's styles and scripts, and the icons its styles show."""
        for name, source in VENDORED.items():
            text = without_source_map(source.read_text(encoding="utf-8"))
            if source.suffix == ".css":
                text = self._rewrite_styles(text, assets=source.parent / "assets")
            else:
                text = self._link_vendored(source, text)
            self._write(name, text.encode())

    def add_ours(self) -> None:
        """Add what lies in ``static/src``: images first, because styles and scripts name them."""
        files = sorted(path for path in OURS.rglob("*") if path.is_file())
        for path in files:
            if path.suffix in COPIED:
                self._write(path.relative_to(OURS).as_posix(), path.read_bytes())
        for path in files:
            if path.suffix in {".css", ".js"}:
                self._add_our_text(path.relative_to(OURS).as_posix())

    def _add_our_text(self, name: str) -> str:
        """Add one of our styles or scripts after those it names, and give its hashed path."""
        if name in self.manifest:
            return self.manifest[name]
        if name in self._building:
            raise AssetsError(f"static/src/{name} imports itself by way of {' → '.join(self._building)}")
        self._building.append(name)
        text = (OURS / name).read_text(encoding="utf-8")
        text = self._link_scripts(name, text) if name.endswith(".js") else self._link_images(name, text)
        self._building.pop()
        return self._write(name, text.encode())

    def _link_scripts(self, name: str, text: str) -> str:
        """Turn each imported name of a script into the hashed file beside it."""

        def hashed(match: re.Match[str]) -> str:
            wanted = match["name"]
            logical = PACKAGES.get(wanted) or (Path(name).parent / wanted).as_posix()
            if logical not in self.manifest and not (OURS / logical).is_file():
                raise AssetsError(f"static/src/{name} imports {wanted}, which is not there")
            path = self.manifest.get(logical) or self._add_our_text(logical)
            return f"{match['before']}./{Path(path).name}{match['after']}"

        pattern = r"""(?P<before>(?:\bfrom|\bimport)\s*\(?\s*["'])(?P<name>[^"'\n]+)(?P<after>["'])"""
        return re.sub(pattern, hashed, text)

    def _link_vendored(self, source: Path, text: str) -> str:
        """Turn what a package's script imports from beside itself into the hashed file, which was added before."""
        names = {path: name for name, path in VENDORED.items()}

        def hashed(match: re.Match[str]) -> str:
            beside = names[source.parent / match["name"]]
            return f'from "./{Path(self.manifest[beside]).name}"'

        return re.sub(r"""\bfrom\s*["']\./(?P<name>[\w.]+)["']""", hashed, text)

    def _link_images(self, name: str, text: str) -> str:
        """Turn each file a style names into the hashed file beside it."""

        def hashed(match: re.Match[str]) -> str:
            wanted = match["name"]
            if wanted.startswith(("data:", "#")):
                return match[0]
            logical = (Path(name).parent / wanted).as_posix()
            if logical not in self.manifest:
                raise AssetsError(f"static/src/{name} names {wanted}, which is not in static/src")
            return f"url({Path(self.manifest[logical]).name})"

        return re.sub(r"""url\(["']?(?P<name>[^)"']+)["']?\)""", hashed, text)

    def _rewrite_styles(self, text: str, assets: Path) -> str:
        """Take GOV.UK's own font and crest out of a style sheet, and point its icons at our copies."""
        text = re.sub(r"@font-face\s*\{[^}]*\}", lambda match: "" if FONT in match[0] else match[0], text)
        text = text.replace(f"{FONT},arial", SYSTEM_FONTS)
        text = text.replace("url(/assets/images/govuk-crest.svg)", "none")

        def hashed(match: re.Match[str]) -> str:
            source = assets / match["path"]
            path = self._write(f"icons/{source.name}", source.read_bytes())
            return f"url({Path(path).name})"

        return re.sub(r"""url\(["']?/assets/(?P<path>[^)"']+)["']?\)""", hashed, text)

    def _write(self, name: str, content: bytes) -> str:
        """Write one file under its digest, gzipped too where that helps, and note it in the manifest."""
        logical = Path(name)
        file = f"{logical.stem}.{hashlib.sha256(content).hexdigest()[:12]}{logical.suffix}"
        (self.folder / file).write_bytes(content)
        if logical.suffix in COMPRESSED:
            # No time stamp: the same sources give the same bytes.
            (self.folder / f"{file}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        self.manifest[name] = f"dist/{file}"
        return self.manifest[name]


def without_source_map(text: str) -> str:
    """Drop the comment that names a source map, which is not served."""
    return re.sub(r"(//|/\*)# sourceMappingURL=\S+(\s*\*/)?\s*$", "", text)


def copy_fonts(folder: Path) -> None:
    """Copy the faces that PDFs embed, with their licences, under names such as ``NotoSans-Bold.ttf``."""
    folder.mkdir(parents=True)
    for family, (package, faces) in FACES.items():
        source = EXPO_FONTS / package
        shutil.copyfile(source / "LICENSE_FONT", folder / f"{family}-LICENSE.txt")
        for face in faces:
            copy_font(source / face / f"{family}_{face}.ttf", folder / f"{family}-{STYLES[face]}.ttf")


def copy_font(source: Path, target: Path) -> None:
    """Copy one face.

    Raises:
        AssetsError: the file has no TrueType outlines, which is all that reportlab can embed.
    """
    content = source.read_bytes()
    if content[:4] != b"\x00\x01\x00\x00" or b"glyf" not in content[:512]:
        raise AssetsError(f"{source.name} is not a TrueType font")
    target.write_bytes(content)


def refuse_traces(folder: Path) -> None:
    """Stop when a built file still names GOV.UK's font, its crown or an address outside the build.

    Raises:
        AssetsError: which file, and what was found in it.
    """
    for path in texts(folder):
        content = path.read_text(encoding="utf-8")
        for trace in (FONT, "/assets/", "govuk-crest.svg"):
            if trace in content:
                raise AssetsError(f"{path.name} still holds “{trace}”")


def texts(folder: Path) -> Iterable[Path]:
    """Give the styles and scripts of a build."""
    return (path for path in sorted(folder.iterdir()) if path.suffix in {".css", ".js"})


def swap(fresh: Path) -> None:
    """Put a finished build in place, so that a running service never sees half of one."""
    old = BUILD / "dist.old"
    shutil.rmtree(old, ignore_errors=True)
    DIST.parent.mkdir(exist_ok=True)
    if DIST.exists():
        DIST.rename(old)
    fresh.rename(DIST)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
