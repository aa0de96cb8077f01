import { UUID_SHAPE } from '../../../../src/integrations/kong/kong-username';
import { type Database, DatabaseDown, type Row } from '../database';
import type { Exchange, PluginConfig, ProxyPlugin } from './exchange';
import { PluginCrash } from './exchange';
import { decodeBase64url, decodeToken, isSignedBy, memberOf } from './jwt-token';
import { exitAnswer, type ProxyAnswer } from './proxy-answers';

type JwtConfig = PluginConfig & {
  key_claim_name: string;
  claims_to_verify: ('exp' | 'nbf')[] | null;
  header_names: string[];
  uri_param_names: string[];
  cookie_names: string[];
  secret_is_base64: boolean;
  run_on_preflight: boolean;
  maximum_expiration: number;
  anonymous: string | null;
  realm: string | null;
};

/** Ends authentication with a 401; nothing was sent, or what was sent is no good. */
class Unauthorized extends Error {
  constructor(
    readonly body: Record<string, string>,
    readonly tokenGiven = true,
  ) {
    super('401');
  }
}

/**
 * Kong's jwt plugin: who the token belongs to, whether it is genuine, and what the upstream is
 * told.
 */
export class JwtPlugin implements ProxyPlugin {
  readonly priority = 1450;
  /** Keys that were looked up, found or not, and thus are answered without a database. */
  private readonly cachedKeys = new Set<string>();

  constructor(
    private readonly database: Database,
    /** Whole seconds since 1970. */
    private readonly now: () => number,
  ) {}

  access(exchange: Exchange, given: PluginConfig): ProxyAnswer | undefined {
    const config = given as JwtConfig;
    if (exchange.method === 'OPTIONS' && !config.run_on_preflight) return undefined;
    try {
      this.authenticate(exchange, config);
      return undefined;
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
      if (config.anonymous === null) return challenge(config.realm, error);
      this.passAnonymously(exchange, config.anonymous);
      return undefined;
    }
  }

  private authenticate(exchange: Exchange, config: JwtConfig): void {
    const token = this.onlyToken(exchange, config);
    const decoded = decodeToken(token);
    if (typeof decoded === 'string') throw new Unauthorized({ message: `Bad token; ${decoded}` });
    const credential = this.credential(
      issuerOf(decoded.claims, decoded.header, config.key_claim_name),
      config.key_claim_name,
    );
    const algorithm = String(credential.algorithm);
    if (decoded.header.alg !== algorithm) throw new Unauthorized({ message: 'Invalid algorithm' });
    const key = verificationKey(credential, config.secret_is_base64);
    if (!key) throw new Unauthorized({ message: 'Invalid key/secret' });
    if (!isSignedBy(decoded, algorithm, key)) throw new Unauthorized({ message: 'Invalid signature' });
    const problems = this.claimProblems(decoded.claims, config);
    if (Object.keys(problems).length > 0) throw new Unauthorized(problems);
    const consumer = this.database
      .cached('consumers')
      .find(({ id }) => id === (credential.consumer as { id: string }).id);
    if (!consumer) throw new PluginCrash('a credential without a consumer');
    identify(exchange, consumer, credential);
  }

  private onlyToken({ query, headers }: Exchange, config: JwtConfig): string {
    const cookies = (headers.get('cookie') ?? '').split(/;\s*/).map((pair) => pair.split('='));
    const tokens = new Set([
      ...config.uri_param_names.flatMap((name) => query.getAll(name)),
      ...cookies.filter(([name]) => config.cookie_names.includes(name ?? '')).map(([, ...value]) => value.join('=')),
      ...config.header_names.flatMap((name) =>
        headers.all(name).flatMap((value) => /^\s*[Bb]earer\s+(.+)$/.exec(value)?.[1] ?? []),
      ),
    ]);
    if (tokens.size > 1) throw new Unauthorized({ message: 'Multiple tokens provided' });
    const [token] = tokens;
    if (!token) throw new Unauthorized({ message: 'Unauthorized' }, false);
    return token;
  }

  /** By key, through a cache that outlives the database. */
  private credential(key: string, claim: string): Row {
    if (this.database.down && !this.cachedKeys.has(key)) throw new DatabaseDown();
    this.cachedKeys.add(key);
    const credential = this.database.cached('jwt_secrets').find((row) => row.key === key);
    if (!credential) throw new Unauthorized({ message: `No credentials found for given '${claim}'` });
    return credential;
  }

  private claimProblems(claims: unknown, config: JwtConfig): Record<string, string> {
    const now = this.now();
    const problems: Record<string, string> = {};
    for (const name of config.claims_to_verify ?? []) {
      const value = memberOf(claims, name);
      if (typeof value !== 'number') problems[name] = 'must be a number';
      else if (name === 'exp' && value <= now) problems[name] = 'token expired';
      else if (name === 'nbf' && value > now) problems[name] = 'token not valid yet';
    }
    const exp = memberOf(claims, 'exp');
    const limited =
      config.maximum_expiration > 0 && config.claims_to_verify !== null && Object.keys(problems).length === 0;
    if (limited && typeof exp === 'number' && exp - now > config.maximum_expiration)
      problems.exp = 'exceeds maximum allowed expiration';
    return problems;
  }

  private passAnonymously(exchange: Exchange, anonymous: string): void {
    const consumer = this.database
      .cached('consumers')
      .find(({ id, username }) => (UUID_SHAPE.test(anonymous) ? id : username) === anonymous);
    if (!consumer) throw new PluginCrash('the anonymous consumer does not exist');
    identify(exchange, consumer, null);
    exchange.headers.set('X-Anonymous-Consumer', 'true');
  }
}

/** The JOSE header is asked when the payload has no such claim. */
function issuerOf(claims: unknown, header: Record<string, unknown>, name: string): string {
  const claimed = memberOf(claims, name);
  const issuer = claimed === undefined || claimed === false ? header[name] : claimed;
  if (issuer === undefined || issuer === false) throw new Unauthorized({ message: `No mandatory '${name}' in claims` });
  if (issuer === '') throw new Unauthorized({ message: `Invalid '${name}' in claims` });
  if (typeof issuer !== 'string') throw new PluginCrash(`'${name}' is not a string`);
  return issuer;
}

function verificationKey(credential: Row, secretIsBase64: boolean): Buffer | undefined {
  const isHmac = String(credential.algorithm).startsWith('HS');
  const value = (isHmac ? credential.secret : credential.rsa_public_key) as string | null;
  if (value === null) return undefined;
  return isHmac && secretIsBase64 ? decodeBase64url(value) : Buffer.from(value, 'utf8');
}

function identify(exchange: Exchange, consumer: Row, credential: Row | null): void {
  const { headers } = exchange;
  const told: [string, unknown][] = [
    ['X-Consumer-ID', consumer.id],
    ['X-Consumer-Custom-ID', consumer.custom_id],
    ['X-Consumer-Username', consumer.username],
    ['X-Credential-Identifier', credential?.key ?? null],
    ['X-Anonymous-Consumer', null],
  ];
  for (const [name, value] of told) {
    if (value === null) headers.remove(name);
    else headers.set(name, String(value));
  }
  exchange.consumer = consumer;
  exchange.credential = credential;
}

function challenge(realm: string | null, { body, tokenGiven }: Unauthorized): ProxyAnswer {
  const parts = [
    'Bearer',
    ...(realm === null ? [] : [`realm="${realm}"`]),
    ...(tokenGiven ? ['error="invalid_token"'] : []),
  ];
  return exitAnswer(401, body, { 'WWW-Authenticate': parts.join(' ') });
}
