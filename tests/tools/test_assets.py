"""What tools/assets.py copies, rewrites and refuses."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tools import assets


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ``static/src`` of our own and a build folder beside it."""
    ours = tmp_path / "static" / "src"
    ours.mkdir(parents=True)
    monkeypatch.setattr(assets, "OURS", ours)
    monkeypatch.setattr(assets, "DIST", tmp_path / "static" / "dist")
    monkeypatch.setattr(assets, "BUILD", tmp_path / "build")
    return ours


def built(sources: Path) -> dict[str, str]:
    """Build, and give logical name → the text of the file the manifest names."""
    assert assets.main() == 0
    static = sources.parent
    manifest = json.loads((static / "dist" / "manifest.json").read_text())
    return {name: (static / path).read_text() for name, path in manifest.items() if (static / path).suffix != ".png"}


def test_no_style_or_script_names_gov_uks_font_or_crest(sources: Path) -> None:
    texts = built(sources)

    assert {"govuk-frontend.css", "govuk-frontend.js", "moj-frontend.css", "moj-frontend.js"} <= texts.keys()
    for text in texts.values():
        assert "GDS Transport" not in text
        assert "govuk-crest" not in text
        assert "@font-face" not in text
        assert "/assets/" not in text


def test_every_icon_a_style_shows_lies_beside_it(sources: Path) -> None:
    texts = built(sources)

    dist = sources.parent / "dist"
    shown = re.findall(r"url\(([^)]+)\)", texts["moj-frontend.css"])
    assert len(shown) == 11
    assert [icon for icon in shown if not (dist / icon).is_file()] == []


def test_every_style_and_script_lies_beside_its_gzipped_self(sources: Path) -> None:
    built(sources)

    files = [path for path in (sources.parent / "dist").iterdir() if path.suffix in {".css", ".js", ".svg"}]
    assert len(files) == 17
    for path in files:
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


def test_the_same_sources_give_the_same_names_and_bytes(sources: Path) -> None:
    (sources / "app.css").write_text("body{color:red}")
    dist = sources.parent / "dist"
    built(sources)
    first = {path.name: path.read_bytes() for path in dist.iterdir() if path.is_file()}

    built(sources)

    assert {path.name: path.read_bytes() for path in dist.iterdir() if path.is_file()} == first


def test_a_fresh_clone_has_no_folder_of_static_files_yet(sources: Path) -> None:
    sources.rmdir()
    sources.parent.rmdir()

    assert "govuk-frontend.css" in built(sources)


def test_our_scripts_import_the_hashed_files(sources: Path) -> None:
    (sources / "app.js").write_text('import { initAll } from "govuk-frontend"\nimport {scan} from "./scan.js"\n')
    (sources / "scan.js").write_text("export function scan() {}\n")

    texts = built(sources)

    manifest = json.loads((sources.parent / "dist" / "manifest.json").read_text())
    govuk, scan = (Path(manifest[name]).name for name in ("govuk-frontend.js", "scan.js"))
    assert texts["app.js"] == f'import {{ initAll }} from "./{govuk}"\nimport {{scan}} from "./{scan}"\n'


def test_a_packages_script_imports_the_hashed_file_beside_it(sources: Path) -> None:
    texts = built(sources)

    manifest = json.loads((sources.parent / "dist" / "manifest.json").read_text())
    assert f'from "./{Path(manifest["qr.js"]).name}";' in texts["qr-decode.js"].splitlines()[0]


def test_a_change_in_an_imported_script_renames_the_one_that_imports_it(sources: Path) -> None:
    (sources / "app.js").write_text('import {scan} from "./scan.js"\n')
    (sources / "scan.js").write_text("export function scan() {}\n")
    before = built(sources)["app.js"]

    (sources / "scan.js").write_text("export function scan() { return 1 }\n")

    assert built(sources)["app.js"] != before


def test_our_styles_show_the_hashed_images(sources: Path) -> None:
    (sources / "images").mkdir()
    (sources / "images" / "seal.svg").write_text("<svg/>")
    (sources / "app.css").write_text('a{background:url("images/seal.svg")}')

    shown = built(sources)["app.css"]

    assert re.fullmatch(r"a\{background:url\(seal\.[0-9a-f]{12}\.svg\)\}", shown)


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("app.css", "p{font-family:GDS Transport}", "still holds “GDS Transport”"),
        ("app.css", "p{background:url(gone.svg)}", "names gone.svg, which is not in static/src"),
        ("app.js", 'import "./gone.js"', "imports ./gone.js, which is not there"),
        ("app.js", 'import "./app.js"', "imports itself"),
    ],
)
def test_a_build_that_is_refused_leaves_the_last_one_in_place(
    sources: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, words: str
) -> None:
    before = built(sources)
    (sources / file).write_text(text)

    assert assets.main() == 1

    assert words in capsys.readouterr().err
    (sources / file).unlink()
    manifest = json.loads((sources.parent / "dist" / "manifest.json").read_text())
    assert manifest.keys() == before.keys()


def test_pdfs_have_a_true_type_face_for_each_script_with_its_licence(sources: Path) -> None:
    built(sources)

    fonts = sources.parent / "dist" / "fonts"
    families = {path.stem.split("-")[0] for path in fonts.glob("*.ttf")}
    assert families == set(assets.FACES)
    assert {"NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSans-Italic.ttf"} <= {f.name for f in fonts.iterdir()}
    for family in families:
        assert "SIL OPEN FONT LICENSE" in (fonts / f"{family}-LICENSE.txt").read_text()


def test_a_face_without_true_type_outlines_is_refused(tmp_path: Path) -> None:
    face = tmp_path / "Face.ttf"
    face.write_bytes(b"OTTO" + bytes(600))

    with pytest.raises(assets.AssetsError, match="is not a TrueType font"):
        assets.copy_font(face, tmp_path / "copy.ttf")

    assert not (tmp_path / "copy.ttf").exists()
