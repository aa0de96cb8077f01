/** The options of `npm run import`, as node:util's parseArgs takes them. */
export const importOptions = {
  'dry-run': { type: 'boolean' },
  format: { type: 'string' },
  'on-conflict': { type: 'string' },
  'create-roles': { type: 'boolean' },
  'overwrite-passwords': { type: 'boolean' },
  'created-at': { type: 'string' },
  errors: { type: 'string' },
} as const;

export const importUsage = `Usage: npm run import -- FILE [options]

Brings accounts with their password hashes into the database. FILE is NDJSON or CSV, - is standard input. Run it as often as you like:
what is there already stays as it is.

  --dry-run              say what would happen and write nothing
  --format ndjson|csv    when the name of FILE does not tell (.ndjson, .jsonl, .json, .csv); - is ndjson otherwise
  --on-conflict skip     leave accounts that are here with other data as they are, and list them (default)
  --on-conflict update   give them the data of the file
  --overwrite-passwords  with update: also where the account has logged in or changed its password here since
  --create-roles         make roles that are not here, without permissions; otherwise their holders are not imported
  --created-at DATE      when accounts began whose row has no createdAt (default: unknown, 1970-01-01).
                         Tokens of the former service that are older than their account are refused.
  --errors FILE          write what was not imported to FILE too, as NDJSON

Members or columns (first_name means firstName): id, username, email, phone, firstName, lastName, dob, roles, isActive, isVerified,
createdAt, lastLoginAt, passwordHash (or password: bcrypt, $2a$, $2b$ or $2y$). username and passwordHash are required.

Exit code: 0 all well, 2 some rows were not imported, 1 the import could not run or did not finish.
`;
