/**
 * The machine lacks something only its owner can add: Java, Maven, a network, a readable folder.
 * The message is one sentence that names the fix; a main prints it without a stack and exits 1.
 */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
