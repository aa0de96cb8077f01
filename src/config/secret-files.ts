import fs from 'node:fs';
import type { variableNames } from './variables';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Variables that may be read from a file, named by the same variable with `_FILE` (a mounted secret). Of
 * JWT_PRIVATE_KEY there may be several files, separated by commas.
 */
export const secretNames = [
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'DATABASE_REPLICA_URLS',
  'REDIS_URL',
  'JWT_SIGNER_KEY',
  'JWT_SIGNER_KEY_PREVIOUS',
  'JWT_PRIVATE_KEY',
  'KEY_ENCRYPTION_KEY',
  'ADMIN_PASSWORD',
  'SMTP_URL',
  'KONG_ADMIN_URL',
  'KONG_ADMIN_TOKEN',
  'KONG_SHARED_SECRET',
  'KONG_SHARED_SECRET_PREVIOUS',
  'METRICS_TOKEN',
  'OTEL_EXPORTER_OTLP_HEADERS',
] as const satisfies readonly (typeof variableNames)[number][];

/** The environment with the content of every secret's file in its variable, and what is wrong with the files. */
export function readSecretFiles(env: Environment): { env: Environment; problems: string[] } {
  const problems: string[] = [];
  const contents: Record<string, string> = {};
  for (const name of secretNames) {
    const file = env[`${name}_FILE`]?.trim();
    if (!file) continue;
    if (env[name]) {
      problems.push(`${name} and ${name}_FILE are both set; keep one of them`);
      continue;
    }
    const files = name === 'JWT_PRIVATE_KEY' ? file.split(',').map((one) => one.trim()) : [file];
    contents[name] = files.map((one) => readSecret(one, `${name}_FILE`, problems)).join('\n');
  }
  return { env: { ...env, ...contents }, problems };
}

function readSecret(file: string, variable: string, problems: string[]): string {
  try {
    const content = fs.readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (content === '') problems.push(`${variable} names ${file}, which is empty`);
    return content;
  } catch (error) {
    problems.push(`${variable} names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return '';
  }
}
