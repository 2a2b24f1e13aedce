import { type Command, EXIT, readArgument, required } from './calling/command.js';
import { addressOn, tokenFrom } from './calling/server.js';
import { checkIsNew, download } from './download.js';

/** `npx weft export openlineage`: fetches the lineage of an asset from a server into a file of events. */
export const exportOpenlineage: Command = {
  usage: `npx weft export openlineage ASSET --out FILE [OPTIONS]

Fetches the lineage of an asset from a server into a file: events of OpenLineage, one a line, that rebuild it elsewhere.
ASSET is its id or urn. What the owner of the token may not see is left out, and how much that is is said.

  --out FILE         the file to write; one that is there is not overwritten
  --direction WAY    upstream, where it is not said, downstream or both
  --as-of TIME       what was true then, such as 2026-11-29T12:00:00Z; else now
  --known-at TIME    as far as it had been recorded by then; else by now
  --server URL       the server, such as http://127.0.0.1:4000; else it is taken from WEFTLINE_URL
  --token-file FILE  a file that holds the token, of scope read; else it is taken from WEFTLINE_TOKEN

Exit code: 0 it was fetched, 1 it was not, 2 wrong usage.`,

  async run(args) {
    const { argument: asset, options } = readArgument(
      args,
      {
        ...{ out: { type: 'string' }, direction: { type: 'string' } },
        ...{ 'as-of': { type: 'string' }, 'known-at': { type: 'string' } },
        ...{ server: { type: 'string' }, 'token-file': { type: 'string' } },
      },
      'asset',
    );
    const out = required(options.out, '--out');
    const address = addressOn(
      options.server ?? process.env['WEFTLINE_URL'],
      '/api/v1/export/openlineage',
      'The server must be an address such as http://127.0.0.1:4000, without a token in it (--server or WEFTLINE_URL).',
    );
    address.searchParams.set('asset', asset);
    if (options.direction !== undefined) address.searchParams.set('direction', options.direction);
    if (options['as-of'] !== undefined) address.searchParams.set('asOf', options['as-of']);
    if (options['known-at'] !== undefined) address.searchParams.set('knownAt', options['known-at']);
    const token = await tokenFrom(options['token-file']);
    await checkIsNew(out);
    const { lines, headers } = await download({ address, token, out, what: 'lineage', isWhole });
    const withheld = headers.get('x-weftline-withheld-assets') ?? '0';
    const left = withheld === '0' ? '' : ` ${withheld} assets were withheld: you may not see them.`;
    process.stdout.write(`The lineage was written to ${out}: ${lines} events.${left}\n`);
    return EXIT.DONE;
  },
};

/** Its last line says how much there is: one without was cut off. */
const isWhole = (tail: string): boolean => tail.trimEnd().split('\n').at(-1)?.includes('"weftline_export"') ?? false;
