// A bank in memory with the shapes of the API, for work on the pages without the program. It is no part of the product.
import { readFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const FEE = 500;
const now = () => new Date().toISOString();
const day = (back = 0) => new Date(Date.now() + 9 * 3600e3 - back * 864e5).toISOString().slice(0, 10);
let position = 1000;
let me = null;
let verifying = Number(process.env.MOCK_DELAY_MS ?? 0);
const streams = new Set();
const replies = new Map();
const transfers = new Map();
const schedules = [];
const types = [
  ['ordinary', '보통예금'],
  ['salary', '급여예금'],
  ['savings', '저축예금'],
].map(([code, name]) => ({
  code,
  name,
  currency: 'KRW',
  scale: 0,
  limit_per_transfer: 5_000_000,
  limit_per_day: 20_000_000,
  fee: FEE,
}));
const accounts = [];
const entries = new Map();
const names = { 100200300: '김*은', 100200301: 'J**n P**k', 999: '이*호' };

function account(number, type, posted, mine = true) {
  accounts.push({
    number,
    mine,
    owner: { id: mine ? 'm1' : 'm2' },
    type: { code: type, name: types.find(t => t.code === type).name },
    currency: 'KRW',
    scale: 0,
    status: 'open',
    frozen: { debits: false, credits: false },
    opened_at: now(),
    posted,
    held: 0,
    available: posted,
    pending_in: 0,
    overdraft: 0,
    limit_per_transfer: 5_000_000,
    limit_per_day: 20_000_000,
    left_today: 18_500_000,
    free_transfers_left: 3,
    date: day(),
    version: 1,
    position,
  });
  entries.set(number, []);
}
function entry(number, change, kind, label, counterparty, back = 0, fee = 0) {
  const found = accounts.find(a => a.number === number);
  entries
    .get(number)
    .unshift({
      position: ++position,
      id: randomUUID(),
      recorded_at: new Date(Date.now() - back * 864e5).toISOString(),
      date: day(back),
      kind,
      counterparty,
      counterparty_name: names[counterparty] ?? null,
      change,
      fee,
      balance: found.posted,
      currency: 'KRW',
      scale: 0,
      label,
      reference: null,
    });
}
function fill(count) {
  account('110234567890', 'salary', 0);
  account('110234567891', 'savings', 0);
  for (const n of Object.keys(names)) account(n, 'ordinary', 1_000_000, false);
  const labels = ['월급', '관리비', '점심', '커피', '교통카드', 'Netflix', null, '저축'];
  for (let i = count; i > 0; i -= 1) {
    const change = i % 8 === 0 ? 2_850_000 : -(((i * 7919) % 90) + 3) * 1_000;
    accounts[0].posted += change;
    accounts[0].available = accounts[0].posted;
    entry(
      '110234567890',
      change,
      change > 0 ? 'deposit' : 'transfer',
      labels[i % 8],
      '100200300',
      Math.floor(i / 3),
      change < 0 && i % 5 === 0 ? FEE : 0,
    );
  }
  accounts[1].posted = accounts[1].available = 12_400_000;
  entry('110234567891', 12_400_000, 'transfer', '여윳돈', '110234567890', 2);
}
fill(Number(process.env.MOCK_ENTRIES ?? 60));

const tell = (kind, transfer) => {
  const event = {
    position: ++position,
    id: transfer.id,
    recorded_at: now(),
    date: day(),
    kind,
    accounts: [transfer.from, transfer.to],
    transfer,
    account: null,
  };
  for (const s of streams) s.write(`id: ${event.position}\nevent: ${kind}\ndata: ${JSON.stringify(event)}\n\n`);
};
const list = data => ({ data, has_more: false, next: null });
const problem = (status, code, extra = {}) => ({
  status,
  body: { type: `/problems/${code}`, title: code, status, code, detail: code, request_id: 'mock', ...extra },
});
const ok = (body, status = 200) => ({ status, body });
const member = () => ({
  id: 'm1',
  username: me,
  name: '서민아',
  email: 'mina@example.com',
  role: 'member',
  totp: false,
  disabled: false,
  free_transfers_per_day: 3,
  joined_at: now(),
  version: 1,
});
const session = () => ({
  member: member(),
  session: {
    id: 's1',
    created_at: now(),
    last_seen_at: now(),
    idle_expires_at: now(),
    expires_at: now(),
    address: '127.0.0.1',
    user_agent: 'Mozilla/5.0 (X11; Linux) Chrome/156',
    current: true,
  },
});

function refusal({ from, to, amount }) {
  const sender = accounts.find(a => a.number === from);
  const fee = sender.free_transfers_left > 0 ? 0 : FEE;
  if (amount > sender.limit_per_transfer)
    return { fee, code: 'limit_per_transfer', figures: { limit: sender.limit_per_transfer, requested: amount } };
  if (amount + fee > sender.available)
    return { fee, code: 'insufficient_funds', figures: { available: sender.available, needed: amount + fee } };
  return { fee };
}
function post(transfer) {
  const [from, to] = [transfer.from, transfer.to].map(n => accounts.find(a => a.number === n));
  from.posted -= transfer.total;
  from.available = from.posted - from.held;
  to.posted += transfer.amount;
  to.available = to.posted;
  Object.assign(transfer, { status: 'posted', ended_at: now() });
  entry(from.number, -transfer.total, 'transfer', transfer.sender_label, to.number, 0, transfer.fee);
  entry(to.number, transfer.amount, 'transfer', transfer.receiver_label, from.number);
  tell('transfer', transfer);
}
function send(body) {
  const no = refusal(body);
  const sender = accounts.find(a => a.number === body.from);
  if (no.code) return problem(422, no.code, { figures: no.figures });
  if (sender.free_transfers_left > 0) sender.free_transfers_left -= 1;
  const transfer = {
    id: randomUUID(),
    kind: 'transfer',
    status: 'pending',
    ...body,
    fee: no.fee,
    total: body.amount + no.fee,
    currency: 'KRW',
    scale: 0,
    sender_label: body.sender_label ?? null,
    receiver_label: null,
    reference: null,
    date: day(),
    created_at: now(),
    ended_at: null,
    reason: null,
    refusal: null,
    hold: null,
    original: null,
    position,
  };
  transfers.set(transfer.id, transfer);
  if (!verifying) {
    post(transfer);
    return ok(transfer, 201);
  }
  sender.held += transfer.total;
  sender.available -= transfer.total;
  setTimeout(() => {
    if (transfer.status === 'pending') {
      sender.held -= transfer.total;
      post(transfer);
    }
  }, verifying);
  return ok(transfer, 202);
}

function route(method, path, query, body, key) {
  if (path === '/meta')
    return ok({
      name: '장부은행',
      version: 'mock',
      time_zone: 'Asia/Seoul',
      sign_up: true,
      verification: verifying ? 'delay' : 'none',
      currencies: [{ code: 'KRW', scale: 0 }],
      totp_issuer: 'Jangbu',
      demo: true,
    });
  if (path === '/session' && method === 'POST') {
    if (body.password === 'wrong-password') return problem(401, 'wrong_credentials');
    me = body.username;
    return ok(session());
  }
  if (path === '/members' && method === 'POST') return ok(member(), 201);
  if (!me) return problem(401, 'not_signed_in');
  if (path === '/session') {
    if (method === 'DELETE') {
      me = null;
      return ok(undefined, 204);
    }
    return ok(session());
  }
  if (path === '/sessions')
    return ok(
      list([
        session().session,
        { ...session().session, id: 's2', current: false, user_agent: 'Mozilla/5.0 (iPhone) Safari/605' },
      ]),
    );
  if (path === '/me') return ok(member());
  if (path === '/me/tokens') return ok(list([]));
  if (path === '/me/totp')
    return ok(
      body.action === 'begin'
        ? { secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Jangbu:mina?secret=JBSWY3DPEHPK3PXP&issuer=Jangbu' }
        : { recovery_codes: ['abcd-efgh', 'ijkl-mnop'] },
    );
  if (path === '/me/payees')
    return ok(
      list([
        { number: '100200300', currency: 'KRW', scale: 0, name: names['100200300'], own: false, last_used_at: now() },
      ]),
    );
  if (path === '/account-types') return ok(list(types));
  if (path === '/accounts' && method === 'POST') {
    account(String(Date.now()).slice(-12), body.type, 0);
    return ok(accounts.at(-1), 201);
  }
  if (path === '/accounts') return ok(list(process.env.MOCK_EMPTY ? [] : accounts.filter(a => a.mine)));
  const [, area, id, rest] = path.split('/');
  if (area === 'accounts') {
    const found = accounts.find(a => a.number === id && a.mine);
    if (!found) return problem(404, 'not_found');
    if (rest === 'entries') {
      const all = entries
        .get(id)
        .filter(
          e => (!query.get('from') || e.date >= query.get('from')) && (!query.get('to') || e.date <= query.get('to')),
        );
      const at = Number(query.get('cursor') ?? 0);
      const most = Number(query.get('limit') ?? 50);
      return ok({
        data: all.slice(at, at + most),
        has_more: all.length > at + most,
        next: all.length > at + most ? String(at + most) : null,
      });
    }
    if (rest === 'holds')
      return ok(
        list(
          [...transfers.values()]
            .filter(t => t.status === 'pending' && t.from === id)
            .map(t => ({
              id: t.id,
              status: 'open',
              from: t.from,
              to: t.to,
              amount: t.amount,
              captured: 0,
              remaining: t.amount,
              fee: t.fee,
              placed_at: t.created_at,
              date: t.date,
              expires_at: null,
              age_s: 0,
              verified: false,
              ended_at: null,
              reason: null,
              position: t.position,
            })),
        ),
      );
    return ok(found);
  }
  if (area === 'payees') {
    const found = accounts.find(a => a.number === id);
    return found
      ? ok({ number: id, currency: 'KRW', scale: 0, name: found.mine ? '서*아' : names[id], own: found.mine })
      : problem(404, 'not_found');
  }
  if (area === 'quotes') {
    const no = refusal(body);
    const sender = accounts.find(a => a.number === body.from);
    return ok(
      no.code
        ? {
            granted: false,
            refusal: { code: no.code, detail: no.code, figures: no.figures },
            largest: Math.max(0, Math.min(sender.limit_per_transfer, sender.available - no.fee)),
            earliest: null,
            currency: 'KRW',
            scale: 0,
          }
        : {
            granted: true,
            amount: body.amount,
            fee: no.fee,
            total: body.amount + no.fee,
            currency: 'KRW',
            scale: 0,
            date: day(),
            available_before: sender.available,
            headroom: {
              available: sender.available,
              per_transfer: sender.limit_per_transfer,
              left_today: sender.left_today,
              free_transfers_left: sender.free_transfers_left,
            },
          },
    );
  }
  if (path === '/transfers' && method === 'POST') {
    if (!replies.has(key)) replies.set(key, send(body));
    return replies.get(key);
  }
  if (path === '/transfers') return ok(list([...transfers.values()].filter(t => t.status === query.get('status'))));
  if (area === 'transfers') {
    const found = transfers.get(id);
    if (!found) return problem(404, 'not_found');
    if (rest === 'cancel') {
      if (found.status !== 'pending') return problem(409, 'not_pending');
      const sender = accounts.find(a => a.number === found.from);
      sender.held -= found.total;
      sender.available += found.total;
      Object.assign(found, { status: 'cancelled', ended_at: now() });
      tell('release', found);
    }
    return ok(found);
  }
  if (path === '/me/schedules' && method === 'POST') {
    schedules.push({
      id: randomUUID(),
      ...body,
      currency: 'KRW',
      scale: 0,
      status: 'active',
      next_at: `${body.starts_on}T00:00:00Z`,
      runs: 0,
      last: null,
      sender_label: body.sender_label ?? null,
    });
    return ok(schedules.at(-1), 201);
  }
  if (path === '/me/schedules') return ok(list(schedules));
  if (path.startsWith('/me/schedules/')) {
    const [, , , one, action] = path.split('/');
    const found = schedules.find(s => s.id === one);
    found.status = { pause: 'paused', resume: 'active', cancel: 'ended' }[action];
    return ok(found);
  }
  return problem(404, 'not_found');
}

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
};
const DIST = new URL('../dist', import.meta.url).pathname;
const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  if (!url.pathname.startsWith('/api/v1/')) {
    const file = [url.pathname, url.pathname.startsWith('/staff') ? '/staff/index.html' : '/index.html']
      .map(p => DIST + p)
      .find(p => existsSync(p) && /\.\w+$/.test(p));
    response
      .writeHead(200, { 'content-type': TYPES[file.split('.').pop()] ?? 'text/plain', 'content-security-policy': CSP })
      .end(readFileSync(file));
    return;
  }
  const path = url.pathname.slice(7);
  if (path === '/me/events' && me) {
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .write(`event: ready\ndata: {"position": ${position}, "member": "m1"}\n\n`);
    streams.add(response);
    request.on('close', () => streams.delete(response));
    return;
  }
  let text = '';
  for await (const part of request) text += part;
  const { status, body } = route(
    request.method,
    path,
    url.searchParams,
    text && JSON.parse(text),
    request.headers['idempotency-key'],
  );
  response
    .writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' })
    .end(body === undefined ? '' : JSON.stringify(body));
});
server.listen(Number(process.env.PORT ?? 4070), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}`),
);
