import type { FastifyPluginAsync } from 'fastify';
import { serveStaticPage } from '../static-page';

export interface PlaygroundOptions {
  /** False registers nothing: `/playground` is then an unknown path. */
  enabled: boolean;
  /** The folder that the build wrote, for example `dist/playground`. */
  assetsDir: string;
}

// The editor sets styles from script, hence 'unsafe-inline'; scripts come from files only.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The GraphQL playground at `/playground`. It sends requests to `/graphql` on the same origin only. */
export function playgroundPlugin({ enabled, assetsDir }: PlaygroundOptions): FastifyPluginAsync {
  return async (app) => {
    if (!enabled) return;
    await serveStaticPage(app, {
      path: '/playground',
      assetsDir,
      title: 'playground',
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    });
  };
}
