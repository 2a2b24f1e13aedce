/** Something the person who started the program can mend: a missing file, a wrong column, a parameter out of range. */
export class InputError extends Error {
  /** @override */
  name = 'InputError';
}

/**
 * Runs a program and turns an `InputError` into one sentence on stderr and exit code 2, which says "do not retry".
 * Any other error is a bug of ours and keeps its stack trace and exit code 1.
 *
 * @param {() => void | Promise<void>} main
 * @returns {Promise<void>}
 */
export async function runProgram(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
