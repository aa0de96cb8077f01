import '../node-guard';
import '../compile-cache';
import 'reflect-metadata';
import { readEnvironment } from '../config/environment';
import { runCommand } from '../transfer/command';
import { exportCommand } from '../transfer/export-command';

void runCommand(exportCommand, readEnvironment());
