import { useSession } from 'graphql-identity-client/react';
import { type ComponentType, lazy, Suspense } from 'react';
import { Navigate, Outlet, Route, Routes, useLocation } from 'react-router';
import type { CameFrom } from './came-from';
import { NotFound } from './not-found';

/** A page that is a chunk of its own. */
function page(load: () => Promise<ComponentType>) {
  const Page = lazy(async () => ({ default: await load() }));
  return <Page />;
}

/** The client of the API, for pages that need it. */
const api = page(async () => (await import('../api/with-api')).WithApi);

export function Pages() {
  return (
    <Suspense fallback={null}>
      <Routes>
        <Route path="sign-in" element={page(async () => (await import('../pages/public/sign-in')).SignIn)} />
        <Route element={api}>
          <Route
            path="forgot-password"
            element={page(async () => (await import('../pages/public/forgot-password')).ForgotPassword)}
          />
          <Route path="register" element={page(async () => (await import('../pages/public/register')).Register)} />
          <Route
            path="invitation"
            element={page(async () => (await import('../pages/public/invitation')).Invitation)}
          />
          <Route
            path="verify-email"
            element={page(async () => (await import('../pages/public/verification')).Verification)}
          />
        </Route>
        <Route element={<SignedIn />}>
          <Route element={api}>
            <Route element={page(async () => (await import('./shell')).Shell)}>
              <Route index element={page(async () => (await import('../pages/overview/overview')).Overview)} />
              <Route path="users" element={page(async () => (await import('../pages/users/user-list')).UserList)} />
              <Route path="users/:id" element={page(async () => (await import('../pages/users/user-page')).UserPage)} />
              <Route path="roles" element={page(async () => (await import('../pages/roles/roles')).Roles)} />
              <Route path="audit" element={page(async () => (await import('../pages/administration/audit')).Audit)} />
              <Route
                path="logins"
                element={page(async () => (await import('../pages/administration/logins')).Logins)}
              />
              <Route path="tokens" element={page(async () => (await import('../pages/tokens/tokens')).Tokens)} />
              <Route path="keys" element={page(async () => (await import('../pages/keys/keys')).Keys)} />
              <Route path="account" element={page(async () => (await import('../pages/account/profile')).Profile)} />
              <Route
                path="account/security"
                element={page(async () => (await import('../pages/account/security')).Security)}
              />
              <Route
                path="account/sessions"
                element={page(async () => (await import('../pages/account/sessions')).Sessions)}
              />
              <Route
                path="account/history"
                element={page(async () => (await import('../pages/account/history')).History)}
              />
            </Route>
          </Route>
        </Route>
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Suspense>
  );
}

/** Sends a person without a session to the sign-in page, and back afterwards. */
function SignedIn() {
  const { status } = useSession();
  const { pathname, search } = useLocation();
  if (status === 'loading') return null;
  if (status === 'signedOut')
    return <Navigate to="/sign-in" replace state={{ from: pathname + search } satisfies CameFrom} />;
  return <Outlet />;
}
