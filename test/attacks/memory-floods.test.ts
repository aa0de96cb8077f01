import fs from 'node:fs';
import { PASSWORD } from '../support/identity-client';
import { ServerProcess } from '../support/processes';

/** How far a flood may raise what the process occupies, in MB. */
const MAX_GROWTH = 150;

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ BCRYPT_COST: '8' });
  // what the first requests load is no growth
  for (let i = 0; i < 300; i++) await post({ query: `# ${i}\n{ __typename }` });
  await flood(30, 10, () => login({}));
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

async function flood(count: number, width: number, send: (i: number) => Promise<Response>): Promise<Set<number>> {
  const statuses = new Set<number>();
  let next = 0;
  const work = async () => {
    while (next < count) {
      const response = await send(next++);
      statuses.add(response.status);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return statuses;
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
  const statuses = new Set<number>();
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
    expect([...(await flood(120, 60, () => login(large)))]).toEqual([413]);
  });
  expect(growth).toBeLessThan(MAX_GROWTH);
  expect((await login({})).status).toBe(200);
});
