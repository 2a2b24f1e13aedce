/** Whether the server has seen the bytes of a version when it was published. */
export const CONTENT_STATES = ['VERIFIED', 'NOT_VERIFIED'] as const;
export type ContentState = (typeof CONTENT_STATES)[number];

export interface ContentCheck {
  state: ContentState;
  /** For people: why it has not; null when it has. */
  note: string | null;
  /** null: it did not look. */
  at: Date | null;
}

/** The facet of a version that it is kept in. */
const CONTENT_FACET = 'content';

const NOT_LOOKED: ContentCheck = { state: 'NOT_VERIFIED', note: 'It was not read when it was published.', at: null };

export function facetOf({ state, note, at }: ContentCheck): Record<string, unknown> {
  return { [CONTENT_FACET]: { state, note, at: at?.toISOString() ?? null } };
}

export function contentCheckOf(facets: Readonly<Record<string, unknown>>): ContentCheck {
  const kept = facets[CONTENT_FACET];
  if (typeof kept !== 'object' || kept === null) return NOT_LOOKED;
  const { state, note, at } = kept as Record<string, unknown>;
  const known = CONTENT_STATES.find((each) => each === state);
  if (!known) return NOT_LOOKED;
  const time = typeof at === 'string' ? new Date(at) : null;
  return { state: known, note: typeof note === 'string' ? note : null, at: time };
}
