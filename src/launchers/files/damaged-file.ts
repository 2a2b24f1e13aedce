import { basename } from 'node:path';

/** A file that Weftline alone writes is not as it left it: a program, or whoever else may write there, changed it. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
  constructor(
    readonly file: string,
    /** To follow the name of the file: "is a folder". */
    readonly fault: string,
    options?: { cause?: unknown },
  ) {
    super(`The file ${file} ${fault}.`, options);
  }

  /** For people who see the job and not the machine. */
  get said(): string {
    return `The file ${basename(this.file)} in the folder of the job ${this.fault}. Weftline alone writes it, so this job is not believed any more. A program may write to WEFTLINE_OUTPUT, to WEFTLINE_EVENTS and to the folder it begins in.`;
  }
}

/** What is read; null for what is damaged. For looks that must get on, where another tells the damage. */
export async function legible<T>(reading: Promise<T | null>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DamagedFile) return null;
    throw error;
  }
}
