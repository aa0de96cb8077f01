import '../node-guard';
import '../compile-cache';
import 'reflect-metadata';
import { readEnvironment } from '../config/environment';
import { runCommand } from '../transfer/command';
import { importCommand } from '../transfer/import-command';

void runCommand(importCommand, readEnvironment());
