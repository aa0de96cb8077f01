import type { App } from '../app';
import type { Config } from '../config/config';

/**
 * What a person reads after `npm start`: where to go, who the administrator is, and what must not
 * go to production.
 */
export async function startupBanner(
  config: Config,
  app: App,
  ports: { port: number; gatewayPort: number | null },
  ms: number,
): Promise<string> {
  const base = `http://${config.http.host === '0.0.0.0' || config.http.host === '::' ? 'localhost' : config.http.host}:${ports.port}`;
  const lines = [
    `Identity server ready in ${(ms / 1000).toFixed(1)} s`,
    '',
    `  GraphQL      ${base}/graphql`,
    ...(config.graphql.playground ? [`  Playground   ${base}/playground`] : []),
    `  REST         ${base}/identity`,
    ...(ports.gatewayPort === null ? [] : [`  REST gateway http://${config.http.host}:${ports.gatewayPort}/auth`]),
    `  REST docs    ${base}/docs`,
    `  Health       ${base}/health/ready`,
    '',
    `  PostgreSQL   ${app.database.embedded ? `embedded, data in ${config.dataDir}` : 'external (DATABASE_URL)'}`,
    `  Store        ${config.redisUrl ? 'Redis (REDIS_URL)' : 'in this process'}`,
    ...(config.http.workers > 1
      ? [
          `  Processes    ${config.http.workers}${config.redisUrl ? '' : ' (login limits count per process: set REDIS_URL)'}`,
        ]
      : []),
    `  Profile      ${config.strict ? 'strict' : 'documented'}`,
    `  Administrator ${await administrator(app)}`,
  ];
  if (app.developmentSecrets || app.administrator?.password) lines.push('', ...warning(config, app));
  return `\n${lines.join('\n')}\n\n`;
}

async function administrator(app: App): Promise<string> {
  if (app.administrator?.password)
    return `${app.administrator.username} / ${app.administrator.password}   (made by this first start)`;
  return (await app.administratorName()) ?? 'nobody has the role ADMIN';
}

function warning(config: Config, app: App): string[] {
  const reasons = [
    ...(app.developmentSecrets
      ? [`tokens are signed with a key that this server made and keeps in ${config.dataDir}`]
      : []),
    ...(app.administrator?.password ? ["the administrator's password is printed above: change it"] : []),
  ];
  return [
    '  *** DEVELOPMENT SECRETS ARE IN USE: not for production ***',
    ...reasons.map((reason) => `      - ${reason}`),
  ];
}
