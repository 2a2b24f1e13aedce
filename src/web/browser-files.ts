import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file a browser may fetch. There are these and no others: nothing a client sends ever becomes a path. */
export interface BrowserFile {
  url: string;
  contentType: string;
  cacheControl: string;
  body: Buffer;
}

/** The folder beside `src` and `dist`, so that the same address works from both. */
const OWN_FOLDER = fileURLToPath(new URL('../../web/', import.meta.url));
const OWN_FILES = ['style.css', 'graphiql.css', 'session.js', 'start.js', 'graphiql.js', 'favicon.svg'];

const PACKAGE_FILES = [
  { package: 'react', file: 'umd/react.production.min.js' },
  { package: 'react-dom', file: 'umd/react-dom.production.min.js' },
  { package: 'graphiql', file: 'graphiql.min.js' },
  { package: 'graphiql', file: 'graphiql.min.css' },
  { package: 'graphql-sse', file: 'umd/graphql-sse.min.js' },
];

const CONTENT_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Everything the pages load, read once. Throws when an installed package lacks a file we serve. */
export async function readBrowserFiles(): Promise<BrowserFile[]> {
  return Promise.all([...OWN_FILES.map(readOwnFile), ...PACKAGE_FILES.map(readPackageFile)]);
}

/**
 * A page of ours, with each `{{file name}}` replaced by the address of that file. Throws for a name that is not served.
 */
export async function readPage(name: string, files: readonly BrowserFile[]): Promise<string> {
  const text = await readFile(join(OWN_FOLDER, name), 'utf8');
  return text.replace(/\{\{([^{}]+)\}\}/g, (_, wanted: string) => {
    const file = files.find(({ url }) => url.endsWith(`/${wanted}`));
    if (!file) throw new Error(`web/${name} asks for ${wanted}, which is not among the files served to browsers.`);
    return file.url;
  });
}

async function readOwnFile(file: string): Promise<BrowserFile> {
  const body = await readFile(join(OWN_FOLDER, file));
  return { url: `/${file}`, contentType: contentTypeOf(file), cacheControl: 'no-cache', body };
}

/** The version stands in the address, so a browser may keep the file for good. */
async function readPackageFile(source: { package: string; file: string }): Promise<BrowserFile> {
  const manifest = createRequire(import.meta.url).resolve(`${source.package}/package.json`);
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return {
    url: `/assets/${source.package}@${version}/${source.file.replace('umd/', '')}`,
    contentType: contentTypeOf(source.file),
    cacheControl: 'public, max-age=31536000, immutable',
    body: await readFile(join(dirname(manifest), source.file)),
  };
}

const contentTypeOf = (file: string): string => CONTENT_TYPES[extname(file)] ?? 'application/octet-stream';
