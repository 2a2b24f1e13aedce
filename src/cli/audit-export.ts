import { type Command, EXIT, readOptions, required } from './calling/command.js';
import { addressOn, tokenFrom } from './calling/server.js';
import { checkIsNew, download } from './download.js';

/** `npx weft audit export`: fetches the whole audit log from a server into a file, for `audit verify`. */
export const auditExport: Command = {
  usage: `npx weft audit export --url URL --out FILE [--token-file FILE]

Fetches the whole audit log from a server into a file. The token must be of an ADMIN or an AUDITOR.

  --url URL          the server, such as http://127.0.0.1:4000
  --out FILE         the file to write; one that is there is not overwritten
  --token-file FILE  a file that holds the token; else it is taken from WEFTLINE_TOKEN

A token is never an argument: arguments can be read by every user of the machine.

Exit code: 0 the log was fetched, 1 it was not, 2 wrong usage.`,

  async run(args) {
    const options = readOptions(args, {
      url: { type: 'string' },
      out: { type: 'string' },
      'token-file': { type: 'string' },
    });
    const address = addressOn(
      required(options.url, '--url'),
      '/audit/export',
      '--url must be the address of a server, such as http://127.0.0.1:4000, without a token in it.',
    );
    const out = required(options.out, '--out');
    const token = await tokenFrom(options['token-file']);
    await checkIsNew(out);
    const { lines } = await download({ address, token, out, what: 'log', isWhole });
    process.stdout.write(`The audit log was written to ${out}: ${lines} lines. Check it with npx weft audit verify.\n`);
    return EXIT.DONE;
  },
};

/** The last line of an export is the checkpoint. */
const isWhole = (tail: string): boolean => tail.trimEnd().split('\n').at(-1)?.includes('{"checkpoint":') ?? false;
