import { isDatabaseAway } from '../../src/database/availability';

const failure = (message: string, code?: string, cause?: Error) =>
  Object.assign(new Error(message, cause && { cause }), code && { code });

test.each([
  ['an administrator has ended the connection', failure('terminating connection', '57P01')],
  ['PostgreSQL starts', failure('the database system is starting up', '57P03')],
  [
    'the database is closed for maintenance',
    failure('database "identity" is not currently accepting connections', '55000'),
  ],
  ['all connections are in use', failure('sorry, too many clients already', '53300')],
  ['nothing listens', failure('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED')],
  ['it is closed for writes', failure('cannot execute UPDATE in a read-only transaction', '25006')],
  ['its disk is full', failure('could not extend file "base/1/2": No space left on device', '53100')],
  ['it cannot read or write its files', failure('could not write block 1', '58030')],
  ['its socket has no place left', failure('connect EAGAIN /run/postgresql/.s.PGSQL.5432', 'EAGAIN')],
  ['it does not answer', failure('PostgreSQL did not answer a statement within 5000 ms', 'ETIMEDOUT')],
  [
    'the connection of a transaction was lost',
    failure('Client has encountered a connection error and is not queryable'),
  ],
  ['the cause says it', failure('select 1', undefined, failure('write EPIPE', 'EPIPE'))],
])('the database is away when %s', (_why, error) => {
  expect(isDatabaseAway(error)).toBe(true);
});

test.each([
  ['a constraint', failure('duplicate key value violates unique constraint', '23505')],
  ['a value that a sequence does not have yet', failure('currval of sequence is not yet defined', '55000')],
  ['a statement that is wrong', failure('syntax error at or near "form"', '42601')],
])('the database is not away because of %s', (_what, error) => {
  expect(isDatabaseAway(error)).toBe(false);
});
