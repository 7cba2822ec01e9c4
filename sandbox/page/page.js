// Draws what /state says and sends what people do. Others' words only ever become text nodes.

const [POLL, SOON] = [700, 8000];
const $ = (id) => document.getElementById(id);
const all = (query) => [...document.querySelectorAll(query)];
const [state, marks, place, read] = [{ people: [] }, {}, {}, {}];
let me = sessionStorage.getItem('person') ?? '';
let [ahead, born, asked, timer, acted] = [0, 0, 0, 0, 0];

// ---- Building and mending the document
function h(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(9).filter((child) => child != null && child !== false));
  return node;
}

const both = (ja, en) => [`${ja} `, h('small', { lang: 'en' }, en)];
const say = (words) => $('live').append(h('p', {}, words));

// Keeps the children of `list` that did not change, and with them focus and what is open.
function fill(list, items, key, draw) {
  const names = new Set(items.map((item) => String(key(item))));
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  for (const [name, node] of old) if (!names.has(name)) node.remove();
  let next = list.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const form = JSON.stringify(item);
    let node = old.get(name);
    if (node?.form !== form) {
      const fresh = Object.assign(draw(item), { form });
      fresh.dataset.key = name;
      if (node) swap(node, fresh);
      if (node && next === node) next = fresh;
      node = fresh;
    }
    if (node === next) next = next.nextElementSibling;
    else list.insertBefore(node, next);
  }
}

// Focus stays on the element of the same name, or else on what took its place.
function swap(node, fresh) {
  const held = node.contains(document.activeElement) ? document.activeElement : null;
  if (node.open) fresh.open = true;
  node.replaceWith(fresh);
  if (!held) return;
  const again = fresh.querySelector(`[data-name="${CSS.escape(held.dataset.name ?? '')}"]`);
  if (!again) fresh.tabIndex = -1;
  (again ?? fresh).focus({ preventScroll: true });
}

function notice(words) {
  $('notice').textContent = words;
  $('hush').hidden = !words;
}

// ---- Talking to the sandbox
async function poll() {
  const mine = ++asked;
  clearTimeout(timer);
  const path = `state?${new URLSearchParams({ person: me, ...marks })}`;
  const said = await fetch(path).then((answer) => answer.json(), () => null);
  if (mine !== asked) return;
  timer = setTimeout(poll, POLL);
  if (said) take(said);
  $('lost').hidden = Boolean(said);
}

function take({ now, parts }) {
  ahead = Date.parse(now) - Date.now();
  born ||= Date.parse(now);
  tick();
  for (const [name, { mark, value }] of Object.entries(parts)) {
    const before = state[name];
    marks[name] = mark;
    state[name] = value;
    DRAW[name](value, before);
  }
}

async function act(path, wish) {
  acted = Date.now();
  const answer = await fetch(path, { method: 'POST', body: JSON.stringify(wish) });
  const said = await answer.json();
  notice(said.error ?? '');
  await poll();
  return said;
}

// ---- Times and people
const person = () => state.people.find((each) => each.id === me);
const SHORT = { hour: '2-digit', minute: '2-digit' };
const SECONDS = { ...SHORT, second: '2-digit' };
const DAY = { month: 'long', day: 'numeric', weekday: 'short' };
const format = (zone, locale, how) => new Intl.DateTimeFormat(locale, { timeZone: zone, ...how });
const inTokyo = (ms, how) => format('Asia/Tokyo', 'ja-JP', how).format(ms);
const inZone = (ms, how) => format(person().tz, person().locale, how).format(ms);
const time = (ms, words) => h('time', { datetime: new Date(ms).toISOString() }, words);

const tick = () => Object.assign($('now'),
  { textContent: inTokyo(Date.now() + ahead, { year: 'numeric', ...DAY, ...SECONDS }) });

function turn(wish) {
  if (!wish.to || Date.parse(wish.to) > Date.now() + ahead) return act('clock', wish);
  return { error: '時計は戻せません。 The clock does not run backwards.' };
}

function nextDay(clock) {
  const day = format('Asia/Tokyo', 'sv-SE', {}).format(Date.now() + ahead + 86_400_000);
  return turn({ to: `${day}T${clock}:00+09:00` });
}

function drawPeople(people) {
  const choice = (each) => h('option', { value: each.id },
    each.role ? `${each.name}（${each.role}）` : each.name);
  const rest = people.filter((each) => !each.role).map(choice);
  $('person').replaceChildren(...people.filter((each) => each.role).map(choice),
    rest.length ? h('optgroup', { label: '受信者 / Recipients' }, rest) : '');
  if (!person()) me = people[0].id;
  $('person').value = me;
  $('logins').replaceChildren(...people.filter((each) => each.login)
    .map((each) => h('option', { value: each.login }, each.name)));
}

function become(id) {
  me = id;
  sessionStorage.setItem('person', id);
  for (const name of Object.keys(marks)) delete marks[name];
  for (const list of ['feed', 'bubbles', 'channels', 'talks']) $(list).replaceChildren();
  poll();
}

// ---- Places to read in, and what is new there
// `places` have an id, a name, a sign, and the times of what others wrote.
function drawPlaces(product, list, places, open) {
  const shown = list.closest('[data-panel]').checkVisibility();
  const rows = places.map(({ times, ...each }) => {
    const spot = `${me} ${each.id}`;
    const current = each.id === place[product];
    if (current && shown) read[spot] = Math.max(born, ...times);
    return { ...each, current, fresh: times.filter((ms) => ms > (read[spot] ?? born)).length };
  });
  fill(list, rows, (each) => each.id, (each) => h('li', {}, h('button', {
    type: 'button', 'data-name': each.id, 'aria-current': each.current ? 'true' : null,
    onclick: () => { place[product] = each.id; open(); },
  }, each.sign && h('span', { 'aria-hidden': 'true' }, `${each.sign} `), each.name,
  each.fresh > 0 && h('b', { class: 'count' }, `${each.fresh}`, h('i', {}, ' 件の新着')))));
  const total = rows.reduce((sum, each) => sum + each.fresh, 0);
  const badge = document.querySelector(`nav.views [data-view="${product}"] .count`);
  Object.assign(badge, { textContent: total, hidden: !total });
}

// Messages under their days. New ones are told, and shown to whoever stood at the end or just acted.
function drawMessages(list, spot, messages, when, draw) {
  const opened = list.dataset.spot !== spot;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const told = (article) => article.dataset.id + article.ariaLabel;
  const before = new Set([...list.querySelectorAll('article')].map(told));
  const items = [];
  for (const message of messages) {
    const day = inZone(when(message), DAY);
    if (items.at(-1)?.day !== day) items.push({ id: day, day, sign: true });
    items.push({ ...message, day });
  }
  fill(list, items, (each) => each.id,
    (each) => (each.sign ? h('li', { class: 'day' }, each.day) : h('li', {}, draw(each))));
  list.dataset.spot = list.checkVisibility() ? spot : '';
  if (opened) return list.lastElementChild?.scrollIntoView();
  const news = [...list.querySelectorAll('article')].filter((each) => !before.has(told(each)));
  for (const each of news) say(each.ariaLabel);
  return (atEnd || Date.now() - acted < SOON) && news[0]?.scrollIntoView();
}

// ---- Slack's text: https://docs.slack.dev/messaging/formatting-message-text
const NAMES = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
const unescape = (text) => text.replace(/&(?:lt|gt|amp);/g, (each) => NAMES[each]);
const edge = (mark) => new RegExp(`(?<![\\p{L}\\p{N}${mark}])${mark}(?=\\S)([^${mark}\\n]*?\\S)`
  + `${mark}(?![\\p{L}\\p{N}${mark}])`, 'u');
const SIGNS = [
  [/```\n?([\s\S]+?)\n?```/, (inner) => h('pre', {}, unescape(inner))],
  [/`([^`\n]+)`/, (inner) => h('code', {}, unescape(inner))],
  [/<([^<>\s][^<>]*)>/, (inner) => reference(inner)],
  [edge('\\*'), (inner) => h('strong', {}, mrkdwn(inner))],
  [edge('_'), (inner) => h('em', {}, mrkdwn(inner))],
  [edge('~'), (inner) => h('s', {}, mrkdwn(inner))],
];
const plain = (object) => object && unescape(object.text);
const textObject = (object) => (object.type === 'mrkdwn' ? mrkdwn(object.text) : [plain(object)]);

function mrkdwn(text) {
  const found = SIGNS.map(([pattern, draw]) => ({ match: pattern.exec(text), draw }))
    .filter(({ match }) => match).sort((a, b) => a.match.index - b.match.index)[0];
  if (!found) return [unescape(text)];
  const { match: { 0: whole, 1: inner, index }, draw } = found;
  return [unescape(text.slice(0, index)), draw(inner), ...mrkdwn(text.slice(index + whole.length))];
}

function reference(inner) {
  const [what, ...labels] = inner.split('|');
  const label = labels.join('|');
  const { names, channels } = state.slack;
  const channel = channels.find((each) => each.id === what.slice(1));
  if (what.startsWith('!date^')) return instant(what, label);
  const called = { '@': names[what.slice(1)] ?? label, '#': channel?.name || label || '非公開',
    '!': label || what.slice(1) }[what[0]];
  if (called) return h('span', { class: 'mention' }, `${what[0] === '#' ? '#' : '@'}${called}`);
  if (!/^(https?:|mailto:)/.test(what)) return `<${unescape(inner)}>`;
  return h('a', { href: unescape(what), target: '_blank', rel: 'noopener' }, unescape(label || what));
}


const LONG = { year: 'numeric', month: 'long', day: 'numeric' };
const DATES = { date: LONG, date_pretty: LONG, date_short_pretty: { ...LONG, month: 'short' },
  date_long: { ...LONG, weekday: 'long' }, time: SHORT };

function instant(what, fallback) {
  const [, seconds, wanted] = what.split('^');
  const put = (sign, name) => (DATES[name] ? inZone(seconds * 1000, DATES[name]) : sign);
  return time(seconds * 1000, wanted?.replace(/\{(\w+)\}/g, put) ?? fallback);
}

// ---- Block Kit, as far as it is sent: https://docs.slack.dev/reference/block-kit
const BLOCKS = {
  header: (block) => h('h3', {}, plain(block.text)),
  divider: () => h('hr'),
  section: (block, use) => h('div', { class: 'section' },
    block.text && h('p', {}, textObject(block.text)),
    block.fields && h('div', { class: 'fields' },
      block.fields.map((each) => h('p', {}, textObject(each)))),
    block.accessory && element(block.accessory, block, use)),
  context: (block) => h('div', { class: 'context' },
    block.elements.map((each) => h('p', {}, each.alt_text ?? textObject(each)))),
  actions: (block, use) => h('div', { class: 'actions' },
    block.elements.map((each) => element(each, block, use))),
  input: (block, use) => input(block, use),
};

const chosenIn = (value) => (value.selected_option ?? value.initial_option)?.value;
const drawBlocks = (blocks, use) => blocks.map((block) => BLOCKS[block.type](block, use));

// `use.press` sends an act at once; in a view, `use.typed` holds what stands in each element.
function element(each, block, use, given = {}) {
  const id = `${block.block_id}-${each.action_id}`;
  const value = use.typed?.[block.block_id]?.[each.action_id] ?? each;
  const attributes = { id: use.typed ? id : null, 'data-name': id,
    name: JSON.stringify([block.block_id, each.action_id]),
    'aria-label': each.accessibility_label, ...given };
  const press = (chosen) => block.type !== 'input' && use.press(each, block, chosen);
  return ELEMENTS[each.type]?.(each, attributes, value, press) ?? h('em', {}, `［${each.type}］`);
}

const ELEMENTS = {
  button: (each, attributes, _value, press) => h('button', {
    ...attributes, type: 'button', class: each.style, onclick: async ({ currentTarget: button }) => {
      if (each.confirm && !await sure(each.confirm)) return;
      button.ariaBusy = 'true';
      await press(each.value);
      button.ariaBusy = null;
    },
  }, plain(each.text)),
  plain_text_input: (each, attributes, value) => {
    const box = h(each.multiline ? 'textarea' : 'input', { ...attributes, autocomplete: 'off',
      maxlength: each.max_length, placeholder: plain(each.placeholder) });
    box.value = value.value ?? value.initial_value ?? '';
    return box;
  },
  static_select: (each, attributes, value, press) => h('select', { ...attributes,
    onchange: ({ target }) => press(target.value) },
  h('option', { value: '' }, plain(each.placeholder) ?? '選択してください / Choose'),
  each.options.map((option) => h('option', { value: option.value,
    selected: option.value === chosenIn(value) }, plain(option.text)))),
  radio_buttons: (each, { id, name, ...attributes }, value, press) => h('div', { ...attributes,
    class: 'choices', onchange: ({ target }) => press(target.value) },
  each.options.map((option) => h('label', {},
    h('input', { type: 'radio', name, value: option.value,
      checked: option.value === chosenIn(value) }),
    h('span', {}, textObject(option.text),
      option.description && h('small', {}, textObject(option.description)))))),
};

function input(block, use) {
  const [id, hint, wrong] = ['label', 'hint', 'error'].map((each) => `${block.block_id}-${each}`);
  const error = use.errors[block.block_id];
  const group = block.element.type === 'radio_buttons';
  const inner = element(block.element, block, use, {
    'aria-describedby': [block.hint && hint, error && wrong].filter(Boolean).join(' ') || null,
    'aria-invalid': error ? 'true' : null, role: group ? 'radiogroup' : null,
    'aria-labelledby': id, 'aria-required': block.optional ? null : 'true',
  });
  return h('div', { class: 'input' },
    h('label', { id, for: group ? null : inner.id }, plain(block.label),
      block.optional && h('small', {}, '（任意）')), inner,
    block.hint && h('p', { class: 'hint', id: hint }, plain(block.hint)),
    error && h('p', { class: 'error', id: wrong }, error));
}

const pressing = (where) => ({ action_id }, { block_id }, value) =>
  act('slack/press', { user: me, ...where, action_id, block_id, value });

// ---- Dialogs
function sure(ask) {
  const dialog = $('confirm');
  const answer = (value, words, style) => h('button', { type: 'button', class: style,
    onclick: () => dialog.close(value) }, plain(words));
  dialog.replaceChildren(h('h2', { id: 'confirm-title' }, plain(ask.title)),
    h('p', { id: 'confirm-text' }, textObject(ask.text)),
    h('footer', {}, answer('', ask.deny), answer('yes', ask.confirm, ask.style ?? 'primary')));
  Object.assign(dialog, { returnValue: '' }).showModal();
  return new Promise((done) => { dialog.onclose = () => done(dialog.returnValue === 'yes'); });
}

function typed(form) {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    const [block, action] = JSON.parse(name);
    (found[block] ??= {})[action] = value || null;
  }
  return found;
}

function drawModal(view) {
  const dialog = $('modal');
  const form = view ? JSON.stringify([view.id, view.hash, view.errors]) : '';
  if (dialog.form === form) return;
  dialog.form = form;
  if (!view) return dialog.close();
  const press = pressing({ view_id: view.id });
  const send = h('button', { class: 'primary' }, plain(view.submit));
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    await act('slack/submit', { user: me, view_id: view.id, values: typed(event.target) });
    send.disabled = false;
  };
  const kept = { press, errors: view.errors, typed: view.state.values };
  dialog.replaceChildren(h('form', { onsubmit: submit, novalidate: true },
    h('h2', { id: 'modal-title' }, plain(view.title)),
    h('div', { class: 'body' }, drawBlocks(view.blocks, kept)),
    h('footer', {}, h('button', { type: 'button', onclick: () => dialog.close() },
      plain(view.close) ?? '閉じる'), view.submit && send)));
  if (!dialog.open) dialog.showModal();
  const fields = [...dialog.querySelectorAll('input, textarea, select')];
  return (fields.find((each) => each.closest('.input:has(.error)')) ?? fields[0])?.focus();
}

// By button or by Escape: whoever closes a view that stands is heard by Slack.
function closed() {
  if (!$('modal').form) return;
  $('modal').form = '';
  act('slack/close', { user: me, view_id: state.slack.modal.id });
}

// ---- Slack
const attachment = (href, name, title) => h('p', { class: 'file' },
  h('a', { href, download: name }, title ?? name));
const stamp = (message) => message.ts * 1000;
const sender = (message) => state.slack.names[message.user];

function threads(channel) {
  const whispered = state.slack.ephemerals.filter((each) => each.channel === channel);
  const messages = [...state.slack.messages[channel], ...whispered].sort((a, b) => a.ts - b.ts);
  const heads = new Set(messages.map((each) => each.ts));
  const isReply = (each) => each.thread_ts && each.thread_ts !== each.ts && heads.has(each.thread_ts);
  return messages.filter((each) => !isReply(each)).map((each) => ({ ...each, id: each.ts,
    replies: messages.filter((reply) => isReply(reply) && reply.thread_ts === each.ts) }));
}

function drawSlack(slack) {
  const channels = [...slack.channels].sort((a, b) => a.is_im - b.is_im);
  const channel = channels.find((each) => each.id === place.slack) ?? channels[0];
  place.slack = channel?.id;
  drawPlaces('slack', $('channels'), channels.map((each) => ({ id: each.id,
    name: each.name || 'notify-errors', sign: each.is_im ? '●' : each.is_private ? '◆' : '#',
    times: slack.messages[each.id].filter((message) => message.user !== me).map(stamp),
  })), () => drawSlack(state.slack));
  const notes = channel ? [`${channel.members.length}人`, channel.is_private && '非公開 private',
    channel.is_ext_shared && '社外と共有 shared', channel.is_archived && 'アーカイブ済み archived']
    : ['この人は Slack にいません。 Not in Slack.'];
  $('channel-name').textContent = channel ? channel.name || 'notify-errors' : 'Slack';
  $('channel-note').textContent = notes.filter(Boolean).join(' ・ ');
  for (const each of $('slack-composer').elements) each.disabled = channel?.is_archived ?? true;
  const messages = channel ? threads(channel.id) : [];
  drawMessages($('feed'), `${me} ${place.slack}`, messages, stamp, drawMessage);
  drawModal(slack.modal);
}

function drawMessage(message) {
  const [name, clock] = [sender(message), inZone(stamp(message), SHORT)];
  const words = h('p', {}, mrkdwn(message.text));
  const press = pressing({ channel: message.channel, ts: message.ts });
  return h('article', { 'aria-label': `${name} ${clock} ${words.textContent}`, 'data-id': message.ts,
    class: message.is_ephemeral ? 'message mine' : 'message' },
  h('span', { class: message.bot_id ? 'face bot' : 'face', 'aria-hidden': 'true' }, name[0]),
  h('header', {}, h('strong', {}, name), message.bot_id && h('span', { class: 'app' }, 'アプリ'),
    time(stamp(message), clock), message.edited && h('span', {}, '編集済み edited'),
    message.is_ephemeral && h('span', {}, both('あなただけに表示', 'Only visible to you'))),
  message.blocks?.length ? drawBlocks(message.blocks, { press }) : words,
  message.files?.map((file) => attachment(`slack/files/${file.id}`, file.name, file.title)),
  message.replies?.length > 0 && h('section', { class: 'replies', 'aria-label': '返信 Replies' },
    h('ol', {}, message.replies.map((each) => h('li', {}, drawMessage(each))))));
}

// ---- LINE WORKS
const at = (message) => Date.parse(message.at);
const openTalk = (talks) => talks.find((each) => each.id === place.lineworks) ?? talks[0];

// The member's talks, with the chat bot's own even before it begins: the first of the bots.
function talksOf({ bots, talks, me: member }) {
  const [chat, name] = Object.entries(bots)[0];
  const found = talks.map((talk) => ({ ...talk, id: talk.channel, bot: talk.bots[0],
    name: talk.title || `${bots[talk.bots[0]]} (1:1)` }));
  const begun = found.some((talk) => !talk.title && talk.bot === Number(chat));
  if (member && !begun) found.push({ id: chat, name: `${name} (1:1)`, bot: chat, messages: [] });
  return found.sort((a, b) => Boolean(a.title) - Boolean(b.title) || a.bot - b.bot);
}

function drawLineworks(lineworks) {
  const talks = talksOf(lineworks);
  const talk = openTalk(talks);
  const { name } = person();
  place.lineworks = talk?.id;
  drawPlaces('lineworks', $('talks'), talks.map((each) => ({ id: each.id, name: each.name,
    times: each.messages.filter((message) => message.from !== name).map(at),
  })), () => drawLineworks(state.lineworks));
  $('nobody').hidden = Boolean(talk);
  for (const each of $('lineworks-composer').elements) each.disabled = !talk;
  const messages = talk?.messages.map((each, at) => ({ ...each, quick: !talk.messages[at + 1] })) ?? [];
  drawMessages($('bubbles'), `${me} ${talk?.id}`, messages, at,
    (message) => bubble(message, message.from === name));
}

function bubble(message, mine) {
  const { content: { quickReply, fileId, file }, text, actions } = message;
  const clock = inZone(at(message), SHORT);
  const split = actions.length - (quickReply?.items.length ?? 0);
  const buttons = actions.map((action, index) => h('button', { type: 'button',
    'data-name': `${message.id}-${index}`, onclick: () => act('lineworks/press',
      { user: state.lineworks.me, message: message.id, action: index }) }, action.label));
  return h('article', { class: mine ? 'bubble mine' : 'bubble', 'data-id': message.id,
    'aria-label': `${message.from} ${clock} ${text || file?.name || ''}` },
  h('header', {}, h('strong', {}, message.from), time(at(message), clock)),
  h('div', { class: 'said' }, text && h('p', {}, text),
    file && attachment(`lineworks/file?id=${encodeURIComponent(fileId)}`, file.name),
    split > 0 && h('div', { class: 'buttons' }, buttons.slice(0, split))),
  message.quick && h('div', { class: 'quick' }, buttons.slice(split)));
}

// ---- SendGrid and the log of calls
const VENDORS = { slack: 'Slack', lineworks: 'LINE WORKS', sendgrid: 'SendGrid' };
const LISTS = { bounces: 'バウンス', blocks: 'ブロック', spam_reports: '迷惑メール報告',
  invalid_emails: '無効なアドレス', unsubscribes: '配信停止', groups: 'グループの配信停止' };
const MONTH = { month: 'numeric', day: 'numeric', ...SHORT };

function drawSendgrid(now, before) {
  const wanted = $('filter').value.trim().toLowerCase();
  const lists = Object.entries(now.lists).map(([name, held]) => ({ name, wanted,
    total: held.length, shown: held.filter((each) => each.email.toLowerCase().includes(wanted)) }));
  for (const { name, total } of lists) {
    const was = before?.lists[name]?.length ?? total;
    if (was !== total) say(`SendGrid ${LISTS[name]} ${was} → ${total}`);
  }
  fill($('suppressions'), lists, (each) => each.name, drawList);
  fill($('mails'), now.mails, (each) => `${each.at} ${each.email}`, (each) =>
    entry(each.email, at(each), `${each.subject} ・ ${each.events.join(' → ')}`));
}

const entry = (email, ms, words) => h('li', {}, h('strong', {}, email),
  time(ms, inTokyo(ms, MONTH)), words && h('small', {}, words));

function drawList({ name, wanted, total, shown }) {
  return h('details', { open: wanted !== '' && shown.length > 0 },
    h('summary', {}, both(LISTS[name], name.replaceAll('_', ' ')),
      h('b', { class: 'total' }, wanted ? `${shown.length} / ${total}` : `${total}`)),
    h('ul', { class: 'plain' }, shown.slice(-200).reverse().map((each) =>
      entry(each.email, each.created * 1000, each.reason))));
}

function drawCalls(calls) {
  const shown = calls.filter((each) => ['', each.vendor].includes($('vendor').value));
  fill($('calls'), shown, (each) => `${each.at} ${each.vendor} ${each.url}`, (each) => {
    const { pathname, search } = new URL(each.url);
    const [name, bad] = [VENDORS[each.vendor], each.status < 200 || each.status > 299];
    return h('li', {}, h('details', { ontoggle: (event) => readable(event.target, each) },
      h('summary', {}, time(at(each), inTokyo(at(each), SECONDS)),
        h('span', { class: 'way' }, each.direction === 'in' ? `→ ${name}` : `${name} →`),
        h('b', { class: bad ? 'status bad' : 'status' }, each.status || '応答なし'),
        h('code', {}, `${each.method} ${pathname}${search}`.replaceAll('%40', '@')))));
  });
}

function readable(details, call) {
  const part = (ja, en, body) => [h('h4', {}, both(ja, en)),
    h('pre', { tabindex: 0, 'aria-label': en }, pretty(body) || '–')];
  if (details.children.length > 1) return;
  details.append(...part('送った内容', 'Request', call.body),
    ...part('返ってきた内容', 'Response', call.response));
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    if (!/^[\w.%-]+=/.test(body)) return body;
    return [...new URLSearchParams(body)].map(([name, value]) => `${name}: ${pretty(value)}`).join('\n');
  }
}

// ---- Trying things, and what goes wrong
// `data-fault` is the lever's path and the field's name.
function drawFaults(faults) {
  for (const node of all('[data-fault]')) {
    const [path, name] = node.dataset.fault.split(' ');
    const value = faults[path][name];
    if (node.type === 'checkbox') node.checked = value.length ?? value;
    else if (node !== document.activeElement) node.value = value;
  }
}

function fail({ target }) {
  const [path, name] = target.dataset.fault.split(' ');
  const now = state.faults[path][name];
  let value = target.type === 'checkbox' ? target.checked : target.value;
  if (typeof now === 'number') value = Number(value);
  if (Array.isArray(now)) value = value ? [target.dataset.on] : [];
  act(path, { [name]: value });
}

function sending(id, send) {
  $(id).addEventListener('submit', async (event) => {
    event.preventDefault();
    const said = await send(Object.fromEntries(new FormData(event.target)));
    notice(said.error ?? `${event.submitter.textContent}: ${said.status ?? 'OK'}`);
  });
}

function choose(tab) {
  for (const each of all('[role=tab]')) {
    each.ariaSelected = String(each === tab);
    each.tabIndex = each === tab ? 0 : -1;
    $(each.getAttribute('aria-controls')).hidden = each !== tab;
  }
}

function walkTabs({ key, target }) {
  const tab = { ArrowRight: target.nextElementSibling, ArrowLeft: target.previousElementSibling }[key];
  if (!tab) return;
  choose(tab);
  tab.focus();
}

function view(name) {
  document.body.dataset.view = name;
  for (const each of all('nav.views button')) each.ariaCurrent = String(each.dataset.view === name);
  for (const each of ['slack', 'lineworks']) if (state[each]) DRAW[each](state[each]);
}

// What was not taken comes back to the field.
function composer(product, send) {
  $(`${product}-composer`).addEventListener('submit', async (event) => {
    event.preventDefault();
    const field = $(`${product}-text`);
    const text = field.value.trim();
    field.value = '';
    if (text && (await send(text)).error) field.value ||= text;
  });
}

const DRAW = { people: drawPeople, slack: drawSlack, lineworks: drawLineworks,
  sendgrid: drawSendgrid, calls: drawCalls, faults: drawFaults };

composer('slack', (text) => act(text.startsWith('/') ? 'slack/command' : 'slack/say',
  { user: me, channel: place.slack, text }));
composer('lineworks', (text) => {
  const { id: room, title, bot } = openTalk(talksOf(state.lineworks));
  return act('lineworks/say', { user: state.lineworks.me, text, bot, ...(title && { room }) });
});
sending('mail', (wish) => act('try/mail', wish));
sending('notify', (wish) => act('try/notify', wish));
sending('event', ({ email, happens }) => act('sendgrid/event', { email, ...JSON.parse(happens) }));
sending('turn', ({ until }) => turn({ to: `${until}:00+09:00` }));
$('hour').onclick = () => turn({ by: 3600 });
$('night').onclick = () => nextDay('00:10');
$('morning').onclick = () => nextDay('09:00');
$('hush').onclick = () => notice('');
$('person').onchange = ({ target }) => become(target.value);
$('filter').oninput = () => drawSendgrid(state.sendgrid);
$('vendor').onchange = () => drawCalls(state.calls);
$('faults').onchange = fail;
$('modal').onclose = closed;
document.querySelector('[role=tablist]').onkeydown = walkTabs;
for (const each of all('[role=tab]')) each.onclick = () => choose(each);
for (const each of all('nav.views button')) each.onclick = () => view(each.dataset.view);
choose($('tab-lists'));
view('slack');
setInterval(tick, 1000);
poll();
