import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type Command, CommanderError } from 'commander';
import { StartupError } from '../../config/config';
import { readEnvironment } from '../../config/environment';
import { isConnectionLost, plainReason, TransferError } from './transfer-error';

export type Environment = Record<string, string | undefined>;

type Output = Writable & { isTTY?: boolean };

/** What a command has of the process that it runs in. */
export interface CommandContext {
  env: Environment;
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Set by a command that has ended with a finding. */
  exitCode?: number;
}

const RETRY = 'Run the same command again when it is back: what was committed stays and is not done twice.';

/**
 * Runs a command. Every error is one sentence without a stack; commander prints its own, with the
 * usage.
 * @returns the exit code
 */
export async function runCommand(
  name: string,
  command: (context: CommandContext) => Command,
  { args, context }: { args: readonly string[]; context: CommandContext },
): Promise<number> {
  const { stdout, stderr } = context;
  try {
    await command(context)
      .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
      .exitOverride()
      .parseAsync(args, { from: 'user' });
    return context.exitCode ?? 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    stderr.write(`${sentence(name, error)}\n`);
    return 1;
  }
}

/** Runs a command with the arguments, the variables and the streams of this process. */
export async function runAsProcess(name: string, command: (context: CommandContext) => Command): Promise<void> {
  const { stdout, stderr } = process;
  const context = {
    env: readEnvironment(),
    // opened only by a command that reads it
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
  };
  process.exitCode = await runCommand(name, command, { args: process.argv.slice(2), context });
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
