"""The analyst's context in a workspace: read anew, drawn, part of the version, refused with its line."""

import pytest

from engagerr_core import Workspace
from engagerr_core.charts import plot
from engagerr_core.context import load_context
from engagerr_core.errors import InvalidArgument, UnknownName


@pytest.fixture
def ws(own_workspace):
    with Workspace.open(own_workspace) as found:
        yield found


def creator(ws: Workspace) -> str:
    return str(ws.creators()["creator"].iloc[0])


def test_a_new_workspace_has_empty_tables_and_opening_again_keeps_what_is_there(tmp_path):
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        version = ws.version
    file = tmp_path / "ws" / "context" / "events.csv"
    assert file.read_text().startswith("creator,platform,account,from,to,kind,note")
    file.write_text("from,kind,note\n2026-10-01,release,One\n")
    with Workspace.open(tmp_path / "ws", create=True) as ws:
        assert "One" in file.read_text()
        assert ws.version != version
        assert ws.events()["note"].tolist() == ["One"]


def test_labels_are_keys_of_figures(ws):
    name = creator(ws)
    posts = ws.contents(name)
    one = posts.iloc[0]
    (ws.path / "context" / "metadata.csv").write_text(
        f"creator,content,topic\n{name},,everything else\n,{one['content']},the one\n"
    )
    made = ws.metrics(by=["topic"], metrics=["standard_views"], creator=name)
    assert made["topic"].tolist() == ["everything else", "the one"]
    alone = ws.metrics(by=["content"], metrics=["standard_views"], creator=name)
    mine = alone[alone["content"] == one["content"]]["value"].iloc[0]
    assert made.set_index("topic").loc["the one", "value"] == mine
    assert made["value"].sum() == pytest.approx(alone["value"].sum())


def test_events_are_in_the_overview_and_in_its_pictures(ws):
    name = creator(ws)
    before = ws.overview(name)
    day = before.end.isoformat()
    (ws.path / "context" / "events.csv").write_text(
        f"creator,from,to,kind,note\n{name},{before.start},{day},campaign,<b>Autumn</b> push\nNobody,{day},,outage,\n"
    )
    after = ws.overview(name)
    assert after.events["note"].tolist() == ["<b>Autumn</b> push"]
    drawn = plot(after).to_html_fragment()
    assert "<b>" not in drawn
    assert "Autumn" in drawn
    assert "Autumn" not in plot(before).to_html_fragment()
    assert after.cards.equals(before.cards)


def test_events_of_a_creator_and_of_days(ws):
    name = creator(ws)
    (ws.path / "context" / "events.csv").write_text(
        "creator,platform,from,to,kind\n"
        f"{name},,2026-01-05,2026-01-09,campaign\nNobody,,2026-01-05,,outage\n,myspace,2026-01-05,,outage\n"
    )
    with pytest.raises(InvalidArgument, match=r"line 4.*myspace"):
        ws.events(name)
    (ws.path / "context" / "events.csv").write_text(
        f"creator,from,to,kind\n{name},2026-01-05,2026-01-09,campaign\nNobody,2026-01-05,,outage\n"
    )
    own = ws.events(name, start="2026-01-09", end="2026-01-31")
    assert own[own["origin"] == "analyst"]["kind"].tolist() == ["campaign"]
    assert ws.events(name, start="2026-01-10", end="2026-01-31").query("origin == 'analyst'").empty
    everybody = ws.events()
    assert set(everybody[everybody["origin"] == "analyst"]["kind"]) == {"campaign", "outage"}
    assert "definition_change" in set(everybody["kind"])
    with pytest.raises(UnknownName):
        ws.events("Somebody else")


def test_a_mistake_refuses_the_question_and_leaves_the_rest(ws):
    (ws.path / "context" / "rules.toml").write_text('[[rule]]\nset = {topic = "x"}\n')
    with pytest.raises(InvalidArgument, match=r"rules\.toml, rule 1.*every post"):
        ws.contents()
    assert not ws.observations().empty
    (ws.path / "context" / "rules.toml").unlink()
    assert not ws.contents().empty


def test_shipped_rules_come_after_the_own_ones(tmp_path):
    shipped = load_context(tmp_path).rules
    (tmp_path / "rules.toml").write_text('[[rule]]\nname = "own"\nkeywords = ["x"]\nset = {format = "text"}\n')
    assert [rule.name for rule in load_context(tmp_path).rules] == ["own", *(rule.name for rule in shipped)]


def test_quality_freshness_and_audience_of_the_sample(ws):
    name = creator(ws)
    report = ws.quality(name)
    assert report.creator == name
    assert not (report.findings["severity"] == "error").any()
    assert set(ws.freshness(name)["creator"]) == {name}
    people = ws.audience(name)
    assert people["share"].between(0, 1).all()
    assert people["coverage"].max() <= 1 + 1e-9
    assert len(ws.audience(name, latest=False)) >= len(people)
    for ask in (ws.quality, ws.freshness, ws.audience):
        with pytest.raises(UnknownName):
            ask("Somebody else")


def test_columns_that_nobody_knows_are_named(ws, tmp_path):
    file = tmp_path / "Totals.csv"
    file.write_text("Date,Views,Watch time (hours),Mood\n2026-10-01,5,1.5,fine\n")
    ws.ingest([file], creator="Mood")
    found = ws.quality("Mood").findings
    (one,) = found[found["rule"] == "columns kept aside"].to_dict("records")
    assert "Mood" in one["finding"]
    assert ws.files().set_index("path").loc[str(file), "columns_aside"] == ["Mood"]
