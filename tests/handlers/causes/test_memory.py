"""What is remembered of a text reads as the text itself, and names nobody."""

from hypothesis import given
from hypothesis import strategies as st

from handlers import causes
from handlers.causes import memory
from handlers.causes.memory import LONGEST, Memory
from handlers.causes.phrases import Finder, fold, phrase

RULES = causes.built_in()
EXAMPLES = [text for rule in RULES.rules for text in (*rule.examples, *rule.not_examples)]
WORDS = sorted({word for text in EXAMPLES for word in text.split()})

names = st.text("abcdefgh0123456789.-", min_size=1, max_size=12)
texts = st.one_of(
    st.sampled_from(EXAMPLES),
    st.lists(st.one_of(st.sampled_from(WORDS), names, st.text(max_size=6)), max_size=20).map(
        " ".join
    ),
)


@given(
    text=texts,
    name=names,
    code=st.sampled_from(["", "550", "421"]),
    status=st.sampled_from(["", "5.1.1", "4.2.2"]),
    hint=st.sampled_from(["", "Invalid Address", "technical"]),
)
def test_what_is_recalled_is_what_is_read(text, name, code, status, hint):
    hints = {"classification": hint}
    for said in (text, f"{name} {text} {name}"):
        for _ in range(2):
            assert causes.recall(said, code, status, hints) == causes.read(
                said, code, status, hints
            )


@given(text=texts)
def test_a_gist_holds_the_phrases_of_its_text(text):
    folded = fold(text)
    assert RULES.finder.numbers(RULES.memory.gist(folded)) == RULES.finder.numbers(folded)


def memory_of(*words):
    return Memory(Finder([(1, phrase(one)) for one in words]).spellings)


def test_names_of_one_length_leave_one_gist():
    known = memory_of("user unknown")
    gists = {known.gist(fold(f"{name}: user unknown, id {name}42")) for name in ("taro", "jiro")}
    assert len(gists) == 1
    assert "taro" not in gists.pop()


def test_parts_of_words_are_noticed():
    known = memory_of("throttl*", "*listed", "*ban*", "宛先不明")
    for folded in (" throttling ", " blacklisted ", " unbanned ", " この宛先不明です "):
        assert known.gist(folded) == folded


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(memory, "_MOST_READINGS", 10)
    monkeypatch.setattr(memory, "_MOST_WORDS", 10)
    known = memory_of("user unknown")
    for number in range(100):
        known.keep((known.gist(f"name{number}"),), causes.read(""))
    assert len(known._readings) <= 10
    assert len(known._words) <= 10


def test_a_long_text_is_read_and_not_remembered():
    rules = causes.load_rules()
    before = len(rules.memory._readings)
    long = "550 5.1.1 user unknown " + "x " * LONGEST
    assert causes.recall(long) == causes.read(long)
    assert len(rules.memory._readings) == before
