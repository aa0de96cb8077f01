import type { FastifyPluginAsync } from 'fastify';
import { Document } from '../document';

export interface StartPageOptions {
  /** In production `/` answers with JSON; the page is for people who have just started the server. */
  production: boolean;
  hasConsole: boolean;
  hasPlayground: boolean;
}

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/** `/`: what this server is, and where its parts are. */
export function startPagePlugin({ production, hasConsole, hasPlayground }: StartPageOptions): FastifyPluginAsync {
  const links = [
    ...(hasConsole
      ? [['console', 'Console', 'Your account, and for administrators users, roles, sessions and the audit log.']]
      : []),
    ...(hasPlayground
      ? [['playground', 'Playground', 'Try the GraphQL API, with an example for every operation.']]
      : []),
    ['docs', 'REST docs', 'Read and try the REST API.'],
    ['openapi.json', 'OpenAPI', 'The description of the REST API for generators.'],
    ['health', 'Health', 'Whether the server can answer, and which dependencies are away.'],
  ];
  const document = production
    ? new Document(JSON.stringify({ name: 'Identity server', graphql: '/graphql', docs: '/docs', health: '/health' }), {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-cache',
      })
    : new Document(page(links.map(item).join('\n')), {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
      });
  return async (app) => {
    app.get('/', (request, reply) => {
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY).header('referrer-policy', 'no-referrer');
      return document.send(request, reply);
    });
  };
}

const item = ([path, name, sentence]: string[]): string => `<li><a href="${path}">${name}</a><br>${sentence}</li>`;

const page = (items: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Identity server</title>
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:10vh auto;padding:0 1rem}
ul{list-style:none;padding:0}li{margin:0 0 1rem}a{font-weight:600}
</style></head>
<body><h1>Identity server</h1>
<p>Users, roles, permissions and the scopes of their tokens, as one GraphQL API at <code>/graphql</code>, with REST for
clients that need it.</p>
<ul>
${items}
</ul>
</body></html>
`;
