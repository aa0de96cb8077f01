import '../runtime/node-version';
import '../runtime/compile-cache';
import 'reflect-metadata';
import { runAsProcess } from './account-transfer/command';
import { importCommand } from './account-transfer/import-command';

void runAsProcess('import', importCommand);
