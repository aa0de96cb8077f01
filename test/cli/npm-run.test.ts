import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { accounts, openWorkplace, type Workplace } from './support';

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace();
  expect(await place.import([place.ndjson(accounts(3))])).toMatchObject({ code: 0 });
});
afterAll(() => place.close());

/** Runs it in the project, as a person types it. */
async function shell(command: string): Promise<string> {
  const { stderr } = await promisify(execFile)('sh', ['-c', command], {
    env: { ...process.env, DATABASE_URL: place.url, LOG_LEVEL: 'silent' },
  });
  return stderr;
}

test.each(['', ' -- -', ' -- --format=csv -'])('npm run export%s > file writes the data alone', async (args) => {
  const file = path.join(place.folder, 'exported');
  expect(await shell(`npm run export${args} > ${file}`)).not.toContain('npm has written');
  const silent = path.join(place.folder, 'silent');
  await shell(`npm run -s export${args} > ${silent}`);
  expect(fs.readFileSync(file, 'utf8')).toBe(fs.readFileSync(silent, 'utf8'));
  expect(fs.readFileSync(file, 'utf8')).toContain('person000001');
});

test('npm run export into a pipe says that the data is not alone', async () => {
  expect(await shell('npm run export | cat > /dev/null')).toContain('npm has written lines of its own');
});

test('a file that holds something else keeps it', async () => {
  const file = place.write('kept', 'mine\n');
  await shell(`npm run -s export >> ${file}`);
  const [first, second] = fs.readFileSync(file, 'utf8').split('\n');
  expect([first, JSON.parse(second!)]).toEqual(['mine', expect.objectContaining({ username: expect.any(String) })]);
});
