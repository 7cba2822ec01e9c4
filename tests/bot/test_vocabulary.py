"""What the vendors' protocols know, as the handlers are given it."""

from bot.vocabulary import vocabulary
from storage.failures import Source
from tests.bot.host.test_host_push import RULES

REFUSED_AT_ONCE = {Source.HOST_PUSH, Source.CSV}
FORWARDED = {Source.LINEWORKS_RELAY}


def test_whatever_can_be_set_aside_can_be_read_again():
    read = vocabulary(host=RULES).read_again
    assert set(read) == set(Source) - REFUSED_AT_ONCE - FORWARDED


def test_without_the_hosts_rules_its_lines_stay():
    assert Source.HOST_FEED not in vocabulary().read_again
