import '../runtime/node-version';
import '../runtime/compile-cache';
import 'reflect-metadata';
import { runAsProcess } from './account-transfer/command';
import { exportCommand } from './account-transfer/export-command';

void runAsProcess('export', exportCommand);
