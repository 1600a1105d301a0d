import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from pmoportal.translations import compile_translations

SOURCE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8"

msgid "Mail"
msgstr "Brev – på svenska"
"""

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = ROOT / "locale"
BLANK = re.compile(r"%\(\w+\)[sd]")
# Texts that stand whole in one place; longer ones are found by makemessages alone.
TEXT = re.compile(
    r"""(?:\{% translate |\b(?:_|lazy|gettext|gettext_lazy)\()(["'])((?:(?!\1).)+)\1"""
)


def test_a_po_file_becomes_a_mo_file_once(tmp_path: Path) -> None:
    source = tmp_path / "sv" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE, encoding="utf-8")
    assert compile_translations(tmp_path) == [source.with_suffix(".mo")]
    assert gettext.translation("django", tmp_path, ["sv"]).gettext("Mail") == "Brev – på svenska"
    assert compile_translations(tmp_path) == []
    assert sorted(path.name for path in source.parent.iterdir()) == ["django.mo", "django.po"]


def get_catalogue() -> Catalog:
    with (LOCALE / "sv" / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def test_every_text_of_ours_is_in_swedish() -> None:
    known = {each if isinstance(each, str) else each[0] for each in get_all_ids(get_catalogue())}
    used: set[str] = set()
    for file in (*ROOT.glob("templates/**/*.html"), *get_modules()):
        used |= {match[2] for match in TEXT.finditer(file.read_text(encoding="utf-8"))}
    # In a template's text the catalogue has every "%" twice.
    assert used - known - {each.replace("%%", "%") for each in known} == set()


def test_no_swedish_text_is_missing_or_guessed() -> None:
    faults = [
        message.id
        for message in get_catalogue()
        if message.id and (message.fuzzy or not all(get_strings(message)))
    ]
    assert faults == []


def test_every_swedish_text_keeps_its_blanks() -> None:
    faults = [
        message.id
        for message in get_catalogue()
        if message.id
        for text in get_strings(message)
        if not set(BLANK.findall(text)) <= set(BLANK.findall(str(message.id)))
    ]
    assert faults == []


def get_strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def get_all_ids(catalogue: Catalog) -> Iterator[str | tuple[str, ...]]:
    yield from (message.id for message in catalogue if message.id)


def get_modules() -> Iterator[Path]:
    for app in ("assessments", "campaigns", "leads", "pmoportal"):
        yield from (ROOT / app).rglob("*.py")
