import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  url: string;
  /** Cuts the connections that are still open. */
  drop(): Promise<void>;
}

/**
 * An own database in the run's throw-away PostgreSQL, which takes 300 connections for all test
 * files together. The tables are there and empty: a copy of what the migrations make.
 */
export const createTestDatabase = (): Promise<TestDatabase> =>
  create(process.env.TEST_DATABASE_TEMPLATE ?? 'template0');

/** With the administrator and the roles of a first start too, which costs more than the copy. */
export const createSeededDatabase = (): Promise<TestDatabase> =>
  create(process.env.TEST_DATABASE_SEEDED ?? 'template0');

/** One in which there is nothing, for what is about the first start. */
export const createEmptyDatabase = (): Promise<TestDatabase> => create('template0');

/**
 * @param template a database without connections, so that test files don't wait for each
 *   other
 */
async function create(template: string): Promise<TestDatabase> {
  const name = `test_${process.env.JEST_WORKER_ID ?? 0}_${randomBytes(6).toString('hex')}`;
  // the pages are copied as files; by way of the log, which is the default, costs twice as much
  await asAdmin(`create database ${name} template ${template} strategy file_copy`);
  return { url: urlOf(name), drop: () => asAdmin(`drop database if exists ${name} with (force)`) };
}

function adminUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) throw new Error('TEST_DATABASE_URL is set by test/runner/global-setup.ts');
  return url;
}

function urlOf(database: string): string {
  return Object.assign(new URL(adminUrl()), { pathname: `/${database}` }).href;
}

async function asAdmin(statement: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
