// npm run audit: known vulnerabilities of the production packages. Exit code 0: none, or all explained in
// docs/security.md; 1: others; 2: the registry does not answer audits.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const explained = new Set(
  fs.readFileSync(path.join(root, 'docs/security.md'), 'utf8').match(/GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}/g),
);

process.exitCode = report(runAudit());

/** @returns what npm says, or null without an answer of the registry */
function runAudit() {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8' });
  try {
    const answer = JSON.parse(stdout);
    return answer.vulnerabilities ? answer : null;
  } catch {
    return null;
  }
}

function report(answer) {
  if (!answer) {
    print('The registry does not answer audits: nothing is known. Set npm_config_registry to one that does.');
    return 2;
  }
  const all = Object.values(answer.vulnerabilities).flatMap(({ via }) => via.filter((one) => typeof one === 'object'));
  const advisories = [...new Map(all.map((advisory) => [advisory.url, advisory])).values()];
  for (const advisory of advisories)
    print(`${isExplained(advisory) ? 'explained' : 'NEW'}  ${advisory.severity}  ${advisory.name}  ${advisory.url}`);
  const unexplained = advisories.filter((advisory) => !isExplained(advisory)).length;
  print(`${advisories.length} known vulnerabilities, ${unexplained} of them not explained in docs/security.md.`);
  return unexplained === 0 ? 0 : 1;
}

function isExplained({ url }) {
  return explained.has(url.split('/').at(-1));
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
