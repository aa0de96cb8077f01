import fs from 'node:fs';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { PASSWORD } from '../support/identity-client';
import { ServerProcess } from '../support/processes';

/** How far a flood may raise what the process occupies, in MB. */
const MAX_GROWTH = 150;

let database: TestDatabase;
let server: ServerProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await ServerProcess.start({ DATABASE_URL: database.url, BCRYPT_COST: '8' });
  // what the first requests load is no growth
  for (let i = 0; i < 300; i++) await post({ query: `# ${i}\n{ __typename }` });
  await flood(30, 10, () => login({}));
});
afterAll(async () => {
  await server.kill('SIGTERM');
  await database.drop();
});

const post = (body: unknown) =>
  fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const login = (more: Record<string, unknown>) =>
  post({
    query: 'mutation L($input: LoginInput!) { login(input: $input) { tokens { accessToken } } }',
    variables: { input: { username: 'admin', password: PASSWORD }, ...more },
  });

/** What is rejected before it has arrived may be cut off instead, while the client still writes. */
const CUT_OFF = ['EPIPE', 'ECONNRESET', 'UND_ERR_SOCKET'];
type Outcome = number | 'cut off';

async function flood(count: number, width: number, send: (i: number) => Promise<Response>): Promise<Set<Outcome>> {
  const statuses = new Set<Outcome>();
  let next = 0;
  const work = async () => {
    while (next < count) statuses.add(await outcomeOf(send(next++)));
  };
  await Promise.all(Array.from({ length: width }, work));
  return statuses;
}

async function outcomeOf(sent: Promise<Response>): Promise<Outcome> {
  try {
    const response = await sent;
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    const { code } = (error as { cause?: { code?: string } }).cause ?? {};
    if (code && CUT_OFF.includes(code)) return 'cut off';
    throw error;
  }
}

const residentMegabytes = () =>
  Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1000;

async function growthOf(attack: () => Promise<unknown>): Promise<number> {
  const before = residentMegabytes();
  let highest = before;
  const sampling = setInterval(() => {
    highest = Math.max(highest, residentMegabytes());
  }, 50);
  try {
    await attack();
  } finally {
    clearInterval(sampling);
  }
  return Math.max(highest, residentMegabytes()) - before;
}

const onLinux = fs.existsSync('/proc/self/status') ? test : test.skip;

onLinux('1,500 documents of 3 KB without a token', async () => {
  // many nodes that validation passes quickly
  const text = (i: number) =>
    `# ${i}\nmutation { createRole(input: { name: "x", permissions: [${'"a" '.repeat(760)}] }) { role { name } } }`;
  expect(text(0).length).toBeGreaterThan(3000);
  const statuses = new Set<Outcome>();
  const growth = await growthOf(async () => {
    for (const status of await flood(1500, 8, (i) => post({ query: text(i) }))) statuses.add(status);
  });
  expect([...statuses]).toEqual([200]);
  expect(growth).toBeLessThan(MAX_GROWTH);
});

onLinux('60 parallel logins with variables that nothing declares', async () => {
  const growth = await growthOf(async () => {
    const small = Object.fromEntries(Array.from({ length: 8000 }, (_, i) => [`junk${i}`, i]));
    expect(JSON.stringify(small).length).toBeGreaterThan(100_000);
    expect([...(await flood(120, 60, () => login(small)))].sort()).toEqual([200]);
    const large = { junk: Array.from({ length: 200_000 }, (_, i) => i) };
    const refused = await flood(120, 60, () => login(large));
    refused.delete('cut off');
    expect([...refused]).toEqual([413]);
  });
  expect(growth).toBeLessThan(MAX_GROWTH);
  expect((await login({})).status).toBe(200);
});
