import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react';
import { hasScope } from './scopes.js';
import type { Session, SessionState } from './types.js';

const SessionContext = createContext<Session | null>(null);

/** Gives the session to the components below it. */
export function IdentityProvider({ session, children }: { session: Session; children?: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

/** The state of the session, what changes it, and the session itself. */
export interface SessionHook extends SessionState, Pick<Session, 'login' | 'logout'> {
  readonly session: Session;
}

/** @throws Error outside of an IdentityProvider */
export function useSession(): SessionHook {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession needs an IdentityProvider above it');
  const state = useSyncExternalStore(
    session.subscribe,
    () => session.state,
    () => session.state,
  );
  return useMemo(() => ({ ...state, session, login: session.login, logout: session.logout }), [state, session]);
}

/** Whether the user holds a scope; `ROLE_ADMIN` implies every permission. The server decides all the same. */
export const useHasScope = (scope: string): boolean => hasScope(useSession().scopes, scope);

/** Shows its children to users who hold the scope. */
export function RequireScope({
  scope,
  fallback = null,
  children,
}: {
  scope: string;
  fallback?: ReactNode;
  children?: ReactNode;
}) {
  return <>{useHasScope(scope) ? children : fallback}</>;
}
