// The least that a checked answer costs: node:http, a synchronous HS512 check, one Redis EXISTS,
// and bytes that are ready.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createClient } from 'redis';
import { bodyOf, JSON_HEADERS, serve, settings } from './floor.mjs';

const key = Buffer.from(settings.signerKey, 'utf8');
const redis = settings.redisUrl ? await createClient({ url: settings.redisUrl }).connect() : null;
/** Without a Redis the deny list is a set in this process. */
const denied = new Set();
const answer = Buffer.from(settings.answer);

/** The claims of a token whose signature is right and that is not expired; else undefined. */
function verify(token) {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  const expected = createHmac('sha512', key).update(token.slice(0, end)).digest();
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return undefined;
  const claims = JSON.parse(Buffer.from(token.slice(token.indexOf('.') + 1, end), 'base64url').toString('utf8'));
  return claims.exp > Date.now() / 1000 ? claims : undefined;
}

/** To introspect is to check the token in the body; else it is the bearer. */
async function tokenOf(request) {
  if (!settings.introspects) return request.headers.authorization?.slice('Bearer '.length);
  const body = JSON.parse(await bodyOf(request));
  return body.variables?.input.token ?? body.token;
}

serve(async (request, response) => {
  const token = await tokenOf(request);
  const claims = token && verify(token);
  if (!claims) return response.writeHead(401).end();
  const isDenied = redis ? await redis.exists(`revoked:${claims.jti}`) : denied.has(claims.jti);
  if (isDenied) return response.writeHead(401).end();
  response.writeHead(200, { ...JSON_HEADERS, 'content-length': answer.length }).end(answer);
});
