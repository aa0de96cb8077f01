import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors/app-error';

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const TOKEN = /^[\w-]{20,128}$/;

const STYLE = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}
label{display:block;margin:1rem 0}
input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #888;border-radius:.4rem}
button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}
[role=alert]{color:light-dark(#b91c1c,#fca5a5)}`;

/** Makes an encapsulated Fastify answer pages with one form: no scripts, no other hosts. */
export function serveFormPages(app: FastifyInstance): void {
  app.addContentTypeParser<Buffer>(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => readForm(body),
  );
  app.addHook('onRequest', async (_request, reply) => {
    void reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('referrer-policy', 'no-referrer')
      .type('text/html; charset=utf-8');
  });
}

/** @throws AppError BAD_REQUEST for what is not UTF-8: replacement characters would make passwords equal */
function readForm(body: Buffer): Record<string, string> {
  const text = body.toString('utf8');
  if (!isUtf8(body) || !isDecodable(text)) throw new AppError('BAD_REQUEST', { detail: 'The form is not valid UTF-8' });
  return Object.fromEntries(new URLSearchParams(text));
}

function isDecodable(form: string): boolean {
  try {
    // a percent sign that escapes nothing stands for itself
    decodeURIComponent(form.replaceAll(/%(?![\da-f]{2})/gi, '%25'));
    return true;
  } catch {
    return false;
  }
}

/** A text member of a form or a query; empty where it is missing. */
export function textIn(members: unknown, name: string): string {
  const value = (members as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

/** The token of a mailed link, or empty for anything else. */
export const tokenIn = (members: unknown): string =>
  TOKEN.test(textIn(members, 'token')) ? textIn(members, 'token') : '';

/** @param content HTML, in which every text of a client is escaped */
export const page = (language: 'en' | 'vi', title: string, content: string): string => `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
</head><body><h1>${title}</h1>${content}</body></html>`;
