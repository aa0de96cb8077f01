import type { FastifyPluginAsync } from 'fastify';
import { serveStaticPage } from '../static-page';

export interface ApiDocsOptions {
  /** Where the browser finds the OpenAPI document: a path on this server. */
  openApiUrl: string;
  /** The origin of the gateway port, which the page may call too, or null. */
  gatewayOrigin: string | null;
  /** The folder that the build wrote, for example `dist/api-docs`. */
  assetsDir: string;
}

// Swagger UI writes style attributes and draws its icons from data: URLs.
const contentSecurityPolicy = (gatewayOrigin: string | null): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    `connect-src 'self' ${gatewayOrigin ?? ''}`.trimEnd(),
    "img-src 'self' data:",
    "font-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** The REST reference at `/docs`, where every call can be tried against this server. */
export function apiDocsPlugin({ openApiUrl, gatewayOrigin, assetsDir }: ApiDocsOptions): FastifyPluginAsync {
  return async (app) => {
    const values = { openApiUrl };
    await serveStaticPage(app, {
      path: '/docs',
      assetsDir,
      title: 'API reference',
      contentSecurityPolicy: contentSecurityPolicy(gatewayOrigin),
      values,
    });
  };
}
