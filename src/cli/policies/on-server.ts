import { parseArgs } from 'node:util';
import { type Output, outputOf } from '../reports/report.js';
import { UsageError } from '../calling/command.js';
import { addressOn, NotAllowed, type ServerCall, tokenFrom } from '../calling/server.js';

/** The server refuses the token, or does not let it do this. */
const NOT_ALLOWED = 4;
/** What commands about policies exit with when the answer is of a part of what there is. */
export const INCOMPLETE = 6;

/** The options that all of these have, and what else they exit with than 0. */
export const SERVER_USAGE = `  --server URL       the server, such as http://127.0.0.1:4000; else it is taken from WEFTLINE_URL
  --token-file FILE  a file that holds the token; else it is taken from WEFTLINE_TOKEN
  --output table|json|junit|sarif   how it is told; a table where it is not said`;
export const SERVER_EXITS =
  '1 it could not be done, 2 wrong usage, 3 a policy says no, 4 the server refuses the token, 6 not all there is could be looked at';

const OPTIONS = { output: { type: 'string' }, server: { type: 'string' }, 'token-file': { type: 'string' } } as const;

/** What a command that asks a server was called with: its one argument, how it tells, whom it asks. Throws UsageError. */
export async function calledOnServer(
  args: string[],
  what: string,
): Promise<{ argument: string; output: Output; call: ServerCall }> {
  const { values, positionals } = parsed(args);
  const [argument, another] = positionals;
  if (argument === undefined || argument === '') throw new UsageError(`${what} is missing.`);
  if (another !== undefined) throw new UsageError(`${another} is one argument too many.`);
  const output = outputOf(values.output);
  const address = addressOn(
    values.server ?? process.env['WEFTLINE_URL'],
    '/graphql',
    'The server must be an address such as http://127.0.0.1:4000, without a token in it (--server or WEFTLINE_URL).',
  );
  return { argument, output, call: { address, token: await tokenFrom(values['token-file']) } };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, strict: true, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw new UsageError(error.message);
    throw error;
  }
}

/** Does the work; that the server does not let the token do it is told on standard error, with an exit code of its own. */
export async function asAllowed(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    process.stderr.write(`The server refuses: ${error.message}\n`);
    return NOT_ALLOWED;
  }
}
