"""Whose figures a file holds."""

import pytest

from engagerr_core.errors import ConflictingAccount
from engagerr_core.ownership import folder_name, ownership
from tests.store.example_readings import daily, posts, reading


def decide(one, owners=None, **said):
    return ownership(one, owners or {}, **said)


def test_the_files_own_id_and_the_callers_creator():
    found = decide(reading("a", account="UC1", account_title="Ada Makes"), creator="Ada")
    assert (found.account, found.creator, found.warnings) == ("UC1", "Ada", ())


def test_without_an_id_the_account_is_the_callers():
    found = decide(reading("a"), creator="Ada", account="UC9")
    assert (found.account, found.creator) == ("UC9", "Ada")


def test_without_any_account_it_is_creator_and_platform():
    assert decide(reading("a"), creator="Ada").account == "Ada/youtube"


def test_the_owner_of_an_account_is_its_creator():
    found = decide(reading("a", account="UC1", account_title="Ada Makes"), {("youtube", "UC1"): "Ada"})
    assert (found.creator, found.warnings) == ("Ada", ())


def test_an_account_of_the_same_name_elsewhere_is_another():
    assert decide(reading("a", account="UC1"), {("tiktok", "UC1"): "Bo"}, creator="Ada").creator == "Ada"


def test_the_folder_names_the_creator_last_and_it_is_said():
    """The account's title does not: it differs from platform to platform, and would split one person in two."""
    found = decide(reading("a", account_title=" Ada Makes "))
    assert (found.creator, found.account) == ("Ada", "Ada/youtube")
    assert 'taken from the folder: "Ada"' in found.warnings[0]


def test_a_conflicting_creator_is_refused():
    with pytest.raises(ConflictingAccount, match="UC1, which belongs to Ada, but creator='Bo'"):
        decide(reading("a", account="UC1"), {("youtube", "UC1"): "Ada"}, creator="Bo")


def test_a_conflicting_account_is_refused():
    with pytest.raises(ConflictingAccount, match="names the account UC1, but account='UC2'"):
        decide(reading("a", account="UC1"), creator="Ada", account="UC2")


def test_the_callers_account_may_be_its_title():
    found = decide(reading("a", account="UC1", account_title="Ada Makes"), creator="Ada", account="ada makes")
    assert found.account == "UC1"


def test_another_creators_account_given_by_name_is_refused():
    with pytest.raises(ConflictingAccount, match="belongs to Ada"):
        decide(reading("a"), {("youtube", "main"): "Ada"}, creator="Bo", account="main")


def test_rows_that_tell_their_own_accounts():
    rows = daily("a", 3).assign(account=["1", "2", ""])
    found = decide(reading("a", rows), {("youtube", "2"): "Bo"}, creator=None)
    assert found.creators == {"1": "Bo", "2": "Bo", "Bo/youtube": "Bo"}


def test_rows_of_two_owners_keep_them():
    rows = daily("a", 2).assign(account=["1", "2"])
    found = decide(reading("a", rows), {("youtube", "1"): "Ada", ("youtube", "2"): "Bo"})
    assert found.creators["1"] == "Ada"
    assert found.creators["2"] == "Bo"
    with pytest.raises(ConflictingAccount, match="belongs to Bo"):
        decide(reading("a", rows), {("youtube", "1"): "Ada", ("youtube", "2"): "Bo"}, creator="Ada")


def test_one_account_in_every_row_is_the_tables():
    rows = daily("a", 2).assign(account="178414")
    assert decide(reading("a", rows), creator="Ada").account == "178414"


def test_posts_tell_their_account_too():
    contents = posts("a", ("p1",)).assign(account="178414")
    assert decide(reading("a", daily("a", 0), contents=contents), creator="Ada").account == "178414"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data/Ada/Table data.csv", "Ada"),
        ("/data/Ada/youtube/Table data.csv", "Ada"),
        ("/data/Ada/YouTube Music/x.csv", "Ada"),
        ("/data/Ada/Instagram/cards/Reach.csv", "cards"),
        ("/data/Ada/Content 2026-01-01_2026-01-31 Ada/Table data.csv", "Ada"),
        ("/data/Ada/a.zip › Table data.csv", "Ada"),
        ("/Table data.csv", "Table data"),
    ],
)
def test_folder_names(path, name):
    assert folder_name(path) == name
