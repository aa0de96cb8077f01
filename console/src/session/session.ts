// A stand-in for `createSession` of the client kit, with its interface.
import { IdentityError, type Session, type SessionState, type SessionUser } from 'graphql-identity-client';
import { apiUrl } from '../api/address';
import { currentLanguage } from '../i18n/i18n';

const KEY = 'console-refresh-token';
const USER = 'user { id username email firstName lastName }';
const TOKENS = 'tokens { accessToken refreshToken scope }';

let accessToken: string | null = null;
let refreshing: Promise<void> | undefined;
let state: SessionState = { status: 'loading', user: null, scopes: [] };
const listeners = new Set<(state: SessionState, before: SessionState) => void>();

export const session: Session = {
  get state() {
    return state;
  },
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  onUserChanged(listener) {
    return session.subscribe((now, before) => now.user?.id === before.user?.id || listener());
  },
  async login(input) {
    const { login } = await send(`mutation Login($input: LoginInput!) { login(input: $input) { ${TOKENS} ${USER} } }`, {
      input,
    });
    accept(login.tokens, login.user);
    return login.user;
  },
  async logout() {
    await send('mutation Logout($input: LogoutInput!) { logout(input: $input) { ok } }', {
      input: { token: accessToken },
    });
    end();
  },
  async accessToken(rejected) {
    if (rejected !== undefined && rejected === accessToken) await refresh();
    return accessToken;
  },
  onAccountChanged: () => () => undefined,
  watch: () => () => undefined,
  close: () => undefined,
};

void refresh();

function refresh(): Promise<void> {
  refreshing ??= (async () => {
    const refreshToken = sessionStorage.getItem(KEY);
    if (!refreshToken) return end();
    try {
      const { refresh } = await send(
        `mutation Refresh($input: RefreshInput!) { refresh(input: $input) { ${TOKENS} } }`,
        { input: { refreshToken } },
      );
      accessToken = refresh.tokens.accessToken;
      const { me } = await send('{ me { id username email firstName lastName } }', {});
      accept(refresh.tokens, me);
    } catch {
      end();
    }
  })().finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

function accept(tokens: { accessToken: string; refreshToken: string; scope: string }, user: SessionUser): void {
  accessToken = tokens.accessToken;
  sessionStorage.setItem(KEY, tokens.refreshToken);
  change({ status: 'signedIn', user, scopes: tokens.scope.split(' ') });
}

function end(): void {
  accessToken = null;
  sessionStorage.removeItem(KEY);
  change({ status: 'signedOut', user: null, scopes: [] });
}

function change(next: SessionState): void {
  const before = state;
  state = next;
  for (const listener of listeners) listener(next, before);
}

async function send(query: string, variables: unknown) {
  const response = await fetch(apiUrl('graphql'), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'accept-language': currentLanguage(),
      ...(accessToken && { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new IdentityError(errors[0].message, errors[0].extensions.code, errors[0].extensions);
  return data;
}
