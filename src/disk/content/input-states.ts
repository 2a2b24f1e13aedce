/** How what a run reads stands to what its version was published with. */
export const INPUT_STATES = ['VERIFIED', 'NOT_VERIFIED', 'CHANGED', 'MISSING'] as const;
export type InputState = (typeof INPUT_STATES)[number];
