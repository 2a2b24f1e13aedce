/** The system would not start the command, for the reason that is its cause: only this may be told as a fault of the command. */
export class SpawnRefused extends Error {
  override readonly name = 'SpawnRefused';
  constructor(cause: unknown) {
    super('The system refuses to start the command.', { cause });
  }
}

/** Something of ours kept the program from being started; the next try may find it mended. */
export class StartFault extends Error {
  override readonly name = 'StartFault';
  constructor(
    /** What could not be done, in a sentence without its end: ": the disk is full." follows. */
    readonly what: string,
    cause: unknown,
  ) {
    super(`${what}.`, { cause });
  }
}
