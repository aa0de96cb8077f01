import path from 'node:path';
import { type Command, CommanderError } from 'commander';
import { StartupError } from '../../config/config';
import { isConnectionLost, plainReason, TransferError } from './transfer-error';

export type Environment = Record<string, string | undefined>;

const RETRY = 'Run the same command again when it is back: what was committed stays and is not done twice.';

/**
 * Runs a command and sets the exit code. Every error is one sentence without a stack; commander
 * prints its own, with the usage.
 */
export async function runCommand(name: string, command: Command): Promise<void> {
  try {
    await command.exitOverride().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode;
      return;
    }
    process.exitCode = 1;
    process.stderr.write(`${sentence(name, error)}\n`);
  }
}

/** npm changes to the project's folder; a relative path is meant from where npm was called. */
export function pathFromCaller(file: string, script: string, env: Environment): string {
  if (file === '-' || path.isAbsolute(file)) return file;
  return env.npm_lifecycle_event === script && env.INIT_CWD ? path.resolve(env.INIT_CWD, file) : file;
}

function sentence(name: string, error: unknown): string {
  if (error instanceof TransferError || error instanceof StartupError) return error.message;
  if (isConnectionLost(error)) return `The database has gone away (${plainReason(error)}). ${RETRY}`;
  return `The ${name} could not go on: ${plainReason(error)}.`;
}
