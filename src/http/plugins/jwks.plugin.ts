import type { FastifyInstance } from 'fastify';
import type { KeyRing } from '../../security/tokens/key-ring';
import { Document } from '../document';

/**
 * `/.well-known/jwks.json`: the keys that access tokens are verified with; none where the key is shared.
 * @param options.maxAge seconds for which clients may keep it
 */
export function jwksPlugin({ ring, maxAge }: { ring: KeyRing | null; maxAge: number }) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get('/.well-known/jwks.json', async (request, reply) => {
      const { keys, isCurrent } = (await ring?.published()) ?? { keys: [], isCurrent: true };
      const document = new Document(JSON.stringify({ keys }), {
        'content-type': 'application/json; charset=utf-8',
        // what may lack a new key is not to be kept until that key signs
        'cache-control': isCurrent ? `public, max-age=${maxAge}` : 'no-cache',
      });
      return document.send(request, reply);
    });
  };
}
