import path from 'node:path';

/** The folder of everything that is built. */
export const dist = path.resolve(__dirname, __filename.endsWith('.ts') ? '../../dist' : '../..');
