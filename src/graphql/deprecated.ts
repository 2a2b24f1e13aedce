const RULE = 'what a payload answers is called by the name of its type.';

/** Why a payload has a field under a former name beside the one that the rule gives it: the name of the type (CONTRIBUTING.md). */
export const calledByType = (now: string): string => `Use \`${now}\`: ${RULE}`;

/** Whether a field is such a former name, by why it is deprecated; what is deprecated for another reason is none. */
export const isFormerName = (deprecationReason: string | null | undefined): boolean =>
  deprecationReason?.endsWith(RULE) === true;
