import gettext
from pathlib import Path

from pmoportal.translations import compile_translations

SOURCE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8"

msgid "Mail"
msgstr "Brev – på svenska"
"""


def test_a_po_file_becomes_a_mo_file_once(tmp_path: Path) -> None:
    source = tmp_path / "sv" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE, encoding="utf-8")
    assert compile_translations(tmp_path) == [source.with_suffix(".mo")]
    assert gettext.translation("django", tmp_path, ["sv"]).gettext("Mail") == "Brev – på svenska"
    assert compile_translations(tmp_path) == []
    assert sorted(path.name for path in source.parent.iterdir()) == ["django.mo", "django.po"]
