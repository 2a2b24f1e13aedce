/** What an input is held against: what its version was published with. */
import type { Content } from '../../disk/content/content.js';
import { algorithmOf, isForgeable, isKnown } from '../../disk/content/digest.js';
import { readLocation } from '../../disk/location.js';
import type { InputState } from '../../disk/content/input-states.js';
import { type InputCheck, noteOf } from '../port/input-check.js';
import type { InputPin } from '../port/launcher.js';

/** The algorithm by which the input can be compared; null: by its size alone. */
export function comparedBy({ digest }: InputPin): string | null {
  return digest !== null && isKnown(algorithmOf(digest)) ? algorithmOf(digest) : null;
}

/** What is said of an input that has no path on this machine, so that nobody looks for it. */
export function judgeElsewhere(pin: InputPin, at: Date): InputCheck {
  if (pin.uri === null) return check(pin, at, 'NOT_VERIFIED', 'It was published without a location.');
  const location = readLocation(pin.uri);
  if ('fault' in location)
    return check(pin, at, 'MISSING', `Its location ${location.fault} Publish a new version with the right one.`);
  const scheme = location.uri.slice(0, location.uri.indexOf(':'));
  return check(
    pin,
    at,
    'NOT_VERIFIED',
    `It lies in another store (${scheme}:); only files of the machine are checked.`,
  );
}

/** What the content says: whether it is what was published. */
export function judgeContent(pin: InputPin, content: Content, at: Date): InputCheck {
  if ('why' in content) return check(pin, at, STATES[content.found], `${quoted(pin)} ${content.why}.`, content);
  const digest = 'digest' in content ? content.digest : null;
  const { bytes } = content;
  if ((pin.bytes !== null && pin.bytes !== bytes) || (digest !== null && digest !== pin.digest)) {
    const note = `Published with ${told(pin)}; ${quoted(pin)} has ${told({ digest, bytes })}.`;
    return check(pin, at, 'CHANGED', note, { digest, bytes });
  }
  const doubt = doubtOf(pin.digest, digest);
  return check(pin, at, doubt === null ? 'VERIFIED' : 'NOT_VERIFIED', doubt);
}

const STATES = { NOTHING: 'MISSING', UNREADABLE: 'NOT_VERIFIED', CHANGING: 'CHANGED' } as const;

/** Why what does not differ is not sure to be the same; null when it is. */
function doubtOf(published: string | null, found: string | null): string | null {
  if (published === null) return 'It was published without a digest.';
  const algorithm = algorithmOf(published);
  if (found === null) return `Its digest is of the algorithm "${algorithm}", which is not known here.`;
  if (!isForgeable(algorithm)) return null;
  return `It matches, but ${algorithm} tells no forged file from the true one. Publish with sha256.`;
}

/** Why the program must not begin, for people; null when nothing is against it. */
export function refusalOf(
  pins: readonly InputPin[],
  checks: readonly InputCheck[],
): { code: 'INPUT_CHANGED' | 'INPUT_MISSING'; message: string } | null {
  const wrong = checks.filter(({ state }) => state === 'CHANGED' || state === 'MISSING');
  const [first] = wrong;
  if (first === undefined) return null;
  const told = wrong.slice(0, MOST_TOLD).map(({ id, note, state }) => {
    const pin = pins.find((each) => each.id === id);
    return `The input ${pin?.urn ?? id}@${pin?.version ?? ''} ${state === 'CHANGED' ? 'has changed' : 'is missing'}. ${note ?? ''}`;
  });
  const more = wrong.length > MOST_TOLD ? [`${wrong.length - MOST_TOLD} more are not as they were published.`] : [];
  const remedy = 'Bring back what was published, or publish what is there now as a new version and launch with that.';
  const isChanged = wrong.some(({ state }) => state === 'CHANGED');
  return { code: isChanged ? 'INPUT_CHANGED' : 'INPUT_MISSING', message: [...told, ...more, remedy].join(' ') };
}

const MOST_TOLD = 5;

function check(
  { id }: InputPin,
  at: Date,
  state: InputState,
  note: string | null,
  found: { digest?: string | null; bytes?: string | undefined } = {},
): InputCheck {
  return { id, state, digest: found.digest ?? null, bytes: found.bytes ?? null, note: note && noteOf(note), at };
}

function quoted({ path }: InputPin): string {
  return `"${(path ?? '').length > 150 ? `…${path?.slice(-150) ?? ''}` : (path ?? '')}"`;
}

function told({ digest, bytes }: { digest: string | null; bytes: string | null }): string {
  return `${digest ?? 'no digest'}${bytes === null ? '' : ` (${bytes} bytes)`}`;
}
