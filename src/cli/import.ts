import '../runtime/node-version';
import '../runtime/compile-cache';
import 'reflect-metadata';
import { readEnvironment } from '../config/environment';
import { runCommand } from './account-transfer/command';
import { importCommand } from './account-transfer/import-command';

void runCommand('import', importCommand(readEnvironment()));
