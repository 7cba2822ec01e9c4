import pytest

from storage.failures import Medium
from storage.people import Person
from tests.storage.examples import NOW, TENANT, batch, bounce, refusal

HANAKO = Person(
    id="p1", name="山田 花子", email="Hanako@example.jp", line_works_id="hanako@example", tag="東京"
)
TARO = Person(id="p2", name="Taro Yamada", no_address=True, line_works_id="taro@example")
PERCENT = Person(id="p3", name="100%", email="a_b@example.jp")


@pytest.fixture
def known(store):
    assert store.put_people(TENANT, [HANAKO, TARO, PERCENT]) == 3
    return store


def test_people_told_again_unchanged_are_no_news(known):
    moved = Person(id="p2", name="Taro Yamada", email="taro@example.jp")
    assert known.put_people(TENANT, [HANAKO, moved, PERCENT]) == 1
    assert known.find_people(TENANT, "p2") == [moved]


def test_a_person_is_found_behind_an_address_and_an_id(known):
    assert known.person_of(TENANT, Medium.EMAIL, "hanako@EXAMPLE.jp") == HANAKO
    assert known.person_of(TENANT, Medium.LINE_WORKS, "Taro@example") == TARO


def test_an_empty_address_is_nobodys(known):
    assert known.person_of(TENANT, Medium.EMAIL, " ") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("山田花子", [HANAKO]),
        ("山田　花子", [HANAKO]),
        ("花子", [HANAKO]),
        ("yamada", [TARO]),
        ("P1", [HANAKO]),
        ("example", [PERCENT, TARO, HANAKO]),
        ("%", [PERCENT]),
        ("_", [PERCENT]),
        ("\\", []),
        ("", []),
        ("　", []),
    ],
)
def test_people_are_found_by_what_one_remembers(known, text, expected):
    assert known.find_people(TENANT, text) == expected


def test_the_exact_one_comes_before_those_that_contain_it(store):
    names = ["Ann", "Anna", "Joann", "Ann Lee"]
    store.put_people(TENANT, [Person(id=f"p{n}", name=name) for n, name in enumerate(names)])
    assert [person.name for person in store.find_people(TENANT, "ann", limit=2)] == ["Ann", "Anna"]


def test_people_of_another_tenant_are_strangers(known):
    assert known.find_people("other", "花子") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hanako", ["hanako@example", "hanako@example.jp"]),
        ("hanako@exmaple.jp", ["hanako@example.jp", "hanako@example"]),
        ("hanakko@example.jp", ["hanako@example.jp", "hanako@example"]),
        ("HANAKO@example.jp", ["hanako@example.jp", "hanako@example"]),
        ("jiro@example.co", ["jiro@example.co.jp"]),
        ("somebody@elsewhere.example", []),
        ("h%", []),
        ("", []),
    ],
)
def test_a_mistyped_recipient_is_guessed(store, text, expected):
    told = [bounce(), refusal(), bounce(source_id="e2", recipient="jiro@example.co.jp")]
    store.record(TENANT, batch(*told), NOW)
    assert [address for _, address in store.similar(TENANT, text)] == expected
