import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SampleOperation {
  /** The path below the folder without its ending, as `audit/q10-…`; opens the operation as `/graphiql?operation=<name>`. */
  name: string;
  /** The comment in the first line of the file. */
  title: string;
  text: string;
}

/** The `.graphql` files of a directory and those within it, by name. Throws when one does not begin with a comment that can be its title. */
export async function readSampleOperations(directory: string): Promise<SampleOperation[]> {
  const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.graphql')).sort();
  return Promise.all(files.map((file) => readSampleOperation(directory, file)));
}

async function readSampleOperation(directory: string, file: string): Promise<SampleOperation> {
  const text = await readFile(join(directory, file), 'utf8');
  const title = /^#\s*(\S.*)/.exec(text)?.[1]?.trim();
  if (title === undefined) {
    throw new Error(
      `${join(directory, file)} must begin with a comment line, "# What it shows": it is the title people see.`,
    );
  }
  return { name: file.slice(0, -'.graphql'.length), title, text };
}
