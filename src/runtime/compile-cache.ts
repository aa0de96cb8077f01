import { enableCompileCache } from 'node:module';
import path from 'node:path';

// Second import of the server: what V8 made of two thousand files is kept beside them, and a start
// takes half the time. Not in the system's folder for temporary files, where anybody could put
// compiled code for us. Where nothing can be written, nothing is kept.
enableCompileCache(path.join(__dirname, '../..', '.compile-cache'));
