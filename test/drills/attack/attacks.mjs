// The slow attacks. Each runs until `isOver()`, while the owner does what has to succeed meanwhile.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurns, repeat, silentConnections } from './clients.mjs';

const LOGIN = 'mutation ($i: LoginInput!) { login(input: $i) { tokens { accessToken } } }';
const REQUEST = 'mutation ($i: RequestPasswordResetInput!) { requestPasswordReset(input: $i) { ok } }';
const RESET = 'mutation ($i: ResetPasswordInput!) { resetPassword(input: $i) { ok } }';
const PATIENT_MS = 120_000;

/** A client network of its own, as the trusted proxy names it. */
const network = (i) => ({ 'x-forwarded-for': `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}` });
export const HOME = { 'x-forwarded-for': '198.51.100.7' };

/** Runs `work` again and again, `width` at a time. */
const flood = async ({ isOver }, width, work) => {
  let next = 0;
  await repeat(width, async () => {
    while (!isOver()) await work(next++);
  });
};

export async function logIn({ ask, owner }, headers = HOME) {
  const i = { username: owner.username, password: owner.password };
  const { text, status } = await ask('/graphql', { query: LOGIN, variables: { i } }, headers);
  const token = /"accessToken":"([^"]+)"/.exec(text)?.[1];
  if (!token) throw new Error(`the login is answered with ${status}: ${text.slice(0, 200)}`);
  return token;
}

/** A document of the largest kind, which takes long to parse and to validate. */
const largeDocument = (name) => `query ${name} { me { ${'username email firstName lastName '.repeat(240)} } }`;

async function query({ ask, owner }, text) {
  owner.token ??= await logIn({ ask, owner });
  const headers = { ...HOME, authorization: `Bearer ${owner.token}` };
  const answer = await ask('/graphql', { query: text }, headers);
  if (!answer.text.includes(`"username":"${owner.username}"`))
    throw new Error(`the query is answered with ${answer.status}: ${answer.text.slice(0, 200)}`);
}

async function untilMail({ mails, owner, isOver }, isWanted) {
  for (const startedAt = performance.now(); performance.now() - startedAt < PATIENT_MS; await sleep(50)) {
    const mail = mails.find((each) => each.recipients.includes(owner.email) && isWanted(each));
    if (mail) return mail;
    if (isOver()) return undefined;
  }
  throw new Error('no mail has come within two minutes');
}

/** Half a request: the head, or a body that is announced and does not come. */
const half = (head) => `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${head}`;

export const attacks = [
  {
    name: 'logins of names that do not exist, from 2,000 networks, 300 at a time',
    attack: (target) =>
      flood(target, 300, (i) =>
        target.ask('/identity/auth/token', { username: `nobody${i}`, password: 'wrong' }, network(i % 2000)),
      ),
    owner: (target) => logIn(target),
  },
  {
    name: 'registrations from 2,000 networks, on 60 connections',
    attack: (target) =>
      flood(target, 60, (i) => {
        const username = `member-${randomUUID()}`;
        return target.ask(
          '/identity/users',
          { username, password: 'a password', dob: '2000-01-01' },
          network(i % 2000),
        );
      }),
    owner: (target) => logIn(target),
  },
  {
    name: '14 connections of 1,200 requests, not read, again and again',
    attack: async (target) => {
      const text = 'GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(1200);
      while (!target.isOver()) {
        const { cut } = silentConnections(target.server, { connections: 14, text });
        await sleep(2000);
        cut();
      }
    },
    owner: (target) => logIn(target),
  },
  {
    name: 'bodies of a megabyte, 60 at a time',
    attack: (target) => {
      const junk = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`v${n}`, 'x'.repeat(40)]));
      const body = JSON.stringify({ username: 'nobody', password: 'wrong', ...junk }).slice(0, -1);
      const paths = ['/graphql', '/graphql/stream', '/identity/auth/token', '/api/auth/login', '/identity/users'];
      return flood(target, 60, (i) => target.ask(paths[i % paths.length], `${body}}`, network(i % 2000)));
    },
    owner: (target) => logIn(target),
  },
  {
    name: 'documents that differ, without a token, 16 at a time',
    attack: (target) => {
      const fields = 'username email '.repeat(200);
      return flood(target, 16, (i) =>
        target.ask('/graphql', { query: `query q${i} { me { ${fields} } }` }, network(i % 2000)),
      );
    },
    owner: (target) => query(target, largeDocument('Owner')),
  },
  {
    name: '1,000 requests that never arrive whole',
    seconds: 45,
    attack: async (target) => {
      const heads = [
        half(''),
        half('content-length: 100000\r\n\r\n{"query":'),
        half('transfer-encoding: chunked\r\n\r\n'),
      ];
      const held = heads.map((text) => silentConnections(target.server, { connections: 334, text }));
      while (!target.isOver()) {
        await sleep(1000);
        for (const { sockets } of held) for (const socket of sockets) if (socket.writable) socket.write(' ');
      }
      const open = held.flatMap(({ sockets }) => sockets).filter((socket) => !socket.destroyed && socket.writable);
      for (const { cut } of held) cut();
      if (open.length > 0) throw new Error(`${open.length} connections were still held after 45 seconds`);
    },
    owner: (target) => logIn(target),
  },
  {
    name: 'guesses at one account from 2,000 networks, 50 at a time',
    attack: (target) =>
      flood(target, 50, (i) =>
        target.ask(
          '/identity/auth/token',
          { username: target.owner.username, password: `guess ${i}` },
          network(i % 2000),
        ),
      ),
    owner: (target) => logIn(target),
  },
  {
    name: 'wrong codes from 2,000 networks while the owner resets the password',
    seconds: 60,
    attack: async (target) => {
      const { ask, owner } = target;
      await inTurns(10, 1, (i) =>
        ask('/graphql', { query: REQUEST, variables: { i: { email: owner.email } } }, network(i)),
      );
      await flood(target, 20, (n) => {
        const code = String((n * 7919) % 1_000_000).padStart(6, '0');
        const i = { email: owner.email, code, newPassword: 'a password of a stranger' };
        return ask('/graphql', { query: RESET, variables: { i } }, network(n % 2000));
      });
    },
    pauseMs: 5000,
    times: 3, // mails that one client may request in five minutes
    owner: async (target) => {
      const { ask, owner, mails } = target;
      mails.length = 0;
      const asked = await ask('/graphql', { query: REQUEST, variables: { i: { email: owner.email } } }, HOME);
      if (asked.text.includes('errors')) throw new Error(`the request is answered with ${asked.text.slice(0, 200)}`);
      const mail = await untilMail(target, ({ text }) => /^ *(\d{6})$/m.test(text));
      if (!mail) return 'unfinished';
      const password = `my password ${randomUUID()}`;
      const code = /^ *(\d{6})$/m.exec(mail.text)[1];
      const i = { email: owner.email, code, newPassword: password };
      const { text } = await ask('/graphql', { query: RESET, variables: { i } }, HOME);
      if (!text.includes('"ok":true')) throw new Error(`the reset is answered with ${text.slice(0, 200)}`);
      owner.password = password;
      await logIn(target);
    },
  },
];
