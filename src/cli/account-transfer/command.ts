import path from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { StartupError } from '../../config/config';
import { isConnectionLost, plainReason, TransferError } from './transfer-error';

export type Environment = Record<string, string | undefined>;

export interface Command<Options extends ParseArgsConfig['options']> {
  name: string;
  usage: string;
  options: Options;
  /** @returns the exit code */
  run(file: string | undefined, values: CommandValues<Options>, env: Environment): Promise<number>;
}

export type CommandValues<Options extends ParseArgsConfig['options']> = ReturnType<
  typeof parseArgs<{ options: Options & { help: { type: 'boolean' } }; allowPositionals: true }>
>['values'];

const AGAIN = 'Run the same command again when it is back: what has been done stays and is not done twice.';

/**
 * Runs a command of the command line and sets the exit code; what goes wrong is said in a sentence,
 * without a stack.
 */
export async function runCommand<Options extends ParseArgsConfig['options']>(
  command: Command<Options>,
  env: Environment,
): Promise<void> {
  try {
    process.exitCode = await start(command, env);
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${sentence(command.name, error)}\n`);
  }
}

async function start<Options extends ParseArgsConfig['options']>(
  command: Command<Options>,
  env: Environment,
): Promise<number> {
  const { values, positionals } = readArguments(command);
  if ('help' in values && values.help) {
    process.stdout.write(command.usage);
    return 0;
  }
  if (positionals.length > 1) throw new TransferError(`One FILE, not ${positionals.length}.\n\n${command.usage}`);
  const [file] = positionals;
  return command.run(file === undefined ? undefined : placeOf(file, command.name, env), values, env);
}

function readArguments<Options extends ParseArgsConfig['options']>(command: Command<Options>) {
  try {
    return parseArgs({
      options: { ...command.options, help: { type: 'boolean', short: 'h' } } as Options & { help: { type: 'boolean' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new TransferError(`${(error as Error).message.split('. ', 1)[0]}.\n\n${command.usage}`, { cause: error });
  }
}

/** Where npm has changed to the project's folder, a path is meant from where it was called. */
export function placeOf(file: string, command: string, env: Environment): string {
  if (file === '-' || path.isAbsolute(file)) return file;
  return env.npm_lifecycle_event === command && env.INIT_CWD ? path.resolve(env.INIT_CWD, file) : file;
}

function sentence(name: string, error: unknown): string {
  if (error instanceof TransferError || error instanceof StartupError) return error.message;
  if (isConnectionLost(error)) return `The database has gone away (${plainReason(error)}). ${AGAIN}`;
  return `The ${name} could not go on: ${plainReason(error)}.`;
}
