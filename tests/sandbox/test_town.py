from collections import Counter

from sandbox.town import residents


def test_the_town_is_the_same_at_every_call():
    assert residents() == residents()


def test_some_150_people_have_addresses_in_thirteen_domains():
    people = residents()
    assert 145 <= len(people) <= 160
    assert len({one.domain for one in people if one.email}) == 13


def test_nobody_shares_an_address_a_login_or_a_name():
    for field in ("id", "name", "email", "login"):
        values = Counter(getattr(one, field) for one in residents() if getattr(one, field))
        assert values.most_common(1)[0][1] == 1, field


def test_every_mixture_of_media_lives_here():
    mixtures = {(bool(one.email), bool(one.login)) for one in residents()}
    assert mixtures == {(True, True), (True, False), (False, True), (False, False)}


def test_addresses_at_real_providers_are_invented_on_the_face_of_it():
    real = [one.email for one in residents() if one.email and "example" not in one.domain]
    assert real
    assert all(address.startswith("mihon-") for address in real)
