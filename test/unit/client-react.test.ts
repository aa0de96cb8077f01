import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

type Kit = typeof import('graphql-identity-client/react', { with: { 'resolution-mode': 'import' }});
type Session = import('graphql-identity-client', { with: { 'resolution-mode': 'import' }}).Session;

const { IdentityProvider, RequireScope, useSession } = require('graphql-identity-client/react') as Kit;

const sessionOf = (scopes: string[]) =>
  ({
    state: {
      status: 'signedIn',
      user: { id: '1', username: 'ann', email: null, firstName: null, lastName: null },
      scopes,
    },
    subscribe: () => () => undefined,
  }) as unknown as Session;

const shown = (session: Session, scope: string) =>
  renderToStaticMarkup(
    createElement(IdentityProvider, {
      session,
      children: createElement(RequireScope, { scope, fallback: 'no', children: 'yes' }),
    }),
  );

test.each([
  [['READ_USERS'], 'READ_USERS', 'yes'],
  [['READ_USERS'], 'DELETE_USER', 'no'],
  [['ROLE_ADMIN'], 'DELETE_USER', 'yes'],
  [['ROLE_ADMIN'], 'ROLE_EDITOR', 'no'],
  [['ROLE_EDITOR'], 'ROLE_EDITOR', 'yes'],
  [[], 'READ_USERS', 'no'],
])('%j and a part that needs %s: %s', (scopes, scope, expected) => {
  expect(shown(sessionOf(scopes), scope)).toBe(expected);
});

test('components read the user of the session', () => {
  const Name = () => useSession().user?.username;
  const page = createElement(IdentityProvider, { session: sessionOf([]), children: createElement(Name) });
  expect(renderToStaticMarkup(page)).toBe('ann');
});

test('outside of a provider the hook says what is missing', () => {
  const Name = () => useSession().user?.username;
  expect(() => renderToStaticMarkup(createElement(Name))).toThrow('IdentityProvider');
});
