import type { Config } from '../config/config';

/** What a started server says about itself. */
export interface StartSummary {
  config: Config;
  ports: { port: number; gatewayPort: number | null };
  hasConsole: boolean;
  database: 'embedded' | 'external';
  /** Name of an account with the role ADMIN, or null when no account has it. */
  administrator: string | null;
  /** Password of an administrator that this start has created and printed nowhere else. */
  administratorPassword: string | null;
  /** Name of an administrator whose password is the well-known one of development, or null. */
  withDevelopmentPassword: string | null;
  /** Whether ADMIN_USERNAME or ADMIN_PASSWORD is set and logs no administrator in. */
  ignoresAdministratorVariables: boolean;
  /** Whether this server made a signing key itself. */
  developmentSecrets: boolean;
  startMs: number;
}

/** The text after `npm start`: the addresses, the administrator, and what must not go to production. */
export function startupBanner(summary: StartSummary): string {
  const { config, ports, hasConsole, database, startMs } = summary;
  const host = ['0.0.0.0', '::'].includes(config.http.host) ? 'localhost' : config.http.host;
  const base = `http://${host}:${ports.port}`;
  const perProcess = config.redisUrl ? '' : ' (login limits count per process: set REDIS_URL)';
  const lines = [
    `Identity server ready in ${(startMs / 1000).toFixed(1)} s`,
    '',
    ...(hasConsole ? [`  Console      ${base}/console`] : []),
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
    ...(summary.ignoresAdministratorVariables ? ['', `  ${IGNORED_VARIABLES}`] : []),
  ];
  return `\n${lines.join('\n')}\n\n`;
}

function administratorLine({ administrator, administratorPassword }: StartSummary): string {
  if (administrator === null) return 'no account has the role ADMIN';
  return administratorPassword === null
    ? administrator
    : `${administrator} / ${administratorPassword}   (created by this first start)`;
}

/** They count only where no administrator was ever created. */
const IGNORED_VARIABLES =
  'ADMIN_USERNAME and ADMIN_PASSWORD have no effect: this database has its administrator, with another name or ' +
  'password. To get in without that password, see "A lost administrator" in docs/operations.md';

function warning(summary: StartSummary): string[] {
  const { config, administratorPassword, withDevelopmentPassword, developmentSecrets } = summary;
  const reasons = [
    ...(developmentSecrets
      ? [`tokens are signed with a key that this server made and keeps in ${config.dataDir}`]
      : []),
    ...(administratorPassword === null ? [] : ["the administrator's password is printed above: change it"]),
    ...(administratorPassword === null && withDevelopmentPassword !== null
      ? [`the password of ${withDevelopmentPassword} is the well-known one of development: change it`]
      : []),
  ];
  if (reasons.length === 0) return [];
  return [
    '',
    '  *** DEVELOPMENT SECRETS ARE IN USE: not for production ***',
    ...reasons.map((reason) => `      - ${reason}`),
  ];
}
