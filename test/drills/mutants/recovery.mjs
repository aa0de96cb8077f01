const tests = ['graphql/recovery.test.ts'];
const codes = { file: 'src/services/recovery/one-time-codes.ts', tests };
const service = { file: 'src/services/recovery/recovery.service.ts', tests };
const queries = { file: 'src/queries/one-time-codes.ts', tests };

/** Forgotten passwords, proof of addresses, invitations. */
export const recovery = [
  {
    ...codes,
    title: 'A client has one try more.',
    find: 'const MAX_TRIES_BY_CLIENT = 5;',
    replace: 'const MAX_TRIES_BY_CLIENT = 6;',
    only: 'after five tries of one client',
  },
  {
    ...codes,
    title: 'All clients together have one try more.',
    find: 'const MAX_TRIES = 50;',
    replace: 'const MAX_TRIES = 51;',
    only: 'fifty wrong tries end a code',
  },
  {
    ...codes,
    title: 'Strangers leave the owner no try of a code.',
    find: 'given.isKnown ? MAX_TRIES : MAX_TRIES_BY_STRANGERS',
    replace: 'MAX_TRIES_BY_STRANGERS',
    only: 'forty-five wrong tries',
  },
  {
    ...service,
    title: 'The wrong codes of strangers in a day count for the owner.',
    find: 'if (!isKnown) await tries.consume(account);',
    replace: 'await tries.consume(account);',
    only: 'three hundred wrong codes',
  },
  {
    ...codes,
    title: 'A code is valid for six minutes.',
    find: 'const CODE_LIFE_MS = 5 * 60_000;',
    replace: 'const CODE_LIFE_MS = 6 * 60_000;',
    only: 'the code is valid for five minutes',
  },
  {
    ...queries,
    title: 'A code can be used twice at once.',
    find: 'where id = ${id} and consumed_at is null and expires_at > ${now}\n    returning id',
    replace: 'where id = ${id} and expires_at > ${now}\n    returning id',
    tests: ['graphql/accounts.test.ts'],
    only: 'of twenty clients that use the link at once one succeeds',
  },
  {
    ...queries,
    title: 'A code for an address sets the password, and the other way round.',
    find: 'and c.purpose = ${purpose} and c.consumed_at is null and c.expires_at > ${now}\n      and c.tries',
    replace: 'and ${purpose}::text is not null and c.consumed_at is null and c.expires_at > ${now}\n      and c.tries',
    only: 'a code for the password proves no address',
  },
  {
    ...queries,
    title: 'A stranger’s requests send a mail each, without end.',
    find: 'select ${kind}::text, case when n >= 5 then',
    replace: 'select ${kind}::text, case when n >= 5000 then',
    only: 'after a burst, one mail a minute serves every request',
  },
  {
    ...service,
    title: 'A reset of the password leaves sessions and tokens alone.',
    find: "await revocation.endAll(tx, userId, 'password reset');",
    replace: '',
    only: 'the code sets the password and ends every session',
  },
  {
    ...service,
    title: 'The owner stays limited by failures with the old password.',
    find: 'await loginLimiter.forgive({ target: { userId }, address: caller.address });',
    replace: '',
    only: 'a user who failed too often with the old password',
  },
  {
    ...service,
    title: 'A password that is not allowed uses a try of the code.',
    find: 'await assertPasswordAcceptable(this.needs.passwords, input.newPassword, [input.email]);',
    replace: '',
    only: 'a password that is not allowed uses no try',
  },
  {
    ...service,
    title: 'A client gets any number of mails sent to one address.',
    find: "await this.limits['reset-password'].mails.consume(byClient(address, caller));",
    replace: '',
    only: 'one client gets three mails',
  },
  {
    ...service,
    title: 'A client guesses at one address all day.',
    find: 'await triesByClient.consume(client);',
    replace: '',
    only: 'thirty guesses for one address',
  },
  {
    ...service,
    title: 'Guesses where no code is live lock the account.',
    find: 'await Promise.all([triesByClient.giveBack(client), !isKnown && tries.giveBack(account)]);',
    replace: 'await Promise.resolve();',
    only: 'guesses where no code was requested lock no account',
  },
  {
    ...service,
    title: 'A client makes any number of requests, for whatever address.',
    find: 'await this.limits[purpose].requests.consume(network(caller.address));',
    replace: '',
    only: 'sixty requests from one client',
  },
  {
    ...service,
    title: 'Each of twenty simultaneous uses of a link is answered as if it proved the address.',
    find: 'return isMarked;',
    replace: 'return true;',
    tests: ['graphql/accounts.test.ts'],
    only: 'of twenty clients that use the link at once one succeeds',
  },
];
