"""The tokens of the default theme: written from theme.toml, and readable in every mode."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from portal.pages.theming import MODES, BrokenTheme, contrast, load_theme, pairs, tokens_css

ROOT = Path(__file__).resolve().parents[3]
THEME = ROOT / "themes" / "default"


def test_tokens_css_committed_file_equals_generator_output():
    assert (THEME / "static/css/tokens.css").read_text(encoding="utf-8") == tokens_css(load_theme(THEME))


def test_contrast_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_pairs_in_every_mode_reach_their_ratio():
    found = list(pairs(load_theme(THEME)))

    weak = [(p.mode, p.front, p.back) for p in found if contrast(p.front_colour, p.back_colour) < p.ratio]

    assert {pair.mode for pair in found} == set(MODES)
    assert weak == []


def test_load_theme_mode_lacking_a_role_raises(tmp_path):
    text = (THEME / "theme.toml").read_text(encoding="utf-8").replace('focus = "#303030"\n', "")
    (tmp_path / "theme.toml").write_text(text, encoding="utf-8")

    with pytest.raises(BrokenTheme, match=r"colour\.grey differs from colour\.light in \['focus'\]"):
        load_theme(tmp_path)


def test_css_uses_only_declared_tokens_and_names_no_colour():
    declared = set(re.findall(r"--([a-z0-9-]+):", (THEME / "static/css/tokens.css").read_text(encoding="utf-8")))
    for name in ("base.css", "components.css", "pages.css"):
        css = (THEME / "static/css" / name).read_text(encoding="utf-8")
        assert set(re.findall(r"var\(--([a-z0-9-]+)", css)) <= declared
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b", css) == []


@pytest.mark.parametrize("folder", [THEME / "static/vendor", ROOT / "tests/e2e/vendor"])
def test_vendored_libraries_match_their_manifest(folder):
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))["library"]
    for library in manifest:
        assert hashlib.sha256((folder / library["file"]).read_bytes()).hexdigest() == library["sha256"]
        assert (folder / library["licence_file"]).stat().st_size > 0
    kept = {path.name for path in folder.iterdir()} - {"manifest.toml"}
    named = {library[key] for library in manifest for key in ("file", "licence_file")}
    assert kept == named


def test_templates_load_nothing_from_elsewhere_and_hold_no_inline_code():
    for template in THEME.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert re.findall(r"(?:src|href|action)=\"(?:https?:)?//", text) == [], template
        assert re.findall(r"\sstyle=|\son[a-z]+=|<style|<script>", text) == [], template
