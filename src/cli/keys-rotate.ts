import '../runtime/node-version';
import 'reflect-metadata';
import { runAsProcess } from './account-transfer/command';
import { keysRotateCommand } from './keys/keys-rotate-command';

void runAsProcess('rotation', keysRotateCommand);
