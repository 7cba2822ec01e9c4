"""What is said of coverage: up since, last, silent for; gaps with their times, and no more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers import intake
from handlers.coverage import View, lately, view
from handlers.gaps import MISSING, Gap
from handlers.pulse import Pulse
from handlers.show.coverage import gaps_text, looked_until, none_found, status_text
from handlers.show.digests import message
from handlers.show.reader import Reader
from handlers.summary import compose
from storage.coverage import Coverage, Stretch
from storage.failures import Kind, Source
from storage.lists import ListName
from storage.spans import Span
from tests.fakes import TOKYO
from tests.handlers.conftest import text_of

EVENTS, LISTS, RELAY = Source.SENDGRID_EVENTS, Source.SENDGRID_LISTS, Source.LINEWORKS_RELAY
PUSH = Source.HOST_PUSH
# 08:54 on that Friday in Tokyo.
NOW = datetime(2026, 11, 19, 23, 54, tzinfo=UTC)
KINDS = MISSING[EVENTS]
NIGHT = "from Fri 20 Nov 02:10 to 02:40"
NOTHING_FROM = "停止していたため、次の情報を受信できていません: "


def ago(minutes):
    return NOW - timedelta(minutes=minutes)


@pytest.fixture
def morning(house, clock):
    clock.moment = NOW
    house.store.put_fact(house.tenant, "connected_at", ago(5000).isoformat())
    return house


def reader(locale="ja", zone=TOKYO, **more):
    return Reader(locale=locale, zone=zone, now=NOW, **more)


def up(house, source, *spans, last=None, **more):
    """Stretches in minutes ago, and the row that goes with them."""
    stretches = [
        Stretch(source=source, since=ago(since), until=ago(until), **more) for since, until in spans
    ]
    house.store.keep_stretches(house.tenant, stretches, nothing_after=ago(-9))
    heard = None if last is None else ago(last)
    house.store.cover(house.tenant, Coverage(source=source, since=ago(spans[-1][0]), until=heard))


def said(house, locale="ja"):
    return status_text(lately(house), reader(locale))


def test_the_sources_are_told_in_one_line_each(morning):
    up(morning, EVENTS, (404, 0), last=0)
    for name in ListName:
        up(morning, LISTS, (404, 1), last=1, part=str(name))
    up(morning, RELAY, (404, 0), last=12)
    assert said(morning).splitlines() == [
        "SendGrid イベント: 02:10 から受信、最終 08:54",
        "リスト: 08:53 まで確認済み",
        "LINE WORKS 中継: 12分間連絡なし(最終 08:42)",
    ]
    assert said(morning, "en").splitlines() == [
        "SendGrid events: receiving since 02:10, last at 08:54",
        "Lists: read up to 08:53",
        "LINE WORKS relay: silent for 12 minutes (last at 08:42)",
    ]


def test_what_waits_to_be_read_is_said_and_nobody_claims_to_have_looked_past_it(morning):
    up(morning, EVENTS, (404, 0), last=0)
    for _ in range(2):
        morning.store.put_in_inbox(morning.tenant, EVENTS, b"[]", ago(3))
    assert said(morning).splitlines()[-1] == (
        "08:51 以降にSendGridから届いたデータ2件を処理中です。"
        "通知エラーの件数は、このあと増えることがあります。"
    )
    assert said(morning, "en").splitlines()[-1] == (
        "2 posts received since 08:51 are still being read, so numbers may grow."
    )
    assert looked_until(morning, lately(morning)) == ago(3)


@pytest.mark.parametrize(
    ("minutes", "length"),
    [(4, "最終 08:50"), (5, "5分間連絡なし"), (61, "1時間連絡なし"), (2 * 1440, "2日間連絡なし")],
)
def test_a_silent_relay_says_for_how_long_and_that_is_no_gap(morning, minutes, length):
    up(morning, RELAY, (4000, 0), last=minutes)
    assert length in said(morning)
    assert view(morning, ago(600), NOW).gaps == ()


def test_another_day_is_named_with_its_date(morning):
    up(morning, EVENTS, (3000, 0), last=2000)
    assert "11月18日(水) 06:54 から受信、最終 11月18日(水) 23:34" in said(morning)


def test_a_restart_is_up_from_its_own_beginning(morning):
    up(morning, EVENTS, (404, 200), (100, 0), last=150)
    assert "07:14 から受信、最終 06:24" in said(morning)


def test_an_answer_about_yesterday_says_how_far_we_are_today(morning):
    up(morning, EVENTS, (4000, 2000), (1900, 1500), (1400, 404), (400, 0), last=7)
    seen = view(morning, ago(3000), ago(1950))
    assert "02:14 から受信、最終 08:47" in status_text(seen, reader())
    assert [gap.span for gap in seen.gaps] == [Span(ago(2000), ago(1900))]


def test_seen_from_the_shell_a_minute_without_a_beat_is_no_gap(morning):
    up(morning, EVENTS, (404, 1), last=3)
    assert "停止" not in said(morning)
    assert view(morning, ago(600), NOW).gaps == ()


def test_seen_from_the_shell_a_dead_process_has_not_listened_since(morning):
    up(morning, EVENTS, (404, 40), last=60)
    assert "SendGrid イベント: 08:14 から受信していません" in said(morning)
    (gap,) = view(morning, ago(600), NOW).gaps
    assert gap.span == Span(ago(40), NOW)


def test_the_serving_process_is_up_whatever_is_stored(morning):
    up(morning, EVENTS, (404, 40), last=60)
    house = replace(morning, up=lambda: (Stretch(source=EVENTS, since=ago(40), until=NOW),))
    assert "02:10 から受信" in said(house)
    assert view(house, ago(600), NOW).gaps == ()


def test_a_source_that_is_not_connected_any_more_leaves_no_gap(morning):
    up(morning, PUSH, (404, 200), last=210)
    up(morning, EVENTS, (404, 0), last=1)
    house = replace(morning, up=Pulse(morning, [EVENTS], lambda: 0.0).up)
    assert "連携元システム: 05:34 から受信していません" in said(house)
    assert view(house, ago(600), NOW).gaps == ()


def test_a_list_that_is_behind_is_named_and_the_recipients_will_is_not(morning):
    for name in ListName:
        behind = name in {ListName.BLOCKS, ListName.SPAM_REPORTS}
        if name is not ListName.GROUPS:
            up(morning, LISTS, (404, 54 if behind else 1), last=1, part=str(name))
    told = said(morning)
    assert "受信者側の設定または操作による停止: まだ確認できていません" in told
    assert "今回の拒否の記録(Blocks)、受信者側の設定または操作による停止: 08:00 まで" in told
    assert "迷惑メール" not in told
    approver = status_text(lately(morning), reader(for_approvers=True))
    assert "迷惑メール報告リスト: 08:00 まで" in approver


def gap(since, until, source=EVENTS, **more):
    return Gap(source=source, span=Span(ago(since), ago(until)), **more)


def text(*gaps, locale="ja", earlier=(), zone=TOKYO):
    return gaps_text(View(gaps=gaps, earlier=earlier), reader(locale, zone))


def test_without_a_gap_nothing_is_said(morning):
    assert text() == ""


def test_one_time_of_being_down_is_told_once_for_all_sources():
    told = text(gap(404, 374, RELAY), gap(404, 374, unknown=KINDS))
    assert told.splitlines() == [
        f"11月20日(金) 02:10 から 02:40 までは{NOTHING_FROM}SendGrid イベント、LINE WORKS 中継",
        "SendGrid イベントの分は、後からの確認がまだ済んでいません。",
    ]


def test_what_a_mended_gap_covers_and_what_stays_unknown_is_said_by_kind():
    mended = gap(404, 374, known=KINDS[:3], unknown=(Kind.DEFERRED, Kind.DROPPED), found=2)
    first, then = text(mended, locale="en").splitlines()
    assert first == f"We were not running {NIGHT} and received nothing from: SendGrid events."
    assert "read again later, and 2 entries were found (Refused for good, Refused this" in then
    assert then.endswith("Not known unless told again: Delayed and Not sent.")
    assert "後から確認しました(" in text(replace(mended, found=None))
    assert "見つかりませんでした" in text(replace(mended, found=0))
    assert "再通知" not in text(replace(mended, unknown=()))


def test_what_could_not_be_stored_is_said_otherwise():
    assert "記録を一部保存できませんでした: LINE WORKS 中継" in text(gap(5, 4, RELAY, lost=True))


def test_times_are_rounded_outwards_to_whole_minutes():
    told = Gap(source=RELAY, span=Span(ago(3.9), ago(3.8)))
    assert "08:50 から 08:51 まで" in text(told)


def test_a_gap_over_midnight_names_both_days_of_the_readers_zone():
    told = gap(540, 530)  # 23:54 to 00:04 in Tokyo
    assert "11月19日(木) 23:54 から 11月20日(金) 00:04 まで" in text(told)
    assert "from Thu 19 Nov 09:54 to 10:04" in text(
        told, locale="en", zone=ZoneInfo("America/New_York")
    )


def test_a_gap_in_the_hour_that_is_struck_twice_is_one_gap():
    """2026-11-01 in New York: 01:00 to 02:00 comes twice; we reckon in UTC."""
    zone = ZoneInfo("America/New_York")
    told = Gap(
        source=RELAY,
        span=Span(
            datetime(2026, 11, 1, 5, 50, tzinfo=UTC), datetime(2026, 11, 1, 6, 10, tzinfo=UTC)
        ),
    )
    assert "from Sun 1 Nov 01:50 to 01:10" in text(told, locale="en", zone=zone)


def test_the_three_newest_are_told_and_the_others_counted():
    many = [gap(100 * at, 100 * at - 5) for at in range(1, 8)]
    told = text(*many, earlier=[replace(one, found=1, known=KINDS) for one in many])
    assert told.count("停止していたため") == 3
    assert "このほかに、確認できていない時間が4件あります。" in told
    assert "このほかに、後から確認した時間が4件あります。" in told
    assert "There is 1 more gap." in text(*many[:4], locale="en")


def test_an_empty_answer_tells_nothing_failed_from_nobody_looked(morning):
    keys = "digest.empty", "digest.empty_not_known"
    up(morning, RELAY, (404, 300), (200, 0), last=1)
    seen = view(morning, ago(150), NOW)
    assert "確認済み" in none_found(morning, seen, reader(), keys, ago(150))
    seen = view(morning, ago(250), NOW)
    assert "言い切れません" in none_found(morning, seen, reader(), keys, ago(250))


def test_what_is_not_connected_any_more_does_not_prove_that_nothing_failed(morning):
    keys = "digest.empty", "digest.empty_not_known"
    up(morning, RELAY, (404, 0), last=1)
    left = replace(morning, sources={EVENTS: morning.sources[EVENTS]})
    seen = view(left, ago(150), NOW)
    assert "言い切れません" in none_found(left, seen, reader(), keys, ago(150))


def test_a_gap_that_others_told_whole_leaves_nothing_open():
    assert View(gaps=(gap(9, 8, known=KINDS),)).open == ()
    assert View(gaps=(gap(9, 8, known=KINDS[:1], unknown=KINDS[1:]),)).open


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_a_digest_says_its_gaps_and_its_empty_line_does_not_hide_them(morning, locale):
    up(morning, EVENTS, (404, 300), (200, 0), last=1)
    digest = compose(morning, ago(1000), NOW, learnt=True)
    told = text_of(message(morning, digest, locale))
    assert {"ja": "03:54 から 05:34 まで", "en": "03:54 to 05:34"}[locale] in told
    assert {"ja": "言い切れません", "en": "may have been some"}[locale] in told


def test_a_gap_just_before_a_period_is_not_told_in_it(morning):
    up(morning, EVENTS, (404, 300), (200, 0), last=1)
    told = text_of(message(morning, compose(morning, ago(200), NOW), "ja"))
    assert "停止" not in told
    assert "この期間の通知エラーはありません" in told


def test_a_source_that_has_never_spoken_still_says_since_when_it_waits(morning):
    intake.listen(morning, EVENTS)
    assert "08:54 から待機中、受信はまだありません" in said(morning)
