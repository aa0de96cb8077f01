import '../runtime/node-version';
import '../runtime/compile-cache';
import 'reflect-metadata';
import { readEnvironment } from '../config/environment';
import { runCommand } from './account-transfer/command';
import { exportCommand } from './account-transfer/export-command';

void runCommand('export', exportCommand(readEnvironment()));
