import type { Config } from '../config/config';

/** What a started server says about itself. */
export interface StartSummary {
  config: Config;
  ports: { port: number; gatewayPort: number | null };
  database: 'embedded' | 'external';
  /** Name of an account with the role ADMIN, or null when no account has it. */
  administrator: string | null;
  /** Password of an administrator that this start has created and printed nowhere else. */
  administratorPassword: string | null;
  /** Whether this server made a signing key itself. */
  developmentSecrets: boolean;
  startMs: number;
}

/** The text after `npm start`: the addresses, the administrator, and what must not go to production. */
export function startupBanner(summary: StartSummary): string {
  const { config, ports, database, startMs } = summary;
  const host = ['0.0.0.0', '::'].includes(config.http.host) ? 'localhost' : config.http.host;
  const base = `http://${host}:${ports.port}`;
  const perProcess = config.redisUrl ? '' : ' (login limits count per process: set REDIS_URL)';
  const lines = [
    `Identity server ready in ${(startMs / 1000).toFixed(1)} s`,
    '',
    `  GraphQL      ${base}/graphql`,
    ...(config.graphql.playground ? [`  Playground   ${base}/playground`] : []),
    `  REST         ${base}/identity`,
    ...(ports.gatewayPort === null ? [] : [`  REST gateway http://${host}:${ports.gatewayPort}/auth`]),
    `  REST docs    ${base}/docs`,
    `  Health       ${base}/health/ready`,
    '',
    `  PostgreSQL   ${database === 'embedded' ? `embedded, data in ${config.dataDir}` : 'external (DATABASE_URL)'}`,
    `  Store        ${config.redisUrl ? 'Redis (REDIS_URL)' : 'in this process'}`,
    ...(config.http.workers > 1 ? [`  Processes    ${config.http.workers}${perProcess}`] : []),
    `  Profile      ${config.strict ? 'strict' : 'documented'}`,
    `  Administrator ${administratorLine(summary)}`,
    ...warning(summary),
  ];
  return `\n${lines.join('\n')}\n\n`;
}

function administratorLine({ administrator, administratorPassword }: StartSummary): string {
  if (administrator === null) return 'no account has the role ADMIN';
  return administratorPassword === null
    ? administrator
    : `${administrator} / ${administratorPassword}   (created by this first start)`;
}

function warning({ config, administratorPassword, developmentSecrets }: StartSummary): string[] {
  const reasons = [
    ...(developmentSecrets
      ? [`tokens are signed with a key that this server made and keeps in ${config.dataDir}`]
      : []),
    ...(administratorPassword === null ? [] : ["the administrator's password is printed above: change it"]),
  ];
  if (reasons.length === 0) return [];
  return [
    '',
    '  *** DEVELOPMENT SECRETS ARE IN USE: not for production ***',
    ...reasons.map((reason) => `      - ${reason}`),
  ];
}
