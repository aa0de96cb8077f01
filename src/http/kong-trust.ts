import { timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Network } from '../config/network';
import { KONG_SECRET_HEADER } from '../integrations/kong/kong-setup-plan';
import { UUID_SHAPE, usernameFromKongHeader } from '../integrations/kong/kong-username';

export interface ForwardedConsumer {
  readonly id: string;
  readonly username: string;
}

/**
 * Whether a request comes from our Kong: by the secret that Kong adds, or by the address of the
 * peer itself, never by X-Forwarded-For.
 */
export class KongTrust {
  private readonly addresses = new BlockList();
  private readonly secrets: readonly Buffer[];

  constructor(
    private readonly options: {
      configured: boolean;
      trustedProxies: readonly Network[];
      sharedSecret: string | undefined;
      previousSharedSecret?: string | undefined;
    },
  ) {
    const { sharedSecret, previousSharedSecret } = options;
    this.secrets = [sharedSecret, previousSharedSecret].flatMap((secret) => (secret ? [Buffer.from(secret)] : []));
    for (const { address, bits, family } of options.trustedProxies) this.addresses.addSubnet(address, bits, family);
  }

  /** The consumer in Kong's headers; null without one, or from an untrusted peer. */
  consumerOf(request: FastifyRequest): ForwardedConsumer | null {
    if (!this.options.configured || !(this.knowsSecret(request) || this.knowsPeer(request))) return null;
    // the jwt plugin's `anonymous` consumer stands for clients without a valid token
    if (request.headers['x-anonymous-consumer'] !== undefined) return null;
    const id = request.headers['x-consumer-id'];
    const name = request.headers['x-consumer-username'];
    if (typeof id !== 'string' || !UUID_SHAPE.test(id) || typeof name !== 'string' || name === '') return null;
    return { id, username: usernameFromKongHeader(name) };
  }

  private knowsSecret(request: FastifyRequest): boolean {
    const header = request.headers[KONG_SECRET_HEADER];
    if (typeof header !== 'string') return false;
    const given = Buffer.from(header);
    return this.secrets.some((secret) => secret.length === given.length && timingSafeEqual(secret, given));
  }

  private knowsPeer(request: FastifyRequest): boolean {
    const address = request.socket.remoteAddress?.replace(/^::ffff:/i, '') ?? '';
    const family = isIP(address);
    return family !== 0 && this.addresses.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}
