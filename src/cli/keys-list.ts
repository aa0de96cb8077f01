import '../runtime/node-version';
import 'reflect-metadata';
import { runAsProcess } from './account-transfer/command';
import { keysListCommand } from './keys/keys-list-command';

void runAsProcess('list', keysListCommand);
