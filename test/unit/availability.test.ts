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
