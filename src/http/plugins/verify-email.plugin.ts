import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error';

export interface VerifyEmailOptions {
  /** Proves the address. @throws AppError when the link is not good any more */
  verify(request: FastifyRequest, linkToken: string): Promise<void>;
}

const TOKEN = /^[\w-]{20,128}$/;
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/**
 * The page behind the link of a verification mail. Opening it changes nothing, because mail
 * scanners open links as well: the button does.
 */
export function verifyEmailPlugin({ verify }: VerifyEmailOptions): FastifyPluginAsync {
  return async (app) => {
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    app.addHook('onRequest', async (_request, reply) => {
      void reply
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('referrer-policy', 'no-referrer')
        .type('text/html; charset=utf-8');
    });
    app.get('/verify-email', async (request) => {
      const token = tokenIn(request.query);
      const form = `<form method="post" action="/verify-email"><input type="hidden" name="token" value="${token}"><button>Confirm my address</button></form>`;
      return page(
        'Confirm your e-mail address',
        token === '' ? '<p>The link is not complete. Copy it from the mail as a whole.</p>' : form,
      );
    });
    app.post('/verify-email', async (request, reply) => {
      try {
        const token = tokenIn(request.body);
        if (token === '') throw new AppError('INVALID_LINK');
        await verify(request, token);
        return page('Thank you', '<p>Your e-mail address is confirmed. You can close this page.</p>');
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        reply.code(error.status);
        return page('That did not work', `<p>${error.message}, and open its link within five minutes.</p>`);
      }
    });
  };
}

/** Only what a token of ours can be: it goes into the page as it is. */
function tokenIn(of: unknown): string {
  const token = (of as { token?: unknown } | null | undefined)?.token;
  return typeof token === 'string' && TOKEN.test(token) ? token : '';
}

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}</style>
</head><body><h1>${title}</h1>${content}</body></html>`;
