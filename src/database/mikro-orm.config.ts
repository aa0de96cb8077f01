import '../runtime/node-version';
import 'reflect-metadata';
import { ormOptions } from './orm-options';

/** For MikroORM's own command line (`npm run migration:create`). */
export default ormOptions({
  url: process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/identity',
  replicaUrls: [],
  pool: 2,
});
