import './runtime/node-version';
import './runtime/compile-cache';
import fs from 'node:fs';
import path from 'node:path';
import { mapStackTraces } from './runtime/source-lines';

/** What the build has made of server.js and its packages: a few files load in half the time of two thousand. */
const bundle = path.join(__dirname, 'bundle/server.js');

if (fs.existsSync(bundle)) {
  require(bundle);
  mapStackTraces(bundle); // after the decorators, which read stacks too
} else require('./server');
