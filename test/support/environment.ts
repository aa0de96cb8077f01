import { once } from 'node:events';
import { createServer } from 'node:net';

/** The first administrator of every test server. */
export const ADMIN = { username: 'admin', password: 'password123' };

/** Published here, and so no secret: the tests sign with it as other services would. */
export const SIGNER_KEY = 'JRSyu+rANMA+eFoGQ9FT7+ginejrhJceSMogktjue9keedo2JyGaIksApGJanltZ6FabsI/zvOqOcsVMNYJxQQ==';

/** The variables of every test server, in this process or in one of its own. */
export const ENVIRONMENT = {
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  PORT: '0',
  GATEWAY_PORT: 'off',
  JWT_SIGNER_KEY: SIGNER_KEY,
  ADMIN_USERNAME: ADMIN.username,
  ADMIN_PASSWORD: ADMIN.password,
  BCRYPT_COST: '4',
  LOGIN_RATE_LIMIT: '1000/60',
  REGISTRATION_RATE_LIMIT: '100000/60',
  ANONYMOUS_COST_LIMIT: '600000/60',
  DATABASE_TIMEOUT: '60', // a busy machine is no hung database
};

/** A port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
