/** What the proxy answers by itself. */
export interface ProxyAnswer {
  status: number;
  headers: Record<string, string>;
  content: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** `kong.response.exit` with a table: compact JSON, whatever the client accepts. */
export function exitAnswer(status: number, body: unknown, headers: Record<string, string> = {}): ProxyAnswer {
  return {
    status,
    headers: { ...headers, 'Content-Type': JSON_TYPE },
    content: JSON.stringify(body).replaceAll('/', '\\/'),
  };
}

export function emptyAnswer(status: number): ProxyAnswer {
  return { status, headers: {}, content: '' };
}

interface ErrorOptions {
  status: number;
  message: string;
  requestId: string;
  accept: string | undefined;
  /**
   * Errors of plugins and of the router are JSON without an Accept header, those of nginx are text.
   */
  fallback?: 'json' | 'text';
}

/**
 * `kong.response.error` and nginx's own errors: with the request id, in the form that the client
 * accepts.
 */
export function errorAnswer({ status, message, requestId, accept = '', fallback = 'json' }: ErrorOptions): ProxyAnswer {
  const form = accept.includes('text/html')
    ? 'html'
    : accept.includes('json')
      ? 'json'
      : accept.includes('text/plain')
        ? 'text'
        : fallback;
  return { status, headers: { 'Content-Type': TYPES[form] }, content: TEMPLATES[form](message, requestId) };
}

const TYPES = { json: JSON_TYPE, html: 'text/html; charset=utf-8', text: 'text/plain; charset=utf-8' };

const TEMPLATES = {
  json: (message: string, id: string) => `{\n  "message":${JSON.stringify(message)},\n  "request_id":"${id}"\n}`,
  text: (message: string, id: string) => `${message}\nrequest_id: ${id}\n`,
  html: (message: string, id: string) =>
    [
      '<!doctype html>',
      '<html>',
      '  <head>',
      '    <meta charset="utf-8">',
      '    <title>Error</title>',
      '  </head>',
      '  <body>',
      '    <h1>Error</h1>',
      `    <p>${message}.</p>`,
      `    <p>request_id: ${id}</p>`,
      '  </body>',
      '</html>',
      '',
    ].join('\n'),
};
