"""Settings: the file, then variables; what is wrong is named."""

import pytest

from engagerr_core.errors import InvalidArgument
from engagerr_core.settings import FILE, TEMPLATE, Settings, load_settings


def load(folder, text):
    (folder / FILE).write_text(text, encoding="utf-8")
    return load_settings(folder)


def test_the_template_names_every_setting_with_its_default(tmp_path):
    assert load(tmp_path, TEMPLATE) == Settings()
    commented = [line[2:] for line in TEMPLATE.splitlines() if line.startswith("# ") and " = " in line]
    uncommented = load(tmp_path, "\n".join(commented))
    assert uncommented.model_dump(exclude={"catalogue"}) == Settings().model_dump(exclude={"catalogue"})
    assert {line.split(" = ")[0] for line in commented} == set(Settings.model_fields)


def test_variables_win(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGERR_TIME_ZONE", "Asia/Tokyo")
    monkeypatch.setenv("ENGAGERR_LOCK_TIMEOUT", "5")
    monkeypatch.setenv("ENGAGERR_WORKSPACE", "elsewhere")  # the command line's own
    settings = load(tmp_path, 'time_zone = "Europe/Berlin"\ncoefficient_set = "own"')
    assert (settings.time_zone, settings.coefficient_set, settings.lock_timeout) == ("Asia/Tokyo", "own", 5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('timezone = "UTC"', "sets timezone, which is no setting. Did you mean time_zone?"),
        ("colour = 1", "sets colour, which is no setting. Known are time_zone"),
        ('time_zone = "Mars/Olympus"', "time_zone 'Mars/Olympus' cannot be used.*Europe/Berlin"),
        ('time_zone = "../../etc/passwd"', "cannot be used"),
        ("lock_timeout = -1", "lock_timeout -1 cannot be used"),
        ('lock_timeout = "soon"', "lock_timeout 'soon' cannot be used"),
        ("time_zone = ", "is not TOML"),
        ("[store]\npath = 1", "sets store, which is no setting"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, words):
    with pytest.raises(InvalidArgument, match=words):
        load(tmp_path, text)


def test_a_wrong_variable_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGERR_LOCK_TIMEOUT", "soon")
    with pytest.raises(InvalidArgument, match="ENGAGERR_LOCK_TIMEOUT"):
        load(tmp_path, "")


def test_a_password_is_not_shown(tmp_path):
    settings = load(tmp_path, 'catalogue = "postgresql://a:secret@h/d"')
    assert "secret" not in repr(settings)
    with pytest.raises(InvalidArgument) as caught:
        load(tmp_path, 'catalogue = ["secret"]')
    assert "secret" not in str(caught.value)
