import { type Database, type Row, refersTo } from '../database';

export interface MatchedRoute {
  route: Row;
  service: Row | null;
  /** The part of the path that the route's own path matched. */
  matchedPath: string;
}

interface Target {
  method: string;
  host: string;
  path: string;
}

/**
 * The router in its `traditional_compatible` flavour: more kinds of match first, then the longest
 * path, then the oldest route.
 */
export function matchRoute(database: Database, target: Target): MatchedRoute | null {
  const candidates = database.cached('routes').flatMap((route) => {
    const matchedPath = longestPath(route.paths as string[] | null, target.path);
    const methods = route.methods as string[] | null;
    const hosts = route.hosts as string[] | null;
    if (
      matchedPath === null ||
      (methods && !methods.includes(target.method)) ||
      (hosts && !hosts.includes(target.host))
    )
      return [];
    return [{ route, matchedPath, kinds: [route.paths, methods, hosts].filter(Boolean).length }];
  });
  candidates.sort(
    (a, b) =>
      b.kinds - a.kinds || b.matchedPath.length - a.matchedPath.length || a.route.created_at - b.route.created_at,
  );
  const [best] = candidates;
  if (!best) return null;
  const service = database.cached('services').find((row) => refersTo(best.route.service, row.id)) ?? null;
  return { route: best.route, service, matchedPath: best.matchedPath };
}

/** Plain paths are prefixes of the text, not of its segments: `/auth` matches `/auth-jwt`. */
function longestPath(paths: string[] | null, path: string): string | null {
  if (!paths) return '';
  const matches = paths.flatMap((prefix) => {
    if (prefix.startsWith('~')) return new RegExp(`^(?:${prefix.slice(1)})`).exec(path)?.[0] ?? [];
    return path.startsWith(prefix) ? prefix : [];
  });
  return matches.length === 0 ? null : matches.reduce((a, b) => (b.length > a.length ? b : a));
}

/**
 * Dot segments and repeated slashes go, unreserved characters are decoded: what the router compares
 * and the upstream receives.
 */
export function normalisePath(path: string): string {
  const decoded = path.replace(/%([0-9a-f]{2})/gi, (given, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~-]/.test(character) ? character : given.toUpperCase();
  });
  const segments: string[] = [];
  const parts = decoded.replace(/\/{2,}/g, '/').split('/');
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    if (part === '..' && segments.length > 1) segments.pop();
    if (part === '.' || part === '..') {
      if (last) segments.push('');
    } else segments.push(part);
  }
  return segments.join('/') || '/';
}

/** `path_handling: v0`: the service's path and the request's, joined by exactly one slash. */
export function upstreamPath({ route, service, matchedPath }: MatchedRoute, path: string): string {
  const base = (service?.path as string | null) ?? '/';
  const bare = base.replace(/\/$/, '');
  if (!route.strip_path) return path === '/' ? base : bare + path;
  const rest = path.slice(matchedPath.length);
  if (rest === '') return path.length > 1 && path.endsWith('/') ? `${bare}/` : bare || '/';
  return rest.startsWith('/') ? bare + rest : `${bare}/${rest}`;
}
