"""The analyst's tables: read as a spreadsheet leaves them, refused with the line at fault."""

from datetime import date

import pandas as pd
import pytest

from engagerr_core.errors import InvalidArgument
from engagerr_core.sources.context import Rule, read_events, read_metadata, read_rules, rules_from
from engagerr_core.vocabulary.context import EVENT_COLUMNS, METADATA_COLUMNS


def write(tmp_path, name, text, encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_metadata_as_spreadsheets_leave_it(tmp_path, delimiter, encoding):
    text = "Content,Topic,Audience language\n\n00123, Süßes ,de\n00124,Other,\n".replace(",", delimiter)
    made = read_metadata(write(tmp_path, "metadata.csv", text, encoding))
    assert tuple(made.columns) == METADATA_COLUMNS
    assert made["content"].tolist() == ["00123", "00124"]
    assert made["topic"].tolist() == ["Süßes", "Other"]
    assert made["audience_language"].tolist() == ["de", ""]


def test_toml_and_csv_say_the_same(tmp_path):
    csv = read_metadata(write(tmp_path, "metadata.csv", "title,topic\n*soup*,food\n"))
    toml = read_metadata(write(tmp_path, "metadata.toml", '[[metadata]]\ntitle = "*soup*"\ntopic = "food"\n'))
    pd.testing.assert_frame_equal(csv, toml)
    both = read_metadata(tmp_path / "metadata.csv", tmp_path / "metadata.toml")
    assert len(both) == 2


def test_no_file_and_a_header_alone_say_nothing(tmp_path):
    assert read_metadata().empty
    assert tuple(read_metadata().columns) == METADATA_COLUMNS
    assert read_events(write(tmp_path, "events.csv", "from,to,kind,note\n")).empty
    assert tuple(read_events().columns) == EVENT_COLUMNS
    assert read_events(write(tmp_path, "none.csv", "")).empty


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("contents,topic\n1,x\n", "line 1.*'contents'.*Did you mean content"),
        ("content,topic,topic\n1,x,y\n", "stands twice"),
        ("content,topic\n,x\n", "line 2.*which posts"),
        ("content,topic\n1,\n", "line 2.*nothing is said"),
        ("content,topic,platform\n1,x,instagramm\n", "line 2.*'instagramm'.*Did you mean instagram"),
        ("content,format\n1,reel\n", "'reel' is no format"),
        ("content,topic\n1,x\n2,a,b\n", "line 3.*more cells"),
    ],
)
def test_a_mistake_in_metadata_names_line_and_way_out(tmp_path, text, message):
    with pytest.raises(InvalidArgument, match=message):
        read_metadata(write(tmp_path, "metadata.csv", text))


def test_events(tmp_path):
    text = "creator,platform,from,to,kind,note\nAda,,2026-09-01,10.09.2026,campaign,Autumn\n,x,1 Oct 2026,,outage,\n"
    made = read_events(write(tmp_path, "events.csv", text))
    assert made["start"].dt.date.tolist() == [date(2026, 9, 1), date(2026, 10, 1)]
    assert made["end"].dt.date.tolist() == [date(2026, 9, 10), date(2026, 10, 1)]
    assert set(made["origin"]) == {"analyst"}
    toml = '[[event]]\ncreator = "Ada"\nfrom = 2026-09-01\nto = 2026-09-10\nkind = "campaign"\nnote = "Autumn"\n'
    pd.testing.assert_frame_equal(read_events(write(tmp_path, "events.toml", toml)), made.iloc[:1])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-09-10,2026-09-01,campaign", "ends on 2026-09-01 before"),
        ("2026-09-31,,campaign", "line 2.*no such day"),
        ("03/04/2026,,campaign", "does not tell one day"),
        ("4 May,,campaign", "does not tell one day"),
        (",,campaign", "does not tell one day"),
        ("2026-09-01,,party", "'party' is no kind"),
    ],
)
def test_a_mistake_in_events_names_line_and_way_out(tmp_path, row, message):
    with pytest.raises(InvalidArgument, match=message):
        read_events(write(tmp_path, "events.csv", f"from,to,kind\n{row}\n"))


def test_rules(tmp_path):
    text = '[[rule]]\nname = "cold"\nset = {topic = "ice"}\nhashtags = ["cold"]\nshorter_than = 90\n'
    (rule,) = read_rules(write(tmp_path, "rules.toml", text))
    assert rule == Rule(name="cold", labels={"topic": "ice"}, hashtags=("cold",), shorter_than=90)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"set": {"topic": "x"}}, "rule 1.*every post"),
        ({"set": {"mood": "x"}, "keywords": ["a"]}, "`set` must give"),
        ({"set": {"topic": ""}, "keywords": ["a"]}, "`set` must give"),
        ({"keywords": ["a"]}, "`set` must give"),
        ({"set": {"format": "reel"}, "keywords": ["a"]}, "no format"),
        ({"set": {"topic": "x"}, "keywords": "a"}, "list of texts"),
        ({"set": {"topic": "x"}, "keywords": [" "]}, "list of texts"),
        ({"set": {"topic": "x"}, "platforms": ["myspace"]}, "no platform"),
        ({"set": {"topic": "x"}, "shorter_than": "90"}, "number of seconds"),
        ({"set": {"topic": "x"}, "shorter_than": True}, "number of seconds"),
        ({"set": {"topic": "x"}, "keyword": ["a"]}, "no condition"),
    ],
)
def test_a_mistake_in_a_rule_names_it(rule, message):
    with pytest.raises(InvalidArgument, match=message):
        rules_from({"rule": [rule]}, "rules.toml")


def test_files_that_are_no_toml_or_no_text(tmp_path):
    with pytest.raises(InvalidArgument, match="no TOML"):
        read_rules(write(tmp_path, "rules.toml", "[[rule"))
    with pytest.raises(InvalidArgument, match=r"\[\[rule\]\]"):
        read_rules(write(tmp_path, "rules.toml", "[[rules]]\n"))
    (tmp_path / "b.csv").write_bytes(bytes(range(32)) * 9)
    with pytest.raises(InvalidArgument, match=r"b\.csv: .*binary"):
        read_metadata(tmp_path / "b.csv")
    with pytest.raises(InvalidArgument, match="cannot be opened"):
        read_metadata(tmp_path)
