"""Connects: processes, wires and the vendors' protocols. The map of the whole project:

    bot ──────► handlers ──────► storage        imports point right only
    connects    decides          remembers

bot/
  cli.py  serving.py        notify-errors ...; one process with its lock and web server
  cli_readings.py           ... explain, classify, reclassify, corrections, audit
  cli_running.py            ... status, doctor, poll, quarantine
  cli_storage.py  keeping.py  ... backup, restore, move, migrate
  cli_import.py  imports/   ... import: files of every kind as failures and people
  config.py  specs.py       Settings, read once; ConfigError names the variable and the mend
  wiring.py                 the composition root: the only module that sees every part
  sources.py  relaying.py   all sources in one table: connected when, heard or read how
  web.py  endpoints.py      all routes in one table; what arrives, verified and handed on
  connections.py            what one connection may cost us
  engines/                  what wakes the due units
  slack/  lineworks/        a chat product each: what is said, what is shown, the calls
  lineworks/relay.py        also a source: sends that pass through us
  sendgrid/  host/          sources: the Event Webhook, lists, logs; the customer's own system
  vocabulary.py  dsn.py     what only protocols know: pasted things, hints, answers sorted anew
  clock.py  http.py  logs.py
handlers/
  conversation.py  ports.py what two chat products share; what we ask of the world
  desk.py                   where typed words, presses and filled forms arrive
  commands.py  lookups.py   answers; asking.py  requests.py: wishes and decisions
  removals.py  resends.py   carried out once, told, watched
  explaining.py             what something pasted says
  correcting.py  corrections.py  relabelling.py  rereading.py
                            a better answer, heard from now on and for the past; and back
  intake.py  polls.py       the only path into storage, and the schedule of the lists
  moments.py                what was noted, less what a wrong clock noted
  pulse.py                  that we are up; coverage.py  gaps.py  mending.py: how far everything
                            was read, what is missing, and who can tell of it later
  quarantine.py             what could not be understood, read again
  status.py  upkeep.py      how we are; warnings while there is time; checkup.py: what to mend
  retention.py              what is forgotten in time
  mail_logs.py              the provider's log of each mail, where the webhook is silent
  reconciling.py leaving.py who has left the lists, found out at night, and what follows
  feeds.py  imports.py      the host's feed behind its cursor; files, whole or not at all
  digests.py  notices.py    what leaves at most once
  tasks.py                  what is due at this moment
  causes/  offers.py        why it failed, read by rules that are data; what can be done, by whom
  situations.py  forwarding.py  who received it, whose turn it is; what to send on to them
  reach.py  standouts.py    how far it reaches: one address, a domain, a provider, everyone
  outages.py                an alarm when it is everyone
  hygiene.py  typos.py      addresses that look mistyped
  show/  wording/           values -> messages; every sentence, Japanese and English
storage/
  failures.py cases.py requests.py digests.py people.py lists.py coverage.py   the words
  folding.py                one spelling for the many of one mailbox
  corrections.py audit.py   what people said better, and who did what
  spans.py                  the arithmetic of time that coverage needs
  quarantine.py  health.py  what lies apart, and how the storage is
  store.py  views.py        the verbs, and what they count
  verbs/  sql/              how they are carried out, whichever engine keeps the rows
  whole/                    all rows at once: backup, restore, move
  sqlite/  postgres/        connections, schema, search and hot inserts of each

A bounce walks: bot.web -> bot.endpoints -> bot.sendgrid.events -> handlers.intake
-> storage; a tick wakes handlers.digests -> handlers.show -> bot.slack.render.
`sandbox/` stands apart: stand-ins for the vendors, found by an entry point.
"""
