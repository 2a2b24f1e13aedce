import type { Credential } from '../../auth/actor.js';
import { badInput } from '../../errors.js';

/** So many tokens may stand one behind the other: signing in looks at each. */
export const MAX_GENERATIONS = 16;

/**
 * The API tokens that what is made with this one falls with, the oldest first: its own makers, and itself. [] for who is
 * not signed in with an API token. Throws BAD_USER_INPUT at the last generation.
 */
export function makersOf(credential: Credential | undefined): string[] {
  if (!credential) return [];
  const makers = [...credential.madeWith, credential.tokenId];
  if (makers.length > MAX_GENERATIONS)
    throw badInput(
      `Your token was made with a token that was made with a token, ${MAX_GENERATIONS} times; it makes no further one. Make it with one of these.`,
    );
  return makers;
}

export interface WantedLife {
  /** The member of the input that asks for it, for the message. */
  member: string;
  asked: number | null;
  /** When nothing is asked. */
  usual: number;
  unitMs: number;
}

/**
 * When what is made now ends: never after the token it falls with. What is asked for beyond that is refused with
 * BAD_USER_INPUT; where nothing is asked, the rest of that token's life is all there is.
 */
export function endOfLife(credential: Credential | undefined, life: WantedLife, from: Date): Date {
  const { member, asked, usual, unitMs } = life;
  const end = new Date(from.getTime() + (asked ?? usual) * unitMs);
  if (!credential || end <= credential.expiresAt) return end;
  if (asked === null) return credential.expiresAt;
  throw badInput(
    `\`${member}\` is ${asked}, but the token you are signed in with ends at ${credential.expiresAt.toISOString()}, and what is made with a token ends no later. Ask for less, or leave it out for as long as can be.`,
  );
}

/** Refuses with BAD_USER_INPUT what is no number of the range. */
export function checkLife({ member, asked }: WantedLife, most: number): void {
  if (asked !== null && (asked < 1 || asked > most))
    throw badInput(`\`${member}\` is ${asked}; it must be from 1 to ${most}.`);
}
