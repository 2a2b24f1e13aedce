/** Why a payload has a field under a former name beside the one that the rule gives it: the name of the type (CONTRIBUTING.md). */
export const calledByType = (now: string): string =>
  `Use \`${now}\`: what a payload answers is called by the name of its type.`;
