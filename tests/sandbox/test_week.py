from datetime import time, timedelta

import pytest

from sandbox.sendgrid.outcomes import check
from sandbox.week import Happening, Run, plan


@pytest.fixture(scope="module")
def week():
    return plan()


@pytest.fixture(scope="module")
def runs(week):
    return [step for step in week.steps if isinstance(step, Run)]


def test_two_weeks_are_equal(week):
    assert plan() == week


def test_the_week_ends_with_a_digest_on_a_working_day_after_a_holiday(week):
    assert week.ends.isoformat() == "2026-11-24T09:00:00+09:00"
    assert week.ends - week.starts == timedelta(days=7, minutes=10)


def test_every_step_lies_inside_the_week_in_its_order(week):
    times = [step.at for step in week.steps]
    assert times == sorted(times)
    assert week.starts < times[0] < times[-1] < week.ends


def test_what_happened_before_is_older_than_the_installation(week):
    assert all(one.event["timestamp"] < week.starts.timestamp() for one in week.before)
    assert {one.event["event"] for one in week.before} == {
        "bounce",
        "dropped",
        "spamreport",
        "unsubscribe",
    }


def test_the_stand_in_understands_every_script(runs):
    assert all(check(mail.script) for run in runs for mail in run.mails)


def test_servers_speak_of_the_very_address(runs):
    said = [
        (mail.to.email, mail.script.get("reason", ""))
        for run in runs
        for mail in run.mails
        if "@" in mail.script.get("reason", "")
    ]
    assert said
    assert all(address in reason for address, reason in said)


def test_nobody_is_written_to_on_a_medium_that_they_lack(runs):
    assert all(mail.to.email for run in runs for mail in run.mails)
    assert all(notice.to.login for run in runs for notice in run.notices)


def test_an_outage_strikes_a_whole_domain_at_once(week, runs):
    struck = {one.email for one in week.cast["domain outage"]}
    [run] = [
        run
        for run in runs
        if struck
        & {m.to.email for m in run.mails if m.script.get("response", "").startswith("421 4.3.2")}
    ]
    assert len(struck) > 10
    assert struck <= {mail.to.email for mail in run.mails}
    assert {address.partition("@")[2] for address in struck} == {"minato.example.co.jp"}


def test_a_company_that_was_delivered_to_refuses_everybody_on_the_last_morning(week, runs):
    struck = {one.email for one in week.cast["gateway outage"]}
    written = [(run.at, mail) for run in runs for mail in run.mails if mail.to.email in struck]
    refused = [(at, mail.to.email) for at, mail in written if mail.script["outcome"] == "bounce"]
    assert {at for at, _ in refused} == {week.ends.replace(hour=7, minute=30)}
    assert {address for _, address in refused} == struck
    assert len(struck) >= 3
    assert {mail.script["outcome"] for at, mail in written if at < refused[0][0]} == {"deliver"}


def test_a_mistyped_address_stands_beside_the_right_domain(week):
    [mistyped] = week.cast["mistyped"]
    homes = {one.domain for one in week.people}
    assert mistyped.domain not in {one.domain for one in week.people if one != mistyped}
    assert f"{mistyped.domain}.jp" in homes


def test_the_days_maximum_is_reached_on_the_last_morning(week, runs):
    capped = [run for run in runs if run.trouble and "cap" in run.trouble.on]
    assert [run.at for run in capped] == [week.ends.replace(hour=7, minute=30)]
    assert len(capped[0].notices) > capped[0].trouble.on["cap"] + 15


def test_every_trouble_finds_its_run_and_is_put_back(runs):
    troubles = [run.trouble for run in runs if run.trouble]
    assert len(troubles) == 5
    assert all(trouble.on.keys() == trouble.off.keys() for trouble in troubles)


def test_somebody_opts_out_without_a_mail(week):
    told = [step.event["event"] for step in week.steps if isinstance(step, Happening)]
    assert {"unsubscribe", "group_unsubscribe", "dropped"} <= set(told)


def test_no_run_stands_in_the_way_of_a_digest(runs):
    assert all(run.at.time() != time(9) for run in runs)
