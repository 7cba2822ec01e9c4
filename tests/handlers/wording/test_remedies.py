"""Every failure has a remedy, and none offers what must not be offered."""

from __future__ import annotations

import re
from itertools import product

import pytest

from handlers.wording import catalogue, remedy
from handlers.wording.remedies import Remedy
from storage.failures import Cause, DroppedBy, Kind

LINE_WORKS = tuple(Kind)[tuple(Kind).index(Kind.TOO_FREQUENT) :]
EMAIL = (*tuple(Kind)[: tuple(Kind).index(Kind.TOO_FREQUENT)], Kind.UNCLASSIFIED)
CLOSER = (
    "unknown_or_filtered",
    "filtered_by_recipient",
    "refused_by_provider",
    "forwarded",
    "server_error_at_provider",
    "relay_denied_at_provider",
    "paced_by_sendgrid",
    "lasting",
    "result_lost",
    "off_the_list",
)
CAUSES = (*Cause, *CLOSER, None)
SITUATIONS = [
    *(("email", kind, None, cause) for kind, cause in product(EMAIL, CAUSES)),
    *(("email", Kind.DROPPED, by, cause) for by, cause in product(DroppedBy, CAUSES)),
    *(("line_works", kind, None, entry) for kind in LINE_WORKS for entry in ("not_kept", None)),
]
RECIPIENTS_WILL = [
    ("email", Kind.SPAM_REPORT, None),
    ("email", Kind.UNSUBSCRIBED, None),
    ("email", Kind.DROPPED, DroppedBy.SPAM_REPORT_LIST),
    ("email", Kind.DROPPED, DroppedBy.UNSUBSCRIBE_LIST),
]
OFFERS_REMOVAL = re.compile(r"解除を申請|request removal", re.IGNORECASE)


def text_of(found: Remedy) -> str:
    return "\n".join([found.meaning, found.first, *found.steps, found.next, found.offer_why])


def every(*, for_approvers: bool = False) -> list[tuple[tuple, str, Remedy]]:
    return [
        (situation, locale, remedy(*situation, locale, for_approvers=for_approvers))
        for situation, locale in product(SITUATIONS, ("ja", "en"))
    ]


def test_every_situation_has_a_whole_remedy_in_both_languages():
    for situation, locale, found in every():
        parts = (found.meaning, found.first, *found.steps, found.next, found.offer_why)
        assert all(parts), situation
        assert found.steps, situation
        is_japanese = [bool(re.search("[ぁ-ん]", part)) for part in parts]
        assert all(is_japanese) if locale == "ja" else not any(is_japanese), situation


def test_every_remedy_fits_one_line_works_text():
    for situation, _, found in [*every(), *every(for_approvers=True)]:
        assert len(text_of(found).encode("utf-16-le")) // 2 <= 2000, situation


def test_no_slot_is_left_open():
    for situation, _, found in [*every(), *every(for_approvers=True)]:
        assert not re.search(r"[{}]", text_of(found)), situation


def test_the_first_sentence_is_short_enough_for_a_digest():
    for situation, locale, found in every():
        assert len(found.first) <= (90 if locale == "ja" else 190), situation


@pytest.mark.parametrize(
    "kind", [Kind.SOFT_BOUNCE, Kind.DEFERRED, Kind.SPAM_REPORT, Kind.UNSUBSCRIBED]
)
@pytest.mark.parametrize("for_approvers", [False, True])
def test_no_removal_is_offered_where_none_would_help(kind, for_approvers):
    for cause, locale in product(CAUSES, ("ja", "en")):
        found = remedy("email", kind, None, cause, locale, for_approvers=for_approvers)
        assert not OFFERS_REMOVAL.search(text_of(found))


@pytest.mark.parametrize(
    "dropped_by",
    [by for by in DroppedBy if by not in {DroppedBy.BOUNCE_LIST, DroppedBy.INVALID_LIST}],
)
@pytest.mark.parametrize("for_approvers", [False, True])
def test_a_drop_offers_a_removal_only_for_the_lists_that_we_may_touch(dropped_by, for_approvers):
    for cause, locale in product(CAUSES, ("ja", "en")):
        found = remedy("email", "dropped", dropped_by, cause, locale, for_approvers=for_approvers)
        assert not OFFERS_REMOVAL.search(text_of(found))


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_nobody_but_an_approver_learns_of_a_complaint_or_an_opt_out(locale):
    told = {remedy(*what, Cause.FEEDBACK_OR_VACATION, locale) for what in RECIPIENTS_WILL}
    assert len(told) == 1
    assert not re.search("迷惑メール|配信停止|spam|opted|opt-out", text_of(told.pop()))


def test_the_ordinary_version_says_only_that_it_is_stopped():
    found = remedy("email", "spam_report", None, None, "ja")
    assert found.meaning == "受信者側の設定または操作により停止しています。"


@pytest.mark.parametrize(
    ("what", "word"), list(zip(RECIPIENTS_WILL, ["迷惑", "配信停止"] * 2, strict=True))
)
def test_an_approver_reads_what_the_recipient_did(what, word):
    assert word in remedy(*what, None, "ja", for_approvers=True).meaning


def test_a_cause_changes_the_remedy_of_its_kind():
    full = remedy("email", "hard_bounce", None, "mailbox_full", "en")
    assert "make space" in full.first
    assert full.next == remedy("email", "hard_bounce", None, None, "en").next


def test_a_drop_from_the_bounce_list_asks_for_what_the_bounce_asked_for():
    bounce = remedy("email", "hard_bounce", None, "user_unknown", "ja")
    drop = remedy("email", "dropped", "bounce_list", "user_unknown", "ja")
    assert (drop.first, drop.steps) == (bounce.first, bounce.steps)
    assert drop.meaning != bounce.meaning


def test_a_listed_refusal_that_does_not_speak_of_the_address_offers_removal_after_the_mend():
    listed = remedy("email", "hard_bounce", None, "spam_detected", "ja")
    passing = remedy("email", "soft_bounce", None, "spam_detected", "ja")
    assert listed.meaning == passing.meaning
    assert "解除を申請" in listed.first


def test_nothing_is_sent_again_to_a_listed_address_before_its_removal():
    for cause in Cause:
        steps = remedy("email", "hard_bounce", None, cause, "ja").steps
        assert all("解除" in step for step in steps if "あらためて送信" in step), cause


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_who_has_looked_at_others_is_not_asked_to(locale):
    asked = {"ja": "ほかの宛先", "en": "other addresses"}[locale]
    for cause in Cause:
        known = ("email", "soft_bounce", None, cause, locale)
        steps, left = remedy(*known).steps, remedy(*known, looked=True).steps
        assert not any(asked in step for step in left)
        assert left == tuple(step for step in steps if asked not in step)
        assert left, cause


def test_at_most_three_sentences_stand_before_the_steps():
    for situation, locale, found in every(for_approvers=True):
        before = f"{found.meaning} {found.first} "
        ends = len(re.findall("。", before) if locale == "ja" else re.findall(r"[.] ", before))
        assert ends <= 3, (situation, before)


@pytest.mark.parametrize("kind", ["too_frequent", "daily_cap", "daily_cap_suspected", "unanswered"])
def test_no_button_is_named_where_the_message_was_not_kept(kind):
    for locale, buttons in (
        ("ja", "翌日に再送|もう一度送る"),
        ("en", "Resend tomorrow|Send again"),
    ):
        found = remedy("line_works", kind, None, "not_kept", locale, deadline="X")
        assert not re.search(buttons, text_of(found))


def test_a_suspected_cap_stays_suspected_where_the_message_was_not_kept():
    found = remedy("line_works", "daily_cap_suspected", None, "not_kept", "ja", deadline="X")
    assert "考えられます" in found.meaning
    assert "推定が正しければ、X 以降" in found.next


def test_sendgrids_own_pacing_is_nobodys_fault_at_the_recipient():
    found = remedy("email", "deferred", None, "paced_by_sendgrid", "ja", deadline="X")
    assert "送信量を調整" in found.meaning
    assert "遅くとも X まで" in found.next


def test_a_result_that_was_lost_is_asked_of_support():
    found = remedy("email", "deferred", None, "result_lost", "ja")
    assert "サポート" in found.first
    assert "確定します" not in found.next


def test_what_is_off_the_list_needs_no_removal():
    found = remedy("email", "dropped", "bounce_list", "off_the_list", "ja")
    assert "解除は不要" in found.first
    assert not OFFERS_REMOVAL.search(text_of(found))


def test_a_carriers_unknown_may_be_a_filter():
    found = remedy("email", "hard_bounce", None, "unknown_or_filtered", "ja")
    assert "受信リスト" in found.first
    assert "区別できません" in found.meaning


def test_a_deferral_names_its_end_when_it_is_known():
    dated = remedy("email", "deferred", None, None, "ja", deadline="11月26日(木) 09:00(日本時間)")
    assert "遅くとも 11月26日(木) 09:00(日本時間) までに" in dated.next
    assert "72時間" in remedy("email", "deferred", None, None, "ja").next


def test_a_deadline_changes_nothing_where_none_applies():
    assert remedy("email", "hard_bounce", None, None, "en", deadline="Mon") == remedy(
        "email", "hard_bounce", None, None, "en"
    )


@pytest.mark.parametrize(("locale", "word"), [("ja", "考えられます"), ("en", "probably")])
def test_a_suspected_cap_stays_suspected(locale, word):
    assert word in remedy("line_works", "daily_cap_suspected", None, None, locale).meaning


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_the_four_checks_of_a_bounce_are_all_there(locale):
    steps = "\n".join(remedy("email", "hard_bounce", None, None, locale).steps)
    words = {
        "ja": ["迷惑メールフォルダー", "空き容量", "登録アドレス", "許可リスト"],
        "en": ["junk folder", "free space", "registered address", "allow list"],
    }
    assert [word for word in words[locale] if word not in steps] == []


def test_an_unknown_kind_is_named():
    with pytest.raises(KeyError, match=r"no remedy for 'email\.nonsense'"):
        remedy("email", "nonsense", None, None, "ja")


def test_the_words_that_mislead_are_avoided_here_too():
    avoided = re.compile(
        "ブラックリスト|ホワイトリスト|クォータ|サプレッション|スパム|アドレスを削除|保留|届きました"
    )
    for situation, locale, found in [*every(), *every(for_approvers=True)]:
        if locale == "ja":
            assert not avoided.search(text_of(found)), situation


def leaves(table: dict, path: str = "") -> list[tuple[str, object]]:
    return [
        leaf
        for name, inner in table.items()
        for leaf in (
            leaves(inner, f"{path}.{name}")
            if isinstance(inner, dict)
            else [(f"{path}.{name}", inner)]
        )
    ]


def test_every_written_remedy_is_read_by_somebody():
    shown = {
        part
        for for_approvers in (False, True)
        for _, _, found in every(for_approvers=for_approvers)
        for part in (
            *(found.meaning, found.first, found.next, found.offer_why),
            *(found.steps, *found.steps),
        )
    }
    shown |= {
        remedy(*what, locale, deadline="{deadline}").next
        for what in SITUATIONS
        for locale in ("ja", "en")
    }
    table = catalogue.read(catalogue.REMEDIES)
    looks = {
        (f"look.{name}", spoken): words
        for name, told in table["look"].items()
        for spoken, words in told.items()
    }
    unread = [
        path
        for path, text in leaves(table)
        if (spoken := path.rpartition(".")[2]) in {"ja", "en"}
        and (
            tuple(looks.get((step, spoken), step) for step in text)
            if isinstance(text, list)
            else text
        )
        not in shown
    ]
    assert unread == []
